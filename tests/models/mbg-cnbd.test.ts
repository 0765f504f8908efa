import { describe, expect, test } from "vitest";
import { bgNbd } from "../../src/models/bg-nbd.js";
import { mbgCnbdK, mbgNbd } from "../../src/models/mbg-cnbd.js";
import type { PurchaseHistory, PurchaseModel } from "../../src/models/purchases.js";
import { seeded } from "../../src/random.js";
import { densities, gauss } from "./beta-geometric-checks.js";
import { CDNOW_NOTE, HAS_CDNOW, historyOf, readCdnow } from "./cdnow.js";
import { areWithinInterval, behavesAsPurchaseProcess, historiesOf } from "./purchase-process.js";
import { drawHistories, drawOrders, seenUntil, type BuyerBase } from "./simulated-buyers.js";

const NAMES = ["r", "alpha", "a", "b"] as const;
const byChance: BuyerBase = { shape: 1, r: 0.9, alpha: 6, a: 0.8, b: 2.5, mayLeaveAtOnce: true };
const regular: BuyerBase = { shape: 3, r: 1.6, alpha: 2.5, a: 0.8, b: 3, mayLeaveAtOnce: true };

function modelOf({ shape: k, r, alpha, a, b }: Omit<BuyerBase, "mayLeaveAtOnce">): PurchaseModel {
  const rest = { logLikelihood: 0, iterations: 0, isConverged: true, boundary: undefined };
  return { name: "mbg-cnbd-k", parameters: { k, r, alpha, a, b }, logCovariance: undefined, ...rest };
}

describe("MBG/NBD as every process", () => behavesAsPurchaseProcess(mbgNbd, byChance));
describe("MBG/CNBD-k as every process", () => behavesAsPurchaseProcess(mbgCnbdK, regular));

describe("MBG/NBD with r .525, alpha 6.183, a .891, b 1.614", () => {
  const published = modelOf({ shape: 1, r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 });

  test.skipIf(!HAS_CDNOW)(`is what fits the CDNOW sample best (BTYDplus)${CDNOW_NOTE}`, () => {
    const { histories } = readCdnow("sample");
    const [model, anyShape] = [mbgNbd.fit(histories), mbgCnbdK.fit(histories)];
    for (const name of NAMES) expect(model.parameters[name]).toBeCloseTo(published.parameters[name]!, 3);
    expect(anyShape.parameters).toEqual({ k: 1, ...model.parameters });
    expect(anyShape.logLikelihood).toBe(model.logLikelihood);
  });
});

test.skipIf(!HAS_CDNOW)(`CDNOW: silence tells on those who ordered once only${CDNOW_NOTE}`, () => {
  const { histories, rows, holdoutCounts } = readCdnow("full");
  const [modified, plain] = [mbgNbd.fit(histories), bgNbd.fit(histories)];
  const once = { repeatCount: 0, lastAge: 0, age: 39 };
  expect(bgNbd.aliveProbability(plain, once)).toBe(1);
  expect(mbgNbd.aliveProbability(modified, once)).toBeLessThan(0.5);
  expect(modified.logLikelihood).toBeGreaterThan(plain.logLikelihood);
  const meanError = (process: typeof mbgNbd, model: PurchaseModel) => {
    const expected = Array.from(histories.ages, (_, row) =>
      process.expectedCount(model, historyOf(histories, row), 39),
    );
    const errors = rows.reduce((sum, row, i) => sum + Math.abs(expected[row]! - holdoutCounts[i]!), 0);
    return errors / rows.length;
  };
  expect(meanError(mbgNbd, modified)).toBeLessThan(meanError(bgNbd, plain));
});

describe("the formulas", () => {
  test.each([1, 2, 3, 7, 12])(
    "k = %d: the log-likelihood of a fit and P(alive) are what quadrature over rates and chances gives",
    (shape) => {
      const base = { ...regular, shape, alpha: 7 / shape };
      const random = seeded(3 * shape);
      const seen = Array.from({ length: 100 }, () => {
        const age = 10 + 30 * random();
        return seenUntil(drawOrders(random, base, age), age);
      });
      const rows = seen.map((one) => [one.repeatCount, one.lastAge, one.age, 1, one.logGapSum]);
      const model = mbgCnbdK.fit(historiesOf(...rows));
      expect(model.boundary).toBeUndefined();
      const { k, r, alpha, a, b } = model.parameters;
      const fitted = { ...base, shape: k!, r: r!, alpha: alpha!, a: a!, b: b! };
      let total = 0;
      for (const history of seen) {
        const [alive, gone] = densities(fitted, history, history.logGapSum);
        total += Math.log(alive + gone);
        expect(mbgCnbdK.aliveProbability(model, history)).toBeCloseTo(alive / (alive + gone), 8);
      }
      expect(model.logLikelihood).toBeCloseTo(total, 6);
    },
  );

  test("k = 1: expected orders are those of Batislam, Denizel & Filiztekin (2007) in closed form", () => {
    const random = seeded(8);
    for (let i = 0; i < 300; i++) {
      const [r, alpha, a, b] = [3 * random(), 20 * random(), 0.05 + 3 * random(), 5 * random()];
      if (Math.abs(a - 1) < 0.01) continue;
      const model = modelOf({ shape: 1, r, alpha, a, b });
      const [x, age, t] = [Math.floor(12 * random()), 60 * random(), 60 * random()];
      const history = { repeatCount: x, lastAge: x === 0 ? 0 : age * random(), age };
      const alive = 1 / (1 + (a / (b + x)) * ((alpha + age) / (alpha + history.lastAge)) ** (r + x));
      const z = t / (alpha + age + t);
      const series = (1 - z) ** (r + x) * gauss([r + x, b + x + 1, a + b + x], z);
      const closed = (alive * (a + b + x) * (1 - series)) / (a - 1);
      expect(mbgNbd.aliveProbability(model, history)).toBeCloseTo(alive, 12);
      expect(mbgNbd.expectedCount(model, history, t) / closed).toBeCloseTo(1, 8);
      const atFirst = (alpha / (alpha + t)) ** r * gauss([r, b + 1, a + b], t / (alpha + t));
      expect((mbgNbd.newcomerCount(model, t) * (a - 1)) / b / (1 - atFirst)).toBeCloseTo(1, 8);
    }
  });

  test("without gaps the shape is 1", () => {
    const { repeatCounts, lastAges, ages, customerCounts } = drawHistories(seeded(2), regular, {
      count: 500,
      span: 52,
    });
    expect(mbgCnbdK.fit({ repeatCounts, lastAges, ages, customerCounts }).parameters["k"]).toBe(1);
  });
});

describe("expected orders for every k, exact: simulated customers within four standard errors", () => {
  const [age, horizon, count] = [30, 20, 20_000];
  test.each([1, 2, 4, 12])("k = %d", (shape) => {
    const base = { ...regular, shape, alpha: 5 / shape };
    const model = modelOf(base);
    const random = seeded(70 + shape);
    const classes = new Map<string, { sum: number; variance: number }>();
    for (let i = 0; i < count; i++) {
      const orders = drawOrders(random, base, age + horizon);
      const history: PurchaseHistory = seenUntil(orders, age);
      const expected = mbgCnbdK.expectedCount(model, history, horizon);
      const difference = orders.length - history.repeatCount - expected;
      const isLate = history.lastAge < 20 ? "silent" : "recent";
      for (const name of ["all", isLate, `${Math.min(history.repeatCount, 4)} ${isLate}`]) {
        const { sum, variance } = classes.get(name) ?? { sum: 0, variance: 0 };
        classes.set(name, { sum: sum + difference, variance: variance + difference ** 2 + expected });
      }
    }
    expect(classes.size).toBeGreaterThan(8);
    for (const { sum, variance } of classes.values())
      expect(Math.abs(sum)).toBeLessThan(4 * Math.sqrt(variance));
    const all = Array.from({ length: count }, () => drawOrders(random, base, horizon).length);
    const mean = all.reduce((sum, x) => sum + x, 0) / count;
    const deviation = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count);
    expect(Math.abs(mean - mbgCnbdK.newcomerCount(model, horizon))).toBeLessThan(
      (4 * deviation) / Math.sqrt(count),
    );
  });
});

describe("the edge", () => {
  test("where nobody drops out the edge is named and everybody is alive", () => {
    const model = mbgCnbdK.fit(drawHistories(seeded(2), { ...regular, a: 0 }, { count: 1500, span: 52 }));
    expect(["a", "b"]).toContain(model.boundary);
    expect(model.parameters["k"]).toBe(3);
    expect(mbgCnbdK.aliveProbability(model, { repeatCount: 2, lastAge: 40, age: 50 })).toBeGreaterThan(0.99);
  });

  test("clockwork has the largest shape", () => {
    const rows = Array.from({ length: 100 }, (_, i) => {
      const [gap, count] = [2 + (i % 9), 5 + (i % 7)];
      return [count, gap * count, gap * (count + (i % 3 === 0 ? 4 : 0.5)), 1, count * Math.log(gap)];
    });
    expect(mbgCnbdK.fit(historiesOf(...rows)).parameters["k"]).toBe(12);
  });
});

// Intervals that hold 95 % do so 45 times of 50 with probability .96, those that hold 80 % with .05.
describe("known parameters", () => {
  test.each([
    { name: "mbg-nbd", process: mbgNbd, base: byChance },
    { name: "mbg-cnbd-k", process: mbgCnbdK, base: regular },
  ])("$name: within their own 95 % interval, each in at least 45 of 50 seeds", ({ process, base }) => {
    const held = NAMES.map(() => 0);
    let shapes = 0;
    for (let seed = 0; seed < 50; seed++) {
      const model = process.fit(drawHistories(seeded(2000 + seed), base, { count: 1500, span: 52 }));
      if ((model.parameters["k"] ?? 1) === base.shape) shapes++;
      const truth = { r: base.r, alpha: base.alpha, a: base.a, b: base.b };
      areWithinInterval(model, truth).forEach((isHeld, i) => {
        if (isHeld) held[i]! += 1;
      });
    }
    expect(shapes).toBe(50);
    for (const count of held) expect(count).toBeGreaterThanOrEqual(45);
  });
});

import { describe, expect, test } from "vitest";
import { bgNbd } from "../../src/models/bg-nbd.js";
import type { PurchaseModel } from "../../src/models/purchases.js";
import { seeded } from "../../src/random.js";
import { densities, gauss } from "./beta-geometric-checks.js";
import { CDNOW_NOTE, HAS_CDNOW, historyOf, readCdnow, readCdnowNumbers } from "./cdnow.js";
import { behavesAsPurchaseProcess, historiesOf, areWithinInterval } from "./purchase-process.js";
import { drawHistories, drawOrders, seenUntil, type BuyerBase } from "./simulated-buyers.js";

const NAMES = ["r", "alpha", "a", "b"];
const base: BuyerBase = { shape: 1, r: 0.9, alpha: 6, a: 0.8, b: 2.5, mayLeaveAtOnce: false };

function modelOf({ r, alpha, a, b }: Omit<BuyerBase, "shape" | "mayLeaveAtOnce">): PurchaseModel {
  const rest = { logLikelihood: 0, iterations: 0, isConverged: true, boundary: undefined };
  return { name: "bg-nbd", parameters: { r, alpha, a, b }, logCovariance: undefined, ...rest };
}

describe("the published CDNOW model: r .243, alpha 4.414, a .793, b 2.426 (Fader, Hardie & Lee 2005)", () => {
  const published = modelOf({ r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 });

  test("x 2, t_x 30.43, T 38.86 expects 1.226 orders in 39 weeks (their Excel sheet)", () => {
    const history = { repeatCount: 2, lastAge: 30.43, age: 38.86 };
    expect(bgNbd.expectedCount(published, history, 39)).toBeCloseTo(1.226, 3);
  });

  test("x 2, t_x 30.43, T 38.86 is alive with probability .7266 (note on P(alive), 2008)", () => {
    const history = { repeatCount: 2, lastAge: 30.43, age: 38.86 };
    expect(bgNbd.aliveProbability(published, history)).toBeCloseTo(0.7266, 4);
  });
});

describe.skipIf(!HAS_CDNOW).each(["sample", "full"] as const)(`CDNOW, the %s${CDNOW_NOTE}`, (set) => {
  const cdnow = HAS_CDNOW ? readCdnow(set) : undefined;
  const peers = HAS_CDNOW ? readCdnowNumbers()[set].bgnbd : undefined;
  const model = cdnow === undefined ? modelOf(base) : bgNbd.fit(cdnow.histories);

  test("high-precision maximum likelihood: the log-likelihood to 1e-4, parameters to 0.1 %", () => {
    expect(model.isConverged).toBe(true);
    expect(model.boundary).toBeUndefined();
    expect(Math.abs(model.logLikelihood - peers!.mle_highprec_LL)).toBeLessThan(1e-4);
    for (const name of NAMES)
      expect(Math.abs(model.parameters[name]! / peers!.mle_highprec[name]! - 1)).toBeLessThan(1e-5);
    if (set === "sample") expect(model.logLikelihood).toBeCloseTo(-9582.4, 1);
  });

  test("lifetimes 0.11.3: P(alive) and orders of listed states, to 1e-6; to 1e-9 at its own parameters", () => {
    const peer = { ...model, parameters: peers!.peer_params };
    for (const [fitted, within] of [
      [model, 1e-6],
      [peer, 1e-9],
    ] as const) {
      for (const listed of peers!.handful) {
        const history = { repeatCount: listed.x, lastAge: listed.t_x, age: listed.T };
        const alive = bgNbd.aliveProbability(fitted, history);
        const [half, year] = [39, 52].map((weeks) => bgNbd.expectedCount(fitted, history, weeks));
        expect(Math.abs(alive - listed.p_alive)).toBeLessThan(within);
        for (const [found, expected] of [
          [half!, listed.exp_purch_next_39w],
          [year!, listed.exp_purch_next_52w],
        ] as const)
          expect(Math.abs(found - expected) / Math.max(1, expected)).toBeLessThan(within);
      }
    }
    for (const [weeks, expected] of Object.entries(peers!.expected_repeat_new_customer))
      expect(Math.abs(bgNbd.newcomerCount(peer, Number(weeks)) - expected)).toBeLessThan(1e-9);
  });

  test("lifetimes 0.11.3: the holdout of 39 weeks", () => {
    const { histories, rows, holdoutCounts } = cdnow!;
    const expected = Array.from(histories.ages, (_, row) =>
      bgNbd.expectedCount(model, historyOf(histories, row), 39),
    );
    const errors = Array.from(rows, (row, customer) => expected[row]! - holdoutCounts[customer]!);
    const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean(errors.map(Math.abs))).toBeCloseTo(peers!.holdout.mae, 6);
    expect(Math.sqrt(mean(errors.map((x) => x * x)))).toBeCloseTo(peers!.holdout.rmse, 6);
    const total = rows.reduce((sum, row) => sum + expected[row]!, 0);
    expect(total / peers!.holdout.predicted_total).toBeCloseTo(1, 6);
    const alive = rows.reduce(
      (sum, row) => sum + bgNbd.aliveProbability(model, historyOf(histories, row)),
      0,
    );
    expect(alive / peers!.p_alive_sum).toBeCloseTo(1, 6);
  });
});

describe("as every process", () => behavesAsPurchaseProcess(bgNbd, base));

describe("the formulas", () => {
  test("the log-likelihood of a fit and P(alive) are what quadrature over rates and chances gives", () => {
    const random = seeded(3);
    const seen = Array.from({ length: 300 }, () =>
      seenUntil(drawOrders(random, base, 40), 10 + 30 * random()),
    );
    const rows = seen.map((one) => [one.repeatCount, one.lastAge, one.age, 1, one.logGapSum]);
    const model = bgNbd.fit(historiesOf(...rows));
    expect(model.boundary).toBeUndefined();
    const fitted = { ...base, ...model.parameters };
    let total = 0;
    for (const history of seen) {
      const [alive, gone] = densities(fitted, history, history.logGapSum);
      total += Math.log(alive + gone);
      expect(bgNbd.aliveProbability(model, history)).toBeCloseTo(alive / (alive + gone), 9);
    }
    expect(model.logLikelihood).toBeCloseTo(total, 7);
  });

  test("expected orders are eqs. (9) and (10) of Fader, Hardie & Lee (2005)", () => {
    const random = seeded(8);
    for (let i = 0; i < 300; i++) {
      const [r, alpha, a, b] = [3 * random(), 20 * random(), 0.05 + 3 * random(), 5 * random()];
      if (Math.abs(a - 1) < 0.01) continue;
      const model = modelOf({ r, alpha, a, b });
      const [x, age, t] = [Math.floor(12 * random()), 60 * random(), 60 * random()];
      const history = { repeatCount: x, lastAge: x === 0 ? 0 : age * random(), age };
      const alive = bgNbd.aliveProbability(model, history);
      const z = t / (alpha + age + t);
      const series = (1 - z) ** (r + x) * gauss([r + x, b + x, a + b + x - 1], z);
      const closed = (alive * (a + b + x - 1) * (1 - series)) / (a - 1);
      expect(bgNbd.expectedCount(model, history, t) / closed).toBeCloseTo(1, 8);
      const atFirst = (alpha / (alpha + t)) ** r * gauss([r, b, a + b - 1], t / (alpha + t));
      expect((bgNbd.newcomerCount(model, t) * (a - 1)) / (a + b - 1) / (1 - atFirst)).toBeCloseTo(1, 8);
    }
  });

  test("a = 1, where eq. (10) divides by zero, is no exception", () => {
    const history = { repeatCount: 3, lastAge: 20, age: 30 };
    const [below, at, above] = [1 - 1e-7, 1, 1 + 1e-7].map((a) =>
      bgNbd.expectedCount(modelOf({ ...base, a }), history, 40),
    ) as [number, number, number];
    expect(at).toBeCloseTo((below + above) / 2, 12);
  });

  test("whoever ordered once only is alive, however long ago", () => {
    expect(bgNbd.aliveProbability(modelOf(base), { repeatCount: 0, lastAge: 0, age: 1e6 })).toBe(1);
  });
});

describe("the edge", () => {
  test("where nobody drops out the edge is named and everybody is alive", () => {
    const histories = drawHistories(seeded(2), { ...base, a: 0 }, { count: 1500, span: 52 });
    const model = bgNbd.fit(histories);
    expect(["a", "b"]).toContain(model.boundary);
    expect(model.logCovariance).toBeUndefined();
    expect(model.parameters["a"]! / (model.parameters["a"]! + model.parameters["b"]!)).toBeLessThan(0.01);
    expect(Math.abs(Math.log(model.parameters["r"]! / base.r))).toBeLessThan(0.15);
    const history = { repeatCount: 2, lastAge: 40, age: 50 };
    expect(bgNbd.aliveProbability(model, history)).toBeGreaterThan(0.99);
  });

  test("where everybody came once the rate runs to nothing, and nothing is expected", () => {
    const model = bgNbd.fit(historiesOf(...[5, 10, 20, 40].map((age) => [0, 0, age, 250, 0])));
    expect(["r", "alpha"]).toContain(model.boundary);
    expect(bgNbd.expectedCount(model, { repeatCount: 0, lastAge: 0, age: 20 }, 52)).toBeLessThan(1e-3);
  });

  test("where all customers order at one rate the spread of rates is at the edge", () => {
    const rows = Array.from({ length: 200 }, (_, i) => [20, 50, 52, 1 + (i % 2), 20 * Math.log(2.5)]);
    expect(["r", "alpha", "a", "b"]).toContain(bgNbd.fit(historiesOf(...rows)).boundary);
  });

  test("a customer of 10,000 orders goes on at that rate while alive", () => {
    const model = bgNbd.fit(historiesOf([10_000, 999.9, 1000, 1, 10_000 * Math.log(0.09999)]));
    const history = { repeatCount: 10_000, lastAge: 999.9, age: 1000 };
    const count = bgNbd.expectedCount(model, history, 100) / bgNbd.aliveProbability(model, history);
    expect(count).toBeGreaterThan(900);
    expect(count).toBeLessThan(1100);
  });
});

test("known parameters are within their own 95 % interval, each in at least 90 of 100 seeds", () => {
  const held = NAMES.map(() => 0);
  for (let seed = 0; seed < 100; seed++) {
    const model = bgNbd.fit(drawHistories(seeded(1000 + seed), base, { count: 1500, span: 52 }));
    areWithinInterval(model, { r: base.r, alpha: base.alpha, a: base.a, b: base.b }).forEach((isHeld, i) => {
      if (isHeld) held[i]! += 1;
    });
  }
  for (const count of held) expect(count).toBeGreaterThanOrEqual(90);
});

import { describe, expect, test } from "vitest";
import { logGamma } from "../../src/math/gamma.js";
import { logHypergeometric } from "../math/hypergeometric.js";
import { paretoNbd } from "../../src/models/pareto-nbd.js";
import type { PurchaseHistories, PurchaseHistory, PurchaseModel } from "../../src/models/purchases.js";
import { seeded, type Random } from "../../src/random.js";
import { CDNOW_NOTE, grouped, HAS_CDNOW, historyOf, readCdnow, readCdnowNumbers } from "./cdnow.js";
import { areWithinInterval, historiesOf, ODD_BASES, rescaled } from "./purchase-process.js";
import { gamma, seenUntil } from "./simulated-buyers.js";

interface Parameters extends Readonly<Record<string, number>> {
  readonly r: number;
  readonly alpha: number;
  readonly s: number;
  readonly beta: number;
}

const NAMES = ["r", "alpha", "s", "beta"];
const TRUTH: Parameters = { r: 0.9, alpha: 6, s: 0.8, beta: 12 };
const PUBLISHED: Parameters = { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 };

function modelOf(parameters: Readonly<Record<string, number>>): PurchaseModel {
  const rest = { logLikelihood: 0, iterations: 0, isConverged: true, boundary: undefined };
  return { name: "pareto-nbd", parameters, logCovariance: undefined, ...rest };
}

/** Customers who came evenly over the first half of `span`, order at Gamma rates and leave at Gamma rates, or never. */
function drawHistories(random: Random, truth: Parameters, { count, span }: { count: number; span: number }) {
  const drawn = Array.from({ length: count }, (_, i) => {
    const age = span * (1 - i / (2 * count));
    const rate = gamma(random, truth.r) / truth.alpha;
    const leaving = truth.s > 0 ? gamma(random, truth.s) / truth.beta : 0;
    const end = Math.min(age, -Math.log(1 - random()) / leaving);
    const orders: number[] = [];
    for (let at = -Math.log(1 - random()) / rate; at <= end; at -= Math.log(1 - random()) / rate)
      orders.push(at);
    return seenUntil(orders, age);
  });
  return grouped(drawn).histories;
}

/** ln L of Fader & Hardie (2005), §3, with both cases of A₀, term by term as printed. */
function printedLogLikelihood({ r, alpha, s, beta }: Parameters, history: PurchaseHistory): number {
  const { repeatCount: x, lastAge, age } = history;
  const [large, difference] = [Math.max(alpha, beta), Math.abs(alpha - beta)];
  const power = r + s + x;
  const b = alpha >= beta ? s + 1 : r + x;
  const part = (at: number) =>
    Math.exp(
      logHypergeometric({ a: power, b, c: power + 1 }, difference / (large + at)) -
        power * Math.log((large + at) / large),
    );
  const first = Math.exp(
    power * Math.log(large) - (r + x) * Math.log(alpha + age) - s * Math.log(beta + age),
  );
  const inside = first + (s / power) * (part(lastAge) - part(age));
  const ahead = logGamma(r + x) - logGamma(r) + r * Math.log(alpha) + s * Math.log(beta);
  return ahead - power * Math.log(large) + Math.log(inside);
}

/** P(alive) = 1 / (1 + s ∫ ((α+T)/(α+y))^(r+x) ((β+T)/(β+y))^s dy/(β+y)) over t_x < y < T, by Simpson's rule. */
function integratedAlive({ r, alpha, s, beta }: Parameters, history: PurchaseHistory): number {
  const { repeatCount, lastAge, age } = history;
  const at = (y: number) =>
    Math.exp(
      (r + repeatCount) * Math.log((alpha + age) / (alpha + y)) + s * Math.log((beta + age) / (beta + y)),
    ) /
    (beta + y);
  const [steps, width] = [4000, (age - lastAge) / 4000];
  let area = 0;
  for (let i = 0; i < steps; i++) {
    const y = lastAge + i * width;
    area += (width / 6) * (at(y) + 4 * at(y + width / 2) + at(y + width));
  }
  return 1 / (1 + s * area);
}

function drawState(random: Random): { parameters: Parameters; history: PurchaseHistory } {
  const any = (from: number, to: number) => from * (to / from) ** random();
  const parameters = { r: any(0.05, 5), alpha: any(0.5, 60), s: any(0.05, 4), beta: any(0.5, 60) };
  const repeatCount = Math.floor(any(1, 40)) - 1;
  const age = any(1, 120);
  return { parameters, history: { repeatCount, lastAge: repeatCount === 0 ? 0 : age * random(), age } };
}

describe.skipIf(!HAS_CDNOW).each(["sample", "full"] as const)(`CDNOW, the %s${CDNOW_NOTE}`, (set) => {
  const cdnow = HAS_CDNOW ? readCdnow(set) : undefined;
  const peers = HAS_CDNOW ? readCdnowNumbers()[set].paretonbd : undefined;
  const model = cdnow === undefined ? modelOf(TRUTH) : paretoNbd.fit(cdnow.histories);

  test("high-precision maximum likelihood: the log-likelihood to 1e-4, parameters to 0.1 %", () => {
    expect(model.isConverged).toBe(true);
    expect(model.boundary).toBeUndefined();
    expect(model.logCovariance).toHaveLength(4);
    expect(Math.abs(model.logLikelihood - peers!.mle_highprec_LL)).toBeLessThan(1e-4);
    for (const name of NAMES)
      expect(Math.abs(model.parameters[name]! / peers!.mle_highprec[name]! - 1)).toBeLessThan(1e-5);
  });

  test.runIf(set === "sample")("published: r .553, alpha 10.578, s .606, beta 11.669, LL −9595.0", () => {
    expect(model.logLikelihood).toBeCloseTo(-9595.0, 1);
    for (const [name, value] of Object.entries(PUBLISHED))
      expect(Math.abs(model.parameters[name]! - value)).toBeLessThan(0.00051);
  });

  test("lifetimes 0.11.3: P(alive) and orders of listed states, to 1e-6", () => {
    const best = modelOf(peers!.mle_highprec);
    for (const listed of peers!.handful) {
      const history = { repeatCount: listed.x, lastAge: listed.t_x, age: listed.T };
      expect(Math.abs(paretoNbd.aliveProbability(best, history) - listed.p_alive)).toBeLessThan(1e-4);
    }
    const peer = modelOf((peers as unknown as { peer_params: Record<string, number> }).peer_params);
    for (const listed of peers!.handful) {
      const history = { repeatCount: listed.x, lastAge: listed.t_x, age: listed.T };
      expect(Math.abs(paretoNbd.aliveProbability(peer, history) - listed.p_alive)).toBeLessThan(1e-8);
      for (const [weeks, expected] of [
        [39, listed.exp_purch_next_39w],
        [52, listed.exp_purch_next_52w],
      ] as const)
        expect(Math.abs(paretoNbd.expectedCount(peer, history, weeks) - expected)).toBeLessThan(1e-7);
    }
    for (const [weeks, expected] of Object.entries(peers!.expected_repeat_new_customer))
      expect(Math.abs(paretoNbd.newcomerCount(peer, Number(weeks)) - expected)).toBeLessThan(1e-8);
  });

  test("lifetimes 0.11.3: the holdout of 39 weeks", () => {
    const { histories, rows, holdoutCounts } = cdnow!;
    const expected = Array.from(histories.ages, (_, row) =>
      paretoNbd.expectedCount(model, historyOf(histories, row), 39),
    );
    const errors = Array.from(rows, (row, customer) => expected[row]! - holdoutCounts[customer]!);
    const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean(errors.map(Math.abs))).toBeCloseTo(peers!.holdout.mae, 5);
    expect(Math.sqrt(mean(errors.map((x) => x * x)))).toBeCloseTo(peers!.holdout.rmse, 5);
    const total = rows.reduce((sum, row) => sum + expected[row]!, 0);
    expect(total / peers!.holdout.predicted_total).toBeCloseTo(1, 4);
    const alive = histories.ages.map((_, row) =>
      paretoNbd.aliveProbability(model, historyOf(histories, row)),
    );
    const aliveSum = rows.reduce((sum, row) => sum + alive[row]!, 0);
    expect(aliveSum / peers!.p_alive_sum).toBeCloseTo(1, 4);
  });
});

describe("the formulas", () => {
  test("the fitted log-likelihood is the sum of the printed ones (Fader & Hardie 2005, §3)", () => {
    for (const truth of [TRUTH, { ...TRUTH, alpha: 20, beta: 4 }, { ...TRUTH, s: 2.5, beta: 60 }]) {
      const histories = drawHistories(seeded(3), truth, { count: 1500, span: 52 });
      const fitted = paretoNbd.fit(histories);
      let total = 0;
      for (let row = 0; row < histories.ages.length; row++)
        total +=
          histories.customerCounts[row]! *
          printedLogLikelihood(fitted.parameters as Parameters, historyOf(histories, row));
      expect(fitted.boundary).toBeUndefined();
      expect(fitted.logLikelihood / total).toBeCloseTo(1, 9);
      for (const name of NAMES) {
        for (const factor of [0.98, 1.02]) {
          const other = { ...fitted.parameters, [name]: fitted.parameters[name]! * factor } as Parameters;
          let less = 0;
          for (let row = 0; row < histories.ages.length; row++)
            less += histories.customerCounts[row]! * printedLogLikelihood(other, historyOf(histories, row));
          expect(less).toBeLessThan(fitted.logLikelihood);
        }
      }
    }
  });

  test("P(alive) is what integrating over the time of dropout gives (Fader & Hardie 2005, §5)", () => {
    const random = seeded(4);
    for (let i = 0; i < 400; i++) {
      const { parameters, history } = drawState(random);
      const alive = paretoNbd.aliveProbability(modelOf(parameters), history);
      expect(Math.abs(alive - integratedAlive(parameters, history))).toBeLessThan(1e-8);
    }
  });

  test("alpha = beta is no exception", () => {
    const history = { repeatCount: 3, lastAge: 20, age: 30 };
    const at = (alpha: number) => paretoNbd.aliveProbability(modelOf({ ...TRUTH, alpha }), history);
    expect(at(12)).toBeCloseTo((at(12 - 1e-6) + at(12 + 1e-6)) / 2, 11);
    expect(at(12)).toBeCloseTo(integratedAlive({ ...TRUTH, alpha: 12 }, history), 10);
  });

  test("a newcomer's orders are rβ/α(s−1) · [1 − (β/(β+t))^(s−1)], and s = 1 is no exception (§4)", () => {
    for (const s of [0.3, 0.9, 1.2, 4]) {
      const { r, alpha, beta } = TRUTH;
      for (const span of [1, 39, 500]) {
        const closed = ((r * beta) / (alpha * (s - 1))) * (1 - (beta / (beta + span)) ** (s - 1));
        expect(paretoNbd.newcomerCount(modelOf({ ...TRUTH, s }), span) / closed).toBeCloseTo(1, 11);
      }
    }
    const count = (s: number) => paretoNbd.newcomerCount(modelOf({ ...TRUTH, s }), 39);
    expect(count(1)).toBeCloseTo((count(1 - 1e-6) + count(1 + 1e-6)) / 2, 10);
  });

  test("expected orders of drawn customers come true, by number of orders so far", () => {
    const [random, count] = [seeded(12), 60_000];
    const model = modelOf(TRUTH);
    const groups = new Map<number, { expected: number; came: number; size: number }>();
    for (let i = 0; i < count; i++) {
      const rate = gamma(random, TRUTH.r) / TRUTH.alpha;
      const end = (-Math.log(1 - random()) / gamma(random, TRUTH.s)) * TRUTH.beta;
      const orders: number[] = [];
      for (let at = 0; (at -= Math.log(1 - random()) / rate) <= Math.min(end, 60);) orders.push(at);
      const seen = seenUntil(orders, 30);
      const key = Math.min(seen.repeatCount, 4);
      const group = groups.get(key) ?? { expected: 0, came: 0, size: 0 };
      group.expected += paretoNbd.expectedCount(model, seen, 30);
      group.came += orders.length - seen.repeatCount;
      group.size++;
      groups.set(key, group);
    }
    for (const { expected, came } of groups.values())
      expect(Math.abs(came / expected - 1)).toBeLessThan(0.06);
  });
});

describe("properties", () => {
  const histories = drawHistories(seeded(11), TRUTH, { count: 800, span: 52 });
  const model = paretoNbd.fit(histories);

  test("a base that the model is right for converges inside, with a covariance", () => {
    expect(model.isConverged).toBe(true);
    expect(model.boundary).toBeUndefined();
    expect(model.logCovariance).toHaveLength(4);
  });

  test("doubling the customers leaves the parameters and doubles the log-likelihood", () => {
    const doubled = paretoNbd.fit({
      ...histories,
      customerCounts: histories.customerCounts.map((count) => 2 * count),
    });
    for (const name of NAMES) expect(doubled.parameters[name]! / model.parameters[name]!).toBeCloseTo(1, 6);
    expect(doubled.logLikelihood / model.logLikelihood).toBeCloseTo(2, 10);
    expect(doubled.logCovariance![0]![0]! / model.logCovariance![0]![0]!).toBeCloseTo(0.5, 5);
  });

  test.each([1e-6, 1 / 7, 24, 1e9])(
    "time in another unit, %d times as many, scales alpha and beta only",
    (factor) => {
      const scaled = paretoNbd.fit(rescaled(histories, factor));
      for (const name of NAMES) {
        const unit = ["alpha", "beta"].includes(name) ? factor : 1;
        expect(scaled.parameters[name]! / model.parameters[name]! / unit).toBeCloseTo(1, 5);
      }
      const orders = histories.repeatCounts.reduce((sum, x, i) => sum + x * histories.customerCounts[i]!, 0);
      expect(scaled.logLikelihood).toBeCloseTo(model.logLikelihood - orders * Math.log(factor), 5);
    },
  );

  test("P(alive) is in [0, 1] and falls as silence grows", () => {
    for (const repeatCount of [0, 1, 2, 5, 20, 300, 10_000]) {
      for (const lastAge of [1, 10, 50]) {
        let before = 1;
        for (let silence = 0; silence < 1e6; silence = silence * 1.5 + 0.01) {
          const alive = paretoNbd.aliveProbability(model, { repeatCount, lastAge, age: lastAge + silence });
          expect(alive).toBeLessThanOrEqual(before + 1e-12);
          expect(alive).toBeGreaterThanOrEqual(0);
          before = alive;
        }
        expect(before).toBeLessThan(0.1);
      }
    }
  });

  test("nothing is expected within no time, and more within more", () => {
    expect(paretoNbd.newcomerCount(model, 0)).toBe(0);
    for (let row = 0; row < 40; row++) {
      const history = historyOf(histories, row);
      expect(paretoNbd.expectedCount(model, history, 0)).toBe(0);
      const counts = [1, 4, 16, 64].map((weeks) => paretoNbd.expectedCount(model, history, weeks));
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    }
  });

  test("has no SQL: it is scored on distinct histories", () => {
    expect(paretoNbd.aliveSql(model, { repeatCount: "x", lastAge: "t", age: "age" })).toBeUndefined();
  });
});

const once = (...ages: number[]): PurchaseHistories => historiesOf(...ages.map((age) => [0, 0, age, 250, 0]));

describe.each(ODD_BASES)("with %s there is an answer:", (_, odd) => {
  const fitted = paretoNbd.fit(odd);

  test("finite parameters, likelihood, covariance and predictions", () => {
    for (const value of Object.values(fitted.parameters)) {
      expect(Number.isFinite(value)).toBe(true);
      expect(value).toBeGreaterThan(0);
    }
    expect(Number.isNaN(fitted.logLikelihood)).toBe(false);
    for (const row of fitted.logCovariance ?? [])
      for (const value of row) expect(Number.isFinite(value)).toBe(true);
    if (fitted.boundary !== undefined) expect(NAMES).toContain(fitted.boundary);
    for (let row = 0; row < odd.ages.length; row++) {
      const history = historyOf(odd, row);
      if (!Number.isFinite(history.age + history.repeatCount)) continue;
      const alive = paretoNbd.aliveProbability(fitted, history);
      expect(alive).toBeGreaterThanOrEqual(0);
      expect(alive).toBeLessThanOrEqual(1);
      const count = paretoNbd.expectedCount(fitted, history, history.age / 2 || 1);
      expect(count).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(count)).toBe(true);
    }
    expect(Number.isFinite(paretoNbd.newcomerCount(fitted, 10))).toBe(true);
  });
});

describe("the edge", () => {
  test("where nobody drops out s is named and everybody is alive", () => {
    const histories = drawHistories(seeded(2), { ...TRUTH, s: 0 }, { count: 400, span: 52 });
    const model = paretoNbd.fit(histories);
    expect(model.boundary).toBe("s");
    expect(model.logCovariance).toBeUndefined();
    expect(Math.abs(Math.log(model.parameters["r"]! / TRUTH.r))).toBeLessThan(0.2);
    expect(paretoNbd.aliveProbability(model, { repeatCount: 2, lastAge: 40, age: 50 })).toBeGreaterThan(0.99);
  });

  test("where everybody came once an edge is named and nothing is expected", () => {
    const model = paretoNbd.fit(once(5, 10, 20, 40));
    expect(NAMES).toContain(model.boundary);
    expect(paretoNbd.expectedCount(model, { repeatCount: 0, lastAge: 0, age: 20 }, 52)).toBeLessThan(1e-3);
  });

  test("a customer of 10,000 orders goes on at that rate while alive", () => {
    const model = paretoNbd.fit(historiesOf([10_000, 999.9, 1000, 1, 0]));
    const history = { repeatCount: 10_000, lastAge: 999.9, age: 1000 };
    const count = paretoNbd.expectedCount(model, history, 100) / paretoNbd.aliveProbability(model, history);
    expect(Math.abs(count / 1000 - 1)).toBeLessThan(0.1);
  });

  test("without anybody, or anything seen of them, it says that it did not converge", () => {
    expect(paretoNbd.fit(historiesOf()).isConverged).toBe(false);
    expect(paretoNbd.fit(once(0)).isConverged).toBe(false);
  });
});

// Intervals that hold 95 % do so 45 times of 50 with probability .96, those that hold 80 % with .05.
test("known parameters are within their own 95 % interval, each in at least 45 of 50 seeds", () => {
  const held = NAMES.map(() => 0);
  for (let seed = 0; seed < 50; seed++) {
    const model = paretoNbd.fit(drawHistories(seeded(1000 + seed), TRUTH, { count: 1500, span: 52 }));
    areWithinInterval(model, TRUTH).forEach((isHeld, i) => {
      if (isHeld) held[i]! += 1;
    });
  }
  for (const count of held) expect(count).toBeGreaterThanOrEqual(45);
});

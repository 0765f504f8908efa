import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDuckDB } from "../../src/engines/duckdb.js";
import type { Engine } from "../../src/engines/engine.js";
import { logGamma } from "../../src/math/gamma.js";
import {
  fitOrderRhythm,
  lateness,
  latenessSql,
  type Gaps,
  type OrderRhythm,
  type RhythmState,
} from "../../src/models/order-rhythm.js";
import { seeded, type Random } from "../../src/random.js";
import { readFunctions } from "../../src/relation.js";
import { collect, numbers, tableOf } from "../../src/table.js";

/** What gaps are drawn from: whole `shape` and `alpha`, so that both are sums of exponentials. */
interface Truth {
  readonly shape: number;
  readonly alpha: number;
  readonly beta: number;
}

/** The sum of n exponentials of the given rate. */
function erlang(random: Random, n: number, rate: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum -= Math.log(1 - random()) / rate;
  return sum;
}

/** Every customer's gaps, in order: 2 to 12 of them, at a rate of the customer's own. */
function drawCustomers(random: Random, truth: Truth, count: number): number[][] {
  return Array.from({ length: count }, () => {
    const rate = erlang(random, truth.alpha, truth.beta);
    const gapCount = 2 + Math.floor(random() * 11);
    return Array.from({ length: gapCount }, () => erlang(random, truth.shape, rate));
  });
}

function gapsOf(customers: readonly (readonly number[])[]): Gaps {
  return {
    customerIds: Float64Array.from(customers.flatMap((gaps, id) => gaps.map(() => id + 1))),
    days: Float64Array.from(customers.flat()),
  };
}

const rhythm = (parts: Partial<OrderRhythm>): OrderRhythm => ({
  shape: 1,
  alpha: 3,
  beta: 100,
  customerCount: 100,
  logLikelihood: 0,
  ...parts,
});

/** ∫₀^silence of the next gap's density xᵏ⁻¹ (x + B)^-(k + c) / Beta(k, c) · B^c by Simpson's rule. */
function integratedLateness({ shape, alpha, beta }: OrderRhythm, state: RhythmState): number {
  const [b, c] = [beta + state.gapDays, alpha + state.gapCount * shape];
  const logBeta = logGamma(shape) + logGamma(c) - logGamma(shape + c);
  const density = (x: number) =>
    Math.exp((shape - 1) * Math.log(x) + c * Math.log(b) - (shape + c) * Math.log(x + b) - logBeta);
  const at = (x: number) => (x > 0 ? density(x) : shape === 1 ? c / b : 0);
  const steps = 4000;
  const width = state.silenceDays / steps;
  let area = 0;
  for (let i = 0; i < steps; i++)
    area += (width / 6) * (at(i * width) + 4 * at((i + 0.5) * width) + at((i + 1) * width));
  return area;
}

/** The regularized incomplete beta function by its hypergeometric series, DLMF 8.17.8. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  let [term, sum] = [1, 1];
  for (let n = 0; term > 1e-18 * sum && n < 100_000; n++) {
    term *= ((a + b + n) / (a + 1 + n)) * x;
    sum += term;
  }
  return Math.exp(a * Math.log(x) + b * Math.log(1 - x) - logBeta - Math.log(a)) * sum;
}

/** Models and states of every kind, drawn from a seed. */
function randomStates(random: Random, count: number): RhythmState[] {
  return Array.from({ length: count }, () => {
    const gapCount = Math.floor(random() ** 3 * 60);
    return {
      gapCount,
      gapDays: gapCount === 0 ? 0 : gapCount + Math.floor(random() * 1500),
      silenceDays: Math.floor(random() ** 2 * 2000),
    };
  });
}

const MODELS = [1, 2, 3, 5, 8, 12].flatMap((shape) => [
  rhythm({ shape }),
  rhythm({ shape, alpha: 0.7, beta: 20 }),
  rhythm({ shape, alpha: 25.3, beta: 900.5 }),
]);

describe("fitting", () => {
  test.each([
    { shape: 1, alpha: 3, beta: 120 },
    { shape: 2, alpha: 2, beta: 200 },
    { shape: 3, alpha: 4, beta: 500 },
    { shape: 8, alpha: 3, beta: 900 },
    { shape: 12, alpha: 5, beta: 3000 },
  ])("finds the shape $shape, alpha $alpha and beta $beta that gaps were drawn from", (truth) => {
    const fitted = fitOrderRhythm(gapsOf(drawCustomers(seeded(77 * truth.shape), truth, 1500)))!;
    expect(fitted.shape).toBe(truth.shape);
    expect(Math.abs(fitted.alpha / truth.alpha - 1)).toBeLessThan(0.12);
    expect(Math.abs(fitted.beta / truth.beta - 1)).toBeLessThan(0.15);
    expect(fitted.customerCount).toBe(1500);
  });

  test("no other parameters near the fitted ones are more likely", () => {
    const customers = drawCustomers(seeded(5), { shape: 3, alpha: 3, beta: 300 }, 300);
    const fitted = fitOrderRhythm(gapsOf(customers))!;
    const logLikelihood = ({ shape, alpha, beta }: Truth) =>
      customers.reduce((sum, gaps) => {
        const [n, days] = [gaps.length * shape, gaps.reduce((a, b) => a + b, 0)];
        const logs = gaps.reduce((logDays, gap) => logDays + Math.log(gap), 0);
        const ends = alpha * Math.log(beta) - logGamma(alpha) + logGamma(alpha + n);
        return (
          sum +
          (shape - 1) * logs -
          gaps.length * logGamma(shape) +
          ends -
          (alpha + n) * Math.log(beta + days)
        );
      }, 0);
    expect(fitted.logLikelihood).toBeCloseTo(logLikelihood(fitted), 6);
    for (const shape of [2, 3, 4]) {
      for (const factor of [0.8, 0.95, 1, 1.05, 1.25]) {
        const other = { shape, alpha: fitted.alpha * factor, beta: fitted.beta * factor };
        expect(logLikelihood(other)).toBeLessThanOrEqual(fitted.logLikelihood + 1e-4);
        expect(logLikelihood({ ...other, beta: fitted.beta })).toBeLessThanOrEqual(
          fitted.logLikelihood + 1e-4,
        );
      }
    }
  });

  test("does not depend on the order of customers or of their gaps", () => {
    const customers = drawCustomers(seeded(6), { shape: 3, alpha: 3, beta: 300 }, 200);
    const turned = customers.toReversed().map((gaps) => gaps.toReversed());
    const [fitted, other] = [fitOrderRhythm(gapsOf(customers))!, fitOrderRhythm(gapsOf(turned))!];
    expect(other.shape).toBe(fitted.shape);
    expect(other.alpha / fitted.alpha).toBeCloseTo(1, 3);
    expect(other.beta / fitted.beta).toBeCloseTo(1, 3);
    expect(other.logLikelihood).toBeCloseTo(fitted.logLikelihood, 4);
  });

  test("days measured in other units change only the scale", () => {
    const customers = drawCustomers(seeded(7), { shape: 2, alpha: 3, beta: 300 }, 300);
    const inHours = customers.map((gaps) => gaps.map((gap) => gap * 24));
    const [inDays, scaled] = [fitOrderRhythm(gapsOf(customers))!, fitOrderRhythm(gapsOf(inHours))!];
    expect(scaled.shape).toBe(inDays.shape);
    expect(scaled.alpha / inDays.alpha).toBeCloseTo(1, 2);
    expect(scaled.beta / inDays.beta / 24).toBeCloseTo(1, 2);
  });
});

describe("degenerate bases", () => {
  test("without a gap there is no rhythm", () => {
    expect(fitOrderRhythm(gapsOf([]))).toBeUndefined();
  });

  test("one customer: chance, at the customer's mean", () => {
    const fitted = fitOrderRhythm(gapsOf([[10, 20, 30]]))!;
    expect(fitted).toMatchObject({ shape: 1, alpha: 3, beta: 40, customerCount: 1 });
    expect(lateness(fitted, { gapCount: 3, gapDays: 60, silenceDays: 20 })).toBeCloseTo(
      1 - (100 / 120) ** 6,
      12,
    );
  });

  test("19 customers are too few to learn a shape, 20 are enough", () => {
    const clockwork = (count: number) => gapsOf(Array.from({ length: count }, () => [29, 30, 31, 30]));
    expect(fitOrderRhythm(clockwork(19))!.shape).toBe(1);
    expect(fitOrderRhythm(clockwork(20))!.shape).toBeGreaterThan(1);
  });

  test.each([
    ["all gaps alike", Array.from({ length: 50 }, () => [30, 30, 30])],
    ["all gaps of one day", Array.from({ length: 50 }, () => [1, 1])],
    ["one gap each", Array.from({ length: 50 }, (_, id) => [1 + id * 7])],
    ["centuries", Array.from({ length: 50 }, (_, id) => [30_000 + id * 1000, 90_000])],
    ["days beside centuries", Array.from({ length: 50 }, (_, id) => [1 + (id % 2) * 100_000, 3])],
    [
      "a thousand gaps of one customer",
      [Array.from({ length: 1000 }, () => 1), ...Array.from({ length: 30 }, () => [40, 50])],
    ],
  ])("%s: the fit is finite and lateness behaves", (_, customers) => {
    const fitted = fitOrderRhythm(gapsOf(customers))!;
    for (const value of [fitted.shape, fitted.alpha, fitted.beta]) expect(value).toBeGreaterThan(0);
    expect(Number.isFinite(fitted.alpha * fitted.beta * fitted.logLikelihood)).toBe(true);
    for (const gaps of customers) {
      const state = { gapCount: gaps.length, gapDays: gaps.reduce((a, b) => a + b, 0) };
      const [shortest, longest] = [Math.min(...gaps), Math.max(...customers.flat())];
      const at = (silenceDays: number) => lateness(fitted, { ...state, silenceDays });
      expect(at(0.001 * shortest)).toBeLessThan(0.05);
      expect(at(1000 * longest)).toBeGreaterThan(0.95);
    }
  });
});

describe("lateness", () => {
  test("equals the integrated density of the next gap", () => {
    for (const model of MODELS) {
      for (const state of randomStates(seeded(11), 12)) {
        expect(lateness(model, state)).toBeCloseTo(integratedLateness(model, state), 6);
      }
    }
  });

  test("equals the incomplete beta function by its series (DLMF 8.17.8)", () => {
    for (const model of MODELS) {
      for (const state of randomStates(seeded(12), 200).filter(({ silenceDays }) => silenceDays > 0)) {
        const known = model.beta + state.gapDays;
        const x = state.silenceDays / (state.silenceDays + known);
        const expected = incompleteBeta(x, model.shape, model.alpha + state.gapCount * model.shape);
        expect(Math.abs(lateness(model, state) - expected)).toBeLessThan(1e-9);
      }
    }
  });

  test("lies in [0, 1] and never falls while the silence lasts", () => {
    for (const model of MODELS) {
      for (const { gapCount, gapDays } of randomStates(seeded(13), 30)) {
        const state = { gapCount, gapDays };
        let before = 0;
        for (let silenceDays = 0; silenceDays < 5000; silenceDays = silenceDays * 1.4 + 0.001) {
          const now = lateness(model, { ...state, silenceDays });
          expect(now).toBeGreaterThanOrEqual(before - 1e-12);
          expect(now).toBeGreaterThanOrEqual(0);
          expect(now).toBeLessThanOrEqual(1);
          before = now;
        }
      }
    }
  });

  test("is nothing on the day of an order and certain after a million days", () => {
    for (const model of MODELS) {
      expect(lateness(model, { gapCount: 4, gapDays: 100, silenceDays: 0 })).toBe(0);
      expect(lateness(model, { gapCount: 4, gapDays: 100, silenceDays: 1e6 })).toBeGreaterThan(0.999);
    }
  });

  test("is more for the customer whose own gaps are shorter", () => {
    const model = rhythm({ shape: 3, alpha: 3, beta: 300 });
    const state = (gapDays: number) => ({ gapCount: 5, gapDays, silenceDays: 60 });
    expect(lateness(model, state(50))).toBeGreaterThan(lateness(model, state(150)));
    expect(lateness(model, state(150))).toBeGreaterThan(lateness(model, state(600)));
  });
});

describe("calibration: the next gap of generated customers", () => {
  test.each([1, 3, 8])("of shape %d is under its own lateness p with probability p", (shape) => {
    const truth = { shape, alpha: 3, beta: 150 * shape };
    const random = seeded(100 + shape);
    const model = fitOrderRhythm(gapsOf(drawCustomers(random, truth, 1500)))!;
    const unseen = drawCustomers(random, truth, 4000);
    const values = unseen.map((gaps) => {
      const before = gaps.slice(0, -1);
      const gapDays = before.reduce((a, b) => a + b, 0);
      return lateness(model, { gapCount: before.length, gapDays, silenceDays: gaps.at(-1)! });
    });
    const kolmogorov = Math.max(
      ...values.toSorted((a, b) => a - b).map((value, i) => Math.abs(value - (i + 0.5) / values.length)),
    );
    expect(kolmogorov).toBeLessThan(0.03);
    const share = values.filter((value) => value > 0.9).length / values.length;
    expect(Math.abs(share - 0.1)).toBeLessThan(0.015);
  });
});

describe("latenessSql", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openDuckDB({ path: ":memory:", functions: readFunctions("duckdb") });
    const states = [
      ...randomStates(seeded(21), 3000),
      { gapCount: 0, gapDays: 0, silenceDays: 0 },
      { gapCount: 700, gapDays: 1000, silenceDays: 900 },
      { gapCount: 1, gapDays: 1, silenceDays: 30_000 },
    ];
    await engine.write("features.states", [
      tableOf({
        recency_days: Float64Array.from(states, (state) => state.silenceDays),
        rhythm_days: Float64Array.from(states, (state) => state.gapDays),
        order_day_count: Float64Array.from(states, (state) => state.gapCount + 1),
      }),
    ]);
    await engine.create(
      "features.rfm",
      `select cast(recency_days as integer) as recency_days, cast(rhythm_days as integer) as rhythm_days,
        cast(order_day_count as integer) as order_day_count from features.states`,
    );
  });
  afterAll(() => engine.close());

  test.each(MODELS)("equals lateness row by row: shape $shape, alpha $alpha, beta $beta", async (model) => {
    const rows = await collect(
      engine.read(
        `select recency_days, rhythm_days, order_day_count, ${latenessSql(model)} as lateness from features.rfm`,
      ),
    );
    const [silences, days, counts] = [
      numbers(rows, "recency_days"),
      numbers(rows, "rhythm_days"),
      numbers(rows, "order_day_count"),
    ];
    const worst = numbers(rows, "lateness").reduce((most, sql, row) => {
      const state = { gapCount: counts[row]! - 1, gapDays: days[row]!, silenceDays: silences[row]! };
      const difference = Math.abs(sql - lateness(model, state));
      return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
    }, 0);
    expect(rows.numRows).toBe(3003);
    expect(worst).toBeLessThan(1e-9);
  });
});

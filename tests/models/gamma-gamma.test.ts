import { describe, expect, test } from "vitest";
import {
  expectedMean,
  expectedMeanSql,
  fitGammaGamma,
  meanVariance,
  populationMean,
  type CustomerSpending,
  type Spending,
  type SpendingModel,
} from "../../src/models/gamma-gamma.js";
import { seeded, type Random } from "../../src/random.js";
import { collect, numbers, tableOf } from "../../src/table.js";
import { openWarehouse } from "../engines/warehouse.js";
import { CDNOW_NOTE, HAS_CDNOW, readCdnowSpending, readCdnowSpendingNumbers } from "./cdnow.js";
import { gamma as drawGamma } from "./simulated-buyers.js";

type Parameters = SpendingModel["parameters"];
const TRUTH: Parameters = { p: 6.25, q: 3.74, gamma: 15.44 };

function modelOf(parameters: Parameters): SpendingModel {
  const rest = { logLikelihood: 0, iterations: 0, isConverged: true, boundary: undefined };
  return { name: "gamma-gamma", parameters, logCovariance: undefined, ...rest };
}

/** Orders, mean amount, customers. */
function spendingOf(...rows: readonly (readonly number[])[]): Spending {
  const column = (i: number, otherwise = 1) => Float64Array.from(rows, (row) => row[i] ?? otherwise);
  return { orderCounts: column(0), meanAmounts: column(1), customerCounts: column(2) };
}

/** A customer of one to six orders, with the rate ν and the amounts. */
function drawCustomer(random: Random, { p, q, gamma }: Parameters): { rate: number; amounts: number[] } {
  const rate = drawGamma(random, q) / gamma;
  const count = 1 + Math.floor(6 * random() ** 2);
  return { rate, amounts: Array.from({ length: count }, () => drawGamma(random, p) / rate) };
}

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

function drawSpending(random: Random, truth: Parameters, count: number): Spending {
  return spendingOf(
    ...Array.from({ length: count }, () => {
      const { amounts } = drawCustomer(random, truth);
      return [amounts.length, mean(amounts)];
    }),
  );
}

describe("the published CDNOW model: p 6.25, q 3.74, γ 15.44 (Fader & Hardie 2013)", () => {
  test("the base spends pγ/(q − 1) = 6.25 · 15.44 / 2.74 = 35.22 an order", () => {
    expect(populationMean(modelOf(TRUTH))).toBeCloseTo(35.22, 2);
  });
});

describe.skipIf(!HAS_CDNOW).each(["sample", "full"] as const)(`CDNOW, the %s${CDNOW_NOTE}`, (set) => {
  const peers = HAS_CDNOW ? readCdnowSpendingNumbers()[set] : undefined;
  const spending = HAS_CDNOW ? readCdnowSpending(set) : spendingOf();
  const model = fitGammaGamma(spending);

  test("high-precision maximum likelihood: the log-likelihood to 1e-4, parameters to 0.1 %", () => {
    expect(spending.orderCounts).toHaveLength(peers!.n);
    expect(model.isConverged).toBe(true);
    expect(model.boundary).toBeUndefined();
    expect(model.logCovariance).toHaveLength(3);
    expect(Math.abs(model.logLikelihood - peers!.mle_highprec_LL)).toBeLessThan(1e-4);
    for (const name of ["p", "q", "gamma"] as const)
      expect(Math.abs(model.parameters[name] / peers!.mle_highprec[name] - 1)).toBeLessThan(1e-5);
    if (set === "sample") {
      expect(model.parameters.p).toBeCloseTo(6.25, 2);
      expect(model.parameters.q).toBeCloseTo(3.74, 2);
      expect(model.parameters.gamma).toBeCloseTo(15.44, 2);
    }
  });

  test("lifetimes 0.11.3: expected means, to 1e-9 at its own parameters", () => {
    const { p, q, v } = peers!.peer_params;
    const peer = modelOf({ p, q, gamma: v });
    for (const [history, expected] of Object.entries(peers!.expected_avg_value)) {
      const [, orderCount, meanAmount = "0"] = /^x=(\d+)(?:,m=([\d.]+))?$/.exec(history)!;
      const found = expectedMean(peer, { orderCount: Number(orderCount), meanAmount: Number(meanAmount) })!;
      expect(Math.abs(found - expected)).toBeLessThan(1e-9);
      expect(
        Math.abs(
          expectedMean(model, { orderCount: Number(orderCount), meanAmount: Number(meanAmount) })! - expected,
        ),
      ).toBeLessThan(1e-4);
    }
  });
});

test("known parameters are within their own 95 % interval, each in at least 90 of 100 seeds", () => {
  const held = { p: 0, q: 0, gamma: 0 };
  for (let seed = 0; seed < 100; seed++) {
    const { parameters, logCovariance } = fitGammaGamma(drawSpending(seeded(500 + seed), TRUTH, 800));
    (["p", "q", "gamma"] as const).forEach((name, i) => {
      const deviation = Math.sqrt(logCovariance?.[i]?.[i] ?? NaN);
      if (Math.abs(Math.log(parameters[name] / TRUTH[name])) <= 1.959964 * deviation) held[name]++;
    });
  }
  for (const count of Object.values(held)) expect(count).toBeGreaterThanOrEqual(90);
});

describe("the fit", () => {
  const spending = drawSpending(seeded(1), TRUTH, 600);
  const model = fitGammaGamma(spending);

  test("has the log-likelihood of (1a), the density of the mean amounts", () => {
    const { p, q, gamma } = model.parameters;
    let total = 0;
    spending.orderCounts.forEach((x, i) => {
      const m = spending.meanAmounts[i]!;
      // ∫ Gamma(m | px, νx) Gamma(ν | q, γ) dν by the trapezoidal rule in ln ν
      const [height, width] = [Math.log((p * x + q) / (gamma + x * m)), 0.02];
      let area = 0;
      for (let step = -500; step <= 500; step++) {
        const rate = Math.exp(height + step * width);
        const logMean = p * x * Math.log(rate * x) + (p * x - 1) * Math.log(m) - rate * x * m;
        const logRate = q * Math.log(gamma) + q * Math.log(rate) - gamma * rate;
        area += Math.exp(logMean + logRate - logFactorial(p * x - 1) - logFactorial(q - 1));
      }
      total += Math.log(area * width);
    });
    expect(model.logLikelihood).toBeCloseTo(total, 6);
  });

  test("amounts in another currency scale gamma only", () => {
    for (const factor of [1e-9, 7.3, 1e12]) {
      const scaled = fitGammaGamma({ ...spending, meanAmounts: spending.meanAmounts.map((m) => m * factor) });
      expect(scaled.parameters.p / model.parameters.p).toBeCloseTo(1, 6);
      expect(scaled.parameters.q / model.parameters.q).toBeCloseTo(1, 6);
      expect(scaled.parameters.gamma / model.parameters.gamma / factor).toBeCloseTo(1, 6);
    }
  });

  test("doubling the customers leaves the parameters and halves the covariance", () => {
    const doubled = fitGammaGamma({ ...spending, customerCounts: spending.customerCounts.map(() => 2) });
    expect(doubled.parameters.p / model.parameters.p).toBeCloseTo(1, 6);
    expect(doubled.logLikelihood / model.logLikelihood).toBeCloseTo(2, 10);
    expect(doubled.logCovariance![0]![0]! / model.logCovariance![0]![0]!).toBeCloseTo(0.5, 5);
  });

  test("leaves out rows without an order, an amount or a customer", () => {
    const { orderCounts, meanAmounts, customerCounts } = spending;
    const more = (values: Float64Array, ...rest: number[]) => Float64Array.from([...values, ...rest]);
    const fitted = fitGammaGamma({
      orderCounts: more(orderCounts, 0, 1, 2, 1, 1),
      meanAmounts: more(meanAmounts, 5, 0, -3, NaN, 9),
      customerCounts: more(customerCounts, 1, 1, 1, 1, 0),
    });
    expect(fitted).toEqual(model);
  });

  test.each<[string, Spending]>([
    ["nobody", spendingOf()],
    ["one customer", spendingOf([1, 50])],
    ["one customer of 10,000 orders", spendingOf([10_000, 50])],
    ["two customers", spendingOf([1, 50], [3, 20])],
    ["all amounts alike", spendingOf([1, 50, 100], [2, 50, 30], [7, 50])],
    ["nearly all alike", spendingOf([1, 50, 10], [1, 50.01, 10], [2, 50.005, 4])],
    ["huge amounts", spendingOf([1, 1e150], [2, 3e150], [1, 5e149], [4, 1e150])],
    ["tiny amounts", spendingOf([1, 1e-150], [2, 3e-150], [1, 5e-149], [4, 1e-150])],
    ["cents beside billions", spendingOf([1, 0.01, 10], [1, 1e9, 10], [2, 1000, 5])],
  ])("%s: an answer without NaN", (_, odd) => {
    const fitted = fitGammaGamma(odd);
    for (const value of Object.values(fitted.parameters)) {
      expect(value).toBeGreaterThan(0);
      expect(Number.isFinite(value)).toBe(true);
    }
    expect(Number.isFinite(fitted.logLikelihood)).toBe(true);
    for (const row of fitted.logCovariance ?? [])
      for (const value of row) expect(Number.isFinite(value)).toBe(true);
    for (let i = 0; i < odd.orderCounts.length; i++) {
      const history = { orderCount: odd.orderCounts[i]!, meanAmount: odd.meanAmounts[i]! };
      for (const value of [
        populationMean(fitted),
        expectedMean(fitted, history),
        meanVariance(fitted, history),
      ])
        expect(Number.isNaN(value ?? 0)).toBe(false);
    }
  });

  test("where all amounts are alike the edge is named and everybody is expected to spend it", () => {
    const fitted = fitGammaGamma(spendingOf([1, 50, 100], [2, 50, 30]));
    expect(["p", "q"]).toContain(fitted.boundary);
    expect(fitted.logCovariance).toBeUndefined();
    expect(expectedMean(fitted, { orderCount: 2, meanAmount: 50 })).toBeCloseTo(50, 2);
    expect(populationMean(fitted)).toBeCloseTo(50, 2);
  });

  test("without anybody it says that it did not converge", () => {
    expect(fitGammaGamma(spendingOf()).isConverged).toBe(false);
  });
});

/** ln Γ(x + 1) by Stirling's series after the recurrence, independent of the one under test. */
function logFactorial(x: number): number {
  let [n, log] = [x + 1, 0];
  for (; n < 20; n++) log += Math.log(n);
  return (n - 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * n) - 1 / (360 * n ** 3) - log;
}

describe("expected means", () => {
  const model = modelOf(TRUTH);

  test("lie between the base's mean and the customer's own, nearer to it with more orders", () => {
    const base = populationMean(model)!;
    for (const meanAmount of [5, 20, 80, 1000]) {
      let distance = Math.abs(base - meanAmount);
      for (let orderCount = 1; orderCount < 200; orderCount++) {
        const expected = expectedMean(model, { orderCount, meanAmount })!;
        expect((expected - base) * (expected - meanAmount)).toBeLessThanOrEqual(0);
        expect(Math.abs(expected - meanAmount)).toBeLessThan(distance);
        distance = Math.abs(expected - meanAmount);
      }
    }
  });

  test("are undefined where amounts have no mean, variances where they have no variance", () => {
    const heavy = modelOf({ p: 0.5, q: 0.8, gamma: 3 });
    expect(populationMean(heavy)).toBeUndefined();
    expect(expectedMean(heavy, { orderCount: 1, meanAmount: 10 })).toBeCloseTo((0.5 * 13) / 0.3, 10);
    expect(meanVariance(heavy, { orderCount: 1, meanAmount: 10 })).toBeUndefined();
    expect(meanVariance(heavy, { orderCount: 3, meanAmount: 10 })).toBeGreaterThan(0);
  });

  test("are right for drawn customers: the next amount's mean, and the variance of own means", () => {
    const random = seeded(77);
    const [next, own, meanShares] = [[], [], []] as [number[], number[], number[]];
    for (let i = 0; i < 60_000; i++) {
      const { rate, amounts } = drawCustomer(random, TRUTH);
      const history: CustomerSpending = { orderCount: amounts.length, meanAmount: mean(amounts) };
      const expected = expectedMean(model, history)!;
      const amount = drawGamma(random, TRUTH.p) / rate;
      next.push(amount / expected);
      own.push(TRUTH.p / rate / expected);
      meanShares.push((TRUTH.p / rate - expected) ** 2 / meanVariance(model, history)!);
    }
    expect(mean(next)).toBeCloseTo(1, 2);
    expect(mean(own)).toBeCloseTo(1, 2);
    expect(Math.abs(mean(meanShares) - 1)).toBeLessThan(0.05);
  });
});

describe("expectedMeanSql", () => {
  test.each([
    TRUTH,
    { p: 0.5, q: 0.8, gamma: 3 },
    { p: 1e5, q: 2e5, gamma: 50 },
    { p: 3, q: 1, gamma: 1e-7 },
  ])(
    "equals expectedMean row by row, null where that is undefined: p $p, q $q, gamma $gamma",
    async (parameters) => {
      const engine = await openWarehouse();
      const random = seeded(9);
      const orderCounts = Float64Array.from({ length: 1000 }, () => Math.floor(1000 ** random() - 1));
      const meanAmounts = orderCounts.map((x) => (x === 0 ? NaN : 1e6 ** random()));
      await engine.write("features.spending", [
        tableOf({ order_count: orderCounts, mean_amount: meanAmounts }),
      ]);
      const model = modelOf(parameters);
      const sql = expectedMeanSql(model, { orderCount: "order_count", meanAmount: "mean_amount + 0e0" });
      const rows = await collect(
        engine.read(
          `select order_count, mean_amount, coalesce(${sql}, -1e0) as expected from features.spending`,
        ),
      );
      const [counts, means] = [numbers(rows, "order_count"), numbers(rows, "mean_amount")];
      numbers(rows, "expected").forEach((found, row) => {
        const expected = expectedMean(model, { orderCount: counts[row]!, meanAmount: means[row]! }) ?? -1;
        expect(Math.abs(found / expected - 1)).toBeLessThan(1e-12);
      });
      expect(rows.numRows).toBe(1000);
    },
  );
});

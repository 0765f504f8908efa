import { describe, expect, test } from "vitest";
import type { PurchaseHistories, PurchaseModel, PurchaseProcess } from "../../src/models/purchases.js";
import { seeded } from "../../src/random.js";
import { collect, numbers, tableOf } from "../../src/table.js";
import { openWarehouse } from "../engines/warehouse.js";
import { historyOf } from "./cdnow.js";
import { drawHistories, type BuyerBase } from "./simulated-buyers.js";

/** Histories as a table of numbers: repeat orders, last age, age, customers, and Σ ln of their gaps. */
export function historiesOf(...rows: readonly (readonly number[])[]): PurchaseHistories {
  const column = (i: number) => Float64Array.from(rows, (row) => row[i]!);
  return {
    repeatCounts: column(0),
    lastAges: column(1),
    ages: column(2),
    customerCounts: column(3),
    logGapSums: column(4),
  };
}

/** Bases that break fits: what they are called, and their histories. */
export const ODD_BASES: readonly (readonly [string, PurchaseHistories])[] = [
  ["nobody", historiesOf()],
  ["one customer who came once", historiesOf([0, 0, 20, 1, 0])],
  ["one customer on the day of the first order", historiesOf([0, 0, 0, 1, 0])],
  ["one customer of one repeat order", historiesOf([1, 5, 20, 1, Math.log(5)])],
  ["two customers", historiesOf([0, 0, 30, 1, 0], [3, 20, 30, 1, 3 * Math.log(20 / 3)])],
  ["two customers alike", historiesOf([2, 10, 20, 2, 4 * Math.log(5)])],
  ["one customer of 10,000 orders", historiesOf([10_000, 999, 1000, 1, 10_000 * Math.log(0.0999)])],
  [
    "one customer of 10,000 orders among a hundred who came once",
    historiesOf([0, 0, 50, 100, 0], [10_000, 99, 100, 1, 10_000 * Math.log(0.0099)]),
  ],
  ["only customers who came once", historiesOf(...[1, 5, 10, 20, 40].map((age) => [0, 0, age, 100, 0]))],
  ["everybody on the first day", historiesOf([0, 0, 0, 1000, 0])],
  ["everybody on the last day", historiesOf([4, 30, 30, 500, 2000 * Math.log(7.5)])],
  ["repeat orders at age 0", historiesOf([3, 0, 0, 5, -Infinity], [1, 0, 10, 5, -Infinity])],
  ["ages of 1e300", historiesOf([0, 0, 1e300, 5, 0], [2, 5e299, 1e300, 5, 10 * Math.log(2.5e299)])],
  ["ages of 1e-300", historiesOf([0, 0, 1e-300, 5, 0], [2, 5e-301, 1e-300, 5, 10 * Math.log(2.5e-301)])],
  [
    "histories that are no numbers",
    historiesOf([NaN, 1, 2, 3, 4], [1, 1, Infinity, 1, 0], [0, 0, 5, NaN, 0]),
  ],
];

/** The same base in another unit of time. */
export function rescaled(histories: PurchaseHistories, factor: number): PurchaseHistories {
  const { repeatCounts, customerCounts } = histories;
  return {
    ...histories,
    lastAges: histories.lastAges.map((age) => age * factor),
    ages: histories.ages.map((age) => age * factor),
    logGapSums: histories.logGapSums!.map(
      (sum, i) => sum + repeatCounts[i]! * customerCounts[i]! * Math.log(factor),
    ),
  };
}

/** For each parameter in its order, whether its own 95 % interval on the log scale holds the truth. */
export function areWithinInterval(
  { parameters, logCovariance }: PurchaseModel,
  truth: Readonly<Record<string, number>>,
): boolean[] {
  return Object.entries(truth).map(([name, value], i) => {
    const deviation = Math.sqrt(logCovariance?.[i]?.[i] ?? NaN);
    return Math.abs(Math.log(parameters[name]! / value)) <= 1.959964 * deviation;
  });
}

/** What holds for every model of purchases, with a base that it is right for. */
export function behavesAsPurchaseProcess(process: PurchaseProcess, base: BuyerBase): void {
  const histories = drawHistories(seeded(11), base, { count: 800, span: 52 });
  const model = process.fit(histories);
  const timeParameters = Object.keys(model.parameters).filter((name) => ["alpha", "beta"].includes(name));

  test("a base that the model is right for converges inside, with a covariance", () => {
    expect(model.isConverged).toBe(true);
    expect(model.boundary).toBeUndefined();
    expect(model.logCovariance).toHaveLength(4);
  });

  describe.each(ODD_BASES)("with %s there is an answer:", (_, odd) => {
    const fitted = process.fit(odd);

    test("finite parameters and likelihood, and a covariance or none", () => {
      for (const value of Object.values(fitted.parameters)) {
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeGreaterThan(0);
      }
      expect(Number.isNaN(fitted.logLikelihood)).toBe(false);
      for (const row of fitted.logCovariance ?? [])
        for (const value of row) expect(Number.isFinite(value)).toBe(true);
      if (fitted.boundary !== undefined) expect(Object.keys(fitted.parameters)).toContain(fitted.boundary);
    });

    test("finite predictions", () => {
      for (let row = 0; row < odd.ages.length; row++) {
        const history = historyOf(odd, row);
        if (!Number.isFinite(history.age + history.repeatCount)) continue;
        const alive = process.aliveProbability(fitted, history);
        expect(alive).toBeGreaterThanOrEqual(0);
        expect(alive).toBeLessThanOrEqual(1);
        const count = process.expectedCount(fitted, history, history.age / 2 || 1);
        expect(count).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(count)).toBe(true);
      }
      expect(Number.isFinite(process.newcomerCount(fitted, 10))).toBe(true);
    });
  });

  test("doubling the customers leaves the parameters and doubles the log-likelihood", () => {
    const doubled = process.fit({
      ...histories,
      customerCounts: histories.customerCounts.map((count) => 2 * count),
      logGapSums: histories.logGapSums!.map((sum) => 2 * sum),
    });
    for (const [name, value] of Object.entries(model.parameters))
      expect(doubled.parameters[name]! / value).toBeCloseTo(1, 6);
    expect(doubled.logLikelihood / model.logLikelihood).toBeCloseTo(2, 10);
    expect(doubled.logCovariance![0]![0]! / model.logCovariance![0]![0]!).toBeCloseTo(0.5, 5);
  });

  test.each([1e-6, 1 / 7, 24, 1e9])(
    "time in another unit, %d times as many, scales the rates only",
    (factor) => {
      const scaled = process.fit(rescaled(histories, factor));
      for (const [name, value] of Object.entries(model.parameters))
        expect(scaled.parameters[name]! / value / (timeParameters.includes(name) ? factor : 1)).toBeCloseTo(
          1,
          6,
        );
      const orders = histories.repeatCounts.reduce((sum, x, i) => sum + x * histories.customerCounts[i]!, 0);
      expect(scaled.logLikelihood).toBeCloseTo(model.logLikelihood - orders * Math.log(factor), 5);
      const [history, horizon] = [historyOf(histories, 5), 26];
      const other = { ...history, lastAge: history.lastAge * factor, age: history.age * factor };
      expect(process.expectedCount(scaled, other, horizon * factor)).toBeCloseTo(
        process.expectedCount(model, history, horizon),
        6,
      );
    },
  );

  test("P(alive) is in [0, 1] and falls as silence grows", () => {
    for (const repeatCount of [1, 2, 5, 20, 300]) {
      for (const lastAge of [1, 10, 50]) {
        let before = 1;
        for (let silence = 0; silence < 1e6; silence = silence * 1.5 + 0.01) {
          const alive = process.aliveProbability(model, { repeatCount, lastAge, age: lastAge + silence });
          expect(alive).toBeLessThanOrEqual(before + 1e-12);
          expect(alive).toBeGreaterThanOrEqual(0);
          before = alive;
        }
        expect(before).toBeLessThan(0.5);
      }
    }
  });

  test("nothing is expected within no time, and more within more", () => {
    expect(process.newcomerCount(model, 0)).toBe(0);
    let newcomer = 0;
    for (const span of [1, 5, 25, 125, 625]) {
      const next = process.newcomerCount(model, span);
      expect(next).toBeGreaterThan(newcomer);
      newcomer = next;
    }
    for (let row = 0; row < 40; row++) {
      const history = historyOf(histories, row);
      expect(process.expectedCount(model, history, 0)).toBe(0);
      const [less, more] = [4, 8].map((weeks) => process.expectedCount(model, history, weeks)) as [
        number,
        number,
      ];
      expect(more).toBeGreaterThan(less);
    }
  });

  test("P(alive) in SQL equals P(alive)", async () => {
    const engine = await openWarehouse();
    const random = seeded(31);
    const drawn = Array.from({ length: 500 }, () => {
      const age = 1e4 * random() ** 4;
      const repeatCount = Math.floor(10_000 ** random() - 1);
      return { repeatCount, lastAge: repeatCount === 0 ? 0 : age * Math.sqrt(random()), age };
    });
    await engine.write("features.states", [
      tableOf({
        repeats: Float64Array.from(drawn, (history) => history.repeatCount),
        last_age: Float64Array.from(drawn, (history) => history.lastAge),
        age: Float64Array.from(drawn, (history) => history.age),
      }),
    ]);
    const columns = { repeatCount: "repeats", lastAge: "last_age", age: "age + 0e0" };
    const odd = ODD_BASES.map(([, histories]) => process.fit(histories));
    for (const fitted of [model, ...odd.filter(({ parameters }) => parameters["alpha"]! < 1e200)]) {
      const rows = await collect(
        engine.read(
          `select repeats, last_age, age, ${process.aliveSql(fitted, columns)!} as alive from features.states`,
        ),
      );
      const [counts, lasts, ages] = ["repeats", "last_age", "age"].map((name) => numbers(rows, name));
      numbers(rows, "alive").forEach((alive, row) => {
        const history = { repeatCount: counts![row]!, lastAge: lasts![row]!, age: ages![row]! };
        expect(Math.abs(alive - process.aliveProbability(fitted, history))).toBeLessThan(1e-9);
      });
      expect(rows.numRows).toBe(500);
    }
  });
}

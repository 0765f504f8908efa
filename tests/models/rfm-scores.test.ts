import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDuckDB } from "../../src/engines/duckdb.js";
import type { Engine } from "../../src/engines/engine.js";
import {
  cutShares,
  levelsOf,
  levelSql,
  MEASURE_COLUMNS,
  MEASURES,
  ntileSql,
  scoreRange,
  scoreSql,
  snapToCents,
  type Measure,
} from "../../src/models/rfm-scores.js";
import { readFunctions } from "../../src/relation.js";
import { collect, numbers, onlyNumber, tableOf } from "../../src/table.js";

interface Customer {
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
}

let engine: Engine;
beforeAll(async () => {
  engine = await openDuckDB({ path: ":memory:", functions: readFunctions("duckdb") });
});
afterAll(() => engine.close());

/** Customers become `features.rfm`; ids count from 1 unless given. */
async function load(customers: readonly Customer[], ids = customers.map((_, i) => i + 1)): Promise<void> {
  await engine.write("features.rfm", [
    tableOf({
      customer_id: Float64Array.from(ids),
      recency_days: Float64Array.from(customers, (customer) => customer.recency),
      order_count: Float64Array.from(customers, (customer) => customer.frequency),
      monetary: Float64Array.from(customers, (customer) => customer.monetary),
    }),
  ]);
}

const of = (measure: Measure, values: readonly number[]): Customer[] =>
  values.map((value) => ({ recency: 1, frequency: 1, monetary: 1, [measure]: value }));

/** An expression over `features.rfm`, in the order of the ids. */
async function column(sql: string): Promise<number[]> {
  const rows = await collect(
    engine.read(
      `select value from (select customer_id, ${sql} as value from features.rfm) order by customer_id`,
    ),
  );
  return Array.from(numbers(rows, "value"));
}

/** The type-7 quantiles of the loaded customers, as the analysis asks the engine for them. */
async function quantileCuts(measure: Measure, bins: number): Promise<number[]> {
  const aggregates = cutShares(bins).map(
    (share, i) => `quantile_at(${MEASURE_COLUMNS[measure]}, ${share}e0) as cut_${i}`,
  );
  const row = await collect(engine.read(`select ${aggregates.join(", ")} from features.rfm`));
  return cutShares(bins).map((_, i) => snapToCents(onlyNumber(row, `cut_${i}`)));
}

async function quantileScores(measure: Measure, bins: number): Promise<number[]> {
  return column(scoreSql(measure, await quantileCuts(measure, bins)));
}

describe("scoreSql by hand", () => {
  test("money 10, 20, 30, 40, 50: quintile cuts 18, 26, 34, 42, so scores 1 to 5", async () => {
    await load(of("monetary", [10, 20, 30, 40, 50]));
    const cuts = await quantileCuts("monetary", 5);
    cuts.forEach((cut, i) => expect(cut).toBeCloseTo(18 + 8 * i, 9));
    expect(await quantileScores("monetary", 5)).toEqual([1, 2, 3, 4, 5]);
  });

  test("recency is turned round: the latest buyer has 5", async () => {
    await load(of("recency", [10, 20, 30, 40, 50]));
    expect(await quantileScores("recency", 5)).toEqual([5, 4, 3, 2, 1]);
  });

  test("a value at a cut-point belongs below it, for recency to the better score", async () => {
    await load(of("monetary", [99.99, 100, 100.01, 500, 500.5]));
    expect(await column(scoreSql("monetary", [100, 500]))).toEqual([1, 1, 2, 2, 3]);
    await load(of("recency", [30, 31, 90, 91, 0]));
    expect(await column(scoreSql("recency", [30, 90]))).toEqual([3, 2, 2, 1, 3]);
  });

  test("orders 1, 1, 1, 1, 2: cuts 1, 1, 1, 1.2, so nobody scores 2, 3 or 4", async () => {
    await load(of("frequency", [1, 1, 1, 1, 2]));
    expect(await quantileScores("frequency", 5)).toEqual([1, 1, 1, 1, 5]);
  });

  test("all alike: everybody scores 1, for recency 5", async () => {
    await load(of("monetary", [7, 7, 7, 7]));
    expect(await quantileScores("monetary", 5)).toEqual([1, 1, 1, 1]);
    expect(await quantileScores("recency", 5)).toEqual([5, 5, 5, 5]);
  });

  test("one customer", async () => {
    await load(of("monetary", [7]));
    expect(await quantileScores("monetary", 5)).toEqual([1]);
  });

  test("negative money, where returns outweigh sales, scores below nothing", async () => {
    await load(of("monetary", [-50, 0, 10, 20, 30]));
    expect(await quantileScores("monetary", 5)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("ntileSql by hand", () => {
  test("seven customers in three groups: 3, 2 and 2, ties parted by id", async () => {
    await load(of("monetary", [5, 5, 5, 5, 9, 1, 5]));
    expect(await column(ntileSql("monetary", 3))).toEqual([1, 1, 2, 2, 3, 1, 3]);
  });

  test("recency: the latest are in the highest group", async () => {
    await load(of("recency", [300, 10, 200, 40, 100, 5]));
    expect(await column(ntileSql("recency", 3))).toEqual([1, 3, 1, 2, 2, 3]);
  });
});

describe("scoreRange says which values a score stands for", () => {
  test.each(MEASURES)("%s: every value lies in the range of its score and in no other", async (measure) => {
    const cuts = [10, 20, 40];
    const values = [-5, 0, 10, 10.5, 20, 39, 40, 41, 1000];
    await load(of(measure, values));
    const scores = await column(scoreSql(measure, cuts));
    values.forEach((value, i) => {
      const homes = [1, 2, 3, 4].filter((score) => {
        const { above, upTo } = scoreRange(measure, score, cuts);
        return value > (above ?? -Infinity) && value <= (upTo ?? Infinity);
      });
      expect(homes, String(value)).toEqual([scores[i]]);
    });
  });
});

describe("levelSql", () => {
  test("five levels of five bins are the scores", () => {
    expect(levelSql("monetary", "4", { bins: 5, levels: 5, middle: 0 })).toBe("4");
  });

  test("five levels of ten bins: two scores a level; of three bins: levels 2, 4 and 5", async () => {
    await load(of("monetary", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    const of10 = levelSql("monetary", "monetary", { bins: 10, levels: 5, middle: 0 });
    expect(await column(of10)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    await load(of("monetary", [1, 2, 3]));
    const of3 = levelSql("monetary", "monetary", { bins: 3, levels: 5, middle: 0 });
    expect(await column(of3)).toEqual([2, 4, 5]);
  });

  test("two levels: at the middle is high, for recency too", async () => {
    await load(of("monetary", [9.99, 10, 10.01]));
    const high = (measure: Measure) => levelSql(measure, "1", { bins: 5, levels: 2, middle: 10 });
    expect(await column(high("monetary"))).toEqual([1, 2, 2]);
    await load(of("recency", [9, 10, 11]));
    expect(await column(high("recency"))).toEqual([2, 2, 1]);
  });
});

const customer = fc.record({
  recency: fc.integer({ min: 0, max: 900 }),
  frequency: fc.integer({ min: 1, max: 8 }),
  monetary: fc.integer({ min: -500_00, max: 5_000_00 }).map((cents) => cents / 100),
});
const customers = fc.array(customer, { minLength: 1, maxLength: 60 });
const bins = fc.integer({ min: 3, max: 10 });
const measure = fc.constantFrom(...MEASURES);
const RUNS = { numRuns: 40, seed: 20_251_231 };

describe("scores of any base, 3 to 10 bins", () => {
  test("are whole numbers from 1 to the bins", async () => {
    await fc.assert(
      fc.asyncProperty(customers, bins, measure, async (base, count, what) => {
        await load(base);
        for (const scores of [await quantileScores(what, count), await column(ntileSql(what, count))]) {
          for (const score of scores) {
            expect(Number.isInteger(score)).toBe(true);
            expect(score).toBeGreaterThanOrEqual(1);
            expect(score).toBeLessThanOrEqual(count);
          }
        }
      }),
      RUNS,
    );
  });

  test("do not depend on the order of the rows", async () => {
    await fc.assert(
      fc.asyncProperty(customers, bins, measure, async (base, count, what) => {
        await load(base);
        const before = [await quantileScores(what, count), await column(ntileSql(what, count))];
        const turned = base.map((_, i) => i).reverse();
        await load(
          turned.map((i) => base[i]!),
          turned.map((i) => i + 1),
        );
        expect([await quantileScores(what, count), await column(ntileSql(what, count))]).toEqual(before);
      }),
      RUNS,
    );
  });

  test("do not depend on the currency: money times 100, 0.01, 7.1 or 8 gives the same scores", async () => {
    await fc.assert(
      fc.asyncProperty(customers, bins, fc.constantFrom(100, 0.01, 7.1, 8), async (base, count, factor) => {
        await load(base);
        const before = await quantileScores("monetary", count);
        const inOther = (money: number) => Math.round(money * factor * 1e6) / 1e6;
        await load(base.map((row) => ({ ...row, monetary: inOther(row.monetary) })));
        expect(await quantileScores("monetary", count)).toEqual(before);
      }),
      RUNS,
    );
  });

  test("of equal customers are equal with quantiles, and never contradict the measure", async () => {
    await fc.assert(
      fc.asyncProperty(customers, bins, measure, async (base, count, what) => {
        await load(base);
        const scores = await quantileScores(what, count);
        base.forEach((one, i) =>
          base.forEach((other, j) => {
            if (one[what] === other[what]) expect(scores[i]).toBe(scores[j]);
            const isBetter = what === "recency" ? one[what] < other[what] : one[what] > other[what];
            if (isBetter) expect(scores[i]).toBeGreaterThanOrEqual(scores[j]!);
          }),
        );
      }),
      RUNS,
    );
  });

  test("with ntile make groups that differ by one customer at most, the better never below the worse", async () => {
    await fc.assert(
      fc.asyncProperty(customers, bins, measure, async (base, count, what) => {
        await load(base);
        const scores = await column(ntileSql(what, count));
        const sizes = Array.from(
          { length: count },
          (_, i) => scores.filter((score) => score === i + 1).length,
        );
        const used = sizes.filter((size) => size > 0);
        expect(Math.max(...used) - Math.min(...used)).toBeLessThanOrEqual(1);
        base.forEach((one, i) =>
          base.forEach((other, j) => {
            const isBetter = what === "recency" ? one[what] < other[what] : one[what] > other[what];
            if (isBetter) expect(scores[i]).toBeGreaterThanOrEqual(scores[j]!);
          }),
        );
      }),
      RUNS,
    );
  });

  test("of n different values are exact: rounding moves nobody over a cut-point that is a customer's own value", async () => {
    for (let count = 3; count <= 10; count++) {
      for (const n of [1, 2, 3, 4, 7, 8, 11, 21, 22, 36, 51, 71, 91, 101]) {
        const values = Array.from({ length: n }, (_, i) => (i + 1) / 100);
        await load(of("monetary", values));
        const expected = values.map((_, rank) => {
          const cutsBelow = Array.from({ length: count - 1 }, (_, i) => (n - 1) * (i + 1) < rank * count);
          return 1 + cutsBelow.filter(Boolean).length;
        });
        expect(await quantileScores("monetary", count), `${n} values, ${count} bins`).toEqual(expected);
      }
    }
  });
});

describe("levels within a base that is held in memory", () => {
  const values = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 60 });

  test("are those of SQL, and the unknown has none", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...MEASURES), values, async (measure, some) => {
        await load(of(measure, some));
        const five = await column(scoreSql(measure, await quantileCuts(measure, 5)));
        const known = Float64Array.from(some);
        expect([...levelsOf(measure, known, { levels: 5, middle: "mean" })]).toEqual(five);
        const middle = some.reduce((sum, value) => sum + value, 0) / some.length;
        const two = await column(levelSql(measure, "0", { bins: 5, levels: 2, middle }));
        const withUnknown = levelsOf(measure, Float64Array.from([...some, NaN]), {
          levels: 2,
          middle: "mean",
        });
        expect([...withUnknown]).toEqual([...two, 0]);
      }),
      { numRuns: 30 },
    );
  });
});

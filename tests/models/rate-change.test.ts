import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDuckDB } from "../../src/engines/duckdb.js";
import type { Engine } from "../../src/engines/engine.js";
import { logGamma } from "../../src/math/gamma.js";
import { normalCdf } from "../../src/math/normal.js";
import { rateChangeZ, rateChangeZSql, twoSidedP } from "../../src/models/rate-change.js";
import { readFunctions } from "../../src/relation.js";
import { collect, numbers, tableOf } from "../../src/table.js";

const LEVEL = 0.05;

const logFactorial = (n: number) => logGamma(n + 1);
const poisson = (count: number, mean: number) =>
  Math.exp(count * Math.log(mean) - mean - logFactorial(count));

/** P(X = a) when each of n orders falls into the recent period with the given probability. */
function binomial(a: number, n: number, share: number): number {
  const ways = logFactorial(n) - logFactorial(a) - logFactorial(n - a);
  return Math.exp(ways + a * Math.log(share) + (n - a) * Math.log(1 - share));
}

/** The exact conditional test of two Poisson rates (Przyborowski & Wilenski 1940): twice the smaller tail. */
function exactP(
  recentCount: number,
  earlierCount: number,
  days: { recent: number; earlier: number },
): number {
  const n = recentCount + earlierCount;
  const share = days.recent / (days.recent + days.earlier);
  const tail = (from: number, to: number) => {
    let sum = 0;
    for (let a = from; a <= to; a++) sum += binomial(a, n, share);
    return sum;
  };
  return Math.min(1, 2 * Math.min(tail(0, recentCount), tail(recentCount, n)));
}

const pOf = (recentCount: number, earlierCount: number, days: { recent: number; earlier: number }) =>
  twoSidedP(
    rateChangeZ({ recentCount, recentDays: days.recent, earlierCount, earlierDays: days.earlier, shape: 1 }),
  );

/** How often the test rejects though the rate is the same in both periods: exact, over all counts. */
function size(ordersADay: number, days: { recent: number; earlier: number }): number {
  const [recentMean, earlierMean] = [ordersADay * days.recent, ordersADay * days.earlier];
  const most = (mean: number) => Math.ceil(mean + 12 * Math.sqrt(mean) + 12);
  let rejected = 0;
  for (let recent = 0; recent <= most(recentMean); recent++) {
    for (let earlier = 0; earlier <= most(earlierMean); earlier++) {
      if (pOf(recent, earlier, days) < LEVEL)
        rejected += poisson(recent, recentMean) * poisson(earlier, earlierMean);
    }
  }
  return rejected;
}

const PERIODS = [
  { recent: 90, earlier: 90 },
  { recent: 90, earlier: 270 },
  { recent: 90, earlier: 1000 },
];

describe("rateChangeZ", () => {
  test("by hand: 10 orders in 90 days after 2 in 90 is 2 (√10.375 − √2.375) / √2 = 2.376", () => {
    const z = rateChangeZ({ recentCount: 10, recentDays: 90, earlierCount: 2, earlierDays: 90, shape: 1 });
    expect(z).toBeCloseTo(2.3758, 4);
  });

  test("by hand: none in 90 days after 12 in 360 is 2 (√0.375 − √(12.375 / 4)) / √1.25 = −2.051", () => {
    const z = rateChangeZ({ recentCount: 0, recentDays: 90, earlierCount: 12, earlierDays: 360, shape: 1 });
    expect(z).toBeCloseTo(-2.051, 3);
  });

  test("rises with the recent orders and falls with the earlier ones; equal rates of many orders give 0", () => {
    for (const { recent: recentDays, earlier: earlierDays } of PERIODS) {
      for (let count = 0; count < 40; count++) {
        const at = (recentCount: number, earlierCount: number) =>
          rateChangeZ({ recentCount, recentDays, earlierCount, earlierDays, shape: 1 });
        expect(at(count + 1, 20)).toBeGreaterThan(at(count, 20));
        expect(at(20, count + 1)).toBeLessThan(at(20, count));
      }
    }
    const equal = rateChangeZ({
      recentCount: 900,
      recentDays: 90,
      earlierCount: 900,
      earlierDays: 90,
      shape: 1,
    });
    expect(equal).toBe(0);
  });

  test("swapping two periods of equal length turns the sign and no more", () => {
    const [faster, slower] = [
      rateChangeZ({ recentCount: 9, recentDays: 90, earlierCount: 3, earlierDays: 90, shape: 1 }),
      rateChangeZ({ recentCount: 3, recentDays: 90, earlierCount: 9, earlierDays: 90, shape: 1 }),
    ];
    expect(faster).toBeCloseTo(-slower, 12);
  });

  test("regular orders vary less: gaps of shape k multiply z by √k", () => {
    const counts = { recentCount: 1, recentDays: 90, earlierCount: 9, earlierDays: 90 };
    const chance = rateChangeZ({ ...counts, shape: 1 });
    for (const shape of [2, 4, 12])
      expect(rateChangeZ({ ...counts, shape })).toBeCloseTo(Math.sqrt(shape) * chance, 12);
  });
});

describe("against the exact conditional binomial test", () => {
  test.each(PERIODS)("the size at 5 % is never above 6.5 %: $recent days after $earlier", (days) => {
    for (const ordersInRecent of [0.5, 1, 2, 3, 5, 8, 12, 20]) {
      expect(size(ordersInRecent / days.recent, days), `${ordersInRecent} orders`).toBeLessThan(0.065);
    }
  });

  test.each(PERIODS)(
    "and with eight orders or more in the recent period within 4–6 %: $recent days after $earlier",
    (days) => {
      for (const ordersInRecent of [8, 12, 20]) {
        const found = size(ordersInRecent / days.recent, days);
        expect(Math.abs(found - LEVEL), `${ordersInRecent} orders`).toBeLessThan(0.01);
      }
    },
  );

  test.each(PERIODS)("decides as the exact test in 95 of 100 cases: $recent days after $earlier", (days) => {
    let [agreed, cases] = [0, 0];
    for (let recent = 0; recent <= 40; recent++) {
      for (let earlier = 2; earlier <= 40; earlier++) {
        cases += 1;
        if (pOf(recent, earlier, days) < LEVEL === exactP(recent, earlier, days) < LEVEL) agreed += 1;
      }
    }
    expect(agreed / cases).toBeGreaterThan(0.95);
  });

  test("what the exact test is sure of at 1 %, it sees at 5 %; what the exact test finds above 20 %, it leaves", () => {
    for (const days of PERIODS) {
      for (let recent = 0; recent <= 40; recent++) {
        for (let earlier = 2; earlier <= 40; earlier++) {
          const exact = exactP(recent, earlier, days);
          const p = pOf(recent, earlier, days);
          if (exact < 0.01) expect(p, `${recent} after ${earlier}`).toBeLessThan(LEVEL);
          if (exact > 0.2) expect(p, `${recent} after ${earlier}`).toBeGreaterThan(LEVEL);
        }
      }
    }
  });
});

describe("the SQL equals the TypeScript", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openDuckDB({ path: ":memory:", functions: readFunctions("duckdb") });
  });
  afterAll(() => engine.close());

  test("rateChangeZSql, over counts and days", async () => {
    const cases = [0, 1, 2, 5, 30].flatMap((recent) =>
      [0, 1, 4, 25, 300].flatMap((earlier) => [90, 91, 365, 1000].map((days) => ({ recent, earlier, days }))),
    );
    await engine.write("features.counts", [
      tableOf({
        recent: Float64Array.from(cases, (row) => row.recent),
        earlier: Float64Array.from(cases, (row) => row.earlier),
        days: Float64Array.from(cases, (row) => row.days),
      }),
    ]);
    for (const shape of [1, 2, 12]) {
      const sql = rateChangeZSql({
        recentCount: "to_integer(recent)",
        recentDays: "90",
        earlierCount: "to_integer(earlier)",
        earlierDays: "to_integer(days)",
        shape,
      });
      const z = numbers(await collect(engine.read(`select ${sql} as z from features.counts`)), "z");
      cases.forEach(({ recent, earlier, days }, row) => {
        const counts = { recentCount: recent, recentDays: 90, earlierCount: earlier, earlierDays: days };
        expect(z[row]).toBeCloseTo(rateChangeZ({ ...counts, shape }), 9);
      });
    }
  });

  test("normal_cdf, from −8 to 8", async () => {
    const zs = Float64Array.from({ length: 1601 }, (_, i) => -8 + i / 100);
    await engine.write("features.deviates", [tableOf({ z: zs })]);
    const p = numbers(await collect(engine.read("select normal_cdf(z) as p from features.deviates")), "p");
    zs.forEach((z, row) => expect(Math.abs(p[row]! - normalCdf(z))).toBeLessThan(1e-14));
  });
});

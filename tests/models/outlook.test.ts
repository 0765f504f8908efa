import { describe, expect, test } from "vitest";
import { modelForecast, type Forecast } from "../../src/models/forecast.js";
import { mbgCnbdK, mbgNbd } from "../../src/models/mbg-cnbd.js";
import { outlookOf, type OutlookSettings } from "../../src/models/outlook.js";
import type { PurchaseHistory } from "../../src/models/purchases.js";
import { seeded } from "../../src/random.js";
import { grouped } from "./cdnow.js";
import { drawOrders, gamma, seenUntil, type BuyerBase } from "./simulated-buyers.js";

const SETTINGS: OutlookSettings = {
  horizon: 52,
  unitsPerYear: 52,
  discountRate: 0,
  orderVariation: 0.25,
  meanVariation: (repeatCount) => 1 / (4 * repeatCount + 3),
};
const SOMEBODY: PurchaseHistory = { repeatCount: 4, lastAge: 30, age: 40 };

const steady = (orders: number, alive: number, rateShape = 1e6): Forecast => ({
  name: "steady",
  aliveProbability: () => alive,
  expectedCount: (_, horizon) => (orders * horizon) / 52,
  rateShape: () => rateShape,
  aliveSql: () => undefined,
});

describe("outlookOf", () => {
  test("of a sure rate of 4 is Poisson: 5 % lie below 1, 95 % at most at 8 (Abramowitz & Stegun, table 26.7)", () => {
    const outlook = outlookOf(steady(4, 1), SOMEBODY, SETTINGS);
    expect(outlook.lowCount).toBe(1);
    expect(outlook.highCount).toBe(8);
  });

  test("of one who is more likely gone than not has nothing at its low end", () => {
    const outlook = outlookOf(steady(4, 0.4), SOMEBODY, SETTINGS);
    expect([outlook.lowCount, outlook.lowMoney]).toEqual([0, 0]);
    expect(outlook.highCount).toBeGreaterThan(8);
  });

  test("discounts each quarter of the horizon at its middle", () => {
    const { discountedCount } = outlookOf(steady(4, 1), SOMEBODY, { ...SETTINGS, discountRate: 0.1 });
    const quarters = [0.125, 0.375, 0.625, 0.875].map((years) => 1.1 ** -years);
    expect(discountedCount).toBeCloseTo(
      quarters.reduce((sum, x) => sum + x, 0),
      12,
    );
  });

  test("of a sure rate waits ln 2 of the mean gap for the next order", () => {
    expect(outlookOf(steady(4, 1), SOMEBODY, SETTINGS).nextOrderAfter).toBeCloseTo(13 * Math.LN2, 3);
  });

  test("of nothing expected is nothing, without a NaN", () => {
    for (const alive of [0, 0.5, NaN]) {
      const { lowCount, highCount, lowMoney, highMoney, discountedCount } = outlookOf(
        steady(0, alive),
        SOMEBODY,
        SETTINGS,
      );
      expect([lowCount, highCount, lowMoney, highMoney, discountedCount]).toEqual([0, 0, 0, 0, 0]);
    }
  });

  test("of ten thousand orders stays finite and in order", () => {
    const { lowCount, highCount, lowMoney, highMoney } = outlookOf(steady(1e4, 0.99, 50), SOMEBODY, SETTINGS);
    expect(lowCount).toBeGreaterThan(7000);
    expect(highCount).toBeLessThan(13_000);
    expect(lowMoney).toBeGreaterThan(0);
    expect(highMoney).toBeGreaterThan(lowMoney);
  });
});

/** Amounts as the gamma-gamma model has them: Gamma(p, ν) with ν ~ Gamma(q, γ); the mean of all is 1. */
const [P, Q] = [4, 5];
const GAMMA = (Q - 1) / P;

interface Coverage {
  readonly count: number;
  readonly money: number;
}

/** How many of simulated customers stay inside their intervals in the year after. */
function coverage(base: BuyerBase, seed: number): Coverage {
  const random = seeded(seed);
  const [age, horizon, customers] = [78, 52, 4000];
  const drawn = Array.from({ length: customers }, () => {
    const orders = drawOrders(random, base, age + horizon);
    const scale = GAMMA / gamma(random, Q);
    const amount = () => gamma(random, P) * scale;
    const seen = seenUntil(orders, age);
    const known = Array.from({ length: seen.repeatCount }, amount).reduce((sum, x) => sum + x, 0);
    const later = orders.length - seen.repeatCount;
    const came = Array.from({ length: later }, amount).reduce((sum, x) => sum + x, 0);
    const expected = (P * (GAMMA + known)) / (P * seen.repeatCount + Q - 1);
    return { seen, later, came, expected };
  });
  const { histories } = grouped(drawn.map(({ seen }) => seen));
  const process = base.shape === 1 ? mbgNbd : mbgCnbdK;
  const forecast = modelForecast(process, process.fit(histories));
  const settings: OutlookSettings = {
    ...SETTINGS,
    horizon,
    orderVariation: 1 / P,
    meanVariation: (repeatCount) => 1 / (P * repeatCount + Q - 2),
  };
  let [count, money] = [0, 0];
  for (const { seen, later, came, expected } of drawn) {
    const outlook = outlookOf(forecast, seen, settings);
    if (later >= outlook.lowCount && later <= outlook.highCount) count += 1;
    if (came >= outlook.lowMoney * expected && came <= outlook.highMoney * expected) money += 1;
  }
  return { count: count / customers, money: money / customers };
}

describe("the 90 % intervals hold at least 87 % and at most 98 % of simulated customers", () => {
  const BASES: readonly (readonly [string, BuyerBase])[] = [
    ["MBG/NBD", { shape: 1, r: 0.8, alpha: 6, a: 0.8, b: 2.5, mayLeaveAtOnce: true }],
    ["MBG/CNBD-2, hardly anybody leaving", { shape: 2, r: 2, alpha: 8, a: 0.3, b: 6, mayLeaveAtOnce: true }],
  ];
  test.each(BASES)("%s", (_, base) => {
    const { count, money } = coverage(base, 5);
    expect(count).toBeGreaterThan(0.87);
    expect(count).toBeLessThan(0.985);
    expect(money).toBeGreaterThan(0.87);
    expect(money).toBeLessThan(0.985);
  });
});

import { describe, expect, test } from "vitest";
import { purchaseSequences, type PurchaseSequence } from "../../src/models/purchase-sequences.js";
import { seeded } from "../../src/random.js";

type Row = readonly [customer: number, day: number, item: number];

const sequencesOf = (
  rows: readonly Row[],
  settings: { withinDays: number; lastDay: number; minCount: number },
) =>
  purchaseSequences(
    {
      customers: rows.map(([customer]) => customer),
      days: rows.map(([, day]) => day),
      items: rows.map(([, , item]) => item),
    },
    settings,
  );
const named = ({ first, second }: PurchaseSequence) => `${first} > ${second}`;

describe("by hand", () => {
  // 0 is followed by 1 after 3, 5 and 9 days; the fourth time nothing follows; the fifth has no whole window.
  const rows: Row[] = [
    [0, 0, 0],
    [0, 3, 1],
    [0, 100, 2],
    [1, 0, 0],
    [1, 5, 1],
    [1, 7, 1],
    [1, 100, 2],
    [2, 0, 0],
    [2, 9, 1],
    [2, 100, 2],
    [3, 0, 0],
    [3, 11, 1],
    [3, 100, 2],
    [4, 150, 0],
    [4, 151, 1],
  ];

  test("counts, base rate, lift and delays", () => {
    const { sequences, startCount } = sequencesOf(rows, { withinDays: 10, lastDay: 155, minCount: 2 });
    expect(startCount).toBe(13);
    const [only, ...others] = sequences;
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      first: 0,
      second: 1,
      startCount: 4,
      count: 3,
      confidence: 0.75,
      delayMedian: 5,
    });
    // 1 follows three of the 0s, and once another 1.
    expect(only!.baseRate).toBeCloseTo(4 / 13, 12);
    expect([only!.delayLow, only!.delayHigh]).toEqual([4, 7]);
  });

  test("the same day is no after, and rows may come in any order and twice", () => {
    const doubled = [...rows, ...rows].toReversed();
    expect(sequencesOf(doubled, { withinDays: 10, lastDay: 155, minCount: 2 })).toEqual(
      sequencesOf(rows, { withinDays: 10, lastDay: 155, minCount: 2 }),
    );
    // 2 was bought on four days: a line that is split makes it no commoner.
    const rarer = { withinDays: 10, lastDay: 155, minCount: 5 };
    expect(sequencesOf(rows, rarer).testCount).toBe(2);
    expect(sequencesOf(doubled, rarer)).toEqual(sequencesOf(rows, rarer));
    const together: Row[] = [0, 1, 2, 3].flatMap((customer): Row[] => [
      [customer, 0, 0],
      [customer, 0, 1],
    ]);
    expect(sequencesOf(together, { withinDays: 10, lastDay: 100, minCount: 1 }).sequences).toEqual([]);
  });
});

/** Customers who buy at their own pace, items by popularity; after the first of the planted the second in a share of the cases. */
function simulated(seed: number, share: number): Row[] {
  const random = seeded(seed);
  const rows: Row[] = [];
  for (let customer = 0; customer < 400; customer++) {
    const gap = 5 + Math.floor(60 * random());
    for (let day = Math.floor(gap * random()); day < 1000; day += 1 + Math.floor(2 * gap * random())) {
      const item = Math.floor(30 * random() ** 2);
      rows.push([customer, day, item]);
      if (item === 25 && random() < share) rows.push([customer, day + 5 + Math.floor(30 * random()), 29]);
    }
  }
  return rows.filter(([, day]) => day < 1000);
}

describe("a firm that was made up", () => {
  const settings = { withinDays: 60, lastDay: 1000, minCount: 10 };

  test("a planted sequence is found with its strength and delay, and no other", () => {
    const { sequences } = sequencesOf(simulated(2, 0.6), settings);
    const significant = sequences.filter(({ isSignificant }) => isSignificant);
    expect(significant.map(named)).toEqual(["25 > 29"]);
    expect(Math.abs(significant[0]!.confidence - 0.6)).toBeLessThan(0.1);
    expect(Math.abs(significant[0]!.delayMedian - 20)).toBeLessThan(4);
    expect(significant[0]!.lift).toBeGreaterThan(2);
  });

  test("popular items and busy customers alone yield none", () => {
    for (const seed of [1, 3]) {
      const { sequences } = sequencesOf(simulated(seed, 0), settings);
      expect(sequences.length).toBeGreaterThan(100);
      expect(sequences.filter(({ isSignificant }) => isSignificant)).toEqual([]);
    }
  });
});

test("of more than two thousand items the commonest are compared, and it is told how many are not", () => {
  const rows = Array.from({ length: 2100 }, (_, item) =>
    Array.from({ length: item < 100 ? 1 : 2 }, (_, time): Row => [item, 30 * time, item]),
  ).flat();
  const settings = { withinDays: 10, lastDay: 100, minCount: 1 };
  const { leftOutCount, testCount } = sequencesOf(rows, settings);
  expect(leftOutCount).toBe(100);
  expect(testCount).toBe(2000 * 1999);
  expect(sequencesOf(rows, { ...settings, minCount: 2 }).leftOutCount).toBe(0);
});

test("customers of a thousand days, of which few are followed, are held to just those", () => {
  // Each of 200 customers buys the first once in a thousand days, and the second follows once, never the first of them
  // but for the first six customers: a share of 1 in 1,000 each, so 0.2 expected and 6 seen.
  const rows = Array.from({ length: 200 }, (_, customer): Row[] => [
    ...Array.from({ length: 998 }, (_, day): Row => [customer, 10 * day, 2]),
    [customer, 5000, 0],
    [customer, (customer < 6 ? 5000 : 7000) + 5, 1],
  ]).flat();
  const { sequences } = sequencesOf(rows, { withinDays: 5, lastDay: 20000, minCount: 5 });
  const found = sequences.find(({ first, second }) => first === 0 && second === 1)!;
  const share = 1 / 999;
  let upper = 0;
  let term = 1;
  for (let hits = 0; hits <= 30; hits++) {
    if (hits > 0) term *= (201 - hits) / hits;
    if (hits >= 6) upper += term * share ** hits * (1 - share) ** (200 - hits);
  }
  expect(found.count).toBe(6);
  expect(Math.abs(found.pValue / upper - 1)).toBeLessThan(0.1);
});

test("where a customer's every day is followed, being followed says nothing", () => {
  const rows = Array.from({ length: 40 }, (_, customer): Row[] => [
    ...Array.from({ length: 10 }, (_, day): Row => [customer, day, 1]),
    ...(customer < 20 ? [[customer, 3, 0] as const] : []),
    [customer + 100, 0, 3],
  ]).flat();
  const settings = { withinDays: 1, lastDay: 8, minCount: 5 };
  const sequence = sequencesOf(rows, settings).sequences.find(({ first }) => first === 0)!;
  expect([sequence.count, sequence.pValue]).toEqual([20, 1]);
});

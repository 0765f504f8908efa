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

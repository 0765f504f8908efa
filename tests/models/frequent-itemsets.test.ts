import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  commonerItemsets,
  frequentItemsets,
  itemsetStretches,
  itemsOf,
  placeOfSet,
} from "../../src/models/frequent-itemsets.js";
import { itemsetBytes } from "../../src/models/itemset-store.js";
import { seeded } from "../../src/random.js";
import { arulesJobs, basketsFrom, groceries, HAS_GROCERIES, mlxtendJobs } from "./basket-cases.js";
import { fractionOf, leastCount } from "../../src/models/whole-thresholds.js";

const ITEMS = 7;
const basketLists = fc.array(fc.array(fc.integer({ min: 0, max: ITEMS - 1 }), { maxLength: 9 }), {
  maxLength: 14,
});

/** Sets and their counts as text, in no order. */
function found(lists: readonly (readonly number[])[], minCount: number, maxLength?: number) {
  const sets = frequentItemsets(basketsFrom(lists, ITEMS), {
    minCount,
    ...(maxLength === undefined ? {} : { maxLength }),
  });
  return new Map(
    Array.from({ length: sets.size }, (_, place) => [
      itemsOf(sets, place).sort().join(" "),
      sets.counts[place]!,
    ]),
  );
}

/** Every set of items, counted one by one. */
function bruteForce(lists: readonly (readonly number[])[], minCount: number, maxLength = Infinity) {
  const counts = new Map<string, number>();
  for (let chosen = 1; chosen < 2 ** ITEMS; chosen++) {
    const items = Array.from({ length: ITEMS }, (_, item) => item).filter((item) => chosen & (1 << item));
    const count = lists.filter((list) => items.every((item) => list.includes(item))).length;
    if (count >= minCount && items.length <= maxLength) counts.set(items.join(" "), count);
  }
  return counts;
}

describe("frequent itemsets", () => {
  test("are those of a brute-force count", () => {
    fc.assert(
      fc.property(
        basketLists,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 8 }),
        (lists, minCount, most) => {
          expect(found(lists, minCount, most)).toEqual(bruteForce(lists, minCount, most));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("do not depend on the order of baskets and of items in them", () => {
    fc.assert(
      fc.property(basketLists, fc.integer(), (lists, seed) => {
        const random = seeded(seed);
        const mix = <T>(values: readonly T[]) =>
          values
            .map((value) => ({ value, key: random() }))
            .sort((a, b) => a.key - b.key)
            .map(({ value }) => value);
        expect(found(mix(lists.map(mix)), 2)).toEqual(found(lists, 2));
      }),
      { numRuns: 50 },
    );
  });

  test("are counted no lower when a basket comes to them", () => {
    fc.assert(
      fc.property(basketLists, fc.array(fc.integer({ min: 0, max: ITEMS - 1 })), (lists, one) => {
        const more = found([...lists, one], 1);
        for (const [set, count] of found(lists, 1)) expect(more.get(set)).toBeGreaterThanOrEqual(count);
      }),
      { numRuns: 50 },
    );
  });

  test("stand behind all their subsets, and are found by their items", () => {
    const sets = frequentItemsets(
      basketsFrom([
        [0, 1, 2, 3],
        [0, 1, 2, 3],
        [1, 2, 3, 4],
        [0, 2, 4],
      ]),
      { minCount: 2 },
    );
    for (let place = 0; place < sets.size; place++) {
      const items = itemsOf(sets, place);
      expect(placeOfSet(sets, items.toReversed())).toBe(place);
      for (const item of items.length > 1 ? items : [])
        expect(
          placeOfSet(
            sets,
            items.filter((other) => other !== item),
          ),
        ).toBeLessThan(place);
    }
    expect(placeOfSet(sets, [0, 1, 4])).toBe(-1);
  });

  test("of a budget too small are all those of the count that is given back, and no lower one was near", () => {
    const random = seeded(5);
    const wide = Array.from({ length: 60 }, (_, basket) =>
      Array.from({ length: 20 }, (__, item) => item + (basket % 8)).filter(() => random() < 0.8),
    );
    const baskets = basketsFrom(wide);
    for (const budgetBytes of [5_000, 20_000, 100_000, 1_000_000]) {
      const sets = frequentItemsets(baskets, { minCount: 3, budgetBytes });
      expect(sets.minCount).toBeGreaterThan(3);
      expect(sets).toEqual(frequentItemsets(baskets, { minCount: sets.minCount }));
      const bytesOf = ({ lengths }: typeof sets) =>
        lengths.reduce((sum, length) => sum + itemsetBytes(length), 0);
      expect(bytesOf(sets)).toBeLessThanOrEqual(budgetBytes);
      const lower = frequentItemsets(baskets, { minCount: sets.minCount - 1 });
      expect(bytesOf(lower)).toBeGreaterThan(0.75 * budgetBytes);
    }
  });

  test("that all lie in the same baskets are cut short rather than lost, when they do not fit", () => {
    const same = Array.from({ length: 9 }, () => Array.from({ length: 30 }, (_, item) => item));
    const sets = frequentItemsets(basketsFrom(same), { minCount: 2, budgetBytes: 2 ** 20 });
    expect([sets.minCount, sets.maxLength]).toEqual([2, 3]);
    expect(sets.size).toBe(30 + 435 + 4060);
    expect(sets).toEqual(frequentItemsets(basketsFrom(same), { minCount: 2, maxLength: 3 }));
  });

  test("of many baskets are those of a count one by one, from few items that most hold to many that few do", () => {
    for (const [itemCount, share] of [
      [8, 0.9],
      [12, 0.6],
      [40, 0.1],
    ] as const) {
      const random = seeded(itemCount);
      const items = Array.from({ length: itemCount }, (_, item) => item);
      const lists = Array.from({ length: 1000 }, () => items.filter(() => random() < share));
      const sets = frequentItemsets(basketsFrom(lists, itemCount), { minCount: 12, maxLength: 4 });
      const expected = new Map<string, number>();
      const count = (set: readonly number[], holding: readonly number[][]): void => {
        if (set.length > 0) expected.set(set.join(" "), holding.length);
        for (let item = (set.at(-1) ?? -1) + 1; item < itemCount && set.length < 4; item++) {
          const fewer = holding.filter((list) => list.includes(item));
          if (fewer.length >= 12) count([...set, item], fewer);
        }
      };
      count([], lists);
      const found = Array.from(sets.counts, (own, place) => {
        const set = itemsOf(sets, place).sort((a, b) => a - b);
        return [set.join(" "), own] as const;
      });
      expect(new Map(found)).toEqual(expected);
      expect(found.length).toBe(expected.size);
    }
  });

  test("are found in stretches with pauses, the same as without", () => {
    const random = seeded(6);
    const lists = Array.from({ length: 100 }, () =>
      Array.from({ length: 15 }, (_, item) => item).filter(() => random() < 0.8),
    );
    const stretches = itemsetStretches(basketsFrom(lists), { minCount: 20, stretchLooks: 1000 });
    let [pauses, step] = [0, stretches.next()];
    for (; step.done !== true; step = stretches.next()) pauses += 1;
    expect(pauses).toBeGreaterThan(10);
    expect(step.value).toEqual(frequentItemsets(basketsFrom(lists), { minCount: 20 }));
  });

  test("of a higher count are those found that lie in so many baskets, as if looked for anew", () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 6 })), { maxLength: 30 }), (lists) => {
        const baskets = basketsFrom(lists, 7);
        const found = commonerItemsets(frequentItemsets(baskets, { minCount: 1 }), 3);
        expect(found).toEqual(frequentItemsets(baskets, { minCount: 3 }));
      }),
    );
  });

  test("need a whole count from 1", () => {
    for (const minCount of [0, -1, 1.5, NaN])
      expect(() => frequentItemsets(basketsFrom([[0]]), { minCount })).toThrow(/whole number from 1/);
  });

  test("of no baskets and of empty ones there are none", () => {
    expect(frequentItemsets(basketsFrom([]), { minCount: 1 }).size).toBe(0);
    expect(frequentItemsets(basketsFrom([[], []]), { minCount: 1 }).size).toBe(0);
  });
});

describe.skipIf(!HAS_GROCERIES)("Groceries (reference/baskets; skipped where it is not at hand)", () => {
  const minCountOf = (support: number) => leastCount(fractionOf(support), 9835);
  const sizesOf = (lengths: Int32Array) => {
    const sizes: Record<string, number> = {};
    for (const length of lengths) sizes[length] = (sizes[length] ?? 0) + 1;
    return sizes;
  };

  test("itemsets by size and their counts are those of arules 1.7-10 and mlxtend 0.25 at every support", () => {
    const baskets = basketsFrom(groceries().lists);
    for (const job of arulesJobs()) {
      const sets = frequentItemsets(baskets, {
        minCount: minCountOf(job.support),
        ...(job.maxlen === "none" ? {} : { maxLength: job.maxlen }),
      });
      expect([sets.minCount, sets.size]).toEqual([job.min_count, job.n_itemsets]);
      expect(sizesOf(sets.lengths)).toEqual(job.by_size);
      expect(sets.counts.reduce((sum, count) => sum + count, 0)).toBe(job.sum_counts);
    }
    for (const job of mlxtendJobs()) {
      const maxLength = job.max_len === null ? {} : { maxLength: job.max_len };
      const sets = frequentItemsets(baskets, { minCount: minCountOf(job.support), ...maxLength });
      expect(sizesOf(sets.lengths)).toEqual(job.by_size);
    }
  });
});

import { describe, expect, test } from "vitest";
import { associationRules } from "../../src/models/association-rules.js";
import { fitBasketChance } from "../../src/models/basket-chance.js";
import { frequentItemsets } from "../../src/models/frequent-itemsets.js";
import { fractionOf } from "../../src/models/whole-thresholds.js";
import { seeded, type Random } from "../../src/random.js";
import { basketsFrom, swapped } from "./basket-cases.js";

/** Baskets of all sizes, of items between rare and in every second one. */
function popular(itemCount: number, basketCount: number, random: Random): number[][] {
  const shares = Array.from({ length: itemCount }, () => 0.05 + 0.45 * random());
  const lists = Array.from({ length: basketCount }, () => {
    const busy = Math.exp(4 * random() - 2);
    return shares.flatMap((share, item) => {
      const odds = (busy * share) / (1 - share);
      return random() < odds / (1 + odds) ? [item] : [];
    });
  });
  return lists.filter((list) => list.length > 0);
}

/** All sets of so many of the items. */
function subsets(items: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, place) =>
    subsets(items.slice(place + 1), size - 1).map((others) => [item, ...others]),
  );
}

const ITEMS = [0, 1, 2, 3, 4, 5];
const LISTS = popular(ITEMS.length, 400, seeded(3));

describe("the chance model", () => {
  const chance = fitBasketChance(basketsFrom(LISTS));
  /** The chance of a basket of one item is its weight among those of all. */
  const weights = ITEMS.map((item) => chance.beside([])(item, Int32Array.of(1))[0]!);
  const likelihood = (set: readonly number[]) => set.reduce((product, item) => product * weights[item]!, 1);
  const sum = (sets: readonly number[][]) => sets.reduce((total, set) => total + likelihood(set), 0);

  test.each([[[]], [[0]], [[2, 4]], [[1, 3, 5]]])(
    "beside %j the chance of each item is that of a count of all sets of a size",
    (given: readonly number[]) => {
      const sizes = Int32Array.of(1, 2, 3, 4, 5, 6);
      const beside = chance.beside(given);
      for (const item of ITEMS.filter((other) => !given.includes(other))) {
        const others = ITEMS.filter((other) => !given.includes(other));
        const expected = Array.from(sizes, (size) => {
          if (size <= given.length) return 0;
          const sets = subsets(others, size - given.length);
          return sum(sets.filter((set) => set.includes(item))) / sum(sets);
        });
        beside(item, sizes).forEach((share, at) => expect(share).toBeCloseTo(expected[at]!, 12));
      }
    },
  );

  test("keeps the sizes of baskets exactly, and how common items are", () => {
    const sizes = Int32Array.from(new Set(LISTS.map(({ length }) => length))).sort();
    const beside = chance.beside([]);
    const chances = ITEMS.map((item) => beside(item, sizes));
    sizes.forEach((size, at) =>
      expect(chances.reduce((total, own) => total + own[at]!, 0)).toBeCloseTo(size, 12),
    );
    for (const item of ITEMS) {
      const expected = LISTS.reduce((total, { length }) => total + chances[item]![sizes.indexOf(length)]!, 0);
      expect(expected / LISTS.filter((list) => list.includes(item)).length).toBeCloseTo(1, 5);
    }
  });

  test("in a basket of two of two items each is sure to lie beside the other", () => {
    const two = fitBasketChance(basketsFrom([[0, 1], [0], [1], [0, 1], [0]]));
    expect(two.beside([0])(1, Int32Array.of(1, 2))).toEqual(Float64Array.of(0, 1));
  });

  test("of sixty items of very different weights the chances of a large basket still add up, and rise with its size", () => {
    const random = seeded(8);
    const shares = Array.from({ length: 60 }, (_, item) => 0.9 * 0.85 ** item + 0.002);
    const lists = Array.from({ length: 4000 }, () => {
      const busy = 10 ** (3 * random() - 1);
      return shares.flatMap((share, item) => (random() < (busy * share) / (1 + busy * share) ? [item] : []));
    });
    const wide = fitBasketChance(basketsFrom(lists, 60));
    const sizes = Int32Array.from({ length: 60 }, (_, size) => size + 1);
    for (const given of [[], [0], [0, 1, 2, 30]]) {
      const beside = wide.beside(given);
      const others = Array.from(shares.keys()).filter((item) => !given.includes(item));
      const chances = others.map((item) => beside(item, sizes));
      sizes.forEach((size, at) => {
        const left = Math.max(0, size - given.length);
        expect(chances.reduce((total, own) => total + own[at]!, 0)).toBeCloseTo(left, 6);
      });
      for (const own of chances)
        own.forEach((share, at) => expect(share).toBeGreaterThanOrEqual((own[at - 1] ?? 0) - 1e-9));
    }
  });

  test("of many items two that dominate are told nearly as exactly as of few", () => {
    const random = seeded(9);
    const lists = Array.from({ length: 6000 }, () => {
      const rare = Array.from({ length: 1 + Math.floor(2 * random()) }, () => 2 + Math.floor(98 * random()));
      return [...(random() < 0.6 ? [0] : []), ...(random() < 0.5 ? [1] : []), ...rare];
    });
    const folded = lists.map((list) => list.map((item) => (item < 2 ? item : 2 + (item % 50))));
    const sizes = Int32Array.of(2, 3);
    const [many, few] = [lists, folded].map((each) =>
      fitBasketChance(basketsFrom(each)).beside([0])(1, sizes),
    );
    many!.forEach((share, at) => expect(Math.abs(share - few![at]!)).toBeLessThan(0.05));
  });

  test.each([4, 6, 8])(
    "of %i popular items in 20,000 baskets, shuffled, at most one in twenty rules survive",
    (itemCount) => {
      let [survivors, count] = [0, 0];
      for (const seed of [1, 2, 3, 4, 5]) {
        const random = seeded(seed);
        const baskets = basketsFrom(swapped(popular(itemCount, 20_000, random), random));
        const found = frequentItemsets(baskets, { minCount: 20, maxLength: 3 });
        const { rules } = associationRules(baskets, found, { minConfidence: fractionOf(0.1) });
        count += rules.length;
        survivors += rules.filter(({ isSignificant }) => isSignificant).length;
      }
      expect(count).toBeGreaterThan(5 * itemCount);
      expect(survivors).toBeLessThanOrEqual(2);
    },
  );
});

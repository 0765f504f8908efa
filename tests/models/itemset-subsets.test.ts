import fc from "fast-check";
import { expect, test } from "vitest";
import { frequentItemsets, itemsOf, placeOfSet } from "../../src/models/frequent-itemsets.js";
import { confidencesOf, subsetsOf } from "../../src/models/itemset-subsets.js";
import { basketsFrom } from "./basket-cases.js";

test("of milk in 4 baskets, with tea in 3, with tea and rum in 2: from both to rum 2 of 3, better from rum alone to tea", () => {
  const [milk, tea, rum] = [0, 1, 2];
  const found = frequentItemsets(
    basketsFrom([[milk, tea, rum], [milk, tea, rum], [milk, tea], [milk], [rum], [tea]]),
    { minCount: 1 },
  );
  const subsets = subsetsOf(found);
  const { own, general } = confidencesOf(found, subsets);
  const place = placeOfSet(found, [milk, tea, rum]);
  const at = (item: number) => subsets.offsets[place]! + itemsOf(found, place).indexOf(item);
  expect(own[at(rum)]).toBe(2 / 3);
  expect(general[at(rum)]).toBe(2 / 4);
  expect(own[at(tea)]).toBe(2 / 2);
  expect(general[at(tea)]).toBe(3 / 4);
});

test("each set without one of its items stands where it is looked for, and no rule of fewer items is better than the best", () => {
  const lists = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 25 });
  fc.assert(
    fc.property(lists, (own) => {
      const found = frequentItemsets(basketsFrom(own, 6), { minCount: 1 });
      const subsets = subsetsOf(found);
      const { general } = confidencesOf(found, subsets);
      const countOf = (items: readonly number[]) =>
        own.filter((list) => items.every((item) => list.includes(item))).length;
      for (let place = 0; place < found.size; place++) {
        const items = itemsOf(found, place);
        if (items.length < 2) continue;
        items.forEach((right, at) => {
          const left = items.filter((item) => item !== right);
          const offset = subsets.offsets[place]! + at;
          expect(subsets.places[offset]).toBe(placeOfSet(found, left));
          const fewer = Array.from({ length: 2 ** left.length - 2 }, (_, chosen) =>
            left.filter((__, bit) => (chosen + 1) & (1 << bit)),
          );
          const best = fewer.map((some) => countOf([...some, right]) / countOf(some));
          expect(general[offset]).toBe(Math.max(0, ...best));
        });
      }
    }),
    { numRuns: 50 },
  );
});

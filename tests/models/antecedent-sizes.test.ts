import fc from "fast-check";
import { expect, test } from "vitest";
import { inOneGo } from "../../src/models/stretches.js";
import { antecedentSizes } from "../../src/models/antecedent-sizes.js";
import { frequentItemsets, itemsOf, placeOfSet } from "../../src/models/frequent-itemsets.js";
import { basketsFrom } from "./basket-cases.js";

test("of baskets with milk, one holds one item and two hold three; those with milk and tea hold three", () => {
  const [milk, tea, rum] = [0, 1, 2];
  const baskets = basketsFrom([[milk], [milk, tea, rum], [milk, tea, rum], [tea, rum]]);
  const found = frequentItemsets(baskets, { minCount: 1 });
  const places = [[milk], [tea, milk]].map((items) => placeOfSet(found, items));
  const [one, two] = places.map((place) => inOneGo(antecedentSizes(baskets, found, places)).of(place));
  expect([[...one!.from], [...one!.counts]]).toEqual([
    [1, 3],
    [1, 2],
  ]);
  expect([[...two!.from], [...two!.counts]]).toEqual([[3], [2]]);
});

test("of any sets asked for, the sizes are those of a look at each basket", () => {
  const lists = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 6 })), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 3 }), (own, step) => {
      const baskets = basketsFrom(own, 7);
      const found = frequentItemsets(baskets, { minCount: 1 });
      const places = Array.from({ length: found.size }, (_, place) => place).filter(
        (place) => place % step === 0,
      );
      const sizes = inOneGo(antecedentSizes(baskets, found, places));
      for (const place of places) {
        const items = itemsOf(found, place);
        const counts = new Map<number, number>();
        for (const list of own)
          if (items.every((item) => list.includes(item)))
            counts.set(list.length, (counts.get(list.length) ?? 0) + 1);
        const { from, counts: held } = sizes.of(place);
        expect(Array.from(from, (size, at) => [size, held[at]])).toEqual(
          [...counts].sort(([a], [b]) => a - b),
        );
      }
    }),
    { numRuns: 50 },
  );
});

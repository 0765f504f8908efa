import fc from "fast-check";
import { expect, test } from "vitest";
import {
  emptyRooms,
  projectedCompanions,
  rankedBaskets,
  type Companions,
  type Projection,
} from "../../src/models/basket-projection.js";
import { basketsFrom } from "./basket-cases.js";

const listsIn = ({ basketCount, starts, items }: Projection) =>
  Array.from({ length: basketCount }, (_, basket) => [...items.subarray(starts[basket], starts[basket + 1])]);

test("baskets keep the frequent items by rank, and those of one alone fall away", () => {
  const baskets = basketsFrom([[0, 2, 3], [1, 3], [0], [], [1, 2, 0]], 4);
  const ranked = rankedBaskets(baskets, Int32Array.of(2, -1, 0, 1), 3);
  expect(ranked.itemCount).toBe(3);
  expect(listsIn(ranked)).toEqual([
    [0, 1, 2],
    [0, 2],
  ]);
});

const numbersBelow = (companions: Companions, item: number): number[] => {
  const into = new Int32Array(companions.itemCount).fill(-7);
  companions.countBelow(item, into);
  return [...into.subarray(0, item)];
};

const IN_ORDER = Int32Array.from({ length: 20 }, (_, rank) => rank);

const companionsOf = (lists: readonly (readonly number[])[], itemCount: number, rooms = emptyRooms()) =>
  projectedCompanions(rankedBaskets(basketsFrom(lists, itemCount), IN_ORDER, itemCount), rooms);

test("of three baskets with c, two hold a and one b; those with c and b hold a once", () => {
  const companions = companionsOf([[0, 2], [0, 1, 2], [2], [0, 1]], 3);
  expect(numbersBelow(companions, 2)).toEqual([2, 1]);
  expect(numbersBelow(companions.cutDown(2, Int32Array.of(0, 1)), 1)).toEqual([1]);
});

/** From few items that most baskets hold to many that few do, so that sets are counted in both ways. */
const cases = fc.integer({ min: 2, max: 14 }).chain((itemCount) =>
  fc.record({
    itemCount: fc.constant(itemCount),
    lists: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: itemCount - 1 })), { maxLength: 40 }),
    chosenBits: fc.array(fc.boolean(), { minLength: itemCount, maxLength: itemCount }),
  }),
);

interface Counted {
  readonly companions: Companions;
  readonly lists: readonly (readonly number[])[];
  /** What the items are called in the lists. */
  readonly names: readonly number[];
}

/** For each item and each beside it, and so on into their baskets, what is counted and what one by one is. */
function* comparedCounts(
  { companions, lists, names }: Counted,
  chosenOf: (item: number) => readonly number[],
): Generator<readonly [readonly number[], readonly number[]]> {
  for (let item = 0; item < companions.itemCount; item++) {
    const held = lists.filter((list) => list.includes(names[item]!));
    yield [
      numbersBelow(companions, item),
      names.slice(0, item).map((name) => held.filter((list) => list.includes(name)).length),
    ];
    const chosen = chosenOf(item);
    if (chosen.length < 2) continue;
    const cut = companions.cutDown(item, Int32Array.from(chosen));
    yield* comparedCounts(
      { companions: cut, lists: held, names: chosen.map((each) => names[each]!) },
      (each) => Array.from({ length: each }, (_, at) => at),
    );
  }
}

test("of any baskets, the numbers of the baskets of an item that hold commoner ones are those of a count one by one", () => {
  fc.assert(
    fc.property(cases, ({ itemCount, lists, chosenBits }) => {
      const chosenOf = (item: number) =>
        Array.from({ length: Math.min(item, 6) }, (_, at) => at).filter((at) => chosenBits[at]);
      const companions = companionsOf(lists, itemCount);
      const names = Array.from({ length: itemCount }, (_, item) => item);
      for (const [found, expected] of comparedCounts({ companions, lists, names }, chosenOf))
        expect(found).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("how many items it was looked at is all that lie below one in its baskets", () => {
  const companions = companionsOf(
    [
      [0, 1, 2],
      [0, 2],
      [1, 2, 3],
      [2, 3],
    ],
    4,
  );
  expect([0, 1, 2, 3].map((item) => companions.countBelow(item, new Int32Array(4)))).toEqual([0, 1, 4, 3]);
});

test("rooms that were used for larger baskets give the same as new ones", () => {
  fc.assert(
    fc.property(cases, cases, (large, small) => {
      const rooms = emptyRooms();
      for (const each of [large, small]) {
        const companions = companionsOf(each.lists, each.itemCount, rooms);
        const fresh = companionsOf(each.lists, each.itemCount);
        for (let item = 0; item < each.itemCount; item++)
          expect(numbersBelow(companions, item)).toEqual(numbersBelow(fresh, item));
      }
    }),
    { numRuns: 60 },
  );
});

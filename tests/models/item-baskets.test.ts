import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  basketsByItem,
  basketSizes,
  basketsOf,
  holdersOf,
  itemCounts,
  withoutEmpty,
  withoutHuge,
} from "../../src/models/item-baskets.js";
import { seeded } from "../../src/random.js";
import { basketsFrom, listsOf } from "./basket-cases.js";

const lists = fc.array(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }), { maxLength: 12 });
const once = (list: readonly number[]) => [...new Set(list)].sort((a, b) => a - b);

describe("baskets of rows", () => {
  test("hold each item once, ascending, wherever its rows stand; rows with a negative number are none", () => {
    const rows = { baskets: [2, 0, 2, -1, 0, 2], items: [1, 3, 0, 1, -1, 1] };
    const baskets = basketsOf(rows, { basketCount: 3, itemCount: 4 });
    expect(listsOf(baskets)).toEqual([[3], [], [0, 1]]);
    expect([...itemCounts(baskets)]).toEqual([1, 1, 0, 1]);
    expect([...basketSizes(baskets)]).toEqual([1, 0, 2]);
    expect(listsOf(withoutEmpty(baskets))).toEqual([[3], [0, 1]]);
  });

  test("are the lists they were made of where they are many, wherever their rows stand", () => {
    const random = seeded(5);
    const own = Array.from({ length: 20_000 }, () =>
      Array.from({ length: Math.floor(4 * random()) }, () => Math.floor(300 * random())),
    );
    const rows = own
      .flatMap((list, basket) => list.map((item) => [random(), basket, item] as const))
      .sort(([a], [b]) => a - b);
    const numbered = { baskets: rows.map(([, basket]) => basket), items: rows.map(([, , item]) => item) };
    const baskets = basketsOf(numbered, { basketCount: own.length, itemCount: 300 });
    expect(listsOf(baskets)).toEqual(own.map(once));
  });

  test("are the lists they were made of, long ones too", () => {
    fc.assert(
      fc.property(lists, (own) => {
        expect(listsOf(basketsFrom(own, 41))).toEqual(own.map(once));
      }),
    );
  });

  test("that hold all of some items are those of a look at each", () => {
    fc.assert(
      fc.property(lists, fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3 }), (own, items) => {
        const holding = own.flatMap((list, basket) =>
          items.length > 0 && items.every((item) => list.includes(item)) ? [basket] : [],
        );
        expect([...holdersOf(basketsByItem(basketsFrom(own, 41)), items)]).toEqual(holding);
      }),
    );
  });
});

describe("huge baskets", () => {
  const lists = [
    [0, 1],
    [0, 1, 2, 3, 4],
    [0, 2],
    [0, 1, 2, 3],
  ];

  test("are left out, the largest first", () => {
    const { baskets, huge } = withoutHuge(basketsFrom(lists), { mostItems: 3, isCut: false });
    expect(listsOf(baskets)).toEqual([
      [0, 1],
      [0, 2],
    ]);
    expect(huge).toEqual([1, 3]);
  });

  test("or cut down to their commonest items", () => {
    const { baskets } = withoutHuge(basketsFrom(lists), { mostItems: 3, isCut: true });
    expect(listsOf(baskets)).toEqual([
      [0, 1],
      [0, 1, 2],
      [0, 2],
      [0, 1, 2],
    ]);
  });
});

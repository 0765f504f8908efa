import fc from "fast-check";
import { expect, test } from "vitest";
import {
  itemsetBytes,
  openItemsetStore,
  type ItemsetColumns,
  type ItemsetStore,
} from "../../src/models/itemset-store.js";

const plainColumns = (store: ItemsetStore) =>
  Object.fromEntries(Object.entries(store.columns()).map(([name, column]) => [name, [...column]]));

const ALL = { minCount: 1, maxLength: Infinity };

/** Three items in 5, 4 and 3 baskets, and of their sets all but that of the first two: 0, 1, 2, 20, 21. */
function storeOfThree(budgetBytes: number): ItemsetStore {
  const store = openItemsetStore(ALL, budgetBytes);
  [5, 4, 3].forEach((count, item) => store.add(-1, item, count));
  store.add(2, 0, 2);
  store.add(2, 1, 1);
  return store;
}

test("sets stand in the order they came in, each with its parent and where longer ones stand", () => {
  const store = storeOfThree(1e6);
  expect(store.size).toBe(5);
  expect(plainColumns(store)).toEqual({
    parents: [-1, -1, -1, 2, 2],
    items: [0, 1, 2, 0, 1],
    counts: [5, 4, 3, 2, 1],
    lengths: [1, 1, 1, 2, 2],
    firstChildren: [0, 0, 3, 0, 0],
    childEnds: [0, 0, 5, 0, 0],
  });
});

test("five sets of 72 bytes each fill a budget of less than 360, and three stay in three quarters of it", () => {
  expect([1, 2, 3].map(itemsetBytes)).toEqual([72, 72, 92]);
  expect(storeOfThree(360).isFull()).toBe(false);
  const store = storeOfThree(359);
  expect(store.isFull()).toBe(true);
  const places = Int32Array.of(4, 3, -1, 0);
  store.fit([places]);
  expect(store.limits).toEqual({ minCount: 3, maxLength: Infinity });
  expect([...places]).toEqual([-1, -1, -1, 0]);
  expect(plainColumns(store)["items"]).toEqual([0, 1, 2]);
  expect(store.isFull()).toBe(false);
});

type Sets = ReadonlyMap<string, number>;

/** Items of each set, the rarest first, and its count. */
const setsOf = ({ parents, items, counts }: ItemsetColumns): Sets =>
  new Map(
    Array.from(items.keys(), (place) => {
      const path: number[] = [];
      for (let at = place; at >= 0; at = parents[at]!) path.unshift(items[at]!);
      return [path.join(" "), counts[place]!];
    }),
  );

const lengthOf = (set: string) => set.split(" ").length;

/** All sets of what lies in these baskets of items by bits, added as mining adds them. */
function addSets(store: ItemsetStore, baskets: readonly number[], itemCount: number): void {
  const extend = (parent: number, held: readonly number[], below: number) => {
    const longer = Array.from({ length: below }, (_, item) => ({
      item,
      holders: held.filter((basket) => basket & (1 << item)),
    })).filter(({ holders }) => holders.length > 0);
    const places = longer.map(({ item, holders }) => store.add(parent, item, holders.length));
    longer.forEach(({ item, holders }, at) => extend(places[at]!, holders, item));
  };
  extend(-1, baskets, itemCount);
}

const cases = fc.record({
  baskets: fc.array(fc.integer({ min: 1, max: 127 }), { minLength: 1, maxLength: 25 }),
  share: fc.double({ min: 0.05, max: 1, noNaN: true }),
});

test("cut to a budget, a store holds all sets of its limits and no others, under their new places", () => {
  fc.assert(
    fc.property(cases, ({ baskets, share }) => {
      const whole = openItemsetStore(ALL, Infinity);
      addSets(whole, baskets, 7);
      const all = setsOf(whole.columns());
      const bytesOf = (sets: Iterable<string>) =>
        [...sets].reduce((sum, set) => sum + itemsetBytes(lengthOf(set)), 0);
      const budget = Math.ceil(bytesOf(all.keys()) * share);
      const cut = openItemsetStore(ALL, budget);
      addSets(cut, baskets, 7);
      const places = Int32Array.from({ length: cut.size }, (_, place) => place);
      cut.fit([places]);
      const { minCount, maxLength } = cut.limits;
      const within = (least: number, most: number) =>
        new Map([...all].filter(([set, count]) => count >= least && lengthOf(set) <= most));
      const kept = setsOf(cut.columns());
      expect(kept).toEqual(within(minCount, maxLength));
      expect(bytesOf(kept.keys())).toBeLessThanOrEqual(0.75 * budget);
      const names = [...kept.keys()];
      [...all.keys()].forEach((set, place) =>
        expect(names[places[place]!]).toBe(kept.has(set) ? set : undefined),
      );
      if (maxLength === Infinity && minCount > 2)
        expect(bytesOf(within(minCount - 1, maxLength).keys())).toBeGreaterThan(0.75 * budget);
    }),
  );
});

test("sets that one parent has stand between its first child and where they end, before and after a cut", () => {
  fc.assert(
    fc.property(cases, ({ baskets, share }) => {
      const whole = openItemsetStore(ALL, Infinity);
      addSets(whole, baskets, 7);
      const store = openItemsetStore(ALL, whole.size * 100 * share);
      addSets(store, baskets, 7);
      for (const isCut of [false, true]) {
        if (isCut) store.fit([]);
        const { parents, firstChildren, childEnds } = store.columns();
        for (let place = 0; place < store.size; place++) {
          const children = [...parents.keys()].filter((at) => parents[at] === place);
          const stretch = Array.from(
            { length: childEnds[place]! - firstChildren[place]! },
            (_, at) => firstChildren[place]! + at,
          );
          expect(stretch).toEqual(children);
        }
      }
    }),
  );
});

test("sets of the same baskets, of which no pair would stay, get fewer items and keep their count", () => {
  const store = openItemsetStore(ALL, 1440);
  addSets(store, [31, 31, 31], 5);
  expect(store.size).toBe(31);
  store.fit([]);
  expect(store.limits).toEqual({ minCount: 1, maxLength: 2 });
  expect(store.size).toBe(5 + 10);
});

test("a store with room to spare is cut by nothing", () => {
  const store = openItemsetStore(ALL, 1e6);
  addSets(store, [31, 31, 31], 5);
  store.fit([]);
  expect([store.size, store.limits]).toEqual([31, ALL]);
});

test("columns grow beyond the room they begin with", () => {
  const store = openItemsetStore(ALL, Infinity);
  for (let item = 0; item < 5000; item++) store.add(-1, item, 5000 - item);
  const { items, counts } = store.columns();
  expect([items.length, items[4999], counts[4999], counts[0]]).toEqual([5000, 4999, 1, 5000]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { addSupersets, countedCompanions } from "../../src/models/subset-counts.js";

test("of baskets with a; a and b; a, b and c: three hold a, two b, two both, one each set with c", () => {
  const counts = new Int32Array(8);
  for (const basket of [0b001, 0b011, 0b111]) counts[basket]! += 1;
  addSupersets(counts);
  expect([...counts]).toEqual([3, 3, 2, 2, 1, 1, 1, 1]);
});

const sets = fc.array(fc.integer({ min: 0, max: 31 }), { maxLength: 30 });

function countsOf(baskets: readonly number[]): Int32Array {
  const counts = new Int32Array(32);
  for (const basket of baskets) counts[basket]! += 1;
  addSupersets(counts);
  return counts;
}

test("of any baskets, the number that hold a set is that of a count one by one", () => {
  fc.assert(
    fc.property(sets, (baskets) => {
      expect([...countsOf(baskets)]).toEqual(
        Array.from({ length: 32 }, (_, set) => baskets.filter((basket) => (basket & set) === set).length),
      );
    }),
  );
});

test("companions are counted below an item, and again in its baskets under the numbers of those chosen", () => {
  fc.assert(
    fc.property(sets, (baskets) => {
      const all = countedCompanions(countsOf(baskets), Int32Array.of(1, 2, 4, 8, 16));
      const holding = (...items: readonly number[]) =>
        baskets.filter((basket) => items.every((item) => basket & (1 << item))).length;
      const into = new Int32Array(5);
      all.countBelow(4, into);
      expect([...into.subarray(0, 4)]).toEqual([0, 1, 2, 3].map((other) => holding(4, other)));
      const cut = all.cutDown(4, Int32Array.of(0, 2, 3));
      expect(cut.itemCount).toBe(3);
      cut.countBelow(2, into);
      expect([...into.subarray(0, 2)]).toEqual([holding(4, 3, 0), holding(4, 3, 2)]);
    }),
  );
});

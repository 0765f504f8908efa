import { expect, test } from "vitest";
import { fisherUpperTail } from "../../src/math/fisher-exact.js";
import { normalUpperTail } from "../../src/math/normal.js";

test("three of four cups rightly told (Fisher 1935, the lady tasting tea): 17/70", () => {
  expect(fisherUpperTail(3, { total: 8, marked: 4, drawn: 4 })).toBeCloseTo(17 / 70, 12);
  expect(fisherUpperTail(4, { total: 8, marked: 4, drawn: 4 })).toBeCloseTo(1 / 70, 12);
});

test("convictions of twins (Fisher 1935), 10 of 12 against 3 of 18: 0.0004652, as R's fisher.test gives it", () => {
  expect(fisherUpperTail(10, { total: 30, marked: 13, drawn: 12 })).toBeCloseTo(0.0004652, 7);
});

test("is the sum of all terms, whatever the count", () => {
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
  for (const [total, marked, drawn] of [
    [20, 7, 9],
    [20, 15, 12],
    [12, 12, 5],
  ] as const)
    for (let count = 0; count <= 13; count++) {
      let sum = 0;
      for (let hits = Math.max(count, marked + drawn - total); hits <= Math.min(marked, drawn); hits++)
        sum += (choose(marked, hits) * choose(total - marked, drawn - hits)) / choose(total, drawn);
      expect(fisherUpperTail(count, { total, marked, drawn })).toBeCloseTo(sum, 10);
    }
});

test("far out and of many it is small and not zero", () => {
  const p = fisherUpperTail(900, { total: 1_000_000, marked: 10_000, drawn: 20_000 });
  expect(p).toBeGreaterThan(0);
  expect(p).toBeLessThan(1e-200);
});

test.each([
  [0, 0.5],
  [1.959963984540054, 0.025],
  [4, 3.167124183311986e-5],
  [8, 6.220960574271785e-16],
  [20, 2.7536241186062337e-89],
])("the normal tail above %d (R: pnorm) within one part in ten thousand", (z, expected) => {
  expect(Math.abs(normalUpperTail(z) / expected - 1)).toBeLessThan(1e-4);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exactlySummable } from "../../src/math/exact-sums.js";
import { binFeatures, binFeaturesFinely, midpoint } from "../../src/models/feature-bins.js";
import type { Feature } from "../../src/models/training-set.js";

const numbers = (values: readonly number[]): Feature => ({
  kind: "number",
  name: "x",
  values: Float64Array.from(values),
});
const binsOf = (values: readonly number[], maxBins?: number, weights?: readonly number[]) =>
  binFeatures([numbers(values)], maxBins, weights && Float64Array.from(weights))[0]!;

const anyNumber = fc.double({ noNaN: false });
const manyNumbers = fc.array(fc.oneof(anyNumber, fc.integer({ min: -3, max: 3 })), { maxLength: 60 });

describe("numbers", () => {
  test("few distinct ones have a bin each, with midpoints between", () => {
    const { codes, cuts, binCount } = binsOf([3, 1, NaN, 2, 3]);
    expect([...codes]).toEqual([3, 1, 0, 2, 3]);
    expect([...cuts]).toEqual([1.5, 2.5]);
    expect(binCount).toBe(3);
  });

  test("many have bins of like weight, a heavy value its own", () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i < 400 ? 0 : i));
    const { codes, binCount } = binsOf(values, 10);
    const counts = new Map<number, number>();
    for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
    expect(binCount).toBe(10);
    expect(counts.get(1)).toBe(400);
    for (let bin = 2; bin <= 10; bin++) expect(Math.abs(counts.get(bin)! - 600 / 9)).toBeLessThan(2);
  });

  test("whatever they are: codes follow the cuts, cuts are finite and rising, bins at most as many as asked", () => {
    fc.assert(
      fc.property(manyNumbers, fc.integer({ min: 2, max: 12 }), (values, maxBins) => {
        const { codes, cuts, binCount } = binsOf(values, maxBins);
        expect(binCount).toBeLessThanOrEqual(maxBins);
        expect(cuts.every(Number.isFinite)).toBe(true);
        cuts.forEach((cut, i) => i > 0 && expect(cut).toBeGreaterThan(cuts[i - 1]!));
        values.forEach((value, row) => {
          const below = cuts.filter((cut) => cut < value).length;
          expect(codes[row]).toBe(Number.isNaN(value) ? 0 : below + 1);
        });
      }),
    );
  });

  test("the order of the rows changes no cut, and a weight is as good as so many rows", () => {
    fc.assert(
      fc.property(
        manyNumbers,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 60, maxLength: 60 }),
        (values, weights) => {
          const repeated = values.flatMap((value, row) => new Array<number>(weights[row]!).fill(value));
          expect(binsOf(values, 4, weights).cuts).toEqual(binsOf(repeated, 4).cuts);
          expect(binsOf(values.toReversed(), 4).cuts).toEqual(binsOf(values, 4).cuts);
        },
      ),
    );
  });

  test("a midpoint lies from the lower number up to but not the higher one", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (a, b) => {
          fc.pre(a < b);
          const middle = midpoint(a, b);
          expect(middle >= a && middle < b).toBe(true);
        },
      ),
    );
    expect(midpoint(5, Number.MAX_VALUE)).toBe(5);
    expect(midpoint(-Number.MAX_VALUE, 5)).toBe(0);
  });

  test("finely there are as many bins as values", () => {
    const values = Array.from({ length: 3000 }, (_, i) => i / 3);
    expect(binFeaturesFinely([numbers(values)])[0]!.binCount).toBe(3000);
  });

  test("a number of bins that no byte holds is refused", () => {
    for (const maxBins of [1, 256, 2.5]) expect(() => binFeatures([], maxBins)).toThrow(RangeError);
  });
});

describe("words", () => {
  const words = (codes: readonly number[], categories: readonly string[]): Feature => ({
    kind: "category",
    name: "w",
    codes: Int32Array.from(codes),
    categories,
  });

  test("have a bin each by name, those not found none", () => {
    const { codes, categoriesOf } = binFeatures([words([2, 0, -1, 2], ["b", "none", "a"])])[0]!;
    expect([...codes]).toEqual([1, 2, 0, 1]);
    expect(categoriesOf).toEqual([["a"], ["b"]]);
  });

  test("the rare ones share the last bin", () => {
    const { codes, categoriesOf } = binFeatures([words([0, 1, 1, 2, 3, 3, 3], ["a", "b", "c", "d"])], 3)[0]!;
    expect(categoriesOf).toEqual([["b"], ["d"], ["a", "c"]]);
    expect([...codes]).toEqual([3, 1, 1, 3, 2, 2, 2]);
  });
});

describe("exactly summable numbers", () => {
  test("have the same sum in every order, and are nearly what they were", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (values) => {
          const exact = exactlySummable(Float64Array.from(values));
          const sum = exact.reduce((total, value) => total + value, 0);
          expect(exact.toReversed().reduce((total, value) => total + value, 0)).toBe(sum);
          expect(exact.toSorted().reduce((total, value) => total + value, 0)).toBe(sum);
          const largest = Math.max(...values.map(Math.abs));
          values.forEach((value, i) =>
            expect(Math.abs(value - exact[i]!)).toBeLessThanOrEqual(largest * values.length * 2 ** -51),
          );
        },
      ),
    );
  });

  test("whole ones stay as they are", () => {
    expect([...exactlySummable(Float64Array.of(3, -7, 1e6, 0))]).toEqual([3, -7, 1e6, 0]);
    expect(() => exactlySummable(Float64Array.of(1, Infinity))).toThrow(RangeError);
  });
});

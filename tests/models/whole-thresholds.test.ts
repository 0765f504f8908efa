import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fractionOf, leastCount } from "../../src/models/whole-thresholds.js";

describe("thresholds", () => {
  test.each([
    ["0.01", 9835, 99],
    [0.1, 10, 1],
    ["0.07", 100, 7],
    [1e-3, 9835, 10],
    [".5", 3, 2],
    [1, 7, 7],
  ])("%s of %i is %i in whole counts", (share, total, least) => {
    expect(leastCount(fractionOf(share), total)).toBe(least);
  });

  test.each(["", "-0.1", "a", ".", "0,1"])("%j is no decimal", (text) => {
    expect(() => fractionOf(text)).toThrow(RangeError);
  });

  test("any share in ten-thousandths: so many reach it, one fewer does not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 1e9 }), (share, total) => {
        const least = BigInt(leastCount(fractionOf(share / 10_000), total));
        expect(least * 10_000n >= BigInt(share) * BigInt(total)).toBe(true);
        expect((least - 1n) * 10_000n < BigInt(share) * BigInt(total)).toBe(true);
      }),
    );
  });

  test("7 % of 100 is 7, where floating point makes 7.000000000000001", () => {
    expect(leastCount(fractionOf(0.07), 100)).toBe(7);
    expect(leastCount(fractionOf(0.57), 100)).toBe(57);
  });
});

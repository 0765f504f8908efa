import { describe, expect, test } from "vitest";
import { gammaCdf, gammaQuantile } from "../../src/math/incomplete-gamma.js";

describe("gammaCdf", () => {
  test.each([0.01, 0.5, 1, 3, 40])("shape 1 is the exponential distribution: 1 − e^−%d", (x) => {
    expect(gammaCdf(1, x)).toBeCloseTo(1 - Math.exp(-x), 13);
  });

  test.each([
    // chi-square: P(χ² ≤ q | v) = P(v/2, q/2)
    [1, 3.841458820694124, 0.95],
    [2, 5.991464547107979, 0.95],
    [10, 18.307038053275146, 0.95],
    [10, 3.940299136, 0.05],
    [100, 135.806723, 0.99],
  ])("chi-square with %d degrees, %d: %d (Abramowitz & Stegun, table 26.8)", (degrees, q, share) => {
    expect(gammaCdf(degrees / 2, q / 2)).toBeCloseTo(share, 8);
  });

  test("is 0 at 0 and 1 far out, for small and large shapes", () => {
    for (const shape of [1e-3, 0.2, 1, 50, 1e5]) {
      expect(gammaCdf(shape, 0)).toBe(0);
      expect(gammaCdf(shape, shape * 20 + 1000)).toBeCloseTo(1, 12);
    }
  });
});

describe("gammaQuantile", () => {
  test.each([1e-2, 0.1, 0.5, 1, 2.5, 30, 1000, 1e5])("of shape %d undoes gammaCdf", (shape) => {
    for (const share of [0.001, 0.05, 0.3, 0.5, 0.9, 0.95, 0.999]) {
      expect(gammaCdf(shape, gammaQuantile(shape, share))).toBeCloseTo(share, 9);
    }
  });

  test("of shape 1 is −ln(1 − p)", () => {
    expect(gammaQuantile(1, 0.95)).toBeCloseTo(-Math.log(0.05), 10);
    expect(gammaQuantile(1, 0)).toBe(0);
  });
});

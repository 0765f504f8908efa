import { describe, expect, test } from "vitest";
import { poissonTwoSided } from "../../src/math/poisson.js";

/** Count, and the 95 % limits of its mean. */
const LIMITS: readonly [count: number, low: number, high: number][] = [
  [1, 0.0253, 5.572],
  [5, 1.623, 11.668],
  [10, 4.795, 18.39],
  [20, 12.217, 30.888],
];

describe("poissonTwoSided", () => {
  test.each(LIMITS)("Garwood (1936): 5 %% at the limits of a count of %d", (count, low, high) => {
    for (const mean of [low, high]) expect(poissonTwoSided(count, mean)).toBeCloseTo(0.05, 3);
  });

  test("nothing counted of a mean m: twice e^-m; of no mean, sure", () => {
    expect(poissonTwoSided(0, 3)).toBeCloseTo(2 * Math.exp(-3), 12);
    expect(poissonTwoSided(0, 0)).toBe(1);
    expect(poissonTwoSided(1, 0)).toBe(0);
  });

  test("the mean itself is as likely as can be", () => {
    expect(poissonTwoSided(60, 60)).toBe(1);
  });
});

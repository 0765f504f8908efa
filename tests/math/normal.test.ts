import { describe, expect, test } from "vitest";
import { normalCdf } from "../../src/math/normal.js";

/** x and P(x), as printed to fifteen decimals. */
const TABLE_26_1: readonly [number, number][] = [
  [0, 0.5],
  [0.1, 0.539827837277029],
  [0.5, 0.691462461274013],
  [1, 0.841344746068543],
  [1.28, 0.899727432045558],
  [1.64, 0.949497416525896],
  [1.96, 0.97500210485178],
  [2, 0.977249868051821],
  [2.5, 0.993790334674224],
  [3, 0.99865010196837],
  [4, 0.999968328758167],
];

/** The bound that the formula's source gives. */
const BOUND = 7.5e-8;

describe("normalCdf", () => {
  test.each(TABLE_26_1)("Abramowitz & Stegun (1964), table 26.1: P(%d) = %d, within 7.5e-8", (z, p) => {
    expect(Math.abs(normalCdf(z) - p)).toBeLessThan(BOUND);
    expect(Math.abs(normalCdf(-z) - (1 - p))).toBeLessThan(BOUND);
  });

  test("the two-sided 5 % point is 1.959963985 (Abramowitz & Stegun, table 26.6)", () => {
    expect(Math.abs(2 * normalCdf(-1.959963985) - 0.05)).toBeLessThan(2 * BOUND);
  });

  test("agrees with Simpson's rule on the density everywhere between -6 and 6", () => {
    const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    const step = 0.01;
    let area = 0;
    for (let i = 0; i < 1200; i++) {
      const left = -6 + i * step;
      area += (step / 6) * (density(left) + 4 * density(left + step / 2) + density(left + step));
      expect(Math.abs(normalCdf(left + step) - area)).toBeLessThan(BOUND + 1e-9);
    }
  });

  test("never falls, and stays in [0, 1] far out", () => {
    let before = 0;
    for (let z = -40; z <= 40; z += 0.05) {
      const p = normalCdf(z);
      expect(p).toBeGreaterThanOrEqual(before - 1e-12);
      expect(p).toBeLessThanOrEqual(1);
      before = p;
    }
    expect([normalCdf(-Infinity), normalCdf(Infinity)]).toEqual([0, 1]);
  });
});

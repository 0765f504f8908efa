import { describe, expect, test } from "vitest";
import { digamma, logGamma } from "../../src/math/gamma.js";

/** x and Γ(x) as printed. */
const TABLE_6_1: readonly [number, number][] = [
  [1.1, 0.9513507699],
  [1.2, 0.9181687424],
  [1.25, 0.9064024771],
  [1.3, 0.8974706963],
  [1.4, 0.8872638175],
  [1.5, 0.8862269255],
  [1.6, 0.8935153493],
  [1.7, 0.9086387329],
  [1.75, 0.9190625268],
  [1.8, 0.931383771],
  [1.9, 0.9617658319],
  [2.0, 1],
];

const CONSTANTS: readonly [string, number, number][] = [
  ["6.1.8, Γ(1/2)", 1 / 2, 1.772453850905516],
  ["6.1.10, Γ(1/4)", 1 / 4, 3.6256099082],
  ["6.1.11, Γ(1/3)", 1 / 3, 2.6789385347],
  ["6.1.13, Γ(2/3)", 2 / 3, 1.3541179394],
  ["6.1.14, Γ(3/4)", 3 / 4, 1.2254167025],
];

/** How far two numbers are apart, relative to the larger where that is more than one. */
function distance(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
}

describe("logGamma against what is printed", () => {
  test.each(TABLE_6_1)("Abramowitz & Stegun (1964), table 6.1: Γ(%d) = %d", (x, gamma) => {
    expect(Math.abs(Math.exp(logGamma(x)) - gamma)).toBeLessThan(0.5e-10 + 1e-14);
  });

  test.each(CONSTANTS)("Abramowitz & Stegun (1964), %s", (_, x, gamma) => {
    expect(Math.abs(Math.exp(logGamma(x)) - gamma)).toBeLessThan(0.5e-10 + 1e-14);
  });

  test("Abramowitz & Stegun (1964), table 6.3: Γ(101) = 9.3326215444 × 10^157", () => {
    expect(logGamma(101)).toBeCloseTo(Math.log(9.3326215444) + 157 * Math.LN10, 9);
  });
});

describe("logGamma against exact values", () => {
  test("Γ(1/2) = √π", () => {
    expect(distance(logGamma(0.5), Math.log(Math.PI) / 2)).toBeLessThan(1e-13);
  });

  test("Γ(n + 1) = n! up to 170!, within the promised 1e-13", () => {
    let logFactorial = 0;
    for (let n = 1; n <= 170; n++) {
      logFactorial += Math.log(n);
      expect(distance(logGamma(n + 1), logFactorial), `${n}!`).toBeLessThan(1e-13);
    }
  });

  test("Γ(n + 1/2) = (2n)! √π / (4^n n!) (Abramowitz & Stegun 6.1.12)", () => {
    let expected = Math.log(Math.PI) / 2;
    for (let n = 1; n <= 100; n++) {
      expected += Math.log(n - 0.5);
      expect(distance(logGamma(n + 0.5), expected), `${n} + 1/2`).toBeLessThan(1e-13);
    }
  });

  test("is exact at 1 and 2, infinite at 0 and at infinity, not a number below 0", () => {
    for (const x of [1, 2]) expect(Math.abs(logGamma(x))).toBeLessThan(1e-14);
    expect(logGamma(0)).toBe(Infinity);
    expect(logGamma(Infinity)).toBe(Infinity);
    expect(logGamma(1e-300)).toBeCloseTo(300 * Math.LN10, 9);
    for (const x of [-0.5, NaN]) expect(logGamma(x)).toBeNaN();
  });

  test("the recurrence Γ(x + 1) = x Γ(x), from the smallest to the largest arguments the fits use", () => {
    for (const x of [1e-6, 1e-3, 0.1, 0.49, 0.5, 0.51, 0.99, 3.7, 42.42, 1096.6, 13_000.5]) {
      expect(distance(logGamma(x + 1), logGamma(x) + Math.log(x)), String(x)).toBeLessThan(2e-13);
    }
  });

  test("the duplication formula (Abramowitz & Stegun 6.1.18)", () => {
    for (const x of [0.2, 0.7, 1.3, 5.5, 77.7, 900]) {
      const doubled = logGamma(x) + logGamma(x + 0.5) + (2 * x - 1) * Math.LN2 - Math.log(Math.PI) / 2;
      expect(distance(logGamma(2 * x), doubled), String(x)).toBeLessThan(2e-13);
    }
  });
});

/** x and ψ(x) as printed. */
const TABLE_6_1_DIGAMMA: readonly [number, number][] = [
  [1, -0.5772156649],
  [1.05, -0.4978449913],
  [1.25, -0.2274535334],
  [1.5, 0.036489974],
  [1.75, 0.2474724535],
  [1.9, 0.3561841612],
  [2, 0.4227843351],
];

const EULER = 0.5772156649015329;

describe("digamma", () => {
  test.each(TABLE_6_1_DIGAMMA)("Abramowitz & Stegun (1964), table 6.1: ψ(%d) = %d", (x, psi) => {
    expect(Math.abs(digamma(x) - psi)).toBeLessThan(0.5e-10 + 1e-14);
  });

  test("ψ(1) = −γ and ψ(1/2) = −γ − 2 ln 2 (Abramowitz & Stegun 6.3.2, 6.3.3)", () => {
    expect(distance(digamma(1), -EULER)).toBeLessThan(1e-14);
    expect(distance(digamma(0.5), -EULER - 2 * Math.LN2)).toBeLessThan(1e-14);
  });

  test("ψ(1/3), ψ(1/4), ψ(2/3), ψ(3/4) by Gauss's theorem (DLMF 5.4.19)", () => {
    const [half, third] = [Math.PI / 2, Math.PI / (2 * Math.sqrt(3))];
    expect(distance(digamma(1 / 4), -EULER - half - 3 * Math.LN2)).toBeLessThan(1e-14);
    expect(distance(digamma(3 / 4), -EULER + half - 3 * Math.LN2)).toBeLessThan(1e-14);
    expect(distance(digamma(1 / 3), -EULER - third - 1.5 * Math.log(3))).toBeLessThan(1e-14);
    expect(distance(digamma(2 / 3), -EULER + third - 1.5 * Math.log(3))).toBeLessThan(1e-14);
  });

  test("ψ(n + 1) = 1 + 1/2 + … + 1/n − γ (Abramowitz & Stegun 6.3.2)", () => {
    let harmonic = 0;
    for (let n = 1; n <= 1000; n++) {
      harmonic += 1 / n;
      expect(distance(digamma(n + 1), harmonic - EULER), String(n)).toBeLessThan(1e-14);
    }
  });

  test("the duplication formula (Abramowitz & Stegun 6.3.8)", () => {
    for (const x of [1e-6, 0.2, 0.7, 1.3, 5.5, 9.99, 77.7, 900]) {
      const doubled = (digamma(x) + digamma(x + 0.5)) / 2 + Math.LN2;
      expect(distance(digamma(2 * x), doubled), String(x)).toBeLessThan(1e-14);
    }
  });

  test("is the slope of logGamma", () => {
    for (const x of [0.01, 0.3, 1.46, 3.7, 42.42, 1096.6]) {
      const width = 1e-5 * x;
      const slope = (logGamma(x + width) - logGamma(x - width)) / (2 * width);
      expect(distance(digamma(x), slope), String(x)).toBeLessThan(1e-6);
    }
  });

  test("is minus infinite at 0 and not a number below", () => {
    expect(digamma(0)).toBe(-Infinity);
    expect(digamma(Infinity)).toBe(Infinity);
    for (const x of [-0.5, NaN]) expect(digamma(x)).toBeNaN();
  });
});

import { describe, expect, test } from "vitest";
import { logGamma } from "../../src/math/gamma.js";
import { harmonicRising, logRising } from "../../src/math/rising-factorial.js";

const EULER = 0.577215664901532860606512;

describe("logRising", () => {
  test("(1)_n = n!: 20! = 2432902008176640000, ln 100! = 363.739375555563490 (OEIS A000142)", () => {
    expect(logRising(1, 0)).toBe(0);
    expect(logRising(1, 20)).toBeCloseTo(Math.log(2432902008176640000), 12);
    expect(logRising(1, 100)).toBeCloseTo(363.73937555556349, 11);
  });

  test("(½)_n = (2n)!/(4ⁿ n!)", () => {
    for (const n of [1, 15, 16, 17, 18, 100, 10_000]) {
      const exact = logRising(1, 2 * n) - n * Math.log(4) - logRising(1, n);
      expect(logRising(0.5, n) / exact).toBeCloseTo(1, 12);
    }
  });

  test("is the difference of two ln Γ, and the sum of two halves", () => {
    for (const x of [1e-6, 0.3, 2, 15.9, 16, 40, 900]) {
      for (const n of [1, 5, 16, 17, 33, 1000]) {
        expect(logRising(x, n)).toBeCloseTo(logGamma(x + n) - logGamma(x), 9);
        const half = Math.floor(n / 2);
        expect(logRising(x, n)).toBeCloseTo(logRising(x, half) + logRising(x + half, n - half), 10);
      }
    }
  });

  test("keeps its digits where ln Γ has lost them: (10¹²)_20 = 20 ln 10¹² + Σ ln(1 + i/10¹²)", () => {
    expect(logRising(1e12, 20) - 20 * Math.log(1e12)).toBeCloseTo(190e-12, 12);
  });
});

describe("harmonicRising", () => {
  test("H_100 = 5.187377517639621 and H_n − ln n → γ (OEIS A001008, A001620)", () => {
    expect(harmonicRising(1, 0)).toBe(0);
    expect(harmonicRising(1, 100)).toBeCloseTo(5.187377517639621, 13);
    expect(harmonicRising(1, 1e9) - Math.log(1e9) - 0.5e-9).toBeCloseTo(EULER, 13);
  });

  test("is its sum, term by term", () => {
    for (const x of [1e-6, 0.3, 2, 15.9, 16, 40, 1e6]) {
      for (const n of [1, 16, 17, 200]) {
        let sum = 0;
        for (let i = n - 1; i >= 0; i--) sum += 1 / (x + i);
        expect(harmonicRising(x, n) / sum).toBeCloseTo(1, 12);
      }
    }
  });

  test("is the slope of logRising", () => {
    for (const x of [0.4, 3, 17, 200])
      for (const n of [3, 16, 17, 500])
        expect((logRising(x * 1.00001, n) - logRising(x * 0.99999, n)) / (2e-5 * x)).toBeCloseTo(
          harmonicRising(x, n),
          6,
        );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digamma, logGamma } from "../../src/math/gamma.js";
import { hypergeometric, logHypergeometric, type GaussParameters } from "./hypergeometric.js";

/** How far two numbers are apart, relatively. */
const distance = (actual: number, expected: number) => Math.abs(actual / expected - 1);
const close = (actual: number, expected: number) => expect(distance(actual, expected)).toBeLessThan(1e-10);
const at = (...[a, b, c, z]: [number, number, number, number]) => hypergeometric({ a, b, c }, z);

const ARGUMENTS = [0, 1e-9, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 0.99999, 1 - 1e-7, 1 - 1e-12];

describe("₂F₁ in elementary functions (DLMF 15.4)", () => {
  test.each(ARGUMENTS.slice(1))("at z = %d", (z) => {
    const root = Math.sqrt(z);
    close(at(1, 1, 2, z), -Math.log1p(-z) / z); // 15.4.1
    close(at(0.5, 1, 1.5, z), Math.log((1 + root) ** 2 / (1 - z)) / 2 / root); // 15.4.2
    close(at(0.5, 0.5, 1.5, z), Math.atan2(root, Math.sqrt(1 - z)) / root); // 15.4.4
    for (const a of [0.3, 1, 4.5, 40]) {
      close(at(a, a + 0.5, 2 * a + 1, z), (2 / (1 + Math.sqrt(1 - z))) ** (2 * a)); // 15.4.17
      close(at(a, a + 0.5, 2 * a, z), (2 / (1 + Math.sqrt(1 - z))) ** (2 * a - 1) / Math.sqrt(1 - z)); // 15.4.18
    }
  });
});

/** sin²α, K and E as printed; A&S tabulate K in 17.1 by m to ten digits and more. */
const TABLE_17_1: readonly [number, number, number][] = [
  [0, 1.570796326794897, 1.570796327],
  [0.1, 1.612441348720219, 1.530757637],
  [0.5, 1.854074677301372, 1.350643881],
  [0.9, 2.578092113348173, 1.104774733],
  [0.99, 3.69563736298967, 1.015993545],
];

describe("₂F₁ against complete elliptic integrals", () => {
  test.each(TABLE_17_1)("Abramowitz & Stegun (1964), table 17.1 and 17.3.9–10: m = %d", (m, k, e) => {
    expect(Math.abs((Math.PI / 2) * at(0.5, 0.5, 1, m) - k)).toBeLessThan(1e-13 * k);
    expect(Math.abs((Math.PI / 2) * at(-0.5, 0.5, 1, m) - e)).toBeLessThan(0.5e-9 + 1e-14);
  });
});

describe("₂F₁ near 1", () => {
  test("comes to Gauss's sum Γ(c) Γ(c−a−b) / (Γ(c−a) Γ(c−b)) (DLMF 15.4.20)", () => {
    for (const [a, b, c] of [
      [0.3, 1.2, 4],
      [2, 3, 9.5],
      [-0.7, 2.5, 3.1],
      [8, 0.2, 40],
    ] as const) {
      const sum = logGamma(c) + logGamma(c - a - b) - logGamma(c - a) - logGamma(c - b);
      expect(Math.abs(logHypergeometric({ a, b, c }, 1 - 1e-14) - sum)).toBeLessThan(1e-10);
    }
  });

  test("has the logarithm of DLMF 15.4.21 where c = a + b", () => {
    for (const [a, b] of [
      [0.5, 0.5],
      [2.3, 0.8],
      [5, 3],
    ] as const) {
      const near = 2 ** -40;
      const expected =
        Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b)) *
        (-Math.log(near) - digamma(a) - digamma(b) + 2 * digamma(1));
      close(at(a, b, a + b, 1 - near), expected);
    }
  });

  test("has the power of DLMF 15.4.23 where c < a + b", () => {
    const near = 2 ** -40;
    const expected = logGamma(3.5) + logGamma(3.2) - logGamma(4.2) - logGamma(2.5);
    const log = logHypergeometric({ a: 4.2, b: 2.5, c: 3.5 }, 1 - near) + 3.2 * Math.log(near);
    expect(Math.abs(log - expected)).toBeLessThan(1e-10);
  });
});

const parameter = (from: number, to: number) =>
  fc.double({ min: Math.log(from), max: Math.log(to), noNaN: true }).map(Math.exp);
const gauss = fc
  .record({
    a: parameter(0.01, 200),
    c: parameter(0.05, 300),
    share: fc.double({ min: 0.02, max: 0.98, noNaN: true }),
  })
  .map(({ a, c, share }): GaussParameters => ({ a, b: c * share, c }));
const inside = fc.oneof(
  fc.double({ min: 0, max: 0.95, noNaN: true }),
  fc.double({ min: 1, max: 25, noNaN: true }).map((power) => 1 - Math.exp(-power)),
);

describe("₂F₁ for any parameters", () => {
  test("is 1 at 0 and grows with z where a > 0", () => {
    fc.assert(
      fc.property(gauss, inside, inside, (parameters, first, second) => {
        expect(logHypergeometric(parameters, 0)).toBe(0);
        const [low, high] = [Math.min(first, second), Math.max(first, second)];
        const [before, after] = [logHypergeometric(parameters, low), logHypergeometric(parameters, high)];
        expect(before).toBeGreaterThanOrEqual(0);
        expect(after).toBeGreaterThanOrEqual(before - 1e-11 * (1 + after));
      }),
    );
  });

  test("keeps the contiguous relation (c−a) F(a−1) + (2a−c+(b−a)z) F(a) + a(z−1) F(a+1) = 0 (DLMF 15.5.11)", () => {
    fc.assert(
      fc.property(gauss, inside, ({ a, b, c }, z) => {
        const base = logHypergeometric({ a, b, c }, z);
        const ratio = (by: number) => Math.exp(logHypergeometric({ a: a + by, b, c }, z) - base);
        const terms = [(c - a) * ratio(-1), 2 * a - c + (b - a) * z, a * (z - 1) * ratio(1)];
        const size = Math.max(...terms.map(Math.abs));
        const rounding = 1e-10 + 1e-13 * Math.abs(base);
        expect(Math.abs(terms[0]! + terms[1]! + terms[2]!)).toBeLessThan(rounding * size);
      }),
      { numRuns: 500 },
    );
  });

  test("agrees with its series and with Euler's integral where both are short (DLMF 15.2.1)", () => {
    fc.assert(
      fc.property(gauss, fc.double({ min: 0, max: 0.6, noNaN: true }), ({ a, b, c }, z) => {
        let [term, sum] = [1, 1];
        for (let n = 0; n < 3000; n++) {
          term *= (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
          sum += term;
        }
        expect(distance(hypergeometric({ a, b, c }, z), sum)).toBeLessThan(1e-11);
      }),
    );
  });

  test("keeps the formulas for c ≤ b too, where z is not too near 1 (DLMF 15.4.6, 15.4.7)", () => {
    for (const z of [0.1, 0.5, 0.9, 0.99, 0.999]) {
      const root = Math.sqrt(z);
      for (const a of [0.3, 1, 4.5, 40]) {
        close(at(a, 1.7, 1.7, z), (1 - z) ** -a);
        close(at(a, a + 0.5, 0.5, z), ((1 + root) ** (-2 * a) + (1 - root) ** (-2 * a)) / 2);
      }
    }
  });

  test("ten thousand orders do not overflow: ₂F₁(a, b; b; z) = (1 − z)^−a", () => {
    for (const z of [0.1, 0.9, 0.999, 1 - 1e-9]) {
      const parameters = { a: 10_000, b: 10_003, c: 10_003 };
      expect(distance(logHypergeometric(parameters, z), -10_000 * Math.log1p(-z))).toBeLessThan(1e-12);
    }
    const value = logHypergeometric({ a: 10_000.2, b: 1.6, c: 10_001.2 }, 0.9999);
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(1.6 * -Math.log(1e-4));
  });

  test("is NaN where it is not defined, and never hangs", () => {
    for (const z of [-0.1, 1, 1.5, NaN]) expect(at(1, 1, 2, z)).toBeNaN();
    expect(at(1, 1, 0, 0.5)).toBeNaN();
    expect(at(NaN, 1, 2, 0.5)).toBeNaN();
  });
});

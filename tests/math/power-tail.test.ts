import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logHypergeometric } from "./hypergeometric.js";
import { emptyPowerTail, powerTail, type PowerProduct, type PowerTail } from "../../src/math/power-tail.js";

function tailOf(product: PowerProduct): PowerTail {
  const tail = emptyPowerTail();
  powerTail(product, tail);
  return tail;
}

/** ln of the integral itself. */
function logIntegral(product: PowerProduct): number {
  const { large, largePower, small, smallPower } = product;
  return tailOf(product).log - largePower * Math.log(large) - (smallPower - 1) * Math.log(small);
}

const magnitude = (from: number, to: number) =>
  fc.double({ min: Math.log(from), max: Math.log(to), noNaN: true }).map(Math.exp);
const products = fc
  .record({
    large: magnitude(1e-3, 1e3),
    ratio: fc.oneof(fc.double({ min: 0.01, max: 1, noNaN: true }), magnitude(1e-7, 1)),
    largePower: magnitude(0.01, 1000),
    smallPower: magnitude(0.01, 100),
  })
  .filter(({ largePower, smallPower }) => largePower + smallPower > 1.05)
  .map(({ large, ratio, ...powers }): PowerProduct => ({ large, small: large * ratio, ...powers }));

describe("the integral of two powers", () => {
  test("equals large^−p small^(1−q)/R ₂F₁(1, p; R + 1; z), R = p + q − 1, z = 1 − small/large", () => {
    fc.assert(
      fc.property(products, (product) => {
        const { large, largePower, small, smallPower } = product;
        const rate = largePower + smallPower - 1;
        const series = logHypergeometric({ a: 1, b: largePower, c: rate + 1 }, (large - small) / large);
        const { log } = tailOf(product);
        expect(Math.abs(log - series + Math.log(rate))).toBeLessThan(1e-9 + 1e-12 * Math.abs(log));
      }),
      { numRuns: 500 },
    );
  });

  test("is in closed form where the bases are equal, and where one power is 0 or 1", () => {
    expect(logIntegral({ large: 3, largePower: 1.5, small: 3, smallPower: 2 })).toBeCloseTo(
      Math.log(3 ** -2.5 / 2.5),
      13,
    );
    for (const small of [4.9, 1, 0.01, 1e-6]) {
      const difference = 5 - small;
      const product = { large: 5, largePower: 1, small, smallPower: 1 };
      expect(logIntegral(product)).toBeCloseTo(Math.log(Math.log(5 / small) / difference), 12);
      expect(logIntegral({ ...product, smallPower: 2 })).toBeCloseTo(
        Math.log(1 / small / difference - Math.log(5 / small) / difference ** 2),
        11,
      );
    }
  });

  test("its means are its logarithm's derivatives", () => {
    fc.assert(
      fc.property(products, (product) => {
        const tail = tailOf(product);
        const { large, small, largePower, smallPower } = product;
        const slope = (key: keyof PowerProduct) => {
          const width =
            1e-4 * Math.min(product[key], Math.max(1e-3 * product[key], Math.abs(large - small), 0.1));
          const [up, down] = [width, -width].map((by) =>
            logIntegral({ ...product, [key]: product[key] + by }),
          );
          return (up! - down!) / (2 * width);
        };
        const close = (actual: number, expected: number) =>
          expect(Math.abs(actual - expected)).toBeLessThan(2e-4 * Math.max(1e-3, Math.abs(expected)));
        if (largePower + smallPower > 1.1 && largePower < 100 && small < 0.99 * large) {
          close(tail.logLarge + Math.log(large), -slope("largePower"));
          close(tail.logSmall + Math.log(small), -slope("smallPower"));
          close(tail.inverseLarge * large, -slope("large") * large);
          close(tail.inverseSmall * small, -slope("small") * small);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("its slope by the lower end is the product there: Σ of both inverses = R / (small ₂F₁)", () => {
    fc.assert(
      fc.property(products, (product) => {
        const tail = tailOf(product);
        const end = Math.exp(-tail.log) / product.small;
        expect(Math.abs((tail.inverseLarge + tail.inverseSmall) / end - 1)).toBeLessThan(1e-10);
      }),
      { numRuns: 500 },
    );
  });

  test("shapes of a hundred thousand, bases a million apart: all finite", () => {
    for (const [largePower, smallPower] of [
      [1e5, 0.5],
      [0.5, 1e5],
      [1e5, 1e5],
      [1e-5, 1.0001],
    ] as const) {
      for (const small of [1e6, 1, 1e-6]) {
        const tail = tailOf({ large: 1e6, largePower, small, smallPower });
        for (const value of Object.values(tail)) expect(Number.isFinite(value)).toBe(true);
      }
    }
  });
});

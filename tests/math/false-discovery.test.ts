import fc from "fast-check";
import { expect, test } from "vitest";
import { falseDiscoveryRates } from "../../src/math/false-discovery.js";

/** Benjamini & Hochberg (1995), section 3.2: fifteen comparisons of two treatments of myocardial infarction. */
const PUBLISHED = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
  0.759, 1,
];

test("four of the fifteen hypotheses of Benjamini & Hochberg (1995) are rejected at 5 %", () => {
  const rates = falseDiscoveryRates(Float64Array.from(PUBLISHED));
  expect(rates.filter((rate) => rate <= 0.05)).toHaveLength(4);
  expect(rates[3]).toBeLessThan(0.05);
});

test("equal to scipy 1.17.1, stats.false_discovery_control", () => {
  const scipy = [
    0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714285714286, 0.06385714285714286, 0.0645,
    0.07650000000000001, 0.486, 0.5811818181818181, 0.7148749999999999, 0.7532307692307693,
    0.8132142857142857, 1,
  ];
  falseDiscoveryRates(Float64Array.from(PUBLISHED)).forEach((rate, i) =>
    expect(rate).toBeCloseTo(scipy[i]!, 14),
  );
});

test("what was not tested counts for nothing", () => {
  expect([...falseDiscoveryRates(Float64Array.of(0.01, NaN, 0.04))]).toEqual([0.02, NaN, 0.04]);
  expect([...falseDiscoveryRates(Float64Array.of(NaN))]).toEqual([NaN]);
});

test("never below the p-value, in its order, and the order of the tests does not matter", () => {
  const p = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(p, { minLength: 1, maxLength: 30 }), (pValues) => {
      const rates = falseDiscoveryRates(Float64Array.from(pValues));
      pValues.forEach((value, i) => {
        expect(rates[i]).toBeGreaterThanOrEqual(value);
        pValues.forEach((other, j) => other < value && expect(rates[j]).toBeLessThanOrEqual(rates[i]!));
      });
      const turned = falseDiscoveryRates(Float64Array.from(pValues.toReversed()));
      expect([...turned].toReversed()).toEqual([...rates]);
    }),
  );
});

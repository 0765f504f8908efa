import fc from "fast-check";
import { expect, test } from "vitest";
import { binomialSumTail } from "../../src/math/binomial-sum.js";

/** Trial by trial. */
function exactTail(hits: number, counts: readonly number[], probabilities: readonly number[]): number {
  let masses = [1];
  counts.forEach((count, at) => {
    for (let trial = 0; trial < count; trial++) {
      const p = probabilities[at]!;
      masses = Array.from(
        { length: masses.length + 1 },
        (_, n) => (masses[n] ?? 0) * (1 - p) + (masses[n - 1] ?? 0) * p,
      );
    }
  });
  return masses.slice(hits).reduce((sum, mass) => sum + mass, 0);
}

const tail = (hits: number, counts: readonly number[], probabilities: readonly number[]) =>
  binomialSumTail(hits, {
    counts: Float64Array.from(counts),
    probabilities: Float64Array.from(probabilities),
    size: counts.length,
  });

test("is within a tenth of the exact tail, near the mean and far out", () => {
  const group = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.double({ min: 0.005, max: 0.9, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 60 }),
      (groups, hits) => {
        const counts = groups.map(([count]) => count);
        const probabilities = groups.map(([, p]) => p);
        const mean = counts.reduce((sum, count, at) => sum + count * probabilities[at]!, 0);
        const most = counts.reduce((sum, count) => sum + count, 0);
        if (hits <= mean + 0.5 || hits > most) return;
        const exact = exactTail(hits, counts, probabilities);
        if (exact < 1e-250) return;
        expect(Math.abs(Math.log(tail(hits, counts, probabilities) / exact))).toBeLessThan(0.1);
      },
    ),
    { numRuns: 300 },
  );
});

test("no more than are expected is no evidence, and more than can be has no chance", () => {
  expect(tail(3, [10], [0.3])).toBe(1);
  expect(tail(11, [10], [0.3])).toBe(0);
  expect(tail(10, [10], [0.3])).toBeCloseTo(0.3 ** 10, 15);
  expect(Math.abs(tail(1, [10, 5], [0.001, 0]) / (1 - 0.999 ** 10) - 1)).toBeLessThan(0.1);
});

test("of a hundred thousand trials hardly more hits than expected are nearly even odds", () => {
  for (const above of [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1]) {
    const p = (50_000 - above) / 100_000;
    const groups = [0.5, 0.8, 1, 1.2, 1.5].map((share) => share * p);
    const likelihood = tail(50_000, Array<number>(5).fill(20_000), groups);
    expect(likelihood, String(above)).toBeGreaterThan(0.49);
    expect(likelihood, String(above)).toBeLessThan(0.51);
  }
});

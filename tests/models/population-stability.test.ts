import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { populationStability, populationStabilityIndex } from "../../src/models/population-stability.js";
import { seeded, type Random } from "../../src/random.js";

const counts = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 8 });
const twoOf = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 })), {
    minLength: 2,
    maxLength: 8,
  })
  .filter((pairs) => [0, 1].every((side) => pairs.some((pair) => pair[side]! > 0)))
  .map((pairs) => [pairs.map(([a]) => a), pairs.map(([, b]) => b)] as const);

/** `rowCount` rows thrown into bins with the given shares. */
function thrown(random: Random, rowCount: number, shares: readonly number[]): number[] {
  const bins = shares.map(() => 0);
  for (let row = 0; row < rowCount; row++) {
    let rest = random();
    const bin = shares.findIndex((share) => (rest -= share) < 0);
    bins[bin < 0 ? shares.length - 1 : bin]! += 1;
  }
  return bins;
}

describe("populationStabilityIndex", () => {
  test("by hand: 50 % : 50 % that becomes 75 % : 25 % is ¼ log 3 = .2747", () => {
    expect(populationStabilityIndex([50, 50], [300, 100], 0)).toBeCloseTo(Math.log(3) / 4, 14);
  });

  test("by hand: 40, 30 and 30 % that become 35, 25 and 40 %", () => {
    const expected = -0.05 * Math.log(0.875) - 0.05 * Math.log(25 / 30) + 0.1 * Math.log(4 / 3);
    expect(populationStabilityIndex([40, 30, 30], [35, 25, 40], 0)).toBeCloseTo(expected, 14);
  });

  test("0 only where nothing moved, the same both ways, and finite with empty bins", () => {
    fc.assert(
      fc.property(twoOf, ([before, now]) => {
        const index = populationStabilityIndex(before, now);
        expect(index).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(index)).toBe(true);
        expect(populationStabilityIndex(now, before)).toBeCloseTo(index, 12);
      }),
    );
    fc.assert(
      fc.property(
        counts.filter((bins) => bins.some((count) => count > 0)),
        (bins) => {
          expect(populationStabilityIndex(bins, bins)).toBe(0);
        },
      ),
    );
  });

  test("other bins, and no rows, are refused", () => {
    expect(() => populationStabilityIndex([1, 2], [1, 2, 3])).toThrow("2 bins cannot be compared with 3");
    expect(() => populationStabilityIndex([0, 0], [1, 2])).toThrow("without rows");
  });
});

describe("populationStability", () => {
  test("words as usual: below .1 stable, from .1 shifting, from .25 shifted", () => {
    const after = (moved: number) => populationStability([5000, 5000], [5000 + moved, 5000 - moved]).drift;
    expect([0, 1000, 2000, 3000].map(after)).toEqual(["stable", "stable", "shifting", "shifted"]);
  });

  test("ten bins of two samples of 100: chance reaches χ²₉(.95) · .02 = 16.919 · .02 (Yurdakul & Naranjo 2020)", () => {
    const bins = new Array<number>(10).fill(10);
    expect(populationStability(bins, bins).chanceLimit).toBeCloseTo(0.33838, 5);
  });

  test("without drift the limit is passed 2–8 times in 100, and nothing but those is called drift", () => {
    const random = seeded(12);
    const shares = [0.3, 0.2, 0.15, 0.15, 0.1, 0.1];
    const found = Array.from({ length: 1500 }, () =>
      populationStability(thrown(random, 200, shares), thrown(random, 200, shares)),
    );
    const passed = found.filter(({ index, chanceLimit }) => index > chanceLimit).length / found.length;
    expect(passed).toBeGreaterThan(0.02);
    expect(passed).toBeLessThan(0.08);
    expect(found.filter(({ drift }) => drift !== "stable").length / found.length).toBeLessThanOrEqual(passed);
  });

  test("few rows that chance may have moved are stable, though the index is large", () => {
    const { index, drift } = populationStability([4, 3, 3], [2, 3, 5]);
    expect(index).toBeGreaterThan(0.1);
    expect(drift).toBe("stable");
  });

  test("one bin cannot move", () => {
    expect(populationStability([7], [9])).toEqual({ index: 0, chanceLimit: 0, drift: "stable" });
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  areaUnderRoc,
  areaWithError,
  averagePrecision,
  precisionAt,
} from "../../src/models/ranking-quality.js";
import { seeded } from "../../src/random.js";
import { coverage, drawnRows, hasBoth, normalDraw, PEER_ROWS, reversed, rowsOf } from "./scored-rows.js";
import type { ScoredRows } from "./scored-rows.js";

/** Ratings 1–5 of 58 normal and 51 abnormal CT scans (Hanley & McNeil 1982, table I). */
const CT_SCANS = rowsOf(
  [
    [33, 6, 6, 11, 2],
    [3, 2, 2, 11, 33],
  ].flatMap((counts, outcome) =>
    counts.flatMap((count, rating) => Array.from({ length: count }, () => [rating + 1, outcome] as const)),
  ),
);

/** scikit-learn's documentation: four rows with scores .1 .4 .35 .8. */
const FOUR_ROWS = rowsOf([
  [0.1, 0],
  [0.4, 0],
  [0.35, 1],
  [0.8, 1],
]);

const kernel = (positive: number, negative: number) =>
  positive > negative ? 1 : positive === negative ? 0.5 : 0;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / Math.max(1, values.length - 1);

/** DeLong's area and variance as they are written down, pair by pair. */
function byPairs({ scores, outcomes }: ScoredRows) {
  const of = (outcome: number) => [...scores].filter((_, row) => outcomes[row] === outcome);
  const [negatives, positives] = [of(0), of(1)];
  const ofPositives = positives.map((x) => mean(negatives.map((y) => kernel(x, y))));
  const ofNegatives = negatives.map((y) => mean(positives.map((x) => kernel(x, y))));
  return {
    area: mean(ofPositives),
    variance: variance(ofPositives) / positives.length + variance(ofNegatives) / negatives.length,
  };
}

describe("areaUnderRoc", () => {
  test("CT scans of Hanley & McNeil (1982): .8932, and .83295 to .95339 by DeLong in Stata's manual, [R] roctab", () => {
    const { area, standardError } = areaWithError(CT_SCANS.scores, CT_SCANS.outcomes);
    expect(Math.abs(area - 0.8932)).toBeLessThan(5.1e-5);
    expect(Math.abs(area - 1.959963984540054 * standardError - 0.83295)).toBeLessThan(5.1e-6);
    expect(Math.abs(area + 1.959963984540054 * standardError - 0.95339)).toBeLessThan(5.1e-6);
  });

  test("scikit-learn: .75 in its documentation, .846269 on tied rows", () => {
    expect(areaUnderRoc(FOUR_ROWS.scores, FOUR_ROWS.outcomes).estimate).toBe(0.75);
    expect(areaUnderRoc(PEER_ROWS.scores, PEER_ROWS.outcomes).estimate).toBeCloseTo(0.8462691194708557, 14);
  });

  test("area and variance equal those of all pairs, counted one by one", () => {
    fc.assert(
      fc.property(drawnRows.filter(hasBoth), (rows) => {
        const pairs = byPairs(rows);
        const { area, standardError } = areaWithError(rows.scores, rows.outcomes);
        expect(area).toBeCloseTo(pairs.area, 12);
        expect(standardError).toBeCloseTo(Math.sqrt(pairs.variance), 10);
        const { estimate, low, high } = areaUnderRoc(rows.scores, rows.outcomes);
        expect(estimate).toBe(area);
        expect(0 <= low && low <= area && area <= high && high <= 1).toBe(true);
      }),
    );
  });

  test("a rising change of the scores changes nothing; turning them turns the area", () => {
    fc.assert(
      fc.property(drawnRows.filter(hasBoth), ({ scores, outcomes }) => {
        const found = areaUnderRoc(scores, outcomes);
        expect(
          areaUnderRoc(
            scores.map((score) => Math.exp(9 * score)),
            outcomes,
          ),
        ).toEqual(found);
        const turned = areaUnderRoc(
          scores.map((score) => -score),
          outcomes,
        );
        expect(turned.estimate).toBeCloseTo(1 - found.estimate, 12);
        expect(turned.low).toBeCloseTo(1 - found.high, 10);
      }),
    );
  });

  test("where all pairs agree the interval still has width, less with more rows", () => {
    const parted = (count: number) => {
      const pairs = Array.from({ length: 2 * count }, (_, i) => [i, i < count ? 0 : 1] as const);
      const { scores, outcomes } = rowsOf(pairs);
      return areaUnderRoc(scores, outcomes);
    };
    expect(parted(5)).toMatchObject({ estimate: 1, high: 1 });
    expect(parted(5).low).toBeLessThan(parted(50).low);
    expect(parted(5).low).toBeGreaterThan(0.4);
    expect(parted(500).low).toBeGreaterThan(0.99);
    const theta = parted(5).low;
    const [q1, q2] = [theta / (2 - theta), (2 * theta ** 2) / (1 + theta)];
    const hanleyMcNeil = (theta * (1 - theta) + 4 * (q1 - theta ** 2) + 4 * (q2 - theta ** 2)) / 25;
    expect((1 - theta) / Math.sqrt(hanleyMcNeil)).toBeCloseTo(1.959964, 5);
    expect(areaUnderRoc(Float64Array.of(1, 0), Uint8Array.of(0, 1))).toMatchObject({ estimate: 0, low: 0 });
  });

  test("with one outcome only there is no area; a score without a place is refused", () => {
    expect(areaUnderRoc(Float64Array.of(1, 2), Uint8Array.of(1, 1)).estimate).toBeNaN();
    expect(areaUnderRoc(new Float64Array(), new Uint8Array()).estimate).toBeNaN();
    expect(() => areaUnderRoc(Float64Array.of(1, NaN), Uint8Array.of(0, 1))).toThrow("a score is NaN");
    expect(() => areaUnderRoc(Float64Array.of(1), Uint8Array.of(0, 1))).toThrow("1 scores");
  });

  test("infinite scores have their place", () => {
    const { estimate } = areaUnderRoc(
      Float64Array.of(-Infinity, 0, Infinity, -Infinity),
      Uint8Array.of(0, 1, 1, 1),
    );
    expect(estimate).toBeCloseTo(2.5 / 3, 14);
  });

  test.each([
    [1, 0.7602499389065233],
    [2.2, 0.9401025],
  ])("for normal scores %d apart the interval holds Φ(d/√2) = %d, 93–97 times in 100", (apart, truth) => {
    const share = coverage(3000, truth, (random) => {
      const pairs = Array.from({ length: 120 }, (_, i) => {
        const outcome = i < 40 ? 1 : 0;
        return [normalDraw(random) + apart * outcome, outcome] as const;
      });
      const { scores, outcomes } = rowsOf(pairs);
      return areaUnderRoc(scores, outcomes);
    });
    expect(share).toBeGreaterThan(0.93);
    expect(share).toBeLessThan(0.97);
  });
});

describe("averagePrecision", () => {
  test("scikit-learn: .83 in its documentation, .786627 on tied rows", () => {
    expect(averagePrecision(FOUR_ROWS.scores, FOUR_ROWS.outcomes).estimate).toBeCloseTo(5 / 6, 14);
    expect(averagePrecision(PEER_ROWS.scores, PEER_ROWS.outcomes).estimate).toBeCloseTo(
      0.7866267284105168,
      14,
    );
  });

  test("equals the mean over positives of the precision at their score", () => {
    fc.assert(
      fc.property(drawnRows.filter(hasBoth), ({ scores, outcomes }) => {
        const atOrAbove = (score: number) => [...scores.keys()].filter((row) => scores[row]! >= score);
        const positives = [...scores.keys()].filter((row) => outcomes[row] === 1);
        const precisions = positives.map((row) => mean(atOrAbove(scores[row]!).map((i) => outcomes[i]!)));
        const { estimate, low, high } = averagePrecision(scores, outcomes);
        expect(estimate).toBeCloseTo(mean(precisions), 12);
        expect(0 <= low && low <= estimate && estimate <= high && high <= 1).toBe(true);
      }),
    );
  });

  test("the interval is 1 / (1 + exp(−(η ± 1.96 τ))), τ = 1 / √(n p (1 − p)) (Boyd et al. 2013)", () => {
    const { low, high } = averagePrecision(PEER_ROWS.scores, PEER_ROWS.outcomes);
    const p = 0.7866267284105168;
    const tau = 1 / Math.sqrt(82 * p * (1 - p));
    expect(Math.log(low / (1 - low))).toBeCloseTo(Math.log(p / (1 - p)) - 1.959964 * tau, 5);
    expect(Math.log(high / (1 - high))).toBeCloseTo(Math.log(p / (1 - p)) + 1.959964 * tau, 5);
  });

  test("a constant score has the base rate; a perfect order has 1, and an interval; none to find has none", () => {
    expect(averagePrecision(new Float64Array(4), Uint8Array.of(1, 0, 0, 0)).estimate).toBe(0.25);
    const perfect = averagePrecision(Float64Array.of(3, 2, 1), Uint8Array.of(1, 1, 0));
    expect(perfect).toMatchObject({ estimate: 1, high: 1 });
    expect(perfect.low).toBeCloseTo(2 / (2 + 1.959964 ** 2), 5);
    expect(averagePrecision(Float64Array.of(3, 2), Uint8Array.of(0, 0)).estimate).toBeNaN();
  });

  test("the interval holds the average precision of the whole population at least 93 times in 100", () => {
    const sample = (random: () => number, size: number) =>
      rowsOf(
        Array.from({ length: size }, () => {
          const outcome = random() < 0.25 ? 1 : 0;
          return [normalDraw(random) + 1.2 * outcome, outcome] as const;
        }),
      );
    const population = sample(seeded(1), 200_000);
    const truth = averagePrecision(population.scores, population.outcomes).estimate;
    const share = coverage(800, truth, (random) => {
      const { scores, outcomes } = sample(random, 400);
      return averagePrecision(scores, outcomes);
    });
    expect(share).toBeGreaterThan(0.93);
  });
});

describe("precisionAt", () => {
  test("counts the first rows; a tie at the end gives what chance would pick", () => {
    const { scores, outcomes } = rowsOf([
      [0.9, 1],
      [0.5, 1],
      [0.5, 0],
      [0.5, 0],
      [0.5, 1],
      [0.1, 0],
    ]);
    const at = (count: number) => precisionAt(scores, outcomes, count).estimate;
    expect([1, 3, 5, 6, 99].map(at)).toEqual([1, 2 / 3, 3 / 5, 1 / 2, 1 / 2]);
  });

  test("the interval is Wilson's: 15 of the first 148 are .0624 to .1605 (Newcombe 1998)", () => {
    const { scores, outcomes } = rowsOf(Array.from({ length: 300 }, (_, i) => [-i, i < 15 ? 1 : 0]));
    const { low, high } = precisionAt(scores, outcomes, 148);
    expect(Math.abs(low - 0.0624)).toBeLessThan(5.1e-5);
    expect(Math.abs(high - 0.1605)).toBeLessThan(5.1e-5);
  });

  test("equals the mean over all ways to break the ties", () => {
    fc.assert(
      fc.property(drawnRows, fc.integer({ min: 1, max: 40 }), ({ scores, outcomes }, count) => {
        const length = Math.min(count, scores.length);
        const ways = [1, -1].map((sign) => {
          const rows = [...scores.keys()].sort(
            (a, b) => scores[b]! - scores[a]! || sign * (outcomes[a]! - outcomes[b]!),
          );
          return mean(rows.slice(0, length).map((row) => outcomes[row]!));
        });
        const { estimate } = precisionAt(scores, outcomes, count);
        expect(estimate).toBeGreaterThanOrEqual(Math.min(...ways) - 1e-12);
        expect(estimate).toBeLessThanOrEqual(Math.max(...ways) + 1e-12);
      }),
    );
  });

  test("a list of no customers, or of half of one, is refused", () => {
    expect(() => precisionAt(Float64Array.of(1), Uint8Array.of(1), 0)).toThrow("0 rows");
    expect(() => precisionAt(Float64Array.of(1), Uint8Array.of(1), 0.5)).toThrow("0.5 rows");
  });
});

test("the order of the rows changes no digit", () => {
  fc.assert(
    fc.property(drawnRows, (rows) => {
      const turned = reversed(rows);
      for (const measure of [areaUnderRoc, averagePrecision])
        expect(measure(turned.scores, turned.outcomes)).toEqual(measure(rows.scores, rows.outcomes));
      expect(precisionAt(turned.scores, turned.outcomes, 3)).toEqual(
        precisionAt(rows.scores, rows.outcomes, 3),
      );
    }),
  );
});

test("a million rows take seconds, not minutes", () => {
  const random = seeded(3);
  const scores = Float64Array.from({ length: 1_000_000 }, random);
  const outcomes = Uint8Array.from(scores, (score) => (random() < score ? 1 : 0));
  const started = process.cpuUsage();
  const { estimate, low, high } = areaUnderRoc(scores, outcomes);
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(10);
  expect(estimate).toBeCloseTo(5 / 6, 2);
  expect(high - low).toBeLessThan(0.004);
});

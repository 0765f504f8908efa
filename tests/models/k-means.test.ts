import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_K_MEANS, fitKMeans, nearestCentres } from "../../src/models/k-means.js";
import { pointsOf, squaredDistance } from "../../src/models/points.js";
import { meanSilhouettes } from "../../src/models/silhouette.js";
import { seeded } from "../../src/random.js";

const REFERENCE = fileURLToPath(new URL("../../../shared/reference/segments/", import.meta.url));
const settings = (seed = 1, starts = 10) => ({ ...DEFAULT_K_MEANS, starts, random: seeded(seed) });

interface Peer {
  readonly k: number;
  readonly inertia_best_known: number;
  readonly inertia_lowest_any_peer: number;
  readonly silhouette_best: number;
}

describe.skipIf(!existsSync(REFERENCE))(
  "Wholesale customers, UCI (skipped where ../shared/reference is absent)",
  () => {
    const read = (file: string, from: number) =>
      pointsOf(
        readFileSync(`${REFERENCE}${file}`, "utf8")
          .trim()
          .split("\n")
          .slice(1)
          .map((line) => line.split(",").slice(from).map(Number)),
      );
    const SETS = {
      wholesale_raw: () => read("wholesale_customers.csv", 3),
      wholesale_log_z: () => read("kmeans_wholesale_log_z.csv", 0),
    };

    test.each(Object.keys(SETS) as (keyof typeof SETS)[])(
      "%s: from any of ten seeds at most 1.01 × the lowest inertia known (scikit-learn 1.2.1 and others), k = 2…10",
      (name) => {
        const { sets } = JSON.parse(readFileSync(`${REFERENCE}kmeans_sklearn.json`, "utf8")) as {
          sets: Record<string, { results: readonly Peer[] }>;
        };
        const points = SETS[name]();
        const { results } = sets[name]!;
        expect(results.map(({ k }) => k)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
        let sameCount = 0;
        for (const peer of results)
          for (let seed = 1; seed <= 10; seed++) {
            const found = fitKMeans(points, peer.k, settings(seed, 10));
            const lowest = Math.min(peer.inertia_lowest_any_peer, peer.inertia_best_known);
            expect(found.inertia / lowest, `k ${peer.k}, seed ${seed}`).toBeLessThanOrEqual(1.01);
            if (Math.abs(found.inertia / peer.inertia_best_known - 1) > 1e-7) continue;
            sameCount += 1;
            expect(Math.abs(meanSilhouettes(points, [found])[0]! - peer.silhouette_best)).toBeLessThan(0.01);
          }
        expect(sameCount).toBeGreaterThan(20);
      },
      60_000,
    );
  },
);

const rowsOf = fc.array(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 3, maxLength: 3 }), {
  minLength: 8,
  maxLength: 60,
});

describe("k-means", () => {
  test("centres are means, every point is nearest to its own, and inertia is what the distances add up to", () => {
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: 1, max: 4 }), fc.integer(), (rows, k, seed) => {
        fc.pre(new Set(rows.map(String)).size >= k);
        const points = pointsOf(rows);
        const { centres, labels, sizes, inertia } = fitKMeans(points, k, settings(seed, 2));
        let sum = 0;
        labels.forEach((label, row) => {
          const own = squaredDistance(points, row, { others: centres, other: label });
          for (let j = 0; j < k; j++)
            expect(own).toBeLessThanOrEqual(
              squaredDistance(points, row, { others: centres, other: j }) + 1e-9,
            );
          sum += own;
        });
        expect(inertia).toBeCloseTo(sum, 6);
        expect(sizes.every((size) => size > 0)).toBe(true);
        for (let j = 0; j < k; j++)
          for (let d = 0; d < 3; d++) {
            const own = rows.filter((_, row) => labels[row] === j).map((row) => row[d]!);
            expect(centres[j * 3 + d]).toBeCloseTo(own.reduce((a, b) => a + b, 0) / own.length, 9);
          }
      }),
      { numRuns: 60 },
    );
  });

  test("the order of the points does not matter", () => {
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: 2, max: 4 }), fc.integer(), (rows, k, seed) => {
        fc.pre(new Set(rows.map(String)).size >= k);
        const found = fitKMeans(pointsOf(rows), k, settings(seed, 2));
        const turned = fitKMeans(pointsOf(rows.toReversed()), k, settings(seed, 2));
        expect(turned.centres).toEqual(found.centres);
        expect(turned.inertia).toBe(found.inertia);
        expect(turned.labels.toReversed()).toEqual(found.labels);
      }),
      { numRuns: 60 },
    );
  });

  test("finds corners of a square, the largest cluster first", () => {
    const corners = [
      [0, 0],
      [10, 0],
      [0, 10],
    ];
    const rows = corners.flatMap(([x, y], i) =>
      Array.from({ length: 5 + i }, (_, step) => [x! + 0.1 * step, y!]),
    );
    const { sizes, labels } = fitKMeans(pointsOf(rows), 3, settings());
    expect([...sizes]).toEqual([7, 6, 5]);
    expect([...labels]).toEqual([
      ...Array<number>(5).fill(2),
      ...Array<number>(6).fill(1),
      ...Array<number>(7).fill(0),
    ]);
  });

  test("with as many clusters as different points every point is its own", () => {
    const found = fitKMeans(pointsOf([[1], [2], [2], [5]]), 3, settings());
    expect(found.inertia).toBe(0);
  });

  test.each([
    {
      what: "more clusters than points",
      rows: [[1], [1], [2]],
      k: 3,
      says: "at most 2, the number of different points",
    },
    { what: "no cluster", rows: [[1], [2]], k: 0, says: "a whole number from 1, found 0" },
    {
      what: "a coordinate that is no number",
      rows: [[1], [NaN]],
      k: 1,
      says: "coordinate 0 of point 1 is NaN",
    },
    { what: "an infinite one", rows: [[1], [Infinity]], k: 1, says: "Infinity, not a finite number" },
  ])("refuses $what", ({ rows, k, says }) => {
    expect(() => fitKMeans(pointsOf(rows), k, settings())).toThrow(says);
  });

  test("of equally near centres the first is taken", () => {
    const { labels, distances } = nearestCentres(pointsOf([[1]]), Float64Array.of(0, 2));
    expect([labels[0], distances[0]]).toEqual([0, 1]);
  });
});

test("silhouettes of two pairs, by hand; and 0 for a point alone", () => {
  const points = pointsOf([[0], [1], [10], [11]]);
  const [pairs, alone] = meanSilhouettes(points, [
    { labels: [0, 0, 1, 1], k: 2 },
    { labels: [0, 0, 0, 1], k: 2 },
  ]);
  expect(pairs).toBeCloseTo((2 * (1 - 1 / 10.5) + 2 * (1 - 1 / 9.5)) / 4, 12);
  const widths = [(11 - 5.5) / 11, (10 - 5) / 10, (1 - 9.5) / 9.5, 0];
  expect(alone).toBeCloseTo(widths.reduce((a, b) => a + b) / 4, 12);
});

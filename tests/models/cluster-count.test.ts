import { describe, expect, test } from "vitest";
import { adjustedRandIndex } from "../../src/models/adjusted-rand.js";
import { chooseClusterCount } from "../../src/models/cluster-count.js";
import { DEFAULT_K_MEANS, fitKMeans } from "../../src/models/k-means.js";
import { blocksOf, fitPreparation, preparedPoints } from "../../src/models/cluster-features.js";
import { canonicalOrder, pointsAt, pointsOf, type Points } from "../../src/models/points.js";
import { categoryFeature, type Feature } from "../../src/models/training-set.js";
import { seeded, type Random } from "../../src/random.js";
import { bell, plantedPoints, shuffled, shuffledTable, threeGroups } from "./clusters.js";

const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);
/** Every coordinate a feature. */
const choose = (points: Points, seed: number, most = 8) =>
  chooseClusterCount(points, {
    ...{ least: 2, most, random: seeded(seed) },
    blocks: Array.from({ length: points.dimensions }, () => ({
      width: 1,
      isSpread: points.dimensions === 1,
    })),
  });
/** The clusters of a table, as segments are found: prepared, counted, fitted. */
function clustersOf(features: readonly Feature[], most = 6) {
  const preparation = fitPreparation(features, { transform: "auto", scale: "robust", weigh: "related" });
  const points = preparedPoints(preparation, features, 300);
  const settings = { least: 2, most, random: seeded(1), blocks: blocksOf(preparation) };
  const order = canonicalOrder(points);
  const { k } = chooseClusterCount(pointsAt(points, order), settings);
  const { labels } = fitKMeans(points, Math.max(1, k), { ...DEFAULT_K_MEANS, starts: 5, random: seeded(1) });
  return { k, labels, preparation };
}

test("planted clusters are found, as many as were planted, from every seed", () => {
  for (const [seed, k] of [
    [1, 2],
    [2, 3],
    [3, 5],
  ] as const) {
    const { points, labels } = plantedPoints(seed, { k, count: 300 });
    expect(choose(points, seed, 6).k).toBe(k);
    const found = fitKMeans(points, k, { ...DEFAULT_K_MEANS, random: seeded(seed) });
    expect(adjustedRandIndex(found.labels, labels)).toBeGreaterThan(0.95);
  }
}, 30_000);

describe("three groups in orders, revenue and margin", () => {
  test.each(SEEDS.slice(0, 5))(
    "are found beside up to four noisy columns of words and of numbers, seed %i",
    (seed) => {
      const noise = { words: seed % 5, numbers: (2 * seed + 1) % 5 };
      const { features, labels } = threeGroups(seed, noise);
      const found = clustersOf(features);
      expect([found.k, found.preparation.features.some(({ name }) => name.startsWith("noise"))]).toEqual([
        3,
        false,
      ]);
      expect(adjustedRandIndex(found.labels, labels)).toBeGreaterThanOrEqual(0.9);
    },
  );

  test("are gone once every column is shuffled, from each of 10 seeds", () => {
    const saysNo = SEEDS.filter((seed) => {
      const { features } = threeGroups(seed, { words: 1, numbers: 0 });
      return clustersOf(shuffledTable(features, seed), 4).k === 0;
    });
    expect(saysNo).toEqual(SEEDS);
  });
});

test("three tight groups stay three beside a word that mostly goes with them, and a yes and no", () => {
  const random = seeded(2);
  const labels = Int32Array.from({ length: 300 }, (_, row) => row % 3);
  const number = (name: string, centres: readonly number[], spread: number): Feature => ({
    ...{ kind: "number", name },
    values: Float64Array.from(labels, (kind) => centres[kind]! + spread * bell(random)),
  });
  const words = Array.from(
    labels,
    (kind) => ["small", "mid", "big"][random() < 0.8 ? kind : Math.floor(3 * random())]!,
  );
  const isMember = Float64Array.from(labels, (kind) => Number(random() < [0.1, 0.8, 0.9][kind]!));
  const { k, preparation } = clustersOf(
    [
      ...[number("orders", [10, 30, 60], 3), number("revenue", [100, 900, 300], 40)],
      ...[categoryFeature("size", words), { kind: "number", name: "is member", values: isMember } as const],
    ],
    8,
  );
  expect([k, preparation.features.map(({ name }) => name)]).toEqual([
    3,
    ["orders", "revenue", "size", "is member"],
  ]);
});

test("columns that go together without groups have none: one cloud, even or like a bell", () => {
  for (const draw of [bell, (random: Random) => 3.4 * random()]) {
    const random = seeded(7);
    const cloud = Array.from({ length: 300 }, () => {
      const common = draw(random);
      return [common, common + 0.4 * bell(random), common + 0.4 * bell(random)];
    });
    expect(choose(pointsOf(cloud), 1).k).toBe(0);
  }
});

test("the same columns shuffled have no clusters, from each of 10 seeds", () => {
  const saysNo = SEEDS.filter((seed) => {
    const { points } = plantedPoints(seed, { count: 200, k: 3, dimensions: 4 });
    return choose(shuffled(points, seed), seed, 4).k === 0;
  });
  expect(saysNo).toEqual(SEEDS);
}, 60_000);

test("a cloud without clusters has none, and one column is held against an even spread", () => {
  const random = seeded(3);
  const cloud = pointsOf(Array.from({ length: 250 }, () => [bell(random), bell(random), bell(random)]));
  expect(choose(cloud, 1).k).toBe(0);
  const two = pointsOf(Array.from({ length: 250 }, (_, i) => [bell(random) + (i % 2) * 12]));
  expect(choose(two, 1).k).toBe(2);
});

describe("marks from 1 to 5 beside counts from 0 to 3", () => {
  const random = seeded(5);
  const rows = Array.from({ length: 300 }, () => [1 + Math.floor(5 * random()), bell(random), random()]);
  const number = (name: string, values: number[]): Feature => ({
    ...{ kind: "number", name },
    values: Float64Array.from(values),
  });
  const marks = rows.map(([mark]) => mark!);
  const countOf = (mark: number, noise: number) =>
    Math.max(0, Math.min(3, Math.round((5 - mark) / 2 + noise)));
  const counts = rows.map(([mark, noise]) => countOf(mark!, 0.6 * noise!));

  test("that go together are no groups, although every combination is a place of its own", () => {
    expect(clustersOf([number("mark", marks), number("count", counts)], 12).k).toBe(0);
  });

  test("are two groups where the marks are all low or all high", () => {
    const ends = rows.map(([mark, , chance]) => (mark! < 3 ? 1 : 4) + (chance! < 0.4 ? 1 : 0));
    const few = ends.map((mark, row) => countOf(mark, 0.3 * rows[row]![1]!));
    expect(clustersOf([number("mark", ends), number("count", few)], 12).k).toBe(2);
  });
});

test("too few different points are no clusters", () => {
  expect(choose(pointsOf([[1], [1]]), 1)).toMatchObject({ k: 0, trials: [] });
});

test("every number that was tried is told, with inertia falling", () => {
  const { trials } = choose(plantedPoints(4, { count: 200 }).points, 4, 5);
  expect(trials.map(({ k }) => k)).toEqual([2, 3, 4, 5]);
  for (const [i, { inertia }] of trials.entries())
    if (i > 0) expect(inertia).toBeLessThan(trials[i - 1]!.inertia);
});

import { expect, test } from "vitest";
import { adjustedRandIndex } from "../../src/models/adjusted-rand.js";
import { chooseClusterCount } from "../../src/models/cluster-count.js";
import { DEFAULT_K_MEANS, fitKMeans } from "../../src/models/k-means.js";
import { pointsOf } from "../../src/models/points.js";
import { seeded } from "../../src/random.js";
import { bell, plantedPoints, shuffled } from "./clusters.js";

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
const choose = (points: Parameters<typeof chooseClusterCount>[0], seed: number, most = 8) =>
  chooseClusterCount(points, { least: 2, most, random: seeded(seed) });

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

test("the same columns shuffled have no clusters, from at least 19 of 20 seeds", () => {
  const saysNo = SEEDS.filter((seed) => {
    const { points } = plantedPoints(seed, { count: 200, k: 3 });
    return choose(shuffled(points, seed), seed, 5).k === 0;
  });
  expect(saysNo.length).toBeGreaterThanOrEqual(19);
}, 60_000);

test("a cloud without clusters has none, and one column is held against an even spread", () => {
  const random = seeded(3);
  const cloud = pointsOf(Array.from({ length: 250 }, () => [bell(random), bell(random), bell(random)]));
  expect(choose(cloud, 1).k).toBe(0);
  const two = pointsOf(Array.from({ length: 250 }, (_, i) => [bell(random) + (i % 2) * 12]));
  expect(choose(two, 1).k).toBe(2);
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

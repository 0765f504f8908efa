import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fitLiftMixture,
  fitLiftShape,
  fitShareWeight,
  shrunkenLift,
} from "../../src/models/shrunken-rates.js";

/** Poisson counts by inversion, alike on every run. */
function poisson(mean: number, uniform: number): number {
  let [count, probability] = [0, Math.exp(-mean)];
  for (let sum = probability; sum < uniform && count < 1000; sum += probability)
    probability *= mean / (count += 1);
  return count;
}

const uniforms = (count: number) =>
  Array.from({ length: count }, (_, i) => (i * 0.6180339887498949 + 0.37) % 1);

describe("lifts of pairs as DuMouchel (1999) shrinks them", () => {
  const chances = uniforms(3000);
  const expected = chances.map((_, pair) => 1 + (pair % 20));
  /** One pair in fifty comes ten times as often as by chance. */
  const hits = chances.map((chance, pair) => poisson(expected[pair]! * (pair % 50 === 0 ? 10 : 1), chance));
  const seen = hits.flatMap((count, pair) => (count >= 3 ? [pair] : []));
  const mixture = fitLiftMixture({
    hits: seen.map((pair) => hits[pair]!),
    expected: seen.map((pair) => expected[pair]!),
    leastHits: 3,
  });

  test("pairs that come by chance are drawn to 1, those that do not keep their lift", () => {
    expect(shrunkenLift(mixture, 4, 1)).toBeLessThan(2);
    expect(shrunkenLift(mixture, 10, 10)).toBeCloseTo(1, 1);
    expect(shrunkenLift(mixture, 100, 10)).toBeGreaterThan(8);
    expect(shrunkenLift(mixture, 12, 0.5)).toBeGreaterThan(5);
  });

  test("where all is chance no pair of three has a lift to speak of", () => {
    const alone = chances.map((chance, pair) => poisson(expected[pair]!, chance));
    const kept = alone.flatMap((count, pair) => (count >= 3 ? [pair] : []));
    const none = fitLiftMixture({
      hits: kept.map((pair) => alone[pair]!),
      expected: kept.map((pair) => expected[pair]!),
      leastHits: 3,
    });
    const lifts = kept.map((pair) => shrunkenLift(none, alone[pair]!, expected[pair]!));
    expect(lifts.filter((lift) => lift > 1.5).length / lifts.length).toBeLessThan(0.01);
  });

  test("more hits never lower the lift", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 60 }),
        fc.double({ min: 0.1, max: 40, noNaN: true }),
        (count, mean) => {
          expect(shrunkenLift(mixture, count + 1, mean)).toBeGreaterThanOrEqual(
            shrunkenLift(mixture, count, mean),
          );
        },
      ),
    );
  });

  test("without pairs every lift is near 1", () => {
    const nothing = fitLiftMixture({ hits: [], expected: [], leastHits: 3 });
    expect(shrunkenLift(nothing, 30, 1)).toBeLessThan(1.1);
  });
});

test("lifts that are all alike are drawn in hard, lifts far apart hardly", () => {
  const expected = Array.from({ length: 200 }, () => 20);
  const alike = fitLiftShape({ hits: expected, expected });
  const apart = fitLiftShape({ hits: expected.map((_, i) => (i % 2 === 0 ? 2 : 60)), expected });
  expect(alike).toBeGreaterThan(100);
  expect(apart).toBeLessThan(3);
  const withIdle = {
    hits: [...expected.map((_, i) => (i % 2 === 0 ? 2 : 60)), 0],
    expected: [...expected, 0],
  };
  expect(fitLiftShape(withIdle)).toBe(apart);
});

test("the weight is the most likely of all that are tried, half a power of two apart", () => {
  const groups = Array.from({ length: 60 }, (_, i) => i);
  const tried = Array.from({ length: 41 }, (_, step) => 2 ** (step / 2 - 4));
  for (const spread of [1, 3, 5, 8, 12, 17]) {
    const counts = {
      trials: groups.map(() => 40),
      rates: groups.map(() => 0.5),
      hits: groups.map((i) => 20 + ((i * 7) % (2 * spread + 1)) - spread),
    };
    const logRisen = (from: number, steps: number) =>
      Array.from({ length: steps }, (_, step) => Math.log(from + step)).reduce((sum, each) => sum + each, 0);
    const likelihood = (weight: number) =>
      counts.hits.reduce(
        (sum, hits) =>
          sum + logRisen(weight / 2, hits) + logRisen(weight / 2, 40 - hits) - logRisen(weight, 40),
        0,
      );
    const best = tried.reduce((most, weight) => (likelihood(weight) >= likelihood(most) ? weight : most));
    expect(fitShareWeight(counts)).toBeCloseTo(best, 9);
  }
});

test("shares of groups that differ weigh more than the share of all, those that do not weigh less", () => {
  const groups = Array.from({ length: 200 }, (_, i) => i);
  const [trials, rates] = [groups.map(() => 50), groups.map(() => 0.4)];
  const apart = fitShareWeight({ trials, rates, hits: groups.map((i) => (i % 2 === 0 ? 2 : 38)) });
  const alike = fitShareWeight({ trials, rates, hits: groups.map(() => 20) });
  expect(apart).toBeLessThan(3);
  expect(alike).toBeGreaterThan(1000);
});

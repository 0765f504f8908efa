import { describe, expect, test } from "vitest";
import { matchClusters } from "../../src/models/cluster-match.js";

const placesOf = (before: readonly number[][], now: readonly number[][]) =>
  matchClusters(before, now).map((match) => match.before);

describe("clusters of two nights", () => {
  test("are the same where their centres are nearest, in whatever order they come", () => {
    const before = [
      [0, 0],
      [10, 0],
      [0, 10],
    ];
    const now = [
      [0.5, 10],
      [0, 0.5],
      [9, 0],
    ];
    expect(placesOf(before, now)).toEqual([2, 0, 1]);
    expect(matchClusters(before, now)[0]!.distance).toBeCloseTo(0.5, 12);
  });

  test("are not the same beyond half the least distance between two of today's", () => {
    expect(placesOf([[0]], [[4.9], [14.9]])).toEqual([0, -1]);
    expect(placesOf([[0]], [[5.1], [15.1]])).toEqual([-1, -1]);
  });

  test("are told apart by what both nights know: neither the way a centre went nor the limit goes by the rest", () => {
    const now = [
      [0.9, 0],
      [1.9, 50],
    ];
    expect(placesOf([[0, NaN]], now)).toEqual([-1, -1]);
    expect(placesOf([[0.6, NaN]], now)).toEqual([0, -1]);
    expect(placesOf([[0, 0]], now)).toEqual([0, -1]);
  });

  test("are all new where the nights know nothing in common, or one of them has none", () => {
    expect(placesOf([[NaN, NaN]], [[0, 1]])).toEqual([-1]);
    expect(placesOf([], [[0], [1]])).toEqual([-1, -1]);
    expect(placesOf([[0]], [])).toEqual([]);
  });
});

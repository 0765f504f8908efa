import fc from "fast-check";
import { expect, test } from "vitest";
import { adjustedRandIndex } from "../../src/models/adjusted-rand.js";
import { matchClusters } from "../../src/models/cluster-match.js";
import { optimalAssignment } from "../../src/models/optimal-assignment.js";

/** The least cost by trying every pairing. */
function leastCost(costs: readonly (readonly number[])[], used: readonly number[] = [], row = 0): number {
  if (row === costs.length) return 0;
  const columns = costs[0]!.map((_, column) => column).filter((column) => !used.includes(column));
  return Math.min(
    ...columns.map((column) => costs[row]![column]! + leastCost(costs, [...used, column], row + 1)),
  );
}

test("costs as little as the best of all pairings, and pairs each once", () => {
  const matrix = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
    .chain(([rows, columns]) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
    );
  fc.assert(
    fc.property(matrix, (costs) => {
      const pairs = optimalAssignment(costs);
      const used = pairs.filter((column) => column >= 0);
      expect(new Set(used).size).toBe(used.length);
      expect(used.length).toBe(Math.min(costs.length, costs[0]!.length));
      const cost = pairs.reduce((sum, column, row) => sum + (column < 0 ? 0 : costs[row]![column]!), 0);
      const turned = costs[0]!.map((_, column) => costs.map((row) => row[column]!));
      expect(cost).toBe(leastCost(costs.length <= costs[0]!.length ? costs : turned));
    }),
  );
});

test("clusters are matched by centres; one far from all of last time's is new", () => {
  const matches = matchClusters(
    [
      [0, 0],
      [10, 0],
    ],
    [
      [10, 1],
      [0, 30],
      [1, 0],
    ],
  );
  expect(matches.map(({ before }) => before)).toEqual([1, -1, 0]);
  expect(matches[0]!.distance).toBe(1);
});

test("coordinates that last time did not know are not compared", () => {
  expect(
    matchClusters(
      [[0, NaN]],
      [
        [0.1, 99],
        [50, 0],
      ],
    ).map(({ before }) => before),
  ).toEqual([0, -1]);
  expect(matchClusters([[NaN]], [[1], [2]]).map(({ before }) => before)).toEqual([-1, -1]);
});

test("adjusted Rand index: the example of scikit-learn's documentation (0.24…), names do not matter, 1 for the same", () => {
  expect(adjustedRandIndex([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2])).toBeCloseTo(0.24242424, 8);
  expect(adjustedRandIndex(["a", "a", "b"], [7, 7, 3])).toBe(1);
  expect(adjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(-0.5, 12);
});

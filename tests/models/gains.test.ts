import fc from "fast-check";
import { expect, test } from "vitest";
import { gainsCurve } from "../../src/models/gains.js";
import { precisionAt } from "../../src/models/ranking-quality.js";
import { drawnRows, PEER_ROWS, reversed, rowsOf } from "./scored-rows.js";

test("half the leavers among the first tenth is a lift of 5", () => {
  const { scores, outcomes } = rowsOf(
    Array.from({ length: 100 }, (_, i) => [-i, i < 5 || (i >= 50 && i < 55) ? 1 : 0]),
  );
  const points = gainsCurve(scores, outcomes, 10);
  expect(points.map(({ customerCount }) => customerCount)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  expect(points[0]).toMatchObject({ customerShare: 0.1, leaverShare: 0.5, lift: 5 });
  expect(points[4]).toMatchObject({ customerShare: 0.5, leaverShare: 0.5, lift: 1 });
  expect(points.at(-1)).toMatchObject({ customerShare: 1, leaverShare: 1, lift: 1, high: 1 });
  expect(points[0]!.low).toBeCloseTo(0.2366, 4);
  expect(points[0]!.high).toBeCloseTo(0.7634, 4);
});

test("where the steps do not come out even, a list is rounded up: 3, 5 and 7 of 7", () => {
  const points = gainsCurve(Float64Array.of(7, 6, 5, 4, 3, 2, 1), Uint8Array.of(1, 0, 0, 1, 0, 0, 0), 3);
  expect(points.map(({ customerCount, leaverShare }) => [customerCount, leaverShare])).toEqual([
    [3, 0.5],
    [5, 1],
    [7, 1],
  ]);
});

test("a score that knows nothing runs along the diagonal", () => {
  const outcomes = Uint8Array.from({ length: 50 }, (_, i) => (i < 7 ? 1 : 0));
  for (const { customerShare, leaverShare, lift } of gainsCurve(new Float64Array(50), outcomes)) {
    expect(leaverShare).toBeCloseTo(customerShare, 12);
    expect(lift).toBeCloseTo(1, 12);
  }
});

test("never falls, ends at all, and agrees with the precision at each length", () => {
  fc.assert(
    fc.property(drawnRows, fc.integer({ min: 1, max: 50 }), ({ scores, outcomes }, pointCount) => {
      const leaverCount = outcomes.reduce((sum, outcome) => sum + outcome, 0);
      const points = gainsCurve(scores, outcomes, pointCount);
      expect(points).toHaveLength(Math.min(pointCount, scores.length));
      if (leaverCount === 0) {
        expect(points.every(({ lift }) => Number.isNaN(lift))).toBe(true);
        return;
      }
      let before = 0;
      for (const { customerCount, leaverShare, low, high } of points) {
        expect(leaverShare).toBeGreaterThanOrEqual(before);
        expect(low <= leaverShare && leaverShare <= high).toBe(true);
        const { estimate } = precisionAt(scores, outcomes, customerCount);
        expect(leaverShare * leaverCount).toBeCloseTo(estimate * customerCount, 9);
        before = leaverShare;
      }
      expect(points.at(-1)).toMatchObject({ customerShare: 1, leaverShare: 1 });
    }),
  );
});

test("the order of the rows changes no digit; no rows give no points", () => {
  const turned = reversed(PEER_ROWS);
  expect(gainsCurve(turned.scores, turned.outcomes)).toEqual(
    gainsCurve(PEER_ROWS.scores, PEER_ROWS.outcomes),
  );
  expect(gainsCurve(new Float64Array(), new Uint8Array())).toEqual([]);
});

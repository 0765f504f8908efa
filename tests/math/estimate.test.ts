import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalEstimate, shareEstimate } from "../../src/math/estimate.js";

describe("shareEstimate", () => {
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("%d of %d: Wilson's interval as in Newcombe (1998), table I, method 3", (hits, count, ...ends) => {
    const found = shareEstimate(hits, count);
    expect(found.estimate).toBe(hits / count);
    expect(Math.abs(found.low - ends[0])).toBeLessThan(5.1e-5);
    expect(Math.abs(found.high - ends[1])).toBeLessThan(5.1e-5);
  });

  test("the ends are the shares at which the count is just z standard errors away (Wilson 1927)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (count, share) => {
          const { estimate, low, high } = shareEstimate(share * count, count);
          expect(0 <= low && low <= estimate && estimate <= high && high <= 1).toBe(true);
          for (const end of [low, high])
            if (end > 1e-9 && end < 1 - 1e-9)
              expect(Math.abs(estimate - end) / Math.sqrt((end * (1 - end)) / count)).toBeCloseTo(
                1.959964,
                5,
              );
        },
      ),
    );
  });

  test("of nothing counted, anything is possible", () => {
    expect(shareEstimate(0, 0)).toEqual({ estimate: NaN, low: 0, high: 1 });
  });
});

test("a symmetric interval ends where it becomes impossible", () => {
  expect(normalEstimate(0.9, 0.1, [0, 1])).toMatchObject({ estimate: 0.9, high: 1 });
  expect(normalEstimate(0.9, 0.1, [0, 1]).low).toBeCloseTo(0.704004, 6);
  expect(normalEstimate(5, 1).high).toBeCloseTo(6.959964, 6);
});

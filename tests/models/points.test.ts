import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalOrder, distinctCount, firstPoints, type Points } from "../../src/models/points.js";
import { seeded } from "../../src/random.js";

const inOrder = ({ dimensions, values }: Points, order: Int32Array): Points => ({
  count: order.length,
  dimensions,
  values: Float64Array.from({ length: order.length * dimensions }, (_, i) => {
    const row = order[Math.floor(i / dimensions)]!;
    return values[row * dimensions + (i % dimensions)]!;
  }),
});

describe("the order of points", () => {
  test("two questions answered by 1 to 5: the first 400 of 20,000 hold all 25 answers", () => {
    const random = seeded(3);
    const values = Float64Array.from({ length: 40_000 }, () => 1 + Math.floor(random() * 5));
    const points = { count: 20_000, dimensions: 2, values };
    const first = firstPoints(inOrder(points, canonicalOrder(points)), 400);
    expect(distinctCount(first, 100)).toBe(25);
  });

  test("the rows' first order has no part in it, equals or not", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 }),
        fc.integer(),
        (cells, seed) => {
          const count = Math.floor(cells.length / 2);
          const points = { count, dimensions: 2, values: Float64Array.from(cells.slice(0, 2 * count)) };
          const random = seeded(seed);
          const shuffle = Int32Array.from({ length: count }, (_, row) => row);
          for (let i = count - 1; i > 0; i--) {
            const j = Math.floor(random() * (i + 1));
            [shuffle[i], shuffle[j]] = [shuffle[j]!, shuffle[i]!];
          }
          const shuffled = inOrder(points, shuffle);
          const sorted = (each: Points) => [...inOrder(each, canonicalOrder(each)).values];
          expect(sorted(shuffled)).toEqual(sorted(points));
        },
      ),
    );
  });
});

import type { Points } from "../../src/models/points.js";
import { seeded, type Random } from "../../src/random.js";

/** About normal, mean 0, variance 1. */
export const bell = (random: Random) => {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
};

/** Points around centres, so many deviations apart, and the centre of each. */
export function plantedPoints(seed: number, { count = 400, dimensions = 6, k = 4, apart = 5 } = {}) {
  const random = seeded(seed);
  const centres = Array.from({ length: k }, (_, j) =>
    Array.from({ length: dimensions }, (_, d) => (((j * (d + 2) + d) % k) / k) * apart * 2),
  );
  const labels = Int32Array.from({ length: count }, () => Math.floor(random() * k));
  const values = Float64Array.from({ length: count * dimensions }, (_, i) => {
    const centre = centres[labels[Math.floor(i / dimensions)]!]!;
    return centre[i % dimensions]! + bell(random);
  });
  return { points: { count, dimensions, values } satisfies Points, labels };
}

/** The points with every column shuffled for itself. */
export function shuffled({ count, dimensions, values }: Points, seed: number): Points {
  const random = seeded(seed);
  const mixed = values.slice();
  for (let d = 0; d < dimensions; d++)
    for (let row = count - 1; row > 0; row--) {
      const [a, b] = [row * dimensions + d, Math.floor(random() * (row + 1)) * dimensions + d];
      [mixed[a], mixed[b]] = [mixed[b]!, mixed[a]!];
    }
  return { count, dimensions, values: mixed };
}

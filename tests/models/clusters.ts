import type { Points } from "../../src/models/points.js";
import { categoryFeature, featureAt, type Feature } from "../../src/models/training-set.js";
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

const NOISE_WORDS = [
  ["Berlin", "Paris", "Rome", "Madrid", "Vienna", "Prague"],
  ["web", "shop", "phone"],
  ["red", "green", "blue", "black", "white", "grey", "pink"],
  ["a", "b", "c", "d"],
];

/** 300 customers of three kinds that orders, revenue and margin tell apart; other columns say nothing. */
export function threeGroups(seed: number, noise: { readonly words: number; readonly numbers: number }) {
  const random = seeded(seed);
  const labels = Int32Array.from(
    { length: 300 },
    () => [0, 0, 0, 0, 0, 1, 1, 1, 2, 2][Math.floor(10 * random())]!,
  );
  const around = (value: number, spread: number) => value * Math.exp(spread * bell(random));
  const orders = Float64Array.from(labels, (kind) =>
    Math.max(1, Math.round(around([3, 12, 40][kind]!, 0.2))),
  );
  const revenue = orders.map((count, row) => around(count * [50, 60, 80][labels[row]!]!, 0.15));
  const margin = revenue.map((amount) => around(0.3 * amount, 0.1));
  const number = (name: string, values: Float64Array): Feature => ({ kind: "number", name, values });
  const rows = Array.from(labels.keys());
  const features = [
    ...[number("orders", orders), number("revenue", revenue), number("margin", margin)],
    ...NOISE_WORDS.slice(0, noise.words).map((words, i) =>
      categoryFeature(
        `noise word ${i}`,
        rows.map(() => words[Math.floor(words.length * random())]!),
      ),
    ),
    ...Array.from({ length: noise.numbers }, (_, i) =>
      number(
        `noise number ${i}`,
        Float64Array.from(rows, () => (i % 2 === 0 ? bell(random) : Math.floor(18 + 60 * random()))),
      ),
    ),
  ];
  return { features, labels };
}

/** The columns of a table, each shuffled for itself. */
export function shuffledTable(features: readonly Feature[], seed: number): Feature[] {
  const random = seeded(seed);
  return features.map((feature) => {
    const count = (feature.kind === "number" ? feature.values : feature.codes).length;
    const keys = Array.from({ length: count }, () => random());
    return featureAt(
      feature,
      Array.from(keys.keys()).toSorted((a, b) => keys[a]! - keys[b]!),
    );
  });
}

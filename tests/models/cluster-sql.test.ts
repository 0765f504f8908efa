import { expect, test } from "vitest";
import { fitPreparation, preparedPoints } from "../../src/models/cluster-features.js";
import { assignmentSql } from "../../src/models/cluster-sql.js";
import { DEFAULT_K_MEANS, fitKMeans, nearestCentres } from "../../src/models/k-means.js";
import { categoryFeature, type Feature } from "../../src/models/training-set.js";
import { seeded } from "../../src/random.js";
import type { RelationName } from "../../src/relation.js";
import { scoringSql } from "../../src/scoring-sql.js";
import { numberSql, quoteText } from "../../src/sql.js";
import { openWarehouse, rowsOf } from "../engines/warehouse.js";
import { bell } from "./clusters.js";

const COUNT = 400;
const WORDS = ["web", "shop", "it's 电话", null] as const;

/** Whole numbers, skewed amounts of both signs with every oddity that a column may hold, and words, some missing. */
function oddRows(seed: number) {
  const random = seeded(seed);
  const amounts = Array.from({ length: COUNT }, (_, row) => {
    const odd = [NaN, Infinity, -Infinity, 1e100, -1e100, 0, -1e-9];
    return row < odd.length ? odd[row]! : Math.sign(random() - 0.1) * Math.exp(3 * bell(random));
  });
  const counts = Array.from({ length: COUNT }, (_, row) =>
    row % 50 === 0 ? NaN : Math.floor(40 * random()),
  );
  const words = Array.from({ length: COUNT }, () => WORDS[Math.floor(WORDS.length * random() ** 2)]!);
  return { amounts, counts, words };
}

const cellOf = (value: number) =>
  Number.isNaN(value)
    ? "cast(null as double)"
    : Number.isFinite(value)
      ? `cast(${numberSql(value)} as double)`
      : `cast('${value < 0 ? "-inf" : "inf"}' as double)`;

test.each([
  { seed: 1, transform: "auto", scale: "robust", k: 3 },
  { seed: 2, transform: "none", scale: "robust", k: 5 },
  { seed: 3, transform: "auto", scale: "standard", k: 2 },
  { seed: 4, transform: "auto", scale: "robust", k: 1 },
] as const)(
  "the engine assigns words, gaps and numbers beyond all others as the model does: $k clusters, $transform, $scale",
  async ({ seed, transform, scale, k }) => {
    const { amounts, counts, words } = oddRows(seed);
    const features: Feature[] = [
      { kind: "number", name: "amount", values: Float64Array.from(amounts) },
      { kind: "number", name: "count", values: Float64Array.from(counts) },
      categoryFeature("way", words),
    ];
    const preparation = fitPreparation(features, { transform, scale, weigh: "alike" });
    const points = preparedPoints(preparation, features, COUNT);
    const clusters = fitKMeans(points, k, { ...DEFAULT_K_MEANS, starts: 2, random: seeded(seed) });
    const ids = Array.from({ length: k }, (_, j) => 10 * (j + 1));
    const made = assignmentSql({ preparation, clusters, ids }, (name) => `${name}_cell`, "by_");
    const cells = amounts.map(
      (amount, row) =>
        `(${row}, ${cellOf(amount)}, ${cellOf(counts[row]!)}, ${words[row] === null ? "null" : quoteText(words[row]!)})`,
    );
    const engine = await openWarehouse();
    const scoring = scoringSql(
      {
        ...{ from: "rows" as RelationName, grain: ["place"], steps: made.steps },
        columns: { cluster: made.cluster, distance: made.distance, silhouette: made.silhouette },
      },
      `select * from (values ${cells.join(", ")}) as cells (place, amount_cell, count_cell, way_cell)`,
    );
    const rows = await rowsOf(engine, `select * from (${scoring}) as scored order by place`);
    const { labels, distances } = nearestCentres(points, clusters.centres);
    expect(rows.map((row) => row["cluster"])).toEqual(Array.from(labels, (label) => ids[label]));
    rows.forEach((row, place) => {
      const own = Math.sqrt(distances[place]!);
      expect(Number(row["distance"])).toBeCloseTo(own, 6);
      expect(Number(row["silhouette"])).toBeCloseTo(silhouetteOf(points, clusters.centres, place), 6);
    });
  },
);

type Points = ReturnType<typeof preparedPoints>;

/** (b − a) / max(a, b) by the distances to the nearest centre and the one behind it. */
function silhouetteOf({ dimensions, values }: Points, centres: Float64Array, place: number): number {
  const [a, b = Infinity] = Array.from({ length: centres.length / dimensions }, (_, j) =>
    Math.hypot(
      ...Array.from(
        { length: dimensions },
        (__, d) => values[place * dimensions + d]! - centres[j * dimensions + d]!,
      ),
    ),
  ).sort((x, y) => x - y) as [number, number?];
  return b === 0 ? 0 : 1 - a / b;
}

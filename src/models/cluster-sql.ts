import { numberSql } from "../sql.js";
import { coordinatesSql, type Preparation } from "./cluster-features.js";
import type { Clusters } from "./k-means.js";

/** Columns, step after step, and the last ones: how the engine gives each row its nearest centre. */
export interface AssignmentSql {
  readonly steps: readonly Readonly<Record<string, string>>[];
  /** 0 to k − 1, the first of equally near ones. */
  readonly cluster: string;
  /** To the centre. */
  readonly distance: string;
  /** (b − a) / max(a, b) with the distances to the own centre and the nearest other one. */
  readonly silhouette: string;
}

/** What assigns rows. */
export interface AssignmentModel {
  readonly preparation: Pick<Preparation, "features">;
  readonly clusters: Pick<Clusters, "k" | "centres" | "dimensions">;
}

const FARTHEST = "1.7976931348623157e308";

/**
 * The assignment of rows to centres as SQL, equal to `nearestCentres` of `preparedPoints`: squares are added up in the
 * same order. The silhouette is the simplified one, by centres.
 *
 * @param columnOf the expression of a feature: a double or a text
 * @param prefix of the columns it makes; no column of the relation may begin with it
 * @see Hruschka, de Castro & Campello (2004), for the simplified silhouette
 */
export function assignmentSql(
  { preparation, clusters }: AssignmentModel,
  columnOf: (feature: string) => string,
  prefix: string,
): AssignmentSql {
  const { k, centres, dimensions } = clusters;
  const places = Array.from({ length: k }, (_, j) => j);
  const coordinate = (d: number) => `${prefix}x${d + 1}`;
  const square = (j: number) => `${prefix}d${j + 1}`;
  const squareSql = (j: number) =>
    Array.from({ length: dimensions }, (_, d) => {
      const difference = `(${coordinate(d)} - (${numberSql(centres[j * dimensions + d]!)}))`;
      return `${difference} * ${difference}`;
    }).join(" + ");
  const [own, other] = [`${prefix}own`, `${prefix}other`];
  const nearest = `least(${places.map(square).join(", ")})`;
  const ownCases = places.map((j) => `when ${square(j)} = ${prefix}nearest then ${j}`);
  const others = places.map((j) => `case when ${own} = ${j} then ${FARTHEST} else ${square(j)} end`);
  return {
    steps: [
      columnsOf(coordinatesSql(preparation, columnOf), coordinate),
      columnsOf(places.map(squareSql), square),
      { [`${prefix}nearest`]: nearest },
      { [own]: `case ${ownCases.join(" ")} end` },
      { [other]: `least(${others.join(", ")})` },
    ],
    cluster: own,
    distance: `sqrt(${prefix}nearest)`,
    silhouette: `case when ${other} > 0e0 then 1e0 - sqrt(${prefix}nearest) / sqrt(${other}) else 0e0 end`,
  };
}

const columnsOf = (expressions: readonly string[], nameAt: (place: number) => string) =>
  Object.fromEntries(expressions.map((sql, place) => [nameAt(place), sql]));

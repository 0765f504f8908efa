import { numberSql } from "../sql.js";
import { coordinatesSql, type Preparation } from "./cluster-features.js";
import type { Clusters } from "./k-means.js";

/** Columns, step after step, and the last ones: how the engine gives each row its nearest centre. */
export interface AssignmentSql {
  readonly steps: readonly Readonly<Record<string, string>>[];
  /** The id of the nearest centre, the first of equally near ones. */
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
  /** Of each centre, in their order. */
  readonly ids: readonly number[];
}

/** Farther than any centre. */
const FARTHEST = "1e150";

/**
 * The assignment of rows to centres as SQL, equal to `nearestCentres` of `preparedPoints`. The nearest centre is the one
 * with the greatest linear score, c · x − ‖c‖² / 2, less that of the first; distances, and the silhouette (the simplified
 * one, by centres), are columns of their own, which an engine leaves alone where nobody asks for them.
 *
 * @param columnOf the expression of a feature: a double or a text
 * @param prefix of the columns it makes; no column of the relation may begin with it
 * @see Hruschka, de Castro & Campello (2004), for the simplified silhouette
 */
export function assignmentSql(
  model: AssignmentModel,
  columnOf: (feature: string) => string,
  prefix: string,
): AssignmentSql {
  const coordinates = coordinatesSql(model.preparation, columnOf);
  const named = (name: string) => (place: number) => `${prefix}${name}${place + 1}`;
  const [held, straight] = [named("held"), named("x")];
  const scaled = coordinates.map(
    ({ centre, spread }, d) => `(${straight(d)} - ${signedSql(centre)}) / ${numberSql(spread)}`,
  );
  const [unscaledPoint, point] = [`${prefix}unscaled`, `${prefix}point`];
  const unscaled = coordinates.map((_, d) => straight(d));
  const scores = scoresOf(model, coordinates).map(
    ({ weights, constant }) =>
      `list_dot_product(${unscaledPoint}, ${listSql(weights)}) + ${signedSql(constant)}`,
  );
  const nearest = nearestSql(model.ids, scores, prefix);
  const distances = distancesSql(model, point, { own: nearest.own, prefix });
  const steps = [
    columnsOf(
      coordinates.map((coordinate) => coordinate.held),
      held,
    ),
    columnsOf(
      coordinates.map((coordinate, d) => coordinate.straight(held(d))),
      straight,
    ),
    { [unscaledPoint]: `list_value(${unscaled.join(", ")})`, [point]: `list_value(${scaled.join(", ")})` },
    ...nearest.steps,
    ...distances.steps,
  ];
  return {
    ...{ steps, cluster: nearest.own, distance: distances.own },
    silhouette: `case when ${distances.other} > 0e0 then 1e0 - ${distances.own} / ${distances.other} else 0e0 end`,
  };
}

function nearestSql(ids: readonly number[], scores: readonly string[], prefix: string) {
  const score = (j: number) => `${prefix}score${j + 1}`;
  const [best, own] = [`${prefix}best`, `${prefix}own`];
  const named = scores.map((_, j) => (j === 0 ? "0e0" : score(j)));
  const cases = ids.map((id, j) => `when ${named[j]!} = ${best} then ${id}`);
  const steps = [
    Object.fromEntries(scores.slice(1).map((sql, j) => [score(j + 1), sql])),
    { [best]: `greatest(${named.join(", ")})` },
    { [own]: `case ${cases.join(" ")} end` },
  ];
  return { own, steps: scores.length === 1 ? steps.slice(1) : steps };
}

function distancesSql(
  model: AssignmentModel,
  point: string,
  { own, prefix }: { readonly own: string; readonly prefix: string },
) {
  const { ids } = model;
  const far = (j: number) => `${prefix}distance${j + 1}`;
  const to = ids.map((_, j) => `list_distance(${point}, ${listSql(centreAt(model, j))})`);
  const owns = ids.map((id, j) => `when ${id} then ${far(j)}`);
  const others = ids.map((id, j) => `case when ${own} = ${id} then ${FARTHEST} else ${far(j)} end`);
  const [nearest, other] = [`${prefix}nearest`, `${prefix}other`];
  const steps = [
    columnsOf(to, far),
    { [nearest]: `case ${own} ${owns.join(" ")} end`, [other]: `least(${others.join(", ")})` },
  ];
  return { own: nearest, other, steps };
}

type Name = (place: number) => string;

/** How much nearer a row is to a centre than to the first one, linear in coordinates that are not scaled yet. */
interface Score {
  readonly weights: readonly number[];
  readonly constant: number;
}

function scoresOf(
  model: AssignmentModel,
  coordinates: readonly { readonly centre: number; readonly spread: number }[],
): Score[] {
  const first = centreAt(model, 0);
  return model.ids.map((_, j) => {
    const centre = centreAt(model, j);
    const weights = centre.map((value, d) => (value - first[d]!) / coordinates[d]!.spread);
    const constant = centre.reduce(
      (sum, value, d) => sum - weights[d]! * coordinates[d]!.centre - (value ** 2 - first[d]! ** 2) / 2,
      0,
    );
    return { weights, constant };
  });
}

const centreAt = ({ clusters: { centres, dimensions } }: AssignmentModel, j: number): number[] =>
  Array.from(centres.subarray(j * dimensions, (j + 1) * dimensions));

const listSql = (values: readonly number[]) => `[${values.map(numberSql).join(", ")}]`;

const signedSql = (value: number) => `(${numberSql(value)})`;

const columnsOf = (expressions: readonly string[], nameAt: Name) =>
  Object.fromEntries(expressions.map((sql, place) => [nameAt(place), sql]));

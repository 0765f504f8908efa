import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { chooseClusterCount } from "../src/models/cluster-count.js";
import {
  fitPreparation,
  preparedPoints,
  blocksOf,
  type Preparation,
} from "../src/models/cluster-features.js";
import { assignmentSql } from "../src/models/cluster-sql.js";
import { DEFAULT_K_MEANS, fitKMeans, type Clusters } from "../src/models/k-means.js";
import type { NumberFeature } from "../src/models/training-set.js";
import { seeded } from "../src/random.js";
import type { RelationName } from "../src/relation.js";
import { scoringSql } from "../src/scoring-sql.js";
import { measured, medianOf, type Measurement } from "./measure.js";

type Measurements = Record<string, Measurement>;

const NAMES = Array.from({ length: 10 }, (_, place) => `feature_${String(place).padStart(2, "0")}`);
/** Clusters are looked for among so many rows, as the analysis does unless told otherwise. */
const SAMPLE = 50_000;
const PLANTED = 5;

/** Rows around five centres: half of the features whole numbers, half amounts, skewed so that a logarithm is taken. */
async function simulatedCustomers(
  rowCount: number,
): Promise<{ connection: DuckDBConnection; end: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const instance = await DuckDBInstance.create(join(folder, "features.duckdb"), { memory_limit: "1GB" });
  const connection = await instance.connect();
  const draw = (place: number, n: number) => `cast(hash(i, ${10 * place + n}) % 1000 as double)`;
  const cells = NAMES.map((name, place) => {
    const bell = `(${draw(place, 0)} + ${draw(place, 1)} + ${draw(place, 2)} - 1498.5) / 500`;
    const centre = `((hash(i, -1) % ${PLANTED}) * ${place + 2} + ${place}) % ${PLANTED}`;
    const value = `3 * cast(${centre} as double) + ${bell}`;
    return place % 2 === 0
      ? `round(100 + 10 * (${value})) as ${name}`
      : `round(exp(${value} / 4), 2) as ${name}`;
  });
  await connection.run(
    `create table features as select i, ${cells.join(", ")} from range(${rowCount}) as rows (i)`,
  );
  const end = () => {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  };
  return { connection, end };
}

/** Prepared features and the clusters of a sample, their number given or chosen from 2 to 8. */
async function clustersOf(connection: DuckDBConnection, k?: number) {
  const sample = await connection.runAndReadAll(
    `select ${NAMES.join(", ")} from features order by hash(i), i limit ${SAMPLE}`,
  );
  const columns = sample.getColumnsJS() as number[][];
  const features = NAMES.map((name, place): NumberFeature => ({
    ...{ kind: "number", name },
    values: Float64Array.from(columns[place]!),
  }));
  const preparation = fitPreparation(features, {
    transform: "auto",
    scale: "robust",
    weigh: "related",
  });
  const points = preparedPoints(preparation, features, columns[0]!.length);
  const settings = { least: 2, most: 8, random: seeded(1), blocks: blocksOf(preparation) };
  const chosen = k ?? chooseClusterCount(points, settings).k;
  return { preparation, clusters: fitKMeans(points, chosen, { ...DEFAULT_K_MEANS, random: seeded(1) }) };
}

interface Model {
  readonly preparation: Preparation;
  readonly clusters: Clusters;
}

function assignment(
  { preparation, clusters }: Model,
  columns: readonly ("segment" | "distance" | "silhouette")[],
) {
  const ids = Array.from({ length: clusters.k }, (_, j) => j + 1);
  const made = assignmentSql({ preparation, clusters, ids }, (name) => name, "by_");
  const all = { segment: made.cluster, distance: made.distance, silhouette: made.silhouette };
  return scoringSql({
    ...{ from: "features" as RelationName, grain: [], steps: made.steps },
    columns: Object.fromEntries(columns.map((name) => [name, all[name]])),
  });
}

/** k from 2 to 8 chosen on a sample, and every row given its segment, its distance and its silhouette. */
export async function measureSegments(rowCount: string): Promise<Measurements> {
  const { connection, end } = await simulatedCustomers(Number(rowCount));
  const segments = await measured(async () => {
    const model = await clustersOf(connection);
    const assigned = assignment(model, ["segment", "distance", "silhouette"]);
    await connection.run(`create table segments as ${assigned}`);
  });
  end();
  return { segments };
}

/** Rows counted by segment, of eight, and a bare scan of the features, from a file of the engine: medians of three turns. */
export async function measureAssignment(rowCount: string): Promise<Measurements> {
  const { connection, end } = await simulatedCustomers(Number(rowCount));
  const model = await clustersOf(connection, 8);
  const scan = `select ${NAMES.map((name) => `sum(${name})`).join(", ")} from features`;
  const count = (columns: Parameters<typeof assignment>[1], of: string) =>
    `select segment, ${of} from (${assignment(model, columns)}) as assigned group by segment`;
  await connection.runAndReadAll(scan);
  const [limits, scores]: [Measurement[], Measurement[]] = [[], []];
  for (let turn = 0; turn < 3; turn++) {
    limits.push(await measured(() => connection.runAndReadAll(scan)));
    scores.push(await measured(() => connection.runAndReadAll(count(["segment"], "count(*)"))));
  }
  const all = await measured(() =>
    connection.runAndReadAll(count(["segment", "distance", "silhouette"], "sum(distance), sum(silhouette)")),
  );
  end();
  return { limit: medianOf(limits), scored: medianOf(scores), all };
}

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { fitBoostedTrees } from "../src/models/boosted-trees.js";
import { growTree } from "../src/models/cart.js";
import { fitReadableTree } from "../src/models/readable-tree.js";
import type { NumberFeature, TrainingSet } from "../src/models/training-set.js";
import { treeSql } from "../src/models/tree.js";
import { seeded } from "../src/random.js";
import { numberSql, quoteName } from "../src/sql.js";
import { measured, type Measurement } from "./measure.js";

type Measurements = Record<string, Measurement>;

const FOLDS = 5;

/** Customers who leave the likelier the greater some of their features are, with two thresholds to be found. */
function simulatedLeavers(rowCount: number, featureCount: number): TrainingSet {
  const random = seeded(7);
  const features = Array.from({ length: featureCount }, (_, place): NumberFeature => {
    const values = new Float64Array(rowCount);
    const levels = place % 4 === 0 ? 12 : 1e9;
    for (let row = 0; row < rowCount; row++)
      values[row] = place % 5 === 3 && random() < 0.1 ? NaN : Math.floor(random() * levels) / levels;
    return { kind: "number", name: `feature_${String(place).padStart(2, "0")}`, values };
  });
  const at = (place: number, row: number) => features[place % featureCount]!.values[row]! || 0;
  const outcomes = new Uint8Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const logOdds =
      -2.5 +
      2 * at(1, row) +
      1.5 * at(4, row) * at(6, row) +
      (at(2, row) > 0.7 ? 1 : 0) -
      (at(9, row) < 0.2 ? 1 : 0);
    outcomes[row] = random() < 1 / (1 + Math.exp(-logOdds)) ? 1 : 0;
  }
  return { features, outcomes };
}

const foldsOf = (rowCount: number) => Int32Array.from({ length: rowCount }, (_, row) => (row * 7919) % FOLDS);

/** The readable tree, its pruning, shrinkage and calibration by five folds included. */
export async function measureTree(rowCount: string): Promise<Measurements> {
  const training = simulatedLeavers(Number(rowCount), 40);
  const folds = foldsOf(training.outcomes.length);
  return { tree: await measured(() => fitReadableTree(training, folds)) };
}

/** The challenger of at most 200 trees, early stopping included. */
export async function measureBoosted(rowCount: string): Promise<Measurements> {
  const training = simulatedLeavers(Number(rowCount), 40);
  const folds = foldsOf(training.outcomes.length);
  return { boosted: await measured(() => fitBoostedTrees(training, folds)) };
}

/** An unpruned tree to depth 6 on 30 features. */
export async function measureDepth6(rowCount: string): Promise<Measurements> {
  const training = simulatedLeavers(Number(rowCount), 30);
  const settings = { maxDepth: 6, maxLeaves: 64, minLeafWeight: 1 };
  return { tree: await measured(() => growTree(training, settings)) };
}

/**
 * Writes what {@link measureDepth6} learns from, for a peer to read: `features.bin` with doubles, one feature after
 * the other, and `outcomes.bin` with bytes.
 *
 * @param order the number of rows and the folder, with a blank between them
 */
export async function writeDepth6(order: string): Promise<Measurements> {
  const [rowCount, folder] = [order.slice(0, order.indexOf(" ")), order.slice(order.indexOf(" ") + 1)];
  const { features, outcomes } = simulatedLeavers(Number(rowCount), 30);
  const file = openSync(join(folder, "features.bin"), "w");
  for (const feature of features) writeSync(file, (feature as NumberFeature).values);
  closeSync(file);
  await writeFile(join(folder, "outcomes.bin"), outcomes);
  return {};
}

/** Rows scored by a tree of 16 leaves as SQL, and a bare scan of the features it asks for, from a file of the engine. */
export async function measureScoring(rowCount: string): Promise<Measurements> {
  const training = simulatedLeavers(50_000, 40);
  const { tree } = fitReadableTree(training, foldsOf(training.outcomes.length));
  const names = training.features.map(({ name }) => quoteName(name));
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const instance = await DuckDBInstance.create(join(folder, "features.duckdb"), { memory_limit: "1GB" });
  const connection = await instance.connect();
  const cells = names.map(
    (name, place) => `cast(hash(range * 40 + ${place}) % 1000000 as double) / 1e6 as ${name}`,
  );
  await connection.run(`create table features as select ${cells.join(", ")} from range(${Number(rowCount)})`);
  const asked = new Set(
    tree.nodes.flatMap(({ split }) => (split === undefined ? [] : [quoteName(split.feature)])),
  );
  const scan = `select ${[...asked].map((name) => `sum(${name})`).join(", ")} from features`;
  const score = treeSql(tree, (place) => numberSql(tree.nodes[place]!.value));
  await connection.runAndReadAll(scan);
  const limit = await measured(() => connection.runAndReadAll(scan));
  const scored = await measured(() => connection.runAndReadAll(`select sum(${score}) from features`));
  connection.closeSync();
  rmSync(folder, { recursive: true });
  return { limit, scored };
}

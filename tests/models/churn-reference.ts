import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import type { Folds, TrainingSet } from "../../src/models/training-set.js";

const folder = fileURLToPath(new URL("../../../shared/reference/churn/", import.meta.url));
const NO_FEATURES = ["row_id", "y"];

/** A file of numbers that the peers wrote. */
export const readReference = <T>(file: string): T =>
  JSON.parse(readFileSync(join(folder, file), "utf8")) as T;

/** A set as the peers got it: words as columns of 0 and 1, nothing missing; with its fixed folds. */
export function readEncodedSet(name: "telco" | "iranian"): { training: TrainingSet; folds: Folds } {
  const recordsOf = (file: string): Record<string, string>[] =>
    parse(readFileSync(join(folder, file), "utf8"), { columns: true });
  const records = recordsOf(`${name}_encoded.csv`);
  const columns = Object.keys(records[0]!).filter((column) => !NO_FEATURES.includes(column));
  const numbersOf = (column: string) => Float64Array.from(records, (record) => Number(record[column]));
  return {
    training: {
      features: columns.map((column) => ({ kind: "number", name: column, values: numbersOf(column) })),
      outcomes: Uint8Array.from(numbersOf("y")),
    },
    folds: Int32Array.from(recordsOf(`${name}_folds.csv`), ({ fold }) => Number(fold)),
  };
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import {
  placesWhere,
  rowsAt,
  type Feature,
  type Folds,
  type TrainingSet,
} from "../../src/models/training-set.js";

const folder = fileURLToPath(new URL("../../../shared/reference/churn/", import.meta.url));
const FILES = { telco: "ibm_telco_churn.csv", iranian: "iranian_churn.csv" } as const;
const NO_FEATURES = ["customerID", "Churn"];

/** The public sets of customers who left or stayed. */
export type ChurnSetName = keyof typeof FILES;

/** Whether the public churn sets, their fixed folds and the numbers that peers got on them are here. */
export const HAS_CHURN_SETS = Object.entries(FILES)
  .flatMap(([name, file]) => [file, `${name}_folds.csv`, `churn_sklearn_${name}.json`])
  .every((file) => existsSync(join(folder, file)));
/** What to add to a title when they are not. */
export const CHURN_NOTE = HAS_CHURN_SETS ? "" : " (skipped: ../shared/reference is not here)";

/** What a peer reached, out of fold, pooled over the fixed folds. */
export interface PeerQuality {
  readonly roc_auc_pooled: number;
  readonly pr_auc: number;
  readonly brier: number;
  readonly log_loss: number;
}

type Cells = Record<string, string>;
const recordsOf = (file: string): Cells[] =>
  parse(readFileSync(join(folder, file), "utf8"), { columns: true, trim: true });

/** A set as it was published, numbers as numbers and words as words, with its fixed folds; only where they are here. */
export function readChurnSet(name: ChurnSetName): { readonly training: TrainingSet; readonly folds: Folds } {
  const records = recordsOf(FILES[name]);
  const columns = Object.keys(records[0]!).filter((column) => !NO_FEATURES.includes(column));
  return {
    training: {
      features: columns.map((column) => featureOf(column, records)),
      outcomes: Uint8Array.from(records, ({ Churn }) => Number(Churn === "Yes" || Churn === "1")),
    },
    folds: Int32Array.from(recordsOf(`${name}_folds.csv`), ({ fold }) => Number(fold)),
  };
}

function featureOf(name: string, records: readonly Cells[]): Feature {
  const cells = records.map((record) => record[name]!);
  if (cells.every((cell) => Number.isFinite(Number(cell))))
    return { kind: "number", name, values: Float64Array.from(cells, (cell) => Number(cell || NaN)) };
  const categories = [...new Set(cells)].sort();
  const codeOf = new Map(categories.map((category, code) => [category, code]));
  return { kind: "category", name, categories, codes: Int32Array.from(cells, (cell) => codeOf.get(cell)!) };
}

/** What the peers got on a set, by method. */
export function readPeerQuality(name: ChurnSetName): Readonly<Record<string, PeerQuality>> {
  const { results } = JSON.parse(readFileSync(join(folder, `churn_sklearn_${name}.json`), "utf8")) as {
    readonly results: Readonly<Record<string, PeerQuality>>;
  };
  return results;
}

/** Fits to the rows outside a fold, and scores those inside. */
export type FitAndScore = (training: TrainingSet, folds: Folds) => (held: TrainingSet) => Float64Array;

/** The probability of every row by a model that did not see its fold. */
export function outOfFold(training: TrainingSet, folds: Folds, fitAndScore: FitAndScore): Float64Array {
  const probabilities = new Float64Array(folds.length);
  for (const fold of new Set(folds)) {
    const kept = placesWhere(folds.length, (row) => folds[row] !== fold);
    const held = placesWhere(folds.length, (row) => folds[row] === fold);
    const score = fitAndScore(
      rowsAt(training, kept),
      Int32Array.from(kept, (row) => folds[row]!),
    );
    score(rowsAt(training, held)).forEach((probability, i) => (probabilities[held[i]!] = probability));
  }
  return probabilities;
}

/** P(a row with outcome 1 is ranked above one with outcome 0), ties half: by comparing ranks. */
export function rankingArea(scores: Float64Array, outcomes: Uint8Array): number {
  const order = Array.from(scores, (_, row) => row).sort((a, b) => scores[a]! - scores[b]!);
  const positives = outcomes.reduce((sum, outcome) => sum + outcome, 0);
  let rankSum = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to += 1;
    for (let i = from; i < to; i++) rankSum += outcomes[order[i]!]! * ((from + 1 + to) / 2);
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (outcomes.length - positives));
}

/** The mean squared error of probabilities. */
export const meanSquaredError = (probabilities: Float64Array, outcomes: Uint8Array): number =>
  probabilities.reduce((sum, p, row) => sum + (p - outcomes[row]!) ** 2, 0) / outcomes.length;

/** The mean logarithmic loss of probabilities. */
export const meanLogLoss = (probabilities: Float64Array, outcomes: Uint8Array): number =>
  -probabilities.reduce((sum, p, row) => sum + Math.log(outcomes[row] === 1 ? p : 1 - p), 0) /
  outcomes.length;

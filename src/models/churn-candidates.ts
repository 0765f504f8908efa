import { fitBoostedTrees, scoreBoostedTrees, type BoostedTrees } from "./boosted-trees.js";
import type { Pace } from "../pace.js";
import type { Direction } from "./cart.js";
import { scoreTree } from "./cart.js";
import { gainsCurve, type GainsPoint } from "./gains.js";
import {
  fitLogisticRegression,
  scoreLogisticRegression,
  type LogisticRegression,
} from "./logistic-regression.js";
import type { LogisticLine } from "./logistic-line.js";
import {
  brierScore,
  calibrationCurve,
  calibrationLine,
  expectedCalibrationError,
  logLoss,
  type CalibrationBin,
} from "./probability-quality.js";
import { areaUnderRoc, averagePrecision, type Estimate } from "./ranking-quality.js";
import { fitReadableTree, type FittedTree } from "./readable-tree.js";
import { placesWhere, rowsAt, type Feature, type Folds, type TrainingSet } from "./training-set.js";

/** The models that are tried: the tree that explains, its challenger, and a plain baseline. */
export const CANDIDATES = ["tree", "boosted", "logistic"] as const;
/** One of them. */
export type CandidateName = (typeof CANDIDATES)[number];

/** What is tried: the models, and the rule that they are held against. */
export const TRIED = [...CANDIDATES, "rule"] as const;
/** One of them. */
export type TriedName = (typeof TRIED)[number];

/** All of them, fitted to the same rows. */
export interface Candidates {
  readonly tree: FittedTree;
  readonly boosted: BoostedTrees;
  readonly logistic: LogisticRegression;
}

/** How they are fitted. */
export interface CandidateSettings {
  readonly maxLeaves: number;
  readonly seed: number;
  /** Which way the probability may go with a feature; the plain baseline knows no such thing. */
  readonly monotone: Readonly<Record<string, Direction>>;
}

/** How they are fitted, and at what pace. */
export interface PacedSettings extends CandidateSettings {
  readonly pace: Pace;
  /** Held-out folds by which the number of boosted trees is chosen; fewer are faster. */
  readonly maxHeldOutFolds?: number;
}

/** Probabilities of every row, by model. */
export type CandidateScores = Readonly<Record<CandidateName, Float64Array>>;

/** Fits every model to the same rows; rows of a fold are held out together wherever a model tries itself. */
export async function fitCandidates(
  training: TrainingSet,
  folds: Folds,
  { maxLeaves, monotone, seed, pace, maxHeldOutFolds }: PacedSettings,
): Promise<Candidates> {
  const boosting = { monotone, seed, ...(maxHeldOutFolds === undefined ? {} : { maxHeldOutFolds }) };
  const paced = <Model>(name: CandidateName, fit: () => Model) =>
    pace(`models.churn_${name}`, folds.length, fit);
  return {
    tree: await paced("tree", () => fitReadableTree(training, folds, { maxLeaves, monotone })),
    boosted: await paced("boosted", () => fitBoostedTrees(training, folds, boosting)),
    logistic: await paced("logistic", () => fitLogisticRegression(training)),
  };
}

/** The probability that each model gives each row. */
export function scoreCandidates(
  { tree, boosted, logistic }: Candidates,
  features: readonly Feature[],
  rowCount: number,
): CandidateScores {
  return {
    tree: scoreTree(tree.tree, features, rowCount),
    boosted: scoreBoostedTrees(boosted, features, rowCount),
    logistic: scoreLogisticRegression(logistic, features, rowCount),
  };
}

/** The probability of each row by models that were fitted without its fold: pooled out-of-fold predictions. */
export async function scoreOutOfFold(
  training: TrainingSet,
  folds: Folds,
  settings: PacedSettings,
): Promise<CandidateScores> {
  const rowCount = folds.length;
  const scores = { tree: nothing(rowCount), boosted: nothing(rowCount), logistic: nothing(rowCount) };
  for (const fold of new Set(folds.toSorted())) {
    const kept = placesWhere(rowCount, (row) => folds[row] !== fold);
    const held = placesWhere(rowCount, (row) => folds[row] === fold);
    const models = await fitCandidates(
      rowsAt(training, kept),
      Int32Array.from(kept, (row) => folds[row]!),
      { ...settings, maxHeldOutFolds: HELD_OUT_WITHIN },
    );
    const found = scoreCandidates(models, rowsAt(training, held).features, held.length);
    for (const name of CANDIDATES) held.forEach((row, i) => (scores[name][row] = found[name][i]!));
  }
  return scores;
}

/** Of the folds that are left, so many choose the number of boosted trees when one is held out already. */
const HELD_OUT_WITHIN = 2;

const nothing = (rowCount: number) => new Float64Array(rowCount).fill(NaN);

/** How well probabilities foretold what came: of the order they give, and of their size. */
export interface Quality {
  readonly rowCount: number;
  readonly positiveCount: number;
  readonly areaUnderRoc: Estimate;
  readonly averagePrecision: Estimate;
  readonly brierScore: Estimate;
  readonly logLoss: Estimate;
  readonly calibration: readonly CalibrationBin[];
  /** Mean distance of foretold and actual rates over these bins. */
  readonly calibrationError: number;
  readonly calibrationLine: LogisticLine;
  readonly gains: readonly GainsPoint[];
}

/** The quality of probabilities, with 95 % intervals. */
export function qualityOf(probabilities: Float64Array, outcomes: Uint8Array): Quality {
  const calibration = calibrationCurve(probabilities, outcomes);
  return {
    rowCount: outcomes.length,
    positiveCount: outcomes.reduce((sum, outcome) => sum + outcome, 0),
    areaUnderRoc: areaUnderRoc(probabilities, outcomes),
    averagePrecision: averagePrecision(probabilities, outcomes),
    brierScore: brierScore(probabilities, outcomes),
    logLoss: logLoss(probabilities, outcomes),
    calibration,
    calibrationError: expectedCalibrationError(calibration),
    calibrationLine: calibrationLine(probabilities, outcomes),
    gains: gainsCurve(probabilities, outcomes),
  };
}

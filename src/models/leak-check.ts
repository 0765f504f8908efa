import { binFeatures, type BinnedFeature } from "./feature-bins.js";
import { areaWithError } from "./ranking-quality.js";
import { groupScores, totalsOf, type ScoreGroup } from "./score-groups.js";
import type { Feature, Folds, TrainingSet } from "./training-set.js";

/**
 * How a feature gave itself away. `alone`: it foretells the outcome by itself too well; the figure is the area under the ROC
 * curve. `pure`: some of its values are found with leavers only; the figure is the share of all leavers who have them.
 * `filled`: it is known of leavers only; the figure is the share of leavers among those of whom it is known.
 */
export type LeakReason = "alone" | "pure" | "filled";

/** A feature that may have been written down after the outcome was known. */
export interface LikelyLeak {
  readonly feature: string;
  readonly reason: LeakReason;
  readonly figure: number;
}

/** When a feature is suspicious. */
export interface LeakSettings {
  /** Area under the ROC curve of the feature alone, from which on it is. */
  readonly suspiciousArea: number;
}

/** What is used where nothing else is said. */
export const DEFAULT_LEAK_SETTINGS: LeakSettings = { suspiciousArea: 0.98 };

/** With fewer leavers or stayers no feature is judged: a few rows can be parted by chance. */
const LEAST_ROWS = 10;
/** Rows that a bin should hold, so that its rate says something. */
const ROWS_PER_BIN = 20;
const MAX_BINS = 255;
/** Leavers only: this share of the rows, or more. */
const PURE_RATE = 0.99;
/** Of the leavers, to have pure values. */
const PURE_REACH = 0.3;
/** Nearly only leavers among those of whom a feature is known. */
const FILLED_RATE = 0.95;
/** So many times as often found with leavers as with stayers. */
const LEAST_LIFT = 20;

/**
 * Features that are likely leaks, in the order of the features, each with its first reason of `filled`, `alone`, `pure`. Judged
 * are values as they are ordered, and outcome rates by value or by up to 255 bins, learnt from the other folds. Weights
 * do not count. With fewer than ten leavers or ten stayers, nothing is found.
 */
export function likelyLeaks(
  training: TrainingSet,
  folds: Folds,
  { suspiciousArea }: Partial<LeakSettings> = {},
): LikelyLeak[] {
  const { features, outcomes } = training;
  const leaverCount = outcomes.reduce((sum, outcome) => sum + outcome, 0);
  if (Math.min(leaverCount, outcomes.length - leaverCount) < LEAST_ROWS) return [];
  const maxBins = Math.min(MAX_BINS, Math.max(2, Math.floor(outcomes.length / ROWS_PER_BIN)));
  const limit = suspiciousArea ?? DEFAULT_LEAK_SETTINGS.suspiciousArea;
  return binFeatures(features, maxBins).flatMap((binned) => {
    const scores = outOfFoldRates(binned, outcomes, folds);
    const area = Math.max(areaWithError(scores, outcomes).area, orderedArea(binned.feature, outcomes));
    const reached = pureReach(scores, outcomes);
    const filledRate = rateWhereFilled(binned, outcomes);
    const found = (reason: LeakReason, figure: number) => [{ feature: binned.feature.name, reason, figure }];
    if (filledRate !== undefined) return found("filled", filledRate);
    if (area >= limit) return found("alone", area);
    return reached >= PURE_REACH ? found("pure", reached) : [];
  });
}

/** The outcome rate of each row's bin among the other folds, drawn to the overall rate by one row. */
function outOfFoldRates(
  { codes, binCount }: BinnedFeature,
  outcomes: Uint8Array,
  folds: Folds,
): Float64Array {
  const places = new Map([...new Set(folds)].map((fold, place) => [fold, place]));
  const cellOf = (row: number) => places.get(folds[row]!)! * (binCount + 1) + codes[row]!;
  const [rows, leavers] = [0, 1].map(() => new Float64Array(places.size * (binCount + 1))) as [
    Float64Array,
    Float64Array,
  ];
  const [rowsIn, leaversIn] = [new Float64Array(binCount + 1), new Float64Array(binCount + 1)];
  codes.forEach((code, row) => {
    rows[cellOf(row)]! += 1;
    leavers[cellOf(row)]! += outcomes[row]!;
    rowsIn[code]! += 1;
    leaversIn[code]! += outcomes[row]!;
  });
  const rate = leaversIn.reduce((sum, count) => sum + count, 0) / codes.length;
  return Float64Array.from(codes, (code, row) => {
    const cell = cellOf(row);
    return (leaversIn[code]! - leavers[cell]! + rate) / (rowsIn[code]! - rows[cell]! + 1);
  });
}

/** The area of a number as it is ordered, either way, missing values at either end; ½ for words. */
function orderedArea(feature: Feature, outcomes: Uint8Array): number {
  if (feature.kind === "category") return 0.5;
  const { values } = feature;
  const areas = [-Infinity, Infinity].map((end) => {
    const { area } = areaWithError(
      values.map((value) => (Number.isNaN(value) ? end : value)),
      outcomes,
    );
    return Math.max(area, 1 - area);
  });
  return Math.max(...areas);
}

/** The share of leavers among the rows with the highest scores, taken as far as hardly anybody else is among them. */
function pureReach(scores: Float64Array, outcomes: Uint8Array): number {
  const groups = groupScores(scores, outcomes);
  const all = totalsOf(groups);
  let [rowCount, positiveCount, reached] = [0, 0, 0];
  for (const group of groups) {
    rowCount += group.rowCount;
    positiveCount += group.positiveCount;
    if (isOfLeaversOnly({ rowCount, positiveCount }, all, PURE_RATE)) reached = positiveCount;
  }
  return reached / all.positiveCount;
}

/** The share of leavers among rows of which a feature is known, where it is known of hardly anybody else. */
function rateWhereFilled({ codes }: BinnedFeature, outcomes: Uint8Array): number | undefined {
  const isFilled = Float64Array.from(codes, (code) => (code > 0 ? 1 : 0));
  const groups = groupScores(isFilled, outcomes);
  const filled = groups.find(({ score }) => score === 1);
  if (filled === undefined || !isOfLeaversOnly(filled, totalsOf(groups), FILLED_RATE)) return undefined;
  return filled.positiveCount / filled.rowCount;
}

type Counts = Omit<ScoreGroup, "score">;

/**
 * Whether some of all rows are leavers but for few: at the given rate, and holding so much more of the leavers than of the
 * stayers that it is not only that most customers leave anyway.
 */
function isOfLeaversOnly(some: Counts, all: Counts, rate: number): boolean {
  const stayersOf = ({ rowCount, positiveCount }: Counts) => rowCount - positiveCount + 0.5;
  const lift = some.positiveCount / all.positiveCount / (stayersOf(some) / stayersOf(all));
  return some.positiveCount >= Math.max(LEAST_ROWS, rate * some.rowCount) && lift >= LEAST_LIFT;
}

import { seeded } from "../random.js";
import { exactlySummable } from "../math/exact-sums.js";
import { binFeatures, type BinnedFeature } from "./feature-bins.js";
import {
  growGradientTree,
  leafOfCodes,
  readableTree,
  type BinnedTree,
  type Derivatives,
  type GradientTreeSettings,
  type Sample,
} from "./gradient-tree.js";
import { baselineLogOdds, probabilityOf } from "./log-odds.js";
import { rowDraws, type RowDraws } from "./row-draws.js";
import { leafOfRows, type Tree } from "./tree.js";
import { placesWhere, type Feature, type Folds, type TrainingSet } from "./training-set.js";

/** How a sum of trees is fitted. */
export interface BoostingSettings extends GradientTreeSettings {
  readonly maxTrees: number;
  /** Share of the features that a tree may use, drawn anew for each tree. */
  readonly featureShare: number;
  /** About how many rows a tree is grown on at most, drawn anew for each tree. */
  readonly maxRowsPerTree: number;
  /** Trees without a smaller held-out loss after which no more are tried. */
  readonly patience: number;
  /** So many folds are held out, each from a fit of its own, or fewer that have enough rows together. */
  readonly maxHeldOutFolds: number;
  readonly enoughHeldOut: number;
  /** Any integer. */
  readonly seed: number;
}

/** What is used where nothing else is said. */
export const DEFAULT_BOOSTING_SETTINGS: BoostingSettings = {
  maxTrees: 200,
  maxDepth: 4,
  learningRate: 0.1,
  ridge: 1,
  categoryRidge: 5,
  minLeafSpread: 2,
  monotone: {},
  featureShare: 0.5,
  maxRowsPerTree: 250_000,
  patience: 30,
  maxHeldOutFolds: 5,
  enoughHeldOut: 50_000,
  seed: 0,
};

/** A sum of trees on the log-odds: plain data, as it goes to `models.json`. */
export interface BoostedTrees {
  /** The mean log-odds of the rows that were learnt from. */
  readonly baseline: number;
  /** Every node's value is added to the baseline, an inner one's the mean of what is below; every root's is 0. */
  readonly trees: readonly Tree[];
  readonly settings: BoostingSettings;
  /** Mean held-out log-loss with 0, 1, 2 … trees; empty where nothing could be held out. */
  readonly heldOutLosses: readonly number[];
}

/**
 * Gradient-boosted trees of the log-odds on binned features, with as many trees as did best on held-out folds, then
 * fitted to all rows. Derivatives and weights are rounded to a grid on which sums are exact, and rows and features
 * are drawn by their contents and the seed: the order of the rows does not matter. With outcomes of one kind only a
 * constant. O(rows · features · depth) a tree.
 *
 * @param folds rows with the same number are held out together; with less than two numbers rows are held out by lot
 * @throws RangeError for settings out of range
 * @see Friedman (2002), "Stochastic Gradient Boosting", Computational Statistics & Data Analysis 38(4)
 */
export function fitBoostedTrees(
  training: TrainingSet,
  folds: Folds,
  settings: Partial<BoostingSettings> = {},
): BoostedTrees {
  const chosen = checked({ ...DEFAULT_BOOSTING_SETTINGS, ...settings });
  const problem = problemOf(training, folds, chosen);
  const isPlain = training.outcomes.every((outcome) => outcome === training.outcomes[0]);
  const heldOutLosses = isPlain ? [] : lossesOf(problem, heldOutSets(problem));
  const best = heldOutLosses.indexOf(heldOutLosses.reduce((a, b) => Math.min(a, b), Infinity));
  const boosting = startBoosting(
    problem,
    placesWhere(folds.length, () => true),
  );
  while (boosting.trees.length < best) addTree(boosting);
  return { ...centred(boosting), settings: chosen, heldOutLosses };
}

/** The probability of each row. @throws RangeError for a feature the rows do not have */
export function scoreBoostedTrees(
  { baseline, trees }: BoostedTrees,
  features: readonly Feature[],
  rowCount: number,
): Float64Array {
  const logOdds = sumOf(trees, features, rowCount);
  return logOdds.map((sum) => probabilityOf(baseline + sum));
}

/** What trees say of each row, in halves of halves as in SQL. */
function sumOf(trees: readonly Tree[], features: readonly Feature[], rowCount: number): Float64Array {
  const [tree] = trees;
  if (tree === undefined) return new Float64Array(rowCount);
  if (trees.length === 1) {
    const values = Float64Array.from(tree.nodes, ({ value }) => value);
    return Float64Array.from(leafOfRows(tree, features, rowCount), (leaf) => values[leaf]!);
  }
  const middle = trees.length >> 1;
  const sum = sumOf(trees.slice(0, middle), features, rowCount);
  sumOf(trees.slice(middle), features, rowCount).forEach((value, row) => (sum[row]! += value));
  return sum;
}

const NOT_NEGATIVE = [
  ...(["maxTrees", "maxDepth", "ridge", "categoryRidge", "minLeafSpread", "maxRowsPerTree"] as const),
  ...(["patience", "maxHeldOutFolds", "enoughHeldOut"] as const),
];

function checked(settings: BoostingSettings): BoostingSettings {
  for (const name of ["learningRate", "featureShare"] as const)
    if (!(settings[name] > 0 && settings[name] <= 1))
      throw new RangeError(`${name}: must be above 0 and at most 1, found ${settings[name]}`);
  for (const name of NOT_NEGATIVE)
    if (!(settings[name] >= 0)) throw new RangeError(`${name}: must not be below 0, found ${settings[name]}`);
  return settings;
}

/* The rows on a grid. */

interface Problem {
  readonly features: readonly BinnedFeature[];
  readonly outcomes: Uint8Array;
  readonly weights: Float64Array;
  /** A power of two; sums of its multiples are exact. */
  readonly grid: number;
  readonly draws: RowDraws;
  readonly folds: Folds;
  readonly settings: BoostingSettings;
}

function problemOf(training: TrainingSet, folds: Folds, settings: BoostingSettings): Problem {
  const { outcomes } = training;
  const weights = exactlySummable(training.weights ?? new Float64Array(outcomes.length).fill(1));
  const features = binFeatures(training.features, undefined, training.weights && weights).map(
    withoutSharedBin,
  );
  const heaviest = weights.reduce((a, b) => Math.max(a, b), 0) || 1;
  const grid = 2 ** (Math.ceil(Math.log2(heaviest * outcomes.length)) - SUM_BITS);
  const draws = rowDraws(features, training, { groups: folds, seed: settings.seed });
  return {
    ...{ features, outcomes, weights, grid, draws, settings },
    folds: new Set(folds).size > 1 ? folds : folds.map((_, row) => draws(row, -1) % LOTS),
  };
}

/** Of the 53 bits of a sum; the others are for losses of more than 1. */
const SUM_BITS = 46;
/** Folds that rows are dealt to where none are given. */
const LOTS = 5;

const onGrid = (value: number, grid: number): number => Math.round(value / grid) * grid;

/** Words too rare for a bin of their own say nothing: they go where a missing one goes. */
function withoutSharedBin(binned: BinnedFeature): BinnedFeature {
  const isShared = (code: number) => code > 0 && (binned.categoriesOf[code - 1]?.length ?? 0) > 1;
  if (!binned.categoriesOf.some((words) => words.length > 1)) return binned;
  return { ...binned, codes: binned.codes.map((code) => (isShared(code) ? 0 : code)) };
}

/* Boosting. */

interface Boosting {
  readonly problem: Problem;
  /** The rows that are learnt from. */
  readonly rows: Int32Array;
  readonly baseline: number;
  readonly trees: BinnedTree[];
  /** Log-odds of all rows, also of those that are held out. */
  readonly logOdds: Float64Array;
  readonly derivatives: Derivatives;
}

function startBoosting(problem: Problem, rows: Int32Array): Boosting {
  const { length } = problem.outcomes;
  const baseline = baselineLogOdds({
    features: [],
    outcomes: Uint8Array.from(rows, (row) => problem.outcomes[row]!),
    weights: Float64Array.from(rows, (row) => problem.weights[row]!),
  });
  return {
    problem,
    rows,
    baseline,
    trees: [],
    logOdds: new Float64Array(length).fill(baseline),
    derivatives: { first: new Float64Array(length), second: new Float64Array(length) },
  };
}

function addTree(boosting: Boosting): void {
  const { problem, trees, logOdds, derivatives } = boosting;
  const sample = drawSample(boosting);
  derive(boosting, sample.rows);
  const tree = growGradientTree(
    problem.features,
    { first: derivatives.first, second: derivatives.second, sample },
    problem.settings,
  );
  trees.push(tree);
  const leaves = leafOfCodes(tree, problem.features, logOdds.length);
  const values = Float64Array.from(tree.nodes, ({ value }) => value);
  for (let row = 0; row < logOdds.length; row++) logOdds[row]! += values[leaves[row]!]!;
}

function drawSample({ problem, rows, trees }: Boosting): Sample {
  const { draws, settings, features } = problem;
  const turn = trees.length;
  const limit = (settings.maxRowsPerTree / rows.length) * 2 ** 32;
  const random = seeded(settings.seed + 7919 * (turn + 1));
  const order = features.map((_, place) => ({ place, draw: random() })).sort((a, b) => a.draw - b.draw);
  const featureCount = Math.ceil(settings.featureShare * features.length);
  return {
    rows: settings.maxRowsPerTree >= rows.length ? rows : rows.filter((row) => draws(row, turn) < limit),
    features: order
      .slice(0, featureCount)
      .map(({ place }) => place)
      .sort((a, b) => a - b),
  };
}

function derive({ problem, logOdds, derivatives }: Boosting, rows: Int32Array): void {
  const { outcomes, weights, grid } = problem;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const probability = probabilityOf(logOdds[row]!);
    derivatives.first[row] = onGrid(weights[row]! * (probability - outcomes[row]!), grid);
    derivatives.second[row] = onGrid(weights[row]! * probability * (1 - probability), grid);
  }
}

/* The number of trees. */

interface HeldOut {
  readonly boosting: Boosting;
  readonly rows: Int32Array;
}

function heldOutSets(problem: Problem): HeldOut[] {
  const { folds, settings } = problem;
  const sets: HeldOut[] = [];
  let rowCount = 0;
  for (const fold of [...new Set(folds)].sort((a, b) => a - b)) {
    if (rowCount >= settings.enoughHeldOut || sets.length >= settings.maxHeldOutFolds) break;
    const rows = placesWhere(folds.length, (row) => folds[row] === fold);
    const kept = placesWhere(folds.length, (row) => folds[row] !== fold);
    if (kept.length === 0) continue;
    rowCount += rows.length;
    sets.push({ rows, boosting: startBoosting(problem, kept) });
  }
  return sets;
}

function lossesOf({ settings }: Problem, sets: readonly HeldOut[]): number[] {
  if (sets.length === 0) return [];
  const losses = [meanLoss(sets)];
  let best = 0;
  while (losses.length <= settings.maxTrees && losses.length - best <= settings.patience) {
    sets.forEach(({ boosting }) => addTree(boosting));
    losses.push(meanLoss(sets));
    if (losses.at(-1)! < losses[best]!) best = losses.length - 1;
  }
  return losses;
}

function meanLoss(sets: readonly HeldOut[]): number {
  let [sum, total] = [0, 0];
  for (const { rows, boosting } of sets) {
    const { outcomes, weights, grid } = boosting.problem;
    for (const row of rows) {
      const miss = outcomes[row] === 1 ? -boosting.logOdds[row]! : boosting.logOdds[row]!;
      const loss = Math.max(miss, 0) + Math.log1p(Math.exp(-Math.abs(miss)));
      sum += onGrid(weights[row]! * loss, grid);
      total += weights[row]!;
    }
  }
  return sum / total;
}

/* The model. */

/** Every tree less what its root says, which is in the baseline instead. */
function centred({ problem, baseline, trees }: Boosting): Pick<BoostedTrees, "baseline" | "trees"> {
  const { features, outcomes, weights } = problem;
  const means = trees.map((tree) => readableTree(tree, { features, outcomes, weights }));
  return {
    baseline: means.reduce((sum, { mean }) => sum + mean, baseline),
    trees: means.map(({ tree }) => tree),
  };
}

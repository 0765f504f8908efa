import { binTraining, everyRow, plainTree, treeSettings, type TreeSettings } from "./cart.js";
import {
  collapseComplexities,
  complexitiesBetween,
  complexityFor,
  leavesAt,
  prunedTree,
  pruningSteps,
  type PruningStep,
} from "./cart-pruning.js";
import { shrunkValues } from "./hierarchical-shrinkage.js";
import { baselineLogOdds, probabilityOf } from "./log-odds.js";
import { fitLogisticLine } from "./logistic-line.js";
import { OUTCOME_LOSSES } from "./outcome-loss.js";
import {
  growOnBins,
  weightsAtNodes,
  type BinnedRows,
  type GrownTree,
  type NodeWeights,
} from "./tree-growth.js";
import { searchedTree } from "./tree-search.js";
import type { Folds, TrainingSet } from "./training-set.js";
import type { Tree } from "./tree.js";

/** One tree that is ready to use: plain data, as it goes to `models.json`. */
export interface FittedTree {
  /** Every node's value is the probability of outcome 1, an inner one's too. */
  readonly tree: Tree;
  readonly settings: TreeSettings;
  /** What a split had to save of the mean log-loss, for every leaf that it adds. */
  readonly complexity: number;
  /** λ of the hierarchical shrinkage, in weight. */
  readonly shrinkage: number;
  /** Calibrated log-odds are intercept + slope · log-odds. */
  readonly calibration: Line;
  /** Mean log-loss of held-out rows before the calibration; NaN where nothing could be held out. */
  readonly heldOutLoss: number;
  /** The subtrees that pruning chose among, from the root alone to the one before the search. */
  readonly pruning: readonly PruningStep[];
}

interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/** A tree grown without a fold, and what came to its nodes from that fold. */
interface Trial {
  readonly tree: GrownTree;
  readonly rows: Uint32Array;
  readonly held: Uint32Array;
  readonly heldWeights: NodeWeights;
}

interface Problem {
  readonly binned: BinnedRows;
  readonly settings: TreeSettings;
}

/** Leaves that a tree is grown to, for each that it may keep. */
const GROWN_LEAVES = 4;
/** Candidates for λ; the first is taken where nothing can be held out. */
const SHRINKAGES = [20, 1, 2, 5, 10, 50, 100, 200, 500];
/** Of more rows the greedy tree is taken as it is: the search takes time. */
const MOST_SEARCHED_ROWS = 200_000;
const UNCHANGED: Line = { intercept: 0, slope: 1 };

/**
 * A tree for people to read: grown larger than asked, pruned at the complexity that does best by the log-loss of
 * held-out folds, searched on ({@link searchedTree}), its probabilities shrunk along the path by the λ that does best on
 * them, and calibrated by a line through the log-odds of held-out rows. A leaf has one probability, and directions
 * hold. With outcomes of one kind only its root; with less than two folds the largest tree allowed, not calibrated.
 * The order of the rows does not matter.
 *
 * @param folds rows with the same number are held out together
 * @throws RangeError as `growTree`
 * @see Breiman et al. (1984), chapter 3; Agarwal et al. (2022); Platt (1999), "Probabilistic Outputs for Support Vector
 * Machines", for the line
 */
export function fitReadableTree(
  training: TrainingSet,
  folds: Folds,
  settings: Partial<TreeSettings> = {},
): FittedTree {
  const chosen = treeSettings(settings);
  const binned = binTraining(training, chosen);
  const problem = { binned, settings: chosen };
  const whole = grow(problem, everyRow(binned));
  const trials = trialsOf(problem, folds);
  const complexity = bestComplexity(whole, trials, chosen.maxLeaves);
  const tree = cut(problem, whole, { complexity, rows: everyRow(binned) });
  const cuts = trials.map((trial) =>
    tried(problem, { ...trial, tree: cut(problem, trial.tree, { complexity, rows: trial.rows }) }),
  );
  const { shrinkage, heldOutLoss } = bestShrinkage(cuts);
  const isRootAlone = tree.nodes.length === 1;
  const calibration = isRootAlone ? UNCHANGED : calibrationOf(cuts, shrinkage);
  const values = isRootAlone ? [probabilityOf(baselineLogOdds(training))] : shrunkValues(tree, shrinkage);
  const nodes = tree.nodes.map((node, place) => ({
    ...node,
    value: calibrated(values[place]!, calibration),
  }));
  const least = finite(complexity, whole);
  const pruning = pruningSteps(whole, trials, { risk: "log-loss", least });
  const found = { complexity: least, shrinkage, calibration, heldOutLoss, pruning };
  return { tree: plainTree({ nodes }), settings: chosen, ...found };
}

/** Infinity, which leaves the root alone, as the least complexity that does. */
const finite = (complexity: number, whole: GrownTree) =>
  [complexity, collapseComplexities(whole, "log-loss")[0]!, 0].find(Number.isFinite)!;

const grow = ({ binned, settings }: Problem, rows: Uint32Array) =>
  growOnBins(binned, rows, { ...settings, maxLeaves: GROWN_LEAVES * settings.maxLeaves });

/** One for each fold but those without which only one outcome is left. */
function trialsOf(problem: Problem, folds: Folds): Trial[] {
  const every = everyRow(problem.binned);
  const trials = [...new Set(folds)]
    .sort((a, b) => a - b)
    .map((fold) => {
      const rows = every.filter((row) => folds[row] !== fold);
      return tried(problem, {
        tree: grow(problem, rows),
        rows,
        held: every.filter((row) => folds[row] === fold),
      });
    });
  return trials.filter(
    ({
      tree: {
        nodes: [root],
      },
    }) => root!.value > 0 && root!.value < 1,
  );
}

const tried = ({ binned }: Problem, trial: Omit<Trial, "heldWeights">): Trial => ({
  ...trial,
  heldWeights: weightsAtNodes(trial.tree, binned, trial.held),
});

/** The complexity that loses least on held-out rows, each time with the best λ; the larger of equal ones. */
function bestComplexity(whole: GrownTree, trials: readonly Trial[], maxLeaves: number): number {
  const collapses = trials.map(({ tree }) => collapseComplexities(tree, "log-loss"));
  const limits = collapses.map((collapse) => complexityFor(collapse, maxLeaves));
  const collapse = collapseComplexities(whole, "log-loss");
  let best = { complexity: complexityFor(collapse, maxLeaves), loss: Infinity };
  const candidates = complexitiesBetween(collapse, best.complexity);
  for (const shrinkage of SHRINKAGES) {
    const losses = trials.map((trial) => heldOutLosses(trial, shrinkage));
    for (const complexity of candidates) {
      const loss = sumOf(
        trials.map(({ tree }, i) => {
          const isSplit = (place: number) => collapses[i]![place]! > Math.max(complexity, limits[i]!);
          return sumOf(leavesAt(tree, isSplit).map((leaf) => losses[i]![leaf]!));
        }),
      );
      if (trials.length > 0 && loss < best.loss) best = { complexity, loss };
    }
  }
  return best.complexity;
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

/** The log-loss of the held-out rows of each node, were it a leaf. */
function heldOutLosses(
  { tree, heldWeights: { negative, positive } }: Trial,
  shrinkage: number,
): Float64Array {
  return shrunkValues(tree, shrinkage).map((value, place) =>
    OUTCOME_LOSSES["log-loss"](negative[place]!, positive[place]!, value),
  );
}

/** The tree at a complexity, with no more leaves than are allowed, and searched on from there. */
function cut(
  { binned, settings }: Problem,
  tree: GrownTree,
  { complexity, rows }: { complexity: number; rows: Uint32Array },
): GrownTree {
  const collapse = collapseComplexities(tree, "log-loss");
  const least = Math.max(complexity, complexityFor(collapse, settings.maxLeaves));
  const pruned = prunedTree(tree, (place) => collapse[place]! > least);
  return rows.length > MOST_SEARCHED_ROWS ? pruned : searchedTree(pruned, binned, { rows, settings });
}

function bestShrinkage(trials: readonly Trial[]) {
  const weight = sumOf(trials.map(({ heldWeights: { negative, positive } }) => negative[0]! + positive[0]!));
  const lossAt = (shrinkage: number) =>
    sumOf(
      trials.map((trial) => {
        const losses = heldOutLosses(trial, shrinkage);
        return sumOf(leavesAt(trial.tree).map((leaf) => losses[leaf]!));
      }),
    ) / weight;
  const tries = SHRINKAGES.map((shrinkage) => ({ shrinkage, heldOutLoss: lossAt(shrinkage) }));
  return tries.reduce((best, next) => (next.heldOutLoss < best.heldOutLoss ? next : best));
}

/** The line through the held-out log-odds; none where the outcomes give none, or one that falls. */
function calibrationOf(trials: readonly Trial[], shrinkage: number): Line {
  const points = trials.flatMap(({ tree, heldWeights: { negative, positive } }) => {
    const values = shrunkValues(tree, shrinkage);
    return leavesAt(tree).map((leaf) => ({
      at: logOddsOf(values[leaf]!),
      rowCount: negative[leaf]! + positive[leaf]!,
      positiveCount: positive[leaf]!,
    }));
  });
  const { intercept, slope } = fitLogisticLine(points.filter(({ rowCount }) => rowCount > 0));
  return slope.estimate > 0 ? { intercept: intercept.estimate, slope: slope.estimate } : UNCHANGED;
}

const logOddsOf = (probability: number) => Math.log(probability / (1 - probability));

const calibrated = (value: number, { intercept, slope }: Line) =>
  probabilityOf(intercept + slope * logOddsOf(value));

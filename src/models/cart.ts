import { exactlySummable } from "../math/exact-sums.js";
import { binFeatures, binFeaturesFinely } from "./feature-bins.js";
import { growOnBins, type BinnedRows, type GrownTree, type GrowthSettings } from "./tree-growth.js";
import type { Feature, TrainingSet } from "./training-set.js";
import { leafOfRows, type Tree } from "./tree.js";

export type { Direction } from "./tree-growth.js";

/** How a tree is grown. */
export interface TreeSettings extends GrowthSettings {
  /** Whether cuts may lie between any two of up to 65535 values, rather than of 255; slower. */
  readonly isFine: boolean;
}

/** What is used where nothing else is said: a tree that people can read. */
export const DEFAULT_TREE_SETTINGS: TreeSettings = {
  criterion: "entropy",
  maxDepth: 8,
  maxLeaves: 16,
  minLeafWeight: 20,
  minSplitWeight: 0,
  monotone: {},
  isFine: false,
};

/**
 * A classification tree, unpruned, grown best first within its limits; with nothing to part the rows by, its root
 * alone. Its values are the rates of outcome 1. Numbers are parted at a cut, words by the order of their rates, and
 * missing ones go the better way, or with the heavier side where none was seen. The order of the rows does not
 * matter; ties go to the first name, then the least cut.
 *
 * @throws RangeError for settings out of range, weights that are negative or not finite, and a direction of a
 * feature that is not there or is no number
 * @see Breiman, Friedman, Olshen & Stone (1984), "Classification and Regression Trees"
 */
export function growTree(training: TrainingSet, settings: Partial<TreeSettings> = {}): Tree {
  const chosen = treeSettings(settings);
  const binned = binTraining(training, chosen);
  return plainTree(growOnBins(binned, everyRow(binned), chosen));
}

/** Settings filled up and checked. @throws RangeError for those out of range */
export function treeSettings(settings: Partial<TreeSettings>): TreeSettings {
  const chosen = { ...DEFAULT_TREE_SETTINGS, ...settings };
  for (const name of ["maxDepth", "minLeafWeight", "minSplitWeight"] as const)
    if (!(chosen[name] >= 0)) throw new RangeError(`${name}: must not be below 0, found ${chosen[name]}`);
  if (!(chosen.maxLeaves >= 1))
    throw new RangeError(`maxLeaves: must not be below 1, found ${chosen.maxLeaves}`);
  return chosen;
}

/** A training set as trees are grown on it: features by name, in bins, with exactly summable weights. */
export function binTraining(
  { features, outcomes, weights }: TrainingSet,
  { isFine }: TreeSettings,
): BinnedRows {
  if (weights?.some((weight) => !(weight >= 0))) throw new RangeError("weights: must not be below 0");
  const exact = weights && exactlySummable(weights);
  const byName = features.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const bins = isFine ? binFeaturesFinely(byName, exact) : binFeatures(byName, undefined, exact);
  return { bins, outcomes, weights: exact };
}

/** The places of all rows. */
export const everyRow = ({ outcomes }: BinnedRows): Uint32Array =>
  Uint32Array.from(outcomes, (_, row) => row);

/** A grown tree without what only its growth needed. */
export const plainTree = ({ nodes }: GrownTree): Tree => ({
  nodes: nodes.map(({ split, left, right, parent, weight, positiveWeight, value }) => ({
    ...(split && { split }),
    ...{ left, right, parent, weight, positiveWeight, value },
  })),
});

/** The value of each row's leaf: its probability. @throws RangeError for a feature the rows do not have */
export function scoreTree(tree: Tree, features: readonly Feature[], rowCount: number): Float64Array {
  return Float64Array.from(leafOfRows(tree, features, rowCount), (leaf) => tree.nodes[leaf]!.value);
}

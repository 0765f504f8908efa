import { collapseComplexities, complexityFor, leavesAt, prunedTree } from "./cart-pruning.js";
import { OUTCOME_LOSSES } from "./outcome-loss.js";
import { growOnBins, type BinnedRows, type GrownTree } from "./tree-growth.js";
import { refinedTree, type RefinedRows } from "./tree-refinement.js";

/** Leaves that a tree is grown on to, for each that it has. */
const GROWTH = 2;
const MOST_ROUNDS = 3;
/** A round is worth it that saves at least this share of the log-loss. */
const LEAST_SAVING = 1e-4;

/**
 * A tree of no more leaves with less log-loss, beyond what greedy growth finds: its questions are asked anew
 * ({@link refinedTree}), then it is grown on, pruned back to its number of leaves and asked anew again, as long as that
 * helps and three times at most.
 */
export function searchedTree(tree: GrownTree, binned: BinnedRows, grown: RefinedRows): GrownTree {
  let best = refinedTree(tree, binned, grown);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = refinedTree(regrownTree(best, binned, grown), binned, grown);
    if (lossOf(next) > lossOf(best) * (1 - LEAST_SAVING)) break;
    best = next;
  }
  return best;
}

/** Grown on at its leaves, then pruned at its weakest links. */
function regrownTree(tree: GrownTree, binned: BinnedRows, { rows, settings }: RefinedRows): GrownTree {
  const leafCount = leavesAt(tree).length;
  const larger = growOnBins(binned, rows, { ...settings, maxLeaves: GROWTH * leafCount, start: tree });
  const collapse = collapseComplexities(larger, "log-loss");
  const complexity = complexityFor(collapse, leafCount);
  return prunedTree(larger, (place) => collapse[place]! > complexity);
}

function lossOf(tree: GrownTree): number {
  return leavesAt(tree).reduce((sum, leaf) => {
    const { weight, positiveWeight, value } = tree.nodes[leaf]!;
    return sum + OUTCOME_LOSSES["log-loss"](weight - positiveWeight, positiveWeight, value);
  }, 0);
}

import { OUTCOME_LOSSES, type OutcomeLoss, type Risk } from "./outcome-loss.js";
import type { NodeWeights } from "./tree-growth.js";
import type { Tree, TreeNode } from "./tree.js";

/** Complexities that differ by less, against the root's risk, are one. */
const ROUNDING = 1e-10;

/**
 * The complexity from which on each inner node is worth no split: what the risk, a unit of weight, must fall with
 * every leaf. A leaf's is Infinity. No node's is above its parent's.
 *
 * @see Breiman, Friedman, Olshen & Stone (1984), "Classification and Regression Trees", section 3.3, weakest links
 */
export function collapseComplexities({ nodes }: Tree, risk: Risk): Float64Array {
  const risks = risksOf(nodes, OUTCOME_LOSSES[risk]);
  const collapse = Float64Array.from(nodes, () => Infinity);
  const isLeaf = nodes.map(({ split }) => split === undefined);
  const rounding = ROUNDING * risks[0]!;
  for (let floor = 0; !isLeaf[0];) {
    const links = linksOf(nodes, risks, isLeaf);
    floor = Math.max(
      floor,
      links.reduce((least, link) => Math.min(least, link), Infinity),
    );
    for (let place = 0; place < nodes.length; place++) {
      const parent = nodes[place]!.parent;
      const isGone = nodes[place]!.split !== undefined && parent >= 0 && collapse[parent]! <= floor;
      if (links[place]! <= floor + rounding || isGone) {
        collapse[place] = Math.min(collapse[place]!, floor);
        isLeaf[place] = true;
      }
    }
  }
  return collapse;
}

function risksOf(nodes: readonly TreeNode[], loss: OutcomeLoss): Float64Array {
  const total = nodes[0]!.weight || 1;
  return Float64Array.from(
    nodes,
    ({ weight, positiveWeight, value }) => loss(weight - positiveWeight, positiveWeight, value) / total,
  );
}

/** For each inner node what a leaf of its branch saves; Infinity for leaves. */
function linksOf(nodes: readonly TreeNode[], risks: Float64Array, isLeaf: readonly boolean[]): Float64Array {
  const branch = risks.slice();
  const leafCount = new Float64Array(nodes.length).fill(1);
  const links = new Float64Array(nodes.length).fill(Infinity);
  for (let place = nodes.length - 1; place >= 0; place--) {
    if (isLeaf[place]) continue;
    const { left, right } = nodes[place]!;
    branch[place] = branch[left]! + branch[right]!;
    leafCount[place] = leafCount[left]! + leafCount[right]!;
    links[place] = (risks[place]! - branch[place]!) / (leafCount[place]! - 1);
  }
  return links;
}

/** The tree without the splits that are not worth a complexity, its nodes in the order of reading. */
export function prunedTree<Node extends TreeNode>(
  { nodes }: { readonly nodes: readonly Node[] },
  isSplit: (place: number) => boolean,
): { readonly nodes: readonly Node[] } {
  const kept: Node[] = [];
  const keep = (place: number, parent: number): number => {
    const at = kept.length;
    const { value, weight, positiveWeight, split } = nodes[place]!;
    kept.push({ value, weight, positiveWeight, left: -1, right: -1, parent } as Node);
    if (split === undefined || !isSplit(place)) return at;
    const left = keep(nodes[place]!.left, at);
    const right = keep(nodes[place]!.right, at);
    kept[at] = { ...nodes[place]!, left, right, parent };
    return at;
  };
  keep(0, -1);
  return { nodes: kept };
}

/** The least complexity at which no more leaves are left. */
export function complexityFor(collapse: Float64Array, maxLeaves: number): number {
  const splits = collapse.filter((complexity) => Number.isFinite(complexity)).sort();
  return splits.at(-maxLeaves) ?? 0;
}

/**
 * A complexity for each subtree of the sequence, from the root alone, whose is Infinity, to that at `least`: the
 * geometric mean of those between which it is the best one.
 *
 * @see Breiman et al. (1984), section 3.4
 */
export function complexitiesBetween(collapse: Float64Array, least: number): number[] {
  const steps = complexitySteps(collapse, least);
  return steps.map((step, i) => (i === 0 ? Infinity : Math.sqrt(step * steps[i - 1]!)));
}

/** The complexities at which the subtree changes, from the largest down to `least`. */
function complexitySteps(collapse: Float64Array, least: number): number[] {
  const larger = collapse.filter((complexity) => Number.isFinite(complexity) && complexity > least);
  return [...new Set([least, ...larger.sort()])].reverse();
}

/** The places of the leaves, from left to right, where only some splits are kept. */
export function leavesAt({ nodes }: Tree, isSplit: (place: number) => boolean = () => true): number[] {
  const visit = (place: number): number[] => {
    const { split, left, right } = nodes[place]!;
    return split === undefined || !isSplit(place) ? [place] : [...visit(left), ...visit(right)];
  };
  return visit(0);
}

/** One subtree of the sequence that pruning goes through. */
export interface PruningStep {
  /** The least complexity at which it is the best one. */
  readonly complexity: number;
  readonly leafCount: number;
  /** Risk of a unit of weight, on the rows that the tree was grown on. */
  readonly risk: number;
  /** The same on rows held out, and its standard error. */
  readonly heldOutRisk: number;
  readonly heldOutError: number;
}

/** A tree grown without some rows, and what these rows then brought to its nodes. */
export interface HeldOutTree {
  readonly tree: Tree;
  readonly heldWeights: NodeWeights;
}

/**
 * The sequence of subtrees from the root alone to that at the `least` complexity, each with its risk on held-out
 * rows: that of the trees grown without them, pruned at the geometric mean of the complexities around the subtree.
 *
 * @param measure the risk that is pruned by, the least complexity, and how the complexities of a tree are found if
 * not by {@link collapseComplexities}
 * @see Breiman et al. (1984), section 3.4; Therneau & Atkinson (2022), "An Introduction to Recursive Partitioning Using
 * the RPART Routines", chapter 4: CP, rel error, xerror and xstd, each times the root's risk
 */
export function pruningSteps(
  tree: Tree,
  trials: readonly HeldOutTree[],
  { risk, least, complexitiesOf = (grown) => collapseComplexities(grown, risk) }: PruningMeasure,
): PruningStep[] {
  const loss = OUTCOME_LOSSES[risk];
  const risks = risksOf(tree.nodes, loss);
  const collapse = complexitiesOf(tree);
  const trialCollapses = trials.map((trial) => complexitiesOf(trial.tree));
  const between = complexitiesBetween(collapse, least);
  return complexitySteps(collapse, least).map((complexity, i) => {
    const leaves = leavesAt(tree, (place) => collapse[place]! > complexity);
    const sums = trials.map((trial, t) =>
      heldOutSums(
        trial,
        loss,
        leavesAt(trial.tree, (place) => trialCollapses[t]![place]! > between[i]!),
      ),
    );
    return {
      ...{ complexity, leafCount: leaves.length },
      risk: leaves.reduce((sum, leaf) => sum + risks[leaf]!, 0),
      ...meanAndError(sums),
    };
  });
}

/** By what a tree is pruned. */
export interface PruningMeasure {
  readonly risk: Risk;
  readonly least: number;
  readonly complexitiesOf?: (tree: Tree) => Float64Array;
}

interface HeldOutSums {
  readonly weight: number;
  readonly loss: number;
  readonly square: number;
}

function heldOutSums(
  { tree, heldWeights }: HeldOutTree,
  loss: OutcomeLoss,
  leaves: readonly number[],
): HeldOutSums[] {
  return leaves.map((leaf) => {
    const [negative, positive] = [heldWeights.negative[leaf]!, heldWeights.positive[leaf]!];
    const { value } = tree.nodes[leaf]!;
    const square = negative * loss(1, 0, value) ** 2 + positive * loss(0, 1, value) ** 2;
    return { weight: negative + positive, loss: loss(negative, positive, value), square };
  });
}

function meanAndError(sums: readonly (readonly HeldOutSums[])[]) {
  const sumOf = (name: keyof HeldOutSums) => sums.flat().reduce((sum, part) => sum + part[name], 0);
  const [weight, loss, square] = [sumOf("weight"), sumOf("loss"), sumOf("square")];
  return { heldOutRisk: loss / weight, heldOutError: Math.sqrt(square - (loss * loss) / weight) / weight };
}

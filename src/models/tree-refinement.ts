import { exactlySummable } from "../math/exact-sums.js";
import { OUTCOME_LOSSES } from "./outcome-loss.js";
import { splitOf, type AnyBinnedFeature, type Parting } from "./split-search.js";
import {
  directionsOf,
  type BinnedRows,
  type GrownNode,
  type GrownTree,
  type GrowthSettings,
} from "./tree-growth.js";

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Refinement {
  readonly nodes: Writable<GrownNode>[];
  readonly binned: BinnedRows;
  readonly directions: readonly number[];
  readonly minLeafWeight: number;
  readonly baseRate: number;
  /** Nodes that no question helps, until their rows or what is below them changes. */
  readonly settled: Set<number>;
}

/** The rows of a node, and the leaf each would come to on its left and on its right side. */
interface Crossroads {
  readonly place: number;
  readonly rows: Uint32Array;
  readonly ends: readonly [Uint32Array, Uint32Array];
}

const MOST_PASSES = 5;
/** A change is worth it that saves at least this share of the loss below it. */
const LEAST_SAVING = 1e-6;

/**
 * The tree with other questions and the same shape: from the root down each node, with all below it held fixed,
 * takes the question that lowers the log-loss of its rows most, as often as that helps and five times at most. What
 * greedy growth chose before it knew what would follow is chosen again. Least weights and directions are kept.
 *
 * @param rows the places of the rows that the tree was grown on
 * @see Carreira-Perpiñán & Tavallali (2018), "Alternating Optimization of Decision Trees", NeurIPS, theorem 3.2 (the
 * reduced problem of a node), with probabilities for classes
 */
export function refinedTree(tree: GrownTree, binned: BinnedRows, { rows, settings }: RefinedRows): GrownTree {
  const { weight, positiveWeight } = tree.nodes[0]!;
  const refinement = {
    ...{ nodes: tree.nodes.map((node) => ({ ...node })), binned, minLeafWeight: settings.minLeafWeight },
    directions: directionsOf(binned.bins, settings.monotone),
    baseRate: positiveWeight / weight,
    settled: new Set<number>(),
  };
  for (let pass = 0; pass < MOST_PASSES && improve(refinement, 0, rows); pass++);
  return { nodes: refinement.nodes };
}

/** What a tree was grown on, and how. */
export interface RefinedRows {
  readonly rows: Uint32Array;
  readonly settings: GrowthSettings;
}

/** Asks anew at a node and all below it; whether anything changed. */
function improve(refinement: Refinement, place: number, rows: Uint32Array): boolean {
  const { nodes, binned } = refinement;
  const { left, right } = nodes[place]!;
  if (nodes[place]!.found === undefined) return false;
  const isChanged =
    !refinement.settled.has(place) && askAnew(refinement, crossroadsAt(refinement, place, rows));
  if (isChanged) unsettle(refinement, place);
  const { place: at, sides } = nodes[place]!.found;
  const { codes } = binned.bins[at]!;
  const isLeftChanged = improve(
    refinement,
    left,
    rows.filter((row) => sides[codes[row]!] === 1),
  );
  const isRightChanged = improve(
    refinement,
    right,
    rows.filter((row) => sides[codes[row]!] === 0),
  );
  return isChanged || isLeftChanged || isRightChanged;
}

/** What was changed at a node is news to all above and below it. */
function unsettle({ nodes, settled }: Refinement, changed: number): void {
  for (let place = nodes[changed]!.parent; place >= 0; place = nodes[place]!.parent) settled.delete(place);
  placesBelow(nodes, changed).forEach((place) => settled.delete(place));
}

/** A node and all below it, each before what is below it. */
const placesBelow = (nodes: readonly GrownNode[], place: number): number[] =>
  nodes[place]!.found === undefined
    ? [place]
    : [place, ...placesBelow(nodes, nodes[place]!.left), ...placesBelow(nodes, nodes[place]!.right)];

function crossroadsAt(refinement: Refinement, place: number, rows: Uint32Array): Crossroads {
  const { left, right } = refinement.nodes[place]!;
  return { place, rows, ends: [endsFrom(refinement, left, rows), endsFrom(refinement, right, rows)] };
}

/** The leaf that each row comes to from a node on. */
function endsFrom({ nodes, binned }: Refinement, start: number, rows: Uint32Array): Uint32Array {
  const codes = nodes.map(({ found }) => found && binned.bins[found.place]!.codes);
  return rows.map((row) => {
    let place = start;
    for (let node = nodes[place]!; node.found !== undefined; node = nodes[place]!)
      place = node.found.sides[codes[place]![row]!] === 1 ? node.left : node.right;
    return place;
  });
}

/** Takes the best question where the loss then falls, leaves stay heavy enough and directions hold. */
function askAnew(refinement: Refinement, crossroads: Crossroads): boolean {
  const { nodes, binned, settled } = refinement;
  const { place, rows, ends } = crossroads;
  settled.add(place);
  const parting = bestParting(refinement, crossroads);
  if (parting === undefined) return false;
  const found = { ...splitOf(binned.bins[parting.place]!, parting), place: parting.place, gain: 0 };
  const { codes } = binned.bins[found.place]!;
  const before = lossBelow(refinement, place);
  const kept = nodes.map((node) => ({ ...node }));
  Object.assign(nodes[place]!, { found, split: found.split });
  weighAnew(refinement, place, {
    rows,
    ends: rows.map((row, i) => ends[found.sides[codes[row]!] === 1 ? 0 : 1][i]!),
  });
  const isBetter = lossBelow(refinement, place) < before * (1 - LEAST_SAVING);
  if (isBetter) settled.delete(place);
  if (isBetter && isAllowed(refinement)) return true;
  nodes.splice(0, nodes.length, ...kept);
  return false;
}

const probabilityOf = ({ baseRate }: Refinement, { weight, positiveWeight }: GrownNode) =>
  (positiveWeight + baseRate) / (weight + 1);

function lossBelow(refinement: Refinement, place: number): number {
  const node = refinement.nodes[place]!;
  const { weight, positiveWeight, left, right } = node;
  if (node.found !== undefined) return lossBelow(refinement, left) + lossBelow(refinement, right);
  return OUTCOME_LOSSES["log-loss"](weight - positiveWeight, positiveWeight, probabilityOf(refinement, node));
}

/** The weights and rates of all nodes below one, by the leaf of each row. */
function weighAnew(
  { nodes, binned }: Refinement,
  place: number,
  { rows, ends }: { rows: Uint32Array; ends: Uint32Array },
) {
  const places = placesBelow(nodes, place).slice(1);
  for (const at of places) Object.assign(nodes[at]!, { weight: 0, positiveWeight: 0 });
  rows.forEach((row, i) => {
    const leaf = nodes[ends[i]!]!;
    const weight = binned.weights?.[row] ?? 1;
    leaf.weight += weight;
    leaf.positiveWeight += weight * binned.outcomes[row]!;
  });
  for (const at of places.reverse()) {
    const node = nodes[at]!;
    node.value = node.positiveWeight / node.weight;
    if (node.parent === place) continue;
    nodes[node.parent]!.weight += node.weight;
    nodes[node.parent]!.positiveWeight += node.positiveWeight;
  }
}

function isAllowed({ nodes, directions, minLeafWeight }: Refinement): boolean {
  if (nodes.some(({ weight }) => weight <= 0 || weight < minLeafWeight)) return false;
  const valuesBelow = (place: number): number[] => {
    const { found, left, right, value } = nodes[place]!;
    return found === undefined ? [value] : [...valuesBelow(left), ...valuesBelow(right)];
  };
  return nodes.every(({ found, left, right }) => {
    const direction = found === undefined ? 0 : directions[found.place]!;
    if (direction === 0) return true;
    const [lower, upper] = direction > 0 ? [left, right] : [right, left];
    return Math.max(...valuesBelow(lower)) <= Math.min(...valuesBelow(upper));
  });
}

/** The question by which least is lost; words and missing values each go to the side that loses less on them. */
function bestParting(refinement: Refinement, crossroads: Crossroads): Parting | undefined {
  const losses = lossesOnTheLeft(refinement, crossroads);
  let best: (Parting & { loss: number }) | undefined;
  refinement.binned.bins.forEach((bin, place) => {
    const parting = partingOf(bin, crossroads.rows, losses);
    if (parting !== undefined && (best === undefined || parting.loss < best.loss))
      best = { ...parting, place };
  });
  return best;
}

/** What each row loses more on the left than on the right; rounded so that sums do not depend on their order. */
function lossesOnTheLeft(refinement: Refinement, { rows, ends }: Crossroads): Float64Array {
  const { nodes, binned } = refinement;
  const losses = nodes.map((node) => {
    const probability = probabilityOf(refinement, node);
    return [
      OUTCOME_LOSSES["log-loss"](1, 0, probability),
      OUTCOME_LOSSES["log-loss"](0, 1, probability),
    ] as const;
  });
  const more = Float64Array.from(rows, (row, i) => {
    const outcome = binned.outcomes[row] as 0 | 1;
    return (binned.weights?.[row] ?? 1) * (losses[ends[0][i]!]![outcome] - losses[ends[1][i]!]![outcome]);
  });
  return exactlySummable(more);
}

function partingOf({ feature, codes, binCount }: AnyBinnedFeature, rows: Uint32Array, losses: Float64Array) {
  const sums = new Float64Array(binCount + 1);
  const counts = new Uint32Array(binCount + 1);
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]!]!;
    sums[code]! += losses[i]!;
    counts[code]! += 1;
  }
  const isNumber = feature.kind === "number";
  const seen = [...counts.keys()].slice(1).filter((code) => counts[code]! > 0);
  const order = isNumber ? seen : seen.toSorted((a, b) => Math.sign(sums[a]!) - Math.sign(sums[b]!) || a - b);
  const count = isNumber
    ? bestCount(order, sums, counts[0]! > 0)
    : order.filter((code) => sums[code]! < 0).length;
  const missingGoesLeft =
    counts[0]! > 0 ? sums[0]! < 0 : 2 * rowCountOf(order.slice(0, count), counts) >= rows.length;
  const loss = order.slice(0, count).reduce((sum, code) => sum + sums[code]!, Math.min(0, sums[0]!));
  return count === 0 ? undefined : { order, count, missingGoesLeft, loss };
}

const rowCountOf = (codes: readonly number[], counts: Uint32Array) =>
  codes.reduce((sum, code) => sum + counts[code]!, 0);

/** How many codes to send left for the least sum; all of them only where missing ones can stay behind. */
function bestCount(order: readonly number[], sums: Float64Array, hasMissing: boolean): number {
  let [best, least, sum] = [0, Infinity, 0];
  const most = hasMissing ? order.length : order.length - 1;
  for (let count = 1; count <= most; count++) {
    sum += sums[order[count - 1]!]!;
    if (sum < least) [best, least] = [count, sum];
  }
  return best;
}

import { OUTCOME_LOSSES } from "./outcome-loss.js";
import {
  bestSplit,
  rateOf,
  type AnyBinnedFeature,
  type Bounds,
  type FoundSplit,
  type OutcomeWeights,
} from "./split-search.js";
import type { Tree, TreeNode } from "./tree.js";

/** Which way a probability may go with a feature. */
export type Direction = "rising" | "falling";

/** How a tree is grown. */
export interface GrowthSettings {
  /** What a split is to lower most: the Gini impurity or the entropy. */
  readonly criterion: "gini" | "entropy";
  readonly maxDepth: number;
  readonly maxLeaves: number;
  /** Least weight of the rows of a leaf. */
  readonly minLeafWeight: number;
  /** Least weight of the rows of a node that is split. */
  readonly minSplitWeight: number;
  /** Which way the probability may go with a number. */
  readonly monotone: Readonly<Record<string, Direction>>;
}

/** Rows in bins, the features by name. Weights are exactly summable; without them each row counts 1. */
export interface BinnedRows {
  readonly bins: readonly AnyBinnedFeature[];
  readonly outcomes: Uint8Array;
  readonly weights: Float64Array | undefined;
}

/** A node that also tells by codes where a row goes; its value is its rate of outcome 1, within bounds. */
export interface GrownNode extends TreeNode {
  readonly found?: FoundSplit;
}

/** A tree that was just grown. */
export interface GrownTree extends Tree {
  readonly nodes: readonly GrownNode[];
}

/** A leaf of the growing tree: its rows are those from `from` until `to`. */
interface Leaf {
  readonly place: number;
  readonly depth: number;
  readonly from: number;
  readonly to: number;
  readonly total: OutcomeWeights;
  readonly bounds: Bounds;
  /** Undefined where the leaf cannot be split. */
  readonly histogram: Float64Array | undefined;
  readonly found: FoundSplit | undefined;
}

type Seed = Omit<Leaf, "histogram" | "found">;

interface Growth {
  readonly binned: BinnedRows;
  readonly settings: GrowthSettings;
  readonly directions: readonly number[];
  /** The rows of a leaf stand together, in their first order. */
  readonly rows: Uint32Array;
  readonly scratch: Uint32Array;
  readonly nodes: GrownNode[];
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Grows a tree leaf by leaf, each time where it saves most, until no leaf is left that may be split. A node's
 * histogram is that of its parent less its sibling's. O(rows · features) a level, by typed arrays.
 *
 * @param rows the places of the rows to learn from
 * @param settings with a tree to start from, if it is not to be the root alone
 * @throws RangeError for a direction of a feature that is not there, or is no number
 * @see Breiman, Friedman, Olshen & Stone (1984), "Classification and Regression Trees", chapter 2
 */
export function growOnBins(
  binned: BinnedRows,
  rows: Uint32Array,
  { start, ...settings }: GrowthSettings & { readonly start?: GrownTree },
): GrownTree {
  const growth: Growth = {
    ...{ binned, settings, rows: rows.slice(), scratch: new Uint32Array(rows.length), nodes: [] },
    directions: directionsOf(binned.bins, settings.monotone),
  };
  const total = totalOf(binned, rows);
  const bounds = { low: 0, high: 1 };
  addNode(growth, { total, bounds, parent: -1 });
  const root = leafOf(growth, { place: 0, depth: 0, from: 0, to: rows.length, total, bounds });
  const open = start === undefined ? [root] : grownAgain(growth, root, { nodes: start.nodes, place: 0 });
  for (let leafCount = open.length; leafCount < settings.maxLeaves; leafCount++) {
    const best = placeOfBest(open);
    if (best < 0) break;
    const [leaf] = open.splice(best, 1);
    open.push(...split(growth, leaf!, leaf!.found!));
  }
  return { nodes: growth.nodes };
}

/** The leaves after the splits of a tree that is there already. */
function grownAgain(
  growth: Growth,
  leaf: Leaf,
  { nodes, place }: { nodes: readonly GrownNode[]; place: number },
): Leaf[] {
  const { found, left, right } = nodes[place]!;
  if (found === undefined) return [leaf];
  const [ofLeft, ofRight] = split(growth, leaf, found);
  return [
    ...grownAgain(growth, ofLeft, { nodes, place: left }),
    ...grownAgain(growth, ofRight, { nodes, place: right }),
  ];
}

/** By feature: 1 where the probability may only rise with it, -1 where it may only fall, else 0. @throws RangeError for what is no number */
export function directionsOf(
  bins: readonly AnyBinnedFeature[],
  monotone: Readonly<Record<string, Direction>>,
): number[] {
  for (const name of Object.keys(monotone)) {
    const kind = bins.find(({ feature }) => feature.name === name)?.feature.kind;
    if (kind !== "number")
      throw new RangeError(`monotone: ${name} is ${kind === undefined ? "no feature" : "no number"}`);
  }
  return bins.map(({ feature }) => {
    const direction = Object.hasOwn(monotone, feature.name) ? monotone[feature.name] : undefined;
    return direction === undefined ? 0 : direction === "rising" ? 1 : -1;
  });
}

function totalOf({ outcomes, weights }: BinnedRows, rows: Uint32Array): OutcomeWeights {
  const sums: [number, number] = [0, 0];
  for (const row of rows) sums[outcomes[row] as 0 | 1] += weights?.[row] ?? 1;
  return { negative: sums[0], positive: sums[1] };
}

/** The place in `open` of the leaf whose split saves most; the first of equal ones; -1 when none can be split. */
const placeOfBest = (open: readonly Leaf[]): number =>
  open.reduce(
    (best, { found }, i) => (found !== undefined && found.gain > (open[best]?.found?.gain ?? 0) ? i : best),
    -1,
  );

function addNode(
  { nodes }: Growth,
  { total, bounds, parent }: Pick<Leaf, "total" | "bounds"> & { parent: number },
): number {
  const { negative, positive } = total;
  const weight = negative + positive;
  const value = weight > 0 ? rateOf(negative, positive, bounds) : 0;
  return nodes.push({ left: -1, right: -1, parent, weight, positiveWeight: positive, value }) - 1;
}

/** The leaf with its best split, from its histogram if that is known already. */
function leafOf(growth: Growth, seed: Seed, known?: Float64Array): Leaf {
  if (!maySplit(growth, seed)) return { ...seed, histogram: undefined, found: undefined };
  const { binned, settings, directions } = growth;
  const histogram = known ?? histogramOf(growth, seed);
  const { total, bounds } = seed;
  const loss = OUTCOME_LOSSES[settings.criterion === "gini" ? "gini" : "log-loss"];
  const search = { bins: binned.bins, directions, histogram, total, bounds, loss };
  return { ...seed, histogram, found: bestSplit({ ...search, minLeafWeight: settings.minLeafWeight }) };
}

function maySplit({ settings }: Growth, { depth, total: { negative, positive } }: Seed): boolean {
  if (depth >= settings.maxDepth || negative === 0 || positive === 0) return false;
  return negative + positive >= Math.max(settings.minSplitWeight, 2 * settings.minLeafWeight);
}

function split(growth: Growth, leaf: Leaf, found: FoundSplit): [Leaf, Leaf] {
  const middle = partition(growth, leaf, found);
  const place = leaf.place;
  const total = totalOf(growth.binned, growth.rows.subarray(leaf.from, middle));
  const others = {
    negative: leaf.total.negative - total.negative,
    positive: leaf.total.positive - total.positive,
  };
  const [low, high] = boundsOfChildren(leaf, [total, others], growth.directions[found.place]!);
  const left = { total, bounds: low, depth: leaf.depth + 1, from: leaf.from, to: middle };
  const right = { total: others, bounds: high, depth: leaf.depth + 1, from: middle, to: leaf.to };
  const places = [left, right].map((child) => addNode(growth, { ...child, parent: place }));
  const node = growth.nodes[place] as Writable<GrownNode>;
  Object.assign(node, { split: found.split, found, left: places[0]!, right: places[1]! });
  return leavesOfSplit(growth, leaf, [
    { ...left, place: places[0]! },
    { ...right, place: places[1]! },
  ]);
}

/** Adds up the histogram of the smaller child only, and of none where neither may be split. */
function leavesOfSplit(growth: Growth, parent: Leaf, [left, right]: readonly [Seed, Seed]): [Leaf, Leaf] {
  if (!maySplit(growth, left) && !maySplit(growth, right))
    return [leafOf(growth, left), leafOf(growth, right)];
  const isLeftSmaller = left.to - left.from <= right.to - right.from;
  const smaller = histogramOf(growth, isLeftSmaller ? left : right);
  const rest = parent.histogram ?? histogramOf(growth, parent);
  for (let i = 0; i < rest.length; i++) rest[i]! -= smaller[i]!;
  const [ofLeft, ofRight] = isLeftSmaller ? [smaller, rest] : [rest, smaller];
  return [leafOf(growth, left, ofLeft), leafOf(growth, right, ofRight)];
}

/** Along a constrained feature no leaf on the one side may pass the middle, nor any on the other. */
function boundsOfChildren(
  { bounds }: Leaf,
  totals: readonly [OutcomeWeights, OutcomeWeights],
  direction: number,
) {
  if (direction === 0) return [bounds, bounds] as const;
  const [left, right] = totals.map(({ negative, positive }) => rateOf(negative, positive, bounds));
  const middle = (left! + right!) / 2;
  const lower = { low: bounds.low, high: middle };
  const upper = { low: middle, high: bounds.high };
  return direction > 0 ? ([lower, upper] as const) : ([upper, lower] as const);
}

/** Brings the rows that go left before those that go right, each in their order; gives where the latter begin. */
function partition(
  { rows, scratch, binned }: Growth,
  { from, to }: Leaf,
  { place, sides }: FoundSplit,
): number {
  const { codes } = binned.bins[place]!;
  let [left, rightCount] = [from, 0];
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    if (sides[codes[row]!] === 1) rows[left++] = row;
    else scratch[rightCount++] = row;
  }
  rows.set(scratch.subarray(0, rightCount), left);
  return left;
}

function histogramOf({ binned, rows }: Growth, { from, to }: Seed): Float64Array {
  const { bins, outcomes, weights } = binned;
  const chosen = rows.subarray(from, to);
  const labels = new Uint8Array(chosen.length);
  for (let i = 0; i < chosen.length; i++) labels[i] = outcomes[chosen[i]!]!;
  const histogram = new Float64Array(bins.reduce((sum, { binCount }) => sum + 2 * (binCount + 1), 0));
  let offset = 0;
  for (const { codes, binCount } of bins) {
    const counts = histogram.subarray(offset, (offset += 2 * (binCount + 1)));
    if (weights === undefined) countRows(counts, codes, { rows: chosen, labels });
    else weighRows(counts, codes, { rows: chosen, labels, weights });
  }
  return histogram;
}

interface LabelledRows {
  readonly rows: Uint32Array;
  readonly labels: Uint8Array;
}

type Codes = Uint8Array | Uint16Array;

function countRows(counts: Float64Array, codes: Codes, { rows, labels }: LabelledRows): void {
  for (let i = 0; i < rows.length; i++) counts[2 * codes[rows[i]!]! + labels[i]!]! += 1;
}

function weighRows(
  counts: Float64Array,
  codes: Codes,
  { rows, labels, weights }: LabelledRows & { readonly weights: Float64Array },
): void {
  for (let i = 0; i < rows.length; i++) counts[2 * codes[rows[i]!]! + labels[i]!]! += weights[rows[i]!]!;
}

/** By node: the weights of the rows with outcome 0 and with outcome 1 that come to it. */
export interface NodeWeights {
  readonly negative: Float64Array;
  readonly positive: Float64Array;
}

/** The weights that rows bring to the nodes of a tree, which was not necessarily grown on them. */
export function weightsAtNodes(
  { nodes }: GrownTree,
  { bins, outcomes, weights }: BinnedRows,
  rows: Uint32Array,
): NodeWeights {
  const counts = { negative: new Float64Array(nodes.length), positive: new Float64Array(nodes.length) };
  const codes = nodes.map(({ found }) => bins[found?.place ?? 0]?.codes);
  for (const row of rows) {
    let place = 0;
    for (let node = nodes[0]!; node.found !== undefined; node = nodes[place]!)
      place = node.found.sides[codes[place]![row]!] === 1 ? node.left : node.right;
    counts[outcomes[row] === 1 ? "positive" : "negative"][place]! += weights?.[row] ?? 1;
  }
  for (let place = nodes.length - 1; place > 0; place--)
    for (const sums of [counts.negative, counts.positive]) sums[nodes[place]!.parent]! += sums[place]!;
  return counts;
}

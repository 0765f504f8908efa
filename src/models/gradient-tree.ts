import type { Direction } from "./cart.js";
import type { BinnedFeature } from "./feature-bins.js";
import type { Split, Tree, TreeNode } from "./tree.js";

/** How one tree of a boosted sum is grown. */
export interface GradientTreeSettings {
  readonly maxDepth: number;
  /** Share of its step that a tree takes, above 0 and at most 1. */
  readonly learningRate: number;
  /** λ of the penalty λ/2 Σ value² on what the leaves say. */
  readonly ridge: number;
  /** Added to λ where words are parted, since their order is made from the same rows. */
  readonly categoryRidge: number;
  /** Least sum of second derivatives in a leaf; a row of probability p has p (1 − p). */
  readonly minLeafSpread: number;
  /** Which way the probability may go with a number. */
  readonly monotone: Readonly<Record<string, Direction>>;
}

/** The derivatives of the loss by the log-odds, a number a row. */
export interface Derivatives {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Where a tree may look: which rows and which features. */
export interface Sample {
  readonly rows: Int32Array;
  readonly features: readonly number[];
}

/** A tree on bins: a split's side for every code, the value of every leaf. */
export interface BinnedTree {
  readonly nodes: readonly BinnedNode[];
}

interface BinnedNode {
  readonly split: BinnedSplit | undefined;
  left: number;
  right: number;
  readonly parent: number;
  readonly value: number;
}

interface BinnedSplit {
  /** Place of the feature. */
  readonly feature: number;
  /** 1 where a code goes left, by code. */
  readonly goesLeft: Uint8Array;
  /** 1 for the codes that were seen. */
  readonly isSeen: Uint8Array;
}

/** Sums of both derivatives. */
interface Sums {
  readonly first: number;
  readonly second: number;
}

/** What the children of a node may say at least and at most, in steps not yet shortened by the learning rate. */
interface Bounds {
  readonly low: number;
  readonly high: number;
}

interface Candidate extends BinnedSplit {
  readonly gain: number;
  readonly left: Sums;
  readonly right: Sums;
}

interface Growth {
  readonly features: readonly BinnedFeature[];
  readonly sample: Sample;
  readonly derivatives: Derivatives;
  readonly settings: GradientTreeSettings;
  /** Where the sums of a feature begin in a histogram: first and second derivative by turns, by code. */
  readonly offsets: Int32Array;
  /** By depth the histogram of the smaller child; a node's is free again once all below it is grown. */
  readonly smaller: Float64Array[];
  /** The rows of a node stand together. */
  readonly rows: Int32Array;
  readonly scratch: Int32Array;
  readonly ordered: Derivatives;
  readonly nodes: BinnedNode[];
}

/** A node that is to be grown: its rows are those from `from` until `to`. */
interface Seed {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly parent: number;
  readonly sums: Sums;
  readonly bounds: Bounds;
}

/**
 * The regression tree that lowers a loss most by its two derivatives, from the root on by the largest gain. Missing
 * numbers go the better way; words are parted in the order of their steps, a missing one among them. Sums of
 * derivatives that lie on a grid are exact, so that the order of the rows does not matter.
 *
 * @see Friedman (2001), "Greedy Function Approximation: A Gradient Boosting Machine", Annals of Statistics 29(5);
 * Chen & Guestrin (2016), "XGBoost", KDD, (5) and (7); Fisher (1958), "On Grouping for Maximum Homogeneity", JASA 53
 */
export function growGradientTree(
  features: readonly BinnedFeature[],
  derivatives: Derivatives & { readonly sample: Sample },
  settings: GradientTreeSettings,
): BinnedTree {
  const { sample } = derivatives;
  const offsets = new Int32Array(features.length);
  let sumCount = 0;
  for (const place of sample.features) {
    offsets[place] = sumCount;
    sumCount += 2 * (features[place]!.binCount + 1);
  }
  const { length } = sample.rows;
  const growth: Growth = {
    features,
    sample,
    derivatives,
    settings,
    offsets,
    smaller: [],
    rows: sample.rows.slice(),
    scratch: new Int32Array(length),
    ordered: { first: new Float64Array(length), second: new Float64Array(length) },
    nodes: [],
  };
  const histogram = new Float64Array(sumCount);
  addToHistogram(growth, { from: 0, to: length }, histogram);
  const bounds = { low: -Infinity, high: Infinity };
  grow(
    growth,
    { from: 0, to: length, depth: 0, parent: -1, sums: totals(growth, length), bounds },
    histogram,
  );
  return { nodes: growth.nodes };
}

/** Grows a node and all below it; the histogram is used up. */
function grow(growth: Growth, seed: Seed, histogram: Float64Array): number {
  const { nodes, settings } = growth;
  const { sums, bounds, depth, parent } = seed;
  const place = nodes.length;
  const split = maySplit(growth, seed) ? bestSplit(growth, seed, histogram) : undefined;
  const step = split === undefined && parent < 0 ? 0 : stepOf(sums, settings.ridge, bounds);
  const value = settings.learningRate * step;
  const node: BinnedNode = { split, left: -1, right: -1, parent, value };
  nodes.push(node);
  if (split === undefined) return place;
  const middle = partition(growth, seed, split);
  const [low, high] = boundsOfChildren(growth, seed, split);
  const left = {
    from: seed.from,
    to: middle,
    depth: depth + 1,
    parent: place,
    sums: split.left,
    bounds: low,
  };
  const right = {
    from: middle,
    to: seed.to,
    depth: depth + 1,
    parent: place,
    sums: split.right,
    bounds: high,
  };
  const [ofLeft, ofRight] = histogramsOfChildren(growth, [left, right], histogram);
  node.left = grow(growth, left, ofLeft);
  node.right = grow(growth, right, ofRight);
  return place;
}

/** Whether two sides can both be heavy enough. */
const maySplit = ({ settings }: Growth, { depth, sums }: Seed): boolean =>
  depth < settings.maxDepth && sums.second >= 2 * settings.minLeafSpread;

/** −G / (H + λ), within bounds. */
const stepOf = ({ first, second }: Sums, ridge: number, { low, high }: Bounds): number =>
  Math.max(low, Math.min(high, second + ridge > 0 ? -first / (second + ridge) : 0));

function boundsOfChildren(
  { features, settings }: Growth,
  { bounds }: Seed,
  split: Candidate,
): [Bounds, Bounds] {
  const direction = directionOf(features[split.feature]!, settings);
  if (direction === 0) return [bounds, bounds];
  const [left, right] = [split.left, split.right].map((sums) => stepOf(sums, settings.ridge, bounds));
  const middle = (left! + right!) / 2;
  const lower = { low: bounds.low, high: middle };
  const upper = { low: middle, high: bounds.high };
  return direction > 0 ? [lower, upper] : [upper, lower];
}

/** 1 where the probability may only rise with the feature, −1 where it may only fall, else 0. */
function directionOf({ feature }: BinnedFeature, { monotone }: GradientTreeSettings): number {
  const direction = Object.hasOwn(monotone, feature.name) ? monotone[feature.name] : undefined;
  if (direction === undefined || feature.kind === "category") return 0;
  return direction === "rising" ? 1 : -1;
}

/* Histograms. */

function totals({ ordered }: Growth, length: number): Sums {
  let [first, second] = [0, 0];
  for (let i = 0; i < length; i++) {
    first += ordered.first[i]!;
    second += ordered.second[i]!;
  }
  return { first, second };
}

/** Adds the derivatives of the rows of a node by feature and code. */
function addToHistogram(growth: Growth, rowsOf: RowRange, into: Float64Array): void {
  const { rows, derivatives, ordered, sample, features, offsets } = growth;
  for (let i = rowsOf.from; i < rowsOf.to; i++) {
    ordered.first[i] = derivatives.first[rows[i]!]!;
    ordered.second[i] = derivatives.second[rows[i]!]!;
  }
  const columns = sample.features.map((place) => ({
    codes: features[place]!.codes,
    offset: offsets[place]!,
  }));
  const inFours = columns.length - (columns.length % 4);
  for (let next = 0; next < inFours; next += 4)
    addFour(growth, rowsOf, { columns: columns.slice(next, next + 4), into });
  for (const column of columns.slice(inFours)) addOne(growth, rowsOf, { columns: [column], into });
}

/** The rows of a node in their order. */
type RowRange = Pick<Seed, "from" | "to">;

/** Features by their codes, and where the sums of each begin. */
interface FeatureSums {
  readonly columns: readonly { readonly codes: Codes; readonly offset: number }[];
  readonly into: Float64Array;
}

type Codes = BinnedFeature["codes"];

/** Four features at once: one alone waits for its last sum wherever rows that follow have the same code. */
function addFour(
  { rows, ordered: { first, second } }: Growth,
  { from, to }: RowRange,
  { columns, into }: FeatureSums,
): void {
  const [a, b, c, d] = columns.map(({ codes }) => codes) as [Codes, Codes, Codes, Codes];
  const [fromA, fromB, fromC, fromD] = Int32Array.from(columns, ({ offset }) => offset);
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    const atA = fromA! + 2 * a[row]!;
    const atB = fromB! + 2 * b[row]!;
    const atC = fromC! + 2 * c[row]!;
    const atD = fromD! + 2 * d[row]!;
    into[atA]! += first[i]!;
    into[atB]! += first[i]!;
    into[atC]! += first[i]!;
    into[atD]! += first[i]!;
    into[atA + 1]! += second[i]!;
    into[atB + 1]! += second[i]!;
    into[atC + 1]! += second[i]!;
    into[atD + 1]! += second[i]!;
  }
}

function addOne(
  { rows, ordered: { first, second } }: Growth,
  { from, to }: RowRange,
  { columns, into }: FeatureSums,
): void {
  const { codes, offset } = columns[0]!;
  for (let i = from; i < to; i++) {
    const at = offset + 2 * codes[rows[i]!]!;
    into[at]! += first[i]!;
    into[at + 1]! += second[i]!;
  }
}

/** That of the smaller child is added up; the rest of the parent's is the other's. None where neither may be split. */
function histogramsOfChildren(
  growth: Growth,
  [left, right]: readonly [Seed, Seed],
  ofParent: Float64Array,
): [Float64Array, Float64Array] {
  if (!maySplit(growth, left) && !maySplit(growth, right)) return [ofParent, ofParent];
  const isLeftSmaller = left.to - left.from <= right.to - right.from;
  const smaller = (growth.smaller[left.depth] ??= new Float64Array(ofParent.length)).fill(0);
  addToHistogram(growth, isLeftSmaller ? left : right, smaller);
  for (let i = 0; i < smaller.length; i++) ofParent[i]! -= smaller[i]!;
  return isLeftSmaller ? [smaller, ofParent] : [ofParent, smaller];
}

/** Brings the rows that go left before those that go right, each in their order; gives where the latter begin. */
function partition({ rows, scratch, features }: Growth, { from, to }: Seed, split: BinnedSplit): number {
  const { codes } = features[split.feature]!;
  let left = from;
  let rightCount = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    if (split.goesLeft[codes[row]!] === 1) rows[left++] = row;
    else scratch[rightCount++] = row;
  }
  rows.set(scratch.subarray(0, rightCount), left);
  return left;
}

/* The search. */

/** The best split of a node; of equal ones that of the first feature. */
function bestSplit(growth: Growth, seed: Seed, histogram: Float64Array): Candidate | undefined {
  let best: Found = { gain: LEAST_GAIN };
  for (const place of growth.sample.features) {
    const { feature, binCount } = growth.features[place]!;
    const from = growth.offsets[place]!;
    const sums = histogram.subarray(from, from + 2 * (binCount + 1));
    const search = { growth, seed, place, sums };
    best = feature.kind === "number" ? bestCut(search, best) : bestParting(search, best);
  }
  return best.candidate?.();
}

interface Search {
  readonly growth: Growth;
  readonly seed: Seed;
  readonly place: number;
  readonly sums: Float64Array;
}

/** The best so far. */
interface Found {
  readonly gain: number;
  readonly candidate?: () => Candidate;
}

/** A smaller gain is rounding. */
const LEAST_GAIN = 1e-9;

/** The best cut of a number, missing ones on the better side; the last cut parts the known from the missing. */
function bestCut(search: Search, found: Found): Found {
  const { growth, sums, place } = search;
  const binned = growth.features[place]!;
  const gains = gainsBy(growth.settings.ridge, search, directionOf(binned, growth.settings));
  const hasMissing = sums[1]! > 0;
  const codeCount = sums.length / 2;
  const lastCode = hasMissing && canPartKnown(binned) ? codeCount - 1 : codeCount - 2;
  let [bestGain, bestCode, missingGoesLeft, first, second] = [found.gain, 0, false, 0, 0];
  for (let code = 1; code <= lastCode; code++) {
    if (sums[2 * code + 1] === 0) continue;
    first += sums[2 * code]!;
    second += sums[2 * code + 1]!;
    if (second > gains.mostSpread) break;
    const gain = gainOf(gains, first, second);
    if (gain > bestGain) [bestGain, bestCode, missingGoesLeft] = [gain, code, false];
    if (!hasMissing) continue;
    const gainWithMissing = gainOf(gains, first + sums[0]!, second + sums[1]!);
    if (gainWithMissing > bestGain) [bestGain, bestCode, missingGoesLeft] = [gainWithMissing, code, true];
  }
  if (bestCode === 0) return found;
  const cut = { lastLeft: bestCode, missingGoesLeft, hasMissing };
  return { gain: bestGain, candidate: () => cutAt(search, cut, bestGain) };
}

function cutAt(
  search: Search,
  {
    lastLeft,
    missingGoesLeft,
    hasMissing,
  }: { lastLeft: number; missingGoesLeft: boolean; hasMissing: boolean },
  gain: number,
): Candidate {
  const codeCount = search.sums.length / 2;
  const goesLeft = new Uint8Array(codeCount).fill(1, 0, lastLeft + 1);
  goesLeft[0] = Number(missingGoesLeft);
  const isSeen = new Uint8Array(codeCount).fill(1).fill(Number(hasMissing), 0, 1);
  return candidateOf(search, { goesLeft, isSeen, gain });
}

/** Whether a finite number stands above all known ones: infinities are in the bin of the largest. */
const canPartKnown = ({ highs, binCount }: BinnedFeature) => (highs[binCount - 1] ?? 0) < Number.MAX_VALUE;

/** The best parting of words by the order of their steps; words not seen here go the way of a missing one. */
function bestParting(search: Search, found: Found): Found {
  const { growth, sums } = search;
  const ridge = growth.settings.ridge + growth.settings.categoryRidge;
  const gains = gainsBy(ridge, search, 0);
  const isSeen = new Uint8Array(sums.length / 2);
  const steps = new Float64Array(isSeen.length);
  const order: number[] = [];
  for (let code = 0; code < isSeen.length; code++) {
    if (!(sums[2 * code + 1]! > 0)) continue;
    isSeen[code] = 1;
    steps[code] = -sums[2 * code]! / (sums[2 * code + 1]! + ridge);
    order.push(code);
  }
  order.sort((a, b) => steps[a]! - steps[b]! || a - b);
  let [bestGain, bestCount, first, second] = [found.gain, 0, 0, 0];
  for (let count = 1; count < order.length; count++) {
    const code = order[count - 1]!;
    first += sums[2 * code]!;
    second += sums[2 * code + 1]!;
    if (second > gains.mostSpread) break;
    const gain = gainOf(gains, first, second);
    if (gain > bestGain) [bestGain, bestCount] = [gain, count];
  }
  if (bestCount === 0) return found;
  const goesLeft = new Uint8Array(isSeen.length);
  for (const code of order.slice(0, bestCount)) goesLeft[code] = 1;
  return { gain: bestGain, candidate: () => candidateOf(search, { goesLeft, isSeen, gain: bestGain }) };
}

/** A split with what is on either side; a missing value not seen here goes with the greater part, the unseen with it. */
function candidateOf(
  { place, seed, sums }: Search,
  { goesLeft, isSeen, gain }: Pick<Candidate, "goesLeft" | "isSeen" | "gain">,
): Candidate {
  let [first, second] = [0, 0];
  for (let code = 0; code < goesLeft.length; code++) {
    if (goesLeft[code] !== 1 || isSeen[code] !== 1) continue;
    first += sums[2 * code]!;
    second += sums[2 * code + 1]!;
  }
  const left = { first, second };
  const right = { first: seed.sums.first - first, second: seed.sums.second - second };
  const unseen = isSeen[0] === 1 ? goesLeft[0]! : Number(left.second > right.second);
  for (let code = 0; code < goesLeft.length; code++) if (isSeen[code] !== 1) goesLeft[code] = unseen;
  return { feature: place, goesLeft, isSeen, gain, left, right };
}

/** What the gain of a split at a node is told by. */
interface Gains {
  readonly ridge: number;
  readonly low: number;
  readonly high: number;
  readonly direction: number;
  readonly first: number;
  readonly second: number;
  readonly leastSpread: number;
  /** Above it too little is left for the other side. */
  readonly mostSpread: number;
  readonly ofWhole: number;
}

function gainsBy(ridge: number, { growth, seed: { bounds, sums } }: Search, direction: number): Gains {
  const { minLeafSpread } = growth.settings;
  const { first, second } = sums;
  const ofWhole = saving(first, second + ridge, stepOf(sums, ridge, bounds));
  // Without spreads, which took longer than the search of a small node.
  return {
    ridge,
    low: bounds.low,
    high: bounds.high,
    direction,
    first,
    second,
    leastSpread: minLeafSpread,
    mostSpread: second - minLeafSpread,
    ofWhole,
  };
}

/**
 * The gain of a split by the sums of its left side, −Infinity for one that is not allowed: twice the loss that
 * the steps of both sides save, −(2 G w + (H + λ) w²), less what the step of the whole saves.
 */
function gainOf(gains: Gains, first: number, second: number): number {
  const { low, high, ridge } = gains;
  const otherFirst = gains.first - first;
  const otherSecond = gains.second - second;
  if (second < gains.leastSpread || otherSecond < gains.leastSpread) return -Infinity;
  const left = Math.max(low, Math.min(high, -first / (second + ridge)));
  const right = Math.max(low, Math.min(high, -otherFirst / (otherSecond + ridge)));
  if (gains.direction * (right - left) < 0) return -Infinity;
  return saving(first, second + ridge, left) + saving(otherFirst, otherSecond + ridge, right) - gains.ofWhole;
}

const saving = (first: number, spread: number, by: number): number => -(2 * first + spread * by) * by;

/* The tree for people and engines. */

/** The place of the leaf of each row. */
export function leafOfCodes(
  { nodes }: BinnedTree,
  features: readonly BinnedFeature[],
  rowCount: number,
): Uint16Array {
  const leaves = new Uint16Array(rowCount);
  const codes = nodes.map(({ split }) => features[split?.feature ?? 0]?.codes ?? new Uint8Array(0));
  const sides = nodes.map(({ split }) => split?.goesLeft);
  const children = nodes.map(({ left, right }) => [right, left] as const);
  for (let row = 0; row < rowCount; row++) {
    let place = 0;
    for (let side = sides[0]; side !== undefined; side = sides[place])
      place = children[place]![side[codes[place]![row]!]! as 0 | 1];
    leaves[row] = place;
  }
  return leaves;
}

/** The rows that the means of inner nodes are taken over. */
export interface BinnedRows {
  readonly features: readonly BinnedFeature[];
  readonly outcomes: Uint8Array;
  readonly weights: Float64Array;
}

/** The tree by its features' own values, less the mean of what it says, which stands beside it. */
export function readableTree(
  binned: BinnedTree,
  rows: BinnedRows,
): { readonly tree: Tree; readonly mean: number } {
  const { weight, positiveWeight } = weightsOf(binned, rows);
  const values = Float64Array.from(binned.nodes, ({ value }) => value);
  for (let place = values.length - 1; place >= 0; place--) {
    const { split, left, right } = binned.nodes[place]!;
    if (split === undefined) continue;
    const rightShare = weight[right]! / (weight[left]! + weight[right]!);
    values[place] = values[left]! + rightShare * (values[right]! - values[left]!);
  }
  const mean = values[0]!;
  const nodes = binned.nodes.map(({ split, left, right, parent }, place): TreeNode => ({
    ...(split && { split: readableSplit(split, rows.features[split.feature]!) }),
    ...{ left, right, parent },
    weight: weight[place]!,
    positiveWeight: positiveWeight[place]!,
    value: values[place]! - mean,
  }));
  return { tree: { nodes }, mean };
}

function weightsOf(tree: BinnedTree, { features, outcomes, weights }: BinnedRows) {
  const weight = new Float64Array(tree.nodes.length);
  const positiveWeight = new Float64Array(tree.nodes.length);
  leafOfCodes(tree, features, outcomes.length).forEach((leaf, row) => {
    weight[leaf]! += weights[row]!;
    positiveWeight[leaf]! += weights[row]! * outcomes[row]!;
  });
  for (let place = tree.nodes.length - 1; place > 0; place--) {
    const { parent } = tree.nodes[place]!;
    weight[parent]! += weight[place]!;
    positiveWeight[parent]! += positiveWeight[place]!;
  }
  return { weight, positiveWeight };
}

function readableSplit(
  { goesLeft, isSeen }: BinnedSplit,
  { feature, cuts, categoriesOf }: BinnedFeature,
): Split {
  const missingGoesLeft = goesLeft[0] === 1;
  if (feature.kind === "number") {
    const cut = cuts[goesLeft.lastIndexOf(1) - 1] ?? Number.MAX_VALUE;
    return { kind: "number", feature: feature.name, threshold: cut, missingGoesLeft };
  }
  const wordsOf = (side: number) =>
    categoriesOf.filter((_, i) => isSeen[i + 1] === 1 && goesLeft[i + 1] === side).flat();
  return {
    kind: "category",
    feature: feature.name,
    leftCategories: wordsOf(1),
    rightCategories: wordsOf(0),
    missingGoesLeft,
  };
}

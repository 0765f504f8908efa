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
  readonly split?: BinnedSplit;
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
  readonly sumCount: number;
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
    ...{ features, sample, derivatives, settings, offsets, sumCount },
    rows: sample.rows.slice(),
    scratch: new Int32Array(length),
    ordered: { first: new Float64Array(length), second: new Float64Array(length) },
    nodes: [],
  };
  const histogram = new Float64Array(sumCount);
  addToHistogram(growth, { from: 0, to: length }, histogram);
  const root = { from: 0, to: length, depth: 0, parent: -1, sums: totals(growth, length) };
  grow(growth, { ...root, bounds: { low: -Infinity, high: Infinity } }, histogram);
  return { nodes: growth.nodes };
}

/** Grows a node and all below it; the histogram is used up. */
function grow(growth: Growth, seed: Seed, histogram: Float64Array): number {
  const { nodes, settings } = growth;
  const { sums, bounds, depth, parent } = seed;
  const place = nodes.length;
  const split = depth < settings.maxDepth ? bestSplit(growth, seed, histogram) : undefined;
  const step = split === undefined && parent < 0 ? 0 : stepOf(sums, settings.ridge, bounds);
  const value = settings.learningRate * step;
  const node: BinnedNode = { ...(split && { split }), left: -1, right: -1, parent, value };
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
function addToHistogram(
  growth: Growth,
  { from, to }: { from: number; to: number },
  into: Float64Array,
): void {
  const { rows, derivatives, ordered, sample, features, offsets } = growth;
  const chosen = rows.subarray(from, to);
  const first = ordered.first.subarray(from, to);
  const second = ordered.second.subarray(from, to);
  for (let i = 0; i < chosen.length; i++) {
    first[i] = derivatives.first[chosen[i]!]!;
    second[i] = derivatives.second[chosen[i]!]!;
  }
  for (const place of sample.features)
    addFeature(features[place]!.codes, chosen, { first, second }, into.subarray(offsets[place]));
}

// eslint-disable-next-line max-params
function addFeature(
  codes: BinnedFeature["codes"],
  rows: Int32Array,
  { first, second }: Derivatives,
  into: Float64Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    const at = 2 * codes[rows[i]!]!;
    into[at]! += first[i]!;
    into[at + 1]! += second[i]!;
  }
}

/** That of the smaller child is added up; the rest of the parent's is the other's. */
function histogramsOfChildren(
  growth: Growth,
  [left, right]: readonly [Seed, Seed],
  ofParent: Float64Array,
): [Float64Array, Float64Array] {
  if (left.depth >= growth.settings.maxDepth) return [ofParent, ofParent];
  const isLeftSmaller = left.to - left.from <= right.to - right.from;
  const smaller = new Float64Array(growth.sumCount);
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
  let best: Candidate | undefined;
  for (const place of growth.sample.features) {
    const { feature, binCount } = growth.features[place]!;
    const from = growth.offsets[place]!;
    const sums = histogram.subarray(from, from + 2 * (binCount + 1));
    const search = { growth, seed, place, sums };
    const found = feature.kind === "number" ? bestCut(search) : bestParting(search);
    if (found !== undefined && found.gain > (best?.gain ?? LEAST_GAIN)) best = found;
  }
  return best;
}

interface Search {
  readonly growth: Growth;
  readonly seed: Seed;
  readonly place: number;
  readonly sums: Float64Array;
}

/** A smaller gain is rounding. */
const LEAST_GAIN = 1e-9;

/** The best cut of a number, missing ones on the better side; the last cut parts the known from the missing. */
function bestCut(search: Search): Candidate | undefined {
  const { growth, sums, place } = search;
  const binned = growth.features[place]!;
  const gainOf = gainBy(growth.settings.ridge, search, directionOf(binned, growth.settings));
  const hasMissing = sums[1]! > 0;
  const codeCount = sums.length / 2;
  const lastCode = hasMissing && canPartKnown(binned) ? codeCount - 1 : codeCount - 2;
  let best = { gain: LEAST_GAIN, code: 0, missingGoesLeft: false };
  let [first, second] = [0, 0];
  for (let code = 1; code <= lastCode; code++) {
    if (sums[2 * code + 1] === 0) continue;
    first += sums[2 * code]!;
    second += sums[2 * code + 1]!;
    const gain = gainOf(first, second);
    if (gain > best.gain) best = { gain, code, missingGoesLeft: false };
    if (!hasMissing) continue;
    const gainWithMissing = gainOf(first + sums[0]!, second + sums[1]!);
    if (gainWithMissing > best.gain) best = { gain: gainWithMissing, code, missingGoesLeft: true };
  }
  if (best.code === 0) return undefined;
  const goesLeft = Uint8Array.from({ length: codeCount }, (_, code) => Number(code <= best.code));
  goesLeft[0] = Number(best.missingGoesLeft);
  const isSeen = new Uint8Array(codeCount).fill(1).fill(Number(hasMissing), 0, 1);
  return candidateOf(search, { goesLeft, isSeen, gain: best.gain });
}

/** Whether a finite number stands above all known ones: infinities are in the bin of the largest. */
const canPartKnown = ({ highs, binCount }: BinnedFeature) => (highs[binCount - 1] ?? 0) < Number.MAX_VALUE;

/** The best parting of words by the order of their steps; words not seen here go the way of a missing one. */
function bestParting(search: Search): Candidate | undefined {
  const { growth, sums } = search;
  const ridge = growth.settings.ridge + growth.settings.categoryRidge;
  const gainOf = gainBy(ridge, search, 0);
  const isSeen = Uint8Array.from({ length: sums.length / 2 }, (_, code) => Number(sums[2 * code + 1]! > 0));
  const steps = Float64Array.from(isSeen, (_, code) => -sums[2 * code]! / (sums[2 * code + 1]! + ridge));
  const order = [...isSeen.keys()].filter((code) => isSeen[code] === 1);
  order.sort((a, b) => steps[a]! - steps[b]! || a - b);
  let best = { gain: LEAST_GAIN, count: 0 };
  let [first, second] = [0, 0];
  for (let count = 1; count < order.length; count++) {
    const code = order[count - 1]!;
    first += sums[2 * code]!;
    second += sums[2 * code + 1]!;
    const gain = gainOf(first, second);
    if (gain > best.gain) best = { gain, count };
  }
  if (best.count === 0) return undefined;
  const goesLeft = new Uint8Array(isSeen.length);
  order.slice(0, best.count).forEach((code) => (goesLeft[code] = 1));
  return candidateOf(search, { goesLeft, isSeen, gain: best.gain });
}

/** A split with what is on either side; a missing value not seen here goes with the greater part, the unseen with it. */
function candidateOf(
  { place, seed, sums }: Search,
  { goesLeft, isSeen, gain }: Pick<Candidate, "goesLeft" | "isSeen" | "gain">,
): Candidate {
  let left: Sums = { first: 0, second: 0 };
  goesLeft.forEach((goes, code) => {
    if (goes === 1 && isSeen[code] === 1)
      left = { first: left.first + sums[2 * code]!, second: left.second + sums[2 * code + 1]! };
  });
  const right = { first: seed.sums.first - left.first, second: seed.sums.second - left.second };
  const unseen = isSeen[0] === 1 ? goesLeft[0]! : Number(left.second > right.second);
  const sides = goesLeft.map((goes, code) => (isSeen[code] === 1 ? goes : unseen));
  return { feature: place, goesLeft: sides, isSeen, gain, left, right };
}

/**
 * The gain of a split by the sums of its left side, −Infinity for one that is not allowed: twice the loss that
 * the steps of both sides save, −(2 G w + (H + λ) w²), less what the step of the whole saves.
 */
function gainBy(
  ridge: number,
  { growth, seed: { bounds, sums } }: Search,
  direction: number,
): (first: number, second: number) => number {
  const { minLeafSpread } = growth.settings;
  const step = (first: number, second: number) =>
    Math.max(bounds.low, Math.min(bounds.high, -first / (second + ridge)));
  const saving = (first: number, second: number, by: number) => -(2 * first + (second + ridge) * by) * by;
  const ofWhole = saving(sums.first, sums.second, stepOf(sums, ridge, bounds));
  return (first, second) => {
    const [otherFirst, otherSecond] = [sums.first - first, sums.second - second];
    if (second < minLeafSpread || otherSecond < minLeafSpread) return -Infinity;
    const left = step(first, second);
    const right = step(otherFirst, otherSecond);
    if (direction * (right - left) < 0) return -Infinity;
    return saving(first, second, left) + saving(otherFirst, otherSecond, right) - ofWhole;
  };
}

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

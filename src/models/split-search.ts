import { midpoint, type BinnedFeature } from "./feature-bins.js";
import type { OutcomeLoss } from "./outcome-loss.js";
import { EVERY_NUMBER, type Split } from "./tree.js";

/** A feature in bins, fine or not. */
export type AnyBinnedFeature = BinnedFeature<Uint8Array | Uint16Array>;

/** Weights of the rows with outcome 0 and with outcome 1. */
export interface OutcomeWeights {
  readonly negative: number;
  readonly positive: number;
}

/** What the probability may be at least and at most. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** The rows of a node and what is asked of a split of them. */
export interface SplitSearch {
  readonly bins: readonly AnyBinnedFeature[];
  /** By feature: 1 where the probability may only rise with it, -1 where it may only fall, else 0. */
  readonly directions: readonly number[];
  /** Weights of outcome 0 and outcome 1 by turns, code after code and feature after feature. */
  readonly histogram: Float64Array;
  readonly total: OutcomeWeights;
  readonly bounds: Bounds;
  readonly loss: OutcomeLoss;
  readonly minLeafWeight: number;
}

/** A split that was found: its place among the features, and by code 1 where a row goes left. */
export interface FoundSplit {
  readonly place: number;
  readonly sides: Uint8Array;
  readonly split: Split;
  /** The loss that it saves. */
  readonly gain: number;
}

/** Gains that differ by less, against the loss, are ties. */
const ROUNDING = 1e-12;

/** The split that saves most of the loss; of equal ones that of the first feature, then of the first cut. */
export function bestSplit(search: SplitSearch): FoundSplit | undefined {
  const { total, bounds, loss } = search;
  const loss0 = loss(total.negative, total.positive, rateOf(total.negative, total.positive, bounds));
  let best: Prefix = { place: -1, order: [], count: 0, missingGoesLeft: false, gain: ROUNDING * loss0 };
  let offset = 0;
  search.bins.forEach((bin, place) => {
    const counts = search.histogram.subarray(offset, (offset += 2 * (bin.binCount + 1)));
    const gainOf = gainBy(search, place, loss0);
    best = betterPrefix({ place, counts, order: orderOf(bin, counts), gainOf, tie: ROUNDING * loss0 }, best);
  });
  return best.place < 0 ? undefined : found(search, best);
}

/** The rate of outcome 1, held within bounds. */
export const rateOf = (negative: number, positive: number, { low, high }: Bounds): number =>
  Math.min(high, Math.max(low, positive / (negative + positive)));

/** The codes up to the `count`th in an order go left; they are those of one feature that a node has seen. */
export interface Parting {
  readonly place: number;
  readonly order: readonly number[];
  readonly count: number;
  readonly missingGoesLeft: boolean;
}

interface Prefix extends Parting {
  readonly gain: number;
}

interface Scan {
  readonly place: number;
  readonly counts: Float64Array;
  readonly order: readonly number[];
  readonly gainOf: (negative: number, positive: number) => number;
  readonly tie: number;
}

/**
 * The codes seen in a node as they may be parted: numbers ascending, words by their rate of outcome 1.
 *
 * @see Breiman, Friedman, Olshen & Stone (1984), "Classification and Regression Trees", theorem 4.5
 */
function orderOf({ feature, binCount }: AnyBinnedFeature, counts: Float64Array): number[] {
  const order: number[] = [];
  for (let code = 1; code <= binCount; code++)
    if (counts[2 * code]! + counts[2 * code + 1]! > 0) order.push(code);
  if (feature.kind === "number") return order;
  const rate = (code: number) => counts[2 * code + 1]! / (counts[2 * code]! + counts[2 * code + 1]!);
  return order.sort((a, b) => rate(a) - rate(b) || a - b);
}

function betterPrefix({ place, counts, order, gainOf, tie }: Scan, best: Prefix): Prefix {
  const [missingNegative, missingPositive] = [counts[0]!, counts[1]!];
  const hasMissing = missingNegative + missingPositive > 0;
  const prefixCount = order.length - (hasMissing ? 0 : 1);
  let better = best;
  for (let count = 1, negative = 0, positive = 0; count <= prefixCount; count++) {
    negative += counts[2 * order[count - 1]!]!;
    positive += counts[2 * order[count - 1]! + 1]!;
    const gain = gainOf(negative, positive);
    if (gain > better.gain + tie) better = { place, order, count, missingGoesLeft: false, gain };
    if (!hasMissing || count === order.length) continue;
    const withMissing = gainOf(negative + missingNegative, positive + missingPositive);
    if (withMissing > better.gain + tie)
      better = { place, order, count, missingGoesLeft: true, gain: withMissing };
  }
  return better;
}

/** The loss saved, by the weights on the left side; -1 for what is not allowed. */
function gainBy(
  { total, bounds, loss, minLeafWeight, directions }: SplitSearch,
  place: number,
  loss0: number,
) {
  const direction = directions[place]!;
  return (negative: number, positive: number): number => {
    const [otherNegative, otherPositive] = [total.negative - negative, total.positive - positive];
    const lighter = Math.min(negative + positive, otherNegative + otherPositive);
    if (lighter <= 0 || lighter < minLeafWeight) return -1;
    const left = rateOf(negative, positive, bounds);
    const right = rateOf(otherNegative, otherPositive, bounds);
    if (direction * (right - left) < 0) return -1;
    return loss0 - loss(negative, positive, left) - loss(otherNegative, otherPositive, right);
  };
}

function found(search: SplitSearch, prefix: Prefix): FoundSplit {
  const { place, gain } = prefix;
  const bin = search.bins[place]!;
  const start = search.bins.slice(0, place).reduce((sum, { binCount }) => sum + 2 * (binCount + 1), 0);
  const counts = search.histogram.subarray(start, start + 2 * (bin.binCount + 1));
  const missingGoesLeft =
    counts[0]! + counts[1]! > 0 ? prefix.missingGoesLeft : isLeftHeavier(counts, prefix);
  return { place, gain, ...splitOf(bin, { ...prefix, missingGoesLeft }) };
}

function isLeftHeavier(counts: Float64Array, { order, count }: Prefix): boolean {
  const weightOf = (codes: readonly number[]) =>
    codes.reduce((sum, code) => sum + counts[2 * code]! + counts[2 * code + 1]!, 0);
  return weightOf(order.slice(0, count)) >= weightOf(order.slice(count));
}

type Asked = Omit<FoundSplit, "place" | "gain">;

/** A parting of codes as a question to rows, and the side of every code. */
export function splitOf(bin: AnyBinnedFeature, parting: Omit<Parting, "place">): Asked {
  return bin.feature.kind === "number" ? numberSplit(bin, parting) : categorySplit(bin, parting);
}

/** The cut is halfway between the neighbours in the node, where that does not part a bin. */
function numberSplit(
  { feature, lows, highs, binCount }: AnyBinnedFeature,
  { order, count, missingGoesLeft }: Omit<Parting, "place">,
): Asked {
  const sides = new Uint8Array(binCount + 1).fill(1);
  sides[0] = Number(missingGoesLeft);
  const split = { kind: "number", feature: feature.name, missingGoesLeft } as const;
  if (count === order.length) return { split: { ...split, threshold: EVERY_NUMBER }, sides };
  let last = order[count - 1]!;
  const middle = midpoint(highs[last - 1]!, lows[order[count]! - 1]!);
  while (lows[last]! <= middle) last += 1;
  sides.fill(0, last + 1);
  return { split: { ...split, threshold: Math.max(middle, highs[last - 1]!) }, sides };
}

/** Words that were not seen in the node go the way of a missing one. */
function categorySplit(
  { feature, binCount, categoriesOf }: AnyBinnedFeature,
  { order, count, missingGoesLeft }: Omit<Parting, "place">,
): Asked {
  const sides = new Uint8Array(binCount + 1).fill(Number(missingGoesLeft));
  const [left, right] = [order.slice(0, count), order.slice(count)];
  left.forEach((code) => (sides[code] = 1));
  right.forEach((code) => (sides[code] = 0));
  const wordsOf = (codes: readonly number[]) =>
    codes.toSorted((a, b) => a - b).flatMap((code) => categoriesOf[code - 1]!);
  const [leftCategories, rightCategories] = [wordsOf(left), wordsOf(right)];
  const split = { kind: "category", feature: feature.name, leftCategories, rightCategories } as const;
  return { split: { ...split, missingGoesLeft }, sides };
}

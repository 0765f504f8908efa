import type { BasketChance } from "./basket-chance.js";
import { basketSizes, itemCounts, type Baskets } from "./item-baskets.js";

/** An item i lies in a basket of k items with the odds x(k) · y(i). */
interface Odds {
  /** y of each item; 0 for one that lies nowhere. */
  readonly itemOdds: Float64Array;
  /** x for each number of items in a basket, from 0 to the largest basket. */
  readonly sizeOdds: Float64Array;
  /** For each such number the variance of it, were the items of a basket independent. */
  readonly sizeVariances: Float64Array;
  /** y by different frequencies. */
  readonly side: Side;
}

const ROUNDS = 300;
const CLOSE = 1e-9;
/** Odds of what is sure. */
const SURE = 1e12;

/**
 * The chance model with basket sizes and item frequencies kept on the average. Alternating fixed-point steps; items
 * equally common are one unknown.
 *
 * Time: (different sizes × different frequencies) a round.
 *
 * @see Saracco, Straka, Di Clemente, Gabrielli, Caldarelli & Squartini (2017), "Inferring monopartite projections of bipartite networks: an entropy-based approach", New Journal of Physics 19, eqs (3)–(6): bipartite configuration model
 */
export function averageBasketChance(baskets: Baskets): BasketChance {
  const odds = fitOdds(baskets);
  return { beside: (given) => (item, sizes) => chancesInBaskets(odds, sizes, { item, given }) };
}

function fitOdds(baskets: Baskets): Odds {
  const sizes = tally(basketSizes(baskets).filter((size) => size > 0));
  const counts = itemCounts(baskets);
  const items = tally(counts.filter((count) => count > 0));
  const x = Float64Array.from(sizes.values, (size) => size / Math.max(1, baskets.itemCount));
  const y = Float64Array.from(items.values, (count) => (count * baskets.itemCount) / baskets.items.length);
  for (let round = 0; round < ROUNDS; round++) {
    const moved = Math.max(
      balance(x, sizes.values, { odds: y, repeats: items.repeats }),
      balance(y, items.values, { odds: x, repeats: sizes.repeats }),
    );
    if (moved < CLOSE) break;
  }
  const places = new Map(Array.from(items.values, (value, place) => [value, place]));
  const largest = sizes.values.at(-1) ?? 0;
  const side = { odds: y, repeats: items.repeats };
  const odds = sizeOdds(largest, side, { known: sizes.values, x });
  return {
    itemOdds: Float64Array.from(counts, (count) => (count === 0 ? 0 : y[places.get(count)!]!)),
    sizeOdds: odds,
    sizeVariances: odds.map((own) => varianceOf(own, side)),
    side,
  };
}

/** Different values, ascending, and how often each comes. */
function tally(values: Int32Array): { readonly values: Int32Array; readonly repeats: Float64Array } {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const sorted = [...counts].toSorted(([a], [b]) => a - b);
  return {
    values: Int32Array.from(sorted, ([value]) => value),
    repeats: Float64Array.from(sorted, ([, repeats]) => repeats),
  };
}

/** The other side: odds, and how many share each. */
interface Side {
  readonly odds: Float64Array;
  readonly repeats: Float64Array;
}

/** One step for each of a side's odds towards its margin. @returns the greatest relative move */
function balance(own: Float64Array, margins: Int32Array, { odds, repeats }: Side): number {
  let most = 0;
  for (let place = 0; place < own.length; place++) {
    const at = own[place]!;
    let sum = 0;
    for (let other = 0; other < odds.length; other++)
      sum += (repeats[other]! * odds[other]!) / (1 + at * odds[other]!);
    const next = Math.min(SURE, margins[place]! / sum);
    most = Math.max(most, Math.abs(next - at) / next);
    own[place] = next;
  }
  return most;
}

function varianceOf(own: number, { odds, repeats }: Side): number {
  let sum = 0;
  for (let other = 0; other < odds.length; other++) {
    const share = shareOf(own * odds[other]!);
    sum += repeats[other]! * share * (1 - share);
  }
  return sum;
}

/** x for every size to the largest; those that no basket has are solved for with the items' odds as they are. */
function sizeOdds(
  largest: number,
  items: Side,
  { known, x }: { readonly known: Int32Array; readonly x: Float64Array },
): Float64Array {
  const odds = new Float64Array(largest + 1);
  known.forEach((size, place) => (odds[size] = x[place]!));
  for (let size = 1; size <= largest; size++) {
    if (odds[size]! > 0) continue;
    const own = Float64Array.of(odds[size - 1]! || x[0]! / known[0]!);
    for (let round = 0; round < ROUNDS; round++) if (balance(own, Int32Array.of(size), items) < CLOSE) break;
    odds[size] = own[0]!;
  }
  return odds;
}

/** No step of the odds goes further than to what is as good as sure. */
const LONGEST_STEP = 30;
/** A longer first step is followed by others; they cost time, and a shorter one is near enough. */
const SHORT_STEP = 0.5;
const MOST_STEPS = 20;

/** The odds of the smaller basket are raised, by Newton's steps, until the other items fill it. */
function chancesInBaskets(
  odds: Odds,
  sizes: Int32Array,
  { item, given }: { readonly item: number; readonly given: readonly number[] },
): Float64Array {
  const { itemOdds, sizeOdds: x } = odds;
  return Float64Array.from(sizes, (size) => {
    const left = size - given.length;
    return left <= 0 ? 0 : shareOf(x[left]! * Math.exp(raiseOf(odds, given, left)) * itemOdds[item]!);
  });
}

/** How far the logarithm of the odds is raised. */
function raiseOf(
  { itemOdds, sizeOdds, sizeVariances, side }: Odds,
  given: readonly number[],
  left: number,
): number {
  const at = (raise: number, [all, variance]: readonly [number, number]) => {
    const x = sizeOdds[left]! * Math.exp(raise);
    const shares = given.map((item) => shareOf(x * itemOdds[item]!));
    const taken = shares.reduce((sum, share) => sum + share, 0);
    const spread = shares.reduce((sum, share) => sum - share * (1 - share), variance);
    return (left - all + taken) / Math.max(spread, 1e-9);
  };
  let raise = Math.min(LONGEST_STEP, at(0, [left, sizeVariances[left]!]));
  if (raise < SHORT_STEP) return raise;
  for (let step = 0; step < MOST_STEPS; step++) {
    const x = sizeOdds[left]! * Math.exp(raise);
    const move = at(raise, [meanOf(x, side), varianceOf(x, side)]);
    raise = Math.max(0, Math.min(LONGEST_STEP, raise + Math.max(-1, Math.min(1, move))));
    if (Math.abs(move) < CLOSE) break;
  }
  return raise;
}

function meanOf(own: number, { odds, repeats }: Side): number {
  let sum = 0;
  for (let other = 0; other < odds.length; other++) sum += repeats[other]! * shareOf(own * odds[other]!);
  return sum;
}

const shareOf = (odds: number) => odds / (1 + odds);

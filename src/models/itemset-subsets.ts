import { childOf, type FrequentItemsets } from "./frequent-itemsets.js";

/** For each frequent set the places of the sets without one of its items. */
export interface Subsets {
  /** Where those of each set begin in `places`. */
  readonly offsets: Float64Array;
  /** The set without its rarest item first, that without its commonest last. */
  readonly places: Int32Array;
}

/**
 * The sets that are one item shorter: those of the parent, each made longer by the set's last item, and the parent itself.
 *
 * Time and memory: a search and a place for each item of each set.
 */
export function subsetsOf(found: FrequentItemsets): Subsets {
  const { size, parents, items, lengths, ranks } = found;
  const offsets = new Float64Array(size + 1);
  for (let place = 0; place < size; place++) offsets[place + 1] = offsets[place]! + lengths[place]!;
  const places = new Int32Array(offsets[size]!).fill(-1);
  for (let place = 0; place < size; place++) {
    const length = lengths[place]!;
    if (length < 2) continue;
    const [own, item] = [offsets[place]!, items[place]!];
    const shorter = offsets[parents[place]!]!;
    places[own + length - 1] = parents[place]!;
    if (length === 2) places[own] = ranks[item]!;
    else
      for (let at = 0; at < length - 1; at++) places[own + at] = childOf(found, places[shorter + at]!, item);
  }
  return { offsets, places };
}

/** For each set and each of its items, the rarest first, the best confidence of a rule with that item on the right. */
export interface Confidences {
  /** Of the rule with all other items on the left. */
  readonly own: Float64Array;
  /** Of the rules with some of them, but not all; 0 for a pair, which has none. */
  readonly general: Float64Array;
}

/** Confidences of all rules with one item on the right. Doubles tell shares of counts below 2^26 apart exactly. */
export function confidencesOf({ size, lengths, counts }: FrequentItemsets, subsets: Subsets): Confidences {
  const { offsets, places } = subsets;
  const own = new Float64Array(places.length);
  const general = new Float64Array(places.length);
  for (let place = 0; place < size; place++) {
    const [length, offset] = [lengths[place]!, offsets[place]!];
    if (length < 2) continue;
    for (let at = 0; at < length; at++) own[offset + at] = counts[place]! / counts[places[offset + at]!]!;
    for (let left = 0; left < length && length > 2; left++) {
      const shorter = offsets[places[offset + left]!]!;
      for (let at = 0; at < length; at++) {
        if (at === left) continue;
        const before = shorter + (at < left ? at : at - 1);
        const better = own[before]! > general[before]! ? own[before]! : general[before]!;
        if (better > general[offset + at]!) general[offset + at] = better;
      }
    }
  }
  return { own, general };
}

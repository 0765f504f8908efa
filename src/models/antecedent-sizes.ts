import type { FrequentItemsets } from "./frequent-itemsets.js";
import { basketsByItem, basketSizes, type Baskets } from "./item-baskets.js";
import type { Stretches } from "./stretches.js";

/** Of the baskets that hold a set, how many are of which size. */
export interface SizeCounts {
  /** Number of baskets for each of the sizes `from`, those that come. */
  of(place: number): { readonly counts: Float64Array; readonly from: Int32Array };
}

/**
 * The sizes of the baskets that hold each of some frequent sets.
 *
 * A stretch is the sets that begin with two items. Time: each set, and each that it begins with, costs a search in every basket of the set one item shorter. Memory: twelve
 * bytes for each size of each set.
 */
export function* antecedentSizes(
  baskets: Baskets,
  found: FrequentItemsets,
  places: readonly number[],
): Stretches<SizeCounts> {
  const sizes = openSizes(baskets, found.size);
  const wanted = new Uint8Array(found.size);
  for (const place of places) {
    for (let at = place; at >= 0 && wanted[at] === 0; at = found.parents[at]!) wanted[at] = ON_THE_WAY;
    wanted[place] = ASKED;
  }
  const rooms: Int32Array[] = [];
  function* visit(place: number, own: Int32Array): Stretches<void> {
    if (wanted[place] === ASKED) sizes.add(place, own);
    const depth = found.lengths[place]!;
    for (let child = found.firstChildren[place]!; child < found.childEnds[place]!; child++) {
      if (wanted[child] === 0) continue;
      if (rooms[depth] === undefined || rooms[depth].length < own.length)
        rooms[depth] = new Int32Array(2 * own.length);
      const kept = rooms[depth];
      yield* visit(child, kept.subarray(0, keepHolding(baskets, { own, kept }, found.items[child]!)));
    }
    if (depth <= 2) yield;
  }
  const byItem = basketsByItem(baskets);
  for (let place = 0; place < found.size && found.parents[place]! < 0; place++) {
    if (wanted[place] === 0) continue;
    yield* visit(place, byItem(found.items[place]!));
  }
  return sizes;
}

const [ON_THE_WAY, ASKED] = [1, 2];

/** Sizes of the baskets of sets, as they are added, in two columns that grow. */
function openSizes(baskets: Baskets, setCount: number) {
  const sizes = basketSizes(baskets);
  const different = Int32Array.from(new Set(sizes)).sort();
  const tally = new Int32Array((different.at(-1) ?? 0) + 1);
  const [starts, ends] = [new Int32Array(setCount), new Int32Array(setCount)];
  let [counts, from, end] = [new Float64Array(1024), new Int32Array(1024), 0];
  const grow = () => {
    const [moreCounts, moreFrom] = [new Float64Array(2 * end + 1024), new Int32Array(2 * end + 1024)];
    moreCounts.set(counts);
    moreFrom.set(from);
    [counts, from] = [moreCounts, moreFrom];
  };
  return {
    add(place: number, own: Int32Array): void {
      for (let at = 0; at < own.length; at++) tally[sizes[own[at]!]!]! += 1;
      starts[place] = end;
      for (const size of different) {
        if (tally[size] === 0) continue;
        if (end === from.length) grow();
        counts[end] = tally[size]!;
        from[end++] = size;
        tally[size] = 0;
      }
      ends[place] = end;
    },
    of: (place: number) => ({
      counts: counts.subarray(starts[place], ends[place]),
      from: from.subarray(starts[place], ends[place]),
    }),
  };
}

/** Puts those of some baskets that hold an item into `kept`. @returns how many they are */
function keepHolding(
  baskets: Baskets,
  { own, kept }: { readonly own: Int32Array; readonly kept: Int32Array },
  item: number,
): number {
  let count = 0;
  for (let at = 0; at < own.length; at++) if (holds(baskets, own[at]!, item)) kept[count++] = own[at]!;
  return count;
}

function holds({ starts, items }: Baskets, basket: number, item: number): boolean {
  let [low, high] = [starts[basket]!, starts[basket + 1]! - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = items[middle]!;
    if (at === item) return true;
    if (at < item) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

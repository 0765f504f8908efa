import type { FrequentItemsets } from "./frequent-itemsets.js";
import { basketsByItem, basketSizes, type Baskets } from "./item-baskets.js";

/** Of the baskets that hold a set, how many are of which size. */
export interface SizeCounts {
  /** Number of baskets for each of the sizes `from`, those that come. */
  of(place: number): { readonly counts: Float64Array; readonly from: Int32Array };
}

/**
 * The sizes of the baskets that hold each of some frequent sets.
 *
 * Time: each set, and each that it begins with, costs a search in every basket of the set one item shorter.
 */
export function antecedentSizes(
  baskets: Baskets,
  found: FrequentItemsets,
  places: readonly number[],
): SizeCounts {
  const sizes = basketSizes(baskets);
  const from = Int32Array.from(new Set(sizes)).sort();
  const codeOf = new Int32Array((from.at(-1) ?? 0) + 1);
  from.forEach((size, code) => (codeOf[size] = code));
  const codes = sizes.map((size) => codeOf[size]!);
  const wanted = new Uint8Array(found.size);
  for (const place of places)
    for (let at = place; at >= 0 && wanted[at] !== 1; at = found.parents[at]!) wanted[at] = 1;
  const counted = new Map<number, ReturnType<SizeCounts["of"]>>();
  const tally = new Float64Array(from.length);
  const rooms: Int32Array[] = [];
  const visit = (place: number, own: Int32Array): void => {
    counted.set(place, tallied(own, { codes, from, tally }));
    const depth = found.lengths[place]!;
    for (let child = found.firstChildren[place]!; child < found.childEnds[place]!; child++) {
      if (wanted[child] !== 1) continue;
      if (rooms[depth] === undefined || rooms[depth].length < own.length)
        rooms[depth] = new Int32Array(2 * own.length);
      const kept = rooms[depth];
      visit(child, kept.subarray(0, keepHolding(baskets, { own, kept }, found.items[child]!)));
    }
  };
  const byItem = basketsByItem(baskets);
  for (let place = 0; place < found.size && found.parents[place]! < 0; place++)
    if (wanted[place] === 1) visit(place, byItem(found.items[place]!));
  return { of: (place) => counted.get(place)! };
}

interface Tallying {
  /** For each basket the place of its size in `from`. */
  readonly codes: Int32Array;
  readonly from: Int32Array;
  /** Zeros, before and after. */
  readonly tally: Float64Array;
}

function tallied(own: Int32Array, { codes, from, tally }: Tallying): ReturnType<SizeCounts["of"]> {
  let different = 0;
  for (let at = 0; at < own.length; at++) if (tally[codes[own[at]!]!]!++ === 0) different += 1;
  const [counts, sizes] = [new Float64Array(different), new Int32Array(different)];
  for (let code = 0, place = 0; place < different; code++) {
    if (tally[code] === 0) continue;
    counts[place] = tally[code]!;
    sizes[place++] = from[code]!;
    tally[code] = 0;
  }
  return { counts, from: sizes };
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

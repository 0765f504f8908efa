import type { Companions } from "./basket-projection.js";

/**
 * Turns the number of baskets that hold exactly so many of a few items, at the number whose bits they are, into the number
 * of those that hold at least these.
 *
 * Time: (items × sets of them), however many baskets there are.
 *
 * @see Knuth (2011), The Art of Computer Programming 4A, 7.1.4: sums over supersets, an item at a time
 */
export function addSupersets(counts: Int32Array): void {
  for (let bit = 1; bit < counts.length; bit *= 2)
    for (let first = 0; first < counts.length; first += 2 * bit)
      for (let set = first; set < first + bit; set++) counts[set]! += counts[set + bit]!;
}

/** Items of which all sets are counted. @param counts by the bits of the items in a set; no more room than that */
export function countedCompanions(counts: Int32Array, bits: Int32Array, given = 0): Companions {
  return {
    itemCount: bits.length,
    countBelow(item, into) {
      const both = given + bits[item]!;
      for (let other = 0; other < item; other++) into[other] = counts[both + bits[other]!]!;
      return item;
    },
    cutDown: (item, chosen) =>
      countedCompanions(
        counts,
        chosen.map((other) => bits[other]!),
        given + bits[item]!,
      ),
  };
}

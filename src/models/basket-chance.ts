import { averageBasketChance } from "./average-basket-chance.js";
import { exactBasketChance } from "./exact-basket-chance.js";
import { itemCounts, type Baskets } from "./item-baskets.js";

/** The chance that an item lies in a basket which holds others already, for baskets of each of some sizes, ascending. */
export type ChancesBeside = (item: number, sizes: Int32Array) => Float64Array;

/** What would lie together by chance: baskets of the sizes there are and items as common as they are, otherwise at random. */
export interface BasketChance {
  /** What lies beside given items by chance: the places that are left go to the others. */
  readonly beside: (given: readonly number[]) => ChancesBeside;
}

/** Up to so many items basket sizes are kept exactly. */
const MOST_EXACT = 64;

/**
 * The chance model of a set of baskets: of all random baskets that have these sizes and item frequencies, those that are
 * random else (greatest entropy). With few items sizes are kept exactly; with many, where it makes no difference that can
 * be told, on the average.
 *
 * @see Gionis, Mannila, Mielikäinen & Tsaparas (2007), "Assessing data mining results via swap randomization", ACM TKDD 1(3)
 */
export function fitBasketChance(baskets: Baskets): BasketChance {
  const itemCount = itemCounts(baskets).filter((count) => count > 0).length;
  return itemCount > MOST_EXACT ? averageBasketChance(baskets) : exactBasketChance(baskets);
}

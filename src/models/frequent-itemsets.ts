import { emptyRooms, projectedCompanions, rankedBaskets, type Companions } from "./basket-projection.js";
import { itemCounts, type Baskets } from "./item-baskets.js";
import { columnsWithin, openItemsetStore, type ItemsetColumns, type ItemsetStore } from "./itemset-store.js";
import { inOneGo, type Stretches } from "./stretches.js";

/** How far to look. */
export interface MiningSettings {
  /** In how many baskets a set must lie. */
  readonly minCount: number;
  /** Items of a set at most; default: any number. */
  readonly maxLength?: number;
  /** Bytes that the sets found may take, `itemsetBytes` each; default 256 MiB. */
  readonly budgetBytes?: number;
  /** Looks at items of baskets between pauses; default: a second's work or so. */
  readonly stretchLooks?: number;
}

/**
 * Sets of items that often lie in one basket, as a tree: a set is its parent and one item that is commoner than all the
 * parent's. Single items come first, the commonest before the others, and every subset of a set comes before the set.
 */
export interface FrequentItemsets extends ItemsetColumns {
  readonly basketCount: number;
  /** In how many baskets each lies at least: what was asked for, or more where the budget did not suffice. */
  readonly minCount: number;
  /** Items of a set at most: what was asked for, or fewer where the budget did not suffice; Infinity for any number. */
  readonly maxLength: number;
  readonly size: number;
  /** Place of each item among the frequent ones, the commonest 0; -1 for those too rare. */
  readonly ranks: Int32Array;
}

const BUDGET_BYTES = 256 * 1024 ** 2;

const STRETCH_LOOKS = 2 ** 26;

/**
 * All sets of items that lie in at least so many baskets, exact.
 *
 * Where they do not fit the budget the least count is raised as they are found, as far as it takes; or, where that would
 * leave no pair, sets have fewer items. They are then all those of the count and the length that are given back.
 *
 * Time: each set costs a look at the baskets it lies in, cut down to their commoner items.
 *
 * @see Uno, Kiyomi & Arimura (2004), "LCM ver. 2: Efficient Mining Algorithms for Frequent/Closed/Maximal Itemsets": occurrence deliver over projected baskets
 * @throws RangeError when `minCount` is no whole number from 1
 */
export function frequentItemsets(baskets: Baskets, settings: MiningSettings): FrequentItemsets {
  return inOneGo(itemsetStretches(baskets, settings));
}

/** {@link frequentItemsets} in stretches, with a pause behind each. */
export function* itemsetStretches(baskets: Baskets, settings: MiningSettings): Stretches<FrequentItemsets> {
  const { minCount, maxLength = Infinity, budgetBytes = BUDGET_BYTES } = settings;
  const { stretchLooks = STRETCH_LOOKS } = settings;
  if (!Number.isSafeInteger(minCount) || minCount < 1)
    throw new RangeError(`minCount: a whole number from 1, found ${minCount}`);
  const store = openItemsetStore({ minCount, maxLength }, budgetBytes);
  const items = addItems(store, baskets);
  const ranks = new Int32Array(baskets.itemCount).fill(-1);
  items.forEach((item, rank) => (ranks[item] = rank));
  const companions = projectedCompanions(rankedBaskets(baskets, ranks, items.length), emptyRooms());
  const counts = new Int32Array(items.length);
  const sets = { items, places: Int32Array.from(items.keys()), companions, next: 1 };
  const mining: Mining = { store, counts, prefixes: [sets] };
  for (let looks = 0; mining.prefixes.length > 0;) {
    looks += goOn(mining);
    if (looks < stretchLooks) continue;
    looks = 0;
    yield;
  }
  const { limits, size } = store;
  const columns = store.columns();
  for (const [rank, item] of items.entries())
    if (columns.items[rank] !== item || rank >= size) ranks[item] = -1;
  return { basketCount: baskets.basketCount, ...limits, size, ranks, ...columns };
}

/** Those of the sets that lie in at least so many baskets: what looking for them anew would find. */
export function commonerItemsets(found: FrequentItemsets, minCount: number): FrequentItemsets {
  const columns = columnsWithin(found, { minCount, maxLength: found.maxLength });
  const isRare = (rank: number) => rank < 0 || found.counts[rank]! < minCount;
  const ranks = found.ranks.map((rank) => (isRare(rank) ? -1 : rank));
  return { ...found, ...columns, minCount, ranks, size: columns.items.length };
}

/** The items of a set, the rarest first. */
export function itemsOf({ parents, items }: FrequentItemsets, place: number): number[] {
  const own: number[] = [];
  for (let at = place; at >= 0; at = parents[at]!) own.push(items[at]!);
  return own.reverse();
}

/** The set that has one item more, commoner than all of its own; -1 when it is not frequent. */
export function childOf(found: FrequentItemsets, place: number, item: number): number {
  const { ranks, items, firstChildren, childEnds } = found;
  const rank = ranks[item]!;
  let [low, high] = [firstChildren[place]!, childEnds[place]! - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = ranks[items[middle]!]!;
    if (at === rank) return middle;
    if (at < rank) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The place of the set of these items; -1 when it is not frequent. */
export function placeOfSet(found: FrequentItemsets, items: readonly number[]): number {
  const { ranks } = found;
  if (items.some((item) => ranks[item]! < 0)) return -1;
  const [rarest, ...others] = items.toSorted((a, b) => ranks[b]! - ranks[a]!);
  if (rarest === undefined) return -1;
  let place = ranks[rarest]!;
  for (const item of others) if (place >= 0) place = childOf(found, place, item);
  return place;
}

/** Adds frequent items as sets, the commonest first, equal ones as they are numbered. @returns them */
function addItems(store: ItemsetStore, baskets: Baskets): Int32Array {
  const counts = itemCounts(baskets);
  const frequent = Array.from(counts.keys()).filter((item) => counts[item]! >= store.limits.minCount);
  const items = Int32Array.from(frequent.sort((a, b) => counts[b]! - counts[a]! || a - b));
  for (const item of items) store.add(-1, item, counts[item]!);
  if (store.isFull()) store.fit([]);
  return items.subarray(0, store.size);
}

/** Sets with one beginning, each of which is made longer by the items before its own. */
interface Prefixes {
  /** The last items of the sets, the commonest first. */
  readonly items: Int32Array;
  /** The sets; -1 for one that has become too rare. */
  readonly places: Int32Array;
  readonly companions: Companions;
  /** Number of the set that is made longer next. */
  next: number;
}

interface Mining {
  readonly store: ItemsetStore;
  /** From single items down to the longest sets that are being made longer. */
  readonly prefixes: Prefixes[];
  /** Room for a number of baskets for each item. */
  readonly counts: Int32Array;
}

/** Finds the sets that make the next one longer by one item, and goes into them. @returns at how many items was looked */
function goOn({ store, prefixes, counts }: Mining): number {
  const prefix = prefixes.at(-1)!;
  const { items, places, companions } = prefix;
  const item = prefix.next++;
  if (item >= companions.itemCount || prefixes.length >= store.limits.maxLength) prefixes.pop();
  else if (places[item]! >= 0) {
    const looks = companions.countBelow(item, counts);
    const chosen = chosenOf(counts, item, store.limits.minCount);
    const longer = chosen.map((other) => store.add(places[item]!, items[other]!, counts[other]!));
    if (store.isFull()) store.fit([...prefixes.map((each) => each.places), longer]);
    if (chosen.length > 1 && prefixes.length + 1 < store.limits.maxLength)
      prefixes.push({
        items: chosen.map((other) => items[other]!),
        places: longer,
        companions: companions.cutDown(item, chosen),
        next: 1,
      });
    return looks;
  }
  return 0;
}

/** The numbers before one with so many baskets at least. */
function chosenOf(counts: Int32Array, before: number, minCount: number): Int32Array {
  const chosen: number[] = [];
  for (let other = 0; other < before; other++) if (counts[other]! >= minCount) chosen.push(other);
  return new Int32Array(chosen);
}

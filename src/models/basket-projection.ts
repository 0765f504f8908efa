import type { Baskets } from "./item-baskets.js";

/** Baskets of items numbered from 0, ascending within each basket. */
export interface Projection {
  readonly itemCount: number;
  readonly basketCount: number;
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

/** Every basket of two frequent items or more, its items by their ranks. */
export function rankedBaskets(
  { starts, items, basketCount }: Baskets,
  ranks: Int32Array,
  itemCount: number,
): Projection {
  const ranked = { itemCount, starts: new Int32Array(basketCount + 1), items: new Int32Array(items.length) };
  let [kept, end] = [0, 0];
  for (let basket = 0; basket < basketCount; basket++) {
    const start = end;
    for (let at = starts[basket]!; at < starts[basket + 1]!; at++) {
      const rank = ranks[items[at]!]!;
      if (rank >= 0) ranked.items[end++] = rank;
    }
    if (end - start < 2) end = start;
    else {
      ranked.items.subarray(start, end).sort();
      ranked.starts[++kept] = end;
    }
  }
  return { ...ranked, basketCount: kept };
}

/** Where each item of a projection stands, and room for what is made of one of them. */
export interface ItemRooms {
  offsets: Int32Array;
  /** Places in the projection's items, item by item, and where their baskets start. */
  spots: Int32Array;
  spotStarts: Int32Array;
  counts: Int32Array;
  codes: Int32Array;
  starts: Int32Array;
  items: Int32Array;
}

/** Finds where each item of a projection stands, in the rooms that are there or in larger ones. */
export function indexItems(projection: Projection, level: ItemRooms): void {
  const { itemCount, basketCount, starts, items } = projection;
  const size = starts[basketCount]!;
  level.offsets = roomFor(level.offsets, itemCount + 1).fill(0, 0, itemCount + 1);
  level.counts = roomFor(level.counts, itemCount);
  level.codes = roomFor(level.codes, itemCount);
  level.spots = roomFor(level.spots, size);
  level.spotStarts = roomFor(level.spotStarts, size);
  const { offsets, spots, spotStarts } = level;
  for (let at = 0; at < size; at++) offsets[items[at]! + 1]! += 1;
  for (let item = 0; item < itemCount; item++) offsets[item + 1]! += offsets[item]!;
  const next = offsets.slice(0, itemCount);
  for (let basket = 0; basket < basketCount; basket++) {
    for (let at = starts[basket]!; at < starts[basket + 1]!; at++) {
      const spot = next[items[at]!]!++;
      spots[spot] = at;
      spotStarts[spot] = starts[basket]!;
    }
  }
}

/** Rooms that grow as they are used. */
export const emptyRooms = (): ItemRooms => {
  const [offsets, spots, spotStarts, counts, codes, starts, items] = Array.from(
    { length: 7 },
    () => new Int32Array(0),
  ) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
  return { offsets, spots, spotStarts, counts, codes, starts, items };
};

const roomFor = (array: Int32Array, length: number) =>
  array.length >= length ? array : new Int32Array(Math.max(length, array.length * 2));

/** In how many of the baskets of an item each commoner one lies. @returns at how many items was looked */
export function countBelow(
  { offsets, spots, spotStarts, counts }: ItemRooms,
  { items }: Projection,
  item: number,
): number {
  let looks = 0;
  counts.fill(0, 0, item);
  for (let spot = offsets[item]!; spot < offsets[item + 1]!; spot++) {
    const start = spotStarts[spot]!;
    const end = spots[spot]!;
    for (let at = start; at < end; at++) counts[items[at]!]! += 1;
    looks += end - start;
  }
  return looks;
}

/** The baskets of an item, cut down to its frequent companions; those of one alone lead to nothing longer. */
export function project(
  level: ItemRooms,
  { items }: Projection,
  { item, itemCount }: { readonly item: number; readonly itemCount: number },
): Projection {
  const { offsets, spots, spotStarts, codes } = level;
  const [first, last] = [offsets[item]!, offsets[item + 1]!];
  let size = 0;
  for (let spot = first; spot < last; spot++) size += spots[spot]! - spotStarts[spot]!;
  level.starts = roomFor(level.starts, last - first + 1);
  level.items = roomFor(level.items, size);
  const { starts, items: kept } = level;
  let [basketCount, end] = [0, 0];
  starts[0] = 0;
  for (let spot = first; spot < last; spot++) {
    const start = end;
    for (let at = spotStarts[spot]!; at < spots[spot]!; at++) {
      const code = codes[items[at]!]!;
      if (code >= 0) kept[end++] = code;
    }
    if (end - start < 2) end = start;
    else starts[++basketCount] = end;
  }
  return { itemCount, basketCount, starts, items: kept };
}

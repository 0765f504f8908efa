import type { Baskets } from "./item-baskets.js";
import { addSupersets, countedCompanions } from "./subset-counts.js";

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

/** Items beside those that some baskets all hold, numbered from the commonest, 0. */
export interface Companions {
  readonly itemCount: number;
  /** Counts in how many of the baskets with an item each commoner one lies. @returns at how many items was looked */
  countBelow(item: number, into: Int32Array): number;
  /** Of the baskets with an item the commoner ones that are chosen, ascending, which get their place among these as number. */
  cutDown(item: number, chosen: Int32Array): Companions;
}

/** Where each item of a projection stands, and room for what is made of one of them. */
interface ItemRooms {
  offsets: Int32Array;
  /** Places in the projection's items, item by item, and where their baskets start. */
  spots: Int32Array;
  spotStarts: Int32Array;
  codes: Int32Array;
  starts: Int32Array;
  items: Int32Array;
}

/** Memory that is used again and again. */
export interface ProjectionRooms {
  /** For each length of sets. */
  readonly levels: ItemRooms[];
  /** For the sets of few items. */
  subsets: Int32Array;
}

/** Rooms that grow as they are used. */
export const emptyRooms = (): ProjectionRooms => ({ levels: [], subsets: new Int32Array(0) });

const emptyLevel = (): ItemRooms => {
  const [offsets, spots, spotStarts, codes, starts, items] = Array.from(
    { length: 6 },
    () => new Int32Array(0),
  ) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
  return { offsets, spots, spotStarts, codes, starts, items };
};

const roomFor = (array: Int32Array, length: number) =>
  array.length >= length ? array : new Int32Array(Math.ceil(length * 1.1) + 1024);

/** Items of a projection; where those of its companions have no more sets than rows, all sets are counted at once. */
export function projectedCompanions(projection: Projection, rooms: ProjectionRooms, depth = 0): Companions {
  const level = (rooms.levels[depth] ??= emptyLevel());
  indexItems(projection, level);
  return {
    itemCount: projection.itemCount,
    countBelow: (item, into) => countBelow(level, projection, { item, into }),
    cutDown(item, chosen) {
      const cut = { item, itemCount: chosen.length };
      level.codes.fill(-1, 0, item);
      for (let code = 0; code < chosen.length; code++) level.codes[chosen[code]!] = code;
      if (2 ** chosen.length > rowsBelow(level, item))
        return projectedCompanions(project(level, projection, cut), rooms, depth + 1);
      rooms.subsets = roomFor(rooms.subsets, 2 ** chosen.length);
      const counts = rooms.subsets.subarray(0, 2 ** chosen.length).fill(0);
      tallySubsets(level, projection, { item, counts });
      addSupersets(counts);
      return countedCompanions(
        counts,
        chosen.map((_, code) => 2 ** code),
      );
    },
  };
}

/** The baskets of an item by the bits of its chosen companions in them. */
function tallySubsets(
  { offsets, spots, spotStarts, codes }: ItemRooms,
  { items }: Projection,
  { item, counts }: { readonly item: number; readonly counts: Int32Array },
): void {
  for (let spot = offsets[item]!; spot < offsets[item + 1]!; spot++) {
    let set = 0;
    for (let at = spotStarts[spot]!; at < spots[spot]!; at++) {
      const code = codes[items[at]!]!;
      if (code >= 0) set += 1 << code;
    }
    counts[set]! += 1;
  }
}

/** Finds where each item of a projection stands, in the rooms that are there or in larger ones. */
function indexItems(projection: Projection, level: ItemRooms): void {
  const { itemCount, basketCount, starts, items } = projection;
  const size = starts[basketCount]!;
  level.offsets = roomFor(level.offsets, itemCount + 1).fill(0, 0, itemCount + 1);
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

/** In how many of the baskets of an item each commoner one lies. @returns at how many items was looked */
function countBelow(
  { offsets, spots, spotStarts }: ItemRooms,
  { items }: Projection,
  { item, into }: { readonly item: number; readonly into: Int32Array },
): number {
  let looks = 0;
  into.fill(0, 0, item);
  for (let spot = offsets[item]!; spot < offsets[item + 1]!; spot++) {
    const start = spotStarts[spot]!;
    const end = spots[spot]!;
    for (let at = start; at < end; at++) into[items[at]!]! += 1;
    looks += end - start;
  }
  return looks;
}

/** How many commoner items lie in the baskets of an item. */
function rowsBelow({ offsets, spots, spotStarts }: ItemRooms, item: number): number {
  let count = 0;
  for (let spot = offsets[item]!; spot < offsets[item + 1]!; spot++)
    count += spots[spot]! - spotStarts[spot]!;
  return count;
}

/** The baskets of an item, cut down to its frequent companions; those of one alone lead to nothing longer. */
function project(
  level: ItemRooms,
  { items }: Projection,
  { item, itemCount }: { readonly item: number; readonly itemCount: number },
): Projection {
  const { offsets, spots, spotStarts, codes } = level;
  const [first, last] = [offsets[item]!, offsets[item + 1]!];
  level.starts = roomFor(level.starts, last - first + 1);
  level.items = roomFor(level.items, rowsBelow(level, item));
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

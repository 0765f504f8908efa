import type { Baskets } from "./item-baskets.js";

/** How far to look. */
export interface MiningSettings {
  /** In how many baskets a set must lie. */
  readonly minCount: number;
  /** Items of a set at most; default: any number. */
  readonly maxLength?: number;
  /** Bytes that the sets found may take, {@link itemsetBytes} each; default 256 MiB. */
  readonly budgetBytes?: number;
}

/**
 * Sets of items that often lie in one basket, as a tree: a set is its parent and one item that is commoner than all the
 * parent's. Single items come first, the commonest before the others, and every subset of a set comes before the set.
 */
export interface FrequentItemsets {
  readonly basketCount: number;
  /** In how many baskets each lies at least: what was asked for, or more where the budget did not suffice. */
  readonly minCount: number;
  readonly size: number;
  /** Place of the set without its commonest item; -1 for a single item. */
  readonly parents: Int32Array;
  /** The commonest item of each set, as the baskets number it. */
  readonly items: Int32Array;
  /** In how many baskets all of them lie. */
  readonly counts: Int32Array;
  readonly lengths: Int32Array;
  /** Sets with one more item stand from here … */
  readonly firstChildren: Int32Array;
  /** … to before here. */
  readonly childEnds: Int32Array;
  /** Place of each item among the frequent ones, the commonest 0; -1 for those too rare. */
  readonly ranks: Int32Array;
}

const BUDGET_BYTES = 256 * 1024 ** 2;

/** What a set takes in memory: itself while columns grow, then with its rules, an index and two numbers for each item. */
export const itemsetBytes = (length: number) => Math.max(72, 32 + 20 * length);

/**
 * All sets of items that lie in at least so many baskets, exact.
 *
 * Where they do not fit the budget the least count is raised by half, as often as it takes: the sets are then exact for
 * the count that is given back.
 *
 * Time: each set costs a look at the baskets it lies in, cut down to their commoner items.
 *
 * @see Uno, Kiyomi & Arimura (2004), "LCM ver. 2: Efficient Mining Algorithms for Frequent/Closed/Maximal Itemsets": occurrence deliver over projected baskets
 * @throws RangeError when `minCount` is no whole number from 1
 */
export function frequentItemsets(baskets: Baskets, settings: MiningSettings): FrequentItemsets {
  if (!Number.isSafeInteger(settings.minCount) || settings.minCount < 1)
    throw new RangeError(`minCount: a whole number from 1, found ${settings.minCount}`);
  const { budgetBytes = BUDGET_BYTES } = settings;
  for (let minCount = settings.minCount; ; minCount = Math.ceil(minCount * 1.5)) {
    const found = mined(baskets, { ...settings, minCount, budgetBytes });
    if (found !== undefined) return found;
  }
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

type Limits = Required<Omit<MiningSettings, "maxLength">> & Pick<MiningSettings, "maxLength">;

/** @returns undefined when they do not fit the budget */
function mined(baskets: Baskets, limits: Limits): FrequentItemsets | undefined {
  const { minCount, maxLength = Infinity } = limits;
  const { byRank, ranks, counts } = rankItems(baskets, minCount);
  const store = openStore(limits.budgetBytes);
  for (const [rank, item] of byRank.entries()) store.add(-1, item, counts[rank]!);
  const mining: Mining = { minCount, maxLength, store, levels: [] };
  if (maxLength > 1 && !store.isFull())
    extend(mining, rankedBaskets(baskets, ranks, byRank.length), {
      depth: 1,
      items: byRank,
      places: Int32Array.from(byRank.keys()),
    });
  if (store.isFull()) return undefined;
  return { basketCount: baskets.basketCount, minCount, ranks, ...store.close() };
}

/** Frequent items, the commonest first, equal ones as they are numbered. */
function rankItems({ items, itemCount }: Baskets, minCount: number) {
  const counted = new Int32Array(itemCount);
  for (let at = 0; at < items.length; at++) counted[items[at]!]! += 1;
  const frequent = Array.from(counted.keys()).filter((item) => counted[item]! >= minCount);
  const byRank = Int32Array.from(frequent.sort((a, b) => counted[b]! - counted[a]! || a - b));
  const ranks = new Int32Array(itemCount).fill(-1);
  byRank.forEach((item, rank) => (ranks[item] = rank));
  return { byRank, ranks, counts: byRank.map((item) => counted[item]!) };
}

/** Baskets of items numbered from 0, ascending within each basket. */
interface Projection {
  readonly itemCount: number;
  readonly basketCount: number;
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

/** Every basket of two frequent items or more, its items by their ranks. */
function rankedBaskets({ starts, items, basketCount }: Baskets, ranks: Int32Array, itemCount: number) {
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

interface Mining {
  readonly minCount: number;
  readonly maxLength: number;
  readonly store: Store;
  /** Memory for each depth, used again and again. */
  readonly levels: Level[];
}

/** The sets whose projection is looked at: each of its items makes one of them longer. */
interface Prefixes {
  /** Items in each of the sets. */
  readonly depth: number;
  /** For each number of the projection the item it stands for, and the set that it makes with the prefix. */
  readonly items: Int32Array;
  readonly places: Int32Array;
}

/** Finds the sets that are one item longer, and goes on with each of them. */
function extend(mining: Mining, projection: Projection, { depth, items, places }: Prefixes): void {
  const { store, minCount, maxLength } = mining;
  const level = levelAt(mining, depth, projection);
  const { counts, codes } = level;
  for (let item = 1; item < projection.itemCount && !store.isFull(); item++) {
    countBelow(level, projection, item);
    const [chosen, own]: [number[], number[]] = [[], []];
    store.open(places[item]!);
    for (let other = 0; other < item; other++) {
      const isFrequent = counts[other]! >= minCount;
      codes[other] = isFrequent ? chosen.length : -1;
      if (!isFrequent) continue;
      chosen.push(items[other]!);
      own.push(store.add(places[item]!, items[other]!, counts[other]!));
    }
    if (chosen.length < 2 || depth + 1 >= maxLength || store.isFull()) continue;
    extend(mining, project(level, projection, { item, itemCount: chosen.length }), {
      depth: depth + 1,
      items: Int32Array.from(chosen),
      places: Int32Array.from(own),
    });
  }
}

/** Where each item of a projection stands, and room for what is made of one of them. */
interface Level {
  offsets: Int32Array;
  /** Places in the projection's items, item by item, and where their baskets start. */
  spots: Int32Array;
  spotStarts: Int32Array;
  counts: Int32Array;
  codes: Int32Array;
  starts: Int32Array;
  items: Int32Array;
}

function levelAt({ levels }: Mining, depth: number, projection: Projection): Level {
  const { itemCount, basketCount, starts, items } = projection;
  const level = (levels[depth] ??= emptyLevel());
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
  return level;
}

const emptyLevel = (): Level => {
  const [offsets, spots, spotStarts, counts, codes, starts, items] = Array.from(
    { length: 7 },
    () => new Int32Array(0),
  ) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
  return { offsets, spots, spotStarts, counts, codes, starts, items };
};

const roomFor = (array: Int32Array, length: number) =>
  array.length >= length ? array : new Int32Array(Math.max(length, array.length * 2));

/** In how many of the baskets of an item each commoner one lies. */
function countBelow(
  { offsets, spots, spotStarts, counts }: Level,
  { items }: Projection,
  item: number,
): void {
  counts.fill(0, 0, item);
  for (let spot = offsets[item]!; spot < offsets[item + 1]!; spot++) {
    const end = spots[spot]!;
    for (let at = spotStarts[spot]!; at < end; at++) counts[items[at]!]! += 1;
  }
}

/** The baskets of an item, cut down to its frequent companions; those of one alone lead to nothing longer. */
function project(
  level: Level,
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

/** Sets as they are found, in columns that grow. */
interface Store {
  /** @returns its place */
  add(parent: number, item: number, count: number): number;
  /** From here on the children of that set are added. */
  open(place: number): void;
  /** True once they take more than the budget. */
  isFull(): boolean;
  close(): Omit<FrequentItemsets, "basketCount" | "minCount" | "ranks">;
}

const COLUMNS = ["parents", "items", "counts", "lengths", "firstChildren", "childEnds"] as const;
type Columns = Record<(typeof COLUMNS)[number], Int32Array>;

function openStore(budgetBytes: number): Store {
  let room = 1024;
  let [size, bytes] = [0, 0];
  const columnsOf = (make: (name: (typeof COLUMNS)[number]) => Int32Array) =>
    Object.fromEntries(COLUMNS.map((name) => [name, make(name)])) as Columns;
  let columns = columnsOf(() => new Int32Array(room));
  const grow = () => {
    room *= 2;
    columns = columnsOf((name) => {
      const grown = new Int32Array(room);
      grown.set(columns[name]);
      return grown;
    });
  };
  return {
    add(parent, item, count) {
      if (size === room) grow();
      const length = parent < 0 ? 1 : columns.lengths[parent]! + 1;
      columns.parents[size] = parent;
      columns.items[size] = item;
      columns.counts[size] = count;
      columns.lengths[size] = length;
      if (parent >= 0) columns.childEnds[parent] = size + 1;
      bytes += itemsetBytes(length);
      return size++;
    },
    open(place) {
      columns.firstChildren[place] = size;
      columns.childEnds[place] = size;
    },
    isFull: () => bytes > budgetBytes,
    close: () => ({ size, ...columnsOf((name) => columns[name].slice(0, size)) }),
  };
}

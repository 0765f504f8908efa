/** Sets as a tree, column by column; see `FrequentItemsets`. */
export interface ItemsetColumns {
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
}

/** Which sets are kept. */
export interface ItemsetLimits {
  /** In how many baskets a set must lie. */
  readonly minCount: number;
  /** Items of a set at most; Infinity for any number. */
  readonly maxLength: number;
}

/** Sets as they are found, in columns that grow as far as a budget. */
export interface ItemsetStore {
  readonly limits: ItemsetLimits;
  readonly size: number;
  /** Adds a set; all that have one parent come one after the other. @returns its place */
  add(parent: number, item: number, count: number): number;
  /** True once the sets take more than the budget. */
  isFull(): boolean;
  /**
   * Raises the least count until three quarters of the budget hold the sets, or makes them shorter where that would leave
   * no pair. Places in the lists given become the new ones, -1 for sets that are gone.
   */
  fit(lists: readonly Int32Array[]): void;
  columns(): ItemsetColumns;
}

/** What a set takes in memory: itself while columns grow, then with its rules, an index and two numbers for each item. */
export const itemsetBytes = (length: number) => Math.max(72, 32 + 20 * length);

const COLUMNS = ["parents", "items", "counts", "lengths", "firstChildren", "childEnds"] as const;

const columnsOf = (make: (name: keyof ItemsetColumns) => Int32Array) =>
  Object.fromEntries(COLUMNS.map((name) => [name, make(name)])) as unknown as ItemsetColumns;

/** Of the budget, what is left of the sets once they are cut: nearly all, and yet room before they are cut again. */
const KEPT_SHARE = 0.75;

function enlarged(columns: ItemsetColumns): ItemsetColumns {
  return columnsOf((name) => {
    const grown = new Int32Array(2 * columns[name].length);
    grown.set(columns[name]);
    return grown;
  });
}

/** A store without sets. */
export function openItemsetStore(wanted: ItemsetLimits, budgetBytes: number): ItemsetStore {
  let [size, bytes, limits] = [0, 0, wanted];
  let columns = columnsOf(() => new Int32Array(1024));
  return {
    get limits() {
      return limits;
    },
    get size() {
      return size;
    },
    add(parent, item, count) {
      if (size === columns.items.length) columns = enlarged(columns);
      const { parents, items, counts, lengths, firstChildren, childEnds } = columns;
      const length = parent < 0 ? 1 : lengths[parent]! + 1;
      parents[size] = parent;
      items[size] = item;
      counts[size] = count;
      lengths[size] = length;
      firstChildren[size] = 0;
      childEnds[size] = 0;
      if (parent >= 0) {
        if (childEnds[parent] === 0) firstChildren[parent] = size;
        childEnds[parent] = size + 1;
      }
      bytes += itemsetBytes(length);
      return size++;
    },
    isFull: () => bytes > budgetBytes,
    fit(lists) {
      const sets = { ...columns, size };
      limits = limitsWithin(sets, limits, KEPT_SHARE * budgetBytes);
      const newPlaces = keepWithin(sets, limits);
      for (const list of lists) moveAll(list, newPlaces);
      size = newPlaces[size]!;
      bytes = bytesOf({ ...sets, size }, limits);
    },
    columns: () => columnsOf((name) => columns[name].slice(0, size)),
  };
}

type Sets = ItemsetColumns & { readonly size: number };

/** Columns with those of the sets alone that are within some limits. */
export function columnsWithin(sets: Sets, limits: ItemsetLimits): ItemsetColumns {
  const columns = columnsOf((name) => sets[name].slice());
  const size = keepWithin({ ...columns, size: sets.size }, limits)[sets.size]!;
  return columnsOf((name) => columns[name].slice(0, size));
}

/** What the sets within some limits take. */
function bytesOf({ counts, lengths, size }: Sets, { minCount, maxLength }: ItemsetLimits): number {
  let bytes = 0;
  for (let place = 0; place < size; place++)
    if (counts[place]! >= minCount && lengths[place]! <= maxLength) bytes += itemsetBytes(lengths[place]!);
  return bytes;
}

/** The least count with which the sets take no more bytes than these; where no pair reaches it, fewer items instead, if that helps. */
function limitsWithin(sets: Sets, limits: ItemsetLimits, bytes: number): ItemsetLimits {
  const fits = (tried: ItemsetLimits) => bytesOf(sets, tried) <= bytes;
  if (fits(limits)) return limits;
  const { counts, lengths, size } = sets;
  let [most, mostOfPairs] = [0, 0];
  for (let place = 0; place < size; place++) {
    most = Math.max(most, counts[place]!);
    if (lengths[place] === 2) mostOfPairs = Math.max(mostOfPairs, counts[place]!);
  }
  const minCount = firstOf([limits.minCount + 1, most + 1], (tried) => fits({ ...limits, minCount: tried }));
  const shortened = { ...limits, maxLength: 2 };
  if (mostOfPairs === 0 || mostOfPairs >= minCount || !fits(shortened)) return { ...limits, minCount };
  while (fits({ ...shortened, maxLength: shortened.maxLength + 1 })) shortened.maxLength += 1;
  return shortened;
}

/** The first whole number from one to another of which something is true, as of all behind it; the last at any rate. */
function firstOf([from, to]: readonly [number, number], isTrue: (value: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Moves the sets within the limits to the front. @returns for each place how many are kept before it */
function keepWithin({ size, ...columns }: Sets, { minCount, maxLength }: ItemsetLimits): Int32Array {
  const { parents, counts, lengths, firstChildren, childEnds } = columns;
  const newPlaces = new Int32Array(size + 1);
  for (let place = 0; place < size; place++) {
    const isKept = counts[place]! >= minCount && lengths[place]! <= maxLength;
    newPlaces[place + 1] = newPlaces[place]! + (isKept ? 1 : 0);
  }
  for (let place = 0; place < size; place++) {
    const to = newPlaces[place]!;
    if (newPlaces[place + 1] === to) continue;
    for (const name of COLUMNS) columns[name][to] = columns[name][place]!;
    if (parents[to]! >= 0) parents[to] = newPlaces[parents[to]!]!;
    const [first, end] = [newPlaces[firstChildren[to]!]!, newPlaces[childEnds[to]!]!];
    firstChildren[to] = first < end ? first : 0;
    childEnds[to] = first < end ? end : 0;
  }
  return newPlaces;
}

function moveAll(list: Int32Array, newPlaces: Int32Array): void {
  for (let at = 0; at < list.length; at++) {
    const place = list[at]!;
    if (place < 0) continue;
    list[at] = newPlaces[place + 1]! > newPlaces[place]! ? newPlaces[place]! : -1;
  }
}

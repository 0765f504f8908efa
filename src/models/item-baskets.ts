/** Baskets with what lies in them: each item once a basket, ascending. */
export interface Baskets {
  readonly basketCount: number;
  /** Items are numbered from 0 to before this. */
  readonly itemCount: number;
  /** Where each basket begins in `items`, and behind them where the last one ends. */
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

/** One row for each item put into a basket, both numbered from 0; an item may be put into one twice. */
export interface BasketRows {
  readonly baskets: ArrayLike<number>;
  readonly items: ArrayLike<number>;
}

/** How many baskets and items there are; a basket may be empty, an item in none. */
export interface BasketSizes {
  readonly basketCount: number;
  readonly itemCount: number;
}

/** Baskets of rows in any order. Rows with a negative number are no row. */
export function basketsOf(rows: BasketRows, { basketCount, itemCount }: BasketSizes): Baskets {
  const { values: sorted, ends } = sortedBy(numbersOf(rows.baskets), numbersOf(rows.items), basketCount);
  const starts = new Int32Array(basketCount + 1);
  let [first, end] = [0, 0];
  for (let basket = 0; basket < basketCount; basket++) {
    const last = ends[basket]!;
    sortStretch(sorted, first, last);
    for (; first < last; first++)
      if (sorted[first]! >= 0 && (end === starts[basket] || sorted[first] !== sorted[end - 1]))
        sorted[end++] = sorted[first]!;
    starts[basket + 1] = end;
  }
  return { basketCount, itemCount, starts, items: sorted.slice(0, end) };
}

type Numbers = Int32Array | Float64Array;

/** Values by their key, and for each key the place behind its last. */
interface Sorted<T extends Numbers> {
  readonly values: T;
  readonly ends: Int32Array;
}

/** Keys that are put together first, as a power of two: what belongs to so many fits a processor's nearest memory. */
const NEIGHBOURS = 12;

/**
 * Values by their keys from 0, as they stood where keys are equal; those with a negative key are left out. Two counting
 * sorts, by neighbourhoods of keys and then by key: one alone reads and writes all over the memory and takes three times as long.
 */
export function sortedBy<T extends Numbers>(keys: Int32Array, values: T, keyCount: number): Sorted<T> {
  const near = countingSort({ keys, values }, { keyCount, shift: NEIGHBOURS });
  return countingSort(near, { keyCount, shift: 0 });
}

function countingSort<T extends Numbers>(
  { keys, values }: { readonly keys: Int32Array; readonly values: T },
  { keyCount, shift }: { readonly keyCount: number; readonly shift: number },
) {
  const next = new Int32Array((keyCount >> shift) + 2);
  for (let row = 0; row < keys.length; row++) if (keys[row]! >= 0) next[(keys[row]! >> shift) + 1]! += 1;
  for (let place = 1; place < next.length; place++) next[place]! += next[place - 1]!;
  const count = next.at(-1)!;
  const sorted = { keys: new Int32Array(count), values: values.slice(0, count) as T };
  for (let row = 0; row < keys.length; row++) {
    if (keys[row]! < 0) continue;
    const place = next[keys[row]! >> shift]!++;
    sorted.keys[place] = keys[row]!;
    sorted.values[place] = values[row]!;
  }
  return { ...sorted, ends: next };
}

/** As whole numbers of one kind, which are quick to read; -1 for what is no number from 0. */
export function numbersOf(values: ArrayLike<number>): Int32Array {
  if (values instanceof Int32Array) return values;
  const whole = new Int32Array(values.length);
  for (let at = 0; at < whole.length; at++) whole[at] = values[at]! >= 0 ? values[at]! : -1;
  return whole;
}

/** The greatest number, -1 of none. */
export const mostOf = (values: Int32Array): number =>
  values.reduce((most, value) => Math.max(most, value), -1);

/** Stretches up to this length are sorted by insertion. */
const SHORT = 24;

/** Sorts the numbers from one place to before another. */
export function sortStretch(values: Numbers, first: number, last: number): void {
  if (last - first > SHORT) {
    values.subarray(first, last).sort();
    return;
  }
  for (let at = first + 1; at < last; at++) {
    const value = values[at]!;
    let to = at;
    for (; to > first && values[to - 1]! > value; to--) values[to] = values[to - 1]!;
    values[to] = value;
  }
}

/** In how many baskets each item lies. */
export function itemCounts({ items, itemCount }: Baskets): Int32Array {
  const counts = new Int32Array(itemCount);
  for (let at = 0; at < items.length; at++) counts[items[at]!]! += 1;
  return counts;
}

/** How many items lie in each basket. */
export function basketSizes({ starts, basketCount }: Baskets): Int32Array {
  const sizes = new Int32Array(basketCount);
  for (let basket = 0; basket < basketCount; basket++) sizes[basket] = starts[basket + 1]! - starts[basket]!;
  return sizes;
}

/**
 * The baskets without those of more than so many items, or with them cut down to their commonest items.
 *
 * @returns the places of the baskets that were left out or cut, largest first
 */
export function withoutHuge(
  baskets: Baskets,
  { mostItems, isCut }: { readonly mostItems: number; readonly isCut: boolean },
): { readonly baskets: Baskets; readonly huge: readonly number[] } {
  const sizes = basketSizes(baskets);
  const huge = Array.from(sizes.keys()).filter((basket) => sizes[basket]! > mostItems);
  if (huge.length === 0) return { baskets, huge };
  const counts = itemCounts(baskets);
  const leftOf = (size: number) => (size <= mostItems ? size : isCut ? mostItems : 0);
  const items = new Int32Array(sizes.reduce((sum, size) => sum + leftOf(size), 0));
  const basketCount = isCut ? baskets.basketCount : baskets.basketCount - huge.length;
  const starts = new Int32Array(basketCount + 1);
  let [kept, end] = [0, 0];
  for (let basket = 0; basket < baskets.basketCount; basket++) {
    const isHuge = sizes[basket]! > mostItems;
    if (isHuge && !isCut) continue;
    const own = baskets.items.subarray(baskets.starts[basket], baskets.starts[basket + 1]);
    items.set(isHuge ? commonest(own, counts, mostItems) : own, end);
    end += leftOf(own.length);
    starts[++kept] = end;
  }
  return {
    baskets: { basketCount, itemCount: baskets.itemCount, starts, items },
    huge: huge.sort((a, b) => sizes[b]! - sizes[a]! || a - b),
  };
}

/** The baskets with only those items that have a code, under their codes, which rise with the items; -1 is none. */
export function recoded({ basketCount, starts, items }: Baskets, codes: Int32Array): Baskets {
  const [kept, keptStarts] = [new Int32Array(items.length), new Int32Array(basketCount + 1)];
  let end = 0;
  for (let basket = 0; basket < basketCount; basket++) {
    for (let at = starts[basket]!; at < starts[basket + 1]!; at++)
      if (codes[items[at]!]! >= 0) kept[end++] = codes[items[at]!]!;
    keptStarts[basket + 1] = end;
  }
  return { basketCount, itemCount: mostOf(codes) + 1, starts: keptStarts, items: kept.slice(0, end) };
}

/** The baskets in which something lies. */
export function withoutEmpty(baskets: Baskets): Baskets {
  const starts = baskets.starts.filter(
    (start, basket) => basket === 0 || start > baskets.starts[basket - 1]!,
  );
  return { ...baskets, basketCount: starts.length - 1, starts };
}

const commonest = (items: Int32Array, counts: Int32Array, most: number) =>
  items
    .toSorted((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, most)
    .sort();

/** The baskets of each item, ascending. */
export function basketsByItem({
  basketCount,
  itemCount,
  starts,
  items,
}: Baskets): (item: number) => Int32Array {
  const offsets = new Int32Array(itemCount + 1);
  for (let at = 0; at < items.length; at++) offsets[items[at]! + 1]! += 1;
  for (let item = 0; item < itemCount; item++) offsets[item + 1]! += offsets[item]!;
  const next = offsets.slice();
  const holders = new Int32Array(items.length);
  for (let basket = 0; basket < basketCount; basket++)
    for (let at = starts[basket]!; at < starts[basket + 1]!; at++) holders[next[items[at]!]!++] = basket;
  return (item) => holders.subarray(offsets[item], offsets[item + 1]);
}

/** The baskets that hold all of some items, ascending. */
export function holdersOf(byItem: (item: number) => Int32Array, items: readonly number[]): Int32Array {
  const [rarest, ...others] = items.map(byItem).sort((a, b) => a.length - b.length);
  return others.reduce(inBoth, rarest ?? new Int32Array(0));
}

function inBoth(few: Int32Array, many: Int32Array): Int32Array {
  const both = new Int32Array(few.length);
  let [count, at] = [0, 0];
  for (let place = 0; place < few.length; place++) {
    while (at < many.length && many[at]! < few[place]!) at++;
    if (many[at] === few[place]) both[count++] = few[place]!;
  }
  return both.subarray(0, count);
}

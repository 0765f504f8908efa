import {
  itemCounts,
  mostOf,
  numbersOf,
  recoded,
  sortedBy,
  sortStretch,
  type Baskets,
} from "./item-baskets.js";

/** One row for each item a customer bought on a day; customers and items numbered from 0, days since any first one. */
export interface Purchases {
  readonly customers: ArrayLike<number>;
  readonly days: ArrayLike<number>;
  readonly items: ArrayLike<number>;
}

/** More items than these are not told apart: the rarer ones are left out. */
export const MOST_SEQUENCE_ITEMS = 2000;

/** The days on which something may start, and what is known of them. */
export interface StartSettings {
  readonly withinDays: number;
  /** The last day that is known: a day whose window ends later is no start. */
  readonly lastDay: number;
}

/** Days of purchase, customer by customer and ascending, with the common items bought on each. */
export interface PurchaseCalendar {
  /** Items by number, as the purchases number them. */
  readonly items: readonly number[];
  readonly leftOutCount: number;
  /** Where each customer's days begin, and where the last end. */
  readonly customerStarts: Int32Array;
  readonly days: Int32Array;
  readonly baskets: Baskets;
}

/** The calendar of items that were bought on at least so many days, each customer's counted. */
export function purchaseCalendar(purchases: Purchases, minCount: number): PurchaseCalendar {
  const { baskets, ...calendar } = wholeCalendar(inOrderOfDays(purchases));
  const { common, codes, leftOutCount } = commonItems(itemCounts(baskets), minCount);
  return { ...calendar, items: common, leftOutCount, baskets: recoded(baskets, codes) };
}

/** Rows customer by customer, those of each by day and then by item. */
interface OrderedRows {
  /** Of each row the days since the first day times `dayCodes`, and its item from 1; 0 for none. */
  readonly codes: Float64Array;
  readonly dayCodes: number;
  readonly firstDay: number;
  /** For each customer, the place behind the last row. */
  readonly customerEnds: Int32Array;
}

function inOrderOfDays(purchases: Purchases): OrderedRows {
  const [customers, items] = [numbersOf(purchases.customers), numbersOf(purchases.items)];
  const { days } = purchases;
  const [dayCodes, customerCount] = [mostOf(items) + 2, mostOf(customers) + 1];
  let firstDay = Infinity;
  for (let row = 0; row < days.length; row++) firstDay = Math.min(firstDay, days[row]!);
  const rows = new Float64Array(days.length);
  for (let row = 0; row < rows.length; row++)
    rows[row] = (days[row]! - firstDay) * dayCodes + items[row]! + 1;
  const { values: codes, ends } = sortedBy(customers, rows, customerCount);
  const customerEnds = ends.subarray(0, customerCount);
  for (let customer = 0; customer < customerCount; customer++)
    sortStretch(codes, customer === 0 ? 0 : customerEnds[customer - 1]!, customerEnds[customer]!);
  return { codes, dayCodes, firstDay, customerEnds };
}

/** Every day of purchase, with all that was bought on it. */
function wholeCalendar({ codes, dayCodes, firstDay, customerEnds }: OrderedRows) {
  const [days, items] = [new Int32Array(codes.length), new Int32Array(codes.length)];
  const [starts, customerStarts] = [new Int32Array(codes.length + 1), [] as number[]];
  let [row, dayCount, end] = [0, 0, 0];
  for (const customerEnd of customerEnds) {
    if (row < customerEnd) customerStarts.push(dayCount);
    for (let [day, before] = [-1, -1]; row < customerEnd; row++) {
      const code = codes[row]!;
      const rowDay = Math.floor(code / dayCodes);
      const item = code - rowDay * dayCodes - 1;
      if (rowDay !== day) [days[dayCount], starts[dayCount++]] = [firstDay + rowDay, end];
      if (item >= 0 && code !== before) items[end++] = item;
      [day, before] = [rowDay, code];
    }
  }
  starts[dayCount] = end;
  return {
    customerStarts: Int32Array.from([...customerStarts, dayCount]),
    days: days.slice(0, dayCount),
    baskets: {
      ...{ basketCount: dayCount, itemCount: dayCodes - 1 },
      ...{ starts: starts.slice(0, dayCount + 1), items: items.slice(0, end) },
    },
  };
}

/** Items bought often enough to be first or second, ascending, the commonest where they are too many; and the place of each. */
function commonItems(counts: Int32Array, minCount: number) {
  const frequent = Array.from(counts.keys()).filter((item) => counts[item]! >= Math.max(1, minCount));
  const common = frequent
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MOST_SEQUENCE_ITEMS)
    .sort((a, b) => a - b);
  const codes = new Int32Array(counts.length).fill(-1);
  common.forEach((item, code) => (codes[item] = code));
  return { common, codes, leftOutCount: frequent.length - common.length };
}

/** For each day that is a start: its place, the customer's first day, and the first place behind its window. */
export function* startsOf(
  { customerStarts, days }: PurchaseCalendar,
  { withinDays, lastDay }: StartSettings,
): Generator<{ readonly customer: number; readonly day: number; readonly end: number }> {
  for (let customer = 0; customer + 1 < customerStarts.length; customer++) {
    const last = customerStarts[customer + 1]!;
    let end = customerStarts[customer]!;
    for (let day = customerStarts[customer]!; day < last && days[day]! + withinDays <= lastDay; day++) {
      while (end < last && days[end]! <= days[day]! + withinDays) end++;
      yield { customer, day, end };
    }
  }
}

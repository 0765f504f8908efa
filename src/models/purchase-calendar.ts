import { basketsOf, itemCounts, numbersOf, sortedBy, type Baskets } from "./item-baskets.js";

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
  const [customers, items] = [numbersOf(purchases.customers), numbersOf(purchases.items)];
  const { days } = purchases;
  const order = inOrderOfDays(customers, days);
  const dayOf = new Int32Array(days.length);
  const [starts, ownDays]: [number[], number[]] = [[], []];
  let before = -1;
  for (let at = 0; at < order.length; at++) {
    const row = order[at]!;
    const isNewCustomer = before < 0 || customers[before] !== customers[row];
    if (isNewCustomer) starts.push(ownDays.length);
    if (isNewCustomer || days[before] !== days[row]) ownDays.push(days[row]!);
    dayOf[row] = ownDays.length - 1;
    before = row;
  }
  const itemCount = items.reduce((most, item) => Math.max(most, item), -1) + 1;
  const all = basketsOf({ baskets: dayOf, items }, { basketCount: ownDays.length, itemCount });
  const { common, codes, leftOutCount } = commonItems(itemCounts(all), minCount);
  const coded = items.map((item) => (item < 0 ? -1 : codes[item]!));
  return {
    items: common,
    leftOutCount,
    customerStarts: Int32Array.from([...starts, ownDays.length]),
    days: Int32Array.from(ownDays),
    baskets: basketsOf(
      { baskets: dayOf, items: coded },
      { basketCount: ownDays.length, itemCount: common.length },
    ),
  };
}

/** Rows by customer and then by day. */
function inOrderOfDays(customers: Int32Array, days: ArrayLike<number>): Int32Array {
  let [first, last, most] = [Infinity, -Infinity, -1];
  for (let row = 0; row < customers.length; row++) {
    first = Math.min(first, days[row]!);
    last = Math.max(last, days[row]!);
    most = Math.max(most, customers[row]!);
  }
  const since = new Int32Array(customers.length);
  const rows = since.slice();
  for (let row = 0; row < rows.length; row++) {
    since[row] = days[row]! - first;
    rows[row] = row;
  }
  const byDay = sortedBy(since, rows, rows.length === 0 ? 0 : last - first + 1);
  return sortedBy(customers, byDay, most + 1);
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

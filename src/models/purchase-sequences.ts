import { binomialSumTail } from "../math/binomial-sum.js";
import { falseDiscoveryRates } from "../math/false-discovery.js";
import { basketsOf, numbersOf, sortedBy, type Baskets } from "./item-baskets.js";

/** One row for each item a customer bought on a day; customers and items numbered from 0, days since any first one. */
export interface Purchases {
  readonly customers: ArrayLike<number>;
  readonly days: ArrayLike<number>;
  readonly items: ArrayLike<number>;
}

/** What counts as bought after. */
export interface SequenceSettings {
  readonly withinDays: number;
  /** The last day that is known: a day whose window ends later is no start. */
  readonly lastDay: number;
  /** How often the second must have followed the first. */
  readonly minCount: number;
  /** The share of false sequences among the significant ones; default 0.05. */
  readonly falseShare?: number;
}

/** After the first item, the second within so many days. */
export interface PurchaseSequence {
  readonly first: number;
  readonly second: number;
  /** Days on which a customer bought the first, with a whole window behind them. */
  readonly startCount: number;
  /** Of these, those that the second followed. */
  readonly count: number;
  readonly confidence: number;
  /** Share of all days of purchase that the second followed within the window. */
  readonly baseRate: number;
  readonly lift: number;
  /** Days from the first to the second: quartiles. */
  readonly delayLow: number;
  readonly delayMedian: number;
  readonly delayHigh: number;
  readonly pValue: number;
  readonly qValue: number;
  readonly isSignificant: boolean;
}

/** Sequences, and among how many they were looked for. */
export interface PurchaseSequences {
  readonly sequences: readonly PurchaseSequence[];
  readonly testCount: number;
  /** Days of purchase with a whole window behind them. */
  readonly startCount: number;
  /** Items that are common enough, but beyond the {@link MOST_SEQUENCE_ITEMS} commonest. */
  readonly leftOutCount: number;
}

/** More items than these are not told apart: the rarer ones are left out. */
export const MOST_SEQUENCE_ITEMS = 2000;
/** Shares are told apart to this part of one. */
const SHARES = 200;
const FALSE_SHARE = 0.05;

/**
 * What customers buy after what, beyond what they buy anyway.
 *
 * The test holds each customer against themselves: by chance, any of their days of purchase could have been the one with
 * the first item, so that of d such days among D, f of which the second followed, d · f / D are followed. Popular items and
 * busy customers give no sequence by that. The sums over customers are tested as trials with those shares.
 *
 * Time: pairs of purchases of one customer within the window.
 *
 * @see Agrawal & Srikant (1995), "Mining Sequential Patterns", ICDE; strata as in Mantel & Haenszel (1959), JNCI 22(4), a customer each
 */
export function purchaseSequences(purchases: Purchases, settings: SequenceSettings): PurchaseSequences {
  const calendar = calendarOf(purchases, settings);
  const follows = countFollows(calendar, settings);
  const pairs = pairsOf(calendar, follows, settings);
  const evidence = gather(calendar, pairs, settings);
  const pValues = Float64Array.from(pairs.firsts, (_, pair) =>
    tailOf(evidence.trials[pair]!, pairs.counts[pair]!),
  );
  const items = calendar.items.length;
  const qValues = falseDiscoveryRates(pValues, items * Math.max(0, items - 1));
  const sequences = pairs.firsts.map((first, pair): PurchaseSequence => {
    const second = pairs.seconds[pair]!;
    const [count, startCount] = [pairs.counts[pair]!, follows.starts[first]!];
    const baseRate = follows.followed[second]! / follows.startCount;
    const lift = count / startCount / baseRate;
    return {
      first: calendar.items[first]!,
      second: calendar.items[second]!,
      startCount,
      count,
      confidence: count / startCount,
      baseRate,
      lift,
      ...quartiles(evidence.delays[pair]!),
      pValue: pValues[pair]!,
      qValue: qValues[pair]!,
      isSignificant: qValues[pair]! <= (settings.falseShare ?? FALSE_SHARE) && lift > 1,
    };
  });
  return {
    sequences,
    testCount: items * Math.max(0, items - 1),
    startCount: follows.startCount,
    leftOutCount: calendar.leftOutCount,
  };
}

/** Days of purchase, customer by customer and ascending, with the common items bought on each. */
interface Calendar {
  /** Items by number, as the purchases number them. */
  readonly items: readonly number[];
  readonly leftOutCount: number;
  /** Where each customer's days begin, and where the last end. */
  readonly customerStarts: Int32Array;
  readonly days: Int32Array;
  readonly baskets: Baskets;
}

function calendarOf(purchases: Purchases, { minCount }: SequenceSettings): Calendar {
  const [customers, items] = [numbersOf(purchases.customers), numbersOf(purchases.items)];
  const { common, codes, leftOutCount } = commonItems(items, minCount);
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
function commonItems(items: Int32Array, minCount: number) {
  const counts = new Int32Array(items.reduce((most, item) => Math.max(most, item), -1) + 1);
  for (let row = 0; row < items.length; row++) if (items[row]! >= 0) counts[items[row]!]! += 1;
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
function* startsOf(
  { customerStarts, days }: Calendar,
  { withinDays, lastDay }: SequenceSettings,
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

interface Follows {
  /** For first × second item: on how many starts the second followed. */
  readonly pairs: Int32Array;
  /** For each item: starts on which it was bought, and starts that it followed. */
  readonly starts: Int32Array;
  readonly followed: Int32Array;
  readonly startCount: number;
}

function countFollows(calendar: Calendar, settings: SequenceSettings): Follows {
  const { starts: places, items } = calendar.baskets;
  const itemCount = calendar.items.length;
  const pairs = new Int32Array(itemCount * itemCount);
  const [starts, followed] = [new Int32Array(itemCount), new Int32Array(itemCount)];
  const seen = new Int32Array(itemCount).fill(-1);
  let startCount = 0;
  for (const { day, end } of startsOf(calendar, settings)) {
    startCount += 1;
    for (let own = places[day]!; own < places[day + 1]!; own++) starts[items[own]!]! += 1;
    for (let at = places[day + 1]!; at < places[end]!; at++) {
      const second = items[at]!;
      if (seen[second] === day) continue;
      seen[second] = day;
      followed[second]! += 1;
      for (let own = places[day]!; own < places[day + 1]!; own++)
        pairs[items[own]! * itemCount + second]! += 1;
    }
  }
  return { pairs, starts, followed, startCount };
}

interface Pairs {
  readonly firsts: readonly number[];
  readonly seconds: readonly number[];
  readonly counts: readonly number[];
  /** For first × second its place among the pairs, or -1. */
  readonly places: Int32Array;
}

/** Pairs that come often enough, and more often than the second follows anything. */
function pairsOf(
  { items }: Calendar,
  { pairs, starts, followed, startCount }: Follows,
  { minCount }: SequenceSettings,
): Pairs {
  const places = new Int32Array(pairs.length).fill(-1);
  const [firsts, seconds, counts]: [number[], number[], number[]] = [[], [], []];
  for (let first = 0; first < items.length; first++)
    for (let second = 0; second < items.length; second++) {
      const count = pairs[first * items.length + second]!;
      if (first === second || count < minCount) continue;
      if (count * startCount <= starts[first]! * followed[second]!) continue;
      places[first * items.length + second] = firsts.length;
      firsts.push(first);
      seconds.push(second);
      counts.push(count);
    }
  return { firsts, seconds, counts, places };
}

interface Evidence {
  /** For each pair: how many trials with each share, rounded to {@link SHARES}. */
  readonly trials: readonly Float64Array[];
  readonly delays: readonly number[][];
}

function gather(calendar: Calendar, pairs: Pairs, settings: SequenceSettings): Evidence {
  const trials = pairs.firsts.map(() => new Float64Array(SHARES + 1));
  const delays: number[][] = pairs.firsts.map(() => []);
  const { starts: places, items } = calendar.baskets;
  const itemCount = calendar.items.length;
  const seen = new Int32Array(itemCount).fill(-1);
  let own = emptyCustomer();
  for (const { customer, day, end } of startsOf(calendar, settings)) {
    if (customer !== own.customer) {
      addTrials(own, pairs, { trials, itemCount });
      own = { ...emptyCustomer(), customer };
    }
    own.startCount += 1;
    for (let at = places[day]!; at < places[day + 1]!; at++) add(own.starts, items[at]!);
    for (let later = day + 1; later < end; later++)
      for (let at = places[later]!; at < places[later + 1]!; at++) {
        const second = items[at]!;
        if (seen[second] === day) continue;
        seen[second] = day;
        add(own.followed, second);
        for (let first = places[day]!; first < places[day + 1]!; first++) {
          const pair = pairs.places[items[first]! * itemCount + second]!;
          if (pair >= 0) delays[pair]!.push(calendar.days[later]! - calendar.days[day]!);
        }
      }
  }
  addTrials(own, pairs, { trials, itemCount });
  return { trials, delays };
}

/** What one customer's starts hold and what follows them. */
interface OwnCounts {
  customer: number;
  startCount: number;
  readonly starts: Map<number, number>;
  readonly followed: Map<number, number>;
}

const emptyCustomer = (): OwnCounts => ({
  customer: -1,
  startCount: 0,
  starts: new Map(),
  followed: new Map(),
});
const add = (counts: Map<number, number>, item: number) => counts.set(item, (counts.get(item) ?? 0) + 1);

function addTrials(
  { startCount, starts, followed }: OwnCounts,
  { places }: Pairs,
  { trials, itemCount }: { readonly trials: readonly Float64Array[]; readonly itemCount: number },
): void {
  for (const [first, count] of starts)
    for (const [second, hits] of followed) {
      const pair = places[first * itemCount + second]!;
      if (pair >= 0) trials[pair]![Math.max(1, Math.round((hits / startCount) * SHARES))]! += count;
    }
}

function tailOf(trials: Float64Array, count: number): number {
  const shares = [...trials.keys()].filter((share) => trials[share]! > 0);
  return binomialSumTail(count, {
    counts: Float64Array.from(shares, (share) => trials[share]!),
    probabilities: Float64Array.from(shares, (share) => Math.min(share / SHARES, 1 - 1 / (2 * SHARES))),
    size: shares.length,
  });
}

function quartiles(delays: readonly number[]) {
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = (sorted.length - 1) * share;
    const low = Math.floor(place);
    return sorted[low]! + (place - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
  };
  return { delayLow: at(0.25), delayMedian: at(0.5), delayHigh: at(0.75) };
}

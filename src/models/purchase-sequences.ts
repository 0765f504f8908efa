import { binomialSumTail, type Trials } from "../math/binomial-sum.js";
import { falseDiscoveryRates } from "../math/false-discovery.js";
import { basketsByItem } from "./item-baskets.js";
import {
  purchaseCalendar,
  startsOf,
  type PurchaseCalendar,
  type Purchases,
  type StartSettings,
} from "./purchase-calendar.js";
import { inOneGo, type Stretches } from "./stretches.js";

/** What counts as bought after. */
export interface SequenceSettings extends StartSettings {
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
  /** Items that are common enough, but beyond the commonest that are compared. */
  readonly leftOutCount: number;
}

/** Trials are kept in so many classes by their share of hits, each with the mean of its shares. */
const SHARES = 200;
const FALSE_SHARE = 0.05;

/**
 * What customers buy after what, beyond what they buy anyway.
 *
 * The test holds each customer against themselves: by chance, any of their days of purchase could have been the one with
 * the first item, so that of d such days among D, f of which the second followed, d · f / D are followed. Popular items and
 * busy customers give no sequence by that. The sums over customers are tested as trials with those shares.
 *
 * Time: pairs of purchases of one customer within the window. Memory: the purchases, and the evidence of one first item.
 *
 * @see Agrawal & Srikant (1995), "Mining Sequential Patterns", ICDE; strata as in Mantel & Haenszel (1959), JNCI 22(4), a customer each
 */
export function purchaseSequences(purchases: Purchases, settings: SequenceSettings): PurchaseSequences {
  return inOneGo(sequenceStretches(purchases, settings));
}

/** {@link purchaseSequences} in stretches, one for each first item. */
export function* sequenceStretches(
  purchases: Purchases,
  settings: SequenceSettings,
): Stretches<PurchaseSequences> {
  const calendar = purchaseCalendar(purchases, settings.minCount);
  yield;
  const starts = countStarts(calendar, settings);
  const daysOf = basketsByItem(calendar.baskets);
  const tested: TestedSequence[] = [];
  for (const first of calendar.items.keys()) {
    yield;
    tested.push(...sequencesAfter({ first, days: daysOf(first), calendar, starts }, settings));
  }
  const testCount = calendar.items.length * Math.max(0, calendar.items.length - 1);
  const qValues = falseDiscoveryRates(
    Float64Array.from(tested, ({ pValue }) => pValue),
    testCount,
  );
  return {
    sequences: tested.map((sequence, at) => ({
      ...sequence,
      qValue: qValues[at]!,
      isSignificant: qValues[at]! <= (settings.falseShare ?? FALSE_SHARE) && sequence.lift > 1,
    })),
    testCount,
    startCount: starts.startCount,
    leftOutCount: calendar.leftOutCount,
  };
}

type TestedSequence = Omit<PurchaseSequence, "qValue" | "isSignificant">;

/** Starts counted, for each item and for each customer. */
interface Starts {
  readonly startCount: number;
  /** For each item: starts on which it was bought, and starts that it followed. */
  readonly starts: Int32Array;
  readonly followed: Int32Array;
  /** For each day of the calendar: its customer, and the first place behind its window; -1 where it is no start. */
  readonly customers: Int32Array;
  readonly ends: Int32Array;
  /** For each customer: starts, and how many of them each item followed, from `ownPlaces` on. */
  readonly ownStarts: Int32Array;
  readonly ownPlaces: Int32Array;
  readonly ownItems: Int32Array;
  readonly ownCounts: Int32Array;
}

function countStarts(calendar: PurchaseCalendar, settings: SequenceSettings): Starts {
  const { starts: places, items } = calendar.baskets;
  const [itemCount, customerCount] = [calendar.items.length, calendar.customerStarts.length - 1];
  const [starts, followed] = [new Int32Array(itemCount), new Int32Array(itemCount)];
  const [customers, ends] = [calendar.days.map(() => -1), calendar.days.map(() => -1)];
  const [ownStarts, ownPlaces] = [new Int32Array(customerCount), new Int32Array(customerCount + 1)];
  const [ownItems, ownCounts]: [number[], number[]] = [[], []];
  const [seen, place] = [new Int32Array(itemCount).fill(-1), new Int32Array(itemCount).fill(-1)];
  let startCount = 0;
  for (const { customer, day, end } of startsOf(calendar, settings)) {
    startCount += 1;
    [customers[day], ends[day]] = [customer, end];
    if (ownStarts[customer]! === 0) ownPlaces[customer] = ownItems.length;
    ownStarts[customer]! += 1;
    for (let own = places[day]!; own < places[day + 1]!; own++) starts[items[own]!]! += 1;
    for (let at = places[day + 1]!; at < places[end]!; at++) {
      const second = items[at]!;
      if (seen[second] === day) continue;
      seen[second] = day;
      followed[second]! += 1;
      if (place[second]! < ownPlaces[customer]!) {
        place[second] = ownItems.push(second) - 1;
        ownCounts.push(0);
      }
      ownCounts[place[second]!]! += 1;
    }
    ownPlaces[customer + 1] = ownItems.length;
  }
  return {
    startCount,
    starts,
    followed,
    customers,
    ends,
    ownStarts,
    ownPlaces,
    ownItems: Int32Array.from(ownItems),
    ownCounts: Int32Array.from(ownCounts),
  };
}

/** The days on which one item was bought. */
interface FirstItem {
  readonly first: number;
  readonly days: Int32Array;
  readonly calendar: PurchaseCalendar;
  readonly starts: Starts;
}

/** Items that follow one often enough, and more often than they follow anything, in ascending order. */
function sequencesAfter(item: FirstItem, { minCount, withinDays }: SequenceSettings): TestedSequence[] {
  const { first, calendar, starts } = item;
  const counts = new Int32Array(calendar.items.length);
  eachFollower(item, (second) => (counts[second]! += 1));
  const startCount = starts.starts[first]!;
  const seconds = [...counts.keys()].filter(
    (second) =>
      second !== first &&
      counts[second]! >= minCount &&
      counts[second]! * starts.startCount > startCount * starts.followed[second]!,
  );
  if (seconds.length === 0) return [];
  const slots = new Int32Array(calendar.items.length).fill(-1);
  seconds.forEach((second, slot) => (slots[second] = slot));
  const delays = seconds.map(() => new Int32Array(withinDays + 1));
  eachFollower(item, (second, delay) => {
    if (slots[second]! >= 0) delays[slots[second]!]![delay]! += 1;
  });
  const trials = trialsOf(item, slots, seconds.length);
  return seconds.map((second, slot) => {
    const count = counts[second]!;
    const baseRate = starts.followed[second]! / starts.startCount;
    return {
      first: calendar.items[first]!,
      second: calendar.items[second]!,
      startCount,
      count,
      confidence: count / startCount,
      baseRate,
      lift: count / startCount / baseRate,
      ...quartiles(delays[slot]!, count),
      pValue: binomialSumTail(count, trials[slot]!),
    };
  });
}

/** Each item once that follows a start with the first item, and after how many days. */
function eachFollower(
  { days, calendar, starts }: FirstItem,
  visit: (second: number, delay: number) => void,
): void {
  const { starts: places, items } = calendar.baskets;
  const seen = new Int32Array(calendar.items.length).fill(-1);
  for (const day of days)
    for (let later = day + 1; later < starts.ends[day]!; later++)
      for (let at = places[later]!; at < places[later + 1]!; at++) {
        const second = items[at]!;
        if (seen[second] === day) continue;
        seen[second] = day;
        visit(second, calendar.days[later]! - calendar.days[day]!);
      }
}

/** For each slot, the starts with the first item as trials, each a hit with its customer's share of followed starts. */
function trialsOf({ days, starts }: FirstItem, slots: Int32Array, slotCount: number): readonly Trials[] {
  const [counts, sums] = [0, 1].map(() => new Float64Array(slotCount * (SHARES + 1))) as [
    Float64Array,
    Float64Array,
  ];
  for (const day of days) {
    if (starts.ends[day]! < 0) continue;
    const customer = starts.customers[day]!;
    for (let at = starts.ownPlaces[customer]!; at < starts.ownPlaces[customer + 1]!; at++) {
      const slot = slots[starts.ownItems[at]!]!;
      if (slot < 0) continue;
      const share = starts.ownCounts[at]! / starts.ownStarts[customer]!;
      const shareClass = slot * (SHARES + 1) + Math.round(share * SHARES);
      counts[shareClass]! += 1;
      sums[shareClass]! += share;
    }
  }
  return Array.from({ length: slotCount }, (_, slot) => {
    const place = slot * (SHARES + 1);
    const own = counts.subarray(place, place + SHARES + 1);
    const probabilities = own.map((count, at) => (count === 0 ? 0 : sums[place + at]! / count));
    return { counts: own, probabilities, size: SHARES + 1 };
  });
}

/** Quartiles of so many delays, told by how many there are of each. */
function quartiles(delays: Int32Array, count: number) {
  const ranked = (rank: number) => {
    let [delay, before] = [0, delays[0]!];
    while (before <= rank) before += delays[++delay]!;
    return delay;
  };
  const at = (share: number) => {
    const place = (count - 1) * share;
    const low = Math.floor(place);
    return ranked(low) + (place - low) * (ranked(Math.min(low + 1, count - 1)) - ranked(low));
  };
  return { delayLow: at(0.25), delayMedian: at(0.5), delayHigh: at(0.75) };
}

import type { Backtest } from "../models/forecast-ladder.js";
import type { PurchaseHistories } from "../models/purchases.js";
import { days, numbers, type Table } from "../table.js";
import type { LifetimeContext } from "./value-lifetime.js";

/** Histories cut off on a day: today's, which are scored, or those of a backtest. */
export interface Snapshot {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** 0 today, 1 for the latest backtest. */
  readonly place: number;
  /** The time after it whose orders are known, in days; 0 today. */
  readonly outcomeDays: number;
  /** Of all customers; ages in units. */
  readonly histories: PurchaseHistories;
  /** Of those to whom models are fitted. */
  readonly sampled: PurchaseHistories;
  /** The grain of the histories in SQL, by row. */
  readonly grain: HistoryGrain;
  /** What came after; of today's histories nothing is known. */
  readonly backtest: Backtest;
}

/** What tells histories apart: whole numbers, ages in days. */
export interface HistoryGrain {
  readonly repeat_count: Float64Array;
  readonly last_age_days: Float64Array;
  readonly age_days: Float64Array;
}

/** The columns of `HistoryGrain`. */
export const GRAIN = ["repeat_count", "last_age_days", "age_days"] as const;

/** Today first, then the backtests that have customers enough, the latest first. */
export async function readSnapshots(context: LifetimeContext, unitDays: number): Promise<Snapshot[]> {
  const snapshots = await context.table("features.value_snapshots");
  const histories = await context.table("features.purchase_histories");
  const outcomes = await context.table("features.history_outcomes");
  const dates = days(snapshots, "snapshot_date");
  const [places, outcomeDays] = [numbers(snapshots, "place"), numbers(snapshots, "outcome_days")];
  return dates
    .map((date, row) => {
      const cut = rowsOf(histories, date!);
      const came = rowsOf(outcomes, date!);
      const outcome = outcomeDays[row]!;
      return {
        date: date!,
        place: places[row]!,
        outcomeDays: outcome,
        ...joined(cut, came, { unitDays, outcome }),
      };
    })
    .filter(({ place, sampled }) => place === 0 || sumOf(sampled.customerCounts) >= MIN_CUSTOMERS)
    .toSorted((a, b) => a.place - b.place);
}

/** A backtest on fewer customers says nothing. */
const MIN_CUSTOMERS = 10;

const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

type ColumnReader = (name: string) => Float64Array;

/** The columns of a day's rows, which stand together. */
function rowsOf(table: Table, date: string): ColumnReader {
  const dates = numbers(table, "snapshot_date");
  const wanted = Date.parse(date);
  const first = dates.indexOf(wanted);
  const end = dates.lastIndexOf(wanted) + 1;
  return (name) => (first < 0 ? new Float64Array(0) : numbers(table, name).slice(first, end));
}

function joined(
  cut: ColumnReader,
  came: ColumnReader,
  { unitDays, outcome }: { unitDays: number; outcome: number },
) {
  const grain = {
    repeat_count: cut("repeat_count"),
    last_age_days: cut("last_age_days"),
    age_days: cut("age_days"),
  };
  const histories: PurchaseHistories = {
    repeatCounts: grain.repeat_count,
    lastAges: grain.last_age_days.map((value) => value / unitDays),
    ages: grain.age_days.map((value) => value / unitDays),
    customerCounts: cut("customer_count"),
  };
  const sampledCounts = cut("sampled_count");
  // A gap in units is one in days less ln(unitDays), once for each gap of each customer.
  const logGapSums = cut("log_gap_sum").map(
    (sum, row) => sum - grain.repeat_count[row]! * sampledCounts[row]! * Math.log(unitDays),
  );
  const sampled = rowsWhere({ ...histories, customerCounts: sampledCounts, logGapSums }, sampledCounts);
  const backtest = {
    histories: { ...histories, logGapSums },
    horizon: outcome / unitDays,
    rows: historyRows(grain, came),
    outcomeCounts: came("outcome_count"),
    customerCounts: came("customer_count"),
  };
  return { grain, histories, sampled, backtest };
}

/** The rows whose count is above zero. */
function rowsWhere(histories: PurchaseHistories, counts: Float64Array): PurchaseHistories {
  const keep = (values: Float64Array) => values.filter((_, row) => counts[row]! > 0);
  const { repeatCounts, lastAges, ages, customerCounts, logGapSums } = histories;
  return {
    repeatCounts: keep(repeatCounts),
    lastAges: keep(lastAges),
    ages: keep(ages),
    customerCounts: keep(customerCounts),
    ...(logGapSums === undefined ? {} : { logGapSums: keep(logGapSums) }),
  };
}

/** For each outcome the row of its history: both stand in the same order. */
function historyRows(grain: HistoryGrain, outcomes: ColumnReader): Int32Array {
  const keys = GRAIN.map((name) => [grain[name], outcomes(name)] as const);
  const rows = new Int32Array(keys[0]![1].length);
  let row = 0;
  for (let i = 0; i < rows.length; i++) {
    while (row < grain.age_days.length && keys.some(([ours, theirs]) => ours[row] !== theirs[i])) row += 1;
    rows[i] = row;
  }
  return rows;
}

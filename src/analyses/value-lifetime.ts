import { z } from "zod";
import type { AnalysisContext, Setting } from "../analysis.js";
import { DAYS_A_MONTH, DAYS_A_YEAR } from "../calendar.js";
import { frequencyClasses, type ForecastErrors, type FrequencyClass } from "../models/backtest.js";
import { historyAt, type Forecast } from "../models/forecast.js";
import {
  climbDown,
  tryForecasts,
  type Backtest,
  type Ladder,
  type Trial,
} from "../models/forecast-ladder.js";
import { outlookOf, type Outlook, type OutlookSettings } from "../models/outlook.js";
import { PURCHASE_MODELS, type HistorySql } from "../models/purchases.js";
import { numberSql } from "../sql.js";
import { numbers, onlyNumber, tableOf } from "../table.js";
import { GRAIN, readSnapshots, type Snapshot } from "./value-histories.js";
import { fitSpending, newcomerMean, spreadOf, type Spending } from "./value-spending.js";

/** Units of age, in days. */
const UNIT_DAYS = { day: 1, week: 7, month: DAYS_A_MONTH } as const;

/** The settings of lifetime value; a part of those of `value`. */
export const LifetimeConfig = z.strictObject({
  horizon_days: z.int().min(7).max(3650).default(365).describe("how far ahead value is counted"),
  discount_rate: z.number().min(0).max(1).default(0.1).describe("a year"),
  time_unit: z.enum(["day", "week", "month"]).default("week").describe("of the models' parameters"),
  models: z
    .union([z.literal("auto"), z.array(z.enum(PURCHASE_MODELS)).min(1)], {
      error: ({ input }) =>
        `found ${String(input)}, allowed: auto, or a list of ${PURCHASE_MODELS.join(", ")}`,
    })
    .default("auto")
    .describe("auto tries all and takes the one that foretold best"),
  calibration_end: z.iso
    .date()
    .optional()
    .describe("last day the backtest's models may know; default: half of history ago, at most the horizon"),
  money: z
    .enum(["margin", "revenue"])
    .default("margin")
    .describe("what an order is worth; margin is revenue where no cost is known"),
  free_orders: z
    .enum(["count", "skip"])
    .default("count")
    .describe("whether a day without money is a purchase"),
  sample_customers: z
    .int()
    .min(100)
    .default(50_000)
    .describe("customers, chosen by hash, whom the models are fitted to and tried on; all are scored"),
});
/** They with defaults filled in. */
export type LifetimeConfig = z.output<typeof LifetimeConfig>;

/** The relations that lifetime value reads. */
export const LIFETIME_READS = [
  "facts.currencies",
  "features.order_days",
  "features.order_gaps",
  "features.value_snapshots",
  "features.value",
  "features.purchase_histories",
  "features.purchase_outcomes",
  "features.history_outcomes",
] as const;
/** What lifetime value may read and write. */
export type LifetimeContext = AnalysisContext<(typeof LIFETIME_READS)[number]>;

/** Its columns of `run.settings`, to be prefixed with `value_`. */
export function lifetimeSettings(config: LifetimeConfig): Record<string, Setting> {
  return {
    horizon_days: config.horizon_days,
    calibration_end: config.calibration_end ?? null,
    money: config.money,
    counts_free_orders: config.free_orders === "count",
    sample_customers: config.sample_customers,
  };
}

/** Of the true top tenth of customers, what a forecast's list found in the latest backtest. */
export interface Found {
  readonly name: string;
  readonly listCount: number;
  readonly foundCount: number;
  /** Money that the customers of its list brought. */
  readonly foundAmount: number;
  /** Money that the true top tenth brought. */
  readonly bestAmount: number;
  /** Money foretold against money that came, a customer; over all customers of the backtest. */
  readonly amountErrors: Omit<ForecastErrors, "customerCount">;
}

/** What was learnt of lifetime value. */
export interface LifetimeFindings {
  readonly config: LifetimeConfig;
  readonly snapshots: readonly Snapshot[];
  readonly trials: readonly Trial[];
  readonly ladder: Ladder;
  readonly found: readonly Found[];
  readonly spending: Spending;
  /** Calibration of the forecast that ships, in the latest backtest; empty without one. */
  readonly classes: readonly FrequencyClass[];
  /** Of the latest backtest, the share of customers within the 90 % interval; NaN without a backtest. */
  readonly coverage: number;
  /** How far ahead value is counted, in units. */
  readonly horizon: number;
  /** What somebody will bring within the horizon after a first order today; in mean orders where it is money. */
  readonly newcomer: Outlook;
  /** Money of a purchase day of somebody new. */
  readonly newcomerMean: number;
  /** Silence beyond which a customer counts as lapsed. */
  readonly lapsedAfterDays: number;
}

/**
 * Learns how customers buy, tries every model on the past, ships the one that foretold best or the rule that
 * none of them beat, and writes what each history promises: `results.value_outlooks`, `results.value_means`.
 */
export async function valueLifetime(
  context: LifetimeContext,
  config: LifetimeConfig,
): Promise<LifetimeFindings> {
  const unitDays = UNIT_DAYS[config.time_unit];
  const names = config.models === "auto" ? PURCHASE_MODELS : config.models;
  const snapshots = await readSnapshots(context, unitDays);
  const [today, ...past] = snapshots as [Snapshot, ...Snapshot[]];
  const spending = await fitSpending(context, past[0]?.date);
  const trials = tryForecasts(
    past.map(({ backtest }) => backtest),
    names,
  );
  const found = await findTopCustomers(context, trials, past[0]);
  const ladder = climbDown(trials, {
    today: today.sampled,
    backtests: past.map(({ backtest }) => backtest),
    names,
  });
  const settings = outlookSettings(config, unitDays, spending);
  await writeOutlooks(context, today, { forecast: ladder.forecast, settings, unitDays });
  return {
    config,
    snapshots,
    trials,
    ladder,
    found,
    spending,
    classes: ladder.judged === undefined ? [] : frequencyClasses(ladder.judged.outcomes),
    coverage: coverageOf(ladder, past[0]?.backtest, settings),
    horizon: settings.horizon,
    newcomer: outlookOf(ladder.forecast, { repeatCount: 0, lastAge: 0, age: 0 }, settings),
    newcomerMean: newcomerMean(spending),
    lapsedAfterDays: await writeLimits(context),
  };
}

function outlookSettings(config: LifetimeConfig, unitDays: number, spending: Spending): OutlookSettings {
  return {
    ...spreadOf(spending),
    horizon: config.horizon_days / unitDays,
    unitsPerYear: DAYS_A_YEAR / unitDays,
    discountRate: config.discount_rate,
  };
}

/** What each forecast's list of a tenth of the customers would have found, by `sql/results/value_found.sql`. */
async function findTopCustomers(
  context: LifetimeContext,
  trials: readonly Trial[],
  latest: Snapshot | undefined,
): Promise<Found[]> {
  const repeated = (values: Float64Array) => Float64Array.from(trials.flatMap(() => [...values]));
  const size = latest?.histories.ages.length ?? 0;
  const nothing = new Float64Array(0);
  const { repeat_count, last_age_days, age_days } = latest?.grain ?? {
    repeat_count: nothing,
    last_age_days: nothing,
    age_days: nothing,
  };
  await context.write(
    "value_trials",
    tableOf({
      forecast: Float64Array.from(trials.flatMap((_, place) => Array.from({ length: size }, () => place))),
      repeat_count: repeated(repeat_count),
      last_age_days: repeated(last_age_days),
      age_days: repeated(age_days),
      expected_count: Float64Array.from(trials.flatMap(({ predictedCounts }) => [...predictedCounts])),
    }),
  );
  await context.build("value_found");
  return readFound(context, trials);
}

async function readFound(context: LifetimeContext, trials: readonly Trial[]): Promise<Found[]> {
  const table = await context.table("results.value_found");
  const column = (name: string) => numbers(table, name);
  const [lists, counts, amounts, best] = ["list_count", "found_count", "found_amount", "best_amount"].map(
    column,
  );
  const [maes, rmses, biases] = ["amount_mae", "amount_rmse", "amount_bias"].map(column);
  return Array.from(column("forecast"), (place, row) => ({
    name: trials[place]!.name,
    listCount: lists![row]!,
    foundCount: counts![row]!,
    foundAmount: amounts![row]!,
    bestAmount: best![row]!,
    amountErrors: { mae: maes![row]!, rmse: rmses![row]!, bias: biases![row]! },
  }));
}

interface Scoring {
  readonly forecast: Forecast;
  readonly settings: OutlookSettings;
  readonly unitDays: number;
}

/** What each of today's histories promises, once for all customers who have it; P(alive) by SQL where SQL can say it. */
async function writeOutlooks(
  context: LifetimeContext,
  { histories, grain }: Snapshot,
  { forecast, settings, unitDays }: Scoring,
): Promise<void> {
  const outlooks = Array.from(histories.ages, (_, row) =>
    outlookOf(forecast, historyAt(histories, row), settings),
  );
  const column = (of: (outlook: Outlook) => number) => Float64Array.from(outlooks, of);
  await context.write(
    "value_promises",
    tableOf({
      ...grain,
      alive_probability: column(({ aliveProbability }) => aliveProbability),
      expected_count: column(({ expectedCount }) => expectedCount),
      low_count: column(({ lowCount }) => lowCount),
      high_count: column(({ highCount }) => highCount),
      discounted_count: column(({ discountedCount }) => discountedCount),
      low_money: column(({ lowMoney }) => lowMoney),
      high_money: column(({ highMoney }) => highMoney),
      next_order_days: column(({ nextOrderAfter }) => nextOrderAfter * unitDays),
    }),
  );
  await context.score("value_outlooks", {
    from: "results.value_promises",
    grain: [...GRAIN, ...PROMISES],
    columns: { alive_probability: forecast.aliveSql(historySql(unitDays)) ?? "alive_probability" },
  });
}

const PROMISES = [
  "expected_count",
  "low_count",
  "high_count",
  "discounted_count",
  "low_money",
  "high_money",
  "next_order_days",
] as const;

/** A history in SQL, in units of so many days. */
function historySql(unitDays: number): HistorySql {
  const inUnits = (name: string) => `(${name} / ${numberSql(unitDays)})`;
  return { repeatCount: "repeat_count", lastAge: inUnits("last_age_days"), age: inUnits("age_days") };
}

/** How many customers of the latest backtest stayed within the interval that would have been printed for them. */
function coverageOf({ judged }: Ladder, latest: Backtest | undefined, settings: OutlookSettings): number {
  const forecast = judged?.forecasts[0];
  if (forecast === undefined || latest === undefined) return NaN;
  const outlooks = Array.from(latest.histories.ages, (_, row) =>
    outlookOf(forecast, historyAt(latest.histories, row), { ...settings, horizon: latest.horizon }),
  );
  let [inside, all] = [0, 0];
  latest.rows.forEach((row, i) => {
    const { lowCount, highCount } = outlooks[row]!;
    const came = latest.outcomeCounts[i]!;
    all += latest.customerCounts[i]!;
    if (came >= lowCount && came <= highCount) inside += latest.customerCounts[i]!;
  });
  return inside / all;
}

const LAPSED_AFTER_DAYS_WITHOUT_GAPS = 365;

/** The silence after which a customer is taken for lapsed whatever the model says: 99 of 100 gaps are shorter. */
async function writeLimits(context: LifetimeContext): Promise<number> {
  const row = await context.measure("features.order_gaps", {
    days: `quantile_at(case when snapshot_date = cast('${context.run.asOfDate}' as date) then gap_days end, 0.99e0)`,
  });
  const days = onlyNumber(row, "days");
  const lapsedAfterDays = Number.isNaN(days) ? LAPSED_AFTER_DAYS_WITHOUT_GAPS : Math.ceil(days);
  await context.write("value_limits", tableOf({ lapsed_after_days: Float64Array.of(lapsedAfterDays) }));
  return lapsedAfterDays;
}

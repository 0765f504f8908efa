import {
  expectedMean,
  expectedMeanSql,
  fitGammaGamma,
  meanVariance,
  populationMean,
  type SpendingModel,
} from "../models/gamma-gamma.js";
import type { OutlookSettings } from "../models/outlook.js";
import { numberSql } from "../sql.js";
import { numbers, onlyNumber, type Table } from "../table.js";
import type { LifetimeContext } from "./value-lifetime.js";

/** What an order of a customer brings, learnt from repeat orders. */
export interface Spending {
  /** Fitted to today's repeat orders; undefined where the mean of the base is taken for everybody without repeats. */
  readonly model: SpendingModel | undefined;
  /** Money of an order over all customers with repeats; over all customers where there are none. */
  readonly baseMean: number;
  /** Between repeat orders and their mean money, over customers: the model takes it for none. */
  readonly correlation: number;
  readonly customerCount: number;
}

/** Customers with repeats: how many and at what mean. */
interface RepeatSpending {
  readonly orderCounts: Float64Array;
  readonly meanAmounts: Float64Array;
  readonly customerCounts: Float64Array;
}

/** Fits the spending of today and of the latest backtest, and writes what each customer's order will bring: `results.value_means`. */
export async function fitSpending(
  context: LifetimeContext,
  backtestDate: string | undefined,
): Promise<Spending> {
  await context.build("value_spending");
  const table = await context.table("results.value_spending");
  const [today, before] = [0, 1].map((place) => repeatsAt(table, place)) as [RepeatSpending, RepeatSpending];
  const baseMeans = await readBaseMeans(context, backtestDate);
  const [model, earlierModel] = [usable(today), usable(before)];
  const [baseMean, earlierMean] = baseMeans;
  await context.score("value_means", {
    from: "features.value",
    grain: ["customer_id", "snapshot_date"],
    columns: {
      mean_amount: `case when snapshot_date = cast('${context.run.asOfDate}' as date)
        then ${meanSql(model, baseMean)} else ${meanSql(earlierModel, earlierMean)} end`,
    },
  });
  return { model, baseMean, correlation: correlationOf(today), customerCount: today.orderCounts.length };
}

function repeatsAt(table: Table, place: number): RepeatSpending {
  const places = numbers(table, "place");
  const column = (name: string) => numbers(table, name).filter((_, row) => places[row] === place);
  const orderCounts = column("repeat_count");
  return { orderCounts, meanAmounts: column("mean_amount"), customerCounts: orderCounts.map(() => 1) };
}

/** Below this many customers with repeats nothing is fitted. */
const MIN_CUSTOMERS = 10;

function usable(spending: RepeatSpending): SpendingModel | undefined {
  if (spending.orderCounts.length < MIN_CUSTOMERS) return undefined;
  const model = fitGammaGamma(spending);
  const isSound = model.isConverged && model.boundary === undefined && model.parameters.q > 1;
  return isSound ? model : undefined;
}

/** Money of a purchase day, of today's base and of that of the latest backtest. */
async function readBaseMeans(
  context: LifetimeContext,
  backtestDate = context.run.asOfDate,
): Promise<[number, number]> {
  const mean = (where: string) =>
    `ratio(sum(case when ${where} then amount end), sum(case when ${where} then repeat_count + 1 end))`;
  const row = await context.measure("features.value", {
    today: mean(`snapshot_date = cast('${context.run.asOfDate}' as date)`),
    earlier: mean(`snapshot_date = cast('${backtestDate}' as date)`),
  });
  const today = Math.max(0, onlyNumber(row, "today") || 0);
  return [today, Math.max(0, onlyNumber(row, "earlier") || today)];
}

/** Returns beyond what was bought pull a customer's mean down to nothing, not below. */
const REPEATS = {
  orderCount: "repeat_count",
  meanAmount: "greatest(ratio(repeat_amount, repeat_count), 0e0)",
};

function meanSql(model: SpendingModel | undefined, baseMean: number): string {
  if (model !== undefined) {
    const newcomer = expectedMeanSql(model, { orderCount: "0", meanAmount: "0e0" });
    return `case when repeat_count = 0 then ${newcomer} else ${expectedMeanSql(model, REPEATS)} end`;
  }
  return `case when repeat_count = 0 then ${numberSql(baseMean)} else ${REPEATS.meanAmount} end`;
}

/** Without a model: as much variation as an exponential amount has, and half of it in what is known of the mean. */
const [UNKNOWN_ORDER_VARIATION, UNKNOWN_MEAN_VARIATION] = [1, 0.5];

/** How much money scatters, for intervals. */
export function spreadOf({ model }: Spending): Pick<OutlookSettings, "orderVariation" | "meanVariation"> {
  if (model === undefined)
    return {
      orderVariation: UNKNOWN_ORDER_VARIATION,
      meanVariation: (repeatCount) => UNKNOWN_MEAN_VARIATION / (1 + repeatCount),
    };
  return {
    orderVariation: 1 / model.parameters.p,
    meanVariation: (orderCount) => Math.min(WIDEST_MEAN_VARIATION, squaredVariation(model, orderCount)),
  };
}

/** A mean of which so little is known that it has no variance is taken to vary as much as this. */
const WIDEST_MEAN_VARIATION = 4;

/** Var(M) / E(M)², which does not depend on what the customer spent. */
function squaredVariation(model: SpendingModel, orderCount: number): number {
  const spending = { orderCount, meanAmount: 1 };
  const variance = meanVariance(model, spending);
  return variance === undefined ? Infinity : variance / expectedMean(model, spending)! ** 2;
}

function correlationOf({ orderCounts, meanAmounts }: RepeatSpending): number {
  const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const [countMean, amountMean] = [mean(orderCounts), mean(meanAmounts)];
  let [both, counts, amounts] = [0, 0, 0];
  for (let i = 0; i < orderCounts.length; i++) {
    const [x, y] = [orderCounts[i]! - countMean, meanAmounts[i]! - amountMean];
    both += x * y;
    counts += x * x;
    amounts += y * y;
  }
  return both / Math.sqrt(counts * amounts);
}

/** Money of a purchase day of somebody who has not bought yet. */
export function newcomerMean({ model, baseMean }: Spending): number {
  return (model === undefined ? undefined : populationMean(model)) ?? baseMean;
}

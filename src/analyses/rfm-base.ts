import type { RunSettings } from "../analysis.js";
import { CrmError } from "../errors.js";
import { formatValue } from "../format.js";
import { onlyNumber, texts } from "../table.js";
import type { RfmConfig, RfmContext } from "./rfm-config.js";

/** The day before the window; 0001-01-01 for all of history. */
export function windowStart(asOfDate: RunSettings["asOfDate"], months: number | undefined): string {
  if (months === undefined) return "0001-01-01";
  const [year, month, day] = asOfDate.split("-").map(Number) as [number, number, number];
  const lastDay = new Date(Date.UTC(year, month - 1 - months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 - months, Math.min(day, lastDay))).toISOString().slice(0, 10);
}

/**
 * Holds who is scored against the orders there are: an analysis of nobody is no answer, without any
 * amount every score would be wrong, and what stays in no sum is told of.
 *
 * @throws CrmError `data` when no customer has an order, or no order has an amount
 */
export async function holdBase(context: RfmContext, config: RfmConfig): Promise<void> {
  const base = await context.measure("features.rfm", {
    customers: "count(*)",
    money: "sum(to_cents(total_amount))",
  });
  if (onlyNumber(base, "customers") === 0) throw nobody(context);
  const isSummed = summedSql(context, config);
  const orders = await context.measure("facts.orders", {
    priced: "sum(case when has_amount then 1 else 0 end)",
    money: `coalesce(sum(case when ${isSummed} then ${moneySql(config)} end), 0)`,
  });
  if (onlyNumber(orders, "priced") === 0) throw noMoney();
  const missing = onlyNumber(orders, "money") - onlyNumber(base, "money");
  if (missing !== 0) await warnOutside(context, { missing, isSummed });
}

/** What `features.rfm` adds up, of the orders of all customers. */
function summedSql({ run }: RfmContext, { window_months: months }: RfmConfig): string {
  const [from, to] = [windowStart(run.asOfDate, months), run.asOfDate];
  return `not is_cancelled and order_date > cast('${from}' as date) and order_date <= cast('${to}' as date)`;
}

const moneySql = ({ money }: RfmConfig): string =>
  money === "margin" ? "to_cents(order_amount - order_cost)" : "order_amount";

function nobody({ run }: RfmContext): CrmError {
  return new CrmError("data", `no customer has an order on or before ${run.asOfDate}`, {
    hint: "are there orders with an amount of 0 or more by that day? if not, check the amounts and the export; else give a later --as-of YYYY-MM-DD",
  });
}

function noMoney(): CrmError {
  return new CrmError("data", "no order has an amount", {
    hint: "does the mapping name the right column for order_amount or line_amount? see `crm-analyze doctor`",
  });
}

/** Who only gave back, in the time that counts, has no order and no score. */
async function warnOutside(
  { run, table, warn }: RfmContext,
  { missing, isSummed }: { missing: number; isSummed: string },
): Promise<void> {
  const isOutside = "customer_id not in (select customer_id from features.rfm)";
  const outside = await table("facts.orders", ["customer_id"], `${isSummed} and ${isOutside}`);
  const count = new Set(texts(outside, "customer_id")).size;
  warn({
    code: "returns_outside",
    gaps: { count, money: formatValue(missing, "money", { ...run, currency: run.currency ?? "" }) },
  });
}

/**
 * The share of orders whose cost nobody knows; 0 when money is revenue.
 *
 * @throws CrmError `data` when margin is asked for and no cost is known at all
 */
export async function shareWithoutCost(context: RfmContext, config: RfmConfig): Promise<number> {
  if (config.money === "revenue") return 0;
  const isCounted = `is_purchase and order_date <= cast('${context.run.asOfDate}' as date)`;
  const row = await context.measure("facts.orders", {
    share: `ratio(sum(case when order_cost is null and ${isCounted} then 1 else 0 end), sum(case when ${isCounted} then 1 else 0 end))`,
  });
  const share = onlyNumber(row, "share");
  if (share < 1) return share;
  throw new CrmError("data", "rfm with money: margin: no order has a cost", {
    hint: "map the cost of lines or products (line_cost, unit_cost), or use money: revenue",
  });
}

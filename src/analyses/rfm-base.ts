import { CrmError } from "../errors.js";
import { formatValue } from "../format.js";
import { onlyNumber } from "../table.js";
import type { RfmConfig, RfmContext } from "./rfm-config.js";

/** @throws CrmError `data` where no customer has an order: an analysis of nobody is no answer */
export async function refuseNobody(context: RfmContext): Promise<void> {
  const row = await context.measure("features.rfm", { customers: "count(*)" });
  if (onlyNumber(row, "customers") > 0) return;
  throw new CrmError("data", `no customer has an order on or before ${context.run.asOfDate}`, {
    hint: "are there orders with an amount of 0 or more by that day? if not, check the amounts and the export; else give a later --as-of YYYY-MM-DD",
  });
}

/** @throws CrmError `data` where no order has an amount: every answer would be zero, and wrong */
export async function refuseNoMoney(context: RfmContext): Promise<void> {
  const row = await context.measure("facts.orders", {
    priced: "sum(case when has_amount then 1 else 0 end)",
  });
  if (onlyNumber(row, "priced") > 0) return;
  throw new CrmError("data", "no order has an amount", {
    hint: "does the mapping name the right column for order_amount or line_amount? see `crm-analyze doctor`",
  });
}

/** Tells of customers who gave back and never bought: they have no score, and their returns are in no sum. */
export async function warnOfReturnsAlone({ run, measure, warn }: RfmContext): Promise<void> {
  const byNow = `order_date <= cast('${run.asOfDate}' as date)`;
  const isReturned = `not is_purchase and not is_cancelled and ${byNow}`;
  const some = await measure("facts.orders", { returned: `sum(case when ${isReturned} then 1 else 0 end)` });
  if (onlyNumber(some, "returned") === 0) return;
  const buyers = `select customer_id from facts.orders where is_purchase and ${byNow}`;
  const isAlone = `${isReturned} and customer_id not in (${buyers})`;
  const alone = await measure("facts.orders", {
    customers: `count(distinct case when ${isAlone} then customer_id end)`,
    amount: `sum(case when ${isAlone} then order_amount end)`,
  });
  const count = onlyNumber(alone, "customers");
  const locale = { ...run, currency: run.currency ?? "" };
  const money = formatValue(onlyNumber(alone, "amount"), "money", locale);
  if (count > 0) warn({ code: "returns_alone", gaps: { count, money } });
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

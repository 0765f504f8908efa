import { phrase } from "../phrase.js";
import { column } from "../section-part.js";
import type { ShownTable } from "../section.js";
import { days, numbers, tableOf, texts as textsOf, type Table } from "../table.js";
import { columns, copied, shown, type Told, type Words } from "./value-contribution-told.js";
import { thresholdsOf, TIERS } from "./value-contribution.js";

const SHOWN_MONTHS = 24;

const SHOWN_COHORTS = 36;

const SHOWN_QUARTERS = 12;

/** From gross sales to contribution, step by step; steps without money are left out. */
export function waterfallTable({ texts, findings }: Told): ShownTable {
  const { totals, config } = findings;
  const steps: [keyof typeof texts.steps, number][] = [
    ["gross", totals.grossAmount],
    ["returns", -totals.returnAmount],
    ["discounts", -totals.discountAmount],
    ["net", totals.netAmount],
    ["cost", -totals.costAmount],
    ["service", -totals.serviceAmount],
    ["payment", -totals.paymentAmount],
    ["contribution", totals.contributionAmount],
  ];
  const told = steps.filter(([step, amount]) => amount !== 0 || step === "gross" || step === "contribution");
  return {
    name: "waterfall",
    title: texts.waterfall,
    caption: phrase(texts.waterfallCaption, { months: config.window_months }),
    rows: tableOf({
      step: told.map(([step]) => texts.steps[step]),
      amount: Float64Array.from(told, ([, amount]) => amount),
      share: Float64Array.from(told, ([, amount]) => amount / totals.grossAmount),
    }),
    columns: [
      column("step", texts.step, "text"),
      column("amount", texts.money, "money"),
      column("share", texts.shareOfMoney, "percent"),
    ],
  };
}

/** The tiers, their cuts and what is done for each. */
export async function tierTable(told: Told): Promise<ShownTable> {
  const { texts, findings } = told;
  return {
    name: "tiers",
    title: texts.tiers,
    caption: phrase(texts.tiersCaption, {
      rule: tierRule(told),
      hysteresis: shown(told, findings.config.tiers.hysteresis, "percent"),
    }),
    rows: await tierRows(told),
    columns: [
      column("tier", texts.tier, "text"),
      column("cut_amount", texts.cut, "money"),
      column("customer_count", texts.customers, "integer"),
      column("customer_share", texts.customerShare, "percent"),
      column("active_count", texts.active, "integer"),
      column("contribution_amount", texts.amount, "money"),
      column("contribution_share", texts.amountShare, "percent"),
      column("cost_known_share", texts.knownShare, "percent"),
      column("kept_count", texts.kept, "integer"),
      { ...column("service", texts.service, "text"), width: "wide" },
    ],
  };
}

/** All four tiers, those without customers too. */
async function tierRows({ context, texts, findings }: Told): Promise<Table> {
  const sums = await context.table("results.value_tier_sums");
  const present = textsOf(sums, "tier");
  const of = (name: string, missing = 0) =>
    Float64Array.from(TIERS, (tier) => {
      const row = present.indexOf(tier);
      return row < 0 ? missing : numbers(sums, name)[row]!;
    });
  const { cuts, config } = findings;
  return tableOf({
    tier: [...TIERS],
    cut_amount: Float64Array.of(cuts.A, cuts.B, cuts.C, NaN),
    customer_count: of("customer_count"),
    customer_share: of("customer_share"),
    active_count: of("active_count"),
    contribution_amount: of("contribution_amount"),
    contribution_share: of("contribution_share", findings.totals.contributionAmount > 0 ? 0 : NaN),
    cost_known_share: of("cost_known_share", NaN),
    kept_count: of("kept_count"),
    service: TIERS.map((tier) => config.service_levels[tier] ?? texts.serviceLevels[tier]),
  });
}

function tierRule(told: Told): string {
  const { texts, findings } = told;
  const { A, B, C } = thresholdsOf(findings.config);
  const isShare = findings.config.tiers.by === "share";
  const value = (x: number) => shown(told, x, isShare ? "percent" : "money");
  return phrase(isShare ? texts.ruleShare : texts.ruleAmount, { a: value(A), b: value(B), c: value(C) });
}

/** Customers and money that moved between tiers since the last run. */
export async function movementTable({ context, texts }: Told): Promise<ShownTable> {
  const moves = await context.table("results.value_movements");
  const named = (name: string, missing: string) =>
    textsOf(moves, name).map((tier) => (tier === "" ? missing : tier));
  return {
    name: "movements",
    title: texts.movements,
    caption: phrase(texts.movementsCaption, { date: context.run.previousDate ?? "" }),
    rows: tableOf({
      from: named("previous_tier", texts.newToBase),
      to: named("tier", texts.goneFromBase),
      customer_count: numbers(moves, "customer_count"),
      previous_amount: numbers(moves, "previous_amount"),
      contribution_amount: numbers(moves, "contribution_amount"),
    }),
    columns: [
      column("from", texts.from, "text"),
      column("to", texts.to, "text"),
      column("customer_count", texts.customers, "integer"),
      column("previous_amount", texts.amountThen, "money"),
      column("contribution_amount", texts.amountNow, "money"),
    ],
  };
}

/** How much of contribution hangs on few customers: in the window, and quarter by quarter. */
export async function concentrationTable({ context, texts, findings }: Told): Promise<ShownTable> {
  const all = await context.table("results.value_concentration");
  const shown = all.slice(0, 1).concat(all.slice(Math.max(1, all.numRows - SHOWN_QUARTERS)));
  const rows = all.numRows === 0 ? all : shown;
  const starts = days(rows, "period_start");
  const window = phrase(texts.window, { months: findings.config.window_months });
  const period = textsOf(rows, "period_kind").map((kind, row) =>
    kind === "window" ? window : quarterName(texts, starts[row]!),
  );
  const shares = {
    top_1_share: texts.top1,
    top_5_share: texts.top5,
    top_10_share: texts.top10,
    top_20_share: texts.top20,
  };
  const measures = ["gini", "herfindahl", "losing_count"];
  const names = ["customer_count", "contribution_amount", ...Object.keys(shares), ...measures];
  return {
    name: "concentration",
    isDetail: true,
    title: texts.concentration,
    caption: phrase(texts.concentrationCaption, { quarters: SHOWN_QUARTERS }),
    rows: tableOf({
      period,
      ...copied(rows, names),
      equal_count: numbers(rows, "herfindahl").map((index) => 1 / index),
    }),
    columns: [
      column("period", texts.period, "text"),
      column("customer_count", texts.customers, "integer"),
      column("contribution_amount", texts.amount, "money"),
      ...columns("percent", shares),
      column("gini", texts.gini, "decimal"),
      column("herfindahl", texts.herfindahl, "percent"),
      column("equal_count", texts.equals, "integer"),
      column("losing_count", texts.losingCount, "integer"),
    ],
  };
}

function quarterName(texts: Words, start: string): string {
  const [year, month] = start.split("-").map(Number) as [number, number];
  return phrase(texts.quarter, { year, quarter: (month + 2) / 3 });
}

/** `2025-12`, and whether the month is not over. */
function monthNames(texts: Words, rows: Table): string[] {
  const isWhole = rows.getChild("is_whole_month")!;
  return days(rows, "month_start").map((start, row) => {
    const month = start!.slice(0, 7);
    return isWhole.get(row) === true ? month : phrase(texts.partOfMonth, { month });
  });
}

/** The base from month to month, in customers and in money. */
export async function dynamicsTables(told: Told): Promise<ShownTable[]> {
  const all = await told.context.table("results.value_dynamics");
  const rows = all.slice(Math.max(0, all.numRows - SHOWN_MONTHS));
  return [countTable(told, rows), moneyTable(told, rows)];
}

function countTable({ texts, findings }: Told, rows: Table): ShownTable {
  const counts = {
    opening_count: texts.opening,
    new_count: texts.fresh,
    reactivated_count: texts.reactivated,
    lost_count: texts.lost,
    closing_count: texts.closing,
    repeat_count: texts.repeat,
  };
  const gaps = { months: findings.config.active_months, rows: SHOWN_MONTHS };
  return {
    name: "dynamics",
    isDetail: true,
    title: texts.dynamics,
    caption: phrase(texts.dynamicsCaption, gaps),
    rows: tableOf({
      month: monthNames(texts, rows),
      ...copied(rows, [...Object.keys(counts), "lost_amount"]),
    }),
    columns: [
      column("month", texts.month, "text"),
      ...columns("integer", counts),
      column("lost_amount", texts.lostMoney, "money"),
    ],
  };
}

function moneyTable({ texts }: Told, rows: Table): ShownTable {
  const amounts = {
    previous_net_amount: texts.monthBefore,
    new_amount: texts.fresh,
    reactivated_amount: texts.reactivated,
    repeat_change_amount: texts.earlierChange,
    net_amount: texts.thisMonth,
    repeat_amount: texts.earlierMoney,
    contribution_amount: texts.amount,
  };
  return {
    name: "dynamics-money",
    isDetail: true,
    title: texts.dynamicsMoney,
    caption: phrase(texts.dynamicsMoneyCaption, { rows: SHOWN_MONTHS }),
    rows: tableOf({ month: monthNames(texts, rows), ...copied(rows, Object.keys(amounts)) }),
    columns: [column("month", texts.month, "text"), ...columns("money", amounts)],
  };
}

/** Who bought again, by the month of the first order. */
export async function cohortTable({ context, texts }: Told): Promise<ShownTable> {
  const all = await context.table("results.value_cohorts");
  const rows = all.slice(Math.max(0, all.numRows - SHOWN_COHORTS));
  const shares = {
    again_1_share: texts.again1,
    again_3_share: texts.again3,
    again_6_share: texts.again6,
    again_12_share: texts.again12,
    again_share: texts.again,
  };
  const money = { contribution_amount: texts.amount, mean_contribution_amount: texts.perCustomer };
  return {
    name: "cohorts",
    isDetail: true,
    title: texts.cohorts,
    caption: phrase(texts.cohortsCaption, { rows: SHOWN_COHORTS }),
    rows: tableOf({
      month: days(rows, "cohort_month").map((month) => month!.slice(0, 7)),
      ...copied(rows, ["customer_count", ...Object.keys(shares), ...Object.keys(money)]),
    }),
    columns: [
      column("month", texts.month, "text"),
      column("customer_count", texts.customers, "integer"),
      ...columns("percent", shares),
      ...columns("money", money),
    ],
  };
}

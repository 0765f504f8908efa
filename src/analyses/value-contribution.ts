import { z } from "zod";
import type { AnalysisContext, Setting, SettingTable } from "../analysis.js";
import { dayVector, days, numbers, onlyNumber, tableOf, texts, truthVector, type Table } from "../table.js";

/** The tiers, the best first. */
export const TIERS = ["A", "B", "C", "D"] as const;
/** One of them. */
export type Tier = (typeof TIERS)[number];

const SHARES = { A: 0.5, B: 0.8, C: 0.95 } as const;

const Tiers = z
  .strictObject({
    by: z
      .enum(["share", "amount"])
      .default("share")
      .describe("of cumulative contribution, or contribution itself"),
    thresholds: z
      .strictObject({ A: z.number().positive(), B: z.number().positive(), C: z.number().positive() })
      .optional()
      .describe("shares 0 to 1 ascending, default 0.5, 0.8, 0.95; or amounts descending"),
    hysteresis: z
      .number()
      .min(0)
      .max(0.9)
      .default(0.1)
      .describe("how far beyond a cut-point, as a share of it, a customer must be to change tier"),
  })
  .superRefine(({ by, thresholds }, context) => {
    const issue = (message: string) =>
      context.addIssue({ code: "custom", path: ["thresholds"], message: `${message}, found ${found}` });
    const { A, B, C } = thresholds ?? SHARES;
    const found = `${A}, ${B}, ${C}`;
    if (by === "share" && !(A < B && B < C && C < 1)) issue("shares ascend from A to C and lie below 1");
    if (by === "amount" && thresholds === undefined)
      context.addIssue({ code: "custom", path: ["thresholds"], message: "needed with by: amount" });
    else if (by === "amount" && !(A > B && B > C)) issue("amounts descend from A to C");
  });

/** Kinds are compared in lower case, so two that differ in nothing else are two prices for one kind. */
function refuseSameKinds(prices: Readonly<Record<string, number>>, context: z.RefinementCtx): void {
  const known = new Map<string, string>();
  for (const kind of Object.keys(prices)) {
    const first = known.get(kind.toLowerCase());
    if (first === undefined) known.set(kind.toLowerCase(), kind);
    else
      context.addIssue({
        code: "custom",
        path: [kind],
        message: `is the same kind as ${first}: upper and lower case do not matter`,
      });
  }
}

/** The settings of contribution, tiers and base dynamics; a part of those of `value`. */
export const ContributionConfig = z.strictObject({
  window_months: z
    .int()
    .min(1)
    .max(120)
    .default(12)
    .describe("contribution and tiers rest on the last months"),
  active_months: z
    .int()
    .min(1)
    .max(120)
    .default(12)
    .describe("a customer without an order for longer is lost"),
  cost_to_serve: z
    .record(z.string().min(1), z.number().min(0))
    .superRefine(refuseSameKinds)
    .default({})
    .describe("price of a contact in the pipeline's currency, by kind; ticket for cases"),
  late_payment_rate: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("yearly, of the amount, for each day paid late"),
  tiers: Tiers.prefault({}),
  service_levels: z
    .strictObject({
      A: z.string().optional(),
      B: z.string().optional(),
      C: z.string().optional(),
      D: z.string().optional(),
    })
    .default({})
    .describe("what each tier gets, in place of the texts that come with it"),
  key_accounts: z.int().min(1).max(1000).default(20).describe("how many are named"),
});
/** They with defaults filled in. */
export type ContributionConfig = z.output<typeof ContributionConfig>;

/** The relations that contribution reads. */
export const CONTRIBUTION_READS = [
  "facts.contributions",
  "facts.orders",
  "facts.invoices",
  "facts.invoiced_orders",
  "facts.contacts_made",
  "features.contribution",
  "features.contribution_months",
  "unified.customers",
] as const;
/** What contribution may read and write. */
export type ContributionContext = AnalysisContext<(typeof CONTRIBUTION_READS)[number]>;

/** What else of the settings of `value` contribution takes into account. */
export interface SharedConfig {
  /** Share of a subscription's price that is margin, 0–1. */
  readonly subscription_margin?: number | undefined;
}

/**
 * Its columns of `run.settings`, to be prefixed with `value_`. A late payment rate that is not set is 0,
 * a margin of subscriptions that is not set is empty.
 */
export function contributionSettings(config: ContributionConfig & SharedConfig): Record<string, Setting> {
  const { A, B, C } = thresholdsOf(config);
  return {
    window_months: config.window_months,
    active_months: config.active_months,
    late_payment_rate: config.late_payment_rate ?? 0,
    subscription_margin: config.subscription_margin ?? null,
    tier_by: config.tiers.by,
    tier_a: A,
    tier_b: B,
    tier_c: C,
    hysteresis: config.tiers.hysteresis,
    key_accounts: config.key_accounts,
  };
}

/** Its settings that have rows: `run.value_service_costs`, the price of a contact by kind. */
export function contributionTables(config: ContributionConfig): Record<string, SettingTable> {
  return {
    service_costs: {
      columns: { contact_kind: "text", contact_cost: "decimal" },
      rows: Object.entries(config.cost_to_serve).map(([kind, cost]) => ({
        contact_kind: kind.toLowerCase(),
        contact_cost: cost,
      })),
    },
  };
}

/** The thresholds that hold: those that are set, or 50, 80 and 95 % of cumulative contribution. */
export function thresholdsOf({ tiers }: ContributionConfig): Readonly<Record<"A" | "B" | "C", number>> {
  return tiers.thresholds ?? SHARES;
}

/** The window in sum, over the customers who have bought; money in the pipeline's currency. */
export interface ContributionTotals {
  /** Customers who have ever ordered or had an invoice of a subscription. */
  readonly customerCount: number;
  /** Those with a document in the window. */
  readonly activeCount: number;
  readonly grossAmount: number;
  readonly returnAmount: number;
  readonly discountAmount: number;
  readonly netAmount: number;
  readonly costAmount: number;
  readonly serviceAmount: number;
  readonly paymentAmount: number;
  readonly contributionAmount: number;
  /** Of the gross amount, the share whose cost is known, 0–1; NaN without revenue. */
  readonly costKnownShare: number;
  /** Of those who ordered in the window, the share who have ordered on more than one day, 0–1; NaN when nobody did. */
  readonly repeatRate: number;
}

/** What the tiers rest on, for the base as a whole. */
export type Basis = "known" | "estimated" | "revenue" | "nothing";

/** What was found about contribution, for the report and for those who build on it. */
export interface ContributionFindings {
  readonly config: ContributionConfig;
  readonly totals: ContributionTotals;
  readonly basis: Basis;
  /** Cost a unit of net revenue where it is known, over all of history; NaN when it is nowhere. */
  readonly knownCostRate: number;
  /** Of the whole contribution of the window, what the best bring, 0–1 and above; NaN when the whole is not above zero. */
  readonly topShares: Readonly<Record<"top1" | "top5" | "top10" | "top20", number>>;
  readonly gini: number;
  readonly herfindahl: number;
  readonly losingCount: number;
  /** Below zero. */
  readonly lostAmount: number;
  /** The contribution from which a customer is in A, B or C; NaN when nobody contributed. */
  readonly cuts: Readonly<Record<"A" | "B" | "C", number>>;
  /** Kinds of contacts in the window that have no price. */
  readonly unpricedKinds: readonly string[];
  /** Kinds with a price that do not occur in the window. */
  readonly unusedKinds: readonly string[];
  readonly prospectContactCount: number;
  /** Orders that are invoiced for another amount, and by how much in sum, whether too much or too little. */
  readonly differenceCount: number;
  readonly differenceAmount: number;
  /** Order numbers that invoices name and the customer has not, and what is invoiced for them. */
  readonly unknownOrderCount: number;
  readonly unknownOrderAmount: number;
  /** Invoices past due with money that is said to be paid and nothing says when. */
  readonly undatedCount: number;
  /** True when history reaches back two windows. */
  readonly hasBefore: boolean;
}

/** The relations it builds, in their order. */
export const CONTRIBUTION_RESULTS = [
  "value_ranks",
  "value_cuts",
  "value_tiers",
  "value_tier_sums",
  "value_movements",
  "value_curve",
  "value_concentration",
  "value_dynamics",
  "value_cohorts",
  "value_ties",
  "value_differences",
  "value_service",
  "value_key_accounts",
  "value_losing",
] as const;

/**
 * Builds contribution, tiers, concentration, movements, base dynamics and cohorts as `results.value_*`,
 * and tells what they rest on. The tier of each customer is in `results.value_tiers`.
 */
export async function valueContribution(
  context: ContributionContext,
  config: ContributionConfig,
): Promise<ContributionFindings> {
  await writeMonths(context);
  await context.write("value_points", pointRows());
  for (const name of CONTRIBUTION_RESULTS) await context.build(name);
  const totals = await readTotals(context);
  const knownCostRate = await costRate(context);
  const concentration = await windowConcentration(context);
  return {
    config,
    totals,
    basis: basisOf(totals, knownCostRate),
    knownCostRate,
    ...concentration,
    cuts: await readCuts(context),
    ...(await readContacts(context)),
    ...(await readDifferences(context)),
    undatedCount: await countUndated(context),
    hasBefore: await reachesBefore(context, config),
  };
}

const DAY = 86_400_000;

/** `results.value_months`: every calendar month from the first order or revenue to the as-of date. */
async function writeMonths(context: ContributionContext): Promise<void> {
  const span = await context.measure("features.contribution_months", {
    first: "min(case when order_count > 0 or net_amount <> 0 then month_start end)",
  });
  const first = days(span, "first")[0];
  const asOf = new Date(`${context.run.asOfDate}T00:00:00Z`);
  const months = first == null ? [] : monthsFrom(new Date(`${first}T00:00:00Z`), asOf);
  const dayNumbers = (dates: readonly Date[]) =>
    dayVector(
      Int32Array.from(dates, (date) => date.getTime() / DAY),
      () => true,
    );
  const quarters = months.map((month) => monthLater(month, -(month.getUTCMonth() % 3)));
  const isOver = (next: Date) => next.getTime() <= asOf.getTime() + DAY;
  await context.write(
    "value_months",
    tableOf({
      month_start: dayNumbers(months),
      quarter_start: dayNumbers(quarters),
      is_whole_month: truthVector(months.map((month) => isOver(monthLater(month, 1)))),
      is_whole_quarter: truthVector(quarters.map((quarter) => isOver(monthLater(quarter, 3)))),
    }),
  );
}

function monthLater(month: Date, count: number): Date {
  return new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + count, 1));
}

function monthsFrom(first: Date, last: Date): Date[] {
  const count =
    (last.getUTCFullYear() - first.getUTCFullYear()) * 12 + last.getUTCMonth() - first.getUTCMonth() + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => monthLater(first, i));
}

/** `results.value_points`: where the whale curve is read off; finer among the best. */
function pointRows(): Table {
  const fine = Array.from({ length: 20 }, (_, i) => (i + 1) / 200);
  const coarse = Array.from({ length: 45 }, (_, i) => 0.12 + i * 0.02);
  const shares = [...fine, ...coarse].map((share) => Math.round(share * 1000) / 1000);
  return tableOf({ customer_share: Float64Array.from(shares) });
}

const MONEY = [
  "gross_amount",
  "return_amount",
  "discount_amount",
  "net_amount",
  "cost_amount",
  "service_amount",
  "payment_amount",
  "contribution_amount",
  "known_gross_amount",
] as const;

async function readTotals(context: ContributionContext): Promise<ContributionTotals> {
  const row = await context.measure("features.contribution", {
    ...Object.fromEntries(MONEY.map((name) => [name, `sum(${name})`])),
    customers: "count(*)",
    active: "sum(case when document_count > 0 then 1 else 0 end)",
    ordering: "sum(case when order_count > 0 then 1 else 0 end)",
    repeating: "sum(case when order_count > 0 and last_order_date > first_order_date then 1 else 0 end)",
  });
  const sum = (name: (typeof MONEY)[number]) => onlyNumber(row, name) || 0;
  return {
    customerCount: onlyNumber(row, "customers"),
    activeCount: onlyNumber(row, "active") || 0,
    grossAmount: sum("gross_amount"),
    returnAmount: sum("return_amount"),
    discountAmount: sum("discount_amount"),
    netAmount: sum("net_amount"),
    costAmount: sum("cost_amount"),
    serviceAmount: sum("service_amount"),
    paymentAmount: sum("payment_amount"),
    contributionAmount: sum("contribution_amount"),
    costKnownShare: sum("known_gross_amount") / sum("gross_amount"),
    repeatRate: onlyNumber(row, "repeating") / onlyNumber(row, "ordering"),
  };
}

function basisOf({ grossAmount, costKnownShare }: ContributionTotals, knownCostRate: number): Basis {
  if (grossAmount === 0) return "nothing";
  if (costKnownShare === 1) return "known";
  return Number.isNaN(knownCostRate) ? "revenue" : "estimated";
}

async function costRate(context: ContributionContext): Promise<number> {
  const goods = "document_kind in ('order', 'return') and has_cost";
  const row = await context.measure("facts.contributions", {
    rate: `ratio(sum(case when ${goods} then cost_amount end), sum(case when ${goods} then net_amount end))`,
  });
  return onlyNumber(row, "rate");
}

async function windowConcentration(context: ContributionContext) {
  const rows = await context.table("results.value_concentration");
  const place = texts(rows, "period_kind").indexOf("window");
  const value = (name: string) => (place < 0 ? NaN : numbers(rows, name)[place]!);
  return {
    topShares: {
      top1: value("top_1_share"),
      top5: value("top_5_share"),
      top10: value("top_10_share"),
      top20: value("top_20_share"),
    },
    gini: value("gini"),
    herfindahl: value("herfindahl"),
    losingCount: value("losing_count") || 0,
    lostAmount: value("lost_amount") || 0,
  };
}

async function readCuts(context: ContributionContext): Promise<ContributionFindings["cuts"]> {
  const rows = await context.table("results.value_cuts");
  const [tiers, amounts] = [texts(rows, "tier"), numbers(rows, "cut_amount")];
  const cut = (tier: Tier) => amounts[tiers.indexOf(tier)] ?? NaN;
  return { A: cut("A"), B: cut("B"), C: cut("C") };
}

async function readContacts(context: ContributionContext) {
  const rows = await context.table("results.value_service");
  const kinds = texts(rows, "contact_kind").map((kind) => kind!);
  const [counts, buyers, prices] = [
    numbers(rows, "contact_count"),
    numbers(rows, "buyer_contact_count"),
    numbers(rows, "contact_cost"),
  ];
  return {
    unpricedKinds: kinds.filter((_, row) => Number.isNaN(prices[row]!)),
    unusedKinds: kinds.filter((_, row) => counts[row] === 0),
    prospectContactCount: counts.reduce((sum, count, row) => sum + count - buyers[row]!, 0),
  };
}

async function readDifferences(context: ContributionContext) {
  const row = await context.measure("facts.invoiced_orders", {
    documents: "sum(case when has_order and difference_amount <> 0 then 1 else 0 end)",
    amount: "sum(case when has_order then abs(difference_amount) end)",
    unknown: "sum(case when has_order then 0 else 1 end)",
    unknown_amount: "sum(case when has_order then 0 else invoiced_amount end)",
  });
  return {
    differenceCount: onlyNumber(row, "documents") || 0,
    differenceAmount: onlyNumber(row, "amount") || 0,
    unknownOrderCount: onlyNumber(row, "unknown") || 0,
    unknownOrderAmount: onlyNumber(row, "unknown_amount") || 0,
  };
}

async function countUndated(context: ContributionContext): Promise<number> {
  const row = await context.measure("facts.invoices", {
    documents: "sum(case when is_paid_on_unknown_day then 1 else 0 end)",
  });
  return onlyNumber(row, "documents") || 0;
}

async function reachesBefore(context: ContributionContext, config: ContributionConfig): Promise<boolean> {
  const start = `months_before(cast('${context.run.asOfDate}' as date), ${2 * config.window_months})`;
  const row = await context.measure("facts.contributions", {
    early: `sum(case when document_date <= days_before(${start}, -31) then 1 else 0 end)`,
  });
  return onlyNumber(row, "early") > 0;
}

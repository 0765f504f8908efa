import { DAYS_A_MONTH, DAYS_A_YEAR } from "../calendar.js";
import { survivalAt } from "../models/kaplan-meier.js";
import { survivalAtAge } from "../models/shifted-beta-geometric.js";
import { phrase } from "../phrase.js";
import type { Chart, Headline, ShownColumn, ShownTable } from "../section.js";
import { days, numbers, tableOf, texts as textsOf, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import { column, shown, type SectionPart } from "../section-part.js";
import type {
  PlanRetention,
  SubscriptionContext,
  SubscriptionFindings,
  Survival,
} from "./value-subscriptions.js";

const SHOWN_MONTHS = 13;
const SHOWN_PLANS = 20;

const wordsIn = ({ texts }: SubscriptionContext) => texts.value.subscriptions;
type Words = Texts["value"]["subscriptions"];

/** The report's part about subscriptions; `results.subscription_values` and `…_leaks` are built. */
export async function subscriptionPart(
  context: SubscriptionContext,
  findings: SubscriptionFindings,
): Promise<SectionPart> {
  const words = wordsIn(context);
  const months = await readMonths(context);
  return {
    answer: answer(context, findings),
    headlines: headlines(context, findings, months),
    charts: [
      ...(months.numRows === 0 ? [] : [monthlyChart(words, months)]),
      ...(findings.all.curve.lifeCount === 0 ? [] : [survivalChart(words, findings)]),
    ],
    tables: [
      ...(months.numRows === 0 ? [] : bridgeTables(words, months)),
      ...(findings.all.curve.lifeCount === 0 ? [] : lifeTables(words, findings)),
      ...(await leakTables(context, findings.counts.leaking)),
    ],
    notes: notes(context, findings, months),
  };
}

const BRIDGE = ["opening", "new", "expansion", "reactivated", "contraction", "churned", "closing"] as const;
const COUNTS = ["opening", "new", "reactivated", "churned", "closing"] as const;
const BILLING = ["closing", "billed", "price_difference", "unbilled", "unlinked", "invoiced"] as const;

const amountsOf = (names: readonly string[]) => names.map((name) => `${name}_amount`);
const countsOf = (names: readonly string[]) => names.map((name) => `${name}_customer_count`);

/** The last months, in order. */
async function readMonths(context: SubscriptionContext): Promise<Table> {
  const names = [...new Set([...amountsOf(BRIDGE), ...countsOf(COUNTS), ...amountsOf(BILLING)])];
  const table = await context.table("features.recurring_revenue");
  const places = [...numbers(table, "month_number").entries()]
    .sort(([, a], [, b]) => a - b)
    .map(([row]) => row)
    .slice(-SHOWN_MONTHS);
  const pick = <Value>(values: ArrayLike<Value>) => places.map((row) => values[row]!);
  return tableOf({
    month: pick(days(table, "month_start")).map((day) => day!.slice(0, 7)),
    position_date: pick(days(table, "position_date")),
    ...Object.fromEntries(names.map((name) => [name, Float64Array.from(pick(numbers(table, name)))])),
  });
}

function answer(context: SubscriptionContext, { value, settings }: SubscriptionFindings): string {
  const words = wordsIn(context);
  if (value.customerCount === 0) return words.answerNothing;
  return phrase(words.answer, {
    customers: shown(context.run, value.customerCount, "integer"),
    monthly: shown(context.run, value.monthlyAmount, "money"),
    value: shown(context.run, value.value, "money"),
    days: shown(context.run, settings.horizonDays, "integer"),
  });
}

function headlines(
  context: SubscriptionContext,
  { value, counts, settings }: SubscriptionFindings,
  months: Table,
): Headline[] {
  const words = wordsIn(context);
  const closings = months.numRows === 0 ? [] : [...numbers(months, "closing_amount")];
  const before = closings.length < SHOWN_MONTHS ? undefined : closings[0]!;
  const note = phrase(before === undefined ? words.monthlyNoteNew : words.monthlyNote, {
    date: context.run.asOfDate,
    before: shown(context.run, before ?? NaN, "money"),
  });
  const valueNote = phrase(words.valueNote, {
    days: shown(context.run, settings.horizonDays, "integer"),
    low: shown(context.run, value.low, "money"),
    high: shown(context.run, value.high, "money"),
  });
  const leakingNote = phrase(words.leakingNote, { count: shown(context.run, counts.leaking, "integer") });
  return [
    { label: words.monthly, value: closings.at(-1) ?? 0, format: "money", note },
    { label: words.customers, value: value.customerCount, format: "integer" },
    { label: words.value, value: value.value, format: "money", note: valueNote },
    ...(counts.leaking === 0
      ? []
      : [
          {
            label: words.leaking,
            value: counts.missingAmount,
            format: "money",
            note: leakingNote,
          } satisfies Headline,
        ]),
  ];
}

function monthlyChart(words: Words, rows: Table): Chart {
  return {
    kind: "bars",
    title: words.monthly,
    rows,
    label: column("month", words.month, "text"),
    value: column("closing_amount", words.closing, "money"),
  };
}

const SHOWN_LINES = 4;
const SHOWN_CURVE_MONTHS = 120;

/** Survival by the month, of the plans with most subscriptions. */
function survivalChart(words: Words, { plans }: SubscriptionFindings): Chart {
  const points = plans.slice(0, SHOWN_LINES).flatMap(({ name, curve }) => {
    const monthCount = Math.min(Math.floor(curve.longest / DAYS_A_MONTH), SHOWN_CURVE_MONTHS);
    return Array.from({ length: monthCount + 1 }, (_, month) => ({
      plan: name || words.noPlan,
      month,
      survival: survivalAt(curve, month * DAYS_A_MONTH)!.survival,
    }));
  });
  return {
    kind: "curve",
    title: words.survival,
    caption: words.survivalChart,
    rows: tableOf({
      plan: points.map(({ plan }) => plan),
      months: Float64Array.from(points, ({ month }) => month),
      survival: Float64Array.from(points, ({ survival }) => survival),
    }),
    x: column("months", words.months, "integer"),
    y: column("survival", words.left, "percent"),
    line: column("plan", words.plan, "text"),
  };
}

const bridgeTitles = (words: Words): Readonly<Record<string, string>> => ({
  opening: words.opening,
  new: words.newAmount,
  expansion: words.expansion,
  reactivated: words.reactivated,
  contraction: words.contraction,
  churned: words.churned,
  closing: words.closing,
  billed: words.billed,
  price_difference: words.priceDifference,
  unbilled: words.unbilled,
  unlinked: words.unlinked,
  invoiced: words.invoiced,
});

/** Money, customers, and how the money ties to billing. */
function bridgeTables(words: Words, rows: Table): ShownTable[] {
  const titles = bridgeTitles(words);
  const month = column("month", words.month, "text");
  const hasUnlinked = numbers(rows, "unlinked_amount").some((amount) => amount !== 0);
  const money = (names: readonly string[]) =>
    names
      .filter((name) => name !== "unlinked" || hasUnlinked)
      .map((name) => column(`${name}_amount`, titles[name]!, "money"));
  const customers = COUNTS.map((name) => column(`${name}_customer_count`, titles[name]!, "integer"));
  return [
    {
      name: "recurring-revenue",
      title: words.bridge,
      caption: words.bridgeCaption,
      rows,
      columns: [month, ...money(BRIDGE)],
    },
    {
      name: "recurring-customers",
      isDetail: true,
      title: words.bridgeCustomers,
      caption: words.bridgeCustomersCaption,
      rows,
      columns: [month, ...customers],
    },
    {
      name: "recurring-billing",
      isDetail: true,
      title: words.billing,
      caption: words.billingCaption,
      rows,
      columns: [month, ...money(BILLING)],
    },
  ];
}

function lifeTables(words: Words, findings: SubscriptionFindings): ShownTable[] {
  const plans = findings.plans
    .slice(0, SHOWN_PLANS)
    .map((plan) => ({ ...plan, name: plan.name || words.noPlan }));
  const all = { ...findings.all, name: words.allPlans };
  return [
    survivalTable(words, { name: "subscription-survival", title: words.survival, first: words.plan }, [
      ...plans,
      ...(findings.plans.length > 1 ? [all] : []),
    ]),
    survivalTable(
      words,
      { name: "subscription-cohorts", title: words.survivalCohort, first: words.started },
      findings.cohorts,
    ),
    retentionTable(words, findings.retentions),
  ];
}

function survivalTable(
  words: Words,
  { name, title, first }: { name: string; title: string; first: string },
  rows: readonly Survival[],
): ShownTable {
  const year = rows.map(({ curve }) => survivalAt(curve, DAYS_A_YEAR));
  const values = (of: (row: number) => number | undefined) =>
    Float64Array.from(rows, (_, row) => of(row) ?? NaN);
  return {
    name,
    title,
    caption: words.survivalCaption,
    rows: tableOf({
      name: rows.map((row) => row.name),
      subscription_count: values((row) => rows[row]!.curve.lifeCount),
      ended_count: values((row) => rows[row]!.curve.endedCount),
      median_months: values((row) => monthsOf(rows[row]!.curve.median)),
      survival: values((row) => year[row]?.survival),
      survival_low: values((row) => year[row]?.low),
      survival_high: values((row) => year[row]?.high),
    }),
    columns: [
      column("name", first, "text"),
      column("subscription_count", words.subscriptionCount, "integer"),
      column("ended_count", words.endedCount, "integer"),
      column("median_months", words.median, "decimal"),
      column("survival", words.survival12, "percent"),
      column("survival_low", words.survivalLow, "percent"),
      column("survival_high", words.survivalHigh, "percent"),
    ],
  };
}

const monthsOf = (time: number | undefined) => (time === undefined ? undefined : time / DAYS_A_MONTH);

function retentionTable(words: Words, retentions: readonly PlanRetention[]): ShownTable {
  const rows = retentions
    .toSorted((a, b) => b.subscriptionCount - a.subscriptionCount || (a.planName < b.planName ? -1 : 1))
    .slice(0, SHOWN_PLANS);
  const values = (of: (plan: PlanRetention) => number) => Float64Array.from(rows, of);
  const finite = (value: number) => (Number.isFinite(value) ? value : NaN);
  const modelOf = ({ retention, isPooled }: PlanRetention) => {
    const model = words.rungs[retention.rung];
    return isPooled ? phrase(words.pooled, { model }) : model;
  };
  return {
    name: "subscription-retention",
    isDetail: true,
    title: words.retention,
    caption: words.retentionCaption,
    rows: tableOf({
      plan_name: rows.map(({ planName }) => planName || words.noPlan),
      interval_months: values(({ intervalDays }) => intervalDays / DAYS_A_MONTH),
      renewal_count: values(({ retention }) => retention.renewalCount),
      lost_count: values(({ retention }) => retention.lostCount),
      model: rows.map(modelOf),
      alpha: values(({ retention }) => finite(retention.alpha)),
      beta: values(({ retention }) => finite(retention.beta)),
      shape: values(({ retention: { rung, shape } }) => (rung === "discrete-weibull" ? shape : NaN)),
      churn: values(({ retention }) => retention.churn),
      survival: values(({ retention, intervalDays }) => survivalAtAge(retention, DAYS_A_YEAR / intervalDays)),
      largest_gap: values(({ largestGap }) => largestGap),
    }),
    columns: retentionColumns(words),
  };
}

const retentionColumns = (words: Words): ShownColumn[] => [
  column("plan_name", words.plan, "text"),
  column("interval_months", words.interval, "decimal"),
  column("renewal_count", words.renewals, "integer"),
  column("lost_count", words.lost, "integer"),
  column("model", words.model, "text"),
  column("alpha", words.alpha, "decimal"),
  column("beta", words.beta, "decimal"),
  column("shape", words.shape, "decimal"),
  column("churn", words.firstChurn, "percent"),
  column("survival", words.model12, "percent"),
  column("largest_gap", words.gap, "percent"),
];

async function leakTables(context: SubscriptionContext, leakCount: number): Promise<ShownTable[]> {
  const words = wordsIn(context);
  const { columns } = context.texts;
  const leaks = await context.table("results.subscription_leaks");
  if (leaks.numRows === 0) return [];
  const isNever = leaks.getChild("is_never_billed")!;
  const plans = textsOf(leaks, "plan_name").map((plan) => plan || words.noPlan);
  const rows = tableOf({
    ...Object.fromEntries(leaks.schema.fields.map(({ name }) => [name, leaks.getChild(name)!])),
    plan_name: plans,
    leak: plans.map((_, row) => (isNever.get(row) === true ? words.neverBilled : words.billingStopped)),
  });
  const caption = phrase(leakCount > leaks.numRows ? words.leaksRest : words.leaksCaption, {
    shown: shown(context.run, leaks.numRows, "integer"),
    count: shown(context.run, leakCount, "integer"),
  });
  return [
    {
      name: "subscription-leaks",
      title: words.leaks,
      caption,
      isInteractive: true,
      rows,
      columns: [
        column("subscription_key", words.subscription, "text"),
        column("customer_key", columns.customer_key, "text"),
        column("customer_name", columns.customer_name, "text"),
        column("plan_name", words.plan, "text"),
        column("start_date", words.startDate, "date"),
        column("last_invoice_date", words.lastInvoice, "date"),
        column("monthly_amount", words.monthlyAmount, "money"),
        column("missing_amount", words.missing, "money"),
        column("leak", words.leak, "text"),
      ],
    },
  ];
}

const REASONS = ["backwards", "endless", "unpriced", "uneven", "trial"] as const;

function notes(context: SubscriptionContext, findings: SubscriptionFindings, months: Table): string[] {
  const words = wordsIn(context);
  const { settings, counts, plans } = findings;
  const integer = (value: number) => shown(context.run, value, "integer");
  const counted = (template: string, count: number, gaps: Readonly<Record<string, string>> = {}) =>
    count === 0 ? [] : [phrase(template, { count: integer(count), ...gaps })];
  const value = phrase(words.noteValue, {
    rate: shown(context.run, settings.discountRate, "percent"),
    days: integer(settings.horizonDays),
  });
  const margin =
    settings.marginRate === undefined
      ? words.noteNoMargin
      : phrase(words.noteMargin, { margin: shown(context.run, settings.marginRate, "percent") });
  const reasons = REASONS.flatMap((reason) => counted(words.reasons[reason], counts[reason]));
  const hidden = plans.length > SHOWN_PLANS ? plans.length : 0;
  return [
    phrase(words.noteMonthly, { date: context.run.asOfDate }),
    value,
    margin,
    ...doubts(context, findings),
    ...partialMonth(words, months),
    ...counted(words.notCounted, counts.subscriptionCount - counts.countedCount, {
      reasons: reasons.join(words.joint),
    }),
    ...counted(words.overlapping, counts.overlapping),
    ...counted(words.replaced, counts.replaced),
    ...counted(words.withinMonth, counts.withinMonth),
    ...counted(words.foreignInvoices, counts.foreignInvoiceCount, {
      amount: shown(context.run, counts.foreignInvoiceAmount, "money"),
    }),
    ...counted(words.unlinkedNote, counts.unlinked),
    ...counted(words.fewPlans, hidden, { shown: integer(SHOWN_PLANS) }),
  ];
}

/** Plans whose model does not fit what was seen. */
function doubts(context: SubscriptionContext, { retentions }: SubscriptionFindings): string[] {
  const words = wordsIn(context);
  const doubtful = retentions.filter(({ isDoubtful }) => isDoubtful);
  if (doubtful.length === 0) return [];
  const plans = [...new Set(doubtful.map(({ planName }) => planName || words.noPlan))].join(words.joint);
  const gap = shown(context.run, Math.max(...doubtful.map(({ largestGap }) => largestGap)), "percent");
  return [phrase(words.noteDoubtful, { plans, gap })];
}

function partialMonth(words: Words, months: Table): string[] {
  const last = months.numRows === 0 ? null : textsOf(months, "position_date").at(-1)!;
  if (last === null) return [];
  const dayAfter = new Date(Date.parse(last) + 86_400_000).toISOString().slice(8, 10);
  return dayAfter === "01" ? [] : [phrase(words.partialMonth, { date: last })];
}

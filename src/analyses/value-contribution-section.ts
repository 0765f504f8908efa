import { codeWords } from "../code-words.js";
import { phrase } from "../phrase.js";
import type { Chart, Format, Headline, ShownColumn, ShownTable } from "../section.js";
import { days, numbers, tableOf, texts as textsOf, type ColumnValues, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import { column, shown as shownIn, type SectionPart } from "../section-part.js";
import {
  thresholdsOf,
  TIERS,
  type ContributionContext,
  type ContributionFindings,
} from "./value-contribution.js";

type Words = Texts["value"]["contribution"];

const SHOWN_MONTHS = 24;
const SHOWN_COHORTS = 36;
const SHOWN_QUARTERS = 12;
const SHOWN_LOSING = 20;
const SHOWN_DIFFERENCES = 20;
/** From which change on the trend of an account is called rising or falling. */
const STEADY_WITHIN = 0.1;

/** What the report shows of contribution; empty tables are left out. */
export async function contributionPart(
  context: ContributionContext,
  findings: ContributionFindings,
): Promise<SectionPart> {
  const told = { context, findings, texts: context.texts.value.contribution };
  const tables = [
    waterfallTable(told),
    await tierTable(told),
    await movementTable(told),
    await keyAccountTable(told),
    await losingTable(told),
    await concentrationTable(told),
    ...(await dynamicsTables(told)),
    await cohortTable(told),
    await serviceTable(told),
    await tieTable(told),
    await differenceTable(told),
  ];
  return {
    answer: answer(told),
    headlines: headlines(told),
    charts: await charts(told),
    tables: tables.filter(({ rows }) => rows.numRows > 0),
    notes: await notes(told),
  };
}

interface Told {
  readonly context: ContributionContext;
  readonly findings: ContributionFindings;
  readonly texts: Words;
}

const shown = ({ context }: Told, value: number, format: Format): string =>
  shownIn(context.run, value, format);

/** Columns of one format, in pairs of name and title. */
const columns = (format: Format, titles: Readonly<Record<string, string>>): ShownColumn[] =>
  Object.entries(titles).map(([name, title]) => column(name, title, format));

function headlines(told: Told): Headline[] {
  const { texts, findings } = told;
  const { totals, config, basis, topShares } = findings;
  const best = Math.max(1, Math.round(totals.activeCount * 0.2));
  return [
    {
      label: phrase(texts.headlineAmount, { months: config.window_months }),
      value: totals.contributionAmount,
      format: "money",
      note: texts.basis[basis],
    },
    { label: texts.headlineCost, value: totals.costKnownShare, format: "percent" },
    {
      label: texts.headlineTop,
      value: topShares.top20,
      format: "percent",
      note: phrase(texts.headlineTopNote, {
        customers: shown(told, best, "integer"),
        all: shown(told, totals.activeCount, "integer"),
      }),
    },
    {
      label: texts.headlineLosing,
      value: findings.losingCount,
      format: "integer",
      note: shown(told, findings.lostAmount, "money"),
    },
    {
      label: texts.headlineRepeat,
      value: totals.repeatRate,
      format: "percent",
      note: texts.headlineRepeatNote,
    },
  ];
}

function answer(told: Told): string {
  const { texts, findings } = told;
  const { config, totals, topShares, losingCount } = findings;
  const { contributionAmount: amount } = totals;
  const sentence = amount > 0 ? texts.answer : amount < 0 ? texts.answerLoss : texts.answerNothing;
  return phrase(sentence, {
    months: config.window_months,
    amount: shown(told, Math.abs(amount), "money"),
    share: shown(told, topShares.top20, "percent"),
    losing: shown(told, losingCount, "integer"),
  });
}

/** The whale curve only where there is a whole to be shared. */
async function charts(told: Told): Promise<Chart[]> {
  const { context, texts, findings } = told;
  const bars: Chart = {
    kind: "bars",
    title: texts.tierMoney,
    rows: await context.table("results.value_tier_sums"),
    label: column("tier", texts.tier, "text"),
    value: column("contribution_amount", texts.amount, "money"),
  };
  return findings.totals.contributionAmount > 0 ? [await whaleCurve(told), bars] : [bars];
}

async function whaleCurve({ context, texts }: Told): Promise<Chart> {
  const curve = await context.table("results.value_curve");
  const from = (name: string) => Float64Array.of(0, ...numbers(curve, name));
  return {
    kind: "curve",
    title: texts.whale,
    caption: texts.whaleCaption,
    rows: tableOf({
      customer_share: from("customer_share"),
      contribution_share: from("contribution_share"),
    }),
    x: column("customer_share", texts.whaleX, "percent"),
    y: column("contribution_share", texts.whaleY, "percent"),
    hasDiagonal: true,
  };
}

function waterfallTable({ texts, findings }: Told): ShownTable {
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

async function tierTable(told: Told): Promise<ShownTable> {
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

async function movementTable({ context, texts }: Told): Promise<ShownTable> {
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

async function keyAccountTable(told: Told): Promise<ShownTable> {
  const { context, texts, findings } = told;
  const rows = await context.table("results.value_key_accounts");
  const accounts = accountsOf(rows);
  const unknown = new Float64Array(rows.numRows).fill(NaN);
  return {
    name: "key-accounts",
    title: texts.keyAccounts,
    caption: phrase(texts.keyAccountsCaption, { months: findings.config.window_months }),
    rows: tableOf({
      ...copied(rows, ["contribution_rank", "contribution_amount", "contribution_share"]),
      ...copied(rows, ["before_contribution_amount"]),
      contribution_change: findings.hasBefore ? numbers(rows, "contribution_change") : unknown,
      ...named(rows, ["customer_key", "customer_name", "tier", "owner_name"]),
      trend: accounts.map((account) => (findings.hasBefore ? texts.trends[trendOf(account)] : null)),
      because: accounts.map((account) => (findings.hasBefore ? causeOf(told, account) : null)),
      basis: basisWords(texts, rows),
    }),
    columns: [
      column("contribution_rank", texts.place, "integer"),
      column("customer_key", texts.customerKey, "text"),
      column("customer_name", texts.customer, "text"),
      column("tier", texts.tier, "text"),
      column("contribution_amount", texts.amount, "money"),
      column("contribution_share", texts.amountShare, "percent"),
      column("before_contribution_amount", texts.before, "money"),
      column("contribution_change", texts.change, "percent"),
      column("trend", texts.trend, "text"),
      { ...column("because", texts.because, "text"), width: "wide" },
      { ...column("basis", texts.basisTitle, "text"), width: "wide" },
      { ...column("owner_name", texts.owner, "text"), width: "wide" },
    ],
  };
}

const copied = (rows: Table, names: readonly string[]): Record<string, ColumnValues> =>
  Object.fromEntries(names.map((name) => [name, numbers(rows, name)]));

const named = (rows: Table, names: readonly string[]): Record<string, ColumnValues> =>
  Object.fromEntries(names.map((name) => [name, textsOf(rows, name)]));

/** What each customer's tier rests on, in words. */
const basisWords = (texts: Words, rows: Table) =>
  textsOf(rows, "rests_on").map((basis) => texts.basis[basis as keyof Words["basis"]]);

interface Window {
  readonly contribution: number;
  readonly orders: number;
  readonly net: number;
}

interface Account {
  readonly now: Window;
  readonly before: Window;
}

function accountsOf(rows: Table): Account[] {
  const windows = (prefix: string) => {
    const [contribution, orders, net] = [
      numbers(rows, `${prefix}contribution_amount`),
      numbers(rows, `${prefix}order_count`),
      numbers(rows, `${prefix}net_amount`),
    ];
    return Array.from(contribution, (amount, row) => ({
      contribution: amount,
      orders: orders[row]!,
      net: net[row]!,
    }));
  };
  const before = windows("before_");
  return windows("").map((now, row) => ({ now, before: before[row]! }));
}

function trendOf({ now, before }: Account): keyof Words["trends"] {
  if (before.contribution <= 0) return before.orders === 0 ? "new" : "rising";
  const change = now.contribution / before.contribution - 1;
  if (Math.abs(change) < STEADY_WITHIN) return "steady";
  return change > 0 ? "rising" : "falling";
}

/** Contribution is orders × money an order × margin: the factor that moved most in the direction of the whole. */
function causeOf(told: Told, account: Account): string | null {
  const trend = trendOf(account);
  if (trend === "new" || trend === "steady") return null;
  const [now, before] = [factorsOf(account.now), factorsOf(account.before)];
  const changes = now.map((factor, i) => Math.log(factor / before[i]!));
  if (!changes.every(Number.isFinite)) return null;
  const sign = trend === "rising" ? 1 : -1;
  const place = changes.reduce((best, change, i) => (change * sign > changes[best]! * sign ? i : best), 0);
  const { texts } = told;
  const [template, format] = (
    [
      [texts.causeOrders, "integer"],
      [texts.causeSize, "money"],
      [texts.causeMargin, "percent"],
    ] as const
  )[place]!;
  const value = (factors: readonly number[]) => shown(told, factors[place]!, format);
  return phrase(template, { before: value(before), now: value(now) });
}

const factorsOf = ({ contribution, orders, net }: Window) => [orders, net / orders, contribution / net];

async function losingTable({ context, texts }: Told): Promise<ShownTable> {
  const rows = (await context.table("results.value_losing")).slice(0, SHOWN_LOSING);
  const money = ["contribution_amount", "gross_amount", "cost_amount", "service_amount"] as const;
  return {
    name: "losing",
    isDetail: true,
    title: texts.losing,
    caption: texts.losingCaption,
    rows: tableOf({
      ...named(rows, ["customer_key", "customer_name"]),
      ...copied(rows, money),
      reduction_amount: numbers(rows, "return_amount").map(
        (amount, row) => amount + numbers(rows, "discount_amount")[row]!,
      ),
      payment_amount: numbers(rows, "payment_amount"),
      reason: textsOf(rows, "loss_reason").map((reason) => texts.losses[reason as keyof typeof texts.losses]),
      basis: basisWords(texts, rows),
    }),
    columns: [
      column("customer_key", texts.customerKey, "text"),
      column("customer_name", texts.customer, "text"),
      column("contribution_amount", texts.amount, "money"),
      column("reason", texts.reason, "text"),
      column("gross_amount", texts.gross, "money"),
      column("reduction_amount", texts.returns, "money"),
      column("cost_amount", texts.goods, "money"),
      column("service_amount", texts.contacts, "money"),
      column("payment_amount", texts.late, "money"),
      { ...column("basis", texts.basisTitle, "text"), width: "wide" },
    ],
  };
}

async function concentrationTable({ context, texts, findings }: Told): Promise<ShownTable> {
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

async function dynamicsTables(told: Told): Promise<ShownTable[]> {
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

async function cohortTable({ context, texts }: Told): Promise<ShownTable> {
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

async function serviceTable({ context, texts, findings }: Told): Promise<ShownTable> {
  const rows = await context.table("results.value_service");
  const kinds = textsOf(rows, "contact_kind").map((kind) => codeWords(kind ?? "", context.texts));
  return {
    name: "cost-to-serve",
    isDetail: true,
    title: texts.contacts,
    caption: phrase(texts.contactsCaption, { months: findings.config.window_months }),
    rows: rows.assign(tableOf({ contact_kind: kinds })),
    columns: [
      column("contact_kind", texts.contactKind, "text"),
      column("contact_count", texts.contactCount, "integer"),
      column("buyer_contact_count", texts.buyerContacts, "integer"),
      column("contact_cost", texts.price, "money"),
      column("service_amount", texts.cost, "money"),
    ],
  };
}

/** Left out where there is no second system to tie to. */
async function tieTable({ context, texts }: Told): Promise<ShownTable> {
  const all = await context.table("results.value_ties");
  const hasBilling = textsOf(all, "tie").some((tie) => tie !== "orders" && tie !== "outside_billing");
  const rows = hasBilling ? all : all.slice(0, 0);
  const [here, there] = [numbers(rows, "here_amount"), numbers(rows, "there_amount")];
  const isOneSided = (tie: string | null) => tie === "not_invoiced" || tie === "outside_billing";
  const ties = textsOf(rows, "tie");
  return {
    name: "ties",
    isDetail: true,
    title: texts.ties,
    caption: texts.tiesCaption,
    rows: tableOf({
      tie: ties.map((tie) => texts.tieNames[tie as keyof typeof texts.tieNames]),
      document_count: numbers(rows, "document_count"),
      here_amount: here,
      there_amount: there.map((amount, row) => (isOneSided(ties[row]!) ? NaN : amount)),
      difference_amount: here.map((amount, row) => cents(amount - there[row]!)),
    }),
    columns: [
      column("tie", texts.total, "text"),
      column("document_count", texts.documents, "integer"),
      column("here_amount", texts.here, "money"),
      column("there_amount", texts.there, "money"),
      column("difference_amount", texts.difference, "money"),
    ],
  };
}

const cents = (amount: number) => Math.round(amount * 100) / 100;

async function differenceTable({ context, texts }: Told): Promise<ShownTable> {
  const rows = (await context.table("results.value_differences")).slice(0, SHOWN_DIFFERENCES);
  const hasOrder = rows.getChild("has_order")!;
  return {
    name: "differences",
    isDetail: true,
    title: texts.differences,
    caption: texts.differencesCaption,
    rows: tableOf({
      ...named(rows, ["order_key", "customer_key"]),
      ...copied(rows, ["order_amount", "invoiced_amount", "difference_amount"]),
      what: Array.from(hasOrder as Iterable<boolean>, (has) =>
        has ? texts.orderDiffers : texts.orderUnknown,
      ),
    }),
    columns: [
      column("order_key", texts.order, "text"),
      column("customer_key", texts.customerKey, "text"),
      column("what", texts.what, "text"),
      column("order_amount", texts.orderMoney, "money"),
      column("invoiced_amount", texts.invoicedMoney, "money"),
      column("difference_amount", texts.difference, "money"),
    ],
  };
}

async function notes(told: Told): Promise<string[]> {
  const { texts, findings } = told;
  return [
    ...costNotes(told),
    ...serviceNotes(told),
    ...lateNotes(told),
    ...counted(told, [texts.noteLosing, texts.noteLosingOne], {
      count: findings.losingCount,
      amount: -findings.lostAmount,
    }),
    ...counted(told, [texts.noteDifferences, texts.noteDifferencesOne], {
      count: findings.differenceCount,
      amount: findings.differenceAmount,
    }),
    ...counted(told, [texts.noteUnknownOrders, texts.noteUnknownOrdersOne], {
      count: findings.unknownOrderCount,
      amount: findings.unknownOrderAmount,
    }),
    ...(await unattachedNote(told)),
    ...(findings.hasBefore ? [] : [texts.noteNoBefore]),
  ];
}

/** A sentence about several or about one, with their money; nothing about none. */
function counted(
  told: Told,
  [several, one]: readonly [string, string],
  { count, amount }: { readonly count: number; readonly amount: number },
): string[] {
  if (count === 0) return [];
  return [
    phrase(count === 1 ? one : several, {
      count: shown(told, count, "integer"),
      amount: shown(told, amount, "money"),
    }),
  ];
}

function serviceNotes(told: Told): string[] {
  const { texts, findings } = told;
  const { unpricedKinds, unusedKinds, prospectContactCount } = findings;
  if (Object.keys(findings.config.cost_to_serve).length === 0) return [texts.noteNoService];
  const listed = (note: string, kinds: readonly string[]) =>
    kinds.length === 0 ? [] : [phrase(note, { kinds: kinds.join(texts.joint) })];
  return [
    ...listed(texts.noteUnpriced, unpricedKinds),
    ...listed(texts.noteUnused, unusedKinds),
    ...counted(told, [texts.noteProspects, texts.noteProspectsOne], {
      count: prospectContactCount,
      amount: NaN,
    }),
  ];
}

function lateNotes(told: Told): string[] {
  const { texts, findings } = told;
  if (findings.config.late_payment_rate === undefined) return [texts.noteNoLate];
  return counted(told, [texts.noteUndated, texts.noteUndatedOne], {
    count: findings.undatedCount,
    amount: NaN,
  });
}

function costNotes(told: Told): string[] {
  const { texts, findings } = told;
  if (findings.basis === "nothing") return [];
  if (findings.basis === "known") return [texts.noteKnown];
  if (findings.basis === "revenue") return [texts.noteRevenue];
  return [
    phrase(texts.noteEstimated, {
      share: shown(told, findings.totals.costKnownShare, "percent"),
      rate: shown(told, findings.knownCostRate, "percent"),
    }),
  ];
}

async function unattachedNote(told: Told): Promise<string[]> {
  const { texts } = told;
  const rows = await told.context.table("results.value_ties");
  const row = textsOf(rows, "tie").indexOf("other_invoices");
  if (row < 0) return [];
  return counted(told, [texts.noteUnattached, texts.noteUnattachedOne], {
    count: numbers(rows, "document_count")[row]!,
    amount: numbers(rows, "there_amount")[row]!,
  });
}

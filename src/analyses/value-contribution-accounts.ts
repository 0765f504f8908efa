import { phrase } from "../phrase.js";
import { column } from "../section-part.js";
import type { ShownTable } from "../section.js";
import { numbers, tableOf, texts as textsOf, type Table } from "../table.js";
import { basisWords, copied, named, shown, type Told, type Words } from "./value-contribution-told.js";

/** From which change on the trend of an account is called rising or falling. */
const STEADY_WITHIN = 0.1;

const SHOWN_LOSING = 20;

/** The customers who contribute most, with their trend and what moved it. */
export async function keyAccountTable(told: Told): Promise<ShownTable> {
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

/** The customers who cost most, with what costs it. */
export async function losingTable({ context, texts }: Told): Promise<ShownTable> {
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

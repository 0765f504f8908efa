import type { AnalysisContext } from "../analysis.js";
import { DAYS_A_MONTH, DAYS_A_YEAR } from "../calendar.js";
import { fitKaplanMeier, survivalAt, type SurvivalCurve } from "../models/kaplan-meier.js";
import {
  fitRetention,
  remainingLife,
  retentionRate,
  type Renewals,
  type Retention,
} from "../models/shifted-beta-geometric.js";
import { numbers, onlyNumber, tableOf, texts } from "../table.js";

/** What the value of subscriptions is read from. */
export const SUBSCRIPTION_READS = [
  "facts.subscriptions",
  "facts.subscription_invoices",
  "features.subscription_lives",
  "features.subscription_billing",
  "features.recurring_revenue",
  "unified.customers",
] as const;
/** What it may read and write. */
export type SubscriptionContext = AnalysisContext<(typeof SUBSCRIPTION_READS)[number]>;

/** How the value of subscriptions is asked for. */
export interface SubscriptionSettings {
  readonly horizonDays: number;
  /** A year; 0.1 is ten per cent. */
  readonly discountRate: number;
  /** Share of the price that is margin, 0–1; undefined when nobody has said, which counts as 1. */
  readonly marginRate?: number | undefined;
}

/** How long the subscriptions of a plan or of a start last. */
export interface Survival {
  readonly name: string;
  /** In days. */
  readonly curve: SurvivalCurve;
}

/** How the contracts of a plan that renew at one interval are retained. */
export interface PlanRetention {
  readonly planName: string;
  readonly intervalDays: number;
  readonly subscriptionCount: number;
  readonly retention: Retention;
  /** True when it is that of all plans with this interval, because this one has lost too few to say. */
  readonly isPooled: boolean;
  /** The largest distance of the model from Kaplan–Meier at any renewal, 0–1. */
  readonly largestGap: number;
  /** True when at some renewal the model is more than 5 points off and outside the 95 % interval of what was seen. */
  readonly isDoubtful: boolean;
}

/** What was learnt of the subscriptions. */
export interface SubscriptionFindings {
  readonly settings: SubscriptionSettings;
  readonly counts: SubscriptionCounts;
  readonly value: SubscriptionValue;
  readonly all: Survival;
  /** Most subscriptions first. */
  readonly plans: readonly Survival[];
  /** By quarter of the start, by year when there are more than eight. */
  readonly cohorts: readonly Survival[];
  readonly retentions: readonly PlanRetention[];
}

/**
 * Learns how subscriptions are retained, and writes what the running ones are worth within the horizon:
 * `results.subscription_values`, a row a customer, and `results.subscription_leaks`, those without an invoice.
 *
 * @returns undefined, and writes both empty, when no subscription counts
 */
export async function valueSubscriptions(
  context: SubscriptionContext,
  settings: SubscriptionSettings,
): Promise<SubscriptionFindings | undefined> {
  const lives = await readLives(context);
  const counts = await readCounts(context);
  const retentions = retentionsOf(lives);
  await writeStates(context, settings, { lives, retentions });
  await context.build("subscription_values");
  await context.build("subscription_leaks");
  if (lives.length === 0 && counts.subscriptionCount === 0) return undefined;
  return {
    settings,
    counts,
    value: await readValue(context),
    all: { name: "", curve: curveOf(lives) },
    plans: survivals(lives, (life) => life.planName).toSorted(
      (a, b) => b.curve.lifeCount - a.curve.lifeCount || (a.name < b.name ? -1 : 1),
    ),
    cohorts: survivals(lives, cohortNaming(lives)).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    retentions,
  };
}

/** Alike lives, once. */
interface Life {
  readonly planName: string;
  readonly intervalDays: number;
  readonly startQuarter: string;
  readonly tenureDays: number;
  readonly ageDays: number;
  readonly isCensored: boolean;
  readonly count: number;
}

async function readLives(context: SubscriptionContext): Promise<Life[]> {
  const table = await context.table("features.subscription_lives");
  const [intervals, tenures, ages, counts] = [
    "interval_days",
    "tenure_days",
    "age_days",
    "subscription_count",
  ].map((name) => numbers(table, name));
  const [plans, quarters] = ["plan_name", "start_quarter"].map((name) => texts(table, name));
  const isCensored = table.getChild("is_censored")!;
  return Array.from(counts!, (count, row) => ({
    planName: plans![row]!,
    intervalDays: intervals![row]!,
    startQuarter: quarters![row]!,
    tenureDays: tenures![row]!,
    ageDays: ages![row]!,
    isCensored: isCensored.get(row) as boolean,
    count,
  }));
}

/** Subscriptions by what is to be said of them. */
export interface SubscriptionCounts {
  readonly subscriptionCount: number;
  readonly countedCount: number;
  readonly backwards: number;
  readonly endless: number;
  readonly unpriced: number;
  readonly uneven: number;
  readonly trial: number;
  readonly overlapping: number;
  readonly replaced: number;
  readonly withinMonth: number;
  readonly unlinked: number;
  readonly leaking: number;
  readonly missingAmount: number;
  readonly foreignInvoiceCount: number;
  readonly foreignInvoiceAmount: number;
}

const countSql = (condition: string) => `coalesce(sum(case when ${condition} then 1 else 0 end), 0)`;

/** Each subscription that does not count has one reason, the first that holds. */
async function readCounts(context: SubscriptionContext): Promise<SubscriptionCounts> {
  const row = await context.measure("facts.subscriptions", {
    all_count: "count(*)",
    counted: countSql("is_counted"),
    trial: countSql("is_trial"),
    backwards: countSql("not is_trial and not is_end_after_start"),
    endless: countSql("not is_trial and is_end_after_start and not has_end"),
    unpriced: countSql("not is_trial and is_end_after_start and has_end and not has_amount"),
    uneven: countSql("not is_trial and is_end_after_start and has_end and has_amount and not has_interval"),
    overlapping: countSql("not is_apart"),
    replaced: countSql("is_replaced"),
  });
  const billing = await context.measure("features.subscription_billing", {
    within_month: countSql("is_within_month"),
    unlinked: countSql("not is_linked"),
    leaking: countSql("is_never_billed or is_billing_stopped"),
    missing: "coalesce(sum(missing_amount), 0)",
  });
  const invoices = await context.measure("facts.subscription_invoices", {
    invoices: countSql("not has_subscription"),
    amount: "coalesce(sum(case when has_subscription then 0 else invoice_amount end), 0)",
  });
  return {
    subscriptionCount: onlyNumber(row, "all_count"),
    countedCount: onlyNumber(row, "counted"),
    backwards: onlyNumber(row, "backwards"),
    endless: onlyNumber(row, "endless"),
    unpriced: onlyNumber(row, "unpriced"),
    uneven: onlyNumber(row, "uneven"),
    trial: onlyNumber(row, "trial"),
    overlapping: onlyNumber(row, "overlapping"),
    replaced: onlyNumber(row, "replaced"),
    withinMonth: onlyNumber(billing, "within_month"),
    unlinked: onlyNumber(billing, "unlinked"),
    leaking: onlyNumber(billing, "leaking"),
    missingAmount: onlyNumber(billing, "missing"),
    foreignInvoiceCount: onlyNumber(invoices, "invoices"),
    foreignInvoiceAmount: onlyNumber(invoices, "amount"),
  };
}

/** What running subscriptions are worth, of all customers together. */
export interface SubscriptionValue {
  readonly customerCount: number;
  readonly monthlyAmount: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

async function readValue(context: SubscriptionContext): Promise<SubscriptionValue> {
  const row = await context.measure("results.subscription_values", {
    customers: "count(*)",
    monthly: "coalesce(sum(monthly_amount), 0)",
    recurring: "coalesce(sum(recurring_value), 0)",
    low: "coalesce(sum(recurring_value_low), 0)",
    high: "coalesce(sum(recurring_value_high), 0)",
  });
  return {
    customerCount: onlyNumber(row, "customers"),
    monthlyAmount: onlyNumber(row, "monthly"),
    value: onlyNumber(row, "recurring"),
    low: onlyNumber(row, "low"),
    high: onlyNumber(row, "high"),
  };
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

const survivals = (lives: readonly Life[], nameOf: (life: Life) => string): Survival[] =>
  [...groupBy(lives, nameOf)].map(([name, group]) => ({ name, curve: curveOf(group) }));

function curveOf(lives: readonly Life[]): SurvivalCurve {
  return fitKaplanMeier({
    durations: Float64Array.from(lives, ({ tenureDays }) => tenureDays),
    endedCounts: Float64Array.from(lives, ({ isCensored, count }) => (isCensored ? 0 : count)),
    censoredCounts: Float64Array.from(lives, ({ isCensored, count }) => (isCensored ? count : 0)),
  });
}

const MOST_QUARTERS = 8;

function cohortNaming(lives: readonly Life[]): (life: Life) => string {
  const quarters = new Set(lives.map(({ startQuarter }) => startQuarter));
  return quarters.size > MOST_QUARTERS
    ? ({ startQuarter }) => startQuarter.slice(0, 4)
    : ({ startQuarter }) => startQuarter;
}

/** With fewer losses than this, and fewer renewals than that, a plan shares the curve of all plans with its interval. */
const LEAST_LOST = 5;
const LEAST_RENEWALS = 200;

function retentionsOf(lives: readonly Life[]): PlanRetention[] {
  const intervals = groupBy(lives, ({ intervalDays }) => String(intervalDays));
  return [...intervals.values()].flatMap((sharing) => {
    const pooled = fitRetention(renewalsOf(sharing));
    return [...groupBy(sharing, ({ planName }) => planName)].map(([planName, group]) => {
      const renewals = renewalsOf(group);
      const own = fitRetention(renewals);
      const isPooled =
        sharing.length > group.length && own.lostCount < LEAST_LOST && own.renewalCount < LEAST_RENEWALS;
      const retention = isPooled ? pooled : own;
      return {
        planName,
        intervalDays: group[0]!.intervalDays,
        subscriptionCount: group.reduce((total, { count }) => total + count, 0),
        retention,
        isPooled,
        ...gapOf(retention, group, renewals.atRiskCounts.length),
      };
    });
  });
}

/** Rounding must not move an end on the very day of a renewal into the next period. */
const SLACK = 1e-9;

/**
 * Renewals that have come due by the as-of date. One that ended in the course of a period was lost at the renewal
 * after it; if that renewal is still to come, the loss does not count yet, as others may follow by then.
 */
function renewalsOf(lives: readonly Life[]): Renewals {
  const dueOf = ({ intervalDays }: Life, days: number) => Math.floor(days / intervalDays + SLACK);
  const longest = lives.reduce((most, life) => Math.max(most, dueOf(life, life.ageDays)), 0);
  const [atRiskCounts, lostCounts] = [new Float64Array(longest), new Float64Array(longest)];
  for (const life of lives) {
    const { intervalDays, tenureDays, ageDays, isCensored, count } = life;
    const due = dueOf(life, ageDays);
    const lostAt = Math.max(1, Math.ceil(tenureDays / intervalDays - SLACK));
    const last = isCensored ? dueOf(life, tenureDays) : Math.min(lostAt, due);
    for (let i = 0; i < last; i++) atRiskCounts[i]! += count;
    if (!isCensored && lostAt <= due) lostCounts[lostAt - 1]! += count;
  }
  return { atRiskCounts, lostCounts };
}

const LARGE_GAP = 0.05;

/** How far the model is from Kaplan–Meier. */
function gapOf(
  retention: Retention,
  lives: readonly Life[],
  renewalCount: number,
): Pick<PlanRetention, "largestGap" | "isDoubtful"> {
  const curve = curveOf(lives);
  const { intervalDays } = lives[0]!;
  let [largestGap, isDoubtful, modelled] = [0, false, 1];
  for (let t = 1; t <= renewalCount; t++) {
    modelled *= retentionRate(retention, t);
    const seen = survivalAt(curve, t * intervalDays);
    if (seen === undefined) break;
    const gap = Math.abs(seen.survival - modelled);
    largestGap = Math.max(largestGap, gap);
    isDoubtful ||= gap > LARGE_GAP && (modelled < seen.low || modelled > seen.high);
  }
  return { largestGap, isDoubtful };
}

/** How many months a running subscription of each plan and age is expected to go on, as `results.subscription_states`. */
async function writeStates(
  context: SubscriptionContext,
  settings: SubscriptionSettings,
  { lives, retentions }: { lives: readonly Life[]; retentions: readonly PlanRetention[] },
): Promise<void> {
  const keyOf = ({ planName, intervalDays }: Pick<Life, "planName" | "intervalDays">) =>
    `${intervalDays} ${planName}`;
  const known = new Map(retentions.map((plan) => [keyOf(plan), plan.retention]));
  const running = lives.filter(({ isCensored, tenureDays, ageDays }) => isCensored && tenureDays === ageDays);
  const states = [...groupBy(running, (life) => `${life.tenureDays} ${keyOf(life)}`).values()].map(
    ([life]) => ({ ...life!, ...monthsOf(known.get(keyOf(life!))!, life!, settings) }),
  );
  const column = (of: (state: (typeof states)[number]) => number) => Float64Array.from(states, of);
  await context.write(
    "subscription_states",
    tableOf({
      plan_name: states.map(({ planName }) => planName),
      interval_days: column(({ intervalDays }) => intervalDays),
      tenure_days: column(({ tenureDays }) => tenureDays),
      expected_months: column(({ expected }) => expected),
      value_months: column(({ value }) => value),
      value_months_low: column(({ low }) => low),
      value_months_high: column(({ high }) => high),
    }),
  );
}

interface Months {
  readonly expected: number;
  /** Discounted, and times the margin's share. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

function monthsOf(
  retention: Retention,
  { intervalDays, tenureDays }: Life,
  { horizonDays, discountRate, marginRate = 1 }: SubscriptionSettings,
): Months {
  const life = remainingLife(retention, {
    age: tenureDays / intervalDays,
    horizon: horizonDays / intervalDays,
    discountRate: (1 + discountRate) ** (intervalDays / DAYS_A_YEAR) - 1,
  });
  const months = intervalDays / DAYS_A_MONTH;
  return {
    expected: life.expected * months,
    value: life.discounted * months * marginRate,
    low: life.discountedLow * months * marginRate,
    high: life.discountedHigh * months * marginRate,
  };
}

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EntityName } from "../../src/entities.js";
import { Mapping } from "../../src/mapping.js";
import { barePlan, type Overrides, type Plan } from "../../src/pipeline.js";
import { seeded, type Random } from "../../src/random.js";
import { csvText } from "../cli/labelled-customers.js";
import type { Cells, Exports } from "./churn-warehouse.js";

/** The last day that counts. */
export const LAST_DAY = "2025-12-31";
/** Days of history that the firms have. */
const HISTORY = 730;

/** A day of the history, 0 the first and {@link HISTORY} the last. */
const dayText = (day: number) =>
  new Date(Date.parse(LAST_DAY) + (Math.floor(day) - HISTORY) * 86_400_000).toISOString().slice(0, 10);

const between = (random: Random, from: number, to: number) => from + (to - from) * random();

/** A firm, and what is true of it. */
export interface Firm {
  readonly exports: Exports;
  /** Of those who leave: days from leaving to the last day of the exports; below 0 for those who will. */
  readonly leftDaysAgo: ReadonlyMap<string, number>;
}

/** Writes a firm's exports into a folder as CSV files under our own headings, and plans churn, or other analyses, on them. */
export function firmPlan(
  folder: string,
  exports: Exports,
  {
    churn = {},
    analyses = { churn },
    ...overrides
  }: Overrides & { readonly churn?: Readonly<Record<string, unknown>>; readonly currency?: string },
): Plan {
  const files = (Object.entries(exports) as [EntityName, readonly Cells[]][]).map(([entity, rows]) => {
    const headings = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const cells = rows.map((row) => headings.map((heading) => String(row[heading] ?? "")));
    writeFileSync(join(folder, `${entity}.csv`), csvText({ headings, rows: cells }));
    return [
      entity,
      { file: `${entity}.csv`, entity, columns: Object.fromEntries(headings.map((name) => [name, name])) },
    ];
  });
  const { files: mapped } = Mapping.parse({ source: "firm", files: Object.fromEntries(files) });
  const plan = barePlan(
    { name: "firm", directory: folder, files: mapped },
    { asOfDate: LAST_DAY, ...overrides, analyses },
  );
  return { ...plan, output: join(folder, "out") };
}

/** When something went wrong for a customer, and whether the customer left over it. */
interface Story {
  readonly key: string;
  readonly troubleDay: number;
  /** Infinity for those who are still there. */
  readonly leaveDay: number;
}

/** Seven customers in ten have trouble once, and two in three of them leave `delayDays` later; of the others few leave. */
function storiesOf(random: Random, customerCount: number, delayDays: number): Story[] {
  return Array.from({ length: customerCount }, (_, i) => {
    const troubleDay = random() < 0.7 ? between(random, 150, HISTORY) : Infinity;
    const leavesOverIt = random() < 0.67;
    const otherDay = random() < 0.15 ? between(random, 150, HISTORY) : Infinity;
    const leaveDay = Math.min(otherDay, leavesOverIt ? troubleDay + delayDays : Infinity);
    return { key: `C${String(i).padStart(3, "0")}`, troubleDay, leaveDay };
  });
}

/** Two complaints when there was trouble, and now and then one without. */
function complaintsOf(random: Random, { key, troubleDay, leaveDay }: Story): Cells[] {
  const small = random() < 0.2 ? [between(random, 0, Math.min(HISTORY, leaveDay))] : [];
  const days = troubleDay <= Math.min(HISTORY, leaveDay) ? [troubleDay - 3, troubleDay, ...small] : small;
  return days.map((day, place) => ({
    case_key: `${key} ${place}`,
    customer_key: key,
    opened_at: dayText(day),
    category: "Delivery",
    is_complaint: true,
  }));
}

const leftDaysAgo = (stories: readonly Story[]) =>
  new Map(
    stories
      .filter(({ leaveDay }) => leaveDay < Infinity)
      .map(({ key, leaveDay }) => [key, HISTORY - leaveDay]),
  );

/** A firm whose customers order about every 25 days until they leave, most of them over two complaints. */
export function complainingFirm(customerCount = 900): Firm {
  const random = seeded(5);
  const stories = storiesOf(random, customerCount, 2);
  const orders = stories.flatMap(({ key, leaveDay }) => {
    const amount = Math.round(between(random, 50, 100));
    const days: number[] = [];
    for (let day = between(random, 0, 90); day <= Math.min(HISTORY, leaveDay); day += between(random, 18, 32))
      days.push(day);
    return days.map((day, place) => ({
      order_key: `${key} ${place}`,
      customer_key: key,
      order_date: dayText(day),
      order_amount: amount,
    }));
  });
  const customers = stories.map(({ key }) => ({
    customer_key: key,
    customer_name: `Firm ${key}`,
    customer_kind: "company",
  }));
  const cases = stories.flatMap((story) => complaintsOf(random, story));
  return { exports: { customers, orders, cases }, leftDaysAgo: leftDaysAgo(stories) };
}

/** A firm whose customers order every 88 days to the day until they leave for no reason: all there is to see is a silence of more than 90. */
export function silentFirm(customerCount = 400): Firm {
  const random = seeded(7);
  const stories = Array.from({ length: customerCount }, (_, i) => ({
    key: `C${String(i).padStart(3, "0")}`,
    troubleDay: Infinity,
    leaveDay: random() < 0.6 ? between(random, 200, HISTORY) : Infinity,
  }));
  const orders = stories.flatMap(({ key, leaveDay }) => {
    const amount = Math.round(Math.exp(between(random, 4, 5)));
    const days: number[] = [];
    for (let day = Math.floor(between(random, 0, 88)); day <= Math.min(HISTORY, leaveDay); day += 88)
      days.push(day);
    return days.map((day, place) => ({
      order_key: `${key} ${place}`,
      customer_key: key,
      order_date: dayText(day),
      order_amount: amount,
    }));
  });
  return { exports: { orders }, leftDaysAgo: leftDaysAgo(stories) };
}

/** A firm that lives on subscriptions, which most of those who cancel do a month after two complaints. */
export function subscribedFirm(customerCount = 500): Firm {
  const random = seeded(9);
  const stories = storiesOf(random, customerCount, 40);
  const subscriptions = stories.map(({ key, leaveDay }) => ({
    subscription_key: key,
    customer_key: key,
    start_date: dayText(between(random, 0, 100)),
    amount: Math.round(between(random, 20, 200)),
    interval: "month",
    status: leaveDay <= HISTORY ? "cancelled" : "active",
    ...(leaveDay <= HISTORY ? { cancelled_at: dayText(leaveDay) } : {}),
  }));
  const cases = stories.flatMap((story) => complaintsOf(random, story));
  return { exports: { subscriptions, cases }, leftDaysAgo: leftDaysAgo(stories) };
}

/** A firm whose product is used every week, until, with some, use fades away within two months. */
export function usedFirm(customerCount = 400): Firm {
  const random = seeded(11);
  const stories = Array.from({ length: customerCount }, (_, i) => ({
    key: `C${String(i).padStart(3, "0")}`,
    troubleDay: Infinity,
    leaveDay: random() < 0.6 ? between(random, 200, HISTORY) : Infinity,
  }));
  const usage = stories.flatMap(({ key, leaveDay }) => {
    const usual = between(random, 5, 50);
    const firstDay = between(random, 0, 7);
    return Array.from({ length: Math.floor((HISTORY - firstDay) / 7) + 1 }, (_, week) => {
      const day = firstDay + week * 7;
      const faded = Math.max(0, Math.min(1, 1 - (day - leaveDay) / 60));
      return {
        customer_key: key,
        used_at: dayText(day),
        usage_quantity: (usual * faded * between(random, 0.8, 1.2)).toFixed(2),
      };
    }).filter(({ usage_quantity: quantity }) => Number(quantity) > 0);
  });
  const customers = stories.map(({ key }) => ({ customer_key: key, customer_name: `Firm ${key}` }));
  return { exports: { customers, usage }, leftDaysAgo: leftDaysAgo(stories) };
}

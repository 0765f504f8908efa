import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { rowsOf } from "../engines/warehouse.js";
import { firmPlan } from "./churn-firms.js";
import {
  built,
  byKey,
  customers,
  daysAgo,
  everyDays,
  exported,
  named,
  ordersOf,
  type Cells,
  type Exports,
} from "./churn-warehouse.js";
import { runPlan } from "./run-plan.js";

const temporary = mkdtempSync(join(tmpdir(), "crm-analyze-churn-warnings-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const warningsOf = async (exports: Exports, config: Readonly<Record<string, unknown>>) => {
  const engine = await built(await exported(exports, config), "features.churn_warnings");
  const rows = await rowsOf(
    engine,
    named(
      "warning_count, warning_1, round(value_1, 2) as value_1, warning_2, round(value_2, 2) as value_2",
      "features.churn_warnings",
    ),
  );
  return byKey(rows);
};

const one = (warning: string, value: number) => ({
  warning_count: 1,
  warning_1: warning,
  value_1: value,
  warning_2: null,
  value_2: null,
});

const subscription = (key: string, cells: Cells): Cells => ({
  subscription_key: key,
  customer_key: key,
  amount: 50,
  interval: "month",
  status: "active",
  ...cells,
});

/** What a customer used, every seven days. */
const usedBy = (key: string, quantities: readonly (readonly [days: readonly string[], quantity: number])[]) =>
  quantities.flatMap(([days, quantity]) =>
    days.map((day) => ({ customer_key: key, used_at: day, usage_quantity: quantity })),
  );

const SUBSCRIBED: Exports = {
  customers: customers("calm", "ending", "far", "late", "owing", "both"),
  subscriptions: [
    subscription("calm", { start_date: daysAgo(400) }),
    subscription("owing", { start_date: daysAgo(400), amount: 70 }),
    // A year from 345 days ago: twenty days are left, which is within a quarter of the year and of the window.
    subscription("ending", { start_date: daysAgo(345), interval: "year", amount: 1200 }),
    subscription("far", { start_date: daysAgo(200), interval: "year", amount: 1200 }),
    subscription("late", { start_date: daysAgo(400), current_period_end: daysAgo(12) }),
    subscription("both", { start_date: daysAgo(400), current_period_end: daysAgo(40), amount: 20 }),
  ],
  invoices: ["owing", "both", "calm"].map((key) => ({
    invoice_key: key,
    customer_key: key,
    invoice_date: daysAgo(30),
    due_date: daysAgo(10),
    invoice_amount: 80,
    ...(key === "calm" ? { paid_date: daysAgo(15) } : {}),
  })),
};

/** Weekly users: one as ever, one silent for 14 days, one down to two thirds within the last window of 30 days. */
const USED: Exports = {
  customers: customers("steady", "silent", "fading"),
  usage: [
    ...usedBy("steady", [[everyDays(7, 350), 10]]),
    ...usedBy("silent", [[everyDays(7, 350, 14), 10]]),
    ...usedBy("fading", [
      [everyDays(5, 350, 30), 12],
      [everyDays(5, 25), 8],
    ]),
  ],
};

describe("what speaks for leaving where nothing was learnt", () => {
  test("subscriptions: a renewal overdue for more than a week, an unpaid invoice, a long contract near its end", async () => {
    expect(await warningsOf(SUBSCRIBED, { definition: "subscriptions", window_days: 90 })).toEqual({
      ending: one("contract_ends", 20),
      late: one("renewal_overdue", 12),
      owing: one("invoice_unpaid", 80),
      both: {
        warning_count: 2,
        warning_1: "renewal_overdue",
        value_1: 40,
        warning_2: "invoice_unpaid",
        value_2: 80,
      },
    });
  });

  test("subscriptions: use and orders count too", async () => {
    const exports = {
      ...USED,
      subscriptions: ["steady", "silent", "fading"].map((key) =>
        subscription(key, { start_date: daysAgo(400) }),
      ),
      orders: ordersOf("steady", [daysAgo(200), daysAgo(150), daysAgo(75)]),
    };
    const found = await warningsOf(exports, { definition: "subscriptions", window_days: 30 });
    expect(found["steady"]).toEqual(one("orders_late", 1.2));
    expect(found["fading"]).toMatchObject({ warning_1: "use_down" });
    expect(found["silent"]).toMatchObject({ warning_1: "use_down", warning_2: "use_late" });
  });

  test("usage: silent for longer than the own gaps allow, or down by half the share that is leaving", async () => {
    const found = await warningsOf(USED, { definition: "usage", window_days: 30 });
    expect(Object.keys(found).toSorted()).toEqual(["fading", "silent"]);
    // 350 days of every five days: six uses of 12 in 30 days before, six of 8 within the last 30.
    expect(found["fading"]).toEqual(one("use_down", 0.67));
    // The last of the silent one's uses, every seven days, was 14 days ago.
    expect(found["silent"]).toMatchObject({ warning_count: 2, warning_2: "use_late", value_2: 2 });
  });

  test("orders: a silence longer than the mean gap, and nothing else", async () => {
    const exports = {
      ...SUBSCRIBED,
      orders: [
        ...ordersOf("owing", [daysAgo(100), daysAgo(60), daysAgo(20)]),
        ...ordersOf("calm", [daysAgo(130), daysAgo(90), daysAgo(50)]),
      ],
    };
    expect(await warningsOf(exports, { definition: "orders", window_days: 90 })).toEqual({
      calm: one("orders_late", 1.25),
    });
  });
});

const QUERIES = {
  list: `select customers.customer_key, churn.call_rank, churn.reason_1 from results.churn as churn
    inner join unified.customers as customers on churn.customer_id = customers.customer_id
    where call_rank is not null order by call_rank`,
};

describe("too little to learn from", () => {
  const listOf = async (name: string, exports: Exports, churn: Readonly<Record<string, unknown>>) => {
    mkdirSync(join(temporary, name));
    const { report, rows } = await runPlan(
      firmPlan(join(temporary, name), exports, { churn, currency: "EUR" }),
      QUERIES,
    );
    return { section: report.sections[0]!, list: rows.list };
  };

  test("subscriptions: the list goes by warnings, most money first, and the report says by which", async () => {
    const { section, list } = await listOf("subscriptions", SUBSCRIBED, { window_days: 90 });
    expect(list.map((row) => [row["customer_key"], row["reason_1"]])).toEqual([
      ["ending", "Days to the end of the contract: 20"],
      ["owing", "Overdue money: €80"],
      ["late", "Renewal overdue, days: 12"],
      ["both", "Renewal overdue, days: 40"],
    ]);
    expect(section.answer).toMatch(/^Too little is known .*; 4 of 6 active customers show a warning/);
    expect(section.notes.join()).toMatch(/Nothing was learnt: .*the list goes by warnings: a renewal/);
  });

  test("usage: where nobody brings money all with a warning are on it, the furthest beyond their own first", async () => {
    const { section, list } = await listOf("usage", USED, { window_days: 30 });
    expect(list.map((row) => row["customer_key"])).toEqual(["silent", "fading"]);
    expect(section.answer).toMatch(
      /^Too little is known .*; 2 of 3 active customers use less, or are silent/,
    );
  });

  test("nobody with a warning: said, and the list is empty", async () => {
    const usage = USED.usage!.filter((cells) => cells["customer_key"] === "steady");
    const { section, list } = await listOf("calm", { usage }, { window_days: 30 });
    expect(list).toEqual([]);
    expect(section.answer).toMatch(/of 1 active customer none shows a warning: nobody is on the list/);
  });
});

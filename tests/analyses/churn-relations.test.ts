import { describe, expect, test } from "vitest";
import { rowOf, rowsOf } from "../engines/warehouse.js";
import {
  built,
  byKey,
  customers,
  daysAgo,
  everyDays,
  exported,
  named,
  ordersOf,
  TODAY,
  type Cells,
  type Exports,
} from "./churn-warehouse.js";

describe("the window", () => {
  test("silences that outlast a length, and those that end all the same, by hand", async () => {
    const days = ["2023-01-01", "2023-02-01", "2023-04-02", "2023-04-12"];
    const engine = await built(
      await exported({ customers: customers("a"), orders: ordersOf("a", days) }),
      "features.churn_windows",
    );
    const rows = await rowsOf(
      engine,
      "select * from features.churn_windows where window_days in (30, 60, 365, 540)",
    );
    // Silences after the second purchase day: 60 and 10 days, and one that still lasts.
    expect(rows).toEqual([
      {
        window_days: 30,
        silence_count: 2,
        returned_count: 1,
        return_rate: 0.5,
        shorter_gap_rate: 0.5,
        is_possible: true,
        is_proposed: false,
      },
      {
        window_days: 60,
        silence_count: 1,
        returned_count: 0,
        return_rate: 0,
        shorter_gap_rate: 1,
        is_possible: true,
        is_proposed: true,
      },
      {
        window_days: 365,
        silence_count: 1,
        returned_count: 0,
        return_rate: 0,
        shorter_gap_rate: 1,
        is_possible: false,
        is_proposed: false,
      },
      {
        window_days: 540,
        silence_count: 0,
        returned_count: 0,
        return_rate: null,
        shorter_gap_rate: 1,
        is_possible: false,
        is_proposed: false,
      },
    ]);
  });

  test("where nobody ordered on two days it is 90 days, or a third of the history where that is shorter", async () => {
    const windowOf = async (days: number) => {
      const orders = [...ordersOf("a", [daysAgo(days)]), ...ordersOf("b", [daysAgo(days)])];
      const engine = await exported({ customers: customers("a", "b"), orders });
      await built(engine, "features.churn_definition");
      return rowOf(engine, "select definition, window_days from features.churn_definition");
    };
    expect(await windowOf(600)).toEqual({ definition: "orders", window_days: 90 });
    expect(await windowOf(60)).toEqual({ definition: "orders", window_days: 20 });
    expect(await windowOf(0)).toEqual({ definition: "orders", window_days: 7 });
  });

  test("the shortest that at most a tenth came back from is proposed", async () => {
    const leavers = Array.from({ length: 40 }, (_, i) => `l${i}`);
    const returning = Array.from({ length: 40 }, (_, i) => `r${i}`);
    const orders = [
      ...leavers.flatMap((key) => ordersOf(key, everyDays(20, 1000, 600))),
      ...returning.flatMap((key) => ordersOf(key, everyDays(50, 1000))),
    ];
    const engine = await built(
      await exported({ customers: customers(...leavers, ...returning), orders }),
      "features.churn_definition",
    );
    const [proposed] = await rowsOf(engine, "select * from features.churn_windows where is_proposed");
    expect(proposed).toMatchObject({ window_days: 60, silence_count: 40, returned_count: 0 });
    expect(await rowOf(engine, "select * from features.churn_definition")).toEqual({
      definition: "orders",
      window_days: 60,
      is_window_proposed: true,
      first_event_date: daysAgo(1000),
      history_days: 1000,
    });
  });

  test("a window that is set is taken", async () => {
    const exports = { customers: customers("a"), orders: ordersOf("a", everyDays(30, 900)) };
    const engine = await built(await exported(exports, { window_days: 45 }), "features.churn_definition");
    expect(await rowOf(engine, "select * from features.churn_definition")).toMatchObject({
      window_days: 45,
      is_window_proposed: false,
    });
  });
});

describe("the definition that is left to the data", () => {
  const subscription = (customer: string): Cells => ({
    subscription_key: `s ${customer}`,
    customer_key: customer,
    status: "active",
    start_date: daysAgo(500),
    amount: 10,
    interval: "month",
  });
  const usage: Cells = { customer_key: "a", used_at: daysAgo(400), usage_quantity: 5 };
  const orders = [...ordersOf("a", everyDays(30, 600)), ...ordersOf("b", everyDays(30, 600))];

  test.each<[string, string, Exports]>([
    ["subscriptions", "half of the active hold one", { orders, subscriptions: [subscription("a")] }],
    [
      "orders",
      "fewer hold one",
      { orders: [...orders, ...ordersOf("c", [daysAgo(5)])], subscriptions: [subscription("a")] },
    ],
    ["orders", "there is usage beside orders", { orders, usage: [usage] }],
    ["usage", "there is nothing else", { usage: [usage] }],
  ])("is %s where %s", async (expected, _, exports) => {
    const engine = await exported({ customers: customers("a", "b", "c"), ...exports });
    await built(engine, "features.churn_definition");
    expect(await rowOf(engine, "select definition from features.churn_definition")).toEqual({
      definition: expected,
    });
  });

  test("is nothing where nobody has done anything", async () => {
    const engine = await built(
      await exported({ customers: customers("a") }),
      "features.churn",
      "features.churn_examples",
    );
    expect(await rowsOf(engine, "select * from features.churn_definition")).toEqual([]);
    expect(await rowsOf(engine, "select * from features.churn")).toEqual([]);
  });
});

describe("the snapshots", () => {
  const ofWindow = async (exports: Exports, config: Readonly<Record<string, unknown>>) =>
    rowsOf(
      await built(
        await exported({ customers: customers("a"), ...exports }, config),
        "features.churn_snapshots",
      ),
      "select snapshot_date, purpose, outcome_days, place from features.churn_snapshots order by place",
    );

  test("the test ends today, every fit before the test begins, and a window lies before each", async () => {
    const rows = await ofWindow({ orders: ordersOf("a", everyDays(30, 360)) }, { window_days: 90 });
    expect(rows).toEqual([
      { snapshot_date: TODAY, purpose: "score", outcome_days: 0, place: 0 },
      { snapshot_date: daysAgo(90), purpose: "test", outcome_days: 90, place: 1 },
      { snapshot_date: daysAgo(180), purpose: "fit", outcome_days: 90, place: 2 },
      { snapshot_date: daysAgo(210), purpose: "fit", outcome_days: 90, place: 3 },
      { snapshot_date: daysAgo(240), purpose: "fit", outcome_days: 90, place: 4 },
      { snapshot_date: daysAgo(270), purpose: "fit", outcome_days: 90, place: 5 },
    ]);
  });

  test("there are eight to learn from at most", async () => {
    const rows = await ofWindow({ orders: ordersOf("a", everyDays(30, 1080)) }, { window_days: 30 });
    expect(rows.filter(({ purpose }) => purpose === "fit")).toHaveLength(8);
  });

  test("subscriptions wait for the days of grace", async () => {
    const subscriptions = [
      { subscription_key: "s", customer_key: "a", start_date: daysAgo(900), amount: 10, interval: "month" },
    ];
    const rows = await ofWindow({ subscriptions }, { window_days: 90, grace_days: 30 });
    expect(rows.slice(0, 3).map(({ snapshot_date: day }) => day)).toEqual([
      TODAY,
      daysAgo(120),
      daysAgo(240),
    ]);
  });
});

describe("what is known of a customer, by hand", () => {
  const days = ["2024-12-31", "2025-03-01", "2025-07-01", "2025-10-01", "2025-12-01"];
  const amounts = [100, 100, 200, 100, 300];
  const orders = days.map((day, i) => ({
    order_key: `o${i}`,
    customer_key: "a",
    order_date: day,
    order_amount: amounts[i]!,
    order_cost: amounts[i]! / 2,
    channel: i === 4 ? "web" : "store",
    owner_key: i < 3 ? "ann" : "bob",
  }));

  const rowWith = async (columns: string, exports: Exports = {}) => {
    const engine = await exported(
      {
        customers: [{ customer_key: "a", customer_kind: "company", industry: "retail" }],
        orders,
        ...exports,
      },
      { definition: "orders", window_days: 90 },
    );
    await built(engine, "features.churn");
    return rowOf(engine, `select ${columns} from features.churn where purpose = 'score'`);
  };
  const rounded = (row: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [
        key,
        typeof value === "number" ? Number(value.toFixed(6)) : value,
      ]),
    );

  test("orders", async () => {
    const row = await rowWith(
      `state, contribution_amount, recency_days, mean_gap_days, lateness, longest_lateness, tenure_days, order_day_count,
      order_count_30_days, order_count_90_days, order_count_180_days, order_count_365_days, order_trend_90, order_trend_180,
      last_year_order_count, order_amount_90_days, order_amount_365_days, money_trend, average_order_amount, gap_variation`,
    );
    const gaps = [60, 122, 92, 61];
    const mean = 83.75;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / 3);
    expect(rounded(row)).toEqual(
      rounded({
        state: "active",
        contribution_amount: 350,
        recency_days: 30,
        mean_gap_days: mean,
        lateness: 30 / mean,
        longest_lateness: 30 / 122,
        tenure_days: 365,
        order_day_count: 5,
        order_count_30_days: 0,
        order_count_90_days: 1,
        order_count_180_days: 2,
        order_count_365_days: 4,
        order_trend_90: 1 / ((90 * 4) / 275),
        order_trend_180: 2 / ((180 * 3) / 185),
        last_year_order_count: 1,
        order_amount_90_days: 300,
        order_amount_365_days: 700,
        money_trend: 300 / ((90 * 500) / 275),
        average_order_amount: 160,
        gap_variation: deviation / mean,
      }),
    );
  });

  test("what no export could tell is empty, and what did not happen is 0", async () => {
    const columns =
      "case_count_365_days, overdue_amount, contact_count_90_days, usage_90_days, owner_change_count, channel, industry";
    expect(await rowWith(columns)).toEqual({
      case_count_365_days: null,
      overdue_amount: null,
      contact_count_90_days: null,
      usage_90_days: null,
      owner_change_count: 1,
      channel: "web",
      industry: "retail",
    });
    const cases = [{ case_key: "c", customer_key: "b", opened_at: "2025-01-01" }];
    const others = { customers: customers("a", "b"), cases };
    expect(await rowWith("case_count_365_days, contact_count_90_days", others)).toEqual({
      case_count_365_days: 0,
      contact_count_90_days: null,
    });
  });

  test("assortment, discounts, returns and concessions", async () => {
    const row = await rowWith(
      "category_count, main_category_rate, discount_rate, return_rate, concession_rate",
      {
        products: [
          { product_key: "p", category: "tea" },
          { product_key: "q", category: "coffee" },
        ],
        order_lines: [
          { order_key: "o4", line_key: "1", product_key: "p", line_amount: 240 },
          { order_key: "o4", line_key: "2", product_key: "q", line_amount: 80 },
        ],
        orders: [
          ...orders.slice(0, 4),
          { ...orders[4]!, order_amount: "", discount_amount: 20 },
          {
            order_key: "r",
            customer_key: "a",
            order_date: "2025-12-05",
            order_amount: -70,
            order_kind: "return",
          },
        ],
        invoices: [
          {
            invoice_key: "i",
            customer_key: "a",
            invoice_date: "2025-10-01",
            invoice_amount: 100,
            order_key: "o3",
          },
        ],
        payments: [
          {
            payment_key: "p",
            invoice_key: "i",
            payment_kind: "refund",
            paid_at: "2025-10-09",
            payment_amount: -14,
          },
        ],
      },
    );
    // Purchases of the 365 days: 100 + 200 + 100 + 300, of which the last sold for 320.
    expect(rounded(row)).toEqual(
      rounded({
        category_count: 2,
        main_category_rate: 240 / 320,
        discount_rate: 20 / 720,
        return_rate: 70 / 700,
        concession_rate: 14 / 700,
      }),
    );
  });

  test("service", async () => {
    const row = await rowWith(
      `case_count_90_days, case_count_365_days, complaint_count_90_days, complaint_count_365_days, price_case_count,
      open_case_count, first_response_hours, satisfaction_score, satisfaction_last`,
      {
        cases: [
          {
            case_key: "1",
            customer_key: "a",
            opened_at: "2025-02-01T08:00:00Z",
            first_response_at: "2025-02-01T18:00:00Z",
            closed_at: "2025-02-05",
            is_complaint: true,
            category: "Delivery",
          },
          {
            case_key: "2",
            customer_key: "a",
            opened_at: "2025-12-01T08:00:00Z",
            first_response_at: "2025-12-02T14:00:00Z",
            category: "Pricing",
            is_complaint: true,
          },
          {
            case_key: "3",
            customer_key: "a",
            opened_at: "2025-12-30T08:00:00Z",
            first_response_at: "2026-01-01T08:00:00Z",
            closed_at: "2026-01-02",
          },
          { case_key: "4", customer_key: "a", opened_at: "2024-11-01T08:00:00Z", closed_at: "2024-11-02" },
        ],
        surveys: [
          { survey_key: "1", customer_key: "a", surveyed_at: "2025-02-05", score: 2 },
          { survey_key: "2", customer_key: "a", surveyed_at: "2025-09-05", score: 5 },
          { survey_key: "3", customer_key: "a", surveyed_at: "2024-09-05", score: 1 },
        ],
      },
    );
    expect(row).toEqual({
      case_count_90_days: 2,
      case_count_365_days: 3,
      complaint_count_90_days: 1,
      complaint_count_365_days: 2,
      price_case_count: 1,
      open_case_count: 2,
      first_response_hours: 20,
      satisfaction_score: 3.5,
      satisfaction_last: 5,
    });
  });

  test("payments", async () => {
    const invoice = (key: string, due: string, paid?: string): Cells => ({
      invoice_key: key,
      customer_key: "a",
      invoice_date: "2025-01-05",
      due_date: due,
      invoice_amount: 50,
      ...(paid === undefined ? {} : { paid_date: paid, status: "paid" }),
    });
    const row = await rowWith(
      "payment_late_days, payment_late_change, overdue_amount, open_amount, failed_payment_count",
      {
        invoices: [
          invoice("1", "2025-02-01", "2025-01-22"),
          invoice("2", "2025-03-01", "2025-03-06"),
          invoice("3", "2025-12-01"),
          invoice("4", "2026-01-15"),
          { ...invoice("5", "2025-06-01"), status: "paid" },
          { ...invoice("6", "2025-06-01"), status: "void" },
        ],
        payments: [
          {
            payment_key: "x",
            customer_key: "a",
            status: "failed",
            paid_at: "2025-03-02",
            payment_amount: 50,
          },
          {
            payment_key: "y",
            customer_key: "a",
            status: "failed",
            paid_at: "2024-03-02",
            payment_amount: 50,
          },
        ],
      },
    );
    // 10 days early, 5 late, 30 late and not paid; the fifth was paid on no known day.
    expect(rounded(row)).toEqual(
      rounded({
        payment_late_days: 25 / 3,
        payment_late_change: 30 - 25 / 3,
        overdue_amount: 50,
        open_amount: 100,
        failed_payment_count: 1,
      }),
    );
  });

  test("subscriptions, usage, contacts and deals", async () => {
    const subscription = (key: string, start: string, cells: Cells = {}): Cells => ({
      subscription_key: key,
      customer_key: "a",
      start_date: start,
      status: "active",
      amount: 300,
      interval: "quarter",
      ...cells,
    });
    const row = await rowWith(
      `subscription_count, monthly_amount, contract_age_days, contract_days_left, ended_subscription_count,
      usage_30_days, usage_90_days, usage_change, usage_slope, usage_silent_days,
      contact_count_90_days, contact_count_365_days, customer_contact_count, contact_silent_days, last_contact_by,
      open_deal_count, lost_deal_count`,
      {
        subscriptions: [
          subscription("1", daysAgo(100)),
          subscription("2", daysAgo(700), { status: "cancelled", cancelled_at: daysAgo(600) }),
        ],
        usage: everyDays(30, 195, 15).map((day, i) => ({
          customer_key: "a",
          used_at: day,
          usage_quantity: 10 * (7 - i),
        })),
        activities: [
          {
            activity_key: "1",
            customer_key: "a",
            activity_kind: "call",
            activity_at: daysAgo(10),
            direction: "outbound",
          },
          {
            activity_key: "2",
            customer_key: "a",
            activity_kind: "email",
            activity_at: daysAgo(100),
            direction: "inbound",
          },
        ],
        opportunities: [
          {
            opportunity_key: "1",
            customer_key: "a",
            stage: "lost",
            created_date: daysAgo(60),
            closed_date: daysAgo(20),
          },
          {
            opportunity_key: "2",
            customer_key: "a",
            stage: "decision",
            created_date: daysAgo(60),
            closed_date: daysAgo(-20),
          },
          {
            opportunity_key: "3",
            customer_key: "a",
            stage: "won",
            created_date: daysAgo(60),
            closed_date: daysAgo(30),
          },
        ],
      },
    );
    // Use of 30 days, the last first: 10, 20, 30, 40, 50, 60, 70.
    expect(rounded(row)).toEqual({
      subscription_count: 1,
      monthly_amount: 100,
      contract_age_days: 100,
      contract_days_left: 83,
      ended_subscription_count: 1,
      usage_30_days: 10,
      usage_90_days: 60,
      usage_change: 0.25,
      usage_slope: Number((-10 / 35).toFixed(6)),
      usage_silent_days: 15,
      contact_count_90_days: 1,
      contact_count_365_days: 2,
      customer_contact_count: 1,
      contact_silent_days: 10,
      last_contact_by: "us",
      open_deal_count: 1,
      lost_deal_count: 1,
    });
  });
});

describe("active, gone or too new", () => {
  test("by orders", async () => {
    const orders = [
      ...ordersOf("active", [daysAgo(200), daysAgo(89)]),
      ...ordersOf("gone", [daysAgo(200), daysAgo(90)]),
      ...ordersOf("new", [daysAgo(89)]),
      ...ordersOf("once", [daysAgo(90)]),
      ...ordersOf("returned", [daysAgo(200), daysAgo(150)]),
      { order_key: "taken back", customer_key: "returned", order_date: daysAgo(20), order_amount: 70 },
      {
        order_key: "return",
        customer_key: "returned",
        order_date: daysAgo(10),
        order_amount: -70,
        order_kind: "return",
      },
    ];
    const keys = ["active", "gone", "new", "once", "returned", "nobody"];
    const engine = await exported({ customers: customers(...keys), orders }, { window_days: 90 });
    await built(engine, "features.churn_lives");
    const states = await rowsOf(
      engine,
      named("state, gone_date", "features.churn_lives", `snapshot_date = date '${TODAY}'`),
    );
    expect(byKey(states)).toEqual({
      active: { state: "active", gone_date: null },
      gone: { state: "gone", gone_date: TODAY },
      new: { state: "too_new", gone_date: null },
      once: { state: "gone", gone_date: TODAY },
      returned: { state: "gone", gone_date: daysAgo(60) },
    });
  });

  test("by subscriptions", async () => {
    const subscription = (customer: string, start: number, end?: number): Cells => ({
      subscription_key: `${customer} ${start}`,
      customer_key: customer,
      start_date: daysAgo(start),
      amount: 10,
      interval: "month",
      ...(end === undefined ? {} : { cancelled_at: daysAgo(end), status: "cancelled" }),
    });
    const subscriptions = [
      subscription("active", 300),
      subscription("ending", 300, -5),
      subscription("gone", 300, 20),
      subscription("new", 89),
      subscription("renewed", 400, 100),
      subscription("renewed", 90),
    ];
    const keys = ["active", "ending", "gone", "new", "renewed"];
    const config = { definition: "subscriptions", window_days: 90 };
    const engine = await built(
      await exported({ customers: customers(...keys), subscriptions }, config),
      "features.churn_lives",
    );
    const states = await rowsOf(
      engine,
      named("state, gone_date", "features.churn_lives", `snapshot_date = date '${TODAY}'`),
    );
    expect(byKey(states)).toEqual({
      active: { state: "active", gone_date: null },
      ending: { state: "active", gone_date: null },
      gone: { state: "gone", gone_date: daysAgo(20) },
      new: { state: "too_new", gone_date: null },
      renewed: { state: "active", gone_date: null },
    });
  });
});

describe("what came of them", () => {
  const outcomes = (exports: Exports, config: Readonly<Record<string, unknown>>) =>
    exported(exports, config)
      .then((engine) => built(engine, "features.churn_outcomes"))
      .then((engine) =>
        rowsOf(
          engine,
          `${named("has_churned, lost_date, certain_date", "features.churn_outcomes", "snapshot_date = (select snapshot_date from features.churn_snapshots where purpose = 'test')")}`,
        ),
      )
      .then(byKey);

  test("no order within the window, to the day", async () => {
    const before = [daysAgo(200), daysAgo(120)];
    const orders = [
      ...ordersOf("stays", [...before, daysAgo(89)]),
      ...ordersOf("last day", [...before, daysAgo(0)]),
      ...ordersOf("leaves", before),
      ...ordersOf("taken back", before),
      { order_key: "x", customer_key: "taken back", order_date: daysAgo(20), order_amount: 70 },
      {
        order_key: "y",
        customer_key: "taken back",
        order_date: daysAgo(10),
        order_amount: -70,
        order_kind: "return",
      },
      ...ordersOf("before", everyDays(10, 400, 300)),
    ];
    const keys = ["stays", "last day", "leaves", "taken back", "before"];
    const left = { has_churned: true, lost_date: daysAgo(120), certain_date: daysAgo(30) };
    const stayed = { has_churned: false, lost_date: null, certain_date: null };
    expect(await outcomes({ customers: customers(...keys), orders }, { window_days: 90 })).toEqual({
      stays: stayed,
      "last day": stayed,
      leaves: left,
      "taken back": left,
    });
  });

  test("all subscriptions over within the window, and none begun by the end of grace", async () => {
    const subscription = (customer: string, start: number, end?: number): Cells => ({
      subscription_key: `${customer} ${start}`,
      customer_key: customer,
      start_date: daysAgo(start),
      amount: 10,
      interval: "month",
      ...(end === undefined ? {} : { cancelled_at: daysAgo(end), status: "cancelled" }),
    });
    // The test lies 120 days ago: 90 of the window and 30 of grace.
    const subscriptions = [
      subscription("runs", 500),
      subscription("ends", 500, 60),
      subscription("ends after", 500, 29),
      subscription("renews in grace", 500, 60),
      subscription("renews in grace", 30),
      subscription("renews late", 500, 61),
      subscription("renews late", 30),
      subscription("keeps another", 500, 60),
      subscription("keeps another", 499),
    ];
    const keys = ["runs", "ends", "ends after", "renews in grace", "renews late", "keeps another"];
    const config = { definition: "subscriptions", window_days: 90, grace_days: 30 };
    const found = await outcomes({ customers: customers(...keys), subscriptions }, config);
    expect(found).toEqual({
      ends: { has_churned: true, lost_date: daysAgo(60), certain_date: daysAgo(60) },
      "ends after": { has_churned: false, lost_date: null, certain_date: null },
      "keeps another": { has_churned: false, lost_date: null, certain_date: null },
      "renews in grace": { has_churned: false, lost_date: null, certain_date: null },
      "renews late": { has_churned: true, lost_date: daysAgo(61), certain_date: daysAgo(61) },
      runs: { has_churned: false, lost_date: null, certain_date: null },
    });
  });

  test("use that falls by the share that is set", async () => {
    const use = (customer: string, before: number, after: number): Cells[] => [
      ...everyDays(10, 200, 30).map((day) => ({
        customer_key: customer,
        used_at: day,
        usage_quantity: before,
      })),
      ...(after === 0
        ? []
        : everyDays(10, 29).map((day) => ({ customer_key: customer, used_at: day, usage_quantity: after }))),
    ];
    const exports = {
      customers: customers("steady", "halved", "slightly less", "none"),
      usage: [
        ...use("steady", 10, 10),
        ...use("halved", 10, 5),
        ...use("slightly less", 10, 6),
        ...use("none", 10, 0),
      ],
    };
    const found = await outcomes(exports, { definition: "usage", window_days: 30, usage_drop: 0.5 });
    expect(Object.fromEntries(Object.entries(found).map(([key, row]) => [key, row["has_churned"]]))).toEqual({
      steady: false,
      halved: true,
      "slightly less": false,
      none: true,
    });
  });
});

describe("where customers stood on the day of the test", () => {
  test("tier by the thresholds of value, and what RFM goes by, as known then", async () => {
    const day = (days: number) => daysAgo(100 + days);
    const exports = {
      orders: [
        ...ordersOf("a", [day(300), day(10)], 1000),
        ...ordersOf("b", [day(200), day(20), day(5)], 100),
        ...ordersOf("c", [day(30)], 200),
        ...ordersOf("d", [day(400)], 5000),
        ...ordersOf("e", [day(90)], 40),
        ...ordersOf("c", [daysAgo(50), daysAgo(3)], 9000),
      ],
    };
    const engine = await exported(exports, { definition: "orders", window_days: 100 });
    await built(engine, "features.churn_standings");
    const rows = await rowsOf(
      engine,
      named("tier, recency_days, order_count, monetary", "features.churn_standings"),
    );
    // Contributed in twelve months: 1000, 150, 100, 0 and 20 of 1270; 50, 80 and 95 % are 635, 1016 and 1206.5.
    expect(byKey(rows)).toEqual({
      a: { tier: "A", recency_days: 10, order_count: 2, monetary: 2000 },
      b: { tier: "B", recency_days: 5, order_count: 3, monetary: 300 },
      c: { tier: "C", recency_days: 30, order_count: 1, monetary: 200 },
      d: { tier: "D", recency_days: 400, order_count: 1, monetary: 5000 },
      e: { tier: "D", recency_days: 90, order_count: 1, monetary: 40 },
    });
  });
});

describe("nothing dated after a snapshot changes what was known on it", () => {
  const keys = ["a", "b", "c"];
  const history: Exports = {
    customers: customers(...keys),
    products: [
      { product_key: "p", category: "tea" },
      { product_key: "q", category: "coffee" },
    ],
    orders: [
      ...ordersOf("a", everyDays(31, 700, 100)),
      ...ordersOf("b", everyDays(53, 650, 130)).map((order) => ({
        ...order,
        channel: "web",
        owner_key: "ann",
      })),
      ...ordersOf("c", everyDays(80, 600, 200)),
      { order_key: "sold", customer_key: "a", order_date: daysAgo(101), order_amount: 77, order_cost: 7 },
    ],
    order_lines: [
      { order_key: `b ${daysAgo(597)}`, line_key: "1", product_key: "p", line_amount: 100, line_cost: 50 },
    ],
    cases: keys.map((key) => ({
      case_key: key,
      customer_key: key,
      opened_at: daysAgo(110),
      category: "Delivery",
    })),
    surveys: [{ survey_key: "s", customer_key: "a", surveyed_at: daysAgo(300), score: 3 }],
    opportunities: [
      { opportunity_key: "1", customer_key: "b", stage: "decision", created_date: daysAgo(300) },
    ],
    invoices: keys.map((key) => ({
      invoice_key: key,
      customer_key: key,
      invoice_date: daysAgo(140),
      due_date: daysAgo(120),
      invoice_amount: 90,
    })),
    subscriptions: keys.map((key) => ({
      subscription_key: key,
      customer_key: key,
      start_date: daysAgo(690),
      amount: 10,
      interval: "month",
      status: "active",
    })),
    usage: keys.flatMap((key) =>
      everyDays(7, 690, 91).map((day) => ({ customer_key: key, used_at: day, usage_quantity: 4 })),
    ),
  };

  /** The same exports, but that things go on after the day. */
  const later: Exports = {
    ...history,
    orders: [
      ...history.orders!,
      ...ordersOf("c", [daysAgo(60), daysAgo(2)], 900).map((order) => ({
        ...order,
        channel: "phone",
        owner_key: "bob",
        discount_amount: 5,
      })),
      ...ordersOf("b", [daysAgo(40), daysAgo(-30)], 900).map((order) => ({
        ...order,
        channel: "phone",
        owner_key: "bob",
      })),
      {
        order_key: "back",
        customer_key: "a",
        order_date: daysAgo(50),
        order_amount: -77,
        order_cost: -7,
        order_kind: "return",
      },
    ],
    order_lines: [
      ...history.order_lines!,
      { order_key: `c ${daysAgo(60)}`, line_key: "1", product_key: "q", line_amount: 905, line_cost: 450 },
    ],
    cases: [
      ...keys.map((key) => ({
        case_key: key,
        customer_key: key,
        opened_at: daysAgo(110),
        category: "Delivery",
        first_response_at: daysAgo(60),
        closed_at: daysAgo(50),
      })),
      ...keys.map((key) => ({
        case_key: `${key}2`,
        customer_key: key,
        opened_at: daysAgo(70),
        category: "Pricing",
        is_complaint: true,
      })),
    ],
    surveys: [
      ...history.surveys!,
      { survey_key: "t", customer_key: "a", surveyed_at: daysAgo(30), score: 1 },
    ],
    activities: [{ activity_key: "2", customer_key: "b", activity_at: daysAgo(30), direction: "outbound" }],
    opportunities: [
      {
        opportunity_key: "1",
        customer_key: "b",
        stage: "lost",
        created_date: daysAgo(300),
        closed_date: daysAgo(30),
      },
      { opportunity_key: "2", customer_key: "c", stage: "decision", created_date: daysAgo(30) },
    ],
    invoices: [
      ...history.invoices!.map((invoice) => ({ ...invoice, paid_date: daysAgo(20), status: "paid" })),
      {
        invoice_key: "sold",
        customer_key: "a",
        invoice_date: daysAgo(80),
        due_date: daysAgo(70),
        invoice_amount: 77,
        order_key: `a ${daysAgo(111)}`,
      },
    ],
    payments: [
      {
        payment_key: "1",
        invoice_key: "a",
        customer_key: "a",
        paid_at: daysAgo(20),
        payment_amount: 90,
        payment_kind: "payment",
      },
      {
        payment_key: "2",
        invoice_key: "sold",
        customer_key: "a",
        paid_at: daysAgo(15),
        payment_amount: -10,
        payment_kind: "refund",
      },
      {
        payment_key: "3",
        invoice_key: "a",
        customer_key: "a",
        paid_at: daysAgo(25),
        payment_amount: 90,
        status: "failed",
      },
    ],
    subscriptions: [
      ...history.subscriptions!.map((subscription) => ({
        ...subscription,
        status: "cancelled",
        cancelled_at: daysAgo(10),
        cancellation_reason: "too_expensive",
      })),
      { subscription_key: "new", customer_key: "a", start_date: daysAgo(9), amount: 99, interval: "month" },
    ],
    usage: [
      ...history.usage!,
      ...keys.map((key) => ({ customer_key: key, used_at: daysAgo(30), usage_quantity: 400 })),
    ],
  };

  const known = async (exports: Exports, definition: string) => {
    const engine = await exported(exports, { definition, window_days: 90, grace_days: 0 });
    await built(engine, "features.churn", "features.churn_snapshots", "features.churn_standings");
    return {
      standings: await rowsOf(engine, named("counted.* exclude (customer_id)", "features.churn_standings")),
      past: await rowsOf(
        engine,
        named("counted.* exclude (customer_id)", "features.churn", "purpose <> 'score'"),
      ),
      today: await rowsOf(
        engine,
        named("counted.* exclude (customer_id)", "features.churn", "purpose = 'score'"),
      ),
      snapshots: await rowsOf(engine, "select * from features.churn_snapshots order by place"),
    };
  };

  test.each(["orders", "subscriptions", "usage"])(
    "where leaving is told by %s",
    async (definition) => {
      const sorted = (rows: readonly Record<string, unknown>[]) =>
        rows.map((row) => JSON.stringify(row)).toSorted();
      const [before, after] = [await known(history, definition), await known(later, definition)];
      expect(after.snapshots).toEqual(before.snapshots);
      expect(before.past.length).toBeGreaterThanOrEqual(15);
      expect(before.standings).toHaveLength(3);
      expect(after.standings).toEqual(before.standings);
      expect(sorted(after.past)).toEqual(sorted(before.past));
      expect(sorted(after.today)).not.toEqual(sorted(before.today));
    },
    20_000,
  );
});

import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ChurnConfig, churnSettings } from "../../src/analyses/churn-config.js";
import { churnColumns, labelRows } from "../../src/analyses/churn-columns.js";
import type { Engine } from "../../src/engines/engine.js";
import { openLog } from "../../src/log.js";
import { readPlan } from "../../src/pipeline.js";
import { run } from "../../src/run.js";
import { textsIn } from "../../src/texts/index.js";
import { readTruth } from "../demo/exports.js";
import { rowOf, rowsOf, type Row } from "../engines/warehouse.js";
import {
  built,
  byKey,
  customers,
  daysAgo,
  everyDays,
  exported,
  named,
  ordersOf,
  setChurn,
  type Cells,
  type Exports,
} from "./churn-warehouse.js";

const CONFIG = { definition: "orders", window_days: 90 };

/** What the analysis leaves for its lists: everybody's probability is a hundredth of the days since the last order. */
async function scored(engine: Engine, model: Readonly<Record<string, string>> = {}): Promise<void> {
  await engine.create(
    "results.churn_scores",
    `select customer_id, snapshot_date, least(1e0, recency_days / 100e0) as churn_probability, 1 as leaf,
      'late' as reason_1, empty_text() as reason_2, empty_text() as reason_3
    from features.churn where purpose = 'score' and state = 'active'`,
  );
  const columns = {
    base_rate: "0.25e0",
    high_from: "0.5e0",
    low_to: "0.2e0",
    success_rate: "0.2e0",
    contact_cost: "1e0",
    list_length: "empty_integer()",
    ranks_by: "'model'",
    stake_reason: "'at stake: '",
    money_sign: "'€'",
    call_action: "'call'",
    win_back_action: "'win back'",
    alert_action: "'ask'",
    tree: "empty_text()",
    ...model,
  };
  await engine.create(
    "results.churn_model",
    `select ${Object.entries(columns)
      .map(([name, sql]) => `${sql} as ${name}`)
      .join(", ")}`,
  );
  await engine.create(
    "results.churn_labels",
    "select 'state' as column_name, 'gone' as word, 'Gone' as label union all select 'churn_type', 'price', 'Price'",
  );
  await engine.create(
    "results.churn_moves",
    "select customer_id, snapshot_date, 2 as leaf_now from features.churn where purpose = 'score'",
  );
  await engine.create(
    "results.churn_shifts",
    `select 1 as leaf_then, 2 as leaf_now, 0.3e0 as shift, 'Silence' as feature_label, 'orders' as clock
      union all select 3, 2, 0.01e0, 'Complaints', 'none'
      union all select 4, 2, -0.2e0, 'Complaints', 'none'`,
  );
}

describe("why customers left", () => {
  const last = 150;
  const lost = (key: string) => ordersOf(key, everyDays(30, last + 120, last));
  const cancelled = (customer: string, reason: string): Cells => ({
    subscription_key: customer,
    customer_key: customer,
    start_date: daysAgo(400),
    status: "cancelled",
    cancelled_at: daysAgo(last),
    cancellation_reason: reason,
    amount: 10,
    interval: "month",
  });
  const opened = (customer: string, days: number, cells: Cells): Cells => ({
    case_key: `${customer} ${days}`,
    customer_key: customer,
    opened_at: daysAgo(days),
    first_response_at: daysAgo(days - 1),
    ...cells,
  });

  test("the heaviest evidence near the loss tells, and nothing tells nothing", async () => {
    const keys = [
      "complains",
      "asks price",
      "deal lost",
      "concession",
      "says price",
      "says unused",
      "charged back",
      "unpaid",
      "long ago",
      "too late",
      "silent",
      "both",
      "closed",
    ];
    const exports: Exports = {
      customers: [
        ...customers(...keys.slice(0, -1)),
        { customer_key: "closed", customer_name: "closed", status: "closed" },
      ],
      orders: keys.flatMap(lost),
      cases: [
        opened("complains", last + 5, { category: "Delivery", is_complaint: true }),
        opened("asks price", last + 5, { category: "Pricing" }),
        opened("long ago", last + 91, { category: "Pricing" }),
        opened("too late", last - 91, { category: "Pricing" }),
        opened("both", last + 5, { category: "Pricing" }),
        opened("both", last + 6, { category: "Quality", is_complaint: true }),
        opened("both", last + 7, { category: "Quality", is_complaint: true }),
        opened("says price", last + 5, { category: "Quality", is_complaint: true }),
      ],
      opportunities: [
        {
          opportunity_key: "1",
          customer_key: "deal lost",
          stage: "lost",
          created_date: daysAgo(300),
          closed_date: daysAgo(last - 10),
        },
      ],
      invoices: [
        {
          invoice_key: "1",
          customer_key: "concession",
          invoice_date: daysAgo(last),
          invoice_amount: 100,
          order_key: `concession ${daysAgo(last)}`,
        },
        {
          invoice_key: "2",
          customer_key: "unpaid",
          invoice_date: daysAgo(last),
          due_date: daysAgo(last - 20),
          invoice_amount: 100,
        },
      ],
      payments: [
        {
          payment_key: "1",
          invoice_key: "1",
          payment_kind: "refund",
          paid_at: daysAgo(last - 5),
          payment_amount: -9,
        },
        {
          payment_key: "2",
          customer_key: "charged back",
          payment_kind: "chargeback",
          paid_at: daysAgo(last - 5),
          payment_amount: -100,
        },
      ],
      subscriptions: [cancelled("says price", "too_expensive"), cancelled("says unused", "unused")],
    };
    const engine = await built(await exported(exports, CONFIG), "features.churn_types");
    const types = await rowsOf(engine, named("churn_type, evidence", "features.churn_types"));
    const told = Object.values(byKey(types)).map((row) => Object.values(row).join(" "));
    expect(Object.fromEntries(Object.keys(byKey(types)).map((key, i) => [key, told[i]]))).toEqual({
      "asks price": "price price_case",
      both: "fault complaints",
      "charged back": "malicious chargeback",
      closed: "natural closed",
      complains: "fault complaints",
      concession: "price price_concession",
      "deal lost": "competitive lost_deal",
      "long ago": "unknown ",
      "says price": "price cancellation_reason",
      "says unused": "natural cancellation_reason",
      silent: "unknown ",
      "too late": "unknown ",
      unpaid: "malicious unpaid_invoices",
    });
    await built(engine, "results.churn_type_rates");
    const rates = await rowsOf(engine, "select churn_type, customer_count from results.churn_type_rates");
    expect(Object.fromEntries(rates.map((row) => [row["churn_type"], row["customer_count"]]))).toEqual({
      competitive: 1,
      fault: 2,
      malicious: 2,
      natural: 2,
      price: 3,
      unknown: 3,
    });
  });

  test("rates are of the customers at risk on the day of the test, and add up to the share who left", async () => {
    const opened = (key: string): Cells => ({
      case_key: key,
      customer_key: key,
      opened_at: daysAgo(100),
      category: "Delivery",
      is_complaint: true,
    });
    // Ninety days ago all but the one long silent were active; of those eight two have left since.
    const exports = {
      orders: [
        ...ordersOf("over complaints", everyDays(30, 340, 100)),
        ...ordersOf("without a word", everyDays(30, 340, 100)),
        ...ordersOf("gone long ago", everyDays(30, 500, 300)),
        ...["a", "b", "c", "d", "e", "f"].flatMap((key) => ordersOf(key, everyDays(30, 340, 10))),
      ],
      cases: [opened("over complaints"), opened("a"), opened("gone long ago")],
    };
    const engine = await built(await exported(exports, CONFIG), "results.churn_type_rates");
    const rows = await rowsOf(
      engine,
      "select churn_type, customer_count, left_share, base_count, left_count, customer_rate from results.churn_type_rates order by churn_type",
    );
    expect(rows).toEqual([
      {
        churn_type: "fault",
        customer_count: 1,
        left_share: 1 / 3,
        base_count: 8,
        left_count: 1,
        customer_rate: 1 / 8,
      },
      {
        churn_type: "unknown",
        customer_count: 2,
        left_share: 2 / 3,
        base_count: 8,
        left_count: 1,
        customer_rate: 1 / 8,
      },
    ]);
  });
});

describe("breaks in a customer's own pattern", () => {
  const signals = async (exports: Exports) => {
    const engine = await built(await exported(exports, CONFIG), "features.alert_signals");
    return rowsOf(
      engine,
      `select customer_key, alert_kind, first_seen_date, round(size, 2) as size, round(usual, 2) as usual, is_standing
        from features.alert_signals as signals
        inner join unified.customers as customers on signals.customer_id = customers.customer_id
        order by customer_key, alert_kind, first_seen_date`,
    );
  };

  test("orders later than 95 of 100 own gaps, visible from the first day beyond", async () => {
    const orders = [
      ...ordersOf("late", everyDays(20, 240, 40)),
      ...ordersOf("in time", everyDays(20, 220, 20)),
      ...ordersOf("known too short", everyDays(20, 100, 40)),
    ];
    const rows = await signals({ customers: customers("late", "in time", "known too short"), orders });
    expect(rows).toContainEqual({
      customer_key: "late",
      alert_kind: "orders_late",
      first_seen_date: daysAgo(40 - 21),
      size: 40,
      usual: 20,
      is_standing: true,
    });
    expect(rows.filter((row) => row["customer_key"] !== "late")).toEqual([]);
  });

  test("half of the own rate", async () => {
    const orders = ordersOf("a", [...everyDays(20, 400, 100), daysAgo(50), daysAgo(10)]);
    const rows = await signals({ customers: customers("a"), orders });
    // Four mean gaps are 92 days, which hold 2 purchase days; the 308 days before hold 16, so that 4.78 are usual.
    // The third from the last, 100 days ago, left the 92 days 8 days ago.
    expect(rows.filter((row) => row["alert_kind"] === "slowdown")).toEqual([
      {
        customer_key: "a",
        alert_kind: "slowdown",
        first_seen_date: daysAgo(8),
        size: 2,
        usual: 4.78,
        is_standing: true,
      },
    ]);
  });

  /** Due so many days ago, and paid or not. */
  const invoice = (days: number, paid?: number): Cells => ({
    invoice_key: `${days}`,
    customer_key: "a",
    invoice_date: daysAgo(days + 30),
    due_date: daysAgo(days),
    invoice_amount: 100,
    ...(paid === undefined ? {} : { paid_date: daysAgo(paid), status: "paid" }),
  });

  test("an invoice that is still open does not make late payment usual", async () => {
    const rows = await signals({
      customers: customers("a"),
      orders: ordersOf("a", everyDays(80, 640)),
      invoices: [invoice(300, 299), invoice(250, 249), invoice(200, 199), invoice(150), invoice(100)],
    });
    const late = { customer_key: "a", alert_kind: "payments", usual: 1, is_standing: true };
    expect(rows).toEqual([
      { ...late, first_seen_date: daysAgo(150 - 16), size: 150 },
      { ...late, first_seen_date: daysAgo(100 - 16), size: 100 },
    ]);
  });

  test("complaints beyond habit, payments later than usual, and silence of one who used to write", async () => {
    const rows = await signals({
      customers: customers("a"),
      orders: ordersOf("a", everyDays(80, 640)),
      cases: [60, 30].map((days) => ({
        case_key: `${days}`,
        customer_key: "a",
        opened_at: daysAgo(days),
        is_complaint: true,
      })),
      invoices: [invoice(300, 299), invoice(250, 249), invoice(200, 199), invoice(150, 120), invoice(100)],
      activities: everyDays(10, 500, 450).map((day) => ({
        activity_key: day,
        customer_key: "a",
        activity_at: day,
        direction: "inbound",
      })),
    });
    expect(rows).toEqual([
      {
        customer_key: "a",
        alert_kind: "complaints",
        first_seen_date: daysAgo(30),
        size: 2,
        usual: 0,
        is_standing: true,
      },
      {
        customer_key: "a",
        alert_kind: "payments",
        first_seen_date: daysAgo(150 - 16),
        size: 30,
        usual: 1,
        is_standing: false,
      },
      expect.objectContaining({ alert_kind: "payments", size: 100, usual: 8.25, is_standing: true }),
    ]);
    const written = await signals({
      customers: customers("a"),
      orders: ordersOf("a", everyDays(80, 640)),
      activities: everyDays(10, 500, 450).map((day) => ({
        activity_key: day,
        customer_key: "a",
        activity_at: day,
        direction: "inbound",
      })),
    });
    expect(written).toEqual([
      {
        customer_key: "a",
        alert_kind: "contact_silence",
        first_seen_date: daysAgo(450 - 11),
        size: 450,
        usual: 10,
        is_standing: true,
      },
    ]);
  });

  test("use that fell and stays low", async () => {
    const usage = [...everyDays(10, 400, 61), ...everyDays(30, 60)].map((day) => ({
      customer_key: "a",
      used_at: day,
      usage_quantity: 3,
    }));
    const steady = everyDays(10, 400).map((day) => ({
      customer_key: "steady",
      used_at: day,
      usage_quantity: 3,
    }));
    const rows = await signals({
      customers: customers("a", "steady"),
      orders: ordersOf("a", everyDays(80, 640)),
      usage: [...usage, ...steady],
    });
    expect(rows).toEqual([
      {
        customer_key: "a",
        alert_kind: "usage",
        first_seen_date: daysAgo(30),
        size: 3,
        usual: 9,
        is_standing: true,
      },
    ]);
  });

  test("lead times are counted from the first signal to the day the loss was certain", async () => {
    const exports = {
      customers: customers("lost", "silent", "stays"),
      orders: [
        ...ordersOf("lost", everyDays(20, 340, 120)),
        ...ordersOf("silent", [daysAgo(200), daysAgo(110)]),
        ...ordersOf("stays", everyDays(20, 340)),
      ],
    };
    const engine = await exported(exports, CONFIG);
    await built(engine, "results.alert_lead_times");
    const rows = await rowsOf(
      engine,
      "select * from results.alert_lead_times where alert_kind <> 'slowdown'",
    );
    // Late from 99 days ago on; certain 30 days ago.
    expect(rows).toEqual(
      ["any", "orders_late"].map((kind) => ({
        alert_kind: kind,
        lost_count: 2,
        signalled_count: 1,
        median_lead_days: 69,
        standing_count: 0,
        active_count: 1,
      })),
    );
  });
});

describe("the lists", () => {
  const exports: Exports = {
    customers: customers("small", "large", "refuses", "loss", "gone", "new"),
    contacts: [
      { contact_key: "1", customer_key: "large", contact_name: "Ann", email: "ann@large.example" },
      { contact_key: "2", customer_key: "refuses", contact_name: "Bob", email: "bob@refuses.example" },
      { contact_key: "3", customer_key: "gone", contact_name: "Cy", email: "cy@gone.example" },
    ],
    consents: [
      { consent_key: "1", contact_key: "1", channel: "email", is_permitted: true, recorded_at: daysAgo(50) },
      { consent_key: "2", contact_key: "2", channel: "email", is_permitted: true, recorded_at: daysAgo(50) },
      { consent_key: "3", contact_key: "2", channel: "email", is_permitted: false, recorded_at: daysAgo(5) },
      { consent_key: "4", contact_key: "3", channel: "email", is_permitted: true, recorded_at: daysAgo(50) },
    ],
    orders: [
      ...ordersOf("small", [daysAgo(100), daysAgo(60)], 100),
      ...ordersOf("large", [daysAgo(100), daysAgo(60)], 1000),
      ...ordersOf("refuses", [daysAgo(100), daysAgo(30)], 600),
      ...ordersOf("loss", [daysAgo(100), daysAgo(60)], 1).map((order) => ({ ...order, order_cost: 50 })),
      ...ordersOf("gone", [daysAgo(600), daysAgo(300), daysAgo(100)], 500),
      ...ordersOf("new", [daysAgo(3)], 500),
    ],
  };

  test.each([
    ["a no after the as-of date", { is_permitted: false, recorded_at: daysAgo(-5) }, []],
    ["a yes after it", { is_permitted: true, recorded_at: daysAgo(-5) }, ["ann@large.example"]],
    ["an earlier no", { is_permitted: false, recorded_at: daysAgo(60) }, ["ann@large.example"]],
  ])("beside a yes, %s", async (_, said, addresses) => {
    const more = { consent_key: "5", contact_key: "1", channel: "email", ...said };
    const engine = await exported({ ...exports, consents: [...exports.consents!, more] }, CONFIG);
    const permitted = await rowsOf(
      await built(engine, "facts.permissions"),
      "select address from facts.permissions where is_permitted and address like 'ann%'",
    );
    expect(permitted.map(({ address }) => address)).toEqual(addresses);
  });

  const known = async () => built(await exported(exports, CONFIG), "features.churn");
  const listed = async (...names: readonly ("churn_risk" | "win_back")[]) => {
    const engine = await known();
    await scored(engine);
    const lists = names.map((name) => `results.${name}` as const);
    return built(engine, "results.churn", "results.churn_changes", ...lists);
  };

  test("who to call first, what is at stake, and nobody who said no; everybody is in the table, those gone to be won back", async () => {
    const engine = await listed("churn_risk", "win_back");
    const rows = await rowsOf(engine, "select * from results.churn_risk");
    const shown = rows.map(({ call_rank, customer_key, value_at_risk, expected_saving, risk_band }) => ({
      call_rank,
      customer_key,
      value_at_risk,
      expected_saving,
      risk_band,
    }));
    // Half of what was bought is contribution; probabilities .6, .3 and .6; a call keeps a fifth and costs 1.
    expect(shown).toEqual([
      { call_rank: 1, customer_key: "large", value_at_risk: 600, expected_saving: 119, risk_band: "high" },
      { call_rank: 2, customer_key: "refuses", value_at_risk: 180, expected_saving: 35, risk_band: "middle" },
      { call_rank: 3, customer_key: "small", value_at_risk: 60, expected_saving: 11, risk_band: "high" },
    ]);
    expect(rows.map((row) => row["permitted_channels"])).toEqual(["email", "", ""]);
    expect(rows.map((row) => row["email_address"])).toEqual(["ann@large.example", null, null]);
    // Everybody has a forecast, or a state that says why not.
    const columns = "state, round(churn_probability, 2) as churn_probability, risk_band";
    expect(byKey(await rowsOf(engine, named(columns, "results.churn")))).toEqual({
      gone: { state: "gone", churn_probability: null, risk_band: null },
      large: { state: "active", churn_probability: 0.6, risk_band: "high" },
      loss: { state: "active", churn_probability: 0.6, risk_band: "high" },
      new: { state: "too_new", churn_probability: null, risk_band: null },
      refuses: { state: "active", churn_probability: 0.3, risk_band: "middle" },
      small: { state: "active", churn_probability: 0.6, risk_band: "high" },
    });
    // By what they brought in their last twelve months.
    const gone = await rowsOf(engine, "select * from results.win_back");
    expect(gone).toMatchObject([
      {
        win_back_rank: 1,
        customer_key: "gone",
        last_contribution_amount: 500,
        churn_type: "unknown",
        lost_date: daysAgo(100),
        certain_date: daysAgo(10),
        permitted_channels: "email",
      },
    ]);
  });

  test("the sheet says kinds, states and bands in the language of the run, churn.csv as codes", async () => {
    const kinds = { loss: "company", small: "person" };
    const customers = Object.entries(kinds).map(([key, kind]) => ({
      customer_key: key,
      customer_kind: kind,
    }));
    const engine = await built(await exported({ ...exports, customers }, CONFIG), "features.churn");
    await scored(engine);
    await engine.write("results.churn_labels", [labelRows(textsIn("zh"))]);
    await built(engine, "results.churn", "results.churn_changes", "results.churn_customers");
    const columns = "customer_kind, customer_kind_label, state_label, risk_band_label";
    const rows = await rowsOf(
      engine,
      `select customer_key, ${columns} from results.churn_customers
      where customer_key in ('loss', 'small') order by customer_key`,
    );
    expect(rows.map((row) => Object.values(row).join(" "))).toEqual([
      "loss company 企业 活跃 高",
      "small person 个人 活跃 高",
    ]);
    const shown = churnColumns(textsIn("zh")).find(({ name }) => name === "customer_kind")!;
    expect(shown.labelName).toBe("customer_kind_label");
  });

  test("as many as the list may hold, while a call is expected to pay", async () => {
    const engine = await known();
    const callsWith = async (model: Readonly<Record<string, string>>) => {
      await scored(engine, model);
      await built(engine, "results.churn");
      return rowOf(engine, "select count(call_rank) as n from results.churn");
    };
    expect(await callsWith({ list_length: "2" })).toEqual({ n: 2 });
    expect(await callsWith({ contact_cost: "100e0" })).toEqual({ n: 1 });
  });

  test("where the rule or warnings make the list, only those they flag are on it", async () => {
    const engine = await known();
    await setChurn(engine, churnSettings(ChurnConfig.parse({ ...CONFIG, rule_days: 50 })));
    for (const ranks of ["rule", "warnings"]) {
      await scored(engine, { ranks_by: `'${ranks}'` });
      await built(engine, "results.churn");
      const rows = await rowsOf(engine, named("call_rank", "results.churn", "call_rank is not null"));
      expect(byKey(rows), ranks).toEqual({ large: { call_rank: 1 }, small: { call_rank: 2 } });
    }
  });

  test("alerts are of customers who are not gone, those with most at stake first", async () => {
    const late = (key: string, last: number, amount: number) =>
      ordersOf(key, everyDays(20, 300, last), amount);
    const some = {
      ...exports,
      orders: [...late("small", 60, 10), ...late("large", 40, 900), ...late("gone", 100, 900)],
    };
    const engine = await built(await exported(some, CONFIG), "features.churn");
    await scored(engine);
    await built(engine, "results.alerts");
    const rows = await rowsOf(engine, "select * from results.alerts order by alert_rank");
    const shown = rows.map((row) => [row["customer_key"], row["alert_kind"], row["size"], row["usual"]]);
    expect(shown).toEqual([
      ["large", "orders_late", 40, 20],
      ["small", "slowdown", 2, 4.71],
      ["small", "orders_late", 60, 20],
    ]);
    expect(rows[0]).toMatchObject({ first_seen_date: daysAgo(19), permitted_channels: "email" });
  });

  test("the change since the last run, whose reason is shown if it spoke the same language", async () => {
    const engine = await listed();
    for (const [language, previous_reason_1] of [
      ["en", "new"],
      ["zh", null],
    ] as const) {
      await engine.create(
        "run.previous_churn_basis",
        `select date '${daysAgo(20)}' as score_date, 'orders' as definition, 90 as window_days, 30 as grace_days,
        0.5 as usage_drop, '[]' as tree, '${language}' as language`,
      );
      await engine.create(
        "run.previous_churn",
        `select customer_id, cast(0.25 as decimal(18, 4)) as churn_probability, 90 as window_days, 'new' as reason_1, 1 as leaf
        from unified.customers where customer_key = 'large'`,
      );
      await built(engine, "results.churn");
      const rows = await rowsOf(
        engine,
        named(
          "round(probability_change, 2) as change, previous_reason_1",
          "results.churn",
          "previous_probability is not null",
        ),
      );
      expect(byKey(rows), language).toEqual({ large: { change: 0.35, previous_reason_1 } });
    }
  });

  const changesAfter = async (engine: Engine, basis: string) => {
    await engine.create(
      "run.previous_churn_basis",
      `select date '${daysAgo(20)}' as score_date, 30 as grace_days, 0.5 as usage_drop, '[]' as tree, 'en' as language, ${basis}`,
    );
    // Probabilities of tonight: large .6, refuses .3, small .6, loss .6.
    await engine.create(
      "run.previous_churn",
      `select customer_id, 90 as window_days, 'new' as reason_1,
          case customer_key when 'large' then 1 when 'refuses' then 4 else 3 end as leaf,
          cast(case customer_key when 'large' then 0.25 when 'refuses' then 0.45 else 0.5 end as decimal(18, 4)) as churn_probability
        from unified.customers where customer_key in ('large', 'refuses', 'small')`,
    );
    await built(engine, "features.churn_comparison", "results.churn", "results.churn_changes");
    const rows = await rowsOf(
      engine,
      named("change_cause, change_feature, round(probability_change, 2) as change", "results.churn_changes"),
    );
    return byKey(rows);
  };

  test("why it changed: time, the customer, learning anew, or not scored before", async () => {
    expect(await changesAfter(await listed(), "'orders' as definition, 90 as window_days")).toEqual({
      // No order in the 20 days since, and silence moved it most.
      large: { change_cause: "time", change_feature: "Silence", change: 0.35 },
      refuses: { change_cause: "customer", change_feature: "Complaints", change: -0.15 },
      // A point of the ten is the customer's own; the rest was learnt anew.
      small: { change_cause: "model", change_feature: null, change: 0.1 },
      loss: { change_cause: "first", change_feature: null, change: null },
    });
  });

  test("another definition, or another window: nothing is compared, and said", async () => {
    const engine = await listed();
    for (const [cause, basis] of [
      ["definition", "'usage' as definition, 90 as window_days"],
      ["window", "'orders' as definition, 60 as window_days"],
    ] as const) {
      const found = await changesAfter(engine, basis);
      expect(Object.keys(found).toSorted()).toEqual(["large", "loss", "refuses", "small"]);
      for (const row of Object.values(found))
        expect(row).toEqual({ change_cause: cause, change_feature: null, change: null });
    }
  });

  test("past forecasts are held against what came", async () => {
    const engine = await exported(exports, CONFIG);
    await built(engine, "features.churn_definition");
    await engine.create(
      "run.due_churn",
      `select date '${daysAgo(95)}' as score_date, customer_id, cast(0.5 as decimal(18, 4)) as churn_probability, 90 as window_days
        from unified.customers where customer_key in ('small', 'gone')
        union all select date '${daysAgo(40)}', customer_id, cast(0.5 as decimal(18, 4)), 90
        from unified.customers where customer_key in ('small', 'refuses')`,
    );
    await built(engine, "results.churn_track");
    const rows = await rowsOf(
      engine,
      `select score_date, is_over, cast(sum(customer_count) as integer) as customer_count, sum(foretold_count) as foretold_count,
        cast(sum(silent_count) as integer) as silent_count from results.churn_track group by all order by score_date`,
    );
    expect(rows).toEqual([
      { score_date: daysAgo(95), is_over: true, customer_count: 2, foretold_count: 1, silent_count: 1 },
      { score_date: daysAgo(40), is_over: false, customer_count: 2, foretold_count: 1, silent_count: 1 },
    ]);
  });
});

describe("the demo firm", () => {
  test("customers who lapsed for a reason are found with that reason, and seldom with another", async () => {
    const plan = readPlan(fileURLToPath(new URL("../../pipelines/demo.yml", import.meta.url)), {
      only: ["rfm"],
    });
    const found: { types?: Row[]; lineage?: Row[]; stakes?: Row[] } = {};
    const peek = async (engine: Engine) => {
      await setChurn(engine, churnSettings(ChurnConfig.parse({})));
      await built(engine, "features.churn_types", "features.churn", "features.contribution");
      found.stakes = await rowsOf(
        engine,
        `select count(*) as customer_count, count(case when churn.contribution_amount <> contribution.contribution_amount then 1 end) as other_count
          from features.churn as churn inner join features.contribution as contribution on churn.customer_id = contribution.customer_id
          where churn.purpose = 'score'`,
      );
      found.types = await rowsOf(engine, "select * from features.churn_types");
      found.lineage = await rowsOf(engine, "select * from unified.lineage");
    };
    const log = openLog({ begin: () => {}, end: () => {}, warn: () => {} });
    await run({ ...plan, analyses: {} }, { destination: { kind: "none" }, log, peek });
    // What is at stake tonight is what value says was contributed in its twelve months.
    expect(found.stakes).toEqual([{ customer_count: 1998, other_count: 0 }]);
    const counts = confusion(found.types!, found.lineage!);
    expect(counts["complaint"]!["fault"]!).toBeGreaterThanOrEqual(45);
    expect(counts["price"]!["price"]!).toBeGreaterThanOrEqual(30);
    expect(counts["competitor"]!["competitive"]!).toBeGreaterThanOrEqual(8);
    for (const [reason, type] of Object.entries({
      complaint: "fault",
      price: "price",
      competitor: "competitive",
      natural: "natural",
    })) {
      const others = Object.entries(counts[reason]!).filter(
        ([found]) => found !== type && found !== "unknown",
      );
      expect({ reason, wrong: others.reduce((sum, [, count]) => sum + count, 0) <= 5 }).toEqual({
        reason,
        wrong: true,
      });
    }
  }, 60_000);

  /** Customers by the reason that was planted and the type that was found. */
  function confusion(types: readonly Row[], lineage: readonly Row[]): Record<string, Record<string, number>> {
    const reasonOf = new Map(
      readTruth("customers.csv").map((row) => [row["customer_no"]!, row["lapse_reason"]!]),
    );
    const keyOf = (source: unknown, key: unknown) => `${String(source)} ${String(key)}`;
    const numberOf = new Map(
      readTruth("identities.csv").map((row) => [keyOf(row["source"], row["key"]), row["customer_no"]!]),
    );
    const customerOf = new Map(
      lineage.map((row) => [row["customer_id"], numberOf.get(keyOf(row["source"], row["record_key"]))!]),
    );
    const counts: Record<string, Record<string, number>> = {};
    for (const { customer_id: id, churn_type: type } of types) {
      const reason = reasonOf.get(customerOf.get(id)!)!;
      const row = (counts[reason] ??= {});
      row[String(type)] = (row[String(type)] ?? 0) + 1;
    }
    return counts;
  }
});

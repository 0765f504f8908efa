import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineAnalysis } from "../../src/analysis.js";
import type { SectionPart } from "../../src/section-part.js";
import {
  SUBSCRIPTION_READS,
  valueSubscriptions,
  type SubscriptionFindings,
  type SubscriptionSettings,
} from "../../src/analyses/value-subscriptions.js";
import { subscriptionCards } from "../../src/analyses/value-subscriptions-cards.js";
import { subscriptionPart } from "../../src/analyses/value-subscriptions-section.js";
import type { Engine } from "../../src/engines/engine.js";
import { ENTITIES, ENTITY_NAMES, type EntityName } from "../../src/entities.js";
import { openLog, type Log } from "../../src/log.js";
import { remainingLife } from "../../src/models/shifted-beta-geometric.js";
import { barePlan, readPlan, type Plan } from "../../src/pipeline.js";
import { readRelations } from "../../src/relation.js";
import { run } from "../../src/run.js";
import { quoteText } from "../../src/sql.js";
import { analyze, buildFor } from "../../src/steps/analyze.js";
import { settle } from "../../src/steps/settle.js";
import { unify } from "../../src/steps/unify.js";
import { textsIn, type Language } from "../../src/texts/index.js";
import { dayOfSeconds, readExport, readTruth } from "../demo/exports.js";
import { emptyEntitySql, openWarehouse, rowOf, rowsOf, type Row } from "../engines/warehouse.js";
import { warningRecords } from "../../src/warning.js";

const english = (log: Pick<Log, "warnings">) => warningRecords(log.warnings).warnings;

type Cells = Readonly<Record<string, string | number>>;

/** Exports by entity; a source stands beside its cells as `source`. */
type Exports = Partial<Record<EntityName, readonly Cells[]>>;

interface Asked extends Partial<SubscriptionSettings> {
  readonly asOf?: string;
  readonly currency?: string;
  readonly language?: Language;
}

interface Answered {
  readonly findings: SubscriptionFindings | undefined;
  readonly part: SectionPart | undefined;
  readonly log: Log;
  rows(select: string): Promise<Row[]>;
}

const RELATIONS = readRelations();
const SETTINGS: SubscriptionSettings = { horizonDays: 365, discountRate: 0.1 };

/** The analysis alone, and what it found. */
function alone(settings: SubscriptionSettings) {
  const found: { findings?: SubscriptionFindings | undefined; part?: SectionPart } = {};
  const analysis = defineAnalysis({
    name: "value",
    question: "",
    config: z.strictObject({}),
    reads: SUBSCRIPTION_READS,
    needs: [],
    settings: () => ({}),
    published: () => [],
    lists: () => [],
    async run(context) {
      found.findings = await valueSubscriptions(context, settings);
      if (found.findings !== undefined) found.part = await subscriptionPart(context, found.findings);
      return {
        analysis: "value",
        title: "",
        question: "",
        answer: "",
        headlines: [],
        charts: [],
        tables: [],
        notes: [],
      };
    },
  });
  return { found, analysis };
}

function entitySql(entity: EntityName, rows: readonly Cells[]): string {
  const columns = Object.entries(ENTITIES[entity].columns);
  const selects = rows.map((cells) => {
    const values = columns.map(([name, type]) => {
      const cell = cells[name];
      if (cell === undefined) return `empty_${type}() as ${name}`;
      const sqlType = type === "decimal" ? "decimal(18, 4)" : type === "date" ? "date" : "varchar";
      return `cast(${quoteText(String(cell))} as ${sqlType}) as ${name}`;
    });
    return `select cast(1 as smallint) as file_id, ${quoteText(String(cells["source"] ?? "billing"))} as source, ${values.join(", ")}`;
  });
  return [emptyEntitySql(entity), ...selects].join(" union all ");
}

function planOf({ asOf = "2025-12-31", currency, language = "en" }: Asked): Plan {
  const plan = barePlan({ name: "test", directory: "", files: {} }, { asOfDate: asOf });
  const mapping = { source: "x", description: "", files: {} };
  return {
    ...plan,
    run: { ...plan.run, language, currency: currency ?? null },
    sources: ["billing", "crm"].map((name) => ({ name, directory: "", mapping })),
  };
}

async function valued(engine: Engine, exports: Exports, asked: Asked = {}): Promise<Answered> {
  for (const entity of ENTITY_NAMES)
    await engine.create(`staged.${entity}`, entitySql(entity, exports[entity] ?? []));
  const plan = planOf(asked);
  await settle(engine, plan, undefined);
  const log = openLog({ begin: () => {}, end: () => {}, warn: () => {} });
  const texts = textsIn(plan.run.language);
  const context = { engine, relations: RELATIONS, log, run: { ...plan.run, previousDate: null }, texts };
  await unify(context);
  const { analysis, found } = alone({ ...SETTINGS, ...asked });
  await buildFor([analysis], context, false);
  await analyze([analysis], {}, context);
  return {
    findings: found.findings,
    part: found.part,
    log,
    rows: (select) => rowsOf(engine, select),
  };
}

const subscription = (key: string, customer: string, cells: Cells): Cells => ({
  subscription_key: key,
  customer_key: customer,
  plan: "Basic",
  status: "cancelled_at" in cells ? "cancelled" : "active",
  interval: "month",
  amount: 100,
  ...cells,
});

const invoice = (key: string, subscriptionKey: string, cells: Cells): Cells => ({
  invoice_key: key,
  customer_key: "A",
  subscription_key: subscriptionKey,
  status: "paid",
  ...cells,
});

describe("the bridge of recurring revenue, by hand", () => {
  const SUBSCRIPTIONS = [
    subscription("a1", "A", { start_date: "2025-01-15", cancelled_at: "2025-04-10" }),
    subscription("a2", "A", { start_date: "2025-07-31" }),
    subscription("b1", "B", { start_date: "2025-02-28", amount: 300, interval: "quarter" }),
    subscription("b2", "B", {
      start_date: "2025-03-05",
      amount: 600,
      interval: "year",
      plan: "Extra",
      cancelled_at: "2025-06-30",
    }),
    subscription("c1", "C", { start_date: "2025-03-31", cancelled_at: "2025-08-01", amount: 70 }),
    subscription("d1", "D", { start_date: "2025-05-02", cancelled_at: "2025-05-20" }),
  ];
  const MONTHS = [
    ["2025-01-01", 0, 100, 0, 0, 0, 0, 100],
    ["2025-02-01", 100, 100, 0, 0, 0, 0, 200],
    ["2025-03-01", 200, 70, 50, 0, 0, 0, 320],
    ["2025-04-01", 320, 0, 0, 0, 0, 100, 220],
    ["2025-05-01", 220, 0, 0, 0, 0, 0, 220],
    ["2025-06-01", 220, 0, 0, 0, 50, 0, 170],
    ["2025-07-01", 170, 0, 0, 100, 0, 0, 270],
    ["2025-08-01", 270, 0, 0, 0, 0, 70, 200],
    ["2025-09-01", 200, 0, 0, 0, 0, 0, 200],
  ];
  const BRIDGE = `select month_start, opening_amount, new_amount, expansion_amount, reactivated_amount, contraction_amount,
    churned_amount, closing_amount from features.recurring_revenue order by month_start`;

  test("new, expansion, reactivation, contraction and churn, each in its month", async () => {
    const { rows, part } = await valued(
      await openWarehouse(),
      { subscriptions: SUBSCRIPTIONS },
      { asOf: "2025-09-15" },
    );
    expect((await rows(BRIDGE)).map((row) => Object.values(row))).toEqual(MONTHS);
    expect(
      (await rows("select closing_customer_count from features.recurring_revenue order by month_start")).map(
        (row) => row["closing_customer_count"],
      ),
    ).toEqual([1, 2, 3, 2, 2, 2, 3, 2, 2]);
    expect(part!.headlines[0]).toMatchObject({ value: 200, format: "money" });
    const shown = part!.tables.find(({ name }) => name === "recurring-revenue")!.rows;
    expect(shown.numRows).toBe(9);
    expect(part!.notes).toContain("The last month goes to 2025-09-15 only.");
    expect(part!.notes.filter((note) => note.endsWith("in no month's recurring revenue: 1."))).toHaveLength(
      1,
    );
  });

  test("what comes after the as-of date is unknown: cancellations, starts and invoices", async () => {
    const engine = await openWarehouse();
    const exports = {
      subscriptions: SUBSCRIPTIONS,
      invoices: [invoice("i1", "b1", { invoice_date: "2025-04-30", invoice_amount: 900 })],
    };
    const { rows } = await valued(engine, exports, { asOf: "2025-04-09" });
    expect((await rows(BRIDGE)).map((row) => Object.values(row))).toEqual([
      ...MONTHS.slice(0, 3),
      ["2025-04-01", 320, 0, 0, 0, 0, 0, 320],
    ]);
    expect(await rows("select * from facts.subscription_invoices")).toEqual([]);
    expect(await rows("select subscription_key from facts.subscriptions where end_date is not null")).toEqual(
      [],
    );
  });
});

test("a price by any interval is so much a month", async () => {
  const prices = [
    ["day", 10, 304.37],
    ["week", 10, 43.48],
    ["month", 10, 10],
    ["Quarterly", 299, 99.67],
    ["half_year", 60, 10],
    ["YEAR", 100, 8.33],
    ["季度", 299, 99.67],
  ] as const;
  const { rows } = await valued(await openWarehouse(), {
    subscriptions: prices.map(([interval, amount]) =>
      subscription(interval, interval, { start_date: "2025-01-01", interval, amount }),
    ),
  });
  const monthly = await rows("select subscription_key, monthly_amount from facts.subscriptions");
  expect(Object.fromEntries(monthly.map((row) => [row["subscription_key"], row["monthly_amount"]]))).toEqual(
    Object.fromEntries(prices.map(([interval, , amount]) => [interval, amount])),
  );
});

describe("currencies", () => {
  const subscriptions = [
    subscription("s1", "A", { start_date: "2025-01-01", currency: "usd" }),
    subscription("s2", "B", { start_date: "2025-01-01", currency: "CNY", amount: 50 }),
  ];
  const rates = [
    { currency: "USD", rate_date: "2024-01-01", rate: 7 },
    { currency: "USD", rate_date: "2025-06-01", rate: 7.2 },
    { currency: "USD", rate_date: "2026-01-01", rate: 99 },
  ];

  test("one rate, that of the as-of date, so that no rate looks like a change of price", async () => {
    const { rows } = await valued(await openWarehouse(), { subscriptions, rates }, { currency: "CNY" });
    const months = await rows(
      "select distinct closing_amount, expansion_amount from features.recurring_revenue",
    );
    expect(months).toEqual([{ closing_amount: 770, expansion_amount: 0 }]);
  });

  test("without a rate the run stops and names the subscription", async () => {
    const failing = valued(await openWarehouse(), { subscriptions }, { currency: "CNY" });
    await expect(failing).rejects.toThrow(
      "subscriptions: 1 row is in a currency without a rate on its day: source billing, subscription_key s1",
    );
  });
});

describe("subscriptions that cannot count are told of, each with its reason", () => {
  const SUBSCRIPTIONS = [
    subscription("good", "A", { start_date: "2025-01-01" }),
    subscription("backwards", "B", { start_date: "2025-05-01", cancelled_at: "2025-04-01" }),
    subscription("endless", "C", { start_date: "2025-01-01", status: "cancelled" }),
    { ...subscription("unpriced", "D", { start_date: "2025-01-01" }), amount: "-1" },
    subscription("uneven", "E", { start_date: "2025-01-01", interval: "fortnight" }),
    subscription("trial", "F", { start_date: "2025-01-01", status: "trial" }),
    subscription("twice", "A", { start_date: "2025-03-01" }),
    subscription("future", "G", { start_date: "2026-01-01" }),
  ];

  test("in warnings that name them, and in the notes; the rest counts", async () => {
    const { rows, findings, part, log } = await valued(await openWarehouse(), {
      subscriptions: SUBSCRIPTIONS,
    });
    const told = english(log).filter((warning) => warning.startsWith("subscriptions:"));
    expect(told.map((warning) => /: 1 (.+): .*subscription_key (\w+);/.exec(warning)!.slice(1))).toEqual([
      ["ends before it begins and counts nowhere", "backwards"],
      ["is cancelled on no known day and counts nowhere", "endless"],
      ["has no price, or one below zero, and counts nowhere", "unpriced"],
      ["has a price for no known interval and counts nowhere", "uneven"],
      ["overlaps an earlier one of the same customer and plan, and all count", "twice"],
    ]);
    expect(findings!.counts).toMatchObject({
      subscriptionCount: 7,
      countedCount: 2,
      overlapping: 1,
      trial: 1,
    });
    const note = part!.notes.find((text) => text.startsWith("Subscriptions that count nowhere: 5"))!;
    expect(note.match(/: 1/g)).toHaveLength(5);
    expect(await rows("select customer_id, monthly_amount from results.subscription_values")).toHaveLength(1);
    expect(findings!.value).toMatchObject({ customerCount: 1, monthlyAmount: 200 });
  });

  test("when none counts, the sections say so", async () => {
    const { findings, part, rows } = await valued(await openWarehouse(), {
      subscriptions: SUBSCRIPTIONS.slice(1, 6),
    });
    expect(findings!.counts).toMatchObject({ subscriptionCount: 5, countedCount: 0 });
    expect(part!.answer).toBe("No subscription brings money any more.");
    expect(part!.tables).toEqual([]);
    expect(await rows("select * from results.subscription_values")).toEqual([]);
  });

  test("a cancelled one without a day ends with its period, if that is over", async () => {
    const at = { status: "cancelled", start_date: "2025-01-01" };
    const { rows } = await valued(await openWarehouse(), {
      subscriptions: [
        subscription("over", "A", { ...at, current_period_end: "2025-06-30" }),
        subscription("runs", "B", { ...at, current_period_end: "2026-06-30" }),
      ],
    });
    expect(
      await rows(
        "select subscription_key, end_date, is_active from facts.subscriptions order by subscription_key",
      ),
    ).toEqual([
      { subscription_key: "over", end_date: "2025-06-30", is_active: false },
      { subscription_key: "runs", end_date: null, is_active: true },
    ]);
  });

  test("no subscription at all: nothing, and quickly", async () => {
    const { findings, rows } = await valued(await openWarehouse(), {});
    expect(findings).toBeUndefined();
    for (const name of [
      "results.subscription_values",
      "results.subscription_leaks",
      "features.recurring_revenue",
    ])
      expect(await rows(`select * from ${name}`)).toEqual([]);
  });
});

test("money of a currency with many zeros: sums beyond 1e14 are exact to the cent", async () => {
  const { rows, findings } = await valued(await openWarehouse(), {
    subscriptions: Array.from({ length: 30 }, (_, i) =>
      subscription(`s${i}`, "A", { start_date: "2025-12-05", amount: "5000000000000.01" }),
    ),
  });
  const [month] = await rows(
    "select cast(closing_amount as varchar) as closing, cast(unlinked_amount as varchar) as unlinked from features.recurring_revenue",
  );
  expect(month).toEqual({ closing: "150000000000000.30", unlinked: "150000000000000.30" });
  expect(findings!.value.monthlyAmount).toBeCloseTo(150_000_000_000_000.3, 1);
  expect(findings!.value.value).toBeGreaterThan(2e14);
});

test("a subscription replaced within a week is no loss; one that comes back later is", async () => {
  const { rows, findings } = await valued(await openWarehouse(), {
    subscriptions: [
      subscription("a1", "A", { start_date: "2025-01-01", cancelled_at: "2025-04-01" }),
      subscription("a2", "A", { start_date: "2025-04-08", plan: "Extra" }),
      subscription("b1", "B", { start_date: "2025-01-01", cancelled_at: "2025-04-01" }),
      subscription("b2", "B", { start_date: "2025-04-09", plan: "Extra" }),
    ],
  });
  expect(await rows("select subscription_key from facts.subscriptions where is_replaced")).toEqual([
    { subscription_key: "a1" },
  ]);
  expect(findings!.plans.find(({ name }) => name === "Basic")!.curve).toMatchObject({
    lifeCount: 2,
    endedCount: 1,
  });
});

describe("recurring revenue ties to billing", () => {
  test("invoiced, invoiced otherwise, never, no longer, not yet, and not to be told", async () => {
    const start = { start_date: "2025-06-10" };
    const due = ["06", "07", "08", "09", "10", "11", "12"].map((month) => `2025-${month}-10`);
    const billed = (key: string, amount: number, days: readonly string[]) =>
      days.map((day) => invoice(`${key}${day}`, key, { invoice_date: day, invoice_amount: amount }));
    const { rows, findings, part, log } = await valued(await openWarehouse(), {
      subscriptions: [
        subscription("full", "A", start),
        subscription("cheap", "B", start),
        subscription("never", "C", { ...start, amount: 40 }),
        subscription("stopped", "D", start),
        subscription("fresh", "E", { start_date: "2025-12-10", amount: 7 }),
        subscription("void", "F", { ...start, amount: 30 }),
        subscription("elsewhere", "G", { ...start, source: "crm", amount: 11 }),
      ],
      invoices: [
        ...billed("full", 100, due),
        ...billed("cheap", 80, due),
        ...billed("stopped", 100, due.slice(0, 3)),
        ...billed("unknown", 55, due.slice(0, 1)),
        ...due.map((day) =>
          invoice(`v${day}`, "void", { invoice_date: day, invoice_amount: 30, status: "void" }),
        ),
      ],
    });
    const sums = `closing_amount, billed_amount, price_difference_amount, unbilled_amount, unlinked_amount, invoiced_amount`;
    const months = await rows(`select ${sums} from features.recurring_revenue order by month_start`);
    expect(months.map((month) => month["billed_amount"])).toEqual([280, 280, 280, 180, 180, 180, 180]);
    expect(Object.values(months[0]!)).toEqual([381, 280, 20, 70, 11, 335]);
    expect(Object.values(months.at(-1)!)).toEqual([388, 180, 20, 177, 11, 180]);
    const leaks =
      "select subscription_key, is_never_billed from results.subscription_leaks order by subscription_key";
    expect(await rows(leaks)).toEqual([
      { subscription_key: "never", is_never_billed: true },
      { subscription_key: "stopped", is_never_billed: false },
      { subscription_key: "void", is_never_billed: true },
    ]);
    expect(findings!.counts).toMatchObject({
      leaking: 3,
      unlinked: 1,
      foreignInvoiceCount: 1,
      foreignInvoiceAmount: 55,
    });
    expect(part!.tables.at(-1)).toMatchObject({ name: "subscription-leaks" });
    expect(english(log)).toContain(
      "subscriptions: 2 bring money that no invoice asked for in more than 31 days: source billing, subscription_key never; source billing, subscription_key void; export the invoices whole, or see to billing",
    );
    expect(
      english(log).filter((warning) => warning.includes("names a subscription that no export knows")),
    ).toHaveLength(1);
  });
});

describe("what running subscriptions are worth", () => {
  test("the money of each day that one still runs, summed by hand for a geometric life", async () => {
    const subscriptions = [
      subscription("s1", "A", { start_date: "2025-10-31" }),
      subscription("s2", "B", { start_date: "2025-10-31", cancelled_at: "2025-11-20" }),
      subscription("s3", "C", { start_date: "2025-10-31" }),
    ];
    const { rows, findings } = await valued(
      await openWarehouse(),
      { subscriptions },
      { discountRate: 0.2, marginRate: 0.4 },
    );
    const churn = 1 / 5;
    expect(findings!.retentions[0]!.retention).toMatchObject({
      rung: "geometric",
      churn,
      renewalCount: 5,
      lostCount: 1,
    });
    const [month, age, step] = [30.436875, 61, 1 / 24];
    const alive = (day: number) => (1 - churn) ** Math.floor(day / month) * (1 - churn * ((day / month) % 1));
    let [days, discounted] = [0, 0];
    for (let day = step / 2; day < 365; day += step) {
      const share = (alive(age + day) / alive(age)) * step;
      days += share;
      discounted += share * 1.2 ** (-day / 365.2425);
    }
    const values = await rows("select * from results.subscription_values order by customer_id");
    expect(values).toHaveLength(2);
    for (const value of values) {
      expect(Number(value["expected_remaining_months"])).toBeCloseTo(days / month, 3);
      expect(Number(value["recurring_value"])).toBeCloseTo((0.4 * 100 * discounted) / month, 1);
    }
  });

  test("several subscriptions of a customer add up, each in the state of its own", async () => {
    const { rows, findings } = await valued(await openWarehouse(), {
      subscriptions: [
        subscription("s1", "A", { start_date: "2024-01-01", amount: 100 }),
        subscription("s2", "A", { start_date: "2025-03-01", amount: 1200, interval: "year", plan: "Extra" }),
        subscription("s3", "B", { start_date: "2024-01-01", cancelled_at: "2024-07-10" }),
      ],
    });
    const [row] = await rows("select * from results.subscription_values");
    const months = findings!.retentions.map(({ retention, intervalDays, planName }) => {
      const age = (planName === "Basic" ? 730 : 305) / intervalDays;
      const discountRate = 1.1 ** (intervalDays / 365.2425) - 1;
      return (
        (remainingLife(retention, { age, horizon: 365 / intervalDays, discountRate }).discounted *
          intervalDays) /
        30.436875
      );
    });
    expect(row).toMatchObject({ subscription_count: 2, monthly_amount: 200 });
    expect(Number(row!["recurring_value"])).toBeCloseTo(100 * (months[0]! + months[1]!), 1);
    expect(findings!.value.customerCount).toBe(1);
  });

  test("a loss counts at the renewal after it, once that has come; a replaced one is seen as far as it went", async () => {
    const quarterly = { start_date: "2025-01-01", interval: "quarter" };
    const { findings } = await valued(await openWarehouse(), {
      subscriptions: [
        subscription("first", "A", { ...quarterly, cancelled_at: "2025-02-01" }),
        subscription("fourth", "B", { ...quarterly, cancelled_at: "2025-12-01" }),
        subscription("replaced", "C", { ...quarterly, cancelled_at: "2025-05-01" }),
        subscription("by", "C", { start_date: "2025-05-01", plan: "Extra" }),
        subscription("runs", "D", { ...quarterly, start_date: "2024-01-01" }),
        subscription("weeks", "E", {
          start_date: "2025-01-01",
          interval: "week",
          plan: "Weekly",
          cancelled_at: "2025-01-15",
        }),
      ],
    });
    const seen = (plan: string) => {
      const { renewalCount, lostCount } = findings!.retentions.find(
        ({ planName }) => planName === plan,
      )!.retention;
      return { renewalCount, lostCount };
    };
    expect(seen("Basic")).toEqual({ renewalCount: 1 + 3 + 1 + 7, lostCount: 1 });
    expect(seen("Weekly")).toEqual({ renewalCount: 2, lostCount: 1 });
  });

  test("a plan that has lost too few shares the curve of all plans with its interval", async () => {
    const many = (plan: string, lost: number) =>
      Array.from({ length: 12 }, (_, i) =>
        subscription(`${plan}${i}`, `${plan}${i}`, {
          plan,
          start_date: "2025-03-01",
          ...(i < lost ? { cancelled_at: `2025-0${4 + i}-15` } : {}),
        }),
      );
    const { findings, part } = await valued(await openWarehouse(), {
      subscriptions: [...many("Basic", 6), ...many("Rare", 1)],
    });
    const [basic, rare] = ["Basic", "Rare"].map((name) =>
      findings!.retentions.find(({ planName }) => planName === name)!,
    );
    expect({ basic: basic!.isPooled, rare: rare!.isPooled }).toEqual({ basic: false, rare: true });
    expect(rare!.retention.lostCount).toBe(7);
    const models = part!.tables
      .find(({ name }) => name === "subscription-retention")!
      .rows.getChild("model")!;
    expect([...models].filter((model) => String(model).endsWith("all plans of this interval"))).toHaveLength(
      1,
    );
    const cards = subscriptionCards(findings!);
    expect(cards.map(({ plan, row_count, lost_count }) => [plan, row_count, lost_count])).toEqual([
      [null, 24, 7],
      ["Basic", 12, 6],
    ]);
    expect(cards[0]!["largest_gap"]).toBe(rare!.largestGap);
  });

  test("a card for each model: what was learnt from how much, and how far it is from what was seen", async () => {
    const many = (plan: string, isLost: (i: number) => boolean) =>
      Array.from({ length: 60 }, (_, i) =>
        subscription(`${plan}${i}`, `${plan}${i}`, {
          plan,
          start_date: "2025-03-01",
          ...(isLost(i) ? { cancelled_at: "2025-03-15" } : {}),
        }),
      );
    const yearly = subscription("y", "Y", { interval: "year", start_date: "2025-03-01", plan: "Yearly" });
    const { findings } = await valued(await openWarehouse(), {
      subscriptions: [...many("Basic", (i) => i < 25), yearly],
    });
    const [basic, untold] = subscriptionCards(findings!);
    const [lost, renewed] = [25, 35 * 10];
    const theta = lost / (lost + renewed);
    const logLikelihood = lost * Math.log(theta) + renewed * Math.log(1 - theta);
    expect(basic).toEqual({
      name: "geometric",
      plan: "Basic",
      interval_days: 30.436875,
      parameters: { theta: expect.closeTo(theta, 12) as number },
      log_likelihood: expect.closeTo(logLikelihood, 9) as number,
      row_count: 60,
      state_count: 10,
      renewal_count: lost + renewed,
      lost_count: lost,
      iterations: 0,
      converged: true,
      rung: "geometric",
      largest_gap: expect.closeTo(1 - theta - 35 / 60, 12) as number,
      doubtful: true,
      holdout: null,
      grade: null,
    });
    expect(untold).toMatchObject({ name: "geometric", rung: "prior", row_count: 1, state_count: 0 });
    expect(JSON.parse(JSON.stringify(basic))).toEqual(basic);
  });

  test("where the model does not fit what was seen, the report says not to rely on it", async () => {
    const many = (isLost: (i: number) => boolean) =>
      Array.from({ length: 60 }, (_, i) =>
        subscription(`s${i}`, `C${i}`, {
          start_date: "2025-03-01",
          ...(isLost(i) ? { cancelled_at: "2025-03-15" } : {}),
        }),
      );
    const engine = await openWarehouse();
    const doubts = async (isLost: (i: number) => boolean) => {
      const { part } = await valued(engine, { subscriptions: many(isLost) });
      return part!.notes.filter((note) => note.startsWith("Basic: the model of retention leaves"));
    };
    expect(await doubts((i) => i < 25)).toHaveLength(1);
    expect(await doubts(() => false)).toEqual([]);
  });

  test("without a margin the report says that the whole price counts", async () => {
    const subscriptions = [subscription("s", "A", { start_date: "2025-01-01" })];
    const engine = await openWarehouse();
    const [whole, half] = [
      await valued(engine, { subscriptions }),
      await valued(engine, { subscriptions }, { marginRate: 0.5 }),
    ];
    expect(whole.part!.notes.some((note) => note.startsWith("No margin is set"))).toBe(true);
    expect(half.part!.notes.some((note) => note.startsWith("The margin is 50.0%"))).toBe(true);
    expect(half.findings!.value.value / whole.findings!.value.value).toBeCloseTo(0.5, 3);
  });

  test.each(["en", "zh"] as const)("every gap of the texts is filled (%s)", async (language) => {
    const { part } = await valued(
      await openWarehouse(),
      {
        subscriptions: [
          subscription("s", "A", { start_date: "2025-01-01" }),
          subscription("t", "A", { start_date: "2025-02-01" }),
          subscription("u", "B", { start_date: "2025-02-01", status: "trial" }),
        ],
        invoices: [
          invoice("i", "unknown", { invoice_date: "2025-05-01", invoice_amount: 5 }),
          invoice("j", "s", { invoice_date: "2025-05-01", invoice_amount: 5 }),
        ],
      },
      { language, asOf: "2025-12-30" },
    );
    const texts = JSON.stringify([
      part!.answer,
      part!.headlines,
      part!.notes,
      part!.tables.map(({ title, caption, columns }) => [title, caption, columns]),
    ]);
    expect(texts).not.toMatch(/\{\w+\}|undefined|NaN/);
    expect(/[\u4e00-\u9fff]/.test(texts)).toBe(language === "zh");
  });
});

test("whatever the subscriptions: the bridge holds, ends at what runs, and nobody is new twice", async () => {
  const engine = await openWarehouse();
  const dayOf = (day: number) => new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);
  const drawn = fc.record({
    customer: fc.constantFrom("A", "B", "C", "D"),
    plan: fc.constantFrom("Basic", "Extra"),
    start: fc.integer({ min: 0, max: 1200 }),
    length: fc.option(fc.integer({ min: -20, max: 900 }), { nil: undefined, freq: 2 }),
    amount: fc.integer({ min: 0, max: 500 }),
    interval: fc.constantFrom("week", "month", "quarter", "year", "aeon"),
    invoices: fc.array(fc.integer({ min: 0, max: 1200 }), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(drawn, { maxLength: 12 }), async (rows) => {
      const subscriptions = rows.map(({ customer, plan, start, length, amount, interval }, i) =>
        subscription(`s${i}`, customer, {
          plan,
          amount,
          interval,
          start_date: dayOf(start),
          ...(length === undefined ? {} : { cancelled_at: dayOf(start + length) }),
        }),
      );
      const invoices = rows.flatMap(({ amount, invoices: dates }, i) =>
        dates.map((day, j) =>
          invoice(`i${i}_${j}`, `s${i}`, { invoice_date: dayOf(day), invoice_amount: amount }),
        ),
      );
      const answered = await valued(engine, { subscriptions, invoices });
      const months = await answered.rows("select * from features.recurring_revenue order by month_number");
      const active = await rowOf(
        engine,
        "select coalesce(sum(monthly_amount), 0) as amount from facts.subscriptions where is_active",
      );
      expect(Number(months.at(-1)?.["closing_amount"] ?? 0)).toBeCloseTo(Number(active["amount"]), 6);
      const ever = await rowOf(
        engine,
        "select count(distinct customer_id) as n from features.subscription_spans where first_month < end_month",
      );
      expect(months.reduce((sum, row) => sum + Number(row["new_customer_count"]), 0)).toBe(ever["n"]);
      const values = await answered.rows("select * from results.subscription_values");
      for (const row of values) {
        const [value, low, high] = ["recurring_value", "recurring_value_low", "recurring_value_high"].map(
          (name) => Number(row[name]),
        );
        expect(low! <= value! && value! <= high! && value! <= 12.1 * Number(row["monthly_amount"])).toBe(
          true,
        );
        expect(Number(row["expected_remaining_months"])).toBeLessThanOrEqual(11.9923);
      }
    }),
    { numRuns: 15 },
  );
}, 60_000);

describe("the demo firm", () => {
  let found: ReturnType<typeof alone>["found"];
  let rows: Record<"months" | "leaks" | "values", Row[]>;
  const warnings: string[] = [];
  const EXPORT = readExport("billing/subscriptions.csv");

  beforeAll(async () => {
    const { analysis, found: answered } = alone(SETTINGS);
    const root = fileURLToPath(new URL("../../", import.meta.url));
    const plan = readPlan(join(root, "pipelines/demo.yml"), { only: [] });
    const log = openLog({
      begin: () => {},
      end: () => {},
      warn: (warning) => warnings.push(...warningRecords([warning]).warnings),
    });
    const peek = async (engine: Engine) => {
      const context = {
        engine,
        relations: RELATIONS,
        log,
        run: { ...plan.run, previousDate: null },
        texts: textsIn("en"),
      };
      await buildFor([analysis], context, false);
      await analyze([analysis], {}, context);
      rows = {
        months: await rowsOf(engine, "select * from features.recurring_revenue order by month_number"),
        leaks: await rowsOf(engine, "select * from results.subscription_leaks"),
        values: await rowsOf(engine, "select * from results.subscription_values"),
      };
    };
    await run(plan, { destination: { kind: "none" }, log, peek });
    found = answered;
  }, 60_000);

  test("the subscriptions never billed are found, all and only", () => {
    const planted = readTruth("never_billed_subscriptions.csv").map((row) => row["subscription"]!);
    expect(planted.length).toBeGreaterThan(5);
    expect(rows.leaks.map((row) => String(row["subscription_key"])).toSorted()).toEqual(planted.toSorted());
    expect(warnings.filter((warning) => warning.includes("that no invoice asked for"))).toEqual([
      expect.stringContaining(`subscriptions: ${planted.length} bring money`),
    ]);
  });

  test("each month closes with the prices of what ran on its last day, from the export alone", () => {
    expect(rows.months).toHaveLength(36);
    for (const month of rows.months) {
      const day = String(month["position_date"]);
      const live = EXPORT.filter(
        (row) =>
          dayOfSeconds(row["start_date"]!) <= day &&
          (row["canceled_at"] === "" || dayOfSeconds(row["canceled_at"]!) > day),
      );
      const cents = live.reduce((sum, row) => sum + Math.round(Number(row["amount"]) / 3), 0);
      expect(Math.round(Number(month["closing_amount"]) * 100)).toBe(cents);
      expect(month["closing_customer_count"]).toBe(new Set(live.map((row) => row["customer"])).size);
    }
  });

  test("each month's documents add up to the export's, and the rest of the difference is what was never billed", () => {
    const unbilled = new Set(readTruth("never_billed_subscriptions.csv").map((row) => row["subscription"]));
    const documents = readExport("billing/invoices.csv").filter(
      (row) =>
        row["subscription"] !== "" &&
        row["status"] !== "void" &&
        /^\d+$/.test(row["total"]!) &&
        /^\d+$/.test(row["created"]!),
    );
    expect(documents.length).toBeGreaterThan(1000);
    for (const month of rows.months) {
      const [from, to] = [String(month["month_start"]), String(month["position_date"])];
      const ofMonth = documents.filter(
        (row) => dayOfSeconds(row["created"]!) >= from && dayOfSeconds(row["created"]!) <= to,
      );
      const cents = ofMonth.reduce((sum, row) => sum + Number(row["total"]), 0);
      expect(Math.round(Number(month["invoiced_amount"]) * 100)).toBe(cents);
      const never = EXPORT.filter(
        (row) =>
          unbilled.has(row["id"]!) &&
          dayOfSeconds(row["start_date"]!) <= to &&
          (row["canceled_at"] === "" || dayOfSeconds(row["canceled_at"]!) > to),
      );
      const missing = never.reduce((sum, row) => sum + Math.round(Number(row["amount"]) / 3), 0);
      expect(Math.round(Number(month["unbilled_amount"]) * 100)).toBe(missing);
      expect(month["price_difference_amount"]).toBe(0);
    }
  });

  test("plans, lives and losses are those of the export; survival falls and has an interval", () => {
    const { plans, all, retentions } = found.findings!;
    expect(plans.map(({ name }) => name).toSorted()).toEqual(
      [...new Set(EXPORT.map((row) => row["plan"]!))].toSorted(),
    );
    for (const { name, curve } of plans) {
      const own = EXPORT.filter((row) => row["plan"] === name);
      const endedCount = own.filter((row) => row["canceled_at"] !== "").length;
      expect({ name, lives: curve.lifeCount, ended: curve.endedCount }).toEqual({
        name,
        lives: own.length,
        ended: endedCount,
      });
    }
    expect(all.curve.lifeCount).toBe(EXPORT.length);
    for (const { retention, largestGap } of retentions) {
      expect(retention.lostCount).toBeGreaterThan(0);
      expect(largestGap).toBeLessThan(0.15);
    }
  });

  test("customers with a running subscription have a value, at most a year of its price", () => {
    const running = EXPORT.filter((row) => row["canceled_at"] === "");
    expect(rows.values).toHaveLength(new Set(running.map((row) => row["customer"])).size);
    for (const row of rows.values) {
      expect(Number(row["recurring_value"])).toBeGreaterThan(0);
      expect(Number(row["recurring_value_high"])).toBeLessThan(12 * Number(row["monthly_amount"]));
    }
  });
});

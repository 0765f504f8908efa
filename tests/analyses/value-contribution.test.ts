import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineAnalysis, type Setting } from "../../src/analysis.js";
import {
  CONTRIBUTION_READS,
  CONTRIBUTION_RESULTS,
  ContributionConfig,
  contributionSettings,
  contributionTables,
  valueContribution,
  type ContributionFindings,
} from "../../src/analyses/value-contribution.js";
import { contributionPart } from "../../src/analyses/value-contribution-section.js";
import type { Curve } from "../../src/section.js";
import type { SectionPart } from "../../src/section-part.js";
import type { Engine } from "../../src/engines/engine.js";
import { openLog, type Log } from "../../src/log.js";
import { readPlan, type Overrides, type Plan } from "../../src/pipeline.js";
import { readRelations } from "../../src/relation.js";
import { run } from "../../src/run.js";
import { numberSql, quoteText } from "../../src/sql.js";
import { analyze, buildFor } from "../../src/steps/analyze.js";
import { settleTables } from "../../src/steps/settle.js";
import { LANGUAGES, textsIn, type Language } from "../../src/texts/index.js";
import { AS_OF, documents, readExport } from "../demo/exports.js";
import { barePlanOf, rowsOf, type Row } from "./run-plan.js";
import { warningRecords } from "../../src/warning.js";

const english = (log: Pick<Log, "warnings">) => warningRecords(log.warnings).warnings;

const RELATIONS = readRelations();
const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

interface Told {
  readonly findings: ContributionFindings;
  /** In the language of the run. */
  readonly part: SectionPart;
  readonly parts: Readonly<Record<Language, SectionPart>>;
  readonly rows: Readonly<Record<string, Row[]>>;
  readonly log: Log;
}

interface Asked {
  readonly config?: Readonly<Record<string, unknown>>;
  /** What the settings of subscriptions say is margin of their price. */
  readonly margin?: number;
  /** To tell it in; that of the run unless others are asked for. */
  readonly languages?: readonly Language[];
  /** What is done to the staged rows, or to what the last run left, before anything is built. */
  readonly prepare?: (engine: Engine) => Promise<void>;
  readonly queries: Readonly<Record<string, string>>;
}

/** Contribution by the product's own steps, on what a plan stages. */
async function contributed(
  plan: Plan,
  { config = {}, margin, languages, prepare, queries }: Asked,
): Promise<Told> {
  const log = openLog({ begin: () => {}, end: () => {}, warn: () => {} });
  const settings = ContributionConfig.parse(config);
  const told: { findings?: ContributionFindings } = {};
  const parts = {} as Record<Language, SectionPart>;
  const { language } = plan.run;
  const value = defineAnalysis({
    name: "value",
    question: "",
    config: ContributionConfig,
    reads: CONTRIBUTION_READS,
    needs: [],
    settings: contributionSettings,
    settingTables: contributionTables,
    published: () => [],
    lists: () => [],
    async run(context, asked) {
      told.findings = await valueContribution(context, asked);
      for (const spoken of languages ?? [language]) {
        const run = { ...context.run, language: spoken };
        parts[spoken] = await contributionPart({ ...context, run, texts: textsIn(spoken) }, told.findings);
      }
      return { analysis: "value", title: "", question: "", ...parts[language] };
    },
  });
  const rows: Record<string, Row[]> = {};
  const peek = async (engine: Engine) => {
    await prepare?.(engine);
    await addSettings(engine, contributionSettings({ ...settings, subscription_margin: margin }));
    await settleTables(engine, value, settings);
    const context = {
      engine,
      log,
      relations: RELATIONS,
      run: { ...plan.run, previousDate: null },
      texts: textsIn(language),
    };
    await buildFor([value], context, false);
    await analyze([value], { value: settings }, context);
    for (const [name, query] of Object.entries(queries)) rows[name] = await rowsOf(engine, query);
  };
  await run(plan, { destination: { kind: "none" }, log, peek });
  return { findings: told.findings!, part: parts[language], parts, rows, log };
}

/** The settings of the run with those of value in place of what may be there. */
async function addSettings(engine: Engine, settings: Readonly<Record<string, Setting>>): Promise<void> {
  const names = Object.keys((await rowsOf(engine, "select * from run.settings"))[0]!);
  const others = names.filter((name) => !name.startsWith("value_"));
  const added = Object.entries(settings).map(([name, value]) => `${settingOf(value)} as value_${name}`);
  await engine.create("run.settings", `select ${[...others, ...added].join(", ")} from run.settings`);
}

const settingOf = (value: Setting) => {
  if (value === null) return "empty_text()";
  return typeof value === "number" ? numberOf(value) : quoteText(String(value));
};

const numberOf = (value: number) =>
  Number.isInteger(value) ? `cast(${value} as integer)` : numberSql(value);

const temporary = mkdtempSync(join(tmpdir(), "crm-analyze-contribution-"));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Files of a pipeline, without an analysis: {@link contributed} brings the only one. */
const filesOf = (pipeline: string, overrides: Overrides = {}) =>
  readPlan(path(pipeline), { ...overrides, only: [] });
const tiny = (overrides?: Overrides) => filesOf("fixtures/tiny/tiny.yml", overrides);
const sum = (rows: readonly Row[], column: string) =>
  rows.reduce((total, row) => total + Number(row[column]), 0);
const table = (told: Told, name: string) => told.part.tables.find((shown) => shown.name === name)!;

/** Rows of a query by the key of their customer. */
const byKey = (rows: readonly Row[]) =>
  Object.fromEntries(rows.map(({ customer_key: key, ...row }) => [String(key), Object.values(row)]));

const named = (columns: string, relation: string) =>
  `select customer_key, ${columns} from ${relation} as counted inner join unified.customers as customers
    on counted.customer_id = customers.customer_id order by customer_key`;

const TIERS = named("tier, contribution_amount, rests_on", "results.value_tiers");

/**
 * fixtures/tiny as of 2025-06-30, the twelve months from 2024-07-01, by hand; the documents are told in rfm.test.ts.
 *
 *      gross            returned          discount  cost                        contribution  before
 *  C1  O1, O2, O3 300   R1 40, G2 30            0   75 + 40 + 50 − 20 = 145               85       0
 *  C2  O5, O6     700                           0   7 × 70            = 490              210     150 (O4 500 − 350)
 *  C3  O7        2000                           0   20 × 70           = 1400             600       0
 *  C4  –                                                                                   0       0
 *  C5  O10–O12   1520                          20   6 × 240           = 1440              60       0
 *
 * X1 is cancelled, F1 and G3 are dated after the day, G1 settles the return R1.
 * Positive contributions 955: before C3 lies none of it, before C2 0.628, before C1 0.848, before C5 0.937.
 */
describe("twelve orders by hand", () => {
  let told: Told;
  beforeAll(async () => {
    told = await contributed(tiny(), {
      queries: {
        features: named(
          "gross_amount, return_amount, discount_amount, cost_amount, counted.contribution_amount, before_contribution_amount",
          "features.contribution",
        ),
        tiers: TIERS,
        ranks: named("contribution_rank", "results.value_ranks"),
        cuts: "select tier, cut_amount from results.value_cuts order by tier",
        curve: "select * from results.value_curve",
        window: "select * from results.value_concentration where period_kind = 'window'",
        dynamics: "select * from results.value_dynamics order by month_start",
        cohorts: "select * from results.value_cohorts order by cohort_month",
        ties: "select * from results.value_ties order by tie",
      },
    });
  });

  test("contribution is gross less returns, refunds beyond them, discounts and cost", () => {
    expect(byKey(told.rows["features"]!)).toEqual({
      C1: [300, 70, 0, 145, 85, 0],
      C2: [700, 0, 0, 490, 210, 150],
      C3: [2000, 0, 0, 1400, 600, 0],
      C4: [0, 0, 0, 0, 0, 0],
      C5: [1520, 0, 20, 1440, 60, 0],
    });
    expect(told.findings.totals).toMatchObject({
      customerCount: 5,
      activeCount: 4,
      grossAmount: 4520,
      netAmount: 4430,
      contributionAmount: 955,
      costKnownShare: 1,
    });
  });

  test("tiers by the share that better customers bring, the first one always in A", () => {
    expect(byKey(told.rows["tiers"]!)).toEqual({
      C1: ["C", 85, "known"],
      C2: ["B", 210, "known"],
      C3: ["A", 600, "known"],
      C4: ["D", 0, "nothing"],
      C5: ["C", 60, "known"],
    });
    expect(told.rows["cuts"]!.map((row) => row["cut_amount"])).toEqual([600, 210, 60]);
    expect(byKey(told.rows["ranks"]!)).toEqual({ C1: [3], C2: [2], C3: [1], C5: [4] });
  });

  // Ascending 60, 85, 210, 600: (2 (60 + 170 + 630 + 2400) − 5 × 955) / (4 × 955); squares 407,000 + 925 over 955².
  test("Gini, Herfindahl and what the best bring", () => {
    const { rows, columns } = table(told, "concentration");
    expect(columns.map(({ name }) => name)).toContain("herfindahl");
    expect(rows.getChild("herfindahl")!.get(0)).toBe(told.findings.herfindahl);
    expect(told.findings.gini).toBeCloseTo(1745 / 3820, 12);
    expect(told.findings.herfindahl).toBeCloseTo((3600 + 7225 + 44100 + 360000) / 955 ** 2, 12);
    expect(told.findings.topShares.top20).toBeCloseTo(600 / 955, 12);
    expect(told.rows["curve"]!.map((row) => row["contribution_amount"])).toEqual([600, 810, 895, 955]);
    expect(told.rows["curve"]!.at(-1)).toMatchObject({ customer_share: 1, contribution_share: 1 });
  });

  // C4 comes in May 2023 and is lost in June 2024, twelve months after its last order; C2, C5, C1, C3 come one by one.
  test("the base from month to month", () => {
    const events = told.rows["dynamics"]!.filter(
      (row) => Number(row["new_count"]) + Number(row["lost_count"]) + Number(row["reactivated_count"]) > 0,
    );
    expect(
      events.map((row) => [
        String(row["month_start"]).slice(0, 7),
        row["new_count"],
        row["lost_count"],
        row["closing_count"],
      ]),
    ).toEqual([
      ["2023-05", 1, 0, 1],
      ["2024-04", 1, 0, 2],
      ["2024-06", 0, 1, 1],
      ["2025-01", 1, 0, 2],
      ["2025-03", 1, 0, 3],
      ["2025-05", 1, 0, 4],
    ]);
    expect(events[2]).toMatchObject({ lost_amount: 200 });
    expect(told.rows["dynamics"]).toHaveLength(26);
  });

  test("cohorts: who ordered again in time, and nothing where the time is not over", () => {
    const shares = told.rows["cohorts"]!.map((row) => [
      String(row["cohort_month"]).slice(0, 7),
      row["again_1_share"],
      row["again_3_share"],
      row["again_12_share"],
      row["contribution_amount"],
    ]);
    expect(shares).toEqual([
      ["2023-05", 0, 1, 1, 100],
      ["2024-04", 0, 1, 1, 360],
      ["2025-01", 0, 1, null, 60],
      ["2025-03", 0, 1, null, 85],
      ["2025-05", 0, null, null, 600],
    ]);
  });

  test("sums tie to orders and to invoices; orders without an invoice are told", () => {
    expect(told.rows["ties"]).toMatchObject([
      { tie: "invoiced_orders", document_count: 2, here_amount: 180, there_amount: 180 },
      { tie: "invoices", document_count: 2, here_amount: 180, there_amount: 180 },
      { tie: "not_invoiced", document_count: 1, here_amount: 120 },
      { tie: "orders", document_count: 13, here_amount: 5160, there_amount: 5160 },
      { tie: "outside_billing", document_count: 9, here_amount: 4900 },
    ]);
    expect(told.findings.differenceCount).toBe(0);
    expect(english(told.log).filter((warning) => warning.includes("invoiced_orders"))).toEqual([]);
  });

  test("no cost to serve and no rate for late payment are said to be so", () => {
    const notes = told.part.notes.join(" ");
    expect(notes).toContain("cost_to_serve");
    expect(notes).toContain("late_payment_rate");
  });
});

/** Staged rows in place of those there are: the columns named, all others empty. */
async function stage(
  engine: Engine,
  entity: string,
  rows: readonly Readonly<Record<string, string>>[],
): Promise<void> {
  const columns = (await columnsOf(engine, `staged.${entity}`)).filter((name) => name !== "is_readable");
  const selects = rows.map((row) => {
    const values = columns.map((name) => `${row[name] ?? "null"} as ${name}`);
    return `select ${values.join(", ")}`;
  });
  await engine.create(`staged.${entity}_before`, `select * from staged.${entity}`);
  const kept = `select ${columns.join(", ")} from staged.${entity}_before`;
  await engine.create(`staged.${entity}`, [kept, ...selects].join(" union all "));
}

async function columnsOf(engine: Engine, relation: string): Promise<string[]> {
  for await (const batch of engine.read(`select * from ${relation} where 1 = 0`))
    return batch.schema.fields.map(({ name }) => name);
  return [];
}

const contact = ([key, kind, customer, at]: readonly [string, string, string, string]) => ({
  file_id: "0",
  source: "'shop'",
  activity_key: `'${key}'`,
  activity_kind: `'${kind}'`,
  customer_key: `'${customer}'`,
  activity_at: `timestamp '${at} 12:00:00'`,
});

describe("cost to serve", () => {
  let told: Told;
  beforeAll(async () => {
    told = await contributed(tiny(), {
      config: { cost_to_serve: { Call: 25, ticket: 70, branch: 9 } },
      prepare: async (engine) => {
        await stage(engine, "activities", [
          contact(["A1", "call", "C2", "2024-07-01"]),
          contact(["A2", "CALL", "C2", "2025-06-30"]),
          contact(["A3", "call", "C2", "2024-06-30"]),
          contact(["A4", "call", "C2", "2025-07-01"]),
          contact(["A5", "visit", "C2", "2025-01-01"]),
          contact(["A6", "call", "C6", "2025-01-01"]),
          contact(["A7", "call", "C9", "2025-01-01"]),
        ]);
        await stage(engine, "cases", [
          {
            file_id: "0",
            source: "'shop'",
            case_key: "'T1'",
            customer_key: "'C5'",
            opened_at: "timestamp '2025-03-01 10:00:00'",
          },
        ]);
      },
      queries: {
        features: named(
          "service_amount, counted.contribution_amount, before_contribution_amount",
          "features.contribution",
        ),
        losing: "select customer_key, contribution_amount, loss_reason from results.value_losing",
        window: "select * from results.value_concentration where period_kind = 'window'",
      },
    });
  });

  test("is price times contacts in the window, whatever the case of the kind, and none after the day", () => {
    expect(byKey(told.rows["features"]!)).toMatchObject({
      C2: [50, 160, 125],
      C5: [70, -10, 0],
      C1: [0, 85, 0],
    });
    expect(told.findings.totals.serviceAmount).toBe(120);
  });

  test("names who costs more than they bring, and why", () => {
    expect(told.rows["losing"]).toEqual([
      { customer_key: "C5", contribution_amount: -10, loss_reason: "service" },
    ]);
    expect(told.findings).toMatchObject({ losingCount: 1, lostAmount: -10 });
    expect(table(told, "losing").rows.numRows).toBe(1);
  });

  // Ascending −10, 85, 160, 600: (2 (−10 + 170 + 480 + 2400) − 5 × 835) / (4 × 855).
  test("Gini with losses has the sum of absolute values below the line; the curve rises above the whole", () => {
    expect(told.findings.gini).toBeCloseTo((2 * 3040 - 5 * 835) / (4 * 855), 12);
    expect(told.findings.topShares.top20).toBeCloseTo(600 / 835, 12);
    const curve = (told.part.charts[0] as Curve).rows.getChild("contribution_share")!;
    expect(Math.max(...(curve as Iterable<number>))).toBeCloseTo(845 / 835, 12);
  });

  test("contacts without a price, prices without a contact, contacts of nobody and of those who never bought are told", () => {
    expect(told.findings).toMatchObject({
      unpricedKinds: ["visit"],
      unusedKinds: ["branch"],
      prospectContactCount: 2,
    });
    expect(told.part.notes.join(" ")).toMatch(
      /not in the cost to serve: visit.*do not occur in the window: branch/,
    );
    expect(english(told.log).join(" ")).toMatch(/contacts: 1 is with nobody whom any export knows/);
  });
});

describe("late payment", () => {
  // C1's I2 of 80, due 2025-04-10: paid 73 days late at 10 % is 80 × 73 / 365 × 0.1 = 1.60; I3 of 100, due 2025-06-11, is still open after 19 days: 0.52.
  test("costs the days late at the yearly rate; an open invoice is late until the as-of date, one in time costs nothing", async () => {
    const told = await contributed(tiny(), {
      config: { late_payment_rate: 0.1 },
      prepare: async (engine) => {
        await engine.create("staged.invoices_before", "select * from staged.invoices");
        await engine.create(
          "staged.invoices",
          `select * replace (
            case when invoice_key = 'I2' then date '2025-04-10' else date '2025-06-11' end as due_date,
            case when invoice_key = 'I2' then date '2025-06-22' else date '2025-07-15' end as paid_date) from staged.invoices_before`,
        );
      },
      queries: {
        late: "select document_date, payment_amount, contribution_amount from facts.contributions where document_kind = 'late_payment' order by document_date",
      },
    });
    expect(told.rows["late"]).toEqual([
      { document_date: "2025-04-10", payment_amount: 1.6, contribution_amount: -1.6 },
      { document_date: "2025-06-11", payment_amount: 0.52, contribution_amount: -0.52 },
    ]);
    expect(told.findings.totals.paymentAmount).toBeCloseTo(2.12, 10);
  });
});

type StagedRow = Readonly<Record<string, string>>;

const invoice = (key: string, more: StagedRow = {}): StagedRow => ({
  file_id: "0",
  source: "'shop'",
  invoice_key: `'${key}'`,
  customer_key: "'C2'",
  invoice_date: "date '2024-02-01'",
  due_date: "date '2024-03-06'",
  invoice_amount: "1000",
  ...more,
});

const payment = (key: string, invoiceKey: string, more: StagedRow = {}): StagedRow => ({
  file_id: "0",
  source: "'shop'",
  payment_key: `'${key}'`,
  invoice_key: `'${invoiceKey}'`,
  paid_at: "timestamp '2024-03-01 12:00:00'",
  payment_amount: "1000",
  ...more,
});

/** Interest at 10 % on invoices of 1,000, due 2024-03-06 and 289 days ago on 2024-12-20. */
async function interestOf(invoices: readonly StagedRow[], payments: readonly StagedRow[] = []) {
  const plan = tiny({ asOfDate: "2024-12-20" });
  const told = await contributed(plan, {
    config: { late_payment_rate: 0.1 },
    prepare: async (engine) => {
      await stage(engine, "invoices", invoices);
      if (payments.length > 0) await stage(engine, "payments", payments);
    },
    queries: {
      late: `select invoices.invoice_key, contributions.payment_amount from facts.contributions as contributions
        left join staged.invoices as invoices
          on contributions.document_id = key_hash(invoices.source, 'late payment', invoices.invoice_key)
        where contributions.document_kind = 'late_payment'`,
    },
  });
  const late = told.rows["late"]!;
  const interestOf = new Map(late.map((row) => [String(row["invoice_key"]), Number(row["payment_amount"])]));
  const notes = told.part.notes.filter((note) => note.includes("nothing says when"));
  return { interest: sum(late, "payment_amount"), interestOf, undated: told.findings.undatedCount, notes };
}

const PAID = "'paid'";
const ON_TIME = "date '2024-03-01'";
const LATE = "timestamp '2024-05-18 12:00:00'";
const AFTER = "timestamp '2024-12-21 12:00:00'";

// 1,000 × 289 days / 365 × 0.1 = 79.18; 73 days late are 20.00; of 50 are 3.96.
describe("what of an invoice is open after its due date", () => {
  /** An invoice each, called as the case is. */
  const CASES: [string, StagedRow, readonly StagedRow[], number][] = [
    ["all of it, without a word of a payment", {}, [], 79.18],
    ["nothing of one paid in time", { paid_date: ON_TIME }, [], 0],
    ["nothing of one paid in time by a payment row, whatever the status", {}, [payment("P1", "N1")], 0],
    ["what came late, up to that day", {}, [payment("P1", "N1", { paid_at: LATE })], 20],
    [
      "a payment after the as-of date does not count yet",
      {},
      [payment("P1", "N1", { paid_at: AFTER })],
      79.18,
    ],
    ["nor does one behind the status", { status: PAID }, [payment("P1", "N1", { paid_at: AFTER })], 79.18],
    ["nor a paid date after it", { status: PAID, paid_date: "date '2024-12-21'" }, [], 79.18],
    ["the rest of one paid in part", {}, [payment("P1", "N1", { payment_amount: "950" })], 3.96],
    ["the rest, by its own paid amount", { paid_amount: "950", paid_date: ON_TIME }, [], 3.96],
    [
      "the same money on the invoice and in payments once",
      { paid_amount: "950" },
      [payment("P1", "N1", { payment_amount: "950" })],
      3.96,
    ],
    [
      "each part to its own day",
      {},
      [
        payment("P1", "N1", { payment_amount: "500" }),
        payment("P2", "N1", { payment_amount: "250", paid_at: LATE }),
      ],
      5 + 19.79,
    ],
    ["nothing of what was paid twice", {}, [payment("P1", "N1"), payment("P2", "N1", { paid_at: LATE })], 0],
    ["all of it when the payment failed", {}, [payment("P1", "N1", { status: "'failed'" })], 79.18],
    [
      "all of it when the money went back",
      {},
      [payment("P1", "N1", { payment_kind: "'refund'", payment_amount: "-1000" })],
      79.18,
    ],
    ["nothing of a credit note", { invoice_amount: "-500" }, [], 0],
    ["nothing of one without a due date", { due_date: "null" }, [], 0],
    [
      "nothing of a discount for prompt payment",
      { status: PAID, paid_amount: "980", paid_date: ON_TIME },
      [],
      0,
    ],
    [
      "nothing once it is paid in another currency",
      { currency: "'EUR'" },
      [payment("P1", "N1", { currency: "'USD'", payment_amount: "700" })],
      0,
    ],
  ];
  let found: Awaited<ReturnType<typeof interestOf>>;
  beforeAll(async () => {
    found = await interestOf(
      CASES.map(([name, more]) => invoice(name, more)),
      CASES.flatMap(([name, , payments]) =>
        payments.map((row, i) => ({ ...row, payment_key: `'${name} ${i}'`, invoice_key: `'${name}'` })),
      ),
    );
  });

  test.each(CASES)("%s", (name, ...[, , interest]) => {
    expect(found.interestOf.get(name) ?? 0).toBeCloseTo(interest, 2);
    expect(found).toMatchObject({ undated: 0, notes: [] });
  });

  test("what is marked as paid with no known day is in time, counted and told", async () => {
    const found = await interestOf([
      invoice("N1", { status: PAID }),
      invoice("N2", { paid_amount: "950" }),
      invoice("N3", { status: PAID, due_date: "date '2025-01-31'" }),
    ]);
    expect(found.interest).toBeCloseTo(3.96, 2);
    expect(found.undated).toBe(2);
    expect(found.notes[0]).toContain("2 invoices past due");
  });
});

describe("invoices of subscriptions", () => {
  const S1 = {
    invoice_date: "date '2025-02-01'",
    due_date: "null",
    subscription_key: "'S1'",
    invoice_amount: "400",
  };
  const subscribed = (margin?: number, refunds: readonly StagedRow[] = []) =>
    contributed(tiny(), {
      ...(margin === undefined ? {} : { margin }),
      prepare: async (engine) => {
        await stage(engine, "invoices", [invoice("N1", S1), invoice("N2", { ...S1, invoice_amount: "-50" })]);
        await stage(engine, "payments", refunds);
      },
      queries: {
        documents: `select gross_amount, return_amount, net_amount, cost_amount, contribution_amount, has_cost
          from facts.contributions where document_kind = 'subscription' order by gross_amount`,
        tiers: TIERS,
        ties: "select * from results.value_ties where tie = 'subscriptions'",
      },
    });
  const values = (told: Told) => told.rows["documents"]!.map((row) => Object.values(row));

  // Goods cost 3,925 of 5,130 net in all of history: 76.51 %.
  test("cost what goods cost until their margin is set, and then what it leaves", async () => {
    expect(values(await subscribed())).toEqual([
      [0, 50, -50, -38.26, -11.74, false],
      [400, 0, 400, 306.04, 93.96, false],
    ]);
    const told = await subscribed(0.9);
    expect(values(told)).toEqual([
      [0, 50, -50, -5, -45, true],
      [400, 0, 400, 40, 360, true],
    ]);
    expect(byKey(told.rows["tiers"]!)["C2"]).toEqual(["A", 525, "known"]);
    expect(told.findings.basis).toBe("known");
  });

  test("are less what was given back for them by the as-of date, and tie to billing before that", async () => {
    const back = (key: string, more: StagedRow) =>
      payment(key, "N1", { payment_kind: "'refund'", paid_at: "timestamp '2025-03-01 12:00:00'", ...more });
    const told = await subscribed(1, [
      back("B1", { payment_amount: "-100" }),
      back("B2", { payment_amount: "-300" }),
      back("B3", { payment_amount: "-7", status: "'failed'" }),
      back("B4", { payment_amount: "-9", paid_at: "timestamp '2025-07-01 12:00:00'" }),
    ]);
    expect(values(told)).toEqual([
      [0, 50, -50, 0, -50, true],
      [400, 400, 0, 0, 0, true],
    ]);
    expect(told.rows["ties"]).toMatchObject([{ document_count: 2, here_amount: 350, there_amount: 350 }]);
  });

  test("a refund in a currency without a rate stops the run", async () => {
    const refund = payment("B1", "N1", {
      payment_kind: "'refund'",
      payment_amount: "-100",
      currency: "'USD'",
    });
    await expect(subscribed(1, [refund])).rejects.toThrow(
      /invoices: 1 row is in a currency without a rate on its day/,
    );
  });
});

/** Nobody knows this record of a customer any more. */
const forgetCustomer = (key: string) => async (engine: Engine) => {
  await engine.create("unified.lineage_before", "select * from unified.lineage");
  await engine.create(
    "unified.lineage",
    `select * from unified.lineage_before where record_key <> ${quoteText(key)}`,
  );
};

describe("a document that is lost between staging and the facts stops the run", () => {
  test("an order", async () => {
    await expect(contributed(tiny(), { prepare: forgetCustomer("C3"), queries: {} })).rejects.toThrow(
      /results.value_ties: 1 row breaks .*: tie orders/,
    );
  });

  test("an invoice", async () => {
    const prepare = (engine: Engine) => stage(engine, "invoices", [invoice("N1", { customer_key: "'C0'" })]);
    await expect(contributed(tiny(), { prepare, queries: {} })).rejects.toThrow(
      /results.value_ties: 1 row breaks .*: tie invoices/,
    );
  });
});

const head = (key: string, customer: string, amount: string): StagedRow => ({
  file_id: "0",
  source: "'shop'",
  order_key: `'${key}'`,
  customer_key: `'${customer}'`,
  order_date: "date '2025-04-01'",
  order_amount: amount,
});

test("a base of 180 trillion adds up, as in a currency of small units", async () => {
  const told = await contributed(tiny(), {
    prepare: async (engine) => {
      await stage(engine, "orders", [
        head("V1", "C2", "60000000000000"),
        head("V2", "C3", "60000000000000"),
        head("V3", "C3", "60000000000000"),
      ]);
      await stage(engine, "invoices", [
        invoice("N1", { order_key: "'V1'", invoice_amount: "60000000000000" }),
        invoice("N2", { order_key: "'V2'", invoice_amount: "60000000000000", customer_key: "'C3'" }),
      ]);
    },
    config: { late_payment_rate: 0.01 },
    queries: { tiers: named("net_amount", "results.value_tiers") },
  });
  expect(told.findings.differenceCount).toBe(0);
  expect(told.findings.totals.netAmount).toBe(180_000_000_004_430);
  expect(byKey(told.rows["tiers"]!)["C3"]).toEqual([120_000_000_002_000]);
});

// O10: 520 less 20, in dollars by its lines alone, at 2.00.
test("the discount of a head without a currency is in that of its lines, as its order is", async () => {
  const told = await contributed(tiny(), {
    prepare: async (engine) => {
      await stage(engine, "rates", [
        { file_id: "0", source: "'shop'", currency: "'USD'", rate_date: "date '2024-01-01'", rate: "2" },
      ]);
      await engine.create("staged.order_lines_before", "select * from staged.order_lines");
      await engine.create(
        "staged.order_lines",
        "select * replace (case when order_key = 'O10' then 'USD' end as currency) from staged.order_lines_before",
      );
    },
    queries: {
      discounted: `select gross_amount, return_amount, discount_amount, net_amount
        from facts.contributions where discount_amount <> 0`,
    },
  });
  expect(told.rows["discounted"]!.map((row) => Object.values(row))).toEqual([[1040, 0, 40, 1000]]);
});

// Contributions 600, 210, 85, and 60 − 5,000 = −4,940: −4,045 in all.
describe("a base that lost money", () => {
  let told: Told;
  beforeAll(async () => {
    told = await contributed(tiny(), {
      config: { cost_to_serve: { visit: 5000 } },
      prepare: (engine) => stage(engine, "activities", [contact(["A1", "visit", "C5", "2025-01-01"])]),
      queries: {
        shares: `select contribution_share from results.value_tier_sums union all
          select contribution_share from results.value_key_accounts union all
          select contribution_share from results.value_curve`,
      },
    });
  });

  test("has no shares of a total below zero", () => {
    expect(told.rows["shares"]).toHaveLength(4 + 3 + 4);
    expect(told.rows["shares"]!.filter((row) => row["contribution_share"] !== null)).toEqual([]);
    expect(told.part.charts.map(({ kind }) => kind)).toEqual(["bars"]);
    const shares = [...(table(told, "tiers").rows.getChild("contribution_share") as Iterable<unknown>)];
    expect(shares).toEqual([null, null, null, null]);
  });

  test("answers so, and tells of one customer as of one", () => {
    expect(told.part.answer).toBe(
      "In the last 12 months customers cost €4,045.00 more than they brought. Customers who cost more than they brought: 1.",
    );
    expect(told.part.notes).toContain("1 customer took €4,940.00 from the contribution of the others.");
  });
});

const forgetCost = (products: string) => async (engine: Engine) => {
  await engine.create("staged.products_before", "select * from staged.products");
  await engine.create(
    "staged.products",
    `select * replace (case when product_key in (${products}) then null else unit_cost end as unit_cost) from staged.products_before`,
  );
};

describe("where cost is missing", () => {
  // Known are C1 to C4 over all of history: cost 145 + 840 + 1400 + 100 = 2485 of 230 + 1200 + 2000 + 200 = 3630.
  // C5's three orders of 500 are taken at 342.29 each.
  test("it is taken at the base's known cost and marked, never at zero", async () => {
    const told = await contributed(tiny(), { prepare: forgetCost("'P4'"), queries: { tiers: TIERS } });
    expect(told.findings.knownCostRate).toBeCloseTo(2485 / 3630, 12);
    expect(byKey(told.rows["tiers"]!)["C5"]).toEqual(["A", 473.13, "estimated"]);
    expect(byKey(told.rows["tiers"]!)["C3"]).toEqual(["A", 600, "known"]);
    expect(told.findings.basis).toBe("estimated");
    expect(told.findings.totals.costKnownShare).toBeCloseTo(3000 / 4520, 12);
    expect(told.part.notes[0]).toContain("66.4%");
    expect(told.part.notes[0]).toContain("68.5%");
  });

  test("altogether, contribution is revenue and every tier says so", async () => {
    const told = await contributed(tiny(), {
      prepare: forgetCost("'P1', 'P2', 'P3', 'P4'"),
      queries: { tiers: TIERS },
    });
    expect(told.findings.basis).toBe("revenue");
    expect(byKey(told.rows["tiers"]!)).toMatchObject({
      C1: [expect.anything(), 230, "revenue"],
      C3: ["A", 2000, "revenue"],
    });
    expect(told.findings.totals).toMatchObject({ costAmount: 0, costKnownShare: 0 });
    expect(told.part.headlines[0]!.note).toContain("not profit");
  });
});

describe("a difference between order and invoice", () => {
  test("is a warning with its document, and in the report", async () => {
    const told = await contributed(tiny(), {
      prepare: async (engine) => {
        await engine.create("staged.invoices_before", "select * from staged.invoices");
        await engine.create(
          "staged.invoices",
          `select * replace (
            case when invoice_key = 'I3' then invoice_amount - 10 else invoice_amount end as invoice_amount,
            case when invoice_key = 'I2' then 'O99' else order_key end as order_key) from staged.invoices_before`,
        );
      },
      queries: {
        differences:
          "select order_key, order_amount, invoiced_amount, has_order from results.value_differences",
      },
    });
    expect(told.rows["differences"]).toEqual([
      { order_key: "O99", order_amount: 0, invoiced_amount: 80, has_order: false },
      { order_key: "O3", order_amount: 100, invoiced_amount: 90, has_order: true },
    ]);
    const warnings = english(told.log).filter((text) => text.startsWith("invoices:"));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^invoices: 1 order that invoices name does not count for the customer by the as-of date: order_key O99,/,
      ),
      expect.stringMatching(/^invoices: 1 order is invoiced at another amount than its own: order_key O3,/),
    ]);
    expect(told.findings).toMatchObject({
      differenceCount: 1,
      differenceAmount: 10,
      unknownOrderCount: 1,
      unknownOrderAmount: 80,
    });
    const { rows } = table(told, "differences");
    expect([...(rows.getChild("what") as Iterable<string>)]).toEqual([
      "no such order of this customer",
      "another amount",
    ]);
  });
});

test("differences above and below do not make up for each other", async () => {
  const told = await contributed(tiny(), {
    prepare: async (engine) => {
      await engine.create("staged.invoices_before", "select * from staged.invoices");
      await engine.create(
        "staged.invoices",
        `select * replace (case invoice_key when 'I2' then invoice_amount + 50 else invoice_amount - 50 end as invoice_amount)
          from staged.invoices_before`,
      );
    },
    queries: {},
  });
  expect(told.findings).toMatchObject({ differenceCount: 2, differenceAmount: 100, unknownOrderCount: 0 });
  expect(told.part.notes.join(" ")).toMatch(/2 orders are invoiced .* add up to €100\.00/);
});

describe("hysteresis", () => {
  // By amount A from 600, B from 200, C from 60, within 10 %: C3 has 600, C2 210, C1 85, C5 60, C4 0.
  const config = (A: number, B: number) => ({ tiers: { by: "amount", thresholds: { A, B, C: 60 } } });
  const before = (tiers: Readonly<Record<string, string>>) => async (engine: Engine) => {
    const rows = Object.entries(tiers).map(
      ([key, tier]) =>
        `select '${key}' as customer_key, '${tier}' as tier, cast(1000 as decimal(18, 4)) as contribution_amount`,
    );
    await engine.create(
      "run.previous_value",
      `select customers.customer_id, was.tier, was.contribution_amount from (${rows.join(" union all ")}) as was
        inner join unified.customers as customers on was.customer_key = customers.customer_key`,
    );
  };
  const tiersAfter = async (tiers: Readonly<Record<string, string>>, cuts: readonly [number, number]) => {
    const told = await contributed(tiny(), {
      config: config(...cuts),
      prepare: before(tiers),
      queries: {
        tiers: named("tier", "results.value_tiers"),
        moves: "select * from results.value_movements",
      },
    });
    return { tiers: byKey(told.rows["tiers"]!), moves: told.rows["moves"]! };
  };

  test("keeps a tier while the contribution is within the band on either side of the cut-point", async () => {
    const { tiers, moves } = await tiersAfter({ C3: "A", C2: "C", C1: "B", C5: "D", C4: "D" }, [650, 200]);
    expect(tiers).toEqual({ C3: ["A"], C2: ["C"], C1: ["C"], C5: ["D"], C4: ["D"] });
    expect(moves).toEqual([
      { previous_tier: "B", tier: "C", customer_count: 1, previous_amount: 1000, contribution_amount: 85 },
    ]);
  });

  test("gives way beyond the band, and puts newcomers where the cut-points say", async () => {
    const { tiers, moves } = await tiersAfter({ C3: "B", C2: "A", C4: "A" }, [500, 190]);
    expect(tiers).toEqual({ C3: ["A"], C2: ["B"], C1: ["C"], C5: ["C"], C4: ["D"] });
    expect(moves.map((row) => [row["previous_tier"], row["tier"], row["customer_count"]])).toEqual([
      ["", "C", 2],
      ["A", "B", 1],
      ["A", "D", 1],
      ["B", "A", 1],
    ]);
  });
});

describe("nothing in", () => {
  test("nothing out, and no error", async () => {
    const entities = [
      "orders",
      "order_lines",
      "invoices",
      "activities",
      "cases",
      "payments",
      "subscriptions",
    ];
    const relations = [
      ...CONTRIBUTION_READS.filter((name) => name !== "unified.customers"),
      ...CONTRIBUTION_RESULTS.map((name) => `results.${name}`),
    ];
    const told = await contributed(tiny(), {
      prepare: async (engine) => {
        for (const entity of entities) {
          await engine.create("staged.empty", `select * from staged.${entity} where 1 = 0`);
          await engine.create(`staged.${entity}`, "select * from staged.empty");
        }
      },
      queries: Object.fromEntries(relations.map((name) => [name, `select * from ${name}`])),
    });
    expect(relations.length).toBeGreaterThan(18);
    expect(Object.entries(told.rows).filter(([, rows]) => rows.length > 0)).toEqual([]);
    expect(told.findings).toMatchObject({
      basis: "nothing",
      losingCount: 0,
      cuts: { A: NaN, B: NaN, C: NaN },
    });
    expect(told.part.notes.join(" ")).not.toContain("NaN");
  });
});

describe("settings", () => {
  test.each([
    [{ tiers: { by: "amount" } }, "needed with by: amount"],
    [{ tiers: { by: "amount", thresholds: { A: 1, B: 2, C: 3 } } }, "descend"],
    [{ tiers: { thresholds: { A: 0.8, B: 0.5, C: 0.95 } } }, "ascend"],
    [{ cost_to_serve: { call: -1 } }, "call"],
    [{ window: 12 }, "window"],
    [{ cost_to_serve: { call: 1, Call: 2 } }, "same kind as call"],
  ])("%j is refused", (config, word) => {
    const parsed = ContributionConfig.safeParse(config);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error!.issues)).toContain(word);
  });
});

describe("one bare file", () => {
  const concentrationOf = async (amounts: readonly number[]) => {
    const file = join(temporary, "amounts.csv");
    const lines = amounts.map((amount, i) => `c${i},2025-06-0${(i % 9) + 1},${amount}`);
    writeFileSync(file, ["customer,date,amount", ...lines, ""].join("\n"));
    return contributed(await barePlanOf(file, {}, { asOfDate: "2025-06-30" }), { queries: {} });
  };

  test.each([
    [[541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261], 0.4620911, "R acid 1.1, gini"],
    [[1, 3, 2, 1, 1, 1, 4], 0.3076923, "R phylotools 0.1.2, gini"],
  ])("Gini of %j is %d (%s)", async (amounts, gini) => {
    const told = await concentrationOf(amounts);
    expect(told.findings.gini).toBeCloseTo(gini, 7);
  });

  test("equal customers: Gini 0, Herfindahl one over their number, and all in the tiers their share gives", async () => {
    const told = await concentrationOf(Array.from({ length: 40 }, () => 10));
    expect(told.findings.gini).toBe(0);
    expect(told.findings.herfindahl).toBeCloseTo(1 / 40, 12);
    expect(told.findings.cuts).toEqual({ A: 10, B: 10, C: 10 });
  });

  test("has revenue for contribution, says so, and shows no table of what is not there", async () => {
    const told = await concentrationOf([100, 50]);
    expect(told.findings.basis).toBe("revenue");
    const names = told.part.tables.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["waterfall", "tiers", "key-accounts", "dynamics", "dynamics-money", "cohorts"]),
    );
    for (const name of ["ties", "differences", "cost-to-serve", "movements", "losing"])
      expect(names).not.toContain(name);
  });
});

describe("the demo firm", () => {
  let told: Told;
  beforeAll(async () => {
    told = await contributed(filesOf("pipelines/demo.yml"), {
      // Nobody comes to a branch.
      config: {
        cost_to_serve: { call: 12, email: 2, meeting: 200, ticket: 40, branch: 3 },
        late_payment_rate: 0.06,
      },
      languages: LANGUAGES,
      queries: {
        kinds: `select document_kind, count(*) as document_count, sum(gross_amount) as gross_amount, sum(return_amount) as return_amount,
          sum(discount_amount) as discount_amount, sum(net_amount) as net_amount, sum(service_amount) as service_amount
          from facts.contributions group by document_kind`,
        untied: `select customer_id from (
            select customer_id, sum(net_amount) as net_amount from facts.contributions where document_kind in ('order', 'return') group by customer_id) as counted
          full outer join (select customer_id as order_customer_id, sum(order_amount) as order_amount from facts.orders
            where not is_cancelled and order_date <= date '${AS_OF}' group by customer_id) as ordered on customer_id = order_customer_id
          where net_amount is distinct from order_amount`,
        invoiced:
          "select coalesce(foreign_currency, 'CNY') as currency, sum(own_amount) as amount from facts.invoices group by foreign_currency order by currency",
        ties: "select * from results.value_ties",
        dynamics: "select * from results.value_dynamics order by month_start",
        orders: `select customer_id, order_date from facts.orders where is_purchase and order_date <= date '${AS_OF}'`,
        months:
          "select sum(net_amount) as net_amount, sum(contribution_amount) as contribution_amount from features.contribution_months",
        features: "select sum(contribution_amount) as contribution_amount from features.contribution",
        tiers: "select * from results.value_tiers",
        cohorts: "select * from results.value_cohorts",
        late: "select max(document_date) as last_date from facts.contributions",
      },
    });
  });
  const kind = (name: string) => told.rows["kinds"]!.find((row) => row["document_kind"] === name)!;
  const truth = JSON.parse(readFileSync(path("fixtures/demo/truth/totals.json"), "utf8")) as {
    billing: { invoiced_without_void: Record<string, string> };
  };

  test("gross, returns, discounts and concessions are those of the ERP and of billing, to the cent a document", () => {
    const past = documents().filter(({ day }) => day <= AS_OF);
    const yuan = (value: bigint) => Number(value) / 1e6;
    const total = (of: (document: (typeof past)[number]) => bigint) =>
      yuan(past.reduce((all, one) => all + of(one), 0n));
    const isSale = ({ isReturn }: (typeof past)[number]) => !isReturn;
    const cent = past.filter(({ isDollars }) => isDollars).length * 0.01;
    expect(
      Math.abs(Number(kind("order")["gross_amount"]) - total((d) => (isSale(d) ? d.gross : 0n))),
    ).toBeLessThan(cent);
    expect(
      Math.abs(Number(kind("return")["return_amount"]) + total((d) => (isSale(d) ? 0n : d.gross))),
    ).toBeLessThan(cent);
    expect(Math.abs(Number(kind("order")["discount_amount"]) - total((d) => d.discount))).toBeLessThan(cent);
    expect(Math.abs(Number(kind("order")["return_amount"]) - total((d) => d.conceded))).toBeLessThan(cent);
    expect(kind("order")["discount_amount"]).toBeGreaterThan(400_000);
  });

  test("each customer's orders and returns sum to facts.orders", () => {
    expect(told.rows["untied"]).toEqual([]);
  });

  test("billing's total is totals.json's; its invoices are all of orders or subscriptions, and equal the orders", () => {
    const found = Object.fromEntries(
      told.rows["invoiced"]!.map((row) => [row["currency"], Number(row["amount"]).toFixed(2)]),
    );
    expect(found).toEqual(truth.billing.invoiced_without_void);
    const tie = (name: string) => told.rows["ties"]!.find((row) => row["tie"] === name);
    expect(tie("invoiced_orders")!["here_amount"]).toBe(tie("invoiced_orders")!["there_amount"]);
    expect(tie("invoiced_orders")!["document_count"]).toBe(8382);
    expect(tie("other_invoices")).toBeUndefined();
    expect(tie("not_invoiced")).toBeUndefined();
    expect(told.findings.differenceCount).toBe(0);
    const subscriptions = readExport("billing/invoices.csv").filter(
      (row) => row["subscription"] !== "" && row["status"] !== "void" && /^\d+$/.test(row["total"]!),
    );
    expect(kind("subscription")["net_amount"]).toBeCloseTo(
      subscriptions.reduce((all, row) => all + Number(row["total"]), 0) / 100,
      2,
    );
  });

  test("cost to serve is the contacts of CRM and tickets at their price", () => {
    const price: Readonly<Record<string, number>> = { CALL: 12, EMAIL: 2, MEETING: 200 };
    const isMoment = (text: string | undefined) => !Number.isNaN(Date.parse(text!));
    const activities = readExport("crm/activities.csv").filter((row) => isMoment(row["Activity Date"]));
    const tickets = readExport("crm/tickets.csv").filter((row) => isMoment(row["Create Date"]));
    const expected =
      activities.reduce((all, row) => all + price[row["Activity Type"]!]!, 0) + tickets.length * 40;
    expect(kind("contact")["document_count"]).toBe(activities.length + tickets.length);
    expect(kind("contact")["service_amount"]).toBe(expected);
  });

  test("nothing is dated after the day", () => {
    expect(String(told.rows["late"]![0]!["last_date"]) <= AS_OF).toBe(true);
  });

  test("the bridge adds up in customers and money, and its end is those who ordered in the last twelve months", () => {
    const rows = told.rows["dynamics"]!;
    expect(rows).toHaveLength(36);
    for (const [i, row] of rows.entries()) {
      expect(row["opening_count"]).toBe(i === 0 ? 0 : rows[i - 1]!["closing_count"]);
      expect(row["previous_net_amount"]).toBe(i === 0 ? 0 : rows[i - 1]!["net_amount"]);
    }
    expect(sum(rows, "net_amount")).toBeCloseTo(Number(told.rows["months"]![0]!["net_amount"]), 2);
    for (const [end, from] of [
      ["2024-06", "2023-07"],
      ["2025-12", "2025-01"],
    ] as const) {
      const months = told.rows["orders"]!.map(
        (row) => [row["customer_id"], String(row["order_date"]).slice(0, 7)] as const,
      );
      const active = new Set(
        months.filter(([, month]) => month >= from && month <= end).map(([customer]) => customer),
      );
      const row = rows.find((candidate) => String(candidate["month_start"]).startsWith(end))!;
      expect(row["closing_count"]).toBe(active.size);
    }
    expect(sum(rows, "new_count")).toBe(2000);
    expect(sum(rows, "reactivated_count")).toBeGreaterThan(20);
  });

  test("reactivated are those who order after more than twelve months without, counted from the orders alone", () => {
    const months = new Map<Row[string], Set<number>>();
    for (const { customer_id: customer, order_date: date } of told.rows["orders"]!) {
      const [year, month] = String(date).split("-").map(Number) as [number, number];
      if (!months.has(customer!)) months.set(customer!, new Set());
      months.get(customer!)!.add(year * 12 + month);
    }
    const gaps = [...months.values()].flatMap((known) => {
      const sorted = [...known].toSorted((a, b) => a - b);
      return sorted.slice(1).map((month, i) => month - sorted[i]!);
    });
    expect(sum(told.rows["dynamics"]!, "reactivated_count")).toBe(gaps.filter((gap) => gap > 12).length);
  });

  test("tiers, the curve and the waterfall sum to the same contribution", () => {
    const { contributionAmount } = told.findings.totals;
    expect(sum(told.rows["tiers"]!, "contribution_amount")).toBeCloseTo(contributionAmount, 2);
    expect(Number(told.rows["features"]![0]!["contribution_amount"])).toBeCloseTo(contributionAmount, 2);
    expect(sum(told.rows["cohorts"]!, "contribution_amount")).toBeCloseTo(
      Number(told.rows["months"]![0]!["contribution_amount"]),
      2,
    );
    const steps = [...(table(told, "waterfall").rows.getChild("amount") as Iterable<number>)];
    const [gross, returns, discounts, net, cost, service, payment, contribution] = steps as [
      number,
      ...number[],
    ];
    expect(net).toBeCloseTo(gross + returns! + discounts!, 2);
    expect(contribution).toBeCloseTo(net! + cost! + service! + payment!, 2);
  });

  test("key accounts are named with their trend", () => {
    const { rows } = table(told, "key-accounts");
    expect(rows.numRows).toBe(20);
    for (const name of ["customer_key", "customer_name", "trend"])
      for (const value of rows.getChild(name)! as Iterable<string>) expect(value).toMatch(/\S/);
    expect(
      [...(rows.getChild("because") as Iterable<string | null>)].filter((text) => text !== null).length,
    ).toBeGreaterThan(5);
  });

  test.each(["en", "zh"] as const)(
    "in %s every text is filled, with a price of what does not occur too",
    (language) => {
      const part = told.parts[language];
      const words = [
        ...part.notes,
        ...part.headlines.flatMap(({ label, note }) => [label, note ?? ""]),
        ...[...part.charts, ...part.tables].flatMap(({ title, caption }) => [title, caption ?? ""]),
        ...part.tables.flatMap(({ rows }) =>
          rows.schema.fields.flatMap(({ name, type }) =>
            String(type) === "Utf8" ? [...(rows.getChild(name) as Iterable<string | null>)].map(String) : [],
          ),
        ),
      ];
      expect(words.length).toBeGreaterThan(100);
      expect(words.filter((word) => /\{\w+\}|undefined|NaN/.test(word))).toEqual([]);
      if (language === "zh")
        expect(part.tables.filter(({ title }) => !/[\u4e00-\u9fff]/.test(title))).toEqual([]);
    },
  );
});

test.each([
  ["en", "visit, 电话"],
  ["zh", "visit、电话"],
] as const)("kinds are listed as one does in %s", async (language, kinds) => {
  const told = await contributed(tiny({ language }), {
    config: { cost_to_serve: { call: 1 } },
    prepare: (engine) =>
      stage(engine, "activities", [
        contact(["A1", "电话", "C5", "2025-01-01"]),
        contact(["A2", "visit", "C5", "2025-01-01"]),
      ]),
    queries: {},
  });
  expect(told.part.notes.join(" ")).toContain(kinds);
  const words = [told.part.answer, ...told.part.notes].join(" ");
  expect(words).not.toMatch(/\{\w+\}|undefined|NaN/);
  if (language === "zh") expect(words).not.toMatch(/\d %/);
});

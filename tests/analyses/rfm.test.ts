import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPlan, type Overrides, type Plan } from "../../src/pipeline.js";
import { bareFilePlan, once, runPlan, type Ran, type Row } from "./run-plan.js";

const root = new URL("../../", import.meta.url);
const reference = fileURLToPath(new URL("../shared/reference/", root));
const temporary = mkdtempSync(join(tmpdir(), "crm-analyze-rfm-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const QUERIES = {
  rfm: "select * from results.rfm inner join (select customer_id, customer_key from unified.customers) as named on rfm.customer_id = named.customer_id inner join results.rfm_reasons on rfm.customer_id = rfm_reasons.customer_id order by named.customer_key",
  segments:
    "select segment, customer_count from results.rfm_segments where customer_count > 0 order by segment",
  scores: "select * from results.rfm_scores",
};

/**
 * The published sets with what an independent SQL program found:
 * quintiles and score counts from `rfm/rfm_sql.json`, scores of every customer from `rfm/rfm_<name>_sql.csv`.
 */
const SETS = [
  {
    source: "rfm_data_orders of the R package rfm 0.3.0",
    input: "rfm/rfm_data_orders.csv",
    scores: "rfm/rfm_rfm_data_orders_sql.csv",
    asOfDate: "2006-12-31",
    customerCount: 995,
    orderCount: 4906,
    cuts: "114, 180, 296.4, 481 days; 3, 4, 5, 7 orders; 254.80, 381, 505.40, 665 of money; 35 of 555, 75 of 111",
    cutWords: ["114 days", "180 days", "up to 296 days", "481 days", "254.80", "381.00", "505.40", "665.00"],
    recency: { 1: 197, 2: 201, 3: 198, 4: 199, 5: 200 },
    frequency: { 1: 268, 2: 187, 3: 176, 4: 244, 5: 120 },
    monetary: { 1: 199, 2: 201, 3: 197, 4: 203, 5: 195 },
    best: 35,
    worst: 75,
  },
  {
    source: "the published 1/10 sample of CDNOW (Fader & Hardie)",
    input: "value/cdnow_sample.csv",
    scores: "rfm/rfm_cdnow_sample_sql.csv",
    asOfDate: "1998-07-01",
    customerCount: 2357,
    orderCount: 6919,
    cuts: "153, 443, 487, 513 days; 1, 1, 2, 4 orders; 15.36, 31.96, 59.25, 130.44 of money; 234 of 555, 167 of 111",
    cutWords: ["153 days", "443 days", "487 days", "513 days", "15.36", "31.96", "59.25", "130.44"],
    recency: { 1: 459, 2: 478, 3: 475, 4: 471, 5: 474 },
    frequency: { 1: 1205, 3: 406, 4: 358, 5: 388 },
    monetary: { 1: 481, 2: 462, 3: 472, 4: 470, 5: 472 },
    best: 234,
    worst: 167,
  },
] as const;

describe.each(SETS)("against the reference: $source", ({ input, scores, asOfDate, ...published }) => {
  const isHere = existsSync(join(reference, scores));
  const title = isHere ? "" : " (skipped: ../shared/reference is not here)";
  const expected = isHere
    ? (parse(readFileSync(join(reference, scores)), { columns: true }) as Record<string, string>[])
    : [];
  const ran: Partial<Record<"quantile" | "ntile", Ran<keyof typeof QUERIES>>> = {};

  beforeAll(async () => {
    if (!isHere) return;
    for (const method of ["quantile", "ntile"] as const)
      ran[method] = await runPlan(
        await bareFilePlan(join(reference, input), { method }, { asOfDate }),
        QUERIES,
      );
  });

  test.skipIf(!isHere).each([
    ["quantile", ["r1", "f1", "m1"]],
    ["ntile", ["r3", "f3", "m3"]],
  ] as const)(`method %s: the scores of every customer${title}`, (method, [r, f, m]) => {
    const found = new Map(ran[method]!.rows.rfm.map((row) => [row["customer_key"], row]));
    expect(found.size).toBe(published.customerCount);
    expect(expected).toHaveLength(published.customerCount);
    const wrong = expected.filter((row) => {
      const ours = found.get(row["customer_id"]!);
      const scored = [ours?.["recency_score"], ours?.["frequency_score"], ours?.["monetary_score"]];
      return scored.join() !== [row[r], row[f], row[m]].join();
    });
    expect(wrong).toEqual([]);
  });

  test.skipIf(!isHere)(`recency, orders and money of every customer${title}`, () => {
    const rows = ran.quantile!.rows.rfm;
    const found = new Map(rows.map((row) => [row["customer_key"], row]));
    for (const row of expected) {
      const ours = found.get(row["customer_id"]!)!;
      expect(ours["recency_days"]).toBe(Number(row["recency_days"]));
      expect(ours["order_count"]).toBe(Number(row["frequency"]));
      expect(ours["total_amount"]).toBeCloseTo(Number(row["monetary"]), 6);
    }
    expect(rows.reduce((sum, row) => sum + Number(row["order_count"]), 0)).toBe(published.orderCount);
  });

  test.skipIf(!isHere)(`rfm_sql.json: cuts ${published.cuts}${title}`, () => {
    const { rows, report } = ran.quantile!;
    expect(countOf(rows.rfm, "recency_score")).toEqual(published.recency);
    expect(countOf(rows.rfm, "frequency_score")).toEqual(published.frequency);
    expect(countOf(rows.rfm, "monetary_score")).toEqual(published.monetary);
    const all = rows.rfm.map(
      (row) => `${row["recency_score"]}${row["frequency_score"]}${row["monetary_score"]}`,
    );
    expect(all.filter((score) => score === "555")).toHaveLength(published.best);
    expect(all.filter((score) => score === "111")).toHaveLength(published.worst);
    const words = cutWords(report.sections[0]!.tables.find((table) => table.name === "cut-points")!.rows);
    for (const cut of published.cutWords) expect(words).toContain(cut);
  });
});

function countOf(rows: readonly Row[], column: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[String(row[column])] = (counts[String(row[column])] ?? 0) + 1;
  return counts;
}

function cutWords(rows: { getChild(name: string): Iterable<unknown> | null }): string {
  return [...rows.getChild("range")!].join("; ");
}

const PIPELINE = fileURLToPath(new URL("fixtures/tiny/tiny.yml", root));

function tiny(settings: Readonly<Record<string, unknown>> = {}, overrides: Overrides = {}): Plan {
  return readPlan(PIPELINE, { ...overrides, analyses: { rfm: { slipping_from: 0.8, ...settings } } });
}

/** The tiny shop as it is; every test that changes nothing in it reads this run. */
const tinyRun = once(() => runPlan(tiny(), QUERIES));

/** The same in Chinese, by Chinese classes. */
const chineseRun = once(() =>
  runPlan(tiny({ vocabulary: "chinese-8" }, { language: "zh" }), {
    ...QUERIES,
    labels:
      "select customer_key, segment_label as segment from results.rfm inner join results.rfm_labels on rfm.segment = rfm_labels.segment inner join unified.customers on rfm.customer_id = customers.customer_id order by customer_key",
  }),
);

/** A column of `results.rfm`, customer by customer. */
function byCustomer(
  rows: readonly Row[],
  ...columns: readonly string[]
): Record<string, Row[string] | Row[string][]> {
  return Object.fromEntries(
    rows.map((row) => {
      const values = columns.map((column) => row[column]!);
      return [String(row["customer_key"]), values.length === 1 ? values[0]! : values];
    }),
  );
}

/**
 * fixtures/tiny as of 2025-06-30, by hand. Sales O1–O12; R1 is a return, X1 cancelled, F1 in the future.
 *
 *      orders                           last        recency  orders  money                              margin
 *  C1  O1 120 (2 lines), O2 80, O3 100  2025-06-20       10       3  300 − 40 (R1) − 30 (G2)    = 230   300 − 165 − (40 − 20) − 30 =  85
 *  C2  O4 500, O5 400, O6 300           2024-10-09      264       3                              1200   12 × (100 − 70)            = 360
 *  C3  O7 2000                          2025-05-21       40       1                              2000   20 × (100 − 70)            = 600
 *  C4  O8 120, O9 80                    2023-06-10      751       2                               200   10 × (20 − 10)             = 100
 *  C5  O10 520 − 20, O11, O12 500       2025-03-22      100       3                              1500   1500 − 6 × 240             =  60
 *
 * O10 has a discount of 20. Refund G1 (40 for O3) settles the return R1 and is not taken twice; G2 (30 for O2) is a price concession;
 * G3 is paid after the as-of date.
 */
describe("twelve orders by hand", () => {
  let base: Ran<keyof typeof QUERIES>;
  beforeAll(async () => {
    base = await tinyRun();
  });

  test("recency counts from the last sale: a return, a cancelled and a future order are none", () => {
    expect(byCustomer(base.rows.rfm, "recency_days")).toEqual({ C1: 10, C2: 264, C3: 40, C4: 751, C5: 100 });
  });

  test("frequency counts orders, not lines, returns or cancelled orders", () => {
    expect(byCustomer(base.rows.rfm, "order_count")).toEqual({ C1: 3, C2: 3, C3: 1, C4: 2, C5: 3 });
  });

  test("money is less discounts, returns and refunds that settle no return", () => {
    expect(byCustomer(base.rows.rfm, "total_amount")).toEqual({
      C1: 230,
      C2: 1200,
      C3: 2000,
      C4: 200,
      C5: 1500,
    });
  });

  // Recency 10, 40, 100, 264, 751: with five customers the quintile cuts lie between them.
  // Orders 1, 2, 3, 3, 3: cuts 1.8, 2.6, 3, 3, so 1 → 1, 2 → 2 and 3 → 3. Money 200, 230, 1200, 1500, 2000.
  test("scores", () => {
    expect(byCustomer(base.rows.rfm, "recency_score", "frequency_score", "monetary_score")).toEqual({
      C1: [5, 3, 2],
      C2: [2, 3, 3],
      C3: [4, 1, 5],
      C4: [1, 2, 1],
      C5: [3, 3, 4],
    });
  });

  test("English segments: 532, 233, 415, 121, 334", () => {
    expect(byCustomer(base.rows.rfm, "segment")).toEqual({
      C1: "potential_loyalist",
      C2: "at_risk",
      C3: "promising",
      C4: "lost",
      C5: "need_attention",
    });
  });

  // Means: recency 1165 / 5 = 233, orders 12 / 5 = 2.4, money 5130 / 5 = 1026.
  test("Chinese classes: each measure above or below its mean", async () => {
    const { rows } = await chineseRun();
    expect(byCustomer(rows.rfm, "segment")).toEqual({
      C1: "general_value",
      C2: "important_retention",
      C3: "important_development",
      C4: "general_win_back",
      C5: "important_value",
    });
    expect(byCustomer(rows.labels, "segment")).toEqual({
      C1: "一般价值客户",
      C2: "重要保持客户",
      C3: "重要发展客户",
      C4: "一般挽留客户",
      C5: "重要价值客户",
    });
  });

  // The twelve months end with 2025-06-30 and begin with 2024-07-01: of C2 O5 and O6 remain, C4 is gone.
  test("window of twelve months: its first day counts, the day before does not", async () => {
    const { rows } = await runPlan(tiny({ window_months: 12 }), QUERIES);
    expect(byCustomer(rows.rfm, "recency_days", "order_count", "total_amount")).toEqual({
      C1: [10, 3, 230],
      C2: [264, 2, 700],
      C3: [40, 1, 2000],
      C5: [100, 3, 1500],
    });
    const nextDay = await runPlan(tiny({ window_months: 12 }, { asOfDate: "2025-07-01" }), QUERIES);
    expect(byCustomer(nextDay.rows.rfm, "order_count", "total_amount")["C2"]).toEqual([1, 300]);
  });

  test("a window that ends on 31 August has February's last day before it", async () => {
    const asOf = (asOfDate: string) =>
      runPlan(tiny({ window_months: 6 }, { asOfDate }), {
        start: "select rfm_window_start as day from run.settings",
      });
    expect((await asOf("2025-08-31")).rows.start).toEqual([{ day: "2025-02-28" }]);
    expect((await asOf("2024-08-31")).rows.start).toEqual([{ day: "2024-02-29" }]);
  });

  // 230 / 3 = 76.67, 400, 2000, 200 / 2 = 100, 500: C1 and C4 change places.
  test("average money an order", async () => {
    const { rows } = await runPlan(tiny({ monetary: "average" }), QUERIES);
    expect(rows.rfm.map((row) => Math.round(100 * Number(row["monetary"])) / 100)).toEqual([
      76.67, 400, 2000, 100, 500,
    ]);
    expect(byCustomer(rows.rfm, "monetary_score")).toEqual({ C1: 1, C2: 3, C3: 5, C4: 2, C5: 4 });
  });

  test("margin: cost by product; a return brings its cost back", async () => {
    const { rows } = await runPlan(tiny({ money: "margin" }), QUERIES);
    expect(byCustomer(rows.rfm, "total_amount")).toEqual({ C1: 85, C2: 360, C3: 600, C4: 100, C5: 60 });
    expect(byCustomer(rows.rfm, "monetary_score")).toEqual({ C1: 2, C2: 4, C3: 5, C4: 3, C5: 1 });
  });

  test("fixed cut-points: recency 30 and 100 days, orders 1 and 2, money 230 and 1500; at the cut is below it", async () => {
    const cuts = { recency: [30, 100], frequency: [1, 2], monetary: [230, 1500] };
    const { rows } = await runPlan(tiny({ method: "fixed", bins: 3, cut_points: cuts }), QUERIES);
    expect(byCustomer(rows.rfm, "recency_score", "frequency_score", "monetary_score")).toEqual({
      C1: [3, 3, 1],
      C2: [1, 3, 2],
      C3: [2, 1, 3],
      C4: [1, 2, 1],
      C5: [2, 3, 2],
    });
  });
});

/**
 * Gaps: C1 50, 60; C2 91, 100; C4 40; C5 40, 40. Mean 421 / 7 = 60.14 days. Five customers are too few to learn a
 * shape, so k = 1, α = 3, β = 2 × 60.14 = 120.29 and lateness is 1 − (known / (silence + known))^(3 + gaps), known = β + Σ gaps.
 *
 *  C1  1 − (230.29 / 240.29)^5 = .191     C3  1 − (120.29 / 160.29)^3 = .577     C5  1 − (200.29 / 300.29)^5 = .868
 *  C2  1 − (311.29 / 575.29)^5 = .954     C4  1 − (160.29 / 911.29)^4 = .999
 *
 * The 99 % quantile of the gaps is 91 + .94 × 9 = 99.46: from the 101st day of silence a customer has lapsed.
 */
describe("who is late, by hand", () => {
  let base: Ran<keyof typeof QUERIES>;
  beforeAll(async () => {
    base = await tinyRun();
  });

  test("lateness", () => {
    const expected = { C1: 0.1914, C2: 0.9536, C3: 0.5773, C4: 0.999, C5: 0.868 };
    const found = byCustomer(base.rows.rfm, "lateness_probability");
    for (const [key, value] of Object.entries(expected)) expect(found[key]).toBeCloseTo(value, 3);
  });

  test("statuses: active, lapsed, new, lapsed; slipping after exactly 100 days, which is not yet lapsed", () => {
    expect(byCustomer(base.rows.rfm, "relationship_status")).toEqual({
      C1: "active",
      C2: "lapsed",
      C3: "new",
      C4: "lapsed",
      C5: "slipping",
    });
    expect(byCustomer(base.rows.rfm, "slipping_rank")).toEqual({
      C1: null,
      C2: null,
      C3: null,
      C4: null,
      C5: 1,
    });
  });

  const statusesWith = async (settings: Readonly<Record<string, unknown>>) =>
    byCustomer((await runPlan(tiny(settings), QUERIES)).rows.rfm, "relationship_status");

  test("with the threshold at 0.9 C5 is still active; 264 days of silence are lapsed after 263, not after 264", async () => {
    expect(await statusesWith({ slipping_from: 0.9, lapsed_after_days: 263 })).toMatchObject({
      C2: "lapsed",
      C5: "active",
    });
    expect(await statusesWith({ lapsed_after_days: 264 })).toMatchObject({ C2: "slipping", C5: "slipping" });
  });

  // With lapsing far off and the threshold at .5: band .99 C4 (200), band .95 C2 (1200), below: C3 (2000) before C5 (1500),
  // though C5 is later: within a band money decides, between bands likelihood.
  test("rank: bands of likelihood first, then money", async () => {
    const { rows } = await runPlan(tiny({ slipping_from: 0.5, lapsed_after_days: 800 }), QUERIES);
    expect(byCustomer(rows.rfm, "slipping_rank")).toEqual({ C1: null, C2: 2, C3: 3, C4: 1, C5: 4 });
  });

  // C5: 80 / 2 = 40 days a gap, so its recent period is 160 days, and the 20 days before are too few to say more.
  // C2: 191 / 2 = 95.5 days a gap, so 382 days, with 73 before.
  test("the reason in English", () => {
    const reasons = byCustomer(base.rows.rfm, "reason");
    expect(reasons["C1"]).toBe("usually orders every 55 days; last order 10 days ago");
    expect(reasons["C2"]).toBe("usually orders every 96 days; last order 264 days ago");
    expect(reasons["C3"]).toBe("ordered on one day only, 40 days ago");
    expect(reasons["C5"]).toBe("usually orders every 40 days; last order 100 days ago");
  });

  test("the reason in Chinese", async () => {
    const { rows } = await chineseRun();
    const reasons = byCustomer(rows.rfm, "reason");
    expect(reasons["C1"]).toBe("通常每 55 天下单一次；上次下单在 10 天前");
    expect(reasons["C3"]).toBe("仅在一天下过单，距今 40 天");
    expect(reasons["C5"]).toBe("通常每 40 天下单一次；上次下单在 100 天前");
  });
});

/**
 * A recent period is 90 days, or four of the customer's own mean gaps where those are longer. As of day 800:
 *
 *  fast   every 10 days, 510 to 710   mean gap 10, so 90 days recent and 290 − 90 = 200 before, with all 21 orders
 *  slow   every 40 days, 0 to 640     mean gap 40, so 160 days recent and 640 before, with all 17 orders
 *  daily  798 and 799                 known for 2 days: too short to say
 */
describe("the recent period follows the customer's own rhythm", () => {
  const dayOf = (day: number) => new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);
  const every = (gap: number, from: number, to: number) =>
    Array.from({ length: (to - from) / gap + 1 }, (_, i) => from + i * gap);
  const orders = { fast: every(10, 510, 710), slow: every(40, 0, 640), daily: [798, 799] };
  let rows: Row[];

  beforeAll(async () => {
    const lines = Object.entries(orders).flatMap(([key, days]) =>
      days.map((day) => `${key},${dayOf(day)},9`),
    );
    const path = join(temporary, "rhythms.csv");
    writeFileSync(path, ["customer_id,order_date,amount", ...lines, ""].join("\n"));
    ({ rfm: rows } = (await runPlan(await bareFilePlan(path, {}, { asOfDate: dayOf(800) }), QUERIES)).rows);
  });

  test("in days", () => {
    const found = byCustomer(rows, "recent_days", "earlier_days", "recent_order_day_count");
    expect(found).toEqual({ fast: [90, 200, 0], slow: [160, 640, 0], daily: [90, 0, 2] });
  });

  test("in the change", () => {
    expect(byCustomer(rows, "frequency_change")).toEqual({ fast: "fall", slow: "fall", daily: null });
  });

  test("in the reason", () => {
    expect(byCustomer(rows, "reason")).toEqual({
      fast: "usually orders every 10 days; last order 90 days ago; 21 orders in the 200 days before, 0 in the last 90 days",
      slow: "usually orders every 40 days; last order 160 days ago; 17 orders in the 640 days before, 0 in the last 160 days",
      daily: "usually orders every 1 day; last order 1 day ago",
    });
  });
});

/**
 * As of 2025-03-31 there are four customers: recency C5 9, C1 29, C2 173, C4 660; orders C1 1, C4 2, C2 3, C5 3;
 * money C1 120, C4 200, C2 1200, C5 1500. Type-7 cuts: recency 21, 57.8, 144.2, 367.8; orders 1.6, 2.2, 2.8, 3;
 * money 168, 400, 1000, 1320. So C1 411 promising, C2 244 at risk, C4 122 lost, C5 545 champion.
 */
describe("two runs, by hand", () => {
  const output = join(temporary, "history");
  const MOVES = {
    ...QUERIES,
    moves:
      "select previous_segment, segment, customer_count, previous_amount, total_amount from results.rfm_transitions order by previous_segment, segment",
  };

  test("the first has no movements", async () => {
    const { rows } = await runPlan(tiny({}, { asOfDate: "2025-03-31", output }), MOVES, { kind: "history" });
    expect(byCustomer(rows.rfm, "segment")).toEqual({
      C1: "promising",
      C2: "at_risk",
      C4: "lost",
      C5: "champions",
    });
    expect(rows.moves).toEqual([]);
  });

  test("the second tells who moved, with the money of then and now; who stayed is not told", async () => {
    const { rows, report } = await runPlan(tiny({}, { output }), MOVES, { kind: "history" });
    expect(rows.moves).toEqual([
      {
        previous_segment: "",
        segment: "promising",
        customer_count: 1,
        previous_amount: 0,
        total_amount: 2000,
      },
      {
        previous_segment: "champions",
        segment: "need_attention",
        customer_count: 1,
        previous_amount: 1500,
        total_amount: 1500,
      },
      {
        previous_segment: "promising",
        segment: "potential_loyalist",
        customer_count: 1,
        previous_amount: 120,
        total_amount: 230,
      },
    ]);
    const table = report.sections[0]!.tables.find(({ name }) => name === "transitions")!;
    expect(table.caption).toContain("2025-03-31");
    expect([...table.rows.getChild("from")!]).toContain("(new to the base)");
  });

  test("run again, the second gives the same: it compares with the run before, not with itself", async () => {
    const { rows } = await runPlan(tiny({}, { output }), MOVES, { kind: "history" });
    expect(rows.moves).toHaveLength(3);
  });

  // As of 2024-06-09 the twelve months hold O9 of C4 (80) and O4 of C2 (500); a year later C4 has none in them.
  test("who has no order left in the window is gone from the base", async () => {
    const plan = (asOfDate: string) =>
      tiny({ window_months: 12 }, { asOfDate, output: join(temporary, "window") });
    await runPlan(plan("2024-06-09"), MOVES, { kind: "history" });
    const { rows } = await runPlan(plan("2025-06-30"), MOVES, { kind: "history" });
    expect(rows.moves).toContainEqual({
      previous_segment: "lost",
      segment: "",
      customer_count: 1,
      previous_amount: 80,
      total_amount: 0,
    });
  });
});

/** The tiny shop with more rows in its files. */
function shopWith(name: string, more: Readonly<Record<string, string>>): Plan {
  const folder = join(temporary, name);
  cpSync(dirname(PIPELINE), folder, { recursive: true });
  for (const [file, rows] of Object.entries(more)) appendFileSync(join(folder, file), `${rows}\n`);
  const plan = tiny();
  return { ...plan, sources: plan.sources.map((source) => ({ ...source, directory: folder })) };
}

describe("what is dated after the as-of date changes nothing", () => {
  let before: Ran<keyof typeof QUERIES>;
  beforeAll(async () => {
    before = await tinyRun();
  });

  test("orders, returns, one of them on an order with a price concession, and a refund", async () => {
    const more = {
      "orders.csv":
        "F2,C2,2025-07-01,sale,approved,\nF3,C5,2025-07-01,return,approved,\nF4,C1,2025-07-20,return,approved,",
      "lines.csv": "F2,1,P1,1,9999,\nF3,1,P4,-2,-500,O12\nF4,1,P1,-4,-80,O2",
      "refunds.csv": "G4,I3,2025-07-01T00:00:01Z,80",
    };
    const { rows } = await runPlan(shopWith("later", more), QUERIES);
    expect(rows.rfm).toEqual(before.rows.rfm);
  });

  test("while the same return a day before it counts: the concession of 30 was paid for goods that came back", async () => {
    const more = { "orders.csv": "F4,C1,2025-06-29,return,approved,", "lines.csv": "F4,1,P1,-4,-80,O2" };
    const { rows } = await runPlan(shopWith("counted", more), QUERIES);
    expect(byCustomer(rows.rfm, "total_amount")["C1"]).toBe(230 + 30 - 80);
  });
});

describe("money that no customer with an order has had", () => {
  test("returns of a customer without an order, and a refund of another's order, are told of and counted", async () => {
    const plan = shopWith("astray", {
      "orders.csv": "R9,C6,2025-06-25,return,approved,",
      "lines.csv": "R9,1,P1,-2,-1234.56,",
      "invoices.csv": "I9,C2,2025-05-01,100,O3",
      "refunds.csv": "G9,I9,2025-06-01T10:00:00Z,25",
    });
    const { rows, log } = await runPlan(plan, QUERIES);
    const before = await tinyRun();
    expect(rows.rfm).toEqual(before.rows.rfm);
    const told = new Map(log.warnings.map(({ code, gaps }) => [code, gaps]));
    expect(told.get("returns_alone")).toEqual({ count: 1, money: "-€1,234.56" });
    expect(told.get("refunds_of_no_order")).toMatchObject({
      count: 1,
      which: expect.stringMatching(/^order_key O3, customer_id \S+$/),
    });
    const quiet = before.log.warnings.map(({ code }) => code);
    expect(quiet).not.toContain("returns_alone");
    expect(quiet).not.toContain("refunds_of_no_order");
  });

  test("refunds of a return whose sale was never exported are settled, those of a sale to come are not", async () => {
    const told = async (name: string, files: Readonly<Record<string, string>>) => {
      const { log } = await runPlan(shopWith(name, files), {});
      return log.warnings.filter(({ code }) => code === "refunds_of_no_order").map(({ gaps }) => gaps);
    };
    const settled = {
      "orders.csv": "R8,C1,2025-06-25,return,approved,",
      "lines.csv": "R8,1,P1,-5,-100,OLD1",
      "invoices.csv": "I8,C1,2020-05-01,100,OLD1",
      "refunds.csv": "G8,I8,2025-06-26T10:00:00Z,100",
    };
    expect(await told("settled", settled)).toEqual([]);
    const toCome = {
      "orders.csv": "F8,C1,2025-07-15,sale,approved,",
      "lines.csv": "F8,1,P1,5,100,",
      "invoices.csv": "I8,C1,2025-06-01,100,F8",
      "refunds.csv": "G8,I8,2025-06-20T10:00:00Z,100",
    };
    expect(await told("to-come", toCome)).toMatchObject([{ count: 1 }]);
  });

  test("a refund of no invoice, and one of an invoice without an order, are told of by name", async () => {
    const files = {
      "invoices.csv": "I7,C1,2025-06-01,100,",
      "refunds.csv": "G7,I7,2025-06-20T10:00:00Z,5\nG8,,2025-06-20T10:00:00Z,6\nG9,,2025-07-20T10:00:00Z,7",
    };
    const { log } = await runPlan(shopWith("of-nothing", files), {});
    const told = log.warnings.filter(({ code }) => code === "refunds_of_nothing");
    expect(told.map(({ gaps }) => gaps)).toEqual([
      { count: 2, which: "source shop, payment_key G7; source shop, payment_key G8" },
    ]);
  });

  test("returns of who bought before the window are not told of", async () => {
    const returned = {
      "orders.csv": "R9,C4,2025-06-25,return,approved,",
      "lines.csv": "R9,1,P1,-2,-40,O9",
    };
    const plan = { ...shopWith("before-window", returned), analyses: tiny({ window_months: 12 }).analyses };
    const { log } = await runPlan(plan, {});
    expect(log.warnings.map(({ code }) => code)).not.toContain("returns_alone");
  });
});

describe("two shops that number their orders alike", () => {
  test("keep their refunds apart: each C1 has paid 230", async () => {
    const folder = join(temporary, "twin");
    cpSync(dirname(PIPELINE), folder, { recursive: true });
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".csv"))) {
      const [headings, ...rows] = readFileSync(join(folder, file), "utf8").trim().split("\n");
      writeFileSync(join(folder, file), [headings, ...rows.reverse(), ""].join("\n"));
    }
    const plan = tiny();
    const [shop] = plan.sources;
    const sources = [shop!, { ...shop!, name: "twin", directory: folder }];
    const { rows, log } = await runPlan({ ...plan, sources }, QUERIES);
    expect(log.warnings).toContainEqual({ code: "customers_untied", gaps: { source: "twin", count: 6 } });
    expect(rows.rfm.map((row) => row["total_amount"])).toEqual(
      [230, 1200, 2000, 200, 1500].flatMap((amount) => [amount, amount]),
    );
  });
});

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RulesConfig } from "../../src/analyses/segments-rules-config.js";
import { findTarget } from "../../src/analyses/segments-targets.js";
import { openLog } from "../../src/log.js";
import { phrase } from "../../src/phrase.js";
import { seeded } from "../../src/random.js";
import { readRelations } from "../../src/relation.js";
import { contextOf } from "../../src/steps/analyze.js";
import { textsIn } from "../../src/texts/index.js";
import { firmPlan } from "./churn-firms.js";
import { built, customers, daysAgo, exported, type Cells } from "./churn-warehouse.js";
import { runPlan, type Ran, type Row } from "./run-plan.js";

const temporary = mkdtempSync(join(tmpdir(), "crm-analyze-segments-alike-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const CITIES = ["杭州", "宁波", "苏州", "北京", "上海", "广州"];
const random = seeded(11);
const pick = (from: number, to: number) => CITIES[from + Math.floor((to - from) * random())]!;

/** One customer in four is rich, and of those nine in ten are of Hangzhou or Ningbo; one in four bought twice, mostly tea houses. */
const CUSTOMERS: Cells[] = Array.from({ length: 480 }, (_, i) => ({
  customer_key: `C${i}`,
  customer_name: `Firm ${i}`,
  city: (i % 4 === 0) === random() < 0.9 ? pick(0, 2) : pick(2, 6),
  industry: (i % 4 === 1) === random() < 0.9 ? "tea" : "tools",
  employee_count: 10 + Math.floor(30 * random()) + (i % 4 === 0 ? 12 : 0),
}));
const ORDERS: Cells[] = CUSTOMERS.flatMap(({ customer_key: key }, i) =>
  [9, ...(i % 4 === 1 ? [40] : [])].map((days) => ({
    order_key: `${String(key)} ${days}`,
    customer_key: key!,
    order_date: daysAgo(days),
    order_amount: i % 4 === 0 ? 5000 : 20,
  })),
);
const PROSPECTS: Cells[] = Array.from({ length: 90 }, (_, i) => ({
  customer_key: `P${i}`,
  customer_name: `Lead ${i}`,
  city: CITIES[i % 6]!,
  industry: i % 2 === 0 ? "tea" : "tools",
  employee_count: 10 + ((i * 7) % 45),
}));

const label = { en: "Good", zh: "好" };
const SETTINGS = {
  k: 2,
  rules: {
    rich: { label, where: "total_amount > 1000" },
    twice: { label, where: "order_day_count = 2" },
  },
  look_alikes: { of: { rule: "rich" } },
  factors: [{ rule: "rich" }, { rule: "twice" }],
};
const QUERIES = {
  buyers: `select buyers.*, attributes.industry as own_industry from results.likely_buyers as buyers
    inner join features.attributes as attributes on buyers.customer_id = attributes.customer_id
    order by target_place, likeness_rank`,
  looks: "select * from results.look_alikes order by likeness_rank",
  scores: "select * from results.likeness_scores where target_place = 0",
  ids: "select customer_id, customer_key from unified.customers",
};

describe("two rules with one label as targets", () => {
  let ran: Ran<keyof typeof QUERIES>;
  beforeAll(async () => {
    const exports = { customers: [...CUSTOMERS, ...PROSPECTS], orders: ORDERS };
    const plan = firmPlan(temporary, exports, { language: "zh", analyses: { segments: SETTINGS } });
    ran = await runPlan(plan, QUERIES, { kind: "folder", folder: join(temporary, "out") });
  }, 60_000);

  const ofTarget = (place: number) => ran.rows.buyers.filter((row) => row["target_place"] === place);

  test("each has its own ranks, from 1, and its own buyers", () => {
    for (const place of [1, 2]) {
      const ranks = ofTarget(place).map((row) => row["likeness_rank"]);
      expect(ranks.length).toBeGreaterThan(5);
      expect(ranks).toEqual(ranks.map((_, i) => i + 1));
    }
    const [cities, industries] = [ofTarget(1), ofTarget(2)] as const;
    for (const row of cities) expect(["杭州", "宁波"]).toContain(row["city"]);
    for (const row of industries) expect(row["own_industry"]).toBe("tea");
  });

  test("the list is written target by target", () => {
    const lines = readFileSync(join(temporary, "out", "likely-buyers.csv"), "utf8")
      .trimEnd()
      .split("\n")
      .slice(1);
    expect(lines.map((line) => line.replace(/^\W*/, "").split(",").slice(0, 2).map(Number))).toEqual(
      ran.rows.buyers.map((row) => [row["target_place"], row["likeness_rank"]]),
    );
  });

  test("a reason names the customer's own city, not all that lead the same way", () => {
    const reasons = (row: Row) => ["reason_1", "reason_2", "reason_3"].map((name) => String(row[name] ?? ""));
    const byCity = ran.rows.looks.filter((row) => reasons(row).some((reason) => reason.includes("城市")));
    expect(new Set(byCity.map((row) => row["city"]))).toEqual(new Set(["杭州", "宁波"]));
    for (const row of byCity) expect(reasons(row)).toContain(`城市为${String(row["city"])}`);
  });

  test("of equal probability the one nearer in what is known comes first, whatever the ids", () => {
    const evidence = new Map(
      ran.rows.scores.map((row) => [row["customer_id"], Number(row["likeness_evidence"])]),
    );
    let ties = 0;
    ran.rows.looks.slice(1).forEach((row, i) => {
      const before = ran.rows.looks[i]!;
      if (before["likeness_probability"] !== row["likeness_probability"]) return;
      const [near, far] = [before, row].map((each) => evidence.get(each["customer_id"]!)!);
      expect(near).toBeGreaterThanOrEqual(far!);
      if (near! > far!) ties += 1;
    });
    expect(ties).toBeGreaterThan(5);
    const [first] = ran.rows.looks;
    const inLeaf = ran.rows.looks.filter(
      (row) => row["likeness_probability"] === first!["likeness_probability"],
    );
    const sizes = inLeaf.map((row) => Number(row["employee_count"]));
    expect(sizes[0]).toBeGreaterThan(sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
  });
});

test.each([
  ["en", "found all 37 of them, 3.97 times as many as chance finds (at least 3.27)"],
  ["zh", "找到了全部 37 位，为随机的 3.97 倍（至少 3.27）"],
] as const)(
  "where the list found all who could be found, the lift has no upper end (%s)",
  async (language, told) => {
    const sure = CUSTOMERS.map((cells, i) => ({
      ...cells,
      city: CITIES[i % 4 === 0 ? i % 2 : 2 + (i % 4)]!,
    }));
    const exports = { customers: [...sure, ...PROSPECTS], orders: ORDERS };
    const { rules, look_alikes } = SETTINGS;
    const analyses = { segments: { k: 2, rules, look_alikes } };
    const { report } = await runPlan(firmPlan(temporary, exports, { language, analyses }), {});
    const [section] = report.sections;
    expect(section!.answer).toContain(told);
    const { lift, liftNoteAll } = textsIn(language).lookAlikes.lookAlikes;
    const { note } = section!.headlines.find(({ label: own }) => own === lift)!;
    const gaps = { heldMembers: 37, count: 37, held: 147, low: "3.27" };
    expect(note).toBe(
      phrase(liftNoteAll, { ...gaps, target: language === "en" ? "segment “Good”" : "细分“好”" }),
    );
  },
  60_000,
);

describe("a product whose key two systems use", () => {
  async function targetOf(product: string, names: readonly [string, string]) {
    const engine = await exported({
      customers: [...customers("a"), { customer_key: "b", source: "erp" }],
      products: [
        { product_key: "K", product_name: names[0] },
        { source: "erp", product_key: "K", product_name: names[1] },
      ],
      orders: [
        { order_key: "1", customer_key: "a", order_date: daysAgo(3) },
        { source: "erp", order_key: "2", customer_key: "b", order_date: daysAgo(3) },
      ],
      order_lines: [
        { order_key: "1", line_key: "1", product_key: "K", line_amount: 5 },
        { source: "erp", order_key: "2", line_key: "1", product_key: "K", line_amount: 5 },
      ],
    });
    await built(engine, "features.bought_products");
    const run = {
      ...{ asOfDate: "2025-12-31", currency: null, language: "en" as const, seed: 1 },
      ...{ previousDate: null, directory: "", hasConsents: false },
    };
    const log = openLog({ begin: () => {}, end: () => {}, warn: () => {} });
    const signal = new AbortController().signal;
    const context = contextOf({ engine, relations: readRelations(), run, texts: textsIn("en"), log, signal });
    return findTarget(context, { product }, RulesConfig.parse({}));
  }

  test("is refused with both, where they call it differently", async () => {
    await expect(targetOf("K", ["Tea", "Soap"])).rejects.toMatchObject({
      message: "segments: product K is another one in each system",
      hint: "write erp/K or file/K",
    });
  });

  test("is one product where both call it alike, or where the system is named", async () => {
    expect((await targetOf("K", ["Tea", "Tea"])).members.size).toBe(2);
    expect((await targetOf("erp/K", ["Tea", "Soap"])).members.size).toBe(1);
  });
});

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { relearntWords } from "../../src/analyses/churn-changes.js";
import { readPlan } from "../../src/pipeline.js";
import { seeded } from "../../src/random.js";
import type { Section } from "../../src/section.js";
import { tableOf as arrowTable } from "../../src/table.js";
import { textsIn } from "../../src/texts/index.js";
import { complainingFirm, firmPlan, silentFirm, subscribedFirm, usedFirm, type Firm } from "./churn-firms.js";
import { barePlanOf, runPlan, type Ran, type Row } from "./run-plan.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "crm-analyze-churn-runs-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const QUERIES = {
  churn: `select churn.*, customers.customer_key from results.churn as churn
    inner join unified.customers as customers on churn.customer_id = customers.customer_id order by customers.customer_key`,
};
type ChurnRun = Ran<keyof typeof QUERIES>;

const folderOf = (name: string) => {
  const folder = join(temporary, name);
  mkdirSync(folder);
  return folder;
};

/** Runs churn on a firm; nothing is published. */
const runFirm = (
  name: string,
  { exports }: Pick<Firm, "exports">,
  config: Readonly<Record<string, unknown>>,
) => runPlan(firmPlan(folderOf(name), exports, { churn: config }), QUERIES);

const sectionOf = ({ report }: Pick<ChurnRun, "report">): Section => report.sections[0]!;
const cardOf = (ran: ChurnRun, name: string) =>
  sectionOf(ran).models!.find((card) => card.name === name) as unknown as Card;
const tableOf = (ran: ChurnRun, name: string) =>
  sectionOf(ran).tables.find((table) => table.name === name)!.rows;

interface Card {
  readonly ships: boolean;
  readonly likely_leaks: readonly { readonly feature: string }[];
  readonly metrics: { readonly area_under_roc: { readonly estimate: number } };
  readonly list: { readonly grade: string };
  readonly nodes: readonly { readonly split?: { readonly feature: string } }[];
}

const isScored = (row: Row) => row["churn_probability"] !== null;
const onList = ({ rows }: ChurnRun) =>
  rows.churn
    .filter((row) => row["call_rank"] !== null)
    .toSorted((a, b) => Number(a["call_rank"]) - Number(b["call_rank"]));
const byProbability = ({ rows }: ChurnRun) =>
  rows.churn
    .filter(isScored)
    .toSorted((a, b) => Number(b["churn_probability"]) - Number(a["churn_probability"]));
const askedBy = (card: Card) =>
  new Set(card.nodes.flatMap(({ split }) => (split === undefined ? [] : [split.feature])));

const SIXTY = { window_days: 60, rule_days: 30 };

describe("a firm that customers leave over two complaints", () => {
  const firm = complainingFirm();
  let ran: ChurnRun;
  beforeAll(async () => {
    ran = await runFirm("complaining", firm, SIXTY);
  });

  /** Those who have left, but so lately that they still count as active. */
  const isLeaving = (row: Row) => (firm.leftDaysAgo.get(String(row["customer_key"])) ?? -1) >= 0;

  test("the tree asks for tickets or complaints, and for silence against the own rhythm", () => {
    const asked = [...askedBy(cardOf(ran, "tree"))].join();
    expect(asked).toMatch(/complaint_count|case_count/);
    expect(asked).toMatch(/lateness|recency_days/);
  });

  test("what is dated before the snapshot is no leak, however well it foretells", () => {
    expect(cardOf(ran, "tree").likely_leaks).toEqual([]);
  });

  test("of those with the highest probability nearly all have left, of those with the lowest none", () => {
    const scored = byProbability(ran);
    const leaving = scored.filter(isLeaving).length;
    expect(leaving).toBeGreaterThan(20);
    expect(scored.slice(0, leaving).filter(isLeaving).length).toBeGreaterThan(0.7 * leaving);
    expect(scored.slice(scored.length / 2).filter(isLeaving).length).toBeLessThan(0.1 * leaving);
  });

  test("the probabilities are of the right size: as many are foretold to go as have gone, within three standard errors", () => {
    const probabilities = byProbability(ran).map((row) => Number(row["churn_probability"]));
    const foretold = probabilities.reduce((sum, p) => sum + p, 0);
    const error = Math.sqrt(probabilities.reduce((sum, p) => sum + p * (1 - p), 0));
    const came = ran.rows.churn.filter(isScored).filter(isLeaving).length;
    expect(Math.abs(foretold - came)).toBeLessThan(3 * error);
  });

  test("quality is told by tier, segment and kind, on the customers of the test alone", () => {
    const parts = tableOf(ran, "parts");
    const names = [...parts.getChild("part")!].map(String);
    for (const group of [/^Tier [ABCD]$/, /^Segment: \w/, /^Kind: company$/])
      expect(names.filter((name) => group.test(name)).length, String(group)).toBeGreaterThan(0);
    const counts = [...parts.getChild("customer_count")!].map(Number);
    const ofTiers = counts.filter((_, i) => names[i]!.startsWith("Tier")).reduce((sum, n) => sum + n, 0);
    expect(ofTiers).toBeLessThanOrEqual(counts[names.indexOf("Kind: company")]!);
  });

  test("the model beats the rule, and makes the list", () => {
    expect(cardOf(ran, "tree").metrics.area_under_roc.estimate).toBeGreaterThan(
      cardOf(ran, "rule").metrics.area_under_roc.estimate,
    );
    expect([cardOf(ran, "tree").ships, cardOf(ran, "rule").ships]).toEqual([true, false]);
    expect(onList(ran).length).toBeGreaterThan(10);
  });

  test("the first reason of those on the list is why they leave: complaints, tickets or silence", () => {
    const reasons = onList(ran).map((row) => String(row["reason_1"]));
    expect(
      reasons.filter((reason) =>
        /^(Complaints|Tickets|Silence|Days since the last order|Open tickets)/.test(reason),
      ).length,
    ).toBeGreaterThan(0.9 * reasons.length);
  });

  const ABOUT_COMPLAINTS = [
    "complaint_count_90_days",
    "complaint_count_365_days",
    "case_count_90_days",
    "case_count_365_days",
    "open_case_count",
  ];

  describe("of whom the CRM says in a column without a day that they are gone", () => {
    const small = complainingFirm(300);
    const customers = small.exports.customers!.map((cells) => {
      const hasGone = (small.leftDaysAgo.get(String(cells["customer_key"])) ?? -1) >= 60;
      return { ...cells, industry: hasGone ? "former" : "trade" };
    });
    const exports = { ...small.exports, customers };
    let caught: ChurnRun;
    let kept: ChurnRun;
    beforeAll(async () => {
      const monotone = Object.fromEntries(ABOUT_COMPLAINTS.map((name) => [name, "falling"]));
      caught = await runFirm("caught", { exports }, { ...SIXTY, monotone });
      kept = await runFirm(
        "kept",
        { exports },
        {
          ...{ ...SIXTY, max_leaves: 3, list_length: 5, model: "boosted" },
          ...{ leave_out: ABOUT_COMPLAINTS, keep: ["industry"] },
        },
      );
    });

    test("the column is caught as a leak, unless it is kept", () => {
      expect(cardOf(caught, "tree").likely_leaks.map(({ feature }) => feature)).toEqual(["industry"]);
      expect(askedBy(cardOf(caught, "tree"))).not.toContain("industry");
      expect(
        sectionOf(caught).notes.filter((note) => note.includes("Industry") && note.includes("leak")),
      ).toHaveLength(1);
      expect(cardOf(kept, "tree").likely_leaks).toEqual([]);
      expect(askedBy(cardOf(kept, "tree"))).toContain("industry");
    });

    test("told that the risk falls with complaints, against what is so, the tree does not ask for them; left out, nothing does", () => {
      const asked = [...askedBy(cardOf(caught, "tree"))];
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter((feature) => ABOUT_COMPLAINTS.includes(feature))).toEqual([]);
      const reasons = kept.rows.churn.flatMap((row) => [row["reason_1"], row["reason_2"], row["reason_3"]]);
      expect(reasons.filter((reason) => /^(Complaints|Tickets|Open tickets)/.test(String(reason)))).toEqual(
        [],
      );
      expect(reasons.some((reason) => reason !== null && !/^Industry/.test(String(reason)))).toBe(true);
    });

    test("as many leaves as are allowed, and no more", () => {
      expect(new Set(kept.rows.churn.filter(isScored).map((row) => row["leaf"])).size).toBeLessThanOrEqual(3);
      const { nodes } = cardOf(kept, "tree");
      expect(nodes.filter(({ split }) => split === undefined).length).toBeLessThanOrEqual(3);
      expect(nodes.length).toBeGreaterThan(1);
      expect(onList(kept).map((row) => row["call_rank"])).toEqual([1, 2, 3, 4, 5]);
    });
  });

  test("unknown features in monotone, leave_out and keep: one error that names them all", async () => {
    const config = {
      monotone: { complaints: "rising", channel: "rising" },
      leave_out: ["recency"],
      keep: ["industri", "industry"],
    };
    const failed = (async () => runFirm("unknown", complainingFirm(20), config))();
    await expect(failed).rejects.toMatchObject({ name: "CrmError" });
    const message = await failed.catch((error: Error) => error.message);
    for (const name of [
      "monotone.complaints: no such feature",
      "monotone.channel: holds words, which have no direction",
      "leave_out.recency: no such feature",
      "keep.industri: no such feature",
    ])
      expect(message).toContain(name);
    expect(message).not.toContain("keep.industry");
  });
});

describe("the same files", () => {
  const { exports } = complainingFirm(300);
  const publish = (name: string, seed: number, rows = exports) => {
    const plan = firmPlan(folderOf(name), rows, { churn: SIXTY });
    return runPlan({ ...plan, run: { ...plan.run, seed } }, QUERIES, {
      kind: "folder",
      folder: join(temporary, name, "out"),
    });
  };
  const bytesOf = ({ folder }: ChurnRun, file: string) => readFileSync(join(folder!, file), "utf8");
  let first: ChurnRun;
  beforeAll(async () => {
    first = await publish("first", 1);
  });

  test("tree.sql, run by a fresh DuckDB in the run's folder, equals results.churn row by row", () => {
    const program = `import { DuckDBInstance } from ${JSON.stringify(import.meta.resolve("@duckdb/node-api"))};
      import { readFileSync } from "node:fs";
      const connection = await (await DuckDBInstance.create(":memory:")).connect();
      const rows = (await connection.runAndReadAll(readFileSync("tree.sql", "utf8"))).getRowObjectsJson();
      process.stdout.write(JSON.stringify(rows));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: first.folder!,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const again = (JSON.parse(stdout) as Row[]).map((row) =>
      ["customer_id", "churn_probability", "leaf"].map((name) => Number(row[name])),
    );
    const active = first.rows.churn.filter((row) => row["state"] === "active");
    const told = active.map((row) =>
      ["customer_id", "churn_probability", "leaf"].map((name) => Number(row[name])),
    );
    expect(again.length).toBeGreaterThan(100);
    expect(again).toEqual(told.toSorted((a, b) => a[0]! - b[0]!));
  });

  test("another seed and rows in another order give the same bytes, tree and scores", async () => {
    const random = seeded(3);
    const shuffled = <T>(rows: readonly T[]) =>
      rows
        .map((row) => ({ row, at: random() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ row }) => row);
    const other = await publish("other-seed", 2, {
      ...exports,
      orders: shuffled(exports.orders!),
      cases: shuffled(exports.cases!),
    });
    for (const file of ["churn.csv", "tree.svg", "tree.sql", "rules.csv"])
      expect(bytesOf(other, file) === bytesOf(first, file), file).toBe(true);
    expect(bytesOf(first, "churn.csv").split("\n").length).toBeGreaterThan(250);
    expect(cardOf(other, "tree").nodes).toEqual(cardOf(first, "tree").nodes);
    expect(other.rows.churn).toEqual(first.rows.churn);
  });

  test("another model gives other scores and leaves the tree alone", async () => {
    const boosted = await runFirm("boosted", { exports }, { ...SIXTY, model: "boosted" });
    const [leaves, scores] = ["leaf", "churn_probability"].map((name) =>
      [boosted, first].map(({ rows }) => rows.churn.map((row) => row[name])),
    );
    expect(cardOf(boosted, "tree").nodes).toEqual(cardOf(first, "tree").nodes);
    expect(leaves![0]).toEqual(leaves![1]);
    expect(scores![0]).not.toEqual(scores![1]);
  });
});

describe("too little to learn from", () => {
  test("fixtures/readme/orders.csv: said, no probability, and the list goes by lateness", async () => {
    const plan = await barePlanOf(join(root, "fixtures/readme/orders.csv"), { churn: {} });
    const ran = await runPlan(plan, QUERIES);
    const { answer, notes, models, tables } = sectionOf(ran);
    const states = tables.find(({ name }) => name === "states")!.rows;
    expect(states.getChild("value_at_risk")!.toJSON()).toEqual([null, null, null]);
    expect(answer).toMatch(/^Too little is known to learn who leaves; \d+ of \d+ active customers are later/);
    expect(notes.join()).toMatch(/Nothing was learnt: .*needed/);
    expect(models).toEqual([]);
    expect(ran.rows.churn.filter(isScored)).toEqual([]);
    const late = ran.rows.churn.filter(
      (row) =>
        row["state"] === "active" && Number(row["lateness"]) > 1 && Number(row["contribution_amount"]) > 0,
    );
    const list = onList(ran);
    expect(list.length).toBeGreaterThan(2);
    expect(list).toHaveLength(late.length);
    const money = list.map((row) => Number(row["contribution_amount"]));
    expect(money).toEqual(money.toSorted((a, b) => b - a));
    for (const row of list) expect(row["reason_1"]).toMatch(/^Silence, times the usual gap: \d/);
  });

  test("fixtures/tiny: five customers, in every language", async () => {
    for (const language of ["en", "zh"] as const) {
      const plan = readPlan(join(root, "fixtures/tiny/tiny.yml"), { only: ["churn"], language });
      const ran = await runPlan(plan, QUERIES);
      expect(ran.rows.churn).toHaveLength(5);
      expect(ran.rows.churn.filter(isScored)).toEqual([]);
      expect(sectionOf(ran).answer).toMatch(language === "en" ? /^Too little is known/ : /^数据不足/);
    }
  });
});

describe("a firm of which only 90 days' silence tells anything", () => {
  const firm = silentFirm();
  let ran: ChurnRun;
  beforeAll(async () => {
    ran = await runFirm("silent", firm, { window_days: 120, rule_days: 90 });
  });

  test("the rule cannot be beaten, so it makes the list, and the answer says so", () => {
    expect(cardOf(ran, "tree").list.grade).toMatch(/[CD]/);
    expect([cardOf(ran, "tree").ships, cardOf(ran, "rule").ships]).toEqual([false, true]);
    expect(sectionOf(ran).answer).toMatch(
      /does not reliably earn more than the rule in use.*no order in 90 days/,
    );
  });

  test("the list has whom the rule flags, most contribution first", () => {
    const list = onList(ran);
    expect(list.length).toBeGreaterThan(5);
    expect(list.every((row) => Number(row["recency_days"]) > 90)).toBe(true);
    const money = list.map((row) => Number(row["contribution_amount"]));
    expect(money).toEqual(money.toSorted((a, b) => b - a));
  });

  test("no rule of the tree holds a number that nobody can read", () => {
    const rules = [...tableOf(ran, "groups").getChild("rule")!].map(String);
    expect(rules.filter((rule) => /\d{3},\d{3},\d{3},\d{3}|∞|Infinity|NaN/.test(rule))).toEqual([]);
  });
});

test("a rule that flags nobody who is still active cannot make an empty list", async () => {
  const ran = await runFirm("blind-rule", silentFirm(300), { window_days: 89, rule_days: 90 });
  expect(ran.rows.churn.filter((row) => Number(row["expected_saving"]) > 0).length).toBeGreaterThan(50);
  expect(onList(ran).length).toBeGreaterThan(0);
});

describe("two runs, 91 days apart, with a window that is over in between", () => {
  const firm = complainingFirm(400);
  const FIRST = "2025-10-01";
  let earlier: ChurnRun;
  let later: ChurnRun;
  let widened: ChurnRun;
  const cellsOf = ({ folder }: ChurnRun) =>
    parse(readFileSync(join(folder!, "churn.csv")), { columns: true, bom: true }) as Record<string, string>[];
  beforeAll(async () => {
    const folder = folderOf("history");
    const runOn = (asOfDate: string) =>
      runPlan(firmPlan(folder, firm.exports, { churn: SIXTY, asOfDate }), QUERIES, { kind: "history" });
    earlier = await runOn(FIRST);
    later = await runOn("2025-12-31");
    widened = await runPlan(
      firmPlan(folder, firm.exports, { churn: { ...SIXTY, window_days: 75 }, asOfDate: "2026-01-01" }),
      QUERIES,
      { kind: "history" },
    );
  });

  test("why it changed: in the tree of the last run, or learnt anew; each customer once", () => {
    const cells = cellsOf(later);
    const changed = cells.filter((row) => Math.abs(Number(row["probability_change"])) > 0.05);
    expect(changed.length).toBeGreaterThan(20);
    for (const row of changed)
      expect(row["change_reason"]).toMatch(/^(changed: \w|time passed: \w|learnt anew)/);
    const own = changed.filter((row) => row["change_reason"]!.startsWith("changed: "));
    expect(own.some((row) => /Complaints|Tickets|Silence|order/.test(row["change_reason"]!))).toBe(true);
    expect(sectionOf(later).answer).not.toContain("learnt anew");
    const counts = [...tableOf(later, "changes").getChild("customer_count")!].map(Number);
    const told = cells.filter((row) => row["change_reason"] !== "").length;
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(told);
  });

  test("the answer says so where more moved because the model was learnt anew than for other reasons", () => {
    const wordsOf = (byModel: number, byCustomer: number, language: "en" | "zh") => {
      const rows = arrowTable({
        change_cause: ["model", "customer"],
        risen_count: Float64Array.of(27, 0),
        fallen_count: Float64Array.of(byModel - 27, byCustomer),
      });
      const run = { asOfDate: "2025-12-31", currency: null, language, seed: 1, directory: "" };
      return relearntWords(rows, {
        texts: textsIn(language),
        run: { ...run, previousDate: FIRST, hasConsents: false },
        date: FIRST,
      });
    };
    expect(wordsOf(89, 5, "en")).toBe(
      ` Since ${FIRST} the risk of 89 customers has moved by 5 points or more because the model was learnt anew, of 5 for another reason.`,
    );
    expect(wordsOf(89, 5, "zh")).toContain(
      "89 位客户的风险因模型重新学习而变动 5 点及以上，因其他原因的有 5 位。",
    );
    expect(wordsOf(89, 89, "en")).toBe("");
  });

  test("another window: the probabilities are not compared, and the report says so", () => {
    const cells = cellsOf(widened).filter((row) => row["churn_probability"] !== "");
    expect(cells.length).toBeGreaterThan(100);
    for (const row of cells)
      expect([row["probability_change"], row["change_reason"]]).toEqual([
        "",
        "not comparable: the window is another",
      ]);
    expect(sectionOf(widened).notes.join()).toContain("On 2025-12-31 the window was another");
  });

  test("the forecast is held against what came of it, counted from the truth", () => {
    const track = tableOf(later, "track");
    const scored = earlier.rows.churn.filter(isScored);
    expect([...track.getChild("date")!]).toEqual([FIRST]);
    expect([...track.getChild("is_over")!]).toEqual(["yes"]);
    expect(track.getChild("customers")!.get(0)).toBe(scored.length);
    const orderDays = new Map<string, string[]>();
    for (const { customer_key: key, order_date: day } of firm.exports.orders!)
      orderDays.set(String(key), [...(orderDays.get(String(key)) ?? []), String(day)]);
    const isSilent = (row: Row) =>
      !orderDays.get(String(row["customer_key"]))!.some((day) => day > FIRST && day <= "2025-11-30");
    const silent = scored.filter(isSilent).length;
    expect(silent).toBeGreaterThan(5);
    expect(Number(track.getChild("came")!.get(0))).toBeCloseTo(silent / scored.length, 12);
    const foretold = scored.reduce((sum, row) => sum + Number(row["churn_probability"]), 0);
    expect(Number(track.getChild("foretold")!.get(0))).toBeCloseTo(foretold / scored.length, 6);
  });

  test("churn.csv has the probability of last time and the change", () => {
    const cells = cellsOf(later);
    const then = new Map(earlier.rows.churn.map((row) => [row["customer_key"], row]));
    const both = cells.filter((row) => row["probability_change"] !== "");
    expect(both.length).toBeGreaterThan(100);
    for (const row of both) {
      const previous = Number(then.get(row["customer_key"]!)!["churn_probability"]);
      expect(Math.abs(Number(row["previous_probability"]) - previous)).toBeLessThan(5.1e-5);
      expect(
        Math.abs(Number(row["churn_probability"]) - previous - Number(row["probability_change"])),
      ).toBeLessThan(1.1e-4);
      expect(row["previous_reason_1"]).toBe(then.get(row["customer_key"]!)!["reason_1"] ?? "");
    }
  });
});

describe("other ways to leave", () => {
  const firms = { subscriptions: subscribedFirm(), usage: usedFirm() };
  const ran = {} as Record<keyof typeof firms, ChurnRun>;
  beforeAll(async () => {
    for (const name of ["subscriptions", "usage"] as const) ran[name] = await runFirm(name, firms[name], {});
  });
  const leftDaysAgo = (name: keyof typeof firms, row: Row) =>
    firms[name].leftDaysAgo.get(String(row["customer_key"])) ?? -Infinity;

  test("subscriptions: half or more of those about to cancel are among the tenth with the highest probability", () => {
    expect(sectionOf(ran.subscriptions).notes[0]).toMatch(/no subscription runs any more, 90 days ahead/);
    const scored = byProbability(ran.subscriptions);
    const isLeaving = (row: Row) => {
      const days = leftDaysAgo("subscriptions", row);
      return days < 0 && days >= -90;
    };
    const leaving = scored.filter(isLeaving).length;
    expect(leaving).toBeGreaterThan(8);
    const first = scored.slice(0, scored.length / 10);
    expect(first.filter(isLeaving).length).toBeGreaterThan(0.5 * leaving);
    for (const row of first) expect(row["reason_1"]).toMatch(/^(Tickets|Complaints|Open tickets)/);
  });

  test("usage: those whose use has begun to fade come first, by what is known of their use", () => {
    expect(sectionOf(ran.usage).notes[0]).toMatch(/use falls by the set share/);
    const scored = byProbability(ran.usage);
    const isFading = (row: Row) => leftDaysAgo("usage", row) > 10;
    const fading = scored.filter(isFading).length;
    expect(fading).toBeGreaterThan(10);
    expect(scored.slice(0, fading).filter(isFading).length).toBeGreaterThan(0.7 * fading);
    expect([...askedBy(cardOf(ran.usage, "tree"))].join()).toMatch(/usage_change/);
  });

  test.each(["subscriptions", "usage"] as const)(
    "%s: nobody's money is known, and the list is there all the same",
    (name) => {
      expect(onList(ran[name]).length).toBeGreaterThan(0);
    },
  );

  test("customers of whom nothing but usage is exported are known all the same", async () => {
    const { usage } = usedFirm(60).exports;
    const alone = await runFirm("usage-alone", { exports: { usage: usage! } }, {});
    expect(alone.rows.churn).toHaveLength(60);
  });
});

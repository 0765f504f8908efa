import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scoreTree } from "../../src/models/cart.js";
import type { Feature } from "../../src/models/training-set.js";
import { leavesOf, type Tree } from "../../src/models/tree.js";
import { openDuckDB } from "../../src/engines/duckdb.js";
import type { Engine } from "../../src/engines/engine.js";
import { openLog } from "../../src/log.js";
import { readPlan, type Overrides, type Plan } from "../../src/pipeline.js";
import { readFunctions } from "../../src/relation.js";
import type { Section } from "../../src/section.js";
import { run } from "../../src/run.js";
import type { Destination } from "../../src/workshop.js";
import { writeExportOfDay } from "../demo/export-of-day.js";
import { phoneNumber, readExport, readTruth, totals, type Cells } from "../demo/exports.js";
import { rowsOf, type Row } from "./run-plan.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "crm-analyze-churn-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const [TONIGHT, BEFORE] = ["2025-12-31", "2025-09-30"];
/** One window for every day, so that two runs can be held against each other. */
const ASKED = { monotone: { complaint_count_365_days: "rising" }, window_days: 270 };

/** What a run left. */
interface Published {
  readonly folder: string;
  readonly section: Section;
  /** `results.churn` and `features.churn` as Parquet. */
  readonly relations: string;
}

let reader: Engine;
let before: Published;
let tonight: Published;

const demoPlan = (overrides: Overrides): Plan =>
  readPlan(join(root, "pipelines/demo.yml"), { only: ["churn"], output: temporary, ...overrides });

/** Three months before, by the challenger and in Chinese. */
const earlierPlan = (output: string): Plan =>
  demoPlan({
    output,
    asOfDate: BEFORE,
    language: "zh",
    analyses: { churn: { ...ASKED, model: "boosted" } },
  });

/** Runs churn on the demo firm, and keeps the relations that the files do not show. */
async function runDemo(plan: Plan, destination: Destination): Promise<Published> {
  const log = openLog({ begin: () => {}, end: () => {}, warn: () => {} });
  const relations = mkdtempSync(join(temporary, "relations-"));
  const peek = async (engine: Engine) => {
    await engine.save("select * from results.churn", join(relations, "results.parquet"));
    await engine.save("select * from features.churn", join(relations, "features.parquet"));
    await engine.save("select * from unified.lineage", join(relations, "lineage.parquet"));
    await engine.save(
      "select customer_id, cast(sum(order_amount) as double) as net_amount from facts.orders group by customer_id",
      join(relations, "orders.parquet"),
    );
  };
  const { report, folder } = await run(plan, { destination, log, peek });
  return { folder: folder!, section: report.sections[0]!, relations };
}

beforeAll(async () => {
  const output = join(temporary, "history");
  before = await runDemo(earlierPlan(output), { kind: "history" });
  tonight = await runDemo(demoPlan({ output, analyses: { churn: ASKED } }), { kind: "history" });
  reader = await openDuckDB({ path: ":memory:", functions: readFunctions("duckdb") });
});
afterAll(() => reader.close());

const fileOf = ({ folder }: Published, name: string) => readFileSync(join(folder, name), "utf8");
const csvOf = (published: Published, name: string) =>
  parse(fileOf(published, name), { columns: true, bom: true }) as Cells[];
const parquet = (path: string) => rowsOf(reader, `select * from read_parquet('${path}')`);
const listOf = ({ folder }: Published, name: string) => parquet(join(folder, `lists/${name}.parquet`));
const resultsOf = ({ relations }: Published) => parquet(join(relations, "results.parquet"));

interface Card {
  readonly name: string;
  readonly nodes: Tree["nodes"];
  readonly base_rate: number;
  readonly leaves: readonly Readonly<Record<string, number | string>>[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, { readonly estimate: number | null } | readonly unknown[]>>;
  readonly list: Readonly<Record<string, unknown>>;
  readonly ships: boolean;
}
const cardsOf = (published: Published) => JSON.parse(fileOf(published, "models.json")) as Card[];
const cardOf = (published: Published, name: string) => cardsOf(published).find((card) => card.name === name)!;
/** The tree as models.json has it, its names as the program has them. */
const treeOf = (published: Published): Tree =>
  JSON.parse(
    JSON.stringify({ nodes: cardOf(published, "tree").nodes }).replaceAll(
      /"(missing_goes_left|left_categories|right_categories|positive_weight)":/g,
      (name) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    ),
  ) as Tree;

const number = (value: Row[string] | string | undefined) =>
  value === null || value === "" ? NaN : Number(value);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What is true of each customer, by our number. */
async function truthOf({ relations }: Published): Promise<Map<Row[string], Cells>> {
  const kinds: Readonly<Record<string, string>> = { customers: "customer", contacts: "contact" };
  const known = new Map(readTruth("customers.csv").map((row) => [row["customer_no"]!, row]));
  const numbers = new Map(
    readTruth("identities.csv").map(({ source, kind, key, customer_no: no }) => [
      `${source} ${kinds[kind!]} ${key}`,
      no!,
    ]),
  );
  const lineage = await parquet(join(relations, "lineage.parquet"));
  return new Map(
    lineage.map(({ customer_id: id, source, record_kind: kind, record_key: key }) => [
      id!,
      known.get(numbers.get(`${source} ${kind} ${key}`)!)!,
    ]),
  );
}

describe("the planted rules of the demo firm", () => {
  test("complaints are a question of the tree, and the group that complains most is the one that leaves most", () => {
    const [worst] = csvOf(tonight, "rules.csv");
    expect(worst!["rule"]).toMatch(/Complaints in (a year|90 days) at least 2/);
    expect(number(worst!["churned_count"]) / number(worst!["known_count"])).toBeGreaterThan(0.9);
  });

  test("price tickets or late payments are asked for, by the tree or as reasons of the challenger", () => {
    const asked = treeOf(tonight).nodes.flatMap(({ split }) => (split === undefined ? [] : [split.feature]));
    const reasons = csvOf(before, "churn.csv").map((row) => row["reason_1"]!.split("：")[0]!);
    const isPlanted = (feature: string) => /^(price_case_count|payment_late|concession_rate)/.test(feature);
    expect([asked.some(isPlanted), reasons.some((reason) => /价格|付款/.test(reason))]).toContain(true);
  });

  test("active customers who stopped over complaints score higher than those who stay", async () => {
    const truth = await truthOf(tonight);
    const active = (await resultsOf(tonight)).filter((row) => row["state"] === "active");
    const scoresOf = (isChosen: (row: Cells) => boolean) =>
      active
        .filter((row) => isChosen(truth.get(row["customer_id"]!)!))
        .map((row) => number(row["churn_probability"]));
    const complained = scoresOf((row) => row["lapse_reason"] === "complaint");
    const staying = scoresOf((row) => row["lapse_date"] === "" && row["slowdown_date"] === "");
    expect(complained.length).toBeGreaterThan(20);
    expect(mean(complained)).toBeGreaterThan(1.25 * mean(staying));
  });
});

describe("every customer once", () => {
  test("active, gone and too new are all customers with an order, but for those who gave back all they had bought", async () => {
    const rows = csvOf(tonight, "churn.csv");
    const ids = new Set(rows.map((row) => Number(row["customer_id"])));
    const bought = await parquet(join(tonight.relations, "orders.parquet"));
    const missing = bought.filter((row) => !ids.has(Number(row["customer_id"])));
    expect(ids.size).toBe(rows.length);
    expect(rows.length + missing.length).toBe(totals.customers_with_an_order);
    expect(missing.map((row) => row["net_amount"])).toEqual([0, 0]);
    const states = tonight.section.tables.find(({ name }) => name === "states")!.rows;
    for (const [row, state] of [...states.getChild("state")!].entries())
      expect(states.getChild("customer_count")!.get(row)).toBe(
        rows.filter((cells) => cells["state"] === state).length,
      );
    expect(new Set(rows.map((row) => row["state"]))).toEqual(new Set(["active", "gone", "too_new"]));
  });

  test("the active have a probability and a leaf, the others neither", () => {
    for (const row of csvOf(tonight, "churn.csv")) {
      const isActive = row["state"] === "active";
      const probability = number(row["churn_probability"]);
      expect([probability >= 0 && probability <= 1, row["leaf"] !== "", row["risk_band"] !== ""]).toEqual([
        isActive,
        isActive,
        isActive,
      ]);
    }
  });

  test("value at risk is probability × contribution, to the cent", async () => {
    const active = (await resultsOf(tonight)).filter((row) => row["state"] === "active");
    for (const row of active) {
      const expected = number(row["churn_probability"]) * Math.max(0, number(row["contribution_amount"]));
      expect(Math.abs(number(row["value_at_risk"]) - expected)).toBeLessThan(0.0051);
    }
    expect(active.length).toBeGreaterThan(900);
  });
});

describe("the list", () => {
  test("goes by value at risk, and every row has a reason, money, an action and what is permitted", async () => {
    const list = await listOf(tonight, "churn-risk");
    expect(list.length).toBeGreaterThan(100);
    expect(list.map((row) => row["call_rank"])).toEqual(list.map((_, i) => i + 1));
    const stakes = list.map((row) => number(row["value_at_risk"]));
    expect(stakes).toEqual(stakes.toSorted((a, b) => b - a));
    for (const row of list) {
      expect(row["reason_1"]).toMatch(/^.+: .+$/);
      expect(number(row["contribution_amount"])).toBeGreaterThan(0);
      expect(number(row["expected_saving"])).toBeGreaterThan(0);
      expect(row["suggested_action"]).not.toBe("");
      expect(row["permitted_channels"]).not.toBeNull();
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining(["reason_2", "reason_3", "email_address", "phone_number"]),
      );
    }
  });

  test("an address stands where its channel is permitted, and nowhere else", async () => {
    for (const name of ["churn-risk", "win-back"])
      for (const row of await listOf(tonight, name)) {
        const shown = Object.entries(ADDRESSES).flatMap(([channel, column]) =>
          row[column] === null ? [] : [channel],
        );
        expect(shown.toSorted().join(", ")).toBe(row["permitted_channels"]);
      }
  });

  test("nobody is to be called at an address whose last word is no", async () => {
    const refused = refusedAddresses();
    expect(refused.size).toBeGreaterThan(100);
    const shown: string[] = [];
    for (const name of ["churn-risk", "win-back"])
      for (const row of await listOf(tonight, name))
        for (const channel of ["email", "phone", "sms"] as const)
          if (row[ADDRESSES[channel]] !== null) shown.push(`${channel} ${row[ADDRESSES[channel]]}`);
    expect(shown.length).toBeGreaterThan(200);
    expect(shown.filter((address) => refused.has(address))).toEqual([]);
  });

  test("those gone are not on the list of risks, and those to win back are gone", async () => {
    const states = new Map((await resultsOf(tonight)).map((row) => [row["customer_id"], row["state"]]));
    const statesOn = async (name: string) =>
      new Set((await listOf(tonight, name)).map((row) => states.get(row["customer_id"]!)));
    expect(await statesOn("churn-risk")).toEqual(new Set(["active"]));
    expect(await statesOn("win-back")).toEqual(new Set(["gone"]));
    expect(await statesOn("alerts")).not.toContain("gone");
  });
});

const ADDRESSES = {
  email: "email_address",
  phone: "phone_number",
  sms: "sms_number",
  mail: "mail_city",
} as const;

/** Channel and address of everybody who said no last, from the exports alone. */
function refusedAddresses(): Set<string> {
  const contacts = new Map(readExport("crm/contacts.csv").map((row) => [row["Record ID"]!, row]));
  const last = new Map<string, Cells>();
  for (const row of readExport("crm/consents.csv")) {
    if (row["Timestamp"]!.slice(0, 10) > TONIGHT && row["Status"] !== "OPT_OUT") continue;
    const key = `${row["Contact ID"]} ${row["Channel"]}`;
    if ((last.get(key)?.["Timestamp"] ?? "") < row["Timestamp"]!) last.set(key, row);
  }
  const refusals = [...last.values()].filter((row) => row["Status"] === "OPT_OUT");
  return new Set(
    refusals.map((row) => {
      const contact = contacts.get(row["Contact ID"]!)!;
      const isMail = row["Channel"] === "email";
      const address = isMail ? contact["Email"]!.trim().toLowerCase() : phoneNumber(contact["Phone Number"]!);
      return `${row["Channel"]} ${address}`;
    }),
  );
}

describe("the tree as files", () => {
  test("rules.csv counts the customers of churn.csv leaf by leaf, and their money", () => {
    const rules = csvOf(tonight, "rules.csv");
    const rows = csvOf(tonight, "churn.csv").filter((row) => row["leaf"] !== "");
    for (const { leaf, customer_count: count, value_at_risk: money } of rules) {
      const own = rows.filter((row) => row["leaf"] === leaf);
      expect(own).toHaveLength(number(count));
      expect(own.reduce((sum, row) => sum + number(row["value_at_risk"]), 0)).toBeCloseTo(number(money), 2);
    }
    expect(new Set(rules.map((row) => row["leaf"])).size).toBe(rules.length);
    expect(rules.reduce((sum, row) => sum + number(row["customer_count"]), 0)).toBe(rows.length);
  });

  test("models.json has a card each for tree, boosted, logistic and rule; one of them makes the list", () => {
    const cards = cardsOf(tonight);
    expect(cards.map(({ name }) => name)).toEqual(["tree", "boosted", "logistic", "rule"]);
    expect(cards.filter(({ ships }) => ships)).toHaveLength(1);
    for (const { name, settings, metrics, list } of cards) {
      expect(Object.keys(settings).length, name).toBeGreaterThan(0);
      for (const metric of ["area_under_roc", "average_precision", "brier_score", "log_loss"])
        expect((metrics[metric] as { estimate: number }).estimate, `${name} ${metric}`).toBeGreaterThan(0);
      expect(list["count"], name).toBe(cards[0]!.list["count"]);
      if (name !== "rule") expect(list["grade"], name).toMatch(/^[A-D]$/);
    }
  });

  test("the card of the tree is the tree: its leaves are those of rules.csv, at most 16", () => {
    const leaves = leavesOf(treeOf(tonight));
    expect(leaves.length).toBeGreaterThan(3);
    expect(leaves.length).toBeLessThanOrEqual(16);
    expect(cardOf(tonight, "tree").leaves.map(({ leaf }) => String(leaf))).toEqual(
      csvOf(tonight, "rules.csv").map(({ leaf }) => leaf),
    );
  });

  test("more complaints never lower the risk of anybody, once told so", async () => {
    const rows = (await parquet(join(tonight.relations, "features.parquet"))).filter(
      (row) => row["purpose"] === "score" && row["state"] === "active",
    );
    const asked = treeOf(tonight).nodes.flatMap(({ split }) => (split === undefined ? [] : [split]));
    expect(asked.map(({ feature }) => feature)).toContain("complaint_count_365_days");
    const featureOf = (name: string, complaints: number): Feature => {
      const { kind } = asked.find(({ feature }) => feature === name)!;
      if (kind === "category") {
        const categories = [...new Set(rows.map((row) => String(row[name])))];
        return {
          kind,
          name,
          categories,
          codes: Int32Array.from(rows, (row) => categories.indexOf(String(row[name]))),
        };
      }
      const isAsked = name === "complaint_count_365_days";
      return {
        kind,
        name,
        values: Float64Array.from(rows, (row) => (isAsked ? complaints : number(row[name]!))),
      };
    };
    const scoresWith = (complaints: number) =>
      scoreTree(
        treeOf(tonight),
        [...new Set(asked.map(({ feature }) => feature))].map((name) => featureOf(name, complaints)),
        rows.length,
      );
    const scores = [0, 1, 2, 3, 5, 9].map(scoresWith);
    for (const [i, more] of scores.slice(1).entries())
      expect(more.every((probability, row) => probability >= scores[i]![row]!)).toBe(true);
    expect(scores.at(-1)!.some((probability, row) => probability > scores[0]![row]!)).toBe(true);
  });
});

describe("the challenger, in Chinese", () => {
  test("gives probabilities of its own from 0 to 1, and a first reason to whoever is above the base", async () => {
    const active = (await resultsOf(before)).filter((row) => row["state"] === "active");
    const probabilities = active.map((row) => number(row["churn_probability"]));
    expect(new Set(probabilities).size).toBeGreaterThan(16);
    expect(Math.min(...probabilities)).toBeGreaterThan(0);
    expect(Math.max(...probabilities)).toBeLessThan(1);
    const base = cardOf(before, "boosted").base_rate;
    const above = active.filter((row) => number(row["churn_probability"]) > base);
    expect(above.length).toBeGreaterThan(50);
    expect(above.filter((row) => row["reason_1"] === null)).toEqual([]);
  });

  test("gives at most three reasons, none of them twice, and none after an empty one", async () => {
    for (const row of await resultsOf(before)) {
      const reasons = [row["reason_1"], row["reason_2"], row["reason_3"]];
      const told = reasons.filter((reason) => reason !== null);
      expect(reasons.slice(0, told.length)).toEqual(told);
      expect(new Set(told).size).toBe(told.length);
    }
  });

  /** A sentence or a word of English, but for names of files, commands and settings. */
  const ENGLISH = /[A-Za-z]{4,}/;
  const NAMES = /crm-analyze [\w-]+( [\w-]+)?|churn\.(?:csv|xlsx)|success_rate|contact_cost|keep|Brier|ROC/g;
  const isEnglish = (text: string) => ENGLISH.test(text.replaceAll(NAMES, ""));

  test("the section says everything in Chinese: titles, captions, notes, headings, headlines", () => {
    const { title, question, answer, headlines, notes, tables, charts } = before.section;
    const said = [
      ...[title, question, answer, ...notes],
      ...headlines.flatMap(({ label, note }) => [label, note ?? ""]),
      ...tables.flatMap((table) => [
        table.title,
        table.caption ?? "",
        ...table.columns.map((shown) => shown.title),
      ]),
      ...charts.flatMap((chart) => [chart.title, chart.caption ?? ""]),
    ];
    expect(said.length).toBeGreaterThan(60);
    expect(said.filter(isEnglish)).toEqual([]);
  });

  test("so do reasons, rules, states and bands; the words that data brings stay as they are", async () => {
    const rows = csvOf(before, "churn.csv");
    const reasons = rows
      .flatMap((row) => [row["reason_1"]!, row["reason_2"]!, row["reason_3"]!])
      .filter((reason) => reason !== "");
    expect(reasons.length).toBeGreaterThan(500);
    const named = reasons.map((reason) => reason.split(/[：:]/)[0]!);
    expect(named.filter(isEnglish)).toEqual([]);
    const list = await listOf(before, "churn-risk");
    expect(new Set(list.map((row) => row["risk_band"]))).toContain("中");
    expect(list.filter((row) => isEnglish(String(row["suggested_action"])))).toEqual([]);
    const states = before.section.tables.find(({ name }) => name === "states")!.rows;
    expect([...states.getChild("state_name")!].filter((name) => isEnglish(String(name)))).toEqual([]);
    expect(fileOf(before, "tree.svg")).toMatch(/[一-鿿]/);
  });
});

describe("two runs, three months apart", () => {
  test("the later one tells how the forecast of the earlier one turns out", async () => {
    const track = tonight.section.tables.find(({ name }) => name === "track")!.rows;
    const earlier = csvOf(before, "churn.csv").filter((row) => row["churn_probability"] !== "");
    expect([...track.getChild("date")!]).toEqual([BEFORE]);
    expect(track.getChild("customers")!.get(0)).toBe(earlier.length);
    const foretold = mean(earlier.map((row) => number(row["churn_probability"])));
    expect(Math.abs(Number(track.getChild("foretold")!.get(0)) - foretold)).toBeLessThan(1e-4);
    expect(before.section.tables.map(({ name }) => name)).not.toContain("track");
  });

  test("who came so far is counted from the orders alone", async () => {
    const earlier = (await resultsOf(before)).filter((row) => row["churn_probability"] !== null);
    const lastDay = new Map(
      (await resultsOf(tonight)).map((row) => [row["customer_id"], String(row["last_life_date"])]),
    );
    const silent = earlier.filter((row) => lastDay.get(row["customer_id"]!)! <= BEFORE);
    const track = tonight.section.tables.find(({ name }) => name === "track")!.rows;
    expect(silent.length).toBeGreaterThan(100);
    expect(Number(track.getChild("came")!.get(0))).toBeCloseTo(silent.length / earlier.length, 10);
  });

  test("churn.csv has the probability of last time and the change, and no reason in another language", () => {
    const earlier = new Map(csvOf(before, "churn.csv").map((row) => [row["customer_id"], row]));
    let both = 0;
    for (const row of csvOf(tonight, "churn.csv")) {
      const then = earlier.get(row["customer_id"]!);
      expect(row["previous_probability"]).toBe(then?.["churn_probability"] ?? "");
      expect(row["previous_reason_1"]).toBe("");
      const change = number(row["churn_probability"]) - number(row["previous_probability"]);
      if (Number.isNaN(change)) {
        expect(row["probability_change"]).toBe("");
        continue;
      }
      both += 1;
      expect(Math.abs(number(row["probability_change"]) - change)).toBeLessThan(1.01e-4);
    }
    expect(both).toBeGreaterThan(500);
  });
});

describe("what happens after a day changes nothing on that day", () => {
  test("exports of 2025-12-31 and exports of that day: the same features, scores, lists and tree", async () => {
    const copy = join(temporary, "copy");
    writeExportOfDay(join(copy, "demo"), BEFORE);
    const plan = earlierPlan(temporary);
    const sources = plan.sources.map((source) => ({
      ...source,
      directory: source.directory.replace(join(root, "fixtures/demo"), join(copy, "demo")),
    }));
    const then = await runDemo({ ...plan, sources }, { kind: "folder", folder: join(copy, "out") });
    for (const name of ["features", "results"]) {
      const [one, other] = [then, before].map(
        ({ relations }) => `read_parquet('${join(relations, `${name}.parquet`)}')`,
      );
      expect((await rowsOf(reader, `select * from ${one}`)).length).toBeGreaterThan(1500);
      expect(
        await rowsOf(
          reader,
          `(select * from ${one} except all select * from ${other}) union all (select * from ${other} except all select * from ${one})`,
        ),
      ).toEqual([]);
    }
    for (const name of ["churn.csv", "models.json", "tree.svg", "tree.sql", "rules.csv"])
      expect(fileOf(then, name) === fileOf(before, name), name).toBe(true);
    for (const name of ["churn-risk", "win-back", "alerts"])
      expect(await listOf(then, name)).toEqual(await listOf(before, name));
  });
});

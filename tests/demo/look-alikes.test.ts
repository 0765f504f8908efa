import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { readPlan } from "../../src/pipeline.js";
import type { ModelCard } from "../../src/section.js";
import { runPlan, type Ran, type Row } from "../analyses/run-plan.js";
import { readTruth } from "./exports.js";

const PIPELINE = fileURLToPath(new URL("../../pipelines/demo.yml", import.meta.url));

const QUERIES = {
  lineage: "select source, record_kind, record_key, customer_id from unified.lineage",
  looks: "select * from results.look_alikes",
  prospects: "select customer_id from features.attributes where is_prospect",
  members: "select customer_id from results.segment_rules where rule = 'wholesale'",
  factors: "select * from results.segment_factors",
};

interface Trial {
  readonly trial: {
    readonly lift: { readonly estimate: number; readonly low: number; readonly high: number };
  };
}

let ran: Ran<keyof typeof QUERIES>;
/** What each customer of ours would be, or is, by how the firm was made. */
let planted: (row: Row) => string | undefined;

beforeAll(async () => {
  const plan = readPlan(PIPELINE, { only: ["segments"], analyses: { segments: { k: 2 } } });
  ran = await runPlan(plan, QUERIES);
  const kinds: Readonly<Record<string, string>> = { customers: "customer", contacts: "contact" };
  const identities = readTruth("identities.csv").map(
    ({ source, kind, key, customer_no: no }) => [`${source} ${kinds[kind!] ?? kind} ${key}`, no!] as const,
  );
  const numberOf = new Map(identities);
  const ours = new Map(
    ran.rows.lineage.map((row) => [
      row["customer_id"],
      numberOf.get(`${row["source"]} ${row["record_kind"]} ${row["record_key"]}`),
    ]),
  );
  const likeness = new Map([
    ...readTruth("customers.csv").map((row) => [row["customer_no"]!, row["segment"]!] as const),
    ...readTruth("prospects.csv").map((row) => [row["customer_no"]!, row["likeness"]!] as const),
  ]);
  planted = (row) => likeness.get(ours.get(row["customer_id"]!) ?? "");
}, 120_000);

describe("the look-alikes of wholesale buyers", () => {
  const WHOLESALER = "clockwork_wholesaler";
  const shareOf = (rows: readonly Row[]) =>
    rows.filter((row) => planted(row) === WHOLESALER).length / rows.length;
  const card = () =>
    ran.report.sections.flatMap(({ models }) => models ?? []).find(({ name }) => name === "look-alikes") as
      (ModelCard & Trial) | undefined;

  test("the rule finds wholesalers, and nearly nobody else", () => {
    expect(ran.rows.members.length).toBeGreaterThan(50);
    expect(shareOf(ran.rows.members)).toBeGreaterThan(0.95);
  });

  test("there are the planted prospects, each of them once", () => {
    expect(ran.rows.prospects).toHaveLength(readTruth("prospects.csv").length);
    expect(new Set(ran.rows.looks.map((row) => row["customer_id"])).size).toBe(ran.rows.looks.length);
    expect(ran.rows.prospects.map(planted)).not.toContain(undefined);
  });

  test("the list finds planted prospects with the lift that was measured on customers, within its interval", () => {
    const lift = shareOf(ran.rows.looks) / shareOf(ran.rows.prospects);
    const { low, high } = card()!.trial.lift;
    expect(low).toBeGreaterThan(1);
    expect(lift).toBeGreaterThan(low);
    expect(lift).toBeLessThan(high);
    const found = ran.rows.looks.filter((row) => planted(row) === WHOLESALER);
    const all = ran.rows.prospects.filter((row) => planted(row) === WHOLESALER);
    expect(found.length / all.length).toBeGreaterThan(0.7);
  });

  test("every row says why, and whom to ask", () => {
    for (const row of ran.rows.looks) {
      expect(row["reason_1"]).toMatch(/employees|industry|source/);
      expect(row["suggested_action"]).toMatch(/\S/);
      expect(Number(row["likeness_probability"])).toBeGreaterThan(0.05);
    }
    const isReachable = (row: (typeof ran.rows.looks)[number]) => row["permitted_channels"] !== "";
    const [reachable, others] = [
      ran.rows.looks.filter(isReachable),
      ran.rows.looks.filter((row) => !isReachable(row)),
    ];
    expect([reachable.length > 0, others.length > 0]).toEqual([true, true]);
    for (const row of reachable) expect(row["suggested_action"]).not.toContain("Ask for permission");
    for (const row of others) {
      expect(row["suggested_action"]).toContain("Ask for permission first");
      expect([row["email_address"], row["phone_number"], row["sms_number"]]).toEqual([null, null, null]);
    }
    expect(ran.rows.looks.map((row) => row["likeness_rank"])).toEqual(ran.rows.looks.map((_, i) => i + 1));
  });
});

test("a buyer's factors: those who buy machines have the planted looks of offices or wholesalers", () => {
  const sure = ran.rows.factors.filter((row) => Number(row["false_discovery_rate"] ?? 1) <= 0.05);
  expect(sure.length).toBeGreaterThan(0);
  expect(sure.map((row) => row["attribute"])).toContain("employee_count");
});

test("what is left out says why: no other analysis ran", () => {
  const notes = ran.report.sections.flatMap(({ notes: own }) => own);
  expect(
    notes.filter((note) => /rfm did not run|value, which did not run/.test(note)).length,
  ).toBeGreaterThan(1);
  expect(join(...notes)).not.toContain("undefined");
});

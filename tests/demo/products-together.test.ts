import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { beforeAll, expect, test } from "vitest";
import { readPlan } from "../../src/pipeline.js";
import { runPlan } from "../analyses/run-plan.js";
import { makeFolder, readRows } from "../cli/process.js";

const DEMO = fileURLToPath(new URL("../../fixtures/demo/", import.meta.url));
const csv = (text: string, from_line = 1) =>
  parse(text, { columns: true, from_line }) as Record<string, string>[];
const truth = csv(readFileSync(`${DEMO}truth/products_together.csv`, "utf8"));
const products = csv(new TextDecoder("gb18030").decode(readFileSync(`${DEMO}erp/products.csv`)), 2);
const nameOf = (key: string) => products.find((product) => product["物料代码"] === key)!["物料名称"]!;
const planted = truth.map(
  ({ first, second, within_days, planted_strength, first_orders, together_orders }) => ({
    first: nameOf(first!),
    second: nameOf(second!),
    days: Number(within_days),
    strength: Number(planted_strength),
    rate: Number(together_orders) / Number(first_orders),
  }),
);

let rules: Record<string, string>[];
let sequences: Record<string, string>[];
beforeAll(async () => {
  const folder = makeFolder();
  const pipeline = fileURLToPath(new URL("../../pipelines/demo.yml", import.meta.url));
  // Of offers nothing is asked here; rules and sequences are found among all customers.
  const plan = readPlan(pipeline, { only: ["baskets"], analyses: { baskets: { sample_customers: 100 } } });
  await runPlan(plan, {}, { kind: "folder", folder: folder.at("results") });
  rules = readRows(folder, "results/basket-rules.csv");
  sequences = readRows(folder, "results/basket-sequences.csv");
});

test("every planted pair of one order is a rule, as strong as what came of it", () => {
  const pairs = planted.filter(({ days }) => days === 0);
  expect(pairs.length).toBeGreaterThanOrEqual(3);
  for (const { first, second, rate, strength } of pairs) {
    const rule = rules.find(({ antecedent, consequent }) => antecedent === first && consequent === second);
    expect(Math.abs(Number(rule?.["confidence"]) - rate)).toBeLessThan(0.02);
    expect(Math.abs(Number(rule?.["confidence"]) - strength)).toBeLessThan(0.12);
    expect(Number(rule?.["lift"])).toBeGreaterThan(2);
  }
});

test("the planted sequences are those that are found, and no other, within their days", () => {
  const delayed = planted.filter(({ days }) => days > 0);
  const named = (pairs: readonly { first: string; second: string }[]) =>
    pairs.map(({ first, second }) => `${first} > ${second}`).sort();
  expect(
    named(sequences.map(({ first_item, second_item }) => ({ first: first_item!, second: second_item! }))),
  ).toEqual(named(delayed));
  for (const { first, second, days, rate } of delayed) {
    const sequence = sequences.find(
      ({ first_item, second_item }) => first_item === first && second_item === second,
    )!;
    expect(Number(sequence["delay_high_days"])).toBeLessThanOrEqual(days);
    expect(Math.abs(Number(sequence["follow_rate"]) - rate)).toBeLessThan(0.06);
    expect(Number(sequence["lift"])).toBeGreaterThan(3);
  }
});

test("no rule has a lift that chance would bring", () => {
  expect(rules.length).toBeGreaterThan(5);
  expect(rules.length).toBeLessThan(120);
  expect(rules.every(({ lift, q_value }) => Number(lift) > 1 && Number(q_value) <= 0.05)).toBe(true);
});

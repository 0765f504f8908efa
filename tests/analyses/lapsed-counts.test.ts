import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { firmPlan } from "./churn-firms.js";
import { daysAgo } from "./churn-warehouse.js";
import { runPlan } from "./run-plan.js";

const temporary = mkdtempSync(join(tmpdir(), "crm-analyze-lapsed-counts-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const ORDERS = Array.from({ length: 120 }, (_, i) => ({
  order_key: `O${i}`,
  customer_key: `C${i % 30}`,
  order_date: daysAgo(1 + Math.floor(i / 30) * 40 + (i % 30) * 9),
  order_amount: 100,
}));
const CUSTOMERS = Array.from({ length: 30 }, (_, i) => ({ customer_key: `C${i}` }));

const exports = { customers: CUSTOMERS, orders: ORDERS };

test.each([
  ["en", "“Lapsed” is counted differently"],
  ["zh", "“已流失”口径不同"],
] as const)(
  "whoever reads two counts of the lapsed reads why they differ (%s)",
  async (language, told) => {
    const analyses = { rfm: {}, value: { models: ["bg-nbd"] }, churn: {} };
    const { report } = await runPlan(firmPlan(temporary, exports, { language, analyses }), {});
    const counts = report.sections.map(({ notes }) => notes.filter((note) => note.includes(told)).length);
    expect(counts).toEqual([0, 1, 1]);
  },
  120_000,
);

test("whoever reads one count alone reads nothing of others", async () => {
  const { report } = await runPlan(firmPlan(temporary, exports, {}), {});
  expect(report.sections.flatMap(({ notes }) => notes).join()).not.toContain("counted differently");
});

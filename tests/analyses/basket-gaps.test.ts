import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { barePlan } from "../../src/pipeline.js";
import { daysAgo, TODAY } from "./churn-warehouse.js";
import { runPlan } from "./run-plan.js";

const mapped = (file: string, entity: "orders" | "order_lines", columns: readonly string[]) => ({
  ...{ file, entity, encoding: "utf-8" as const, delimiter: ",", header_row: 1, is_optional: false },
  columns: Object.fromEntries(columns.map((column) => [column, { column }])),
});

const ORDERS = ["order_key", "customer_key", "order_date", "order_amount"];
const LINES = ["order_key", "line_key", "product_key", "line_amount"];

/** What baskets finds where every order has lines, and as many orders again have none. */
async function found(isBare: boolean): Promise<unknown> {
  const directory = mkdtempSync(join(tmpdir(), "crm-analyze-gaps-"));
  const orders = Array.from({ length: 120 }, (_, i) => [`o${i}`, `c${i % 40}`, daysAgo(2 + i * 3), "20"]);
  const bare = orders.map(([, customer, date], i) => [`a${i}`, `b${i % 30}${customer}`, date!, "5"]);
  const lines = orders.flatMap(([order], i) =>
    ["bag", i % 2 === 0 ? "tea" : "coffee", i % 2 === 0 ? "pot" : "filter", ...(i % 5 === 0 ? ["cup"] : [])]
      .filter((product) => product !== "bag" || i % 4 > 0)
      .map((product, place) => [order!, String(place), product, "5"]),
  );
  const write = (name: string, rows: readonly (readonly string[])[]) =>
    writeFileSync(join(directory, name), rows.map((row) => row.join(",")).join("\n"));
  write("orders.csv", [ORDERS, ...orders, ...(isBare ? bare : [])]);
  write("lines.csv", [LINES, ...lines]);
  const files = {
    orders: mapped("orders.csv", "orders", ORDERS),
    lines: mapped("lines.csv", "order_lines", LINES),
  };
  const settings = { common_share: 0.7, level: "product" };
  const plan = barePlan(
    { name: "gaps", directory, files },
    { asOfDate: TODAY, currency: "EUR", language: "en", analyses: { baskets: settings } },
  );
  const { report, rows } = await runPlan(plan, {
    rules:
      "select antecedent, consequent, basket_count, support, lift from results.basket_rule_rows order by all",
  });
  rmSync(directory, { recursive: true });
  const { headlines, notes } = report.sections.find(({ analysis }) => analysis === "baskets")!;
  return { rules: rows.rules, baskets: headlines[0], common: notes.filter((note) => note.includes("bag")) };
}

test("orders without a line are no baskets: they make nothing rarer and nothing more common", async () => {
  const whole = await found(false);
  expect(whole).toMatchObject({ baskets: { value: 120 }, common: [expect.stringContaining("nearly every")] });
  expect((whole as { rules: unknown[] }).rules.length).toBeGreaterThan(1);
  expect(await found(true)).toEqual(whole);
}, 60_000);

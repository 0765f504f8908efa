import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { barePlan } from "../../src/pipeline.js";
import { TODAY, type Cells } from "./churn-warehouse.js";
import { runPlan, type Ran } from "./run-plan.js";

const COLUMNS = [
  "order_key",
  "line_key",
  "customer_key",
  "order_date",
  "product_key",
  "line_amount",
  "line_cost",
];

/** How `baskets` is asked: the language, and settings beside a sample of 100 customers. */
export interface LinesAsked {
  readonly language?: "en" | "zh";
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A run of `baskets` on a file of lines, where the past of 100 customers is looked at unless settings say otherwise. */
export async function runLines<Name extends string>(
  lines: readonly Cells[],
  queries: Readonly<Record<Name, string>>,
  { language = "en", settings = {} }: LinesAsked = {},
): Promise<Ran<Name>> {
  const directory = mkdtempSync(join(tmpdir(), "crm-analyze-lines-"));
  const rows = lines.map((cells) => COLUMNS.map((name) => cells[name] ?? "").join(","));
  writeFileSync(join(directory, "lines.csv"), [COLUMNS.join(","), ...rows].join("\n"));
  const mapping = {
    file: "lines.csv",
    entity: "order_lines" as const,
    encoding: "utf-8" as const,
    delimiter: ",",
    header_row: 1,
    is_optional: false,
    columns: Object.fromEntries(COLUMNS.map((column) => [column, { column }])),
  };
  const plan = barePlan(
    { name: "lines", directory, files: { lines: mapping } },
    {
      asOfDate: TODAY,
      currency: "EUR",
      language,
      analyses: { baskets: { sample_customers: 100, ...settings } },
    },
  );
  const ran = await runPlan(plan, queries);
  rmSync(directory, { recursive: true });
  return ran;
}

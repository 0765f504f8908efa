/** A leaf of a tree as a row of `rules.csv`. */
export interface RuleRow {
  readonly leaf: number;
  /** Its conditions, in words. */
  readonly rule: string;
  readonly customerCount: number;
  readonly churnProbability: number;
  /** Customers whose outcome is known, and those of them who left. */
  readonly knownCount: number;
  readonly churnedCount: number;
  /** Money; NaN when it is not known. */
  readonly valueAtRisk: number;
}

const COLUMNS: Readonly<Record<string, (row: RuleRow) => string>> = {
  leaf: ({ leaf }) => String(leaf),
  rule: ({ rule }) => textCell(rule),
  customer_count: ({ customerCount }) => String(customerCount),
  churn_probability: ({ churnProbability }) => String(churnProbability),
  known_count: ({ knownCount }) => String(knownCount),
  churned_count: ({ churnedCount }) => String(churnedCount),
  value_at_risk: ({ valueAtRisk }) => (Number.isNaN(valueAtRisk) ? "" : String(valueAtRisk)),
};

/** The leaves of a tree as CSV; text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function rulesCsv(rows: readonly RuleRow[]): string {
  const cellsOf = Object.values(COLUMNS);
  const lines = [Object.keys(COLUMNS), ...rows.map((row) => cellsOf.map((cellOf) => cellOf(row)))];
  return `${lines.map((cells) => cells.join(",")).join("\n")}\n`;
}

function textCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

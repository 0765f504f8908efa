import type { ShownColumn } from "../section.js";
import { quoteName } from "../sql.js";

/**
 * A query whose text cells cannot run as formulas when a spreadsheet opens the CSV made of it:
 * text that begins with = + - @ or a tab gets an apostrophe in front; numbers stay numbers.
 *
 * @param relation a relation or a query in parentheses
 */
export function csvSelectSql(
  columns: readonly Pick<ShownColumn, "name" | "format">[],
  relation: string,
): string {
  const cells = columns.map(({ name, format }) =>
    format === "text" ? `safe_cell(${quoteName(name)}) as ${quoteName(name)}` : quoteName(name),
  );
  return `select ${cells.join(", ")} from ${relation} as cells`;
}

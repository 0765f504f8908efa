import { TOTAL_PATTERN } from "../total-words.js";

/** Cells that stand on the first row of an order alone. */
export interface FillDown {
  /** The heading of the order's number: a row with the number of the row above is of its order, unless a cell calls it a total. */
  readonly key: string;
  /**
   * The headings of the cells, which further rows of the order have from its first. With that of the number among them
   * a row that has none of them, but words in others, is of the order above, with the same exception.
   */
  readonly columns: readonly string[];
}

/** A row that has words, and not numbers alone as sums have. */
const WORDS = /\p{L}/u;

const TOTAL = new RegExp(TOTAL_PATTERN);
const isTotal = (cell: string) => TOTAL.test(cell.toLowerCase());

/** Whether each row is of the order of the row above. */
export function continuedRows(
  rows: readonly (readonly string[])[],
  { key, columns }: { readonly key: number; readonly columns: readonly number[] },
): boolean[] {
  const own = new Set(columns);
  const cellAt = (row: readonly string[], column: number) => (row[column] ?? "").trim();
  return rows.map((row, place) => {
    if (place === 0) return false;
    const others = row.filter((_, column) => !own.has(column));
    if (others.some(isTotal)) return false;
    const number = cellAt(row, key);
    if (number !== "") return number === cellAt(rows[place - 1]!, key);
    const isBare = columns.includes(key) && columns.every((column) => cellAt(row, column) === "");
    return isBare && others.some((cell) => WORDS.test(cell));
  });
}

/** The rows with what stands on the first row of their order. */
export function filledRows(
  rows: readonly (readonly string[])[],
  headings: readonly string[],
  { key, columns }: FillDown,
): string[][] {
  const filled = columns.map((heading) => headings.indexOf(heading));
  const isContinued = continuedRows(rows, { key: headings.indexOf(key), columns: filled });
  let first: readonly string[] = [];
  return rows.map((row, place) => {
    if (!isContinued[place]) first = row;
    return row.map((cell, column) =>
      cell.trim() === "" && filled.includes(column) ? (first[column] ?? "") : cell,
    );
  });
}

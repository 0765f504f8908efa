/** Cells that stand on the first row of an order alone. */
export interface FillDown {
  /** The heading of the order's number: a row that repeats the one above, or has none and no other of the cells but words beside them, is of the order above. */
  readonly key: string;
  /** Their headings: where such a row has no cell of its own, it has that of the order's first row. */
  readonly columns: readonly string[];
}

/** A row that has words, and not numbers alone as sums have. */
const WORDS = /\p{L}/u;

/** Whether each row is of the order of the row above. */
export function continuedRows(
  rows: readonly (readonly string[])[],
  { key, columns }: { readonly key: number; readonly columns: readonly number[] },
): boolean[] {
  const own = new Set([key, ...columns]);
  const cellAt = (row: readonly string[], column: number) => (row[column] ?? "").trim();
  return rows.map((row, place) => {
    if (place === 0) return false;
    const number = cellAt(row, key);
    if (number !== "") return number === cellAt(rows[place - 1]!, key);
    const isBare = columns.every((column) => cellAt(row, column) === "");
    return isBare && row.some((cell, column) => !own.has(column) && WORDS.test(cell));
  });
}

/** The rows with what stands on the first row of their order. */
export function filledRows(
  rows: readonly (readonly string[])[],
  headings: readonly string[],
  { key, columns }: FillDown,
): string[][] {
  const places = columns.map((heading) => headings.indexOf(heading));
  const filled = [headings.indexOf(key), ...places];
  const isContinued = continuedRows(rows, { key: filled[0]!, columns: places });
  let first: readonly string[] = [];
  return rows.map((row, place) => {
    if (!isContinued[place]) first = row;
    return row.map((cell, column) =>
      cell.trim() === "" && filled.includes(column) ? (first[column] ?? "") : cell,
    );
  });
}

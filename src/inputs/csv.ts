import { parse } from "csv-parse/sync";
import { CrmError } from "../errors.js";
import type { Encoding } from "../mapping.js";
import { readHead } from "./encoding.js";

/** How a delimited UTF-8 file is laid out. */
export interface CsvLayout {
  readonly delimiter: string;
  /** 1 for the first line. */
  readonly headerRow: number;
}

export const DELIMITERS = [",", ";", "\t", "|"] as const;

/**
 * The headings of a UTF-8 file, trimmed; a heading that comes twice gets a number behind it.
 *
 * @throws CrmError `data` when the file is empty, has too few lines or is split by another delimiter
 */
export async function readHeadings(path: string, { delimiter, headerRow }: CsvLayout): Promise<string[]> {
  const lines = await readFirstRows(path, { delimiter }, headerRow);
  const cells = lines[headerRow - 1];
  if (cells === undefined) {
    const what = lines.length === 0 ? "the file is empty" : `no headings in line ${headerRow}`;
    throw new CrmError("data", `${path}: ${what}`, { hint: "export the file anew, with its headings" });
  }
  if (cells.length === 1) refuseOtherDelimiter(path, delimiter, cells[0]!);
  return numberRepeats(cells.map((cell) => cell.trim()));
}

function refuseOtherDelimiter(path: string, delimiter: string, heading: string): void {
  const other = DELIMITERS.find((candidate) => candidate !== delimiter && heading.includes(candidate));
  if (other === undefined) return;
  throw new CrmError(
    "data",
    `${path}:1: split by ${nameOf(delimiter)} there is one column; ${nameOf(other)} splits it`,
    {
      hint: `set delimiter: ${JSON.stringify(other)}`,
    },
  );
}

const nameOf = (delimiter: string) => (delimiter === "\t" ? "tab" : `"${delimiter}"`);

function numberRepeats(headings: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return headings.map((heading, index) => {
    const name = heading === "" ? `column ${index + 1}` : heading;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}

/** The first rows as cells; a cell longer than the head of the file is cut. */
export async function readFirstRows(
  path: string,
  { delimiter, encoding = "utf-8" }: { delimiter: string; encoding?: Encoding },
  rowCount: number,
): Promise<string[][]> {
  const text = new TextDecoder(encoding).decode(await readHead(path), { stream: true });
  return parse(text, {
    delimiter,
    to: rowCount,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: false,
  }) as string[][];
}

/** The delimiter that splits the first lines into the most columns, the same number in each. */
export async function guessDelimiter(path: string, encoding: Encoding = "utf-8"): Promise<string> {
  const heads = await Promise.all(
    DELIMITERS.map(async (delimiter) => ({
      delimiter,
      rows: await readFirstRows(path, { delimiter, encoding }, 20),
    })),
  );
  const widths = heads.map(({ delimiter, rows }) => ({ delimiter, width: commonWidth(rows) }));
  return widths.reduce((best, candidate) => (candidate.width > best.width ? candidate : best)).delimiter;
}

/** The number of columns most rows have. */
function commonWidth(rows: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row.length, (counts.get(row.length) ?? 0) + 1);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || b - a)[0]?.[0] ?? 0;
}

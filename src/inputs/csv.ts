import { parse } from "csv-parse/sync";
import { CrmError } from "../errors.js";
import { didYouMean } from "../nearest.js";
import type { Encoding } from "./encodings.js";
import { attempt, readHead, readParts } from "./encoding.js";
import { scanCsv } from "./scan.js";
import { unwrapped } from "./wrapped-cells.js";

/** How a delimited UTF-8 file is laid out. */
export interface CsvLayout {
  readonly delimiter: string;
  /** 1 for the first line. */
  readonly headerRow: number;
}

/** What may part the cells of a line, the likeliest first. */
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
  return numberRepeats(
    cells.map((cell, index) => unwrapped(cell).trim() || `column ${index + 1}`),
    (heading) => heading,
  );
}

/** Names for the columns of these headings that differ in more than case, which is all that engines tell apart. */
export function columnNames(headings: readonly string[]): string[] {
  return numberRepeats(headings, (heading) => heading.toLowerCase());
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

function numberRepeats(names: readonly string[], keyOf: (name: string) => string): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let count = 2; taken.has(keyOf(free)); count++) free = `${name} ${count}`;
    taken.add(keyOf(free));
    return free;
  });
}

/**
 * The first rows as cells, as far as the head of the file reaches.
 *
 * @throws CrmError `data` when a quote is left open
 */
export async function readFirstRows(
  path: string,
  { delimiter, encoding = "utf-8" }: { delimiter: string; encoding?: Encoding },
  rowCount: number,
): Promise<string[][]> {
  let text = new TextDecoder(encoding).decode(await readHead(path), { stream: true });
  const plain = plainRows(text, delimiter, rowCount);
  if (plain !== undefined) return plain;
  const options = { delimiter, to: rowCount, bom: true, relax_column_count: true, relax_quotes: true };
  for (let isChecked = false; ; isChecked = true) {
    try {
      return parse(text, options) as string[][];
    } catch {
      // The head may end inside a quoted cell; a quote that is open in the file itself is refused here.
      if (!isChecked) await scanCsv(path, { delimiter, skippedLines: 0 });
      text = text.slice(0, Math.max(0, text.lastIndexOf("\n", text.length - 2) + 1));
    }
  }
}

/** Parts of a file that are looked at behind its head, and their bytes. */
const [SPREAD_PARTS, SPREAD_BYTES] = [8, 1 << 14];
/** Rows take so much more with their quotes than without, at most, as a rule. */
const QUOTES_SHARE = 1.3;

/** Some rows from all over what lies behind the first ones, as wide as most of these; none of UTF-16, whose lines have no byte of their own. */
export async function readSpreadRows(
  path: string,
  { delimiter, encoding }: { readonly delimiter: string; readonly encoding: Encoding },
  first: readonly (readonly string[])[],
): Promise<string[][]> {
  if (encoding === "utf-16le") return [];
  const bytes = first.reduce((sum, cells) => sum + Buffer.byteLength(cells.join(delimiter)) + 2, 0);
  const from = Math.ceil(QUOTES_SHARE * bytes);
  const options = { delimiter, relax_column_count: true, relax_quotes: true };
  const texts = await readParts(path, from, { partCount: SPREAD_PARTS, byteCount: SPREAD_BYTES });
  const rows = texts.flatMap((bytes) => {
    const whole = bytes.subarray(bytes.indexOf("\n") + 1, bytes.lastIndexOf("\n") + 1);
    const text = new TextDecoder(encoding).decode(whole);
    if (text.includes('"')) return attempt(() => parse(text, options) as string[][]) ?? [];
    return text.split(/\r?\n/).map((line) => line.split(delimiter));
  });
  const width = commonWidth(first);
  return rows.filter((cells) => cells.length === width);
}

/** The first rows of a text in whose first lines no cell is quoted and line ends are line feeds; undefined of any other. */
function plainRows(text: string, delimiter: string, rowCount: number): string[][] | undefined {
  const lines = text.split("\n", rowCount);
  if (lines.some((line) => /["\r]/.test(line))) return undefined;
  const isWhole = lines.length < rowCount || text.length === lines.join("\n").length;
  if (isWhole && lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.split(delimiter));
}

/** What is said of a column that was asked for as `asked`, a flag with the name, and is not among the headings of a file. */
export function noSuchColumn(asked: string, name: string, { file, headings }: Headed): string {
  return `${asked}: no such column in ${file}; ${foundInstead(name, headings)}`;
}

/** The headings that are there instead of one that is not, and which of them it may stand for. */
export function foundInstead(name: string, headings: readonly string[]): string {
  return `found ${shownHeadings(headings)}${isData(headings) ? "" : didYouMean(name, headings)}`;
}

/** A file by its name, and its headings. */
export interface Headed {
  readonly file: string;
  readonly headings: readonly string[];
}

const isData = (headings: readonly string[]) =>
  headings.some((heading) => /@|^\+?[\d\s./:-]{5,}$/.test(heading));

/** Headings to show in a message; a line that looks like data is a customer's and is not shown. */
export function shownHeadings(headings: readonly string[]): string {
  if (isData(headings)) return "a line that looks like data, not headings";
  const shown = headings
    .slice(0, 30)
    .map((heading) => (heading.length > 40 ? `${heading.slice(0, 40)}…` : heading));
  return headings.length > shown.length
    ? `${shown.join(", ")}, … (${headings.length} columns)`
    : shown.join(", ");
}

/** The delimiter that splits the first lines into the most columns; one that splits the very first line goes before others. */
export async function guessDelimiter(path: string, encoding: Encoding = "utf-8"): Promise<string> {
  const heads = await Promise.all(
    DELIMITERS.map(async (delimiter) => ({
      delimiter,
      rows: await readFirstRows(path, { delimiter, encoding }, 20),
    })),
  );
  const ranked = heads.map(({ delimiter, rows }) => ({
    delimiter,
    splitsFirst: (rows[0]?.length ?? 0) > 1 ? 1 : 0,
    width: commonWidth(rows),
  }));
  return ranked.toSorted((a, b) => b.splitsFirst - a.splitsFirst || b.width - a.width)[0]!.delimiter;
}

/** What may part the items of a basket a line, the likeliest first. */
const ITEM_DELIMITERS = [...DELIMITERS, "，", "；", "、"] as const;

/** The delimiter that splits the most of the first lines of baskets, whose widths differ; of such that split as many, into the most items. */
export async function guessItemDelimiter(path: string, encoding: Encoding): Promise<string> {
  const heads = await Promise.all(
    ITEM_DELIMITERS.map(async (delimiter) => {
      const rows = await readFirstRows(path, { delimiter, encoding }, 1000);
      const widths = rows.map(({ length }) => length);
      return {
        delimiter,
        splitCount: widths.filter((width) => width > 1).length,
        itemCount: widths.reduce((sum, width) => sum + width, 0),
      };
    }),
  );
  const ranked = heads.toSorted((a, b) => b.splitCount - a.splitCount || b.itemCount - a.itemCount);
  return ranked[0]!.delimiter;
}

/** The number of columns most rows have. */
export function commonWidth(rows: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row.length, (counts.get(row.length) ?? 0) + 1);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || b - a)[0]?.[0] ?? 0;
}

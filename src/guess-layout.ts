import { basename } from "node:path";
import { CrmError } from "./errors.js";
import { commonWidth, guessDelimiter, readFirstRows, readSpreadRows } from "./inputs/csv.js";
import { guessEncoding } from "./inputs/encoding.js";
import { ENCODINGS, type Encoding } from "./inputs/encodings.js";
import type { ReadSheet } from "./inputs/excel.js";
import type { FillDown } from "./inputs/fill-down.js";
import type { FileHints } from "./inputs/hints.js";
import { formatOf, requireFile, withCsv } from "./inputs/tabular.js";
import { unwrapped } from "./inputs/wrapped-cells.js";
import type { ReadingClause } from "./reading.js";
import { openScratch } from "./workshop.js";

/** What the first rows tell of a file. */
export interface Layout {
  readonly encoding: Encoding;
  readonly delimiter: string;
  readonly headerRow: number;
  readonly headings: readonly string[];
  readonly sample: readonly (readonly string[])[];
  /** So many of the sample follow on the headings; the others are from all over the rest, some of them twice. */
  readonly firstCount: number;
  /** Of a workbook. */
  readonly sheet: ReadSheet | undefined;
  /** What stands on the first row of an order alone, and on each row of the sample. */
  readonly fillDown?: FillDown;
}

/**
 * How a file is laid out, from its first rows.
 *
 * @throws CrmError `usage` when it is not there, or has no such sheet, `data` when it is empty or cannot be read
 */
export async function guessLayout(path: string, hints: FileHints): Promise<Layout> {
  requireFile(path, "usage");
  if (hints.sheet !== undefined && formatOf(path) !== "xlsx")
    throw new CrmError("usage", `--sheet: ${basename(path)} is no workbook and has no sheets`);
  return withCsv({ path, sheet: hints.sheet, sheetFault: "usage" }, openScratch, async (csvPath, sheet) => {
    const layout = await layoutOf(basename(path), csvPath, hints);
    return { ...layout, sheet };
  });
}

async function layoutOf(file: string, path: string, hints: FileHints): Promise<Omit<Layout, "sheet">> {
  const encoding = hints.encoding ?? (await guessEncoding(path));
  const delimiter = await guessDelimiter(path, encoding);
  const rows = unwrappedRows(await readFirstRows(path, { delimiter, encoding }, SAMPLE_ROWS));
  if (rows.every((row) => row.every((cell) => cell.trim() === ""))) {
    throw new CrmError("data", `${file}: the file is empty`, { hint: "export the file anew" });
  }
  const headerRow = guessHeaderRow(rows);
  const headings = rows[headerRow - 1]!.map((heading) => heading.trim());
  if (headings.some((heading) => heading.includes("\ufffd")))
    throw new CrmError("data", `${file}:${headerRow}: headings with bytes that are not ${encoding}`, {
      hint: "leave --encoding away and it is guessed, or name the true one",
    });
  const spread = unwrappedRows(await readSpreadRows(path, { delimiter, encoding }, rows));
  const first = rows.slice(headerRow);
  return {
    encoding,
    delimiter,
    headerRow,
    headings,
    sample: [...first, ...spread],
    firstCount: first.length,
  };
}

const unwrappedRows = (rows: readonly (readonly string[])[]) => rows.map((cells) => cells.map(unwrapped));

/** What is odd about a layout, a clause each. */
export function layoutEvidence({ encoding, delimiter, headerRow, sheet, fillDown }: Layout): ReadingClause[] {
  const split: ReadingClause =
    delimiter === "\t" ? { code: "tab", gaps: {} } : { code: "delimiter", gaps: { delimiter } };
  return [
    ...sheetEvidence(sheet),
    ...encodingEvidence(encoding),
    ...(delimiter === "," ? [] : [split]),
    ...(headerRow === 1 ? [] : [{ code: "header_row" as const, gaps: { line: headerRow } }]),
    ...(fillDown === undefined ? [] : [{ code: "fill_down" as const, gaps: { heading: fillDown.key } }]),
  ];
}

/** A sheet is said where there are others. */
function sheetEvidence(sheet: ReadSheet | undefined): ReadingClause[] {
  if (sheet === undefined || sheet.others.length === 0) return [];
  return [{ code: "sheet", gaps: { sheet: sheet.sheet, count: sheet.others.length + 1 } }];
}

/** What else to try where a file holds no columns of the right kind; ends a hint. */
export function otherwise({ encoding, sheet }: Layout): string {
  const others = sheet?.others.map((name) => `"${name}"`).join(", ") ?? "";
  if (others !== "") return `; sheet "${sheet!.sheet}" was read, and --sheet reads another: ${others}`;
  return encoding === "utf-8"
    ? ""
    : `; if the headings look odd, name the encoding: --encoding ${ENCODINGS.join("|")}`;
}

/** An encoding is said unless it goes without saying. */
export const encodingEvidence = (encoding: Encoding): ReadingClause[] =>
  encoding === "utf-8" ? [] : [{ code: "encoding", gaps: { encoding } }];

const SAMPLE_ROWS = 2000;

/** The first row as wide as most rows are; title rows above are narrower. */
function guessHeaderRow(rows: readonly (readonly string[])[]): number {
  const widths = rows.slice(0, 20).map((row) => row.filter((cell) => cell.trim() !== "").length);
  const usual = Math.min(commonWidth(rows), Math.max(0, ...widths));
  const row = widths.findIndex((width) => width >= Math.max(1, usual * 0.8));
  return Math.max(0, row) + 1;
}

import { CrmError } from "./errors.js";
import { commonWidth, guessDelimiter, readFirstRows } from "./inputs/csv.js";
import { guessEncoding } from "./inputs/encoding.js";
import type { Encoding } from "./inputs/encodings.js";
import type { FileHints } from "./inputs/hints.js";
import type { ReadingClause } from "./reading.js";

/** What the first rows tell of a file. */
export interface Layout {
  readonly encoding: Encoding;
  readonly delimiter: string;
  readonly headerRow: number;
  readonly headings: readonly string[];
  readonly sample: readonly (readonly string[])[];
}

/**
 * How a text file is laid out, from its first rows.
 *
 * @throws CrmError `data` when it is empty
 */
export async function guessLayout(
  file: string,
  path: string,
  hints: Pick<FileHints, "encoding">,
): Promise<Layout> {
  const encoding = hints.encoding ?? (await guessEncoding(path));
  const delimiter = await guessDelimiter(path, encoding);
  const rows = await readFirstRows(path, { delimiter, encoding }, SAMPLE_ROWS);
  if (rows.every((row) => row.every((cell) => cell.trim() === ""))) {
    throw new CrmError("data", `${file}: the file is empty`, { hint: "export the file anew" });
  }
  const headerRow = guessHeaderRow(rows);
  const headings = rows[headerRow - 1]!.map((heading) => heading.trim());
  if (headings.some((heading) => heading.includes("\ufffd")))
    throw new CrmError("data", `${file}:${headerRow}: headings with bytes that are not ${encoding}`, {
      hint: "leave --encoding away and it is guessed, or name the true one",
    });
  return { encoding, delimiter, headerRow, headings, sample: rows.slice(headerRow) };
}

/** The filled cells of a column of the sample. */
export const cellsOf = (sample: Layout["sample"], column: number) =>
  sample.map((row) => (row[column] ?? "").trim()).filter((cell) => cell !== "");

/** What is odd about a layout, a clause each. */
export function layoutEvidence({ encoding, delimiter, headerRow }: Layout): ReadingClause[] {
  const split: ReadingClause =
    delimiter === "\t" ? { code: "tab", gaps: {} } : { code: "delimiter", gaps: { delimiter } };
  return [
    ...encodingEvidence(encoding),
    ...(delimiter === "," ? [] : [split]),
    ...(headerRow === 1 ? [] : [{ code: "header_row" as const, gaps: { line: headerRow } }]),
  ];
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

/** A heading without case, spaces and marks. */
export const plain = (heading: string) => heading.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

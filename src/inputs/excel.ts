import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";

import { readXlsx, streamXlsxRows } from "hucre/xlsx";

import { CrmError } from "../errors.js";
import { didYouMean } from "../nearest.js";
import type { TableFile } from "./tabular.js";

/** Rows looked at to learn how many columns a sheet has. */
const HEAD_ROWS = 200;
/** Text gathered before it is written, in characters. */
const CHUNK = 1 << 20;

type CellValue = Awaited<ReturnType<typeof readXlsx>>["sheets"][number]["rows"][number][number];

interface Workbook {
  /** What errors call it. */
  readonly name: string;
  /** The file as it is on disk, compressed; sheets are unpacked as they are read. */
  readonly bytes: Uint8Array;
  readonly sheet: string;
}

/** As of a {@link TableFile}. */
type AskedSheet = Partial<Omit<TableFile, "path">>;

/** Which sheet of a workbook was read, and what others there are. */
export interface ReadSheet {
  readonly sheet: string;
  readonly others: readonly string[];
}

/**
 * Copies the first sheet of an .xlsx file, or the one named or numbered, to a UTF-8 CSV (RFC 4180, commas, LF).
 * CSV row n is sheet row n, all rows are equally wide but for empty ones, which are blank lines, and empty rows and
 * columns at the end are left out.
 * Days are `YYYY-MM-DD`, moments `YYYY-MM-DD HH:MM:SS`, numbers have full precision without grouping,
 * text is as it stands, so text cells keep leading zeros.
 *
 * @throws CrmError (data) when the file cannot be read as .xlsx or the sheet is empty, of the fault that was said when
 * there is no such sheet.
 */
export async function convertExcelToCsv(
  path: string,
  csvPath: string,
  options: AskedSheet,
): Promise<ReadSheet> {
  const name = basename(path);
  try {
    const bytes = await readFile(path);
    const names = await sheetNames(bytes);
    const workbook = { name, bytes, sheet: chosenSheet(name, names, options) };
    let width = await widthOfHead(workbook);
    for (;;) {
      const widest = await writeCsv(workbook, csvPath, width);
      if (widest <= width) break;
      width = widest;
    }
    if (width === 0) throw emptyError(workbook);
    return { sheet: workbook.sheet, others: names.filter((each) => each !== workbook.sheet) };
  } catch (error) {
    throw error instanceof CrmError ? error : unreadableError(name, error);
  }
}

async function widthOfHead(workbook: Workbook): Promise<number> {
  let width = 0;
  for await (const row of streamXlsxRows(workbook.bytes, { sheet: workbook.sheet, maxRows: HEAD_ROWS })) {
    width = Math.max(width, widthOf(row.values));
  }
  return width;
}

/** Writes all rows padded to `width`; gives the width of the widest row, which may turn out to be more. */
async function writeCsv(workbook: Workbook, csvPath: string, width: number): Promise<number> {
  const seen = { widest: width };
  await pipeline(csvChunks(workbook, width, seen), createWriteStream(csvPath));
  return seen.widest;
}

/** Stops at the first row wider than `width`. */
async function* csvChunks(
  workbook: Workbook,
  width: number,
  seen: { widest: number },
): AsyncGenerator<string> {
  let text = "";
  let nextRow = 0;
  for await (const row of streamXlsxRows(workbook.bytes, { sheet: workbook.sheet })) {
    const rowWidth = widthOf(row.values);
    if (rowWidth === 0) continue;
    seen.widest = Math.max(seen.widest, rowWidth);
    if (rowWidth > width) return;
    text += "\n".repeat(row.index - nextRow) + csvLine(row.values, width);
    nextRow = row.index + 1;
    if (text.length < CHUNK) continue;
    yield text;
    text = "";
  }
  yield text;
}

/** Columns up to the last one with something in it. */
function widthOf(values: readonly CellValue[]): number {
  return values.findLastIndex((value) => value !== null && value !== "") + 1;
}

function csvLine(values: readonly CellValue[], width: number): string {
  let line = "";
  for (let column = 0; column < width; column += 1)
    line += (column === 0 ? "" : ",") + csvField(values[column] ?? null);
  return `${line}\n`;
}

function csvField(value: CellValue): string {
  if (value === null) return "";
  if (typeof value === "number") return plainNumber(value);
  const text = value instanceof Date ? isoText(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** All digits of a number, never `1.5e-7`. */
function plainNumber(value: number): string {
  const text = String(value);
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (parts === null) return text;
  const [, sign, first, rest = "", exponent] = parts;
  const shift = Number(exponent);
  const digits = `${first}${rest}`;
  return shift < 0
    ? `${sign}0.${"0".repeat(-shift - 1)}${digits}`
    : `${sign}${digits.padEnd(shift + 1, "0")}`;
}

/** A sheet's dates have no time zone; a time of day alone is a moment of Excel's day zero. */
function isoText(moment: Date): string {
  const [day, time] = moment.toISOString().slice(0, -1).split("T") as [string, string];
  const clock = time.replace(/\.000$/, "");
  if (day === "1899-12-31") return clock;
  return clock === "00:00:00" ? day : `${day} ${clock}`;
}

/** The names of the sheets, first to last. */
async function sheetNames(bytes: Uint8Array): Promise<string[]> {
  const names: string[] = [];
  await readXlsx(bytes, { sheets: (info) => names.push(info.name) < 0 });
  return names;
}

/** The sheet of that name, else of that number; the first unless one is asked for. */
function chosenSheet(
  workbook: string,
  names: readonly string[],
  { sheet: asked, sheetFault = "data" }: AskedSheet,
): string {
  const chosen = asked === undefined ? names[0] : names.includes(asked) ? asked : names[Number(asked) - 1];
  if (chosen !== undefined) return chosen;
  throw new CrmError(sheetFault, `${workbook}: no sheet "${asked ?? 1}"`, {
    hint: `its sheets are ${names.map((each) => `"${each}"`).join(", ")}${didYouMean(asked ?? "", names)}`,
  });
}

function emptyError({ name, sheet }: Workbook): CrmError {
  return new CrmError("data", `${name}: sheet "${sheet}" is empty`, {
    hint: "name the sheet that holds the data: --sheet NAME, or sheet: NAME in the mapping",
  });
}

function unreadableError(name: string, cause: unknown): CrmError {
  const kind = (cause as Error).name;
  if (kind === "EncryptedFileError") {
    return new CrmError("data", `${name}: is an old .xls or is protected by a password`, {
      hint: "save it as .xlsx without a password",
      cause,
    });
  }
  if ((cause as NodeJS.ErrnoException).code === "ENOENT")
    return new CrmError("data", `${name}: no such file`, { cause });
  const message = `${name}: cannot be read as .xlsx: ${(cause as Error).message}`;
  return new CrmError("data", message, {
    hint: "open it in a spreadsheet program and save it as .xlsx",
    cause,
  });
}

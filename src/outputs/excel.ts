import { open, rm } from "node:fs/promises";
import { basename } from "node:path";

import { CrmError } from "../errors.js";
import type { Format, ShownColumn } from "../section.js";
import type { Table } from "../table.js";
import { epochDay, isMissing } from "../format.js";
import { createZipWriter, MOST_ZIP_BYTES } from "./zip.js";

/** Excel's own limits. */
const MOST_ROWS = 1_048_576;
const MOST_CHARACTERS = 32_767;
const MOST_NAME_CHARACTERS = 31;

/** A sheet ends before its part could pass what a zip without ZIP64 holds. */
const MOST_SHEET_CHARACTERS = MOST_ZIP_BYTES / 4;
const CHUNK = 1 << 16;
const WIDTH_ROWS = 200;
const [NARROWEST, WIDEST] = [10, 60];
/** Excel's serial of 1970-01-01, and the first serial that its invented 29 February 1900 leaves right. */
const [EPOCH_SERIAL, FIRST_SERIAL] = [25_569, 61];

/** Cell formats in the order of `cellXfs` in `STYLES`. `guarded` marks text that looks like a formula as text; `scientific` and `fine` are for what would be shown as none. */
const STYLE = {
  header: 1,
  text: 2,
  guarded: 3,
  integer: 4,
  decimal: 5,
  money: 5,
  percent: 6,
  likelihood: 6,
  date: 7,
  scientific: 8,
  fine: 9,
} as const satisfies Record<Format | "header" | "guarded" | "scientific" | "fine", number>;

interface Sheet {
  readonly name: string;
  readonly columns: readonly ShownColumn[];
}

/**
 * Writes a list as an .xlsx, a batch at a time: dates, money, shares and counts are typed and formatted,
 * text stays text (leading zeros kept, never a formula), the heading row is bold, frozen and filtered.
 * What does not fit on one sheet goes on to the next. The same data gives the same bytes.
 *
 * @throws CrmError (data) when a text is longer than a cell holds; nothing is left at `path` then.
 */
export async function writeExcel(path: string, sheet: Sheet, batches: AsyncIterable<Table>): Promise<void> {
  const file = await open(path, "w");
  try {
    const zip = createZipWriter(file);
    const rows = rowSource(batches);
    const lastRows: number[] = [];
    do {
      const part = sheetPart(basename(path), sheet, rows);
      await zip.add(`xl/worksheets/sheet${lastRows.length + 1}.xml`, part.chunks());
      lastRows.push(part.lastRow());
    } while (await rows.hasMore());
    for (const [name, xml] of workbookParts(sheet, lastRows)) await zip.add(name, [xml]);
    await zip.finish();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Where the next row is: a batch and a row in it; sheets take turns to move it on. */
interface RowSource {
  hasMore(): Promise<boolean>;
  /** The batch that holds the next row; `row` says which. */
  batch(): Table | undefined;
  row: number;
}

function rowSource(batches: AsyncIterable<Table>): RowSource {
  const iterator = batches[Symbol.asyncIterator]();
  let current: Table | undefined;
  const source: RowSource = {
    row: 0,
    batch: () => current,
    async hasMore() {
      while (current === undefined || source.row >= current.numRows) {
        const next = await iterator.next();
        if (next.done === true) return false;
        [current, source.row] = [next.value, 0];
      }
      return true;
    },
  };
  return source;
}

interface SheetPart {
  chunks(): AsyncGenerator<string>;
  /** The last row written, counted from 1 with the heading. */
  lastRow(): number;
}

/** One worksheet: takes rows until they end or the sheet is full. */
function sheetPart(fileName: string, sheet: Sheet, rows: RowSource): SheetPart {
  let rowNumber = 1;
  let written = 0;
  const isFull = (): boolean => rowNumber >= MOST_ROWS || written > MOST_SHEET_CHARACTERS;
  async function* chunks(): AsyncGenerator<string> {
    await rows.hasMore();
    let text = sheetHead(sheet.columns, rows.batch());
    while (!isFull() && (await rows.hasMore())) {
      const writeRow = rowWriter(rows.batch() as Table, { fileName, columns: sheet.columns });
      const end = (rows.batch() as Table).numRows;
      for (; rows.row < end && !isFull(); rows.row += 1) {
        text += writeRow(rows.row, (rowNumber += 1));
        if (text.length < CHUNK) continue;
        written += text.length;
        yield text;
        text = "";
      }
    }
    yield `${text}</sheetData><autoFilter ref="${filterRange(sheet.columns, rowNumber)}"/></worksheet>`;
  }
  return { chunks, lastRow: () => rowNumber };
}

function sheetHead(columns: readonly ShownColumn[], sample: Table | undefined): string {
  const widths = columns.map(
    (column, index) =>
      `<col min="${index + 1}" max="${index + 1}" width="${columnWidth(column, sample)}" customWidth="1"/>`,
  );
  const headings = columns.map((column, index) => textCell(`${letters(index)}1`, column.title, STYLE.header));
  return `${DECLARATION}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>${widths.join("")}</cols><sheetData><row r="1">${headings.join("")}</row>`;
}

/** Characters wide, from the heading and the first rows; a Chinese character counts twice. */
function columnWidth(column: ShownColumn, sample: Table | undefined): number {
  const values = sample === undefined ? [] : [...(sample.slice(0, WIDTH_ROWS).getChild(column.name) ?? [])];
  const widths = values.map((value) => (typeof value === "string" ? displayWidth(value) : NARROWEST + 4));
  const widest = widths.reduce((most, width) => Math.max(most, width), displayWidth(column.title) + 4);
  return Math.min(WIDEST, Math.max(NARROWEST, widest + 2));
}

function displayWidth(text: string): number {
  return [...text].reduce((sum, character) => sum + (character > "\u2e7f" ? 2 : 1), 0);
}

/** Gives the XML of a row of a batch; `rowNumber` is the sheet's. */
function rowWriter(
  batch: Table,
  list: { fileName: string; columns: readonly ShownColumn[] },
): (row: number, rowNumber: number) => string {
  const cells = list.columns.map((column, index) => {
    const vector = batch.getChild(column.name);
    if (vector === null) throw new Error(`${list.fileName}: no column ${column.name}`);
    return { vector, column, letters: letters(index) };
  });
  return (row, rowNumber) => {
    let xml = `<row r="${rowNumber}">`;
    for (const { vector, column, letters: place } of cells) {
      const value: unknown = vector.get(row);
      if (typeof value === "string" && value.length > MOST_CHARACTERS)
        throw longTextError(list.fileName, column, rowNumber);
      xml += cellXml(`${place}${rowNumber}`, value, column.format);
    }
    return `${xml}</row>`;
  };
}

function cellXml(place: string, value: unknown, format: Format): string {
  if (isMissing(value)) return "";
  if (typeof value === "boolean") return `<c r="${place}" t="b"><v>${value ? 1 : 0}</v></c>`;
  if (typeof value === "string" || format === "text") {
    const text = String(value);
    return textCell(place, text, /^[=+\-@\t\r]/.test(text) ? STYLE.guarded : STYLE.text);
  }
  if (format === "date") return dateCell(place, value as number);
  return `<c r="${place}" s="${numberStyle(Math.abs(Number(value)), format)}"><v>${String(value)}</v></c>`;
}

const STYLED_BY_SIZE: readonly Format[] = ["decimal", "percent", "likelihood"];

/** Small shares have two digits behind the point; what the format would round to none is in powers of ten. */
function numberStyle(size: number, format: Format): number {
  if (size === 0 || !STYLED_BY_SIZE.includes(format)) return STYLE[format];
  if (format === "decimal") return size < 0.005 ? STYLE.scientific : STYLE.decimal;
  if (size < 0.00005) return STYLE.scientific;
  return size < 0.01 ? STYLE.fine : STYLE.percent;
}

function textCell(place: string, text: string, style: number): string {
  return `<c r="${place}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`;
}

/** Days before 1900-03-01 have no reliable serial and are written as text. */
function dateCell(place: string, value: number | bigint | Date): string {
  const day = epochDay(value);
  const serial = day + EPOCH_SERIAL;
  if (serial >= FIRST_SERIAL) return `<c r="${place}" s="${STYLE.date}"><v>${serial}</v></c>`;
  return textCell(place, new Date(day * 86_400_000).toISOString().slice(0, 10), STYLE.text);
}

function longTextError(fileName: string, column: ShownColumn, rowNumber: number): CrmError {
  const message = `${fileName}: row ${rowNumber}, column "${column.title}": text is longer than the ${MOST_CHARACTERS} characters a cell holds`;
  return new CrmError("data", message, { hint: "write the list as csv or parquet" });
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Characters XML cannot hold become `_x0001_`, as Excel writes them; text that looks like that is escaped itself. */
function escapeXml(text: string): string {
  if (!/[&<>"_]|[^\t\n\u0020-\ufffd]/.test(text)) return text;
  return text
    .replace(/_(?=x[0-9a-fA-F]{4}_)/g, "_x005F_")
    .replace(
      /[^\t\n\u0020-\ufffd]/g,
      (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`,
    )
    .replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}

/** A, B … Z, AA … */
function letters(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? letters(rest - 1) : "") + String.fromCharCode(65 + (index % 26));
}

function filterRange(columns: readonly ShownColumn[], lastRow: number, mark = ""): string {
  const last = letters(columns.length - 1);
  return `${mark}A${mark}1:${mark}${last}${mark}${lastRow}`;
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/** Of Excel's own formats 49 is "text", 11 is 0.00E+00, 10 is 0.00%, 14 its short date; ours is ISO, whatever the reader's country. */
const STYLES = `${DECLARATION}<styleSheet xmlns="${MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="0.0%"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="10"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>${[3, 4, 165, 164, 11, 10].map((id) => `<xf numFmtId="${id}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`).join("")}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

/** The parts that hold the sheets together. `lastRows` has a row number for each sheet. */
function workbookParts(sheet: Sheet, lastRows: readonly number[]): [string, string][] {
  const numbers = lastRows.map((_, index) => index + 1);
  const sheetTypes = numbers
    .map((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${CONTENT}.worksheet+xml"/>`)
    .join("");
  const sheetLinks = numbers
    .map((n) => relationship(`rId${n}`, "worksheet", `worksheets/sheet${n}.xml`))
    .join("");
  return [
    ["xl/workbook.xml", workbookXml(sheet, lastRows)],
    ["xl/styles.xml", STYLES],
    [
      "xl/_rels/workbook.xml.rels",
      relationshipsXml(sheetLinks + relationship(`rId${numbers.length + 1}`, "styles", "styles.xml")),
    ],
    ["_rels/.rels", relationshipsXml(relationship("rId1", "officeDocument", "xl/workbook.xml"))],
    [
      "[Content_Types].xml",
      `${DECLARATION}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${CONTENT}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${CONTENT}.styles+xml"/>${sheetTypes}</Types>`,
    ],
  ];
}

function relationship(id: string, type: string, target: string): string {
  return `<Relationship Id="${id}" Type="${RELATIONSHIPS}/${type}" Target="${target}"/>`;
}

function relationshipsXml(links: string): string {
  return `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships">${links}</Relationships>`;
}

/** Excel keeps a sheet's filter range under a hidden name too. */
function workbookXml(sheet: Sheet, lastRows: readonly number[]): string {
  const names = lastRows.map((_, index) => sheetName(sheet.name, index));
  const sheets = names
    .map((name, index) => `<sheet name="${escapeXml(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`)
    .join("");
  const filters = lastRows.map((lastRow, index) => {
    const quoted = escapeXml((names[index] ?? "").replaceAll("'", "''"));
    return `<definedName name="_xlnm._FilterDatabase" localSheetId="${index}" hidden="1">'${quoted}'!${filterRange(sheet.columns, lastRow, "$")}</definedName>`;
  });
  return `${DECLARATION}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONSHIPS}"><bookViews><workbookView/></bookViews><sheets>${sheets}</sheets><definedNames>${filters.join("")}</definedNames></workbook>`;
}

/** A name Excel accepts: 31 characters, none of []:*?/\\, no apostrophe at an end; later sheets are numbered. */
function sheetName(name: string, index: number): string {
  const suffix = index === 0 ? "" : ` (${index + 1})`;
  const clean = name.replace(/[[\]:*?/\\]|[^\u0020-\uffff]/g, " ").replace(/^[' ]+|[' ]+$/g, "");
  return (
    (clean === "" ? "Sheet" : clean).slice(0, MOST_NAME_CHARACTERS - suffix.length).replace(/'+$/, "") +
    suffix
  );
}

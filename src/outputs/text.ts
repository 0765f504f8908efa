import { DataType } from "apache-arrow";
import { formatValue, type Locale } from "../format.js";
import { titleOf, type Report } from "../report.js";
import type { Section, ShownTable } from "../section.js";
import { days, isEmpty, type Table } from "../table.js";
import { fold, heading, tableLines } from "../terminal.js";
import { warningRecords } from "../warning.js";

/** Rows of a list of customers that fit a screen. */
const LIST_ROWS = 10;

/** A report as lines for the terminal: each section's headlines, answer, tables and notes. */
export function reportLines(report: Report): string[] {
  return [
    ...report.sections.flatMap((section) => sectionLines(section, report, titleOf(report))),
    ...rowLines(report),
  ];
}

function sectionLines(section: Section, locale: Locale, title: string): string[] {
  const headlines = section.headlines.map(
    ({ label, value, format }) => `${label} ${formatValue(value, format, locale)}`,
  );
  return [
    heading(title),
    ...fold(headlines.join(" · ")),
    ...fold(section.answer),
    ...section.tables
      .filter(({ rows, isDetail }) => rows.numRows > 0 && isDetail !== true)
      .flatMap((table) => ["", heading(table.title), ...shortTable(table, locale)]),
    ...(section.notes.length === 0 ? [] : ["", ...section.notes.flatMap((note) => fold(note))]),
  ];
}

/** Without the columns of long text and those that are empty; a list of customers as its first rows. */
function shortTable({ columns, rows, isInteractive }: ShownTable, locale: Locale): string[] {
  const shown = isInteractive && rows.numRows > LIST_ROWS ? rows.slice(0, LIST_ROWS) : rows;
  const narrow = columns.filter(({ name, width }) => width !== "wide" && !isEmpty(shown, name));
  return tableLines({ columns: narrow, rows: shown }, locale);
}

/** What became of the rows, where not all of them are used. */
function rowLines({ rejects, files, texts, language, currency }: Report): string[] {
  if (rejects.length === 0 && files.every(({ rowsSkipped }) => rowsSkipped === 0)) return [];
  const sum = (name: "rowsIn" | "rowsStaged" | "rowsSkipped" | "rowsRejected") =>
    formatValue(
      files.reduce((total, file) => total + file[name], 0),
      "integer",
      { language, currency },
    );
  const counts = {
    read: sum("rowsIn"),
    used: sum("rowsStaged"),
    skipped: sum("rowsSkipped"),
    rejected: sum("rowsRejected"),
  };
  return [
    "",
    texts.report.rowsUsed(counts),
    ...rejects.map(
      ({ file, column, reason, rows }) =>
        `  ${file} ${column}: ${texts.rejections[reason] ?? reason} (${rows})`,
    ),
  ];
}

/** A report as JSON for scripts: every table as rows, numbers as numbers, days as `YYYY-MM-DD`. */
export function reportJson(report: Report): string {
  const { title, asOfDate, currency, sections, files, rejects, warnings } = report;
  const value = {
    name: title,
    as_of_date: asOfDate,
    currency: currency || null,
    sections: sections.map(({ analysis, answer, headlines, tables, notes, models }) => ({
      analysis,
      answer,
      headlines,
      tables: Object.fromEntries(tables.map(({ name, rows }) => [name, rowsOf(rows)])),
      notes,
      ...(models === undefined ? {} : { models }),
    })),
    files,
    rejects,
    ...warningRecords(warnings),
  };
  return JSON.stringify(value, null, 2);
}

/** The rows of a table as plain objects. */
export function rowsOf(table: Table): unknown[] {
  const dayColumns = table.schema.fields.filter(({ type }) => DataType.isDate(type)).map(({ name }) => name);
  const dayValues = new Map(dayColumns.map((name) => [name, days(table, name)]));
  return table.toArray().map((row: { toJSON(): Record<string, unknown> }, i: number) => ({
    ...row.toJSON(),
    ...Object.fromEntries(dayColumns.map((name) => [name, dayValues.get(name)![i]])),
  }));
}

import { createHash } from "node:crypto";

import { codeWords } from "../code-words.js";
import { BARE_SOURCE, titleOf, type Report } from "../report.js";
import type { Chart, Headline, Section, ShownColumn, ShownTable } from "../section.js";
import { renderChart } from "./charts.js";
import { epochDay, formatHeadline, formatValue, isMissing, LANGUAGE_TAGS } from "../format.js";
import { isEmpty } from "../table.js";
import { warningWords } from "../warning.js";
import { html, type Markup, trusted } from "./markup.js";
import { REPORT_CLIENT } from "./report-client.js";
import { REPORT_STYLE } from "./report-style.js";

/** A report that is larger is slow to open and is refused by mail servers. */
const MOST_BYTES = 2_000_000;
/** Rows a table may show; the first limit that keeps the page small enough is taken. */
const ROW_LIMITS = [2000, 1000, 500, 200, 100, 50, 20];
/** Texts longer than this many characters get a column wide enough to read them in. */
const LONG_TEXT = 28;
/** Tables with more rows scroll in a box of their own, and can be searched. */
const MANY_ROWS = 24;
/** Tables with more columns are printed smaller. */
const WIDE_TABLE = 8;
/** Columns that say why; on a narrow screen they stand below their row of a list. */
const REASON_NAME = /(^|_)reason(_\d)?$/;

/**
 * The report as one HTML file that opens from disk: no network, no server, under 2 MB.
 * Tables too long for it show their first rows and say how many there are.
 */
export function renderReport(report: Report): string {
  let page = "";
  for (const rowLimit of ROW_LIMITS) {
    page = renderPage(report, rowLimit);
    if (Buffer.byteLength(page) < MOST_BYTES) break;
  }
  return page;
}

function renderPage(report: Report, rowLimit: number): string {
  const page = html`<!doctype html>
    <html lang="${LANGUAGE_TAGS[report.language]}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy()}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${titleOf(report)}</title>
        ${trusted(`<style>${REPORT_STYLE}</style>`)}
      </head>
      <body>
        ${masthead(report)}
        <main>
          ${atAGlance(report)} ${report.sections.map((section) => sectionPart(section, report, rowLimit))}
          ${dataQuality(report, rowLimit)}
        </main>
        <footer><p>${report.texts.report.madeBy(report.version)}</p></footer>
        ${SCRIPT}
      </body>
    </html> `;
  return page.markup;
}

/** Put together here and not in the page's template, where a formatter would add to the bytes that the policy's hash stands for. */
const SCRIPT = trusted(`<script>${REPORT_CLIENT}</script>`);

/** Nothing may be fetched, and only our own script, known by its hash, may run. */
function contentSecurityPolicy(): string {
  const hash = createHash("sha256").update(REPORT_CLIENT).digest("base64");
  const rules = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${hash}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return rules.join("; ");
}

function masthead(report: Report): Markup {
  const texts = report.texts.report;
  const count = formatValue(report.warnings.length, "integer", report);
  const alert = html`<p class="alert"><a href="#data-quality">${texts.warningCount(count)}</a></p>`;
  return html`<header>
    ${report.asOfDate === null ? undefined : html`<p class="as-of">${texts.asOf(report.asOfDate)}</p>`}
    <h1>${report.title}</h1>
    ${report.warnings.length > 0 ? alert : undefined}
  </header>`;
}

/** Every section's answer on one screen; a single section needs none. */
function atAGlance(report: Report): Markup | undefined {
  if (report.sections.length < 2) return undefined;
  const answers = report.sections.map(
    (section) =>
      html`<li><a href="#${idOf(section.analysis)}">${section.title}</a><br />${section.answer}</li> `,
  );
  return html`<section class="part" aria-labelledby="at-a-glance">
    <h2 id="at-a-glance">${report.texts.report.atAGlance}</h2>
    <ul class="glance">
      ${answers}
    </ul>
  </section>`;
}

function sectionPart(section: Section, report: Report, rowLimit: number): Markup {
  const id = idOf(section.analysis);
  return html`<section class="part" aria-labelledby="${id}">
    <h2 id="${id}">${section.title}</h2>
    <p class="question">${section.question}</p>
    <p class="answer">${section.answer}</p>
    ${section.headlines.length > 0 ? html`<dl class="headlines">${section.headlines.map((headline) => headlineItem(headline, report))}</dl>` : undefined}
    ${section.charts.length > 0 ? html`<div class="charts">${section.charts.map((chart) => chartFigure(chart, report))}</div>` : undefined}
    ${section.tables.map((table) => tableBox(gridOf(table, id, rowLimit), report))}
    ${notesBox(report.texts.report.notes, section.notes)}
  </section> `;
}

function headlineItem(headline: Headline, report: Report): Markup {
  return html`<div>
    <dt>${headline.label}</dt>
    <dd class="figure${typeof headline.value === "number" ? " number" : ""}">
      ${formatHeadline(headline.value, headline.format, report)}
    </dd>
    ${headline.note === undefined ? undefined : html`<dd class="note">${headline.note}</dd>`}
  </div> `;
}

function chartFigure(chart: Chart, report: Report): Markup {
  return html`<figure>
    <figcaption class="title">${titleAndCaption(chart)}</figcaption>
    ${trusted(renderChart(chart, report))}
  </figure> `;
}

function notesBox(title: string, notes: readonly string[], kind = ""): Markup | undefined {
  if (notes.length === 0) return undefined;
  return html`<div class="notes ${kind}">
    <h3>${title}</h3>
    <ul>
      ${notes.map((note) => html`<li>${note}</li> `)}
    </ul>
  </div>`;
}

function dataQuality(report: Report, rowLimit: number): Markup {
  const texts = report.texts.report;
  const [read, used, skipped, rejected] = fileTotals(report).map((count) =>
    formatValue(count, "integer", report),
  ) as [string, string, string, string];
  const rejects =
    report.rejects.length > 0
      ? tableBox(rejectsGrid(report, rowLimit), report)
      : html`<p class="muted">${texts.noRejects}</p>`;
  const warnings = report.warnings.map((warning) => warningWords(warning, report.texts));
  return html`<section class="part" aria-labelledby="data-quality">
    <h2 id="data-quality">${texts.dataQuality}</h2>
    <p class="answer">${texts.rowsUsed({ read, used, skipped, rejected })}</p>
    ${notesBox(texts.warnings, warnings, "warnings")} ${tableBox(filesGrid(report, rowLimit), report)}
    ${rejects}
  </section>`;
}

const FILE_COUNTS = ["rowsIn", "rowsStaged", "rowsSkipped", "rowsRejected"] as const;

/** Rows read, used, left out by a rule, and rejected, over all files. */
function fileTotals(report: Report): number[] {
  return FILE_COUNTS.map((name) => report.files.reduce((sum, file) => sum + file[name], 0));
}

function filesGrid(report: Report, rowLimit: number): Grid {
  const texts = report.texts.report;
  const names = ["file", "source", "entity"] as const;
  return {
    id: "files",
    title: texts.files,
    columns: [
      ...names.map((name) => textColumn(name, texts[name])),
      ...FILE_COUNTS.map((name) => countColumn(name, texts[name])),
    ],
    rows: report.files
      .slice(0, rowLimit)
      .map((file) => [
        file.file,
        file.source === BARE_SOURCE ? codeWords(file.source, report.texts) : file.source,
        codeWords(file.entity, report.texts),
        ...FILE_COUNTS.map((name) => file[name]),
      ]),
    total: [texts.total, "", "", ...fileTotals(report)],
    rowCount: report.files.length,
    isInteractive: false,
  };
}

function rejectsGrid(report: Report, rowLimit: number): Grid {
  const texts = report.texts.report;
  const names = ["file", "column", "reason"] as const;
  return {
    id: "rejects",
    title: texts.rejects,
    columns: [...names.map((name) => textColumn(name, texts[name])), countColumn("rows", texts.rows)],
    rows: report.rejects
      .slice(0, rowLimit)
      .map(({ file, column, reason, rows }) => [
        file,
        column,
        report.texts.rejections[reason] ?? reason,
        rows,
      ]),
    rowCount: report.rejects.length,
    isInteractive: false,
  };
}

function textColumn(name: string, title: string): ShownColumn {
  return { name, title, format: "text" };
}

function countColumn(name: string, title: string): ShownColumn {
  return { name, title, format: "integer" };
}

/** A table ready to print: the rows to show, as values, and how many there are in all. */
interface Grid {
  readonly id: string;
  readonly title: string;
  readonly caption?: string;
  readonly columns: readonly ShownColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly total?: readonly unknown[];
  readonly rowCount: number;
  readonly isInteractive: boolean;
}

function gridOf(table: ShownTable, sectionId: string, rowLimit: number): Grid {
  const columns = table.columns.filter(
    ({ name, width }) => width !== "short" && (table.rows.numRows === 0 || !isEmpty(table.rows, name)),
  );
  const vectors = columns.map((column) => {
    const vector = table.rows.getChild(column.name);
    if (vector === null) throw new Error(`table ${table.name}: no column ${column.name}`);
    return vector;
  });
  const rowCount = table.rows.numRows;
  return {
    id: `${sectionId}-${idOf(table.name)}`,
    title: table.title,
    ...(table.caption === undefined ? {} : { caption: table.caption }),
    columns,
    rows: Array.from({ length: Math.min(rowCount, rowLimit) }, (_, row) =>
      vectors.map((vector) => vector.get(row) as unknown),
    ),
    rowCount,
    isInteractive: (table.isInteractive === true && rowCount > 0) || rowCount > MANY_ROWS,
  };
}

function tableBox(grid: Grid, report: Report): Markup {
  return html`<div${grid.isInteractive ? html` data-interactive` : undefined}>
<div class="title">${titleAndCaption(grid)}</div>
${grid.isInteractive ? searchTools(grid, report) : undefined}
<div class="scroll" role="region" tabindex="0" aria-labelledby="${grid.id}">${tableMarkup(grid, report)}</div>
${rowsLeftOut(grid, report)}</div>
`;
}

function searchTools(grid: Grid, report: Report): Markup {
  const texts = report.texts.report;
  const shown = formatValue(grid.rows.length, "integer", report);
  return html`<div class="tools" hidden>
    <label
      >${texts.search}<input
        type="search"
        autocomplete="off"
        spellcheck="false"
        aria-label="${texts.searchIn(grid.title)}"
    /></label>
    <output aria-live="polite" data-template="${texts.rowsShown("{shown}", "{total}")}"
      >${texts.rowsShown(shown, shown)}</output
    >
  </div>`;
}

function rowsLeftOut(grid: Grid, report: Report): Markup | undefined {
  if (grid.rows.length === grid.rowCount) return undefined;
  const [shown, total] = [grid.rows.length, grid.rowCount].map((count) =>
    formatValue(count, "integer", report),
  ) as [string, string];
  return html`<p class="left-out">${report.texts.report.rowsLeftOut(shown, total)}</p>`;
}

function tableMarkup(grid: Grid, report: Report): Markup {
  const classes = grid.columns.map((column, index) => columnClass(column, index, grid.rows));
  const rowOf = (values: readonly unknown[]): Markup =>
    html`<tr>
      ${values.map((value, index) => cell(value, { grid, index, className: classes[index] ?? "" }, report))}
    </tr> `;
  const noRows = html`<tr>
    <td colspan="${grid.columns.length}">${report.texts.report.noRows}</td>
  </tr>`;
  return html`<table${tableAttributes(grid)}>
<caption id="${grid.id}">${grid.title}</caption>
<thead><tr>${grid.columns.map((column, index) => heading(column, classes[index] ?? "", grid.isInteractive))}</tr></thead>
<tbody>
${grid.rows.length > 0 ? grid.rows.map(rowOf) : noRows}</tbody>
${
  grid.total === undefined
    ? undefined
    : html`<tfoot>
        ${rowOf(grid.total)}
      </tfoot>`
}
</table>`;
}

function titleAndCaption(of: { readonly title: string; readonly caption?: string }): Markup {
  return html`<h3>${of.title}</h3>
    ${of.caption === undefined ? undefined : html`<p>${of.caption}</p>`}`;
}

/** A list with reasons says in how many columns the rest of a row stands. */
function tableAttributes({ columns, isInteractive }: Grid): Markup | undefined {
  const [first, ...others] = columns.filter(({ name }) => !REASON_NAME.test(name));
  const wide = columns.length > WIDE_TABLE ? "wide" : "";
  if (!isInteractive || first === undefined || others.length + 1 === columns.length) return classOf(wide);
  return html`${classOf(`reasoned ${wide}`.trim())} style="--columns: ${others.length + 1}"`;
}

/** `n` numbers, `d` days, `long` sentences, `reason` what says why. */
function columnClass(column: ShownColumn, index: number, rows: readonly (readonly unknown[])[]): string {
  if (column.format === "date") return "d";
  if (column.format !== "text") return "n";
  const long = rows.some((row) => String(row[index] ?? "").length > LONG_TEXT) ? "long" : "";
  return REASON_NAME.test(column.name) ? `${long} reason`.trim() : long;
}

function heading(column: ShownColumn, className: string, isInteractive: boolean): Markup {
  if (!isInteractive) return html`<th scope="col" ${classOf(className)}>${column.title}</th>`;
  const button = html`<button type="button">${column.title}</button>`;
  return html`<th scope="col" ${classOf(className)} aria-sort="none">${button}</th>`;
}

interface CellPlace {
  readonly grid: Grid;
  readonly index: number;
  readonly className: string;
}

/** A leading text names its row. */
function cell(value: unknown, place: CellPlace, report: Report): Markup {
  const { grid, index, className } = place;
  const format = grid.columns[index]?.format ?? "text";
  const sortKey = grid.isInteractive ? sortKeyOf(value, format) : undefined;
  const attributes = html`${classOf(className)}${sortKey === undefined ? undefined : html` data-value="${sortKey}"`}`;
  const text = formatValue(value, format, report);
  return index === 0 && format === "text"
    ? html`<th scope="row" ${attributes}>${text}</th>`
    : html`<td${attributes}>${text}</td>`;
}

function classOf(className: string): Markup | undefined {
  return className === "" ? undefined : html` class="${className}"`;
}

/** The number a cell sorts by; empty when there is no value, undefined when it sorts by its text. */
function sortKeyOf(value: unknown, format: ShownColumn["format"]): string | undefined {
  if (isMissing(value)) return "";
  if (format === "text" || typeof value === "string") return undefined;
  return String(format === "date" ? epochDay(value as number) : Number(value));
}

function idOf(name: string): string {
  return name.replace(/[^\w-]+/g, "-");
}

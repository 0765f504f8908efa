import { basename, dirname, resolve } from "node:path";
import type { Engine } from "../engines/engine.js";
import { CrmError } from "../errors.js";
import { formatValue, type Locale } from "../format.js";
import { guessOrders, type GuessHints } from "../guess.js";
import { openLog } from "../log.js";
import type { FileMapping } from "../mapping.js";
import { defaultParts, LATEST, parseConfig, readPlan, type Overrides, type Plan } from "../pipeline.js";
import type { Report } from "../report.js";
import { run } from "../run.js";
import type { ShownTable } from "../section.js";
import { collect, type Table } from "../table.js";
import { heading, openProgress, quietProgress, tableLines } from "../terminal.js";
import type { Language } from "../texts/index.js";
import type { Destination } from "../workshop.js";

/** What `crm-analyze rfm` is asked for. */
export interface RfmCommand {
  /** A pipeline, or bare files of orders. */
  readonly paths: readonly string[];
  readonly hints: GuessHints;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly asOfDate: string | undefined;
  readonly currency: string | undefined;
  readonly language: Language | undefined;
  readonly output: string | undefined;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** RFM on a pipeline or on bare files, shown on the terminal or written to a folder. @returns the exit code */
export async function rfmCommand(command: RfmCommand): Promise<number> {
  const plan = await planOf(command);
  const destination: Destination =
    command.output === undefined ? { kind: "none" } : { kind: "folder", folder: resolve(command.output) };
  let calls: Table | undefined;
  const peek = async (engine: Engine) => {
    calls = await collect(engine.read(CALLS));
  };
  const log = openLog(command.isJson || !process.stderr.isTTY ? quietProgress : openProgress());
  const { report, folder, exitCode } = await run(plan, { destination, log, peek, signal: command.signal });
  const lines = command.isJson ? [jsonOf(report, calls!)] : terminalLines(report, calls!);
  process.stdout.write(`${lines.join("\n")}\n`);
  if (folder !== undefined)
    process.stderr.write(`written: ${command.output}/report.html, rfm.csv, rfm.parquet, rfm.xlsx\n`);
  return exitCode;
}

const CALLS = `select slipping_rank, customer_key, segment, total_amount, lateness_probability, reason
from results.rfm_customers where slipping_rank <= 10 order by slipping_rank`;

async function planOf(command: RfmCommand): Promise<Plan> {
  const [first] = command.paths;
  if (first !== undefined && /\.ya?ml$/.test(first)) {
    const overrides: Overrides = {
      asOfDate: command.asOfDate,
      language: command.language,
      only: ["rfm"],
      analyses: { rfm: command.settings },
    };
    return readPlan(first, overrides);
  }
  return barePlan(command);
}

async function barePlan(command: RfmCommand): Promise<Plan> {
  const files: Record<string, FileMapping> = {};
  for (const [index, path] of command.paths.entries()) {
    const { mapping, evidence } = await guessOrders(path, command.hints);
    files[`orders_${index + 1}`] = mapping;
    process.stderr.write(`${basename(path)}: ${evidence.join("; ")}\n`);
  }
  const folders = [...new Set(command.paths.map((path) => resolve(dirname(path))))];
  if (folders.length > 1)
    throw new CrmError("usage", `bare files must lie in one folder, found ${folders.join(", ")}`);
  return {
    ...defaultParts(),
    name: basename(command.paths[0]!).replace(/\.\w+$/, ""),
    run: {
      asOfDate: command.asOfDate ?? LATEST,
      currency: command.currency ?? null,
      language: command.language ?? "en",
      seed: 1,
      directory: process.cwd(),
    },
    sources: [{ name: "file", directory: folders[0]!, mapping: { source: "file", description: "", files } }],
    analyses: { rfm: parseConfig("rfm", command.settings) },
    masksNames: true,
    output: "",
  };
}

function terminalLines(report: Report, calls: Table): string[] {
  const section = report.sections[0]!;
  const locale: Locale = { language: report.language, currency: report.currency };
  const { columns } = report.texts;
  const shown = (table: ShownTable, names: readonly string[]) =>
    tableLines(
      {
        rows: table.rows,
        columns: names.map((name) => table.columns.find((column) => column.name === name)!),
      },
      locale,
    );
  const table = (name: string) => section.tables.find((candidate) => candidate.name === name)!;
  const callColumns = [
    ["slipping_rank", "integer"],
    ["customer_key", "text"],
    ["segment", "text"],
    ["total_amount", "money"],
    ["lateness_probability", "percent"],
    ["reason", "text"],
  ] as const;
  const headlines = section.headlines.map(
    ({ label, value, format }) => `${label} ${formatValue(value, format, locale)}`,
  );
  return [
    heading(`${report.title} · ${report.texts.report.asOf(report.asOfDate)}`),
    headlines.join(" · "),
    section.answer,
    "",
    heading(table("segments").title),
    ...shown(table("segments"), [
      "segment_label",
      "customer_count",
      "customer_share",
      "total_amount",
      "amount_share",
      "slipping_count",
      "definition",
    ]),
    "",
    heading(table("cut-points").title),
    ...shown(table("cut-points"), ["measure", "score", "range", "customer_count"]),
    ...section.notes,
    "",
    heading(table("calls").title),
    ...tableLines(
      { rows: calls, columns: callColumns.map(([name, format]) => ({ name, title: columns[name], format })) },
      locale,
    ),
    ...(report.rejects.length === 0 ? [] : ["", ...rejectLines(report)]),
  ];
}

function rejectLines({ rejects, files }: Report): string[] {
  const [rowsIn, rejected] = [
    files.reduce((sum, file) => sum + file.rowsIn, 0),
    files.reduce((sum, file) => sum + file.rowsRejected, 0),
  ];
  return [
    `${rejected} of ${rowsIn} rows rejected (with --out DIR they are listed in rejects.csv):`,
    ...rejects.map(({ file, column, reason, rows }) => `  ${file} ${column}: ${reason}, ${rows} rows`),
  ];
}

function jsonOf(report: Report, calls: Table): string {
  const section = report.sections[0]!;
  const rowsOf = (table: Table) => table.toArray().map((row: { toJSON(): object }) => row.toJSON());
  return JSON.stringify(
    {
      name: report.title,
      as_of_date: report.asOfDate,
      answer: section.answer,
      tables: Object.fromEntries(
        section.tables.filter(({ name }) => name !== "calls").map(({ name, rows }) => [name, rowsOf(rows)]),
      ),
      calls: rowsOf(calls),
      notes: section.notes,
      files: report.files,
      rejects: report.rejects,
      warnings: report.warnings,
    },
    null,
    2,
  );
}

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PublishedTable } from "./analysis.js";
import type { Engine } from "./engines/engine.js";
import type { LoadedFile } from "./labelled-file.js";
import { packageVersion } from "./package.js";
import type { FileCount, Report } from "./report.js";
import { writeTable } from "./steps/publish.js";
import { warningRecords } from "./warning.js";

/** What an answer on one table leaves behind. */
export interface TableAnswer {
  /** The rows that are published. */
  readonly table: PublishedTable;
  readonly loaded: LoadedFile;
  readonly report: Report;
  /** What was asked, for run.json. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly exitCode: number;
}

/** Fills a folder with the rows, the documents, models.json, the report and run.json. */
export async function writeTableAnswer(engine: Engine, answer: TableAnswer, folder: string): Promise<void> {
  const { report, table } = answer;
  await mkdir(folder, { recursive: true });
  await writeTable(engine, table, folder);
  for (const { documents = [], models = [], analysis } of report.sections) {
    for (const { name, text } of documents) await writeFile(join(folder, name), text);
    await writeJson(
      join(folder, "models.json"),
      models.map((card) => ({ analysis, ...card })),
    );
  }
  const { renderReport } = await import("./outputs/html.js");
  await writeFile(join(folder, "report.html"), renderReport(report));
  await writeJson(join(folder, "run.json"), recordOf(answer));
}

const writeJson = (path: string, value: unknown) => writeFile(path, `${JSON.stringify(value, null, 2)}\n`);

/** What the result depends on, and what was done, without customers' data. */
const recordOf = ({ report, settings, loaded, exitCode }: TableAnswer) => ({
  name: report.title,
  version: packageVersion(),
  node: process.version,
  settings: { language: report.language, ...settings },
  inputs: report.files.map((file) => inputRecord(file, loaded)),
  ...warningRecords(report.warnings),
  exit_code: exitCode,
});

const inputRecord = (
  { rowsIn, rowsStaged, rowsSkipped, rowsRejected }: FileCount,
  { input }: LoadedFile,
) => ({
  file: input.file,
  sha256: input.scan.sha256,
  byte_count: input.scan.byteCount,
  rows_in: rowsIn,
  rows_staged: rowsStaged,
  rows_skipped: rowsSkipped,
  rows_rejected: rowsRejected,
});

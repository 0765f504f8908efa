import { basename, resolve } from "node:path";
import { CrmError, EXIT_CODES } from "../errors.js";
import type { Locale } from "../format.js";
import type { FileHints } from "../inputs/hints.js";
import { countRows, loadTable, type LoadedFile } from "../labelled-file.js";
import { writeStudy } from "../labelled-publication.js";
import { studySection, toldStudy } from "../labelled-section.js";
import { studyTable, type StudySettings } from "../labelled-study.js";
import { readLabelledTable, type LabelledRequest, type LabelledTable } from "../labelled-table.js";
import { originOf } from "../labelled-sql.js";
import { openLog } from "../log.js";
import { reportJson, reportLines } from "../outputs/text.js";
import { loggedPace } from "../pace.js";
import { packageVersion } from "../package.js";
import { readingLine, type ReadingClause } from "../reading.js";
import type { Report } from "../report.js";
import { unreadWarnings } from "../staged-table.js";
import { publish } from "../steps/publish.js";
import { tell } from "../tell.js";
import { askedProgress } from "../terminal.js";
import { textsIn, type Language, type Texts } from "../texts/index.js";
import { openWorkshop, type Destination, type Workshop } from "../workshop.js";

/** Churn asked of one labelled table: `crm-analyze churn customers.csv --label Churn`. */
export interface ChurnCommand {
  readonly paths: readonly string[];
  readonly request: LabelledRequest;
  readonly settings: Omit<StudySettings, "writesOutOfFold" | "kept" | "seed">;
  readonly hints: FileHints;
  readonly currency: string | undefined;
  readonly language: Language;
  readonly output: string | undefined;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** Learns from the rows with a label who leaves, and scores all of them. @returns the exit code */
export async function churnCommand(command: ChurnCommand): Promise<number> {
  const { output, signal, isJson, paths } = command;
  if (paths.length !== 1 || /\.ya?ml$/.test(paths[0]!))
    throw new CrmError(
      "usage",
      `--label: one table, a CSV, XLSX or Parquet file, found ${paths.join(", ")}`,
      {
        hint: "a pipeline and files of orders need no label",
      },
    );
  const destination: Destination =
    output === undefined ? { kind: "none" } : { kind: "folder", folder: resolve(output), analysis: "churn" };
  const workshop = await openWorkshop(
    { output: "", limits: { memory: "1GB", rejected_share: 0 } },
    destination,
    signal,
  );
  try {
    const report = await answer(command, workshop, destination);
    process.stdout.write(`${isJson ? reportJson(report) : reportLines(report).join("\n")}\n`);
    if (output !== undefined) tell(textsIn(command.language).report.written(WRITTEN, output));
    return EXIT_CODES.ok;
  } finally {
    await workshop.close();
  }
}

const WRITTEN =
  "report.html, churn.csv, churn.parquet, churn.xlsx, tree.svg, tree.sql, rules.csv, models.json";

async function answer(command: ChurnCommand, workshop: Workshop, destination: Destination): Promise<Report> {
  const { engine, filling } = workshop;
  const log = openLog(askedProgress(command.language));
  const { warn, warnings } = log;
  const loaded = await loadTable(command.paths[0]!, { ...workshop, ...command.hints, warn });
  const table = await readLabelledTable(engine, loaded.table, command.request);
  const counts = await countRows(engine, loaded);
  if (table.repeatedKeyCount > 0)
    warn({
      code: "key_repeats",
      gaps: { file: loaded.input.file, count: table.repeatedKeyCount, key: table.key! },
    });
  for (const warning of await unreadWarnings(engine, loaded.table, table.columns)) warn(warning);
  const texts = textsIn(command.language);
  tell(readingLine(loaded.input.file, evidence(table, loaded, texts), texts));
  const { kept, seed, fold } = command.request;
  const settings = { ...command.settings, kept, seed, writesOutOfFold: fold !== undefined };
  const study = await studyTable(table, settings, loggedPace(log, command.signal));

  const locale: Locale = { language: command.language, currency: command.currency ?? "" };
  const told = toldStudy(study, texts.churn, locale);
  const report: Report = {
    title: basename(loaded.input.file).replace(/\.\w+$/, ""),
    asOfDate: null,
    ...locale,
    texts,
    sections: [studySection(told, originOf(loaded))],
    ...counts,
    warnings,
    version: packageVersion(),
  };
  if (destination.kind === "folder") {
    await writeStudy(engine, { told, loaded, report, exitCode: EXIT_CODES.ok }, filling);
    command.signal.throwIfAborted();
    await publish(filling, destination.folder, destination);
  }
  return report;
}

/** How the table was read, a clause each. */
function evidence(
  { label, key, fold, leftOut, features }: LabelledTable,
  loaded: LoadedFile,
  {
    churn: {
      file: { reasons },
    },
  }: Texts,
): ReadingClause[] {
  const columns = leftOut.map(({ column, reason }) => `${column} (${reasons[reason]})`).join(", ");
  return [
    {
      code: "label",
      gaps: { heading: label.column, word: label.positive },
      more:
        label.chosenBy === "rarer" || label.chosenBy === "heading"
          ? [{ code: label.chosenBy, gaps: {} }]
          : [],
    },
    key === undefined ? { code: "no_key", gaps: {} } : { code: "key", gaps: { heading: key } },
    fold === undefined ? { code: "folds", gaps: {} } : { code: "fold", gaps: { heading: fold } },
    { code: "feature_count", gaps: { count: features.length } },
    ...(columns === "" ? [] : [{ code: "left_out" as const, gaps: { columns } }]),
    ...loaded.evidence,
  ];
}

import { basename, resolve } from "node:path";
import { ClusterConfig } from "../analyses/segments-config.js";
import { findSegments, type SegmentFindings } from "../analyses/segments-findings.js";
import { assignmentScoring } from "../analyses/segments-scoring.js";
import { clusterPart } from "../analyses/segments-section.js";
import { SEGMENT_COLUMNS } from "../analyses/segments-source.js";
import { leftOutOf } from "../analyses/segments-treatment.js";
import { CrmError, EXIT_CODES, problemsError } from "../errors.js";
import type { FileHints } from "../inputs/hints.js";
import { countRows, loadTable, type LoadedFile } from "../labelled-file.js";
import { originOf, readingComments } from "../labelled-sql.js";
import { openLog, type Log } from "../log.js";
import { reportJson, reportLines } from "../outputs/text.js";
import { packageVersion } from "../package.js";
import { phrase } from "../phrase.js";
import { readRelations, type RelationName } from "../relation.js";
import { readingLine, type ReadingClause } from "../reading.js";
import type { Report } from "../report.js";
import { schemaWords } from "../schema-words.js";
import { scoringSql } from "../scoring-sql.js";
import type { Section } from "../section.js";
import { column } from "../section-part.js";
import {
  readSegmentTable,
  typedRowsSql,
  type SegmentTable,
  type SegmentTableRequest,
} from "../segment-table.js";
import { readSegmentVocabulary } from "../segment-vocabulary.js";
import { contextOf } from "../steps/analyze.js";
import { unreadWarnings } from "../staged-table.js";
import { publish } from "../steps/publish.js";
import { writeTableAnswer } from "../table-publication.js";
import { tell } from "../tell.js";
import { askedProgress } from "../terminal.js";
import { textsIn, type Language, type Texts } from "../texts/index.js";
import { openWorkshop, type Destination, type Workshop } from "../workshop.js";

/** Segments asked of one table of customers: `crm-analyze segments customers.csv`. */
export interface SegmentsCommand {
  readonly paths: readonly string[];
  readonly request: SegmentTableRequest;
  /** Settings of the analysis. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly hints: FileHints;
  readonly language: Language;
  readonly output: string | undefined;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** Finds segments among the customers of a table. @returns the exit code */
export async function segmentsCommand(command: SegmentsCommand): Promise<number> {
  const { output, signal, isJson, paths } = command;
  if (paths.length !== 1)
    throw new CrmError("usage", `segments: one pipeline or one table, found ${paths.join(", ")}`);
  const config = configOf(command.settings);
  const destination: Destination =
    output === undefined
      ? { kind: "none" }
      : { kind: "folder", folder: resolve(output), analysis: "segments" };
  const workshop = await openWorkshop(
    { output: "", limits: { memory: "1GB", rejected_share: 0 } },
    destination,
    signal,
  );
  try {
    const report = await answer({ ...command, config }, workshop, destination);
    process.stdout.write(`${isJson ? reportJson(report) : reportLines(report).join("\n")}\n`);
    if (output !== undefined) tell(textsIn(report.language).report.written(writtenNames(report), output));
    return EXIT_CODES.ok;
  } finally {
    await workshop.close();
  }
}

function configOf(settings: SegmentsCommand["settings"]): ClusterConfig {
  const parsed = ClusterConfig.safeParse(settings, { error: schemaWords });
  if (parsed.success) return parsed.data;
  throw problemsError(
    "usage",
    parsed.error.issues.map((issue) => `--${issue.path.join(".")}: ${issue.message}`),
  );
}

const writtenNames = ({ sections }: Report) =>
  [
    ...["report.html", "run.json", "segments.csv", "segments.parquet", "segments.xlsx"],
    ...sections.flatMap(({ documents = [] }) => documents.map(({ name }) => name)),
    "models.json",
  ].join(", ");

type Asked = SegmentsCommand & { readonly config: ClusterConfig };

async function answer(command: Asked, workshop: Workshop, destination: Destination): Promise<Report> {
  const { engine, filling } = workshop;
  const log = openLog(askedProgress(command.language));
  const { warn, warnings } = log;
  const loaded = await loadTable(command.paths[0]!, { ...workshop, ...command.hints, warn });
  const table = await readSegmentTable(engine, loaded.table, command.request);
  const counts = await countRows(engine, loaded);
  warnOfKeys(table, loaded, warn);
  for (const warning of await unreadWarnings(engine, loaded.table, table.columns)) warn(warning);
  const isGuessed = command.request.features === undefined;
  const texts = textsIn(command.language);
  tell(readingLine(loaded.input.file, evidence(table, loaded, isGuessed), texts));
  const report: Report = {
    title: basename(loaded.input.file).replace(/\.\w+$/, ""),
    ...{
      asOfDate: null,
      language: command.language,
      currency: "",
      texts,
      warnings,
      version: packageVersion(),
    },
    sections: [await sectionOf(command, workshop, { table, loaded, log })],
    ...counts,
  };
  if (destination.kind === "folder") {
    const { key, features } = command.request;
    const settings = { key: table.key ?? key, features, seed: command.seed, ...command.settings };
    const published = { name: "segments", relation: CUSTOMERS, columns: columnsIn(texts), order: ORDER };
    await writeTableAnswer(
      engine,
      { table: published, loaded, report, settings, exitCode: EXIT_CODES.ok },
      filling,
    );
    command.signal.throwIfAborted();
    await publish(filling, destination.folder, destination);
  }
  return report;
}

const CUSTOMERS: RelationName = "results.segments_customers";
const ORDER = "segment, distance, customer_key, customer_id";

const columnsIn = ({ segments: { columns } }: Texts) => [
  column("customer_key", columns.customer_key, "text"),
  column("segment", columns.segment, "integer"),
  column("segment_name", columns.segment_name, "text"),
  column("distance", columns.distance, "decimal"),
  column("silhouette", columns.silhouette, "decimal"),
];

interface Read {
  readonly table: SegmentTable;
  readonly loaded: LoadedFile;
}

/** Of a table there is no day, no run before and no word on who may be contacted. */
const runOf = ({ language, seed }: Asked) => ({
  ...{ asOfDate: "", currency: null, previousDate: null, hasConsents: false },
  ...{ language, seed, directory: process.cwd() },
});

async function sectionOf(
  command: Asked,
  { engine }: Workshop,
  { table, loaded, log }: Read & { readonly log: Log },
): Promise<Section> {
  const { language, config, signal } = command;
  const texts = textsIn(language);
  const run = runOf(command);
  const context = contextOf({ engine, relations: readRelations(), run, texts, log, signal });
  const vocabulary = readSegmentVocabulary(config.vocabulary, {
    directory: run.directory,
    known: SEGMENT_COLUMNS,
  });
  const findings = await findSegments(context, {
    source: table.source,
    config,
    vocabulary,
    hasHistory: false,
  });
  await context.build("segments_customers");
  tellFeatures(findings, table, { file: loaded.input.file, texts });
  const origin = originOf(loaded);
  const title = (what: string) => `${what} of ${origin.file}, by crm-analyze ${origin.version}.`;
  const rows = typedRowsSql(table);
  const scoring = assignmentScoring(findings, { from: "typed", grain: ["customer_key"] });
  const profile = { from: "typed" as RelationName, grain: ["customer_key"] };
  const part = clusterPart({
    ...{ findings, texts, locale: { language, currency: "" }, movements: undefined },
    typical: await context.table("results.segment_typical"),
    leftOut: unusedColumns(table, texts),
    notes: infiniteNotes(table, texts),
    sql: `${readingComments(title("The segment of every row"), origin)}\n${scoringSql(scoring, rows)}\n`,
    profileSql: (columns) =>
      `${readingComments(title("The profile tree"), origin)}\n${scoringSql({ ...profile, columns }, rows)}\n`,
  });
  return { analysis: "segments", title: texts.segments.title, question: texts.segments.question, ...part };
}

/** The columns that were not looked at, and why, in words. */
const unusedColumns = ({ leftOut }: SegmentTable, { segments: { columnReasons } }: Texts) =>
  leftOut.map(({ column: name, reason }) => ({
    column: name,
    reason: columnReasons[reason as keyof typeof columnReasons] ?? reason,
  }));

const infiniteNotes = ({ columns }: SegmentTable, { segments }: Texts) =>
  columns
    .filter(({ infiniteCount }) => infiniteCount > 0)
    .map(({ heading, infiniteCount }) =>
      phrase(segments.notes.infinite, { column: heading, count: infiniteCount }),
    );

function warnOfKeys(
  { key, repeatedKeyCount, missingKeyCount }: SegmentTable,
  { input: { file } }: LoadedFile,
  warn: Log["warn"],
): void {
  if (key === undefined) return;
  if (repeatedKeyCount > 0) warn({ code: "key_repeats", gaps: { file, count: repeatedKeyCount, key } });
  if (missingKeyCount > 0) warn({ code: "key_missing", gaps: { file, count: missingKeyCount, key } });
}

/** How the table was read, a clause each. */
function evidence({ key, columns }: SegmentTable, loaded: LoadedFile, isGuessed: boolean): ReadingClause[] {
  const names = columns.map(({ heading }) => heading).join(", ");
  const features: ReadingClause =
    names === ""
      ? { code: "no_features", gaps: {} }
      : { code: isGuessed ? "features_guessed" : "features", gaps: { columns: names } };
  return [
    key === undefined ? { code: "no_key", gaps: {} } : { code: "key", gaps: { heading: key } },
    features,
    ...loaded.evidence,
  ];
}

/** What segments were found from, and the columns that were left out, each with the reason. */
function tellFeatures(
  findings: SegmentFindings,
  table: SegmentTable,
  { file, texts }: { readonly file: string; readonly texts: Texts },
): void {
  const leftOut = leftOutOf({ findings, texts, leftOut: unusedColumns(table, texts) });
  const { preparation, source } = findings.study;
  const labels = preparation.features.map(
    (feature) => source.features.find(({ name }) => name === feature.name)!.label,
  );
  const { reading, report } = texts;
  if (labels.length > 0) tell(phrase(reading.looked_in, { file, columns: labels.join(", ") }));
  if (leftOut.length === 0) return;
  const columns = leftOut.map(({ column, reason }) => `${column} (${reason})`).join(", ");
  const isNamed = source.weigh === "alike";
  const line = phrase(isNamed ? reading.named_not_used : reading.not_used, { file, columns });
  tell(isNamed ? report.warning(line) : line);
}

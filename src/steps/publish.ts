import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { ANALYSES } from "../analyses/index.js";
import type { AnyAnalysis, PublishedTable } from "../analysis.js";
import type { Engine } from "../engines/engine.js";
import { CrmError } from "../errors.js";
import { csvSelectSql } from "../outputs/csv.js";
import type { Report } from "../report.js";
import { DOCUMENT_NAMES, type DataDocument, type ModelCard } from "../section.js";
import type { RelationName } from "../relation.js";
import { quoteName } from "../sql.js";
import { collect } from "../table.js";
import { textsIn } from "../texts/index.js";
import type { Plan } from "../pipeline.js";
import type { Destination } from "../workshop.js";
import { STATES, type PreviousRun } from "./settle.js";

/** What a run leaves behind. */
export interface Publication {
  readonly analyses: readonly AnyAnalysis[];
  readonly report: Report;
  /** The text of run.json. */
  readonly record: string;
}

/** Fills a folder with everything that is published. */
export async function writeRun(engine: Engine, publication: Publication, folder: string): Promise<void> {
  const { analyses, report, record } = publication;
  await mkdir(join(folder, "state"), { recursive: true });
  await mkdir(join(folder, "lists"), { recursive: true });
  for (const table of analyses.flatMap((analysis) => analysis.published(report.texts))) {
    await writeTable(engine, table, folder);
  }
  for (const list of analyses.flatMap((analysis) => analysis.lists(report.texts))) {
    const { name, relation, columns, order = columns[0]!.name } = list;
    const names = columns.map((column) => column.name).join(", ");
    await engine.save(
      `select ${names} from ${relation} order by ${order}`,
      join(folder, "lists", `${name}.parquet`),
    );
  }
  await writeStates(engine, analyses, folder);
  await writeRejects(engine, folder);
  const { renderReport } = await import("../outputs/html.js");
  await writeFile(join(folder, "report.html"), renderReport(report));
  for (const { name, text } of report.sections.flatMap(({ documents }) => documents ?? []))
    await writeFile(join(folder, name), text);
  for (const { name, ...rows } of report.sections.flatMap(({ data }) => data ?? []))
    await engine.save(dataSql(rows), join(folder, name));
  const cards = modelCards(report);
  if (cards.length > 0) await writeFile(join(folder, "models.json"), `${JSON.stringify(cards, null, 2)}\n`);
  await writeFile(join(folder, "run.json"), record);
}

async function writeStates(engine: Engine, analyses: readonly AnyAnalysis[], folder: string): Promise<void> {
  const names = analyses.map((analysis) => analysis.name);
  for (const { name, relation, columns, analysis, isKept = false } of STATES) {
    const hasRun = analysis === undefined || names.includes(analysis);
    const kept: RelationName = `run.previous_${name}`;
    if (!hasRun && !(isKept && (await hasRows(engine, kept)))) continue;
    await engine.save(
      `select ${Object.keys(columns).join(", ")} from ${hasRun ? relation : kept} order by 1, 2, 3`,
      join(folder, "state", `${name}.parquet`),
    );
  }
}

async function hasRows(engine: Engine, relation: RelationName): Promise<boolean> {
  return (await collect(engine.read(`select 1 as one from ${relation} limit 1`))).numRows > 0;
}

function dataSql({ relation, columns, condition }: Omit<DataDocument, "name">): string {
  const names = columns.map(quoteName);
  return `select ${names.join(", ")} from ${relation} where ${condition} order by ${names[0]}`;
}

/** The cards of all models, each with the analysis it serves. */
function modelCards({ sections }: Report): readonly ModelCard[] {
  return sections.flatMap(({ analysis, models }) => (models ?? []).map((card) => ({ analysis, ...card })));
}

/** Writes a table as CSV, Parquet and Excel. */
export async function writeTable(
  engine: Engine,
  { name, relation, columns, order = columns[0]!.name }: PublishedTable,
  folder: string,
): Promise<void> {
  const select = (cells: readonly string[]) =>
    `select ${cells.join(", ")} from ${relation} order by ${order}`;
  const rows = select(columns.map((column) => column.name));
  await engine.save(rows, join(folder, `${name}.parquet`));
  await engine.save(csvSelectSql(columns, `(${rows})`), join(folder, `${name}.csv`));
  const { writeExcel } = await import("../outputs/excel.js");
  const labelled = select(columns.map((column) => `${column.labelName ?? column.name} as ${column.name}`));
  await writeExcel(join(folder, `${name}.xlsx`), { name, columns }, engine.read(labelled));
}

const REJECT_COLUMNS = ["file", "line_number", "column_name", "value", "reason", "source", "entity"] as const;

/** Writes `rejects.csv`: every rejected row with its line, its cell and the reason. */
export async function writeRejects(engine: Engine, folder: string): Promise<void> {
  const columns = REJECT_COLUMNS.map((name) => ({
    name,
    format: name === "line_number" ? ("integer" as const) : ("text" as const),
  }));
  const rows = `(select ${REJECT_COLUMNS.join(", ")} from staged.rejects where not is_skipped order by file_id, line_number, column_name)`;
  await engine.save(csvSelectSql(columns, rows), join(folder, "rejects.csv"));
}

/** The folder a destination means; undefined when nothing is published. */
export function placeOf(plan: Plan, destination: Destination): string | undefined {
  if (destination.kind === "none") return undefined;
  return destination.kind === "folder" ? destination.folder : join(plan.output, plan.run.asOfDate);
}

/** Publishes a filled folder at its place; in a history `latest` then points at it. */
export async function publish(filled: string, place: string, { kind }: Destination): Promise<void> {
  await publishFolder(filled, place);
  if (kind === "history") await pointLatest(place);
}

/**
 * Makes a filled folder the published one: what was there before is moved aside, and moved back
 * when the new one cannot take its place.
 *
 * @throws CrmError `usage` when the place holds something that is not a run
 */
async function publishFolder(filled: string, place: string): Promise<void> {
  refuseForeign(place);
  const replaced = replacedPath(place);
  if (existsSync(place)) {
    await rm(replaced, { recursive: true, force: true });
    await rename(place, replaced);
  }
  try {
    await rename(filled, place);
  } catch (error) {
    if (existsSync(replaced)) await rename(replaced, place);
    throw error;
  }
  await rm(replaced, { recursive: true, force: true });
}

/** Puts back what a killed process had moved aside, or clears it away where its successor stands. */
export async function restore(place: string): Promise<void> {
  const beside = dirname(place);
  const aside = existsSync(beside) ? readdirSync(beside).filter((name) => /^\..+\.replaced$/.test(name)) : [];
  for (const name of aside) {
    const original = join(beside, name.slice(1, -".replaced".length));
    if (!isRunFolder(join(beside, name))) continue;
    if (existsSync(original)) await rm(join(beside, name), { recursive: true, force: true });
    else await rename(join(beside, name), original);
  }
}

const PUBLISHED = /^(report\.html|(run|models)\.json|(rejects|itemsets|sequences)\.csv|lists|state)$/;

/** True for a folder with a run's record and nothing that a run does not write. */
function isRunFolder(folder: string): boolean {
  return (isWhole(folder) || isOfOneTable(folder)) && foreignIn(folder).length === 0;
}

/** What a folder holds that no run writes, and no desktop leaves behind. */
function foreignIn(folder: string): string[] {
  const names = ANALYSES.flatMap((analysis) => analysis.published(textsIn("en")).map(({ name }) => name));
  const isPublished = (entry: string) =>
    PUBLISHED.test(entry) ||
    DOCUMENT_NAMES.some((name) => name === entry) ||
    names.includes(entry.replace(/\.(csv|parquet|xlsx)$/, ""));
  return readdirSync(folder).filter((entry) => !isPublished(entry) && !LEFT_BEHIND.test(entry));
}

/** Names of what Finder, Explorer and an open spreadsheet leave in a folder. */
const LEFT_BEHIND = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|~\$.*|\.~lock\..*#)$/;

/** What an answer on one table leaves has a record, and nothing for a next run. */
const isOfOneTable = (folder: string) =>
  existsSync(join(folder, "run.json")) &&
  ["tree.sql", "segments.sql", "itemsets.csv"].some((name) => existsSync(join(folder, name))) &&
  !existsSync(join(folder, "state"));

const replacedPath = (place: string) => join(dirname(place), `.${basename(place)}.replaced`);

/** A folder that people filled is never replaced, nor by one analysis what another has left. */
export function refuseForeign(place: string, analysis?: string): void {
  if (`${process.cwd()}${sep}`.startsWith(`${place}${sep}`)) {
    throw new CrmError("usage", `${place}: the working folder lies in it, and the folder is replaced whole`, {
      hint: "choose a folder of its own, such as --out results",
    });
  }
  if (!existsSync(place)) return;
  if (!statSync(place).isDirectory()) throw new CrmError("usage", `${place}: is a file, not a folder`);
  const isEmpty = readdirSync(place).every((entry) => LEFT_BEHIND.test(entry));
  const isOurs = isEmpty || isRunFolder(place);
  if (isOurs) return refuseOthers(place, analysis);
  const foreign = foreignIn(place).slice(0, SHOWN_FOREIGN).join(", ");
  const what =
    datedRuns(place).length > 0
      ? "holds the runs of a pipeline"
      : `holds files that are not a run's${foreign === "" ? "" : `: ${foreign}`}`;
  throw new CrmError("usage", `${place}: the folder ${what}`, {
    hint: "choose a new folder, or one that an earlier answer to the question made",
  });
}

const SHOWN_FOREIGN = 5;

function refuseOthers(place: string, analysis: string | undefined): void {
  if (analysis === undefined) return;
  const entries = readdirSync(place);
  const others = ANALYSES.filter(({ name }) => name !== analysis).filter((one) =>
    namesOf(one).some((name) => entries.includes(name)),
  );
  if (others.length === 0) return;
  const names = others.map(({ name }) => name).join(", ");
  throw new CrmError(
    "usage",
    `${place}: holds the results of ${names}, which those of ${analysis} would replace`,
    {
      hint: `choose a folder of its own, such as --out ${basename(place)}-${analysis}`,
    },
  );
}

/** The files by which it is seen that an analysis has left its results; those of baskets of a bare file are others. */
const namesOf = ({ name, published }: AnyAnalysis) => [
  ...published(textsIn("en")).map((table) => `${table.name}.csv`),
  ...(name === "baskets" ? ["itemsets.csv"] : []),
];

/** Points `latest` beside the runs at the newest of them, in one step; a run for an earlier day does not move it back. */
async function pointLatest(place: string): Promise<void> {
  const output = dirname(place);
  const newest = datedRuns(output).findLast((date) => isWhole(join(output, date))) ?? basename(place);
  const next = join(output, ".latest.next");
  await rm(next, { force: true });
  await symlink(newest, next, "junction");
  await rename(next, join(output, "latest"));
}

/**
 * Holds that `latest` can be pointed anywhere.
 *
 * @throws CrmError `engine` where a folder has taken the place of the link
 */
export function refuseLatest(output: string): void {
  const latest = join(output, "latest");
  if (lstatSync(latest, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw new CrmError("engine", `${latest}: is a folder, where the link to the newest run belongs`, {
    hint: "move it away; a tool that follows links may have copied it",
  });
}

/** The days that runs of this folder are for, ascending. */
function datedRuns(output: string): string[] {
  return readdirSync(output)
    .filter((name) => /^\d{4}-\d{2}-\d{2}$/.test(name))
    .sort();
}

/** The newest run whose as-of date lies before the given one, and the older ones whose forecasts are due. */
export function previousRun(output: string, asOfDate: string): PreviousRun | undefined {
  if (!existsSync(output)) return undefined;
  const dates = datedRuns(output).filter((name) => name < asOfDate);
  const runs = dates
    .map((date) => ({ asOfDate: date, directory: join(output, date) }))
    .filter(({ directory }) => isWhole(directory));
  const previous = runs.at(-1);
  if (previous === undefined) return undefined;
  const due = DUE_AFTER_DAYS.map((days) =>
    runs.findLast(({ asOfDate: date }) => isAbout(days, daysBetween(date, asOfDate))),
  );
  return { ...previous, due: due.filter((run) => run !== undefined) };
}

/** The ages at which a forecast is held against what came of it. */
const DUE_AFTER_DAYS = [30, 90, 180, 270, 365];

/** A run may be missed now and then: up to two weeks older is as good. */
const isAbout = (wanted: number, days: number) => days >= wanted && days < wanted + 15;

const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

function isWhole(directory: string): boolean {
  try {
    JSON.parse(readFileSync(join(directory, "run.json"), "utf8"));
    return existsSync(join(directory, "state", "lineage.parquet"));
  } catch {
    return false;
  }
}

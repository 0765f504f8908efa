import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { ANALYSES } from "../analyses/index.js";
import type { PublishedTable } from "../analysis.js";
import { parseCondition } from "../condition-parser.js";
import { conditionSql } from "../condition-sql.js";
import type { ConditionKind } from "../condition.js";
import type { Engine } from "../engines/engine.js";
import { CrmError, problemsError } from "../errors.js";
import { csvSelectSql } from "../outputs/csv.js";
import { writeExcel } from "../outputs/excel.js";
import { rowsOf } from "../outputs/text.js";
import type { RelationName } from "../relation.js";
import { latestRun } from "../runs.js";
import type { Format, ShownColumn } from "../section.js";
import { collect, onlyNumber } from "../table.js";
import { tell } from "../tell.js";
import { textsIn, type Language } from "../texts/index.js";
import { openScratch } from "../workshop.js";

/** Formats a list can be pulled in. */
export const LIST_FORMATS = ["csv", "xlsx", "json", "parquet"] as const;
/** Ways to reach a customer; each needs a consent of its own. */
export const CHANNELS = ["email", "phone", "sms", "mail"] as const;
type Channel = (typeof CHANNELS)[number];

/** What `crm-analyze list` is asked for. */
export interface ListCommand {
  readonly name: string;
  /** The folder of published runs. */
  readonly output: string | undefined;
  readonly top: number | undefined;
  readonly channel: Channel | undefined;
  /** Conditions such as `total_amount >= 1000`, in the language of rules; all must hold. */
  readonly where: readonly string[];
  readonly format: (typeof LIST_FORMATS)[number] | undefined;
  /** The file to write; CSV and JSON go to the standard output without it. */
  readonly file: string | undefined;
}

const ADDRESS: Readonly<Record<Channel, string>> = {
  email: "email_address",
  phone: "phone_number",
  sms: "sms_number",
  mail: "mail_city",
};
const columnsOf = (channel: Channel) => [ADDRESS[channel], `${channel}_contact`];

const LIST: RelationName = "results.list";

/** Pulls a list of the last published run: permitted customers only, and says how many were withheld. @returns 0 */
export async function listCommand(asked: ListCommand): Promise<number> {
  const command = { ...asked, format: formatOf(asked) };
  const folder = await latestRun(command.output);
  const list = listNamed(command.name, languageOf(folder));
  refuseMissing(list, folder);
  const engine = await openScratch();
  try {
    await engine.load("raw.list", { format: "parquet", path: join(folder, "lists", `${list.name}.parquet`) });
    refuseChannel(list, command.channel);
    const written = await writtenColumns(engine, list);
    const columns = columnsFor(written, command.channel);
    const order = orderOf(list, written);
    await engine.create(LIST, selectSql({ columns, order }, command));
    await writeList(engine, { columns, order, name: list.name }, command);
    tell(`${await accountOf(engine, columns, command)}; run of ${relative(process.cwd(), folder) || folder}`);
  } finally {
    await engine.close();
  }
  return 0;
}

/** As asked, or as the file's ending says. */
function formatOf({ format, file }: ListCommand): (typeof LIST_FORMATS)[number] {
  const ending = LIST_FORMATS.find((known) => file?.toLowerCase().endsWith(`.${known}`));
  if (file !== undefined && !existsSync(dirname(resolve(file)))) {
    throw new CrmError("usage", `--file ${file}: there is no such folder`);
  }
  if (format !== undefined && ending !== undefined && format !== ending)
    throw new CrmError("usage", `--file ${file}: ends in .${ending}, but --format is ${format}`, {
      hint: "leave --format away, and the ending says what is written",
    });
  return format ?? ending ?? "csv";
}

function listNamed(name: string, language: Language): PublishedTable {
  const lists = ANALYSES.flatMap((analysis) => analysis.lists(textsIn(language)));
  const list = lists.find((candidate) => candidate.name === name);
  if (list !== undefined) return list;
  throw new CrmError(
    "usage",
    `list: there is no "${name}"; there are ${lists.map((known) => known.name).join(", ")}`,
  );
}

/** A run has the lists of the analyses that it ran, as its version knew them. */
function refuseMissing({ name }: PublishedTable, folder: string): void {
  if (existsSync(join(folder, "lists", `${name}.parquet`))) return;
  throw new CrmError(
    "usage",
    `list: the run of ${relative(process.cwd(), folder) || folder} has no list ${name}`,
    {
      hint: "run the pipeline again with the analysis that makes it",
    },
  );
}

/**
 * The columns that the run wrote: its version may not have known all that this one knows.
 *
 * @throws CrmError `data` where those are missing that say who may be contacted, or who a row is
 */
async function writtenColumns(
  engine: Engine,
  { name, columns }: PublishedTable,
): Promise<readonly ShownColumn[]> {
  const { schema } = await collect(engine.read("select * from raw.list where 1 = 0"));
  const names = schema.fields.map((field) => field.name);
  const missing = columns.map((column) => column.name).filter((column) => !names.includes(column));
  const needed = missing.filter((column) => column === "customer_id" || isOfPermission(column));
  if (needed.length === 0) return columns.filter((column) => names.includes(column.name));
  throw new CrmError("data", `list: ${name} of this run does not say ${needed.join(", ")}`, {
    hint: "an older version wrote it; run the pipeline again",
  });
}

const isOfPermission = (column: string) =>
  column === "permitted_channels" || CHANNELS.some((channel) => columnsOf(channel).includes(column));

/** As it was written, by the columns that are there. */
function orderOf({ columns, order }: PublishedTable, written: readonly ShownColumn[]): string {
  const names = written.map(({ name }) => name);
  const asked = (order ?? columns[0]!.name).split(", ").filter((name) => names.includes(name));
  return asked.length > 0 ? asked.join(", ") : names[0]!;
}

function languageOf(folder: string): Language {
  const record = JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as {
    settings: { language: Language };
  };
  return record.settings.language;
}

function refuseChannel({ name, columns }: PublishedTable, channel: Channel | undefined): void {
  if (channel === undefined || hasAddresses(columns)) return;
  throw new CrmError("usage", `list: ${name} has no addresses, so --channel ${channel} chooses nothing`);
}

/** With a channel, its address alone. */
function columnsFor(columns: readonly ShownColumn[], channel: Channel | undefined): ShownColumn[] {
  if (channel === undefined) return [...columns];
  const others = CHANNELS.filter((other) => other !== channel).flatMap(columnsOf);
  return columns.filter(({ name }) => !others.includes(name));
}

/** A list without addresses, for the customers' owners, withholds nobody. */
function permittedSql(columns: readonly ShownColumn[], channel: Channel | undefined): string {
  if (!hasAddresses(columns)) return "1 = 1";
  return channel === undefined ? "permitted_channels <> ''" : `${ADDRESS[channel]} is not null`;
}

const hasAddresses = (columns: readonly ShownColumn[]) =>
  columns.some(({ name }) => Object.values(ADDRESS).includes(name));

function selectSql(
  { columns, order }: Pick<ListPlace, "columns" | "order">,
  { channel, where, top }: ListCommand,
): string {
  const limit = top === undefined ? "" : ` limit ${top}`;
  const names = columns.map(({ name }) => name).join(", ");
  return `select ${names} from raw.list where ${permittedSql(columns, channel)} and ${wantedSql(columns, where)} order by ${order}${limit}`;
}

const wantedSql = (columns: readonly ShownColumn[], where: readonly string[]) =>
  ["1 = 1", ...where.map((condition) => conditionOf(condition, columns))].join(" and ");

/** In the language of conditions, checked against the list's columns; never pasted as it came. */
function conditionOf(text: string, columns: readonly ShownColumn[]): string {
  const asked = columns.map(({ name, format }) => ({ name, kind: KINDS[format] ?? "number" }));
  const parsed = parseCondition(text, asked);
  if (parsed.kind === "condition") return conditionSql(parsed.condition);
  throw problemsError(
    "usage",
    parsed.problems.map((problem) => `--where ${text}: ${problem}`),
    'such as "total_amount >= 1000", "segment in (Lost, Hibernating)"; docs/segments-in-words.md has the language',
  );
}

const KINDS: Readonly<Partial<Record<Format, ConditionKind>>> = { text: "text", date: "day" };

interface ListPlace {
  readonly columns: readonly ShownColumn[];
  /** SQL that orders the rows. */
  readonly order: string;
  readonly name: string;
}

async function writeList(
  engine: Engine,
  { columns, order, name }: ListPlace,
  { format, file }: ListCommand,
): Promise<void> {
  const rows = `select * from ${LIST} order by ${order}`;
  if (format === "json") return writeJson(engine, rows, file);
  if (format === "csv" && file === undefined) return printCsv(engine, columns, rows);
  const path = resolve(file ?? `${name}.${format}`);
  const partial = `${path}.partial.${format}`;
  try {
    if (format === "xlsx") await writeExcel(partial, { name, columns }, engine.read(rows));
    else await engine.save(format === "csv" ? csvSelectSql(columns, `(${rows})`) : rows, partial);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  tell(`written: ${relative(process.cwd(), path)}`);
}

async function writeJson(engine: Engine, rows: string, file: string | undefined): Promise<void> {
  const table = await collect(engine.read(rows));
  const text = `${JSON.stringify(rowsOf(table), null, 2)}\n`;
  if (file === undefined) process.stdout.write(text);
  else {
    await writeFile(`${file}.partial`, text);
    await rename(`${file}.partial`, file);
  }
}

async function printCsv(engine: Engine, columns: readonly ShownColumn[], rows: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), ".crm-analyze-"));
  try {
    await engine.save(csvSelectSql(columns, `(${rows})`), join(folder, "list.csv"));
    process.stdout.write(await readFile(join(folder, "list.csv"), "utf8"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function accountOf(
  engine: Engine,
  columns: readonly ShownColumn[],
  { channel, where }: ListCommand,
): Promise<string> {
  const counts = await collect(
    engine.read(`select (select count(distinct customer_id) from ${LIST}) as listed_count,
      (select count(*) from ${LIST}) as row_count,
      count(distinct customer_id) as all_count,
      count(distinct case when ${permittedSql(columns, channel)} then null else customer_id end) as withheld_count from raw.list
      where ${wantedSql(columns, where)}`),
  );
  const [listed, all, withheld, rows] = ["listed_count", "all_count", "withheld_count", "row_count"].map(
    (name) => onlyNumber(counts, name),
  );
  const inRows = rows === listed ? "" : ` in ${rows} rows`;
  const ofAll = `${listed} of ${all} ${all === 1 ? "customer" : "customers"} listed${inRows}`;
  if (!hasAddresses(columns)) return ofAll;
  return `${ofAll}; ${withheld || 0} withheld, no consent ${channel === undefined ? "for any channel" : `for ${channel}`}`;
}

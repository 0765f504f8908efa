import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BasketsConfig } from "../analyses/baskets-config.js";
import { withOffers } from "../analyses/baskets-next-best-section.js";
import { basketsSection } from "../analyses/baskets-section.js";
import { namedAsShown } from "../analyses/baskets-names.js";
import { studyBaskets, warnOfStudy, type BasketStudy } from "../analyses/baskets-study.js";
import {
  ITEMSET_COLUMNS,
  itemsetTable,
  ruleColumns,
  ruleTable,
  sequenceColumns,
  sequenceTable,
} from "../analyses/baskets-tables.js";
import { readBasketLines, readLines, type BasketFile } from "../basket-file.js";
import type { FileOffers } from "../basket-offers.js";
import { explainFaults } from "../basket-rejects.js";
import type { Engine } from "../engines/engine.js";
import { CrmError, EXIT_CODES } from "../errors.js";
import type { BasketHints } from "../guess-baskets.js";
import { openLog, type Log } from "../log.js";
import { csvSelectSql } from "../outputs/csv.js";
import { reportJson, reportLines } from "../outputs/text.js";
import { loggedPace } from "../pace.js";
import { phrase } from "../phrase.js";
import { packageVersion } from "../package.js";
import { parseConfig } from "../pipeline.js";
import { readingLine } from "../reading.js";
import type { Report } from "../report.js";
import { rowFlags } from "../row-kinds.js";
import type { Section, ShownColumn } from "../section.js";
import { publish, writeRejects, writeTable } from "../steps/publish.js";
import type { Table } from "../table.js";
import { tell } from "../tell.js";
import { askedProgress } from "../terminal.js";
import { textsIn, type Language, type Texts } from "../texts/index.js";
import { openWorkshop, type Destination, type Workshop } from "../workshop.js";
import { warningRecords } from "../warning.js";

/** Baskets asked of one bare file: `crm-analyze baskets lines.csv`. */
export interface BasketsCommand {
  readonly paths: readonly string[];
  readonly format: "lines" | "baskets";
  readonly delimiter: string | undefined;
  readonly hints: BasketHints;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly currency: string | undefined;
  readonly asOfDate: string | undefined;
  readonly language: Language;
  readonly output: string | undefined;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** Sets, rules and sequences of a bare file, and what to offer whom. @returns the exit code */
export async function basketsCommand(command: BasketsCommand): Promise<number> {
  const { output, signal, isJson } = command;
  refuseFlags(command);
  const config = parseConfig("baskets", command.settings) as BasketsConfig;
  const destination: Destination =
    output === undefined
      ? { kind: "none" }
      : { kind: "folder", folder: resolve(output), analysis: "baskets" };
  const limits = { memory: "1GB", rejected_share: 0 };
  const workshop = await openWorkshop({ output: "", limits }, destination, signal);
  try {
    const { report, written } = await answer(command, config, { workshop, destination });
    process.stdout.write(`${isJson ? reportJson(report) : reportLines(report).join("\n")}\n`);
    if (output !== undefined) tell(textsIn(report.language).report.written(written.join(", "), output));
    return EXIT_CODES.ok;
  } finally {
    await workshop.close();
  }
}

const RECORDS = ["rejects.csv", "models.json", "run.json"];
const writtenWith = ({ goods }: BasketFile, offers: FileOffers | undefined) => [
  ...["report.html", "itemsets.csv", "rules.csv"],
  ...(goods.buyers === undefined ? [] : ["sequences.csv"]),
  ...(offers === undefined ? [] : ["csv", "parquet", "xlsx"].map((ending) => `next-best.${ending}`)),
  ...RECORDS,
];

/** Settings that say something of customers, days or money, which a line of items does not have. */
const OFFER_FLAGS: Readonly<Record<string, string>> = {
  sequence_days: "--within-days",
  horizon_days: "--horizon-days",
  offers: "--offers",
  products: "--products",
  leave_out: "--leave-out",
};

const offerFlags = ({ settings }: BasketsCommand) =>
  Object.keys(settings).flatMap((setting) => OFFER_FLAGS[setting] ?? []);

function refuseFlags(command: BasketsCommand): void {
  const { paths, format, delimiter, hints, asOfDate, currency } = command;
  if (paths.length !== 1)
    throw new CrmError("usage", `baskets: one file or one pipeline, found ${paths.join(", ")}`, {
      hint: "put the files together first, or map them in a pipeline",
    });
  const columns = Object.keys(hints.columns).map((role) => `--${role}`);
  const dated = asOfDate === undefined ? [] : ["--as-of"];
  const formatted = [
    ...(hints.dateFormat === undefined ? [] : ["--date-format"]),
    ...(hints.decimal === undefined ? [] : ["--decimal"]),
    ...(hints.sheet === undefined ? [] : ["--sheet"]),
  ];
  const priced = currency === undefined ? [] : ["--currency"];
  const rows = rowFlags(hints.rows);
  const { by, window_days: windowDays } = command.settings;
  const kinds = [
    ...(by === undefined ? [] : ["--by"]),
    ...(windowDays === undefined ? [] : ["--window-days"]),
  ];
  const refused = [...columns, ...kinds, ...formatted, ...priced, ...dated, ...rows, ...offerFlags(command)];
  if (format === "baskets" && refused.length > 0)
    throw new CrmError(
      "usage",
      `${refused.join(", ")}: not with --format baskets, whose lines have no columns`,
    );
  if (windowDays !== undefined && by !== "customer_window")
    throw new CrmError("usage", "--window-days: only with --by customer_window");
  if (hints.columns.basket !== undefined && by !== undefined && by !== "order")
    throw new CrmError("usage", `--basket ${hints.columns.basket}: not with --by ${String(by)}`, {
      hint: "baskets of a column are --by order",
    });
  if (format === "lines" && delimiter !== undefined)
    throw new CrmError(
      "usage",
      "--delimiter: only with --format baskets; of a table it is guessed and shown",
    );
}

interface Place {
  readonly workshop: Workshop;
  readonly destination: Destination;
}

async function answer(
  asked: BasketsCommand,
  parsed: BasketsConfig,
  { workshop, destination }: Place,
): Promise<{ readonly report: Report; readonly written: readonly string[] }> {
  const { engine, filling } = workshop;
  const log = openLog(askedProgress(asked.language));
  const read = await readFile(asked, { ...workshop, warn: log.warn }, parsed);
  const config = withNames({ ...parsed, by: read.by }, read.goods);
  const command = { ...asked, currency: asked.currency ?? read.currency };
  tell(readingLine(read.file.file, read.evidence, textsIn(command.language)));
  const rejects = await explainFaults(engine, read.faulty, log.warn);
  warnOfRows(read, log.warn);
  warnOfFlags(command, read, log.warn);
  const study = await studyBaskets(read.goods, config, loggedPace(log, command.signal));
  warnOfStudy(study, config, log.warn);
  const offers = await offersOf(command, config, { engine, read, log });
  const report = reportOf(command, study, { read, config, offers, rejects, warnings: log.warnings });
  if (destination.kind === "folder") {
    await write(engine, { study, report, read, config, offers }, filling);
    command.signal.throwIfAborted();
    await publish(filling, destination.folder, destination);
  }
  return { report, written: writtenWith(read, offers) };
}

/** Settings that name items by their codes, or by a name that several codes have, name them all as they are shown. */
function withNames(config: BasketsConfig, { codes = [], names }: BasketFile["goods"]): BasketsConfig {
  const items = codes.map((code, item) => {
    const [label, behind] = [names[item]!, ` (${code})`];
    return { code, label, name: label.endsWith(behind) ? label.slice(0, -behind.length) : label };
  });
  return namedAsShown(config, items);
}

/** Every row that is left out by a rule is counted and said. */
function warnOfRows({ file: { file, rowsSkipped }, doubts }: BasketFile, warn: Log["warn"]): void {
  const counts = {
    rows_empty: rowsSkipped - doubts.returnCount - doubts.leftOutCount,
    rows_returned: doubts.returnCount,
  };
  for (const [code, count] of entriesOf(counts)) if (count > 0) warn({ code, gaps: { file, count } });
}

/** What is said of sequences and offers is idle in a file without customers or days. */
function warnOfFlags(
  command: BasketsCommand,
  { missing, file: { file } }: BasketFile,
  warn: Log["warn"],
): void {
  const flags = offerFlags(command).join(", ");
  if (missing.length > 0 && flags !== "") warn({ code: "flags_idle", gaps: { file, flags } });
}

const entriesOf = <Key extends string>(counts: Readonly<Record<Key, number>>) =>
  Object.entries(counts) as [Key, number][];

/** What to offer whom; undefined where the file does not say who bought when. */
async function offersOf(
  command: BasketsCommand,
  config: BasketsConfig,
  { engine, read, log }: Pick<Answered, "read"> & { readonly engine: Engine; readonly log: Log },
): Promise<FileOffers | undefined> {
  if (read.missing.length > 0) return undefined;
  const { offersOfFile } = await import("../basket-offers.js");
  const { asOfDate, language, currency, signal } = command;
  const { hasMoney, file } = read;
  return offersOfFile(engine, {
    config,
    name: file.file,
    hasMoney,
    asOfDate,
    language,
    currency,
    log,
    signal,
  });
}

function reportOf(
  { language, asOfDate, format, currency = "" }: BasketsCommand,
  study: BasketStudy,
  {
    read,
    config,
    offers,
    ...accounts
  }: Pick<Answered, "read" | "config" | "offers"> & Pick<Report, "rejects" | "warnings">,
): Report {
  const texts = textsIn(language);
  const locale = { language, currency };
  const told = {
    config,
    level: "item",
    isMargin: false,
    hasMoney: read.hasMoney,
    texts: texts.baskets,
    locale,
  } as const;
  const section = basketsSection(study, told);
  return {
    title: read.file.file.replace(/\.\w+$/, ""),
    asOfDate: offers?.asOfDate ?? asOfDate ?? null,
    ...locale,
    texts,
    sections: [
      offers === undefined
        ? withoutOffers(section, { ...read, format }, texts)
        : withOffers(section, offers.part, texts),
    ],
    files: [read.file],
    ...accounts,
    version: packageVersion(),
  };
}

/** Says which column offers would need; lines of items have no columns. */
function withoutOffers(
  section: Section,
  { missing, format }: Pick<BasketFile, "missing"> & Pick<BasketsCommand, "format">,
  texts: Texts,
): Section {
  const words = texts.nextBest;
  const columns = missing.map((role) => words.missingColumns[role]).join(words.missingJoint);
  const card = { name: "next-best", lack: "columns", missing_columns: missing };
  return {
    ...section,
    answer: phrase(texts.baskets.sentences, {
      before: section.answer,
      after: format === "baskets" ? words.answer.missingLines : phrase(words.answer.missing, { columns }),
    }),
    models: [...(section.models ?? []), card],
  };
}

function readFile(
  command: BasketsCommand,
  workshop: Workshop & Pick<Log, "warn">,
  { window_days: windowDays }: BasketsConfig,
): Promise<BasketFile> {
  const { asOfDate, delimiter, format } = command;
  const by = command.settings["by"] as BasketsConfig["by"] | undefined;
  const hints = { ...command.hints, currency: command.currency, by };
  const path = command.paths[0]!;
  const context = { ...workshop, ...hints };
  if (format === "baskets") return readBasketLines(path, context, delimiter);
  return readLines(path, context, { hints, windowDays, asOfDate });
}

interface Answered {
  readonly study: BasketStudy;
  readonly report: Report;
  readonly read: BasketFile;
  readonly config: BasketsConfig;
  readonly offers: FileOffers | undefined;
}

/** The first columns of `rules.csv`, in this order. */
const RULE_NAMES =
  "antecedent consequent basket_count support confidence lift leverage conviction p_value q_value is_redundant is_significant".split(
    " ",
  );

/** And behind them what the file tells of. */
const fileRuleNames = ({ hasMoney, goods }: BasketFile) => [
  ...[...RULE_NAMES, "lift_low", "lift_high"],
  ...(hasMoney ? ["margin_per_hundred"] : []),
  ...(goods.buyers === undefined ? [] : ["open_customers"]),
];

async function write(
  engine: Engine,
  { study, report, read, config, offers }: Answered,
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (offers !== undefined) await writeTable(engine, offers.published, folder);
  await writeRejects(engine, folder);
  const { baskets: texts } = report.texts;
  const rules = ruleColumns(texts);
  const ordered = fileRuleNames(read).map((name) => rules.find((column) => column.name === name)!);
  const coded = { ...study, goods: { ...study.goods, names: study.goods.codes ?? study.goods.names } };
  const csv = (name: string, rows: Table, columns: readonly Pick<ShownColumn, "name" | "format">[]) =>
    saveCsv(engine, { name, rows, columns }, folder);
  await csv("rules", ruleTable(coded), ordered);
  await csv("itemsets", itemsetTable(coded), ITEMSET_COLUMNS);
  if (read.goods.buyers !== undefined)
    await csv(
      "sequences",
      sequenceTable(coded),
      sequenceColumns(texts).filter(({ name }) => name !== "sequence_number"),
    );
  const cards = report.sections.flatMap(({ models = [], analysis }) =>
    models.map((card) => ({ analysis, ...card })),
  );
  await writeJson(join(folder, "models.json"), cards);
  const { renderReport } = await import("../outputs/html.js");
  await writeFile(join(folder, "report.html"), renderReport(report));
  await writeJson(join(folder, "run.json"), recordOf({ report, read, config }));
}

/** What the result depends on, and what was done, without what was bought. */
function recordOf({ report, read, config }: Pick<Answered, "report" | "read" | "config">) {
  const { file, rowsIn, rowsStaged, rowsSkipped, rowsRejected } = read.file;
  const input = {
    file,
    sha256: read.sha256,
    byte_count: read.byteCount,
    rows_in: rowsIn,
    rows_staged: rowsStaged,
    rows_skipped: rowsSkipped,
    rows_rejected: rowsRejected,
    rows_returned: read.doubts.returnCount,
    rows_undated: read.doubts.undatedCount,
    rows_unpriced: read.doubts.unpricedCount,
  };
  return {
    name: report.title,
    as_of_date: report.asOfDate,
    version: packageVersion(),
    node: process.version,
    settings: { language: report.language, baskets: config },
    inputs: [input],
    ...warningRecords(report.warnings),
    exit_code: EXIT_CODES.ok,
  };
}

const writeJson = (path: string, value: unknown) => writeFile(path, `${JSON.stringify(value, null, 2)}\n`);

interface CsvFile {
  readonly name: string;
  readonly rows: Table;
  readonly columns: readonly Pick<ShownColumn, "name" | "format">[];
}

async function saveCsv(engine: Engine, { name, rows, columns }: CsvFile, folder: string): Promise<void> {
  const [made, whole] = [`results.basket_${name}_rows`, `results.basket_${name}_file`] as const;
  await engine.write(made, [rows]);
  const cells = columns.map(({ name: column }) =>
    /_(count|customers)$/.test(column) ? `to_integer(${column}) as ${column}` : column,
  );
  await engine.create(whole, `select ${cells.join(", ")} from ${made}`);
  await engine.save(csvSelectSql(columns, whole), join(folder, `${name}.csv`));
}

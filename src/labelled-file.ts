import { basename, dirname, resolve } from "node:path";
import { valueOf } from "./cell-shapes.js";
import type { Engine } from "./engines/engine.js";
import { CrmError } from "./errors.js";
import { guessLayout, layoutEvidence, type Layout } from "./guess-layout.js";
import { doubtfulColumns } from "./guess-numbers.js";
import type { FileHints } from "./inputs/hints.js";
import { STAGED, type LoadedTable } from "./staged-table.js";
import { BARE_SOURCE, type FileCount, type RejectCount } from "./report.js";
import { ingest, type Input } from "./steps/ingest.js";
import { collect, numbers, onlyNumber, texts } from "./table.js";
import type { ReadingClause } from "./reading.js";
import type { Warn } from "./warning.js";

/** What reading a file needs beside its path. */
export interface LoadContext extends FileHints {
  readonly engine: Engine;
  /** For a copy in UTF-8. */
  readonly temporaryDirectory: string;
  readonly warn: Warn;
}

/** A file that the engine knows, every column as text. */
export interface LoadedFile {
  readonly table: LoadedTable;
  readonly input: Input;
  readonly layout: Layout;
  /** How it was found to be laid out, a clause each. */
  readonly evidence: readonly ReadingClause[];
}

/**
 * Hands a CSV, Excel or Parquet file to the engine.
 *
 * @param known its layout, where that was guessed before
 * @throws CrmError `usage` when it is not there, `data` when it cannot be read or holds no rows
 */
export async function loadLabelledFile(
  path: string,
  context: LoadContext,
  known?: Layout,
): Promise<LoadedFile> {
  const file = basename(path);
  const layout = known ?? (await guessLayout(path, context));
  const mapping = {
    file,
    entity: "customers" as const,
    ...{ encoding: layout.encoding, delimiter: layout.delimiter, header_row: layout.headerRow },
    ...(context.sheet === undefined ? {} : { sheet: context.sheet }),
    ...(layout.fillDown === undefined ? {} : { fill_down: layout.fillDown }),
    is_optional: false,
    columns: {},
  };
  const source = { name: BARE_SOURCE, directory: resolve(dirname(path)), mapping: mappingOf(mapping) };
  const [input] = await ingest([source], context);
  if (input === undefined || input.readable.format !== "csv" || input.scan.recordCount === 0)
    throw new CrmError("data", `${path}: headings, but no rows`, { hint: "export the file anew" });
  const table = { file, relation: input.relation, columns: input.readable.columns, commas: [] };
  return { table, input, layout, evidence: layoutEvidence(layout) };
}

/**
 * Such a file with a row a customer, of which each column of numbers is read in one way.
 *
 * @throws CrmError `usage` where nothing tells thousands from decimals
 */
export async function loadTable(path: string, context: LoadContext): Promise<LoadedFile> {
  const loaded = await loadLabelledFile(path, context);
  const { table, layout } = loaded;
  const doubtful = doubtfulColumns(table.file, layout, context);
  const commas = [...doubtful].filter(([, { mark }]) => mark === "comma").map(([at]) => table.columns[at]!);
  const told = [...doubtful].map(([at, { doubtful: cell, mark }]): ReadingClause => {
    return {
      code: "column_so",
      gaps: { heading: table.columns[at]!, cell: cell!, number: valueOf(cell!, mark) },
    };
  });
  return { ...loaded, table: { ...table, commas }, evidence: [...told, ...loaded.evidence] };
}

type Source = Parameters<typeof ingest>[0][number];

const mappingOf = (table: Source["mapping"]["files"][string]): Source["mapping"] => ({
  source: BARE_SOURCE,
  description: "",
  files: { table },
});

/** Of the rows, how many may be unreadable. */
const MOST_REJECTED = 0.05;

/**
 * Accounts for every row, once {@link STAGED} is built.
 *
 * @throws CrmError `data` when too many rows could not be split into columns
 */
export async function countRows(
  engine: Engine,
  { input }: LoadedFile,
): Promise<{ files: FileCount[]; rejects: RejectCount[] }> {
  const staged = onlyNumber(await collect(engine.read(`select count(*) as n from ${STAGED}`)), "n");
  const { file, scan, relation } = input;
  const rowsRejected = scan.recordCount - staged;
  if (rowsRejected > MOST_REJECTED * scan.recordCount)
    throw new CrmError(
      "data",
      `${file}: ${rowsRejected} of ${scan.recordCount} rows cannot be split into its ${input.headings.length} columns, more than the ${MOST_REJECTED * 100} % allowed`,
      { hint: "check its quotes, delimiter and line ends" },
    );
  const counted = {
    file,
    source: BARE_SOURCE,
    entity: "customers",
    rowsIn: scan.recordCount,
    rowsStaged: staged,
    rowsSkipped: 0,
    rowsRejected,
  };
  return { files: [counted], rejects: rowsRejected === 0 ? [] : await readRejects(engine, file, relation) };
}

async function readRejects(
  engine: Engine,
  file: string,
  relation: Input["relation"],
): Promise<RejectCount[]> {
  const found = await collect(
    engine.read(`select coalesce(column_name, '') as column_name, reason, count(*) as row_count
      from ${relation}__unreadable group by coalesce(column_name, ''), reason order by 1, 2`),
  );
  const [columns, reasons] = [texts(found, "column_name"), texts(found, "reason")];
  return Array.from(numbers(found, "row_count"), (rows, row) => ({
    file,
    column: columns[row]!,
    reason: reasons[row]!,
    rows,
  }));
}

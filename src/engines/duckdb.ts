import { statSync } from "node:fs";
import {
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBDoubleVector,
  DuckDBDateValue,
  DuckDBInstance,
  DuckDBTimestampValue,
  TIMESTAMP,
  VARCHAR,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import { DataType, type Vector } from "apache-arrow";
import { CrmError } from "../errors.js";
import { LAYERS, type RelationName } from "../relation.js";
import { quoteName, quoteText } from "../sql.js";
import { tableOf, type Table } from "../table.js";
import { TOTAL_PATTERN } from "../total-words.js";
import { ColumnBuffer } from "./duckdb-columns.js";
import type { Engine, InputFile } from "./engine.js";

/** How a DuckDB warehouse is opened. */
export interface DuckDBOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  /** The text of `sql/functions/duckdb.sql`. */
  readonly functions: string;
  /** As DuckDB writes it: `1GB`. The process takes up to 1 GB more. */
  readonly memoryLimit?: string;
  /** Where it may spill; default: beside the warehouse. */
  readonly temporaryDirectory?: string;
  /** Stops the statement under way, within 80 ms. */
  readonly signal?: AbortSignal;
}

/** Nobody opens the warehouse again, so that it need not be tidied up when it is closed. */
const UNTIDIED = "pragma disable_checkpoint_on_shutdown;";
/** Rows the appender takes at once; DuckDB's vector size. */
const CHUNK_ROWS = 2048;
/** The rows of a table that DuckDB gives one thread at a time. */
const GROUP_ROWS = 122_880;
/** Files that hold about as many. */
const ALONE_BYTES = { csv: 8 * 1024 ** 2, parquet: 1024 ** 2 } as const;
/** Rows of one batch that `read` yields. */
const BATCH_ROWS = 32 * CHUNK_ROWS;

/**
 * The embedded engine.
 *
 * @throws CrmError `engine` when the warehouse cannot be opened or another process holds it
 */
export async function openDuckDB(options: DuckDBOptions): Promise<Engine> {
  const connection = await connect(options);
  const functions = functionsIn(options.functions);
  const engine = new DuckDBEngine(connection, { functions: functions.made, signal: options.signal });
  try {
    const schemas = LAYERS.map((layer) => `create schema if not exists ${layer};`);
    await connection.run([...schemas, UNTIDIED, functions.settings].join("\n"));
  } catch (cause) {
    await engine.close();
    throw engineError(`cannot prepare ${options.path}`, cause);
  }
  return engine;
}

async function connect({ path, memoryLimit, temporaryDirectory }: DuckDBOptions): Promise<DuckDBConnection> {
  const settings = {
    ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit }),
    ...(temporaryDirectory === undefined ? {} : { temp_directory: temporaryDirectory }),
    enable_external_access: "true",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // Nobody opens the warehouse again: packing it tight costs more than it saves.
    checkpoint_threshold: "1TB",
    force_compression: "uncompressed",
    // Until there are rows enough to share.
    threads: "1",
  };
  try {
    return await (await DuckDBInstance.create(path, settings)).connect();
  } catch (cause) {
    const holder = /PID (\d+)/.exec((cause as Error).message)?.[1];
    if (holder === undefined) throw engineError(`cannot open ${path}`, cause);
    throw new CrmError("engine", `${path}: another run holds it, process ${holder}`, {
      hint: "wait until it has ended, or publish to another folder with --out",
      cause,
    });
  }
}

class DuckDBEngine implements Engine {
  readonly name = "duckdb";
  readonly #connection: DuckDBConnection;
  readonly #signal: AbortSignal | undefined;
  readonly #loaded = new Set<RelationName>();
  readonly #functions: Map<string, string>;
  #ready: Promise<unknown> = Promise.resolve();
  /** Whether all cores are at work. */
  #isShared = false;

  constructor(connection: DuckDBConnection, { functions, signal }: Prepared) {
    this.#connection = connection;
    this.#functions = functions;
    this.#signal = signal;
    signal?.addEventListener("abort", () => connection.interrupt());
  }

  async load(relation: RelationName, file: InputFile): Promise<void> {
    const source =
      file.format === "csv"
        ? filledSql(readCsvSql(relation, file), file)
        : `read_parquet(${quoteText(literalPath(file.path))}, hive_partitioning = false)`;
    await this.#replace("view", relation, `select * from ${source}`);
    if (file.format === "csv" && file.types === undefined) this.#loaded.add(relation);
    else this.#loaded.delete(relation);
    const byteCount = statSync(file.path, { throwIfNoEntry: false })?.size ?? 0;
    await this.#share(byteCount >= ALONE_BYTES[file.format]);
  }

  /** Lets all cores work: threads that have nothing to do cost time, most where several runs share a machine. */
  async #share(isLarge: boolean): Promise<void> {
    if (this.#isShared || !isLarge) return;
    this.#isShared = true;
    await this.#run("use all cores", "reset threads");
  }

  async create(relation: RelationName, select: string): Promise<number> {
    const made = await this.#replace("table", relation, select);
    for (const loaded of this.#loaded) {
      if (new RegExp(`\\b${loaded.replace(".", "\\.")}\\b`).test(select)) await this.#keepUnreadable(loaded);
    }
    const counted = await made.fetchChunk();
    const rowCount = Number(counted?.getColumnVector(0).getItem(0));
    await this.#share(rowCount > GROUP_ROWS);
    return rowCount;
  }

  async define(relation: RelationName, select: string): Promise<void> {
    await this.#replace("view", relation, select);
  }

  /** A view does not take a table's place by itself, nor a table a view's. */
  async #replace(kind: "table" | "view", relation: RelationName, select: string): Promise<DuckDBResult> {
    const what = `${kind === "table" ? "build" : "read"} ${relation}`;
    const create = `create or replace ${kind} ${relation} as ${select}`;
    try {
      return await this.#run(what, create);
    } catch (error) {
      if (!(error instanceof CrmError) || !/^duckdb: .*Existing object .* is of type/.test(error.message))
        throw error;
      return this.#run(what, `drop ${kind === "table" ? "view" : "table"} ${relation}; ${create}`);
    }
  }

  /**
   * DuckDB notes a bad record once for each scan and each broken cell: keep each record once.
   * For a record with too few columns it notes the byte behind its end.
   */
  async #keepUnreadable(loaded: RelationName): Promise<void> {
    await this.#run(
      `build ${loaded}__unreadable`,
      `create or replace table ${loaded}__unreadable as
      select byte_position - case when error_type = 'MISSING COLUMNS' then 1 else 0 end as byte_offset,
        min(column_name) as column_name, min(lower(cast(error_type as varchar))) as reason
      from ${rejectsTable(loaded)}
      group by byte_offset`,
    );
  }

  async write(relation: RelationName, batches: AsyncIterable<Table> | Iterable<Table>): Promise<void> {
    let appender: DuckDBAppender | undefined;
    let rowCount = 0;
    for await (const batch of batches) {
      appender ??= await this.#appenderFor(relation, batch);
      appendBatch(appender, batch);
      rowCount += batch.numRows;
    }
    appender?.closeSync();
    await this.#share(rowCount > GROUP_ROWS);
  }

  async #appenderFor(relation: RelationName, batch: Table): Promise<DuckDBAppender> {
    const columns = batch.schema.fields.map((field) => `${quoteName(field.name)} ${typeFor(field.type)}`);
    await this.#run(`write ${relation}`, `create or replace table ${relation} (${columns.join(", ")})`);
    const [schema, table] = relation.split(".") as [string, string];
    return this.#connection.createAppender(table, schema);
  }

  async *read(select: string): AsyncIterable<Table> {
    // Not `stream`: when a streamed query fails midway its rows may end there as if they were all.
    const result = await this.#attempt("read", select, () => this.#query(select));
    const fetch = () => this.#attempt("read", select, () => result.fetchChunk());
    let buffers = emptyBuffers(result);
    let rows = 0;
    let isFirst = true;
    let next = fetch();
    for (let chunk = await next; chunk !== null && chunk.rowCount > 0; chunk = await next) {
      // Fetched while this one is copied; who stops reading before the end does not ask what became of it.
      next = fetch();
      next.catch(() => undefined);
      buffers.forEach((buffer, column) => buffer.append(chunk.getColumnVector(column), chunk.rowCount));
      rows += chunk.rowCount;
      if (rows < BATCH_ROWS) continue;
      yield tableFrom(result, buffers);
      [buffers, rows, isFirst] = [emptyBuffers(result), 0, false];
    }
    if (isFirst || rows > 0) yield tableFrom(result, buffers);
  }

  async save(select: string, path: string): Promise<void> {
    const format = path.endsWith(".parquet") ? "(format parquet, compression zstd)" : "(format csv, header)";
    await this.#run(`write ${path}`, `copy (${select}) to ${quoteText(path)} ${format}`);
  }

  async close(): Promise<void> {
    this.#connection.closeSync();
  }

  /** Makes the functions that a statement calls, and those that these call: to make all takes as long as ten statements. */
  #makeFunctions(sql: string): void {
    const called = [...new Set(Array.from(sql.matchAll(/\b(\w+)\(/g), (match) => match[1]!))];
    for (const name of called) {
      const statement = this.#functions.get(name);
      if (statement === undefined) continue;
      this.#functions.delete(name);
      this.#makeFunctions(statement);
      this.#ready = this.#ready.then(() => this.#connection.run(statement));
    }
  }

  async #query(sql: string): Promise<DuckDBResult> {
    this.#makeFunctions(sql);
    await this.#ready;
    return this.#connection.run(sql);
  }

  #run(what: string, sql: string): Promise<DuckDBResult> {
    return this.#attempt(what, sql, () => this.#query(sql));
  }

  async #attempt<T>(what: string, sql: string, action: () => Promise<T>): Promise<T> {
    this.#signal?.throwIfAborted();
    try {
      return await action();
    } catch (cause) {
      this.#signal?.throwIfAborted();
      throw engineError(`could not ${what}`, cause, sql);
    }
  }
}

/** What an engine goes by besides its connection. */
interface Prepared {
  /** The statement that makes each function, by its name. */
  readonly functions: Map<string, string>;
  readonly signal: AbortSignal | undefined;
}

/** The functions of the dialect, and the settings above them. */
function functionsIn(text: string): { settings: string; made: Map<string, string> } {
  const [settings, ...statements] = text.split(/^(?=create or replace macro )/m) as [string, ...string[]];
  return {
    settings,
    made: new Map(statements.map((statement) => [/macro (\w+)/.exec(statement)![1]!, statement])),
  };
}

/** The engine's message without quoted values: they may be customers' data. */
function engineError(what: string, cause: unknown, sql?: string): CrmError {
  const message = String((cause as Error).message)
    .split("\n\n")[0]!
    .replace(/'.*'/g, "'…'");
  const isFull = /no space left|disk is full|ENOSPC/i.test(String((cause as Error).message));
  return new CrmError("engine", `duckdb: ${what}: ${message}`, {
    cause,
    ...(isFull ? { hint: "free space on the disk, or choose another folder with --out" } : {}),
    ...(sql === undefined ? {} : { sql }),
  });
}

/** DuckDB keeps what it could not split in a table of the session, outside any schema. */
function rejectsTable(relation: RelationName, what = "rejects"): string {
  return `${relation.replace(".", "__")}__${what}`;
}

function readCsvSql(relation: RelationName, file: Extract<InputFile, { format: "csv" }>): string {
  const types = file.columns.map((column) => CELL_TYPES[file.types?.[column] ?? "text"]);
  const columns = file.columns.map((column, i) => `${quoteText(column)}: '${types[i]!}'`).join(", ");
  const rejects = `store_rejects = true, rejects_limit = 0,
    rejects_table = ${quoteText(rejectsTable(relation))}, rejects_scan = ${quoteText(rejectsTable(relation, "scans"))}`;
  return `read_csv(${quoteText(literalPath(file.path))},
    auto_detect = false, header = false, skip = ${file.skippedLines}, columns = {${columns}},
    delim = ${quoteText(file.delimiter)}, quote = '"', escape = '"', encoding = 'utf-8',
    hive_partitioning = false, ${file.types === undefined ? rejects : "dateformat = '%Y-%m-%d'"})`;
}

/** The records with what stands on the first row of their order, as {@link FillDown} tells, in file order. */
function filledSql(records: string, { columns, fillDown }: Extract<InputFile, { format: "csv" }>): string {
  if (fillDown === undefined) return records;
  const [key, ...filled] = [fillDown.key, ...fillDown.columns].map(quoteName);
  const isNumberFilled = fillDown.columns.includes(fillDown.key);
  const trimmed = (name: string) => `trim(${name}, ${quoteText(BLANKS)})`;
  const isEmpty = (name: string) => `coalesce(${trimmed(name)}, '') = ''`;
  const others = columns.map(quoteName).filter((name) => !filled.includes(name));
  const isTotal = others.map(
    (name) => `coalesce(regexp_matches(lower(${name}), ${quoteText(TOTAL_PATTERN)}), false)`,
  );
  const hasWords = `regexp_matches(concat_ws(' ', ${["''", ...others].join(", ")}), '\\p{L}')`;
  const isBare = [isNumberFilled ? "true" : "false", ...filled.map(isEmpty), hasWords].join(" and ");
  const [place, isFirst, order] = ["place", "is_first", "order_place"].map((name) => freeName(name, columns));
  const isFurther = `case when ${["false", ...isTotal].join(" or ")} then false when ${isEmpty(key!)} then ${isBare}
    else coalesce(${trimmed(key!)} = ${trimmed(`lag(${key}) over in_order`)}, false) end`;
  const cells = columns
    .map(quoteName)
    .map((name) =>
      filled.includes(name)
        ? `case when ${isEmpty(name)} then first_value(${name}) over of_order else ${name} end as ${name}`
        : name,
    );
  return `(with read as (select *, row_number() over () as ${place} from ${records}),
    begun as (select *, case when ${isFurther} then 0 else 1 end as ${isFirst} from read window in_order as (order by ${place})),
    grouped as (select *, sum(${isFirst}) over (order by ${place} rows unbounded preceding) as ${order} from begun)
    select ${cells.join(", ")} from grouped window of_order as (partition by ${order} order by ${place})
    order by ${place})`;
}

/** What a cell may be padded with. */
const BLANKS = " \t\r\n\u00a0\u3000\ufeff";

/** A quoted name that no column has. */
function freeName(name: string, columns: readonly string[]): string {
  const isTaken = columns.some((column) => column.toLowerCase() === name);
  return isTaken ? freeName(`${name}_`, columns) : quoteName(name);
}

const CELL_TYPES = { text: "varchar", decimal: "decimal(18, 4)", date: "date" } as const;

/** A path that means one file, whatever characters it has: DuckDB reads *, ? and [ as patterns. */
function literalPath(path: string): string {
  return path.replace(/[[*?]/g, (character) => `[${character}]`);
}

function emptyBuffers(result: DuckDBResult): ColumnBuffer[] {
  return result.columnTypes().map((type) => new ColumnBuffer(type));
}

function tableFrom(result: DuckDBResult, buffers: readonly ColumnBuffer[]): Table {
  return tableOf(Object.fromEntries(result.columnNames().map((name, i) => [name, buffers[i]!.toVector()])));
}

function typeFor(type: DataType): DuckDBType {
  if (DataType.isUtf8(type)) return VARCHAR;
  if (DataType.isBool(type)) return BOOLEAN;
  if (DataType.isDate(type)) return DATE;
  if (DataType.isTimestamp(type)) return TIMESTAMP;
  return DOUBLE;
}

function appendBatch(appender: DuckDBAppender, batch: Table): void {
  const fields = batch.schema.fields;
  const columns = fields.map((_, column) => plainNumbers(batch.getChildAt(column)!));
  const types = fields.map((field) => typeFor(field.type));
  for (let start = 0; start < batch.numRows; start += CHUNK_ROWS) {
    const rowCount = Math.min(CHUNK_ROWS, batch.numRows - start);
    const chunk = DuckDBDataChunk.create(types, rowCount);
    for (const [column, values] of columns.entries()) setColumn(chunk, column, { values, start, rowCount });
    appender.appendDataChunk(chunk);
  }
}

/** A column of numbers without a null as an array, which is quicker to copy. */
function plainNumbers(vector: Vector): Float64Array | Vector {
  return DataType.isFloat(vector.type) && vector.nullCount === 0
    ? (vector.toArray() as Float64Array)
    : vector;
}

interface Stretch {
  /** Numbers without a null among them as they are, everything else as Arrow has it. */
  readonly values: Float64Array | Vector;
  readonly start: number;
  readonly rowCount: number;
}

function setColumn(chunk: DuckDBDataChunk, column: number, stretch: Stretch): void {
  const { values, start, rowCount } = stretch;
  const target = chunk.getColumnVector(column);
  if (values instanceof Float64Array && target instanceof DuckDBDoubleVector) {
    for (let i = 0; i < rowCount; i++) target.setItem(i, values[start + i]!);
    target.flush();
  } else chunk.setColumnValues(column, valuesOf(values as Vector, target.type, { start, rowCount }));
}

function valuesOf(vector: Vector, type: DuckDBType, { start, rowCount }: Omit<Stretch, "values">) {
  return Array.from({ length: rowCount }, (_, i): DuckDBValue => {
    const value = vector.get(start + i) as number | string | boolean | null;
    if (value === null) return null;
    if (type === DATE) return new DuckDBDateValue(Number(value) / 86_400_000);
    if (type === TIMESTAMP) return new DuckDBTimestampValue(BigInt(value) * 1000n);
    return value;
  });
}

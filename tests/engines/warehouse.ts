import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DataType, type Vector } from "apache-arrow";
import { onTestFinished } from "vitest";
import { openDuckDB } from "../../src/engines/duckdb.js";
import type { Engine } from "../../src/engines/engine.js";
import { ENTITIES, type EntityName } from "../../src/entities.js";
import { readFunctions } from "../../src/relation.js";
import { collect, type Table } from "../../src/table.js";

/** An engine under test. */
export interface TestEngine {
  readonly name: string;
  open(signal?: AbortSignal): Promise<Engine>;
}

/** Every engine there is; another one is one more line, and every test of SQL runs on it. */
export const ENGINES: readonly TestEngine[] = [
  {
    name: "duckdb",
    open: (signal) =>
      openDuckDB({
        path: ":memory:",
        functions: readFunctions("duckdb"),
        ...(signal === undefined ? {} : { signal }),
      }),
  },
];

/** An empty warehouse in memory, closed when the test ends. */
export async function openWarehouse(engine: TestEngine = ENGINES[0]!, signal?: AbortSignal): Promise<Engine> {
  const warehouse = await engine.open(signal);
  onTestFinished(() => warehouse.close());
  return warehouse;
}

export type Row = Record<string, unknown>;

/** The rows of a query; days as `YYYY-MM-DD`, moments in ISO form. */
export async function rowsOf(engine: Engine, select: string): Promise<Row[]> {
  return tableRows(await collect(engine.read(select)));
}

/** The only row of a query. */
export async function rowOf(engine: Engine, select: string): Promise<Row> {
  const rows = await rowsOf(engine, select);
  if (rows.length !== 1) throw new Error(`one row expected, found ${rows.length}: ${select}`);
  return rows[0]!;
}

/** As `rowsOf`, of a table. */
export function tableRows(table: Table): Row[] {
  const names = table.schema.fields.map((field) => field.name);
  const columns = names.map((_, column) => valuesOf(table.getChildAt(column)!));
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(names.map((name, column) => [name, columns[column]![row]])),
  );
}

function valuesOf(vector: Vector): unknown[] {
  const type = vector.type as DataType;
  const isDay = DataType.isDate(type);
  const isMoment = DataType.isTimestamp(type);
  return Array.from({ length: vector.length }, (_, row) => {
    const value = vector.get(row) as unknown;
    if (value === null || (!isDay && !isMoment)) return value;
    const text = new Date(Number(value)).toISOString();
    return isDay ? text.slice(0, 10) : text;
  });
}

/** An empty folder, removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "crm-analyze-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file and gives its path. */
export function fileIn(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** A staged entity without rows. */
export function emptyEntitySql(entity: EntityName): string {
  const columns = Object.entries(ENTITIES[entity].columns).map(
    ([name, type]) => `empty_${type}() as ${name}`,
  );
  return `select cast(null as smallint) as file_id, empty_text() as source, ${columns.join(", ")} where 1 = 0`;
}

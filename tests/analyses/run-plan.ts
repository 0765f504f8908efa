import { basename, dirname } from "node:path";
import type { Engine } from "../../src/engines/engine.js";
import { guessOrders } from "../../src/guess.js";
import { openLog, type Log } from "../../src/log.js";
import { barePlan, type Overrides, type Plan } from "../../src/pipeline.js";
import { run } from "../../src/run.js";
import type { Report } from "../../src/report.js";
import { collect } from "../../src/table.js";
import type { Destination } from "../../src/workshop.js";

/** A row of a relation: days as `YYYY-MM-DD`, everything else as it is. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** What a run gave, and the rows that were asked for while its engine was open. */
export interface Ran<Name extends string> {
  readonly report: Report;
  readonly folder: string | undefined;
  readonly log: Log;
  readonly rows: Readonly<Record<Name, Row[]>>;
}

/** Runs a plan by the product's own way and reads queries from its results. */
export async function runPlan<Name extends string>(
  plan: Plan,
  queries: Readonly<Record<Name, string>>,
  destination: Destination = { kind: "none" },
): Promise<Ran<Name>> {
  const log = openLog({ begin: () => {}, end: () => {}, warn: () => {} });
  const rows = {} as Record<Name, Row[]>;
  const peek = async (engine: Engine) => {
    for (const name of Object.keys(queries) as Name[]) rows[name] = await rowsOf(engine, queries[name]);
  };
  const { report, folder } = await run(plan, { destination, log, peek });
  return { report, folder, log, rows };
}

/** What is made when it is first asked for, and the same from then on. */
export function once<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined;
  return () => (made ??= make());
}

/** The rows of a query. */
export async function rowsOf(engine: Engine, select: string): Promise<Row[]> {
  const table = await collect(engine.read(select));
  const fields = table.schema.fields.map(({ name, type }) => ({
    name,
    isDay: String(type).startsWith("Date"),
  }));
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(
      fields.map(({ name, isDay }) => {
        const value = table.getChild(name)!.get(row) as Row[string];
        return [name, isDay && value !== null ? new Date(Number(value)).toISOString().slice(0, 10) : value];
      }),
    ),
  );
}

/** The plan of RFM on one bare file, as the command line makes it. */
export function bareFilePlan(
  path: string,
  settings: Readonly<Record<string, unknown>>,
  overrides: Overrides = {},
): Promise<Plan> {
  return barePlanOf(path, { rfm: settings }, overrides);
}

/** The plan of any analyses on one bare file, with their settings. */
export async function barePlanOf(
  path: string,
  analyses: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  overrides: Overrides = {},
): Promise<Plan> {
  const { mapping } = await guessOrders(path, { columns: {} });
  const files = { name: basename(path, ".csv"), directory: dirname(path), files: { orders: mapping } };
  return barePlan(files, { ...overrides, analyses });
}

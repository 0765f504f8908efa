import { mkdtempSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import type { Engine } from "../src/engines/engine.js";
import { openLog, type Log } from "../src/log.js";
import type { FileMapping } from "../src/mapping.js";
import { barePlan, type Plan } from "../src/pipeline.js";
import { inOrder, readRelations, type RelationName } from "../src/relation.js";
import { analyze, buildFor, chosenAnalyses } from "../src/steps/analyze.js";
import { ingest } from "../src/steps/ingest.js";
import { settle } from "../src/steps/settle.js";
import { stage } from "../src/steps/stage.js";
import { unify } from "../src/steps/unify.js";
import { textsIn } from "../src/texts/index.js";
import { openWorkshop } from "../src/workshop.js";

/** What one measured stretch took. */
export interface Measurement {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** The memory limit of both sides. */
const MEMORY = "1GB";

/** The measurements that `bench/index.ts` asks for, each in a process of its own. */
const TASKS: Readonly<Record<string, (path: string) => Promise<Record<string, Measurement>>>> = {
  limit: measureLimit,
  ours: measureOurs,
  aggregate: measureAggregate,
};

async function measured(action: () => Promise<unknown>): Promise<Measurement> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await action();
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** DuckDB's own typed load of the file into a table. */
async function measureLimit(path: string): Promise<Record<string, Measurement>> {
  const folder = mkdtempSync(join(dirname(path), "limit-"));
  const connection = await connect(join(folder, "limit.duckdb"));
  const load = await measured(() =>
    connection.run(`create table lines as select * from read_csv('${path}', header = true, columns = {
      'order_no': 'varchar', 'line_no': 'varchar', 'customer': 'varchar', 'order_date': 'date',
      'product': 'varchar', 'quantity': 'decimal(18, 4)', 'amount': 'decimal(18, 4)',
      'currency': 'varchar', 'channel': 'varchar' })`),
  );
  connection.closeSync();
  rmSync(folder, { recursive: true });
  return { load };
}

/** DuckDB's bare aggregate straight over the file. */
async function measureAggregate(path: string): Promise<Record<string, Measurement>> {
  const connection = await connect(":memory:");
  const aggregate = await measured(() =>
    connection.runAndReadAll(
      `select customer, count(*), sum(amount), max(order_date) from read_csv('${path}') group by customer`,
    ),
  );
  return { aggregate };
}

async function connect(path: string): Promise<DuckDBConnection> {
  return (await DuckDBInstance.create(path, { memory_limit: MEMORY })).connect();
}

const LINES: FileMapping = {
  file: "",
  entity: "order_lines",
  encoding: "utf-8",
  delimiter: ",",
  header_row: 1,
  is_optional: false,
  columns: {
    order_key: { column: "order_no" },
    line_key: { column: "line_no" },
    customer_key: { column: "customer" },
    order_date: { column: "order_date" },
    product_key: { column: "product" },
    quantity: { column: "quantity" },
    line_amount: { column: "amount" },
    currency: { column: "currency" },
    channel: { column: "channel" },
  },
};

/** Load into staged relations; a bare aggregate over the same table; from there to every result of RFM. */
async function measureOurs(path: string): Promise<Record<string, Measurement>> {
  const output = mkdtempSync(join(dirname(path), "ours-"));
  const files = { lines: { ...LINES, file: basename(path) } };
  const overrides = { asOfDate: "2025-12-31", currency: "EUR", analyses: { rfm: {} } };
  const plan = { ...barePlan({ name: "bench", directory: dirname(path), files }, overrides), output };
  const workshop = await openWorkshop(plan, { kind: "history" });
  const { engine, temporaryDirectory } = workshop;
  const log = openLog({ begin: () => undefined, end: () => undefined, warn: () => undefined });
  const load = await measured(async () => {
    await stage(engine, await ingest(plan.sources, { engine, temporaryDirectory, warn: log.warn }));
  });
  await engine.create("run.warmed", BARE_AGGREGATE);
  const limit = await measured(() => engine.create("run.aggregate", BARE_AGGREGATE));
  const all = await measured(() => scoreRfm(engine, plan, log));
  if (process.env["BENCH_STEPS"] !== undefined)
    process.stderr.write(`${JSON.stringify(log.steps, null, 1)}\n`);
  await workshop.close();
  rmSync(output, { recursive: true });
  return { load, limit, all, rfm: { ...all, seconds: secondsFor(log, "results.rfm") } };
}

const BARE_AGGREGATE = `select customer_key, count(*) as line_count, sum(line_amount) as amount, max(order_date) as last_date
from staged.order_lines group by customer_key`;

async function scoreRfm(engine: Engine, plan: Plan, log: Log): Promise<void> {
  await settle(engine, plan, undefined);
  const run = { ...plan.run, previousDate: null };
  const context = { engine, log, run, relations: readRelations(), texts: textsIn("en") };
  const analyses = chosenAnalyses(plan.analyses);
  await unify(context);
  await buildFor(analyses, context, false);
  await analyze(analyses, plan.analyses, context);
}

/** Seconds that a relation and everything it needs took. */
function secondsFor({ steps }: Log, name: RelationName): number {
  const needed = inOrder(readRelations(), [name]).map((relation) => relation.name as string);
  const counted = [...needed, "results.rfm_scores"];
  return (
    steps.filter((step) => counted.includes(step.name)).reduce((sum, step) => sum + step.milliseconds, 0) /
    1000
  );
}

const [task, path] = process.argv.slice(2) as [string, string];
process.stdout.write(JSON.stringify(await TASKS[task]!(path)));

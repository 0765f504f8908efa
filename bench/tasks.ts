import { mkdtempSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { openLog, type Log } from "../src/log.js";
import type { FileMapping } from "../src/mapping.js";
import { bgNbd } from "../src/models/bg-nbd.js";
import { fitGammaGamma } from "../src/models/gamma-gamma.js";
import { paretoNbd } from "../src/models/pareto-nbd.js";
import { barePlan, type Overrides } from "../src/pipeline.js";
import { inOrder, readRelations, type RelationName } from "../src/relation.js";
import { analyze, buildFor, chosenAnalyses } from "../src/steps/analyze.js";
import { ingest } from "../src/steps/ingest.js";
import { settle } from "../src/steps/settle.js";
import { stage } from "../src/steps/stage.js";
import { unify } from "../src/steps/unify.js";
import { textsIn } from "../src/texts/index.js";
import { openWorkshop } from "../src/workshop.js";
import { measureCommonSets, measureGroceries, measureRareSets } from "./baskets-tasks.js";
import { measureBoosted, measureDepth6, measureScoring, measureTree, writeDepth6 } from "./churn-tasks.js";
import { measured, type Measurement } from "./measure.js";
import { measureAssignment, measureSegments } from "./segments-tasks.js";

/** The memory limit of both sides. */
const MEMORY = "1GB";
/** That of the engine for `value`: with what Node takes beside it, the process stays below 1 GB. */
const VALUE_MEMORY = "600MB";
/** That of the engine for offers, of which the process may take 4 GB. */
const OFFERS_MEMORY = "2GB";

/** The measurements that `bench/index.ts` asks for, each in a process of its own. */
const TASKS: Readonly<Record<string, (path: string) => Promise<Record<string, Measurement>>>> = {
  limit: measureLimit,
  ours: measureOurs,
  aggregate: measureAggregate,
  value: measureValue,
  fits: measureFits,
  tree: measureTree,
  boosted: measureBoosted,
  depth6: measureDepth6,
  "depth6-rows": writeDepth6,
  scoring: measureScoring,
  segments: measureSegments,
  assignment: measureAssignment,
  groceries: measureGroceries,
  "common-sets": measureCommonSets,
  "rare-sets": measureRareSets,
  "next-best": measureNextBest,
};

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

/** How a plan is asked for, and the memory limit of its engine. */
interface Asked extends Overrides {
  readonly memory?: string;
}

/** A warehouse with one file staged, what loading took, and everything a run goes on with. */
async function stageFile(path: string, mapping: FileMapping, { memory = MEMORY, ...asked }: Asked) {
  const output = mkdtempSync(join(dirname(path), "bench-"));
  const files = { file: { ...mapping, file: basename(path) } };
  const overrides = { currency: "EUR", ...asked };
  const bare = barePlan({ name: "bench", directory: dirname(path), files }, overrides);
  const plan = { ...bare, output, limits: { ...bare.limits, memory } };
  const workshop = await openWorkshop(plan, { kind: "history" });
  const { engine, temporaryDirectory } = workshop;
  const endedAt = new Map<string, number>();
  const end = ({ name }: { readonly name: string }) => endedAt.set(name, performance.now());
  const log = openLog({ begin: () => undefined, end, warn: () => undefined });
  const load = await measured(async () => {
    await stage(engine, await ingest(plan.sources, { engine, temporaryDirectory, warn: log.warn }), log);
  });
  const run = { ...plan.run, previousDate: null };
  const context = { engine, log, run, relations: readRelations(), texts: textsIn("en") };
  const close = async () => {
    if (process.env["BENCH_STEPS"] !== undefined)
      process.stderr.write(`${JSON.stringify(log.steps, null, 1)}\n`);
    await workshop.close();
    rmSync(output, { recursive: true });
  };
  return { plan, context, load, endedAt, close };
}

/** Load into staged relations; a bare aggregate over the same table; from there to every result of RFM. */
async function measureOurs(path: string): Promise<Record<string, Measurement>> {
  const asked = { asOfDate: "2025-12-31", analyses: { rfm: {} } };
  const { plan, context, load, endedAt, close } = await stageFile(path, LINES, asked);
  await context.engine.create("run.warmed", BARE_AGGREGATE);
  const limit = await measured(() => context.engine.create("run.aggregate", BARE_AGGREGATE));
  const analyses = chosenAnalyses(plan.analyses);
  const start = performance.now();
  const all = await measured(async () => {
    await settle(context.engine, plan, undefined);
    await unify(context);
    await buildFor(analyses, context, false);
    await analyze(analyses, plan.analyses, context);
  });
  await close();
  const targets = ["results.rfm", "features.gaps"] as const;
  const beside = secondsBeside(context.log, { end: "results.rfm", targets });
  const seconds = (endedAt.get("results.rfm")! - start) / 1000 - beside;
  return { load, limit, all, rfm: { ...all, seconds } };
}

/** From the file to what to offer each customer: everything that `baskets` does. */
async function measureNextBest(path: string): Promise<Record<string, Measurement>> {
  const asked = { asOfDate: "2025-12-31", analyses: { baskets: {} }, memory: OFFERS_MEMORY };
  let close = () => Promise.resolve();
  const all = await measured(async () => {
    const { plan, context, ...staged } = await stageFile(path, LINES, asked);
    const analyses = chosenAnalyses(plan.analyses);
    close = staged.close;
    await settle(context.engine, plan, undefined);
    await unify(context);
    await buildFor(analyses, context, false);
    await analyze(analyses, plan.analyses, context);
  });
  await close();
  return { all };
}

const ORDERS: FileMapping = {
  file: "",
  entity: "orders",
  encoding: "utf-8",
  delimiter: ",",
  header_row: 1,
  is_optional: false,
  columns: {
    order_key: { column: "order_no" },
    customer_key: { column: "customer" },
    order_date: { column: "order_date" },
    order_amount: { column: "amount" },
  },
};

/** From facts to `results.value`, all models fitted; the whole of the analysis beside it. */
async function measureValue(path: string): Promise<Record<string, Measurement>> {
  const asked = { asOfDate: "2024-06-30", analyses: { value: {} }, memory: VALUE_MEMORY };
  const { plan, context, endedAt, close } = await stageFile(path, ORDERS, asked);
  await settle(context.engine, plan, undefined);
  await unify(context);
  const analyses = chosenAnalyses(plan.analyses);
  const start = performance.now();
  const all = await measured(async () => {
    await buildFor(analyses, context, false);
    await analyze(analyses, plan.analyses, context);
  });
  await close();
  const beside = secondsBeside(context.log, {
    end: "results.value",
    // The choice of the model rests on the last two.
    targets: ["results.value", "results.value_found", "results.value_spending"],
    isGiven: (name) => name.startsWith("facts."),
  });
  const seconds = (endedAt.get("results.value")! - start) / 1000 - beside;
  return { all, value: { ...all, seconds } };
}

/** A relation that is measured, and what must be there before it. */
interface Path {
  readonly end: RelationName;
  readonly targets: readonly RelationName[];
  /** True for relations that are there already. */
  readonly isGiven?: (name: RelationName) => boolean;
}

/** Seconds, before the end was there, of relations that are given, or that no target rests on. */
function secondsBeside({ steps }: Log, { end, targets, isGiven = () => false }: Path): number {
  const relations = readRelations();
  const needed = inOrder(relations, targets);
  const beside = relations.filter((relation) => isGiven(relation.name) || !needed.includes(relation));
  const names = beside.map((relation) => relation.name as string);
  const before = steps.slice(
    0,
    steps.findIndex(({ name }) => name === end),
  );
  return (
    before.filter(({ name }) => names.includes(name)).reduce((sum, step) => sum + step.milliseconds, 0) / 1000
  );
}

/** BG/NBD, Pareto/NBD and Gamma-Gamma fitted to CDNOW as read from `cdnow_master.csv`, the first time in a process. */
async function measureFits(path: string): Promise<Record<string, Measurement>> {
  const connection = await connect(":memory:");
  const columns = async (select: string) => {
    const result = await connection.runAndReadAll(select);
    return result.getColumnsJS().map((values) => Float64Array.from(values as (number | bigint)[], Number));
  };
  await connection.run(`create table days as select customer_id, date, sum(amount) as amount
    from read_csv('${path}') where date <= date '1997-09-30' group by all`);
  await connection.run(`create table customers as select customer_id, count(*) - 1 as x,
    max(date) - min(date) as last_age, date '1997-09-30' - min(date) as age,
    (sum(amount) - min_by(amount, date)) / (count(*) - 1) as mean_amount from days group by customer_id`);
  const [x, last, ages, counts] =
    await columns(`select cast(x as double), last_age / 7.0, age / 7.0, cast(count(*) as double)
    from customers group by all order by all`);
  const [orders, means] = await columns(
    "select cast(x as double), mean_amount from customers where x > 0 and mean_amount > 0 order by customer_id",
  );
  const histories = { repeatCounts: x!, lastAges: last!, ages: ages!, customerCounts: counts! };
  const spending = { orderCounts: orders!, meanAmounts: means!, customerCounts: orders!.map(() => 1) };
  const fit = () =>
    measured(async () => {
      bgNbd.fit(histories);
      paretoNbd.fit(histories);
      fitGammaGamma(spending);
    });
  const cold = await fit();
  await fit();
  return { cold, warm: await fit() };
}

const BARE_AGGREGATE = `select customer_key, count(*) as line_count, sum(line_amount) as amount, max(order_date) as last_date
from staged.order_lines group by customer_key`;

const [task, path] = process.argv.slice(2) as [string, string];
process.stdout.write(JSON.stringify(await TASKS[task]!(path)));

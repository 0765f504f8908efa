import { mkdtempSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { chosenAnalyses, analyze, buildFor } from "../src/steps/analyze.js";
import { openLog } from "../src/log.js";
import type { FileMapping } from "../src/mapping.js";
import { barePlan } from "../src/pipeline.js";
import { readRelations } from "../src/relation.js";
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

const MEMORY = "1GB";

/** The tasks that `bench/index.ts` runs, each in a process of its own. */
const TASKS: Readonly<Record<string, (path: string) => Promise<Record<string, Measurement>>>> = {
  "load-limit": loadLimit,
  ours: loadAndScore,
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

/** DuckDB's own typed load of the file, then a bare aggregate by customer over the table. */
async function loadLimit(path: string): Promise<Record<string, Measurement>> {
  const folder = mkdtempSync(join(dirname(path), "limit-"));
  const instance = await DuckDBInstance.create(join(folder, "limit.duckdb"), { memory_limit: MEMORY });
  const connection = await instance.connect();
  const load = await measured(() =>
    connection.run(`create table lines as select * from read_csv('${path}', header = true, columns = {
      'order_no': 'varchar', 'line_no': 'varchar', 'customer': 'varchar', 'order_date': 'date', 'product': 'varchar',
      'quantity': 'decimal(18, 4)', 'amount': 'decimal(18, 4)', 'currency': 'varchar', 'channel': 'varchar' })`),
  );
  connection.closeSync();
  rmSync(folder, { recursive: true });
  return { load };
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

/** Ours: load into staged relations, the bare aggregate over the same table, then from there to results.rfm. */
async function loadAndScore(path: string): Promise<Record<string, Measurement>> {
  const output = mkdtempSync(join(dirname(path), "ours-"));
  const files = { lines: { ...LINES, file: basename(path) } };
  const bare = barePlan(
    { name: "bench", directory: dirname(path), files },
    { asOfDate: "2025-12-31", currency: "EUR", analyses: { rfm: {} } },
  );
  const plan = { ...bare, output };
  const workshop = await openWorkshop(plan, { kind: "history" });
  const { engine, temporaryDirectory } = workshop;
  const log = openLog({ begin: () => undefined, end: () => undefined, warn: () => undefined });
  const load = await measured(async () => {
    await stage(engine, await ingest(plan.sources, { engine, temporaryDirectory, warn: log.warn }));
  });
  const aggregate =
    "select customer_key, count(*) as line_count, sum(line_amount) as amount, max(order_date) as last_date from staged.order_lines group by customer_key";
  await engine.create("run.warmed", aggregate);
  const limit = await measured(() => engine.create("run.aggregate", aggregate));
  await settle(engine, plan, undefined);
  const run = { ...plan.run, previousDate: null };
  const context = { engine, log, run, relations: readRelations(), texts: textsIn("en") };
  const rfm = await measured(async () => {
    await unify(context);
    const analyses = chosenAnalyses(plan.analyses);
    await buildFor(analyses, context);
    await analyze(analyses, plan.analyses, context);
  });
  if (process.env["BENCH_STEPS"] !== undefined)
    process.stderr.write(
      `${log.steps.map((step) => `${step.milliseconds} ${step.name} ${step.rows}`).join("\n")}\n`,
    );
  await workshop.close();
  rmSync(output, { recursive: true });
  return { load, limit, rfm };
}

const [task, path] = process.argv.slice(2) as [string, string];
process.stdout.write(JSON.stringify(await TASKS[task]!(path)));

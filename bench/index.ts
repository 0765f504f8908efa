import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeLines, makeOrders } from "./lines-file.js";
import type { Measurement } from "./measure.js";

/** One measured thing beside its limit, both taken in this run. */
interface Ratio {
  readonly what: string;
  readonly ours: number;
  readonly limit: number;
  readonly allowed: number;
  readonly note: string;
}

const TASKS = fileURLToPath(new URL("tasks.js", import.meta.url));
const BIN = fileURLToPath(new URL("../../bin/crm-analyze.js", import.meta.url));

/** Runs a task in a fresh process, so that neither heat nor memory of another counts. */
function runTask(task: string, path: string): Record<string, Measurement> {
  const { stdout, stderr, status } = spawnSync(process.execPath, [TASKS, task, path], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${task} ${path}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, Measurement>;
}

/** Seconds of a whole process: the median of several. */
function processSeconds(args: readonly string[], runs = 5): number {
  const seconds = Array.from({ length: runs }, () => {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: "ignore" });
    if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}`);
    return (performance.now() - start) / 1000;
  });
  return seconds.toSorted((a, b) => a - b)[Math.floor(runs / 2)]!;
}

function measureLines(path: string, lineCount: number): Ratio[] {
  const limit = runTask("limit", path)["load"]!;
  const { load, limit: aggregate, rfm, all } = runTask("ours", path);
  const millions = `${lineCount / 1e6} M lines`;
  const cpu = `CPU ${load!.cpuSeconds.toFixed(1)} s against ${limit.cpuSeconds.toFixed(1)} s`;
  const peak = `peak ${load!.peakMegabytes} MB loading, ${all!.peakMegabytes} MB scoring; ${cpu}`;
  return [
    { what: `load ${millions}`, ours: load!.seconds, limit: limit.seconds, allowed: 1.25, note: peak },
    {
      what: `rfm ${millions}`,
      ours: rfm!.seconds,
      limit: aggregate!.seconds,
      allowed: 3,
      note: "staged lines to results.rfm, with what its scores are learnt from",
    },
  ];
}

function measureCli(path: string): Ratio[] {
  const start = processSeconds(["-e", "0"]);
  const aggregate = runTask("aggregate", path)["aggregate"]!.seconds;
  const bare = processSeconds([BIN, "rfm", path], 3);
  const help = processSeconds([BIN, "--help"]);
  return [
    {
      what: "crm-analyze rfm, 500,000 lines",
      ours: bare,
      limit: aggregate + start,
      allowed: 3,
      note: "aggregate over read_csv + node -e 0",
    },
    { what: "crm-analyze --help", ours: help, limit: start, allowed: 3, note: "node -e 0" },
  ];
}

function measureValue(path: string, customerCount: number): Ratio[] {
  const { value, all } = runTask("value", path) as Record<"value" | "all", Measurement>;
  return [
    {
      what: `value ${customerCount / 1e6} M customers`,
      ours: value.seconds,
      limit: 10,
      allowed: 1,
      note: `facts to results.value, against 10 s; the whole analysis ${all.seconds.toFixed(1)} s, peak ${all.peakMegabytes} MB`,
    },
  ];
}

/** What scikit-learn's exact tree needs on the same rows; undefined where it is not here. */
function treePeer(python: string | undefined, rowCount: number): Measurement | undefined {
  if (python === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  runTask("depth6-rows", `${rowCount} ${folder}`);
  const args = ["bench/tree_peer.py", folder, String(rowCount), "30"];
  const { stdout, status, stderr } = spawnSync(python, args, { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  if (stderr.includes("No module named 'sklearn'")) return undefined;
  if (status !== 0) throw new Error(`${python}: ${stderr}`);
  return JSON.parse(stdout) as Measurement;
}

/** A tree of depth 6 in CPU-seconds, beside the peer's in the same run, or beside what it was once measured to need. */
function depth6Ratio(rowCount: number, python: string | undefined): Ratio {
  const { tree } = runTask("depth6", String(rowCount)) as Record<"tree", Measurement>;
  const peer = treePeer(python, rowCount);
  return {
    what: `tree of depth 6, ${rowCount / 1e6} M rows × 30, unpruned, CPU`,
    ours: tree.cpuSeconds,
    limit: peer?.cpuSeconds ?? 41,
    allowed: 1,
    note: `${tree.seconds.toFixed(1)} s, peak ${tree.peakMegabytes} MB; scikit-learn's exact tree${peer === undefined ? ", measured before" : ` ${peer.seconds.toFixed(1)} s`}`,
  };
}

/** The models of churn on rows made here, and ten times as many scored inside the engine. */
function measureChurn(rowCount: number, python: string | undefined): Ratio[] {
  const fit = (task: string) => Object.values(runTask(task, String(rowCount)))[0]!;
  const rows = `${rowCount / 1e6} M rows`;
  const ratio = (
    what: string,
    { seconds, cpuSeconds, peakMegabytes }: Measurement,
    limit: number,
  ): Ratio => ({
    what,
    ours: seconds,
    limit,
    allowed: 1,
    note: `${cpuSeconds.toFixed(1)} CPU-seconds, peak ${peakMegabytes} MB`,
  });
  const { limit, scored } = runTask("scoring", String(10 * rowCount)) as Record<
    "limit" | "scored",
    Measurement
  >;
  return [
    ratio(`tree of churn, ${rows} × 40, pruned by 5 folds`, fit("tree"), 20),
    ratio(`boosted trees, ${rows} × 40, at most 200`, fit("boosted"), 90),
    depth6Ratio(rowCount, python),
    {
      what: `tree as SQL, ${rowCount / 1e5} M rows`,
      ours: scored.seconds,
      limit: limit.seconds,
      allowed: 8,
      note: "against a bare scan of the features it asks for",
    },
  ];
}

/** Segments of rows made here: their number chosen and all assigned; and ten times as many assigned. */
function measureSegments(rowCount: number): Ratio[] {
  const { segments } = runTask("segments", String(rowCount)) as Record<"segments", Measurement>;
  const { limit, scored, all } = runTask("assignment", String(10 * rowCount)) as Record<
    "limit" | "scored" | "all",
    Measurement
  >;
  return [
    {
      what: `segments, ${rowCount / 1e6} M rows × 10, k from 2 to 8 chosen, all assigned`,
      ours: segments.seconds,
      limit: 60,
      allowed: 1,
      note: `${segments.cpuSeconds.toFixed(1)} CPU-seconds, peak ${segments.peakMegabytes} MB`,
    },
    {
      what: `segments as SQL, ${rowCount / 1e5} M rows × 10, k 8, CPU`,
      ours: scored.cpuSeconds,
      limit: limit.cpuSeconds,
      allowed: 10,
      note: `against a bare scan of the features; ${all.cpuSeconds.toFixed(1)} CPU-seconds with distance and silhouette`,
    },
  ];
}

/** What mlxtend needs for the same receipts; undefined where it is not here. */
function basketsPeer(python: string | undefined, path: string): Measurement | undefined {
  if (python === undefined) return undefined;
  const { stdout, status, stderr } = spawnSync(python, ["bench/baskets_peer.py", path], { encoding: "utf8" });
  if (stderr.includes("No module named")) return undefined;
  if (status !== 0) throw new Error(`${python}: ${stderr}`);
  return JSON.parse(stdout) as Measurement;
}

/** Sets and rules of the public receipts, in CPU-seconds, beside the peer's in the same run; nothing where they are not here. */
function measureReceipts(path: string | undefined, python: string | undefined): Ratio[] {
  if (path === undefined) return [];
  const { groceries } = runTask("groceries", path) as Record<"groceries", Measurement>;
  const peer = basketsPeer(python, path);
  const ours = groceries.cpuSeconds;
  const what = "itemsets and rules of Groceries, support .001, cold, CPU";
  const note = `${groceries.seconds.toFixed(2)} s, peak ${groceries.peakMegabytes} MB`;
  return [
    { what, ours, limit: 0.3, allowed: 1, note },
    ...(peer === undefined
      ? []
      : [
          {
            what,
            ours,
            limit: peer.cpuSeconds,
            allowed: 0.45,
            note: "against mlxtend; 0.3 s where it needs 0.67 s",
          },
        ]),
  ];
}

/** Sets of 500,000 baskets of 5,000 products, in CPU-seconds; and what thirty huge baskets change. */
function measureBaskets(): Ratio[] {
  const [alone, planted, rare] = [
    ["common-sets", "0"],
    ["common-sets", "30"],
    ["rare-sets", ""],
  ].map(([task, order]) => runTask(task!, order!)["sets"]!) as [Measurement, Measurement, Measurement];
  const ratio = (what: string, { cpuSeconds, peakMegabytes }: Measurement, limit: number): Ratio => ({
    what,
    ours: cpuSeconds,
    limit,
    allowed: 1,
    note: `CPU; peak ${peakMegabytes} MB`,
  });
  return [
    ratio("sets in 500 of 500,000 baskets", alone, 3),
    ratio("sets in 50 of 500,000 baskets", rare, 10),
    {
      ...ratio("sets in 500, with thirty baskets of 1,000", planted, alone.cpuSeconds),
      allowed: 1.2,
      note: "against the same without them",
    },
  ];
}

/** Two minutes for 10 M lines, where DuckDB loads them in 11.8 s. */
const LOADS_OF_NEXT_BEST = 10.2;

function measureNextBest(path: string, lineCount: number): Ratio[] {
  const limit = runTask("limit", path)["load"]!;
  const { all } = runTask("next-best", path) as Record<"all", Measurement>;
  const what = `next best of ${lineCount / 1e6} M lines, from the file`;
  return [
    {
      ...{ what, ours: all.seconds, limit: Math.max(120, (120 * lineCount) / 1e7), allowed: 1 },
      note: `${all.cpuSeconds.toFixed(1)} CPU-seconds, peak ${all.peakMegabytes} MB`,
    },
    {
      ...{ what: `${what}, against loading`, ours: all.seconds, limit: limit.seconds },
      allowed: LOADS_OF_NEXT_BEST,
      note: "DuckDB's own typed load of the file",
    },
  ];
}

/** Our three fits beside the peer's one, on the public CDNOW set; nothing where either is not here. */
function measureFits(cdnow: string | undefined, python: string | undefined): Ratio[] {
  if (cdnow === undefined) return [];
  const { cold, warm } = runTask("fits", cdnow) as Record<"cold" | "warm", Measurement>;
  const peer = python === undefined ? NaN : peerSeconds(python, cdnow);
  return [
    {
      what: "fit BG/NBD, Pareto/NBD and Gamma-Gamma to CDNOW",
      ours: cold.seconds,
      limit: peer,
      allowed: 1,
      note: `first fits of a process; again ${warm.seconds.toFixed(2)} s; lifetimes 0.11.3, BG/NBD alone`,
    },
  ];
}

/** Seconds that lifetimes needs for BG/NBD, the median of five. */
function peerSeconds(python: string, cdnow: string): number {
  const { stdout, status, stderr } = spawnSync(python, ["bench/lifetimes_peer.py", cdnow], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${python}: ${stderr}`);
  return Number(stdout);
}

function row({ what, ours, limit, allowed, note }: Ratio): string {
  const ratio = ours / limit;
  const cells = [
    what,
    `${ours.toFixed(2)} s`,
    `${limit.toFixed(2)} s`,
    ratio.toFixed(2),
    String(allowed),
    note,
  ];
  return `| ${cells.join(" | ")} |`;
}

const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "1000000,10000000" },
    customers: { type: "string", default: "1000000" },
    rows: { type: "string", default: "1000000" },
    cdnow: { type: "string" },
    groceries: { type: "string" },
    peer: { type: "string" },
    folder: { type: "string" },
  },
});
const folder = values.folder ?? join(tmpdir(), "crm-analyze-bench");
mkdirSync(folder, { recursive: true });
const print = (line: string) => process.stdout.write(`${line}\n`);
print("| what | ours | limit | ratio | wanted at most | note |");
print("| --- | --- | --- | --- | --- | --- |");
for (const ratio of measureCli((await makeLines(folder, 500_000)).path)) print(row(ratio));
for (const lineCount of values.lines.split(",").map(Number)) {
  for (const ratio of measureLines((await makeLines(folder, lineCount)).path, lineCount)) print(row(ratio));
}
for (const lineCount of values.lines.split(",").map(Number)) {
  const { path } = await makeLines(folder, lineCount, "zipf");
  for (const ratio of measureNextBest(path, lineCount)) print(row(ratio));
}
for (const ratio of [...measureReceipts(values.groceries, values.peer), ...measureBaskets()])
  print(row(ratio));
for (const customerCount of values.customers.split(",").map(Number)) {
  const { path } = await makeOrders(folder, customerCount);
  for (const ratio of measureValue(path, customerCount)) print(row(ratio));
}
for (const rowCount of values.rows.split(",").map(Number))
  for (const ratio of [...measureChurn(rowCount, values.peer), ...measureSegments(rowCount)])
    print(row(ratio));
for (const ratio of measureFits(values.cdnow, values.peer)) print(row(ratio));

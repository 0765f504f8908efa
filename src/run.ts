import { warnOfUnits } from "./amount-units.js";
import type { Engine } from "./engines/engine.js";
import { EXIT_CODES } from "./errors.js";
import type { Log } from "./log.js";
import type { FileMapping } from "./mapping.js";
import { packageVersion } from "./package.js";
import type { Plan } from "./pipeline.js";
import { readRelations } from "./relation.js";
import type { FileCount, Report } from "./report.js";
import { recordOf } from "./run-record.js";
import { analyze, buildFor, buildPublished, chosenAnalyses, type AnalyzeContext } from "./steps/analyze.js";
import {
  datedPlan,
  refuseEmpty,
  refuseEmptyOrders,
  refuseRejects,
  warnOfFuture,
  warnOfNoRows,
  warnOfRepeats,
  warnOfStale,
} from "./steps/gates.js";
import { ingest, type Input } from "./steps/ingest.js";
import { placeOf, previousRun, publish, restore, writeRun } from "./steps/publish.js";
import { settle, type PreviousRun } from "./steps/settle.js";
import { tellRowKinds } from "./steps/row-kinds.js";
import { rejectCounts, stage } from "./steps/stage.js";
import { unify } from "./steps/unify.js";
import { textsIn } from "./texts/index.js";
import { openWorkshop, type Destination, type Workshop } from "./workshop.js";

/** How a run is asked for, and what of the world it may touch. */
export interface RunOptions {
  readonly destination: Destination;
  readonly log: Log;
  readonly signal?: AbortSignal;
  /** Opened already, so that it gets ready while the files are looked at; closed here. */
  readonly workshop?: Promise<Workshop>;
  /** Warnings give exit code 6. */
  readonly isStrict?: boolean;
  /** Reads from the warehouse before it is gone. */
  readonly peek?: (engine: Engine) => Promise<void>;
}

/** What a run gives back. */
export interface RunResult {
  readonly report: Report;
  /** Where it was published. */
  readonly folder: string | undefined;
  /** 0, or 6 when warnings count as errors. */
  readonly exitCode: number;
}

/**
 * The whole way, from files to files: ingest → stage → settle → unify → build → analyze → publish.
 * A run that fails leaves what was published before in place, and no trace of its own.
 */
export async function run(plan: Plan, options: RunOptions): Promise<RunResult> {
  const workshop = await (options.workshop ?? openWorkshop(plan, options.destination, options.signal));
  try {
    return await runIn(workshop, plan, options);
  } finally {
    await workshop.close();
  }
}

async function runIn(workshop: Workshop, asked: Plan, options: RunOptions): Promise<RunResult> {
  const { engine } = workshop;
  const { log, destination } = options;
  const { inputs, files } = await load(workshop, asked, log);
  const plan = await datedPlan(engine, asked, log.warn);
  await warnOfRepeats(engine, { inputs, warn: log.warn });
  await warnOfFuture(engine, plan.run.asOfDate, { inputs, warn: log.warn });
  if (plan.found === undefined) await warnOfStale(engine, plan.run.asOfDate, { inputs, warn: log.warn });

  const place = placeOf(plan, destination);
  if (place !== undefined) await restore(place);
  const previous = destination.kind === "history" ? previousRun(plan.output, plan.run.asOfDate) : undefined;
  await log.timed("settled", () => settle(engine, plan, previous));
  const context = contextOf(workshop, plan, { log, previous, signal: options.signal });
  const analyses = chosenAnalyses(plan.analyses);
  await unify(context);
  await buildFor(analyses, context, place !== undefined);
  const sections = await analyze(analyses, plan.analyses, context);
  await options.peek?.(engine);

  const report = await reportOf(plan, context, { sections, files });
  const exitCode = options.isStrict && log.warnings.length > 0 ? EXIT_CODES.warning : EXIT_CODES.ok;
  if (place !== undefined) {
    await buildPublished(analyses, context);
    const record = recordOf(plan, { previous, inputs, files, log, exitCode });
    await writeRun(engine, { analyses, report, record }, workshop.filling);
    options.signal?.throwIfAborted();
    await publish(workshop.filling, place, destination);
  }
  return { report, folder: place, exitCode };
}

/** Ingest and stage: every row of every file typed, or in the rejects. */
async function load(
  { engine, temporaryDirectory }: Workshop,
  plan: Plan,
  log: Log,
): Promise<{ inputs: Input[]; files: FileCount[] }> {
  let inputs: Input[] = [];
  await log.timed("ingested", async () => {
    inputs = await ingest(plan.sources, { engine, temporaryDirectory, warn: log.warn });
    return inputs.reduce((rows, { scan }) => rows + scan.recordCount, 0);
  });
  refuseEmpty(inputs);
  warnOfNoRows(inputs, log.warn);
  let files: FileCount[] = [];
  const { isAll = false, amountPer } = plan.found?.hints ?? {};
  const finding = plan.found && { leavesTotals: !isAll, weighsAmounts: amountPer === undefined };
  await log.timed("staged", async () => {
    files = await stage(engine, inputs, { warn: log.warn, ...finding });
    return files.reduce((rows, { rowsStaged }) => rows + rowsStaged, 0);
  });
  await refuseRejects(engine, files, plan.limits.rejected_share);
  await refuseEmptyOrders(engine, inputs, plan.limits.rejected_share);
  if (plan.found !== undefined) {
    await tellRowKinds(engine, plan.found, { inputs, warn: log.warn });
    for (const { file, mapping } of inputs) warnOfUnits(file, amountHeadings(mapping), log.warn);
  }
  return { inputs, files };
}

const amountHeadings = ({ columns }: FileMapping) =>
  [columns["order_amount"], columns["line_amount"]].map((cell) => cell?.column);

function contextOf(
  { engine }: Workshop,
  plan: Plan,
  { signal, log, previous }: { signal: AbortSignal | undefined; log: Log; previous: PreviousRun | undefined },
): AnalyzeContext {
  const run = { ...plan.run, previousDate: previous?.asOfDate ?? null };
  return { engine, log, run, signal, relations: readRelations(), texts: textsIn(run.language) };
}

async function reportOf(
  plan: Plan,
  { engine, run, texts, log }: AnalyzeContext,
  { sections, files }: Pick<Report, "sections" | "files">,
): Promise<Report> {
  return {
    title: plan.name,
    asOfDate: run.asOfDate,
    currency: run.currency ?? "",
    language: run.language,
    texts,
    sections,
    files,
    rejects: await rejectCounts(engine),
    warnings: log.warnings,
    version: packageVersion(),
  };
}

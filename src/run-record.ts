import type { Log } from "./log.js";
import { packageVersion } from "./package.js";
import type { Plan } from "./pipeline.js";
import type { FileCount } from "./report.js";
import type { Input } from "./steps/ingest.js";
import type { PreviousRun } from "./steps/settle.js";
import { warningRecords } from "./warning.js";

/** What happened in a run. */
export interface RunEvents {
  readonly previous: PreviousRun | undefined;
  readonly inputs: readonly Input[];
  readonly files: readonly FileCount[];
  readonly log: Log;
  readonly exitCode: number;
}

/** The text of run.json: what the result depends on, and what was done, without customers' data. */
export function recordOf(plan: Plan, { previous, inputs, files, log, exitCode }: RunEvents): string {
  const counts = new Map(inputs.map((input, i) => [input, files[i]!]));
  const record = {
    name: plan.name,
    version: packageVersion(),
    node: process.version,
    as_of_date: plan.run.asOfDate,
    previous_as_of_date: previous?.asOfDate ?? null,
    settings: {
      currency: plan.run.currency,
      language: plan.run.language,
      seed: plan.run.seed,
      mask_names: plan.masksNames,
      identity: plan.identity,
      limits: plan.limits,
      analyses: plan.analyses,
      configured_analyses: plan.configured ?? plan.analyses,
    },
    inputs: inputs.map((input) => ({ ...inputRecord(input), ...countRecord(counts.get(input)!) })),
    steps: log.steps,
    ...warningRecords(log.warnings),
    exit_code: exitCode,
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

const inputRecord = ({ source, file, mapping, scan }: Input) => ({
  source,
  file,
  entity: mapping.entity,
  sha256: scan.sha256,
  byte_count: scan.byteCount,
});

const countRecord = ({ rowsIn, rowsStaged, rowsSkipped, rowsRejected }: FileCount) => ({
  rows_in: rowsIn,
  rows_staged: rowsStaged,
  rows_skipped: rowsSkipped,
  rows_rejected: rowsRejected,
});

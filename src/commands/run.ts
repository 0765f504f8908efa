import { relative } from "node:path";
import { openLog } from "../log.js";
import { readPlan, type Overrides } from "../pipeline.js";
import { phrase } from "../phrase.js";
import { run } from "../run.js";
import { openProgress, quietProgress } from "../terminal.js";
import { textsIn, type Texts } from "../texts/index.js";
import { warningRecords } from "../warning.js";

/** What `crm-analyze run` is asked for. */
export interface RunCommand extends Overrides {
  readonly pipeline: string;
  readonly isJson: boolean;
  readonly isStrict: boolean;
  readonly signal: AbortSignal;
}

/** Runs a pipeline and says what came out. @returns the exit code */
export async function runCommand(command: RunCommand): Promise<number> {
  const plan = readPlan(command.pipeline, command);
  // What is kept in a file is English.
  const language = process.stderr.isTTY ? plan.run.language : "en";
  const log = openLog(command.isJson ? quietProgress(language) : openProgress(language));
  const { signal, isStrict } = command;
  const { report, folder, exitCode } = await run(plan, {
    destination: { kind: "history" },
    log,
    signal,
    isStrict,
  });
  const summary = {
    name: plan.name,
    as_of_date: report.asOfDate,
    folder,
    answers: report.sections.map(({ analysis, answer }) => ({ analysis, answer })),
    files: report.files,
    ...warningRecords(log.warnings),
    exit_code: exitCode,
  };
  if (command.isJson) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  else process.stdout.write(`${summaryLines(summary, textsIn(report.language)).join("\n")}\n`);
  return exitCode;
}

interface Summary {
  readonly answers: readonly { answer: string }[];
  readonly files: readonly {
    rowsIn: number;
    rowsStaged: number;
    rowsSkipped: number;
    rowsRejected: number;
  }[];
  readonly folder: string | undefined;
}

function summaryLines({ answers, files, folder }: Summary, { report }: Texts): string[] {
  const { runRows, runReport } = report;
  const sum = (of: "rowsIn" | "rowsStaged" | "rowsSkipped" | "rowsRejected") =>
    files.reduce((total, file) => total + file[of], 0);
  const place = relative(process.cwd(), folder!);
  return [
    ...answers.map(({ answer }) => answer),
    phrase(runRows, {
      ...{ files: files.length, place, read: sum("rowsIn"), used: sum("rowsStaged") },
      ...{ skipped: sum("rowsSkipped"), rejected: sum("rowsRejected") },
    }),
    phrase(runReport, { place }),
  ];
}

import { Command, CommanderError } from "@commander-js/extra-typings";
import { addBaskets } from "./cli/baskets.js";
import { addChurn } from "./cli/churn.js";
import type { Result } from "./cli/flags.js";
import { addList } from "./cli/list.js";
import { addReads } from "./cli/reads.js";
import { addRfm } from "./cli/rfm.js";
import { addRun } from "./cli/run.js";
import { addSegments } from "./cli/segments.js";
import { addValue } from "./cli/value.js";
import { CrmError, EXIT_CODES } from "./errors.js";
import { packageVersion } from "./package.js";
import { tell } from "./tell.js";

/**
 * The whole command line: parse, call one function, print, and give the exit code.
 * Commands are loaded when they are called, so that `--help` costs little.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Interrupted());
  process.stdout.on("error", leaveQuietly);
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  const result = { exitCode: EXIT_CODES.ok as number };
  try {
    await program(stop.signal, result).parseAsync([...argv], { from: "user" });
    return result.exitCode;
  } catch (error) {
    return explain(error, argv.includes("--debug"));
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

/** The reader of our output, such as `head`, has seen enough. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(EXIT_CODES.ok);
  throw error;
}

/** Ctrl-C, or the scheduler's word to stop. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** As a shell reports a process that SIGINT ended. */
const INTERRUPTED_EXIT_CODE = 130;

function explain(error: unknown, isDebug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  if (error instanceof Interrupted) {
    tell("stopped; nothing was published");
    return INTERRUPTED_EXIT_CODE;
  }
  if (isDebug) tell((error as Error).stack ?? "");
  if (error instanceof CrmError) {
    tell(`error: ${error.message}${error.hint === undefined ? "" : `\n  ${error.hint}`}`);
    if (isDebug && error.sql !== undefined) tell(error.sql);
    return error.exitCode;
  }
  tell(`error: unexpected: ${String(error)}`);
  tell("  this is a bug in crm-analyze; run again with --debug and report what it prints");
  return EXIT_CODES.bug;
}

function program(signal: AbortSignal, result: Result) {
  const crm = new Command("crm-analyze")
    .description(
      "Who is slipping, who matters, what to do: answers from the exports of a CRM, a billing system and an ERP.",
    )
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError("(see crm-analyze --help)")
    .option("--debug", "on an unexpected error print where it happened")
    .addHelpText("after", EXAMPLES);
  addRun(crm, signal, result);
  addRfm(crm, signal, result);
  addSegments(crm, signal, result);
  addValue(crm, signal, result);
  addChurn(crm, signal, result);
  addBaskets(crm, signal, result);
  addList(crm, result);
  addReads(crm, signal, result);
  for (const command of crm.commands)
    command.showHelpAfterError(`(see crm-analyze ${command.name()} --help)`);
  return crm;
}

const EXAMPLES = `
Examples:
  crm-analyze rfm orders.csv                        an answer on the screen, from one file
  crm-analyze rfm orders.csv --out results          the report, and the scores as CSV, Parquet and Excel
  crm-analyze run pipelines/demo.yml                every analysis of a pipeline
  crm-analyze churn customers.csv --label Churn     who will leave: a tree in words, from any table that says who left
  crm-analyze segments customers.csv                who is alike, in words, in any table of customers
  crm-analyze baskets lines.csv                     what is bought together, beyond chance
  crm-analyze list slipping --out out/demo --top 100 --channel email --format xlsx
  crm-analyze doctor pipelines/demo.yml             what is wrong, and which questions the data can answer

Exit codes: 0 ok · 1 bug · 2 usage · 3 configuration · 4 data · 5 engine · 6 published, with warnings (--strict)`;

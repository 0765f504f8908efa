import { Command, CommanderError, Option } from "@commander-js/extra-typings";
import { addChurn } from "./cli/churn.js";
import {
  addQuestion,
  asked,
  asOf,
  given,
  language,
  parseDay,
  parseFolder,
  parseNames,
  parseShare,
  parseWhole,
  type Parent,
  type Result,
} from "./cli/flags.js";
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
  addValue(crm, signal, result);
  addChurn(crm, signal, result);
  addList(crm, result);
  addReads(crm, signal, result);
  return crm;
}

const EXAMPLES = `
Examples:
  crm-analyze rfm orders.csv                        an answer on the screen, from one file
  crm-analyze rfm orders.csv --out results          the report, and the scores as CSV, Parquet and Excel
  crm-analyze run pipelines/demo.yml                every analysis of a pipeline
  crm-analyze churn customers.csv --label Churn     who will leave: a tree in words, from any table that says who left
  crm-analyze list slipping --out out/demo --top 100 --channel email --format xlsx
  crm-analyze doctor pipelines/demo.yml             what is wrong, and which questions the data can answer

Exit codes: 0 ok · 1 bug · 2 usage · 3 configuration · 4 data · 5 engine · 6 published, with warnings (--strict)`;

function addRun(crm: Parent, signal: AbortSignal, result: Result): void {
  crm
    .command("run")
    .description("the nightly run: every analysis of a pipeline, published as one folder a day")
    .argument("[pipeline]", "the pipeline file", "pipeline.yml")
    .addOption(asOf())
    .option("--only <analyses...>", "these analyses alone")
    .option("--out <folder>", "where runs are published; default: the pipeline's output", parseFolder)
    .addOption(language())
    .option("--strict", "warnings give exit code 6", false)
    .option("--json", "the summary as JSON", false)
    .addHelpText("after", "\nExample:\n  crm-analyze run pipelines/nightly.yml --as-of 2025-12-31\n")
    .action(async (pipeline, options) => {
      const { runCommand } = await import("./commands/run.js");
      result.exitCode = await runCommand({
        pipeline,
        asOfDate: options.asOf,
        language: options.lang,
        only: options.only,
        output: options.out,
        isJson: options.json,
        isStrict: options.strict,
        signal,
      });
    });
}

function addRfm(crm: Parent, signal: AbortSignal, result: Result): void {
  addQuestion(
    crm,
    "rfm",
    "who is slipping, and who of them matters: from a pipeline, or from bare files of orders",
  )
    .option("--bins <n>", "scores go from 1 to this, 3 to 10; default 5", parseWhole)
    .addOption(
      new Option("--method <method>", "how scores are cut; default quantile").choices([
        "quantile",
        "ntile",
        "fixed",
      ] as const),
    )
    .option("--vocabulary <name>", "english, chinese-8, or the path of your own")
    .option(
      "--window <months>",
      "count orders of the last months only, e.g. 12 or 24; default: all",
      parseWhole,
    )
    .addOption(
      new Option("--monetary <what>", "money in all, or an order; default total").choices([
        "total",
        "average",
      ] as const),
    )
    .addOption(new Option("--money <what>", "default revenue").choices(["revenue", "margin"] as const))
    .addHelpText("after", RFM_EXAMPLES)
    .action(async (paths, options) => {
      const { askCommand } = await import("./commands/ask.js");
      const { bins, method, vocabulary, window, monetary, money } = options;
      const settings = given({ bins, method, vocabulary, window_months: window, monetary, money });
      result.exitCode = await askCommand({ analysis: "rfm", paths, settings, signal, ...asked(options) });
    });
}

const RFM_EXAMPLES = `
Examples:
  crm-analyze rfm orders.csv
  crm-analyze rfm 订单.csv --lang zh --vocabulary chinese-8
  crm-analyze rfm lines.csv --customer client --date day --amount total --order invoice --as-of 2025-12-31
  crm-analyze rfm pipelines/demo.yml --window 12 --out results
`;

function addValue(crm: Parent, signal: AbortSignal, result: Result): void {
  addQuestion(crm, "value", "what customers have contributed, and what they will be worth")
    .option("--horizon-days <days>", "how far ahead value is counted; default 365", parseWhole)
    .option("--discount-rate <rate>", "a year; default 0.1", parseShare)
    .option(
      "--calibration-end <date>",
      "last day the backtest may know; default: chosen from the data",
      parseDay,
    )
    .addOption(
      new Option("--time-unit <unit>", "of the models' parameters; default week").choices([
        "day",
        "week",
        "month",
      ] as const),
    )
    .option("--models <names>", "auto, or models to try, e.g. bg-nbd,pareto-nbd; default auto", parseNames)
    .addOption(
      new Option("--money <what>", "what an order is worth; default margin where costs are known").choices([
        "revenue",
        "margin",
      ] as const),
    )
    .addHelpText("after", VALUE_EXAMPLES)
    .action(async (paths, options) => {
      const { askCommand } = await import("./commands/ask.js");
      const settings = given({
        horizon_days: options.horizonDays,
        discount_rate: options.discountRate,
        calibration_end: options.calibrationEnd,
        time_unit: options.timeUnit,
        models: options.models,
        money: options.money,
      });
      result.exitCode = await askCommand({ analysis: "value", paths, settings, signal, ...asked(options) });
    });
}

const VALUE_EXAMPLES = `
Examples:
  crm-analyze value orders.csv
  crm-analyze value orders.csv --horizon-days 730 --discount-rate 0.08 --out results
  crm-analyze value orders.csv --models bg-nbd,pareto-nbd --calibration-end 2025-06-30
  crm-analyze value pipelines/demo.yml --lang zh
`;

const runsFolder = () =>
  new Option("--out <folder>", "the folder of a pipeline's runs; default: the only one in out/");

function addList(crm: Parent, result: Result): void {
  crm
    .command("list")
    .description("pull a list of the last published run: reason, money, owner, and only permitted addresses")
    .argument("<name>", "slipping, churn-risk, win-back or alerts")
    .addOption(runsFolder())
    .option("--top <n>", "the first n", parseWhole)
    .addOption(
      new Option("--channel <channel>", "only customers who permit it").choices([
        "email",
        "phone",
        "sms",
        "mail",
      ] as const),
    )
    .option("--where <conditions...>", 'such as "total_amount >= 1000"', [])
    .addOption(
      new Option(
        "--format <format>",
        "default: as --file ends, else csv; xlsx and parquet are written to a file",
      ).choices(["csv", "xlsx", "json", "parquet"] as const),
    )
    .option("--file <path>", "write here; default: csv and json to the standard output, <name>.<format> else")
    .addHelpText("after", LIST_EXAMPLES)
    .action(async (name, { out: output, top, channel, where, format, file }) => {
      const { listCommand } = await import("./commands/list.js");
      result.exitCode = await listCommand({ name, output, top, channel, where, format, file });
    });
}

const LIST_EXAMPLES = `
Examples:
  crm-analyze list slipping --top 100 --channel email --format xlsx
  crm-analyze list slipping --out out/demo --where "total_amount >= 10000" "frequency_change = fall"
`;

function addReads(crm: Parent, signal: AbortSignal, result: Result): void {
  crm
    .command("doctor")
    .description("what is wrong, stale or missing, and which questions this data can answer")
    .argument("[pipeline]", "the pipeline file", "pipeline.yml")
    .addOption(asOf())
    .option("--json", "the findings as JSON", false)
    .addHelpText("after", "\nExample:\n  crm-analyze doctor pipelines/demo.yml\n")
    .action(async (pipeline, options) => {
      const { doctorCommand } = await import("./commands/doctor.js");
      result.exitCode = await doctorCommand({
        pipeline,
        asOfDate: options.asOf,
        isJson: options.json,
        signal,
      });
    });
  crm
    .command("show")
    .description("what a run builds: every relation, or one with its description, grain, columns and SQL")
    .argument("[relation]", "such as facts.orders")
    .option("--json", "as JSON", false)
    .addHelpText("after", "\nExamples:\n  crm-analyze show\n  crm-analyze show features.rfm\n")
    .action(async (name, options) => {
      const { showCommand } = await import("./commands/show.js");
      result.exitCode = showCommand({ name, isJson: options.json });
    });
  crm
    .command("report")
    .description("where the last report is")
    .addOption(runsFolder())
    .option("--open", "open it in the browser", false)
    .addHelpText("after", "\nExample:\n  crm-analyze report --out out/demo --open\n")
    .action(async (options) => {
      const { reportCommand } = await import("./commands/report.js");
      result.exitCode = await reportCommand({ output: options.out, isOpen: options.open });
    });
}

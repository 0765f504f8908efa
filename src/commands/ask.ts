import { tell } from "../tell.js";
import { basename, dirname, resolve } from "node:path";
import { CrmError } from "../errors.js";
import { guessOrders, type GuessHints } from "../guess.js";
import { requireFile, withCsv } from "../inputs/tabular.js";
import { openLog } from "../log.js";
import type { FileMapping } from "../mapping.js";
import { reportJson, reportLines } from "../outputs/text.js";
import { barePlan, readPlan, type Overrides, type Plan } from "../pipeline.js";
import { run } from "../run.js";
import { openProgress, quietProgress } from "../terminal.js";
import { openScratch, type Destination } from "../workshop.js";

/** What `crm-analyze rfm` is asked for. */
export interface RfmCommand extends Pick<Overrides, "asOfDate" | "language" | "output"> {
  /** A pipeline, or bare files of orders. */
  readonly paths: readonly string[];
  readonly hints: GuessHints;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly currency: string | undefined;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** RFM on a pipeline or on bare files, shown on the terminal or written to a folder. @returns the exit code */
export async function rfmCommand(command: RfmCommand): Promise<number> {
  const plan = await planOf(command);
  const { output, signal, isJson } = command;
  const destination: Destination =
    output === undefined ? { kind: "none" } : { kind: "folder", folder: resolve(output) };
  const log = openLog(process.stderr.isTTY ? openProgress() : quietProgress);
  const { report, exitCode } = await run(plan, { destination, log, signal });
  process.stdout.write(`${isJson ? reportJson(report) : reportLines(report).join("\n")}\n`);
  if (output !== undefined) tell(`written: report.html, rfm.csv, rfm.parquet, rfm.xlsx in ${output}`);
  return exitCode;
}

async function planOf({ paths, ...command }: RfmCommand): Promise<Plan> {
  const analyses = { rfm: command.settings };
  const isPipeline = /\.ya?ml$/;
  if (!paths.some((path) => isPipeline.test(path)))
    return barePlan(await mapFiles(paths, command.hints), { ...command, analyses });
  if (paths.length > 1) {
    throw new CrmError("usage", `rfm: one pipeline, or bare files, found ${paths.join(", ")}`);
  }
  refuseFileFlags(command);
  return readPlan(paths[0]!, {
    asOfDate: command.asOfDate,
    language: command.language,
    only: ["rfm"],
    analyses,
  });
}

/** In a pipeline the mappings say what the columns are. */
function refuseFileFlags({ hints, currency }: Pick<RfmCommand, "hints" | "currency">): void {
  const flags = [
    ...Object.keys(hints.columns).map((role) => `--${role}`),
    ...(hints.dateFormat === undefined ? [] : ["--date-format"]),
    ...(currency === undefined ? [] : ["--currency"]),
  ];
  if (flags.length === 0) return;
  throw new CrmError("usage", `${flags.join(", ")}: for bare files only`, {
    hint: "in a pipeline, the mappings name the columns and the pipeline names the currency",
  });
}

/** Every bare file with a mapping that its headings and contents suggest; what was guessed is said. */
async function mapFiles(paths: readonly string[], hints: GuessHints) {
  const directories = [...new Set(paths.map((path) => resolve(dirname(path))))];
  if (directories.length > 1) {
    throw new CrmError("usage", `bare files must lie in one folder, found ${directories.join(", ")}`);
  }
  const files: Record<string, FileMapping> = {};
  for (const [index, path] of paths.entries()) {
    requireFile(path, "usage");
    const { mapping, evidence } = await withCsv(path, openScratch, (csvPath) =>
      guessOrders(basename(path), csvPath, hints),
    );
    files[`orders_${index + 1}`] = mapping;
    tell(`${basename(path)}: ${evidence.join("; ")}`);
  }
  return { name: basename(paths[0]!).replace(/\.\w+$/, ""), directory: directories[0]!, files };
}

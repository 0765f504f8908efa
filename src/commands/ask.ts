import { tell } from "../tell.js";
import { basename, dirname, resolve } from "node:path";
import { ANALYSES } from "../analyses/index.js";
import { CrmError } from "../errors.js";
import { guessOrders, type GuessHints } from "../guess.js";
import { refuseSeveral } from "../guess-currency.js";
import { openLog } from "../log.js";
import type { FileMapping } from "../mapping.js";
import { reportJson, reportLines } from "../outputs/text.js";
import { barePlan, DEFAULT_LIMITS, readPlan, type Overrides, type Plan } from "../pipeline.js";
import { readingLine } from "../reading.js";
import type { Report } from "../report.js";
import { rowFlags, type RowKinds } from "../row-kinds.js";
import { run, type RunOptions } from "../run.js";
import { askedProgress } from "../terminal.js";
import { textsIn, type Texts } from "../texts/index.js";
import { openWorkshop, type Destination } from "../workshop.js";

/** A question asked of a pipeline or of bare files: `crm-analyze rfm`, `crm-analyze value`. */
export interface AskCommand extends Pick<Overrides, "asOfDate" | "language" | "output"> {
  /** The analysis that answers. */
  readonly analysis: string;
  /** A pipeline, or bare files of orders. */
  readonly paths: readonly string[];
  readonly hints: GuessHints;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly currency: string | undefined;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** One analysis of a pipeline or of bare files, shown on the terminal or written to a folder. @returns the exit code */
export async function askCommand(command: AskCommand): Promise<number> {
  const { output, signal, isJson } = command;
  const destination: Destination =
    output === undefined
      ? { kind: "none" }
      : { kind: "folder", folder: resolve(output), analysis: command.analysis };
  const { plan, workshop } = await prepared(command, destination);
  const log = openLog(askedProgress(plan.run.language));
  const { report, exitCode } = await run(plan, { destination, log, signal, ...workshop });
  process.stdout.write(`${isJson ? reportJson(report) : reportLines(report).join("\n")}\n`);
  if (output !== undefined)
    tell(textsIn(report.language).report.written(writtenNames(command.analysis, report), output));
  return exitCode;
}

/** The plan; of bare files without an output also the workshop, which is opened while they are looked at. */
async function prepared(
  command: AskCommand,
  destination: Destination,
): Promise<{ plan: Plan; workshop?: Pick<RunOptions, "workshop"> }> {
  if (destination.kind !== "none" || command.paths.some(isPipeline)) return { plan: await planOf(command) };
  const workshop = openWorkshop({ output: "", limits: DEFAULT_LIMITS }, destination, command.signal);
  const opened = workshop.catch(() => undefined);
  try {
    return { plan: await planOf(command), workshop: { workshop } };
  } catch (error) {
    await (await opened)?.close();
    throw error;
  }
}

const isPipeline = (path: string) => /\.ya?ml$/.test(path);

function writtenNames(analysis: string, { sections }: Report): string {
  const hasModels = sections.some(({ models }) => models !== undefined && models.length > 0);
  const names = ANALYSES.filter(({ name }) => name === analysis).flatMap((one) =>
    one.published(textsIn("en")),
  );
  const tables = names.flatMap(({ name }) =>
    ["csv", "parquet", "xlsx"].map((extension) => `${name}.${extension}`),
  );
  const documents = sections.flatMap(({ documents: own = [], data = [] }) =>
    [...own, ...data].map(({ name }) => name),
  );
  return ["report.html", ...tables, ...documents, ...(hasModels ? ["models.json"] : [])].join(", ");
}

async function planOf({ paths, analysis, ...command }: AskCommand): Promise<Plan> {
  const analyses = { [analysis]: command.settings };
  if (!paths.some(isPipeline)) {
    const { currency } = command;
    const mapped = await mapFiles(paths, { ...command.hints, currency }, textsIn(command.language ?? "en"));
    return barePlan(mapped, { ...command, currency: currency ?? mapped.currency, analyses });
  }
  if (paths.length > 1) {
    throw new CrmError("usage", `${analysis}: one pipeline, or bare files, found ${paths.join(", ")}`);
  }
  refuseFileFlags(command);
  return readPlan(paths[0]!, {
    asOfDate: command.asOfDate,
    language: command.language,
    only: [analysis],
    analyses,
  });
}

/** In a pipeline the mappings say what the columns are. */
function refuseFileFlags({ hints, currency }: Pick<AskCommand, "hints" | "currency">): void {
  const flags = [
    ...Object.keys(hints.columns).map((role) => `--${role}`),
    ...(hints.dateFormat === undefined ? [] : ["--date-format"]),
    ...(["decimal", "encoding", "sheet"] as const).flatMap((hint) =>
      hints[hint] === undefined ? [] : [`--${hint}`],
    ),
    ...rowFlags(hints.rows),
    ...(currency === undefined ? [] : ["--currency"]),
  ];
  if (flags.length === 0) return;
  throw new CrmError("usage", `${flags.join(", ")}: for bare files only`, {
    hint: "in a pipeline, the mappings name the columns and the pipeline names the currency",
  });
}

/** Every bare file with a mapping that its headings and contents suggest; what was guessed is said. */
async function mapFiles(paths: readonly string[], hints: GuessHints, texts: Texts) {
  const directories = [...new Set(paths.map((path) => resolve(dirname(path))))];
  if (directories.length > 1) {
    throw new CrmError("usage", `bare files must lie in one folder, found ${directories.join(", ")}`);
  }
  const files: Record<string, FileMapping> = {};
  const kinds: Record<string, RowKinds> = {};
  const currencies: string[] = [];
  for (const [index, path] of paths.entries()) {
    const { mapping, evidence, currency, kinds: own } = await guessOrders(path, hints);
    files[`orders_${index + 1}`] = mapping;
    kinds[mapping.file] = own;
    if (currency !== undefined) currencies.push(currency);
    tell(readingLine(basename(path), evidence, texts));
  }
  const names = paths.map((path) => basename(path)).join(", ");
  refuseSeveral(names, currencies);
  return {
    name: basename(paths[0]!).replace(/\.\w+$/, ""),
    directory: directories[0]!,
    files,
    found: { kinds, hints: hints.rows ?? {} },
    currency: currencies.length === paths.length ? currencies[0] : undefined,
  };
}

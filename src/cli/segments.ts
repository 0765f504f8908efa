import { Option } from "@commander-js/extra-typings";
import { CrmError } from "../errors.js";
import {
  asOf,
  decimal,
  encoding,
  fileHints,
  given,
  language,
  parseFolder,
  parseNames,
  parseWhole,
  sheet,
  type Parent,
  type Result,
} from "./flags.js";

/** `crm-analyze segments`: of a pipeline, or of any table of customers. */
export function addSegments(crm: Parent, signal: AbortSignal, result: Result): void {
  segmentsFlags(crm)
    .addHelpText("after", EXAMPLES)
    .action(async (paths, options) => {
      const isPipeline = paths.some((path) => /\.ya?ml$/.test(path));
      result.exitCode = await (isPipeline ? askPipeline : askTable)(paths, options, signal);
    });
}

const segmentsFlags = (crm: Parent) =>
  crm
    .command("segments")
    .description("who is alike, in words")
    .argument("<paths...>", "a pipeline (.yml), or a CSV, XLSX or Parquet file with a row a customer")
    .option("--id <column>", "of a file: the column of the customers' keys; default: guessed and shown")
    .option(
      "--features <names>",
      "what customers are alike by: columns, divided by commas; default: auto, those that have to do with each other",
      parseNames,
    )
    .option("--k <n>", "how many segments, 2 to 50; default: chosen from 2 to 12, or none", parseWhole)
    .addOption(
      new Option("--transform <how>", "auto takes logarithms of skewed features; default auto").choices([
        "auto",
        "none",
      ] as const),
    )
    .addOption(
      new Option(
        "--scale <how>",
        "how features are made comparable; default robust; raw values take --transform none as well",
      ).choices(["robust", "standard", "none"] as const),
    )
    .option("--seed <n>", "of a file: any whole number; default 1", parseWhole)
    .addOption(decimal())
    .addOption(encoding())
    .addOption(sheet())
    .addOption(asOf())
    .option("--out <folder>", "write the report and the files here", parseFolder)
    .addOption(language())
    .option("--json", "the answer as JSON", false);

type SegmentsOptions = ReturnType<ReturnType<typeof segmentsFlags>["opts"]>;

const EXAMPLES = `
Examples:
  crm-analyze segments pipelines/demo.yml
  crm-analyze segments customers.csv --out segments
  crm-analyze segments customers.csv --id customer_no --features visits,spend,age --k 4
  crm-analyze segments 客户.xlsx --lang zh
`;

async function askPipeline(
  paths: readonly string[],
  options: SegmentsOptions,
  signal: AbortSignal,
): Promise<number> {
  refuse(
    options,
    ["id", "seed", "encoding", "decimal", "sheet"],
    "for a file only; a pipeline says it itself",
  );
  const { askCommand } = await import("../commands/ask.js");
  const { k, transform, scale, features, asOf: asOfDate, lang, out, json } = options;
  return askCommand({
    ...{ analysis: "segments", paths, signal, hints: { columns: {} }, currency: undefined },
    settings: given({ k, transform, scale, features }),
    ...{ asOfDate, language: lang, output: out, isJson: json },
  });
}

async function askTable(
  paths: readonly string[],
  options: SegmentsOptions,
  signal: AbortSignal,
): Promise<number> {
  refuse(options, ["asOf"], "for a pipeline only; a table tells of no day");
  const { segmentsCommand } = await import("../commands/segments.js");
  const { id: key, features, seed = 1, k, transform, scale } = options;
  return segmentsCommand({
    ...{ paths, seed, hints: fileHints(options), signal },
    request: { key, features: Array.isArray(features) ? features : undefined },
    settings: given({ k, transform, scale }),
    ...{ language: options.lang ?? "en", output: options.out, isJson: options.json },
  });
}

const FLAGS = {
  id: "--id",
  seed: "--seed",
  encoding: "--encoding",
  decimal: "--decimal",
  sheet: "--sheet",
  asOf: "--as-of",
} as const;

function refuse(options: SegmentsOptions, names: readonly (keyof typeof FLAGS)[], why: string): void {
  const flags = names.filter((name) => options[name] !== undefined).map((name) => FLAGS[name]);
  if (flags.length > 0) throw new CrmError("usage", `${flags.join(", ")}: ${why}`);
}

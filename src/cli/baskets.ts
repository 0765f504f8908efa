import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { CrmError } from "../errors.js";
import {
  allRows,
  given,
  language,
  asOf,
  dateFormat,
  decimal,
  encoding,
  fileHints,
  parseCurrency,
  parseFolder,
  parsePositiveShare,
  parseShare,
  parseWhole,
  returnWhen,
  skipWhen,
  sheet,
  type Parent,
  type Result,
} from "./flags.js";

/** `crm-analyze baskets`: of a pipeline, or of a bare file with a row for each item, or a line for each basket. */
export function addBaskets(crm: Parent, signal: AbortSignal, result: Result): void {
  basketFlags(crm)
    .addHelpText("after", EXAMPLES)
    .action(async (paths, options) => {
      result.exitCode = paths.some((path) => /\.ya?ml$/.test(path))
        ? await askPipeline(paths, options, signal)
        : await askFile(paths, options, signal);
    });
}

const fileFlags = (crm: Parent) =>
  crm
    .command("baskets")
    .description(
      "what goes with what, and what customers buy next: from a pipeline, or from a bare file of baskets",
    )
    .argument("<paths...>", "a pipeline (.yml), or one CSV, XLSX or Parquet file")
    .addOption(
      new Option(
        "--format <format>",
        "lines: a row for each item; baskets: a line for each basket; default lines",
      ).choices(["lines", "baskets"] as const),
    )
    .option(
      "--delimiter <character>",
      "between the items of a line, with --format baskets; default: guessed",
      parseCharacter,
    )
    .option("--basket <column>", "column that tells baskets apart; default: guessed and shown")
    .option("--item <column>", "column of what was bought")
    .option("--name <column>", "column of what the items are called, where --item holds codes")
    .option("--customer <column>", "column that tells customers apart")
    .option("--date <column>", "column of the day; with the customer it gives sequences and offers")
    .option("--amount <column>", "column of what the row brought; without one, price times quantity")
    .option("--price <column>", "column of the price of one")
    .option("--quantity <column>", "column of how many")
    .option("--currency <code>", "print money in this currency, e.g. EUR", parseCurrency)
    .addOption(dateFormat())
    .addOption(decimal())
    .addOption(encoding())
    .addOption(sheet())
    .addOption(skipWhen())
    .addOption(returnWhen())
    .addOption(allRows());

const byFlags = (crm: Parent) =>
  fileFlags(crm)
    .addOption(
      new Option(
        "--by <what>",
        "what a basket is: an order, what a customer bought on a day, in a window, or ever",
      ).choices(["order", "customer_day", "customer_window", "customer"] as const),
    )
    .option("--window-days <days>", "how long a customer_window is; default 30", parseCount);

const ruleFlags = (crm: Parent) =>
  byFlags(crm)
    .addOption(
      new Option("--support <n>", "a share of the baskets below 1, or a number of baskets from 1")
        .argParser(parseSupport)
        .conflicts(["minSupport", "minCount"]),
    )
    .option(
      "--min-support <share>",
      "of the baskets, above 0; default 0.01 of a file, 0.001 of a pipeline",
      parseSupportShare,
    )
    .addOption(
      new Option("--min-count <n>", "baskets, in place of --min-support")
        .argParser(parseCount)
        .conflicts("minSupport"),
    )
    .option("--min-confidence <share>", "default 0.2 of a file, 0.1 of a pipeline", parseShare)
    .option("--max-length <n>", "items of a rule at most, both sides together", parseLength)
    .option("--all-splits", "rules with several items on the right too")
    .option("--all-rules", "redundant rules and those not significant too")
    .option("--left-with <items...>", "the left side holds one of these")
    .option("--left-without <items...>", "and none of these")
    .option("--right-with <items...>", "the right side holds one of these; choose before looking at rules")
    .option("--right-without <items...>", "and none of these")
    .option("--exclude <items...>", "leave these items out")
    .option(
      "--common-share <share>",
      "above 0; items in more of the baskets are left out; default 0.8",
      parsePositiveShare,
    )
    .option("--huge-basket-items <n>", "a basket of more items is huge; default 200", parseLarge)
    .addOption(
      new Option(
        "--huge-baskets <what>",
        "leave_out, or cut to their commonest items; default leave_out",
      ).choices(["leave_out", "cut"] as const),
    )
    .option("--memory <mb>", "what baskets, sets and rules may take, in MB; default 512", parseCount);

const basketFlags = (crm: Parent) =>
  ruleFlags(crm)
    .option("--within-days <days>", "one follows another within so many days; default 90", parseCount)
    .option("--horizon-days <days>", "offers are for so many days ahead; default 60", parseCount)
    .option("--offers <n>", "for each customer, 1 to 10; default 3", parseCount)
    .addOption(
      new Option(
        "--products <which>",
        "to offer: all, or only those new to the customer; default all",
      ).choices(["all", "new"] as const),
    )
    .option("--leave-out <products...>", "never offer these; keys or names as in the data")
    .addOption(asOf())
    .option("--out <folder>", "write the report and the files here", parseFolder)
    .addOption(language())
    .option("--json", "the answer as JSON", false);

type BasketOptions = ReturnType<ReturnType<typeof basketFlags>["opts"]>;

const EXAMPLES = `
Examples:
  crm-analyze baskets lines.csv
  crm-analyze baskets lines.csv --basket invoice --item product --min-support 0.005 --out baskets
  crm-analyze baskets 订单明细.xlsx --lang zh --horizon-days 30 --offers 5
  crm-analyze baskets receipts.txt --format baskets --delimiter ";" --right-with "whole milk" --all-rules
  crm-analyze baskets pipelines/demo.yml
`;

/** What the flags set in the settings of the analysis. */
const settingsOf = (options: BasketOptions) =>
  given({
    ...options.support,
    ...given({ by: options.by, window_days: options.windowDays }),
    ...given({ min_support: options.minSupport, min_count: options.minCount }),
    min_confidence: options.minConfidence,
    max_length: options.maxLength,
    all_splits: options.allSplits,
    all_rules: options.allRules,
    left_with: options.leftWith,
    left_without: options.leftWithout,
    right_with: options.rightWith,
    right_without: options.rightWithout,
    excluded_items: options.exclude,
    sequence_days: options.withinDays,
    memory_mb: options.memory,
    common_share: options.commonShare,
    huge_basket_items: options.hugeBasketItems,
    huge_baskets: options.hugeBaskets,
    horizon_days: options.horizonDays,
    offers: options.offers,
    products: options.products,
    leave_out: options.leaveOut,
  });

const FILE_FLAGS = {
  basket: "--basket",
  item: "--item",
  name: "--name",
  customer: "--customer",
  date: "--date",
  amount: "--amount",
  price: "--price",
  quantity: "--quantity",
  currency: "--currency",
  dateFormat: "--date-format",
  decimal: "--decimal",
  delimiter: "--delimiter",
  encoding: "--encoding",
  sheet: "--sheet",
  format: "--format",
  skipWhen: "--skip-when",
  returnWhen: "--return-when",
  allRows: "--all-rows",
} as const;

async function askPipeline(
  paths: readonly string[],
  options: BasketOptions,
  signal: AbortSignal,
): Promise<number> {
  const names = Object.keys(FILE_FLAGS) as (keyof typeof FILE_FLAGS)[];
  const flags = names.filter((name) => options[name] !== undefined).map((name) => FILE_FLAGS[name]);
  if (flags.length > 0)
    throw new CrmError("usage", `${flags.join(", ")}: for bare files only`, {
      hint: "in a pipeline, the mappings name the columns",
    });
  const { askCommand } = await import("../commands/ask.js");
  return askCommand({
    analysis: "baskets",
    paths,
    settings: settingsOf(options),
    hints: { columns: {} },
    currency: undefined,
    asOfDate: options.asOf,
    language: options.lang,
    output: options.out,
    isJson: options.json,
    signal,
  });
}

async function askFile(
  paths: readonly string[],
  options: BasketOptions,
  signal: AbortSignal,
): Promise<number> {
  const { basketsCommand } = await import("../commands/baskets.js");
  const { basket, item, name, customer, date, amount, price, quantity } = options;
  return basketsCommand({
    paths,
    format: options.format ?? "lines",
    delimiter: options.delimiter,
    hints: {
      columns: given({ basket, item, name, customer, date, amount, price, quantity }),
      dateFormat: options.dateFormat,
      ...fileHints(options),
      rows: { skipped: options.skipWhen, returned: options.returnWhen, isAll: options.allRows },
    },
    settings: { ...FILE_DEFAULTS, ...settingsOf(options) },
    currency: options.currency,
    asOfDate: options.asOf,
    language: options.lang ?? "en",
    output: options.out,
    isJson: options.json,
    signal,
  });
}

/** A file is looked at in passing, a pipeline every night. */
const FILE_DEFAULTS: Readonly<Record<string, unknown>> = { min_support: 0.01, min_confidence: 0.2 };

/** A share below 1, or from 1 on a whole number of baskets. */
function parseSupport(text: string): { min_support: number } | { min_count: number } {
  if (/^\d+$/.test(text) && Number(text) >= 1) return { min_count: Number(text) };
  const share = Number(text);
  if (text.trim() !== "" && share > 0 && share < 1) return { min_support: share };
  throw new InvalidArgumentError(
    "Write a share above 0 and below 1, such as 0.01, or a whole number of baskets from 1.",
  );
}

function parseSupportShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== "" && share > 0 && share <= 1) return share;
  throw new InvalidArgumentError(
    "Write a share above 0 and at most 1, such as 0.01; for a number of baskets there is --min-count.",
  );
}

function parseCount(text: string): number {
  const count = parseWhole(text);
  if (count < 1) throw new InvalidArgumentError("Write a whole number from 1.");
  return count;
}

function parseLarge(text: string): number {
  const count = parseWhole(text);
  if (count < 2) throw new InvalidArgumentError("Write a whole number from 2.");
  return count;
}

function parseLength(text: string): number {
  const length = parseWhole(text);
  if (length < 2 || length > 50) throw new InvalidArgumentError("Write a whole number from 2 to 50.");
  return length;
}

function parseCharacter(text: string): string {
  const character = text === "\\t" ? "\t" : text;
  if (character.length !== 1) throw new InvalidArgumentError('Write one character, such as ";", or \\t.');
  return character;
}

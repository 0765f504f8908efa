import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { CrmError } from "../errors.js";
import {
  addQuestion,
  asked,
  fileHints,
  given,
  parsePositiveShare,
  parseWhole,
  type Parent,
  type QuestionOptions,
  type Result,
} from "./flags.js";

/** `crm-analyze churn`: of a pipeline or of orders, or of any table with a label. */
export function addChurn(crm: Parent, signal: AbortSignal, result: Result): void {
  churnFlags(crm)
    .addHelpText("after", EXAMPLES)
    .action(async (paths, options) => {
      result.exitCode =
        options.label === undefined
          ? await askPipeline(paths, options, signal)
          : await askTable(paths, { ...options, label: options.label }, signal);
    });
}

const churnFlags = (crm: Parent) =>
  addQuestion(crm, "churn", "who will leave, why, what it costs, and whom to call")
    .option("--label <column>", "the files are one table with a row a customer; this column says who left")
    .option("--positive <word>", "the word in it that means leaving; default: guessed and shown")
    .option("--id <column>", "the column of the customers' keys; default: guessed and shown")
    .option(
      "--fold <column>",
      "rows of a fold are scored by models that have not seen it; default: five by hash",
    )
    .option("--value <column>", "the column of the money that leaves with a customer")
    .option("--keep <columns...>", "learn from these columns although they look like keys or leaks")
    .option("--seed <n>", "any whole number; default 1", parseWhole)
    .addOption(
      new Option("--model <model>", "gives the probability; the tree always explains; default tree").choices([
        "tree",
        "boosted",
      ] as const),
    )
    .option("--max-leaves <n>", "of the tree, 2 to 64; default 16", parseLeaves)
    .option("--monotone <column=direction...>", "the risk may only rise, or fall, with the column")
    .option("--window-days <days>", "of orders: how long a silence is leaving; default: proposed", parseWhole)
    .option(
      "--success-rate <share>",
      "of the leavers who are called, those who stay; default 0.2",
      parsePositiveShare,
    )
    .option("--contact-cost <amount>", "of one call, in money", parseAmount);

type ChurnOptions = ReturnType<ReturnType<typeof churnFlags>["opts"]>;

const EXAMPLES = `
Examples:
  crm-analyze churn pipelines/demo.yml
  crm-analyze churn customers.csv --label Churn --out churn
  crm-analyze churn customers.csv --label Churn --positive Yes --id customerID --value MonthlyCharges --model boosted
  crm-analyze churn 客户.xlsx --label 是否流失 --monotone 投诉次数=rising --lang zh
`;

/** Flags that a table with a label alone has a use for, and those that it has none for. */
const OF_TABLES = ["positive", "id", "fold", "value", "seed"] as const;
const OF_ORDERS = [
  "customer",
  "date",
  "amount",
  "order",
  "dateFormat",
  "asOf",
  "windowDays",
  "skipWhen",
  "returnWhen",
  "allRows",
] as const;

async function askPipeline(
  paths: readonly string[],
  options: ChurnOptions,
  signal: AbortSignal,
): Promise<number> {
  refuse(options, OF_TABLES, "only with --label, which names the column that says who left");
  const { askCommand } = await import("../commands/ask.js");
  const { model, maxLeaves, keep, windowDays, successRate, contactCost, monotone } = options;
  const settings = given({
    model,
    keep,
    max_leaves: maxLeaves,
    window_days: windowDays,
    success_rate: successRate,
    contact_cost: contactCost,
    monotone: monotone === undefined ? undefined : directionsOf(monotone),
  });
  return askCommand({ analysis: "churn", paths, settings, signal, ...asked(options) });
}

async function askTable(
  paths: readonly string[],
  options: ChurnOptions & { readonly label: string },
  signal: AbortSignal,
): Promise<number> {
  refuse(options, OF_ORDERS, "not with --label: a table with a label has a row a customer");
  const { churnCommand } = await import("../commands/churn.js");
  const { label, positive, fold, value, seed = 1, keep: kept = [] } = options;
  return churnCommand({
    paths,
    request: { label, positive, key: options.id, fold, value, kept, seed },
    settings: {
      model: options.model ?? "tree",
      maxLeaves: options.maxLeaves ?? 16,
      monotone: directionsOf(options.monotone ?? []),
      successRate: options.successRate ?? 0.2,
      contactCost: options.contactCost,
    },
    hints: fileHints(options),
    currency: options.currency,
    language: options.lang ?? "en",
    output: options.out,
    isJson: options.json,
    signal,
  });
}

function refuse(
  options: ChurnOptions,
  names: readonly (keyof ChurnOptions & keyof typeof FLAGS)[],
  why: string,
): void {
  const flags = names.filter((name) => options[name] !== undefined).map((name) => FLAGS[name]);
  if (flags.length > 0) throw new CrmError("usage", `${flags.join(", ")}: ${why}`);
}

const FLAGS = {
  positive: "--positive",
  id: "--id",
  fold: "--fold",
  value: "--value",
  seed: "--seed",
  customer: "--customer",
  date: "--date",
  amount: "--amount",
  order: "--order",
  dateFormat: "--date-format",
  asOf: "--as-of",
  skipWhen: "--skip-when",
  returnWhen: "--return-when",
  allRows: "--all-rows",
  amountPer: "--amount-per",
  windowDays: "--window-days",
} as const satisfies Partial<Record<keyof ChurnOptions | keyof QuestionOptions, string>>;

type Directions = Readonly<Record<string, "rising" | "falling">>;

/** @throws CrmError `configuration` for what names no direction, or two for one column */
function directionsOf(pairs: readonly string[]): Directions {
  const directions: Record<string, "rising" | "falling"> = {};
  for (const pair of pairs) {
    const at = pair.lastIndexOf("=");
    const [column, direction] = [pair.slice(0, Math.max(0, at)), pair.slice(at + 1)];
    if (column === "" || (direction !== "rising" && direction !== "falling"))
      throw new CrmError("configuration", `--monotone ${pair}: write column=rising or column=falling`);
    if (Object.hasOwn(directions, column) && directions[column] !== direction)
      throw new CrmError(
        "configuration",
        `--monotone ${column}: both rising and falling, allowed is one of them`,
      );
    directions[column] = direction;
  }
  return directions;
}

function parseLeaves(text: string): number {
  const count = parseWhole(text);
  if (count < 2 || count > 64) throw new InvalidArgumentError("Write a whole number from 2 to 64.");
  return count;
}

function parseAmount(text: string): number {
  const amount = Number(text);
  if (text.trim() === "" || !(amount >= 0 && Number.isFinite(amount)))
    throw new InvalidArgumentError("Write an amount such as 2.50.");
  return amount;
}

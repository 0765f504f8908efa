import { InvalidArgumentError, Option, type Command } from "@commander-js/extra-typings";
import { DATE_FORMATS } from "../guess-dates.js";
import { ENCODINGS } from "../inputs/encodings.js";
import { codeOf, isCurrency } from "../currencies.js";
import type { RowWords } from "../mapping.js";
import { DECIMAL_MARKS, type FileHints } from "../inputs/hints.js";
import { AMOUNT_PER } from "../row-kinds.js";

/** The program that commands are added to. */
export type Parent = Command<[], { debug?: true }>;

/** How a command ended. */
export interface Result {
  exitCode: number;
}

/** `--lang`. */
export const language = () =>
  new Option("--lang <language>", "language of the report").choices(["en", "zh"] as const);
/** `--as-of`. */
export const asOf = () =>
  new Option("--as-of <date>", "nothing after this day counts (YYYY-MM-DD)").argParser(parseDay);

/** `--date-format`. */
export const dateFormat = () =>
  new Option("--date-format <format>", "how dates are written; default: guessed and shown").choices(
    DATE_FORMATS,
  );
/** `--decimal`. */
export const decimal = () =>
  new Option("--decimal <mark>", "what divides decimals in numbers; default: guessed and shown").choices(
    DECIMAL_MARKS,
  );
/** `--encoding`. */
export const encoding = () =>
  new Option("--encoding <encoding>", "of the file; default: guessed and shown").choices(ENCODINGS);

/** `--sheet`. */
export const sheet = () =>
  new Option("--sheet <sheet>", "of a workbook: the name or number of the sheet; default: the first");
/** `--skip-when`. */
export const skipWhen = () =>
  new Option("--skip-when <column=words>", "leave rows out, e.g. status=cancelled,void").argParser(
    parseWords,
  );
/** `--return-when`. */
export const returnWhen = () =>
  new Option("--return-when <column=words>", "rows that take away, whichever sign they have").argParser(
    parseWords,
  );
/** `--all-rows`. */
export const allRows = () =>
  new Option(
    "--all-rows",
    "take rows as they stand: cancelled, returned and total rows count, no cell is filled down",
  );

/** `--amount-per`. */
export const amountPer = () =>
  new Option(
    "--amount-per <row|order>",
    "an amount that is the same on all rows of an order is each row's, or the order's; default: found and shown",
  ).choices(AMOUNT_PER);

/** `--out` of commands that read what was published. */
export const runsFolder = () =>
  new Option("--out <folder>", "the folder of a pipeline's runs; default: the only one in out/");

/** A question that a pipeline answers, or bare files of orders. */
export const addQuestion = (crm: Parent, name: string, description: string) =>
  crm
    .command(name)
    .description(description)
    .argument("<paths...>", "a pipeline (.yml), or CSV, XLSX or Parquet files of orders")
    .option("--customer <column>", "column that tells customers apart; default: guessed and shown")
    .option("--date <column>", "column of the order date")
    .option("--amount <column>", "column of the money")
    .option("--price <column>", "column of the price, where money is price times quantity")
    .option("--quantity <column>", "column of the quantity")
    .option(
      "--refund <column>",
      "column of what was given back of the amount, or none; default: found and told",
    )
    .option("--order <column>", "column of the order number, when an order takes several rows")
    .addOption(dateFormat())
    .addOption(decimal())
    .addOption(encoding())
    .addOption(sheet())
    .addOption(skipWhen())
    .addOption(returnWhen())
    .addOption(allRows())
    .addOption(amountPer())
    .addOption(asOf())
    .option("--currency <code>", "print money in this currency, e.g. EUR", parseCurrency)
    .option("--out <folder>", "write the report and the files here", parseFolder)
    .addOption(language())
    .option("--json", "the answer as JSON", false);

/** Its flags. */
export type QuestionOptions = ReturnType<ReturnType<typeof addQuestion>["opts"]>;

/** What every question takes from its flags. */
export function asked({ customer, date, amount, price, quantity, order, ...options }: QuestionOptions) {
  const rows = {
    ...{ skipped: options.skipWhen, returned: options.returnWhen },
    ...{ isAll: options.allRows, amountPer: options.amountPer, refund: options.refund },
  };
  return {
    hints: {
      columns: given({ customer, date, amount, price, quantity, order }),
      dateFormat: options.dateFormat,
      ...fileHints(options),
      rows,
    },
    asOfDate: options.asOf,
    currency: options.currency,
    language: options.lang,
    output: options.out,
    isJson: options.json,
  };
}

/** What the flags say of how a file is written. */
export const fileHints = (options: FileHints): FileHints => ({
  encoding: options.encoding,
  decimal: options.decimal,
  sheet: options.sheet,
});

/** Only what was given; a flag that was not must not hide a setting. */
export function given<T extends Record<string, unknown>>(
  options: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

/** A day that exists, as `YYYY-MM-DD`. @throws InvalidArgumentError for anything else */
export function parseDay(text: string): string {
  const isDay =
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(Date.parse(text)) &&
    new Date(text).toISOString().startsWith(text);
  if (!isDay) throw new InvalidArgumentError("Write a day that exists, as YYYY-MM-DD.");
  return text;
}

/** A currency by its three capitals, or another name it has. @throws InvalidArgumentError for anything else */
export function parseCurrency(text: string): string {
  const code = codeOf(text);
  if (!isCurrency(code))
    throw new InvalidArgumentError("Write the three capitals of a currency, such as EUR.");
  return code;
}

/** A folder. @throws InvalidArgumentError for anything else */
export function parseFolder(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("Name a folder.");
  return text;
}

/** A whole number. @throws InvalidArgumentError for anything else */
export function parseWhole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Write a whole number.");
  return Number(text);
}

/** Numbers divided by commas. @throws InvalidArgumentError for anything else */
export function parseNumbers(text: string): number[] {
  const cells = text.split(/[,，]/).map((cell) => cell.trim());
  if (cells.some((cell) => cell === "" || !Number.isFinite(Number(cell))))
    throw new InvalidArgumentError("Write numbers divided by commas, such as 30,90,180,365.");
  return cells.map(Number);
}

/** A number from 0 to 1. @throws InvalidArgumentError for anything else */
export function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() === "" || !(share >= 0 && share <= 1))
    throw new InvalidArgumentError("Write a number from 0 to 1, such as 0.1.");
  return share;
}

/** A share above 0. @throws InvalidArgumentError for anything else */
export function parsePositiveShare(text: string): number {
  const share = Number(text);
  if (share > 0 && share <= 1) return share;
  throw new InvalidArgumentError("Write a number above 0 and at most 1, such as 0.2.");
}

/** A column and words of it, beside those of columns named before. @throws InvalidArgumentError for anything else */
export function parseWords(text: string, before: RowWords = {}): RowWords {
  const at = text.indexOf("=");
  const column = text.slice(0, Math.max(0, at)).trim();
  const words = parseNames(text.slice(at + 1));
  if (column === "" || words.length === 0 || typeof words === "string")
    throw new InvalidArgumentError("Write COLUMN=WORD[,WORD], such as status=cancelled,void.");
  return { ...before, [column]: [...(before[column] ?? []), ...words] };
}

/** `auto`, or names divided by commas. */
export function parseNames(text: string): string | string[] {
  if (text === "auto") return text;
  const names = text.split(/[,，]/).map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ""))];
}

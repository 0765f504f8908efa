import { phrase } from "../phrase.js";
import type { OfferResult } from "../models/offer-trial.js";
import type { ShownColumn, ShownTable } from "../section.js";
import { tableOf, texts, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import { shorten } from "./baskets-names.js";
import { columnsNamed, CROSS_UNIT, UP_SELL, type ColumnName } from "./baskets-next-best-columns.js";
import type { NextBestContext } from "./baskets-next-best-config.js";
import { worth, type Told } from "./baskets-next-best-told.js";

/** The tables of the part on offers. */
export async function tables(told: Told): Promise<ShownTable[]> {
  const { context, findings, basis } = told;
  const words = context.texts.nextBest;
  const { config, verdict, testDate } = findings;
  const gaps = {
    date: testDate ?? "",
    days: config.horizon_days,
    unit: words.units[config.unit],
    worth: worth(told),
  };
  const table = (
    name: keyof typeof TABLES,
    [title, caption]: readonly [string, string],
    rows: Table,
  ): ShownTable => ({
    name,
    title: phrase(title, gaps),
    caption: phrase(caption, gaps),
    columns: tableColumns(name, told).filter((column) => isFilled(rows, column)),
    rows,
    isInteractive: INTERACTIVE.includes(name),
    isDetail: name !== "next_best" && name !== "next_best_trial",
  });
  const read = (name: string) => context.table(`results.${name}`);
  const trialCaption = basis.hasMoney ? words.trialCaption : words.trialCaptionUnpriced;
  const found = [
    table("next_best", [words.list, listCaption(told)], await read("next_best_shown")),
    ...(verdict.results.length === 0
      ? []
      : [table("next_best_trial", [words.trial, trialCaption], trialRows(told))]),
    table("next_best_rhythms", [words.rhythms, words.rhythmsCaption], await read("next_best_rhythms")),
    table("up_sell", [words.upSell, words.upSellCaption], first(await read("up_sell"))),
    table("cross_unit", [words.crossUnit, words.crossUnitCaption], first(await read("cross_unit"))),
  ];
  const long = await longNames(context);
  return found
    .filter(({ rows }) => rows.numRows > 0)
    .map((table) => (long.length === 0 ? table : { ...table, rows: cutNames(table.rows, long) }));
}

/** How each way of choosing did, a row for each number of offers. */
export function trialRows({ context, findings }: Told): Table {
  const { results } = findings.verdict;
  const column = (of: (result: OfferResult) => number) => Float64Array.from(results, of);
  return tableOf({
    contender: results.map(({ contender }) => context.texts.nextBest.contenders[contender]),
    offer_count: column(({ offerCount }) => offerCount),
    hit_rate: column(({ hitRate }) => hitRate.estimate),
    hit_low: column(({ hitRate }) => hitRate.low),
    hit_high: column(({ hitRate }) => hitRate.high),
    margin: column(({ margin }) => margin.estimate),
    margin_low: column(({ margin }) => margin.low),
    margin_high: column(({ margin }) => margin.high),
    expected_count: column(({ expectedCount }) => expectedCount),
    came_count: column(({ cameCount }) => cameCount),
  });
}

/** A bare file has keys of customers and no names. */
function isFilled(rows: Table, { name }: ShownColumn): boolean {
  const vector = rows.getChild(name);
  return name !== "customer_name" || vector === null || vector.nullCount < vector.length;
}

/** Names of products that are longer than they are shown, the longest first. */
async function longNames(context: NextBestContext): Promise<string[]> {
  const products = await context.table("features.basket_products", ["product_name"]);
  return texts(products, "product_name")
    .filter((name) => name !== null)
    .filter((name) => shorten(name) !== name)
    .toSorted((a, b) => b.length - a.length);
}

const NAMED: readonly string[] = ["product_name", "next_name", "reason"] satisfies ColumnName[];

/** The rows with those names cut, in sentences too. */
function cutNames(rows: Table, long: readonly string[]): Table {
  const cut = (text: string | null) =>
    long.reduce((left, name) => left?.replaceAll(name, () => shorten(name)) ?? null, text);
  const columns = rows.schema.fields.map(({ name }) => [
    name,
    NAMED.includes(name) ? texts(rows, name).map(cut) : rows.getChild(name)!,
  ]);
  return tableOf(Object.fromEntries(columns) as Parameters<typeof tableOf>[0]);
}

function listCaption({ context, basis }: Told): string {
  const words = context.texts.nextBest;
  if (!basis.isFile) return words.listCaption;
  return basis.hasMoney ? words.listCaptionFile : words.listCaptionUnpriced;
}

/** The columns, those of margin headed as revenue. */
export const inRevenue = (columns: readonly ShownColumn[], { nextBest }: Texts): ShownColumn[] => {
  const titles: Readonly<Record<string, string>> = nextBest.revenueColumns;
  return columns.map((column) => ({ ...column, title: titles[column.name] ?? column.title }));
};

/** Without money there is none to show, and what a trial sums up are purchases. */
function tableColumns(name: keyof typeof TABLES, { context, basis, findings }: Told): ShownColumn[] {
  const { texts } = context;
  const columns = columnsNamed(texts, TABLES[name]).map((column) =>
    column.name === "reason" ? { ...column, width: "wide" as const } : column,
  );
  if (basis.hasMoney) return findings.money.isRevenue ? inRevenue(columns, texts) : columns;
  return columns
    .filter((column) => column.name !== "expected_margin")
    .map((column) => ({
      ...column,
      ...(column.name === "margin" ? { title: texts.nextBest.purchases } : {}),
      ...(column.format === "money" ? { format: "decimal" as const } : {}),
    }));
}

const SHOWN_ROWS = 50;

const INTERACTIVE: readonly string[] = ["next_best", "up_sell", "cross_unit"];

/** The first rows by rank. */
function first(rows: Table): Table {
  return rows.slice(0, SHOWN_ROWS);
}

const TABLES = {
  next_best: [
    "call_rank",
    "customer_key",
    "customer_name",
    "product_name",
    "expected_margin",
    "probability",
    "reason",
  ],
  next_best_trial: [
    "contender",
    "offer_count",
    "hit_rate",
    "hit_low",
    "hit_high",
    "margin",
    "margin_low",
    "margin_high",
    "expected_count",
    "came_count",
  ],
  next_best_rhythms: [
    "product_name",
    "buyer_count",
    "rebuyer_count",
    "rebuyer_share",
    "gap_count",
    "low_gap_days",
    "median_gap_days",
    "high_gap_days",
  ],
  up_sell: ["up_sell_rank", "customer_key", "masked_name", ...UP_SELL],
  cross_unit: ["cross_unit_rank", "customer_key", "masked_name", ...CROSS_UNIT],
} as const satisfies Record<string, readonly ColumnName[]>;

import {
  basketFaults,
  isInBasketSql,
  type BasketFault,
  type FaultyFile,
  type LeftOut,
} from "./basket-rejects.js";
import type { BasketGuess, BasketHints, BasketRole } from "./guess-baskets.js";
import type { Layout } from "./guess-layout.js";
import type { LoadContext } from "./labelled-file.js";
import type { RelationName } from "./relation.js";
import { BARE_SOURCE } from "./report.js";
import { guessRowKinds, type RowKinds } from "./row-kinds.js";
import { quoteName, quoteText } from "./sql.js";
import type { Input } from "./steps/ingest.js";
import type { FoundKinds } from "./steps/row-kinds.js";
import { withoutUnitSql, wordSql } from "./steps/cell-sql.js";
import { A_SUM, isAnyOfSql, isOneOfSql, LEFT_OUT } from "./steps/stage-sql.js";
import { markTotals } from "./steps/totals.js";
import { collect, onlyNumber } from "./table.js";

/** Every row with an item and a basket. */
export const CELLS: RelationName = "staged.basket_cells";

/** What a row of {@link CELLS} holds beside its basket. */
export const GOODS_COLUMNS = "item, item_name, customer, order_date, amount, quantity";

/** Rows as they were read, how many of them are in baskets, and how many a word of theirs leaves out. */
export interface BasketRowsRead extends FaultyFile {
  readonly keptCount: number;
  readonly leftOutCount: number;
}

/** Which rows of a file of baskets do not count, by columns that say so. */
export function kindsOf(
  file: string,
  layout: Layout,
  { guess: { columns }, hints }: { readonly guess: BasketGuess; readonly hints: BasketHints },
): FoundKinds {
  const rows = hints.rows ?? {};
  const amount = columns.amount ?? columns.quantity;
  const kinds = guessRowKinds(file, layout, { hints: rows, taken: Object.values(columns), amount });
  return { kinds: { [file]: kinds }, hints: rows };
}

/** Whether any column says what a row is. */
export const hasKinds = ({ skipped, returned, doubted }: RowKinds) =>
  Object.keys({ ...skipped, ...returned, ...doubted }).length > 0;

/** A file of baskets as rejects know it, with the headings of what may call a row a total. */
export const asBaskets = (input: Input, { columns }: BasketGuess): Input => ({
  ...input,
  source: BARE_SOURCE,
  mapping: {
    ...input.mapping,
    entity: "order_lines",
    columns: Object.fromEntries(
      Object.entries(TOTAL_NAMES).flatMap(([name, role]) =>
        columns[role] === undefined ? [] : [[name, { column: columns[role] }]],
      ),
    ),
  },
});

/** The cells of a row that may call it a total. */
const TOTAL_NAMES = { basket: "basket", item: "item", customer: "customer" } as const;

interface Asked {
  readonly input: Input;
  readonly guess: BasketGuess;
  readonly kinds: FoundKinds;
  readonly asOfDate: string | undefined;
}

/** Makes {@link CELLS} of the rows that nothing keeps out of the baskets. */
export async function readRows(context: LoadContext, asked: Asked): Promise<BasketRowsRead> {
  const { engine, warn } = context;
  const read = await keepRows(context, asked);
  if (asked.kinds.hints.isAll === true) return read;
  const names = Object.keys(asked.input.mapping.columns);
  const head = `${asked.input.fileId} as file_id, row_number() over () as record_number, ${isInBasketSql(read.faults)} as is_readable`;
  const asWritten = rowsOf({ ...asked, kinds: withoutReturns(asked) });
  const readings = [...new Set([asWritten, read.rowsSql])].map(
    (rowsSql) => `select ${head}, ${names.join(", ")}, amount from (${rowsSql}) as known`,
  );
  const rows = { inputs: [asked.input], relation: CELLS, readings, names, amount: "amount" };
  const [input] = await markTotals(engine, rows, warn);
  return input === asked.input ? read : keepRows(context, { ...asked, input: input! });
}

/** Amounts as they are written, which a total adds up. */
function withoutReturns({ kinds: { kinds, hints }, input: { file } }: Asked): FoundKinds {
  return { kinds: { [file]: { ...kinds[file]!, returned: {} } }, hints };
}

async function keepRows({ engine }: LoadContext, asked: Asked): Promise<BasketRowsRead> {
  const { input, guess, kinds, asOfDate } = asked;
  const leftOut = leftOutBy(asked);
  const faults = basketFaults({ guess, asOfDate, isUtf8: input.scan.isUtf8, leftOut });
  const rowsSql = rowsOf(asked);
  const keptCount = await engine.create(CELLS, cellsSql(rowsSql, faults));
  const isLeftOut = ["1 = 0", ...leftOut.map(({ when }) => `(${when})`)].join(" or ");
  const left =
    leftOut.length === 0
      ? undefined
      : await collect(
          engine.read(`select count(*) as row_count from (${rowsSql}) as known where ${isLeftOut}`),
        );
  const leftOutCount = left === undefined ? 0 : onlyNumber(left, "row_count");
  return { input, rowsSql, faults, kinds, keptCount, leftOutCount };
}

/** The rows that nothing keeps out of the baskets. */
export const cellsSql = (rowsSql: string, faults: readonly BasketFault[]) =>
  `select basket, ${GOODS_COLUMNS} from (${rowsSql}) as known where ${isInBasketSql(faults)}`;

const skippedHeadings = ({ kinds, input }: Asked) => Object.keys(kinds.kinds[input.file]!.skipped);

/** What leaves rows out: words of columns, and sums of other rows. */
function leftOutBy(asked: Asked): LeftOut[] {
  const { input } = asked;
  const words = skippedHeadings(asked).map((column, place) => ({
    ...{ column, when: `is_skipped_${place}`, cell: `skipped_cell_${place}` },
    reason: quoteText(LEFT_OUT),
  }));
  const { totals = {}, mapping } = input;
  const sums = Object.entries(mapping.columns)
    .map(([name, { column }]) => ({ name, column: column! }))
    .filter(({ column }) => column in totals)
    .map(({ name, column }) => ({
      ...{ column, when: isAnyOfSql(name, totals[column]!), cell: name },
      reason: quoteText(A_SUM),
    }));
  return [...words, ...sums];
}

/** Every row as it was read, with the cells of what may be unreadable. */
function rowsOf(asked: Asked): string {
  const { input, guess, kinds } = asked;
  const { columns, types, unit } = guess;
  const { skipped, returned } = kinds.kinds[input.file]!;
  const nameOf = (heading: string) => quoteName(columnsOf(input)[input.headings.indexOf(heading)] ?? heading);
  const read = (role: BasketRole, type: string, nothing: string) =>
    columns[role] === undefined ? nothing : `parse_${type}(${nameOf(columns[role])})`;
  const text = (role: BasketRole) => read(role, "text", "empty_text()");
  const number = (role: BasketRole) =>
    columns[role] === undefined
      ? "empty_decimal()"
      : `parse_${types[role] ?? "decimal"}(${withoutUnitSql(nameOf(columns[role]), unit)})`;
  const day =
    columns.date === undefined ? "empty_date()" : `day_of(${read("date", types.date ?? "date", "")})`;
  const marks = Object.values(columns).map((heading) => `contains(${nameOf(heading)}, '\ufffd')`);
  const isMarked = input.scan.isUtf8 ? "1 = 0" : `coalesce(${marks.join(" or ")}, 1 = 0)`;
  const isReturn = Object.keys(returned).map((heading) => isOneOfSql(input, returned, heading));
  const skips = Object.keys(skipped).map(
    (heading, place) =>
      `${isOneOfSql(input, skipped, heading)} as is_skipped_${place}, ${wordSql(input, heading)} as skipped_cell_${place},`,
  );
  const known = `select ${text("basket")} as basket_text, ${text("item")} as item, ${text("name")} as item_name, ${text("customer")} as customer,
    ${day} as order_date, ${number("amount")} as amount, ${number("price")} as price, ${number("quantity")} as quantity,
    ${text("date")} as day_cell, ${text("amount")} as amount_cell, ${skips.join(" ")}
    ${["1 = 0", ...isReturn].join(" or ")} as is_return, ${isMarked} as is_marked
    from ${input.relation}`;
  const customerDay = guess.by === "customer_day" ? "customer || ' ' || to_key(order_date)" : "customer";
  const basket = guess.by === "order" ? "basket_text" : customerDay;
  const told = skips.map((_, place) => `is_skipped_${place}, skipped_cell_${place},`);
  return `select basket_text, ${basket} as basket, item, item_name, customer, order_date, ${amountSql(columns)} as amount,
    case when is_return then - abs(coalesce(quantity, 1)) else quantity end as quantity,
    day_cell, amount_cell, ${told.join(" ")} is_marked from (${known}) as known`;
}

/** What a row brought; below zero for a return, and where a quantity below zero says that it was given back. */
function amountSql({ amount, price, quantity }: BasketGuess["columns"]): string {
  const known =
    amount !== undefined
      ? "amount"
      : quantity === undefined
        ? "price"
        : "to_money(money_product(price, quantity))";
  const isBack = amount === undefined ? "is_return" : "is_return or quantity < 0";
  return amount === undefined && price === undefined
    ? known
    : `case when ${isBack} then - abs(${known}) else ${known} end`;
}

/** The raw columns of a file as the engine calls them. */
function columnsOf({ readable }: Input): readonly string[] {
  return readable.format === "csv" ? readable.columns : [];
}

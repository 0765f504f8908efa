import { basename } from "node:path";
import { cellsOf, NUMBER_TYPES } from "./cell-shapes.js";
import { CrmError } from "./errors.js";
import { guessCurrency } from "./guess-currency.js";
import { guessDateType, toldDateType, type DateFormat, type ToldDateType } from "./guess-dates.js";
import { guessOrderLayout } from "./guess-fill-down.js";
import { layoutEvidence, type Layout } from "./guess-layout.js";
import { markEvidence, guessMark, type NumberColumn } from "./guess-numbers.js";
import { isNameHeading, plain } from "./headings.js";
import { guessRefunds, NO_REFUND, type RefundColumn } from "./guess-refunds.js";
import type { FileHints } from "./inputs/hints.js";
import { ANY_WORD, type CellMapping, type FileMapping, type RowWords } from "./mapping.js";
import {
  findColumns,
  isOncePerOrder,
  type HintedColumns,
  type OrderColumns,
  type Role,
} from "./order-columns.js";
import { DEFAULT_LIMITS } from "./pipeline.js";
import { guessRowKinds, type RowHints, type RowKinds } from "./row-kinds.js";
import type { ReadingClause } from "./reading.js";
import type { Texts } from "./texts/index.js";

/** What the command line says about a bare file; the rest is guessed. */
export interface GuessHints extends FileHints {
  readonly columns: HintedColumns;
  readonly dateFormat?: DateFormat | undefined;
  readonly rows?: RowHints | undefined;
  /** What money is to be printed in. */
  readonly currency?: string | undefined;
}

/** How a bare file will be read, and why. */
export interface Guess {
  readonly mapping: FileMapping;
  /** One clause a column: role, heading, how it is read, on what evidence. */
  readonly evidence: readonly ReadingClause[];
  /** ISO 4217, where the file names one. */
  readonly currency: string | undefined;
  readonly kinds: RowKinds;
}

/**
 * How to read a bare file of orders, from its headings and its first rows.
 *
 * @throws CrmError `usage` when a column cannot be found or dates can be read in two ways, `data` when amounts are in several currencies
 */
export async function guessOrders(path: string, hints: GuessHints): Promise<Guess> {
  const file = basename(path);
  const layout = await guessOrderLayout(path, hints, hints.rows);
  const columns = findColumns(file, layout, hints.columns);
  refuseWithoutOrder(file, columns, hints.rows?.amountPer);
  const dates = cellsOf(layout.sample, layout.headings.indexOf(columns.date));
  const dateType = guessDateType(file, dates, hints.dateFormat);
  const money = guessMoney(file, layout, { columns, hints });
  const { currency, code, values } = money;
  const kinds = guessKinds(file, layout, { columns, hints, money });
  const less = lessOf(file, layout, { hints, refunds: kinds.refunds });
  const { customer, money: paid } = columns;
  const key = keyCell(layout, customer);
  const empty = [...(money.isOnce ? [paid] : []), ...(isOftenEmpty(layout, customer) ? [customer] : [])];
  return {
    mapping: {
      ...fileOf(file, layout, hints),
      ...whenOf(kinds, empty),
      ...(hints.rows?.amountPer === "order" ? { skip_repeated: true } : {}),
      ...entityOf(columns, {
        customer_key: key,
        order_date: { column: columns.date, type: dateType },
        amount: less === undefined ? money.cell : { ...money.cell, less },
        ...(currency === undefined ? {} : { currency: { column: currency, values } }),
      }),
    },
    evidence: [
      ...evidenceOf(columns, hints, {
        customer: key.type === undefined ? [] : [{ code: "folded", gaps: {} }],
        date: readingClauses(toldDateType(dateType, dates)),
        money:
          less === undefined ? money.told : [{ code: "less", gaps: { heading: less.column } }, ...money.told],
      }),
      ...(currency === undefined ? [] : [{ code: "currency" as const, gaps: { heading: currency } }]),
      ...layoutEvidence(layout),
    ],
    currency: code,
    kinds,
  };
}

/** Which rows count, and what is given back of them. */
function guessKinds(
  file: string,
  layout: Layout,
  { columns, hints, money }: Found & { readonly money: Money },
): RowKinds {
  const rows = hints.rows ?? {};
  const taken = [...headingsOf(columns), money.currency];
  const kinds = guessRowKinds(file, layout, {
    hints: rows,
    taken,
    amount: columns.quantity ?? columns.money,
  });
  const isSought = rows.isAll !== true || rows.refund !== undefined;
  const signs = { columns, taken, asked: isSought ? rows.refund : NO_REFUND, mark: money.mark };
  const refunds = guessRefunds(file, countedRows(layout, kinds.skipped), signs);
  return refunds === undefined ? kinds : { ...kinds, refunds };
}

/** A layout without the rows that a word leaves out. */
function countedRows(layout: Layout, skipped: RowWords): Layout {
  const cellIn = (row: readonly string[], heading: string) =>
    (row[layout.headings.indexOf(heading)] ?? "").trim().toLowerCase();
  const isCounted = (row: readonly string[]) =>
    !Object.entries(skipped).some(([heading, words]) => {
      const cell = cellIn(row, heading);
      return words.includes(ANY_WORD) ? cell !== "" : words.includes(cell);
    });
  const { sample, firstCount } = layout;
  const first = sample.slice(0, firstCount).filter(isCounted);
  return {
    ...layout,
    sample: [...first, ...sample.slice(firstCount).filter(isCounted)],
    firstCount: first.length,
  };
}

/** What is taken off each amount; undefined where nothing is. */
function lessOf(
  file: string,
  layout: Layout,
  { hints, refunds }: { readonly hints: GuessHints; readonly refunds: RefundColumn | undefined },
) {
  if (refunds === undefined || refunds.doubt !== undefined) return undefined;
  return operandOf(file, layout, { heading: refunds.heading, decimal: hints.decimal });
}

/** @throws CrmError `usage` where an amount is to count once an order, and there is none */
function refuseWithoutOrder(
  file: string,
  { order, quantity }: OrderColumns,
  amountPer: RowHints["amountPer"],
): void {
  if (amountPer !== "order" || (order !== undefined && quantity === undefined)) return;
  throw new CrmError("usage", `${file}: --amount-per order: needs an amount and the number of its order`, {
    hint: "name the columns: --amount COLUMN --order COLUMN",
  });
}

const headingsOf = (columns: OrderColumns) =>
  Object.values(columns).filter((heading) => heading !== undefined);

interface Found {
  readonly columns: OrderColumns;
  readonly hints: GuessHints;
}

type Money = ReturnType<typeof guessMoney>;

/** How money is read, and in what currency it is. */
function guessMoney(file: string, layout: Layout, { columns, hints }: Found) {
  const { money: column, quantity: times } = columns;
  const reading = guessMark(file, layout, { heading: column, decimal: hints.decimal });
  const type = NUMBER_TYPES[reading.mark];
  const amounts = cellsOf(layout.sample, layout.headings.indexOf(column));
  const taken = headingsOf(columns);
  const found = { heading: column, taken, amounts, asked: hints.currency, skipped: hints.rows?.skipped };
  const { column: currency, code, values, unit } = guessCurrency(file, layout, found);
  const isOnce = times === undefined && isOncePerOrder(layout, columns);
  const cell: CellMapping = {
    ...{ column, type },
    ...(times === undefined
      ? {}
      : { times: operandOf(file, layout, { heading: times, decimal: hints.decimal }) }),
    ...(unit === undefined ? {} : { unit }),
  };
  const once: ReadingClause[] = isOnce ? [{ code: "once", gaps: {} }] : [];
  const told = [...readingClauses(type, markEvidence(reading)), ...once];
  return { cell, told, isOnce, currency, code, values, mark: reading.mark };
}

/** A column of numbers beside the money, and how they are written. */
const operandOf = (file: string, layout: Layout, column: NumberColumn) => ({
  column: column.heading,
  type: NUMBER_TYPES[guessMark(file, layout, { ...column, isMinor: true }).mark],
});

/** Guests and walk-ins are no slips from this share of rows on: where more are rejected, no run goes through. */
const GUEST_SHARE = DEFAULT_LIMITS.rejected_share;

const isOftenEmpty = ({ headings, sample }: Layout, heading: string) =>
  sample.length - cellsOf(sample, headings.indexOf(heading)).length > GUEST_SHARE * sample.length;

/** Who buys, as found; but where e-mails alone differ in capitals alone, all are read in small letters. */
function keyCell({ headings, sample }: Layout, column: string): CellMapping {
  const cells = cellsOf(sample, headings.indexOf(column));
  const isMail = (cell: string) => /^[^@\s]+@[^@\s]+$/.test(cell);
  const isMixed = (some: readonly string[]) =>
    new Set(some.map((cell) => cell.toLowerCase())).size < new Set(some).size;
  const isFolded = isMixed(cells.filter(isMail)) && !isMixed(cells.filter((cell) => !isMail(cell)));
  return isFolded ? { column, type: "email" } : { column };
}

/** What the rows are, and from where their columns come: orders, or lines where an order has a number. */
function entityOf(
  { order }: OrderColumns,
  {
    amount,
    ...known
  }: Readonly<Record<"amount" | "customer_key" | "order_date", CellMapping> & { currency?: CellMapping }>,
): Pick<FileMapping, "entity" | "columns"> {
  if (order === undefined) return { entity: "orders", columns: { ...known, order_amount: amount } };
  return { entity: "order_lines", columns: { ...known, order_key: { column: order }, line_amount: amount } };
}

/** The keys of a mapping that say where the rows are. */
const fileOf = (
  file: string,
  { encoding, delimiter, headerRow, fillDown }: Layout,
  { sheet }: FileHints,
) => ({
  ...{ file, is_optional: false, encoding, delimiter, header_row: headerRow },
  ...(sheet === undefined ? {} : { sheet }),
  ...(fillDown === undefined ? {} : { fill_down: { ...fillDown, columns: [...fillDown.columns] } }),
});

/** The keys of a mapping that say which rows count. */
const whenOf = ({ skipped, returned }: RowKinds, empty: string[]) => ({
  ...(empty.length === 0 ? {} : { skip_when_empty: empty }),
  ...(Object.keys(skipped).length === 0 ? {} : { skip_when: skipped }),
  ...(Object.keys(returned).length === 0 ? {} : { return_when: returned }),
});

/** How the cells of customers, days and money are read. */
type Told = Readonly<Record<"customer" | "date" | "money", readonly ReadingClause[]>>;

function evidenceOf(columns: OrderColumns, { columns: hinted }: GuessHints, told: Told): ReadingClause[] {
  const { customer, date, money, quantity, order } = columns;
  const paid = quantity === undefined ? money : `${money} × ${quantity}`;
  const doubt: ReadingClause[] = isNameHeading(plain(customer)) ? [{ code: "name", gaps: {} }] : [];
  const given = (...roles: Role[]) => ({ isGiven: roles.some((role) => hinted[role] !== undefined) });
  return [
    columnClause("customer", { heading: customer, read: told.customer, doubt, ...given("customer") }),
    columnClause("date", { heading: date, read: told.date, doubt: [], ...given("date") }),
    columnClause("amount", {
      heading: paid,
      read: told.money,
      doubt: [],
      ...given("amount", "price", "quantity"),
    }),
    order === undefined
      ? { code: "no_order", gaps: {} }
      : columnClause("order", { heading: order, read: [], doubt: [], ...given("order") }),
  ];
}

/** What is known of a column when it is told of. */
export interface ToldColumn {
  readonly heading: string;
  /** How its cells are read. */
  readonly read: readonly ReadingClause[];
  readonly isGiven: boolean;
  /** Said unless the column was given. */
  readonly doubt: readonly ReadingClause[];
}

/** How the cells of a column are read; on what evidence goes behind it. */
export const readingClauses = (
  type: ToldDateType,
  evidence: readonly ReadingClause[] = [],
): ReadingClause[] => [{ code: "type", gaps: { type } }, ...evidence];

/** Which column has a role, and how it is read. */
export function columnClause(
  role: keyof Texts["reading"]["roles"],
  { heading, read, isGiven, doubt }: ToldColumn,
): ReadingClause {
  const given: ReadingClause = { code: "given", gaps: {} };
  return { code: "column", gaps: { role, heading }, more: [...read, ...(isGiven ? [given] : doubt)] };
}

import { withoutUnit } from "./amount-units.js";
import { areNumbers, cellsOf, valueOf } from "./cell-shapes.js";
import { CrmError } from "./errors.js";
import type { Layout } from "./guess-layout.js";
import { plain, REFUND_HEADINGS } from "./headings.js";
import { noSuchColumn } from "./inputs/csv.js";
import type { DecimalMark } from "./inputs/hints.js";
import { ordersOfSeveral, type OrderColumns } from "./order-columns.js";

/** The word of `--refund` for a file of which no refund is taken off. */
export const NO_REFUND = "none";

/** Why refunds are not taken off: amounts are what is left of them, or one stands on every row of its order. */
export type RefundDoubt = "net" | "whole";

/** A column of money that was given back, beside that of the amounts. */
export interface RefundColumn {
  readonly heading: string;
  /** Empty where it is taken off the amounts. */
  readonly doubt: RefundDoubt | undefined;
}

/** What refunds are looked for with. */
export interface RefundSigns {
  readonly columns: OrderColumns;
  /** Headings that mean something else. */
  readonly taken: readonly (string | undefined)[];
  /** A heading, or {@link NO_REFUND}. */
  readonly asked: string | undefined;
  readonly mark: DecimalMark;
}

/**
 * The column of refunds of a file of orders; undefined where there is none.
 *
 * @throws CrmError `usage` where the column that was named is not there
 */
export function guessRefunds(file: string, layout: Layout, signs: RefundSigns): RefundColumn | undefined {
  const { headings, sample } = layout;
  if (signs.asked === NO_REFUND) return undefined;
  if (signs.asked !== undefined) {
    if (headings.includes(signs.asked)) return { heading: signs.asked, doubt: undefined };
    const fault = noSuchColumn(`--refund ${signs.asked}`, signs.asked, { file, headings });
    throw new CrmError("usage", fault, { hint: `--refund ${NO_REFUND}: take nothing off` });
  }
  const isRefund = (heading: string, pattern: RegExp) => {
    const cells = cellsOf(sample, headings.indexOf(heading));
    const isFlag = cells.every((cell) => /^[01]$/.test(cell)) && cells.includes("1");
    return pattern.test(plain(withoutUnit(heading))) && cells.length > 0 && areNumbers(cells) && !isFlag;
  };
  const free = headings.filter((heading) => heading !== "" && !signs.taken.includes(heading));
  const heading = REFUND_HEADINGS.map((pattern) => free.find((one) => isRefund(one, pattern))).find(
    (one) => one !== undefined,
  );
  return heading === undefined ? undefined : { heading, doubt: doubtOf(layout, heading, signs) };
}

function doubtOf(layout: Layout, refund: string, signs: RefundSigns): RefundDoubt | undefined {
  const { columns } = signs;
  const place = (heading: string) => layout.headings.indexOf(heading);
  const numberIn = (row: readonly string[], heading: string) => {
    const cell = (row[place(heading)] ?? "").trim();
    return cell === "" ? 0 : valueOf(cell, signs.mark);
  };
  const read = (row: readonly string[]) => ({
    isPriced: (row[place(columns.money)] ?? "").trim() !== "",
    refund: numberIn(row, refund),
    amount:
      numberIn(row, columns.money) * (columns.quantity === undefined ? 1 : numberIn(row, columns.quantity)),
    order: columns.order === undefined ? undefined : row[place(columns.order)],
  });
  const several = columns.order === undefined ? [] : ordersOfSeveral(layout, columns.order);
  if (areWhole(several.map((rows) => rows.map(read)))) return "whole";
  const refunded = layout.sample.filter((row) => numberIn(row, refund) > 0);
  const isSumOfBoth = (heading: string) =>
    refunded.every((row) => {
      const { amount, refund: off } = read(row);
      return amount > 0 && Math.abs(numberIn(row, heading) - amount - off) < HALF_A_CENT;
    });
  const others = layout.headings.filter((heading) => ![refund, columns.money].includes(heading));
  if (refunded.length > 0 && others.some(isSumOfBoth)) return "net";
  return areNet(layout.sample.map(read)) ? "net" : undefined;
}

/** Money of a row, without sign. */
interface RefundedRow {
  /** False where no amount stands, as in rows of their own for refunds. */
  readonly isPriced: boolean;
  readonly refund: number;
  readonly amount: number;
  readonly order: string | undefined;
}

/** Whether the refund of an order stands on each of its rows, and the amount is a row's; or the other way round. */
function areWhole(orders: readonly (readonly RefundedRow[])[]): boolean {
  const isSame = (rows: readonly RefundedRow[], column: "refund" | "amount") =>
    rows.every((row) => row[column] === rows[0]![column]);
  const refunded = orders.filter((rows) => rows.some(({ refund }) => refund > 0));
  if (refunded.length === 0) return false;
  return refunded.every((rows) => isSame(rows, "refund"))
    ? refunded.some((rows) => !isSame(rows, "amount"))
    : orders.every((rows) => isSame(rows, "amount"));
}

/** Whether more was given back than paid on many rows, or all of what rows without money had: then amounts are what is left. */
function areNet(rows: readonly RefundedRow[]): boolean {
  const refunded = rows.filter(({ refund }) => refund > 0);
  const over = refunded.filter(({ refund, amount }) => amount > 0 && refund > amount + HALF_A_CENT);
  if (over.length > MOST_OVER * refunded.length) return true;
  const paid = new Set(rows.filter(({ amount }) => amount > 0).map(({ order }) => order));
  return (
    refunded.length > 0 &&
    refunded.every(
      ({ amount, isPriced, order }) => amount === 0 && isPriced && !(order !== undefined && paid.has(order)),
    )
  );
}

const HALF_A_CENT = 0.005;
/** Of refunds so many may be more than was paid, as where postage is paid back too. */
const MOST_OVER = 0.2;

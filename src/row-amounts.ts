import { cellsOf, markOfCells, valueOf } from "./cell-shapes.js";
import type { Layout } from "./guess-layout.js";

/** What a row may have brought, and what a piece cost and how many there were; the number of its order. */
export interface AmountColumns {
  readonly amount: string;
  readonly price: string;
  readonly quantity: string;
  readonly order: string | undefined;
}

/** Of rows with a price so many have an amount where it is theirs. */
const FILLED = 0.5;
/** Of orders whose rows cost more than a tenth more or less than each other so many have one amount where it is the order's. */
const ALIKE = 0.95;
const UNLIKE = 1.1;

/** Whether amounts are what rows brought, as far as a file tells, and no totals of whole orders. */
export function isOfRows(layout: Layout, { amount, price, quantity, order }: AmountColumns): boolean {
  const [amounts, prices, quantities] = [amount, price, quantity].map((heading) =>
    numbersIn(layout, heading),
  );
  const rows = layout.sample.map((cells, row) => ({
    order: order === undefined ? "" : (cells[layout.headings.indexOf(order)] ?? "").trim(),
    amount: amounts![row]!,
    worth: Math.abs(prices![row]! * quantities![row]!),
  }));
  const priced = rows.filter(({ worth }) => worth > 0);
  const paidCount = priced.filter((row) => !Number.isNaN(row.amount)).length;
  return paidCount >= FILLED * priced.length && !isOfOrders(priced.slice(0, layout.firstCount));
}

interface PaidRow {
  readonly order: string;
  readonly amount: number;
  readonly worth: number;
}

/** Whether rows of an order that cost differently have one amount, or one of them has it for all. */
function isOfOrders(rows: readonly PaidRow[]): boolean {
  const orders = new Map<string, PaidRow[]>();
  for (const row of rows)
    if (row.order !== "") orders.set(row.order, [...(orders.get(row.order) ?? []), row]);
  const unlike = [...orders.values()].filter((of) => {
    const worths = of.map(({ worth }) => worth);
    return Math.max(...worths) > UNLIKE * Math.min(...worths);
  });
  const alike = unlike.filter((of) => {
    const paid = of.map(({ amount }) => amount).filter((amount) => !Number.isNaN(amount));
    return new Set(paid).size === 1;
  });
  return unlike.length > 0 && alike.length >= ALIKE * unlike.length;
}

/** A number a row, NaN where there is none. */
function numbersIn({ headings, sample }: Layout, heading: string): number[] {
  const column = headings.indexOf(heading);
  const mark = markOfCells(cellsOf(sample, column)) ?? "point";
  return sample.map((row) => {
    const cell = (row[column] ?? "").trim();
    return cell === "" ? NaN : valueOf(cell, mark);
  });
}

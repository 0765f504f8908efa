import { cellsOf, markOfCells, valueOf } from "./cell-shapes.js";
import type { Layout } from "./guess-layout.js";

/** What a row may have brought, and what a piece cost and how many there were. */
export interface AmountColumns {
  readonly amount: string;
  readonly price: string;
  readonly quantity: string;
}

/** Amounts of rows are between these times price × quantity: taxes and discounts lie between. */
const [LEAST, MOST] = [0.25, 1.5];
/** Shares of the rows that have an amount, and of these that have such a one. */
const FILLED = 0.5;
const FITTING = 0.8;

/** Whether amounts are what rows brought, and no totals of whole orders. */
export function isOfRows(layout: Layout, { amount, price, quantity }: AmountColumns): boolean {
  const [amounts, prices, quantities] = [amount, price, quantity].map((heading) =>
    numbersIn(layout, heading),
  );
  const rows = layout.sample.map((_, row) => ({
    amount: Math.abs(amounts![row]!),
    worth: Math.abs(prices![row]! * quantities![row]!),
  }));
  const priced = rows.filter(({ worth }) => worth > 0);
  const paid = priced.filter((row) => !Number.isNaN(row.amount));
  const fitting = paid.filter((row) => row.amount >= LEAST * row.worth && row.amount <= MOST * row.worth);
  return (
    priced.length === 0 || (paid.length >= FILLED * priced.length && fitting.length >= FITTING * paid.length)
  );
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

import { withoutUnit } from "./amount-units.js";
import { cellsOf, isDateLike, isDayNumber, isNumberLike } from "./cell-shapes.js";
import { problemsError } from "./errors.js";
import { otherwise, plain, type Layout } from "./guess-layout.js";
import {
  AMOUNT_HEADINGS,
  CUSTOMER_HEADINGS,
  DATE_HEADINGS,
  ORDER_HEADINGS,
  PRICE_HEADINGS,
  QUANTITY_HEADINGS,
} from "./headings.js";
import { noSuchColumn, shownHeadings } from "./inputs/csv.js";

/** The columns an order file is read by: money is the amount, or price times quantity. */
export const ROLES = ["customer", "date", "amount", "price", "quantity", "order"] as const;
/** One of them. */
export type Role = (typeof ROLES)[number];

const HEADINGS: Readonly<Record<Role, readonly RegExp[]>> = {
  customer: CUSTOMER_HEADINGS,
  date: DATE_HEADINGS,
  amount: AMOUNT_HEADINGS,
  price: PRICE_HEADINGS,
  quantity: QUANTITY_HEADINGS,
  order: ORDER_HEADINGS,
};

/** A heading for each role that was named. */
export type HintedColumns = Readonly<Partial<Record<Role, string>>>;

/** Which heading has which role; with `quantity`, `money` is the price of one. */
export interface OrderColumns {
  readonly customer: string;
  readonly date: string;
  readonly money: string;
  readonly quantity: string | undefined;
  readonly order: string | undefined;
}

/**
 * Which columns of a file of orders are which, from what was named, the headings and the cells.
 *
 * @throws CrmError `usage` with every column that is not there or cannot be found
 */
export function findColumns(file: string, layout: Layout, hinted: HintedColumns): OrderColumns {
  const found: FoundColumns = { ...hinted };
  const find = (role: Role) => (found[role] ??= guessColumn(role, layout, takenIn(found)));
  const needed: Role[] = ["customer", "date"];
  needed.forEach(find);
  needed.push(...findMoney(found, layout));
  find("order");
  const problems = [
    ...hintProblems(file, layout, hinted),
    ...needed.filter((role) => found[role] === undefined).map((role) => notFound(role, file, layout)),
  ];
  if (problems.length > 0)
    throw problemsError(
      "usage",
      problems,
      `name the columns: --customer COLUMN --date COLUMN --amount COLUMN [--order COLUMN]${otherwise(layout)}`,
    );
  const money = found.amount ?? found.price!;
  return {
    customer: found.customer!,
    date: found.date!,
    money,
    quantity: found.quantity,
    order: found.order,
  };
}

type FoundColumns = Partial<Record<Role, string | undefined>>;

const takenIn = (found: FoundColumns) => Object.values(found).filter((heading) => heading !== undefined);

/**
 * Finds the amount, or price and quantity where these were named or no heading speaks of an amount.
 *
 * @returns the roles that are needed
 */
function findMoney(found: FoundColumns, layout: Layout): Role[] {
  if (found.amount !== undefined) return [];
  const guess = (role: Role) => guessColumn(role, layout, takenIn(found));
  const isPriced = (found.price ?? found.quantity) !== undefined;
  const amount = isPriced ? undefined : guess("amount");
  const [price, quantity] = [found.price ?? guess("price"), found.quantity ?? guess("quantity")];
  if (isPriced || (amount === undefined && price !== undefined && quantity !== undefined)) {
    Object.assign(found, { price, quantity });
    return ["price", "quantity"];
  }
  found.amount = amount ?? price ?? onlyLike("amount", layout, takenIn(found));
  return ["amount"];
}

function hintProblems(file: string, { headings }: Layout, hinted: HintedColumns): string[] {
  const named = ROLES.flatMap((role) => (hinted[role] === undefined ? [] : [[role, hinted[role]] as const]));
  const lost = named.flatMap(([role, heading]) =>
    headings.includes(heading) ? [] : [noSuchColumn(`--${role} ${heading}`, heading, { file, headings })],
  );
  const isBoth = hinted.amount !== undefined && (hinted.price ?? hinted.quantity) !== undefined;
  return isBoth ? [...lost, "--amount: money is the amount, or --price times --quantity"] : lost;
}

function notFound(role: Role, file: string, { headings }: Layout): string {
  const forms = role === "date" ? " (as 2025-12-31, 31.12.2025, 12/31/2025 or 31-Dec-2025)" : "";
  return `${file}: no column looks like the ${role}${forms}; found ${shownHeadings(headings)}`;
}

function guessColumn(role: Role, layout: Layout, taken: readonly string[]): string | undefined {
  const { headings, sample } = layout;
  const free = headings.filter((heading) => heading !== "" && !taken.includes(heading));
  const called = (heading: string) =>
    plain(role === "amount" || role === "price" ? withoutUnit(heading) : heading);
  for (const pattern of HEADINGS[role]) {
    const named = free.find(
      (heading) => pattern.test(called(heading)) && fitsRole(role, cellsIn(layout, heading), sample.length),
    );
    if (named !== undefined) return named;
  }
  if (role === "order") return free.find((heading) => isNumberedName(heading, layout));
  return role === "date" ? onlyLike(role, layout, taken) : undefined;
}

const cellsIn = ({ headings, sample }: Layout, heading: string) => cellsOf(sample, headings.indexOf(heading));

/** Shopify calls the number of an order its name. */
const isNumberedName = (heading: string, layout: Layout) =>
  plain(heading) === "name" && cellsIn(layout, heading).every((cell) => /^#\S*\d/.test(cell));

/** The only column whose cells look like that, whatever it is called. */
function onlyLike(role: "date" | "amount", layout: Layout, taken: readonly string[]): string | undefined {
  const alike = layout.headings.filter((heading) => {
    if (heading === "" || taken.includes(heading)) return false;
    const cells = cellsIn(layout, heading);
    return cells.length >= LEAST_FILLED.date * layout.sample.length && looksLike(role, cells);
  });
  return alike.length === 1 ? alike[0] : undefined;
}

/** The share of rows from which on a column may be it; an amount may stand once an order. */
const LEAST_FILLED = { date: 0.5, amount: 0.2, price: 0.5, quantity: 0.5 };

function fitsRole(role: Role, cells: readonly string[], rowCount: number): boolean {
  if (role === "customer" || role === "order") return true;
  if (cells.length < LEAST_FILLED[role] * rowCount) return false;
  return looksLike(role, cells) || (role === "date" && cells.every(isDayNumber));
}

function looksLike(role: "date" | "amount" | "price" | "quantity", cells: readonly string[]): boolean {
  const looks = cells.filter((cell) => (role === "date" ? isDateLike(cell) : isNumberLike(cell)));
  return looks.length >= 0.8 * cells.length;
}

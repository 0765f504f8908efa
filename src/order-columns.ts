import { withoutUnit } from "./amount-units.js";
import { cellsOf, isDateLike, isDayNumber, isNumberLike } from "./cell-shapes.js";
import { problemsError } from "./errors.js";
import { otherwise, type Layout } from "./guess-layout.js";
import {
  AMOUNT_HEADINGS,
  CUSTOMER_HEADINGS,
  DATE_HEADINGS,
  isNumberedName,
  isNicknameHeading,
  isPhoneHeading,
  ORDER_HEADINGS,
  PRICE_HEADINGS,
  QUANTITY_HEADINGS,
  plain,
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
  find("order");
  needed.push(...findMoney(found, layout));
  const problems = [
    ...hintProblems(file, layout, hinted),
    ...needed.filter((role) => found[role] === undefined).map((role) => notFound(role, file, layout)),
  ];
  if (problems.length > 0)
    throw problemsError(
      "usage",
      problems,
      `name the columns: --customer COLUMN --date COLUMN --amount COLUMN (or --price COLUMN --quantity COLUMN) [--order COLUMN]${otherwise(layout)}`,
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
  const amount = isPriced ? undefined : (guess("amount") ?? amazonPrice(layout));
  const [price, quantity] = [found.price ?? guess("price"), found.quantity ?? guess("quantity")];
  if (isPriced || (amount === undefined && price !== undefined && quantity !== undefined)) {
    Object.assign(found, { price, quantity });
    return ["price", "quantity"];
  }
  found.amount = amount ?? price ?? onlyLike("amount", layout, takenIn(found));
  return ["amount"];
}

/** Amazon calls the money of a row its item price. */
function amazonPrice({ headings }: Layout): string | undefined {
  const isAmazon = headings.some((heading) => plain(heading) === "amazonorderid");
  return isAmazon ? headings.find((heading) => plain(heading) === "itemprice") : undefined;
}

function hintProblems(file: string, { headings }: Layout, hinted: HintedColumns): string[] {
  const named = ROLES.flatMap((role) => (hinted[role] === undefined ? [] : [[role, hinted[role]] as const]));
  const lost = named.flatMap(([role, heading]) =>
    headings.includes(heading) ? [] : [noSuchColumn(`--${role} ${heading}`, heading, { file, headings })],
  );
  const twice = named.flatMap(([role, heading], place) => {
    const other = named.find(([, earlier], before) => before < place && earlier === heading);
    return other === undefined ? [] : [`--${role} ${heading}: is given as --${other[0]} too`];
  });
  const isBoth = hinted.amount !== undefined && (hinted.price ?? hinted.quantity) !== undefined;
  const both = isBoth ? ["--amount: money is the amount, or --price times --quantity"] : [];
  return [...lost, ...twice, ...both];
}

function notFound(role: Role, file: string, { headings }: Layout): string {
  const forms = role === "date" ? " (as 2025-12-31, 31.12.2025, 12/31/2025 or 31-Dec-2025)" : "";
  return `${file}: no column looks like the ${role}${forms}; found ${shownHeadings(headings)}`;
}

function guessColumn(role: Role, layout: Layout, taken: readonly string[]): string | undefined {
  const { headings } = layout;
  const free = headings.filter((heading) => heading !== "" && !taken.includes(heading));
  const called = (heading: string) =>
    plain(role === "amount" || role === "price" ? withoutUnit(heading) : heading);
  const isHidden = (heading: string) => role === "customer" && isDoubtfulPhone(layout, heading);
  for (const pattern of HEADINGS[role]) {
    const fits = (heading: string) => pattern.test(called(heading)) && fitsRole(role, layout, heading);
    const named = free.find((heading) => fits(heading) && !isHidden(heading));
    if (named !== undefined) return named;
  }
  if (role === "customer") return free.find(isHidden);
  if (role === "order") return free.find((heading) => isNumberedName(heading, everyCellIn(layout, heading)));
  return role === "date" ? onlyLike(role, layout, taken) : undefined;
}

const cellsIn = ({ headings, sample }: Layout, heading: string) => cellsOf(sample, headings.indexOf(heading));

const everyCellIn = ({ headings, sample }: Layout, heading: string) =>
  sample.map((row) => row[headings.indexOf(heading)]);

/** The rows that follow on each other, so that orders are whole. */
const headOf = ({ sample, firstCount }: Layout) => sample.slice(0, firstCount);

/** The rows of each order of several. */
export function ordersOfSeveral(layout: Layout, order: string): Layout["sample"][] {
  const { headings } = layout;
  const orders = new Map<string | undefined, (readonly string[])[]>();
  for (const row of headOf(layout)) {
    const number = row[headings.indexOf(order)];
    const rows = orders.get(number) ?? [];
    rows.push(row);
    orders.set(number, rows);
  }
  return [...orders.values()].filter((rows) => rows.length > 1);
}

/**
 * Whether money stands on one row of an order of several: nearly all such orders have it on one row alone, and nearly
 * all rows without it are theirs.
 */
export function isOncePerOrder(
  layout: Layout,
  { money, order }: Pick<OrderColumns, "money" | "order">,
): boolean {
  if (order === undefined) return false;
  const paid = layout.headings.indexOf(money);
  const emptyIn = (rows: Layout["sample"]) => rows.filter((row) => (row[paid] ?? "").trim() === "").length;
  const several = ordersOfSeveral(layout, order);
  const once = several.filter((rows) => rows.length - emptyIn(rows) === 1);
  return (
    once.length > 0 &&
    once.length >= NEARLY_ALL * several.length &&
    emptyIn(once.flat()) >= NEARLY_ALL * emptyIn(headOf(layout))
  );
}

const NEARLY_ALL = 0.9;

/** The only column whose cells look like that, whatever it is called. */
function onlyLike(role: "date" | "amount", layout: Layout, taken: readonly string[]): string | undefined {
  const alike = layout.headings.filter((heading) => {
    if (heading === "" || taken.includes(heading)) return false;
    const cells = cellsIn(layout, heading);
    return cells.length >= LEAST_FILLED * layout.sample.length && looksLike(role, cells);
  });
  return alike.length === 1 ? alike[0] : undefined;
}

/** The share of rows from which on a column may hold days or numbers; an amount may stand once an order. */
const LEAST_FILLED = 0.5;

/**
 * Whether a column of telephone numbers tells customers apart badly: shown in part, so that several look alike; with an
 * extension, which shops give anew with each order; or on fewer rows than what people call themselves.
 */
export function isDoubtfulPhone(layout: Layout, heading: string): boolean {
  if (!isPhoneHeading(heading)) return false;
  const cells = cellsIn(layout, heading);
  const nickname = layout.headings.find(isNicknameHeading);
  const named = nickname === undefined ? 0 : cellsIn(layout, nickname).length;
  const partial = cells.filter((cell) => /\*|\d-\d{3,4}$|转\d+$/.test(cell));
  return partial.length > 0.5 * cells.length || cells.length < 0.95 * named;
}

function fitsRole(role: Role, layout: Layout, heading: string): boolean {
  const cells = cellsIn(layout, heading);
  if (role === "customer" || role === "order") return cells.length > 0 || layout.sample.length === 0;
  const isOnce = () => {
    const order = guessColumn("order", layout, [heading]);
    return role === "amount" && isOncePerOrder(layout, { money: heading, order });
  };
  if (cells.length < LEAST_FILLED * layout.sample.length && !isOnce()) return false;
  return looksLike(role, cells) || (role === "date" && cells.every(isDayNumber));
}

function looksLike(role: "date" | "amount" | "price" | "quantity", cells: readonly string[]): boolean {
  const looks = cells.filter((cell) => (role === "date" ? isDateLike(cell) : isNumberLike(cell)));
  return looks.length >= 0.8 * cells.length;
}

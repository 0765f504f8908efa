import { withoutUnit } from "./amount-units.js";
import type { BasketsConfig } from "./analyses/baskets-config.js";
import { cellsOf, isDateLike, isDayNumber, isNumberLike, NUMBER_TYPES } from "./cell-shapes.js";
import { problemsError } from "./errors.js";
import { guessCurrency, type GuessedCurrency } from "./guess-currency.js";
import { otherwise, type Layout } from "./guess-layout.js";
import { columnClause, readingClauses } from "./guess.js";
import { guessDateType, toldDateType, type DateFormat } from "./guess-dates.js";
import { markEvidence, guessMark } from "./guess-numbers.js";
import {
  CUSTOMER_HEADINGS,
  DATE_HEADINGS,
  isNameHeading,
  isNumberedName,
  plain,
  PRICE_HEADINGS,
  QUANTITY_HEADINGS,
} from "./headings.js";
import type { FileHints } from "./inputs/hints.js";
import { noSuchColumn, shownHeadings } from "./inputs/csv.js";
import type { CellType } from "./mapping.js";
import type { ReadingClause } from "./reading.js";
import { isDoubtfulPhone } from "./order-columns.js";
import { isOfRows } from "./row-amounts.js";
import type { RowHints } from "./row-kinds.js";

/** The columns a file of baskets is read by. */
export const BASKET_ROLES = [
  "basket",
  "item",
  "name",
  "customer",
  "date",
  "amount",
  "price",
  "quantity",
] as const;
/** One of them. */
export type BasketRole = (typeof BASKET_ROLES)[number];

/** What the command line says of them. */
export interface BasketHints extends FileHints {
  /** What a basket is; default: as the columns allow. */
  readonly by?: BasketsConfig["by"] | undefined;
  readonly columns: Readonly<Partial<Record<BasketRole, string>>>;
  readonly dateFormat?: DateFormat | undefined;
  readonly rows?: RowHints | undefined;
  /** What money is to be printed in. */
  readonly currency?: string | undefined;
}

/** Which column is what, and why. */
export interface BasketGuess {
  /** What a basket is: without a basket column a customer's day, or all of a customer. */
  readonly by: BasketsConfig["by"];
  readonly columns: Readonly<Partial<Record<BasketRole, string>>> & { readonly item: string };
  /** How the cells of days and numbers are written. */
  readonly types: Readonly<Partial<Record<BasketRole, CellType>>>;
  /** What stands beside every amount and price, such as the EUR of `EUR 12.50`. */
  readonly unit: string | undefined;
  /** ISO 4217, where the file names one for its money. */
  readonly currency: string | undefined;
  readonly evidence: readonly ReadingClause[];
}

type FoundColumns = Readonly<Partial<Record<BasketRole, string>>>;

/** A file and what is asked of it. */
interface Guessing {
  readonly layout: Layout;
  readonly hints: BasketHints;
}

/** Headings as people write them, the surest first; compared without case, spaces and marks. */
const HEADINGS: Readonly<Record<BasketRole, readonly RegExp[]>> = {
  basket: [
    /^(basket|transaction|receipt|invoice|order|document|ticket|bill|check|trans|tid|cart)(id|no|nr|number|key|code|ref)?$|^amazonorderid$/,
    /^sales?((order|document)(id|no|nr|number|key|code|ref)?|id|no|nr|number|key|code|ref)$/,
    /^(购物篮|小票|订单|单据|交易|发票|销售单|流水)(号|编号|单号|流水号|id)?$|^单号$/,
    /^(bestell|auftrags|beleg|rechnungs|bon)(nr|nummer)$/,
    /^(auftrag|bestellung|rechnung|beleg|bon|kassenbon|vorgang)(id)?$/,
  ],
  item: [
    /^(item|product|sku|article|material|goods|stock)(id|no|nr|number|key|code|ref)$|^sku$/,
    /^(商品|产品|物料|货品|品目|存货|商家)(id|号|编号|代码|编码)$/,
    /^(artikel|produkt)(nr|nummer)$/,
    /^(lineitem|item|product|sku|article|material|good|goods|stock)(name|description|title)$/,
    /^(商品|产品|物料|货品|品目|存货|宝贝)(名称|名|描述|标题)?$|^品名$/,
    /^(item|items|product|products|article|material|goods)$/,
    /^(artikel|produkt)(name|bezeichnung)?$/,
    /^description$/,
  ],
  name: [
    /^(item|product|sku|article|material|good|goods|stock)?(description|desc)$/,
    /^(item|product|sku|article|material|good|goods|stock)(name|title)$/,
    /^(商品|产品|物料|货品|品目|存货|宝贝)(名称|名|描述|标题)$|^品名$/,
    /^(artikel|produkt)?(bezeichnung|beschreibung)$|^(artikel|produkt)name$/,
  ],
  customer: CUSTOMER_HEADINGS,
  date: DATE_HEADINGS,
  amount: [
    /^(line|item|position|sales?|net|purchase|paid|total)(amount|revenue|total|value|sales?|price)(eur|usd|cny|gbp)?$/,
    /^(amount|revenue|value|spend|spent|turnover|sales|subtotal|total)(eur|usd|cny|gbp)?$/,
    /^(明细|行|商品|销售|实付|实收|支付|付款|消费|成交|合计|买家实际支付)?(金额|销售额|价税合计|小计|总价)(元)?$/,
    /^(zeilen|positions|netto|brutto)?(betrag|umsatz)(eur)?$/,
  ],
  price: PRICE_HEADINGS,
  quantity: QUANTITY_HEADINGS,
};

/** Headings of items that are codes, which a column of names may label. */
const CODE_HEADING = /(id|no|nr|number|nummer|key|code|ref|sku|号|代码|编码)$/;

/** The columns whose cells are numbers. */
const NUMBERS: readonly BasketRole[] = ["amount", "price", "quantity"];

/**
 * Which columns of a file with a row for each item are which, from headings and contents.
 *
 * @throws CrmError `usage` when a column is not there, or no column can be the items or tell baskets apart
 */
export function guessBaskets(file: string, layout: Layout, hints: BasketHints): BasketGuess {
  const { headings } = layout;
  const found: Partial<Record<BasketRole, string>> = {};
  const problems = hintProblems(file, layout, hints);
  for (const role of BASKET_ROLES) {
    const heading = hints.columns[role] ?? guessed(role, layout, { found, hints });
    if (heading !== undefined && headings.includes(heading)) found[role] = heading;
  }
  const placed = problems.length === 0 ? fillTwoColumns(found, { layout, hints }) : [];
  if (problems.length === 0 && found.item === undefined)
    problems.push(`${file}: no column looks like the items; found ${shownHeadings(headings)}`);
  if (problems.length === 0) problems.push(...basketProblems(file, found, { layout, hints }));
  if (problems.length > 0)
    throw problemsError(
      "usage",
      problems,
      `name the columns: --basket COLUMN --item COLUMN [--customer COLUMN --date COLUMN]; a file with a line for each basket needs --format baskets${otherwise(layout)}`,
    );
  const columns = { ...found, item: found.item! };
  const by = hints.by ?? basketOf(found);
  const cells = cellsRead(file, columns, { layout, hints });
  const { code: currency, unit } = currencyOf(file, columns, { layout, hints });
  const types = Object.fromEntries(Object.entries(cells).map(([role, { type }]) => [role, type]));
  const evidence = [...byEvidence(by, hints), ...evidenceOf(columns, cells, { hints, placed })];
  return { by, columns, types, unit, currency, evidence };
}

/** What a basket is where nobody says so. */
const basketOf = ({ basket, date }: FoundColumns) =>
  basket !== undefined ? "order" : date === undefined ? "customer" : "customer_day";

/** True where baskets are of customers, whatever column tells baskets apart. */
const isOfCustomers = ({ by }: BasketHints) => by !== undefined && by !== "order";

/** Which columns baskets cannot do without, and are not there. */
function basketProblems(
  file: string,
  found: FoundColumns,
  { layout: { headings }, hints: { by } }: Guessing,
): string[] {
  const among = `found ${shownHeadings(headings)}`;
  const asked = by === undefined ? file : `--by ${by}: ${file}`;
  if (by === undefined || by === "order") {
    const isTold = found.basket !== undefined || (by === undefined && found.customer !== undefined);
    return isTold ? [] : [`${asked}: no column tells baskets apart; ${among}`];
  }
  if (found.customer === undefined) return [`${asked}: no column tells customers apart; ${among}`];
  return found.date === undefined && by !== "customer" ? [`${asked}: no column of the day; ${among}`] : [];
}

function byEvidence(by: BasketsConfig["by"], hints: BasketHints): ReadingClause[] {
  if (by === "order") return [];
  const isAsked = hints.by !== undefined;
  if (by === "customer") return [{ code: isAsked ? "basket_by_customer" : "basket_of_life", gaps: {} }];
  if (by === "customer_window") return [{ code: "basket_by_window", gaps: {} }];
  return [{ code: isAsked ? "basket_by_day" : "basket_of_day", gaps: {} }];
}

/** The currency of what a file says that was paid. */
function currencyOf(
  file: string,
  columns: BasketGuess["columns"],
  { layout, hints }: Guessing,
): Pick<GuessedCurrency, "code" | "unit"> {
  const money = [columns.amount, columns.price].filter((heading) => heading !== undefined);
  if (money.length === 0) return { code: undefined, unit: undefined };
  const amounts = money.flatMap((heading) => cellsOf(layout.sample, layout.headings.indexOf(heading)));
  const found = { heading: money[0]!, taken: Object.values(columns), amounts };
  return guessCurrency(file, layout, { ...found, asked: hints.currency, skipped: hints.rows?.skipped });
}

/** Columns that were named and are not there, are named for two things, or hold nothing that could be meant. */
function hintProblems(file: string, { headings, sample }: Layout, { columns }: BasketHints): string[] {
  const named = BASKET_ROLES.flatMap((role) =>
    columns[role] === undefined ? [] : [[role, columns[role]] as const],
  );
  return named.flatMap(([role, heading], place) => {
    const what = `--${role} ${heading}`;
    const at = headings.indexOf(heading);
    if (at < 0) return [noSuchColumn(what, heading, { file, headings })];
    const [other] = named.find(([, earlier], before) => before < place && earlier === heading) ?? [];
    if (other !== undefined) {
      const cure =
        other === "basket" && role === "customer"
          ? "; for all of a customer as one basket: --by customer"
          : "";
      return [`${what}: is given as --${other} too; a column is one of them${cure}`];
    }
    const cells = cellsOf(sample, at);
    const like = likeOf(role);
    if (like === undefined || cells.length === 0 || cells.some(like)) return [];
    return [`${what}: no cell of that column of ${file} looks like a ${role === "date" ? "day" : "number"}`];
  });
}

/** A column that is called so, or given, may hold the numbers of days. */
const isDayOrNumber = (cell: string) => isDateLike(cell) || isDayNumber(cell);

/** What the cells of a column look like, of which they look like anything. */
const likeOf = (role: BasketRole) =>
  role === "date" ? isDayOrNumber : NUMBERS.includes(role) ? isNumberLike : undefined;

/** Those cells that are headings, where a first line names an item, and a basket or customer; else none. */
export function knownHeadings(cells: readonly string[]): string[] {
  const named = (roles: readonly BasketRole[]) =>
    cells.filter((cell) => roles.some((role) => HEADINGS[role].some((pattern) => pattern.test(plain(cell)))));
  return named(["item"]).length > 0 && named(["basket", "customer"]).length > 0 ? named(BASKET_ROLES) : [];
}

/** How the cells of the columns of days and numbers are written, and how that is told. */
type CellsRead = Partial<
  Record<BasketRole, { readonly type: CellType; readonly told: readonly ReadingClause[] }>
>;

function cellsRead(file: string, columns: BasketGuess["columns"], { layout, hints }: Guessing): CellsRead {
  const cells = (role: BasketRole) =>
    columns[role] === undefined ? [] : cellsOf(layout.sample, layout.headings.indexOf(columns[role]));
  const found: CellsRead = {};
  for (const role of NUMBERS) {
    const heading = columns[role];
    if (heading === undefined) continue;
    const isMinor = role === "quantity" && (columns.price === undefined || columns.amount !== undefined);
    const reading = guessMark(file, layout, { heading, decimal: hints.decimal, isMinor });
    const type = NUMBER_TYPES[reading.mark];
    found[role] = { type, told: readingClauses(type, markEvidence(reading)) };
  }
  const type = guessDateType(file, cells("date"), hints.dateFormat);
  return columns.date === undefined
    ? found
    : { ...found, date: { type, told: readingClauses(toldDateType(type, cells("date"))) } };
}

function guessed(
  role: BasketRole,
  layout: Layout,
  { found, hints }: { readonly found: Partial<Record<BasketRole, string>>; readonly hints: BasketHints },
): string | undefined {
  const { headings, sample } = layout;
  if (role === "basket" && isOfCustomers(hints)) return undefined;
  if (role === "name" && !CODE_HEADING.test(plain(found.item ?? ""))) return undefined;
  const taken = [...Object.values(found), ...Object.values(hints.columns)];
  const free = headings.filter((heading) => heading !== "" && !taken.includes(heading));
  const looks = (heading: string, like: (cell: string) => boolean) => {
    const cells = cellsOf(sample, headings.indexOf(heading));
    return cells.length > 0 && cells.filter(like).length >= 0.8 * cells.length;
  };
  const fits = (heading: string) =>
    NUMBERS.includes(role)
      ? looks(heading, isNumberLike) &&
        (role !== "amount" || isOwnAmount(heading, { free, layout, order: found.basket }))
      : role === "date"
        ? looks(heading, isDayOrNumber)
        : !looks(heading, isDateLike) && (role !== "item" || isOfOneName(heading, free, layout));
  const isHidden = (heading: string) => role === "customer" && isDoubtfulPhone(layout, heading);
  const called = (heading: string) =>
    plain(role === "amount" || role === "price" ? withoutUnit(heading) : heading);
  for (const pattern of HEADINGS[role]) {
    const named = free.find(
      (heading) => pattern.test(called(heading)) && fits(heading) && !isHidden(heading),
    );
    if (named !== undefined) return named;
  }
  if (role === "customer") return free.find(isHidden);
  if (role === "basket") {
    const cellsIn = (heading: string) => sample.map((row) => row[headings.indexOf(heading)]);
    return layout.fillDown?.key ?? free.find((heading) => isNumberedName(heading, cellsIn(heading)));
  }
  return role === "name" ? bareName(found.item!, free, layout) : undefined;
}

/** Whether an amount is a row's own, as far as prices and quantities beside it tell. */
function isOwnAmount(
  amount: string,
  {
    free,
    layout,
    order,
  }: { readonly free: readonly string[]; readonly layout: Layout; readonly order: string | undefined },
): boolean {
  const [price, quantity] = (["price", "quantity"] as const).map((role) =>
    HEADINGS[role]
      .map((pattern) => free.find((other) => other !== amount && pattern.test(plain(withoutUnit(other)))))
      .find((heading) => heading !== undefined),
  );
  if (price === undefined || quantity === undefined) return true;
  return isOfRows(layout, { amount, price, quantity, order });
}

const isOfBaskets = (heading: string) => HEADINGS.basket.some((pattern) => pattern.test(plain(heading)));

/** False for numbers of lines: codes beside a column of names, most of whose rows do not have their code's commonest name. */
function isOfOneName(heading: string, free: readonly string[], layout: Layout): boolean {
  const isName = (other: string) => HEADINGS.name.some((pattern) => pattern.test(plain(other)));
  const name = free.find((other) => other !== heading && isName(other));
  if (name === undefined || !CODE_HEADING.test(plain(heading))) return true;
  return namedAlike(heading, name, layout).share >= 0.5;
}

/** The share of rows that have the commonest name of their code, and the rows of a code on the mean. */
function namedAlike(code: string, name: string, { headings, sample }: Layout) {
  const [at, beside] = [headings.indexOf(code), headings.indexOf(name)];
  const counts = new Map<string, Map<string, number>>();
  for (const row of sample) {
    const names = counts.get(row[at]!) ?? new Map<string, number>();
    counts.set(row[at]!, names.set(row[beside]!, (names.get(row[beside]!) ?? 0) + 1));
  }
  const commonest = [...counts.values()].map((names) => Math.max(...names.values()));
  return {
    share: commonest.reduce((sum, count) => sum + count, 0) / sample.length,
    rowsEach: sample.length / counts.size,
  };
}

/** "Name" may be anybody's: it is the items' where each code that comes again has one name. */
function bareName(item: string, free: readonly string[], layout: Layout): string | undefined {
  return free.find((heading) => {
    if (!/^(name|title|名称|标题)$/.test(plain(heading))) return false;
    const { share, rowsEach } = namedAlike(item, heading, layout);
    return share >= 0.95 && rowsEach >= 1.5;
  });
}

/**
 * Of two columns without telling names, the first is the basket and the second the item, where values come again in both.
 *
 * @returns those of the two that have only their place to speak for them
 */
function fillTwoColumns(
  found: Partial<Record<BasketRole, string>>,
  { layout: { headings, sample }, hints }: Guessing,
): BasketRole[] {
  if (headings.length !== 2) return [];
  const free = headings.filter((heading) => !Object.values(found).includes(heading));
  const placed: BasketRole[] = [];
  const take = (role: BasketRole) => {
    const heading = free.shift();
    if (
      heading === undefined ||
      (role === "customer" && isOfBaskets(heading)) ||
      !comesAgain(cellsOf(sample, headings.indexOf(heading)))
    )
      return;
    found[role] = heading;
    placed.push(role);
  };
  if (found.basket === undefined && found.customer === undefined)
    take(isOfCustomers(hints) ? "customer" : "basket");
  if (found.item === undefined) take("item");
  return placed;
}

/** True where the line of the headings holds what its own columns hold, or numbers and days that nobody named as headings. */
export function isHeadedByData(
  { columns }: BasketGuess,
  { headings, sample }: Layout,
  hints: BasketHints,
): boolean {
  const isRepeated = sample.some((row) => headings.every((heading, at) => row[at]?.trim() === heading));
  const used = BASKET_ROLES.filter((role) => columns[role] !== undefined);
  return used.some((role) => {
    const heading = columns[role]!;
    const isWritten = hints.columns[role] === undefined && (isNumberLike(heading) || isDateLike(heading));
    return isWritten || (!isRepeated && cellsOf(sample, headings.indexOf(heading)).includes(heading));
  });
}

const comesAgain = (cells: readonly string[]) => new Set(cells).size < cells.length;

function evidenceOf(
  columns: BasketGuess["columns"],
  cells: CellsRead,
  { hints, placed }: { readonly hints: BasketHints; readonly placed: readonly BasketRole[] },
): ReadingClause[] {
  return BASKET_ROLES.flatMap((role) => {
    const heading = columns[role];
    if (heading === undefined) return [];
    const isName = role === "customer" && isNameHeading(plain(heading));
    const doubt: ReadingClause[] = [
      ...(placed.includes(role) ? [{ code: "placed", gaps: { flag: role } } as const] : []),
      ...(isName ? [{ code: "name", gaps: {} } as const] : []),
    ];
    const isGiven = hints.columns[role] !== undefined;
    return [columnClause(role, { heading, read: cells[role]?.told ?? [], isGiven, doubt })];
  });
}

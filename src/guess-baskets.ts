import { problemsError } from "./errors.js";
import { cellsOf, DATE_LIKE, guessDateType, plain, type Layout } from "./guess.js";
import { shownHeadings } from "./inputs/csv.js";
import type { CellType } from "./mapping.js";

/** The columns a file of baskets is read by. */
export const BASKET_ROLES = ["basket", "item", "customer", "date"] as const;
/** One of them. */
export type BasketRole = (typeof BASKET_ROLES)[number];

/** What the command line says of them. */
export interface BasketHints {
  readonly columns: Readonly<Partial<Record<BasketRole, string>>>;
  readonly dateFormat?: "ymd" | "dmy" | "mdy" | undefined;
}

/** Which column is what, and why. */
export interface BasketGuess {
  /** Without a basket column, a customer's day is a basket, or all of a customer. */
  readonly columns: Readonly<Partial<Record<BasketRole, string>>> & { readonly item: string };
  readonly dateType: CellType;
  readonly evidence: readonly string[];
}

/** Headings as people write them, the surest first; compared without case, spaces and marks. */
const HEADINGS: Readonly<Record<BasketRole, readonly RegExp[]>> = {
  basket: [
    /^(basket|transaction|receipt|invoice|order|sales|document|ticket|bill|check|trans|tid|cart)(id|no|nr|number|key|code|ref)?$/,
    /^(购物篮|小票|订单|单据|交易|发票|销售单|流水)(号|编号|单号|流水号|id)?$/,
    /^(bestell|auftrags|beleg|rechnungs|bon)(nr|nummer)$/,
  ],
  item: [
    /^(item|product|sku|article|material|good|goods|stock)(name|description|title)$/,
    /^(商品|产品|物料|货品|品目|存货)(名称|名|描述)$/,
    /^(item|items|product|products|sku|article|material|goods|stockcode|description)$/,
    /^(item|product|sku|article|material|stock)(id|no|nr|number|key|code|ref)$/,
    /^(商品|产品|物料|货品|品目|存货)(id|号|编号|代码|编码)?$/,
    /^(artikel|produkt)(nr|nummer|name|bezeichnung)?$/,
  ],
  customer: [
    /^(customer|client|cust|buyer|account|member|user|shopper)(id|no|nr|number|key|code|ref)?$/,
    /^(客户|顾客|会员|买家|用户|购货单位)(id|号|编号|代码|编码|账号|名称|姓名)?$/,
    /^(kunde|kunden|debitor)(nr|nummer|id)?$/,
  ],
  date: [
    /^(order|purchase|transaction|invoice|sale|sales|posting|document|booking)?(date|day|datetime|timestamp)$/,
    /^(订单|下单|交易|购买|单据|销售|付款|开票)?(日期|时间)$/,
    /^(bestell|auftrags|beleg|rechnungs|buchungs)?datum$/,
  ],
};

/**
 * Which columns of a file with a row for each item are which, from headings and contents.
 *
 * @throws CrmError `usage` when a column is not there, or no column can be the items or tell baskets apart
 */
export function guessBaskets(file: string, layout: Layout, hints: BasketHints): BasketGuess {
  const { headings, sample } = layout;
  const found: Partial<Record<BasketRole, string>> = {};
  const problems: string[] = [];
  for (const role of BASKET_ROLES) {
    const heading = hints.columns[role] ?? guessed(role, layout, { found, hints });
    if (heading === undefined) continue;
    if (headings.includes(heading)) found[role] = heading;
    else problems.push(`--${role} ${heading}: no such column in ${file}; found ${shownHeadings(headings)}`);
  }
  fillTwoColumns(found, headings);
  if (problems.length === 0 && found.item === undefined)
    problems.push(`${file}: no column looks like the items; found ${shownHeadings(headings)}`);
  if (problems.length === 0 && found.basket === undefined && found.customer === undefined)
    problems.push(`${file}: no column tells baskets apart; found ${shownHeadings(headings)}`);
  if (problems.length > 0)
    throw problemsError(
      "usage",
      problems,
      "name the columns: --basket COLUMN --item COLUMN [--customer COLUMN --date COLUMN]; a file with a line for each basket needs --format baskets",
    );
  const cells = found.date === undefined ? [] : cellsOf(sample, headings.indexOf(found.date));
  const dateType = guessDateType(file, cells, hints.dateFormat);
  const columns = { ...found, item: found.item! };
  return { columns, dateType, evidence: evidenceOf(columns, dateType, hints) };
}

function guessed(
  role: BasketRole,
  { headings, sample }: Layout,
  { found, hints }: { readonly found: Partial<Record<BasketRole, string>>; readonly hints: BasketHints },
): string | undefined {
  const taken = [...Object.values(found), ...Object.values(hints.columns)];
  const free = headings.filter((heading) => heading !== "" && !taken.includes(heading));
  const looksDated = (heading: string) => {
    const cells = cellsOf(sample, headings.indexOf(heading));
    return cells.length > 0 && cells.filter((cell) => DATE_LIKE.test(cell)).length >= 0.8 * cells.length;
  };
  const fits = (heading: string) => (role === "date") === looksDated(heading);
  for (const pattern of HEADINGS[role]) {
    const named = free.find((heading) => pattern.test(plain(heading)) && fits(heading));
    if (named !== undefined) return named;
  }
  return undefined;
}

/** Of two columns without telling names, the first is the basket and the second the item. */
function fillTwoColumns(found: Partial<Record<BasketRole, string>>, headings: readonly string[]): void {
  if (headings.length !== 2) return;
  const free = headings.filter((heading) => !Object.values(found).includes(heading));
  if (found.basket === undefined && found.customer === undefined && free.length > 0)
    found.basket = free.shift()!;
  if (found.item === undefined && free.length > 0) found.item = free[0]!;
}

function evidenceOf(columns: BasketGuess["columns"], dateType: CellType, hints: BasketHints): string[] {
  const told = BASKET_ROLES.flatMap((role) => {
    const heading = columns[role];
    if (heading === undefined) return [];
    const type = role === "date" ? `, read as ${dateType}` : "";
    return [`${role}: ${heading}${type}${hints.columns[role] === undefined ? "" : ", as given"}`];
  });
  const basket =
    columns.date === undefined ? "all that a customer bought" : "what a customer bought on one day";
  return columns.basket === undefined ? [`basket: ${basket} (--basket COLUMN)`, ...told] : told;
}

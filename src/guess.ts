import { basename } from "node:path";
import { withoutUnit } from "./amount-units.js";
import { cellsOf, isDateLike, isDayNumber, isNumberLike, NUMBER_TYPES } from "./cell-shapes.js";
import { problemsError } from "./errors.js";
import { guessCurrency } from "./guess-currency.js";
import { guessDateType, toldDateType, type DateFormat, type ToldDateType } from "./guess-dates.js";
import { guessLayout, layoutEvidence, otherwise, plain, type Layout } from "./guess-layout.js";
import { markEvidence, guessMark } from "./guess-numbers.js";
import { noSuchColumn, shownHeadings } from "./inputs/csv.js";
import type { FileHints } from "./inputs/hints.js";
import type { CellMapping, FileMapping } from "./mapping.js";
import { guessRowKinds, type RowHints, type RowKinds } from "./row-kinds.js";
import type { ReadingClause } from "./reading.js";
import type { Texts } from "./texts/index.js";

/** The columns an order file is read by. */
export const ROLES = ["customer", "date", "amount", "order"] as const;
/** One of them. */
export type Role = (typeof ROLES)[number];

/** What the command line says about a bare file; the rest is guessed. */
export interface GuessHints extends FileHints {
  readonly columns: Readonly<Partial<Record<Role, string>>>;
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

/** A name tells customers apart badly: two of one name count as one. */
export const NAME_HEADING =
  /^(customer|client|buyer|account|company)name$|^(客户|顾客|会员|买家|用户|购货单位)(名称|姓名|名)$/;

/** The account of a buyer, as Taobao and JD head it. */
export const SHOP_ACCOUNT_HEADING = /^买家(会员名|昵称)$|^下单[账帐]号$/;

/** Headings as people write them, the surest first; compared without case, spaces and marks. */
const HEADINGS: Readonly<Record<Role, readonly RegExp[]>> = {
  customer: [
    /^(customer|client|cust|buyer|account|member|user|shopper)(id|no|nr|number|key|code|ref)?$/,
    /^(客户|顾客|会员|买家|用户|购货单位)(id|号|编号|代码|编码|账号)?$/,
    SHOP_ACCOUNT_HEADING,
    /^(kunde|kunden|debitor)(nr|nummer|id)?$/,
    /email/,
    NAME_HEADING,
  ],
  date: [
    /^(order|purchase|transaction|invoice|sale|sales|posting|document|booking)(date|day|time|datetime|timestamp|at)$/,
    /^(订单|下单|交易|购买|单据|销售|付款|开票|开单|制单)(日期|时间)$/,
    /^(订单)?(创建|提交|成交|付款|支付)时间$/,
    /^(bestell|auftrags|beleg|rechnungs|buchungs)?datum$/,
    /^(date|day|orderedat|purchasedat|createdat|created|日期|时间)$/,
  ],
  amount: [
    /^(order|sales?|purchase|transaction|invoice|line|net|total|paid)?(amount|revenue|total|value|spend|spent|turnover)(eur|usd|cny|gbp)?$/,
    /^(订单|销售|实付|实收|支付|付款|交易|消费|合计|成交|买家实际支付)?(金额|销售额|价税合计|总额|总价)(元)?$/,
    /^(netto|brutto)?(betrag|umsatz)(eur)?$/,
    /^(sales|monetary|price|subtotal)$/,
  ],
  order: [
    /^(order|invoice|transaction|receipt|document|basket|ticket)(id|no|nr|number|key|code|ref)$/,
    /^(订单|单据|交易|发票|销售单|小票)?(号|编号|单号|流水号)$/,
    /^(bestell|auftrags|beleg|rechnungs)(nr|nummer)$/,
    /^(auftrag|bestellung|rechnung|beleg|vorgang)(id)?$/,
    /^(order|invoice|invoiceno)$/,
  ],
};

/**
 * How to read a bare file of orders, from its headings and its first rows.
 *
 * @throws CrmError `usage` when a column cannot be found or dates can be read in two ways, `data` when amounts are in several currencies
 */
export async function guessOrders(path: string, hints: GuessHints): Promise<Guess> {
  const file = basename(path);
  const layout = await guessLayout(path, hints);
  const columns = findColumns(file, layout, hints);
  const cells = (role: Role) => cellsOf(layout.sample, layout.headings.indexOf(columns[role]!));
  const dateType = guessDateType(file, cells("date"), hints.dateFormat);
  const amount = guessMark(file, layout, { heading: columns.amount!, decimal: hints.decimal });
  const amountType = NUMBER_TYPES[amount.mark];
  const money = { taken: Object.values(columns), amounts: cells("amount"), asked: hints.currency };
  const { column: currency, code, values, unit } = guessCurrency(file, layout, money);
  const taken = [...Object.values(columns), currency];
  const kinds = guessRowKinds(file, layout, { hints: hints.rows ?? {}, taken, amount: columns.amount });
  return {
    mapping: {
      ...{ file, is_optional: false },
      ...{ encoding: layout.encoding, delimiter: layout.delimiter, header_row: layout.headerRow },
      ...(hints.sheet === undefined ? {} : { sheet: hints.sheet }),
      ...whenOf(kinds),
      ...entityOf(columns, {
        order_date: { column: columns.date!, type: dateType },
        amount: { column: columns.amount!, type: amountType, ...(unit === undefined ? {} : { unit }) },
        ...(currency === undefined ? {} : { currency: { column: currency, values } }),
      }),
    },
    evidence: [
      ...evidenceOf(
        columns,
        {
          date: readingClauses(toldDateType(dateType, cells("date"))),
          amount: readingClauses(amountType, markEvidence(amount)),
        },
        hints,
      ),
      ...(currency === undefined ? [] : [{ code: "currency" as const, gaps: { heading: currency } }]),
      ...layoutEvidence(layout),
    ],
    currency: code,
    kinds,
  };
}

/** What the rows are, and from where their columns come: orders, or lines where an order has a number. */
function entityOf(
  { customer, order }: Columns,
  { amount, ...cells }: Readonly<Record<"amount" | "order_date", CellMapping> & { currency?: CellMapping }>,
): Pick<FileMapping, "entity" | "columns"> {
  const known = { customer_key: { column: customer! }, ...cells };
  if (order === undefined) return { entity: "orders", columns: { ...known, order_amount: amount } };
  return { entity: "order_lines", columns: { ...known, order_key: { column: order }, line_amount: amount } };
}

/** The keys of a mapping that say which rows count. */
const whenOf = ({ skipped, returned }: RowKinds) => ({
  ...(Object.keys(skipped).length === 0 ? {} : { skip_when: skipped }),
  ...(Object.keys(returned).length === 0 ? {} : { return_when: returned }),
});

type Columns = Partial<Record<Role, string>>;

function findColumns(file: string, sheet: Layout, { columns: hinted }: GuessHints): Columns {
  const found: Columns = {};
  const problems: string[] = [];
  for (const role of ROLES) {
    const heading = hinted[role] ?? guessColumn(role, sheet, Object.values(found));
    if (heading !== undefined && !sheet.headings.includes(heading)) {
      problems.push(noSuchColumn(`--${role} ${heading}`, heading, { file, headings: sheet.headings }));
    } else if (heading === undefined && role !== "order") {
      const forms = role === "date" ? " (as 2025-12-31, 31.12.2025, 12/31/2025 or 31-Dec-2025)" : "";
      problems.push(
        `${file}: no column looks like the ${role}${forms}; found ${shownHeadings(sheet.headings)}`,
      );
    } else if (heading !== undefined) found[role] = heading;
  }
  if (problems.length > 0) {
    throw problemsError(
      "usage",
      problems,
      `name the columns: --customer COLUMN --date COLUMN --amount COLUMN [--order COLUMN]${otherwise(sheet)}`,
    );
  }
  return found;
}

function guessColumn(role: Role, { headings, sample }: Layout, taken: readonly string[]): string | undefined {
  const free = headings.filter((heading) => heading !== "" && !taken.includes(heading));
  const cells = (heading: string) => cellsOf(sample, headings.indexOf(heading));
  const isFilled = (heading: string) => cells(heading).length >= 0.5 * sample.length;
  const fits = (heading: string) =>
    role === "customer" || role === "order" || (isFilled(heading) && fitsRole(role, cells(heading)));
  const isNumbered = (heading: string) =>
    role === "date" && isFilled(heading) && cells(heading).every(isDayNumber);
  const called = (heading: string) => plain(role === "amount" ? withoutUnit(heading) : heading);
  for (const pattern of HEADINGS[role]) {
    const named = free.find(
      (heading) => pattern.test(called(heading)) && (fits(heading) || isNumbered(heading)),
    );
    if (named !== undefined) return named;
  }
  const alike = role === "date" || role === "amount" ? free.filter(fits) : [];
  return alike.length === 1 ? alike[0] : undefined;
}

function fitsRole(role: "date" | "amount", cells: readonly string[]): boolean {
  const looks = cells.filter((cell) => (role === "date" ? isDateLike(cell) : isNumberLike(cell)));
  return cells.length === 0 || looks.length >= 0.8 * cells.length;
}

function evidenceOf(
  columns: Columns,
  cells: Partial<Record<Role, ReadingClause[]>>,
  hints: GuessHints,
): ReadingClause[] {
  return ROLES.flatMap((role): ReadingClause[] => {
    const heading = columns[role];
    if (heading === undefined) return role === "order" ? [{ code: "no_order", gaps: {} }] : [];
    const isName = role === "customer" && NAME_HEADING.test(plain(heading));
    const doubt: ReadingClause[] = isName ? [{ code: "name", gaps: {} }] : [];
    const isGiven = hints.columns[role] !== undefined;
    return [columnClause(role, { heading, read: cells[role] ?? [], isGiven, doubt })];
  });
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

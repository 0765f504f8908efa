import { CrmError, problemsError } from "./errors.js";
import { guessCurrency } from "./guess-currency.js";
import { cellsOf, guessLayout, layoutEvidence, plain, type Layout } from "./guess-layout.js";
import { shownHeadings } from "./inputs/csv.js";
import type { Encoding } from "./inputs/encodings.js";
import type { CellMapping, CellType, FileMapping } from "./mapping.js";
import { guessRowKinds, type RowHints, type RowKinds } from "./row-kinds.js";
import type { ReadingClause } from "./reading.js";
import type { Texts } from "./texts/index.js";

/** The columns an order file is read by. */
export const ROLES = ["customer", "date", "amount", "order"] as const;
/** One of them. */
export type Role = (typeof ROLES)[number];

/** What the command line says about a bare file; the rest is guessed. */
export interface GuessHints {
  readonly columns: Readonly<Partial<Record<Role, string>>>;
  readonly dateFormat?: "ymd" | "dmy" | "mdy" | undefined;
  readonly encoding?: Encoding | undefined;
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
const NAME_HEADING =
  /^(customer|client|buyer|account|company)name$|^(客户|顾客|会员|买家|用户|购货单位)(名称|姓名|名)$/;

/** Headings as people write them, the surest first; compared without case, spaces and marks. */
const HEADINGS: Readonly<Record<Role, readonly RegExp[]>> = {
  customer: [
    /^(customer|client|cust|buyer|account|member|user|shopper)(id|no|nr|number|key|code|ref)?$/,
    /^(客户|顾客|会员|买家|用户|购货单位)(id|号|编号|代码|编码|账号)?$/,
    /^(kunde|kunden|debitor)(nr|nummer|id)?$/,
    /email/,
    NAME_HEADING,
  ],
  date: [
    /^(order|purchase|transaction|invoice|sale|sales|posting|document|booking)(date|day|time|datetime|timestamp|at)$/,
    /^(订单|下单|交易|购买|单据|销售|付款|开票)(日期|时间)$/,
    /^(bestell|auftrags|beleg|rechnungs|buchungs)?datum$/,
    /^(date|day|orderedat|purchasedat|createdat|created|日期|时间)$/,
  ],
  amount: [
    /^(order|sales?|purchase|transaction|invoice|line|net|total|paid)?(amount|revenue|total|value|spend|spent|turnover)(eur|usd|cny|gbp)?$/,
    /^(订单|销售|实付|支付|付款|交易|消费|合计|成交)?(金额|销售额|价税合计|总额|总价)(元)?$/,
    /^(netto|brutto)?(betrag|umsatz)(eur)?$/,
    /^(sales|monetary|price|subtotal)$/,
  ],
  order: [
    /^(order|invoice|transaction|receipt|document|basket|ticket)(id|no|nr|number|key|code|ref)$/,
    /^(订单|单据|交易|发票|销售单|小票)?(号|编号|单号|流水号)$/,
    /^(bestell|auftrags|beleg|rechnungs)(nr|nummer)$/,
    /^(order|invoice|invoiceno)$/,
  ],
};

/**
 * How to read a bare file of orders, from its headings and its first rows.
 *
 * @param file the name to speak of; `csvPath` is the text to read, the file itself or a CSV made of it
 * @throws CrmError `usage` when a column cannot be found or dates can be read in two ways, `data` when amounts are in several currencies
 */
export async function guessOrders(file: string, csvPath: string, hints: GuessHints): Promise<Guess> {
  const layout = await guessLayout(file, csvPath, hints);
  const { headings, sample } = layout;
  const columns = findColumns(file, layout, hints);
  const cells = (role: Role) => cellsOf(sample, headings.indexOf(columns[role]!));
  const dateType = guessDateType(file, cells("date"), hints.dateFormat);
  const amountType = guessNumberType(cells("amount"));
  const isLines = columns.order !== undefined;
  const money = { taken: Object.values(columns), amounts: cells("amount"), asked: hints.currency };
  const { column: currency, code } = guessCurrency(file, layout, money);
  const taken = [...Object.values(columns), currency];
  const kinds = guessRowKinds(file, layout, { hints: hints.rows ?? {}, taken, amount: columns.amount });
  return {
    mapping: {
      file,
      entity: isLines ? "order_lines" : "orders",
      encoding: layout.encoding,
      delimiter: layout.delimiter,
      header_row: layout.headerRow,
      is_optional: false,
      ...whenOf(kinds),
      columns: {
        customer_key: { column: columns.customer! },
        order_date: { column: columns.date!, type: dateType },
        [isLines ? "line_amount" : "order_amount"]: { column: columns.amount!, type: amountType },
        ...(isLines ? { order_key: { column: columns.order! } satisfies CellMapping } : {}),
        ...(currency === undefined ? {} : { currency: { column: currency } satisfies CellMapping }),
      },
    },
    evidence: [
      ...evidenceOf(columns, { date: dateType, amount: amountType }, hints),
      ...(currency === undefined ? [] : [{ code: "currency" as const, gaps: { heading: currency } }]),
      ...layoutEvidence(layout),
    ],
    currency: code,
    kinds,
  };
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
      problems.push(
        `--${role} ${heading}: no such column in ${file}; found ${shownHeadings(sheet.headings)}`,
      );
    } else if (heading === undefined && role !== "order") {
      problems.push(`${file}: no column looks like the ${role}; found ${shownHeadings(sheet.headings)}`);
    } else if (heading !== undefined) found[role] = heading;
  }
  if (problems.length > 0) {
    throw problemsError(
      "usage",
      problems,
      "name the columns: --customer COLUMN --date COLUMN --amount COLUMN [--order COLUMN]",
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
  for (const pattern of HEADINGS[role]) {
    const named = free.find((heading) => pattern.test(plain(heading)) && fits(heading));
    if (named !== undefined) return named;
  }
  const alike = role === "date" || role === "amount" ? free.filter(fits) : [];
  return alike.length === 1 ? alike[0] : undefined;
}

function fitsRole(role: "date" | "amount", cells: readonly string[]): boolean {
  const looks = cells.filter((cell) => (role === "date" ? DATE_LIKE.test(cell) : NUMBER_LIKE.test(cell)));
  return cells.length === 0 || looks.length >= 0.8 * cells.length;
}

/** A cell that looks like a day. */
export const DATE_LIKE = /^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?([ T].*)?$|^(19|20)\d{6}$|^1\d{9}$/;
/** A cell that looks like a number or an amount of money. */
export const NUMBER_LIKE = /^[-+(]?\s*[¥￥€$£]?\s*[-+]?[\d.,]+\s*[€]?\s*[-)]?$/;

/** How dates are written; a day and a month that could be either must be told apart by some row, or by the user. */
export function guessDateType(
  file: string,
  cells: readonly string[],
  format: GuessHints["dateFormat"],
): CellType {
  if (format !== undefined) return ({ ymd: "date", dmy: "date_dmy", mdy: "date_mdy" } as const)[format];
  const parts = cells
    .map((cell) => /^(\d{1,2})([-/.])(\d{1,2})\2\d{4}/.exec(cell))
    .filter((match) => match !== null);
  if (cells.length > 0 && cells.filter((cell) => /^1\d{9}$/.test(cell)).length >= 0.8 * cells.length)
    return "epoch_seconds";
  if (parts.length < 0.5 * cells.length || parts.length === 0) return "date";
  const isDayFirst = parts.some(([, first, mark]) => Number(first) > 12 || mark === ".");
  const isMonthFirst = parts.some(([, , , second]) => Number(second) > 12);
  if (isDayFirst && !isMonthFirst) return "date_dmy";
  if (isMonthFirst && !isDayFirst) return "date_mdy";
  throw new CrmError(
    "usage",
    `${file}: dates such as ${(parts.find(([, a, , b]) => a !== b) ?? parts[0]!)[0]} can be read in two ways`,
    {
      hint: "say which: --date-format dmy (day first) or --date-format mdy (month first)",
    },
  );
}

/** Whether a comma or a point divides the decimals. */
export function guessNumberType(cells: readonly string[]): CellType {
  const withComma = cells.filter((cell) => /,\d{1,2}\D*$/.test(cell)).length;
  const withPoint = cells.filter((cell) => /\.\d{1,2}\D*$/.test(cell)).length;
  return withComma > withPoint ? "decimal_comma" : "decimal";
}

function evidenceOf(
  columns: Columns,
  types: Partial<Record<Role, CellType>>,
  hints: GuessHints,
): ReadingClause[] {
  return ROLES.flatMap((role): ReadingClause[] => {
    const heading = columns[role];
    if (heading === undefined) return role === "order" ? [{ code: "no_order", gaps: {} }] : [];
    const isName = role === "customer" && NAME_HEADING.test(plain(heading));
    const doubt: ReadingClause[] = isName ? [{ code: "name", gaps: {} }] : [];
    const isGiven = hints.columns[role] !== undefined;
    return [columnClause(role, { heading, type: types[role], isGiven, doubt })];
  });
}

/** What is known of a column when it is told of. */
export interface ToldColumn {
  readonly heading: string;
  readonly type: CellType | undefined;
  readonly isGiven: boolean;
  /** Said unless the column was given. */
  readonly doubt: readonly ReadingClause[];
}

/** Which column has a role, and how it is read. */
export function columnClause(
  role: keyof Texts["reading"]["roles"],
  { heading, type, isGiven, doubt }: ToldColumn,
): ReadingClause {
  const read: ReadingClause[] = type === undefined ? [] : [{ code: "type", gaps: { type } }];
  const given: ReadingClause = { code: "given", gaps: {} };
  return { code: "column", gaps: { role, heading }, more: [...read, ...(isGiven ? [given] : doubt)] };
}

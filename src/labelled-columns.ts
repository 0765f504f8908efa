import { quoteName } from "./sql.js";

/** How the numbers of a column are written. */
export const NUMBER_FORMS = ["plain", "grouped", "comma"] as const;
/** One of them: `-1.5e3`; `¥1,234.50` or `(12)`; `1.234,50`. */
export type NumberForm = (typeof NUMBER_FORMS)[number];

/** A column's cell as text, blanks around it off; null where nothing is left. */
export function cellSql(heading: string): string {
  return `nullif(trim(cast(${quoteName(heading)} as varchar)), '')`;
}

/** What people and programs write where there is no number. */
const NO_NUMBER = ["-", "--", ".", "?", "na", "n/a", "#n/a", "nan", "null", "none", "nil"];

/** True for a cell that says that there is no number. */
function isNoNumberSql(cell: string): string {
  return `lower(${cell}) in (${NO_NUMBER.map((word) => `'${word}'`).join(", ")})`;
}

/** A cell as a double; null where it holds no finite number. Needs no function but those every engine has. */
export function numberCellSql(cell: string, form: NumberForm): string {
  return finiteSql(form === "plain" ? `try_cast(${cell} as double)` : signedSql(cell, form));
}

const GREATEST = "1.7976931348623157e308";

const finiteSql = (number: string) =>
  `case when ${number} between -${GREATEST} and ${GREATEST} then ${number} end`;

function signedSql(cell: string, form: NumberForm): string {
  const digits =
    form === "grouped"
      ? `regexp_replace(${cell}, '[^0-9.]', '', 'g')`
      : `replace(regexp_replace(${cell}, '[^0-9,]', '', 'g'), ',', '.')`;
  const sign = `case when ${cell} like '%-%' or ${cell} like '%(%' then -1e0 else 1e0 end`;
  return `${sign} * try_cast(${digits} as double)`;
}

/** The functions that say whether a cell is a number written in a form that is not plain. */
const PARSERS = { grouped: "parse_decimal", comma: "parse_decimal_comma" } as const;

/** What the cells of a column look like; `name` is that of the column of the staged table. */
export function columnFactsSql(name: string): string {
  const isNumber = `not ${isNoNumberSql(name)} and try_cast(${name} as double) is not null`;
  const countWhere = (condition: string) => `sum(case when ${condition} then 1 else 0 end)`;
  return [
    `count(${name}) as ${name}_filled`,
    `count(distinct ${name}) as ${name}_distinct`,
    `${countWhere(isNoNumberSql(name))} as ${name}_no_number`,
    `${countWhere(isNumber)} as ${name}_plain`,
    `${countWhere(`${isNumber} and ${numberCellSql(name, "plain")} is null`)} as ${name}_infinite`,
  ].join(", ");
}

/** What the cells of a column look like that are not plain numbers. */
export function otherFactsSql(name: string): string {
  const forms = Object.entries(PARSERS).map(
    ([form, parse]) =>
      `sum(case when ${isNoNumberSql(name)} then 0 when ${parse}(${name}) is not null then 1 else 0 end) as ${name}_${form}`,
  );
  const isCode = `regexp_replace(${name}, '^[^ @]*[0-9][^ @]*$', '') = ''`;
  return [
    ...forms,
    `count(parse_date(${name})) as ${name}_dates`,
    `sum(case when ${isCode} then 1 else 0 end) as ${name}_codes`,
  ].join(", ");
}

/** What was counted in a column. */
export interface ColumnFacts {
  /** Cells that hold something, and how many different things. */
  readonly filledCount: number;
  readonly distinctCount: number;
  /** Cells that say that there is no number. */
  readonly noNumberCount: number;
  /** Cells that read as a number, infinite ones too, and those. */
  readonly plainCount: number;
  readonly infiniteCount: number;
  /** Cells that read as a number written otherwise, and as a day. */
  readonly groupedCount: number;
  readonly commaCount: number;
  readonly dayCount: number;
  /** Cells such as `K00017`: a digit in them, no blank and no @. */
  readonly codeCount: number;
  /** True where marks stand for thousands or decimals, and it is known that commas divide decimals. */
  readonly hasComma: boolean;
}

/** Why a column is not learnt from. */
export type LeftOutReason =
  "empty" | "constant" | "days" | "key" | "words" | "texts" | "leak-alone" | "leak-pure" | "leak-filled";

/** Words of a category; more of them say nothing that holds for others. */
const MOST_WORDS = 1000;
/** From this share of different texts on, a column tells customers apart rather than kinds of them. */
const MOSTLY_DISTINCT = 0.5;
const LEAST_TEXTS = 50;

/** True for a filled cell that neither is a plain number nor says that there is none. */
export const isUnreadSql = (cell: string) =>
  `${cell} is not null and not ${isNoNumberSql(cell)} and try_cast(${cell} as double) is null`;

/** What a column is read as: numbers in one form, or words. */
export type ColumnKind = NumberForm | "words";

/** True when every filled cell is a plain number, whose point divides decimals, or says that there is none. */
export function isPlain({ filledCount, noNumberCount, plainCount, hasComma }: ColumnFacts): boolean {
  return !hasComma && plainCount > 0 && plainCount === filledCount - noNumberCount;
}

/** A column of so many different values, nearly all of them numbers, holds numbers; the other cells are slips. */
const [MOSTLY_NUMBERS, LEAST_NUMBERS] = [0.98, 20];

/** A column holds numbers when every filled cell reads as one in the same form, or nearly all as plain ones. */
export function kindOf(facts: ColumnFacts): ColumnKind {
  const numberCount = facts.filledCount - facts.noNumberCount;
  if (isPlain(facts)) return "plain";
  if (facts.hasComma && facts.commaCount === numberCount) return "comma";
  if (facts.groupedCount > 0 && facts.groupedCount === numberCount) return "grouped";
  if (facts.commaCount > 0 && facts.commaCount === numberCount) return "comma";
  const { plainCount, groupedCount, commaCount, distinctCount } = facts;
  const isMostly = plainCount >= MOSTLY_NUMBERS * numberCount && distinctCount > LEAST_NUMBERS;
  return isMostly && plainCount >= Math.max(groupedCount, commaCount) ? "plain" : "words";
}

/** Filled cells that do not read as the column does, though they do not say that there is no number. */
export const unreadCount = (facts: ColumnFacts, kind: ColumnKind): number =>
  kind === "plain" ? facts.filledCount - facts.noNumberCount - facts.plainCount : 0;

/** Why a column cannot be learnt from whoever keeps it; undefined when it can. */
export function refusalOf(facts: ColumnFacts, kind: ColumnKind, rowCount: number): LeftOutReason | undefined {
  if (facts.filledCount === 0) return "empty";
  if (facts.distinctCount === 1 && facts.filledCount === rowCount) return "constant";
  return kind === "words" && facts.dayCount === facts.filledCount ? "days" : undefined;
}

/** Why a column should not be learnt from unless it is kept by name; undefined when it may. */
export function doubtOf(facts: ColumnFacts, kind: ColumnKind): LeftOutReason | undefined {
  if (kind !== "words") return undefined;
  const { distinctCount, filledCount } = facts;
  const isEachItsOwn = distinctCount === filledCount && filledCount > 2;
  if (isEachItsOwn || (distinctCount > LEAST_TEXTS && distinctCount > MOSTLY_DISTINCT * filledCount))
    return "texts";
  return distinctCount > MOST_WORDS ? "words" : undefined;
}

const KEY_HEADINGS = [
  /(^|[\s_.-])(id|key|uuid|guid|no|nr|code)$/i,
  /[a-z0-9](ID|Id)$/,
  /^(customer|client|user|account|member)(id|no|nr|key|code|number)$/i,
  /(编号|代码|编码|账号|客户号|用户号|会员号)$/,
];

/** A heading such as `customerID`, `row_id` or `客户编号`. */
export const isKeyHeading = (heading: string) => KEY_HEADINGS.some((pattern) => pattern.test(heading.trim()));

/** Whole numbers that rise or fall from row to row number the rows. */
export function isRowNumber(values: Float64Array): boolean {
  if (values.length < 2) return false;
  const step = Math.sign(values[1]! - values[0]!);
  return values.every(
    (value, row) =>
      Number.isInteger(value) && (row === 0 || Math.sign(value - values[row - 1]!) === step) && step !== 0,
  );
}

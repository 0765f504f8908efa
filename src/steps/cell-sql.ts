import { namesOf } from "../currencies.js";
import { ENTITIES, type ColumnType } from "../entities.js";
import { CrmError } from "../errors.js";
import { defaultCellType, headingsOf, type CellMapping, type CellType } from "../mapping.js";
import { quoteName, quoteText } from "../sql.js";
import type { Input } from "./ingest.js";

/** The text of a cell. */
export const wordSql = (input: Input, heading: string) => `parse_text(${columnSql(input, heading)})`;

/** The raw column of a heading, by the name the engine has for it. */
function columnSql({ headings, readable, path }: Input, heading: string): string {
  if (readable.format !== "csv") throw new CrmError("engine", `${path}: only text has headings`);
  return quoteName(readable.columns[headings.indexOf(heading)] ?? heading);
}

/** Whether all headings are there that a cell is read from. */
export const isPresent = (mapping: CellMapping, headings: readonly string[]) =>
  headingsOf(mapping).every((heading) => headings.includes(heading));

/** A cell of a mapping as SQL. */
export interface Cell extends Pick<Partial<OperandCell>, "cell" | "unreadable"> {
  readonly value: string;
  /** Empty for a constant. */
  readonly heading: string;
  /** True where its type can read the cell; empty where that is not asked. */
  readonly isRead?: string;
  /** What its value is multiplied by already. */
  readonly times?: OperandCell;
  /** What is to be taken off it. */
  readonly less?: OperandCell | undefined;
}

/** A cell that a number is reckoned with. */
export interface OperandCell {
  readonly value: string;
  readonly heading: string;
  /** Its text; empty for a constant. */
  readonly cell: string;
  /** True where a cell has text that its type cannot read; empty where that cannot be. */
  readonly unreadable?: string;
  /** True where a cell has bytes that are not UTF-8. */
  readonly isMarked?: string;
  readonly type: CellType;
}

/** The type of the cells, and that of our column. */
export interface Types {
  readonly type: CellType;
  readonly columnType: ColumnType;
}

/** What a mapping says of one of our columns, as SQL over the raw cells. */
export function cellSql(input: Input, mapping: CellMapping, { type, columnType }: Types): Cell {
  if (mapping.constant !== undefined)
    return { value: `parse_${type}(${quoteText(mapping.constant)})`, heading: "" };
  if (mapping.columns !== undefined) {
    const joined = mapping.columns.map((heading) => `parse_text(${columnSql(input, heading)})`);
    return {
      value: joined.reduce((left, right) => `joined_text(${left}, ${right})`),
      heading: mapping.columns[0]!,
    };
  }
  const cell = headingSql(input, mapping, { type, columnType });
  const { times, less, unit } = mapping;
  const operand = (read: CellMapping, own: CellType): OperandCell => ({
    ...{ cell: "", type: own },
    ...headingSql(input, read, { type: own, columnType }),
  });
  const off = less === undefined ? {} : { less: operand({ column: less.column, unit }, less.type ?? type) };
  if (times === undefined) return { ...cell, ...off };
  const ownType = type === "minor_units" ? "decimal" : type;
  const factor = operand({ column: times.column }, times.type ?? ownType);
  return { ...cell, ...off, value: `money_product(${cell.value}, ${factor.value})`, times: factor };
}

/** The cell below the heading of a mapping. */
function headingSql(input: Input, mapping: CellMapping, { type, columnType }: Types): Cell {
  const heading = mapping.column!;
  const raw = columnSql(input, heading);
  if (isTyped(input, heading)) return typedCellSql(raw, mapping, { type, heading });
  const cell = `parse_text(${raw})`;
  const parse = (text: string) =>
    type === "minor_units"
      ? `parse_minor_units(${text}, ${currencySql(input)}, ${minorUnitSql(input)})`
      : `parse_${type}(${withoutUnitSql(text, mapping.unit)})`;
  const parsed = translateSql(raw, mapping.values, { theirs: parse, ours: (word) => parse(quoteText(word)) });
  const value = castSql(mapping.sign === "negative" ? `- ${parsed}` : parsed, type, columnType);
  if (TEXT_TYPES.includes(type)) return { value, heading, cell };
  const isRead = isReadSql(value, type);
  return {
    value,
    heading,
    cell,
    isRead,
    unreadable: `not case when ${isRead} then 1 = 1 else ${cell} is null end`,
  };
}

/** A column of ours as its cells say, null where one cannot be read; undefined where no heading fills it. */
export function toldSql(input: Input, name: string): string | undefined {
  const { entity, columns } = input.mapping;
  const mapped = columns[name];
  if (mapped === undefined || !isPresent(mapped, input.headings)) return undefined;
  const type = mapped.type ?? defaultCellType(entity, name);
  return cellSql(input, mapped, { type, columnType: ENTITIES[entity].columns[name]! }).value;
}

/** The number in a cell of a heading; null where it cannot be read. */
export const decimalSql = (input: Input, cell: CellMapping) =>
  headingSql(input, cell, { type: cell.type ?? "decimal", columnType: "decimal" }).value;

/** A number without what stands beside it, by any name it has. */
export const withoutUnitSql = (text: string, unit: string | undefined) =>
  (unit === undefined ? [] : namesOf(unit)).reduce(
    (cell, name) => `replace(${cell}, ${quoteText(name)}, '')`,
    text,
  );

/** The currency of a row, which says how small its minor units are; empty where the export names none. */
function currencySql(input: Input): string {
  const { currency } = input.mapping.columns;
  if (currency?.constant !== undefined) return quoteText(currency.constant);
  if (currency?.column === undefined || !isPresent(currency, input.headings)) return "empty_text()";
  const column = columnSql(input, currency.column);
  // Units are looked up by capitals, so a word that differs in no more needs no translation.
  const words = Object.entries(currency.values ?? {}).filter(([from, to]) => from.toUpperCase() !== to);
  return translateSql(column, Object.fromEntries(words), {
    theirs: (text) => `parse_text(${text})`,
    ours: quoteText,
  });
}

/** The vendor's own minor unit of a row's currency; empty where it is that of ISO 4217. */
function minorUnitSql(input: Input): string {
  const cases = Object.entries(input.mapping.decimals ?? {}).map(
    ([currency, decimals]) => `when ${quoteText(currency)} then ${(10 ** -decimals).toFixed(3)}`,
  );
  return cases.length === 0
    ? "empty_decimal()"
    : `case upper(trim(${currencySql(input)})) ${cases.join(" ")} end`;
}

function typedCellSql(
  raw: string,
  { sign }: CellMapping,
  { type, heading }: { type: CellType; heading: string },
): Cell {
  const value = sign === "negative" ? `- ${raw}` : raw;
  if (type !== "date") return { value, heading };
  return { value, heading, unreadable: `coalesce(not is_plain_day(${raw}), 1 = 0)` };
}

function isTyped({ readable, headings }: Input, heading: string): boolean {
  if (readable.format !== "csv") return false;
  return readable.types?.[readable.columns[headings.indexOf(heading)] ?? heading] !== undefined;
}

/** Days outside 1900–2999 are slips of the keyboard. */
function isReadSql(value: string, type: CellType): string {
  return type.startsWith("date")
    ? `coalesce(is_plausible(cast(${value} as date)), 1 = 0)`
    : `${value} is not null`;
}

const TEXT_TYPES: readonly CellType[] = ["text", "email", "phone", "tax_id"];

/** A moment that fills one of our days. */
function castSql(parsed: string, type: CellType, columnType: ColumnType): string {
  const isMoment = type === "moment" || type.startsWith("epoch");
  if (columnType === "date" && isMoment) return `cast(${parsed} as date)`;
  if (columnType === "moment" && type.startsWith("date")) return `cast(${parsed} as timestamp)`;
  return parsed;
}

/** A cell with its words in ours. Each is parsed on its own: a parser given their choice is planned with many copies of it. */
function translateSql(
  cell: string,
  values: Readonly<Record<string, string>> | undefined,
  { theirs, ours }: Readonly<Record<"theirs" | "ours", (text: string) => string>>,
): string {
  const cases = Object.entries(values ?? {}).map(([from, to]) => `when ${quoteText(from)} then ${ours(to)}`);
  if (cases.length === 0) return theirs(cell);
  return `case parse_text(${cell}) ${cases.join(" ")} else ${theirs(cell)} end`;
}

import { ENTITIES, type EntityName } from "../entities.js";
import { ANY_WORD, defaultCellType, headingsOf, type CellType, type RowWords } from "../mapping.js";
import type { RelationName } from "../relation.js";
import { quoteText } from "../sql.js";
import { TOTAL_WORDS } from "../total-words.js";
import { cellSql, decimalSql, isPresent, wordSql, type Cell, type OperandCell } from "./cell-sql.js";
import type { Input } from "./ingest.js";

/** One of our columns as SQL over the raw cells: its value, and whether the cells could be read. */
interface ColumnSql {
  readonly name: string;
  readonly value: string;
  /** The heading it comes from; empty for a constant or a column the export lacks. */
  readonly heading: string;
  /** Its text; empty for the same. */
  readonly cell: string;
  /** True where its type can read the cell; empty where that is not asked. */
  readonly isRead?: string;
  /** True where a cell has text that its type cannot read; empty where that cannot be. */
  readonly unreadable?: string;
  /** True where a cell has bytes that are not UTF-8. */
  readonly isMarked?: string;
  readonly isRequired: boolean;
  readonly type: CellType;
  /** What its number is reckoned with: a quantity, a refund. */
  readonly operands: readonly Operand[];
}

interface Operand extends OperandCell {
  readonly isRequired: boolean;
}

/** What is staged of an entity: a table of what the inputs fill, and the relation of all columns that rests on it. */
export interface Staging {
  /** The columns that are kept for each row. */
  readonly kept: readonly string[];
  /** Every row of every input, with those columns. */
  readonly rowsSql: string;
  /** All columns, over the kept ones in `relation`: what is the same in every row is not kept with each. */
  wholeSql(relation: RelationName): string;
}

/**
 * Every row of every input, typed, and whether it could be read.
 * The unreadable are not filtered out here: an engine would push the filter down and parse every cell twice.
 */
export function staging(entity: EntityName, inputs: readonly Input[]): Staging {
  const rows = inputs.map(staged);
  const names = rows.length === 0 ? [] : Object.keys(rows[0]!);
  const isSame = (name: string) =>
    rows.every((row) => row[name]!.isConstant && row[name]!.value === rows[0]![name]!.value);
  const kept = names.filter((name) => !isSame(name));
  const rowsSql = rows.map((row, place) => {
    const columns = kept.map((name) => `${row[name]!.value} as ${name}`);
    return `select ${columns.join(", ")} from ${inputs[place]!.relation}`;
  });
  const wholeSql = (relation: RelationName) => {
    const columns = names.map((name) => (kept.includes(name) ? name : `${rows[0]![name]!.value} as ${name}`));
    return `select ${columns.join(", ")} from ${relation}`;
  };
  return { kept, rowsSql: rowsSql.join("\nunion all\n"), wholeSql };
}

/** A staged column of one input: its SQL, and whether it is the same in every row. */
interface StagedColumn {
  readonly value: string;
  readonly isConstant: boolean;
}

function staged(input: Input): Record<string, StagedColumn> {
  const columns = columnsSql(input);
  const own = columns.map(
    ({ name, value, heading }) => [name, { value, isConstant: heading === "" }] as const,
  );
  return {
    file_id: { value: fileIdSql(input), isConstant: true },
    source: { value: quoteText(input.source), isConstant: true },
    ...Object.fromEntries(own),
    is_readable: { value: isReadableSql(input, columns), isConstant: false },
  };
}

/** The table under `staged.<entity>`. */
export const filledOf = (entity: EntityName): RelationName => `staged.${entity}__filled`;

/** An entity that no input fills: no row, and every column typed. */
export function emptySql(entity: EntityName): string {
  const columns = Object.entries(ENTITIES[entity].columns).map(
    ([name, type]) => `empty_${type}() as ${name}`,
  );
  return `select cast(null as smallint) as file_id, empty_text() as source, ${columns.join(", ")}, 1 = 1 as is_readable where 1 = 0`;
}

/** Every row of every input with all columns and the number of its record; slower, for files that hold repeated keys. */
export function numberedSql(inputs: readonly Input[]): string {
  const numbered = inputs.map((input) => {
    const columns = columnsSql(input);
    const head = `${headSql(input)}, row_number() over () as record_number`;
    return `select ${head}, ${valuesSql(columns)}, ${isReadableSql(input, columns)} as is_readable from ${input.relation}`;
  });
  return numbered.join("\nunion all\n");
}

/**
 * The records of one input that were not staged: `record_number` among those the engine could split,
 * `column_name`, `value` and `reason`; `is_skipped` where the mapping leaves the row out.
 */
export function rejectedSql(input: Input): string {
  const skips = skipsSql(input);
  const faults = [...skips, ...columnsSql(input).flatMap(faultsSql)];
  const choose = (pick: (fault: Fault, place: number) => string) =>
    `case ${faults.map((fault, place) => `when is_fault_${place} then ${pick(fault, place)}`).join(" ")} end`;
  const anyOf = (some: readonly Fault[]) =>
    ["1 = 0", ...some.map((_, place) => `is_fault_${place}`)].join(" or ");
  const found = faults.map(
    ({ when, cell }, place) => `${when} as is_fault_${place}, ${cell} as cell_${place}`,
  );
  return `select record_number, ${anyOf(skips)} as is_skipped,
    ${choose(({ heading }) => quoteText(heading))} as column_name,
    ${choose((_, place) => `cell_${place}`)} as value,
    ${choose(({ reason }) => quoteText(reason))} as reason
from (select ${["row_number() over () as record_number", ...found].join(", ")} from ${input.relation}) as explained
where ${anyOf(faults)}`;
}

/** The numbers of the orders that the mapping of one input leaves out; undefined where it leaves none out. */
export function skippedOrdersSql(input: Input): string | undefined {
  if (skipsSql(input).length === 0) return undefined;
  const number = columnsSql(input).find(({ name }) => name === "order_key")!;
  return `select ${number.value} from ${input.relation} where ${isSkippedSql(input)} and ${number.value} is not null`;
}

interface Fault {
  readonly when: string;
  readonly heading: string;
  readonly cell: string;
  readonly reason: string;
}

function faultsSql({ operands, ...column }: ColumnSql): Fault[] {
  const { value, heading, cell, unreadable, isMarked, isRequired, type } = column;
  const missing = { when: `${value} is null`, heading, cell: "empty_text()", reason: "missing" };
  const marked = { when: isMarked ?? "", heading, cell, reason: "invalid encoding" };
  return [
    ...(isMarked === undefined ? [] : [marked]),
    ...operands.flatMap((operand) => faultsSql({ ...column, ...operand, operands: [] })),
    ...(unreadable === undefined ? [] : [{ when: unreadable, heading, cell, reason: REASONS[type] }]),
    ...(isRequired ? [missing] : []),
  ];
}

/** What is wrong with a cell that its type cannot read. */
export const REASONS: Readonly<Record<CellType, string>> = {
  text: "not a text",
  email: "not a text",
  phone: "not a text",
  tax_id: "not a text",
  integer: "not a whole number",
  decimal: "not a number",
  decimal_comma: "not a number with a decimal comma",
  minor_units: "not a whole number of minor units",
  boolean: "neither true nor false",
  date: "not a date that exists (year, month, day)",
  date_dmy: "not a date that exists (day, month, year)",
  date_mdy: "not a date that exists (month, day, year)",
  date_serial: "not the number of a day",
  moment: "not a date and time that exist",
  epoch_seconds: "not seconds since 1970",
  epoch_milliseconds: "not milliseconds since 1970",
};

function headSql(input: Input): string {
  return `${fileIdSql(input)} as file_id, ${quoteText(input.source)} as source`;
}

const fileIdSql = ({ fileId }: Input) => `cast(${fileId} as smallint)`;

function valuesSql(columns: readonly ColumnSql[]): string {
  return columns.map(({ name, value }) => `${value} as ${name}`).join(", ");
}

/** True for a row that is staged. */
function isReadableSql(input: Input, columns: readonly ColumnSql[]): string {
  const readable = columns.flatMap((column) => [
    ...fineSql(column),
    ...column.operands.flatMap(({ unreadable }) => (unreadable === undefined ? [] : [`not (${unreadable})`])),
  ]);
  const kept = skipsSql(input).map(({ when }) => `not (${when})`);
  return ["1 = 1", ...readable, ...kept].join(" and ");
}

/** What holds for a cell that may be staged; each copy of its value costs time to plan. */
function fineSql({ value, isRequired, isRead, isMarked, unreadable, operands }: ColumnSql): string[] {
  if (isRequired && isRead !== undefined && operands.length === 0)
    return [isRead, ...(isMarked === undefined ? [] : [`not (${isMarked})`])];
  return [
    ...(isRequired ? [`${value} is not null`] : []),
    ...(unreadable === undefined ? [] : [`not (${unreadable})`]),
  ];
}

/** True of a row of the input that is staged. */
export const isStagedSql = (input: Input) => isReadableSql(input, columnsSql(input));

/** True of a row that is left out. */
export const isSkippedSql = (input: Input) =>
  ["1 = 0", ...skipsSql(input).map(({ when }) => `(${when})`)].join(" or ");

/** Why rows of the input are left out. */
function skipsSql(input: Input): Fault[] {
  const { skip_when_empty: empty = [], skip_when: words = {} } = input.mapping;
  const { totals = {} } = input;
  const skip = (heading: string, when: string): Fault => ({
    ...{ when, heading, cell: wordSql(input, heading), reason: LEFT_OUT },
  });
  const skipTotal = (heading: string): Fault => ({
    ...skip(heading, isOneOfSql(input, totals, heading)),
    reason: A_SUM,
  });
  return [
    ...empty.map((heading) => skip(heading, emptyCellSql(input, heading))),
    ...Object.keys(words).map((heading) => skip(heading, isOneOfSql(input, words, heading))),
    ...Object.keys(totals).map(skipTotal),
  ];
}

/** True where a cell is empty, and nothing is taken off what it would be. */
function emptyCellSql(input: Input, heading: string): string {
  const isEmpty = `${wordSql(input, heading)} is null`;
  const { columns } = input.mapping;
  const own = Object.values(columns).find(({ column, less }) => column === heading && less !== undefined);
  if (own?.less === undefined) return isEmpty;
  const off = decimalSql(input, { type: own.type, unit: own.unit, ...own.less });
  return `${isEmpty} and coalesce(${off}, 0) = 0`;
}

/** Why a row is left out that a word of it leaves out. */
export const LEFT_OUT = "left out by the mapping";

/** Where an entity says whose a row is, and its money. */
export const TOTALS: Readonly<
  Partial<Record<EntityName, { readonly names: readonly string[]; readonly amount: string }>>
> = {
  orders: { names: ["customer_key"], amount: "order_amount" },
  order_lines: { names: ["customer_key", "order_key"], amount: "line_amount" },
};

/** Why a row is left out that adds up others. */
export const A_SUM = "a total of other rows";

/** True where a text calls its row a total. */
export const isTotalSql = (text: string) => isAnyOfSql(text, TOTAL_WORDS);

/** True where the cell is one of a heading's words. */
export const isOneOfSql = (input: Input, words: RowWords, heading: string) =>
  isAnyOfSql(wordSql(input, heading), words[heading]!);

/** True where a text is one of the words, in any case. */
export const isAnyOfSql = (text: string, words: readonly string[]) =>
  words.includes(ANY_WORD)
    ? `${text} is not null`
    : `coalesce(lower(${text}) in (${words.map((word) => quoteText(word.toLowerCase())).join(", ")}), 1 = 0)`;

/** What a return takes away. */
const TAKEN_AWAY = ["order_amount", "order_cost", "discount_amount", "quantity", "line_amount", "line_cost"];

/** A cell less what is taken off it; of a return, a cell below zero or none, the greater of the two is taken away. */
function netSql(input: Input, name: string, { value, less }: Pick<Cell, "value" | "less">): string {
  const { return_when: words = {} } = input.mapping;
  const isReturn = Object.keys(words).map((heading) => isOneOfSql(input, words, heading));
  const isAway = isReturn.length > 0 && TAKEN_AWAY.includes(name) ? isReturn : [];
  if (less === undefined)
    return isAway.length === 0
      ? value
      : `case when ${isAway.join(" or ")} then - abs(${value}) else ${value} end`;
  const off = `coalesce(abs(${less.value}), 0)`;
  const back = `case when ${value} is not null or ${off} > 0 then greatest(coalesce(abs(${value}), 0), ${off}) end`;
  const isBack = `${value} < 0 or ${value} is null and ${off} > 0`;
  return `case when ${[...isAway, isBack].join(" or ")} then - ${back} else ${value} - ${off} end`;
}

function columnsSql(input: Input): ColumnSql[] {
  const { entity, columns } = input.mapping;
  return Object.entries(ENTITIES[entity].columns).map(([name, columnType]) => {
    const isRequired = ENTITIES[entity].required.includes(name);
    const type = columns[name]?.type ?? defaultCellType(entity, name);
    const column = { name, heading: "", cell: "empty_text()", isRequired, type, operands: [] };
    const mapped = columns[name];
    if (mapped === undefined || !isPresent(mapped, input.headings))
      return { ...column, value: `empty_${columnType}()` };
    const truth = ENTITIES[entity].unread?.[name];
    const { times, less, ...cell } = readAs(truth, cellSql(input, mapped, { type, columnType }));
    const operands = [
      ...(times === undefined ? [] : [{ ...times, isRequired }]),
      ...(less === undefined ? [] : [{ ...less, isRequired: false }]),
    ];
    const value = netSql(input, name, { value: cell.value, less });
    const mappedColumn = { ...column, ...cell, value, operands };
    if (input.scan.isUtf8 || truth !== undefined) return mappedColumn;
    const marked = operands.map((operand) => ({ ...operand, ...markedSql(operand) }));
    return { ...mappedColumn, ...markedSql(mappedColumn), operands: marked };
  });
}

/** A cell that stands for a truth where it cannot be read, if one is given. */
const readAs = (truth: boolean | undefined, { isRead, unreadable, ...cell }: Cell): Cell =>
  truth === undefined
    ? { ...cell, ...(isRead && { isRead }), ...(unreadable && { unreadable }) }
    : { ...cell, value: `coalesce(${cell.value}, ${truth ? "1 = 1" : "1 = 0"})` };

/** In a file with bytes that are not UTF-8, a cell that holds one cannot be read. */
function markedSql({
  heading,
  cell,
  unreadable,
}: OperandCell): Pick<Partial<OperandCell>, "unreadable" | "isMarked"> {
  if (heading === "") return {};
  const isMarked = `coalesce(contains(${cell}, '\ufffd'), 1 = 0)`;
  return { unreadable: unreadable === undefined ? isMarked : `${isMarked} or ${unreadable}`, isMarked };
}

/**
 * The input with its days and decimals read by the engine itself; undefined where the mapping asks for more than that.
 * Only files without any fault can be read so: what is wrong with a row, its text must tell.
 */
export function plainInput(input: Input): Input | undefined {
  const { mapping, readable, headings, scan, totals } = input;
  if (totals !== undefined || readable.format !== "csv" || !scan.isUtf8 || scan.recordCount === 0)
    return undefined;
  const { skip_when_empty: empty, skip_when, skip_repeated, return_when, fill_down } = mapping;
  if (
    [empty, skip_when, return_when, fill_down].some((setting) => setting !== undefined) ||
    skip_repeated === true
  )
    return undefined;
  const used = Object.values(mapping.columns).flatMap(headingsOf);
  const types = Object.entries(mapping.columns).flatMap(
    ([name, { column, type, values, unit, times, less }]) => {
      const columnType = ENTITIES[mapping.entity].columns[name];
      const isPlain = columnType === "decimal" || columnType === "date";
      const isAlone = used.filter((heading) => heading === column).length === 1;
      if (
        !isPlain ||
        !isAlone ||
        (values ?? unit ?? times ?? less) !== undefined ||
        (type ?? columnType) !== columnType
      )
        return [];
      const place = headings.indexOf(column!);
      return place < 0 ? [] : [[readable.columns[place]!, columnType] as const];
    },
  );
  if (types.length === 0) return undefined;
  return { ...input, readable: { ...readable, types: Object.fromEntries(types) } };
}

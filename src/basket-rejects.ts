import type { Engine } from "./engines/engine.js";
import type { BasketGuess, BasketRole } from "./guess-baskets.js";
import type { RelationName } from "./relation.js";
import type { RejectCount } from "./report.js";
import { quoteText } from "./sql.js";
import { isNobodys } from "./steps/gates.js";
import type { Input } from "./steps/ingest.js";
import { placeRejects, rejectCounts, rejectsSql } from "./steps/stage.js";
import { tellRowKinds, type FoundKinds } from "./steps/row-kinds.js";
import { tellTotals } from "./steps/totals.js";
import { REASONS } from "./steps/stage-sql.js";
import { collect, numbers, texts } from "./table.js";
import type { Warn } from "./warning.js";

/** What a row brought, or how many; below zero for what was given back. */
export const BROUGHT = "coalesce(amount, quantity, 1)";

/** True for what was not given back. */
export const IS_SALE = `${BROUGHT} > 0`;

type FaultCode =
  | "rows_misencoded"
  | "rows_no_item"
  | "rows_no_basket"
  | "rows_no_customer"
  | "rows_no_day"
  | "rows_late"
  | "rows_without_customer"
  | "rows_without_day"
  | "rows_unpriced";

/** Why a row is in no basket, or in baskets only. */
export interface BasketFault {
  /** Rows that are left out are told of by what leaves them out. */
  readonly code: FaultCode | "rows_left_out";
  readonly column: string;
  /** True of such a row, as SQL over a row as it was read; so are the cell and the reason. */
  readonly when: string;
  readonly cell: string;
  readonly reason: string;
  /** What becomes of the row: kept, it is in a basket for all that. */
  readonly fate: "left_out" | "rejected" | "kept";
}

/** How rows were asked for, and how they lie in the file. */
export interface BasketRows {
  readonly guess: BasketGuess;
  readonly asOfDate: string | undefined;
  readonly isUtf8: boolean;
  /** Columns that say which rows do not count. */
  readonly leftOut: readonly LeftOut[];
}

/** A column that leaves rows out. */
export type LeftOut = Pick<BasketFault, "column" | "when" | "cell" | "reason">;

/** What may be wrong with a row: the first that applies is its fault. */
export function basketFaults({ guess, asOfDate, isUtf8, leftOut }: BasketRows): BasketFault[] {
  const { by, columns } = guess;
  const has = (role: BasketRole) => columns[role] !== undefined;
  const fault = (code: FaultCode, role: BasketRole, what: Partial<BasketFault>): BasketFault => ({
    ...{ code, column: columns[role] ?? "", cell: "empty_text()", reason: quoteText("missing") },
    ...{ when: `${role} is null`, fate: "rejected" },
    ...what,
  });
  const noDay = { when: "order_date is null", cell: "day_cell", reason: unreadSql(guess) };
  const isBasket = by === "order";
  const isDated = has("customer") && has("date");
  const isDay = by === "customer_day" || by === "customer_window";
  const ofSale = (what: string) => ({ when: `${IS_SALE} and ${what}`, fate: "kept" as const });
  const late = { when: `coalesce(order_date > date '${asOfDate}', 1 = 0)`, cell: "day_cell" };
  const faults: (readonly [boolean, BasketFault])[] = [
    [!isUtf8, fault("rows_misencoded", "item", MARKED)],
    [true, fault("rows_no_item", "item", {})],
    [isBasket, fault("rows_no_basket", "basket", { when: "basket_text is null" })],
    [!isBasket, fault("rows_no_customer", "customer", {})],
    [isDay, fault("rows_no_day", "date", noDay)],
    [asOfDate !== undefined && has("date"), fault("rows_late", "date", { ...late, reason: quoteText(LATE) })],
    [isBasket && isDated, fault("rows_without_customer", "customer", ofSale("customer is null"))],
    [!isDay && isDated, fault("rows_without_day", "date", { ...noDay, ...ofSale(noDay.when) })],
    [
      isDated && has("amount"),
      fault("rows_unpriced", "amount", { ...ofSale("amount is null"), cell: "amount_cell" }),
    ],
    [isDated && !has("amount") && has("price"), fault("rows_unpriced", "price", ofSale("amount is null"))],
  ];
  return [
    ...leftOut.map((one) => ({ code: "rows_left_out", fate: "left_out", ...one }) as const),
    ...faults.filter(([applies]) => applies).map(([, one]) => one),
  ];
}

const MARKED = { column: "", when: "is_marked", reason: quoteText("invalid encoding") };
const LATE = "after the as-of date";
const unreadSql = ({ types }: BasketGuess) =>
  `case when day_cell is null then ${quoteText("missing")} else ${quoteText(REASONS[types.date ?? "date"])} end`;

/** True of a row that none of the faults keeps out of the baskets. */
export const isInBasketSql = (faults: readonly BasketFault[]) =>
  ["1 = 1", ...faults.filter(({ fate }) => fate !== "kept").map(({ when }) => `not (${when})`)].join(" and ");

/** A file, its rows in its own order as they were read, and what may be wrong with them. */
export interface FaultyFile {
  readonly input: Input;
  readonly rowsSql: string;
  readonly faults: readonly BasketFault[];
  readonly kinds: FoundKinds;
}

const FAULTS: RelationName = "staged.basket_faults";

/**
 * Makes `staged.rejects` of the rows that are in no basket, and says of each fault how many rows have it and where the first is.
 *
 * @returns how many rows each reason rejected
 */
export async function explainFaults(
  engine: Engine,
  file: FaultyFile | undefined,
  warn: Warn,
): Promise<RejectCount[]> {
  if (file === undefined) {
    await engine.create("staged.rejects", rejectsSql([]));
    return [];
  }
  const { relation } = file.input;
  await engine.create(FAULTS, faultsSql(file));
  await engine.create(
    `${relation}__rejected`,
    `select record_number, fate <> 'rejected' as is_skipped, column_name, value, reason
      from ${FAULTS} where fate <> 'kept' or place = 1`,
  );
  await placeRejects(engine, file.input);
  await engine.create("staged.rejects", rejectsSql([file.input]));
  await tellRowKinds(engine, file.kinds, { inputs: [file.input], warn });
  await tellTotals(engine, [file.input], warn);
  await warnOfFaults(engine, file.input, warn);
  return rejectCounts(engine);
}

function faultsSql({ rowsSql, faults }: FaultyFile): string {
  const choose = (pick: (fault: BasketFault) => string) =>
    `case ${faults.map((fault) => `when ${fault.when} then ${pick(fault)}`).join(" ")} end`;
  return `select *, row_number() over (partition by code order by record_number) as place,
    count(*) over (partition by code) as row_count
  from (
    select record_number, ${choose(({ code }) => quoteText(code))} as code,
      ${choose(({ fate }) => quoteText(fate))} as fate,
      ${choose(({ column }) => quoteText(column))} as column_name,
      ${choose(({ cell }) => cell)} as value,
      ${choose(({ reason }) => reason)} as reason
    from (select row_number() over () as record_number, * from (${rowsSql}) as known) as numbered
  ) as judged where code is not null`;
}

async function warnOfFaults(engine: Engine, { file, relation }: Input, warn: Warn): Promise<void> {
  const firsts = await collect(
    engine.read(`select code, column_name, value, row_count, line_number from ${FAULTS} as faults
      inner join ${relation}__places as places on faults.record_number = places.record_number
      where place = 1 and fate <> 'left_out' order by line_number, code`),
  );
  const [codes, columns, values] = ["code", "column_name", "value"].map((name) => texts(firsts, name));
  const [counts, lines] = [numbers(firsts, "row_count"), numbers(firsts, "line_number")];
  const unsplit = await collect(
    engine.read(`select count(distinct line_number) as row_count, min(line_number) as first_line
      from ${relation}__places where byte_offset is not null`),
  );
  const unsplitCount = numbers(unsplit, "row_count")[0]!;
  if (unsplitCount > 0)
    warn({
      code: "rows_unsplit",
      gaps: { file, count: unsplitCount, line: numbers(unsplit, "first_line")[0]! },
    });
  for (const [row, code] of codes!.entries()) {
    const cell = isNobodys(values![row]) ? ` "${values![row]}"` : "";
    const gaps = { file, count: counts[row]!, line: lines[row]!, column: columns![row]!, cell };
    warn({ code: code as FaultCode, gaps });
  }
}

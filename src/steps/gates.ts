import { isDay, isNumberLike } from "../cell-shapes.js";
import type { Engine } from "../engines/engine.js";
import { ENTITIES, type EntityName } from "../entities.js";
import { CrmError, problemsError } from "../errors.js";
import { LATEST, type Plan } from "../pipeline.js";
import type { RelationName } from "../relation.js";
import type { FileCount } from "../report.js";
import { quoteText } from "../sql.js";
import { collect, days, numbers, onlyNumber, texts } from "../table.js";
import type { Input } from "./ingest.js";
import { NO_ORDER } from "./order-lines.js";
import type { Warn } from "../warning.js";

/** Nothing to analyse is said before any work is done. */
export function refuseEmpty(inputs: readonly Input[]): void {
  if (inputs.some((input) => input.scan.recordCount > 0)) return;
  throw new CrmError("data", `${inputs.map((input) => input.path).join(", ")}: headings, but no rows`, {
    hint: "export the file anew",
  });
}

/** Rows that a later row corrects are rejects, but no sign of a broken export. */
const IS_FAULT = "not is_skipped and reason <> 'a later row has the same key'";

/**
 * A few rejects are normal; many mean that the export or its mapping changed.
 *
 * @throws CrmError `data` naming each file whose unreadable rows are more than the limit, and some of them
 */
export async function refuseRejects(
  engine: Engine,
  files: readonly FileCount[],
  limit: number,
): Promise<void> {
  const problems: string[] = [];
  for (const { file, words } of await filesOverLimit(engine, files, limit))
    problems.push(words, ...(await rejectSamples(engine, file)));
  if (problems.length === 0) return;
  const isHeadless = problems.some((problem) => problem.endsWith(NO_ORDER));
  const cure = isHeadless
    ? "is the file of the orders whole? correct the files or how they are read"
    : "correct the files or how they are read";
  throw problemsError("data", problems, `${cure}; a pipeline may allow more with limits: rejected_share`);
}

/** The files whose unreadable rows are more than the limit, each with its count and share in words. */
export async function filesOverLimit(
  engine: Engine,
  files: readonly FileCount[],
  limit: number,
): Promise<{ readonly file: FileCount; readonly words: string }[]> {
  const over: { file: FileCount; words: string }[] = [];
  for (const file of files.filter(({ rowsIn, rowsRejected }) => rowsRejected > limit * rowsIn)) {
    const faults = await collect(
      engine.read(`select count(*) as row_count from staged.rejects where ${ofFile(file)}`),
    );
    const count = onlyNumber(faults, "row_count");
    if (count <= limit * file.rowsIn) continue;
    const [share, allowed] = percentsApart(count / file.rowsIn, limit);
    const words = `${file.file}: ${count} of ${file.rowsIn} rows rejected (${share} %), more than the ${allowed} % allowed`;
    over.push({ file, words });
  }
  return over;
}

/**
 * What is said where more orders than the limit have neither a line nor an amount: the file of the lines is cut. Of
 * sources with lines of which the mapping leaves none out; cancelled orders may have none.
 */
export async function ordersOverLimit(
  engine: Engine,
  inputs: readonly Input[],
  limit: number,
): Promise<string | undefined> {
  const lines = inputs.filter(({ mapping }) => mapping.entity === "order_lines");
  const isWhole = ({ mapping: { skip_when, skip_when_empty } }: Input) =>
    (skip_when ?? skip_when_empty) === undefined;
  const sources = [...new Set(lines.map(({ source }) => source))].filter((source) =>
    lines.every((input) => input.source !== source || isWhole(input)),
  );
  if (sources.length === 0) return undefined;
  const number = "key_hash(source, 'order', order_key)";
  const countOf = async (where: string) =>
    onlyNumber(
      await collect(
        engine.read(`select count(*) as row_count from staged.orders where order_key is not null
          and coalesce(lower(status), '') <> 'cancelled' and source in (${sources.map(quoteText).join(", ")}) ${where}`),
      ),
      "row_count",
    );
  const all = await countOf("");
  if ((await countOf("and order_amount is null")) <= limit * all) return undefined;
  const count = await countOf(
    `and order_amount is null and ${number} not in (select ${number} from staged.order_lines where order_key is not null)`,
  );
  if (count <= limit * all) return undefined;
  const [share, allowed] = percentsApart(count / all, limit);
  return `orders: ${count} of ${all} have neither lines nor an amount (${share} %), more than the ${allowed} % allowed`;
}

/** @throws CrmError `data` where so many orders are empty that the file of the lines must be cut */
export async function refuseEmptyOrders(
  engine: Engine,
  inputs: readonly Input[],
  limit: number,
): Promise<void> {
  const words = await ordersOverLimit(engine, inputs, limit);
  if (words === undefined) return;
  throw new CrmError("data", words, {
    hint: "is the file of the order lines whole? a pipeline may allow more with limits: rejected_share",
  });
}

/** A file without a row, of which none was expected to be missing, may be an export that failed. */
export function warnOfNoRows(inputs: readonly Input[], warn: Warn): void {
  const empty = inputs.filter(({ scan, mapping }) => scan.recordCount === 0 && !mapping.is_optional);
  for (const { path } of empty) warn({ code: "no_rows", gaps: { path } });
}

/** Orders or payments whose latest lies so long before the as-of date are of an export that was not made anew. */
export const STALE_AFTER_DAYS = 35;

/** Warns of orders, invoices and payments that end long before the as-of date. */
export async function warnOfStale(
  engine: Engine,
  asOfDate: string,
  { inputs, warn }: { inputs: readonly Input[]; warn: Warn },
): Promise<void> {
  for (const entity of REGULAR.filter((name) => inputs.some(({ mapping }) => mapping.entity === name))) {
    const day = `cast(${ENTITIES[entity].datedBy} as date)`;
    const table = await collect(
      engine.read(`select source, max(${day}) as latest_date from staged.${entity}
        where ${day} <= cast(${quoteText(asOfDate)} as date) group by source order by source`),
    );
    const sources = texts(table, "source");
    for (const [row, latest] of days(table, "latest_date").entries()) {
      const daysOld = Math.round((Date.parse(asOfDate) - Date.parse(latest!)) / 86_400_000);
      const gaps = { source: sources[row]!, entity, latest: latest!, count: daysOld, date: asOfDate };
      if (daysOld > STALE_AFTER_DAYS) warn({ code: "stale", gaps });
    }
  }
}

/** What comes in every week. */
const REGULAR = ["orders", "order_lines", "invoices", "payments"] as const satisfies readonly EntityName[];

/** Two different shares as percent with as many digits, two at least, as tell them apart. */
export function percentsApart(first: number, second: number): readonly [number, number] {
  for (let digits = 2; ; digits++) {
    const [one, other] = [first, second].map((share) => Number((share * 100).toPrecision(digits)));
    if (one !== other || digits === 17) return [one!, other!];
  }
}

function ofFile({ file, source, entity }: FileCount): string {
  return `${IS_FAULT} and file = ${quoteText(file)} and source = ${quoteText(source)} and entity = ${quoteText(entity)}`;
}

/** A day, or an amount of fewer digits than a telephone's: what may be told of a cell, which in a shifted row is anything. */
export const isNobodys = (value: string | null | undefined) =>
  value != null && (isDay(value) || (isNumberLike(value) && value.replace(/\D/g, "").length < 7));

/** The first rejects, with what stands in the cell where that is a day or a number. */
async function rejectSamples(engine: Engine, file: FileCount): Promise<string[]> {
  const table = await collect(
    engine.read(`select line_number, coalesce(column_name, '') as column_name, reason,
        case when reason like 'not %' then value end as value
      from staged.rejects
      where ${ofFile(file)}
      order by line_number, column_name, reason, value limit 3`),
  );
  const lines = numbers(table, "line_number");
  const [columns, reasons, values] = ["column_name", "reason", "value"].map((name) => texts(table, name));
  return Array.from(lines, (line, row) => {
    const value = isNobodys(values![row]) ? `"${values![row]}" is ` : "";
    return `  ${file.file}:${line} ${columns![row]}: ${value}${reasons![row]}`;
  });
}

/** Rows after the as-of date are staged and never used: said, with their number. */
export async function warnOfFuture(
  engine: Engine,
  asOfDate: string,
  { inputs, warn }: { inputs: readonly Input[]; warn: Warn },
): Promise<void> {
  const entities = [...new Set(inputs.map((input) => input.mapping.entity))];
  for (const entity of entities) {
    const { datedBy } = ENTITIES[entity as EntityName];
    if (datedBy === undefined) continue;
    // A no counts whenever it was said.
    const isYes = entity === "consents" ? "is_permitted and " : "";
    const isFuture = `${isYes}cast(${datedBy} as date) > cast(${quoteText(asOfDate)} as date)`;
    const row = await collect(
      engine.read(`select count(*) as row_count from staged.${entity} where ${isFuture}`),
    );
    const count = onlyNumber(row, "row_count");
    if (count > 0) warn({ code: "rows_after_date", gaps: { entity, count, date: asOfDate } });
  }
}

/** More than a year without any order before the latest one: its date is more likely a slip of the keyboard. */
const DOUBTFUL_GAP_DAYS = 366;

/**
 * The date of the latest order.
 *
 * @throws CrmError `data` when there is no order
 */
async function latestOrderDate(engine: Engine, warn: Warn): Promise<string> {
  await engine.create(
    "run.order_dates",
    `select order_date from (
      select order_date from staged.orders union all select order_date from staged.order_lines
    ) as dates where order_date is not null group by order_date`,
  );
  const table = await collect(
    engine.read(`select max(order_date) as latest_date,
      max(case when order_date < (select max(order_date) from run.order_dates) then order_date end) as date_before
      from run.order_dates`),
  );
  const [latest] = days(table, "latest_date");
  const [before] = days(table, "date_before");
  if (latest == null)
    throw new CrmError("data", "no order has a date", { hint: "choose the column with --date" });
  if (before != null && Date.parse(latest) - Date.parse(before) > DOUBTFUL_GAP_DAYS * 86_400_000) {
    warn({ code: "doubtful_date", gaps: { date: latest, before } });
  }
  return latest;
}

/** The plan with an as-of date: the latest order's, where that was asked for. */
export async function datedPlan(engine: Engine, plan: Plan, warn: Warn): Promise<Plan> {
  if (plan.run.asOfDate !== LATEST) return plan;
  return { ...plan, run: { ...plan.run, asOfDate: await latestOrderDate(engine, warn) } };
}

/**
 * Documents that may be counted twice: rows alike in all that is read where nothing numbers them,
 * and orders whose lines lie in several files.
 */
export async function warnOfRepeats(
  engine: Engine,
  { inputs, warn }: { inputs: readonly Input[]; warn: Warn },
): Promise<void> {
  for (const entity of ["orders", "order_lines"] as const) {
    const sharing = inputs.filter(({ mapping }) => mapping.entity === entity);
    const isNumbered = ENTITIES[entity].key.every((column) =>
      sharing.every(({ mapping }) => column in mapping.columns),
    );
    if (sharing.length === 0 || isNumbered) continue;
    const filled = Object.keys(ENTITIES[entity].columns).filter((column) =>
      sharing.some(({ mapping }) => column in mapping.columns),
    );
    const count = await countRepeats(engine, `staged.${entity}`, filled);
    if (count > 0) warn({ code: "rows_repeat", gaps: { entity, count } });
  }
  await warnOfSplitOrders(engine, warn);
}

/**
 * How many rows are alike in every one of the columns with one before them. Only those are held against each other that
 * share the first columns with rows of which some may be alike in the others: of most orders no two lines are.
 */
export async function countRepeats(
  engine: Engine,
  relation: RelationName,
  columns: readonly string[],
): Promise<number> {
  const [shared, others] = [hashSql(columns.slice(0, 3)), hashSql(columns.slice(3))];
  const repeats = await collect(
    engine.read(`select coalesce(sum(row_count - 1), 0) as repeat_count from (
    select count(*) as row_count from ${relation}
    where ${shared} in (select ${shared} from ${relation} group by ${shared} having may_repeat(${others}))
    group by ${columns.join(", ")} having count(*) > 1) as alike`),
  );
  return onlyNumber(repeats, "repeat_count");
}

function hashSql([first = "0", second = "0", third = "0", ...rest]: readonly string[]): string {
  const hash = `key_hash(${first}, ${second}, ${third})`;
  return rest.length === 0 ? hash : hashSql([hash, ...rest]);
}

async function warnOfSplitOrders(engine: Engine, warn: Warn): Promise<void> {
  const files = await collect(
    engine.read("select count(distinct file_id) as file_count from staged.order_lines"),
  );
  if (onlyNumber(files, "file_count") < 2) return;
  const split = await collect(
    engine.read(`select count(*) as order_count from (
      select order_key from staged.order_lines group by source, order_key having min(file_id) <> max(file_id)) as split`),
  );
  const count = onlyNumber(split, "order_count");
  if (count > 0) warn({ code: "orders_split", gaps: { count } });
}

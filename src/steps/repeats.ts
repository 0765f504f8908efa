import type { Engine } from "../engines/engine.js";
import { ENTITIES, ORDER_SPAN_DAYS, type EntityName } from "../entities.js";
import type { RelationName } from "../relation.js";
import { collect, onlyNumber } from "../table.js";
import type { Warn } from "../warning.js";
import type { Input } from "./ingest.js";
import { filledOf, numberedSql, staging } from "./stage-sql.js";

function hasKey(entity: EntityName, input: Input): boolean {
  const { key } = ENTITIES[entity];
  return key.length > 0 && key.every((column) => input.mapping.columns[column] !== undefined);
}

const isKeyed = (key: readonly string[]) => key.map((column) => `${column} is not null`).join(" and ");

/** Whether rows may have to be left out for what others of their key say. */
export async function hasRepeats(
  engine: Engine,
  entity: EntityName,
  inputs: readonly Input[],
): Promise<boolean> {
  if (inputs.some(skipsRepeated)) return true;
  const { key } = ENTITIES[entity];
  if (!inputs.some((input) => hasKey(entity, input))) return false;
  const hash = `key_hash(source, ${key[0]}, ${key[1] ?? "0"})`;
  const repeats = await collect(
    engine.read(`select count(*) as repeat_count from (
      select ${hash} as hash from staged.${entity} where ${isKeyed(key)} group by ${hash} having count(*) > 1) as repeats`),
  );
  return onlyNumber(repeats, "repeat_count") > 0;
}

/** Whether each row of an order has all of its money. */
export const skipsRepeated = ({ mapping }: Input) => mapping.skip_repeated === true;

/** What rows with all of an order's money have in common on one day, when they are of its sale, or of the same return. */
const ORDER_OF_DAY = "source, order_key, owner_key, order_date, return_amount";

/** Of rows with the same key the last one stands: exports are written later to correct what was written before. */
export async function dropRepeats(
  engine: Engine,
  entity: EntityName,
  inputs: readonly Input[],
): Promise<void> {
  const { key } = ENTITIES[entity];
  const numbered: RelationName = `staged.${entity}__numbered`;
  const readable = `select * from (${numberedSql(inputs)}) as numbered where is_readable`;
  await engine.create(
    numbered,
    inputs.some(skipsRepeated)
      ? wholeOrdersSql(inputs, readable)
      : `select *, ${placeFromLastSql(entity)} as place_from_last from (${readable}) as readable`,
  );
  const { kept } = staging(entity, inputs);
  await engine.create(
    filledOf(entity),
    `select ${kept.join(", ")} from ${numbered} where place_from_last = 1 order by file_id, record_number`,
  );
  for (const input of inputs) {
    const told = skipsRepeated(input) ? ["order_key"] : key;
    await engine.create(
      `${input.relation}__repeats`,
      `select record_number, ${told.map((column) => `to_key(${column})`).join(" || ' / ' || ")} as value
      from ${numbered} where place_from_last > 1 and file_id = ${input.fileId}`,
    );
  }
}

/** The place of a row among those of the same key; 1 is the last. */
function placeFromLastSql(entity: EntityName): string {
  const { key } = ENTITIES[entity];
  return `case when ${isKeyed(key)} then ${fromLastSql(["source", ...key].join(", "))} else 1 end`;
}

const fromLastSql = (parts: string, ...before: string[]) =>
  `row_number() over (partition by ${parts} order by ${[...before, "file_id desc", "record_number desc"].join(", ")})`;

/**
 * Order lines with their place among the rows that have all money of one order: those of one day, and where each row
 * lies on another day those with the same money on days near each other. A row that names no customer is of the order
 * whose number it has; numbers may begin again, and several customers may have them.
 */
function wholeOrdersSql(inputs: readonly Input[], readable: string): string {
  const fileIds = inputs.filter(skipsRepeated).map(({ fileId }) => fileId);
  const ofNumber = "partition by is_whole, source, order_key";
  const span = `days_between(min(order_date) over (${ofNumber}, owner_key), max(order_date) over (${ofNumber}, owner_key))`;
  return `with lines as (
    select *, case when file_id in (${fileIds.join(", ")}) then 1 else 0 end as is_whole from (${readable}) as readable
  ),
  owned as (
    select *, coalesce(customer_key, min(customer_key) over (${ofNumber})) as owner_key,
      case when customer_key is null or order_date is null then 1 else 0 end as is_homeless,
      case when line_amount < 0 then line_amount end as return_amount
    from lines
  ),
  dated as (
    select *, ${fromLastSql(`is_whole, ${ORDER_OF_DAY}`, "is_homeless")} as place_of_day,
      count(*) over (partition by is_whole, ${ORDER_OF_DAY}) as day_row_count,
      case when ${span} > ${ORDER_SPAN_DAYS} then order_date end as own_day
    from owned
  ),
  told as (
    select *, max(day_row_count) over (${ofNumber}, owner_key) as most_row_count from dated
  )
  select *, case
    when is_whole = 0 then ${placeFromLastSql("order_lines")}
    when place_of_day > 1 then place_of_day
    else ${fromLastSql("is_whole, place_of_day, source, order_key, owner_key, own_day, line_amount, case when most_row_count > 1 then order_date end", "is_homeless")}
  end as place_from_last
  from told`;
}

/** A later row of another customer or a day far off is no correction: the numbers begin again. */
export async function warnOfOtherOrders(engine: Engine, entity: EntityName, warn: Warn): Promise<void> {
  if (!NUMBERED_ANEW.includes(entity)) return;
  const { key, datedBy } = ENTITIES[entity];
  const isSame = ["source", ...key].map((column) => `earlier.${column} = latest.${column}`).join(" and ");
  const others = await collect(
    engine.read(`select count(*) as row_count from staged.${entity}__numbered as earlier
      inner join staged.${entity}__numbered as latest on ${isSame}
      where earlier.place_from_last > 1 and latest.place_from_last = 1
        and (earlier.customer_key <> latest.customer_key
          or abs(days_between(earlier.${datedBy!}, latest.${datedBy!})) > ${ORDER_SPAN_DAYS})`),
  );
  const count = onlyNumber(others, "row_count");
  if (count > 0) warn({ code: "keys_again", gaps: { entity, count, key: key[0]!, days: ORDER_SPAN_DAYS } });
}

/** Of orders whose rows each have all of their money, those whose rows do not agree on it. */
export async function warnOfOtherTotals(engine: Engine, input: Input, warn: Warn): Promise<void> {
  if (!skipsRepeated(input)) return;
  const differing = await collect(
    engine.read(`select count(*) as order_count from (
      select ${ORDER_OF_DAY} from staged.order_lines__numbered where file_id = ${input.fileId}
      group by ${ORDER_OF_DAY} having min(line_amount) <> max(line_amount)) as orders`),
  );
  const count = onlyNumber(differing, "order_count");
  if (count > 0) warn({ code: "totals_differ", gaps: { file: input.file, count } });
}

const NUMBERED_ANEW: readonly EntityName[] = ["orders", "order_lines", "invoices"];

import type { Engine } from "../engines/engine.js";
import { ORDER_SPAN_DAYS } from "../entities.js";
import type { RelationName } from "../relation.js";
import { quoteText } from "../sql.js";
import { collect, onlyNumber } from "../table.js";
import type { Warn } from "../warning.js";
import type { Input } from "./ingest.js";
import { numberedSql, skippedOrdersSql, staging } from "./stage-sql.js";

/** What placing lines needs: every staged input, those whose repeated keys were taken out, and where to tell of it. */
export interface LinesContext {
  readonly inputs: readonly Input[];
  readonly repeating: ReadonlySet<Input>;
  readonly warn: Warn;
}

const LINES: RelationName = "staged.order_lines";
const FILLED: RelationName = "staged.order_lines__filled";
const NUMBERED: RelationName = "staged.order_lines__numbered";
const PLACED: RelationName = "staged.order_lines__placed";
const DISTANT: RelationName = "staged.order_lines__distant";

/** Why a line is rejected that names no customer or day where no order does it for the line. */
export const NO_ORDER = "no order has this number";

const ORDER_ID = "key_hash(source, 'order', order_key)";
const IS_HEADLESS = `${ORDER_ID} not in (select ${ORDER_ID} from staged.orders where order_key is not null)`;
const IS_HOMELESS = `(customer_key is null or order_date is null) and ${IS_HEADLESS}`;
const IS_NEAR = `days_between(min(order_date), max(order_date)) <= ${ORDER_SPAN_DAYS}`;
const IS_DISTANT = `days_between(min(order_date), max(order_date)) > ${ORDER_SPAN_DAYS}`;

/**
 * Lines without an order of their own take the customer and the day that the other lines of their number name, if those
 * agree; what then has none goes to `<relation>__orphans`.
 *
 * @returns the inputs with such orphans
 */
export async function placeLines(engine: Engine, context: LinesContext): Promise<readonly Input[]> {
  const inputs = linesOf(context);
  if (inputs.length === 0 || (await countRows(engine, `${LINES} where ${IS_HOMELESS}`)) === 0) return [];
  for (const { relation, readable } of inputs) await engine.load(relation, readable);
  await engine.create(NUMBERED, unrepeatedSql(inputs, context.repeating));
  const { kept } = staging("order_lines", inputs);
  await engine.create(PLACED, placedSql(kept));
  await engine.create(
    FILLED,
    `select ${kept.join(", ")} from ${PLACED} where is_placed order by file_id, record_number`,
  );
  const count = await countRows(engine, `${PLACED} where is_placed and is_homeless`);
  if (count > 0) context.warn({ code: "lines_completed", gaps: { count } });
  for (const input of inputs) await engine.create(`${input.relation}__orphans`, orphansSql(input, context));
  return inputs;
}

/** Order numbers that begin again, or are cut short: lines of one number and customer on days far apart are an order a day. */
export async function tellOrdersApart(engine: Engine, context: LinesContext): Promise<void> {
  const inputs = linesOf(context);
  const { kept } = staging("order_lines", inputs);
  if (!["customer_key", "order_date", "order_key"].every((column) => kept.includes(column))) return;
  const sold = `${LINES} where customer_key is not null and line_amount > 0`;
  const customerOrder = "key_hash(source, order_key, customer_key)";
  const isFound = `(select 1 as found from ${sold} group by ${customerOrder} having ${IS_DISTANT}) as distant`;
  if ((await countRows(engine, isFound)) === 0) return;
  const count = await engine.create(
    DISTANT,
    `select source, order_key, customer_key from ${sold} and ${IS_HEADLESS}
    group by source, order_key, customer_key having ${IS_DISTANT}`,
  );
  if (count === 0) return;
  const columns = kept.map((name) =>
    name === "order_key" ? `${DATED_NUMBER} as order_key` : `lines.${name}`,
  );
  await engine.create(
    FILLED,
    `select ${columns.join(", ")} from ${LINES} as lines
    left join ${DISTANT} as distant
      on lines.source = distant.source
      and lines.order_key = distant.order_key
      and lines.customer_key = distant.customer_key`,
  );
  context.warn({ code: "numbers_again", gaps: { count, days: ORDER_SPAN_DAYS } });
}

const DATED_NUMBER = `case
  when distant.order_key is null then lines.order_key
  else lines.order_key || ' ' || to_key(lines.order_date)
end`;

const linesOf = ({ inputs }: LinesContext) =>
  inputs.filter(({ mapping }) => mapping.entity === "order_lines");

async function countRows(engine: Engine, from: string): Promise<number> {
  return onlyNumber(await collect(engine.read(`select count(*) as row_count from ${from}`)), "row_count");
}

function unrepeatedSql(inputs: readonly Input[], repeating: ReadonlySet<Input>): string {
  const repeats = inputs
    .filter((input) => repeating.has(input))
    .map(
      ({ fileId, relation }) =>
        `and not (file_id = ${fileId} and record_number in (select record_number from ${relation}__repeats))`,
    );
  return `select * from (${numberedSql(inputs)}) as numbered where is_readable ${repeats.join(" ")}`;
}

/** Every line, with the customer and the day that the others of its number name, where those name one customer and days not far apart. */
function placedSql(kept: readonly string[]): string {
  const own = kept.filter((name) => !["file_id", "customer_key", "order_date"].includes(name));
  return `with homeless as (
    select distinct ${ORDER_ID} as order_id from ${NUMBERED} where ${IS_HOMELESS}
  ),
  named as (
    select ${ORDER_ID} as order_id, min(customer_key) as named_key from ${NUMBERED}
    where ${ORDER_ID} in (select order_id from homeless)
    group by ${ORDER_ID} having min(customer_key) = max(customer_key) and ${IS_NEAR}
  ),
  owned as (
    select numbered.*, homeless.order_id, coalesce(numbered.customer_key, named.named_key) as owner_key
    from (select *, ${ORDER_ID} as line_order_id from ${NUMBERED}) as numbered
    left join homeless on numbered.line_order_id = homeless.order_id
    left join named on numbered.line_order_id = named.order_id
  ),
  dated as (
    select order_id, owner_key, min(order_date) as named_date from owned
    where order_id is not null group by order_id, owner_key having ${IS_NEAR}
  )
  select ${own.map((name) => `owned.${name}`).join(", ")}, owned.file_id, owned.record_number,
    owned.owner_key as customer_key, coalesce(owned.order_date, dated.named_date) as order_date,
    owned.order_id is not null and (owned.customer_key is null or owned.order_date is null) as is_homeless,
    owned.order_id is null or owned.owner_key is not null and coalesce(owned.order_date, dated.named_date) is not null as is_placed
  from owned left join dated on owned.order_id = dated.order_id and owned.owner_key = dated.owner_key`;
}

/** The lines of one input that no order takes; those of orders that the mapping leaves out are left out with them. */
function orphansSql(input: Input, { inputs }: LinesContext): string {
  const heads = inputs.filter(
    ({ source, mapping }) => source === input.source && mapping.entity === "orders",
  );
  const headingOf = (name: string) => input.mapping.columns[name]?.column ?? name;
  const isMissing = heads.length === 0 && input.mapping.columns["customer_key"] !== undefined;
  const column = isMissing
    ? `case when customer_key is null then ${quoteText(headingOf("customer_key"))} else ${quoteText(headingOf("order_date"))} end`
    : quoteText(headingOf("order_key"));
  const skipped = heads.flatMap((head) => skippedOrdersSql(head) ?? []);
  const isSkipped = skipped.length === 0 ? "1 = 0" : `order_key in (${skipped.join(" union all ")})`;
  return `select record_number, ${isSkipped} as is_skipped, ${column} as column_name,
    ${isMissing ? "empty_text()" : "order_key"} as value, ${quoteText(isMissing ? "missing" : NO_ORDER)} as reason
    from ${PLACED} where not is_placed and file_id = ${input.fileId}`;
}

import { withoutUnit } from "../amount-units.js";
import type { Engine } from "../engines/engine.js";
import { plain, PRICE_HEADINGS, QUANTITY_HEADINGS } from "../headings.js";
import { headingsOf, type CellMapping } from "../mapping.js";
import { collect, onlyNumber } from "../table.js";
import type { Warn } from "../warning.js";
import type { Input } from "./ingest.js";
import { numberedSql } from "./stage-sql.js";

/** Where to tell of amounts that are alike on the rows of an order, and whether they count once an order then. */
export interface RepeatedContext {
  readonly warn: Warn;
  readonly countsOnce: boolean;
}

/**
 * Marks staged order lines without a mapping whose amount is the total of the order and stands on each of its rows, so
 * that it counts once. Where amounts are alike and nothing tells what they are, all rows count, and people are warned.
 * Files whose amounts have one heading are weighed together.
 *
 * @returns the same inputs where no amount is such a total
 */
export async function markRepeated(
  engine: Engine,
  inputs: readonly Input[],
  { warn, countsOnce }: RepeatedContext,
): Promise<readonly Input[]> {
  const lines = inputs.filter(hasOwnAmount);
  const whole = new Set<Input>();
  for (const heading of new Set(lines.map(amountOf))) {
    const alike = lines.filter((input) => amountOf(input) === heading);
    const agreement = await agreementOf(engine, alike);
    if (!isNoChance(agreement)) continue;
    const kind = await kindOf(engine, alike);
    if (kind === "line") continue;
    const isOnce = kind === "order" && countsOnce;
    const { sameCount: count, orderCount: all } = agreement;
    const file = alike.map((input) => input.file).join(", ");
    warn({ code: isOnce ? "totals_once" : "order_totals", gaps: { file, heading, count, all } });
    if (isOnce) alike.forEach((input) => whole.add(input));
  }
  if (whole.size === 0) return inputs;
  return inputs.map((input) =>
    whole.has(input) ? { ...input, mapping: { ...input.mapping, skip_repeated: true } } : input,
  );
}

/** Whether money is read from one column, and nothing is said of how often it counts. */
const hasOwnAmount = ({ mapping: { entity, columns, skip_repeated } }: Input) =>
  entity === "order_lines" &&
  skip_repeated === undefined &&
  columns["line_amount"]?.column !== undefined &&
  columns["line_amount"].times === undefined;

const amountOf = ({ mapping }: Input): string => mapping.columns["line_amount"]!.column!;

/* Whether amounts are alike by chance. */

/** How amounts agree on the rows of orders of several rows. */
interface Agreement {
  readonly orderCount: number;
  readonly sameCount: number;
  /** Logarithm of the chance that rows beyond an order's first have its amount, were they drawn from the amounts of all orders. */
  readonly logChance: number;
}

/** Orders of several rows with one amount each are this share of all such, or more. */
const LEAST_SAME = 0.95;
/** Amounts that agree by chance as often as that are not taken for totals. */
const MOST_CHANCE = 0.05;

const isNoChance = ({ orderCount, sameCount, logChance }: Agreement) =>
  orderCount > 0 && sameCount >= LEAST_SAME * orderCount && logChance <= Math.log(MOST_CHANCE);

/** Of large files first of some orders, whole ones: most files are done with then. */
async function agreementOf(engine: Engine, inputs: readonly Input[]): Promise<Agreement> {
  const share = shareOf(inputs);
  const some = await readAgreement(engine, inputs, share);
  return share >= 1000 || !isNoChance(some) ? some : readAgreement(engine, inputs, 1000);
}

/** Of 1,000 orders so many make about {@link ENOUGH_ROWS}. */
function shareOf(inputs: readonly Input[]): number {
  const recordCount = inputs.reduce((count, { scan }) => count + scan.recordCount, 0);
  return Math.ceil((1000 * ENOUGH_ROWS) / Math.max(recordCount, 1));
}

const ENOUGH_ROWS = 20_000;

/** True for all rows of a share of 1,000 orders. */
const isOfShareSql = (share: number) =>
  share >= 1000 ? "1 = 1" : `place_by_hash(key_hash(order_key, '', '')) < ${share}`;

/** @param share of 1,000 orders */
async function readAgreement(engine: Engine, inputs: readonly Input[], share: number): Promise<Agreement> {
  const fileIds = inputs.map(({ fileId }) => fileId).join(", ");
  const found = await collect(
    engine.read(`with orders as (
      select count(*) as row_count, min(line_amount) as least_amount, max(line_amount) as most_amount from staged.order_lines
      where file_id in (${fileIds}) and order_key is not null and line_amount > 0 and ${isOfShareSql(share)}
      group by source, order_key, customer_key, order_date
    ),
    shared as (
      select row_count - 1 as further_count, case when least_amount = most_amount then 1 else 0 end as is_same,
        cast(count(*) over (partition by least_amount) as double) / count(*) over () as amount_share
      from orders
    )
    select count(*) as order_count, coalesce(sum(is_same), 0) as same_count,
      coalesce(sum(case when is_same = 1 then further_count * ln(amount_share) end), 0) as log_chance
    from shared where further_count > 0`),
  );
  return {
    orderCount: onlyNumber(found, "order_count"),
    sameCount: onlyNumber(found, "same_count"),
    logChance: onlyNumber(found, "log_chance"),
  };
}

/* What they are. */

/** Whose amount it is, as far as the files tell. */
type AmountKind = "line" | "order" | "unknown";

/** What prices and quantities say of orders of several rows with one amount. */
interface Witness {
  readonly sameCount: number;
  /** Of these, orders with a price on every row. */
  readonly pricedCount: number;
  /** Of these, those whose rows cost more than a tenth more or less than each other, and yet have one amount. */
  readonly unlikeCount: number;
  /** Of the others, those whose amount is nearer to what all rows together cost than to what one of them does. */
  readonly wholeCount: number;
  /** Of all these, those whose quantities differ. */
  readonly variedCount: number;
}

/** Prices or quantities are heard where as many of the orders have them. */
const LEAST_WITNESSED = 0.5;
const NEARLY_ALL = 0.9;

async function kindOf(engine: Engine, inputs: readonly Input[]): Promise<AmountKind> {
  const { sameCount, pricedCount, unlikeCount, wholeCount, variedCount } = await readWitness(engine, inputs);
  const isNamed = inputs.every(isNamedTotal);
  if (pricedCount > 0 && pricedCount >= LEAST_WITNESSED * sameCount) {
    const alikeCount = pricedCount - unlikeCount;
    if (unlikeCount >= LEAST_WITNESSED * pricedCount) return "order";
    if (wholeCount >= NEARLY_ALL * alikeCount) return "order";
    if (wholeCount <= (1 - NEARLY_ALL) * alikeCount) return isNamed ? "unknown" : "line";
  } else if (variedCount >= LEAST_WITNESSED * sameCount) return "order";
  return isNamed ? "order" : "unknown";
}

async function readWitness(engine: Engine, inputs: readonly Input[]): Promise<Witness> {
  for (const { relation, readable } of inputs) await engine.load(relation, readable);
  const found = await collect(
    engine.read(`with orders as (
      select count(*) as row_count, min(line_amount) as amount, count(unit_price) as price_count,
        sum(unit_price * coalesce(quantity, 1)) as worth, min(unit_price * coalesce(quantity, 1)) as least_worth,
        max(unit_price * coalesce(quantity, 1)) as most_worth,
        case when min(quantity) <> max(quantity) then 1 else 0 end as is_varied
      from (${numberedSql(inputs.map(withWitnesses))}) as numbered
      where order_key is not null and line_amount > 0 and ${isOfShareSql(shareOf(inputs))}
      group by source, order_key, customer_key, order_date having count(*) > 1 and min(line_amount) = max(line_amount)
    ),
    told as (
      select is_varied, case when price_count = row_count and worth > 0 then 1 else 0 end as is_priced,
        most_worth > 1.1 * least_worth as is_unlike,
        cast(amount as double) * amount * row_count > cast(worth as double) * worth as is_whole
      from orders
    )
    select count(*) as same_count, coalesce(sum(is_priced), 0) as priced_count, coalesce(sum(is_varied), 0) as varied_count,
      coalesce(sum(case when is_priced = 1 and is_unlike then 1 else 0 end), 0) as unlike_count,
      coalesce(sum(case when is_priced = 1 and not is_unlike and is_whole then 1 else 0 end), 0) as whole_count from told`),
  );
  return {
    sameCount: onlyNumber(found, "same_count"),
    pricedCount: onlyNumber(found, "priced_count"),
    unlikeCount: onlyNumber(found, "unlike_count"),
    wholeCount: onlyNumber(found, "whole_count"),
    variedCount: onlyNumber(found, "varied_count"),
  };
}

/** The input with the price and the quantity of a row, where headings speak of such. */
function withWitnesses(input: Input): Input {
  const { mapping, headings } = input;
  const taken = Object.values(mapping.columns).flatMap(headingsOf);
  const free = headings.filter((heading) => !taken.includes(heading));
  const { type } = mapping.columns["line_amount"]!;
  const cellOf = (patterns: readonly RegExp[]): CellMapping | undefined => {
    const column = patterns
      .map((pattern) => free.find((heading) => pattern.test(plain(withoutUnit(heading)))))
      .find((heading) => heading !== undefined);
    return column === undefined ? undefined : { column, type };
  };
  const found = Object.entries({ unit_price: cellOf(PRICE_HEADINGS), quantity: cellOf(QUANTITY_HEADINGS) });
  const columns = Object.fromEntries(found.flatMap(([name, cell]) => (cell ? [[name, cell]] : [])));
  return { ...input, mapping: { ...mapping, columns: { ...mapping.columns, ...columns } } };
}

/** Headings of money that is a document's and not a row's. */
const DOCUMENT_TOTALS = [
  /^(order|invoice|receipt|transaction|basket|ticket)(total|amount|value|sum|totalamount)(eur|usd|cny|gbp)?$/,
  /^(订单|单据|发票|小票)总?(金额|总额|总价|合计)元?$/,
  /^(auftrag|bestell|rechnung|beleg)s?(summe|betrag|wert)(eur)?$/,
];
/** The words that the headings above begin with, those for one document together. */
const DOCUMENTS = [
  ["order", "订单", "bestell", "auftrag"],
  ["invoice", "发票", "rechnung"],
  ["receipt", "小票", "单据", "beleg"],
  ["transaction", "交易"],
  ["basket"],
  ["ticket"],
];
const ANY_NUMBER = /^(id|no|nr|number|编号|单号|流水号|号)$/;

/** Whether the heading speaks of what the documents cost that the order column numbers. */
function isNamedTotal(input: Input): boolean {
  const heading = plain(withoutUnit(amountOf(input)));
  const named = DOCUMENT_TOTALS.flatMap((pattern) => pattern.exec(heading)?.[1] ?? []);
  const words = DOCUMENTS.find((document) => named.some((word) => document.includes(word))) ?? [];
  const order = plain(input.mapping.columns["order_key"]?.column ?? "");
  return named.length > 0 && (words.some((word) => order.includes(word)) || ANY_NUMBER.test(order));
}

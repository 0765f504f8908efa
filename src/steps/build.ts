import type { Engine } from "../engines/engine.js";
import { CrmError } from "../errors.js";
import type { Log } from "../log.js";
import type { Relation, RelationName } from "../relation.js";
import { collect, onlyNumber, texts } from "../table.js";
import { warningWords, type Warning } from "../warning.js";
import { textsIn } from "../texts/index.js";

/** What building needs: the engine, every relation there is, and where to tell of it. */
export interface BuildContext {
  readonly engine: Engine;
  readonly relations: readonly Relation[];
  readonly log: Log;
}

/**
 * Builds one relation and holds it to what its header promises.
 *
 * @throws CrmError `data` naming the promise, how many rows break it and which
 */
export async function buildRelation(context: BuildContext, relation: Relation): Promise<void> {
  const { engine, log } = context;
  await log.timed(relation.name, async () => {
    const rowCount = await engine.create(relation.name, relation.select);
    // Where there is no row, none breaks a promise.
    if (rowCount > 0) await keepPromises(context, relation);
    return rowCount;
  });
}

/** The relation of that name. */
export function relationNamed(relations: readonly Relation[], name: RelationName): Relation {
  const relation = relations.find((candidate) => candidate.name === name);
  if (relation !== undefined) return relation;
  throw new CrmError("configuration", `${name}: there is no sql/${name.replace(".", "/")}.sql`);
}

async function keepPromises({ engine, log }: BuildContext, relation: Relation): Promise<void> {
  const { name, grain, checks, isGrouped } = relation;
  const conditions = [...checks, ...relation.warnings];
  if (isGrouped && conditions.length === 0) return;
  const sums = conditions.map(
    (condition, i) => `sum(case when ${condition} then 0 else 1 end) as promise_${i}`,
  );
  const columns = grain.join(", ");
  const repeats = `select ${columns} from ${name} group by ${columns} having count(*) > 1`;
  const repeatCount = isGrouped ? "0" : `(select count(*) from (${repeats}) as repeats)`;
  // The count makes it one row, whatever else is asked.
  const counts = await collect(
    engine.read(
      `select ${["count(*) as row_count", ...sums].join(", ")}, ${repeatCount} as repeat_count from ${name}`,
    ),
  );
  for (const [i, condition] of conditions.entries()) {
    const rows = onlyNumber(counts, `promise_${i}`) || 0;
    if (rows === 0) continue;
    const broken = await brokenPromise(engine, relation, { rows, condition });
    if (i >= checks.length) log.warn(broken);
    else
      throw new CrmError("data", warningWords(broken, textsIn("en")), {
        sql: `select * from ${name} where not (${condition})`,
      });
  }
  refuseRepeats(relation, onlyNumber(counts, "repeat_count"));
}

async function brokenPromise(
  engine: Engine,
  { name, grain, columns: notes }: Relation,
  { rows, condition }: { rows: number; condition: string },
): Promise<Warning> {
  // People know an order by its number.
  const told = grain.map((column) => (column === "order_id" && "order_key" in notes ? "order_key" : column));
  const shown = told.map((column) => `coalesce(to_key(${column}), '') as ${column}`).join(", ");
  const sample = await collect(
    engine.read(
      `select ${shown} from ${name} where not coalesce(${condition}, 1 = 0) order by ${told.join(", ")} limit 3`,
    ),
  );
  const values = told.map((column) => texts(sample, column));
  const which = Array.from({ length: sample.numRows }, (_, row) =>
    told.map((column, i) => `${column} ${values[i]![row]}`).join(", "),
  );
  const more = rows > which.length ? "; …" : "";
  const gaps = { count: rows, which: `${which.join("; ")}${more}` };
  if (condition === "is_converted")
    return { code: "no_rate_of_day", gaps: { ...gaps, entity: name.split(".")[1]! } };
  const code = OF_DATA[`${name} ${condition}`];
  return code === undefined
    ? { code: "condition_broken", gaps: { ...gaps, relation: name, condition } }
    : { code, gaps };
}

type OfData = Extract<
  Warning,
  { readonly gaps: Readonly<Record<"count" | "which", string | number>> }
>["code"];

/** Promises that data break, and what is said of it. */
const OF_DATA: Readonly<Partial<Record<string, Exclude<OfData, "condition_broken" | "no_rate_of_day">>>> = {
  "facts.currencies has_rate": "no_rate",
  "facts.rates rate > 0": "rate_not_positive",
  "facts.orders has_amount": "orders_without_amount",
  "facts.contacts_made customer_id is not null": "contacts_of_nobody",
  "facts.subscriptions is_end_after_start": "subscriptions_end_first",
  "facts.subscriptions has_end": "subscriptions_no_end",
  "facts.subscriptions has_amount": "subscriptions_no_amount",
  "facts.subscriptions has_interval": "subscriptions_no_interval",
  "facts.subscriptions is_apart": "subscriptions_overlap",
  "features.subscription_billing not is_never_billed": "subscriptions_never_billed",
  "facts.subscription_invoices has_subscription": "invoices_of_no_subscription",
  "facts.refund_documents has_document": "refunds_of_nothing",
  "facts.refunds has_order or excess_refund_amount = 0": "refunds_of_no_order",
  "facts.invoiced_orders has_order": "invoices_of_no_order",
  "facts.invoiced_orders not has_order or difference_amount = 0": "invoices_unlike_orders",
};

function refuseRepeats({ name, grain }: Relation, count: number): void {
  if (count === 0) return;
  const columns = grain.join(", ");
  throw new CrmError("data", `${name}: ${count} values of ${columns} come more than once`, {
    sql: `select ${columns} from ${name} group by ${columns} having count(*) > 1`,
  });
}

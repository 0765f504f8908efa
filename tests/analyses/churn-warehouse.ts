import { ChurnConfig, churnSettings } from "../../src/analyses/churn-config.js";
import type { Setting } from "../../src/analysis.js";
import type { Engine } from "../../src/engines/engine.js";
import { ENTITIES, ENTITY_NAMES, type EntityName } from "../../src/entities.js";
import { openLog } from "../../src/log.js";
import { barePlan } from "../../src/pipeline.js";
import { inOrder, readRelations, type RelationName } from "../../src/relation.js";
import { numberSql, quoteText } from "../../src/sql.js";
import { buildRelation } from "../../src/steps/build.js";
import { settle } from "../../src/steps/settle.js";
import { unify } from "../../src/steps/unify.js";
import { emptyEntitySql, openWarehouse } from "../engines/warehouse.js";

/** The cells of a staged row; what is not said is empty, and the source is `file`. */
export type Cells = Readonly<Record<string, string | number | boolean>>;
/** Rows of a firm with one system, by entity. */
export type Exports = Readonly<Partial<Record<EntityName, readonly Cells[]>>>;

/** The last day that counts. */
export const TODAY = "2025-12-31";

/** Orders of a customer, each of the same amount. */
export const ordersOf = (customer: string, days: readonly string[], amount = 100): Cells[] =>
  days.map((day) => ({
    order_key: `${customer} ${day}`,
    customer_key: customer,
    order_date: day,
    order_amount: amount,
    order_cost: amount / 2,
  }));

/** A day so many days before the as-of date. */
export const daysAgo = (days: number) =>
  new Date(Date.parse(TODAY) - days * 86_400_000).toISOString().slice(0, 10);
/** Days from so many days ago to so many days ago, in equal steps. */
export const everyDays = (step: number, from: number, to = 0) =>
  Array.from({ length: Math.floor((from - to) / step) + 1 }, (_, i) => daysAgo(from - i * step));

/** Customers of these keys. */
export const customers = (...keys: readonly string[]): Cells[] =>
  keys.map((key) => ({ customer_key: key, customer_name: key }));

/** A query by the key of its customer. */
export const named = (columns: string, relation: string, condition = "1 = 1") =>
  `select customers.customer_key, ${columns} from ${relation} as counted
    inner join unified.customers as customers on counted.customer_id = customers.customer_id
    where ${condition} order by customers.customer_key`;

/** Rows by the key of their customer. */
export const byKey = (rows: readonly Record<string, unknown>[]) =>
  Object.fromEntries(rows.map(({ customer_key: key, ...row }) => [String(key), row]));

const RELATIONS = readRelations();
const log = openLog({ begin: () => {}, end: () => {}, warn: () => {} });

/** What a firm exports, unified, in a warehouse that is closed when the test ends. */
export async function exported(
  exports: Exports,
  config: Readonly<Record<string, unknown>> = {},
): Promise<Engine> {
  const engine = await openWarehouse();
  for (const entity of ENTITY_NAMES) await engine.create(`staged.${entity}`, stagedSql(entity, exports));
  const plan = barePlan({ name: "firm", directory: "", files: {} }, { asOfDate: TODAY });
  await settle(engine, plan, undefined);
  await setChurn(engine, churnSettings(ChurnConfig.parse(config)));
  await unify({ engine, log, relations: RELATIONS });
  return engine;
}

/** Builds relations and the facts and features they read. */
export async function built(engine: Engine, ...names: readonly RelationName[]): Promise<Engine> {
  for (const relation of inOrder(RELATIONS, names)) {
    const isAsked = names.includes(relation.name);
    if (isAsked || /^(facts|features)\./.test(relation.name))
      await buildRelation({ engine, log, relations: RELATIONS }, relation);
  }
  return engine;
}

/** Puts the settings of churn in the place of those that are there. */
export async function setChurn(engine: Engine, settings: Readonly<Record<string, Setting>>): Promise<void> {
  const columns = Object.entries(settings).map(([name, value]) => `${settingSql(value)} as churn_${name}`);
  const others = "select columns(name -> not starts_with(name, 'churn_')) from run.settings";
  await engine.create("run.settings", `select *, ${columns.join(", ")} from (${others}) as others`);
}

function settingSql(value: Setting): string {
  if (value === null) return "empty_text()";
  if (typeof value !== "number") return quoteText(String(value));
  return Number.isInteger(value) ? `cast(${value} as integer)` : numberSql(value);
}

function stagedSql(entity: EntityName, exports: Exports): string {
  const rows = exports[entity] ?? [];
  if (rows.length === 0) return emptyEntitySql(entity);
  const columns = Object.entries(ENTITIES[entity].columns);
  const read = columns.map(([name, type]) => `parse_${type}(${name}) as ${name}`);
  const cellSql = (cell: Cells[string] | undefined) =>
    cell === undefined ? "empty_text()" : quoteText(String(cell));
  const values = rows.map(
    (cells) =>
      `(${[cells["source"] ?? "file", ...columns.map(([name]) => cells[name])].map(cellSql).join(", ")})`,
  );
  return `select cast(1 as smallint) as file_id, source, ${read.join(", ")}
    from (values ${values.join(", ")}) as cells (${["source", ...columns.map(([name]) => name)].join(", ")})`;
}

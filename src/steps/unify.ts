import type { Engine } from "../engines/engine.js";
import { inOrder, type Relation } from "../relation.js";
import { collect, numbers, onlyNumber, texts } from "../table.js";
import { buildRelation, type BuildContext } from "./build.js";

const BEFORE_COMPONENTS = "unified.pairs";

/**
 * One customer out of the records of all systems: match keys → pairs → connected components →
 * `unified.lineage` and `unified.customers`. Another way to find pairs adds to `unified.pairs`.
 */
export async function unify(context: BuildContext): Promise<void> {
  const before = inOrder(context.relations, ["unified.records", BEFORE_COMPONENTS]).filter(isUnified);
  for (const relation of before) await buildRelation(context, relation);
  await connect(context.engine);
  const after = inOrder(context.relations, ["unified.customers"]).filter(isUnified);
  for (const relation of after.filter((relation) => !before.includes(relation)))
    await buildRelation(context, relation);
  await warnOfUntied(context);
}

/** Tells of systems of which no customer is one of another system's. */
async function warnOfUntied({ engine, log }: BuildContext): Promise<void> {
  const sources = await collect(engine.read("select count(*) as source_count from run.sources"));
  if (onlyNumber(sources, "source_count") < 2) return;
  const untied = await collect(engine.read(UNTIED));
  const counts = numbers(untied, "customer_count");
  for (const [row, source] of texts(untied, "source").entries())
    log.warn({ code: "customers_untied", gaps: { source: source!, count: counts[row]! } });
}

const UNTIED = `
with held as (
    select customer_id, count(distinct source) as source_count from unified.lineage group by customer_id
)
select lineage.source, count(distinct lineage.customer_id) as customer_count
from unified.lineage as lineage
inner join held
    on lineage.customer_id = held.customer_id
where lineage.record_kind = 'customer'
group by lineage.source
having max(held.source_count) = 1 and count(*) < (select count(*) from unified.lineage where record_kind = 'customer')
order by lineage.source`;

const isUnified = ({ name }: Relation) => name.startsWith("unified.");

/**
 * `unified.components`: every record with the least record it is tied to, over any number of steps.
 * Each round takes the least of the neighbours and then jumps to where that one points.
 *
 * @see Shiloach & Vishkin (1982), "An O(log n) parallel connectivity algorithm"
 */
async function connect(engine: Engine): Promise<void> {
  await engine.create(
    "unified.components",
    "select record_id, record_id as component_id from unified.records",
  );
  const pairs = await collect(engine.read("select count(*) as pair_count from unified.pairs"));
  let isMoving = onlyNumber(pairs, "pair_count") > 0;
  while (isMoving) {
    await engine.create("unified.hooked", HOOKED);
    await engine.create("unified.jumped", JUMPED);
    const moved = await collect(engine.read(MOVED));
    isMoving = onlyNumber(moved, "moved_count") > 0;
    await engine.create("unified.components", "select record_id, component_id from unified.jumped");
  }
}

const HOOKED = `
select
    components.record_id,
    coalesce(least(components.component_id, min(neighbours.component_id)), components.component_id) as component_id
from unified.components as components
left join (
    select left_record_id as record_id, right_record_id as other_record_id from unified.pairs
    union all
    select right_record_id as record_id, left_record_id as other_record_id from unified.pairs
) as ties
    on components.record_id = ties.record_id
left join unified.components as neighbours
    on ties.other_record_id = neighbours.record_id
group by components.record_id, components.component_id`;

const JUMPED = `
select
    hooked.record_id,
    targets.component_id
from unified.hooked as hooked
inner join unified.hooked as targets
    on hooked.component_id = targets.record_id`;

const MOVED = `
select count(*) as moved_count
from unified.components as components
inner join unified.jumped as jumped
    on components.record_id = jumped.record_id
where components.component_id <> jumped.component_id`;

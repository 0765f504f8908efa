import type { Engine } from "../engines/engine.js";
import { CrmError } from "../errors.js";
import type { Log } from "../log.js";
import type { Relation, RelationName } from "../relation.js";
import { collect, numbers, onlyNumber } from "../table.js";

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
    await engine.create(relation.name, relation.select);
    return keepPromises(context, relation);
  });
}

/** The relation of that name. */
export function relationNamed(relations: readonly Relation[], name: RelationName): Relation {
  const relation = relations.find((candidate) => candidate.name === name);
  if (relation !== undefined) return relation;
  throw new CrmError("configuration", `${name}: there is no sql/${name.replace(".", "/")}.sql`);
}

/** @returns the number of rows */
async function keepPromises({ engine, log }: BuildContext, relation: Relation): Promise<number> {
  const { name, grain, checks, warnings } = relation;
  const broken = (condition: string) => `sum(case when ${condition} then 0 else 1 end)`;
  const aggregates = [...checks, ...warnings].map((condition, i) => `${broken(condition)} as promise_${i}`);
  const counts = await collect(
    engine.read(`select ${["count(*) as row_count", ...aggregates].join(", ")} from ${name}`),
  );
  for (const [i, condition] of [...checks, ...warnings].entries()) {
    const rows = onlyNumber(counts, `promise_${i}`) || 0;
    if (rows === 0) continue;
    const message = await brokenPromise(engine, relation, { rows, condition });
    if (i >= checks.length) log.warn(message);
    else throw new CrmError("data", message, { hint: `select * from ${name} where not (${condition})` });
  }
  await refuseRepeats(engine, name, grain);
  return onlyNumber(counts, "row_count");
}

async function brokenPromise(
  engine: Engine,
  { name, grain }: Relation,
  { rows, condition }: { rows: number; condition: string },
): Promise<string> {
  const columns = grain.join(", ");
  const sample = await collect(
    engine.read(
      `select ${columns} from ${name} where not coalesce(${condition}, 1 = 0) order by ${columns} limit 3`,
    ),
  );
  const which = Array.from({ length: sample.numRows }, (_, row) =>
    grain.map((column) => `${column} ${String(sample.getChild(column)!.get(row))}`).join(", "),
  );
  const more = rows > which.length ? "; …" : "";
  return `${name}: ${rows} ${rows === 1 ? "row breaks" : "rows break"} "${condition}": ${which.join("; ")}${more}`;
}

async function refuseRepeats(engine: Engine, name: RelationName, grain: readonly string[]): Promise<void> {
  const columns = grain.join(", ");
  const query = `select ${columns} from ${name} group by ${columns} having count(*) > 1`;
  const repeats = await collect(engine.read(`select count(*) as repeat_count from (${query}) as repeats`));
  const [count] = numbers(repeats, "repeat_count");
  if (count === 0) return;
  throw new CrmError("data", `${name}: ${count} values of ${columns} come more than once`, { hint: query });
}

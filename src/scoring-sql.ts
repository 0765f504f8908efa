import type { Scoring } from "./analysis.js";
import type { RelationName } from "./relation.js";

/**
 * The query of a scoring: each step adds its columns to those before; the last SELECT has the grain and what was asked for.
 *
 * @param source a query of the rows, where what they come from is no relation
 */
export function scoringSql(
  { from, grain, steps = [], columns }: Scoring<RelationName>,
  source?: string,
): string {
  const named = (made: Readonly<Record<string, string>>) =>
    Object.entries(made).map(([column, sql]) => `${sql} as ${column}`);
  const sources = [from as string, ...steps.map((_, i) => `step_${i + 1}`)];
  const first = source === undefined ? [] : [`${from as string} as (\n${source}\n)`];
  const stepsSql = steps.map(
    (step, i) =>
      `step_${i + 1} as (\n    select *,\n        ${named(step).join(",\n        ")}\n    from ${sources[i]!}\n)`,
  );
  const select = `select\n    ${[...grain, ...named(columns)].join(",\n    ")}\nfrom ${sources.at(-1)!}`;
  const parts = [...first, ...stepsSql];
  return parts.length === 0 ? select : `with\n\n${parts.join(",\n\n")}\n\n${select}`;
}

import type { Scoring } from "./analysis.js";
import type { RelationName } from "./relation.js";

/** The query of a scoring: each step adds its columns to those before; the last SELECT has the grain and what was asked for. */
export function scoringSql({ from, grain, steps = [], columns }: Scoring<RelationName>): string {
  const named = (made: Readonly<Record<string, string>>) =>
    Object.entries(made).map(([column, sql]) => `${sql} as ${column}`);
  const sources = [from as string, ...steps.map((_, i) => `step_${i + 1}`)];
  const stepsSql = steps.map(
    (step, i) =>
      `step_${i + 1} as (\n    select *,\n        ${named(step).join(",\n        ")}\n    from ${sources[i]!}\n)`,
  );
  const select = `select\n    ${[...grain, ...named(columns)].join(",\n    ")}\nfrom ${sources.at(-1)!}`;
  return steps.length === 0 ? select : `with\n\n${stepsSql.join(",\n\n")}\n\n${select}`;
}

import { CrmError } from "../errors.js";
import { readRelations, type Relation } from "../relation.js";
import { heading } from "../terminal.js";

/** What the run builds: every relation in a line, or one with its contract and its SQL. @returns 0 */
export function showCommand({ name, isJson }: { name: string | undefined; isJson: boolean }): number {
  const relations = readRelations();
  const shown = name === undefined ? relations : [relationCalled(relations, name)];
  const lines = name === undefined ? relations.map(oneLine) : detail(shown[0]!);
  process.stdout.write(
    isJson ? `${JSON.stringify(name === undefined ? shown : shown[0], null, 2)}\n` : `${lines.join("\n")}\n`,
  );
  return 0;
}

function relationCalled(relations: readonly Relation[], name: string): Relation {
  const relation = relations.find(
    (candidate) => candidate.name === name || candidate.name.endsWith(`.${name}`),
  );
  if (relation !== undefined) return relation;
  throw new CrmError("usage", `show: there is no relation ${name}`, {
    hint: `there are ${relations.map((known) => known.name).join(", ")}`,
  });
}

const oneLine = ({ name, description }: Relation) => `${heading(name)}  ${description}`;

function detail({ name, description, grain, checks, warnings, columns, reads, select }: Relation): string[] {
  return [
    heading(name),
    description,
    "",
    `grain: ${grain.join(", ")}`,
    ...checks.map((check) => `check: ${check}`),
    ...warnings.map((warning) => `warn: ${warning}`),
    `reads: ${reads.join(", ") || "nothing"}`,
    ...Object.entries(columns).map(([column, note]) => `${column}: ${note}`),
    "",
    select,
  ];
}

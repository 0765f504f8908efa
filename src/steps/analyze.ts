import { ANALYSES } from "../analyses/index.js";
import type { AnalysisContext, AnyAnalysis, RunSettings } from "../analysis.js";
import { loggedPace } from "../pace.js";
import { inOrder, type RelationName } from "../relation.js";
import type { Section } from "../section.js";
import { scoringSql } from "../scoring-sql.js";
import { quoteName } from "../sql.js";
import { collect } from "../table.js";
import { textsIn, type Texts } from "../texts/index.js";
import { buildRelation, relationNamed, type BuildContext } from "./build.js";
import { IDENTITIES } from "./settle.js";

/** What analysing needs beside what building needs. */
export interface AnalyzeContext extends BuildContext {
  readonly run: RunSettings;
  readonly texts: Texts;
  readonly signal?: AbortSignal | undefined;
}

/** The analyses that a plan names, in the order of the report. */
export function chosenAnalyses(configs: Readonly<Record<string, unknown>>): AnyAnalysis[] {
  return ANALYSES.filter(({ name }) => configs[name] !== undefined);
}

/** Builds every fact and feature that the analyses read, and, where lists are published, what the lists read. */
export async function buildFor(
  analyses: readonly AnyAnalysis[],
  context: BuildContext,
  withLists: boolean,
): Promise<void> {
  const targets = [...analyses.flatMap(({ reads }) => reads), ...(withLists ? listRelations(analyses) : [])];
  for (const relation of inOrder(context.relations, targets)) {
    if (/^(facts|features)\./.test(relation.name)) await buildRelation(context, relation);
  }
}

/** Builds what only readers of the published files need, as far as no analysis has: the tables, the lists, and what the next run must remember. */
export async function buildPublished(analyses: readonly AnyAnalysis[], context: BuildContext): Promise<void> {
  const tables = analyses.flatMap((analysis) => analysis.published(textsIn("en")));
  const names = [...tables.map(({ relation }) => relation), ...listRelations(analyses), IDENTITIES] as const;
  const built = new Set(context.log.steps.map(({ name }) => name));
  for (const name of names)
    if (!built.has(name)) await buildRelation(context, relationNamed(context.relations, name));
}

const listRelations = (analyses: readonly AnyAnalysis[]) =>
  analyses.flatMap((analysis) => analysis.lists(textsIn("en")).map(({ relation }) => relation));

/** Each analysis's section of the report, in the order of the analyses; those that use results of others run after them. */
export async function analyze(
  analyses: readonly AnyAnalysis[],
  configs: Readonly<Record<string, unknown>>,
  context: AnalyzeContext,
): Promise<Section[]> {
  const sections = new Map<string, Section>();
  for (const analysis of inRunOrder(analyses)) {
    const ran = new Set(sections.keys());
    sections.set(analysis.name, await analysis.run(contextOf(context, ran), configs[analysis.name]));
  }
  return analyses.map(({ name }) => sections.get(name)!);
}

/** The analyses as they stand, but each behind those whose results it uses. */
function inRunOrder(analyses: readonly AnyAnalysis[]): AnyAnalysis[] {
  const ordered = new Set<AnyAnalysis>();
  const visit = (analysis: AnyAnalysis): void => {
    for (const name of analysis.after ?? []) analyses.filter((other) => other.name === name).forEach(visit);
    ordered.add(analysis);
  };
  analyses.forEach(visit);
  return [...ordered];
}

/** What an analysis can do with an engine; `ran` are the analyses whose results are there. */
export function contextOf(
  context: AnalyzeContext,
  ran: ReadonlySet<string> = new Set(),
): AnalysisContext<RelationName> {
  const { engine, relations, run, texts } = context;
  return {
    run,
    texts,
    ran,
    pace: loggedPace(context.log, context.signal),
    warn: context.log.warn,
    table: (relation, columns, condition = "1 = 1") =>
      collect(
        engine.read(
          `select ${columns?.map(quoteName).join(", ") ?? "*"} from ${relation} where ${condition}`,
        ),
      ),
    measure: (relation, aggregates) => {
      const named = Object.entries(aggregates).map(([name, sql]) => `${sql} as ${name}`);
      return collect(engine.read(`select ${named.join(", ")} from ${relation}`));
    },
    write: (name, rows) => engine.write(`results.${name}`, [rows]),
    score: (name, scoring) =>
      context.log.timed(`results.${name}`, () => engine.create(`results.${name}`, scoringSql(scoring))),
    define: (name, scoring) => engine.define(`results.${name}`, scoringSql(scoring)),
    build: (name) => buildRelation(context, relationNamed(relations, `results.${name}`)),
  };
}

import type { z } from "zod";
import type { ColumnType, EntityName } from "./entities.js";
import type { Pace } from "./pace.js";
import type { RelationName } from "./relation.js";
import type { Section, ShownColumn } from "./section.js";
import type { Table } from "./table.js";
import type { Language, Texts } from "./texts/index.js";
import type { Warn } from "./warning.js";

/** A value that SQL may ask for as a column of `run.settings`. */
export type Setting = string | number | boolean | null;

/** A setting that has rows, such as a price list: SQL reads it as `run.<analysis>_<name>`. */
export interface SettingTable {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly rows: readonly Readonly<Record<string, Setting>>[];
}

/** Settings every run has. */
export interface RunSettings {
  /** `YYYY-MM-DD`; nothing after it counts. */
  readonly asOfDate: string;
  /** ISO 4217; null when the amounts are taken as they stand. */
  readonly currency: string | null;
  readonly language: Language;
  readonly seed: number;
  /** The as-of date of the last run before this one; null when there was none. */
  readonly previousDate: string | null;
  /** The folder that relative paths in the pipeline start from. */
  readonly directory: string;
  /** True when an export says who may be contacted; else lists withhold everybody. */
  readonly hasConsents: boolean;
}

/** Rows that a run publishes as `<name>.csv`, `.parquet` and `.xlsx`. */
export interface PublishedTable {
  readonly name: string;
  readonly relation: RelationName;
  readonly columns: readonly ShownColumn[];
  /** SQL that orders the rows; default: by the first column. */
  readonly order?: string;
}

/** One business question, answered from feature relations. */
export interface Analysis<Config, Reads extends RelationName> {
  readonly name: string;
  readonly question: string;
  readonly config: z.ZodType<Config>;
  /** The relations it may ask for; asking for another does not compile. */
  readonly reads: readonly Reads[];
  /** Its part of `run.settings`, each column with the analysis's name in front. */
  settings(config: Config, run: RunSettings): Readonly<Record<string, Setting>>;
  /** Settings that have rows, by name. */
  settingTables?(config: Config): Readonly<Record<string, SettingTable>>;
  run(context: AnalysisContext<Reads>, config: Config): Promise<Section>;
  /** What it publishes as files, headings in the language of the texts. */
  published(texts: Texts): readonly PublishedTable[];
  /** What `crm-analyze list` pulls from, best first in the first column. */
  lists(texts: Texts): readonly PublishedTable[];
  /** The analyses whose results it uses where they run: it runs after them, wherever it stands in the report. */
  readonly after?: readonly string[];
  /** The entities it cannot do without: of each group, one at least. */
  readonly needs: readonly (readonly EntityName[])[];
}

/** All that an analysis can do; the engine is out of its reach. */
export interface AnalysisContext<Reads extends RelationName> {
  readonly run: RunSettings;
  readonly texts: Texts;
  /** The analyses of this run whose results are there by now. */
  readonly ran: ReadonlySet<string>;
  /** Long computing is done by this. */
  readonly pace: Pace;
  /** Says what people should see to, in the summary and the report. */
  readonly warn: Warn;
  /** A declared relation, or one of its own results; with a condition, SQL over its columns, the rows that meet it. */
  table(
    relation: Reads | `results.${string}`,
    columns?: readonly string[],
    condition?: string,
  ): Promise<Table>;
  /**
   * Numbers about a relation: one row, a column for each aggregate.
   * An aggregate is SQL over the relation's columns.
   */
  measure(
    relation: Reads | `results.${string}`,
    aggregates: Readonly<Record<string, string>>,
  ): Promise<Table>;
  /** Replaces `results.<name>` with rows made here. */
  write(name: string, rows: Table): Promise<void>;
  /**
   * Replaces `results.<name>` with the grain of a relation and an expression for each new column:
   * how a fitted model scores every row inside the engine.
   */
  score(name: string, scoring: Scoring<Reads>): Promise<void>;
  /** As `score`, but kept as a query: worth it for what is read once. */
  define(name: string, scoring: Scoring<Reads>): Promise<void>;
  /** Builds `results.<name>` from `sql/results/<name>.sql`. */
  build(name: string): Promise<void>;
}

/** Columns that a model adds to the rows of a relation. */
export interface Scoring<Reads extends RelationName> {
  readonly from: Reads | `results.${string}`;
  readonly grain: readonly string[];
  /** Columns that later steps and the columns may use, step after step. */
  readonly steps?: readonly Readonly<Record<string, string>>[];
  readonly columns: Readonly<Record<string, string>>;
}

/** An analysis whose config and reads are known only to itself. */
export type AnyAnalysis = Analysis<unknown, RelationName>;

/** Keeps the types of config and reads together; gives the analysis as the registry holds it. */
export function defineAnalysis<Config, const Reads extends RelationName>(
  analysis: Analysis<Config, Reads>,
): AnyAnalysis {
  return analysis as unknown as AnyAnalysis;
}

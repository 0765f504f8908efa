import { existsSync } from "node:fs";
import { join } from "node:path";
import { ANALYSES } from "../analyses/index.js";
import { parseConfig, type Plan } from "../pipeline.js";
import type { AnyAnalysis, RunSettings, Setting, SettingTable } from "../analysis.js";
import type { Engine } from "../engines/engine.js";
import type { ColumnType } from "../entities.js";
import type { RelationName } from "../relation.js";
import { numberSql, quoteText } from "../sql.js";
import { collect } from "../table.js";

/** What a run leaves for the next one to read: Parquet files in its folder `state/`. */
export interface State {
  readonly name: string;
  readonly relation: RelationName;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** The analysis that must have run for it to be there. */
  readonly analysis?: string;
  /** Left again, as it was, by a run without that analysis. */
  readonly isKept?: boolean;
}

/** The relation that keeps customers' ids from run to run. */
export const IDENTITIES = "unified.identities";

/** What a forecast of churn must leave behind, to be held against what comes. */
const FORECAST_COLUMNS = { churn_probability: "decimal", window_days: "integer" } as const;

/** Identity decisions and past scores: the only memory there is. */
export const STATES: readonly State[] = [
  {
    name: "lineage",
    relation: IDENTITIES,
    columns: { source: "text", record_kind: "text", record_key: "text", customer_id: "integer" },
  },
  {
    name: "rfm",
    relation: "results.rfm",
    analysis: "rfm",
    columns: { customer_id: "integer", segment: "text", total_amount: "decimal" },
  },
  {
    name: "segments",
    relation: "results.segment_members",
    analysis: "segments",
    columns: { customer_id: "integer", segment: "integer", total_amount: "decimal" },
  },
  {
    name: "segment_centres",
    relation: "results.segment_centres",
    analysis: "segments",
    columns: {
      segment: "integer",
      dimension: "text",
      centre: "decimal",
      segment_key: "text",
      highest_segment: "integer",
    },
    isKept: true,
  },
  {
    name: "value",
    relation: "results.value_tiers",
    analysis: "value",
    columns: { customer_id: "integer", tier: "text", contribution_amount: "decimal" },
  },
  {
    name: "churn",
    relation: "results.churn",
    analysis: "churn",
    columns: { customer_id: "integer", ...FORECAST_COLUMNS, reason_1: "text", leaf: "integer" },
  },
  {
    name: "churn_basis",
    relation: "results.churn_basis",
    analysis: "churn",
    columns: {
      score_date: "date",
      definition: "text",
      window_days: "integer",
      grace_days: "integer",
      usage_drop: "decimal",
      tree: "text",
      language: "text",
    },
  },
];

/** The run before this one. */
export interface PreviousRun {
  readonly directory: string;
  readonly asOfDate: string;
  /** Runs about 30, 90, 180, 270 and 365 days ago, whose forecasts are held against what came. */
  readonly due?: readonly Omit<PreviousRun, "due">[];
}

/**
 * Everything that is not data of the exports, as relations: `run.settings` (one row), `run.snapshots`,
 * `run.sources`, `run.generic_values`, the tables among the analyses' settings, and what the last run left.
 *
 * @returns the number of settings
 */
export async function settle(engine: Engine, plan: Plan, previous: PreviousRun | undefined): Promise<number> {
  const settings = settingsOf(plan, { ...plan.run, previousDate: previous?.asOfDate ?? null });
  await engine.create(
    "run.settings",
    `select ${Object.entries(settings)
      .map(([name, value]) => `${settingSql(value)} as ${name}`)
      .join(", ")}`,
  );
  await engine.create(
    "run.snapshots",
    `select ${settingSql(plan.run.asOfDate)} as snapshot_date, 'score' as purpose`,
  );
  await engine.create(
    "run.sources",
    valuesSql(
      "source",
      plan.sources.map(({ name }) => name),
    ),
  );
  await engine.create("run.generic_values", valuesSql("generic_value", plan.identity.generic_values));
  for (const analysis of ANALYSES) await settleTables(engine, analysis, configOf(plan, analysis));
  for (const state of STATES) await recall(engine, state, previous);
  await recallForecasts(engine, previous?.due ?? []);
  return Object.keys(settings).length;
}

function settingsOf(plan: Plan, run: RunSettings): Record<string, Setting> {
  const perAnalysis = ANALYSES.flatMap((analysis) => {
    const settings = analysis.settings(configOf(plan, analysis), run);
    return Object.entries(settings).map(([key, value]) => [`${analysis.name}_${key}`, value]);
  });
  return {
    as_of_date: run.asOfDate,
    currency: run.currency,
    language: run.language,
    seed: run.seed,
    mask_names: plan.masksNames,
    calling_code: plan.identity.calling_code,
    max_records_per_key: plan.identity.max_records_per_key,
    ...(Object.fromEntries(perAnalysis) as Record<string, Setting>),
  };
}

function configOf({ analyses, configured }: Plan, { name }: AnyAnalysis): unknown {
  return analyses[name] ?? configured?.[name] ?? parseConfig(name, {});
}

/** The settings of an analysis that are tables: `run.<analysis>_<name>`. */
export async function settleTables(engine: Engine, analysis: AnyAnalysis, config: unknown): Promise<void> {
  for (const [name, table] of Object.entries(analysis.settingTables?.(config) ?? {}))
    await engine.create(`run.${analysis.name}_${name}`, settingTableSql(table));
}

function settingTableSql({ columns, rows }: SettingTable): string {
  const names = Object.keys(columns);
  const nothing = names.map((name) => `empty_${columns[name]!}() as ${name}`);
  const filled = rows.map((row) => names.map((name) => settingSql(row[name] ?? null)).join(", "));
  return [`select ${nothing.join(", ")} where 1 = 0`, ...filled.map((values) => `select ${values}`)].join(
    " union all ",
  );
}

/** A validated scalar as SQL; a text that is a day becomes one. */
function settingSql(value: Setting): string {
  if (value === null) return "empty_text()";
  if (typeof value === "boolean") return value ? "1 = 1" : "1 = 0";
  if (typeof value === "number")
    return Number.isInteger(value) ? `cast(${value} as integer)` : numberSql(value);
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? `cast(${quoteText(value)} as date)` : quoteText(value);
}

function valuesSql(column: string, values: readonly string[]): string {
  const rows = values.map((value, place) => `select ${place + 1} as place, ${quoteText(value)} as ${column}`);
  return rows.join(" union all ");
}

async function recall(
  engine: Engine,
  { name, columns }: State,
  previous: PreviousRun | undefined,
): Promise<void> {
  const path = join(previous?.directory ?? "", "state", `${name}.parquet`);
  if (previous === undefined || !existsSync(path)) {
    const nothing = Object.entries(columns).map(([column, type]) => `empty_${type}() as ${column}`);
    return engine.define(`run.previous_${name}`, `select ${nothing.join(", ")} where 1 = 0`);
  }
  await engine.load(`raw.previous__${name}`, { format: "parquet", path });
  const recalled = await recalledSql(engine, `raw.previous__${name}`, columns);
  await engine.create(`run.previous_${name}`, recalled);
}

/** What an earlier run left; a column that its version did not know yet is empty. */
async function recalledSql(
  engine: Engine,
  relation: RelationName,
  columns: State["columns"],
): Promise<string> {
  const { schema } = await collect(engine.read(`select * from ${relation} where 1 = 0`));
  const known = schema.fields.map((field) => field.name);
  const selected = Object.entries(columns).map(([column, type]) =>
    known.includes(column) ? column : `empty_${type}() as ${column}`,
  );
  return `select ${selected.join(", ")} from ${relation}`;
}

/** The churn forecasts of earlier runs that are due, as `run.due_churn`. */
async function recallForecasts(engine: Engine, due: NonNullable<PreviousRun["due"]>): Promise<void> {
  const columns = { customer_id: "integer", ...FORECAST_COLUMNS } as const;
  const names = Object.keys(columns) as (keyof typeof columns)[];
  const nothing = names.map((name) => `empty_${columns[name]}() as ${name}`);
  const selects = [`select empty_date() as score_date, ${nothing.join(", ")} where 1 = 0`];
  for (const [place, { directory, asOfDate }] of due.entries()) {
    const path = join(directory, "state", "churn.parquet");
    if (!existsSync(path)) continue;
    await engine.load(`raw.due__churn_${place}`, { format: "parquet", path });
    selects.push(
      `select cast(${quoteText(asOfDate)} as date) as score_date, ${names.join(", ")} from raw.due__churn_${place}`,
    );
  }
  await engine.define("run.due_churn", selects.join(" union all "));
}

import type { AnalysisContext } from "../analysis.js";
import { categoryFeature, placesWhere, type Folds, type TrainingSet } from "../models/training-set.js";
import { days, numbers, onlyNumber, texts, type Table } from "../table.js";
import type { ChurnConfig, ChurnDefinition } from "./churn-config.js";
import { CHURN_FEATURES, type ChurnFeature } from "./churn-features.js";
import { readStandings, type Standing } from "./churn-standings.js";

/** The relations that learning reads. */
export const EVIDENCE_READS = [
  "features.churn_definition",
  "features.churn_examples",
  "features.churn_snapshots",
  "features.churn_standings",
] as const;
type EvidenceContext = AnalysisContext<(typeof EVIDENCE_READS)[number]>;

/** What leaving means in this run. */
export interface Definition {
  readonly definition: ChurnDefinition;
  readonly windowDays: number;
  /** False where the pipeline gave the window. */
  readonly isProposed: boolean;
  /** From the first event to the as-of date. */
  readonly historyDays: number;
}

/** Customers on a day of the past, as they were known then, and what came of them within the window. */
export interface Examples {
  /** `YYYY-MM-DD` of each snapshot, ascending. */
  readonly dates: readonly string[];
  readonly training: TrainingSet;
  /** Share of all customers who were drawn to be looked at. */
  readonly sampledShare: number;
  /** The rows of the latest snapshot. */
  readonly latestRows: Int32Array;
  /** Rows of a customer share a fold. */
  readonly folds: Folds;
  /** What each customer had contributed in the 12 months before. */
  readonly contributions: Float64Array;
  /** Whether the rule in use today would have flagged the customer. */
  readonly isFlagged: Uint8Array;
  /** Days since the last sign of life as a share of the customer's own mean gap; NaN where there is none. */
  readonly lateness: Float64Array;
  /** Ways to part the customers of the test, to see whether the model serves all alike. */
  readonly groups: Readonly<Record<GroupName, readonly (string | null)[]>>;
}

/** Ways to part customers. */
export const GROUPS = ["tier", "segment", "customer_kind", "country"] as const;
/** One of them. */
export type GroupName = (typeof GROUPS)[number];

/** All that is known of what came of customers. */
export interface Evidence {
  readonly definition: Definition;
  /** Snapshots whose window ended before the test's snapshot. */
  readonly fit: Examples;
  /** The latest snapshot whose window is over: what the models are tried on. */
  readonly test: Examples;
  /** Both, for the model of tonight. */
  readonly all: Examples;
}

/** Reads what leaving means and who left. */
export async function readEvidence(context: EvidenceContext, config: ChurnConfig): Promise<Evidence> {
  const examples = await context.table("features.churn_examples");
  const purposes = texts(examples, "purpose");
  const snapshots = await context.table("features.churn_snapshots");
  const isPast = texts(snapshots, "purpose").map((purpose) => purpose !== "score");
  const sampledPlaces = numbers(snapshots, "sampled_places").find((_, row) => isPast[row] === true) ?? 1000;
  const used = CHURN_FEATURES.filter(({ name }) => !config.leave_out.includes(name));
  const standings = await readStandings(context);
  const at = (isChosen: (row: number) => boolean) =>
    examplesOf(examples, placesWhere(examples.numRows, isChosen), {
      standings,
      features: used,
      config,
      sampledShare: sampledPlaces / 1000,
    });
  return {
    definition: await readDefinition(context),
    fit: at((row) => purposes[row] === "fit"),
    test: at((row) => purposes[row] === "test"),
    all: at(() => true),
  };
}

async function readDefinition(context: EvidenceContext): Promise<Definition> {
  const row = await context.table("features.churn_definition");
  return {
    definition: texts(row, "definition")[0] as ChurnDefinition,
    windowDays: onlyNumber(row, "window_days"),
    isProposed: row.getChild("is_window_proposed")!.get(0) === true,
    historyDays: onlyNumber(row, "history_days"),
  };
}

interface Asked {
  readonly standings: ReadonlyMap<number, Standing>;
  readonly features: readonly ChurnFeature[];
  readonly config: ChurnConfig;
  readonly sampledShare: number;
}

function examplesOf(
  table: Table,
  rows: Int32Array,
  { standings, features, config, sampledShare }: Asked,
): Examples {
  const number = (name: string) => {
    const values = numbers(table, name);
    return Float64Array.from(rows, (row) => values[row]!);
  };
  const words = (name: string) => {
    const values = texts(table, name);
    return Array.from(rows, (row) => values[row]!);
  };
  const snapshotDates = days(table, "snapshot_date");
  const dates = Array.from(rows, (row) => snapshotDates[row]!);
  const latest = dates.toSorted().at(-1);
  const contributions = number("contribution_amount");
  const silence = number("recency_days");
  return {
    dates: [...new Set(dates)].toSorted(),
    sampledShare,
    latestRows: placesWhere(dates.length, (row) => dates[row] === latest),
    training: {
      features: features.map(({ name, kind }) =>
        kind === "number" ? { kind, name, values: number(name) } : categoryFeature(name, words(name)),
      ),
      outcomes: Uint8Array.from(number("has_churned")),
    },
    folds: Int32Array.from(number("fold")),
    contributions,
    isFlagged: Uint8Array.from(silence, (days) => (days > config.rule_days ? 1 : 0)),
    lateness: number("lateness"),
    groups: {
      ...standingGroups(number("customer_id"), standings),
      customer_kind: words("customer_kind"),
      country: words("country"),
    },
  };
}

function standingGroups(customers: Float64Array, standings: Asked["standings"]) {
  const stood = Array.from(customers, (customer) => standings.get(customer));
  return {
    tier: stood.map((standing) => standing?.tier ?? null),
    segment: stood.map((standing) => standing?.segment ?? null),
  };
}

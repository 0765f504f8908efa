import type { AnalysisContext } from "../analysis.js";
import { CrmError } from "../errors.js";
import type { RelationName } from "../relation.js";
import { scoringSql } from "../scoring-sql.js";
import { readSegmentVocabulary } from "../segment-vocabulary.js";
import type { ShownColumn } from "../section.js";
import { onlyNumber } from "../table.js";
import type { Texts } from "../texts/index.js";
import type { ClusterConfig } from "./segments-config.js";
import { findSegments } from "./segments-findings.js";
import { assignmentQuery, assignmentScoring } from "./segments-scoring.js";
import { clusterPart, type ClusterPart } from "./segments-section.js";
import { AUTO_FEATURES, SEGMENT_COLUMNS, segmentFeatures, type SegmentSource } from "./segments-source.js";

/** What clusters read. */
export const CLUSTER_READS = [
  "features.segments",
  "run.previous_segments",
  "run.previous_segment_centres",
  "unified.customers",
] as const;
type ClusterContext = AnalysisContext<(typeof CLUSTER_READS)[number]>;

/** Finds, names and assigns clusters: `results.segments`; and their part of the section. */
export async function segmentClusters(context: ClusterContext, config: ClusterConfig): Promise<ClusterPart> {
  refuseUnknown(config);
  const { run, texts } = context;
  const vocabulary = readSegmentVocabulary(config.vocabulary, {
    directory: run.directory,
    known: SEGMENT_COLUMNS,
  });
  const source = await sourceOf(context, config);
  const findings = await findSegments(context as unknown as AnalysisContext<RelationName>, {
    ...{ source, config, vocabulary, hasHistory: true },
  });
  const scoring = assignmentScoring(findings, { from: "features.segments", grain: ["customer_id"] });
  const reads = "It reads features.segments, as crm-analyze show features.segments describes it.";
  return clusterPart({
    ...{ findings, texts, leftOut: [], notes: [] },
    locale: { language: run.language, currency: run.currency ?? "" },
    typical: await context.table("results.segment_typical"),
    movements: { rows: await context.table("results.segment_movements"), date: run.previousDate ?? "" },
    sql: assignmentQuery(scoring, ["The segment of every customer, by the distance to the centres.", reads]),
    profileSql: (columns) =>
      `-- The segment of every customer as the profile tree tells it, and the leaf.\n-- ${reads}\n${scoringSql(
        {
          ...{ from: "features.segments", grain: ["customer_id"], columns },
        },
      )}\n`,
  });
}

/** @throws CrmError `configuration` for features that are not there */
function refuseUnknown({ features, leave_out: leftOut }: ClusterConfig): void {
  const named = [...(features === "auto" ? [] : features), ...leftOut];
  const unknown = named.filter((name) => !SEGMENT_COLUMNS.includes(name));
  if (unknown.length === 0) return;
  throw new CrmError("configuration", `segments: unknown feature ${unknown.join(", ")}`, {
    hint: `there are ${SEGMENT_COLUMNS.join(", ")}`,
  });
}

/** Of a feature that auto takes, so many customers must be known. */
const LEAST_KNOWN = 0.5;

async function sourceOf(context: ClusterContext, config: ClusterConfig): Promise<SegmentSource> {
  const known = Object.fromEntries(AUTO_FEATURES.map((name) => [name, `ratio(count(${name}), count(*))`]));
  const row = await context.measure("features.segments", { customers: "count(*)", ...known });
  const isKnown = (name: string) => onlyNumber(row, name) >= LEAST_KNOWN;
  return {
    relation: "features.segments",
    drawnBy: "customer_id",
    features: segmentFeatures(context.texts),
    asked:
      config.features === "auto"
        ? AUTO_FEATURES.filter((name) => !config.leave_out.includes(name) && isKnown(name))
        : config.features,
    rowCount: onlyNumber(row, "customers"),
  };
}

/** The columns of `segments.csv`. */
export function segmentColumns({ segments: { columns } }: Texts): readonly ShownColumn[] {
  return [
    { name: "customer_id", title: columns.customer_id, format: "integer" },
    ...(["customer_key", "customer_name"] as const).map((name) => ({
      name,
      title: columns[name],
      format: "text" as const,
    })),
    { name: "segment", title: columns.segment, format: "integer" },
    { name: "segment_name", title: columns.segment_name, format: "text" },
    { name: "distance", title: columns.distance, format: "decimal" },
    { name: "silhouette", title: columns.silhouette, format: "decimal" },
  ];
}

import type { AnalysisContext, Scoring } from "../analysis.js";
import { CrmError } from "../errors.js";
import type { RelationName } from "../relation.js";
import { scoringSql } from "../scoring-sql.js";
import { readSegmentVocabulary } from "../segment-vocabulary.js";
import type { DataDocument, Section, ShownColumn } from "../section.js";
import { onlyNumber } from "../table.js";
import type { Texts } from "../texts/index.js";
import type { ClusterConfig } from "./segments-config.js";
import { findSegments, type SegmentFindings } from "./segments-findings.js";
import type { LeftOutColumn } from "./segments-treatment.js";
import { assignmentScoring } from "./segments-scoring.js";
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

/** Finds, names and assigns clusters: `results.segments`; and their part of the section, with what its queries read. */
export async function segmentClusters(
  context: ClusterContext,
  config: ClusterConfig,
): Promise<ClusterPart & Required<Pick<Section, "data">>> {
  refuseUnknown(config);
  const { run, texts } = context;
  const vocabulary = readSegmentVocabulary(config.vocabulary, {
    directory: run.directory,
    known: SEGMENT_COLUMNS,
  });
  const { source, leftOut } = await sourceOf(context, config);
  const findings = await findSegments(context as unknown as AnalysisContext<RelationName>, {
    ...{ source, config, vocabulary, hasHistory: true },
  });
  const part = clusterPart({
    ...{ findings, texts, leftOut, notes: [] },
    locale: { language: run.language, currency: run.currency ?? "" },
    typical: await context.table("results.segment_typical"),
    movements: { rows: await context.table("results.segment_movements"), date: run.previousDate ?? "" },
    sql: publishedQuery(
      "The segment of every customer, by the distance to the centres.",
      assignmentScoring(findings, ROWS),
    ),
    profileSql: (columns) =>
      publishedQuery("The segment of every customer as the profile tree tells it, and the leaf.", {
        ...ROWS,
        columns,
      }),
  });
  return { ...part, data: [dataOf(findings)] };
}

const FEATURES_FILE = "segments-features.parquet";
/** The rows of that file, as the published queries call them. */
const ROWS = { from: "customers" as RelationName, grain: ["customer_id"] };

/** A query over what the run publishes. */
function publishedQuery(title: string, scoring: Scoring<RelationName>): string {
  const comments = [
    title,
    `Run it in this folder: it reads ${FEATURES_FILE}, which lies beside it.`,
    "crm-analyze show features.segments tells how its columns come about.",
  ];
  const rows = `    select * from read_parquet('${FEATURES_FILE}')`;
  return `${comments.map((line) => `-- ${line}`).join("\n")}\n${scoringSql(scoring, rows)}\norder by customer_id\n`;
}

/** What the segments, and the tree that describes them, go by, of every customer. */
function dataOf({ study: { preparation, found } }: SegmentFindings): DataDocument {
  const asked = new Set([
    ...preparation.features.map(({ name }) => name),
    ...(found?.tree.tree.nodes ?? []).flatMap(({ split }) => split?.feature ?? []),
  ]);
  return {
    name: FEATURES_FILE,
    relation: "features.segments",
    columns: ["customer_id", ...SEGMENT_COLUMNS.filter((name) => asked.has(name))],
    condition: "1 = 1",
  };
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

async function sourceOf(
  context: ClusterContext,
  config: ClusterConfig,
): Promise<{ source: SegmentSource; leftOut: LeftOutColumn[] }> {
  const known = Object.fromEntries(AUTO_FEATURES.map((name) => [name, `ratio(count(${name}), count(*))`]));
  const row = await context.measure("features.segments", { customers: "count(*)", ...known });
  const isKnown = (name: string) => onlyNumber(row, name) >= LEAST_KNOWN;
  const isAuto = config.features === "auto";
  const wanted = AUTO_FEATURES.filter((name) => !config.leave_out.includes(name));
  const rare = isAuto ? wanted.filter((name) => !isKnown(name)) : [];
  const features = segmentFeatures(context.texts);
  const source: SegmentSource = {
    ...{ relation: "features.segments", drawnBy: "customer_id", features },
    asked: config.features === "auto" ? wanted.filter(isKnown) : config.features,
    weigh: isAuto ? "related" : "alike",
    rowCount: onlyNumber(row, "customers"),
  };
  const labelOf = (name: string) => features.find((feature) => feature.name === name)!.label;
  const reason = context.texts.segments.rare;
  return { source, leftOut: rare.map((name) => ({ column: labelOf(name), reason })) };
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

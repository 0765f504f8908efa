import { z } from "zod";
import { defineAnalysis, type AnalysisContext } from "../analysis.js";
import { CrmError } from "../errors.js";
import { phrase } from "../phrase.js";
import type { SectionPart } from "../section-part.js";
import { onlyNumber } from "../table.js";
import { CLUSTER_READS, segmentClusters, segmentColumns } from "./segments-clusters.js";
import { ClusterConfig } from "./segments-config.js";

/** The settings of `segments`: those of clusters. */
const SegmentsConfig = z.strictObject({ ...ClusterConfig.shape });

const READS = [...CLUSTER_READS] as const;
type SegmentsContext = AnalysisContext<(typeof READS)[number]>;

/** Who is alike, in words. */
export const segments = defineAnalysis({
  name: "segments",
  question: "Who is alike?",
  config: SegmentsConfig,
  reads: READS,
  needs: [["orders", "order_lines", "subscriptions"]],

  settings: () => ({}),
  published: (texts) => [
    { name: "segments", relation: "results.segments_customers", columns: segmentColumns(texts) },
  ],
  lists: () => [],

  async run(context, config) {
    await refuseNobody(context);
    const { segments: texts } = context.texts;
    const clusters = await segmentClusters(context, config);
    const parts: readonly SectionPart[] = [clusters];
    return {
      analysis: "segments",
      title: texts.title,
      question: texts.question,
      answer: parts
        .map(({ answer }) => answer)
        .filter((answer) => answer !== "")
        .reduce((before, after) => phrase(texts.sentences, { before, after })),
      headlines: parts.flatMap(({ headlines }) => headlines),
      charts: parts.flatMap(({ charts }) => charts),
      tables: parts.flatMap(({ tables }) => tables),
      notes: parts.flatMap(({ notes }) => notes),
      models: clusters.models,
      documents: clusters.documents,
    };
  },
});

/** Segments of nobody are no answer. */
async function refuseNobody(context: SegmentsContext): Promise<void> {
  const row = await context.measure("features.segments", { customers: "count(*)" });
  if (onlyNumber(row, "customers") > 0) return;
  throw new CrmError("data", `segments: nobody had bought anything by ${context.run.asOfDate}`, {
    hint: "is the as-of date right? set it with --as-of YYYY-MM-DD",
  });
}

import { z } from "zod";
import { defineAnalysis, type AnalysisContext } from "../analysis.js";
import { CrmError } from "../errors.js";
import { phrase } from "../phrase.js";
import type { SectionPart } from "../section-part.js";
import type { Section } from "../section.js";
import { onlyNumber } from "../table.js";
import { ALIKE_READS, alikeLists, alikeParts, alikeTables } from "./segments-alike.js";
import { CLUSTER_READS, segmentClusters, segmentColumns } from "./segments-clusters.js";
import { ClusterConfig } from "./segments-config.js";
import { CROSSTAB_READS, crosstabPart } from "./segments-crosstab.js";
import { RULE_READS, rulesPart } from "./segments-rules.js";
import { checkTargets, RulesConfig } from "./segments-rules-config.js";

/** The settings of `segments`: those of clusters, and those of rules and likeness. */
const SegmentsConfig = z
  .strictObject({ ...ClusterConfig.shape, ...RulesConfig.shape })
  .superRefine(checkTargets);

const READS = [...CLUSTER_READS, ...RULE_READS, ...CROSSTAB_READS, ...ALIKE_READS] as const;
type SegmentsContext = AnalysisContext<(typeof READS)[number]>;

/** Who is alike, in words. */
export const segments = defineAnalysis({
  name: "segments",
  question: "Who is alike?",
  config: SegmentsConfig,
  reads: READS,
  needs: [["orders", "order_lines", "subscriptions"]],

  after: ["rfm", "value", "churn"],

  settings: (config) => ({ sample_customers: config.sample_customers }),
  published: (texts) => [
    { name: "segments", relation: "results.segments_customers", columns: segmentColumns(texts) },
    ...alikeTables(texts),
  ],
  lists: (texts) => alikeLists(texts),

  async run(context, config) {
    await refuseNobody(context);
    const { segments: texts } = context.texts;
    const clusters = await segmentClusters(context, config);
    const parts: readonly (SectionPart & Pick<Section, "models">)[] = [
      clusters,
      await rulesPart(context, config),
      await crosstabPart(context, config),
      ...(await alikeParts(context, config)),
    ];
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
      models: parts.flatMap(({ models }) => models ?? []),
      documents: clusters.documents,
      data: clusters.data,
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

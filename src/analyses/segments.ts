import { z } from "zod";
import { defineAnalysis, type AnalysisContext } from "../analysis.js";
import { CrmError } from "../errors.js";
import { phrase } from "../phrase.js";
import type { SectionPart } from "../section-part.js";
import { onlyNumber } from "../table.js";
import { ClusterConfig } from "./segments-config.js";

/** The settings of `segments`: those of clusters. */
const SegmentsConfig = z.strictObject({ ...ClusterConfig.shape });

const READS = ["features.segments", "unified.customers"] as const;
type SegmentsContext = AnalysisContext<(typeof READS)[number]>;

/** Who is alike, in words. */
export const segments = defineAnalysis({
  name: "segments",
  question: "Who is alike?",
  config: SegmentsConfig,
  reads: READS,
  needs: [["orders", "order_lines", "subscriptions"]],

  settings: () => ({}),
  published: () => [],
  lists: () => [],

  async run(context) {
    await refuseNobody(context);
    const { segments: texts } = context.texts;
    const parts: readonly SectionPart[] = [];
    return {
      analysis: "segments",
      title: texts.title,
      question: texts.question,
      answer: parts
        .map(({ answer }) => answer)
        .filter((answer) => answer !== "")
        .reduce((before, after) => phrase(texts.sentences, { before, after }), ""),
      headlines: parts.flatMap(({ headlines }) => headlines),
      charts: parts.flatMap(({ charts }) => charts),
      tables: parts.flatMap(({ tables }) => tables),
      notes: parts.flatMap(({ notes }) => notes),
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

import { z } from "zod";

/** The settings of clusters: what they are found from, how many, and what they are called. */
export const ClusterConfig = z.strictObject({
  features: z
    .union([z.literal("auto"), z.array(z.string()).min(1)])
    .default("auto")
    .describe(
      "columns of features.segments that customers are alike by; auto: those of behaviour that are known",
    ),
  leave_out: z.array(z.string()).default([]).describe("features that auto must not take"),
  k: z.int().min(2).max(50).optional().describe("how many segments; default: chosen from 2 to 12, or none"),
  transform: z
    .enum(["auto", "none"])
    .default("auto")
    .describe("auto takes logarithms of skewed features, of both signs"),
  scale: z
    .enum(["robust", "standard", "none"])
    .default("robust")
    .describe("robust: by the middle half; standard: by mean and standard deviation"),
  vocabulary: z
    .string()
    .default("segments")
    .describe("words that segments are named with: segments, or the path of your own"),
  tree_leaves: z.int().min(2).max(12).default(12).describe("leaves of the tree that describes them, at most"),
  sample_customers: z
    .int()
    .min(100)
    .default(50_000)
    .describe("segments are found on about so many customers, chosen by hash; all are assigned"),
});
/** Settings as they are once defaults are filled in. */
export type ClusterConfig = z.output<typeof ClusterConfig>;

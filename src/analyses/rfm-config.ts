import { z } from "zod";
import type { AnalysisContext } from "../analysis.js";
import type { OrderRhythm } from "../models/order-rhythm.js";
import { MEASURES, SCORING_METHODS, type CutPoints, type Measure } from "../models/rfm-scores.js";
import type { Vocabulary } from "../vocabulary.js";

const Cuts = z.array(z.number()).min(2).max(9).describe("ascending; one fewer than bins");

const CUT_FLAGS = "--recency-cuts, --frequency-cuts and --monetary-cuts";

/** The settings of `rfm`. */
export const RfmConfig = z
  .strictObject({
    method: z.enum(SCORING_METHODS).default("quantile").describe("quantile, ntile or fixed cut-points"),
    bins: z.int().min(3).max(10).default(5).describe("scores go from 1 to this"),
    cut_points: z.strictObject({ recency: Cuts, frequency: Cuts, monetary: Cuts }).optional(),
    window_months: z.int().min(1).optional().describe("count orders of the last months only; default: all"),
    money: z.enum(["revenue", "margin"]).default("revenue"),
    monetary: z.enum(["total", "average"]).default("total").describe("money in all, or an order"),
    vocabulary: z.string().default("english").describe("english, chinese-8 or the path of your own"),
    recent_days: z.int().min(7).default(90).describe("the recent period for the change of frequency"),
    slipping_from: z
      .number()
      .min(0.5)
      .max(1)
      .default(0.9)
      .describe("likelihood from which a customer is slipping"),
    lapsed_after_days: z
      .int()
      .min(1)
      .optional()
      .describe("default: 99 of 100 gaps between orders are shorter"),
  })
  .superRefine(({ method, bins, cut_points: cuts }, context) => {
    if (method === "fixed" && cuts === undefined) {
      const message = `needed with method: fixed (${CUT_FLAGS})`;
      context.addIssue({ code: "custom", path: ["cut_points"], message });
    }
    for (const measure of cuts === undefined ? [] : MEASURES) {
      const values = cuts![measure];
      const isAscending = values.every((value, i) => i === 0 || value > values[i - 1]!);
      if (values.length !== bins - 1 || !isAscending) {
        const message = `give ${bins - 1} ascending values for ${bins} bins, found ${values.join(", ")}`;
        context.addIssue({ code: "custom", path: ["cut_points", measure], message });
      }
    }
  });
/** How RFM is asked for, defaults filled in. */
export type RfmConfig = z.output<typeof RfmConfig>;

/** The relations that RFM reads. */
export const RFM_READS = [
  "facts.currencies",
  "facts.orders",
  "facts.refund_documents",
  "features.rfm",
  "features.gaps",
  "unified.customers",
] as const;
/** What RFM may read and write. */
export type RfmContext = AnalysisContext<(typeof RFM_READS)[number]>;

/** The base's rhythm, and the silence after which a customer counts as lapsed. */
export interface LearntRhythm {
  readonly model: OrderRhythm | undefined;
  readonly lapsedAfterDays: number;
}

/** How scores are made: the settings, the cut-points, the middles and the names. */
export interface Scale {
  readonly config: RfmConfig;
  readonly cuts: CutPoints;
  readonly middles: Readonly<Record<Measure, number>>;
  readonly vocabulary: Vocabulary;
}

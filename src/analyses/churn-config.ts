import { z } from "zod";
import type { Setting } from "../analysis.js";
import { CHURN_FEATURES } from "./churn-features.js";

/** What leaving may mean. */
const CHURN_DEFINITIONS = ["orders", "subscriptions", "usage"] as const;
/** One of them. */
export type ChurnDefinition = (typeof CHURN_DEFINITIONS)[number];

/** The settings of `churn`. */
export const ChurnConfig = z
  .strictObject({
    definition: z
      .enum(["auto", ...CHURN_DEFINITIONS])
      .default("auto")
      .describe("what leaving means: no order, no subscription any more, or less usage"),
    window_days: z
      .int()
      .min(7)
      .max(1095)
      .optional()
      .describe(
        "how long a silence is leaving, and how far ahead is foretold; default: proposed from the data",
      ),
    grace_days: z
      .int()
      .min(0)
      .max(365)
      .default(30)
      .describe("a subscription renewed within these days of its end was not lost"),
    usage_drop: z
      .number()
      .gt(0)
      .max(1)
      .default(0.5)
      .describe("usage that falls by this share of the customer's own trend is leaving"),
    model: z
      .enum(["tree", "boosted"])
      .default("tree")
      .describe("which model gives the probability; the tree always explains"),
    max_leaves: z
      .int()
      .min(2)
      .max(64)
      .default(16)
      .describe("of the tree; more are better and harder to read"),
    monotone: z
      .record(z.string(), z.enum(["rising", "falling"]))
      .default({})
      .describe("features with which the risk may only rise, or only fall"),
    leave_out: z.array(z.string()).default([]).describe("features that no model may use"),
    keep: z
      .array(z.string())
      .default([])
      .describe("features to use although they foretell suspiciously well"),
    rule_days: z
      .int()
      .min(1)
      .max(3650)
      .default(90)
      .describe("the rule in use today: no order in so many days"),
    success_rate: z
      .number()
      .gt(0)
      .max(1)
      .default(0.2)
      .describe("share of leavers who stay because somebody called"),
    contact_cost: z
      .number()
      .min(0)
      .optional()
      .describe("of one call; default: a hundredth of what a customer who brings money brings in a year"),
    list_length: z.int().min(1).optional().describe("customers to call; default: the number that earns most"),
    sample_customers: z
      .int()
      .min(100)
      .default(30_000)
      .describe("customers, chosen by hash, whom the models learn from and are tried on; all are scored"),
  })
  .superRefine(({ monotone, leave_out: leftOut, keep }, context) => {
    const known: readonly string[] = CHURN_FEATURES.map(({ name }) => name);
    const isNumber = (name: string) =>
      CHURN_FEATURES.some((feature) => feature.name === name && feature.kind === "number");
    const refuse = (setting: string, name: string, message: string) =>
      context.addIssue({ code: "custom", path: [setting, name], message });
    for (const name of Object.keys(monotone)) {
      if (!known.includes(name)) refuse("monotone", name, `no such feature; there are ${known.join(", ")}`);
      else if (!isNumber(name)) refuse("monotone", name, "holds words, which have no direction");
    }
    for (const [setting, names] of [
      ["leave_out", leftOut],
      ["keep", keep],
    ] as const)
      for (const name of names.filter((candidate) => !known.includes(candidate)))
        refuse(setting, name, `no such feature; there are ${known.join(", ")}`);
  });
/** They with defaults filled in. */
export type ChurnConfig = z.output<typeof ChurnConfig>;

/** Its columns of `run.settings`, to be prefixed with `churn_`. */
export function churnSettings(config: ChurnConfig): Record<string, Setting> {
  return {
    definition: config.definition,
    window_days: config.window_days ?? null,
    grace_days: config.grace_days,
    usage_drop: config.usage_drop,
    rule_days: config.rule_days,
    sample_customers: config.sample_customers,
  };
}

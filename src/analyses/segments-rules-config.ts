import { z } from "zod";
import { parseCondition } from "../condition-parser.js";
import { didYouMean } from "../nearest.js";
import { InBothLanguages } from "../vocabulary.js";
import { ATTRIBUTE_NAMES, RULE_COLUMNS } from "./segments-columns.js";

/** Stands for whoever no rule fits. */
export const NO_RULE = "other";

const Rule = z.strictObject({
  label: InBothLanguages.describe("what the segment is called"),
  where: z
    .string()
    .min(1)
    .describe("a condition over columns of features.segments; see docs/segments-in-words.md")
    .superRefine((text, context) => {
      const parsed = parseCondition(text, RULE_COLUMNS);
      if (parsed.kind === "problems")
        for (const message of parsed.problems) context.addIssue({ code: "custom", message });
    }),
  action: InBothLanguages.optional().describe("what to do with such customers, and with prospects like them"),
});

/** Ways to part customers that can be laid across each other. */
export const SEGMENTATIONS = [
  "cluster",
  "rule",
  "rfm",
  "status",
  "tier",
  "monetary",
  "churn",
  "customer_kind",
  "country",
  "city",
  "industry",
  "acquisition_source",
] as const;
/** One of them. */
export type Segmentation = (typeof SEGMENTATIONS)[number];

const TARGET_KINDS = ["cluster", "rule", "tier", "rfm", "product", "category"] as const;

/** Customers to resemble, or to be told apart: of one segment, or the buyers of something. */
const Target = z
  .strictObject({
    cluster: z
      .union([z.int().min(1), z.string().min(1)])
      .optional()
      .describe("its number or its name"),
    rule: z.string().optional(),
    tier: z.enum(["A", "B", "C", "D"]).optional(),
    rfm: z.string().optional().describe("the segment's name in the vocabulary of rfm"),
    product: z.string().optional().describe("its key, its name, or its system and key: erp/K1"),
    category: z.string().optional(),
  })
  .refine((target) => Object.keys(target).length === 1, {
    error: `write one of ${TARGET_KINDS.join(", ")}, such as { tier: A }`,
  });
/** One target as it is set: one key and its value. */
export type Target = z.output<typeof Target>;

/** The settings of rules, crossings, look-alikes and factors. */
export const RulesConfig = z.strictObject({
  rules: z
    .record(
      z
        .string()
        .regex(/^[a-z][a-z0-9_]*$/, "use lower-case letters, digits and _")
        .refine((name) => name !== NO_RULE, { error: `${NO_RULE} is whoever no rule fits` }),
      Rule,
    )
    .default({})
    .describe("segments by condition; the first that fits a customer counts"),
  matrix_value: z
    .enum(["tier", "monetary"])
    .default("tier")
    .describe("what stands across relationship status: tiers of value, or the money score of rfm"),
  crosstabs: z
    .array(z.tuple([z.enum(SEGMENTATIONS), z.enum(SEGMENTATIONS)]))
    .default([])
    .describe("segmentations to lay across each other, two by two"),
  look_alikes: z
    .strictObject({
      of: Target,
      list_length: z.int().min(1).optional().describe("prospects on the list at most"),
      leave_out: z.array(z.enum(ATTRIBUTE_NAMES)).default([]).describe("attributes not to go by"),
    })
    .optional()
    .describe("the segment whose likes are sought among prospects"),
  factors: z
    .array(Target)
    .default([])
    .describe("what sets these customers apart, and who else resembles them"),
});
/** They with defaults filled in. */
export type RulesConfig = z.output<typeof RulesConfig>;

/** Names what settings say of other settings that is not so. */
export function checkTargets(config: RulesConfig, context: z.RefinementCtx): void {
  const names = Object.keys(config.rules);
  const check = (target: Target, path: readonly (string | number)[]): void => {
    if (target.rule === undefined || names.includes(target.rule)) return;
    const known = names.length === 0 ? "there are no rules" : `there are ${names.join(", ")}`;
    const message = `there is no rule ${target.rule}${didYouMean(target.rule, names)}; ${known}`;
    context.addIssue({ code: "custom", path: [...path, "rule"], message });
  };
  if (config.look_alikes !== undefined) check(config.look_alikes.of, ["look_alikes", "of"]);
  config.factors.forEach((target, place) => {
    check(target, ["factors", place]);
    const text = JSON.stringify(target);
    if (config.factors.findIndex((other) => JSON.stringify(other) === text) < place)
      context.addIssue({ code: "custom", path: ["factors", place], message: "stands here twice" });
  });
  config.crosstabs.forEach(([left, right], place) => {
    if (left === right)
      context.addIssue({
        code: "custom",
        path: ["crosstabs", place],
        message: `${left} cannot be laid across itself`,
      });
  });
}

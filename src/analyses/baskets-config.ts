import { z } from "zod";
import { NextBestConfig } from "./baskets-next-best-config.js";

const names = (what: string) => z.array(z.string()).default([]).describe(what);

const share = (what: string) => z.number().gt(0).max(1).describe(what);

/** The settings of `baskets`. */
export const BasketsConfig = z.strictObject({
  by: z
    .enum(["order", "customer_day", "customer_window", "customer"])
    .default("order")
    .describe("what a basket is: an order, a customer's day, windows of time, or all a customer ever bought"),
  window_days: z.int().min(1).max(3650).default(30).describe("how long a customer_window is"),
  level: z
    .enum(["auto", "product", "category", "brand"])
    .default("auto")
    .describe("what an item is; auto: products where enough pairs of them are frequent, else categories"),
  min_support: share("share of the baskets that a set must lie in").default(0.001),
  min_count: z.int().min(1).optional().describe("in how many baskets it must lie, in place of min_support"),
  min_confidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("of the baskets with the left side, the share that has the right side"),
  max_length: z.int().min(2).max(50).optional().describe("items of a rule at most"),
  all_splits: z.boolean().default(false).describe("rules with several items on the right too"),
  all_rules: z.boolean().default(false).describe("show redundant rules and those not significant too"),
  false_share: share("share of false rules that is allowed among the significant ones").default(0.05),
  left_with: names("items of which the left side must hold one"),
  left_without: names("items that the left side must not hold"),
  right_with: names("items of which the right side must hold one"),
  right_without: names("items that the right side must not hold"),
  excluded_items: names("items that are left out: services, shipping lines, what is not sold"),
  excluded_categories: names("categories that are left out"),
  common_share: share("an item in more baskets than this share is left out").default(0.8),
  huge_basket_items: z.int().min(2).default(200).describe("a basket of more items is huge"),
  huge_baskets: z.enum(["leave_out", "cut"]).default("leave_out").describe("what becomes of huge baskets"),
  sequence_days: z.int().min(1).max(1095).default(90).describe("within how many days one follows another"),
  memory_mb: z
    .int()
    .min(1)
    .max(8192)
    .default(512)
    .describe("what baskets, sets and rules may take together; the support is raised when they take more"),
  ...NextBestConfig.shape,
});
/** They. */
export type BasketsConfig = z.output<typeof BasketsConfig>;

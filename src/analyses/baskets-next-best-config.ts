import { z } from "zod";
import type { AnalysisContext, Setting, SettingTable } from "../analysis.js";

/** The settings of the next best product; a part of those of `baskets`. */
export const NextBestConfig = z.strictObject({
  horizon_days: z
    .int()
    .min(7)
    .max(365)
    .default(60)
    .describe("an offer is a hit when bought within so many days"),
  offers: z.int().min(1).max(10).default(3).describe("products for each customer"),
  min_probability: z.number().min(0).max(1).default(0.01).describe("less likely products are not offered"),
  products: z
    .enum(["all", "new"])
    .default("all")
    .describe("all: those due again too; new: only those the customer never bought"),
  leave_out: z
    .array(z.string().min(1))
    .default([])
    .describe("keys or names of products that are never offered"),
  unit: z
    .enum(["category", "brand"])
    .default("category")
    .describe("where customers may be small in one and large in another"),
  sample_customers: z
    .int()
    .min(100)
    .default(20_000)
    .describe("customers, chosen by hash, whom the rates are learnt from and tried on; all get offers"),
});

/** They with defaults filled in. */
export type NextBestConfig = z.output<typeof NextBestConfig>;

/** The relations that the next best product reads. */
export const NEXT_BEST_READS = [
  "facts.permitted_addresses",
  "features.basket_products",
  "features.cross_unit",
  "features.next_best_after",
  "features.next_best_again",
  "features.next_best_baskets",
  "features.next_best_customers",
  "features.next_best_gaps",
  "features.next_best_holdings",
  "features.next_best_outcomes",
  "features.next_best_popular",
  "features.next_best_products",
  "features.next_best_rhythms",
  "features.next_best_snapshots",
  "features.up_sell",
  "unified.customers",
] as const;

/** What it may read and write. */
export type NextBestContext = AnalysisContext<(typeof NEXT_BEST_READS)[number]>;

/** Its columns of `run.settings`, to be prefixed with `baskets_`. */
export function nextBestSettings(config: NextBestConfig): Record<string, Setting> {
  return {
    horizon_days: config.horizon_days,
    sample_customers: config.sample_customers,
    unit: config.unit,
  };
}

/** Its settings that have rows. */
export function nextBestSettingTables(
  config: Pick<NextBestConfig, "leave_out"> & Exclusions,
): Record<string, SettingTable> {
  const parts = { key: config.leave_out, item: config.excluded_items, category: config.excluded_categories };
  const rows = Object.entries(parts).flatMap(([part, words]) => words.map((word) => ({ part, word })));
  return { left_out: { columns: { part: "text", word: "text" }, rows } };
}

/** What is excluded from rules is not offered either. */
interface Exclusions {
  readonly excluded_items: readonly string[];
  readonly excluded_categories: readonly string[];
}

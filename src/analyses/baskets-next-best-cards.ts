import type { OfferResult } from "../models/offer-trial.js";
import type { ModelCard } from "../section.js";
import type { Told } from "./baskets-next-best-told.js";

/** A card for `models.json`. */
export function cards({ findings, basis }: Told): ModelCard[] {
  const { verdict, shrinkage, config, testDate, choiceDate, choice, lack, money, sample } = findings;
  const { hasMoney } = basis;
  const ranked = {
    name: "next-best",
    horizon_days: config.horizon_days,
    ranked_by: hasMoney ? "money" : "probability",
    ...(hasMoney && money.isRevenue ? { money: "revenue" } : {}),
    ...(hasMoney && money.meanRateCount > 0
      ? { mean_rate_products: money.meanRateCount, mean_margin_rate: money.meanRate }
      : {}),
    ships: verdict.ships,
  };
  if (lack !== undefined || verdict.results.length === 0)
    return [{ ...ranked, grade: null, lack: lack ?? "trial" }];
  return [
    {
      ...ranked,
      tested_on: testDate,
      chosen_on: choiceDate ?? null,
      chosen: choice.ships,
      ...(sample === undefined ? {} : { sampled_share: sample.share, sampled_of: sample.ofCount }),
      lifts: shrinkage.lifts,
      product_shape: shrinkage.productShape,
      again_weight: shrinkage.againWeight,
      popular_weight: shrinkage.popularWeight,
      any_weight: shrinkage.anyWeight,
      pair_count: shrinkage.pairCount,
      rule_weight: shrinkage.ruleWeight,
      rule_count: shrinkage.ruleCount,
      grade: verdict.grade,
      rival: verdict.rival,
      gain_per_100: verdict.gain,
      trial: verdict.results.map((result) => trialCard(result, hasMoney)),
    },
  ];
}

/** One way with so many offers, as `models.json` has it. */
function trialCard(result: OfferResult, hasMoney: boolean): Record<string, unknown> {
  return {
    contender: result.contender,
    offers: result.offerCount,
    customers: result.customerCount,
    purchases_predicted: result.expectedCount,
    purchases_made: result.cameCount,
    hit_rate: result.hitRate,
    [`${hasMoney ? "margin" : "purchases"}_per_100`]: result.margin,
  };
}

import { phraseSql } from "../phrase.js";
import { quoteText } from "../sql.js";
import { tableOf } from "../table.js";
import type { NextBestConfig, NextBestContext } from "./baskets-next-best-config.js";
import type { NextBestFindings } from "./baskets-next-best.js";

/** Likelihoods in a sentence: whole percent, one digit behind the point below ten and near a hundred, never none or all. */
export const likelihoodSql = (share: string) => `(case
    when ${share} < 0.0005e0 then '<0.1'
    when ${share} >= 0.9995e0 then '>99.9'
    when ${share} >= 0.095e0 and ${share} < 0.995e0 then to_key(to_integer(round(100e0 * ${share})))
    else to_key(round(100e0 * ${share}, 1)) end || '%')`;

const timesSql = (lift: string) =>
  `case when ${lift} >= 2.95e0 then to_key(to_integer(round(${lift}))) else to_key(round(${lift}, 1)) end`;

/** `results.next_best_reasons`: each offer and why, in the language of the run; what sells best may be counted of all who buy as often, or of those who have not bought it. */
export async function writeReasons(
  context: NextBestContext,
  horizonDays: number,
  counted: NextBestFindings["lack"] | "owners" | "others",
): Promise<void> {
  const words = context.texts.nextBest;
  const gaps = {
    first: "first_name",
    all: "left_names",
    product: "product_name",
    date: "coalesce(to_key(bought_date), '')",
    count: "to_key(purchase_count)",
    gap: "to_key(to_integer(round(median_gap_days)))",
    days: `'${horizonDays}'`,
    share: likelihoodSql("probability"),
    lift: timesSql("lift"),
  };
  const { after, rule, again, once, soFar, anybody, others } = words.reasons;
  const sellers = { history: soFar, owners: anybody, others, customers: soFar };
  const popular = counted === undefined ? words.reasons.popular : sellers[counted];
  const reason = `case
    when kind = 'after' then ${phraseSql(after, gaps)}
    when kind = 'rule' then ${phraseSql(rule, gaps)}
    when kind = 'again' and (purchase_count = 1 or median_gap_days is null) then ${phraseSql(once, gaps)}
    when kind = 'again' then ${phraseSql(again, gaps)}
    else ${phraseSql(popular, gaps)} end`;
  await context.define("next_best_reasons", {
    from: "results.next_best_offers",
    grain: OFFERED,
    columns: {
      reason,
      kind_label: `case kind when 'after' then ${phraseSql(words.kinds.after, {})} when 'rule' then ${phraseSql(words.kinds.rule, {})} when 'again' then ${phraseSql(words.kinds.again, {})} else ${phraseSql(words.kinds.popular, {})} end`,
    },
  });
  await context.write("next_best_model", tableOf({ offer_action: [words.action] }));
}

/** What is told of an offer beside its reason. */
const OFFERED = [
  "customer_id",
  "offer_rank",
  "product_key",
  "product_name",
  "category",
  "kind",
  "probability",
  "expected_money",
];

/** `results.up_sell_reasons` and `results.cross_unit_reasons`: why each customer may buy more, in the language of the run. */
export async function writeGrowthReasons(
  context: NextBestContext,
  unit: NextBestConfig["unit"],
): Promise<void> {
  const { upSell, crossUnit, crossUnitNone } = context.texts.nextBest.growth;
  await context.score("up_sell_reasons", {
    from: "results.up_sell",
    grain: ["customer_id", "category"],
    columns: {
      reason: phraseSql(upSell, {
        product: "product_name",
        next: "next_name",
        count: "to_key(buyer_count)",
        moved: "to_key(moved_count)",
      }),
    },
  });
  const peers = {
    main: "main_unit",
    other: "unit",
    share: `case when peer_share = 1 then '100%' else ${likelihoodSql("peer_share")} end`,
    kind: quoteText(context.texts.nextBest.units[unit]),
  };
  await context.score("cross_unit_reasons", {
    from: "results.cross_unit",
    grain: ["customer_id", "unit"],
    columns: {
      reason: `case when unit_amount > 0 then ${phraseSql(crossUnit, peers)} else ${phraseSql(crossUnitNone, peers)} end`,
    },
  });
}

import type { AnalysisContext } from "../analysis.js";
import type { AssociationRule } from "../models/association-rules.js";
import { fractionOf, leastCount } from "../models/whole-thresholds.js";
import { fitShareWeight } from "../models/shrunken-rates.js";
import { numbers, tableOf, texts as wordsOf } from "../table.js";
import type { BasketsConfig } from "./baskets-config.js";
import { isRaised, megabytesOf, mineBaskets, warnOfLength, type BasketItems } from "./baskets-study.js";

/** The relations that rules for offers read beside their own results. */
export const OFFER_RULE_READS = ["features.basket_products", "features.next_best_baskets"] as const;
type Context = AnalysisContext<(typeof OFFER_RULE_READS)[number]>;

/** What is mined for offers. */
export interface RuleMining {
  /** The snapshot: nothing that was bought after it is in any basket. */
  readonly place: number;
  readonly config: BasketsConfig;
}

/** Rules that make offers: the strongest so many, of so many items with the right side, in so many baskets at least. */
const [MOST_RULES, MOST_ITEMS, LEAST_BASKETS] = [2000, 4, 10];

/**
 * Mines rules with two products or more on the left from what was known on a snapshot, and writes them as
 * `results.next_best_rules` and `results.next_best_rule_sides`. Gives how many.
 */
export async function writeOfferRules(context: Context, mining: RuleMining): Promise<number> {
  const rules = await mineOfferRules(context, mining);
  const sides = rules.flatMap(({ antecedent }, rule) => antecedent.map((left) => ({ rule, left })));
  await context.write(
    "next_best_rule_sides",
    tableOf({
      rule_number: Float64Array.from(sides, ({ rule }) => rule),
      left_number: Float64Array.from(sides, ({ left }) => left),
    }),
  );
  const labelOf = await productLabels(context);
  await context.write(
    "next_best_rules",
    tableOf({
      rule_number: Float64Array.from(rules.keys()),
      left_count: Float64Array.from(rules, ({ antecedent }) => antecedent.length),
      right_number: Float64Array.from(rules, ({ consequent }) => consequent[0]!),
      left_names: rules.map(({ antecedent }) => listed(context, antecedent.map(labelOf))),
    }),
  );
  return rules.length;
}

/**
 * Writes `results.next_best_rule_lifts`: how far each rule lifts its right side, its share of buyers drawn in to what the best
 * of its left side's products says alone. Gives how many trials that is worth, by all rules.
 */
export async function fitOfferRules(context: Context): Promise<number> {
  await context.build("next_best_rule_outcomes");
  const table = await context.table("results.next_best_rule_outcomes");
  const column = (name: string) => numbers(table, name);
  const [trials, hits, expected] = [column("trial_count"), column("hit_count"), column("expected_count")];
  const rates = column("pair_lift").map((lift, row) =>
    Math.min(0.99, (lift * expected[row]!) / trials[row]!),
  );
  const weight = fitShareWeight({ trials, hits, rates });
  const shareOf = (row: number) => (hits[row]! + weight * rates[row]!) / (trials[row]! + weight);
  await context.write(
    "next_best_rule_lifts",
    tableOf({
      rule_number: column("rule_number"),
      band: column("band"),
      lift: trials.map((count, row) => (expected[row]! > 0 ? (shareOf(row) * count) / expected[row]! : 1)),
    }),
  );
  return weight;
}

/** Significant rules that no shorter one says as well, the strongest first; said where they do not fit the memory. */
async function mineOfferRules(context: Context, { place, config }: RuleMining): Promise<AssociationRule[]> {
  const goods = await goodsKnown(context, place);
  if (goods.basketCount === 0) return [];
  const [needed, budget] = [megabytesOf(goods.items.length), config.memory_mb];
  if (needed > budget) {
    if (place === 0) context.warn({ code: "offer_rules_too_large", gaps: { needed, budget } });
    return [];
  }
  const asked = config.min_count ?? leastCount(fractionOf(config.min_support), goods.basketCount);
  const own = { ...config, ...EVERY_PRODUCT, ...lengthOf(config), min_count: Math.max(LEAST_BASKETS, asked) };
  const mined = await mineBaskets(goods, own, context.pace);
  const { ruled, found, askedCount } = mined;
  if (place === 0 && isRaised(mined))
    context.warn({ code: "offer_rules_raised", gaps: { budget, asked: askedCount, count: found.minCount } });
  if (place === 0) warnOfLength(found, own, context.warn);
  const isOffered = ({ antecedent, isSignificant, isRedundant }: AssociationRule) =>
    antecedent.length > 1 && isSignificant && !isRedundant;
  return ruled.rules.filter(isOffered).slice(0, MOST_RULES);
}

const lengthOf = ({ max_length }: BasketsConfig) => ({
  max_length: Math.min(MOST_ITEMS, max_length ?? MOST_ITEMS),
});

/** What is left out is in no basket of these; which sides people want to see says nothing of what to offer. */
const EVERY_PRODUCT = {
  excluded_items: [],
  excluded_categories: [],
  left_with: [],
  left_without: [],
  right_with: [],
  right_without: [],
  all_splits: false,
};

/** Baskets as a snapshot knew them; their items are product numbers. */
async function goodsKnown(context: Context, place: number): Promise<BasketItems> {
  const rows = await context.table("features.next_best_baskets", undefined, `known_place >= ${place}`);
  const [baskets, items] = [numbers(rows, "basket_number"), numbers(rows, "product_number")];
  const placeOf = new Map<number, number>();
  for (const basket of baskets) if (!placeOf.has(basket)) placeOf.set(basket, placeOf.size);
  const names = Array.from(
    { length: items.reduce((most, item) => Math.max(most, item), -1) + 1 },
    (_, item) => String(item),
  );
  return {
    names,
    groups: names.map(() => null),
    basketCount: placeOf.size,
    baskets: baskets.map((basket) => placeOf.get(basket)!),
    items,
  };
}

async function productLabels(context: Context): Promise<(product: number) => string> {
  const table = await context.table("features.basket_products", ["product_number", "product_label"]);
  const names = wordsOf(table, "product_label");
  const rowOf = new Map(Array.from(numbers(table, "product_number"), (product, row) => [product, row]));
  return (product) => names[rowOf.get(product)!]!;
}

/** "A, B and C". */
function listed({ texts }: Context, names: readonly string[]): string {
  return [names.slice(0, -1).join(texts.baskets.joint), names.at(-1)!].join(texts.nextBest.pairJoint);
}

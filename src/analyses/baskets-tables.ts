import { itemsOf } from "../models/frequent-itemsets.js";
import { column } from "../section-part.js";
import type { ShownColumn } from "../section.js";
import { tableOf, truthVector, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import { setName, type BasketStudy, type ValuedRule } from "./baskets-study.js";

/** The words of `baskets`. */
export type BasketsTexts = Texts["baskets"];

/** The columns of the published rules. */
export const ruleColumns = ({ columns }: BasketsTexts): ShownColumn[] => [
  column("rule_number", columns.rule_number, "integer"),
  column("antecedent", columns.antecedent, "text"),
  column("consequent", columns.consequent, "text"),
  column("basket_count", columns.basket_count, "integer"),
  column("support", columns.support, "percent"),
  column("confidence", columns.confidence, "percent"),
  column("lift", columns.lift, "decimal"),
  column("lift_low", columns.lift_low, "decimal"),
  column("lift_high", columns.lift_high, "decimal"),
  column("leverage", columns.leverage, "percent"),
  column("conviction", columns.conviction, "decimal"),
  column("p_value", columns.p_value, "decimal"),
  column("q_value", columns.q_value, "decimal"),
  column("is_redundant", columns.is_redundant, "integer"),
  column("is_significant", columns.is_significant, "integer"),
  column("margin_per_hundred", columns.margin_per_hundred, "money"),
  column("open_customers", columns.open_customers, "integer"),
];

/** The rules that are shown, a row each. */
export function ruleTable({ goods, shown }: BasketStudy): Table {
  const each = (valueOf: (rule: ValuedRule) => number) => Float64Array.from(shown, valueOf);
  return tableOf({
    rule_number: Float64Array.from(shown.keys(), (place) => place + 1),
    antecedent: shown.map(({ antecedent }) => setName(goods, antecedent)),
    consequent: shown.map(({ consequent }) => setName(goods, consequent)),
    basket_count: each(({ count }) => count),
    support: each(({ support }) => support),
    confidence: each(({ confidence }) => confidence),
    lift: each(({ lift }) => lift),
    lift_low: each(({ liftLow }) => liftLow),
    lift_high: each(({ liftHigh }) => liftHigh),
    leverage: each(({ leverage }) => leverage),
    conviction: each(({ conviction }) => conviction),
    p_value: each(({ pValue }) => pValue),
    q_value: each(({ qValue }) => qValue),
    is_redundant: truthVector(shown.map(({ isRedundant }) => isRedundant)),
    is_significant: truthVector(shown.map(({ isSignificant }) => isSignificant)),
    margin_per_hundred: each(({ marginPerHundred }) => marginPerHundred),
    open_customers: each(({ openCustomers }) => openCustomers),
  });
}

/** The columns of the published sequences. */
export const sequenceColumns = ({ columns }: BasketsTexts): ShownColumn[] => [
  column("sequence_number", columns.sequence_number, "integer"),
  column("first_item", columns.first_item, "text"),
  column("second_item", columns.second_item, "text"),
  column("start_count", columns.start_count, "integer"),
  column("follow_count", columns.follow_count, "integer"),
  column("follow_rate", columns.follow_rate, "percent"),
  column("base_rate", columns.base_rate, "percent"),
  column("lift", columns.lift, "decimal"),
  column("delay_low_days", columns.delay_low_days, "decimal"),
  column("delay_median_days", columns.delay_median_days, "decimal"),
  column("delay_high_days", columns.delay_high_days, "decimal"),
  column("p_value", columns.sequence_p_value, "decimal"),
  column("q_value", columns.q_value, "decimal"),
  column("is_significant", columns.is_significant, "integer"),
];

/** The sequences that are shown, a row each. */
export function sequenceTable({ goods, sequences }: BasketStudy): Table {
  const each = (valueOf: (sequence: (typeof sequences)[number]) => number) =>
    Float64Array.from(sequences, valueOf);
  return tableOf({
    sequence_number: Float64Array.from(sequences.keys(), (place) => place + 1),
    first_item: sequences.map(({ first }) => goods.names[first]!),
    second_item: sequences.map(({ second }) => goods.names[second]!),
    start_count: each(({ startCount }) => startCount),
    follow_count: each(({ count }) => count),
    follow_rate: each(({ confidence }) => confidence),
    base_rate: each(({ baseRate }) => baseRate),
    lift: each(({ lift }) => lift),
    delay_low_days: each(({ delayLow }) => delayLow),
    delay_median_days: each(({ delayMedian }) => delayMedian),
    delay_high_days: each(({ delayHigh }) => delayHigh),
    p_value: each(({ pValue }) => pValue),
    q_value: each(({ qValue }) => qValue),
    is_significant: truthVector(sequences.map(({ isSignificant }) => isSignificant)),
  });
}

/** The columns of `itemsets.csv`. */
export const ITEMSET_COLUMNS: readonly Pick<ShownColumn, "name" | "format">[] = [
  { name: "itemset", format: "text" },
  { name: "item_count", format: "integer" },
  { name: "basket_count", format: "integer" },
  { name: "support", format: "percent" },
];

/** Every frequent set, a row each. */
export function itemsetTable({ goods, found }: BasketStudy): Table {
  const places = Array.from({ length: found.size }, (_, place) => place);
  return tableOf({
    itemset: places.map((place) => setName(goods, itemsOf(found, place))),
    item_count: Float64Array.from(found.lengths),
    basket_count: Float64Array.from(found.counts),
    support: Float64Array.from(found.counts, (count) => count / found.basketCount),
  });
}

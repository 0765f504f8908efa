import { CrmError } from "../errors.js";
import { ruleStretches, type AssociationRule, type AssociationRules } from "../models/association-rules.js";
import { commonerItemsets, itemsetStretches, type FrequentItemsets } from "../models/frequent-itemsets.js";
import {
  basketsByItem,
  basketsOf,
  holdersOf,
  itemCounts,
  withoutEmpty,
  withoutHuge,
  type Baskets,
} from "../models/item-baskets.js";
import { itemsetBytes } from "../models/itemset-store.js";
import type { Purchases } from "../models/purchase-calendar.js";
import { sequenceStretches, type PurchaseSequence } from "../models/purchase-sequences.js";
import type { SideSettings } from "../models/rule-sides.js";
import { fractionOf, leastCount } from "../models/whole-thresholds.js";
import { withRests } from "../models/stretches.js";
import type { Pace, Rest } from "../pace.js";
import type { Warn } from "../warning.js";
import type { BasketsConfig } from "./baskets-config.js";
import {
  JOINT,
  refuseUnknown,
  unknownNames,
  warnOfAlike,
  warnOfJoint,
  warnOfUnknown,
  type UnknownName,
} from "./baskets-names.js";

/** What lay in which basket, numbered. */
export interface BasketItems {
  /** By item number; no two are equal. */
  readonly names: readonly string[];
  /** What the data and the files call each item, where that is not its name. */
  readonly codes?: readonly string[];
  /** The group that a heat map shows each item in; null where there is none. */
  readonly groups: readonly (string | null)[];
  readonly basketCount: number;
  readonly baskets: Float64Array;
  readonly items: Float64Array;
  /** Where they were cleaned before: that is not done twice. */
  readonly cleaned?: CleanBaskets;
}

/** Baskets of what is compared, and what was left out of them. */
export interface CleanBaskets {
  /** The items of the rows; -1 for what was left out. */
  readonly kept: Float64Array;
  readonly baskets: Baskets;
  readonly excluded: readonly LeftOut[];
  /** Items in nearly every basket. */
  readonly common: readonly LeftOut[];
  /** Baskets in which nothing is left; they are no baskets of what is compared. */
  readonly emptied: number;
  /** Huge baskets by the number of their items, largest first. */
  readonly huge: readonly number[];
}

/** What was bought with what, by whom, and what it brings. */
export interface BasketGoods extends BasketItems {
  /** What settings may leave out beside items and their groups: products, where items stand for several of them. */
  readonly parts?: { readonly products: readonly string[]; readonly categories: readonly string[] };
  /** What a product of the item brings that lies in a basket on a day, on the average; NaN where it is not known. */
  readonly margins: Float64Array;
  /** Who bought on which day; without it there are no sequences and nobody to offer anything to. */
  readonly buyers: Buyers | undefined;
}

/** For each row of the goods the customer, from 0, and the day. */
export interface Buyers {
  readonly customerCount: number;
  readonly customers: Float64Array;
  /** NaN where the day is not known. */
  readonly days: Float64Array;
  /** The last day that is known. */
  readonly lastDay: number;
}

/** A rule, and what it is worth. */
export interface ValuedRule extends AssociationRule {
  /** Of 100 customers with the left side, what those bring who take the right side. */
  readonly marginPerHundred: number;
  /** Customers with the left side who never bought the right one; NaN where customers are not known, and for all but the strongest rules. */
  readonly openCustomers: number;
}

/** An item or a basket that was left out. */
export interface LeftOut {
  readonly name: string;
  readonly count: number;
}

/** All that was found. */
export interface BasketStudy extends Omit<CleanBaskets, "kept"> {
  readonly goods: BasketGoods;
  readonly found: FrequentItemsets;
  /** What the support asked for is in whole counts. */
  readonly askedCount: number;
  /** Every rule that reaches support and confidence, the strongest first. */
  readonly rules: readonly ValuedRule[];
  /** Those to show: all, or without redundant ones and those not significant. */
  readonly shown: readonly ValuedRule[];
  /** Of those shown, the strongest, which were held against every customer; 0 where customers are not known. */
  readonly valuedCount: number;
  readonly testCount: number;
  /** Items of a rule at most, as the budget allows. */
  readonly mostItems: number;
  readonly sequences: readonly PurchaseSequence[];
  readonly sequenceTests: number;
  /** Items common enough for sequences, but beyond the number that is compared. */
  readonly sequenceLeftOut: number;
  /** What the settings would leave out, and is not there. */
  readonly unknown: readonly UnknownName[];
}

/**
 * Sets, rules and sequences of what was bought.
 *
 * @throws CrmError `usage` for an item that is not there, `data` when the goods themselves do not fit the budget
 */
export async function studyBaskets(
  goods: BasketGoods,
  config: BasketsConfig,
  pace: Pace,
): Promise<BasketStudy> {
  refuseUnknown(sidesOf(config), knownNames(goods));
  const { found, ruled, askedCount, ...cleaned } = await mineBaskets(goods, config, pace);
  const rules = await pace("rule_values", ruled.rules.length, (rest) =>
    valued(goods, { rules: ruled.rules, config }, rest),
  );
  const asked = { items: cleaned.kept, minCount: Math.max(1, askedCount), config };
  const followed = await pace("sequences", goods.items.length, (rest) => sequencesOf(goods, asked, rest));
  const isShown = ({ isRedundant, isSignificant }: ValuedRule) =>
    config.all_rules || (isSignificant && !isRedundant);
  const shown = rules.filter(isShown);
  return {
    ...cleaned,
    unknown: unknownExclusions(goods, config),
    goods,
    found,
    askedCount,
    ...ruled,
    rules,
    shown,
    valuedCount: goods.buyers === undefined ? 0 : Math.min(shown.length, MOST_VALUED),
    sequences: followed.sequences.filter(({ isSignificant }) => isSignificant || config.all_rules),
    sequenceTests: followed.testCount,
    sequenceLeftOut: followed.leftOutCount,
  };
}

/** Says what the settings would leave out and nobody bought, which items may be one, and that sets had to be commoner than asked to fit. */
export function warnOfStudy(
  { unknown, found, askedCount, goods }: BasketStudy,
  config: BasketsConfig,
  warn: Warn,
): void {
  warnOfUnknown(unknown, warn);
  warnOfAlike(goods.names, warn);
  warnOfJoint(goods.codes ?? goods.names, warn);
  const gaps = { asked: askedCount, count: found.minCount, budget: config.memory_mb };
  if (isRaised({ found, askedCount })) warn({ code: "support_raised", gaps });
  warnOfLength(found, config, warn);
}

/** Says that sets had to have fewer items than asked to fit. */
export function warnOfLength({ maxLength }: FrequentItemsets, config: BasketsConfig, warn: Warn): void {
  const gaps = { most: maxLength, budget: config.memory_mb };
  if (maxLength < (config.max_length ?? Infinity)) warn({ code: "sets_shortened", gaps });
}

/** True where sets had to be commoner than asked to fit the memory. */
export const isRaised = ({ found, askedCount }: Pick<BasketStudy, "found" | "askedCount">) =>
  found.minCount > Math.max(1, askedCount);

/** Baskets without what is left out, their sets and rules; `askedCount` is what the support comes to in whole counts. */
export async function mineBaskets(goods: BasketItems, config: BasketsConfig, pace: Pace) {
  const { cleaned = cleanBaskets(goods, config) } = goods;
  const { baskets } = cleaned;
  const askedCount = config.min_count ?? leastOf(config.min_support, baskets.basketCount);
  refuseTooLarge(baskets, config.memory_mb);
  const mined = await mineAndRule(goods, { baskets, config, pace }, Math.max(1, askedCount));
  return { ...cleaned, ...mined, askedCount };
}

/** The items asked for on either side. */
export const sidesOf = ({ left_with, left_without, right_with, right_without }: BasketsConfig) => ({
  left_with,
  left_without,
  right_with,
  right_without,
});

const leastOf = (support: number, total: number) => leastCount(fractionOf(support), total);

/** What settings may call the items, as data write them first. */
const knownNames = ({ names, codes = [] }: BasketItems) => [...new Set([...codes, ...names])];

/** What is excluded may be gone from the data: said, and no reason to stop. */
function unknownExclusions(goods: BasketGoods, config: BasketsConfig): UnknownName[] {
  const { groups, parts } = goods;
  const categories = groups.filter((group) => group !== null);
  return [
    ...unknownNames("excluded_items", config.excluded_items, [
      ...knownNames(goods),
      ...(parts?.products ?? []),
    ]),
    ...unknownNames("excluded_categories", config.excluded_categories, [
      ...new Set([...categories, ...(parts?.categories ?? [])]),
    ]),
  ];
}

/** What a row of the baskets takes with what is made of it while sets are looked for: 16 bytes measured with rare items, 28 with 30 items in half of the baskets, 39 with 24 in 90 %. */
const ROW_BYTES = 40;

/** What so many rows of baskets take, in MB. */
export const megabytesOf = (rowCount: number) => Math.ceil((rowCount * ROW_BYTES) / 1024 ** 2);

/** What baskets leave of the memory, in bytes: half of it for sets, all that these leave for rules. */
const bytesBeside = ({ items }: Baskets, { memory_mb }: BasketsConfig) =>
  memory_mb * 1024 ** 2 - items.length * ROW_BYTES;

/** What the sets of some baskets may take, in bytes. */
export const setBudget = (baskets: Baskets, config: BasketsConfig) => bytesBeside(baskets, config) / 2;

/** @throws CrmError `data` when the baskets themselves do not fit the budget */
export function refuseTooLarge({ items }: Baskets, memoryMb: number): void {
  const needed = megabytesOf(items.length);
  if (needed <= memoryMb) return;
  throw new CrmError(
    "data",
    `baskets memory_mb: the baskets alone take ${needed} MB, allowed are ${memoryMb}`,
    {
      hint: `allow ${needed * 2} or more`,
    },
  );
}

/** Baskets without what is excluded, without what lies in nearly every one, without huge and then empty ones; and the rows kept. */
export function cleanBaskets(goods: BasketItems, config: BasketsConfig): CleanBaskets {
  const { names, groups } = goods;
  const [items, categories] = [new Set(config.excluded_items), new Set(config.excluded_categories)];
  const isExcluded = names.map((name, item) => items.has(name) || categories.has(groups[item] ?? ""));
  const all = basketsOf(goods, { basketCount: goods.basketCount, itemCount: names.length });
  const counts = itemCounts(all);
  const listed = (isOut: (item: number) => boolean) =>
    names.flatMap((name, item) => (isOut(item) ? [{ name, count: counts[item]! }] : []));
  const most = fractionOf(config.common_share);
  const isCommon = (item: number) =>
    !isExcluded[item] &&
    names.length > 2 &&
    BigInt(counts[item]!) * most.denominator > most.numerator * BigInt(all.basketCount);
  const isOut = names.map((_, item) => isExcluded[item]! || isCommon(item));
  const isWhole = !isOut.includes(true);
  const kept = isWhole ? goods.items : goods.items.map((item) => (isOut[item] ? -1 : item));
  const sizes = { basketCount: goods.basketCount, itemCount: names.length };
  const baskets = isWhole ? all : basketsOf({ baskets: goods.baskets, items: kept }, sizes);
  const cut = withoutHuge(baskets, {
    mostItems: config.huge_basket_items,
    isCut: config.huge_baskets === "cut",
  });
  const filled = withoutEmpty(cut.baskets);
  return {
    kept: withoutHugeRows({ ...goods, items: kept }, cut, config.huge_baskets === "cut"),
    baskets: filled,
    emptied: cut.baskets.basketCount - filled.basketCount,
    excluded: listed((item) => isExcluded[item]!),
    common: listed(isCommon),
    huge: cut.huge.map((basket) => baskets.starts[basket + 1]! - baskets.starts[basket]!),
  };
}

/** The items of the rows; -1 in huge baskets, or for what was cut off there. */
function withoutHugeRows(
  { baskets, items }: Pick<BasketItems, "baskets" | "items">,
  { huge, baskets: left }: ReturnType<typeof withoutHuge>,
  isCut: boolean,
): Float64Array {
  if (huge.length === 0) return items;
  const leftIn = new Map(
    huge.map((basket) => [
      basket,
      new Set(isCut ? left.items.subarray(left.starts[basket], left.starts[basket + 1]) : []),
    ]),
  );
  return items.map((item, row) => (leftIn.get(baskets[row]!)?.has(item) === false ? -1 : item));
}

/** Sets whose rules of two items at least fit the budget. */
interface Fitting {
  readonly found: FrequentItemsets;
  readonly ruled: AssociationRules;
}

interface Mining {
  readonly baskets: Baskets;
  readonly config: BasketsConfig;
  readonly pace: Pace;
}

/** Sets and their rules; where not even the rules of two items fit the budget, those of a higher count. */
async function mineAndRule(goods: BasketItems, mining: Mining, minCount: number): Promise<Fitting> {
  const { baskets, config, pace } = mining;
  for (let found = await setsOf(mining, minCount); ; found = await rarerOut(found, mining)) {
    const mined = { baskets, found, config };
    const ruled = await pace("rules", found.size, (rest) => rulesOf(goods, mined, rest));
    if (ruled.mostItems > 1 || !found.lengths.some((length) => length > 1)) return { found, ruled };
  }
}

/** The sets of a count half as high again; looked for anew only where they may have more items than those found. */
function rarerOut(found: FrequentItemsets, mining: Mining): FrequentItemsets | Promise<FrequentItemsets> {
  const minCount = Math.ceil(found.minCount * 1.5);
  const isWhole = found.maxLength >= (mining.config.max_length ?? Infinity);
  return isWhole ? commonerItemsets(found, minCount) : setsOf(mining, minCount);
}

async function setsOf({ baskets, config, pace }: Mining, minCount: number): Promise<FrequentItemsets> {
  const stretches = itemsetStretches(baskets, {
    ...{ minCount, budgetBytes: setBudget(baskets, config) },
    ...(config.max_length === undefined ? {} : { maxLength: config.max_length }),
  });
  return pace("itemsets", baskets.basketCount, (rest) => withRests(stretches, rest));
}

interface Mined {
  readonly baskets: Baskets;
  readonly found: FrequentItemsets;
  readonly config: BasketsConfig;
}

/** What a rule takes with its measures and the sizes of baskets it is tested by, as it is told. */
export const RULE_BYTES = 4096;

async function rulesOf(
  goods: BasketItems,
  { baskets, found, config }: Mined,
  rest: Rest,
): Promise<AssociationRules> {
  const placesOf = (wanted: readonly string[]) => wanted.map((name) => goods.names.indexOf(name));
  const side = (required: readonly string[], excluded: readonly string[]): SideSettings => ({
    required: placesOf(required),
    excluded: placesOf(excluded),
  });
  const setBytes = found.lengths.reduce((sum, length) => sum + itemsetBytes(length), 0);
  const stretches = ruleStretches(baskets, found, {
    minConfidence: fractionOf(config.min_confidence),
    hasAllSplits: config.all_splits,
    antecedent: side(config.left_with, config.left_without),
    consequent: side(config.right_with, config.right_without),
    falseShare: config.false_share,
    mostRules: Math.floor((bytesBeside(baskets, config) - setBytes) / RULE_BYTES),
  });
  const { rules, testCount, mostItems } = await withRests(stretches, rest);
  const sorted = rules.toSorted(
    (a, b) => Math.round(b.lift * 1e9) - Math.round(a.lift * 1e9) || b.count - a.count || compareItems(a, b),
  );
  return { testCount, mostItems, rules: sorted };
}

/** Items are numbered in the byte order of their names. */
function compareItems(a: AssociationRule, b: AssociationRule): number {
  const [left, right] = [a, b].map(({ antecedent, consequent }) => [...antecedent, -1, ...consequent]) as [
    number[],
    number[],
  ];
  const at = left.findIndex((item, place) => item !== right[place]);
  return at < 0 ? 0 : left[at]! - (right[at] ?? -2);
}

/** More rules than these are not held against every customer. */
const MOST_VALUED = 2000;

/** Rules between two rests. */
const RULES_A_STRETCH = 1000;

async function valued(
  goods: BasketGoods,
  { rules, config }: { readonly rules: readonly AssociationRule[]; readonly config: BasketsConfig },
  rest: Rest,
): Promise<ValuedRule[]> {
  const { margins } = goods;
  const openOf = openCustomersOf(goods);
  const found: ValuedRule[] = [];
  let valuedCount = 0;
  for (const rule of rules) {
    if (found.length % RULES_A_STRETCH === 0) await rest();
    const isAsked = config.all_rules || (rule.isSignificant && !rule.isRedundant);
    const isValued = isAsked && valuedCount++ < MOST_VALUED;
    found.push({
      ...rule,
      marginPerHundred:
        100 * rule.confidence * rule.consequent.reduce((sum, item) => sum + margins[item]!, 0),
      openCustomers: isValued ? openOf(rule) : NaN,
    });
  }
  return found;
}

/** Tells how many customers have the left side of a rule and not the right; NaN where customers are not known. */
function openCustomersOf({ buyers, items, names }: BasketGoods): (rule: AssociationRule) => number {
  if (buyers === undefined) return () => NaN;
  const sizes = { basketCount: buyers.customerCount, itemCount: names.length };
  const holders = basketsByItem(basketsOf({ baskets: buyers.customers, items }, sizes));
  return ({ antecedent, consequent }) =>
    holdersOf(holders, antecedent).length - holdersOf(holders, [...antecedent, ...consequent]).length;
}

/** The rows of whom and of when something is known; without either nothing came before or after. */
function dated({ customers, days }: Buyers, items: Float64Array): Purchases {
  const isKnown = (_: number, row: number) => customers[row]! >= 0 && !Number.isNaN(days[row]!);
  if (customers.every(isKnown)) return { customers, days, items };
  return {
    customers: customers.filter(isKnown),
    days: days.filter(isKnown),
    items: items.filter(isKnown),
  };
}

interface Followed {
  /** The items of the rows; -1 for what was left out. */
  readonly items: Float64Array;
  readonly minCount: number;
  readonly config: BasketsConfig;
}

async function sequencesOf({ buyers }: BasketGoods, { items, minCount, config }: Followed, rest: Rest) {
  if (buyers === undefined) return { sequences: [], testCount: 0, leftOutCount: 0 };
  const stretches = sequenceStretches(dated(buyers, items), {
    withinDays: config.sequence_days,
    lastDay: buyers.lastDay,
    minCount,
    falseShare: config.false_share,
  });
  const { sequences, testCount, leftOutCount } = await withRests(stretches, rest);
  return {
    testCount,
    leftOutCount,
    sequences: sequences.toSorted((a, b) => b.lift - a.lift || a.first - b.first || a.second - b.second),
  };
}

/** Names of a set in byte order, as files join them. */
export function setName({ names }: BasketGoods, items: readonly number[]): string {
  return items
    .map((item) => names[item]!)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .join(JOINT);
}

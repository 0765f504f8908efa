import { binomialSumTail, type Trials } from "../math/binomial-sum.js";
import { Z_95 } from "../math/estimate.js";
import { falseDiscoveryRates } from "../math/false-discovery.js";
import { fisherUpperTail } from "../math/fisher-exact.js";
import { antecedentSizes, type SizeCounts } from "./antecedent-sizes.js";
import { fitBasketChance, type BasketChance, type ChancesBeside } from "./basket-chance.js";
import { itemsOf, placeOfSet, type FrequentItemsets } from "./frequent-itemsets.js";
import type { Baskets } from "./item-baskets.js";
import { confidencesOf, subsetsOf } from "./itemset-subsets.js";
import { leastCount, type Fraction } from "./whole-thresholds.js";

/** Which rules are wanted. */
export interface RuleSettings {
  /** Of the baskets with the left side, the share that has the right side at least; compared in whole counts. */
  readonly minConfidence: Fraction;
  /** True for several items on the right too; default: one. */
  readonly hasAllSplits?: boolean;
  readonly antecedent?: SideSettings;
  readonly consequent?: SideSettings;
  /** The share of false rules among the significant ones; default 0.05. */
  readonly falseShare?: number;
  /** So many rules at most: where more reach the confidence, sets of many items make none. Default: any number. */
  readonly mostRules?: number;
}

/** Items that one side must hold, or must not. */
export interface SideSettings {
  /** One of these at least; none given: any. */
  readonly required?: readonly number[];
  readonly excluded?: readonly number[];
}

/** A rule: who has the left side often has the right side too. */
export interface AssociationRule {
  /** Items as the baskets number them, ascending. */
  readonly antecedent: readonly number[];
  readonly consequent: readonly number[];
  /** Baskets with both sides, with the left, with the right. */
  readonly count: number;
  readonly antecedentCount: number;
  readonly consequentCount: number;
  readonly support: number;
  readonly confidence: number;
  readonly lift: number;
  /** Ends of its 95 % interval. */
  readonly liftLow: number;
  readonly liftHigh: number;
  readonly leverage: number;
  /** Infinity where every basket with the left side has the right one. */
  readonly conviction: number;
  /** Fisher's exact test, one-sided: it does not know that baskets differ in size. */
  readonly pValue: number;
  /** The likelihood of so many baskets where sizes and frequencies are kept and all else is chance. */
  readonly chancePValue: number;
  /**
   * Benjamini–Hochberg over all rules that could have been found, of `chancePValue`; or, where that is greater, of what
   * the rule adds to those with one item less on the left.
   */
  readonly qValue: number;
  /** A more general rule says as much. */
  readonly isRedundant: boolean;
  readonly isSignificant: boolean;
}

/** Rules by lift, and among how many they were looked for. */
export interface AssociationRules {
  readonly rules: readonly AssociationRule[];
  /** Frequent left sides times frequent right sides: all that could have been found. */
  readonly testCount: number;
  /** Items of the longest sets that made rules; sets of more would have made too many. */
  readonly mostItems: number;
}

const FALSE_SHARE = 0.05;

/** A rule before it is measured: places of its sets. */
interface Split {
  readonly whole: number;
  readonly antecedent: number;
  readonly consequent: number;
  readonly isRedundant: boolean;
}

/**
 * All rules of frequent sets that reach the least confidence, with what tells how far to trust them.
 *
 * A rule is significant when its q-value is at most the share of false rules and its lift is above 1.
 *
 * @see Agrawal & Srikant (1994), "Fast Algorithms for Mining Association Rules", VLDB; Hahsler (2015), "A Probabilistic Comparison of Commonly Used Interest Measures for Association Rules"
 */
export function associationRules(
  baskets: Baskets,
  found: FrequentItemsets,
  settings: RuleSettings,
): AssociationRules {
  const { splits, mostItems } =
    settings.hasAllSplits === true ? allSplits(found, settings) : singleSplits(found, settings);
  const tested = { splits, settings, mostItems };
  const { qValues, chancePValues, testCount } = significance(baskets, found, tested);
  const falseShare = settings.falseShare ?? FALSE_SHARE;
  const rules = splits.map((split, at) =>
    ruleOf(found, split, { chancePValue: chancePValues[at]!, qValue: qValues[at]!, falseShare }),
  );
  return { rules, testCount, mostItems };
}

/** At each number of items what all sets of so many come to; a single item makes no rule. */
function perLength(
  { lengths }: FrequentItemsets,
  countOf: (length: number, place: number) => number,
): number[] {
  const sums: number[] = [0, 0];
  lengths.forEach((length, place) => {
    if (length > 1) sums[length] = (sums[length] ?? 0) + countOf(length, place);
  });
  return sums;
}

/** How many items sets may have so that the rules are not too many, below 2 for none. */
function longestWithin(sums: readonly number[], limit = Infinity): number {
  let total = 0;
  const over = sums.findIndex((sum) => (total += sum) > limit);
  return over < 0 ? sums.length - 1 : over - 1;
}

/** Rules before they are measured, of sets of so many items at most. */
interface Splits {
  readonly splits: readonly Split[];
  readonly mostItems: number;
}

/** Of each set those rules with one item on the right that reach the least confidence. */
function singleSplits(found: FrequentItemsets, settings: RuleSettings): Splits {
  const { ranks, counts, lengths, size } = found;
  const leastOf = leastCounts(settings.minConfidence);
  const subsets = subsetsOf(found);
  const isConfident = (whole: number, antecedent: number) => counts[whole]! >= leastOf(counts[antecedent]!);
  const confident = perLength(found, (length, whole) => {
    let count = 0;
    for (let at = subsets.offsets[whole]!, left = length; left > 0; left--, at++)
      if (isConfident(whole, subsets.places[at]!)) count += 1;
    return count;
  });
  const mostItems = longestWithin(confident, settings.mostRules);
  const { own, general } = confidencesOf(found, subsets);
  const splits: Split[] = [];
  for (let whole = 0; whole < size; whole++) {
    if (lengths[whole]! < 2 || lengths[whole]! > mostItems) continue;
    const offset = subsets.offsets[whole]!;
    for (let at = 0; at < lengths[whole]!; at++) {
      const antecedent = subsets.places[offset + at]!;
      if (!isConfident(whole, antecedent)) continue;
      const consequent = ranks[itemAt(found, whole, at)]!;
      const isRedundant = general[offset + at]! >= own[offset + at]!;
      splits.push({ whole, antecedent, consequent, isRedundant });
    }
  }
  return { splits: allowedSplits(found, splits, settings), mostItems };
}

/** The item at a place of a set's path, the rarest at 0. */
function itemAt({ parents, items, lengths }: FrequentItemsets, place: number, at: number): number {
  let current = place;
  for (let steps = lengths[place]! - 1 - at; steps > 0; steps--) current = parents[current]!;
  return items[current]!;
}

/** Of each set those with any of its items on either side; all that are weighed count, for the number that there may be. */
function allSplits(found: FrequentItemsets, settings: RuleSettings): Splits {
  const mostItems = longestWithin(
    perLength(found, (length) => 2 ** length - 2),
    settings.mostRules,
  );
  const leastOf = leastCounts(settings.minConfidence);
  const splits: Split[] = [];
  for (let whole = 0; whole < found.size; whole++) {
    if (found.lengths[whole]! > mostItems) continue;
    const items = itemsOf(found, whole);
    for (let chosen = 1; chosen < 2 ** items.length - 1; chosen++) {
      const isLeft = (at: number) => Math.floor(chosen / 2 ** at) % 2 === 1;
      const left = items.filter((_, at) => isLeft(at));
      const right = items.filter((_, at) => !isLeft(at));
      const antecedent = placeOfSet(found, left);
      if (found.counts[whole]! < leastOf(found.counts[antecedent]!)) continue;
      const split = { whole, antecedent, consequent: placeOfSet(found, right) };
      splits.push({ ...split, isRedundant: isRedundantBySearch(found, { left, right, ...split }) });
    }
  }
  return { splits: allowedSplits(found, splits, settings), mostItems };
}

/** The same left sides come again and again. */
function leastCounts(minConfidence: Fraction): (antecedentCount: number) => number {
  const known = new Map<number, number>();
  return (antecedentCount) => {
    let least = known.get(antecedentCount);
    if (least === undefined) known.set(antecedentCount, (least = leastCount(minConfidence, antecedentCount)));
    return least;
  };
}

function allowedSplits(
  found: FrequentItemsets,
  splits: readonly Split[],
  { antecedent, consequent }: Pick<RuleSettings, "antecedent" | "consequent">,
): readonly Split[] {
  const [isLeft, isRight] = [sideTest(antecedent), sideTest(consequent)];
  return splits.filter(
    (split) =>
      isLeft(() => itemsOf(found, split.antecedent)) && isRight(() => itemsOf(found, split.consequent)),
  );
}

/** Tells whether items may make a side. */
function sideTest({ required = [], excluded = [] }: SideSettings = {}) {
  const [asked, barred] = [new Set(required), new Set(excluded)];
  return (itemsOfSide: () => readonly number[]): boolean => {
    if (asked.size === 0 && barred.size === 0) return true;
    const items = itemsOfSide();
    const isAsked = asked.size === 0 || items.some((item) => asked.has(item));
    return isAsked && !items.some((item) => barred.has(item));
  };
}

interface Sides {
  readonly whole: number;
  readonly antecedent: number;
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/** True where the same right side, and some of the left side's items but not all, have at least the confidence. */
function isRedundantBySearch(found: FrequentItemsets, { whole, antecedent, left, right }: Sides): boolean {
  const confidence = found.counts[whole]! / found.counts[antecedent]!;
  for (let chosen = 1; chosen < 2 ** left.length - 1; chosen++) {
    const fewer = left.filter((_, at) => Math.floor(chosen / 2 ** at) % 2 === 1);
    const both = found.counts[placeOfSet(found, [...fewer, ...right])]!;
    if (both / found.counts[placeOfSet(found, fewer)]! >= confidence) return true;
  }
  return false;
}

/**
 * p-values by the chance model, and q-values over all rules that could have been found. Each length of the left side gets
 * an equal part of the false rules allowed, so that the many long ones do not drown the short. A rule that passes must
 * also beat each rule with one item less on the left, or it adds nothing; that is tested among those that pass, and the
 * greater of the two q-values counts.
 *
 * @see Webb (2007), "Discovering Significant Patterns", Machine Learning 68 (productive rules), and (2008), "Layered critical values: a powerful direct-adjustment approach to discovering significant patterns", Machine Learning 71; two stages as in Yekutieli (2008), "Hierarchical False Discovery Rate-Controlling Methodology", JASA 103; weights as in Genovese, Roeder & Wasserman (2006), "False discovery control with p-value weighting", Biometrika 93
 */
function significance(
  baskets: Baskets,
  found: FrequentItemsets,
  {
    splits,
    settings,
    mostItems,
  }: { readonly splits: readonly Split[]; readonly settings: RuleSettings; readonly mostItems: number },
) {
  const testing: Testing = { baskets, found, chance: fitBasketChance(baskets) };
  const layers = layersOf(found, settings, mostItems);
  const testCount = [...layers.values()].reduce((sum, count) => sum + count, 0);
  const chancePValues = againstChance(testing, splits);
  const weighted = chancePValues.map((p, at) => {
    const own = layers.get(found.lengths[splits[at]!.antecedent]!)!;
    return Math.min(1, (p * own * layers.size) / testCount);
  });
  const qValues = falseDiscoveryRates(weighted, testCount);
  const falseShare = settings.falseShare ?? FALSE_SHARE;
  const passing = [...splits.keys()].filter((at) => qValues[at]! <= falseShare);
  const generalPValues = againstGeneral(
    testing,
    passing.map((at) => splits[at]!),
  );
  falseDiscoveryRates(generalPValues).forEach((rate, place) => {
    const at = passing[place]!;
    if (rate > qValues[at]!) qValues[at] = rate;
  });
  return { chancePValues, testCount, qValues };
}

/** For each length of a left side the rules that could have been found: each frequent one that fits with each right side that does. */
function layersOf(
  found: FrequentItemsets,
  { hasAllSplits, antecedent, consequent }: RuleSettings,
  mostItems: number,
): Map<number, number> {
  const isSingle = (place: number) => found.lengths[place] === 1;
  const singles = Array.from(found.lengths.keys()).filter(isSingle);
  const rights = new Set(singles.flatMap((place) => itemsOf(found, place)));
  const [isLeft, isRight] = [sideTest(antecedent), sideTest(consequent)];
  for (const item of rights) if (!isRight(() => [item])) rights.delete(item);
  const layers = new Map<number, number>();
  found.lengths.forEach((length, place) => {
    if (length >= mostItems) return;
    const items = itemsOf(found, place);
    if (!isLeft(() => items)) return;
    const open = rights.size - items.filter((item) => rights.has(item)).length;
    layers.set(length, (layers.get(length) ?? 0) + (hasAllSplits === true ? found.size : open));
  });
  return layers;
}

interface Testing {
  readonly baskets: Baskets;
  readonly found: FrequentItemsets;
  readonly chance: BasketChance;
}

/** For each rule the likelihood of so many baskets with both sides by chance, those with the left side taken as they are. */
function againstChance({ baskets, found, chance }: Testing, splits: readonly Split[]): Float64Array {
  const places = splits.map(({ antecedent }) => antecedent);
  const sizes = antecedentSizes(baskets, found, places);
  const pValues = new Float64Array(splits.length);
  const order = [...splits.keys()].sort((a, b) => places[a]! - places[b]! || a - b);
  let [last, beside]: [number, ChancesBeside | undefined] = [-1, undefined];
  for (const at of order) {
    const { whole, antecedent, consequent } = splits[at]!;
    const given = itemsOf(found, antecedent);
    if (beside === undefined || antecedent !== last) beside = chance.beside(given);
    last = antecedent;
    const sides = { given, wanted: itemsOf(found, consequent), beside };
    pValues[at] = binomialSumTail(found.counts[whole]!, trialsOf(chance, sizes.of(antecedent), sides));
  }
  return pValues;
}

/**
 * For each rule the greatest likelihood of so many baskets with both sides, were the right side as common with the left
 * side as it is without one of its items; NaN with one item on the left.
 */
function againstGeneral({ baskets, found, chance }: Testing, splits: readonly Split[]): Float64Array {
  const sides = splits.map(({ whole, antecedent, consequent }) => {
    const [given, wanted] = [itemsOf(found, antecedent), itemsOf(found, consequent)];
    const generals = given.length === 1 ? [] : given.map((item) => given.filter((other) => other !== item));
    return { whole, antecedent, given, wanted, generals };
  });
  const places = sides.flatMap(({ antecedent, generals }) => [
    antecedent,
    ...generals.map((items) => placeOfSet(found, items)),
  ]);
  const sizes = antecedentSizes(baskets, found, places);
  return Float64Array.from(sides, ({ whole, antecedent, given, wanted, generals }) => {
    const trials = (place: number, items: readonly number[]) =>
      trialsOf(chance, sizes.of(place), { given: items, wanted, beside: chance.beside(items) });
    const own = trials(antecedent, given);
    const tails = generals.map((items) => {
      const general = trials(placeOfSet(found, items), items);
      const shift = shiftTo(general, found.counts[placeOfSet(found, [...items, ...wanted])]!);
      const probabilities = own.probabilities.map((p) => shifted(p, shift));
      return binomialSumTail(found.counts[whole]!, { ...own, probabilities });
    });
    return tails.length === 0 ? NaN : Math.max(...tails);
  });
}

/** Items of a basket that are taken as they are, those that are asked for, and what the first of these depends on. */
interface ChanceSides {
  readonly given: readonly number[];
  readonly wanted: readonly number[];
  readonly beside: ChancesBeside;
}

/** Baskets with the given items by size, and the chance that one of a size holds the wanted ones too. */
function trialsOf(
  chance: BasketChance,
  { counts, from }: ReturnType<SizeCounts["of"]>,
  { given, wanted, beside }: ChanceSides,
): Trials {
  const probabilities = beside(wanted[0]!, from);
  for (let place = 1; place < wanted.length; place++) {
    const further = chance.beside([...given, ...wanted.slice(0, place)])(wanted[place]!, from);
    for (let at = 0; at < further.length; at++) probabilities[at]! *= further[at]!;
  }
  return { counts, probabilities, size: counts.length };
}

const MOST_SHIFT = 40;
const HALVINGS = 50;

/** How far the log-odds of all trials must move for so many hits to be expected. */
function shiftTo({ counts, probabilities }: Trials, hits: number): number {
  let [low, high] = [-MOST_SHIFT, MOST_SHIFT];
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    let mean = 0;
    for (let at = 0; at < counts.length; at++) mean += counts[at]! * shifted(probabilities[at]!, middle);
    if (mean < hits) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const shifted = (p: number, shift: number) =>
  p <= 0 || p >= 1 ? p : 1 / (1 + ((1 - p) / p) * Math.exp(-shift));

/** How sure a rule is, and how sure it must be. */
interface Surety {
  readonly chancePValue: number;
  readonly qValue: number;
  readonly falseShare: number;
}

function ruleOf(found: FrequentItemsets, split: Split, surety: Surety): AssociationRule {
  const { counts, basketCount: total } = found;
  const [count, left, right] = [counts[split.whole]!, counts[split.antecedent]!, counts[split.consequent]!];
  const confidence = count / left;
  const lift = (count * total) / (left * right);
  const reach = Z_95 * logLiftError({ count, left, right, total });
  return {
    antecedent: itemsOf(found, split.antecedent).sort((a, b) => a - b),
    consequent: itemsOf(found, split.consequent).sort((a, b) => a - b),
    count,
    antecedentCount: left,
    consequentCount: right,
    support: count / total,
    confidence,
    lift,
    liftLow: lift * Math.exp(-reach),
    liftHigh: lift * Math.exp(reach),
    leverage: count / total - (left / total) * (right / total),
    conviction: count === left ? Infinity : (1 - right / total) / (1 - confidence),
    pValue: fisherUpperTail(count, { total, marked: right, drawn: left }),
    chancePValue: surety.chancePValue,
    qValue: surety.qValue,
    isRedundant: split.isRedundant,
    isSignificant: surety.qValue <= surety.falseShare && lift > 1,
  };
}

/**
 * Standard error of the logarithm of the lift, by the delta method on the four counts of baskets with both, one and none.
 *
 * @see Agresti (2013), Categorical Data Analysis, 3rd ed., 16.1
 */
function logLiftError(counts: {
  readonly count: number;
  readonly left: number;
  readonly right: number;
  readonly total: number;
}): number {
  const { count, left, right, total } = counts;
  const both = 1 / count - 1 / left - 1 / right;
  const squares = count * both ** 2 + (left - count) / left ** 2 + (right - count) / right ** 2;
  return Math.sqrt(Math.max(0, squares - 1 / total));
}

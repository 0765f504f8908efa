import { Z_95 } from "../math/estimate.js";
import { itemsOf, placeOfSet, type FrequentItemsets } from "./frequent-itemsets.js";
import type { Baskets } from "./item-baskets.js";
import { confidencesOf, subsetsOf } from "./itemset-subsets.js";
import { sideTest, type SideWishes } from "./rule-sides.js";
import { significance, type Split } from "./rule-significance.js";
import { inOneGo, type Stretches } from "./stretches.js";
import { leastCount, type Fraction } from "./whole-thresholds.js";

/** Which rules are wanted. */
export interface RuleSettings extends SideWishes {
  /** Of the baskets with the left side, the share that has the right side at least; compared in whole counts. */
  readonly minConfidence: Fraction;
  /** True for several items on the right too; default: one. */
  readonly hasAllSplits?: boolean;
  /** The share of false rules among the significant ones; default 0.05. */
  readonly falseShare?: number;
  /** So many rules at most: where more reach the confidence, sets of many items make none. Default: any number. */
  readonly mostRules?: number;
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

/** Rules that are written down between pauses. */
const STRETCH_RULES = 1024;

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
  return inOneGo(ruleStretches(baskets, found, settings));
}

/** {@link associationRules} in stretches, with a pause behind each. */
export function* ruleStretches(
  baskets: Baskets,
  found: FrequentItemsets,
  settings: RuleSettings,
): Stretches<AssociationRules> {
  const { splits, mostItems } =
    settings.hasAllSplits === true ? allSplits(found, settings) : singleSplits(found, settings);
  const falseShare = settings.falseShare ?? FALSE_SHARE;
  const search = { ...settings, splits, mostItems, falseShare };
  const { testCount, ...of } = yield* significance(baskets, found, search);
  const rules: AssociationRule[] = [];
  for (const [at, split] of splits.entries()) {
    if (at % STRETCH_RULES === 0) yield;
    const [pValue, chancePValue, qValue] = [of.pValues[at]!, of.chancePValues[at]!, of.qValues[at]!];
    rules.push(ruleOf(found, split, { pValue, chancePValue, qValue, falseShare }));
  }
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
  { antecedent, consequent }: SideWishes,
): readonly Split[] {
  const [isLeft, isRight] = [sideTest(antecedent), sideTest(consequent)];
  return splits.filter(
    (split) =>
      isLeft(() => itemsOf(found, split.antecedent)) && isRight(() => itemsOf(found, split.consequent)),
  );
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

/** How sure a rule is, and how sure it must be. */
interface Surety {
  readonly pValue: number;
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
    pValue: surety.pValue,
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

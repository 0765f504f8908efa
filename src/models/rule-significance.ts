import { binomialSumTail, type Trials } from "../math/binomial-sum.js";
import { falseDiscoveryRates } from "../math/false-discovery.js";
import { fisherUpperTail } from "../math/fisher-exact.js";
import { antecedentSizes, type SizeCounts } from "./antecedent-sizes.js";
import { fitBasketChance, type BasketChance, type ChancesBeside } from "./basket-chance.js";
import { itemsOf, placeOfSet, type FrequentItemsets } from "./frequent-itemsets.js";
import type { Baskets } from "./item-baskets.js";
import { sideTest, type SideWishes } from "./rule-sides.js";
import type { Stretches } from "./stretches.js";

/** A rule before it is measured: places of its sets. */
export interface Split {
  readonly whole: number;
  readonly antecedent: number;
  readonly consequent: number;
  readonly isRedundant: boolean;
}

/** Rules that were found, and how they were looked for. */
export interface RuleSearch extends SideWishes {
  readonly splits: readonly Split[];
  /** True where several items may be on the right. */
  readonly hasAllSplits?: boolean;
  /** Items of a rule at most. */
  readonly mostItems: number;
  /** The share of false rules among the significant ones. */
  readonly falseShare: number;
}

/** Rules that are tested between pauses. */
const STRETCH_RULES = 64;
/** Rules whose sides are looked up between pauses. */
const STRETCH_SIDES = 1024;

/** For each rule found its p-values and its q-value, and among how many rules it was looked for. */
export interface Significance {
  /** By Fisher's exact test, which takes all baskets for equal. */
  readonly pValues: Float64Array;
  readonly chancePValues: Float64Array;
  readonly qValues: Float64Array;
  readonly testCount: number;
}

/**
 * p-values by the chance model, and q-values over all rules that could have been found. Each length of the left side gets
 * an equal part of the false rules allowed, so that the many long ones do not drown the short. A rule must hold by Fisher's
 * test as well, for where baskets hold one of several substitutes all else looks drawn together; and it must beat each rule
 * with one item less on the left, or it adds nothing: of the three p-values the greatest makes the q-value.
 *
 * @see Webb (2007), "Discovering Significant Patterns", Machine Learning 68 (productive rules), and (2008), "Layered critical values: a powerful direct-adjustment approach to discovering significant patterns", Machine Learning 71; of tests that must all hold as in Berger (1982), "Multiparameter Hypothesis Testing and Acceptance Sampling", Technometrics 24(4); weights as in Genovese, Roeder & Wasserman (2006), "False discovery control with p-value weighting", Biometrika 93
 */
export function* significance(
  baskets: Baskets,
  found: FrequentItemsets,
  search: RuleSearch,
): Stretches<Significance> {
  const { splits, falseShare } = search;
  yield;
  const testing: Testing = { baskets, found, chance: fitBasketChance(baskets) };
  const layers = layersOf(found, search);
  const testCount = [...layers.values()].reduce((sum, count) => sum + count, 0);
  yield;
  const pValues = yield* againstIndependence(found, splits);
  const chancePValues = yield* againstChance(testing, splits);
  const greatest = chancePValues.map((p, at) => Math.max(p, pValues[at]!));
  const weights = splits.map(({ antecedent }) => {
    const own = layers.get(found.lengths[antecedent]!)!;
    return (own * layers.size) / testCount;
  });
  const ratesNow = () =>
    falseDiscoveryRates(
      greatest.map((p, at) => Math.min(1, p * weights[at]!)),
      testCount,
    );
  yield;
  const rates = ratesNow();
  yield;
  const passing = [...splits.keys()].filter((at) => rates[at]! <= falseShare);
  const general = yield* againstGeneral(
    testing,
    passing.map((at) => splits[at]!),
  );
  general.forEach((p, place) => {
    const at = passing[place]!;
    if (p > greatest[at]!) greatest[at] = p;
  });
  yield;
  return { pValues, chancePValues, testCount, qValues: ratesNow() };
}

/** For each length of a left side the rules that could have been found: each frequent one that fits with each right side that does. */
function layersOf(
  found: FrequentItemsets,
  { hasAllSplits, antecedent, consequent, mostItems }: RuleSearch,
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

/** For each rule the likelihood of so many baskets with both sides, were one independent of the other. */
function* againstIndependence(
  { counts, basketCount }: FrequentItemsets,
  splits: readonly Split[],
): Stretches<Float64Array> {
  const pValues = new Float64Array(splits.length);
  for (const [at, { whole, antecedent, consequent }] of splits.entries()) {
    if (at % STRETCH_RULES === 0) yield;
    const drawn = { total: basketCount, marked: counts[consequent]!, drawn: counts[antecedent]! };
    pValues[at] = fisherUpperTail(counts[whole]!, drawn);
  }
  return pValues;
}

/** For each rule the likelihood of so many baskets with both sides by chance, those with the left side taken as they are. */
function* againstChance(
  { baskets, found, chance }: Testing,
  splits: readonly Split[],
): Stretches<Float64Array> {
  const places = splits.map(({ antecedent }) => antecedent);
  const sizes = yield* antecedentSizes(baskets, found, places);
  const pValues = new Float64Array(splits.length);
  const order = [...splits.keys()].sort((a, b) => places[a]! - places[b]! || a - b);
  let [last, beside]: [number, ChancesBeside | undefined] = [-1, undefined];
  for (const [place, at] of order.entries()) {
    if (place % STRETCH_RULES === 0) yield;
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
function* againstGeneral(
  { baskets, found, chance }: Testing,
  splits: readonly Split[],
): Stretches<Float64Array> {
  const sides: GeneralSides[] = [];
  const places: number[] = [];
  for (const [at, split] of splits.entries()) {
    if (at % STRETCH_SIDES === 0) yield;
    const own = generalSides(found, split);
    sides.push(own);
    places.push(split.antecedent, ...own.generals.map((items) => placeOfSet(found, items)));
  }
  yield;
  const sizes = yield* antecedentSizes(baskets, found, places);
  const pValues = new Float64Array(splits.length).fill(NaN);
  for (const [at, { whole, antecedent, given, wanted, generals }] of sides.entries()) {
    if (at % STRETCH_RULES === 0) yield;
    const trials = (place: number, items: readonly number[]) =>
      trialsOf(chance, sizes.of(place), { given: items, wanted, beside: chance.beside(items) });
    const own = trials(antecedent, given);
    const tails = generals.map((items) => {
      const general = trials(placeOfSet(found, items), items);
      const shift = shiftTo(general, found.counts[placeOfSet(found, [...items, ...wanted])]!);
      const probabilities = own.probabilities.map((p) => shifted(p, shift));
      return binomialSumTail(found.counts[whole]!, { ...own, probabilities });
    });
    if (tails.length > 0) pValues[at] = Math.max(...tails);
  }
  return pValues;
}

/** A rule, and the left sides of those with one item less. */
interface GeneralSides extends Split {
  readonly given: readonly number[];
  readonly wanted: readonly number[];
  readonly generals: readonly (readonly number[])[];
}

function generalSides(found: FrequentItemsets, split: Split): GeneralSides {
  const [given, wanted] = [itemsOf(found, split.antecedent), itemsOf(found, split.consequent)];
  const generals = given.length === 1 ? [] : given.map((item) => given.filter((other) => other !== item));
  return { ...split, given, wanted, generals };
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

import { normalEstimate, UNKNOWN, Z_95, type Estimate } from "../math/estimate.js";
import { fisherBothTails } from "../math/fisher-exact.js";
import { studentTails } from "../math/student.js";
import { associationOf } from "./association.js";
import type { CategoryFeature, Feature, NumberFeature } from "./training-set.js";

/** How an attribute of the members of a group differs from that of all others. */
export type Difference = NumberDifference | WordDifference | WordsDifference;

interface Compared {
  readonly attribute: string;
  /** Members and others of whom it is known. */
  readonly memberCount: number;
  readonly otherCount: number;
  /** How likely chance alone makes it so large; NaN where there is too little to test. */
  readonly pValue: number;
}

/** Of a number: the difference of the means in standard deviations (Cohen's d). */
export interface NumberDifference extends Compared {
  readonly kind: "number";
  readonly memberMean: number;
  readonly otherMean: number;
  readonly effect: Estimate;
}

/** Of one word, null standing for not known: how many times higher the odds to be a member are with it. */
export interface WordDifference extends Compared {
  readonly kind: "word";
  readonly word: string | null;
  readonly memberShare: number;
  readonly otherShare: number;
  readonly effect: Estimate;
}

/** Of all words of an attribute together: Cramér's V. */
export interface WordsDifference extends Compared {
  readonly kind: "words";
  readonly effect: Estimate;
}

/** With fewer rows expected in any of its four cells, a word is tested exactly, and pooled with others in the test of all. */
const LEAST_EXPECTED = 5;
/** A word so rare that even the extreme could not be less likely is not tested: it could only water down the others. */
const LEAST_TELLING = 0.05;

/**
 * What sets the members of a group apart from the others: of each number one difference; of words one for all of them, then
 * one for each, the more frequent first.
 */
export function groupDifferences(features: readonly Feature[], isMember: Uint8Array): Difference[] {
  return features.flatMap((feature): Difference[] =>
    feature.kind === "number" ? [numberDifference(feature, isMember)] : wordDifferences(feature, isMember),
  );
}

interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

/**
 * Cohen's d with Hedges and Olkin's interval, and Welch's test of the means.
 *
 * @see Hedges & Olkin (1985), "Statistical Methods for Meta-Analysis", chapter 5, (14); Welch (1947), Biometrika 34
 */
function numberDifference({ name, values }: NumberFeature, isMember: Uint8Array): NumberDifference {
  const [others, members] = [0, 1].map((group) => momentsOf(values, isMember, group)) as [Moments, Moments];
  const found = {
    kind: "number" as const,
    attribute: name,
    memberMean: members.mean,
    otherMean: others.mean,
  };
  const counts = { memberCount: members.count, otherCount: others.count };
  const [n, m] = [members.count, others.count];
  const pooled = ((n - 1) * members.variance + (m - 1) * others.variance) / (n + m - 2);
  if (n < 2 || m < 2 || !(pooled > 0)) return { ...found, ...counts, pValue: NaN, effect: UNKNOWN };
  const distance = (members.mean - others.mean) / Math.sqrt(pooled);
  const error = Math.sqrt((n + m) / (n * m) + distance ** 2 / (2 * (n + m)));
  return {
    ...found,
    ...counts,
    pValue: welchTails(members, others),
    effect: normalEstimate(distance, error),
  };
}

function momentsOf(values: Float64Array, isMember: Uint8Array, group: number): Moments {
  let [count, mean, squares] = [0, 0, 0];
  for (let row = 0; row < values.length; row++) {
    if (isMember[row] !== group || !Number.isFinite(values[row]!)) continue;
    count += 1;
    const apart = values[row]! - mean;
    mean += apart / count;
    squares += apart * (values[row]! - mean);
  }
  return { count, mean: count === 0 ? NaN : mean, variance: squares / (count - 1) };
}

function welchTails(left: Moments, right: Moments): number {
  const [a, b] = [left, right].map(({ variance, count }) => variance / count) as [number, number];
  const freedom = (a + b) ** 2 / (a ** 2 / (left.count - 1) + b ** 2 / (right.count - 1));
  return studentTails((left.mean - right.mean) / Math.sqrt(a + b), freedom);
}

function wordDifferences(
  feature: CategoryFeature,
  isMember: Uint8Array,
): (WordsDifference | WordDifference)[] {
  const counts = wordCounts(feature, isMember);
  const memberCount = counts.reduce((sum, { member }) => sum + member, 0);
  const otherCount = isMember.length - memberCount;
  const { pValue, strength } = wholeOf(counts, memberCount, otherCount);
  const whole = { kind: "words" as const, attribute: feature.name, memberCount, otherCount, pValue };
  const words = counts.map(({ word, member, other }) => ({
    kind: "word" as const,
    attribute: feature.name,
    word,
    memberCount: member,
    otherCount: other,
    memberShare: member / memberCount,
    otherShare: other / otherCount,
    ...oddsOf([member, memberCount - member], [other, otherCount - other]),
  }));
  return [{ ...whole, effect: strength }, ...words];
}

function wordCounts({ categories, codes }: CategoryFeature, isMember: Uint8Array) {
  const counts = [...categories, null].map((word) => ({ word, member: 0, other: 0 }));
  codes.forEach((code, row) => {
    const count = counts[code < 0 ? categories.length : code]!;
    if (isMember[row] === 1) count.member += 1;
    else count.other += 1;
  });
  const total = ({ member, other }: (typeof counts)[number]) => member + other;
  return counts
    .filter((count) => total(count) > 0)
    .toSorted((a, b) => total(b) - total(a) || ((a.word ?? "") < (b.word ?? "") ? -1 : 1));
}

interface WordCount {
  readonly member: number;
  readonly other: number;
}

/** All words together, the rare ones as one; of two words where one is rare, by the exact test of it. */
function wholeOf(
  counts: readonly WordCount[],
  memberCount: number,
  otherCount: number,
): { pValue: number; strength: Estimate } {
  const share = Math.min(memberCount, otherCount) / (memberCount + otherCount);
  const isCommon = (total: number) => total * share >= LEAST_EXPECTED;
  const totals = counts.map(({ member, other }) => member + other);
  let keptCount = totals.filter(isCommon).length;
  const restOf = () => totals.slice(keptCount).reduce((sum, total) => sum + total, 0);
  while (keptCount > 0 && restOf() > 0 && !isCommon(restOf())) keptCount -= 1;
  const rest = counts.slice(keptCount);
  const pooled = [
    ...counts.slice(0, keptCount).map(({ member, other }) => [member, other]),
    ...(rest.length === 0
      ? []
      : [
          [
            rest.reduce((sum, { member }) => sum + member, 0),
            rest.reduce((sum, { other }) => sum + other, 0),
          ],
        ]),
  ];
  if (pooled.length > 1) return associationOf(pooled);
  const { strength } = associationOf(counts.map(({ member, other }) => [member, other]));
  const [first] = counts;
  if (counts.length !== 2 || first === undefined) return { pValue: NaN, strength };
  const cells = [first.member, memberCount - first.member, first.other, otherCount - first.other] as const;
  return { pValue: wordTails([cells[0], cells[1]], [cells[2], cells[3]]), strength };
}

type Cells = readonly [withWord: number, without: number];

/**
 * The odds ratio with Woolf's interval, half a row added to each cell where one is empty, and Pearson's test, or Fisher's
 * where little is expected.
 *
 * @see Woolf (1955), Annals of Human Genetics 19; Haldane (1956), ibid. 20
 */
function oddsOf(members: Cells, others: Cells): { effect: Estimate; pValue: number } {
  const cells = [...members, ...others];
  const isEmpty = cells.some((count) => count === 0);
  const [a, b, c, d] = cells.map((count) => count + (isEmpty ? 0.5 : 0)) as [number, number, number, number];
  const odds = Math.log((a * d) / (b * c));
  const reach = Z_95 * Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d);
  const effect = { estimate: Math.exp(odds), low: Math.exp(odds - reach), high: Math.exp(odds + reach) };
  return { effect, pValue: wordTails(members, others) };
}

/** How likely chance alone parts members and others so unevenly by a word; NaN where it could not but be likely. */
function wordTails(members: Cells, others: Cells): number {
  if (isCommonEnough(members, others)) return associationOf([members, others]).pValue;
  const [marked, unmarked] = [members, others].map(([having, without]) => having + without) as [
    number,
    number,
  ];
  const drawn = members[0] + others[0];
  const draw = { total: marked + unmarked, marked, drawn };
  const [least, most] = [Math.max(0, drawn - unmarked), Math.min(marked, drawn)];
  if (Math.min(fisherBothTails(least, draw), fisherBothTails(most, draw)) > LEAST_TELLING) return NaN;
  return fisherBothTails(members[0], draw);
}

function isCommonEnough(members: Cells, others: Cells): boolean {
  const [n, m] = [members, others].map(([having, without]) => having + without) as [number, number];
  const columns = [members[0] + others[0], members[1] + others[1]];
  return Math.min(...columns.flatMap((sum) => [(sum * n) / (n + m), (sum * m) / (n + m)])) >= LEAST_EXPECTED;
}

import { formatThreshold, formatValue, LANGUAGE_TAGS, type Locale } from "./format.js";
import type { Feature } from "./models/training-set.js";
import { EVERY_NUMBER, pathTo, type Split, type Tree } from "./models/tree.js";
import { leafContributions } from "./models/tree-contributions.js";
import { phrase } from "./phrase.js";
import type { Format, TreePicture, TreePictureNode } from "./section.js";
import type { Texts } from "./texts/index.js";

/** What a path through a tree asks of one feature, all its questions on it taken together. */
export type Condition = NumberCondition | CategoryCondition;

/** `above < x <= atMost`; an end that is not asked for is infinite. */
export interface NumberCondition {
  readonly kind: "number";
  readonly feature: string;
  readonly above: number;
  readonly atMost: number;
  /** True when a missing value takes the same path. */
  readonly takesMissing: boolean;
}

/** One of these words. */
export interface CategoryCondition {
  readonly kind: "category";
  readonly feature: string;
  readonly words: readonly string[];
  /** True when a missing value, or a word never seen, takes the same path. */
  readonly takesMissing: boolean;
}

/** Whose words these are, and what is known of the features. */
export interface Wording {
  readonly texts: Texts["churn"]["tree"];
  readonly locale: Locale;
  /** Features with missing values; of others nothing is said about them. */
  readonly missing: ReadonlySet<string>;
  /** Features whose numbers are all whole: at most 16 says as much as at most 16.5. */
  readonly whole?: ReadonlySet<string>;
  /** How the numbers of a feature are shown; plain where it is not known. */
  readonly formats?: ReadonlyMap<string, Format>;
  /** Of a feature and a threshold, the roundest number that parts its values alike. */
  readonly roundest?: (feature: string, threshold: number) => number;
}

/** What words must know of the features: those with missing values, those of whole numbers, and where values lie. */
export function wordedFeatures(
  features: readonly Feature[],
): Pick<Wording, "missing" | "whole" | "roundest"> {
  const namesWhere = (isSo: (feature: Feature) => boolean) =>
    new Set(features.filter(isSo).map(({ name }) => name));
  return {
    missing: namesWhere((feature) =>
      feature.kind === "number" ? feature.values.some(Number.isNaN) : feature.codes.some((code) => code < 0),
    ),
    whole: namesWhere(
      (feature) =>
        feature.kind === "number" &&
        feature.values.every((value) => Number.isNaN(value) || Number.isInteger(value)),
    ),
    roundest: (name, threshold) => {
      const feature = features.find((known) => known.name === name);
      return feature?.kind === "number" ? roundestBetween(feature.values, threshold) : threshold;
    },
  };
}

/** The number of fewest digits, near the threshold, that leaves the same values at most it and above it. */
function roundestBetween(values: Float64Array, threshold: number): number {
  let [below, above] = [-Infinity, Infinity];
  for (const value of values)
    if (value <= threshold) below = Math.max(below, value);
    else if (value > threshold) above = Math.min(above, value);
  for (let digits = 1; digits <= MOST_DIGITS; digits++) {
    const rounded = Number(threshold.toPrecision(digits));
    if (rounded >= below && rounded < above) return rounded;
  }
  return threshold;
}

const MOST_DIGITS = 15;

/** What a tree's features and words are called. */
export interface Titles {
  readonly titleOf: (feature: string) => string;
  readonly wordOf: (feature: string, word: string) => string;
}

/** The same tree in people's words; it no longer scores. */
export function titledTree({ nodes }: Pick<Tree, "nodes">, { titleOf, wordOf }: Titles): Tree {
  const titled = (split: Split): Split => {
    const feature = titleOf(split.feature);
    if (split.kind !== "category") return { ...split, feature };
    const wordsOf = (words: readonly string[]) => words.map((word) => wordOf(split.feature, word));
    return {
      ...split,
      feature,
      leftCategories: wordsOf(split.leftCategories),
      rightCategories: wordsOf(split.rightCategories),
    };
  };
  return {
    nodes: nodes.map(({ split, ...node }) =>
      split === undefined ? node : { ...node, split: titled(split) },
    ),
  };
}

/** What leads to a node, a condition a feature, in the order in which the features are first asked for. */
export function conditionsOf(tree: Tree, place: number): Condition[] {
  const path = pathTo(tree, place);
  const conditions = new Map<string, Condition>();
  path.slice(1).forEach((child, i) => {
    const parent = tree.nodes[path[i]!]!;
    const { split } = parent;
    if (split === undefined) return;
    const answer = conditionOf(split, parent.left === child);
    conditions.set(split.feature, narrowed(conditions.get(split.feature), answer));
  });
  return [...conditions.values()];
}

/** What one answer to a question says. */
function conditionOf(split: Split, isLeft: boolean): Condition {
  const takesMissing = split.missingGoesLeft === isLeft;
  const { feature } = split;
  if (split.kind === "category")
    return {
      kind: "category",
      feature,
      words: isLeft ? split.leftCategories : split.rightCategories,
      takesMissing,
    };
  const cut = split.threshold === EVERY_NUMBER ? Infinity : split.threshold;
  const [above, atMost] = isLeft ? [-Infinity, cut] : [cut, Infinity];
  return { kind: "number", feature, above, atMost, takesMissing };
}

/** Of words, those that a node asks about are all that come to it. */
function narrowed(known: Condition | undefined, answer: Condition): Condition {
  if (known === undefined) return answer;
  const takesMissing = known.takesMissing && answer.takesMissing;
  if (known.kind === "category" || answer.kind === "category") return { ...answer, takesMissing };
  return {
    ...answer,
    above: Math.max(known.above, answer.above),
    atMost: Math.min(known.atMost, answer.atMost),
    takesMissing,
  };
}

/** A number as a sentence has it: six digits tell thresholds apart, and years stay years. */
export function plainNumber(value: number, { language }: Locale): string {
  return new Intl.NumberFormat(LANGUAGE_TAGS[language], {
    maximumSignificantDigits: 6,
    useGrouping: "min2",
  }).format(value);
}

/** Words named before the rest is only counted. */
const MOST_WORDS = 6;

/** A condition as it stands in a sentence: `tenure over 3 and at most 9`. */
export function conditionText(condition: Condition, wording: Wording): string {
  const { texts, missing } = wording;
  const { feature } = condition;
  if (isEmpty(condition)) return phrase(texts.isUnknown, { feature });
  const text =
    condition.kind === "category"
      ? phrase(texts.isOneOf, { feature, words: wordsText(condition.words, texts) })
      : rangeText(condition, wording);
  return condition.takesMissing && missing.has(feature) ? phrase(texts.orUnknown, { condition: text }) : text;
}

/** True when nothing but a missing value fits. */
const isEmpty = (condition: Condition) =>
  condition.kind === "category" ? condition.words.length === 0 : condition.above === Infinity;

function rangeText(condition: NumberCondition, wording: Wording): string {
  const { texts } = wording;
  const { feature, above, atMost } = condition;
  const { low, high, isWhole } = endsOf(condition, wording);
  if (above === -Infinity && atMost === Infinity) return phrase(texts.isKnown, { feature });
  if (above === -Infinity) return phrase(texts.atMost, { feature, high });
  if (atMost === Infinity) return phrase(isWhole ? texts.from : texts.over, { feature, low });
  if (low === high) return phrase(texts.has, { feature, value: low });
  return phrase(isWhole ? texts.fromTo : texts.between, { feature, low, high });
}

/** The ends of a range as texts; of whole numbers, those that lie in it. */
function endsOf({ feature, above, atMost }: NumberCondition, wording: Wording) {
  const { whole, formats, locale, roundest = (_, threshold) => threshold } = wording;
  const isWhole = whole?.has(feature) === true;
  const [low, high] = isWhole
    ? [Math.floor(above) + 1, Math.floor(atMost)]
    : [roundest(feature, above), roundest(feature, atMost)];
  const format = formats?.get(feature);
  const textOf = (value: number) =>
    format === undefined ? plainNumber(value, locale) : formatThreshold(value, format, locale);
  return { low: textOf(low), high: textOf(high), isWhole };
}

function wordsText(words: readonly string[], texts: Wording["texts"]): string {
  if (words.length <= 2) return words.join(texts.or);
  if (words.length <= MOST_WORDS)
    return [words.slice(0, -1).join(texts.listed), words.at(-1)!].join(texts.or);
  const named = words.slice(0, MOST_WORDS - 1).join(texts.listed);
  return phrase(texts.more, { words: named, count: words.length - MOST_WORDS + 1 });
}

/** All that leads to a node, as one clause. */
export function pathText(tree: Tree, place: number, wording: Wording): string {
  const conditions = conditionsOf(tree, place).map((condition) => conditionText(condition, wording));
  return conditions.length === 0 ? wording.texts.everyone : conditions.join(wording.texts.and);
}

/** The customers who come to a node of a tree. */
export interface Share {
  readonly count: number;
  /** Share of them that leaves, 0–1. */
  readonly risk: number;
  /** Money beside it; NaN when it is not known. */
  readonly money: number;
}

/** A leaf as a sentence: its conditions, how many customers it holds, how many of them leave, and their money. */
export function ruleText(
  conditions: string,
  { count, risk, money }: Share,
  { texts, locale }: Wording,
): string {
  return phrase(Number.isNaN(money) ? texts.rule : texts.ruleMoney, {
    conditions,
    count: formatValue(count, "integer", locale),
    risk: formatValue(risk, "percent", locale),
    money: formatValue(money, "money", locale),
  });
}

/** The conditions on the way to a leaf that raised its probability, the strongest first. */
export function leafReasons(tree: Tree, leaf: number, wording: Wording): string[] {
  return raisingConditions(tree, leaf).map((condition) => conditionText(condition, wording));
}

/** As {@link leafReasons}, not in words yet. */
export function raisingConditions(tree: Tree, leaf: number): Condition[] {
  const conditions = conditionsOf(tree, leaf);
  return leafContributions(tree, leaf)
    .filter(({ amount }) => amount > 0)
    .map(({ feature }) => conditions.find((condition) => condition.feature === feature)!);
}

/** A tree to show: `shares` are of its nodes, `numbers` what lists call its leaves. */
export function treePicture(
  { nodes }: Tree,
  { shares, numbers }: { shares: readonly Share[]; numbers: ReadonlyMap<number, number> },
  wording: Wording,
): Pick<TreePicture, "kind" | "nodes" | "headings"> {
  const { leaf, count, risk, money } = wording.texts;
  const hasMoney = shares.some((share) => !Number.isNaN(share.money));
  return {
    kind: "tree",
    nodes: nodes.map((node, place): TreePictureNode => {
      const number = numbers.get(place);
      const asked = nodes[node.parent]?.split;
      return {
        parent: node.parent,
        question: asked?.feature ?? wording.texts.everyone,
        answer:
          asked === undefined
            ? ""
            : branchText(conditionOf(asked, nodes[node.parent]!.left === place), wording),
        ...shares[place]!,
        ...(number === undefined ? {} : { leaf: number }),
      };
    }),
    headings: { leaf, count, risk, ...(hasMoney ? { money } : {}) },
  };
}

/** An answer as short as a branch has room for. */
function branchText(condition: Condition, wording: Wording): string {
  const { texts, missing } = wording;
  if (isEmpty(condition)) return texts.branchUnknown;
  const answer =
    condition.kind === "category" ? condition.words.join(texts.listed) : branchRangeText(condition, wording);
  const mayMiss = condition.takesMissing && missing.has(condition.feature);
  return mayMiss ? phrase(texts.branchOrUnknown, { answer }) : answer;
}

function branchRangeText(condition: NumberCondition, wording: Wording): string {
  const { branchAtMost, branchOver, branchFrom, branchKnown } = wording.texts;
  if (condition.above === -Infinity && condition.atMost === Infinity) return branchKnown;
  const { isWhole, ...ends } = endsOf(condition, wording);
  if (condition.above === -Infinity) return phrase(branchAtMost, ends);
  return phrase(isWhole ? branchFrom : branchOver, ends);
}

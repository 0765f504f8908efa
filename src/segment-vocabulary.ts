import { z } from "zod";
import { InBothLanguages, vocabularyPath } from "./vocabulary.js";
import type { Difference } from "./models/cluster-differences.js";
import { phrase } from "./phrase.js";
import type { Language } from "./texts/index.js";
import { readYaml } from "./yaml.js";

const bothWith = (...gaps: readonly string[]) =>
  InBothLanguages.refine(
    (texts) => Object.values(texts).every((text) => gaps.every((gap) => text.includes(`{${gap}}`))),
    { error: `write ${gaps.map((gap) => `{${gap}}`).join(" and ")} in each language` },
  );

const Vocabulary = z.strictObject({
  name: z.string().min(1),
  most_parts: z.int().min(1).max(4).default(2).describe("parts of a name, at most"),
  least_effect: z.number().gt(0).default(0.5).describe("standard deviations that a part needs"),
  joined: bothWith("first", "second").describe("two parts as one name"),
  middle: InBothLanguages.describe("where nothing sets a segment apart"),
  other: z
    .strictObject({
      high: bothWith("feature"),
      low: bothWith("feature"),
      word: bothWith("feature", "word"),
      unknown: bothWith("feature"),
    })
    .describe("for features that are not named"),
  features: z
    .record(z.string(), z.strictObject({ high: InBothLanguages.optional(), low: InBothLanguages.optional() }))
    .default({}),
  words: z.record(z.string(), z.record(z.string(), InBothLanguages)).default({}),
});
/** Words that segments are named with. */
export type SegmentVocabulary = z.output<typeof Vocabulary>;

/**
 * The vocabulary that ships with crm-analyze, or the user's own, by path.
 *
 * @param known names of features; a vocabulary that names another one is refused
 * @throws CrmError `configuration` when it is not there or not as it must be
 */
export function readSegmentVocabulary(
  nameOrPath: string,
  { directory, known }: { readonly directory: string; readonly known: readonly string[] },
): SegmentVocabulary {
  const unknown = {
    error: (issue: { input?: unknown }) => `unknown feature ${unknownOf(issue.input, known).join(", ")}`,
  };
  const isKnown = (names: object | undefined) => unknownOf(names, known).length === 0;
  const Checked = Vocabulary.extend({
    features: Vocabulary.shape.features.refine(isKnown, unknown),
    words: Vocabulary.shape.words.refine(isKnown, unknown),
  });
  return readYaml(vocabularyPath(nameOrPath, { directory, shipped: ["segments"] }), Checked);
}

const unknownOf = (names: unknown, known: readonly string[]) =>
  Object.keys(names ?? {}).filter((name) => !known.includes(name));

/** What a name is made of, in no language: parts such as `total_amount:high` or `customer_kind=company`. */
export type NameKey = string;

const [BETWEEN, OF_WORD] = ["|", "="];

/** A word is in a name only where so many of the segment have it, so many times as many as of all. */
const [MOST_HAVE, TIMES_ALL] = [0.6, 1.5];

/** A part of a name from what sets a segment apart; undefined for what it lacks, and for a word that few of it have. */
function partOf({ feature, word, effect, here, overall }: Difference): string | undefined {
  if (word === undefined)
    return effect > 0 === here > overall ? `${feature}:${effect > 0 ? "high" : "low"}` : undefined;
  if (here < MOST_HAVE || here < TIMES_ALL * overall) return undefined;
  return word === null ? `${feature}:unknown` : `${feature}${OF_WORD}${word.replaceAll(BETWEEN, " ")}`;
}

/** The parts that a name may have, the greatest effect first, one a feature. */
function partsOf(own: readonly Difference[], least: number): string[] {
  const parts = new Map<string, string>();
  for (const difference of own) {
    const part = Math.abs(difference.effect) >= least ? partOf(difference) : undefined;
    if (part !== undefined && !parts.has(difference.feature)) parts.set(difference.feature, part);
  }
  return [...parts.values()];
}

/** The parts of a key in an order that does not depend on how they were found: two names of the same words are one. */
const asSet = (key: NameKey) => key.split(BETWEEN).toSorted().join(BETWEEN);

/**
 * A key for each segment, all different whatever the order of their parts: more parts where two would be alike, then a
 * number.
 *
 * @param differences of each segment, those that people see in its figures
 */
export function nameKeys(
  differences: readonly (readonly Difference[])[],
  { most_parts: most, least_effect: least }: SegmentVocabulary,
  taken: readonly NameKey[] = [],
): NameKey[] {
  const used = new Map(taken.map((key) => [asSet(key), key]));
  return differences.map((own) => {
    const parts = partsOf(own, least);
    const lengths = Array.from({ length: Math.max(1, parts.length - most + 1) }, (_, i) => most + i);
    const candidates = lengths.map((length) => parts.slice(0, length).join(BETWEEN));
    const first = used.get(asSet(candidates[0]!)) ?? candidates[0]!;
    const numbered = Array.from({ length: 99 }, (_, i) =>
      [first, `#${i + 2}`].filter((part) => part !== "").join(BETWEEN),
    );
    const key = [...candidates.slice(0, 3), ...numbered].find((one) => !used.has(asSet(one)))!;
    used.set(asSet(key), key);
    return key;
  });
}

/** A name is kept while its parts have so much of the effect that a new one needs. */
const STILL = 0.6;

/** Whether a segment still is what its name says; a name that says nothing holds while nothing sets the segment apart. */
export function keyHolds(
  key: NameKey,
  own: readonly Difference[],
  { least_effect: least }: SegmentVocabulary,
): boolean {
  const named = key.split(BETWEEN).filter((part) => part !== "" && !/^#\d+$/.test(part));
  if (named.length === 0) return partsOf(own, least).length === 0;
  const parts = own.filter(({ effect }) => Math.abs(effect) >= STILL * least).map(partOf);
  return named.every((part) => parts.includes(part));
}

/** Whose words a name is told in. */
export interface NameWords {
  readonly vocabulary: SegmentVocabulary;
  readonly language: Language;
  /** What people call a feature. */
  readonly labelOf: (feature: string) => string;
  /** How people say a word of a feature. */
  readonly wordOf: (feature: string, word: string) => string;
}

/** The name of a segment. */
export function nameOf(key: NameKey, words: NameWords): string {
  const { vocabulary, language } = words;
  const parts = key.split(BETWEEN).filter((part) => part !== "");
  const named = parts.filter((part) => !/^#\d+$/.test(part)).map((part) => partName(part, words));
  const number = parts.find((part) => /^#\d+$/.test(part))?.slice(1);
  const name =
    named.length === 0
      ? vocabulary.middle[language]
      : named.reduce((first, second) =>
          phrase(vocabulary.joined[language], { first, second: lowered(second) }),
        );
  return number === undefined ? capital(name) : `${capital(name)} ${number}`;
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
/** Behind a comma a word that is written large only because it began a name is written small. */
const lowered = (text: string) =>
  /^[A-Z][a-z]/.test(text) ? text.slice(0, 1).toLowerCase() + text.slice(1) : text;

function partName(part: string, { vocabulary, language, labelOf, wordOf }: NameWords): string {
  const at = part.indexOf(OF_WORD);
  if (at >= 0) {
    const [feature, word] = [part.slice(0, at), part.slice(at + 1)];
    const own = vocabulary.words[feature]?.[word]?.[language];
    return (
      own ??
      phrase(vocabulary.other.word[language], {
        feature: labelOf(feature),
        word: wordOf(feature, word),
      })
    );
  }
  const [feature, side] = part.split(":") as [string, "high" | "low" | "unknown"];
  const own = side === "unknown" ? undefined : vocabulary.features[feature]?.[side]?.[language];
  return own ?? phrase(vocabulary.other[side][language], { feature: labelOf(feature) });
}

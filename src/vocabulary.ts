import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { CrmError } from "./errors.js";
import { MEASURES, type Measure } from "./models/rfm-scores.js";
import { packageRoot } from "./package.js";
import { LANGUAGES, type Language } from "./texts/index.js";
import { readYaml } from "./yaml.js";

/** A text in each language. */
export const InBothLanguages = z.strictObject(
  Object.fromEntries(LANGUAGES.map((language) => [language, z.string().min(1)])) as Record<
    Language,
    z.ZodString
  >,
);

const Range = z
  .union([z.int(), z.string().regex(/^\d+(-\d+)?$/, 'write a level or a range such as "4-5"')])
  .transform((text): LevelRange => {
    const [low, high] = String(text).split("-").map(Number) as [number, number?];
    return { low, high: high ?? low };
  });

interface LevelRange {
  readonly low: number;
  readonly high: number;
}

const Box = z.strictObject({
  recency: Range.optional(),
  frequency: Range.optional(),
  monetary: Range.optional(),
});
type Box = z.output<typeof Box>;

const Vocabulary = z.strictObject({
  name: z.string().min(1),
  levels: z.union([z.literal(5), z.literal(2)]).describe("5: scores; 2: above or below the middle"),
  middle: z.enum(["mean", "median"]).default("mean").describe("with two levels: what parts high from low"),
  segments: z.record(
    z.string().regex(/^[a-z][a-z0-9_]*$/, "use lower-case letters, digits and _"),
    z.strictObject({
      label: InBothLanguages,
      action: InBothLanguages.describe("what to do with such customers"),
      where: z.array(Box).min(1).describe("boxes of levels; a measure that is not named may have any"),
    }),
  ),
});
/** Names for every combination of levels of recency, frequency and money. */
export type Vocabulary = z.output<typeof Vocabulary>;

const SHIPPED = new URL("pipelines/vocabularies/", packageRoot);

/**
 * A vocabulary that ships with crm-analyze, by name, or the user's own, by path.
 *
 * @param directory where a relative path starts
 * @throws CrmError `configuration` when it is not there, or leaves a combination without a segment or with several
 */
export function readVocabulary(nameOrPath: string, directory: string): Vocabulary {
  const found = vocabularyPath(nameOrPath, { directory, shipped: ["english", "chinese-8"] });
  const vocabulary = readYaml(found, Vocabulary);
  proveWhole(vocabulary, found);
  return vocabulary;
}

/**
 * Where a vocabulary lies: one that ships, by name, or the user's own, by path.
 *
 * @throws CrmError `configuration` for a name that none ships under
 */
export function vocabularyPath(
  nameOrPath: string,
  { directory, shipped }: { readonly directory: string; readonly shipped: readonly string[] },
): string {
  const isName = /^[\w-]+$/.test(nameOrPath);
  if (!isName) return isAbsolute(nameOrPath) ? nameOrPath : join(directory, nameOrPath);
  if (shipped.includes(nameOrPath)) return fileURLToPath(new URL(`${nameOrPath}.yml`, SHIPPED));
  throw new CrmError(
    "configuration",
    `vocabulary: there is no "${nameOrPath}"; shipped ${shipped.length === 1 ? "is" : "are"} ${shipped.join(", ")}`,
    { hint: "or give the path of your own: vocabularies/mine.yml" },
  );
}

/** A level of each measure, 1 the lowest. */
export type Levels = Readonly<Record<Measure, number>>;

/** Every combination of levels lies in exactly one segment, or the mistake names the combinations. */
function proveWhole(vocabulary: Vocabulary, path: string): void {
  const homes = combinations(vocabulary.levels).map((levels) => ({
    levels,
    segments: segmentsOf(vocabulary, levels),
  }));
  const empty = homes.filter(({ segments }) => segments.length === 0);
  const shared = homes.filter(({ segments }) => segments.length > 1);
  const outside = rangesOutside(vocabulary);
  const problems = [
    ...outside.map((range) => `${path}: levels go from 1 to ${vocabulary.levels}, found ${range}`),
    ...(empty.length === 0
      ? []
      : [`${path}: ${empty.length} combinations have no segment: ${listed(empty)}`]),
    ...(shared.length === 0
      ? []
      : [`${path}: ${shared.length} combinations have several segments: ${listed(shared)}`]),
  ];
  if (problems.length > 0) {
    throw new CrmError("configuration", problems.join("\n"), {
      hint: "a combination is recency-frequency-monetary, e.g. 5-1-3; each must lie in exactly one segment",
    });
  }
}

function combinations(levels: number): Levels[] {
  const each = Array.from({ length: levels }, (_, i) => i + 1);
  return each.flatMap((recency) =>
    each.flatMap((frequency) => each.map((monetary) => ({ recency, frequency, monetary }))),
  );
}

function segmentsOf(vocabulary: Vocabulary, levels: Levels): string[] {
  const isIn = (box: Box) =>
    MEASURES.every((measure) => {
      const range = box[measure];
      return range === undefined || (levels[measure] >= range.low && levels[measure] <= range.high);
    });
  return Object.entries(vocabulary.segments)
    .filter(([, segment]) => segment.where.some(isIn))
    .map(([name]) => name);
}

function rangesOutside({ levels, segments }: Vocabulary): string[] {
  return Object.entries(segments).flatMap(([name, { where }]) =>
    where.flatMap((box) =>
      MEASURES.flatMap((measure) => {
        const range = box[measure];
        const isInside =
          range === undefined || (range.low >= 1 && range.high <= levels && range.low <= range.high);
        return isInside ? [] : [`${measure} ${range.low}-${range.high} in ${name}`];
      }),
    ),
  );
}

function listed(homes: readonly { levels: Levels; segments: readonly string[] }[]): string {
  const named = homes.slice(0, 12).map(({ levels, segments }) => {
    const combination = MEASURES.map((measure) => levels[measure]).join("-");
    return segments.length === 0 ? combination : `${combination} (${segments.join(", ")})`;
  });
  return named.join(", ") + (homes.length > 12 ? ", …" : "");
}

/** One combination of levels and what it is called. */
export interface NamedCombination extends Levels {
  readonly segment: string;
}

/** Every combination of levels with its segment: the vocabulary as rows to join. */
export function namedCombinations(vocabulary: Vocabulary): NamedCombination[] {
  return combinations(vocabulary.levels).map((levels) => ({
    ...levels,
    segment: segmentsOf(vocabulary, levels)[0]!,
  }));
}

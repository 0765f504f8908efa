import { numberSql, quoteText } from "../sql.js";
import { featureWeights, rangesOf } from "./feature-weights.js";
import type { Points } from "./points.js";
import type { CoordinateBlock } from "./points-without-clusters.js";
import type { CategoryFeature, Feature, NumberFeature } from "./training-set.js";

/** How features become coordinates. */
export interface PreparationSettings {
  /** auto: logarithms of both signs where they make a feature less skewed. */
  readonly transform: "auto" | "none";
  /** robust: by median and middle half; standard: by mean and deviation. */
  readonly scale: "robust" | "standard" | "none";
  /** alike: every feature like one number; related: by how much it has to do with others, and not at all where with none. */
  readonly weigh: "alike" | "related";
}

/** What is done to a number: missing ones become `fill`, then the logarithm where there is a unit, then the scale. */
export interface PreparedNumber {
  readonly kind: "number";
  readonly name: string;
  readonly fill: number;
  readonly missingShare: number;
  /** sign(x) · ln(1 + |x| / unit); null without a logarithm. */
  readonly unit: number | null;
  readonly skewness: number;
  readonly centre: number;
  readonly spread: number;
  /** Coordinates end here on both sides; null where they have no end. */
  readonly limit: number | null;
  /** The variance that its scaled values count with. */
  readonly weight: number;
}

/** What is done to words: a coordinate for each frequent one, of a height that gives all of them together their weight. */
export interface PreparedWords {
  readonly kind: "category";
  readonly name: string;
  /** null stands for the missing word. */
  readonly words: readonly (string | null)[];
  readonly height: number;
  /** The variance of all the coordinates together. */
  readonly weight: number;
}

/** One feature and what is done to it. */
export type PreparedFeature = PreparedNumber | PreparedWords;

/** Why a feature is not used. */
export type DropReason = "empty" | "constant" | "duplicate" | "collinear" | "many-words" | "unrelated";

/** A feature that is not used, and which other one says the same. */
export interface DroppedFeature {
  readonly name: string;
  readonly reason: DropReason;
  readonly like?: string;
}

/** How rows become points. */
export interface Preparation {
  readonly features: readonly PreparedFeature[];
  readonly dropped: readonly DroppedFeature[];
  /** Features that weigh like the others although they have to do with none of them, while others do. */
  readonly unrelated: readonly string[];
}

/** A feature in which fewer rows differ from the most frequent value tells nothing of groups. */
const LEAST_DIFFERENT = 0.01;
/** Skewness from which a logarithm is tried. */
const SKEWED = 0.5;
const [DUPLICATE, COLLINEAR] = [1 - 1e-9, 0.95];
/** Words that fewer rows have are not told apart, nor more words than these. */
const [LEAST_WORD_SHARE, MOST_WORDS] = [0.05, 8];
/** Robust coordinates end so far from the middle. */
const LIMIT = 3.5;

interface Candidate {
  readonly prepared: PreparedFeature;
  readonly feature: Feature;
  /** Of a number, before they are weighed. */
  readonly coordinates: Float64Array;
  /** The one that is kept in its place. */
  readonly near?: string;
}

/**
 * Learns from a sample what is done to each feature. Features that are empty, the same for nearly all, or that say what
 * another one says (correlation of the coordinates from .95, or the same words) are dropped, of two the coarser one, or
 * else the later; where features are weighed by what they have to do with others, so are those that have to do with none.
 * One that is nearly the same as another counts as another there, a copy does not.
 */
export function fitPreparation(features: readonly Feature[], settings: PreparationSettings): Preparation {
  const { candidates, dropped } = candidatesOf(features, settings);
  const isWeighed = settings.weigh === "related";
  const weights = relatedness(candidates);
  const kept: PreparedFeature[] = [];
  const unrelated: { readonly name: string }[] = [];
  for (const [place, { prepared, feature, near }] of candidates.entries()) {
    if (near !== undefined) continue;
    const weight = weights?.[place] ?? 1;
    if (isWeighed && weight === 0) dropped.push({ name: feature.name, reason: "unrelated" });
    else kept.push(weighed(prepared, isWeighed ? weight : 1));
    if (!isWeighed && weight === 0) unrelated.push(feature);
  }
  const placeOf = ({ name }: { readonly name: string }) =>
    features.findIndex((feature) => feature.name === name);
  const inOrder = <T extends { readonly name: string }>(named: readonly T[]) =>
    named.toSorted((a, b) => placeOf(a) - placeOf(b));
  return {
    ...{ features: inOrder(kept), dropped: inOrder(dropped) },
    unrelated: inOrder(unrelated).map(({ name }) => name),
  };
}

/** So many different values are as fine as more. */
const FINE = 100;

function candidatesOf(features: readonly Feature[], settings: PreparationSettings) {
  const candidates: Candidate[] = [];
  const dropped: DroppedFeature[] = [];
  const fineness = new Map(
    features.map((feature) => [feature, Math.min(FINE, new Set(cellsOf(feature)).size)]),
  );
  for (const feature of features.toSorted((a, b) => fineness.get(b)! - fineness.get(a)!)) {
    const candidate = candidateOf(feature, settings);
    if (typeof candidate === "string") {
      dropped.push({ name: feature.name, reason: candidate });
      continue;
    }
    const twin = candidates
      .filter(({ near }) => near === undefined)
      .map((other) => ({ like: other.feature.name, reason: likeness(candidate, other) }))
      .find(({ reason }) => reason !== undefined);
    if (twin?.reason === undefined) candidates.push(candidate);
    else dropped.push({ name: feature.name, reason: twin.reason, like: twin.like });
    if (twin?.reason === "collinear") candidates.push({ ...candidate, near: twin.like });
  }
  return { candidates, dropped };
}

const cellsOf = (feature: Feature): Float64Array | Int32Array =>
  feature.kind === "number" ? feature.values : feature.codes;

function candidateOf(feature: Feature, settings: PreparationSettings): Candidate | DropReason {
  const reason = emptiness(feature);
  if (reason !== undefined) return reason;
  if (feature.kind === "number") {
    const prepared = preparedNumber(feature, settings);
    return { prepared, feature, coordinates: numberCoordinates(prepared, feature) };
  }
  const prepared = preparedWords(feature);
  return typeof prepared === "string" ? prepared : { prepared, feature, coordinates: NOTHING };
}

/** Rows that relatedness is measured on, about so many at most. */
const MOST_RELATED_ROWS = 5000;

/** What each has to do with others; undefined where none has to do with any, so that all count alike. */
function relatedness(candidates: readonly Candidate[]): number[] | undefined {
  const count = candidates[0] === undefined ? 0 : cellsOf(candidates[0].feature).length;
  const every = Math.max(1, Math.ceil(count / MOST_RELATED_ROWS));
  const isTaken = (_: number, row: number) => row % every === 0;
  const weights = featureWeights(
    candidates.map(({ feature, coordinates }) =>
      feature.kind === "number"
        ? rangesOf(coordinates.filter(isTaken))
        : wordClasses(feature.codes.filter(isTaken), feature.categories.length),
    ),
  );
  return weights.some((weight) => weight > 0) ? weights : undefined;
}

/** The missing word is one too. */
const wordClasses = (codes: Int32Array, count: number) =>
  ({ kind: "category", codes: codes.map((code) => (code < 0 ? count : code)), count: count + 1 }) as const;

const weighed = (prepared: PreparedFeature, weight: number): PreparedFeature =>
  prepared.kind === "number"
    ? { ...prepared, weight }
    : { ...prepared, weight, height: prepared.height * Math.sqrt(weight) };

const NOTHING = new Float64Array(0);

function emptiness(feature: Feature): DropReason | undefined {
  const counts = new Map<number, number>();
  const values = cellsOf(feature);
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const known = [...counts.keys()].filter((value) =>
    feature.kind === "number" ? Number.isFinite(value) : value >= 0,
  );
  if (known.length === 0) return "empty";
  const most = Math.max(...counts.values());
  const hasOne = counts.size === 1 || (feature.kind === "number" && known.length === 1);
  return hasOne || values.length - most < LEAST_DIFFERENT * values.length ? "constant" : undefined;
}

function likeness({ feature, coordinates }: Candidate, other: Candidate): DropReason | undefined {
  if (feature.kind !== other.feature.kind) return undefined;
  if (feature.kind === "category")
    return sameParting(feature, other.feature as CategoryFeature) ? "duplicate" : undefined;
  const r = Math.abs(correlation(coordinates, other.coordinates));
  return r >= DUPLICATE ? "duplicate" : r >= COLLINEAR ? "collinear" : undefined;
}

function sameParting(a: CategoryFeature, b: CategoryFeature): boolean {
  const [forth, back] = [new Map<number, number>(), new Map<number, number>()];
  return a.codes.every((code, row) => {
    const other = b.codes[row]!;
    if (!forth.has(code)) forth.set(code, other);
    if (!back.has(other)) back.set(other, code);
    return forth.get(code) === other && back.get(other) === code;
  });
}

/** Pearson's correlation. */
function correlation(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    both += (a[i]! - meanA) * (b[i]! - meanB);
    ofA += (a[i]! - meanA) ** 2;
    ofB += (b[i]! - meanB) ** 2;
  }
  return ofA === 0 || ofB === 0 ? 0 : both / Math.sqrt(ofA * ofB);
}

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviationOf = (values: Float64Array) => {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

/** Of sorted values, by linear interpolation (type 7). */
function quantileOf(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}

/** The third standardised moment. */
function skewnessOf(values: Float64Array): number {
  const [mean, deviation] = [meanOf(values), deviationOf(values)];
  if (deviation === 0) return 0;
  return values.reduce((sum, value) => sum + ((value - mean) / deviation) ** 3, 0) / values.length;
}

function preparedNumber(
  { name, values }: NumberFeature,
  { transform, scale }: PreparationSettings,
): PreparedNumber {
  const known = values.filter(Number.isFinite).sort();
  const fill = quantileOf(known, 0.5);
  const skewness = skewnessOf(known);
  const unit = transform === "auto" ? unitOf(known, skewness) : null;
  const ends = scale === "robust" ? { limit: LIMIT } : { limit: null };
  return {
    ...{ kind: "number", name, fill, missingShare: 1 - known.length / values.length, unit, skewness },
    ...scaleOf(
      known.map((value) => logged(value, unit)),
      scale,
    ),
    ...{ ...ends, weight: 1 },
  };
}

/** The unit of the logarithm: the power of ten below all but the smallest values; null where it does not help. */
function unitOf(known: Float64Array, skewness: number): number | null {
  if (Math.abs(skewness) < SKEWED) return null;
  const sizes = known
    .filter((value) => value !== 0)
    .map(Math.abs)
    .sort();
  const unit = 10 ** Math.floor(Math.log10(quantileOf(sizes, 0.05)));
  const isBetter = Math.abs(skewnessOf(known.map((value) => logged(value, unit)))) < Math.abs(skewness);
  return Number.isFinite(unit) && unit > 0 && isBetter ? unit : null;
}

const logged = (value: number, unit: number | null) =>
  unit === null ? value : value < 0 ? -Math.log(1 - value / unit) : Math.log(1 + value / unit);

/** The middle half of a normal distribution is so many standard deviations wide. */
const MIDDLE_HALF = 1.349;
/** A middle half that is narrower, against the deviation, is that of values that most rows share. */
const LEAST_HALF = 0.7;

/** Where most rows share one value the middle half says little: then the standard deviation is taken. */
function scaleOf(sorted: Float64Array, scale: PreparationSettings["scale"]) {
  if (scale === "none") return { centre: 0, spread: 1 };
  const deviation = deviationOf(sorted);
  if (scale === "standard") return { centre: meanOf(sorted), spread: deviation };
  const half = (quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25)) / MIDDLE_HALF;
  return { centre: quantileOf(sorted, 0.5), spread: half < LEAST_HALF * deviation ? deviation : half };
}

function preparedWords({ name, codes, categories }: CategoryFeature): PreparedWords | DropReason {
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  const wordOf = (code: number) => (code < 0 ? null : categories[code]!);
  const frequent = [...counts]
    .filter(([, count]) => count >= LEAST_WORD_SHARE * codes.length)
    .toSorted(([a, n], [b, m]) => m - n || ((wordOf(a) ?? "") < (wordOf(b) ?? "") ? -1 : 1))
    .slice(0, MOST_WORDS);
  const variance = frequent.reduce(
    (sum, [, count]) => sum + (count / codes.length) * (1 - count / codes.length),
    0,
  );
  if (variance === 0) return "many-words";
  return {
    kind: "category",
    name,
    words: frequent.map(([code]) => wordOf(code)),
    height: 1 / Math.sqrt(variance),
    weight: 1,
  };
}

/** One coordinate: the feature, and of words the word that it stands for. */
export interface Dimension {
  readonly feature: string;
  readonly word?: string | null;
}

/** The coordinates of each feature. A number that stands for others, or alone, is held against an even spread. */
export const blocksOf = ({ features, dropped }: Preparation): CoordinateBlock[] =>
  features.map((feature) => {
    if (feature.kind === "category") return { width: feature.words.length, isSpread: false };
    const standsForOthers = dropped.some(
      ({ reason, like }) => reason === "collinear" && like === feature.name,
    );
    return { width: 1, isSpread: standsForOthers || features.length === 1 };
  });

/** The coordinates in their order. */
export const dimensionsOf = ({ features }: Pick<Preparation, "features">): Dimension[] =>
  features.flatMap((feature): Dimension[] =>
    feature.kind === "number"
      ? [{ feature: feature.name }]
      : feature.words.map((word) => ({ feature: feature.name, word })),
  );

/** Rows as points. @throws RangeError for a feature that the rows do not have */
export function preparedPoints(
  preparation: Pick<Preparation, "features">,
  features: readonly Feature[],
  count: number,
): Points {
  const dimensions = dimensionsOf(preparation).length;
  const values = new Float64Array(count * dimensions);
  let place = 0;
  for (const prepared of preparation.features) {
    const feature = features.find(({ name }) => name === prepared.name);
    if (feature?.kind !== prepared.kind)
      throw new RangeError(`the rows have no ${prepared.kind} ${prepared.name}`);
    const columns =
      prepared.kind === "number"
        ? [numberCoordinates(prepared, feature as NumberFeature)]
        : wordCoordinates(prepared, feature as CategoryFeature);
    for (const column of columns) {
      for (let row = 0; row < count; row++) values[row * dimensions + place] = column[row]!;
      place += 1;
    }
  }
  return { count, dimensions, values };
}

/** The coordinate of one value. */
export function coordinateOf(prepared: PreparedNumber, value: number): number {
  return coordinateReader(prepared)(value);
}

/** How values of a feature become coordinates: the missing filled, both ends held, then the logarithm and the scale. */
function coordinateReader(prepared: PreparedNumber): (value: number) => number {
  const { fill, unit, centre } = prepared;
  const spread = weighedSpread(prepared);
  const [low, high] = endsOf(prepared);
  const held = (value: number) => (Number.isFinite(value) ? Math.max(low, Math.min(high, value)) : fill);
  return (value) => (logged(held(value), unit) - centre) / spread;
}

/** The difference that makes a distance of 1. */
const weighedSpread = ({ spread, weight }: PreparedNumber) => spread / Math.sqrt(weight);

/** The values at which coordinates end. */
function endsOf(prepared: PreparedNumber): [low: number, high: number] {
  if (prepared.limit === null) return [-Number.MAX_VALUE, Number.MAX_VALUE];
  const limit = prepared.limit * Math.sqrt(prepared.weight);
  const finite = (value: number) => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
  return [finite(valueAt(prepared, -limit)), finite(valueAt(prepared, limit))];
}

/** The value that stands at a coordinate. */
export function valueAt(prepared: PreparedNumber, coordinate: number): number {
  const { unit, centre } = prepared;
  const plain = coordinate * weighedSpread(prepared) + centre;
  if (unit === null) return plain;
  return plain < 0 ? -unit * (Math.exp(-plain) - 1) : unit * (Math.exp(plain) - 1);
}

const numberCoordinates = (prepared: PreparedNumber, { values }: NumberFeature) =>
  values.map(coordinateReader(prepared));

function wordCoordinates(
  { words, height }: PreparedWords,
  { codes, categories }: CategoryFeature,
): Float64Array[] {
  return words.map((word) => {
    const wanted = word === null ? -1 : categories.indexOf(word);
    const isWanted = (code: number) => (word === null ? code < 0 : wanted >= 0 && code === wanted);
    return Float64Array.from(codes, (code) => (isWanted(code) ? height : 0));
  });
}

/** A coordinate in SQL before it is scaled: (straight − centre) / spread is the coordinate. */
export interface StraightSql {
  /** The feature, or one of its words, with the missing filled and both ends held. */
  readonly held: string;
  /** The logarithm of it, where there is one, by the name that the held value was given. */
  readonly straight: (held: string) => string;
  readonly centre: number;
  readonly spread: number;
}

/** The same coordinates as SQL, over a column for each feature: `columnOf` gives its expression, a double or a text. */
export function coordinatesSql(
  { features }: Pick<Preparation, "features">,
  columnOf: (feature: string) => string,
): StraightSql[] {
  return features.flatMap((prepared): StraightSql[] => {
    const column = columnOf(prepared.name);
    if (prepared.kind === "number") return [numberSqlOf(prepared, column)];
    const { words, height } = prepared;
    return words.map((word) => {
      const isWord = word === null ? `${column} is null` : `${column} = ${quoteText(word)}`;
      const held = `case when ${isWord} then ${numberSql(height)} else 0e0 end`;
      return { held, straight: (name) => name, centre: 0, spread: 1 };
    });
  });
}

function numberSqlOf(prepared: PreparedNumber, column: string): StraightSql {
  const { fill, unit, centre } = prepared;
  const spread = weighedSpread(prepared);
  const [low, high] = endsOf(prepared);
  const between = (from: number, to: number) => `${column} between ${signedSql(from)} and ${signedSql(to)}`;
  const cases = [
    `when ${between(low, high)} then ${column}`,
    `when ${between(high, Number.MAX_VALUE)} then ${signedSql(high)}`,
    `when ${between(-Number.MAX_VALUE, low)} then ${signedSql(low)}`,
  ];
  const held = `case ${(prepared.limit === null ? cases.slice(0, 1) : cases).join(" ")} else ${signedSql(fill)} end`;
  return { held, straight: (name) => loggedSql(name, unit, low), centre, spread };
}

/** @param low no value is lower */
function loggedSql(value: string, unit: number | null, low: number): string {
  if (unit === null) return value;
  const size = numberSql(unit);
  const upper = `ln(1e0 + ${value} / ${size})`;
  return low >= 0 ? upper : `case when ${value} >= 0e0 then ${upper} else -ln(1e0 - ${value} / ${size}) end`;
}

/** A literal that may stand behind a minus. */
const signedSql = (value: number) => `(${numberSql(value)})`;

import type { CategoryFeature, Feature, NumberFeature } from "./training-set.js";

/** A feature in few classes, as histograms need it. */
export interface BinnedFeature<Codes extends Uint8Array | Uint16Array = Uint8Array> {
  readonly feature: Feature;
  /** The bin of each row: 0 is missing, else 1…binCount. */
  readonly codes: Codes;
  readonly binCount: number;
  /**
   * Of numbers: `cuts[i]` lies between bin i+1 and bin i+2, and `x <= cuts[i]` exactly in the bins up to i+1.
   * Always finite. Empty for categories.
   */
  readonly cuts: Float64Array;
  /** Of numbers: the least and the largest one in bin b, at b-1; infinities as the largest finite numbers. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** Of categories: `categoriesOf[b-1]` are the words in bin b. Empty for numbers. */
  readonly categoriesOf: readonly (readonly string[])[];
}

/** As many as a code of one byte, or of two, tells apart beside the missing one. */
const [MOST_BINS, MOST_FINE_BINS] = [255, 65535];
const NONE = new Float64Array(0);
const FARTHEST = Number.MAX_VALUE;

/**
 * The bins of each feature. A number has a bin for each distinct value where at most `maxBins` are found, else
 * bins of like weight; the cuts are midpoints of neighbouring values. Words have a bin each, by name; where there
 * are more than `maxBins`, the rare ones share the last. Rows of weight 0 do not count. The order of the rows
 * changes nothing.
 *
 * @param maxBins at most 255
 * @param weights exactly summable, where the order of the rows is not to matter (see `exactlySummable`)
 * @throws RangeError for any other `maxBins`
 */
export function binFeatures(
  features: readonly Feature[],
  maxBins = MOST_BINS,
  weights?: Float64Array,
): readonly BinnedFeature[] {
  if (!Number.isInteger(maxBins) || maxBins < 2 || maxBins > MOST_BINS)
    throw new RangeError(`maxBins: must be a whole number from 2 to ${MOST_BINS}, found ${maxBins}`);
  return features.map((feature) => binned(feature, binsOf(feature, maxBins, weights), Uint8Array));
}

/** {@link binFeatures} with up to 65535 bins, for splits at the very value; slower, and twice as large. */
export function binFeaturesFinely(
  features: readonly Feature[],
  weights?: Float64Array,
): readonly BinnedFeature<Uint16Array>[] {
  return features.map((feature) => binned(feature, binsOf(feature, MOST_FINE_BINS, weights), Uint16Array));
}

/**
 * A number from `low` up to but not `high`, halfway where it can be; `low` itself below +Infinity, and one unit
 * or one magnitude below `high` above -Infinity.
 */
export function midpoint(low: number, high: number): number {
  if (high === FARTHEST) return low;
  if (low === -FARTHEST) return Math.max(low, high - Math.max(1, Math.abs(high)));
  const middle = low / 2 + high / 2;
  return middle >= low && middle < high ? middle : low;
}

type Bins = Omit<BinnedFeature, "feature" | "codes"> & { readonly codeOf: (row: number) => number };

function binned<Codes extends Uint8Array | Uint16Array>(
  feature: Feature,
  { codeOf, ...bins }: Bins,
  Codes: new (length: number) => Codes,
): BinnedFeature<Codes> {
  const codes = new Codes((feature.kind === "number" ? feature.values : feature.codes).length);
  for (let row = 0; row < codes.length; row++) codes[row] = codeOf(row);
  return { feature, codes, ...bins };
}

const binsOf = (feature: Feature, maxBins: number, weights?: Float64Array): Bins =>
  feature.kind === "number" ? numberBins(feature, maxBins, weights) : categoryBins(feature, maxBins, weights);

function numberBins({ values: numbers }: NumberFeature, maxBins: number, weights?: Float64Array): Bins {
  const { values, counts } = weightedValues(numbers, weights);
  const ends =
    values.length <= maxBins ? { lows: values, highs: values } : quantiles(values, counts, maxBins);
  const cuts = ends.highs.slice(0, -1).map((high, i) => midpoint(high, ends.lows[i + 1]!));
  const codeOf = (row: number) => (Number.isNaN(numbers[row]!) ? 0 : placeAmong(cuts, numbers[row]!) + 1);
  const binCount = values.length === 0 ? 0 : cuts.length + 1;
  return { binCount, cuts, ...ends, categoriesOf: [], codeOf: binCount === 0 ? () => 0 : codeOf };
}

/** How many of the ascending cuts lie below a value. */
function placeAmong(cuts: Float64Array, value: number): number {
  let [low, high] = [0, cuts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cuts[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The distinct values, ascending, infinities as the largest finite numbers; and the weight of each. */
function weightedValues(numbers: Float64Array, weights?: Float64Array) {
  const sorted = countedValues(numbers, weights).sort();
  const counts = new Float64Array(sorted.length);
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[count - 1]) sorted[count++] = sorted[i]!;
    counts[count - 1]! += 1;
  }
  const values = sorted.slice(0, count);
  return {
    values,
    counts: weights === undefined ? counts.subarray(0, count) : weightsOf(values, numbers, weights),
  };
}

const clamped = (number: number) => Math.max(-FARTHEST, Math.min(FARTHEST, number));

/** Those that are known, of rows that count. */
function countedValues(numbers: Float64Array, weights?: Float64Array): Float64Array {
  const counted = new Float64Array(numbers.length);
  let count = 0;
  for (let row = 0; row < numbers.length; row++)
    if (!Number.isNaN(numbers[row]!) && (weights === undefined || weights[row]! > 0))
      counted[count++] = clamped(numbers[row]!);
  return counted.subarray(0, count);
}

function weightsOf(values: Float64Array, numbers: Float64Array, weights: Float64Array): Float64Array {
  const sums = new Float64Array(values.length);
  for (let row = 0; row < numbers.length; row++)
    if (!Number.isNaN(numbers[row]!) && weights[row]! > 0)
      sums[placeAmong(values, clamped(numbers[row]!))]! += weights[row]!;
  return sums;
}

/** Neighbouring values together, so that each range has about the weight of the others; a heavy value stays alone. */
function quantiles(values: Float64Array, counts: Float64Array, maxBins: number) {
  const lasts: number[] = [];
  let left = counts.reduce((sum, count) => sum + count, 0);
  for (let held = 0, i = 0; i < values.length; i++) {
    const share = left / (maxBins - lasts.length);
    held += counts[i]!;
    const isLast = i === values.length - 1;
    if (!isLast && (lasts.length === maxBins - 1 || held + counts[i + 1]! / 2 <= share)) continue;
    lasts.push(i);
    left -= held;
    held = 0;
  }
  return {
    lows: Float64Array.from(lasts, (_, bin) => values[bin === 0 ? 0 : lasts[bin - 1]! + 1]!),
    highs: Float64Array.from(lasts, (last) => values[last]!),
  };
}

function categoryBins(feature: CategoryFeature, maxBins: number, weights?: Float64Array): Bins {
  const counts = new Float64Array(feature.categories.length);
  feature.codes.forEach((code, row) => code >= 0 && (counts[code]! += weights?.[row] ?? 1));
  const byName = (a: number, b: number) => (feature.categories[a]! < feature.categories[b]! ? -1 : 1);
  const found = [...counts.keys()].filter((code) => counts[code]! > 0).sort(byName);
  const frequent = found.toSorted((a, b) => counts[b]! - counts[a]! || byName(a, b));
  const rare = new Set(found.length <= maxBins ? [] : frequent.slice(maxBins - 1));
  const bins = found.filter((code) => !rare.has(code)).map((code) => [code]);
  if (rare.size > 0) bins.push(found.filter((code) => rare.has(code)));
  const binOf = new Map(bins.flatMap((members, bin) => members.map((code) => [code, bin + 1])));
  const categoriesOf = bins.map((members) => members.map((code) => feature.categories[code]!));
  const codeOf = (row: number) => binOf.get(feature.codes[row]!) ?? 0;
  return { binCount: bins.length, cuts: NONE, lows: NONE, highs: NONE, categoriesOf, codeOf };
}

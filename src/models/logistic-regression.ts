import { invertPositive } from "../math/bfgs.js";
import { baselineLogOdds, probabilityOf } from "./log-odds.js";
import type { CategoryFeature, Feature, NumberFeature, TrainingSet } from "./training-set.js";

/** How a logistic regression is fitted. */
export interface LogisticSettings {
  /** λ of the penalty λ/2 Σ β² on all coefficients but the intercept; above 0 for a fit that always exists. */
  readonly ridge: number;
  /** Words of one feature that have a coefficient, the most frequent ones; the rest have none. */
  readonly maxCategories: number;
}

/** What is used where nothing else is said. */
export const DEFAULT_LOGISTIC_SETTINGS: LogisticSettings = { ridge: 1, maxCategories: 50 };

/** coefficient · (x − mean) / deviation, with x held to [low, high], the finite values that were learnt from. */
export interface NumberEffect {
  readonly kind: "number";
  readonly feature: string;
  readonly mean: number;
  readonly deviation: number;
  readonly low: number;
  readonly high: number;
  readonly coefficient: number;
  /** Added where the number is missing, which otherwise counts as the mean. */
  readonly missing: number;
}

/** A number for each of the `words`; 0 for any other. */
export interface CategoryEffect {
  readonly kind: "category";
  readonly feature: string;
  readonly words: readonly string[];
  readonly coefficients: readonly number[];
  readonly missing: number;
}

/** A sum of effects on the log-odds, one for each feature that varied: plain data, as it goes to `models.json`. */
export interface LogisticRegression {
  readonly intercept: number;
  readonly effects: readonly (NumberEffect | CategoryEffect)[];
  readonly ridge: number;
  readonly iterations: number;
  readonly isConverged: boolean;
}

/** What a feature has in the design, and the effect that its coefficients make. */
interface Encoding {
  /** What a row has in the one column of a number. */
  readonly numberAt?: (row: number) => number;
  readonly indicators?: Indicators;
  effectOf(coefficient: number, ofIndicators: readonly number[]): NumberEffect | CategoryEffect;
}

/** Columns of which a row has 1 in one and 0 in the others, told by its place; or 0 in all, told by -1. */
interface Indicators {
  readonly columnCount: number;
  readonly places: Int32Array;
}

const MAX_ITERATIONS = 100;
/** A step this short, of log-odds a deviation, is the last. */
const SMALLEST_STEP = 1e-6;
/** Rounding of the loss, against the loss. */
const NOISE = 1e-12;
/** Rows that the first steps look at when there are twice as many or more. */
const ROUGH_ROWS = 20_000;
/** Numbers are held within it, so that their squares stay finite. */
const FARTHEST = 1e150;

/**
 * Logistic regression with a ridge: numbers standardised, a missing one at the mean with an indicator beside it,
 * words as indicators. The maximum of the penalised likelihood by Newton's method; with outcomes of one kind only
 * a constant. The order of the rows matters to rounding only. O(rows · columns²) an iteration.
 *
 * @throws RangeError for a ridge below 0
 * @see le Cessie & van Houwelingen (1992), "Ridge Estimators in Logistic Regression", Applied Statistics 41(1), (3);
 * Hastie, Tibshirani & Friedman (2009), "The Elements of Statistical Learning", 2nd ed., (4.26)
 */
export function fitLogisticRegression(
  training: TrainingSet,
  settings: Partial<LogisticSettings> = {},
): LogisticRegression {
  const { ridge, maxCategories } = { ...DEFAULT_LOGISTIC_SETTINGS, ...settings };
  if (!(ridge >= 0)) throw new RangeError(`ridge: must not be below 0, found ${ridge}`);
  const encodings = training.features.flatMap((feature) => encoded(feature, training, maxCategories) ?? []);
  const design = designOf(training, encodings, ridge);
  const start = new Float64Array(design.columnCount).fill(baselineLogOdds(training), 0, 1);
  const isPlain = training.outcomes.every((outcome) => outcome === training.outcomes[0]);
  const { point, ...fitted } = isPlain
    ? { point: start, iterations: 0, isConverged: true }
    : climbed(design, roughly(design, start));
  return { intercept: point[0]!, effects: effectsOf(encodings, point), ridge, ...fitted };
}

/** The probability of each row. @throws RangeError for a feature the rows do not have */
export function scoreLogisticRegression(
  { intercept, effects }: LogisticRegression,
  features: readonly Feature[],
  rowCount: number,
): Float64Array {
  const terms = effects.map((effect) => termOf(effect, features));
  return Float64Array.from({ length: rowCount }, (_, row) => {
    let logOdds = intercept;
    for (const term of terms) logOdds += term(row);
    return probabilityOf(logOdds);
  });
}

function termOf(
  effect: NumberEffect | CategoryEffect,
  features: readonly Feature[],
): (row: number) => number {
  const feature = features.find(({ name }) => name === effect.feature);
  if (feature?.kind !== effect.kind)
    throw new RangeError(
      `the regression asks for the ${effect.kind} ${effect.feature}; the rows do not have it`,
    );
  if (feature.kind === "number") {
    const { mean, deviation, low, high, coefficient, missing } = effect as NumberEffect;
    return (row) => {
      const value = feature.values[row]!;
      if (Number.isNaN(value)) return missing;
      return (coefficient * (Math.max(low, Math.min(high, value)) - mean)) / deviation;
    };
  }
  const { words, coefficients, missing } = effect as CategoryEffect;
  const coefficientOf = new Map(words.map((word, i) => [word, coefficients[i]!]));
  const terms = feature.categories.map((word) => coefficientOf.get(word) ?? 0);
  return (row) => terms[feature.codes[row]!] ?? missing;
}

/* The design. */

const encoded = (feature: Feature, training: TrainingSet, maxCategories: number): Encoding | undefined =>
  feature.kind === "number"
    ? numberEncoding(feature, training)
    : wordEncoding(feature, training, maxCategories);

/** Undefined for a number that is the same wherever it is known, and nowhere or everywhere missing. */
function numberEncoding({ name, values }: NumberFeature, { weights }: TrainingSet): Encoding | undefined {
  const isMissing = Uint8Array.from(values, (value) => Number(Number.isNaN(value)));
  const missingCount = isMissing.reduce((sum, missing) => sum + missing, 0);
  const [low, high] = rangeOf(values);
  const held = (value: number) => Math.max(low, Math.min(high, value));
  const { mean, deviation } = momentsOf(values, held, weights);
  const hasIndicator = missingCount > 0 && missingCount < values.length;
  if (deviation === 0 && !hasIndicator) return undefined;
  const scale = deviation || 1;
  return {
    numberAt: (row) => (isMissing[row] === 1 ? 0 : (held(values[row]!) - mean) / scale),
    ...(hasIndicator
      ? { indicators: { columnCount: 1, places: Int32Array.from(isMissing, (missing) => missing - 1) } }
      : {}),
    effectOf: (coefficient, [missing = 0]) => ({
      ...{ kind: "number", feature: name, mean, deviation: scale, low, high },
      ...{ coefficient, missing },
    }),
  };
}

/** The least and the largest finite value; 0 and 0 without one. */
function rangeOf(values: Float64Array): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const within = (edge: number) => Math.max(-FARTHEST, Math.min(FARTHEST, edge));
  return low > high ? [0, 0] : [within(low), within(high)];
}

function momentsOf(values: Float64Array, held: (value: number) => number, weights?: Float64Array) {
  let [total, sum, squares] = [0, 0, 0];
  const visit = (add: (weight: number, value: number) => void) =>
    values.forEach((value, row) => Number.isNaN(value) || add(weights?.[row] ?? 1, held(value)));
  visit((weight, value) => {
    total += weight;
    sum += weight * value;
  });
  const mean = total > 0 ? sum / total : 0;
  visit((weight, value) => (squares += weight * (value - mean) ** 2));
  const deviation = total > 0 ? Math.sqrt(squares / total) : 0;
  return { mean, deviation: deviation > 1e-12 * Math.abs(mean) ? deviation : 0 };
}

/** Undefined for a feature of one word that is never missing. */
function wordEncoding(
  { name, codes, categories }: CategoryFeature,
  { weights }: TrainingSet,
  maxCategories: number,
): Encoding | undefined {
  const totals = new Float64Array(categories.length + 1);
  codes.forEach((code, row) => (totals[code + 1]! += weights?.[row] ?? 1));
  const seen = categories.map((word, code) => ({ word, code, total: totals[code + 1]! }));
  const kept = seen
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total || (a.word < b.word ? -1 : 1))
    .slice(0, maxCategories);
  const hasMissing = totals[0]! > 0;
  const columnCount = kept.length + Number(hasMissing);
  if (columnCount < 2) return undefined;
  const placeOf = new Int32Array(categories.length).fill(-1);
  kept.forEach(({ code }, place) => (placeOf[code] = place));
  const missingPlace = hasMissing ? kept.length : -1;
  return {
    indicators: { columnCount, places: codes.map((code) => placeOf[code] ?? missingPlace) },
    effectOf: (_, coefficients) => ({
      ...{ kind: "category", feature: name, words: kept.map(({ word }) => word) },
      ...{ coefficients: coefficients.slice(0, kept.length), missing: coefficients[kept.length] ?? 0 },
    }),
  };
}

/** The intercept's column comes first, then those of the numbers, then the indicators'. */
function designOf(training: TrainingSet, encodings: readonly Encoding[], ridge: number): Design {
  const numbers = encodings.flatMap(({ numberAt }) => numberAt ?? []);
  let columnCount = 1 + numbers.length;
  const indicators = encodings.flatMap((encoding) => {
    if (encoding.indicators === undefined) return [];
    const first = columnCount;
    columnCount += encoding.indicators.columnCount;
    return { first, places: encoding.indicators.places };
  });
  return { training, numbers, indicators, columnCount, ridge, stride: 1 };
}

function effectsOf(encodings: readonly Encoding[], point: Float64Array) {
  let numberColumn = 1;
  let column = 1 + encodings.filter(({ numberAt }) => numberAt).length;
  return encodings.map(({ numberAt, indicators, effectOf }) => {
    const coefficient = numberAt === undefined ? 0 : point[numberColumn++]!;
    const from = column;
    column += indicators?.columnCount ?? 0;
    return effectOf(coefficient, [...point.subarray(from, column)]);
  });
}

/* The maximum. */

interface Design {
  readonly training: TrainingSet;
  readonly numbers: readonly ((row: number) => number)[];
  readonly indicators: readonly { readonly first: number; readonly places: Int32Array }[];
  readonly columnCount: number;
  readonly ridge: number;
  /** Every so manieth row is looked at, and counts for as many. */
  readonly stride: number;
}

/** The penalised loss at a point, its gradient and the matrix of its second derivatives. */
interface Place {
  readonly point: Float64Array;
  readonly loss: number;
  readonly gradient: Float64Array;
  readonly curvature: readonly Float64Array[];
}

/** A start near the maximum: that of a part of the rows, where there are many. */
function roughly(design: Design, start: Float64Array): Float64Array {
  const stride = Math.floor(design.training.outcomes.length / ROUGH_ROWS);
  return stride < 2 ? start : climbed({ ...design, stride }, start).point;
}

function climbed(design: Design, start: Float64Array) {
  let here = placeAt(design, start);
  for (let iterations = 0; iterations < MAX_ITERATIONS; iterations++) {
    const step = newtonStep(here);
    const next = step && stepped(design, here, step);
    if (next === undefined) return { point: here.point, iterations, isConverged: false };
    here = next;
    if (step!.every((by) => Math.abs(by) <= SMALLEST_STEP))
      return { point: here.point, iterations: iterations + 1, isConverged: true };
  }
  return { point: here.point, iterations: MAX_ITERATIONS, isConverged: false };
}

function newtonStep({ gradient, curvature }: Place): Float64Array | undefined {
  const inverse = invertPositive(curvature);
  return (
    inverse && gradient.map((_, i) => -inverse[i]!.reduce((sum, share, j) => sum + share * gradient[j]!, 0))
  );
}

/** The place after the step or a half, quarter … of it, where that does not raise the loss but for rounding. */
function stepped(design: Design, here: Place, step: Float64Array): Place | undefined {
  for (let share = 1; share > 1e-6; share /= 2) {
    const there = placeAt(
      design,
      here.point.map((x, i) => x + share * step[i]!),
    );
    if (there.loss <= here.loss + NOISE * (1 + here.loss)) return there;
  }
  return undefined;
}

function placeAt(design: Design, point: Float64Array): Place {
  const { outcomes, weights } = design.training;
  const gradient = point.map((x, i) => (i === 0 ? 0 : design.ridge * x));
  const curvature = Array.from(point, (_, i) =>
    new Float64Array(point.length).fill(design.ridge, i, i + (i && 1)),
  );
  let loss = gradient.reduce((sum, slope, i) => sum + (slope * point[i]!) / 2, 0);
  const cells = emptyCells(design);
  for (let row = 0; row < outcomes.length; row += design.stride) {
    readRow(design, row, cells);
    const weight = design.stride * (weights?.[row] ?? 1);
    const logOdds = logOddsOf(cells, point);
    const probability = probabilityOf(logOdds);
    const miss = outcomes[row] === 1 ? -logOdds : logOdds;
    loss += weight * (Math.max(miss, 0) + Math.log1p(Math.exp(-Math.abs(miss))));
    addSlope(cells, weight * (probability - outcomes[row]!), gradient);
    addCurvature(cells, weight * probability * (1 - probability), curvature);
  }
  for (let i = 0; i < point.length; i++) for (let j = 0; j < i; j++) curvature[j]![i] = curvature[i]![j]!;
  return { point, loss, gradient, curvature };
}

/** A row of the design: its first columns, and which of the others are 1, ascending; the rest are 0. */
interface Cells {
  readonly numbers: Float64Array;
  readonly ones: Int32Array;
  oneCount: number;
}

const emptyCells = ({ numbers, indicators }: Design): Cells => ({
  numbers: new Float64Array(1 + numbers.length).fill(1),
  ones: new Int32Array(indicators.length),
  oneCount: 0,
});

function readRow({ numbers, indicators }: Design, row: number, cells: Cells): void {
  for (let i = 0; i < numbers.length; i++) cells.numbers[i + 1] = numbers[i]!(row);
  cells.oneCount = 0;
  for (const { first, places } of indicators)
    if (places[row]! >= 0) cells.ones[cells.oneCount++] = first + places[row]!;
}

function logOddsOf({ numbers, ones, oneCount }: Cells, point: Float64Array): number {
  let logOdds = 0;
  for (let i = 0; i < numbers.length; i++) logOdds += point[i]! * numbers[i]!;
  for (let i = 0; i < oneCount; i++) logOdds += point[ones[i]!]!;
  return logOdds;
}

function addSlope({ numbers, ones, oneCount }: Cells, error: number, gradient: Float64Array): void {
  for (let i = 0; i < numbers.length; i++) gradient[i]! += error * numbers[i]!;
  for (let i = 0; i < oneCount; i++) gradient[ones[i]!]! += error;
}

/** Below the diagonal and on it. */
function addCurvature(
  { numbers, ones, oneCount }: Cells,
  spread: number,
  curvature: readonly Float64Array[],
): void {
  for (let i = 0; i < numbers.length; i++) {
    const line = curvature[i]!;
    const share = spread * numbers[i]!;
    for (let j = 0; j <= i; j++) line[j]! += share * numbers[j]!;
  }
  for (let i = 0; i < oneCount; i++) {
    const line = curvature[ones[i]!]!;
    for (let j = 0; j < numbers.length; j++) line[j]! += spread * numbers[j]!;
    for (let j = 0; j <= i; j++) line[ones[j]!]! += spread;
  }
}

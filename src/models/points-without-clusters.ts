import { choleskyRoot } from "../math/bfgs.js";
import type { Random } from "../random.js";
import type { Points } from "./points.js";

/** The coordinates of one feature, one beside the other. */
export interface CoordinateBlock {
  readonly width: number;
  /** Whether it tells of clusters by itself: other columns say the same, and shuffling does not part it from them. */
  readonly isSpread: boolean;
}

/**
 * Points with every feature shuffled for itself, or spread evenly with the same mean and variance where it tells of
 * clusters by itself: what is left where features have nothing to do with each other.
 */
export function shuffledFeatures(
  { count, dimensions, values }: Points,
  blocks: readonly CoordinateBlock[],
  random: Random,
): Points {
  const shuffled = { count, dimensions, values: values.slice() };
  let from = 0;
  for (const { width, isSpread } of blocks) {
    if (isSpread) spreadColumn(shuffled, from, random);
    else shuffleBlock(shuffled, { from, to: from + width }, random);
    from += width;
  }
  return shuffled;
}

function shuffleBlock(
  { count, dimensions, values }: Points,
  { from, to }: { readonly from: number; readonly to: number },
  random: Random,
): void {
  for (let row = count - 1; row > 0; row--) {
    const other = Math.floor(random() * (row + 1));
    for (let d = from; d < to; d++) {
      const [a, b] = [row * dimensions + d, other * dimensions + d];
      [values[a], values[b]] = [values[b]!, values[a]!];
    }
  }
}

function spreadColumn({ count, dimensions, values }: Points, column: number, random: Random): void {
  let [sum, squares] = [0, 0];
  for (let i = column; i < values.length; i += dimensions) sum += values[i]!;
  const mean = sum / count;
  for (let i = column; i < values.length; i += dimensions) squares += (values[i]! - mean) ** 2;
  const width = WIDTH * Math.sqrt(squares / count);
  for (let i = column; i < values.length; i += dimensions) values[i] = mean + width * (random() - 0.5);
}

/** Of the variance of all coordinates, so much is added to each, so that some may follow from others. */
const RIDGE = 1e-9;
/** What an even spread of variance 1 is wide. */
const WIDTH = Math.sqrt(12);

/**
 * As many points spread evenly, with the same means and covariances: what is left where features go together and there
 * are no clusters.
 *
 * @see Tibshirani, Walther & Hastie (2001), reference (b), an even spread along the principal axes; here the box is bent
 * to the covariances by Cholesky's root. Liu, Hayes, Nobel & Marron (2008), SigClust, for one cloud of the same
 * covariances as what clusters are held against
 */
export function evenCloud(points: Points, random: Random): Points {
  const { count, dimensions } = points;
  const means = meansOf(points);
  const root = choleskyRoot(covariancesOf(points, means))!;
  const values = new Float64Array(count * dimensions);
  for (let row = 0; row < count; row++) {
    const drawn = means.map(() => WIDTH * (random() - 0.5));
    for (let d = 0; d < dimensions; d++) {
      let value = means[d]!;
      for (let other = 0; other <= d; other++) value += root[d]![other]! * drawn[other]!;
      values[row * dimensions + d] = value;
    }
  }
  return { count, dimensions, values };
}

function meansOf({ count, dimensions, values }: Points): Float64Array {
  const means = new Float64Array(dimensions);
  values.forEach((value, i) => (means[i % dimensions]! += value / count));
  return means;
}

function covariancesOf({ count, dimensions, values }: Points, means: Float64Array): Float64Array[] {
  const sums = Array.from({ length: dimensions }, () => new Float64Array(dimensions));
  for (let row = 0; row < count; row++)
    for (let a = 0; a < dimensions; a++)
      for (let b = 0; b <= a; b++)
        sums[a]![b]! +=
          ((values[row * dimensions + a]! - means[a]!) * (values[row * dimensions + b]! - means[b]!)) / count;
  const total = sums.reduce((sum, row, d) => sum + row[d]!, 0);
  sums.forEach((row, d) => (row[d]! += RIDGE * total));
  return sums;
}

/** A number of so few values, but for a yes and no, is a scale: marks, counts. */
const [LEAST_STEPS, MOST_STEPS] = [3, 10];

/**
 * Points with the values of scales, and of columns that tell of clusters by themselves, anywhere as near to where they are
 * as half the nearest other value: whole numbers are no clusters, nor are the combinations of a few of them.
 */
export function unrounded(
  { count, dimensions, values }: Points,
  blocks: readonly CoordinateBlock[],
  random: Random,
): Points {
  const spread = values.slice();
  let column = 0;
  for (const { width, isSpread } of blocks) {
    const own = Float64Array.from({ length: count }, (_, row) => values[row * dimensions + column]!);
    const steps = Float64Array.from(new Set(own)).sort();
    const isScale = width === 1 && steps.length >= LEAST_STEPS && steps.length <= MOST_STEPS;
    if (isSpread || isScale)
      unrounding(own, steps, random).forEach((value, row) => (spread[row * dimensions + column] = value));
    column += width;
  }
  return { count, dimensions, values: spread };
}

function unrounding(own: Float64Array, known: Float64Array, random: Random): Float64Array {
  const halves = new Map(
    Array.from(known, (value, i) => [
      value,
      Math.min(value - (known[i - 1] ?? -Infinity), (known[i + 1] ?? Infinity) - value) / 2,
    ]),
  );
  return own.map((value) => value + (2 * random() - 1) * (known.length < 2 ? 0 : halves.get(value)!));
}

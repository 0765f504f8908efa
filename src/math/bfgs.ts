/** A smooth function with its gradient: writes the gradient into `slope` and gives the value. */
export type SmoothFunction = (point: Float64Array, slope: Float64Array) => number;

/** Where a smooth function is least. */
export interface SmoothMinimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** False when no step made it smaller before the gradient was small. */
  readonly isConverged: boolean;
}

const MAX_ITERATIONS = 300;
/** A gradient this small against the value is none. */
const GRADIENT_TOLERANCE = 1e-9;
const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
/** Rounding of the value, against the value: differences below it say nothing, the slopes still do. */
const NOISE = 1e-13;
/** No step moves a logarithmic parameter further: beyond it the search is lost on a plateau. */
const LONGEST_STEP = 3;

/**
 * The least value of a smooth function of few numbers, by its gradient.
 *
 * @param f may give Infinity or NaN where it is not defined; such points are never taken
 * @param guess the inverse Hessian of a function much like it: a few steps suffice then
 * @see Nocedal & Wright (2006), "Numerical Optimization", 2nd ed., algorithm 6.1 (BFGS) with (6.17), (6.20), and a
 * bisecting line search for the weak Wolfe conditions (3.6); where rounding hides differences of the value, the
 * approximate ones of Hager & Zhang (2005), SIAM Journal on Optimization 16(1), (4.1)
 */
export function minimizeSmooth(
  f: SmoothFunction,
  start: readonly number[],
  guess?: readonly Float64Array[],
): SmoothMinimum {
  let here = evaluate(f, Float64Array.from(start));
  let inverse = guess ?? identity(start.length);
  let isFirst = guess === undefined;
  for (let iterations = 0; iterations < MAX_ITERATIONS; iterations++) {
    if (isFlat(here)) return { ...here, iterations, isConverged: true };
    let direction = scaled(product(inverse, here.slope), -1);
    if (!(dot(direction, here.slope) < 0)) {
      inverse = identity(start.length);
      direction = scaled(here.slope, -1);
    }
    const next = search(f, here, direction);
    if (next === undefined || isIdle(here, next))
      return { ...here, iterations, isConverged: isNearlyFlat(here) };
    const step = difference(next.point, here.point);
    const turn = difference(next.slope, here.slope);
    if (isFirst) inverse = identity(start.length, dot(turn, step) / dot(turn, turn) || 1);
    isFirst = false;
    inverse = updated(inverse, step, turn);
    here = next;
  }
  return { ...here, iterations: MAX_ITERATIONS, isConverged: false };
}

interface Place {
  readonly point: Float64Array;
  readonly value: number;
  readonly slope: Float64Array;
}

function evaluate(f: SmoothFunction, point: Float64Array): Place {
  const slope = new Float64Array(point.length);
  return { point, value: f(point, slope), slope };
}

const steepness = (slope: Float64Array) => slope.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const isFlat = ({ slope, value }: Place) =>
  Number.isFinite(value) && steepness(slope) <= GRADIENT_TOLERANCE * (1 + Math.abs(value));
/** Rounding hides what is smaller than this. */
const isNearlyFlat = ({ slope, value }: Place) =>
  Number.isFinite(value) && steepness(slope) <= 1e-6 * (1 + Math.abs(value));

const noiseAt = ({ value }: Place) => NOISE * (1 + Math.abs(value));
/** Neither lower nor flatter: rounding has the last word. */
const isIdle = (here: Place, next: Place) =>
  next.value >= here.value - noiseAt(here) && steepness(next.slope) >= steepness(here.slope);

/** A point along the direction that is lower enough and less steep; undefined when there is none. */
function search(f: SmoothFunction, here: Place, direction: Float64Array): Place | undefined {
  const descent = dot(here.slope, direction);
  let [low, high] = [0, Infinity];
  let length = Math.min(1, LONGEST_STEP / steepness(direction));
  let best: Place | undefined;
  for (let attempt = 0; attempt < 60; attempt++) {
    const next = evaluate(f, sum(here.point, scaled(direction, length)));
    const isLower = next.value <= here.value + SUFFICIENT_DECREASE * length * descent;
    const isLevel = next.value <= here.value + noiseAt(here);
    const isShort = dot(next.slope, direction) <= (2 * SUFFICIENT_DECREASE - 1) * descent;
    if (!(isLower || (isLevel && isShort)) || !next.slope.every(Number.isFinite)) high = length;
    else {
      best = next;
      if (dot(next.slope, direction) >= CURVATURE * descent) return next;
      low = length;
    }
    if (high === Infinity && length * steepness(direction) >= LONGEST_STEP) return best;
    length = high === Infinity ? 2 * length : (low + high) / 2;
  }
  return best;
}

/** The inverse Hessian with what the last step taught (6.17); unchanged where the curvature is not positive. */
function updated(
  inverse: readonly Float64Array[],
  step: Float64Array,
  turn: Float64Array,
): readonly Float64Array[] {
  const curvature = dot(step, turn);
  if (!(curvature > 1e-14 * Math.sqrt(dot(step, step) * dot(turn, turn)))) return inverse;
  const pushed = product(inverse, turn);
  const weight = (1 + dot(turn, pushed) / curvature) / curvature;
  return inverse.map((row, i) =>
    row.map(
      (x, j) =>
        x + weight * step[i]! * step[j]! - (pushed[i]! * step[j]! + step[i]! * pushed[j]!) / curvature,
    ),
  );
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((total, x, i) => total + x * b[i]!, 0);
const sum = (a: Float64Array, b: Float64Array) => a.map((x, i) => x + b[i]!);
const difference = (a: Float64Array, b: Float64Array) => a.map((x, i) => x - b[i]!);
const product = (matrix: readonly Float64Array[], vector: Float64Array) =>
  Float64Array.from(matrix, (row) => dot(row, vector));

const scaled = (vector: Float64Array, factor: number) => vector.map((value) => value * factor);

function identity(size: number, height = 1): readonly Float64Array[] {
  return Array.from({ length: size }, (_, i) =>
    Float64Array.from({ length: size }, (__, j) => (i === j ? height : 0)),
  );
}

/**
 * The inverse of the Hessian at a point, from differences of the gradient: at the least value of a negative
 * log-likelihood, the covariance of the estimates.
 *
 * @returns rows; undefined where the Hessian is not positive definite
 */
export function inverseHessian(f: SmoothFunction, point: Float64Array): readonly Float64Array[] | undefined {
  const slopes = Array.from(point, (x, i) => {
    const width = 1e-4 * Math.max(1, Math.abs(x));
    const moved = (by: number) =>
      evaluate(
        f,
        point.map((value, j) => (j === i ? value + by : value)),
      ).slope;
    return scaled(difference(moved(width), moved(-width)), 1 / (2 * width));
  });
  return invertPositive(slopes.map((row, i) => row.map((x, j) => (x + slopes[j]![i]!) / 2)));
}

/** The inverse of a symmetric positive definite matrix by Cholesky's root; undefined when it is not one. */
export function invertPositive(matrix: readonly Float64Array[]): readonly Float64Array[] | undefined {
  const root = choleskyRoot(matrix);
  if (root === undefined) return undefined;
  const columns = matrix.map((_, i) =>
    solve(
      root,
      Float64Array.from(matrix, (__, j) => (i === j ? 1 : 0)),
    ),
  );
  return columns;
}

/** The lower triangular root L with L Lᵀ the matrix; undefined when the matrix is not positive definite. */
export function choleskyRoot(matrix: readonly Float64Array[]): readonly Float64Array[] | undefined {
  const root = matrix.map((row) => new Float64Array(row.length));
  for (const [i, row] of root.entries()) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]!;
      for (let k = 0; k < j; k++) rest -= row[k]! * root[j]![k]!;
      if (i === j && !(rest > 0)) return undefined;
      row[j] = i === j ? Math.sqrt(rest) : rest / root[j]![j]!;
    }
  }
  return root;
}

function solve(root: readonly Float64Array[], right: Float64Array): Float64Array {
  const half = new Float64Array(right.length);
  for (const [i, row] of root.entries()) {
    let rest = right[i]!;
    for (let k = 0; k < i; k++) rest -= row[k]! * half[k]!;
    half[i] = rest / row[i]!;
  }
  const whole = new Float64Array(right.length);
  for (let i = right.length - 1; i >= 0; i--) {
    let rest = half[i]!;
    for (let k = i + 1; k < right.length; k++) rest -= root[k]![i]! * whole[k]!;
    whole[i] = rest / root[i]![i]!;
  }
  return whole;
}

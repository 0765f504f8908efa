import { inverseHessian, minimizeSmooth, type SmoothFunction } from "../math/bfgs.js";
import { normalEstimate, UNKNOWN, type Estimate } from "../math/estimate.js";
import { probabilityOf } from "./log-odds.js";

/** Alike rows: where they lie, how many they are, and how many of them have outcome 1; counts need not be whole. */
export interface LinePoint {
  readonly at: number;
  readonly rowCount: number;
  readonly positiveCount: number;
}

/** log-odds of the outcome = intercept + slope · at. */
export interface LogisticLine {
  readonly intercept: Estimate;
  readonly slope: Estimate;
}

/**
 * The logistic regression of an outcome on one number, by maximum likelihood, with Wald's intervals. NaN where there is
 * no such maximum: outcomes all equal, numbers all equal, or one parting the other without fault.
 */
export function fitLogisticLine(points: readonly LinePoint[]): LogisticLine {
  const [intercept, slope] = estimatesOf(points, [0, 0], ([a, b], at) => a! + b! * at);
  return { intercept: intercept!, slope: slope! };
}

/** The intercept alone, the slope being held at 1. */
export function fitLogisticIntercept(points: readonly LinePoint[]): Estimate {
  return estimatesOf(points, [0], ([a], at) => a! + at)[0]!;
}

type Line = (parameters: Float64Array, at: number) => number;

function estimatesOf(points: readonly LinePoint[], start: readonly number[], line: Line): Estimate[] {
  const rowCount = points.reduce((sum, point) => sum + point.rowCount, 0);
  const loss = meanLoss(points, rowCount, line);
  const { point, isConverged } = minimizeSmooth(loss, start);
  const covariance = isConverged ? inverseHessian(loss, point) : undefined;
  return start.map((_, i) => {
    const error = Math.sqrt((covariance?.[i]?.[i] ?? NaN) / rowCount);
    return error <= WIDEST_ERROR ? normalEstimate(point[i]!, error) : UNKNOWN;
  });
}

/** Where outcomes are parted without fault the estimate runs away until rounding stops it, and its error with it. */
const WIDEST_ERROR = 1e3;

function meanLoss(points: readonly LinePoint[], rowCount: number, line: Line): SmoothFunction {
  return (parameters, slope) => {
    slope.fill(0);
    let sum = 0;
    for (const { at, rowCount: rows, positiveCount: positives } of points) {
      const logOdds = line(parameters, at);
      sum += positives * softplus(-logOdds) + (rows - positives) * softplus(logOdds);
      const excess = rows * probabilityOf(logOdds) - positives;
      slope[0]! += excess / rowCount;
      if (slope.length > 1) slope[1]! += (excess * at) / rowCount;
    }
    return sum / rowCount;
  };
}

/** log(1 + eˣ). */
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

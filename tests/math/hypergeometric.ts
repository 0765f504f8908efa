import { logGamma } from "../../src/math/gamma.js";

/** The parameters of Gauss's hypergeometric function. */
export interface GaussParameters {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Terms after which a slow series is given up for the integral. */
const SHORT_SERIES = 1000;
/** Terms after which any series is given up. */
const LONG_SERIES = 1e6;
/** Sums are scaled down here, long before they overflow. */
const LARGE = 1e200;
/** e to minus this is nothing beside 1. */
const NOTHING = 45;

/**
 * Gauss's hypergeometric function ₂F₁(a, b; c; z) of real arguments, 0 ≤ z < 1 and c > b > 0; also for any a, b, c > 0
 * where z is not too near 1.
 *
 * @returns within 1e-11 of the true value, relatively; Infinity where that is too large, NaN for other arguments
 * @see logHypergeometric
 */
export function hypergeometric(parameters: GaussParameters, z: number): number {
  return Math.exp(logHypergeometric(parameters, z));
}

/**
 * ln ₂F₁(a, b; c; z) for the arguments of `hypergeometric`, however large ₂F₁ is.
 *
 * Sums the power series, or that of Euler's transform, whichever has the smaller parameters. Where z is so near 1 that
 * this takes more than a thousand terms, Euler's integral is summed instead: some hundreds of nodes, however near.
 * Only for c < a and c < b, where there is no such integral, the series may have a million terms, which is enough
 * up to about z = 0.9999; beyond it the answer is NaN.
 *
 * @see DLMF 15.2.1 (series), 15.8.1 (Euler's transform), 15.6.1 (Euler's integral)
 */
export function logHypergeometric({ a, b, c }: GaussParameters, z: number): number {
  if (!(z >= 0 && z < 1 && c > 0)) return NaN;
  const turned = { a: c - a, b: c - b, c };
  const isTurned = Math.max(a, b) > Math.max(turned.a, turned.b) ? isMild(turned) : !isMild({ a, b, c });
  const power = isTurned ? (c - a - b) * Math.log1p(-z) : 0;
  const short = power + logSeries(isTurned ? turned : { a, b, c }, z, SHORT_SERIES);
  if (!Number.isNaN(short)) return short;
  if (c > b && b > 0) return logIntegral({ a, b, c }, z);
  if (c > a && a > 0) return logIntegral({ a: b, b: a, c }, z);
  return logSeries({ a, b, c }, z, LONG_SERIES);
}

/** Whether the terms of the series have one sign from the second on, so that hardly a digit is lost. */
const isMild = ({ a, b }: GaussParameters) => Math.min(a, b) >= -1;

/** ln of the power series; NaN when it needs more terms than allowed. */
function logSeries({ a, b, c }: GaussParameters, z: number, termCount: number): number {
  let [term, sum, logScale] = [1, 1, 0];
  for (let n = 0; n < termCount; n++) {
    const ratio = (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    term *= ratio;
    sum += term;
    if (Math.abs(term) <= 1e-17 * (1 - Math.abs(ratio)) * Math.abs(sum)) return logScale + Math.log(sum);
    if (sum > LARGE) [term, sum, logScale] = [term / LARGE, sum / LARGE, logScale + Math.log(LARGE)];
  }
  return NaN;
}

/**
 * ln of Euler's integral, Γ(c) / (Γ(b) Γ(c − b)) ∫ t^(b−1) (1−t)^(c−b−1) (1−zt)^(−a) dt over 0 < t < 1.
 * With t = 1 / (1 + e^−y) its integrand has one peak and falls exponentially on both sides, which sinh makes double
 * exponential, so that the trapezoidal rule doubles the digits with each halving.
 *
 * @see Takahasi & Mori (1974), "Double exponential formulas for numerical integration"
 */
function logIntegral({ a, b, c }: GaussParameters, z: number): number {
  const logDistance = Math.log1p(-z);
  const logIntegrand = (y: number) => b * y - (c - a) * softplus(y) - a * softplus(y + logDistance);
  const peak = zeroOf((y) => b - (c - a) * logistic(y) - a * logistic(y + logDistance));
  const height = logIntegrand(peak);
  const at = (v: number) => logIntegrand(peak + Math.sinh(v)) - height;
  let width = 0.25;
  let area = trapezoids(at, width);
  for (let halvings = 0; halvings < 10; halvings++) {
    width /= 2;
    const finer = trapezoids(at, width);
    const isEnough = Math.abs(finer - area) <= 1e-9 * finer;
    area = finer;
    if (isEnough) break;
  }
  return logGamma(c) - logGamma(b) - logGamma(c - b) + height + Math.log(area);
}

/** ln(1 + e^y) */
const softplus = (y: number) => Math.max(y, 0) + Math.log1p(Math.exp(-Math.abs(y)));
const logistic = (y: number) => 1 / (1 + Math.exp(-y));

/** The trapezoidal sum of exp(at(v)) cosh(v), outwards from 0 until nothing is left. */
function trapezoids(at: (v: number) => number, width: number): number {
  let sum = 1;
  for (const side of [-width, width]) {
    let fall = 0;
    for (let n = 1; fall > -NOTHING; n++) {
      const v = n * side;
      fall = at(v);
      sum += Math.exp(fall) * Math.cosh(v);
      if (!(Math.abs(v) < 700)) break;
    }
  }
  return sum * width;
}

/** Where a function that is positive far down and negative far up changes its sign. */
function zeroOf(f: (y: number) => number): number {
  let [low, high] = [-750, 750];
  for (let n = 0; n < 80; n++) {
    const middle = (low + high) / 2;
    if (f(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

import { logGamma } from "./gamma.js";

const MAX_TERMS = 10_000;
const PRECISION = 1e-15;

/**
 * The gamma distribution function with scale 1: the regularised lower incomplete gamma function P(a, x).
 *
 * @returns P(X ≤ x) for X ~ Gamma(shape, 1), to about 1e-13
 * @see DLMF 8.11.4 (series, for x < shape + 1) and 8.9.2 (continued fraction, by Lentz's method)
 */
export function gammaCdf(shape: number, x: number): number {
  if (x <= 0) return 0;
  if (x === Infinity) return 1;
  const front = Math.exp(shape * Math.log(x) - x - logGamma(shape));
  return x < shape + 1 ? front * lowerSeries(shape, x) : 1 - front * upperFraction(shape, x);
}

/** What {@link gammaCdf} leaves to 1, exact where that is tiny: P(X > x). */
export function gammaTail(shape: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  if (x < shape + 1) return 1 - gammaCdf(shape, x);
  return Math.exp(shape * Math.log(x) - x - logGamma(shape)) * upperFraction(shape, x);
}

function lowerSeries(shape: number, x: number): number {
  let term = 1 / shape;
  let sum = term;
  for (let n = 1; n < MAX_TERMS && term > sum * PRECISION; n++) {
    term *= x / (shape + n);
    sum += term;
  }
  return sum;
}

function upperFraction(shape: number, x: number): number {
  let b = x + 1 - shape;
  let c = 1e300;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < MAX_TERMS; n++) {
    const a = n * (shape - n);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return value;
}

/**
 * The value a gamma-distributed quantity with scale 1 stays below with the given probability.
 *
 * @returns to about 1e-10 relative; 0 for probability 0
 * @see Wilson & Hilferty (1931) for the start, Abramowitz & Stegun (1964) 26.4.17; then Newton's method between bounds
 */
export function gammaQuantile(shape: number, probability: number): number {
  if (probability <= 0) return 0;
  let [low, high] = [0, Infinity];
  let x = firstGuess(shape, probability);
  for (let step = 0; step < 100; step++) {
    const excess = gammaCdf(shape, x) - probability;
    if (excess > 0) high = x;
    else low = x;
    const density = Math.exp((shape - 1) * Math.log(x) - x - logGamma(shape));
    const newton = x - excess / density;
    const next = newton > low && newton < high ? newton : between(low, high);
    if (Math.abs(next - x) <= 1e-11 * x) return next;
    x = next;
  }
  return x;
}

const between = (low: number, high: number) => (high === Infinity ? 2 * low : (low + high) / 2);

function firstGuess(shape: number, probability: number): number {
  const z = normalQuantile(probability);
  const cube = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape));
  const guess = shape * cube ** 3;
  if (cube > 0 && guess > 1e-3 * shape) return guess;
  return Math.exp((Math.log(probability) + logGamma(shape + 1)) / shape) || Number.MIN_VALUE;
}

/** To 4.5e-4. @see Abramowitz & Stegun (1964) 26.2.23 */
function normalQuantile(probability: number): number {
  const tail = Math.min(probability, 1 - probability);
  if (tail <= 0) return probability < 0.5 ? -38 : 38;
  const t = Math.sqrt(-2 * Math.log(tail));
  const z =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return probability < 0.5 ? -z : z;
}

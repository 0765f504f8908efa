import { logGamma } from "./gamma.js";

const MAX_TERMS = 10_000;
const PRECISION = 1e-15;
/** Stands for a denominator of zero in the continued fraction. */
const TINY = 1e-300;

/**
 * The regularised incomplete beta function I_x(a, b), to about 1e-13.
 *
 * @see DLMF 8.17.22 (continued fraction, by Lentz's method) and 8.17.4 (symmetry, where the fraction is slow)
 */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return (Math.exp(front) / a) * betaFraction(a, b, x);
}

function betaFraction(a: number, b: number, x: number): number {
  let [c, d] = [1, 1 / nonZero(1 - ((a + b) * x) / (a + 1))];
  let value = d;
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / nonZero(1 + term * d);
      c = nonZero(1 + term / c);
      change = c * d;
      value *= change;
    }
    if (Math.abs(change - 1) < PRECISION) break;
  }
  return value;
}

const nonZero = (value: number) => (Math.abs(value) < TINY ? TINY : value);

/** How likely a Student's t is at least so far from 0, on either side. @param freedom degrees of freedom, above 0 */
export function studentTails(t: number, freedom: number): number {
  return incompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

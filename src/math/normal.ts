/**
 * The standard normal distribution function.
 *
 * @returns P(Z ≤ z), with an absolute error below 7.5e-8; `normal_cdf` in SQL is the same formula
 * @see Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 26.2.17
 */
export function normalCdf(z: number): number {
  return z >= 0 ? 1 - normalTail(z) : normalTail(-z);
}

function normalTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return Math.exp((-z * z) / 2) * 0.3989422804014327 * polynomial;
}

const FRACTION_FROM = 3;
const FRACTION_TERMS = 40;

/**
 * P(Z > z) with a relative error below 1e-4, however far out.
 *
 * @see Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 26.2.14: continued fraction from z = 3
 */
export function normalUpperTail(z: number): number {
  if (z < FRACTION_FROM) return 1 - normalCdf(z);
  let below = z;
  for (let term = FRACTION_TERMS; term >= 1; term--) below = z + term / below;
  return (Math.exp((-z * z) / 2) * 0.3989422804014327) / below;
}

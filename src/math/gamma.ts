const HALF_LOG_TWO_PI = 0.9189385332046728;
/** From here on the asymptotic series give the full precision of a double. */
const LARGE = 10;

/**
 * Natural logarithm of the gamma function for x > 0.
 *
 * @returns within 1e-14 of the true value, relative where it is large; Infinity at 0, NaN below
 * @see Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 6.1.40 (Stirling), brought to large x by 6.1.15
 */
export function logGamma(x: number): number {
  if (!(x >= 0)) return NaN;
  let product = 1;
  let large = x;
  for (; large < LARGE; large++) product *= large;
  const t = 1 / large;
  const t2 = t * t;
  const series =
    t * (1 / 12 - t2 * (1 / 360 - t2 * (1 / 1260 - t2 * (1 / 1680 - t2 * (1 / 1188 - t2 * (691 / 360360))))));
  const value = (large - 0.5) * (Math.log(large) - 1) - 0.5 + HALF_LOG_TWO_PI + series;
  return product === 1 ? value : value - Math.log(product);
}

/**
 * The digamma function ψ(x), the derivative of `logGamma`, for x > 0.
 *
 * @returns within 1e-14 of the true value, relative where it is large; -Infinity at 0, NaN below
 * @see Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 6.3.18, brought to large x by 6.3.5
 */
export function digamma(x: number): number {
  if (!(x >= 0)) return NaN;
  let sum = 0;
  let large = x;
  for (; large < LARGE; large++) sum += 1 / large;
  const t = 1 / large;
  const t2 = t * t;
  const series =
    t2 *
    (1 / 12 -
      t2 * (1 / 120 - t2 * (1 / 252 - t2 * (1 / 240 - t2 * (1 / 132 - t2 * (691 / 32760 - t2 / 12))))));
  return Math.log(large) - t / 2 - series - sum;
}

/** A number and the ends of its 95 % interval. */
export interface Estimate {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % point of the standard normal distribution: half the width of a 95 % interval, in standard errors. */
export const Z_95 = 1.959963984540054;

/** Nothing is known, not even an interval. */
export const UNKNOWN: Estimate = { estimate: NaN, low: NaN, high: NaN };

/** An estimate with a symmetric interval, held to what is possible. */
export function normalEstimate(
  estimate: number,
  standardError: number,
  [least, most]: readonly [number, number] = [-Infinity, Infinity],
): Estimate {
  const reach = Z_95 * standardError;
  return { estimate, low: Math.max(least, estimate - reach), high: Math.min(most, estimate + reach) };
}

/**
 * A share with Wilson's interval, which stays within 0–1 and has width even where all or none are counted.
 *
 * @param hits may be a mean over ways to break ties, and so not whole
 * @returns of nothing counted, NaN between 0 and 1
 * @see Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22
 */
export function shareEstimate(hits: number, count: number): Estimate {
  if (count === 0) return { estimate: NaN, low: 0, high: 1 };
  const share = hits / count;
  const extra = Z_95 ** 2 / count;
  const middle = (share + extra / 2) / (1 + extra);
  // Rounding may carry an end past a share that lies next to 0 or 1.
  const reach = Math.sqrt(extra * share * (1 - share) + extra ** 2 / 4) / (1 + extra);
  return {
    estimate: share,
    low: share === 0 ? 0 : Math.min(share, Math.max(0, middle - reach)),
    high: share === 1 ? 1 : Math.max(share, Math.min(1, middle + reach)),
  };
}

/**
 * A share strictly between 0 and 1 with an interval that is symmetric on the scale of log-odds, and so stays within 0–1.
 *
 * @param standardError of the share, not of its log-odds
 */
export function logOddsEstimate(share: number, standardError: number): Estimate {
  const logOdds = Math.log(share / (1 - share));
  const reach = (Z_95 * standardError) / (share * (1 - share));
  const at = (value: number) => 1 / (1 + Math.exp(-value));
  return { estimate: share, low: at(logOdds - reach), high: at(logOdds + reach) };
}

import { normalCdf } from "../math/normal.js";
import { numberSql } from "../sql.js";

/** Orders of one customer in two periods, and how regular they are. */
export interface RateChange {
  readonly recentCount: number;
  readonly recentDays: number;
  readonly earlierCount: number;
  readonly earlierDays: number;
  /** k of the base's rhythm; 1 for orders by pure chance. */
  readonly shape: number;
}

/**
 * Whether orders come faster or slower than before: the standard normal deviate of the
 * variance-stabilised comparison of two rates, positive for a rise. Counts of a renewal process
 * with Erlang gaps of shape k vary k times less than Poisson counts, so the Poisson deviate is
 * multiplied by √k.
 *
 * @see Gu, Ng, Tang & Schucany (2008), "Testing the ratio of two Poisson rates", Biometrical Journal 50(2), statistic W₅ with R = 1;
 *   Cox (1962), "Renewal Theory", §3.3 for the variance of counts
 */
export function rateChangeZ({
  recentCount,
  recentDays,
  earlierCount,
  earlierDays,
  shape,
}: RateChange): number {
  const d = recentDays / earlierDays;
  return (
    (2 * Math.sqrt(shape) * (Math.sqrt(recentCount + 0.375) - Math.sqrt(d * (earlierCount + 0.375)))) /
    Math.sqrt(1 + d)
  );
}

/** The two-sided p-value of a standard normal deviate. */
export function twoSidedP(z: number): number {
  return 2 * normalCdf(-Math.abs(z));
}

/** `rateChangeZ` as SQL over expressions of numbers. */
export function rateChangeZSql({
  recentCount,
  recentDays,
  earlierCount,
  earlierDays,
  shape,
}: RateChangeSql): string {
  const d = `(to_number(${recentDays}) / to_number(${earlierDays}))`;
  const rise = `sqrt(to_number(${recentCount}) + 0.375e0) - sqrt(${d} * (to_number(${earlierCount}) + 0.375e0))`;
  return `2e0 * sqrt(${numberSql(shape)}) * (${rise}) / sqrt(1e0 + ${d})`;
}

/** The parts of a `RateChange` as SQL expressions, of one shape for all. */
export interface RateChangeSql extends Record<Exclude<keyof RateChange, "shape">, string> {
  readonly shape: number;
}

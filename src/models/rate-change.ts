import { normalCdf } from "../math/normal.js";

/** Orders of one customer in two periods. */
export interface RateChange {
  readonly recentCount: number;
  readonly recentDays: number;
  readonly earlierCount: number;
  readonly earlierDays: number;
}

/**
 * Whether orders come faster or slower than before: the standard normal deviate of the
 * variance-stabilised comparison of two Poisson rates, positive for a rise.
 *
 * @see Gu, Ng, Tang & Schucany (2008), "Testing the ratio of two Poisson rates", Biometrical Journal 50(2), statistic W₅ with R = 1
 */
export function rateChangeZ({ recentCount, recentDays, earlierCount, earlierDays }: RateChange): number {
  const d = recentDays / earlierDays;
  return (2 * (Math.sqrt(recentCount + 0.375) - Math.sqrt(d * (earlierCount + 0.375)))) / Math.sqrt(1 + d);
}

/** The two-sided p-value of a standard normal deviate. */
export function twoSidedP(z: number): number {
  return 2 * normalCdf(-Math.abs(z));
}

/** `rateChangeZ` as SQL; the four arguments are SQL expressions of numbers. */
export function rateChangeZSql(
  recentCount: string,
  earlierCount: string,
  days: { recent: string; earlier: string },
): string {
  const d = `(to_number(${days.recent}) / to_number(${days.earlier}))`;
  return `2e0 * (sqrt(to_number(${recentCount}) + 0.375e0) - sqrt(${d} * (to_number(${earlierCount}) + 0.375e0))) / sqrt(1e0 + ${d})`;
}

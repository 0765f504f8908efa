/** How much likelier than the base a customer is to leave. */
export const RISK_BANDS = ["high", "middle", "low"] as const;
/** One of them. */
export type RiskBand = (typeof RISK_BANDS)[number];

/** Odds so many times those of the base are high, and one by so many of them low. */
const FACTOR = 3;

/**
 * A probability against that of the base: high with at least three times its odds, low with at most a third of them.
 * By odds, so that the bands have a meaning for a base that leaves at 2 % as for one that leaves at 60 %.
 */
export function riskBand(probability: number, baseRate: number): RiskBand {
  const [own, base] = [probability * (1 - baseRate), baseRate * (1 - probability)];
  if (own >= FACTOR * base) return "high";
  return own * FACTOR <= base ? "low" : "middle";
}

/** The probabilities where the bands of {@link riskBand} begin and end; NaN for a base of which nothing is known. */
export interface RiskThresholds {
  readonly highFrom: number;
  readonly lowTo: number;
}

/** Where a base that leaves at such a rate has its bands. */
export function riskThresholds(baseRate: number): RiskThresholds {
  const stays = 1 - baseRate;
  return {
    highFrom: (FACTOR * baseRate) / (FACTOR * baseRate + stays),
    lowTo: baseRate / (baseRate + FACTOR * stays),
  };
}

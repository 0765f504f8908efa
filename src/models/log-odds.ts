import type { TrainingSet } from "./training-set.js";

/** Beyond it a probability no longer differs from 0 or 1, and an engine may refuse the exponential. */
const STEEPEST = 700;

/** The probability with the given log-odds. */
export const probabilityOf = (logOdds: number): number => 1 / (1 + Math.exp(Math.min(-logOdds, STEEPEST)));

/** {@link probabilityOf} of a SQL expression. */
export const probabilitySql = (logOddsSql: string): string =>
  `1e0 / (1e0 + exp(least(-(${logOddsSql}), ${STEEPEST}e0)))`;

/**
 * The log-odds that one would give every row alike. Where all outcomes are equal, or there are none, half a row
 * of either outcome is added: what has not been seen yet is not impossible.
 */
export function baselineLogOdds({ outcomes, weights }: TrainingSet): number {
  const counts = [0, 0];
  outcomes.forEach((outcome, row) => (counts[outcome]! += weights?.[row] ?? 1));
  const [negatives, positives] = counts as [number, number];
  return negatives > 0 && positives > 0
    ? Math.log(positives / negatives)
    : Math.log((positives + 0.5) / (negatives + 0.5));
}

/** The log-odds of a probability, the inverse of {@link probabilityOf}. */
export const logOddsOf = (probability: number): number => Math.log(probability / (1 - probability));

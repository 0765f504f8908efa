import { gammaQuantile } from "../math/incomplete-gamma.js";

/** How far a population has moved, in words. */
export const DRIFTS = ["stable", "shifting", "shifted"] as const;
/** One of them. */
export type Drift = (typeof DRIFTS)[number];

/** How far counts have moved from those expected. */
export interface PopulationStability {
  readonly index: number;
  /** What two samples of these sizes from one and the same population stay below, 95 times in 100. */
  readonly chanceLimit: number;
  readonly drift: Drift;
}

/** From this index on a population is shifting, or has shifted: the usual limits. */
export const DRIFT_LIMITS = { shifting: 0.1, shifted: 0.25 } as const;

/** Added to every count, so that an empty bin does not make the index infinite. */
const PSEUDO_COUNT = 0.5;

/**
 * The population stability index Σ (a − e) · log(a / e) over the shares a now and e before: 0 when nothing has moved.
 *
 * @param expected rows by bin when the model was fitted, above 0 in sum
 * @param actual rows in the same bins now, above 0 in sum
 * @param pseudoCount added to every count; 0 gives the plain index, infinite with an empty bin
 * @throws RangeError for counts of different bins, and where there is nothing to compare
 * @see Siddiqi (2006), "Credit Risk Scorecards", chapter 8
 */
export function populationStabilityIndex(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  pseudoCount = PSEUDO_COUNT,
): number {
  requireComparable(expected, actual);
  const before = sharesOf(expected, pseudoCount);
  const now = sharesOf(actual, pseudoCount);
  return before.reduce(
    (sum, share, bin) => sum + (share === now[bin] ? 0 : (now[bin]! - share) * Math.log(now[bin]! / share)),
    0,
  );
}

/**
 * The index with what chance alone could make of it, and the word for it: it is `stable` below 0.1 and wherever chance
 * explains it, `shifted` from 0.25 on.
 *
 * @see Yurdakul & Naranjo (2020), "Statistical properties of the population stability index", Journal of Risk Model Validation
 * 14(4): without drift it is distributed as χ² · (1/N + 1/M), with as many degrees of freedom as bins less one
 */
export function populationStability(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
): PopulationStability {
  const index = populationStabilityIndex(expected, actual);
  const bins = Array.from(expected, (count, bin) => count + actual[bin]!).filter((count) => count > 0).length;
  const spread = 1 / totalOf(expected) + 1 / totalOf(actual);
  const chanceLimit = bins > 1 ? 2 * gammaQuantile((bins - 1) / 2, 0.95) * spread : 0;
  return { index, chanceLimit, drift: index <= chanceLimit ? "stable" : driftOf(index) };
}

function driftOf(index: number): Drift {
  if (index >= DRIFT_LIMITS.shifted) return "shifted";
  return index >= DRIFT_LIMITS.shifting ? "shifting" : "stable";
}

function requireComparable(expected: ArrayLike<number>, actual: ArrayLike<number>): void {
  if (expected.length !== actual.length)
    throw new RangeError(`${expected.length} bins cannot be compared with ${actual.length}`);
  if (!(totalOf(expected) > 0 && totalOf(actual) > 0))
    throw new RangeError("a population without rows has no stability");
}

const totalOf = (counts: ArrayLike<number>) => Array.from(counts).reduce((sum, count) => sum + count, 0);

function sharesOf(counts: ArrayLike<number>, pseudoCount: number): number[] {
  const total = totalOf(counts) + pseudoCount * counts.length;
  return Array.from(counts, (count) => (count + pseudoCount) / total);
}

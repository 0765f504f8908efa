import { gammaCdf, gammaTail } from "./incomplete-gamma.js";

/**
 * How likely a Poisson count is at least as far off its mean on either side: twice the smaller tail.
 *
 * @see Garwood (1936), "Fiducial Limits for the Poisson Distribution", Biometrika 28: the 95 % limits of a count are the means where this is 0.05
 */
export function poissonTwoSided(count: number, mean: number): number {
  if (mean === 0) return count === 0 ? 1 : 0;
  const orFewer = gammaTail(count + 1, mean);
  const orMore = count === 0 ? 1 : gammaCdf(count, mean);
  return Math.min(1, 2 * Math.min(orFewer, orMore));
}

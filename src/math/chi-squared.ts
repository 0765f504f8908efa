import { logGamma } from "./gamma.js";
import { gammaCdf, gammaTail } from "./incomplete-gamma.js";

/** How likely a χ² is at least so large. @param freedom degrees of freedom, above 0 */
export function chiSquaredTail(statistic: number, freedom: number): number {
  return gammaTail(freedom / 2, statistic / 2);
}

/** Weights of the mixture below this do not count. */
const LEAST_WEIGHT = 1e-16;

/**
 * The distribution function of the noncentral χ²: a mixture of central ones with Poisson weights, summed from the heaviest
 * weight outwards.
 *
 * @see Johnson, Kotz & Balakrishnan (1995), "Continuous Univariate Distributions" 2, (29.3)
 */
export function noncentralChiSquaredCdf(statistic: number, freedom: number, noncentrality: number): number {
  const half = noncentrality / 2;
  const middle = Math.floor(half);
  const at = (j: number, weight: number) => weight * gammaCdf(freedom / 2 + j, statistic / 2);
  const first = poissonWeight(middle, half);
  let sum = at(middle, first);
  for (let [j, weight] = [middle + 1, (first * half) / (middle + 1)]; weight > LEAST_WEIGHT;) {
    sum += at(j, weight);
    j += 1;
    weight *= half / j;
  }
  for (let [j, weight] = [middle - 1, (first * middle) / half]; j >= 0 && weight > LEAST_WEIGHT;) {
    sum += at(j, weight);
    weight *= j / half;
    j -= 1;
  }
  return Math.min(1, sum);
}

const poissonWeight = (count: number, mean: number) =>
  mean === 0 ? 1 : Math.exp(count * Math.log(mean) - mean - logGamma(count + 1));

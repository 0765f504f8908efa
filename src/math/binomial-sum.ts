import { normalUpperTail } from "./normal.js";

/** So many trials, each a hit with the same probability. */
export interface Trials {
  readonly counts: Float64Array;
  readonly probabilities: Float64Array;
  /** How many of the entries are in use. */
  readonly size: number;
}

const STEPS = 60;
const CLOSE = 1e-9;
/** So near the mean the two large terms of the formula cancel. */
const NEAR_MEAN = 1e-4;

/**
 * The likelihood of at least so many hits in independent trials of different probabilities (the upper tail of the
 * Poisson-binomial distribution), by the saddlepoint approximation for counts.
 *
 * @returns within a few percent of the true value, also far out; 1 where the hits are no more than are expected
 * @see Lugannani & Rice (1980), Advances in Applied Probability 12; Daniels (1987), "Tail Probability Approximations", International Statistical Review 55, (6.2)
 */
export function binomialSumTail(hits: number, trials: Trials): number {
  const { counts, probabilities, size } = trials;
  let [mean, most, logAll] = [0, 0, 0];
  for (let at = 0; at < size; at++) {
    const probability = probabilities[at]!;
    mean += counts[at]! * probability;
    if (probability > 0) most += counts[at]!;
    if (probability > 0) logAll += counts[at]! * Math.log(probability);
  }
  if (hits <= mean) return 1;
  if (hits > most) return 0;
  if (hits === most) return Math.exp(logAll);
  const s = saddlepoint(hits, trials, mean / most);
  const { logMoment, variance } = cumulants(s, trials);
  const w = Math.sqrt(Math.max(0, 2 * (s * hits - logMoment)));
  const u = -Math.expm1(-s) * Math.sqrt(variance);
  if (w < NEAR_MEAN) return 0.5;
  const density = Math.exp((-w * w) / 2) * 0.3989422804014327;
  return Math.min(1, Math.max(0, normalUpperTail(w) + density * (1 / u - 1 / w)));
}

/** Where the tilted trials have the hits as their mean: Newton's steps, held within a bracket. */
function saddlepoint(hits: number, trials: Trials, meanShare: number): number {
  const most = totalOf(trials);
  const share = hits / most;
  let [low, high] = [0, Infinity];
  let s = Math.max(CLOSE, Math.log(share / (1 - share)) - Math.log(meanShare / (1 - meanShare)));
  for (let step = 0; step < STEPS; step++) {
    const { mean, variance } = cumulants(s, trials);
    const miss = mean - hits;
    if (Math.abs(miss) <= CLOSE * hits) break;
    if (miss > 0) high = s;
    else low = s;
    const next = s - miss / variance;
    s = next > low && next < high ? next : high === Infinity ? s * 2 : (low + high) / 2;
  }
  return s;
}

function totalOf({ counts, probabilities, size }: Trials): number {
  let total = 0;
  for (let at = 0; at < size; at++) if (probabilities[at]! > 0) total += counts[at]!;
  return total;
}

/** Of the number of hits, tilted by s: the logarithm of its moment generating function, and that one's first two derivatives. */
function cumulants(s: number, { counts, probabilities, size }: Trials) {
  const grown = Math.exp(s);
  let [logMoment, mean, variance] = [0, 0, 0];
  for (let at = 0; at < size; at++) {
    const count = counts[at]!;
    const hit = probabilities[at]! * grown;
    const all = 1 - probabilities[at]! + hit;
    const share = hit / all;
    logMoment += count * Math.log(all);
    mean += count * share;
    variance += count * share * (1 - share);
  }
  return { logMoment, mean, variance };
}

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
const NEAR_MEAN = 1e-3;

/**
 * The likelihood of at least so many hits in independent trials of different probabilities (the upper tail of the
 * Poisson-binomial distribution), by the saddlepoint approximation for counts.
 *
 * @returns within a tenth of the true value, also far out; 1 where the hits are no more than are expected
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
  const s = saddlepoint(hits, trials, { mean, most });
  const { variance } = tilted(s, trials);
  const logMoment = logMomentAt(s, trials);
  const w = Math.sqrt(Math.max(0, 2 * (s * hits - logMoment)));
  const u = -Math.expm1(-s) * Math.sqrt(variance);
  if (w < NEAR_MEAN) return 0.5;
  const density = Math.exp((-w * w) / 2) * 0.3989422804014327;
  return Math.min(1, Math.max(0, normalUpperTail(w) + density * (1 / u - 1 / w)));
}

/** Where the tilted trials have the hits as their mean: Newton's steps, held within a bracket. */
function saddlepoint(
  hits: number,
  trials: Trials,
  untilted: { readonly mean: number; readonly most: number },
): number {
  const share = hits / untilted.most;
  const meanShare = untilted.mean / untilted.most;
  let [low, high] = [0, Infinity];
  let s = Math.max(CLOSE, Math.log(share / (1 - share)) - Math.log(meanShare / (1 - meanShare)));
  for (let step = 0; step < STEPS; step++) {
    const { mean, variance } = tilted(s, trials);
    const miss = mean - hits;
    if (Math.abs(miss) <= CLOSE * hits) break;
    if (miss > 0) high = s;
    else low = s;
    const next = s - miss / variance;
    s = next > low && next < high ? next : high === Infinity ? s * 2 : (low + high) / 2;
  }
  return s;
}

/** Mean and variance of the number of hits, tilted by s: the first two derivatives of the logarithm of its moment generating function. */
function tilted(s: number, { counts, probabilities, size }: Trials) {
  const grown = Math.exp(s);
  let [mean, variance] = [0, 0];
  for (let at = 0; at < size; at++) {
    const hit = probabilities[at]! * grown;
    const share = hit / (1 - probabilities[at]! + hit);
    const expected = counts[at]! * share;
    mean += expected;
    variance += expected * (1 - share);
  }
  return { mean, variance };
}

/** That logarithm itself. */
function logMomentAt(s: number, { counts, probabilities, size }: Trials): number {
  const growth = Math.expm1(s);
  let sum = 0;
  for (let at = 0; at < size; at++) sum += counts[at]! * Math.log1p(probabilities[at]! * growth);
  return sum;
}

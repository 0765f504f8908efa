import { minimize } from "../math/minimize.js";
import { logRising } from "../math/rising-factorial.js";

/** Pairs of events: how often they came and how often they would have by chance alone. */
export interface PairCounts {
  readonly hits: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  /** Pairs that came less often are not among them. */
  readonly leastHits: number;
}

/** Shapes and weights tried, from hardly any shrinkage to hardly any difference: half a power of two apart. */
const TRIED = Array.from({ length: 41 }, (_, step) => 2 ** (step / 2 - 4));
const COARSE = 4;

/**
 * How far lifts spread, as the shape α of a gamma distribution with mean 1: the lift of a pair is then best told as
 * (hits + α) / (expected + α). Pairs of which nothing was expected tell nothing; without any others, the most cautious shape.
 */
export function fitLiftShape({ hits, expected }: Omit<PairCounts, "leastHits">): number {
  return mostLikely((shape) => {
    let sum = 0;
    for (let pair = 0; pair < hits.length; pair++)
      if (expected[pair]! > 0)
        sum += logNegativeBinomial(hits[pair]!, expected[pair]!, { shape, rate: shape });
    return sum;
  });
}

interface Gamma {
  readonly shape: number;
  readonly rate: number;
}

/** Lifts of pairs as a mixture: most near 1, some spread far. */
export interface LiftMixture {
  readonly usual: Gamma;
  readonly special: Gamma;
  /** Share of the special ones. */
  readonly share: number;
}

/** Without pairs nothing is special. */
const NOTHING_SPECIAL: LiftMixture = {
  usual: { shape: 1000, rate: 1000 },
  special: { shape: 1, rate: 1 },
  share: 0,
};
const MOST_FITTED = 4000;

/**
 * How lifts spread over pairs: a gamma distribution with mean 1 for those that mean nothing, another for the rest. The
 * likelihood is that of hits given that they were at least so many, so that leaving out rare pairs bends nothing. Fitted
 * to 4,000 pairs at most, evenly chosen in the order of their counts.
 *
 * @see DuMouchel (1999), "Bayesian Data Mining in Large Frequency Tables", The American Statistician 53(3), (4)–(7)
 */
export function fitLiftMixture({ hits, expected, leastHits }: PairCounts): LiftMixture {
  const order = Array.from({ length: hits.length }, (_, pair) => pair)
    .filter((pair) => expected[pair]! > 0)
    .sort((a, b) => hits[a]! - hits[b]! || expected[a]! - expected[b]!);
  const step = Math.max(1, order.length / MOST_FITTED);
  const chosen = Array.from(
    { length: Math.floor(order.length / step) },
    (_, i) => order[Math.floor(i * step)]!,
  );
  if (chosen.length === 0) return NOTHING_SPECIAL;
  const alike = byCount({ hits, expected }, chosen);
  const loss = (point: readonly number[]) => {
    const mixture = mixtureAt(point);
    return -alike.reduce((sum, pairs) => sum + logTruncated(mixture, pairs, leastHits), 0);
  };
  return mixtureAt(minimize(loss, [3, 0, -1, -3]).point);
}

/** Pairs that came equally often, and how often each was to be expected. */
interface AlikePairs {
  readonly count: number;
  readonly expected: readonly number[];
}

function byCount(counts: Omit<PairCounts, "leastHits">, chosen: readonly number[]): AlikePairs[] {
  const found = new Map<number, number[]>();
  for (const pair of chosen) {
    const count = counts.hits[pair]!;
    const alike = found.get(count);
    if (alike === undefined) found.set(count, [counts.expected[pair]!]);
    else alike.push(counts.expected[pair]!);
  }
  return Array.from(found, ([count, expected]) => ({ count, expected }));
}

/** From four numbers without bounds, held to what can be told apart. */
function mixtureAt([usual, shape, rate, share]: readonly number[]): LiftMixture {
  const held = (value: number, [least, most]: readonly [number, number]) =>
    Math.min(most, Math.max(least, value));
  const usualShape = Math.exp(held(usual!, [0, 9]));
  return {
    usual: { shape: usualShape, rate: usualShape },
    special: { shape: Math.exp(held(shape!, [-1.5, 3])), rate: Math.exp(held(rate!, [-5, 3])) },
    share: 1 / (1 + Math.exp(-held(share!, [-9, 2]))),
  };
}

function logTruncated(mixture: LiftMixture, { count, expected }: AlikePairs, least: number): number {
  const { usual, special, share } = mixture;
  const [usualWays, specialWays] = [logWays(count, usual), logWays(count, special)];
  let sum = 0;
  for (const mean of expected) {
    const [usualNone, specialNone] = [logNone(mean, usual), logNone(mean, special)];
    const likelihood =
      (1 - share) * Math.exp(usualWays + usualNone + count * Math.log(mean / (mean + usual.rate))) +
      share * Math.exp(specialWays + specialNone + count * Math.log(mean / (mean + special.rate)));
    const below =
      (1 - share) * Math.exp(usualNone) * fewerThan(least, mean, usual) +
      share * Math.exp(specialNone) * fewerThan(least, mean, special);
    sum += Math.log(Math.max(1e-300, likelihood)) - Math.log(Math.max(1e-12, 1 - below));
  }
  return sum;
}

/** P(n < least)/P(0) of such a count: each chance follows from the one before. */
function fewerThan(least: number, expected: number, { shape, rate }: Gamma): number {
  let [chance, sum] = [1, 0];
  for (let count = 0; count < least; count++) {
    sum += chance;
    chance *= (((shape + count) / (count + 1)) * expected) / (expected + rate);
  }
  return sum;
}

/** The lift to expect of a pair that came so often: the mean of what is likely after seeing it. */
export function shrunkenLift(mixture: LiftMixture, count: number, expected: number): number {
  const { usual, special, share } = mixture;
  const [near, far] = [
    Math.log(Math.max(1e-300, 1 - share)) + logNegativeBinomial(count, expected, usual),
    Math.log(Math.max(1e-300, share)) + logNegativeBinomial(count, expected, special),
  ];
  const isSpecial = 1 / (1 + Math.exp(near - far));
  const mean = ({ shape, rate }: Gamma) => (count + shape) / (expected + rate);
  return (1 - isSpecial) * mean(usual) + isSpecial * mean(special);
}

/** ln P(n) of a Poisson count whose mean is `expected` times a lift that is gamma distributed. */
const logNegativeBinomial = (count: number, expected: number, gamma: Gamma) =>
  logWays(count, gamma) + logNone(expected, gamma) + count * Math.log(expected / (expected + gamma.rate));

/** Of ln P(n), what does not depend on what was to be expected. */
const logWays = (count: number, { shape }: Gamma) => logRising(shape, count) - logRising(1, count);

/** ln P(0) of such a count. */
const logNone = (expected: number, { shape, rate }: Gamma) => -shape * Math.log1p(expected / rate);

/** Groups of trials: how many, how many of them hit, and the share of all groups like them. */
export interface GroupCounts {
  readonly trials: ArrayLike<number>;
  readonly hits: ArrayLike<number>;
  readonly rates: ArrayLike<number>;
}

/**
 * How many trials the share of all groups is worth beside a group's own: w in (hits + w · rate) / (trials + w), by the
 * likelihood of the beta-binomial distribution. Without groups, the most cautious weight.
 *
 * @see Skellam (1948), "A Probability Distribution Derived from the Binomial Distribution…", JRSS B 10(2)
 */
export function fitShareWeight({ trials, hits, rates }: GroupCounts): number {
  return mostLikely((weight) => {
    let sum = 0;
    for (let group = 0; group < trials.length; group++) {
      const rate = rates[group]!;
      if (!(rate > 0 && rate < 1)) continue;
      sum +=
        logRising(weight * rate, hits[group]!) +
        logRising(weight * (1 - rate), trials[group]! - hits[group]!) -
        logRising(weight, trials[group]!);
    }
    return sum;
  });
}

/** What came, and what was to be expected, of so many trials. */
export interface TrialCounts {
  readonly hits: number;
  readonly expected: number;
  readonly trials: number;
}

/**
 * How many times as high a rate is as expected, drawn in to 1 by a weight of expected hits; in chances of 0.99 at most.
 * In SQL `rate_factor`.
 *
 * @see Cox (1972), "Regression Models and Life-Tables", JRSS B 34(2), equation 9 (proportional hazards)
 */
export function rateFactor({ hits, expected, trials }: TrialCounts, weight: number): number {
  if (!(expected > 0)) return 1;
  const chance = expected / trials;
  const rateOf = (share: number) => Math.log(1 - Math.min(0.99, share));
  return rateOf((chance * (hits + weight)) / (expected + weight)) / rateOf(chance);
}

/**
 * The chance of what comes at a rate so many times as high as something of this chance, 0.99 at most: rates multiply,
 * chances do not. In SQL `raised_chance`.
 */
export const raisedChance = (chance: number, factor: number) =>
  Math.min(0.99, 1 - (1 - Math.min(0.99, chance)) ** factor);

/**
 * Of those tried the one with the greatest likelihood, which has one peak, the larger where they tie: every fourth is tried,
 * then the neighbours of the best.
 */
function mostLikely(logLikelihood: (parameter: number) => number): number {
  const known = new Map<number, number>();
  const likelihoodAt = (place: number) => {
    if (!known.has(place)) known.set(place, logLikelihood(TRIED[place]!));
    return known.get(place)!;
  };
  const best = (places: readonly number[]) =>
    places.reduceRight((most, place) => (likelihoodAt(place) > likelihoodAt(most) ? place : most));
  const places = [...TRIED.keys()];
  const near = best(places.filter((place) => place % COARSE === 0));
  return TRIED[best(places.slice(Math.max(0, near - COARSE + 1), near + COARSE))]!;
}

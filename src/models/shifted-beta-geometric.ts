import { inverseHessian, minimizeSmooth, type SmoothFunction } from "../math/bfgs.js";

/** What happened at the first, second, … renewal of contracts that renew at a fixed interval. */
export interface Renewals {
  /** Contracts that came to this renewal. */
  readonly atRiskCounts: Float64Array;
  /** Of these, the ones that were not renewed. */
  readonly lostCounts: Float64Array;
}

/** What a retention curve rests on, from best to worst. */
export type RetentionRung = "shifted-beta-geometric" | "discrete-weibull" | "geometric" | "prior";

/**
 * How likely a contract is renewed, time after time. Of the contracts, `churn` are lost at the first renewal; the more
 * they differ from one another (`spread`), the sooner the volatile ones are gone and the more loyal are those who are left.
 */
export interface RetentionCurve {
  /** α / (α + β): the mean of the chances to leave, 0–1. */
  readonly churn: number;
  /** 1 / (α + β): 0 when all contracts are alike. */
  readonly spread: number;
  /** c of the discrete Weibull, for contracts that are alike: above 1, each is the likelier to end the older it is. */
  readonly shape?: number;
}

/** A retention curve with what it was learnt from. */
export interface Retention extends RetentionCurve {
  readonly rung: RetentionRung;
  readonly shape: number;
  /** The paper's α and β; Infinity when all contracts are alike. */
  readonly alpha: number;
  readonly beta: number;
  readonly logLikelihood: number;
  readonly iterations: number;
  /** Of (logit churn, log spread) or (logit churn, log shape); of logit churn alone where that is all there is. */
  readonly covariance: readonly Float64Array[];
  /** Renewals that it was learnt from, and those that failed. */
  readonly renewalCount: number;
  readonly lostCount: number;
  /** The number of the last renewal that any contract came to; 0 when none came to its first. */
  readonly lastRenewal: number;
}

/**
 * Learns how contracts are retained, by maximum likelihood: the chance to leave is a contract's own, and
 * beta-distributed over contracts. Where that has no maximum inside (contracts are all alike, or some never leave),
 * gains nothing or has no curvature, contracts are taken for alike: their chance to leave rises with age (discrete
 * Weibull) where a likelihood-ratio test at 5 % says so, and is the same at every renewal (geometric) where not. Where
 * no renewal has been seen, or all or none were lost, half a loss in one more renewal is added: nothing is certain.
 *
 * @see Fader & Hardie (2007), "How to Project Customer Retention", Journal of Interactive Marketing 21(1), eq. (5)–(8).
 * With churn p = α/(α+β) and spread ν = 1/(α+β), the retention rate (8) at renewal t is
 * r(t) = (1 − p + ν(t − 1)) / (1 + ν(t − 1)), and the likelihood is that of the renewals seen, one by one: the same
 * function, which stays defined where ν → 0. Fader, Hardie, Liu, Davin & Steenburgh (2018), "How to Project Customer
 * Retention Revisited", Journal of Interactive Marketing 43, for c: losses that rise with age, which mixing cannot make.
 */
export function fitRetention(renewals: Renewals): Retention {
  const simple = fitGeometric(renewals);
  if (simple.rung === "prior") return simple;
  return fitMixed(renewals, simple) ?? fitAgeing(renewals, simple) ?? simple;
}

/** Undefined where contracts that differ explain no more than contracts that are alike. */
function fitMixed(renewals: Renewals, simple: Retention): Retention | undefined {
  const f = mixedLikelihood(renewals);
  const fits = STARTING_SPREADS.map((spread) =>
    minimizeSmooth(f, [logit(simple.churn), Math.log(spread)]),
  ).filter(({ value, isConverged }) => isConverged && Number.isFinite(value));
  const best = fits.toSorted((a, b) => a.value - b.value)[0];
  if (best === undefined || -best.value < simple.logLikelihood + LEAST_GAIN) return undefined;
  const [churn, spread] = [logistic(best.point[0]!), Math.exp(best.point[1]!)];
  const covariance = inverseHessian(f, best.point);
  const isInside = spread < LARGEST_SPREAD && churn > 1e-9 && churn < 1 - 1e-9;
  if (covariance === undefined || !isInside) return undefined;
  return {
    ...simple,
    rung: "shifted-beta-geometric",
    ...shapes(churn, spread),
    logLikelihood: -best.value,
    iterations: best.iterations,
    covariance,
  };
}

/** Undefined unless losses rise with age by more than chance explains. */
function fitAgeing(renewals: Renewals, simple: Retention): Retention | undefined {
  const f = ageingLikelihood(renewals);
  const { point, value, iterations, isConverged } = minimizeSmooth(f, [logit(simple.churn), Math.log(1.5)]);
  const covariance = inverseHessian(f, point);
  const [churn, shape] = [logistic(point[0]!), Math.exp(point[1]!)];
  const isBetter = isConverged && 2 * (-value - simple.logLikelihood) > CHI_SQUARE_5_PERCENT;
  if (!isBetter || covariance === undefined || shape <= 1 || shape > LARGEST_SHAPE) return undefined;
  return {
    ...simple,
    rung: "discrete-weibull",
    churn,
    shape,
    logLikelihood: -value,
    iterations,
    covariance,
  };
}

const STARTING_SPREADS = [0.1, 1, 0.005];
/** A likelihood that is better by less than this is not better. */
const LEAST_GAIN = 1e-6;
/** With one degree of freedom. */
const CHI_SQUARE_5_PERCENT = 3.841458820694124;
/** Steeper than this nearly all leave at one renewal. */
const LARGEST_SHAPE = 20;
/** From here on those who stay once stay for ever, which no data can show. */
const LARGEST_SPREAD = 1e3;

const logit = (p: number) => Math.log(p / (1 - p));
const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

const shapes = (churn: number, spread: number) => ({
  churn,
  spread,
  shape: 1,
  alpha: churn / spread,
  beta: (1 - churn) / spread,
});

/** One chance to leave for all: the share of renewals that failed. */
function fitGeometric({ atRiskCounts, lostCounts }: Renewals): Retention {
  const [renewalCount, lostCount] = [sum(atRiskCounts), sum(lostCounts)];
  const isPlain = lostCount > 0 && lostCount < renewalCount;
  const [lost, all] = isPlain ? [lostCount, renewalCount] : [lostCount + 0.5, renewalCount + 1];
  const churn = lost / all;
  return {
    rung: isPlain ? "geometric" : "prior",
    ...shapes(churn, 0),
    logLikelihood: xLog(lostCount, churn) + xLog(renewalCount - lostCount, 1 - churn),
    iterations: 0,
    covariance: [Float64Array.of(1 / lost + 1 / (all - lost))],
    renewalCount,
    lostCount,
    lastRenewal: atRiskCounts.findLastIndex((atRisk) => atRisk > 0) + 1,
  };
}

const xLog = (count: number, p: number) => (count === 0 ? 0 : count * Math.log(p));

/** The negative log-likelihood by (logit churn, log spread), with its gradient. */
function mixedLikelihood({ atRiskCounts, lostCounts }: Renewals): SmoothFunction {
  return ([u, w], slope) => {
    const [p, q, spread] = [logistic(u!), logistic(-u!), Math.exp(w!)];
    let [value, byChurn, byLogSpread] = [0, 0, 0];
    atRiskCounts.forEach((atRisk, i) => {
      const [lost, kept, c] = [lostCounts[i]!, atRisk - lostCounts[i]!, spread * i];
      value += xLog(lost, p) + xLog(kept, q + c) - atRisk * Math.log1p(c);
      byChurn += lost * q - (kept * p * q) / (q + c);
      byLogSpread += c * (kept / (q + c) - atRisk / (1 + c));
    });
    slope[0] = -byChurn;
    slope[1] = -byLogSpread;
    return -value;
  };
}

/** The negative log-likelihood by (logit churn, log shape), with its gradient. */
function ageingLikelihood({ atRiskCounts, lostCounts }: Renewals): SmoothFunction {
  return ([u, w], slope) => {
    const [p, shape] = [logistic(u!), Math.exp(w!)];
    const rate = Math.log1p(Math.exp(u!));
    let [value, byRate, byShape] = [0, 0, 0];
    atRiskCounts.forEach((atRisk, i) => {
      const [lost, kept] = [lostCounts[i]!, atRisk - lostCounts[i]!];
      const [before, after] = [i ** shape, (i + 1) ** shape];
      const hazard = rate * (after - before);
      const pull = (lost === 0 ? 0 : lost / Math.expm1(hazard)) - kept;
      value += (lost === 0 ? 0 : lost * Math.log(-Math.expm1(-hazard))) - kept * hazard;
      byRate += pull * (after - before);
      byShape += pull * rate * (after * Math.log(i + 1) - (i === 0 ? 0 : before * Math.log(i)));
    });
    slope[0] = -byRate * p;
    slope[1] = -byShape * shape;
    return -value;
  };
}

/** The share of the contracts that come to renewal t = 1, 2, … which are renewed, 0–1 (eq. 8). */
export function retentionRate({ churn, spread, shape = 1 }: RetentionCurve, t: number): number {
  if (shape !== 1) return (1 - churn) ** (t ** shape - (t - 1) ** shape);
  const c = spread * (t - 1);
  return (1 - churn + c) / (1 + c);
}

/** The share of new contracts that outlast t renewals, 0–1 (eq. 6). */
export function survivalAfter(retention: RetentionCurve, t: number): number {
  let survival = 1;
  for (let i = 1; i <= t; i++) survival *= retentionRate(retention, i);
  return survival;
}

/** The share of new contracts that reach an age in periods, 0–1; it falls in a straight line between renewals. */
export function survivalAtAge(retention: RetentionCurve, age: number): number {
  const t = Math.floor(age);
  return survivalAfter(retention, t) * (1 - (1 - retentionRate(retention, t + 1)) * (age - t));
}

/** A contract that runs, and how far ahead to look; in periods between renewals. */
export interface RunningContract {
  /** Time since its start; fractions of a period count. */
  readonly age: number;
  readonly horizon: number;
  /** For one period. */
  readonly discountRate: number;
}

/** Time that a running contract will still run within the horizon, in periods. */
export interface RemainingLife {
  readonly expected: number;
  /** The same with each moment discounted to now, and the 95 % interval of that expectation. */
  readonly discounted: number;
  readonly discountedLow: number;
  readonly discountedHigh: number;
}

/**
 * How long a running contract is expected to go on within a horizon. Those who leave in a period do so at any time of
 * it (survival falls in a straight line between renewals, so that time is integrated exactly but for the discount, where
 * Simpson's rule errs by less than a millionth for discounts up to 15 % a period).
 *
 * The interval is of the expectation, not of one contract's fate: the delta method on the logit of the share of the
 * horizon, with the curvature of the likelihood as covariance.
 */
export function remainingLife(retention: Retention, contract: RunningContract): RemainingLife {
  const { expected } = lifeWithin(retention, { ...contract, discountRate: 0 });
  const { expected: discounted, longest } = lifeWithin(retention, contract);
  const share = discounted / longest;
  if (!(share > 0 && share < 1))
    return { expected, discounted, discountedLow: discounted, discountedHigh: discounted };
  const shareLogit = (moved: RetentionCurve) => {
    const life = lifeWithin(moved, contract);
    return logit(Math.min(Math.max(life.expected / life.longest, 1e-15), 1 - 1e-15));
  };
  const reach = 1.959963984540054 * standardErrorOf(shareLogit, retention);
  return {
    expected,
    discounted,
    discountedLow: longest * logistic(logit(share) - reach),
    discountedHigh: longest * logistic(logit(share) + reach),
  };
}

/** Expected time within the horizon, and the time it would be if nobody left. */
function lifeWithin(
  retention: RetentionCurve,
  { age, horizon, discountRate }: RunningContract,
): { expected: number; longest: number } {
  const force = Math.log1p(discountRate);
  const end = age + horizon;
  let period = Math.floor(age) + 1;
  let lost = 1 - retentionRate(retention, period);
  let alive = 1 / (1 - lost * (age - Math.floor(age)));
  let [expected, longest] = [0, 0];
  for (let from = age; from < end;) {
    const to = Math.min(period, end);
    const at = (time: number) => alive * (1 - lost * (time - period + 1));
    const [first, middle, last] = [from, (from + to) / 2, to].map((time) => Math.exp(-force * (time - age)));
    const width = (to - from) / 6;
    expected += width * (at(from) * first! + 4 * at((from + to) / 2) * middle! + at(to) * last!);
    longest += width * (first! + 4 * middle! + last!);
    alive *= 1 - lost;
    period += 1;
    lost = 1 - retentionRate(retention, period);
    from = to;
  }
  return { expected, longest };
}

/** Standard error of a function of the retention's parameters. */
function standardErrorOf(f: (moved: RetentionCurve) => number, retention: Retention): number {
  const { churn, spread, shape, rung, covariance } = retention;
  const isAgeing = rung === "discrete-weibull";
  const point = [logit(churn), Math.log(isAgeing ? shape : spread)].slice(0, covariance.length);
  const at = ([u, w]: readonly number[]) => {
    const second = w === undefined ? {} : isAgeing ? { shape: Math.exp(w) } : { spread: Math.exp(w) };
    return f({ churn: logistic(u!), spread, shape, ...second });
  };
  const slopes = point.map((_, i) => {
    const moved = (by: number) => at(point.map((value, j) => (j === i ? value + by : value)));
    return (moved(1e-4) - moved(-1e-4)) / 2e-4;
  });
  const variance = slopes.reduce(
    (total, slope, i) =>
      total + slopes.reduce((row, other, j) => row + slope * other * covariance[i]![j]!, 0),
    0,
  );
  return Math.sqrt(Math.max(variance, 0));
}

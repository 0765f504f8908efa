/** How long lives lasted, alike ones counted once: a row a duration, in any order. */
export interface Lives {
  /** In one unit, such as days; not below zero. */
  readonly durations: Float64Array;
  /** Lives that ended after this time. */
  readonly endedCounts: Float64Array;
  /** Lives that were still going on when they were last seen, at this time. */
  readonly censoredCounts: Float64Array;
}

/** Survival from a time on which somebody left, until the next such time. */
export interface SurvivalStep {
  readonly time: number;
  /** Lives known to have lasted until just before this time (n). */
  readonly atRiskCount: number;
  /** Of these, the ones that ended now (d). */
  readonly endedCount: number;
  /** Share that lives longer than this time, 0–1. */
  readonly survival: number;
  /** Greenwood's standard error of the survival. */
  readonly standardError: number;
  /** The 95 % interval of the survival, 0–1. */
  readonly low: number;
  readonly high: number;
}

/** A survival curve with its steps in order of time. */
export interface SurvivalCurve {
  readonly lifeCount: number;
  readonly endedCount: number;
  /** The longest time anybody was seen; nothing is known beyond it. */
  readonly longest: number;
  readonly steps: readonly SurvivalStep[];
  /** The first time at which half or fewer are left; undefined when more than half still are. */
  readonly median: number | undefined;
}

const Z = 1.959963984540054;
const TAIL = 0.025;

/**
 * The share of lives that last longer than each time, when some have not ended yet. A life last seen at the time of
 * another's end counts as at risk there.
 *
 * The interval is symmetric on the scale of log(−log S), so it stays within 0–1. Before anybody has left, its lower end
 * is Clopper and Pearson's for none lost of those still at risk; once all have left, both ends narrow to what is left of
 * the step before.
 *
 * @throws RangeError for a duration below zero
 * @see Kaplan & Meier (1958), "Nonparametric Estimation from Incomplete Observations", JASA 53; Greenwood
 * (1926); Kalbfleisch & Prentice (2002), "The Statistical Analysis of Failure Time Data", 2nd ed., section 1.4, for the
 * interval. Sorting is all the cost.
 */
export function fitKaplanMeier(lives: Lives): SurvivalCurve {
  const byTime = sumByTime(lives);
  let atRiskCount = byTime.reduce((total, { ended, censored }) => total + ended + censored, 0);
  const lifeCount = atRiskCount;
  const steps: SurvivalStep[] = [];
  let [survival, hazardVariance, high] = [1, 0, 1];
  for (const { time, ended, censored } of byTime) {
    if (ended > 0) {
      survival *= (atRiskCount - ended) / atRiskCount;
      hazardVariance += ended / (atRiskCount * (atRiskCount - ended));
      const range = interval(survival, hazardVariance, high);
      high = range.high;
      const standardError = survival === 0 ? 0 : survival * Math.sqrt(hazardVariance);
      steps.push({ time, atRiskCount, endedCount: ended, survival, standardError, ...range });
    }
    atRiskCount -= ended + censored;
  }
  return {
    lifeCount,
    endedCount: steps.reduce((total, { endedCount }) => total + endedCount, 0),
    longest: byTime.at(-1)?.time ?? 0,
    steps,
    median: steps.find((step) => step.survival <= 0.5 + 1e-12)?.time,
  };
}

interface Moment {
  readonly time: number;
  readonly ended: number;
  readonly censored: number;
}

function sumByTime({ durations, endedCounts, censoredCounts }: Lives): Moment[] {
  const sums = new Map<number, { ended: number; censored: number }>();
  durations.forEach((time, row) => {
    if (!(time >= 0)) throw new RangeError(`a life cannot last ${time}`);
    const sum = sums.get(time) ?? { ended: 0, censored: 0 };
    sums.set(time, {
      ended: sum.ended + endedCounts[row]!,
      censored: sum.censored + censoredCounts[row]!,
    });
  });
  return [...sums].map(([time, sum]) => ({ time, ...sum })).sort((a, b) => a.time - b.time);
}

function interval(
  survival: number,
  hazardVariance: number,
  highBefore: number,
): Pick<SurvivalStep, "low" | "high"> {
  if (survival === 0) return { low: 0, high: highBefore };
  const reach = (Z * Math.sqrt(hazardVariance)) / Math.log(survival);
  return { low: survival ** Math.exp(-reach), high: survival ** Math.exp(reach) };
}

/** Survival at a time, with its interval; undefined beyond the longest time seen, unless nobody is left by then. */
export function survivalAt(
  curve: SurvivalCurve,
  time: number,
): Pick<SurvivalStep, "survival" | "low" | "high"> | undefined {
  const step = curve.steps.findLast((candidate) => candidate.time <= time);
  if (time > curve.longest && step?.survival !== 0) return undefined;
  if (step !== undefined) return step;
  return { survival: 1, low: curve.lifeCount === 0 ? 0 : TAIL ** (1 / curve.lifeCount), high: 1 };
}

import { normalEstimate, shareEstimate, UNKNOWN, type Estimate } from "../math/estimate.js";
import { fitLogisticIntercept, fitLogisticLine, type LogisticLine } from "./logistic-line.js";
import { groupScores, totalsOf, type ScoreGroup } from "./score-groups.js";

/** A probability is held this far from 0 and 1 before its logarithm is taken. */
const CLIP = 1e-15;

/**
 * The mean squared difference between probability and outcome: 0 is best, and the variance of the outcome is what a constant
 * can reach. The interval is normal, from the spread between rows; NaN ends for fewer than two rows.
 *
 * @see Brier (1950), "Verification of Forecasts Expressed in Terms of Probability", Monthly Weather Review 78, half his P
 */
export function brierScore(probabilities: Float64Array, outcomes: Uint8Array): Estimate {
  return meanLoss(groupProbabilities(probabilities, outcomes), (wrong) => wrong ** 2);
}

/**
 * The mean of −log of the probability given to what came about, in nats; probabilities are held within 1e-15 of 0 and 1. The
 * interval is normal, from the spread between rows; NaN ends for fewer than two rows.
 */
export function logLoss(probabilities: Float64Array, outcomes: Uint8Array): Estimate {
  return meanLoss(groupProbabilities(probabilities, outcomes), (wrong) => -Math.log(clipped(1 - wrong)));
}

const clipped = (probability: number) => Math.min(1 - CLIP, Math.max(CLIP, probability));

/** @throws RangeError for what is not a probability */
function groupProbabilities(probabilities: Float64Array, outcomes: Uint8Array): ScoreGroup[] {
  const groups = groupScores(probabilities, outcomes);
  const outside = groups.find(({ score }) => score < 0 || score > 1);
  if (outside !== undefined)
    throw new RangeError(`${outside.score} is not a probability: it lies outside 0–1`);
  return groups;
}

/** The mean of a loss that depends on how far the probability was from what came. */
function meanLoss(groups: readonly ScoreGroup[], lossOf: (wrong: number) => number): Estimate {
  const losses = groups.flatMap(({ score, rowCount, positiveCount }) => [
    { loss: lossOf(1 - score), count: positiveCount },
    { loss: lossOf(score), count: rowCount - positiveCount },
  ]);
  const { rowCount } = totalsOf(groups);
  if (rowCount === 0) return UNKNOWN;
  const mean = losses.reduce((sum, { loss, count }) => sum + loss * count, 0) / rowCount;
  const squares = losses.reduce((sum, { loss, count }) => sum + (loss - mean) ** 2 * count, 0);
  return normalEstimate(mean, Math.sqrt(squares / (rowCount - 1) / rowCount), [0, Infinity]);
}

/** Rows with much the same probability, and what came of them. */
export interface CalibrationBin {
  readonly rowCount: number;
  readonly meanProbability: number;
  /** The share with outcome 1, with Wilson's interval. */
  readonly rate: Estimate;
}

/**
 * Foretold and actual shares in bins of about equal count, lowest first. Rows of equal probability stay together, in the
 * bin that holds their middle; so bins differ in size where many tie, and there may be fewer.
 */
export function calibrationCurve(
  probabilities: Float64Array,
  outcomes: Uint8Array,
  binCount = 10,
): CalibrationBin[] {
  const groups = groupProbabilities(probabilities, outcomes).reverse();
  const { rowCount } = totalsOf(groups);
  const bins = Array.from({ length: binCount }, (): ScoreGroup[] => []);
  let before = 0;
  for (const group of groups) {
    bins[Math.floor(((before + group.rowCount / 2) / rowCount) * binCount)]!.push(group);
    before += group.rowCount;
  }
  return bins.filter((bin) => bin.length > 0).map(binOf);
}

function binOf(groups: readonly ScoreGroup[]): CalibrationBin {
  const { rowCount, positiveCount } = totalsOf(groups);
  return {
    rowCount,
    meanProbability: groups.reduce((sum, group) => sum + group.score * group.rowCount, 0) / rowCount,
    rate: shareEstimate(positiveCount, rowCount),
  };
}

/**
 * The mean distance between foretold and actual share over the bins of a calibration curve, each counting by its rows. Chance
 * alone makes it larger than 0; more so with more bins and fewer rows.
 *
 * @see Naeini, Cooper & Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI
 */
export function expectedCalibrationError(bins: readonly CalibrationBin[]): number {
  const rowCount = bins.reduce((sum, bin) => sum + bin.rowCount, 0);
  return bins.reduce(
    (sum, bin) => sum + (bin.rowCount / rowCount) * Math.abs(bin.rate.estimate - bin.meanProbability),
    0,
  );
}

/**
 * Calibration in two numbers. Slope: 1 is right, below 1 the probabilities are too extreme, above 1 too timid. Intercept,
 * with the slope held at 1: 0 is right, above 0 they are too low on the whole, in log-odds. NaN where outcomes or
 * probabilities are all equal, or the outcomes are foretold without fault.
 *
 * @see Cox (1958), "Two Further Applications of a Model for Binary Regression", Biometrika 45; Van Calster et al. (2016), "A
 * calibration hierarchy for risk models was defined", Journal of Clinical Epidemiology 74, for the intercept at slope 1
 */
export function calibrationLine(probabilities: Float64Array, outcomes: Uint8Array): LogisticLine {
  const points = groupProbabilities(probabilities, outcomes).map(({ score, ...counts }) => {
    const probability = clipped(score);
    return { at: Math.log(probability / (1 - probability)), ...counts };
  });
  return { slope: fitLogisticLine(points).slope, intercept: fitLogisticIntercept(points) };
}

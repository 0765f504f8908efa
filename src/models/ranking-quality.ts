import { logOddsEstimate, shareEstimate, UNKNOWN, Z_95, type Estimate } from "../math/estimate.js";
import { groupScores, positivesAmongFirst, totalsOf, type ScoreGroup } from "./score-groups.js";

export type { Estimate } from "../math/estimate.js";

/** An area under the ROC curve with DeLong's standard error. */
export interface AreaWithError {
  readonly area: number;
  readonly standardError: number;
  readonly positiveCount: number;
  readonly negativeCount: number;
}

/**
 * The area under the ROC curve: the chance that a row with outcome 1 scores above one with outcome 0, a tie counting
 * half. NaN where all outcomes are equal.
 *
 * @see DeLong, DeLong & Clarke-Pearson (1988), "Comparing the Areas under Two or More Correlated Receiver Operating
 * Characteristic Curves", Biometrics 44, (4)–(6); Sun & Xu (2014), IEEE Signal Processing Letters 21(11), for components by
 * ranks instead of pairs. Sorting is all the cost.
 */
export function areaWithError(scores: Float64Array, outcomes: Uint8Array): AreaWithError {
  const groups = groupScores(scores, outcomes);
  const { rowCount, positiveCount } = totalsOf(groups);
  const negativeCount = rowCount - positiveCount;
  const { ofPositives, ofNegatives } = placementsOf(groups, positiveCount, negativeCount);
  const variance = varianceOf(ofPositives) / positiveCount + varianceOf(ofNegatives) / negativeCount;
  return { area: meanOf(ofPositives), standardError: Math.sqrt(variance), positiveCount, negativeCount };
}

/**
 * The area of {@link areaWithError} with its interval, on the scale of log-odds: with 40 leavers the symmetric one holds the
 * truth 94 times in 100 at an area of .76 and 91 times at .94, this one 95 and 94 times.
 *
 * Where every pair agrees (area 0 or 1) DeLong's variance vanishes, and the interval is the range of areas that could
 * still show none in disagreement.
 *
 * @returns NaN where all outcomes are equal
 * @see Pepe (2003), "The Statistical Evaluation of Medical Tests", section 5.2, for the scale; Newcombe (2006), Statistics in
 * Medicine 25(4), method 5, for areas of 0 and 1
 */
export function areaUnderRoc(scores: Float64Array, outcomes: Uint8Array): Estimate {
  const { area, standardError, positiveCount, negativeCount } = areaWithError(scores, outcomes);
  if (positiveCount === 0 || negativeCount === 0) return UNKNOWN;
  if (area === 0 || area === 1) return unanimousArea(area, positiveCount, negativeCount);
  return logOddsEstimate(area, standardError);
}

/** A value and the number of rows that have it. */
type Placement = readonly [value: number, count: number];

/** DeLong's V₁₀ and V₀₁: the share of the other outcome's rows that each row is on the right side of. */
function placementsOf(groups: readonly ScoreGroup[], positiveCount: number, negativeCount: number) {
  const ofPositives: Placement[] = [];
  const ofNegatives: Placement[] = [];
  let [positivesAbove, negativesAbove] = [0, 0];
  for (const { rowCount, positiveCount: positives } of groups) {
    const negatives = rowCount - positives;
    if (positives > 0)
      ofPositives.push([(negativeCount - negativesAbove - negatives / 2) / negativeCount, positives]);
    if (negatives > 0) ofNegatives.push([(positivesAbove + positives / 2) / positiveCount, negatives]);
    positivesAbove += positives;
    negativesAbove += negatives;
  }
  return { ofPositives, ofNegatives };
}

const countOf = (placements: readonly Placement[]) => placements.reduce((sum, [, count]) => sum + count, 0);

const meanOf = (placements: readonly Placement[]) =>
  placements.reduce((sum, [value, count]) => sum + value * count, 0) / countOf(placements);

function varianceOf(placements: readonly Placement[]): number {
  const mean = meanOf(placements);
  const squares = placements.reduce((sum, [value, count]) => sum + count * (value - mean) ** 2, 0);
  return squares / Math.max(1, countOf(placements) - 1);
}

/** The areas θ with (θ − 1)² ≤ z² V(θ), V being Hanley and McNeil's variance with Newcombe's mean of the two counts. */
function unanimousArea(area: number, positiveCount: number, negativeCount: number): Estimate {
  const others = (positiveCount + negativeCount) / 2 - 1;
  const variance = (theta: number) =>
    (theta * (1 - theta) * (1 + others * ((1 - theta) / (2 - theta) + theta / (1 + theta)))) /
    (positiveCount * negativeCount);
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const theta = (low + high) / 2;
    if ((1 - theta) ** 2 > Z_95 ** 2 * variance(theta)) low = theta;
    else high = theta;
  }
  return area === 1 ? { estimate: 1, low, high: 1 } : { estimate: 0, low: 0, high: 1 - low };
}

/**
 * Average precision, the area under the precision–recall curve by steps: the mean, over the rows with outcome 1, of the
 * share of 1 among all rows that score at least as high.
 *
 * The interval is Boyd's on the scale of log-odds; where the order is perfect, Wilson's for that many hits out of as
 * many.
 *
 * @returns NaN where no outcome is 1
 * @see scikit-learn's `average_precision_score` for ties; Boyd, Eng & Page (2013), "Area under the Precision-Recall Curve:
 * Point Estimates and Confidence Intervals", ECML PKDD, section 3.2
 */
export function averagePrecision(scores: Float64Array, outcomes: Uint8Array): Estimate {
  const groups = groupScores(scores, outcomes);
  const { positiveCount } = totalsOf(groups);
  if (positiveCount === 0) return UNKNOWN;
  let [rows, positives, sum] = [0, 0, 0];
  for (const group of groups) {
    rows += group.rowCount;
    positives += group.positiveCount;
    sum += (group.positiveCount * positives) / rows;
  }
  const precision = sum / positiveCount;
  if (precision >= 1) return shareEstimate(positiveCount, positiveCount);
  return logOddsEstimate(precision, Math.sqrt((precision * (1 - precision)) / positiveCount));
}

/**
 * The share of rows with outcome 1 among the `count` that score highest, with Wilson's interval; where the last of them
 * tie with others, what is to be expected if chance picks. A list longer than the rows is all of them.
 *
 * @throws RangeError for a count that is not a whole number above 0
 */
export function precisionAt(scores: Float64Array, outcomes: Uint8Array, count: number): Estimate {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`a list cannot have ${count} rows`);
  const length = Math.min(count, scores.length);
  return shareEstimate(positivesAmongFirst(groupScores(scores, outcomes), [length])[0]!, length);
}

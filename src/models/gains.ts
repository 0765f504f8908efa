import { shareEstimate } from "../math/estimate.js";
import { groupScores, positivesAmongFirst, totalsOf } from "./score-groups.js";

/** What calling the customers with the highest scores reaches. */
export interface GainsPoint {
  readonly customerCount: number;
  /** Of all customers, 0–1. */
  readonly customerShare: number;
  /** Leavers among those called, of all leavers, 0–1; where scores tie, what is to be expected if chance picks. */
  readonly leaverShare: number;
  /** The 95 % interval of `leaverShare`, by Wilson. */
  readonly low: number;
  readonly high: number;
  /** Times as many leavers as among customers called at random; its interval is that of the share, likewise divided. */
  readonly lift: number;
}

/**
 * The gains curve at equal steps of customers called, from the first step to all of them; it begins at nobody called,
 * which is not given. At most `pointCount` points; shares are NaN where nobody left.
 */
export function gainsCurve(scores: Float64Array, outcomes: Uint8Array, pointCount = 100): GainsPoint[] {
  const groups = groupScores(scores, outcomes);
  const { rowCount, positiveCount } = totalsOf(groups);
  const steps = Math.min(pointCount, rowCount);
  const counts = Array.from({ length: steps }, (_, i) => Math.ceil(((i + 1) * rowCount) / steps));
  return positivesAmongFirst(groups, counts).map((reached, i) => {
    const customerShare = counts[i]! / rowCount;
    const { estimate, low, high } = shareEstimate(reached, positiveCount);
    return {
      customerCount: counts[i]!,
      customerShare,
      leaverShare: estimate,
      low,
      high,
      lift: estimate / customerShare,
    };
  });
}

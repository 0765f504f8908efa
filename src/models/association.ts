import { chiSquaredTail, noncentralChiSquaredCdf } from "../math/chi-squared.js";
import type { Estimate } from "../math/estimate.js";

/** How much two ways to part the same customers have to do with each other. */
export interface Association {
  readonly count: number;
  readonly chiSquared: number;
  readonly freedom: number;
  /** How likely chance alone makes it so large. */
  readonly pValue: number;
  /** Cramér's V: 0 nothing, 1 one tells the other; with its 95 % interval. */
  readonly strength: Estimate;
}

/**
 * Pearson's χ² of a table of counts and Cramér's V, with the interval that the noncentral χ² gives. Rows and columns without
 * a count do not count; with fewer than two of either nothing can be said, and all is NaN.
 *
 * @param counts customers by row, then by column
 * @see Cramér (1946), "Mathematical Methods of Statistics", chapter 21; Smithson (2003), "Confidence Intervals", chapter 4
 */
export function associationOf(counts: readonly (readonly number[])[]): Association {
  const rows = counts.map(sumOf);
  const columns = (counts[0] ?? []).map((_, column) => sumOf(counts.map((row) => row[column]!)));
  const count = sumOf(rows);
  const [rowCount, columnCount] = [rows, columns].map((sums) => sums.filter((sum) => sum > 0).length);
  const least = Math.min(rowCount!, columnCount!) - 1;
  if (least < 1) return { count, chiSquared: NaN, freedom: 0, pValue: NaN, strength: UNKNOWN_STRENGTH };
  const freedom = (rowCount! - 1) * (columnCount! - 1);
  const chiSquared = sumOf(
    counts.flatMap((row, i) =>
      row.map((found, j) => {
        const expected = (rows[i]! * columns[j]!) / count;
        return expected === 0 ? 0 : (found - expected) ** 2 / expected;
      }),
    ),
  );
  const strengthAt = (statistic: number) => Math.sqrt(Math.min(1, statistic / (count * least)));
  return {
    count,
    chiSquared,
    freedom,
    pValue: chiSquaredTail(chiSquared, freedom),
    strength: { estimate: strengthAt(chiSquared), ...intervalOf(chiSquared, freedom, strengthAt) },
  };
}

const UNKNOWN_STRENGTH: Estimate = { estimate: NaN, low: NaN, high: NaN };
const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

/** The noncentralities that make what was found just likely enough, as strengths; none makes 0. */
function intervalOf(chiSquared: number, freedom: number, strengthAt: (statistic: number) => number) {
  const end = (probability: number) => {
    const noncentrality = noncentralityAt(chiSquared, freedom, probability);
    return noncentrality === 0 ? 0 : strengthAt(noncentrality + freedom);
  };
  return { low: end(0.975), high: Math.max(end(0.025), strengthAt(chiSquared)) };
}

const STEPS = 60;

/** The noncentrality with which so large a χ² or a smaller one has that probability; 0 where none has. */
function noncentralityAt(chiSquared: number, freedom: number, probability: number): number {
  const isAbove = (value: number) => noncentralChiSquaredCdf(chiSquared, freedom, value) > probability;
  if (!isAbove(0)) return 0;
  let [low, high] = [0, chiSquared + 10 * Math.sqrt(chiSquared + freedom) + 10];
  for (let step = 0; step < STEPS && high - low > 1e-10 * high; step++) {
    const middle = (low + high) / 2;
    if (isAbove(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** An amount in a file that may be the sum of other rows. Sums leave out the rows of all candidates. */
export interface SumCandidate {
  readonly amount: number;
  /** What the rows above it add up to. */
  readonly sumAbove: number;
  /** What all rows of the file add up to. */
  readonly sumOfAll: number;
}

/**
 * Which of a file's candidates, in its order, are to the cent the sum of all rows, or of those from the top
 * or from a sum above down to their own.
 */
export function findSums(candidates: readonly SumCandidate[]): boolean[] {
  const starts = new Set([0]);
  return candidates.map(({ amount, sumAbove, sumOfAll }) => {
    const start = cents(sumAbove - amount);
    const isSum =
      Math.abs(cents(amount - sumOfAll)) <= 1 || [start - 1, start, start + 1].some((sum) => starts.has(sum));
    if (isSum) starts.add(cents(sumAbove));
    return isSum;
  });
}

/** Decimals of rows are rounded away in their total. */
const cents = (amount: number) => Math.round(amount * 100);

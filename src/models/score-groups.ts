/** Rows that a score cannot tell apart. */
export interface ScoreGroup {
  readonly score: number;
  readonly rowCount: number;
  /** Rows with outcome 1. */
  readonly positiveCount: number;
}

/**
 * The rows of each distinct score, highest first. Whatever is made of it does not depend on the order of the rows, not
 * even in the last digit. Sorting is all the cost.
 *
 * @throws RangeError for columns of different length, and for a score that is NaN
 */
export function groupScores(scores: Float64Array, outcomes: Uint8Array): ScoreGroup[] {
  if (scores.length !== outcomes.length)
    throw new RangeError(`${scores.length} scores cannot belong to ${outcomes.length} outcomes`);
  if (scores.some(Number.isNaN)) throw new RangeError("a score is NaN: it has no place in an order");
  const positives = scores.filter((_, row) => outcomes[row] === 1).sort();
  const negatives = scores.filter((_, row) => outcomes[row] !== 1).sort();
  const groups: ScoreGroup[] = [];
  let [p, n] = [positives.length, negatives.length];
  while (p > 0 || n > 0) {
    const score = Math.max(positives[p - 1] ?? -Infinity, negatives[n - 1] ?? -Infinity);
    const [pBefore, nBefore] = [p, n];
    while (p > 0 && positives[p - 1] === score) p--;
    while (n > 0 && negatives[n - 1] === score) n--;
    groups.push({ score, rowCount: pBefore - p + (nBefore - n), positiveCount: pBefore - p });
  }
  return groups;
}

/** How many rows and positives there are in all. */
export function totalsOf(groups: readonly ScoreGroup[]): Omit<ScoreGroup, "score"> {
  return groups.reduce(
    (total, group) => ({
      rowCount: total.rowCount + group.rowCount,
      positiveCount: total.positiveCount + group.positiveCount,
    }),
    { rowCount: 0, positiveCount: 0 },
  );
}

/**
 * The positives among the first rows, for each of `counts`, which rise: where a list ends within a group, what is to be
 * expected if chance picks from it.
 */
export function positivesAmongFirst(groups: readonly ScoreGroup[], counts: readonly number[]): number[] {
  let [place, rows, positives] = [0, 0, 0];
  return counts.map((count) => {
    while (place < groups.length && rows + groups[place]!.rowCount <= count) {
      rows += groups[place]!.rowCount;
      positives += groups[place++]!.positiveCount;
    }
    const next = groups[place];
    return next === undefined ? positives : positives + ((count - rows) * next.positiveCount) / next.rowCount;
  });
}

/**
 * Pairs rows with columns, each with one at most, so that the costs of the pairs add up to the least; with fewer rows
 * than columns, or the other way round, some stay alone. O(n³).
 *
 * @param costs one row after the other, finite
 * @returns the column of each row, -1 for a row that stays alone
 * @see Kuhn (1955), "The Hungarian method for the assignment problem", in the form of shortest augmenting paths
 */
export function optimalAssignment(costs: readonly (readonly number[])[]): number[] {
  const rowCount = costs.length;
  const columnCount = costs[0]?.length ?? 0;
  if (rowCount > columnCount) {
    const turned = Array.from({ length: columnCount }, (_, column) => costs.map((row) => row[column]!));
    const rows = optimalAssignment(turned);
    return costs.map((_, row) => rows.indexOf(row));
  }
  const state: Matching = {
    ofRow: new Float64Array(rowCount + 1),
    ofColumn: new Float64Array(columnCount + 1),
    rowAt: new Int32Array(columnCount + 1),
  };
  for (let row = 1; row <= rowCount; row++) augment(costs, state, row);
  return costs.map((_, row) => state.rowAt.indexOf(row + 1, 1) - 1);
}

/** Potentials of rows and columns, and the row that each column is paired with, from 1; 0 for none. */
interface Matching {
  readonly ofRow: Float64Array;
  readonly ofColumn: Float64Array;
  readonly rowAt: Int32Array;
}

/** Pairs one row more, along the cheapest path of changes. */
function augment(
  costs: readonly (readonly number[])[],
  { ofRow, ofColumn, rowAt }: Matching,
  row: number,
): void {
  const length = rowAt.length;
  const least = new Float64Array(length).fill(Infinity);
  const before = new Int32Array(length);
  const isUsed = new Uint8Array(length);
  rowAt[0] = row;
  let column = 0;
  while (rowAt[column] !== 0) {
    isUsed[column] = 1;
    let [next, step] = [0, Infinity];
    for (let j = 1; j < length; j++) {
      if (isUsed[j] === 1) continue;
      const cost = costs[rowAt[column]! - 1]![j - 1]! - ofRow[rowAt[column]!]! - ofColumn[j]!;
      if (cost < least[j]!) [least[j], before[j]] = [cost, column];
      if (least[j]! < step) [step, next] = [least[j]!, j];
    }
    for (let j = 0; j < length; j++) {
      if (isUsed[j] === 0) least[j]! -= step;
      else [ofRow[rowAt[j]!], ofColumn[j]] = [ofRow[rowAt[j]!]! + step, ofColumn[j]! - step];
    }
    column = next;
  }
  for (; column !== 0; column = before[column]!) rowAt[column] = rowAt[before[column]!]!;
}

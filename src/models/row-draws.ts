import type { BinnedFeature } from "./feature-bins.js";
import type { TrainingSet } from "./training-set.js";

/** A whole number from 0 to 2³² − 1 for each row, drawn anew for each turn, that says nothing of the row's place. */
export type RowDraws = (row: number, turn: number) => number;

/**
 * Draws by what is in a row: whatever the order of the rows, the same rows are drawn. Rows that are alike in all
 * are told apart by counting them, which of them is drawn makes no difference.
 *
 * @param groups another number by which rows differ, such as their fold
 * @see the finaliser of MurmurHash3, Austin Appleby, public domain
 */
export function rowDraws(
  features: readonly BinnedFeature[],
  { outcomes, weights }: TrainingSet,
  { groups, seed }: { readonly groups: Int32Array; readonly seed: number },
): RowDraws {
  const [high, low] = [new Int32Array(outcomes.length).fill(seed), new Int32Array(outcomes.length)];
  const take = (values: ArrayLike<number>, step = 1, from = 0) => {
    for (let row = 0; row < outcomes.length; row++) {
      const value = values[row * step + from]!;
      high[row] = mixed(high[row]! ^ value);
      low[row] = mixed(Math.imul(low[row]!, 0x9e3779b1) + value);
    }
  };
  for (const { codes } of features) take(codes);
  take(outcomes);
  take(groups);
  const words = new Int32Array(Float64Array.from(weights ?? []).buffer);
  if (weights !== undefined) [0, 1].forEach((from) => take(words, 2, from));
  const keys = countedKeys(high, low);
  return (row, turn) => mixed(keys[row]! ^ Math.imul(turn + 1, 0x9e3779b1)) >>> 0;
}

/** The bits of both halves mixed with how many equal ones stand before. */
function countedKeys(high: Int32Array, low: Int32Array): Int32Array {
  const counts = new Map<number, number>();
  return high.map((bits, row) => {
    const both = bits * 2 ** 21 + (low[row]! >>> 11);
    const count = counts.get(both) ?? 0;
    counts.set(both, count + 1);
    return mixed(bits ^ mixed(low[row]! + Math.imul(count, 0x85ebca6b)));
  });
}

function mixed(bits: number): number {
  let hash = bits | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

import { associationOf } from "./association.js";

/** A column in a few classes, and whether they are words or ranges of a number. */
export interface Classes {
  readonly kind: "number" | "category";
  readonly codes: Int32Array;
  readonly count: number;
}

/** Ranges of a number that hold equally many rows. */
const RANGES = 5;
/** A dependence that chance alone makes more often, however many others are looked at, is none. */
const MOST_CHANCE = 1e-4;

/**
 * How much each column takes part in groups, from 0 to 1: the most that it has to do with any other one, as the square of
 * Cramér's V without its bias; 0 where chance could have made it. Groups show in several columns at once, and one that
 * has to do with no other tells of none. Words count by what they have to do with numbers, where there are any: city and
 * country go together whoever the customers are.
 *
 * @see Bergsma (2013), "A bias-correction for Cramér's V and Tschuprow's T"
 */
export function featureWeights(columns: readonly Classes[]): number[] {
  const hasNumbers = columns.some(({ kind }) => kind === "number");
  const weights = columns.map(() => 0);
  for (let a = 0; a < columns.length; a++)
    for (let b = 0; b < a; b++) {
      const [one, other] = [columns[a]!, columns[b]!];
      if (hasNumbers && one.kind === "category" && other.kind === "category") continue;
      const found = dependenceOf(one, other, columns.length - 1);
      weights[a] = Math.max(weights[a]!, found);
      weights[b] = Math.max(weights[b]!, found);
    }
  return weights;
}

function dependenceOf(a: Classes, b: Classes, comparisons: number): number {
  const counts = Array.from({ length: a.count }, () => new Array<number>(b.count).fill(0));
  a.codes.forEach((code, row) => (counts[code]![b.codes[row]!]! += 1));
  const rows = counts.filter((row) => row.some((count) => count > 0)).length;
  const columns = counts[0]!.filter((_, column) => counts.some((row) => row[column]! > 0)).length;
  const { chiSquared, pValue, count } = associationOf(counts);
  if (!(pValue * comparisons <= MOST_CHANCE)) return 0;
  const corrected = (size: number) => size - (size - 1) ** 2 / (count - 1);
  const excess = Math.max(0, chiSquared / count - ((rows - 1) * (columns - 1)) / (count - 1));
  return Math.min(1, excess / (Math.min(corrected(rows), corrected(columns)) - 1));
}

/** A number in ranges that hold about equally many rows; equal values stay together. */
export function rangesOf(values: Float64Array): Classes {
  const sorted = Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const codes = new Int32Array(values.length);
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && values[sorted[to]!] === values[sorted[from]!]) to += 1;
    const middle = (from + to) / 2 / sorted.length;
    for (let i = from; i < to; i++) codes[sorted[i]!] = Math.min(RANGES - 1, Math.floor(RANGES * middle));
  }
  return { kind: "number", codes, count: RANGES };
}

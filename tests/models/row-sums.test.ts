import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findSums, type SumCandidate } from "../../src/models/row-sums.js";

/** What is found of a file's rows from top to bottom: numbers are amounts, those in brackets candidates. */
function foundIn(rows: readonly (number | readonly [number])[]): boolean[] {
  const sumOf = (part: typeof rows) =>
    part.reduce<number>((sum, row) => sum + (typeof row === "number" ? row : 0), 0);
  const candidates = rows.flatMap((row, place): SumCandidate[] =>
    typeof row === "number"
      ? []
      : [{ amount: row[0], sumAbove: sumOf(rows.slice(0, place)), sumOfAll: sumOf(rows) }],
  );
  return findSums(candidates);
}

describe("sums among the rows of a file", () => {
  test.each([
    ["of all, at the end", [1, 2, [3]], [true]],
    ["of all, on top", [[3], 1, 2], [true]],
    ["of all, in the middle", [1, [6], 2, 3], [true]],
    ["of the rows since the last sum, and of all", [1, 2, [3], 4, 5, [9], [12]], [true, true, true]],
    ["of the rows from the top", [1, 2, [3], 4, [7], 8], [true, true]],
    ["of several runs since a sum above", [1, [1], 2, [2], 3, [3], [5], 9], [true, true, true, true]],
    ["of rows below zero", [10, -4, [6], -1, [-1], 7], [true, true]],
    ["of cents that floats do not add up to", [0.1, 0.2, [0.3], 5], [true]],
    ["of amounts whose decimals were rounded away", [0.333, 0.333, [0.67], 5], [true]],
  ])("%s", (_, rows, expected) => {
    expect(foundIn(rows as (number | [number])[])).toEqual(expected);
  });

  test.each([
    ["an amount two cents off", [1, 2, [3.02], 9], [false]],
    ["an amount that is not known", [1, 2, [Number.NaN], 9], [false]],
    ["rows behind a candidate that is no sum", [50, [30], 30, [30], 80, [81]], [false, false, false]],
    ["rows that begin anywhere else", [1, 2, 3, [5], 9], [false]],
  ])("not %s", (_, rows, expected) => {
    expect(foundIn(rows as (number | [number])[])).toEqual(expected);
  });

  test("every subtotal and the total of any file are found", () => {
    const amounts = fc.array(fc.integer({ min: -99_999, max: 99_999 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(fc.array(amounts, { minLength: 1, maxLength: 9 }), (groups) => {
        const sum = (cents: readonly number[]) => cents.reduce((total, amount) => total + amount, 0) / 100;
        const rows = groups.flatMap((group) => [
          ...group.map((amount) => amount / 100),
          [sum(group)] as const,
        ]);
        expect(foundIn([...rows, [sum(groups.flat())]])).not.toContain(false);
      }),
    );
  });
});

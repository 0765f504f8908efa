import { describe, expect, test } from "vitest";
import { isNobodys, percentsApart } from "../../src/steps/gates.js";

describe("a cell that nobody is known by may be told of", () => {
  test.each([
    "2024-03-18",
    "18.03.24",
    "18-Mar-2024 10:15",
    "March 18, 2024",
    "2024年3月18日",
    "1,234.50",
    "1'234.50",
    "EUR 12.50",
    "(5)",
  ])("%s", (cell) => {
    expect(isNobodys(cell)).toBe(true);
  });

  test.each([
    "Ada Lovelace",
    "2024-03-18 Ada Lovelace",
    "13800138000",
    "1380013",
    "138 0013 8000",
    "18 Martin 2024",
    "ada@example.org",
    "",
    null,
  ])("and %j may not", (cell) => {
    expect(isNobodys(cell)).toBe(false);
  });
});

test.each([
  [10 / 40, 0.05, [25, 5]],
  [2 / 3, 0.0004, [67, 0.04]],
  [0.0501, 0.05, [5.01, 5]],
  [1, 0.996, [100, 99.6]],
  [1 / 200_000, 0, [0.0005, 0]],
])("%d and %d are told apart as percent", (share, limit, percents) => {
  expect(percentsApart(share, limit)).toEqual(percents);
});

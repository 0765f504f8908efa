import { describe, expect, test } from "vitest";
import { isNobodys } from "../../src/steps/gates.js";

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

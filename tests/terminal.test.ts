import fc from "fast-check";
import { eastAsianWidth } from "get-east-asian-width";
import { describe, expect, test } from "vitest";
import { column } from "../src/section-part.js";
import { tableOf } from "../src/table.js";
import { fold, tableLines } from "../src/terminal.js";

const locale = { language: "en", currency: "CNY" } as const;
const widthOf = (text: string) =>
  Array.from(text).reduce((width, letter) => width + eastAsianWidth(letter.codePointAt(0)!), 0);
/** A table of texts and money, each text in its own column. */
const tableWith = (texts: readonly string[], amounts: readonly number[], title = "Money of the year") => ({
  rows: tableOf(
    Object.fromEntries([
      ...texts.map((text, i) => [`t${i}`, [text]]),
      ...amounts.map((amount, i) => [`n${i}`, Float64Array.of(amount)]),
    ]),
  ),
  columns: [
    ...texts.map((_, i) => column(`t${i}`, "客户特征", "text")),
    ...amounts.map((_, i) => column(`n${i}`, title, "money")),
  ],
});

describe("a table on a terminal", () => {
  const table = tableWith(["usually orders every 25 days; last order 97 days ago"], [1234.5]);

  test("without a limit has a line a row", () => {
    expect(tableLines(table, locale, Infinity)).toHaveLength(3);
  });

  test("folds long headings and texts between words", () => {
    const words = tableLines(table, locale, 40).join(" ").split(/\s+/);
    for (const word of ["usually", "orders", "days;", "CN¥1,234.50", "Money", "year"])
      expect(words).toContain(word);
  });

  test("no line is wider than the terminal, and no letter is lost (property)", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "客", "户", "，"), maxLength: 90 });
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 9 }),
        fc.integer({ min: 60, max: 120 }),
        (texts, amounts, room) => {
          const lines = tableLines(tableWith(texts, amounts), locale, room);
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(room);
          const count = (all: string) => all.split("客").length;
          const [, ...others] = texts;
          expect(count(lines.join(""))).toBeGreaterThanOrEqual(count(others.join("")));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a sentence on a terminal", () => {
  const told = "262 位客户中预计 31 位流失；模型未能优于规则（90 天），因此按规则生成。";

  test.each([30, 41, 60])("is folded to %s columns, and no line begins with a mark", (room) => {
    const lines = fold(told, room);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      expect(widthOf(line)).toBeLessThanOrEqual(room);
      expect(line).not.toMatch(/^[，；。、）]/);
    }
    expect(lines.join("").replaceAll(" ", "")).toBe(told.replaceAll(" ", ""));
  });

  test("is one line where there is no terminal", () => {
    expect(fold(told, Infinity)).toEqual([told]);
  });
});

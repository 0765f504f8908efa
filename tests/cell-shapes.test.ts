import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isDateLike,
  isDay,
  isDayInWords,
  isDayNumber,
  isNumberLike,
  markOfCells,
} from "../src/cell-shapes.js";
import { quoteText } from "../src/sql.js";
import { openWarehouse, rowsOf } from "./engines/warehouse.js";

test.each([
  ["2025-01-31", "a day"],
  ["31.12.25", "a day"],
  ["2025年1月31日", "a day"],
  ["3-Jan-25", "a day"],
  ["3-Jan/25", "other"],
  ["2025-01-31 10:20", "a day"],
  ["2025-01-31 10:20:30.5Z", "a day"],
  ["January 3, 2025 9:05", "a day"],
  ["2025-01-31 Mrs Smith", "like one"],
  ["January 3, 2025 9:05 Mrs Smith", "like one"],
  ["January 3, 2025 Mrs Smith", "other"],
  ["20250131", "like one"],
  ["30250131", "other"],
  ["1735689600", "like one"],
  ["45678", "a number of one"],
  ["65678", "other"],
  ["Smith", "other"],
])("%s is %s", (cell, kind) => {
  const found = [isDay, isDateLike, isDayNumber].map((test) => test(cell));
  const kinds = {
    "a day": [true, true, false],
    "like one": [false, true, false],
    "a number of one": [false, false, true],
    other: [false, false, false],
  };
  expect(found).toEqual(kinds[kind as keyof typeof kinds]);
});

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);

/** Days in words as people write them, the good ones and others. */
const daysInWords = fc
  .record({
    month: fc.constantFrom(...MONTHS, "Smarch", "Sunday"),
    isShort: fc.boolean(),
    day: fc.integer({ min: 1, max: 28 }),
    year: fc.constantFrom("2025", "1999", "25", "99"),
    form: fc.constantFrom("d-m-y", "d m y", "d/m/y", "m d, y", "m d y", "d-m y", "m-d-y"),
    behind: fc.constantFrom("", " 10:20", "T10:20:30", " noon"),
  })
  .map(({ month, isShort, day, year, form, behind }) => {
    const parts: Record<string, string> = { d: String(day), m: isShort ? month.slice(0, 3) : month, y: year };
    return form.replace(/[dmy]/g, (part) => parts[part]!) + behind;
  });

test("days in words are taken for days as they are read, and no others", async () => {
  const warehouse = await openWarehouse();
  const cells = ["25-Sep-8 10:20", ...new Set(fc.sample(daysInWords, { numRuns: 2000, seed: 1 }))];
  const rows = cells.map((cell) => `(${quoteText(cell)})`).join(", ");
  const found = await rowsOf(
    warehouse,
    `select cell, parse_date(cell) is not null as is_read from (values ${rows}) as cells (cell)`,
  );
  const differing = found.filter(
    ({ cell, is_read }) => (isDayInWords(String(cell)) && isDateLike(String(cell))) !== is_read,
  );
  expect(found.filter(({ is_read }) => is_read).length).toBeGreaterThan(500);
  expect(differing).toEqual([]);
});

test.each(["12", "-12.50", "1.234,5", "1 234,50 €", "¥1200", "EUR 12.50", "(12.00)", "RMB12"])(
  "%s looks like a number",
  (cell) => expect(isNumberLike(cell)).toBe(true),
);

test.each(["12 pieces", "A12", "ABC 12.50", "12-13-14", ""])('"%s" does not', (cell) =>
  expect(isNumberLike(cell)).toBe(false),
);

test.each([
  [["1,5", "2,25"], "comma"],
  [["1.5", "2.25"], "point"],
  [["1.250", "980"], "comma"],
  [["1.250", "12500.5"], "point"],
  [["1.250", "2.375"], undefined],
  [["12", "13"], undefined],
])("what divides the decimals of %j: %s", (cells, mark) => expect(markOfCells(cells)).toBe(mark));

import { describe, expect, test } from "vitest";

import { formatShort, formatValue, moneySign } from "../src/format.js";

const dollars = { language: "en", currency: "USD" } as const;
const yuan = { language: "zh", currency: "CNY" } as const;
const unstated = { language: "en", currency: "" } as const;

describe("formatValue", () => {
  test("truth values are words", () => {
    const shown = (language: "en" | "zh") =>
      [true, false].map((value) => formatValue(value, "text", { language, currency: "" }));
    expect(shown("en")).toEqual(["yes", "no"]);
    expect(shown("zh")).toEqual(["是", "否"]);
  });

  test.each([
    [1234567, "integer", dollars, "1,234,567"],
    [1234.5, "decimal", dollars, "1,234.50"],
    [0.0049, "decimal", dollars, "<0.01"],
    [1e-19, "decimal", dollars, "<0.01"],
    [0.005, "decimal", dollars, "0.01"],
    [0, "decimal", dollars, "0.00"],
    [1234.5, "money", dollars, "$1,234.50"],
    [-1234.5, "money", dollars, "-$1,234.50"],
    [1234.5, "money", yuan, "¥1,234.50"],
    [1234.5, "money", unstated, "1,234.50"],
    [1234.5, "money", { language: "en", currency: "??" }, "1,234.50"],
    [0.6234, "percent", dollars, "62.3%"],
    [0, "percent", dollars, "0.0%"],
    [1e-9, "percent", dollars, "<0.1%"],
    [0.00049, "percent", yuan, "<0.1%"],
    [0.0005, "percent", dollars, "0.1%"],
    [0.9994, "percent", dollars, "99.9%"],
    [0.9996, "percent", dollars, ">99.9%"],
    [0.999999, "percent", yuan, ">99.9%"],
    [1, "percent", yuan, "100.0%"],
    [1.0004, "percent", dollars, "100.0%"],
    [-0.0004, "percent", dollars, "0.0%"],
    [0, "likelihood", dollars, "<0.1%"],
    [1, "likelihood", yuan, ">99.9%"],
    [0.9994, "likelihood", dollars, "99.9%"],
    [-0, "integer", dollars, "0"],
    [-0.001, "money", dollars, "$0.00"],
    [12n, "integer", dollars, "12"],
    [Date.UTC(2026, 5, 30), "date", dollars, "2026-06-30"],
    [Date.UTC(1969, 11, 31, 23), "date", yuan, "1969-12-31"],
    [new Date(Date.UTC(2026, 5, 30, 23, 59)), "date", dollars, "2026-06-30"],
    ["2026-06-30", "date", dollars, "2026-06-30"],
    ["00123", "text", dollars, "00123"],
    ["00123", "integer", dollars, "00123"],
    [123, "text", dollars, "123"],
    ["", "text", dollars, ""],
  ] as const)("%s as %s is written for %o as %s", (...[value, format, locale, shown]) => {
    expect(formatValue(value, format, locale)).toBe(shown);
  });

  test.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY])(
    "%s is an en dash in every format",
    (value) => {
      for (const format of ["text", "integer", "decimal", "money", "percent", "date"] as const) {
        expect(formatValue(value, format, dollars)).toBe("–");
      }
    },
  );
});

describe("formatShort", () => {
  test.each([
    [1_234_567, "money", dollars, "$1.2M"],
    [1_234_567, "money", yuan, "¥123.5万"],
    [9_999.4, "money", dollars, "$9,999"],
    [412, "integer", dollars, "412"],
    [-25_000, "integer", dollars, "-25K"],
    [0.5, "percent", dollars, "50.0%"],
    [0.0001, "percent", yuan, "<0.1%"],
    [null, "money", dollars, "–"],
  ] as const)("%s as %s is shortened for %o to %s", (...[value, format, locale, shown]) => {
    expect(formatShort(value, format, locale)).toBe(shown);
  });
});

test("what stands before money is as in the reader's language", () => {
  const signs = [dollars, yuan, { ...dollars, currency: null }, { ...dollars, currency: "CHF" }].map(
    moneySign,
  );
  expect(signs).toEqual(["$", "¥", "", "CHF\u00a0"]);
});

import { expect, test } from "vitest";
import { readingLine } from "../src/reading.js";
import { textsIn } from "../src/texts/index.js";

const CLAUSES = [
  {
    code: "column",
    gaps: { role: "date", heading: "Bestelldatum" },
    more: [
      { code: "type", gaps: { type: "date_dmy" } },
      { code: "given", gaps: {} },
    ],
  },
  { code: "feature_count", gaps: { count: 1 } },
  { code: "tab", gaps: {} },
] as const;

test.each([
  [
    "en",
    "o.csv: date: Bestelldatum, read as dates, day first, as given; 1 column to learn from; split by tab",
  ],
  ["zh", "o.csv：日期：Bestelldatum，按日在前的日期读取，由您指定；用于学习的列：1；以制表符分隔"],
] as const)("how a file was read, in one line in %s", (language, line) => {
  expect(readingLine("o.csv", CLAUSES, textsIn(language))).toBe(line);
});

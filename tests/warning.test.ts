import { expect, test } from "vitest";
import { textsIn } from "../src/texts/index.js";
import { warningRecords, warningWords, type Warning } from "../src/warning.js";

const [english, chinese] = [textsIn("en"), textsIn("zh")];
const gapsIn = (template: string) =>
  [...new Set(Array.from(template.matchAll(/\{(\w+)/g), ([, gap]) => gap))].toSorted();

test.each(Object.entries(english.warnings))("%s has the same gaps in both languages", (code, template) => {
  const translated = chinese.warnings[code as Warning["code"]];
  expect(gapsIn(translated)).toEqual(gapsIn(template));
  expect(translated).toMatch(/[一-鿿]/);
});

const returned = (count: number): Warning => ({ code: "rows_returned", gaps: { file: "a.csv", count } });

test("one row and several are told in the grammar of either language", () => {
  expect(warningWords(returned(1), english)).toBe("a.csv: 1 row given back or of nothing is in no basket");
  expect(warningWords(returned(3), english)).toBe("a.csv: 3 rows given back or of nothing are in no basket");
  expect(warningWords(returned(1), chinese)).toBe("a.csv：有 1 行为退货，或金额、数量为零，不计入任何购物篮");
});

test("files for programs hold the English sentence and the code", () => {
  expect(warningRecords([returned(3)])).toEqual({
    warnings: ["a.csv: 3 rows given back or of nothing are in no basket"],
    warning_details: [{ code: "rows_returned", gaps: { file: "a.csv", count: 3 } }],
  });
});

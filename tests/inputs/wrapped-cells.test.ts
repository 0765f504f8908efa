import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hasWrappedCells, unwrapCells, unwrapped } from "../../src/inputs/wrapped-cells.js";
import { fileIn, temporaryFolder } from "../engines/warehouse.js";

/** How a cell may be written: in quotes, wrapped, and wrapped in quotes. */
const WAYS = {
  quoted: (cell: string) => `"${cell}"`,
  wrapped: (cell: string) => `="${cell}"`,
  both: (cell: string) => `"=""${cell}"""`,
};

const unwrapFile = async (path: string, delimiter: string) => {
  const copy = join(temporaryFolder(), "copy.csv");
  await unwrapCells(path, delimiter, copy);
  return readFileSync(copy, "utf8");
};

test("whatever cells are wrapped, the copy has the same rows line for line, without wraps", async () => {
  const folder = temporaryFolder();
  const written = (delimiter: string) =>
    fc.record({
      cell: fc.string({ unit: fc.constantFrom("0", "7", "客", " ", "=", "-", delimiter), maxLength: 4 }),
      way: fc.constantFrom<keyof typeof WAYS>("quoted", "wrapped", "both"),
    });
  const file = fc
    .record({ delimiter: fc.constantFrom(",", ";", "\t", "|"), end: fc.constantFrom("\n", "\r\n") })
    .chain((layout) =>
      fc.record({
        ...{ delimiter: fc.constant(layout.delimiter), end: fc.constant(layout.end) },
        rows: fc.array(fc.array(written(layout.delimiter), { minLength: 3, maxLength: 3 }), { minLength: 1 }),
      }),
    );
  await fc.assert(
    fc.asyncProperty(file, async ({ delimiter, end, rows }) => {
      const lines = rows.map((row) => row.map(({ cell, way }) => WAYS[way](cell)).join(delimiter));
      const path = fileIn(folder, "a.csv", lines.join(end));
      const copy = await unwrapFile(path, delimiter);
      const expected = rows.map((row) => row.map(({ cell }) => cell));
      expect(parse(copy, { delimiter }), lines.join("⏎")).toEqual(expected);
      expect(copy.split("\n")).toHaveLength(rows.length);
      expect(await hasWrappedCells(path, delimiter)).toBe(rows.flat().some(({ way }) => way !== "quoted"));
    }),
    { seed: 20_251_231, numRuns: 200 },
  );
});

test.each([
  ["an inch inside a cell", '1,2" pipe,3'],
  ["a wrap inside a quoted cell", '1,"a,=""b"",c",3'],
  ["an equals sign without quotes, or with text behind them", '=1,="a"b,="'],
])("%s is left as it stands", async (_, line) => {
  const path = fileIn(temporaryFolder(), "a.csv", `${line}\n`);
  expect(await hasWrappedCells(path, ",")).toBe(false);
  expect(await unwrapFile(path, ",")).toBe(`${line}\n`);
});

test("a first cell behind a byte-order mark is unwrapped, and the mark kept", async () => {
  const path = fileIn(temporaryFolder(), "a.csv", '\ufeff="01",2\n');
  expect(await unwrapFile(path, ",")).toBe("\ufeff01,2\n");
});

test.each([
  ['="00123"', "00123"],
  ['=""', ""],
  ["123", "123"],
  ['="', '="'],
  ['="a"b"', '="a"b"'],
])("of %s the cell is %s", (written, cell) => {
  expect(unwrapped(written)).toBe(cell);
});

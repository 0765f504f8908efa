import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { writeXlsx } from "hucre/xlsx";
import { afterAll, describe, expect, test } from "vitest";

import { CrmError } from "../../src/errors.js";
import { convertExcelToCsv } from "../../src/inputs/excel.js";

const directory = mkdtempSync(join(tmpdir(), "crm-analyze-excel-"));
afterAll(() => rmSync(directory, { recursive: true }));

type Sheets = Parameters<typeof writeXlsx>[0]["sheets"];
type Rows = NonNullable<Sheets[number]["rows"]>;

async function workbook(name: string, sheets: Sheets): Promise<string> {
  const path = join(directory, name);
  writeFileSync(path, await writeXlsx({ sheets }));
  return path;
}

async function csvOf(path: string, options: { sheet?: string } = {}): Promise<string> {
  const csvPath = join(directory, "out.csv");
  await convertExcelToCsv(path, csvPath, options);
  return readFileSync(csvPath, "utf8");
}

async function csvOfRows(rows: Rows): Promise<string> {
  return csvOf(await workbook("rows.xlsx", [{ name: "Sheet1", rows }]));
}

async function failureOf(path: string, options: { sheet?: string } = {}): Promise<CrmError> {
  const failure = await csvOf(path, options).catch((error: unknown) => error);
  if (failure instanceof CrmError) return failure;
  throw new Error(`expected a CrmError, got ${String(failure)}`);
}

describe("a sheet becomes a CSV", () => {
  test("with text as it stands: leading zeros, commas, quotes, line breaks, Chinese", async () => {
    expect(
      await csvOfRows([
        ["编号", "name"],
        ["00123", 'a, "b"'],
        ["=1+1", "line\nbreak"],
      ]),
    ).toBe('编号,name\n00123,"a, ""b"""\n=1+1,"line\nbreak"\n');
  });

  test("with all digits of a number and no grouping", async () => {
    expect(
      await csvOfRows([["n"], [1234567.891], [0.1], [-3], [1.5e-7], [2.5e21], [-1e-9], [310101199001011234]]),
    ).toBe("n\n1234567.891\n0.1\n-3\n0.00000015\n2500000000000000000000\n-0.000000001\n310101199001011260\n");
  });

  test("with days, moments and times of day in ISO form", async () => {
    const rows: Rows = [
      ["d"],
      [new Date("2026-06-30")],
      [new Date("2026-06-30T14:05:09Z")],
      [new Date("1899-12-31T08:30:00Z")],
    ];
    expect(await csvOfRows(rows)).toBe("d\n2026-06-30\n2026-06-30 14:05:09\n08:30:00\n");
  });

  test("with truth values in words and empty cells empty", async () => {
    expect(
      await csvOfRows([
        ["a", "b", "c"],
        [true, null, false],
      ]),
    ).toBe("a,b,c\ntrue,,false\n");
  });

  test("with rows equally wide, empty ones blank, and numbered as in the sheet", async () => {
    expect(await csvOfRows([["Sales 2026"], [], ["a", "b", "c"], [1], [1, 2, 3]])).toBe(
      "Sales 2026,,\n\na,b,c\n1,,\n1,2,3\n",
    );
  });

  test("with a wide row far down", async () => {
    const rows: Rows = Array.from({ length: 400 }, (_, index) =>
      index === 399 ? [index, "x", "y"] : [index],
    );
    const lines = (await csvOfRows(rows)).split("\n");
    expect(lines.slice(0, 2)).toEqual(["0,,", "1,,"]);
    expect(lines.slice(-2)).toEqual(["399,x,y", ""]);
  });

  test("without the empty rows and columns at its end", async () => {
    expect(
      await csvOfRows([
        ["a", "b", null, ""],
        [1, 2],
        [null, null],
        ["", ""],
      ]),
    ).toBe("a,b\n1,2\n");
  });

  test("from the first sheet, or the one named or numbered; a name goes before a number", async () => {
    const path = await workbook("two.xlsx", [
      { name: "First", rows: [["one"]] },
      { name: "第二", rows: [["two"]] },
    ]);
    expect(await csvOf(path)).toBe("one\n");
    expect(await csvOf(path, { sheet: "第二" })).toBe("two\n");
    expect(await csvOf(path, { sheet: "2" })).toBe("two\n");
    const numbers = await workbook("numbers.xlsx", [
      { name: "2", rows: [["called 2"]] },
      { name: "1", rows: [["second"]] },
    ]);
    expect(await csvOf(numbers, { sheet: "2" })).toBe("called 2\n");
  });

  test("and tells which it was, and of the others", async () => {
    const path = await workbook("two.xlsx", [
      { name: "First", rows: [["one"]] },
      { name: "第二", rows: [["two"]] },
    ]);
    expect(await convertExcelToCsv(path, join(directory, "out.csv"), { sheet: "2" })).toEqual({
      sheet: "第二",
      others: ["First"],
    });
  });
});

describe("a file that cannot be read", () => {
  test("because the sheet does not exist lists those that do", async () => {
    const path = await workbook("two.xlsx", [
      { name: "First", rows: [["one"]] },
      { name: "第二", rows: [["two"]] },
    ]);
    const failure = await failureOf(path, { sheet: "Third" });
    expect(failure.message).toBe('two.xlsx: no sheet "Third"');
    expect(failure.hint).toBe('its sheets are "First", "第二"');
    expect(failure.kind).toBe("data");
  });

  test("because the sheet is empty says which sheet", async () => {
    const path = await workbook("empty.xlsx", [{ name: "Leer", rows: [] }]);
    expect((await failureOf(path)).message).toBe('empty.xlsx: sheet "Leer" is empty');
  });

  test.each([
    ["no zip", Buffer.from("a,b\n1,2\n")],
    ["cut off", Buffer.from("PK\u0003\u0004 and no more")],
    ["nothing at all", Buffer.alloc(0)],
  ])("because it is %s says what to do", async (_, bytes) => {
    const path = join(directory, "broken.xlsx");
    writeFileSync(path, bytes);
    const failure = await failureOf(path);
    expect(failure.message).toMatch(/^broken\.xlsx: cannot be read as \.xlsx: /);
    expect(failure.hint).toContain("save it as .xlsx");
  });

  test("because it is an old .xls or protected says so", async () => {
    const path = join(directory, "old.xlsx");
    writeFileSync(path, Buffer.from("d0cf11e0a1b11ae1".padEnd(2048, "0"), "hex"));
    expect((await failureOf(path)).message).toBe("old.xlsx: is an old .xls or is protected by a password");
  });

  test("because it is not there", async () => {
    expect((await failureOf(join(directory, "nowhere.xlsx"))).message).toBe("nowhere.xlsx: no such file");
  });
});

import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeGb18030 } from "../../fixtures/generator/gb18030.js";
import { CrmError } from "../../src/errors.js";
import {
  columnNames,
  guessDelimiter,
  guessItemDelimiter,
  readFirstRows,
  readHeadings,
} from "../../src/inputs/csv.js";
import { fileIn, temporaryFolder } from "../engines/warehouse.js";

const headingsOf = (text: string, layout: { delimiter?: string; headerRow?: number } = {}) =>
  readHeadings(fileIn(temporaryFolder(), "a.csv", text), { delimiter: ",", headerRow: 1, ...layout });

async function refusal(
  text: string,
  layout: { delimiter?: string; headerRow?: number } = {},
): Promise<CrmError> {
  const error: unknown = await headingsOf(text, layout).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CrmError);
  return error as CrmError;
}

test("the first rows are those that another reader finds, with quotes or without", async () => {
  const folder = temporaryFolder();
  const piece = fc.constantFrom("a", "1.5", ",", ",", "\n", "\n", " ", "é", '"x"', "\r\n");
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      async (pieces, count) => {
        // One kind of line end and no quote inside a cell: what both may be asked.
        const text = pieces
          .join("")
          .replaceAll(/\r?\n/g, pieces.includes("\r\n") ? "\r\n" : "\n")
          .replaceAll(/(?<=[^,\n])"x"|"x"(?=[^,\r\n])/g, "x");
        const path = fileIn(folder, "a.csv", text);
        const expected: unknown = parse(text, { to: count, relax_column_count: true, relax_quotes: true });
        expect(await readFirstRows(path, { delimiter: "," }, count), JSON.stringify(text)).toEqual(expected);
      },
    ),
    { seed: 7, numRuns: 200 },
  );
});

describe("headings", () => {
  test.each([
    ["are trimmed", " k , v\n1,2\n", ["k", "v"]],
    ["may be quoted, with delimiters and quotes in them", '"a,b","c ""d"""\n', ["a,b", 'c "d"']],
    ["may be Chinese", "客户代码,金额（元）\n", ["客户代码", "金额（元）"]],
    ["lose the byte-order mark", "\ufeffk,v\n", ["k", "v"]],
    ["may end in CRLF, or in nothing", "k,v\r\n", ["k", "v"]],
    ["that come twice get a number", "a,b,a,a\n", ["a", "b", "a 2", "a 3"]],
    ["that differ in case alone stay as they are", "a,A\n", ["a", "A"]],
    ["that are empty are named by their place", "a,,b,\n", ["a", "column 2", "b", "column 4"]],
    ["may be one", "k\n1\n", ["k"]],
  ])("%s", async (_, text, expected) => {
    expect(await headingsOf(text)).toEqual(expected);
  });

  test("may stand below title rows, blank lines among them", async () => {
    expect(await headingsOf("Orders, 2025\nk,v\n", { headerRow: 2 })).toEqual(["k", "v"]);
    expect(await headingsOf("Orders\n\nk,v\n", { headerRow: 3 })).toEqual(["k", "v"]);
  });

  test("are all different, whatever the file says, and so to a database without regard to case", async () => {
    const folder = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "A", "a 2", "a 2 2", "", "column 2", "b"), {
          minLength: 2,
          maxLength: 6,
        }),
        async (cells) => {
          const path = fileIn(folder, "a.csv", `${cells.join(",")}\n`);
          const headings = await readHeadings(path, { delimiter: ",", headerRow: 1 });
          expect(headings).toHaveLength(cells.length);
          expect(new Set(headings).size, headings.join("|")).toBe(headings.length);
          const lower = columnNames(headings).map((name) => name.toLowerCase());
          expect(new Set(lower).size, lower.join("|")).toBe(headings.length);
        },
      ),
      { seed: 13 },
    );
  });
});

describe("a file without headings is refused", () => {
  test("when it is empty", async () => {
    const error = await refusal("");
    expect(error.kind).toBe("data");
    expect(error.message).toContain("a.csv: the file is empty");
  });

  test("when it ends above them", async () => {
    expect((await refusal("Orders\n", { headerRow: 3 })).message).toContain("a.csv: no headings in line 3");
  });

  test.each([
    ["k;v\n1;2\n", ",", '";"'],
    ["k\tv\n", ",", "tab"],
    ["k,v\n", ";", '","'],
  ])("when another delimiter splits it: %j by %j", async (text, delimiter, named) => {
    const error = await refusal(text, { delimiter });
    expect(error.message).toContain(`${named} splits it`);
    expect(error.hint).toMatch(/delimiter/);
  });
});

describe("the delimiter a file seems to have", () => {
  test.each([
    ["k,v\n1,2\n", ","],
    ["Datum;Betrag;Netto\n01.02.2025;1,50;1,20\n02.02.2025;2,50;2,10\n", ";"],
    ["k;v\n1,5;2,5\n2,5;3,5\n", ";"],
    ["k\tv\tw\na, b\tc\td\n", "\t"],
    ["k|v\n1|2\n", "|"],
    ['k,v\n"a;b;c;d",1\n', ","],
    ["k\n1\n2\n", ","],
  ])("%j", async (text, expected) => {
    expect(await guessDelimiter(fileIn(temporaryFolder(), "a.csv", text))).toBe(expected);
  });
});

test.each([
  ["，", "牛奶，面包\n牛奶，面包，鸡蛋\n鸡蛋\n"],
  ["、", "牛奶、面包\n牛奶、面包、鸡蛋\n鸡蛋\n"],
  ["；", "牛奶\n牛奶；面包, 全麦\n鸡蛋\n面包, 全麦；牛奶\n茶；水\n"],
  [";", "milk\neggs\ntea\nmilk; bread\nbread;milk\n"],
])("%s parts the items of baskets, in UTF-8 and GB18030", async (delimiter, text) => {
  const [folder, encoded] = [temporaryFolder(), encodeGb18030(text)];
  expect(await guessItemDelimiter(fileIn(folder, "utf-8.txt", text), "utf-8")).toBe(delimiter);
  expect(await guessItemDelimiter(fileIn(folder, "gb18030.txt", encoded), "gb18030")).toBe(delimiter);
});

test("the first rows are as many as asked for, as they stand", async () => {
  const path = fileIn(temporaryFolder(), "a.csv", 'k,v\n"1\n2", x \n3\n');
  expect(await readFirstRows(path, { delimiter: "," }, 2)).toEqual([
    ["k", "v"],
    ["1\n2", " x "],
  ]);
});

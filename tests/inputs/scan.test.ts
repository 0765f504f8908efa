import { createHash } from "node:crypto";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CrmError } from "../../src/errors.js";
import { scanCsv, visitRecords, type RecordPlace } from "../../src/inputs/scan.js";
import type { RelationName } from "../../src/relation.js";
import { fileIn, openWarehouse, rowOf, rowsOf, temporaryFolder } from "../engines/warehouse.js";

const LAYOUT = { delimiter: ",", skippedLines: 1 };

async function placesIn(path: string, layout = LAYOUT): Promise<RecordPlace[]> {
  const places: RecordPlace[] = [];
  await visitRecords(path, layout, (place) => places.push({ ...place }));
  return places;
}

const linesOf = (places: readonly RecordPlace[]) => places.map(({ lineNumber }) => lineNumber);

/**
 * The first lines of the records below the header, as csv-parse tells them. It counts a CRLF in quotes
 * as two lines, so it is given the file with bare line feeds, which changes no line.
 */
function linesByCsvParse(text: string, delimiter: string): number[] {
  const rows = parse(text.replaceAll("\r\n", "\n"), {
    delimiter,
    bom: true,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  }) as unknown as { info: { lines: number }; record: string[] }[];
  return rows.map(({ info, record }) => info.lines - countLines(record.join(""))).slice(1);
}

const countLines = (text: string) => text.split("\n").length - 1;

interface Written {
  readonly text: string;
  readonly lines: readonly number[];
  readonly delimiter: string;
  readonly columns: readonly string[];
}

/** One seed, so that every run checks the same files. */
const SEED = 20_251_231;

const END = fc.constantFrom("\n", "\r\n");
const PLAIN = fc.string({ unit: fc.constantFrom("a", "7", "客", " ", "'", "-"), maxLength: 4 });

/** A cell as written. */
function cellFor(delimiter: string, end: string): fc.Arbitrary<string> {
  const inQuotes = fc.string({ unit: fc.constantFrom("a", " ", "客", '""', delimiter, end), maxLength: 5 });
  const midQuote = fc
    .tuple(fc.constantFrom("a", "客", "7"), fc.constantFrom('"', '""', 'b"c'))
    .map((parts) => parts.join(""));
  return fc.oneof(
    { weight: 5, arbitrary: PLAIN },
    { weight: 3, arbitrary: inQuotes.map((text) => `"${text}"`) },
    { weight: 1, arbitrary: midQuote },
  );
}

interface Shape {
  readonly hasWrongWidths?: boolean;
}

/** CSV files with the lines their records begin on, known from how they are put together. */
function csvFiles({ hasWrongWidths = false }: Shape): fc.Arbitrary<Written> {
  return fc
    .record({
      delimiter: fc.constantFrom(",", ";", "\t", "|"),
      end: END,
      width: fc.integer({ min: 2, max: 4 }),
      hasBom: fc.boolean(),
      hasFinalEnd: fc.boolean(),
    })
    .chain(({ delimiter, end, width, hasBom, hasFinalEnd }) => {
      const cells = (length: number) =>
        fc.array(cellFor(delimiter, end), { minLength: length, maxLength: length });
      const good = cells(width);
      const record = hasWrongWidths
        ? fc.oneof(
            { weight: 4, arbitrary: good },
            { weight: 1, arbitrary: cells(width + 1) },
            { weight: 1, arbitrary: cells(Math.max(2, width - 1)) },
          )
        : good;
      const blanks = fc.integer({ min: 0, max: 2 });
      return fc.array(fc.tuple(blanks, record), { maxLength: 8 }).map((rows) => {
        const columns = Array.from({ length: width }, (_, i) => `c${i}`);
        let text = `${hasBom ? "\ufeff" : ""}${columns.join(delimiter)}${end}`;
        const lines: number[] = [];
        rows.forEach(([blankCount, written], index) => {
          text += end.repeat(blankCount);
          lines.push(countLines(text) + 1);
          text += written.join(delimiter) + (index < rows.length - 1 || hasFinalEnd ? end : "");
        });
        return { text, lines, delimiter, columns };
      });
    });
}

describe("the scanner counts what the engine reads and rejects", () => {
  const check = async (shape: Shape, numRuns: number) => {
    const engine = await openWarehouse();
    const folder = temporaryFolder();
    let files = 0;
    await fc.assert(
      fc.asyncProperty(csvFiles(shape), async ({ text, delimiter, columns }) => {
        const relation: RelationName = `raw.file__${(files += 1)}`;
        const path = fileIn(folder, "a.csv", text);
        const { recordCount } = await scanCsv(path, { delimiter, skippedLines: 1 });
        await engine.load(relation, { format: "csv", path, columns, delimiter, skippedLines: 1 });
        await engine.create("staged.a", `select * from ${relation}`);
        const { n } = await rowOf(engine, "select count(*) as n from staged.a");
        const offsets = (await rowsOf(engine, `select byte_offset from ${relation}__unreadable`)).map((row) =>
          Number(row["byte_offset"]),
        );
        const places = await placesIn(path, { delimiter, skippedLines: 1 });
        const rejected = places.filter(({ endOffset, isLast }, i) =>
          offsets.some(
            (offset) => (offset < endOffset || isLast) && offset >= (places[i - 1]?.endOffset ?? 0),
          ),
        );
        expect({ read: Number(n), rejected: rejected.length }).toEqual({
          read: recordCount - rejected.length,
          rejected: rejected.length,
        });
      }),
      { numRuns, seed: SEED },
    );
  };

  test("in files whose records have a cell for every heading", () => check({}, 120));
  test("in files whose records have cells too many or too few", () => check({ hasWrongWidths: true }, 150));

  test.each([
    ["a,b\n1,2\n3", 3],
    ["a,b\r\n3", 2],
    ["a,b\r\n\r\n1,2\r\n\r\n3", 5],
    ["a,b\n1,2\n3\n\n\n", 3],
  ])("in %j, whose last record lacks a cell", async (text, line) => {
    const engine = await openWarehouse();
    const path = fileIn(temporaryFolder(), "a.csv", text);
    await engine.load("raw.a__b", { format: "csv", path, columns: ["a", "b"], ...LAYOUT });
    await engine.create("staged.a", "select * from raw.a__b");
    const [unreadable, ...more] = await rowsOf(engine, "select byte_offset from raw.a__b__unreadable");
    expect(more).toEqual([]);
    const offset = Number(unreadable!["byte_offset"]);
    const place = (await placesIn(path)).find(({ endOffset, isLast }) => offset < endOffset || isLast);
    expect(place?.lineNumber).toBe(line);
  });
});

describe("the line of every record", () => {
  test("is the one it was written on", async () => {
    const folder = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(csvFiles({ hasWrongWidths: true }), async ({ text, delimiter, lines }) => {
        const path = fileIn(folder, "a.csv", text);
        expect(linesOf(await placesIn(path, { delimiter, skippedLines: 1 }))).toEqual(lines);
      }),
      { numRuns: 300, seed: SEED },
    );
  });

  test("is the one an independent parser tells", async () => {
    const folder = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(csvFiles({ hasWrongWidths: true }), async ({ text, delimiter }) => {
        const path = fileIn(folder, "a.csv", text);
        const places = await placesIn(path, { delimiter, skippedLines: 1 });
        expect(linesOf(places)).toEqual(linesByCsvParse(text, delimiter));
      }),
      { numRuns: 300, seed: SEED },
    );
  });

  test("counts the lines of headings in quotes", async () => {
    const path = fileIn(temporaryFolder(), "a.csv", 'a title\n"k\n(key)",v\n1,a\n2,b\n');
    expect(linesOf(await placesIn(path, { delimiter: ",", skippedLines: 2 }))).toEqual([4, 5]);
  });

  test("counts title rows, whatever quotes they hold", async () => {
    const path = fileIn(temporaryFolder(), "a.csv", 'an "open title\nk,v\n1,a\n\n"2\n2",b\n3,c\n');
    expect(await placesIn(path, { delimiter: ",", skippedLines: 2 })).toEqual([
      { recordNumber: 1, lineNumber: 3, endOffset: 23, isLast: false },
      { recordNumber: 2, lineNumber: 5, endOffset: 32, isLast: false },
      { recordNumber: 3, lineNumber: 7, endOffset: 36, isLast: false },
    ]);
  });
});

describe("a file", () => {
  test("is known by its SHA-256, its bytes and its records", async () => {
    const text = "k,v\r\n1,客\r\n\r\n2,b";
    const path = fileIn(temporaryFolder(), "a.csv", text);
    expect(await scanCsv(path, LAYOUT)).toEqual({
      sha256: createHash("sha256").update(text).digest("hex"),
      byteCount: Buffer.byteLength(text),
      recordCount: 2,
      isUtf8: true,
    });
  });

  test("of other bytes than UTF-8 is told from one that a piece ends in mid-character", async () => {
    const folder = temporaryFolder();
    for (let back = 0; back < 4; back++) {
      const text = `k,v\n1,${"z".repeat((1 << 20) - 6 - back)}客户\n`;
      expect((await scanCsv(fileIn(folder, "a.csv", text), LAYOUT)).isUtf8).toBe(true);
      const bytes = Buffer.concat([Buffer.from(text), Buffer.from([0xbf, 0xcd, 0x0a])]);
      expect((await scanCsv(fileIn(folder, "b.csv", bytes), LAYOUT)).isUtf8).toBe(false);
    }
    const cut = Buffer.from("k,v\n1,客").subarray(0, -1);
    expect((await scanCsv(fileIn(folder, "c.csv", cut), LAYOUT)).isUtf8).toBe(false);
  });

  test.each([
    ["headings only", "k,v\n", 0],
    ["headings without an end", "k,v", 0],
    ["blank lines only", "k,v\n\n\n\n", 0],
    ["a last line without an end", "k,v\n1,2", 1],
    ["an empty cell in quotes", 'k\n""\n1\n', 2],
    ["a quote in mid-cell", 'k,v\n5" pipe,a\n6" pipe,b\n', 2],
    ["a line of spaces", "k,v\n \n1,2\n", 2],
  ])("with %s", async (_, text, recordCount) => {
    expect((await scanCsv(fileIn(temporaryFolder(), "a.csv", text), LAYOUT)).recordCount).toBe(recordCount);
  });

  test.each([
    ["a quote is opened and never closed", 'k,v\n1,a\n2,"b\n3,c\n', 3],
    ["a quote ends before its cell does", 'k,v\n1,a\n\n"2"x,b\n', 4],
    ["a quote ends before its cell does", '"Report" of sales,v\n1,a\n', 1],
    ["this line ends otherwise than those above", "k,v\r\n1,a\r\n\r\n2,b\n3,c\r\n", 4],
    ["this line ends otherwise than those above", "k,v\n1,a\n2,b\r\n", 3],
    ["this line ends otherwise than those above", "k,v\n1,a\r\n2,b\r\n", 2],
    ["a carriage return stands inside a line", "k,v\n1,a\n2,\rb\n", 3],
  ])("in which %s is refused, with the line", async (what, text, line) => {
    const path = fileIn(temporaryFolder(), "a.csv", text);
    const error: unknown = await scanCsv(path, LAYOUT).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CrmError);
    expect((error as CrmError).kind).toBe("data");
    expect((error as CrmError).message).toContain(`${path}:${line}: ${what}`);
  });
});

describe("where the file is read in pieces", () => {
  const rows = "1234567\n".repeat((1 << 17) - 1);

  test.each([
    ["far from the head", `k,v\n${"1,a\n".repeat(400_000)}2,\rb\n`],
    ["as the last byte of a piece", `${rows}1234567\r8,9\n`],
    ["and another as the last and the first byte of two pieces", `${rows}1234567\r\r\n`],
  ])("a carriage return inside a line, %s, is refused", async (_where, text) => {
    const path = fileIn(temporaryFolder(), "a.csv", text);
    const line = text.slice(0, text.indexOf("\r")).split("\n").length;
    const error: unknown = await scanCsv(path, LAYOUT).catch((thrown: unknown) => thrown);
    expect((error as CrmError).message).toContain(`${path}:${line}: a carriage return stands inside a line`);
  });

  /** Whatever of this lies across the end of a piece must not be taken for something else. */
  const tail = 'x,"a\r\n""b"",c"\r\n\r\n"",\r\n2,b"c\r\n3,d\r\n';
  const lineCounts = { records: 5, lines: [2, 3, 6, 7, 8] };

  test("nothing depends on where a piece ends", async () => {
    const folder = temporaryFolder();
    for (let back = 0; back <= tail.length; back++) {
      const head = "k,v\r\n";
      const padding = `p,${"z".repeat((1 << 20) - head.length - 4 - back)}\r\n`;
      const path = fileIn(folder, "a.csv", head + padding + tail);
      expect({ back, count: (await scanCsv(path, LAYOUT)).recordCount }).toEqual({
        back,
        count: lineCounts.records,
      });
      expect({ back, lines: linesOf(await placesIn(path)) }).toEqual({ back, lines: lineCounts.lines });
    }
  });

  test("counting by line ends alone agrees with counting with quotes", async () => {
    const folder = temporaryFolder();
    for (let back = 0; back < 28; back++) {
      const lines = ["k,v", "p".repeat((1 << 20) - 5 - (back >> 1)), "a,b", "", "", "c,d", "e"];
      const text = lines.join(back % 2 === 0 ? "\r\n" : "\n");
      const path = fileIn(folder, "a.csv", text);
      expect((await scanCsv(path, LAYOUT)).recordCount).toBe((await placesIn(path)).length);
      expect((await scanCsv(path, LAYOUT)).recordCount).toBe(4);
    }
  });
});

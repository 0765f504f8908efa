import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";

import { DateDay, Float64, Table as ArrowTable, Utf8, type Vector, vectorFromArray } from "apache-arrow";
import { readXlsx } from "hucre/xlsx";
import { afterAll, describe, expect, test } from "vitest";

import { CrmError } from "../../src/errors.js";
import { writeExcel } from "../../src/outputs/excel.js";
import type { Format, ShownColumn } from "../../src/section.js";
import type { Table } from "../../src/table.js";

const directory = mkdtempSync(join(tmpdir(), "crm-analyze-excel-"));
afterAll(() => rmSync(directory, { recursive: true }));

const COLUMNS: readonly ShownColumn[] = [
  column("key", "编号", "text"),
  column("name", "Customer", "text"),
  column("sales", "Sales", "money"),
  column("orders", "Orders", "integer"),
  column("rate", "Rate", "percent"),
  column("day", "Last order", "date"),
];

function column(name: string, title: string, format: Format): ShownColumn {
  return { name, title, format };
}

const HOSTILE = [
  "=cmd|' /C calc'!A0",
  "+1",
  "-5 °C",
  "@sum",
  "<b>&\"'",
  "_x0041_",
  "\u0001bell",
  " spaces ",
  "line\nbreak",
  "茶\u{20BB7}",
];

const LIST = tableOf({
  key: vectorFromArray(
    HOSTILE.map((_, index) => `00${index}`),
    new Utf8(),
  ),
  name: vectorFromArray(HOSTILE, new Utf8()),
  sales: vectorFromArray(
    HOSTILE.map((_, index) => (index === 3 ? null : 1234.5 - index)),
    new Float64(),
  ),
  orders: vectorFromArray(
    HOSTILE.map((_, index) => index),
    new Float64(),
  ),
  rate: vectorFromArray(
    HOSTILE.map((_, index) => index / 10),
    new Float64(),
  ),
  day: vectorFromArray(
    HOSTILE.map((_, index) =>
      index === 1 ? new Date(Date.UTC(1890, 0, 1)) : new Date(Date.UTC(2026, 5, 30)),
    ),
    new DateDay(),
  ),
});

function tableOf(columns: Record<string, Vector>): Table {
  return new ArrowTable(columns) as Table;
}

async function* batchesOf(...tables: Table[]): AsyncGenerator<Table> {
  yield* tables;
}

async function written(
  name: string,
  options: { sheet?: string; columns?: readonly ShownColumn[] } = {},
  ...tables: Table[]
): Promise<Buffer> {
  const path = join(directory, name);
  await writeExcel(
    path,
    { name: options.sheet ?? "Slipping", columns: options.columns ?? COLUMNS },
    batchesOf(...tables),
  );
  return readFileSync(path);
}

/** A part of the archive, found through its directory. */
function partOf(bytes: Buffer, name: string): string {
  for (let at = bytes.readUInt32LE(bytes.length - 6); bytes.readUInt32LE(at) === 0x02014b50;) {
    const nameLength = bytes.readUInt16LE(at + 28);
    const [packed, start] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)];
    if (bytes.toString("utf8", at + 46, at + 46 + nameLength) === name) {
      return inflateRawSync(
        bytes.subarray(start + 30 + nameLength, start + 30 + nameLength + packed),
      ).toString();
    }
    at += 46 + nameLength;
  }
  throw new Error(`no part ${name}`);
}

describe("a list as a spreadsheet", () => {
  test("keeps text as text: leading zeros, formulas, markup, control characters", async () => {
    const bytes = await written("text.xlsx", {}, LIST);
    const { sheets } = await readXlsx(bytes);
    expect(sheets[0]?.rows.map((row) => row[1])).toEqual(["Customer", ...HOSTILE]);
    expect(sheets[0]?.rows.map((row) => row[0]).slice(0, 3)).toEqual(["编号", "000", "001"]);
    const xml = partOf(bytes, "xl/worksheets/sheet1.xml");
    expect(xml).not.toContain("<f>");
    expect(xml).toMatch(/<c r="B2" s="3" t="inlineStr"><is><t xml:space="preserve">=cmd/);
    expect(partOf(bytes, "xl/styles.xml").match(/<xf [^>]*>/g)?.[4]).toContain('quotePrefix="1"');
  });

  test("types numbers, shares and days, and leaves missing cells empty", async () => {
    const { sheets } = await readXlsx(await written("types.xlsx", {}, LIST));
    const rows = sheets[0]?.rows ?? [];
    expect(rows[1]?.slice(2)).toEqual([1234.5, 0, 0, new Date(Date.UTC(2026, 5, 30))]);
    expect(rows[4]?.[2]).toBeNull();
  });

  test("writes days that Excel cannot count as text", async () => {
    const { sheets } = await readXlsx(await written("early.xlsx", {}, LIST));
    expect(sheets[0]?.rows[2]?.[5]).toBe("1890-01-01");
  });

  test("formats money with thousands and cents, shares as percent, days as ISO", async () => {
    const { sheets } = await readXlsx(await written("formats.xlsx", {}, LIST), { readStyles: true });
    const formatOf = (place: string): unknown => sheets[0]?.cells?.get(place)?.style?.numFmt;
    expect([2, 3, 4, 5].map((at) => formatOf(`1,${at}`))).toEqual([
      "#,##0.00",
      "#,##0",
      "0.0%",
      "yyyy\\-mm\\-dd",
    ]);
    expect(sheets[0]?.cells?.get("0,0")?.style?.font?.bold).toBe(true);
  });

  test("shows no small p-value and no small share as none, and money with cents always", async () => {
    const values = [0, 1e-20, 0.004, 0.006, 0.25, -0.0004];
    const columns = [
      column("p", "p", "decimal"),
      column("share", "Share", "percent"),
      column("paid", "Paid", "money"),
    ];
    const vector = vectorFromArray(values, new Float64());
    const rows = tableOf({ p: vector, share: vector, paid: vector });
    const { sheets } = await readXlsx(await written("small.xlsx", { columns }, rows), { readStyles: true });
    const formats = (at: number) =>
      values.map((_, row) => sheets[0]?.cells?.get(`${row + 1},${at}`)?.style?.numFmt);
    const [plain, power] = ["#,##0.00", "0.00E+00"];
    expect(formats(0)).toEqual([plain, power, power, plain, plain, power]);
    expect(formats(1)).toEqual(["0.0%", power, "0.00%", "0.00%", "0.0%", "0.00%"]);
    expect(formats(2)).toEqual(values.map(() => plain));
    expect(sheets[0]?.rows[2]?.[0]).toBe(1e-20);
  });

  test("freezes the heading and filters all rows", async () => {
    const bytes = await written("frozen.xlsx", {}, LIST, LIST);
    const xml = partOf(bytes, "xl/worksheets/sheet1.xml");
    expect(xml).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>');
    expect(xml).toContain('<autoFilter ref="A1:F21"/>');
  });

  test("makes columns wide enough for what is in them", async () => {
    const wide = tableOf({ name: vectorFromArray(["重要挽留客户重要挽留客户"], new Utf8()) });
    const xml = partOf(
      await written("wide.xlsx", { columns: [column("name", "n", "text")] }, wide),
      "xl/worksheets/sheet1.xml",
    );
    expect(Number(/width="(\d+)"/.exec(xml)?.[1])).toBeGreaterThanOrEqual(24);
  });

  test("is the same bytes for the same rows", async () => {
    expect(await written("a.xlsx", {}, LIST)).toEqual(await written("b.xlsx", {}, LIST));
  });

  test("without rows still has its headings", async () => {
    const { sheets } = await readXlsx(await written("none.xlsx"));
    expect(sheets[0]?.rows).toEqual([COLUMNS.map((each) => each.title)]);
  });

  test("gets a sheet name that Excel accepts", async () => {
    const { sheets } = await readXlsx(
      await written("name.xlsx", { sheet: "'Win back: Q1/Q2 [large] customers & others'" }, LIST),
    );
    expect(sheets[0]?.name).toBe("Win back  Q1 Q2  large  custome");
  });

  test("past 1,048,575 rows goes on to a second sheet, with its headings", async () => {
    const count = 1_048_577;
    const numbers = tableOf({
      n: vectorFromArray(Float64Array.from({ length: count }, (_, index) => index)),
    });
    const bytes = await written("long.xlsx", { columns: [column("n", "Number", "integer")] }, numbers);
    const first = partOf(bytes, "xl/worksheets/sheet1.xml");
    expect(first.slice(-120)).toContain('<autoFilter ref="A1:A1048576"/>');
    const { sheets } = await readXlsx(bytes, { sheets: [1] });
    expect(sheets[0]?.name).toBe("Slipping (2)");
    expect(sheets[0]?.rows).toEqual([["Number"], [count - 2], [count - 1]]);
  }, 30_000);

  test("refuses a text no cell can hold, by row and column, and leaves no file", async () => {
    const long = tableOf({ name: vectorFromArray(["ok", "x".repeat(32_768)], new Utf8()) });
    const failure = await written(
      "refused.xlsx",
      { columns: [column("name", "Customer", "text")] },
      long,
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CrmError);
    expect(String(failure)).toContain(
      'refused.xlsx: row 3, column "Customer": text is longer than the 32767 characters a cell holds',
    );
    expect(() => readFileSync(join(directory, "refused.xlsx"))).toThrow("ENOENT");
  });
});

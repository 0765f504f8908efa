import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filledRows } from "../../src/inputs/fill-down.js";
import { fileIn, openWarehouse, rowsOf, temporaryFolder } from "../engines/warehouse.js";
import { counted } from "./bare-orders.js";

const customersOf = ({ engine }: Awaited<ReturnType<typeof counted>>) =>
  rowsOf(
    engine,
    `select order_key, customer_key, cast(sum(line_amount) as double) as money from staged.order_lines
    group by order_key, customer_key order by order_key`,
  );

const isFilled = ({ inputs }: Awaited<ReturnType<typeof counted>>) =>
  inputs.map(({ mapping }) => mapping.fill_down?.columns);

describe("what stands on the first row of an order alone", () => {
  test("is that of its further rows: Odoo", async () => {
    const read = await counted({
      odoo: [
        "Order Reference,Customer,Order Date,Order Lines/Product,Order Lines/Quantity,Order Lines/Subtotal",
        "S01,Ada,2025-01-02 10:00:00,Pen,1,5.00",
        ",,,Ink,2,7.00",
        ",,,Paper,2,1.00",
        "S02,Ben,2025-02-02 10:00:00,Pen,1,5.00",
        ",,,Ink,2,7.00",
      ],
    });
    expect(await customersOf(read)).toEqual([
      { order_key: "S01", customer_key: "Ada", money: 13 },
      { order_key: "S02", customer_key: "Ben", money: 12 },
    ]);
    expect(read.counts).toMatchObject([{ rowsIn: 5, rowsStaged: 5, rowsSkipped: 0, rowsRejected: 0 }]);
  });

  test("is that of its further rows, in Chinese, and a sum below them is none of them", async () => {
    const read = await counted({
      kingdee: [
        "单据编号,日期,客户,单据状态,物料名称,价税合计",
        "X1,2025/1/2,甲,已审核,笔,5.00",
        ",,,,墨,7.00",
        "X2,2025/1/3,乙,已作废,笔,50.00",
        ",,,,墨,70.00",
        "X3,2025/1/4,甲,已审核,笔,1.00",
        ",,,,墨,2.00",
        ",,,,,135.00",
      ],
    });
    expect(isFilled(read)).toEqual([["单据编号", "日期", "客户", "单据状态"]]);
    expect(await customersOf(read)).toEqual([
      { order_key: "X1", customer_key: "甲", money: 12 },
      { order_key: "X3", customer_key: "甲", money: 3 },
    ]);
    expect(read.counts).toMatchObject([{ rowsIn: 7, rowsStaged: 4, rowsSkipped: 3, rowsRejected: 0 }]);
  });

  test("leaves out all rows of a voided order: Shopify", async () => {
    const line = (order: number, status: string, price: number) =>
      `#${order},c${order}@x.com,${status},2025-01-0${order} 10:00:00 +0100,Pen,1,${price}`;
    const orders = [1, 2, 3, 4].flatMap((order) => [
      line(order, order === 2 ? "voided" : "paid", 10),
      line(order, "", 1),
    ]);
    const head = "Name,Email,Financial Status,Created at,Lineitem name,Lineitem quantity,Lineitem price";
    const read = await counted({ shopify: [head, ...orders] });
    expect(isFilled(read)).toEqual([["Financial Status"]]);
    expect(read).toMatchObject({ money: 33, counts: [{ rowsStaged: 6, rowsSkipped: 2 }] });
  });

  test("is looked for among customers, days and kinds of rows only", async () => {
    const line = (order: number, note: string) => `${order},C1,2025-01-0${order},5,${note}`;
    const orders = [1, 2, 3, 4].flatMap((order) => [line(order, "gift"), line(order, "")]);
    expect(isFilled(await counted({ shop: ["order,customer,date,amount,note", ...orders] }))).toEqual([
      undefined,
    ]);
  });

  test("a walk-in without a number or customer is no further row of the order above", async () => {
    const rows = ["1,A,2025-01-02,Pen,5", ",,,Ink,7", ",,,Nib,7", ",,,Cap,7", ",,2025-01-03,Pen,9"];
    const read = await counted({ shop: ["order,customer,date,item,amount", ...rows] });
    expect(await customersOf(read)).toEqual([{ order_key: "1", customer_key: "A", money: 26 }]);
    expect(read.counts).toMatchObject([{ rowsStaged: 4, rowsSkipped: 1, rowsRejected: 0 }]);
  });

  test("the status of a row, and what calls itself a total, are no order's", async () => {
    const lines = [1, 2, 3, 4].flatMap((order) => [
      `${order},C1,2025-01-0${order},5,cancelled`,
      `${order},C1,2025-01-0${order},6,`,
    ]);
    const status = await counted({ shop: ["order,customer,date,amount,line status", ...lines] });
    expect([isFilled(status), status.money]).toEqual([[undefined], 24]);
    const summed = [1, 2, 3, 4].flatMap((order) => [`${order},C1,2025-01-0${order},Pen,5`, ",,,Ink,6"]);
    const rows = ["order,customer,date,item,amount", ...summed, ",,,Grand total (EUR),44"];
    expect(await counted({ shop: rows })).toMatchObject({ money: 44, row_count: 8 });
  });

  test("headings as the engine might name its own are read as any other", async () => {
    const rows = [1, 2, 3, 4].flatMap((order) => [`${order},C1,2025-01-0${order},5,x,y,z`, ",,,6,x,y,z"]);
    const head = "order,customer,date,amount,place,is_first,ORDER_PLACE";
    expect(await counted({ shop: [head, ...rows] })).toMatchObject({ money: 44 });
  });

  test("a guest with a day of their own is nobody's, however many there are", async () => {
    const sale = (order: number) => `${order},C${order},2025-01-0${order},Pen,5`;
    const guest = (order: number) => `,,2025-01-0${order},Ink,7`;
    const rows = [1, 2, 3, 4, 5].flatMap((order) => [sale(order), guest(order)]);
    const read = await counted({ shop: ["order,customer,date,item,amount", ...rows] });
    expect(isFilled(read)).toEqual([undefined]);
    expect(read).toMatchObject({ money: 25, counts: [{ rowsStaged: 5, rowsSkipped: 5 }] });
  });

  test("the engine fills what the guess fills, whatever the rows", async () => {
    const engine = await openWarehouse();
    const headings = ["No", "Date", "Customer", "Item"];
    const row = fc.tuple(
      fc.constantFrom("", " ", "\t", "\u3000", "1", "1\t", "2"),
      fc.constantFrom("", "d", "e"),
      fc.constantFrom("", "A", "B"),
      fc.constantFrom("", "7", "pen", "Total", "小计：", "Grand total (EUR)", "total care"),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        async (rows, isNumbered) => {
          const fillDown = { key: "No", columns: ["Date", "Customer", ...(isNumbered ? [] : ["No"])] };
          const path = fileIn(
            temporaryFolder(),
            "a.csv",
            [headings, ...rows].map((r) => r.join(",")).join("\n"),
          );
          const columns = { format: "csv", columns: headings, delimiter: ",", skippedLines: 1 } as const;
          await engine.load("raw.filled", { ...columns, path, fillDown });
          const read = await rowsOf(
            engine,
            `select row_number() over () as place, ${headings.map((name) => `coalesce("${name}", '') as "${name}"`).join(", ")} from raw.filled order by place`,
          );
          expect(read.map((cells) => headings.map((name) => cells[name]))).toEqual(
            filledRows(rows, headings, fillDown),
          );
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });
});

import { describe, expect, test } from "vitest";
import { counted } from "./bare-orders.js";

const HEAD = "customer,date,order";
/** The rows of 20 orders a month apart, with cells behind customer, day and number. */
const orders = (cellsOf: (order: number) => readonly string[], count = 20) =>
  Array.from({ length: count }, (_, order) => {
    const day = `20${20 + (Math.floor(order / 12) % 5)}-${String((order % 12) + 1).padStart(2, "0")}-03`;
    return cellsOf(order).map((cells) => `C${order % 4},${day},${order},${cells}`);
  }).flat();
/** What 20 orders of 100 to 119 bring. */
const TOTAL = 2190;
const twice = (cells: (total: number, row: number) => string) =>
  orders((order) => [0, 1].map((row) => cells(100 + order, row)));

const ONCE = /is the same on all rows of 20 of 20 orders of several rows and counts once an order/;
const DOUBTED = /is the same on all rows of 20 of 20 orders of several rows, and is added up/;

describe("the same amount on each row of an order", () => {
  test.each<[what: string, headings: string, cells: (total: number, row: number) => string]>([
    ["a heading of what is numbered", "Order Total", (total) => `${total}`],
    ["the same in Chinese", "订单金额", (total) => `${total}`],
    [
      "prices and quantities that make it in all",
      "Total,price,quantity",
      (total, row) => `${total},${total / 4},${1 + 2 * row}`,
    ],
    [
      "the same in Chinese",
      "应付金额,京东价,订购数量",
      (total, row) => `${total},${total / 4},${1 + 2 * row}`,
    ],
    ["prices that differ, however high", "Total,price", (total, row) => `${total},${9 * total * (row + 1)}`],
    ["quantities that differ", "Total,quantity", (total, row) => `${total},${row + 1}`],
    [
      "the same, written otherwise",
      "Total,quantity",
      (total, row) => `${total}${row ? ".00" : ""},${row + 1}`,
    ],
  ])("counts once by %s", async (...[, headings, cells]) => {
    const lines = [`${HEAD},${headings}`, ...twice(cells)];
    const { money, warnings, counts, rejects } = await counted({ shop: lines });
    expect(money).toBe(TOTAL);
    expect(warnings).toEqual([expect.stringMatching(ONCE)]);
    expect(counts).toMatchObject([{ rowsIn: 40, rowsStaged: 20, rowsSkipped: 20, rowsRejected: 0 }]);
    expect(rejects).toHaveLength(20);
    expect(rejects[0]).toEqual({
      ...{ line_number: 2, column_name: "order", value: "0" },
      reason: "another row has the order's amount",
    });
  });

  test.each<[what: string, headings: string, cells: (total: number, row: number) => string, isTold: boolean]>(
    [
      [
        "prices say that it is each row's",
        "Total,price",
        (total, row) => `${total},${total + 9 * row}`,
        false,
      ],
      ["nothing tells what it is", "Total,seat", (total, row) => `${total},${row}`, true],
      ["it is called after another document", "Ticket Value", (total) => `${total}`, true],
    ],
  )("is added up where %s", async (...[, headings, cells, isTold]) => {
    const { money, warnings } = await counted({ shop: [`${HEAD},${headings}`, ...twice(cells)] });
    expect(money).toBe(2 * TOTAL);
    expect(warnings).toEqual(isTold ? [expect.stringMatching(DOUBTED)] : []);
  });

  test("is seen in as few as three orders", async () => {
    const lines = orders((order) => [`${100 + order},1`, `${100 + order},2`], 3);
    expect(await counted({ shop: [`${HEAD},Total,quantity`, ...lines] })).toMatchObject({ money: 303 });
  });

  test("is no sign where all orders have it", async () => {
    const lines = [`${HEAD},Order Total,quantity`, ...twice((_, row) => `9.90,${row + 1}`)];
    const { row_count, warnings } = await counted({ shop: lines });
    expect([row_count, warnings]).toEqual([40, []]);
  });

  test("is no sign where one order in ten has others", async () => {
    const lines = twice((total, row) => `${total + (total % 10 === 0 ? row : 0)}`);
    const { row_count, warnings } = await counted({ shop: [`${HEAD},Order Total`, ...lines] });
    expect([row_count, warnings]).toEqual([40, []]);
  });

  test("is seen in rows of any order, and not by the first of a long file", async () => {
    const some = orders((order) => [`${100 + order},1`, `${100 + order},2`], 3000);
    const isLater = (_: string, place: number) => place % 2 === 1;
    const sorted = [...some.filter((_, place) => place % 2 === 0), ...some.filter(isLater)];
    const head = `${HEAD},Total,quantity`;
    expect(await counted({ shop: [head, ...sorted] })).toMatchObject({ row_count: 3000 });
    const others = orders((order) => [`${5 + order},1`, `${7 + order},2`], 9000).slice(6000);
    const { row_count, warnings } = await counted({ shop: [head, ...some.slice(0, 3000), ...others] });
    expect([row_count, warnings]).toEqual([15_000, []]);
  });

  test("is weighed in all files of one heading together", async () => {
    const lines = twice((total) => `${total}`);
    const head = `${HEAD},Order Total`;
    const { money, warnings } = await counted({
      a: [head, ...lines.slice(0, 36)],
      b: [head, ...lines.slice(36)],
    });
    expect(money).toBe(TOTAL);
    expect(warnings).toContainEqual(expect.stringMatching(/^a\.csv, b\.csv: .* of 20 of 20 orders/));
  });

  test("is what --amount-per says, and added up with --all-rows", async () => {
    const shop = [`${HEAD},Order Total`, ...twice((total) => `${total}`)];
    expect(await counted({ shop }, { amountPer: "row" })).toMatchObject({ money: 2 * TOTAL, warnings: [] });
    const all = await counted({ shop }, { isAll: true });
    expect([all.money, all.warnings]).toEqual([2 * TOTAL, [expect.stringMatching(DOUBTED)]]);
    const seats = [`${HEAD},Total,seat`, ...twice((total, row) => `${total},${row}`)];
    expect(await counted({ shop: seats }, { amountPer: "order" })).toMatchObject({
      money: TOTAL,
      warnings: [],
    });
  });

  test("--amount-per order needs orders", async () => {
    const lines = ["customer,date,amount", "C1,2025-01-03,5"];
    await expect(counted({ shop: lines }, { amountPer: "order" })).rejects.toThrow(
      "shop.csv: --amount-per order: needs an amount and the number of its order",
    );
  });
});

describe("an order's amount that counts once", () => {
  const once = async (...rows: readonly string[]) => {
    const shop = ["customer,date,order,Total,note", ...rows.map((cells, place) => `${cells},${place}`)];
    const { money, row_count, warnings, counts } = await counted({ shop }, { amountPer: "order" });
    const { rowsIn, rowsStaged, rowsSkipped, rowsRejected } = counts[0]!;
    expect(rowsStaged + rowsSkipped + rowsRejected).toBe(rowsIn);
    return { money, row_count, warnings };
  };

  test.each<[what: string, rows: readonly string[], money: number]>([
    [
      "of each customer",
      ["A,2025-01-02,1,5", "A,2025-01-02,1,5", "B,2025-01-02,1,6", "B,2025-01-02,1,6"],
      11,
    ],
    ["of its sale and of its return", ["A,2025-01-02,1,5", "A,2025-01-02,1,5", "A,2025-01-02,1,-5"], 0],
    ["each of several returns", ["A,2025-01-02,1,9", "A,2025-01-02,1,-5", "A,2025-01-02,1,-2"], 2],
    [
      "of each day where numbers begin again each day, with the same total",
      ["A,2025-01-02,1,5", "A,2025-01-02,1,5", "A,2025-01-03,1,5", "A,2025-01-03,1,5"],
      10,
    ],
    ["where its rows lie on days near each other", ["A,2025-01-02,1,5", "A,2025-01-03,1,5"], 5],
    ["where numbers begin again each day", ["A,2025-01-02,1,5", "A,2025-01-03,1,6", "A,2025-01-03,1,6"], 11],
    ["where one row names no customer", ["A,2025-01-02,1,5", ",2025-01-02,1,5", "B,2025-01-02,2,7"], 12],
    ["where one row has no day", ["A,2025-01-02,1,5", "A,,1,5", "B,2025-01-02,2,7"], 12],
  ])("counts %s", async (...[, rows, money]) => {
    expect(await once(...rows)).toMatchObject({ money });
  });

  test("counts of each time that its number begins again", async () => {
    const rows = ["A,2024-03-01,7,5", "A,2024-03-01,7,5", "A,2025-03-01,7,5", "A,2025-03-01,7,5"];
    expect(await once(...rows)).toMatchObject({
      money: 10,
      warnings: [expect.stringContaining("1 order number comes back for the same customer")],
    });
  });

  test("counts by its last row where its rows differ, and is told", async () => {
    expect(await once("A,2025-01-02,1,5", "A,2025-01-02,1,9")).toMatchObject({
      money: 9,
      warnings: ["shop.csv: 1 order has different totals on its rows; that of the last row counts"],
    });
  });
});

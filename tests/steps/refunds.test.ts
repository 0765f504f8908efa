import { expect, test } from "vitest";
import { guessOrders } from "../../src/guess.js";
import { readMapping } from "../../src/mapping.js";
import { fileIn, temporaryFolder } from "../engines/warehouse.js";
import { counted } from "./bare-orders.js";

const SHOPIFY = [
  "Name,Email,Created at,Total,Refunded Amount,Lineitem name",
  "#1001,a@x.com,2025-01-02,100.00,0.00,tea",
  "#1001,a@x.com,,,,cup",
  "#1002,b@x.com,2025-02-02,50.00,20.00,tea",
  "#1003,c@x.com,2025-03-02,30.00,30.00,tea",
];

/** What a file of orders comes to, and the codes of what is told of its refunds. */
async function moneyOf(lines: readonly string[], rows = {}) {
  const { mapping, kinds } = await guessOrders(fileIn(temporaryFolder(), "orders.csv", lines.join("\n")), {
    columns: {},
    rows,
  });
  const { money, rejects: left } = await counted({ orders: lines }, rows);
  const rejects = left.filter(({ reason }) => reason !== "left out by the mapping");
  return { money, rejects, doubt: kinds.refunds?.doubt, less: mapping.columns["line_amount"]?.less?.column };
}

test.each([
  ["Shopify, once an order", SHOPIFY, "Refunded Amount", 130],
  [
    "Taobao, with a unit in the heading",
    [
      "订单号,买家会员名,付款时间,实付金额,退款金额(元)",
      "1,甲,2025-01-02,100.00,0",
      "2,乙,2025-02-02,50.00,20.5",
    ],
    "退款金额(元)",
    129.5,
  ],
  [
    "German, decimal commas, refunds below zero",
    [
      "Auftrag;Kunde;Datum;Betrag;Erstattungsbetrag",
      "1;A;02.01.2025;1.100,50;",
      "2;B;03.01.2025;50,00;-20,25",
    ],
    "Erstattungsbetrag",
    1130.25,
  ],
  [
    "price × quantity",
    [
      "order,customer,date,price,quantity,refund",
      "1,a,2025-01-02,10,3,5",
      "1,a,2025-01-02,4,2,",
      "2,b,2025-01-03,7,1,0",
    ],
    "refund",
    40,
  ],
  [
    "rows of their own for refunds, where the amount is 0",
    [
      "order,customer,date,amount,refund",
      "1,a,2025-01-02,100,0",
      "1,a,2025-01-05,0,40",
      "2,b,2025-01-03,7,0",
    ],
    "refund",
    67,
  ],
  [
    "returns that say how much twice",
    [
      "order,customer,date,type,amount,refund",
      "1,a,2025-01-02,sale,100,0",
      "2,a,2025-01-05,refund,40,40",
      "3,a,2025-01-06,sale,9,0",
    ],
    "refund",
    69,
  ],
])("what was given back is taken off: %s", async (...[, lines, less, money]) => {
  expect(await moneyOf(lines)).toEqual({ money, rejects: [], doubt: undefined, less });
});

const NET = ["order,customer,date,total,refund", "1,a,2025-01-02,100,0", "2,b,2025-02-02,30,70"];

test.each([
  ["more than was paid", NET, "net", 130],
  [
    "all of what rows without money had",
    ["order,customer,date,total,refund", "1,a,2025-01-02,100,0", "2,b,2025-02-02,0,70"],
    "net",
    100,
  ],
  [
    "the same on each row of an order, whose amounts differ",
    [
      "order,customer,date,amount,refund",
      "1,a,2025-01-02,30,15",
      "1,a,2025-01-02,70,15",
      "2,b,2025-02-02,9,0",
      "2,b,2025-02-02,8,0",
    ],
    "whole",
    117,
  ],
])("it is not where amounts may be another thing: %s", async (...[, lines, doubt, money]) => {
  expect(await moneyOf(lines)).toEqual({ money, rejects: [], doubt, less: undefined });
});

test("words of a status that speak of refunds are in no doubt where these are taken off", async () => {
  const lines = [
    "order,customer,date,status,amount,refund",
    "1,a,2025-01-02,paid,100,0",
    "2,b,2025-02-02,partially_refunded,50,20",
    "3,b,2025-02-03,Failed,7,0",
  ];
  const { kinds } = await guessOrders(fileIn(temporaryFolder(), "orders.csv", lines.join("\n")), {
    columns: {},
  });
  expect(kinds.doubted).toEqual({ status: ["failed"] });
});

test("--refund says it otherwise, and --all-rows takes amounts as they stand", async () => {
  expect(await moneyOf(SHOPIFY, { refund: "none" })).toMatchObject({ money: 180, less: undefined });
  expect(await moneyOf(SHOPIFY, { isAll: true })).toMatchObject({ money: 180, less: undefined });
  expect(await moneyOf(NET, { refund: "refund" })).toMatchObject({ money: 60, less: "refund" });
});

test("a refund that cannot be read sends its row to the rejects", async () => {
  const { money, rejects } = await moneyOf([
    ...SHOPIFY,
    "#1004,d@x.com,2025-04-02,70.00,some,tea",
    "#1005,d@x.com,2025-04-03,5.00,1,tea",
  ]);
  expect(money).toBe(134);
  expect(rejects).toMatchObject([
    { line_number: 6, column_name: "Refunded Amount", value: "some", reason: "not a number" },
  ]);
});

test("a column that only says whether there was a refund is none", async () => {
  const lines = ["order,customer,date,amount,refunded", "1,a,2025-01-02,100,0", "2,b,2025-02-02,30,1"];
  expect(await moneyOf(lines)).toMatchObject({ money: 130, doubt: undefined, less: undefined });
});

test.each([
  ["order_date: { column: d, less: r }", "for decimals only"],
  ["order_amount: { constant: '1', less: r }", "less goes with column, and without sign"],
  ["order_amount: { column: a, less: r, sign: negative }", "less goes with column, and without sign"],
])("a mapping with %s is refused", (cell, fault) => {
  const date = cell.startsWith("order_date") ? "" : ", order_date: d";
  const path = fileIn(
    temporaryFolder(),
    "shop.yml",
    `source: shop\nfiles:\n  orders: { file: o.csv, entity: orders, columns: { order_key: o, customer_key: c${date}, ${cell} } }\n`,
  );
  expect(() => readMapping(path)).toThrow(fault);
});

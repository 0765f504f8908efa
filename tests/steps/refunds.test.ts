import { expect, test } from "vitest";
import { guessOrders } from "../../src/guess.js";
import { readMapping } from "../../src/mapping.js";
import { tellRowKinds } from "../../src/steps/row-kinds.js";
import type { Warning } from "../../src/warning.js";
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
    "rows of their own for refunds, where no amount stands",
    [
      "Name,Email,Created at,Total,Refunded Amount,item",
      "#1,a,2025-01-02,100,,tea",
      "#1,a,2025-01-02,,,cup",
      "#2,b,2025-01-03,9,,tea",
      "#1,a,2025-01-09,,40,",
    ],
    "Refunded Amount",
    69,
  ],
  [
    "rows of their own for refunds, with numbers of their own",
    ["order,customer,date,amount,refund", "1,a,2025-01-02,100,", "2,a,2025-01-05,,40", "3,b,2025-01-06,9,"],
    "refund",
    69,
  ],
  [
    "refunds below zero that say how much twice",
    [
      "order,customer,date,amount,refund",
      "1,a,2025-01-02,100,0",
      "2,a,2025-01-05,-40,40",
      "3,a,2025-01-06,9,",
    ],
    "refund",
    69,
  ],
  [
    "one of six with the postage",
    [
      "order,customer,date,amount,refund",
      "1,a,2025-01-02,100,105",
      ...[2, 3, 4, 5, 6].map((n) => `${n},b,2025-01-0${n},10,1`),
    ],
    "refund",
    40,
  ],
  [
    "beside a cancelled row that gave back more",
    [
      "order,customer,date,status,amount,refund",
      "1,a,2025-01-02,paid,100,50",
      "2,b,2025-01-03,cancelled,100,120",
    ],
    "refund",
    50,
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
    "the sum of both in a column of its own",
    ["order,customer,date,before,refund,net sales", "1,a,2025-01-02,100,0,100", "2,b,2025-02-02,30,10,20"],
    "net",
    120,
  ],
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

test("words of a status that speak of refunds are told of in rows without one, all others in every row", async () => {
  const lines = [
    "order,customer,date,status,amount,refund",
    "1,a,2025-01-02,paid,100,0",
    "2,b,2025-02-02,Refunded,50,20",
    "3,b,2025-02-03,Failed,7,3",
    "4,b,2025-02-04,Refunded,9,",
  ];
  const path = fileIn(temporaryFolder(), "orders.csv", lines.join("\n"));
  const { kinds } = await guessOrders(path, { columns: {} });
  const { engine, inputs, money } = await counted({ orders: lines });
  expect(money).toBe(143);
  const told: Warning[] = [];
  const found = { kinds: { "orders.csv": kinds }, hints: {} };
  await tellRowKinds(engine, found, { inputs, warn: (warning) => told.push(warning) });
  expect(told).toEqual([
    { code: "refunds_taken", gaps: { file: "orders.csv", heading: "refund", count: 2 } },
    {
      code: "kinds_doubted",
      gaps: {
        file: "orders.csv",
        column: "status",
        count: 2,
        words: "Failed (1), Refunded (1)",
        choice: "Failed,Refunded",
      },
    },
  ]);
});

test("--refund says it otherwise, and --all-rows takes amounts as they stand", async () => {
  expect(await moneyOf(SHOPIFY, { refund: "none" })).toMatchObject({ money: 180, less: undefined });
  expect(await moneyOf(SHOPIFY, { isAll: true })).toMatchObject({ money: 180, less: undefined });
  expect(await moneyOf(NET, { refund: "refund" })).toMatchObject({ money: 60, less: "refund" });
});

test("a return without an amount and without a refund is rejected", async () => {
  const lines = [
    "order,customer,date,type,amount,refund",
    "1,a,2025-01-02,sale,100,2",
    "2,a,2025-01-05,return,,",
  ];
  const { money, rejects } = await moneyOf(lines);
  expect(money).toBe(98);
  expect(rejects).toMatchObject([{ line_number: 3, column_name: "amount", reason: "missing" }]);
});

test("totals on each row of an order count once, less the refund that stands on each row too", async () => {
  const order = (n: number) => {
    const total = 10 + n;
    const refund = n % 5 === 0 ? 5 : 0;
    return [`${n},c${n % 7},2025-01-02,${total},${refund}`, `${n},c${n % 7},2025-01-02,${total},${refund}`];
  };
  const lines = [
    "order,customer,date,order total,refund",
    ...Array.from({ length: 40 }, (_, n) => order(n)).flat(),
  ];
  const { money } = await moneyOf(lines);
  expect(money).toBe(40 * 10 + (39 * 40) / 2 - 8 * 5);
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
  for (const heading of ["refunded", "refund", "退款"]) {
    const lines = [`order,customer,date,amount,${heading}`, "1,a,2025-01-02,100,0", "2,b,2025-02-02,30,1"];
    expect(await moneyOf(lines)).toMatchObject({ money: 130, doubt: undefined, less: undefined });
  }
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

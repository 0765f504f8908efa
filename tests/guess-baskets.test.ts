import { describe, expect, test } from "vitest";
import { guessBaskets, isHeadedByData, type BasketHints } from "../src/guess-baskets.js";
import type { Layout } from "../src/guess-layout.js";

function layoutOf(csv: string): Layout {
  const [headings, ...sample] = csv
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  const layout = { encoding: "utf-8", delimiter: ",", headerRow: 1, sheet: undefined } as const;
  return { ...layout, headings: headings!, sample, firstCount: sample.length };
}

const columnsOf = (csv: string) => guessBaskets("l.csv", layoutOf(csv), { columns: {} }).columns;

test.each<[string, boolean, BasketHints["columns"]]>([
  ["0,Apple\n0,Bread\n1,Apple\n1,Bread\n2,Apple\n", true, {}],
  ["B0,Apple\nB0,Bread\nB1,Bread\nB1,Tea\n", true, {}],
  ["foo,bar\n1,a\n1,b\n2,a\n", false, {}],
  ["foo,bar\n1,a\n1,b\n2,a\nfoo,bar\n3,a\n", false, {}],
  ["bon,2025\n1,a\n1,b\n2,a\n", true, { basket: "bon" }],
  ["bon,2025\n1,a\n1,b\n2,a\n", false, { item: "2025", basket: "bon" }],
])("%j: that the first line is data is %j where %j is named", (csv, isData, columns) => {
  const [layout, hints] = [layoutOf(csv), { columns }];
  expect(isHeadedByData(guessBaskets("l.csv", layout, hints), layout, hints)).toBe(isData);
});

test("two columns without telling headings are taken by their place where values come again, else refused", () => {
  expect(columnsOf("foo,bar\n1,a\n1,b\n2,a\n")).toEqual({ basket: "foo", item: "bar" });
  expect(() => columnsOf("foo,bar\n1,a\n2,a\n3,b\n")).toThrow(
    "l.csv: no column tells baskets apart; found foo, bar",
  );
  expect(() => columnsOf("foo,bar\n1,a\n1,b\n2,c\n")).toThrow(
    "l.csv: no column looks like the items; found foo, bar",
  );
});

test("customers go by their names only where nothing else tells them apart", () => {
  const rows = "1,a,Anna,c1,5\n1,b,Anna,c1,5\n";
  expect(columnsOf(`Order,Item,Customer Name,Customer ID,Amount (k EUR)\n${rows}`)).toEqual({
    ...{ basket: "Order", item: "Item", customer: "Customer ID", amount: "Amount (k EUR)" },
  });
  const { columns, evidence } = guessBaskets("l.csv", layoutOf(`Order,Item,客户名称,x,y\n${rows}`), {
    columns: {},
  });
  expect(columns.customer).toBe("客户名称");
  expect(JSON.stringify(evidence)).toContain('"code":"name"');
});

test("a column of orders is no customer for want of another", () => {
  const [layout, hints] = [layoutOf("order,item\n1,a\n1,b\n2,a\n"), { columns: {}, by: "customer" } as const];
  expect(() => guessBaskets("l.csv", layout, hints)).toThrow(
    "--by customer: l.csv: no column tells customers apart; found order, item",
  );
});

test.each([
  ["Order,Product Name,Product ID", "Product ID", "Product Name"],
  ["订单号,物料名称,物料编码", "物料编码", "物料名称"],
  ["Order,Product,Price", "Product", undefined],
])("of %s the item is %s", (headings, item, name) => {
  const columns = columnsOf(`${headings}\n1,Cup,1\n1,Lid,2\n2,Cup,3\n2,Lid,2\n`);
  expect([columns.item, columns.name]).toEqual([item, name]);
});

test.each([
  ["订单编号,宝贝标题,商家编码,买家会员名,订单创建时间,购买数量,买家实际支付金额", "商家编码"],
  ["单据编号,物料名称,物料编码,购货单位,日期,实发数量,价税合计", "物料编码"],
])("headings of shops and of bookkeeping are known: %s", (headings, item) => {
  const [basket, name, , customer, date, quantity, amount] = headings.split(",");
  const columns = columnsOf(`${headings}\n1,Cup,c,a,2025-01-02,1,5\n1,Lid,l,a,2025-01-02,1,5\n`);
  expect(columns).toEqual({ basket, item, name, customer, date, quantity, amount });
});

test("numbers of lines are no items: each has many names", () => {
  const rows = Array.from(
    { length: 60 },
    (_, at) => `${Math.floor(at / 3)},${10 * (1 + (at % 3))},Cup ${at % 7}`,
  );
  const columns = columnsOf(`Order,Item No,Description\n${rows.join("\n")}\n`);
  expect(columns.item).toBe("Description");
});

describe("money in two currencies, in whatever words", () => {
  const ofTwo = (one: string, other: string) =>
    columnsOf(`Order,Item,Amount,Currency\n1,a,5,${one}\n1,b,5,${other}\n`);

  test.each([
    ["人民币", "美元", "CNY, USD"],
    ["€", "$", "$, €"],
    ["CNY", "US Dollar", "CNY, US DOLLAR"],
    ["EUR", "$", "$, EUR"],
    ["元", "EUR", "CNY, EUR"],
  ])("%s and %s are refused", (one, other, told) => {
    expect(() => ofTwo(one, other)).toThrow(`l.csv: amounts in more than one currency: ${told}`);
  });

  test.each([
    ["CNY", "¥"],
    ["￥", "人民币"],
    ["RMB", "元"],
    ["USD", "$"],
    ["approved", "open"],
  ])("%s and %s are not", (one, other) => {
    expect(ofTwo(one, other).amount).toBe("Amount");
  });
});

test("a column headed by name alone is the items' where each code that comes again has one", () => {
  const ofItems = "order,sku,name\n1,p1,Tea\n1,p2,Pot\n2,p1,Tea\n3,p2,Pot\n";
  expect(columnsOf(ofItems)).toEqual({ basket: "order", item: "sku", name: "name" });
  const ofBuyers = "order,sku,name\n1,p1,Anna\n1,p2,Anna\n2,p1,Ben\n3,p2,Carl\n";
  expect(columnsOf(ofBuyers)).toEqual({ basket: "order", item: "sku" });
  expect(columnsOf("order,sku,name\n1,p1,Anna\n2,p2,Ben\n1,p3,Anna\n").name).toBeUndefined();
});

import { expect, test } from "vitest";
import { findColumns, isOncePerOrder } from "../src/order-columns.js";

const LAYOUT = {
  ...({ encoding: "utf-8", delimiter: ",", headerRow: 1, sheet: undefined } as const),
  firstCount: 2000,
};

/** What stands below a heading, by what it speaks of: a day, a number, or a text. */
const cellBelow = (heading: string) =>
  /date|time|时间|日期|datum|created|paid at/i.test(heading)
    ? "2025-01-02 10:00:00"
    : /amount|total|price|金额|款|价|sales|wert|税|数量|preis|menge|quantity|qty|运费|折扣/i.test(heading)
      ? "12.50"
      : "x7";

/** An export's headings, as the system of that name writes them. */
const columnsOf = (headings: string) => {
  const names = headings.split(",");
  return findColumns(
    "orders.csv",
    {
      ...{ encoding: "utf-8", delimiter: ",", headerRow: 1, sheet: undefined, firstCount: 1 },
      ...{ headings: names, sample: [names.map((name) => (name === "Name" ? "#1001" : cellBelow(name)))] },
    },
    {},
  );
};

test.each<
  [system: string, headings: string, customer: string, date: string, money: string, order: string | undefined]
>([
  [
    "Taobao",
    "订单编号,买家会员名,买家应付货款,买家实际支付金额,订单状态,收货人姓名,订单付款时间,订单创建时间",
    "买家会员名",
    "订单付款时间",
    "买家实际支付金额",
    "订单编号",
  ],
  [
    "1688",
    "订单编号,买家公司名,买家会员名,货品总价(元),运费(元),实付款(元),订单状态,订单创建时间,订单付款时间",
    "买家会员名",
    "订单创建时间",
    "实付款(元)",
    "订单编号",
  ],
  [
    "Youzan",
    "订单号,订单状态,买家昵称,买家手机号,订单创建时间,买家付款时间,商品金额合计,运费,订单实付金额",
    "买家手机号",
    "订单创建时间",
    "订单实付金额",
    "订单号",
  ],
  [
    "Douyin",
    "主订单编号,子订单编号,选购商品,商品数量,商品金额,订单应付金额,收件人,收件人手机号,订单提交时间",
    "收件人手机号",
    "订单提交时间",
    "订单应付金额",
    "主订单编号",
  ],
  [
    "JD",
    "订单号,商品ID,订购数量,下单时间,京东价,订单金额,结算金额,应付金额,订单状态,下单帐号,客户姓名",
    "下单帐号",
    "下单时间",
    "订单金额",
    "订单号",
  ],
  [
    "Pinduoduo",
    "订单号,订单状态,商品总价(元),用户实付金额(元),商家实收金额(元),商品数量(件),订单成交时间,收货人,手机",
    "手机",
    "订单成交时间",
    "用户实付金额(元)",
    "订单号",
  ],
  [
    "Yonyou U8",
    "单据号,单据日期,客户编码,客户名称,存货编码,数量,无税金额,税额,价税合计",
    "客户编码",
    "单据日期",
    "价税合计",
    "单据号",
  ],
  [
    "Kingdee",
    "单据编号,日期,客户,物料编码,实发数量,含税单价,价税合计,单据状态",
    "客户",
    "日期",
    "价税合计",
    "单据编号",
  ],
  [
    "Shopify",
    "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem price",
    "Email",
    "Created at",
    "Total",
    "Name",
  ],
  [
    "WooCommerce",
    "Order Number,Order Status,Order Date,First Name (Billing),Email (Billing),Order Subtotal Amount,Order Total Amount",
    "Email (Billing)",
    "Order Date",
    "Order Total Amount",
    "Order Number",
  ],
  [
    "Magento",
    "ID,Purchase Point,Purchase Date,Bill-to Name,Grand Total (Base),Grand Total (Purchased),Status,Customer Email",
    "Customer Email",
    "Purchase Date",
    "Grand Total (Base)",
    undefined,
  ],
  [
    "Stripe",
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Customer ID,Customer Email,Status",
    "Customer ID",
    "Created date (UTC)",
    "Amount",
    undefined,
  ],
  [
    "Amazon",
    "amazon-order-id,purchase-date,order-status,buyer-email,item-price,currency,quantity",
    "buyer-email",
    "purchase-date",
    "item-price",
    "amazon-order-id",
  ],
  [
    "Odoo",
    "name,date_order,partner_id,amount_total,state",
    "partner_id",
    "date_order",
    "amount_total",
    undefined,
  ],
  [
    "Xero",
    "ContactName,InvoiceNumber,InvoiceDate,DueDate,Total,Status",
    "ContactName",
    "InvoiceDate",
    "Total",
    "InvoiceNumber",
  ],
  ["QuickBooks", "Date,Transaction Type,Num,Customer,Amount", "Customer", "Date", "Amount", undefined],
  [
    "SAP",
    "Auftraggeber,Auftrag,Auftragsdatum,Nettowert",
    "Auftraggeber",
    "Auftragsdatum",
    "Nettowert",
    "Auftrag",
  ],
  [
    "Superstore",
    "Row ID,Order ID,Order Date,Ship Date,Customer ID,Customer Name,City,Sales,Quantity,Discount,Profit",
    "Customer ID",
    "Order Date",
    "Sales",
    "Order ID",
  ],
])("columns of %s", (_, headings, ...[customer, date, money, order]) => {
  expect(columnsOf(headings)).toEqual({ customer, date, money, quantity: undefined, order });
});

test.each([
  [
    "Online Retail",
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
    "UnitPrice",
    "Quantity",
  ],
])("money of %s is price times quantity", (_, headings, ...[money, quantity]) => {
  expect(columnsOf(headings)).toMatchObject({ money, quantity });
});

test.each([
  ["a partner or a contact", "partner,contact no,customer_id,order_date,amount", { customer: "customer_id" }],
  ["a number of others", "customer,date,amount,Purchase Order Number,Recorder ID", { order: undefined }],
  [
    "a price a piece",
    "Kundennummer,Bestelldatum,Menge,Nettopreis",
    { money: "Nettopreis", quantity: "Menge" },
  ],
])("%s is not taken for what another column is", (_, headings, expected) => {
  expect(columnsOf(headings)).toMatchObject(expected);
});

test("a column without a cell is none", () => {
  const headings = ["customer_id", "email", "invoice_id", "date", "amount"];
  const found = findColumns(
    "a.csv",
    { ...LAYOUT, headings, sample: [["", "a@x", "", "2025-01-02", "5"]] },
    {},
  );
  expect(found).toMatchObject({ customer: "email", order: undefined });
});

test("a telephone number of which the ends alone are shown tells less than what people call themselves", () => {
  const customerOf = (headings: string[], phone: string) =>
    findColumns(
      "a.csv",
      { ...LAYOUT, headings, sample: [["小王", phone, "2025-01-02", "5"].slice(4 - headings.length)] },
      {},
    ).customer;
  const shop = ["买家昵称", "买家手机号", "付款时间", "金额"];
  expect(customerOf(shop, "13900010001")).toBe("买家手机号");
  expect(customerOf(shop, "139****0001")).toBe("买家昵称");
  expect(customerOf(shop, "13900010001-1005")).toBe("买家昵称");
  expect(customerOf(["用户电话", "付款时间", "金额"], "139****0001")).toBe("用户电话");
});

test("of a deal the day counts when it was closed", () => {
  expect(columnsOf("Account Name,Created Date,Close Date,Amount").date).toBe("Close Date");
});

test("a column called name without a number in each row is no number of orders", () => {
  const headings = ["name", "customer_id", "order_date", "amount"];
  const rowsWith = (...names: string[]) => names.map((name) => [name, "7", "2025-01-02", "5"]);
  const orderOf = (...names: string[]) =>
    findColumns("a.csv", { ...LAYOUT, headings, sample: rowsWith(...names) }, {}).order;
  expect([orderOf("", ""), orderOf("#1", ""), orderOf("#1", "#2")]).toEqual([undefined, undefined, "name"]);
});

test("rows from all over a file, some of them twice, do not say how often an amount stands in an order", () => {
  const first = Array.from({ length: 10 }, (_, order) => [
    [`#${order}`, "9"],
    [`#${order}`, ""],
  ]).flat();
  const layout = { ...LAYOUT, headings: ["Name", "Total"], firstCount: first.length };
  const columns = { money: "Total", order: "Name" };
  const spread = Array.from({ length: 20 }, (_, place) => [`#${90 + place}`, ""]);
  expect(isOncePerOrder({ ...layout, sample: [...first, ...spread, ...first] }, columns)).toBe(true);
  const longer = { ...layout, firstCount: first.length + spread.length };
  expect(isOncePerOrder({ ...longer, sample: [...first, ...spread] }, columns)).toBe(false);
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeXlsx } from "hucre/xlsx";
import { afterAll, describe, expect, test } from "vitest";
import { CrmError } from "../src/errors.js";
import { guessOrders, type GuessHints } from "../src/guess.js";

const directory = mkdtempSync(join(tmpdir(), "crm-analyze-guess-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(directory, `${++files}.csv`);
  writeFileSync(path, content);
  return path;
}

async function guessWithEvidence(content: string | Uint8Array, hints: Partial<GuessHints> = {}) {
  const path = file(content);
  return guessOrders(path, { columns: {}, ...hints });
}

const guess = async (content: string | Uint8Array, hints: Partial<GuessHints> = {}) =>
  (await guessWithEvidence(content, hints)).mapping;

async function failureOf(content: string, hints: Partial<GuessHints> = {}): Promise<CrmError> {
  const failure = await guess(content, hints).catch((error: unknown) => error);
  if (failure instanceof CrmError) return failure;
  throw new Error(`expected a CrmError, got ${JSON.stringify(failure)}`);
}

test("e-mails that differ in capitals alone are one customer, and said; all others stay as found", async () => {
  const rows = (...mails: readonly string[]) =>
    `Email,date,amount\n${mails.map((mail) => `${mail},2025-03-14,5\n`).join("")}`;
  const { mapping, evidence } = await guessWithEvidence(rows("Ann@x.com", "bob@x.com", "ann@X.com"));
  expect(mapping.columns["customer_key"]).toEqual({ column: "Email", type: "email" });
  expect(evidence[0]?.more).toEqual([{ code: "folded", gaps: {} }]);
  const { columns } = await guess(rows("Ann@x.com", "bob@x.com", "Ann@x.com"));
  expect(columns["customer_key"]).toEqual({ column: "Email" });
  const codes = await guess(rows("k1", "K1", "Ann@x.com", "ann@x.com"));
  expect(codes.columns["customer_key"]).toEqual({ column: "Email" });
});

describe("columns by their names", () => {
  test.each([
    ["customer_id,order_date,revenue", "customer_id", "order_date", "revenue"],
    ["master_id,customer_id,date,cds,amount", "customer_id", "date", "amount"],
    ["Client,Purchase Date,Total EUR", "Client", "Purchase Date", "Total EUR"],
    ["客户代码,下单日期,实付金额", "客户代码", "下单日期", "实付金额"],
    [
      "买家会员名,买家应付货款,买家实际支付金额,订单付款时间",
      "买家会员名",
      "订单付款时间",
      "买家实际支付金额",
    ],
    ["下单帐号,下单时间,实收金额", "下单帐号", "下单时间", "实收金额"],
    ["客户编码,开单日期,价税合计", "客户编码", "开单日期", "价税合计"],
    ["Kundennummer,Bestelldatum,Umsatz", "Kundennummer", "Bestelldatum", "Umsatz"],
  ])("%s", async (headings, ...[customer, date, amount]) => {
    const width = headings.split(",").length;
    const row = headings
      .split(",")
      .map((heading) => (heading === date ? "2025-03-14" : heading === amount ? "12.50" : `7${width}`))
      .join(",");
    const { columns, entity } = await guess(`${headings}\n${row}\n`);
    expect(entity).toBe("orders");
    expect(columns["customer_key"]).toEqual({ column: customer });
    expect(columns["order_date"]).toEqual({ column: date, type: "date" });
    expect(columns["order_amount"]).toEqual({ column: amount, type: "decimal" });
  });

  test("money is price times quantity where no heading speaks of an amount, and where they are named", async () => {
    const content = "Invoice,StockCode,Quantity,InvoiceDate,Price,Customer ID\n1,A,6,2025-01-02,1.50,7\n";
    const { mapping, evidence } = await guessWithEvidence(content);
    const factor = { column: "Quantity", type: "decimal" };
    const product = { column: "Price", type: "decimal", times: factor };
    expect(mapping.columns["line_amount"]).toEqual(product);
    expect(JSON.stringify(evidence)).toContain("Price × Quantity");
    const amounts = `${content.replace("StockCode", "Amount").replace("A,6", "9.00,6")}`;
    expect((await guess(amounts)).columns["line_amount"]).toEqual({ column: "Amount", type: "decimal" });
    expect((await guess(amounts, { columns: { price: "Price" } })).columns["line_amount"]).toEqual(product);
    const both = await failureOf(amounts, { columns: { amount: "Amount", quantity: "Quantity" } });
    expect([both.exitCode, both.message]).toEqual([
      2,
      expect.stringContaining("money is the amount, or --price times --quantity"),
    ]);
    const twice = await failureOf(amounts, { columns: { price: "Price", quantity: "Price" } });
    expect(twice.message).toContain("--quantity Price: is given as --price too");
    const alone = await failureOf("c,day,Price\n1,2025-01-02,3\n", {
      columns: { customer: "c", price: "Price" },
    });
    expect(alone.message).toContain("no column looks like the quantity");
  });

  test("an amount that stands once an order leaves the order's other rows out", async () => {
    const head = "Name,Email,Created at,Total,Lineitem name";
    const rows = ["#1,a,2025-01-02,9.00,A", "#1,a,2025-01-02,,B", "#2,b,2025-01-03,5.00,A"];
    const mapping = await guess([head, ...rows].join("\n"));
    expect(mapping.columns["order_key"]).toEqual({ column: "Name" });
    expect(mapping.skip_when_empty).toEqual(["Total"]);
    expect((await guess([head, rows[0], rows[2]].join("\n"))).skip_when_empty).toBeUndefined();
    const filled = Array.from({ length: 20 }, (_, i) => [
      `#${i + 9},a,2025-01-04,1,A`,
      `#${i + 9},a,2025-01-04,1,B`,
    ]);
    const slips = [head, rows[0], rows[1], ...filled.flat()].join("\n");
    expect((await guess(slips)).skip_when_empty).toBeUndefined();
    const single = Array.from({ length: 9 }, (_, i) => `#${i + 50},a,2025-01-04,${i < 2 ? "" : "1"},A`);
    const faults = [head, rows[0], rows[1], ...single].join("\n");
    expect((await guess(faults)).skip_when_empty).toBeUndefined();
    const missing = "#3,a,2025-01-04,,B";
    expect((await guess([head, rows[0], missing].join("\n"))).skip_when_empty).toBeUndefined();
  });

  test("rows without a customer are left out where more than one in twenty is", async () => {
    const rows = (guests: number) =>
      Array.from({ length: 100 }, (_, i) => `${i},${i < guests ? "" : "c"},2025-01-02,5`);
    const content = (guests: number) => ["order_id,customer_id,date,amount", ...rows(guests)].join("\n");
    expect((await guess(content(5))).skip_when_empty).toBeUndefined();
    expect((await guess(content(6))).skip_when_empty).toEqual(["customer_id"]);
  });

  test("an order number makes rows lines of orders", async () => {
    const { columns, entity } = await guess(
      "order_no,customer,date,amount\nA1,7,2025-01-01,5\nA1,7,2025-01-01,6\n",
    );
    expect(entity).toBe("order_lines");
    expect(columns["order_key"]).toEqual({ column: "order_no" });
    expect(columns["line_amount"]).toEqual({ column: "amount", type: "decimal" });
  });

  test("a column given by hand wins over a better name", async () => {
    const rows = "customer_id,member,date,amount\n1,2,2025-01-01,3\n";
    const { columns } = await guess(rows, { columns: { customer: "member" } });
    expect(columns["customer_key"]).toEqual({ column: "member" });
  });

  test("a column given by hand that is not there, and one that cannot be found, are told together", async () => {
    const failure = await failureOf("who,colour\nx,red\n", { columns: { customer: "whom" } });
    expect(failure.exitCode).toBe(2);
    expect(failure.message).toContain("--customer whom: no such column");
    expect(failure.message).toContain("no column looks like the date");
    expect(failure.message).toContain("no column looks like the amount");
  });
});

describe("how cells are written", () => {
  const dates = (...cells: string[]) =>
    `customer;date;amount\n${cells.map((cell) => `1;${cell};2`).join("\n")}\n`;
  const dateType = async (...cells: string[]) => (await guess(dates(...cells))).columns["order_date"];

  test("days by year, by day, by month, as seconds", async () => {
    expect(await dateType("2025-03-14", "2025/3/4")).toMatchObject({ type: "date" });
    expect(await dateType("2025年3月14日")).toMatchObject({ type: "date" });
    expect(await dateType("14.03.2025")).toMatchObject({ type: "date_dmy" });
    expect(await dateType("04/03/2025", "14/03/2025")).toMatchObject({ type: "date_dmy" });
    expect(await dateType("03/04/2025", "03/14/2025")).toMatchObject({ type: "date_mdy" });
    expect(await dateType("1741910400", "1741996800")).toMatchObject({ type: "epoch_seconds" });
  });

  test("dates that could be read in two ways are asked about, not guessed", async () => {
    const failure = await failureOf(dates("03/04/2025", "05/06/2025"));
    expect(failure.message).toContain("two ways");
    expect(failure.hint).toContain("--date-format");
  });

  test("so are dates of both ways in one file", async () => {
    expect((await failureOf(dates("14/03/2025", "03/14/2025"))).message).toContain(
      "dates such as 14/03/2025 have the day first, and such as 03/14/2025 the month",
    );
  });

  test("the answer is taken", async () => {
    const mapping = await guess(dates("03/04/2025"), { dateFormat: "mdy" });
    expect(mapping.columns["order_date"]).toMatchObject({ type: "date_mdy" });
  });

  test.each([
    ["18-Mar-2024", "date"],
    ["March 18, 2024", "date"],
    ["18/03/24", "date_dmy"],
    ["03/18/24", "date_mdy"],
    ["18.03.24", "date_dmy"],
    ["45369", "date_serial"],
  ])("a day such as %s", async (cell, type) => {
    expect(await dateType(cell)).toMatchObject({ type });
  });

  test("two digits in front that change less than those at the end are years, and refused", async () => {
    const failure = await failureOf(dates("24/03/18", "24/03/19", "24/04/02"));
    expect([failure.exitCode, failure.message]).toEqual([2, expect.stringContaining("24/03/18 have years")]);
    expect(await dateType("18/03/24", "19/03/24", "02/04/24")).toMatchObject({ type: "date_dmy" });
  });

  test("days a year apart are no years in front, and a day in words is read whatever comes first", async () => {
    expect(await dateType("28/12/23", "28/12/24", "29/12/25")).toMatchObject({ type: "date_dmy" });
    const { columns } = await guess(dates("18-Mar-2024"), { dateFormat: "dmy" });
    expect(columns["order_date"]).toMatchObject({ type: "date" });
  });

  test("numbers of five digits under a heading that says nothing are no days", async () => {
    const failure = await failureOf("customer,x,amount\n7,45369,5\n8,45370,6\n");
    expect(failure.message).toContain("no column looks like the date (as 2025-12-31,");
  });

  test.each([
    ["1'234.50", "decimal"],
    ["1 234,50", "decimal_comma"],
    ["1\u202f234,50 €", "decimal_comma"],
    ["12.50元", "decimal"],
  ])("an amount such as %s", async (cell, type) => {
    const { columns } = await guess(`customer;date;amount\n1;2025-01-01;${cell}\n`);
    expect(columns["order_amount"]).toEqual({ column: "amount", type });
  });

  test.each([
    ["EUR 12.50", "EUR", "EUR"],
    ["12.50 EUR", "EUR", "EUR"],
    ["-CHF 1'234.50", "CHF", "CHF"],
    ["RMB 12.50", "RMB", "CNY"],
  ])("%s names the currency", async (cell, unit, code) => {
    const { mapping, currency } = await guessWithEvidence(
      `customer;date;amount\n1;2025-01-01;${cell}\n2;2025-01-02;5.25\n`,
    );
    expect(mapping.columns["order_amount"]).toEqual({ column: "amount", type: "decimal", unit });
    expect(currency).toBe(code);
  });

  test("RMB and CNY are one currency, in cells and in a column of codes", async () => {
    const cells = await guessWithEvidence("customer,date,amount\n1,2025-01-01,RMB 5\n2,2025-01-02,CNY 6\n");
    const codes = await guessWithEvidence(
      "customer,date,amount,currency\n1,2025-01-01,5,RMB\n2,2025-01-02,6,CNY\n",
    );
    expect([cells.currency, codes.currency]).toEqual(["CNY", "CNY"]);
    expect(codes.mapping.columns["currency"]).toMatchObject({
      values: { RMB: "CNY", Rmb: "CNY", rmb: "CNY" },
    });
  });

  test("amounts with letters of two currencies are refused, those with none of a currency are no amounts", async () => {
    const two = await failureOf("customer,date,amount\n1,2025-01-01,USD 5\n2,2025-01-02,CNY 6\n");
    expect([two.exitCode, two.message]).toEqual([4, expect.stringContaining("CNY, USD")]);
    const codes = await failureOf("customer,date,amount\n1,2025-01-01,SKU 5\n2,2025-01-02,SKU 6\n");
    expect(codes.message).toContain("no column looks like the amount");
  });

  test.each([
    ["$ 5.50", "EUR 5.50"],
    ["€5.50", "USD 5.50"],
  ])("%s beside %s is refused", async (one, other) => {
    const failure = await failureOf(`customer,date,amount\n1,2025-01-01,${one}\n2,2025-01-02,${other}\n`);
    expect([failure.exitCode, failure.message]).toEqual([
      4,
      expect.stringContaining("more than one currency"),
    ]);
  });

  test("a column of another currency than the amounts name is refused", async () => {
    const failure = await failureOf("customer,date,amount,currency\n1,2025-01-01,EUR 5,USD\n");
    expect(failure.message).toContain("more than one currency: EUR, USD");
  });

  test("decimal commas", async () => {
    const { columns, delimiter } = await guess(
      "customer;date;amount\n1;2025-01-01;1.234,50\n2;2025-01-02;7,5\n",
    );
    expect(delimiter).toBe(";");
    expect(columns["order_amount"]).toMatchObject({ type: "decimal_comma" });
  });

  test("thousands with commas are no decimal commas", async () => {
    const { columns } = await guess('customer,date,amount\n1,2025-01-01,"1,234.50"\n2,2025-01-02,"12,000"\n');
    expect(columns["order_amount"]).toMatchObject({ type: "decimal" });
  });
});

describe("a mark with three digits behind it", () => {
  const amounts = (lines: readonly string[], separator = ";", day = "2025-01-02") =>
    [
      "customer,date,amount".replaceAll(",", separator),
      ...lines.map((cell) => ["7", day, cell].join(separator)),
    ].join("\n");
  const typeOf = async (content: string, hints: Partial<GuessHints> = {}) =>
    (await guess(content, hints)).columns["order_amount"]!.type;

  test.each([
    ["beside whole amounts below a thousand: thousands", ["1.250", "980"], "decimal_comma"],
    ["the same with commas", ["1,250", "980"], "decimal"],
    ["a million settles it", ["1.250", "1.250.300"], "decimal_comma"],
    ["a cell of two decimals settles it", ["1.250", "3.5", "980"], "decimal"],
    ["a leading zero settles it", ["1.250", "0.125"], "decimal"],
    ["beside thousands that are not divided: decimals", ["1.257", "12500"], "decimal"],
  ])("%s", async (_, cells, type) => {
    expect(await typeOf(amounts(cells, "\t"))).toBe(type);
  });

  test.each([
    ["semicolons", amounts(["1.250", "2.375"]), "decimal_comma"],
    ["commas between the cells", amounts(['"1,250"', '"2,375"'], ","), "decimal"],
    ["days with points", amounts(["1.250", "2.375"], "\t", "31.12.2025"), "decimal_comma"],
    ["days with the month first", amounts(["1,250", "2,375"], "\t", "12/31/2025"), "decimal"],
    ["another column", "customer\tdate\tamount\ttax\n7\t2025-01-02\t1.250\t3,75\n", "decimal_comma"],
    ["Chinese headings", "客户\t日期\t金额\n7\t2025-01-02\t1,250\n", "decimal"],
  ])("all of them so: told by %s", async (_, content, type) => {
    expect(await typeOf(content)).toBe(type);
  });

  test.each([
    ["nothing", amounts(["1.250", "2.375"], "\t")],
    ["one sign of three decimals", amounts(["1.250", "2.375"], ",")],
    ["signs that disagree", amounts(["1.250", "2.375"], ",", "31.12.2025")],
    [
      "its own cells one thing, one of many another",
      amounts([...Array<string>(20).fill("1.250"), "980", "3.5"]),
    ],
    [
      "its own cells one thing, another column another",
      "customer,date,amount,fee\n7,2025-01-02,1.250,0.35\n8,2025-01-02,3,0.35\n",
    ],
  ])("told by %s: asked about, and the answer is taken", async (_, content) => {
    const failure = await failureOf(content);
    expect(failure.exitCode).toBe(2);
    expect(failure.message).toContain("amount: numbers such as 1.250 can be read in two ways");
    expect(failure.hint).toBe("say which: --decimal comma (1250) or --decimal point (1.25)");
    expect(await typeOf(content, { decimal: "comma" })).toBe("decimal_comma");
    expect(await typeOf(content, { decimal: "point" })).toBe("decimal");
  });

  test("cells that are no numbers tell nothing, and are not told of", async () => {
    const content = amounts([...Array<string>(20).fill("1.250"), "980", "ca. 12", "Ada Lovelace 1.375"]);
    expect(await typeOf(content)).toBe("decimal_comma");
    expect(JSON.stringify((await guessWithEvidence(content)).evidence)).not.toContain("Ada");
  });

  test("rows far behind the first are looked at too", async () => {
    const cells = Array.from({ length: 9000 }, (_, row) =>
      row < 4500 ? String(900 - (row % 800)) : "4.250",
    );
    expect(await typeOf(amounts(cells, "\t"))).toBe("decimal_comma");
  });

  test("what it was taken for is told, and nothing where the cells settle it", async () => {
    const amountOf = async (cells: readonly string[]) =>
      (await guessWithEvidence(amounts(cells))).evidence.find(
        ({ gaps }) => "role" in gaps && gaps.role === "amount",
      );
    expect(await amountOf(["1.250", "980"])).toMatchObject({
      more: [
        { code: "type", gaps: { type: "decimal_comma" } },
        { code: "so", gaps: { cell: "1.250", number: 1250 } },
      ],
    });
    expect((await amountOf(["1.250,00", "980"]))?.more).toHaveLength(1);
  });
});

describe("the file", () => {
  test("GB18030 with a title row above the headings", async () => {
    // 销售订单 (a title), then 客户,日期,金额 in GB18030.
    const bytes = [
      "cf fa ca db b6 a9 b5 a5 0a",
      "bf cd bb a7 2c c8 d5 c6 da 2c bd f0 b6 ee 0a",
      ...["C1", "C2"].map((key) =>
        Buffer.from(`${key},2025-01-02,3.5\n`).toString("hex").replace(/../g, "$& ").trim(),
      ),
    ];
    const content = Buffer.from(bytes.join(" ").replaceAll(" ", ""), "hex");
    const { mapping, evidence } = await guessWithEvidence(content);
    expect(mapping).toMatchObject({ encoding: "gb18030", header_row: 2 });
    expect(mapping.columns["customer_key"]).toEqual({ column: "客户" });
    expect(evidence).toEqual(
      expect.arrayContaining([
        { code: "encoding", gaps: { encoding: "gb18030" } },
        { code: "header_row", gaps: { line: 2 } },
      ]),
    );
  });

  test("how it is split is told, and what goes without saying is not", async () => {
    const split = await guessWithEvidence("customer;date;amount\n1;2025-01-02;3\n");
    expect(split.evidence).toContainEqual({ code: "delimiter", gaps: { delimiter: ";" } });
    const plain = await guessWithEvidence("customer,date,amount\n1,2025-01-02,3\n");
    expect(plain.evidence.filter(({ code }) => code !== "column" && code !== "no_order")).toEqual([]);
  });

  test("an empty file is said to be empty", async () => {
    const failure = await failureOf("");
    expect(failure.message).toContain("empty");
  });
});

describe("currencies", () => {
  test("a column of currencies is read, under its English or Chinese name", async () => {
    for (const heading of ["currency", "Currency Code", "币种"]) {
      const { mapping, evidence } = await guessWithEvidence(
        `customer,date,amount,${heading}\n7,2025-01-01,5,EUR\n`,
      );
      expect(mapping.columns["currency"]).toEqual({
        column: heading,
        values: expect.objectContaining({ RMB: "CNY", 人民币: "CNY" }) as object,
      });
      expect(evidence).toContainEqual({ code: "currency", gaps: { heading } });
    }
  });

  test("amounts with the signs of two currencies are refused, naming them", async () => {
    const failure = await failureOf("customer,date,amount\n7,2025-01-01,€5\n8,2025-01-02,$6\n");
    expect([failure.exitCode, failure.message]).toEqual([
      4,
      expect.stringContaining("more than one currency: $, €"),
    ]);
  });

  const codes = (heading: string, ...cells: readonly string[]) =>
    `customer,date,amount,${heading}\n${cells.map((cell, i) => `${i},2025-01-0${i + 1},5,${cell}\n`).join("")}`;

  test.each([
    "Ccy",
    "Curr.",
    "CUR",
    "Devise",
    "Waehrung",
    "Order Currency",
    "Trade Ccy",
    "原币",
    "结算币种",
    "x",
  ])("a column %s of three currencies is refused, naming them", async (heading) => {
    const failure = await failureOf(codes(heading, "USD", "EUR", "eur", "CNY"));
    expect([failure.exitCode, failure.message]).toEqual([
      4,
      expect.stringContaining("more than one currency: CNY, EUR, USD"),
    ]);
  });

  test.each(["Total (EUR)", "amount eur", "本币金额", "Base currency amount"])(
    "amounts under %s are in one currency, whatever column names another",
    async (heading) => {
      const content = codes("Currency", "USD", "EUR").replace("amount", heading);
      const { mapping } = await guessWithEvidence(content, {
        columns: { amount: heading },
      });
      expect(mapping.columns["currency"]).toBeUndefined();
    },
  );

  test("a currency whose rows are left out does not matter; the refusal names the flag", async () => {
    const content = codes("Currency", "USD", "EUR", "EUR");
    const failure = await failureOf(content);
    expect(failure.hint).toContain('--skip-when "Currency=USD"');
    const { currency } = await guessWithEvidence(content, { rows: { skipped: { Currency: ["usd"] } } });
    expect(currency).toBe("EUR");
  });

  test.each([
    ["country", "DEU", "CHN", "USA"],
    ["unit", "PCS", "SET", "BOX"],
    ["class", "TOP", "ALL", "TOP"],
  ])("a column %s of other codes is none", async (heading, ...cells) => {
    const { mapping, currency } = await guessWithEvidence(codes(heading, ...cells));
    expect([mapping.columns["currency"], currency]).toEqual([undefined, undefined]);
  });

  test("one code, and the sign of the euro, name the currency", async () => {
    expect((await guessWithEvidence(codes("Ccy", "CHF", "CHF"))).currency).toBe("CHF");
    expect((await guessWithEvidence("customer,date,amount\n7,2025-01-01,€5\n")).currency).toBe("EUR");
    expect((await guessWithEvidence("customer,date,amount\n7,2025-01-01,$5\n")).currency).toBeUndefined();
  });

  test.each([
    ["€5", "USD"],
    ["$5", "EUR"],
    ["¥5", "USD"],
  ])("amounts such as %s are not printed as %s", async (amount, currency) => {
    const content = `customer,date,amount\n7,2025-01-01,${amount}\n`;
    const failure = await failureOf(content, { currency });
    expect([failure.exitCode, failure.message]).toEqual([
      2,
      expect.stringContaining(`--currency says ${currency}`),
    ]);
    for (const right of { "€5": ["EUR"], $5: ["USD", "HKD", "MXN"], "¥5": ["CNY", "JPY"] }[amount]!)
      expect((await guess(content, { currency: right })).columns).toHaveProperty("order_amount");
  });

  test("one sign, in both widths of the yen sign, is one currency", async () => {
    const { columns } = await guess("customer,date,amount\n7,2025-01-01,¥5.00\n8,2025-01-02,￥6.00\n");
    expect(columns["order_amount"]).toEqual({ column: "amount", type: "decimal" });
  });
});

test("a sheet of a file that has none is refused", async () => {
  const failure = await failureOf("customer,date,amount\n7,2025-01-01,5\n", { sheet: "2" });
  expect([failure.exitCode, failure.message]).toEqual([2, expect.stringContaining("has no sheets")]);
});

test("a sheet that a workbook does not have is a mistake of the command line, and those it has are named", async () => {
  const path = join(directory, "sheets.xlsx");
  writeFileSync(path, await writeXlsx({ sheets: [{ name: "Notes", rows: [["one"]] }] }));
  const failure = await guessOrders(path, { columns: {}, sheet: "Orders" }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    exitCode: 2,
    message: 'sheets.xlsx: no sheet "Orders"',
    hint: 'its sheets are "Notes"',
  });
});

test("a file read in the wrong encoding is not poured out on the terminal", async () => {
  const wide = Array.from({ length: 500 }, (_, i) => `heading number ${i}`).join(",");
  const failure = await failureOf(`${wide}\n${"x,".repeat(499)}x\n`);
  expect(failure.message).toContain("(500 columns)");
  expect(failure.message.length).toBeLessThan(3000);
});

describe("columns that say what a row is", () => {
  const kindsOf = async (content: string, rows: GuessHints["rows"] = {}) =>
    (await guessWithEvidence(content, { rows })).kinds;
  const HEAD = "customer,date,amount";

  test.each([["status"], ["Order Status"], ["订单状态"]])(
    "%s leaves out what was cancelled",
    async (status) => {
      const { skipped, doubted } = await kindsOf(
        `${HEAD},${status}\n1,2025-01-01,5,shipped\n2,2025-01-01,6,Cancelled\n`,
      );
      expect(skipped[status]).toEqual(expect.arrayContaining(["cancelled", "已取消", "storniert"]));
      expect(doubted).toEqual({});
    },
  );

  test.each([
    ["Cancelled by customer", "skipped"],
    ["Canceled - refunded", "skipped"],
    ["Storno Kunde", "skipped"],
    ["用户取消", "skipped"],
    ["交易关闭", "skipped"],
    ["已关闭", "doubted"],
    ["Partially cancelled", "doubted"],
    ["取消申请中", "doubted"],
    ["Rejected", "doubted"],
    ["Payment failed", "doubted"],
    ["退款成功", "doubted"],
    ["shipped", "neither"],
    ["completed", "neither"],
    ["已完成", "neither"],
  ])("a status %s is %s", async (word, fate) => {
    const kinds = await kindsOf(`${HEAD},status\n1,2025-01-01,5,new\n2,2025-01-01,6,${word}\n`);
    expect(kinds.skipped["status"]!.includes(word.toLowerCase())).toBe(fate === "skipped");
    expect(kinds.doubted).toEqual(fate === "doubted" ? { status: [word.toLowerCase()] } : {});
  });

  test.each([
    ["status", "completed", ["Denied", "Awaiting payment", "Trash", "Incomplete", "Unpaid", "not yet paid"]],
    ["status", "invoiced", ["Terminated", "Closed lost", "Delivery refused", "never shipped", "no order"]],
    [
      "Status",
      "abgeschlossen",
      ["Zahlung ausstehend", "Zurückgegeben", "nicht bezahlt", "noch nicht geliefert"],
    ],
    ["Status", "payé", ["impayé", "non payé"]],
    [
      "订单状态",
      "已支付",
      ["未支付", "已驳回", "未审核", "已冲销", "审核不通过", "支付异常", "付款超时", "待付款"],
    ],
  ])(
    "beside sales that are done in %s any word that says nothing of it is doubtful",
    async (heading, done, words) => {
      const rows = [done, "Processing", "处理中", ...words].map((word, i) => `${i},2025-01-01,5,${word}\n`);
      const { doubted } = await kindsOf(`${HEAD},${heading}\n${rows.join("")}`);
      expect(doubted).toEqual({ [heading]: words.map((word) => word.toLowerCase()) });
    },
  );

  test.each([
    [
      "status",
      [
        "Paid",
        "Invoiced",
        "Authorized",
        "partially_paid",
        "Picked up",
        "In progress",
        "Backordered",
        "Not cancelled",
      ],
    ],
    [
      "Status",
      [
        "bezahlt",
        "Rechnung gestellt",
        "bestellt",
        "kommissioniert",
        "in Bearbeitung",
        "nicht storniert",
        "unterwegs",
      ],
    ],
    [
      "订单状态",
      [
        "已支付",
        "待发货",
        "待收货",
        "待评价",
        "等待卖家发货",
        "配送中",
        "已揽件",
        "备货中",
        "未发货",
        "未取消",
        "超时自动确认收货",
      ],
    ],
  ])("in %s words of paid orders on their way are not: %j", async (heading, words) => {
    const { doubted } = await kindsOf(
      `${HEAD},${heading}\n${words.map((word, i) => `${i},2025-01-01,5,${word}\n`).join("")}`,
    );
    expect(doubted).toEqual({});
  });

  test("ways of paying and people of such a name are not", async () => {
    const { doubted } = await kindsOf(
      `${HEAD},Payment Type,buyer\n1,2025-01-01,5,Transfer,Bill\n2,2025-01-01,6,Invoice,Fee\n`,
    );
    expect(doubted).toEqual({});
  });

  test("codes nobody knows and the states of a country are not", async () => {
    const { doubted } = await kindsOf(
      `${HEAD},status,state\n1,2025-01-01,5,A,New York\n2,2025-01-01,6,B,OK\n3,2025-01-01,6,C,CA\n`,
    );
    expect(doubted).toEqual({});
  });

  test("stages of deals that are not won are doubtful where some are", async () => {
    const deals = (word: string) =>
      kindsOf(`${HEAD},Stage\n1,2025-01-01,5,${word}\n2,2025-01-01,6,Negotiation\n`);
    expect((await deals("Closed Won")).doubted).toEqual({ Stage: ["negotiation"] });
    expect((await deals("Proposal")).doubted).toEqual({});
    const chinese = await kindsOf(`${HEAD},阶段\n1,2025-01-01,5,成交\n2,2025-01-01,6,未成交\n`);
    expect(chinese.doubted).toEqual({ 阶段: ["未成交"] });
  });

  test("a type of sales and returns takes returns away", async () => {
    const { returned, doubted } = await kindsOf(`${HEAD},type\n1,2025-01-01,5,Sale\n2,2025-01-01,6,Return\n`);
    expect(returned["type"]).toEqual(expect.arrayContaining(["return", "退货"]));
    expect(doubted).toEqual({});
  });

  test.each([
    ["单据类型", "标准销售订单", "退货单"],
    ["单据类型", "销售出库单", "销售退货单"],
    ["单据类型", "正常", "退货订单"],
    ["红蓝字", "蓝字", "红字"],
    ["Verkaufsbelegart", "Terminauftrag", "Retoure"],
    ["order_type", "Standard order", "Return order"],
  ])("under %s %s is a sale and %s a return", async (heading, sold, word) => {
    const kinds = await kindsOf(`${HEAD},${heading}\n1,2025-01-01,5,${sold}\n2,2025-01-01,6,${word}\n`);
    expect(kinds.returned[heading]).toContain(word.toLowerCase());
    expect(kinds.returned[heading]).not.toContain(sold.toLowerCase());
    expect([kinds.skipped, kinds.doubted]).toEqual([{}, {}]);
  });

  test.each([
    ["Document Type", "Invoice", "Payment"],
    ["Belegart", "Rechnung", "Zahlungseingang"],
    ["单据类型", "销售出库单", "收款单"],
  ])("under %s %s is a sale and %s its money, which is left out", async (heading, sold, word) => {
    const kinds = await kindsOf(`${HEAD},${heading}\n1,2025-01-01,5,${sold}\n2,2025-01-01,6,${word}\n`);
    expect(kinds.skipped).toEqual({ [heading]: [word.toLowerCase()] });
    expect(kinds.doubted).toEqual({});
  });

  test("a payment that stands beside no invoice is the sale itself", async () => {
    const kinds = await kindsOf(`${HEAD},Type\n1,2025-01-01,5,Payment\n2,2025-01-01,6,Order\n`);
    expect(kinds.skipped).toEqual({});
  });

  test.each([
    ["Type", "Invoice", "Estimate"],
    ["Type", "Invoice", "Journal Entry"],
    ["Type", "Mobile Payment", "Payment Refund"],
    ["Type", "Mobile Payment", "General Withdrawal"],
  ])("under %s beside %s a %s is doubtful", async (heading, sold, word) => {
    const kinds = await kindsOf(`${HEAD},${heading}\n1,2025-01-01,5,${sold}\n2,2025-01-01,6,${word}\n`);
    expect(kinds.doubted).toEqual({ [heading]: [word.toLowerCase()] });
  });

  test.each(["Stornorechnung", "Storno", "Stornierung", "Rechnungskorrektur", "Korrekturrechnung"])(
    "a Belegart %s beside Rechnung takes away",
    async (word) => {
      const kinds = await kindsOf(`${HEAD},Belegart\n1,2025-01-01,5,Rechnung\n2,2025-01-01,6,${word}\n`);
      expect(kinds.returned["Belegart"]).toContain(word.toLowerCase());
      expect([kinds.skipped, kinds.doubted]).toEqual([{}, {}]);
    },
  );

  test.each([
    ["order_type", "New order", "Returning customer order"],
    ["类型", "销售", "七天无理由退货"],
    ["type", "Sale", "Return label"],
  ])("under %s %s and %s are both sales", async (heading, sold, word) => {
    const kinds = await kindsOf(`${HEAD},${heading}\n1,2025-01-01,5,${sold}\n2,2025-01-01,6,${word}\n`);
    expect(kinds.returned[heading]).not.toContain(word.toLowerCase());
  });

  test.each([
    ["是否作废", "是", "否"],
    ["作废标志", "作废", "否"],
    ["is_cancelled", "TRUE", "FALSE"],
    ["storniert", "ja", "nein"],
  ])("%s %s leaves out, %s does not", async (heading, yes, no) => {
    const rows = (word: string) =>
      kindsOf(`${HEAD},${heading}\n1,2025-01-01,5,${word}\n2,2025-01-01,6,${no}\n`);
    const { skipped } = await rows(yes);
    expect(skipped[heading]).toContain(yes.toLowerCase());
    expect(skipped[heading]).not.toContain(no.toLowerCase());
    expect((await rows("maybe")).skipped).toEqual({});
  });

  test.each([["Cancelled at"], ["取消时间"], ["Absagegrund"]])(
    "any text under %s leaves out, where few rows have one",
    async (heading) => {
      const rows = (...cells: string[]) =>
        kindsOf(`${HEAD},${heading}\n${cells.map((cell, i) => `${i},2025-01-01,5,${cell}`).join("\n")}\n`);
      expect((await rows("2025-01-02", "", "")).skipped).toEqual({ [heading]: ["*"] });
      expect((await rows("2025-01-02", "2025-01-03", "")).skipped).toEqual({});
      expect((await rows("2025-01-02", "-", "", "")).skipped).toEqual({});
    },
  );

  test.each([
    ["status", "refunded"],
    ["remark", "storniert"],
    ["type", "return"],
  ])("%s %s is doubtful", async (heading, word) => {
    const kinds = await kindsOf(`${HEAD},${heading}\n1,2025-01-01,5,new\n2,2025-01-01,6,${word}\n`);
    expect(kinds.doubted).toEqual({ [heading]: [word] });
    expect(kinds.returned).toEqual({});
  });

  test("returns that are below zero, refunds with a status and states of America are left alone", async () => {
    const kinds = await kindsOf(
      `${HEAD},note,退款状态,state\n1,2025-01-01,5,,完成,NY\n2,2025-01-01,-6,return,完成,CA\n`,
    );
    expect(kinds.doubted).toEqual({});
    expect(kinds.returned).toEqual({});
  });

  test("what was asked for goes before, and --all-rows finds nothing", async () => {
    const content = `${HEAD},status\n1,2025-01-01,5,cancelled\n2,2025-01-01,6,test\n`;
    const asked = (await kindsOf(content, { skipped: { status: ["test"] } })).skipped["status"];
    expect(asked).toEqual(expect.arrayContaining(["cancelled", "test"]));
    const taken = await kindsOf(content, { returned: { status: ["Cancelled"] } });
    expect(taken.skipped["status"]).not.toContain("cancelled");
    expect(taken.returned).toEqual({ status: ["Cancelled"] });
    expect(await kindsOf(content, { isAll: true })).toEqual({ skipped: {}, returned: {}, doubted: {} });
    const failure = await kindsOf(content, { skipped: { state: ["x"] } }).catch((error: unknown) => error);
    expect(String(failure)).toContain("state: no such column");
  });
});

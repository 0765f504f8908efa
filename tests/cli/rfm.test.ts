import { readdirSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { readXlsx, writeXlsx } from "hucre/xlsx";
import { beforeAll, describe, expect, test } from "vitest";
import { gb18030, LAST_DAY, ordersCsv, shopOrders } from "./orders.js";
import {
  countedInputs,
  crmAnalyze,
  expectFailure,
  expectSuccess,
  folderOfTest,
  makeFolder,
  readRows,
  type Finished,
  type TemporaryFolder,
} from "./process.js";

const ORDERS = shopOrders();
const SHOP = ordersCsv(ORDERS);
const HEADER =
  "customer_id,customer_key,customer_name,recency_days,order_count,total_amount,recency_score,frequency_score,monetary_score,segment,lateness_probability,frequency_change,slipping_rank,reason,relationship_status";

/** The answer that every way of writing the same orders must give. */
const plain = makeFolder();
let answer: Finished;
let scores: string;
beforeAll(async () => {
  plain.write("orders.csv", SHOP);
  answer = await crmAnalyze(plain, "rfm", "orders.csv", "--out", "results");
  expectSuccess(answer);
  scores = plain.read("results/rfm.csv");
});

/** The scores of the same orders, written another way. */
async function scoresOf(
  folder: TemporaryFolder,
  ...args: string[]
): Promise<{ stderr: string; rfm: string }> {
  const finished = await crmAnalyze(folder, "rfm", ...args, "--out", "results");
  expectSuccess(finished);
  countedInputs(folder, "results");
  return { stderr: finished.stderr, rfm: folder.read("results/rfm.csv") };
}

interface Json {
  readonly as_of_date: string;
  readonly sections: readonly {
    readonly answer: string;
    readonly tables: Readonly<Record<string, readonly Readonly<Record<string, string | number | null>>[]>>;
  }[];
  readonly files: readonly { rowsIn: number; rowsStaged: number }[];
}

async function jsonOf(folder: TemporaryFolder, ...args: string[]): Promise<Json> {
  const finished = await crmAnalyze(folder, "rfm", ...args, "--json");
  expectSuccess(finished);
  return JSON.parse(finished.stdout) as Json;
}

const HEADINGS = ["customer_id", "order_date", "amount"] as const;

/** The shop's orders under other headings, split by another mark. */
function sheet(headings: readonly string[], delimiter: string, rows: readonly (readonly string[])[]): string {
  return [headings, ...rows, []].map((cells) => cells.join(delimiter)).join("\n");
}

describe.concurrent("bare files as people have them give the same scores", () => {
  test("Chinese headings in a GB18030 file below a title row", async () => {
    const rows = ORDERS.map(({ customer, date, amount }) => [customer, date.replaceAll("-", "/"), amount]);
    const text = `销售订单列表,,\n${sheet(["客户编号", "下单日期", "实付金额"], ",", rows)}`;
    const folder = folderOfTest({ "订单.csv": gb18030(text) });
    const { stderr, rfm } = await scoresOf(folder, "订单.csv");
    expect(rfm).toBe(scores);
    expect(stderr).toMatch(/customer: 客户编号; date: 下单日期.*; amount: 实付金额/);
    expect(stderr, "the encoding is guessed, so it is shown").toMatch(/gb18030/i);
  });

  test("a shop's export: numbers wrapped for spreadsheets, closed transactions without a day of payment", async () => {
    const rows = ORDERS.map(({ customer, date, amount }, i) => [
      `="${700 + i}"`,
      `="${customer}"`,
      date,
      amount,
      "交易成功",
    ]);
    const closed = ORDERS.slice(0, 50).map(({ customer }, i) => [
      `="${i}"`,
      `="${customer}"`,
      "",
      "0",
      "交易关闭",
    ]);
    const head = ["订单编号", "买家会员名", "订单付款时间", "买家实际支付金额", "订单状态"];
    const folder = folderOfTest({ "订单.csv": gb18030(sheet(head, ",", [...closed, ...rows])) });
    const { stderr, rfm } = await scoresOf(folder, "订单.csv");
    expect(rfm).toBe(scores);
    expect(stderr).toContain("交易关闭 (50)");
  });

  test("prices and quantities of a shop, a third of whose rows name no customer", async () => {
    const rows = ORDERS.map(({ customer, date, amount }, i) => [String(i), "1", date, amount, customer]);
    const guests = ORDERS.filter((_, i) => i % 2 === 0).map(({ date }, i) => [
      `G${i}`,
      "2",
      date,
      "9.00",
      "",
    ]);
    const head = ["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"];
    const folder = folderOfTest({ "retail.csv": sheet(head, ",", [...rows, ...guests]) });
    const { stderr, rfm } = await scoresOf(folder, "retail.csv");
    expect(rfm).toBe(scores);
    expect(stderr).toContain("amount: UnitPrice × Quantity");
    expect(stderr).toContain(`${guests.length} rows name no customer in CustomerID`);
  });

  test("where a customer stands on the first row of a group alone, the warning says what to do", async () => {
    const rows = ORDERS.map(({ customer, date, amount }, i) => [
      String(i),
      i % 4 === 0 ? customer : "",
      date,
      amount,
    ]);
    const folder = folderOfTest({ "grouped.csv": sheet(["order", "customer", "date", "amount"], ",", rows) });
    const { stderr } = await scoresOf(folder, "grouped.csv");
    const empty = rows.filter(([, customer]) => customer === "").length;
    expect(stderr).toContain(`${empty} of ${rows.length} rows name no customer in customer`);
    expect(stderr).toContain("fill the cells down first");
  });

  test("bytes that are not UTF-8 reject their row where cells are wrapped too", async () => {
    const [head, ...lines] = SHOP.trimEnd().split("\n");
    const wrapped = lines.map((line) => line.replace(/^[^,]+/, '="$&"'));
    const bad = Buffer.from('="K\u00fc",2025-01-01,5\n', "latin1");
    const text = Buffer.concat([Buffer.from(`${[head, ...wrapped].join("\n")}\n`), bad]);
    const folder = folderOfTest({ "orders.csv": text });
    const { rfm } = await scoresOf(folder, "orders.csv", "--encoding", "utf-8");
    expect(rfm).toBe(scores);
    expect(folder.read("results/rejects.csv")).toContain("invalid encoding");
  });

  test("the second sheet of an Excel workbook, once it is asked for, with typed dates and numbers", async () => {
    const rows = ORDERS.map(({ customer, date, amount }) => [customer, new Date(date), Number(amount)]);
    const sheets = [
      { name: "Readme", rows: [["exported by the shop"]] },
      { name: "Orders", rows: [[...HEADINGS], ...rows] },
    ];
    const folder = folderOfTest({ "orders.xlsx": await writeXlsx({ sheets }) });
    const refused = await crmAnalyze(folder, "rfm", "orders.xlsx");
    expectFailure(refused, 2);
    expect(refused.stderr).toContain('sheet "Readme" was read, and --sheet reads another: "Orders"');
    const { stderr, rfm } = await scoresOf(folder, "orders.xlsx", "--sheet", "Orders");
    expect(rfm).toBe(scores);
    expect(stderr).toContain('sheet "Orders" of 2');
  });

  test("two files of half the orders each, with semicolons, decimal commas and days first", async () => {
    const rows = ORDERS.map(({ customer, date, amount }) => [
      customer,
      german(date),
      amount.replace(".", ","),
    ]);
    const headings = ["Kundennummer", "Bestelldatum", "Betrag"];
    const folder = folderOfTest({
      "a.csv": sheet(headings, ";", rows.slice(0, 50)),
      "b.csv": sheet(headings, ";", rows.slice(50)),
    });
    const { stderr, rfm } = await scoresOf(folder, "a.csv", "b.csv");
    expect(rfm).toBe(scores);
    expect(stderr).toMatch(
      /Bestelldatum, read as dates, day first.*Betrag, read as numbers with a decimal comma/,
    );
    expect(countedInputs(folder, "results").map((input) => input.file)).toEqual(["a.csv", "b.csv"]);
  });

  test("dates that could be either are read as --date-format says", async () => {
    const rows = ORDERS.slice(0, 12).map(({ customer, amount }, i) => [
      customer,
      `0${(i % 9) + 1}/02/2025`,
      amount,
    ]);
    const folder = folderOfTest({ "orders.csv": sheet(HEADINGS, ",", rows) });
    expect(await jsonOf(folder, "orders.csv", "--date-format", "dmy")).toMatchObject({
      as_of_date: "2025-02-09",
    });
  });

  test("a Parquet file with typed columns", async () => {
    const folder = folderOfTest({ "orders.csv": SHOP });
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(
      `copy (select customer_id, cast(order_date as date) as order_date, cast(amount as decimal(12, 2)) as amount
        from read_csv('${folder.at("orders.csv")}')) to '${folder.at("orders.parquet")}'`,
    );
    connection.closeSync();
    expect((await scoresOf(folder, "orders.parquet")).rfm).toBe(scores);
  });

  test("columns that the flags name, over those that would be guessed, with months first, told by days above the twelfth", async () => {
    const rows = ORDERS.map(({ customer, date, amount }, i) => [
      `X${i}`,
      "2020-01-01",
      "1",
      customer,
      american(date),
      amount,
    ]);
    const folder = folderOfTest({ "orders.csv": sheet([...HEADINGS, "who", "when", "much"], ",", rows) });
    const flags = ["--customer", "who", "--date", "when", "--amount", "much"];
    const { stderr, rfm } = await scoresOf(folder, "orders.csv", ...flags);
    expect(rfm).toBe(scores);
    expect(stderr).toContain("customer: who, as given");
    expect(stderr).toContain("read as dates, month first");
  });
});

const german = (date: string) => date.split("-").toReversed().join(".");
const american = (date: string) => date.replace(/^(\d+)-(\d+)-(\d+)$/, "$2/$3/$1");

describe.concurrent("settings", () => {
  test("--bins 3 scores from 1 to 3; --window 3 counts the orders of the last three months alone", async () => {
    const folder = folderOfTest({ "orders.csv": SHOP });
    await scoresOf(folder, "orders.csv", "--bins", "3", "--window", "3", "--as-of", LAST_DAY);
    const rows = readRows(folder, "results/rfm.csv");
    expect(new Set(rows.map((row) => Number(row["recency_score"])))).toEqual(new Set([1, 2, 3]));
    const late = ORDERS.filter(({ date }) => date > "2025-09-30");
    expect(late.length).toBeLessThan(ORDERS.length);
    expect(rows.reduce((sum, row) => sum + Number(row["order_count"]), 0)).toBe(late.length);
  });

  test("--method ntile makes equal groups of customers; --json gives the answer and nothing else", async () => {
    const folder = folderOfTest({ "orders.csv": SHOP });
    const flags = ["--method", "ntile", "--out", "results"];
    const { as_of_date, sections, files } = await jsonOf(folder, "orders.csv", ...flags);
    const rows = readRows(folder, "results/rfm.csv");
    for (const name of ["recency_score", "frequency_score", "monetary_score"]) {
      const counts = ["1", "2", "3", "4", "5"].map(
        (score) => rows.filter((row) => row[name] === score).length,
      );
      expect(counts, name).toEqual([8, 8, 8, 8, 8]);
    }
    expect(as_of_date).toBe(LAST_DAY);
    expect(sections[0]!.answer).toMatch(/40 customers/);
    expect(files).toMatchObject([{ rowsIn: ORDERS.length, rowsStaged: ORDERS.length }]);
    const counts = sections[0]!.tables["segments"]!.map((row) => Number(row["customer_count"]));
    expect(counts.reduce((a, b) => a + b)).toBe(40);
  });

  test("--vocabulary chinese-8 and --lang zh name the eight classes in Chinese", async () => {
    const folder = folderOfTest({ "orders.csv": SHOP });
    const finished = await crmAnalyze(
      folder,
      "rfm",
      "orders.csv",
      "--vocabulary",
      "chinese-8",
      "--lang",
      "zh",
      "--out",
      "results",
    );
    expectSuccess(finished);
    const classes = ["价值", "发展", "保持", "挽留"].flatMap((name) => [
      `重要${name}客户`,
      `一般${name}客户`,
    ]);
    const found = new Set(readRows(folder, "results/rfm.csv").map((row) => row["segment"]));
    expect(classes).toEqual(expect.arrayContaining([...found]));
    expect(found.size).toBeGreaterThan(3);
    expect(finished.stdout).toContain("重要价值客户");
    expect(folder.read("results/report.html")).toMatch(/<html[^>]* lang="?zh/);
    expect(folder.read("results/rfm.csv").split("\n")[0], "names of columns stay").toBe(HEADER);
  });

  test("--monetary average scores money an order", async () => {
    const folder = folderOfTest({
      "orders.csv": ordersCsv(
        [],
        ...Array.from({ length: 9 }, () => "many,2025-01-02,10"),
        "few,2025-01-02,50",
        "mid,2025-01-02,20",
      ),
    });
    await scoresOf(folder, "orders.csv", "--monetary", "average");
    const rows = readRows(folder, "results/rfm.csv");
    const average = (customer: string) =>
      Number(rows.find((row) => row["customer_key"] === customer)!["monetary_score"]);
    expect(average("many")).toBeLessThan(average("few"));
  });

  test("--currency and --as-of are shown; without --out nothing is written", async () => {
    const folder = folderOfTest({ "orders.csv": SHOP });
    const before = folder.contents();
    const finished = await crmAnalyze(
      folder,
      "rfm",
      "orders.csv",
      "--currency",
      "EUR",
      "--as-of",
      "2025-11-30",
    );
    expectSuccess(finished);
    expect(finished.stdout).toContain("As of 2025-11-30");
    expect(finished.stdout).toContain("€");
    expect(folder.contents()).toEqual(before);
  });

  test.each([["RMB"], ["rmb"]])("%s is CNY, as --currency and in a column of currencies", async (name) => {
    const [heading, ...rows] = SHOP.trimEnd().split("\n");
    const priced = rows.map((row, i) => `${row},${i % 2 === 0 ? name : "CNY"}`);
    const folder = folderOfTest({ "orders.csv": [`${heading},currency`, ...priced, ""].join("\n") });
    const finished = await crmAnalyze(folder, "rfm", "orders.csv", "--currency", name);
    expectSuccess(finished);
    expect(finished.stdout).toContain("CN¥");
  });
});

describe.concurrent("what --out leaves", () => {
  test("the report, the scores three ways, the rejects and the record, and no more than that beside", () => {
    const files = ["rejects.csv", "report.html", "rfm.csv", "rfm.parquet", "rfm.xlsx", "run.json"];
    expect(readdirSync(plain.at("results"))).toEqual(expect.arrayContaining(files));
    expect(readdirSync(plain.path).sort()).toEqual([".tmp", "orders.csv", "results"]);
    expect(readdirSync(plain.temporary)).toEqual([]);
  });

  test("rfm.csv has exactly these columns, and a row a customer", () => {
    const [header, ...rows] = scores.trimEnd().split("\n");
    expect(header).toBe(HEADER);
    expect(rows).toHaveLength(40);
  });

  test("rfm.parquet and rfm.xlsx hold the same rows as rfm.csv", async () => {
    const rows = readRows(plain, "results/rfm.csv");
    const { sheets } = await readXlsx(plain.readBytes("results/rfm.xlsx"));
    expect(sheets[0]!.rows.slice(1).map((cells) => cells[1])).toEqual(rows.map((row) => row["customer_key"]));
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const read = await connection.runAndReadAll(`select * from '${plain.at("results/rfm.parquet")}'`);
    connection.closeSync();
    expect(read.columnNames().join()).toBe(HEADER);
    expect(read.getRows().map((row) => String(row[1]))).toEqual(rows.map((row) => row["customer_key"]));
  });

  test("the amounts of all customers add up to the file's", () => {
    const expected = ORDERS.reduce((sum, { amount }) => sum + Number(amount), 0);
    const found = readRows(plain, "results/rfm.csv").reduce(
      (sum, row) => sum + Number(row["total_amount"]),
      0,
    );
    expect(found).toBeCloseTo(expected, 6);
  });

  test("the report is one file that needs no other", () => {
    const html = plain.read("results/report.html");
    expect(html).toMatch(/^<!doctype html>/i);
    expect(html).not.toMatch(/(src|href)="(?!#|data:)/);
    expect(html).toContain("The full list is in rfm.xlsx.");
    expect(html).not.toContain("crm-analyze list");
  });

  test("run.json names the input by its hash and counts its rows", () => {
    expect(countedInputs(plain, "results")).toMatchObject([{ file: "orders.csv", rows_in: ORDERS.length }]);
    expect(plain.read("results/run.json")).toMatch(/"sha256": "[0-9a-f]{64}"/);
  });
});

describe.concurrent("customers whose names are formulas", () => {
  const HOSTILE = ["=1+1", "+A", "@x", "-a"];
  const MARKUP = "<script>alert(1)</script>";
  const folder = makeFolder();
  beforeAll(async () => {
    const rows = HOSTILE.flatMap((name) => [`${name},2025-01-02,10`, `${name},2025-01-03,-15`]);
    folder.write(
      "orders.csv",
      ordersCsv([], ...rows, "-7,2025-01-04,5", "plain,2025-01-05,5", `${MARKUP},2025-01-05,5`),
    );
    await scoresOf(folder, "orders.csv");
  });

  test("are made harmless in rfm.csv, where numbers below zero stay numbers", () => {
    const rows = readRows(folder, "results/rfm.csv");
    const keys = rows.map((row) => row["customer_key"]);
    for (const name of HOSTILE) expect(keys).toContain(`'${name}`);
    expect(keys).toEqual(expect.arrayContaining(["-7", "plain"]));
    const owing = rows.filter((row) => HOSTILE.includes(row["customer_key"]!.slice(1)));
    for (const row of owing) expect(row["total_amount"]).toMatch(/^-5(\.0+)?$/);
  });

  test("stay text as they are in rfm.xlsx, and numbers numbers", async () => {
    const { sheets } = await readXlsx(folder.readBytes("results/rfm.xlsx"));
    const rows = sheets[0]!.rows.slice(1);
    const keys = rows.map((cells) => cells[1]);
    expect(keys).toEqual(expect.arrayContaining([...HOSTILE, "-7"]));
    const money = rows.map((cells) => cells[5]);
    expect(money.filter((value) => value === -5)).toHaveLength(HOSTILE.length);
  });

  test("run no markup in the report", () => {
    expect(folder.read("results/rfm.csv")).toContain(MARKUP);
    expect(folder.read("results/report.html")).not.toContain(MARKUP);
  });
});

describe("a column that says what a row is", () => {
  const rows = [
    "C1,2025-01-01,100,Sale,paid",
    "C1,2025-02-01,30,Return,paid",
    "C2,2025-01-05,50,Sale,cancelled",
    "C2,2025-02-05,70,Sale,paid",
    "C3,2025-01-09,40,Sale,test",
  ];
  const folder = makeFolder();
  beforeAll(() => folder.write("orders.csv", `customer,date,amount,type,status\n${rows.join("\n")}\n`));
  const asked = async (...flags: string[]) => {
    const finished = await crmAnalyze(folder, "rfm", "orders.csv", "--as-of", "2025-03-01", ...flags);
    expectSuccess(finished);
    const { stderr, stdout } = finished;
    return { stderr, stdout, money: /Money ([\d.,]+)/.exec(stdout)![1] };
  };

  test("leaves out what was cancelled and takes returns away, with their rows", async () => {
    const { stderr, money } = await asked();
    expect(money).toBe("180.00");
    expect(stderr).toContain("1 row is left out by status: cancelled (1)");
    expect(stderr).toContain("1 row counts as a return and takes away by type: Return (1)");
  });

  test("rows that one column leaves out are not told of by another", async () => {
    const two = "customer,date,amount,status,item status";
    folder.write(
      "two.csv",
      `${two}\nC1,2025-01-05,50,paid,paid\nC2,2025-01-06,60,cancelled,failed\nC1,2025-02-06,60,paid,failed\n`,
    );
    const { stderr } = await crmAnalyze(folder, "rfm", "two.csv");
    expect(stderr).toContain("1 row is left out by status: cancelled (1)");
    expect(stderr).toContain("1 row counts like any other by item status: failed (1)");
  });

  test("leaves out what --skip-when names beside what was cancelled, and counts all of it", async () => {
    const { stderr, stdout } = await asked("--skip-when", "status=test");
    expect(stderr).toContain("1 row is left out by status: cancelled (1)");
    expect(stdout).toMatch(/rows read: \d+ used, 2 left out by a rule, 0 rejected/);
  });

  test("--all-rows counts all as they stand, but for what --skip-when names; it says which no row has", async () => {
    const { stderr, money } = await asked("--all-rows", "--skip-when", "status=test,gone");
    expect(money).toBe("250.00");
    expect(stderr).toContain("no row has gone in status");
    expect(stderr).not.toContain("--all-rows");
  });

  test("a column that is not there is refused, with those that are", async () => {
    const failed = await crmAnalyze(folder, "rfm", "orders.csv", "--skip-when", "state=test");
    expectFailure(failed, 2);
    expect(failed.stderr).toContain(
      "--skip-when, --return-when state: no such column in orders.csv; found customer, date, amount, type, status",
    );
  });
});

describe("a row that is called a total", () => {
  const folder = makeFolder();
  const asked = async (rows: readonly string[], ...flags: string[]) => {
    folder.write("orders.csv", `customer,date,amount,status\n${rows.join("\n")}\n`);
    const finished = await crmAnalyze(folder, "rfm", "orders.csv", "--as-of", "2025-03-01", ...flags);
    expectSuccess(finished);
    const [, customers, money] = /order (\d+) ·.*Money ([\d.,]+)/.exec(finished.stdout)!;
    return { stderr: finished.stderr, customers, money };
  };
  const C1 = ["C1,2025-01-01,100.25,", "C1,2025-02-01,-30,"];
  const C2 = ["C2,2025-01-05,50,", "C2,2025-02-05,70.50,"];

  test("is left out where it is the sum of the rows above it or of all, with its line", async () => {
    const rows = [
      ...C1,
      "小计,2025-02-01,70.25,",
      ...C2,
      "Subtotal:,2025-02-05,120.5,",
      "TOTAL,2025-02-28,190.75,",
    ];
    const { stderr, customers, money } = await asked(rows);
    expect([customers, money]).toEqual(["2", "190.75"]);
    expect(stderr).toContain(
      "3 rows are totals of other rows and are left out: 小计 (1), Subtotal: (1), TOTAL (1) (first: line 4); --all-rows counts them",
    );
    const all = await asked(rows, "--all-rows");
    expect([all.customers, all.money]).toEqual(["5", "572.25"]);
    expect(all.stderr).not.toContain("total");
  });

  test("may stand on top, and may count what a status leaves out", async () => {
    const cancelled = "C2,2025-02-06,9,cancelled";
    const onTop = await asked(["Grand Total,2025-02-28,199.75,", ...C1, ...C2, cancelled]);
    expect([onTop.customers, onTop.money]).toEqual(["2", "190.75"]);
    const ofCounted = await asked([...C1, ...C2, cancelled, "Summe,2025-02-28,190.75,"]);
    expect([ofCounted.customers, ofCounted.money]).toEqual(["2", "190.75"]);
  });

  test("may be net of returns that a column tells of", async () => {
    const rows = ["C1,100,Sale", "C2,50,Sale", "C1,30,Return", "C1,60,Sale", "Total,180,Sale"];
    const dated = rows.map((row, day) => row.replace(",", `,2025-01-0${day + 1},`));
    folder.write("net.csv", `customer,date,amount,type\n${dated.join("\n")}\n`);
    const finished = await crmAnalyze(folder, "rfm", "net.csv", "--as-of", "2025-03-01");
    expectSuccess(finished);
    expect(finished.stdout).toMatch(/order 2 ·.*Money 180\.00 /);
    expect(finished.stderr).toContain("1 row is a total of other rows and is left out: Total (1)");
  });

  test("counts and is warned of where it is no sum", async () => {
    const rows = [...C1, ...C2, "Total,2025-02-28,191.75,"];
    const { stderr, customers, money } = await asked(rows);
    expect([customers, money]).toEqual(["3", "382.50"]);
    expect(stderr).toContain("1 row is called Total in customer and counts like any other");
    expect((await asked(rows, "--skip-when", "customer=Total")).money).toBe("190.75");
  });

  test("counts where others of its name are no sums: a customer is called so", async () => {
    const prices = ["9.99", "29.99", "19.99", "49.99", "29.99", "9.99", "29.99"];
    const rows = Array.from({ length: 400 }, (_, row) => {
      const customer = row % 4 === 3 || row === 1 ? "Total" : `C${row % 9}`;
      return `${customer},2025-01-${10 + (row % 20)},${row < 2 ? "9.99" : prices[row % 7]},`;
    });
    const { stderr, customers, money } = await asked(rows);
    expect([customers, money]).toEqual(["10", "10,246.00"]);
    expect(stderr.match(/total/gi)).toHaveLength(2);
    expect(stderr).toContain(
      '101 rows are called Total in customer and count like any other, not each being a sum of other rows; if they add up others, leave them out with --skip-when "customer=Total"',
    );
  });

  test("counts where only rows of another amount lie between it and one that is no sum", async () => {
    const rows = ["A,50", "Total,30", "B,30", "Total,30", "C,80", "Total,81"].map((row, day) => {
      const [customer, amount] = row.split(",");
      return `${customer},2025-01-0${day + 1},${amount},`;
    });
    const { stderr, customers, money } = await asked(rows);
    expect([customers, money]).toEqual(["4", "301.00"]);
    expect(stderr).not.toContain("left out:");
    const subtotals = [...rows, "小计,2025-01-08,160,", "TOTAL,2025-01-09,160,"];
    const mixed = await asked(subtotals);
    expect([mixed.customers, mixed.money]).toEqual(["5", "461.00"]);
    expect(mixed.stderr).toContain(
      "1 row is a total of other rows and is left out: 小计 (1) (first: line 8)",
    );
    expect(mixed.stderr).toContain("4 rows are called Total,TOTAL in customer and count");
  });

  test("is known by its order number too, and of each file by itself", async () => {
    const head = "customer,date,amount,order no\n";
    folder.write("a.csv", `${head}C1,2025-01-01,100,A1\nC1,2025-01-02,20,A2\nC1,2025-01-02,120,合计\n`);
    folder.write("b.csv", `${head}C2,2025-01-01,7,B1\nTotal,2025-01-02,7,B2\n`);
    const finished = await crmAnalyze(folder, "value", "a.csv", "b.csv", "--as-of", "2025-03-01");
    expectSuccess(finished);
    expect(finished.stderr).toContain("a.csv: 1 row is a total of other rows");
    expect(finished.stderr).toContain("b.csv: 1 row is a total of other rows");
  });
});

describe("fixed cut-points", () => {
  const folder = makeFolder();
  const asked = (...flags: string[]) =>
    crmAnalyze(folder, "rfm", "orders.csv", "--as-of", "2025-03-01", "--out", "results", ...flags);
  const cuts = ["--recency-cuts", "10,30", "--frequency-cuts", "1,2", "--monetary-cuts", "50,200.5"];

  test("are taken from flags, which say method and bins", async () => {
    const rows = ["C1,2025-02-25,10", "C2,2025-02-10,60", "C2,2025-01-01,140.5", "C3,2025-01-01,300"];
    folder.write("orders.csv", `customer,date,amount\n${rows.join("\n")}\n`);
    expectSuccess(await asked(...cuts));
    const scores = readRows(folder, "results/rfm.csv").map((row) =>
      ["customer_key", "recency_score", "frequency_score", "monetary_score"].map((name) => row[name]),
    );
    expect(scores.sort()).toEqual([
      ["C1", "3", "1", "1"],
      ["C2", "2", "2", "2"],
      ["C3", "1", "1", "3"],
    ]);
  });

  test("are refused with another method, or another number of bins", async () => {
    const ofQuantiles = await asked(...cuts, "--method", "quantile");
    expectFailure(ofQuantiles, 2);
    expect(ofQuantiles.stderr).toContain("not with --method quantile");
    const ofFive = await asked(...cuts, "--bins", "5");
    expectFailure(ofFive, 2);
    expect(ofFive.stderr).toContain("give 4 ascending values for 5 bins, found 10, 30");
  });
});

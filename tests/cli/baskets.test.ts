import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeGb18030 } from "../../fixtures/generator/gb18030.js";
import { HAS_GROCERIES, arulesJobs, groceries } from "../models/basket-cases.js";
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

/** 200 baskets: 25 of the 52 with tea have a whisk too; odd names among the items. */
function linesCsv(): string {
  const odd = ["=1+1", 'a "quoted" one', "牛奶, 全脂", "x".repeat(10_240)];
  const rows = Array.from({ length: 200 }, (_, basket) => {
    const items = [odd[basket % 4]!, `item ${basket % 7}`];
    if (basket % 4 === 0) items.push("茶", ...(basket % 8 === 0 ? ["whisk"] : []));
    if (basket % 50 === 0) items.push("", "茶");
    return items.map(
      (item) =>
        `B${basket},"${item.replaceAll('"', '""')}",C${basket % 40},2025-${String(1 + (basket % 12)).padStart(2, "0")}-05`,
    );
  });
  return `单据编号,商品名称,客户编号,日期\n${rows.flat().join("\n")}\n`;
}

describe("a bare file of lines", () => {
  let folder: TemporaryFolder;
  let finished: Finished;
  beforeAll(async () => {
    folder = makeFolder();
    folder.write("明细.csv", linesCsv());
    finished = await crmAnalyze(
      folder,
      "baskets",
      "明细.csv",
      "--min-support",
      "0.05",
      "--min-confidence",
      "0.25",
      "--all-rules",
      "--lang",
      "zh",
      "--out",
      "results",
    );
    return () => folder.remove();
  });

  test("says how it was read, and what was left out", () => {
    expectSuccess(finished);
    expect(finished.stderr).toContain("购物篮：单据编号；商品：商品名称；客户：客户编号；日期：日期");
    expect(finished.stderr).toContain("有 4 行缺少商品，未采用（首处：第 6 行，“商品名称”列）");
    expect(finished.stdout).toContain("购物篮 200");
  });

  test("writes rules and sets whose texts are no formulas and whose counts are whole", () => {
    const rules = readRows(folder, "results/rules.csv");
    expect(Object.keys(rules[0]!).join()).toBe(
      "antecedent,consequent,basket_count,support,confidence,lift,leverage,conviction,p_value,q_value,is_redundant,is_significant,lift_low,lift_high,open_customers",
    );
    expect(
      rules.find(({ antecedent, consequent }) => antecedent === "茶" && consequent === "whisk"),
    ).toMatchObject({
      basket_count: "25",
      support: "0.125",
      confidence: String(25 / 52),
      lift: String((25 * 200) / (52 * 25)),
    });
    expect(rules.find(({ antecedent }) => antecedent === "whisk")!["conviction"]).toBe("inf");
    const sets = readRows(folder, "results/itemsets.csv").map(({ itemset }) => itemset!);
    expect(sets).toContain("'=1+1");
    expect(sets).toContain("牛奶, 全脂");
    expect(sets).toContain("x".repeat(10_240));
    expect(sets).toContain("'=1+1 + whisk + 茶");
  });

  test("cuts a name of ten thousand letters wherever people read it, and nowhere else", () => {
    const report = folder.read("results/report.html");
    expect(report).toContain(`${"x".repeat(80)}…`);
    for (const told of [finished.stdout, report]) expect(told).not.toContain("x".repeat(81));
    expect(folder.read("results/itemsets.csv")).toContain("x".repeat(10_240));
  });

  test("a folder of an earlier answer may be replaced, and the record says what was read", async () => {
    expect(JSON.parse(folder.read("results/run.json"))).toMatchObject({
      exit_code: 0,
      inputs: [{ rows_in: 2 * 200 + 50 + 25 + 8, rows_skipped: 0, rows_rejected: 4 }],
    });
    const again = await crmAnalyze(folder, "baskets", "明细.csv", "--out", "results", "--json");
    expectSuccess(again);
    const { sections } = JSON.parse(again.stdout) as { sections: { tables: Record<string, unknown[]> }[] };
    expect(Object.keys(sections[0]!.tables)).toEqual(
      expect.arrayContaining(["rules", "sequences", "next_best", "next_best_trial"]),
    );
  });
});

test("one basket a line, items split by a delimiter, quotes around an item that holds it", async () => {
  const line = '"tea; green";whisk;cup\n';
  const folder = folderOfTest({ "receipts.txt": `${line.repeat(10)}cup\n\n${"pot;lid\n".repeat(12)}` });
  expectSuccess(
    await crmAnalyze(
      folder,
      "baskets",
      "receipts.txt",
      "--format",
      "baskets",
      "--delimiter",
      ";",
      "--all-rules",
      "--out",
      "r",
    ),
  );
  const sets = readRows(folder, "r/itemsets.csv");
  expect(sets.find(({ itemset }) => itemset === "cup + tea; green")).toMatchObject({
    item_count: "2",
    basket_count: "10",
  });
});

describe("the delimiter of a basket a line", () => {
  test.each([
    ["；", "GB18030", encodeGb18030("牛奶\n牛奶；面包, 全麦\n鸡蛋\n面包, 全麦；牛奶\n茶；水\n")],
    [";", "UTF-8", "milk\neggs\ntea\nmilk; bread\nbread;milk\n"],
  ])("%s is guessed, in %s", async (delimiter, _, bytes) => {
    const folder = folderOfTest({ "b.txt": bytes });
    const finished = await crmAnalyze(folder, "baskets", "b.txt", "--format", "baskets", "--support", "2");
    expectSuccess(finished);
    expect(finished.stderr).toContain(`b.txt: a basket a line, items split by ${delimiter}`);
    expect(finished.stderr).not.toContain("warning");
    expect(finished.stdout).toContain("Of 2 rules");
  });

  test.each([
    [[], ","],
    [["--delimiter", "\\t"], "\\t"],
  ])("%j: that no line holds it is warned of", async (flags, shown) => {
    const folder = folderOfTest({ "b.txt": "milk/bread\nmilk/bread\neggs\n" });
    const finished = await crmAnalyze(folder, "baskets", "b.txt", "--format", "baskets", ...flags);
    expectSuccess(finished);
    expect(finished.stderr).toContain(
      `warning: b.txt: no line holds "${shown}", so each basket is one item; say with --delimiter what parts the items`,
    );
  });
});

describe("what cannot be done", () => {
  const file = { "lines.csv": "basket,item,note\n1,a,x\n1,b,y\n2,a,x\n" };

  test.each([
    [["--min-support", "0"], ["above 0 and at most 1"]],
    [["--min-support", "1.5"], ["above 0 and at most 1"]],
    [["--common-share", "2"], ["above 0 and at most 1"]],
    [["--common-share", "0"], ["above 0 and at most 1"]],
    [["--right-with", "milk"], ["there is no item milk"]],
    [
      ["--item", "product", "--date", "item", "--amount", "note"],
      [
        "--item product: no such column in lines.csv; found basket, item, note",
        "--date item: no cell of that column of lines.csv looks like a day",
        "--amount note: no cell of that column of lines.csv looks like a number",
      ],
    ],
    [["--item", "item", "--date", "item"], ["--date item: is given as --item too"]],
  ])("%j: exit 2", async (flags, messages) => {
    const finished = await crmAnalyze(folderOfTest(file), "baskets", "lines.csv", ...flags);
    expectFailure(finished, 2);
    for (const message of messages) expect(finished.stderr).toContain(message);
  });
});

test("a file of lines that is read as a basket a line is doubted", async () => {
  const folder = folderOfTest({
    "lines.csv": "tid,item\n1,a\n1,b\n2,a\n",
    "even.csv": "product,cup\nlid,cup\n",
  });
  const flags = ["--format", "baskets", "--support", "1"];
  const doubted = await crmAnalyze(folder, "baskets", "lines.csv", ...flags);
  expectSuccess(doubted);
  expect(doubted.stderr).toContain(
    "warning: lines.csv: looks like a row for each item, under the headings tid, item, and is read as a basket a line",
  );
  const even = await crmAnalyze(folder, "baskets", "even.csv", ...flags);
  expectSuccess(even);
  expect(even.stderr).not.toContain("warning");
  expect(even.stdout).toContain("No offers: lines of items say neither who bought nor when.");
  expect(even.stderr + even.stdout).not.toMatch(/--customer|--date|without effect/);
});

test("a first line that is data, as it has no headings, is warned of", async () => {
  const DATA = "line 1 is read as the headings and looks like data; where it is, write headings above it";
  const read = async (csv: string, ...flags: string[]) =>
    (await crmAnalyze(folderOfTest({ "l.csv": csv }), "baskets", "l.csv", ...flags)).stderr;
  expect(await read("0,Apple\n0,Bread\n1,Apple\n1,Bread\n2,Apple\n")).toContain(`warning: l.csv: ${DATA}`);
  expect(await read("B0,Apple\nB0,Bread\nB1,Bread\nB1,Tea\n", "--lang", "zh")).toContain(
    "l.csv：第 1 行按表头读取，但看起来是数据",
  );
});

test("what is said of offers to a file that gives none is idle, and said", async () => {
  const folder = folderOfTest({ "lines.csv": "basket,item\n1,a\n1,b\n2,a\n" });
  const idle = await crmAnalyze(folder, "baskets", "lines.csv", "--leave-out", "Foo", "--offers", "2");
  expectSuccess(idle);
  expect(idle.stderr).toContain(
    "warning: lines.csv: --offers, --leave-out: without effect, for there are no sequences and no offers",
  );
  expect(idle.stdout).toContain("No offers: the file has no column for the customer (--customer COLUMN)");
});

describe("two columns without telling headings", () => {
  test("are taken by their place, with a doubt, where values come again", async () => {
    const folder = folderOfTest({ "lines.csv": "foo,bar\n1,a\n1,b\n2,a\n" });
    const finished = await crmAnalyze(folder, "baskets", "lines.csv");
    expectSuccess(finished);
    expect(finished.stderr).toContain(
      "basket: foo by its place alone (--basket COLUMN); item: bar by its place alone (--item COLUMN)",
    );
    expect(finished.stderr).not.toContain("looks like data");
  });

  test("are refused where they do not", async () => {
    const folder = folderOfTest({ "l.csv": "foo,bar\n1,a\n2,a\n3,b\n" });
    const finished = await crmAnalyze(folder, "baskets", "l.csv");
    expectFailure(finished, 2);
    expect(finished.stderr).toContain("no column tells baskets apart; found foo, bar");
  });
});

describe("a row that is in no basket, or in baskets only", () => {
  const rows = [
    "1,a,C1,2025-01-01,5",
    "1,b,C1,2025-01-01,5",
    "2,a,C2,2025-01-02,5",
    "2,b,C2,2025-01-02,5",
    "2,,Ms Li,2025-01-02,5",
    ",b,C2,2025-01-02,5",
    "3,a,,2025-01-03,5",
    "4,a,C3,soon,5",
    "5,a,C3,31.31.2025,5",
    "6,a,C3,2025-01-05,-5",
    "7,a,C3,2025-01-05,much",
    "8,a,C3,2025-09-05,5",
    "9,a",
  ];
  const csvOf = (heading: string) => `${heading},item,customer,date,amount\n${rows.join("\n")}\n`;
  const REASON = "not a date that exists (year, month, day)";
  const rejects = (folder: TemporaryFolder) =>
    readRows(folder, "r/rejects.csv").map(({ file, line_number, column_name, value, reason }) =>
      [file, line_number, column_name, value, reason].join("|"),
    );
  const read = async (heading: string, ...flags: string[]) => {
    const folder = folderOfTest({ "lines.csv": csvOf(heading) });
    const flagged = ["--as-of", "2025-06-30", "--out", "r", ...flags];
    const finished = await crmAnalyze(folder, "baskets", "lines.csv", ...flagged);
    expectSuccess(finished);
    return { folder, finished };
  };

  test("is told with its line and cause, and stands in rejects.csv", async () => {
    const { folder, finished } = await read("basket");
    for (const warned of [
      "1 row that cannot be split into its columns is left out (first: line 14)",
      "1 row without an item is left out (first: line 6, column item)",
      "1 row without a basket is left out (first: line 7, column basket)",
      '1 row after the as-of date is left out (first: line 13, column date "2025-09-05")',
      "1 row without a customer is in baskets only, not in sequences and offers (first: line 8, column customer)",
      "2 rows without a readable day are in baskets only, not in sequences and offers (first: line 9, column date)",
      "1 row without a readable amount is in no offer (first: line 12, column amount)",
    ])
      expect(finished.stderr).toContain(`warning: lines.csv: ${warned}\n`);
    expect(finished.stderr).not.toMatch(/soon|much|Ms Li/);
    expect(finished.stdout).toContain("13 rows read: 8 used, 1 left out by a rule, 4 rejected.");
    expect(rejects(folder)).toEqual([
      "lines.csv|6|item||missing",
      "lines.csv|7|basket||missing",
      "lines.csv|13|date|2025-09-05|after the as-of date",
      "lines.csv|14|amount||missing columns",
    ]);
    expect(countedInputs(folder, "r")).toMatchObject([{ rows_in: 13, rows_staged: 8, rows_rejected: 4 }]);
  });

  test("without a column for the basket, a customer and a day are needed", async () => {
    const { folder, finished } = await read("x", "--item", "item");
    expect(finished.stderr).toContain(
      "1 row without a customer is left out (first: line 8, column customer)",
    );
    expect(finished.stderr).toContain(
      "2 rows without a readable day are left out (first: line 9, column date)",
    );
    expect(rejects(folder).filter((row) => row.includes("date") || row.includes("customer"))).toEqual([
      "lines.csv|8|customer||missing",
      `lines.csv|9|date|soon|${REASON}`,
      `lines.csv|10|date|31.31.2025|${REASON}`,
      "lines.csv|13|date|2025-09-05|after the as-of date",
    ]);
    countedInputs(folder, "r");
  });
});

describe("a row that says itself what it is", () => {
  const rows = [
    "1,tea,4,paid,Sale",
    "1,milk,3,paid,Sale",
    "1,Total,7,paid,Sale",
    "2,tea,4,Cancelled,Sale",
    "3,rum,9,paid,Return",
    "3,Total,9,paid,Return",
    "4,tea,4,failed,Sale",
    "4,小计,8,paid,Sale",
    "5,milk,3,paid,Sale",
    "总计,总计,27,,",
  ];
  const read = async (...flags: string[]) => {
    const folder = folderOfTest({ "lines.csv": `order,item,amount,status,type\n${rows.join("\n")}\n` });
    const finished = await crmAnalyze(
      folder,
      "baskets",
      "lines.csv",
      "--out",
      "r",
      "--support",
      "1",
      ...flags,
    );
    expectSuccess(finished);
    const items = readRows(folder, "r/itemsets.csv").filter(({ item_count }) => item_count === "1");
    return {
      finished,
      counted: countedInputs(folder, "r"),
      baskets: /Baskets (\d+)/.exec(finished.stdout)![1],
      items: items.map(({ itemset, basket_count }) => `${itemset} ${basket_count}`).sort(),
    };
  };

  test("as cancelled, as a return, or as the sum of others is in no basket, and is told of", async () => {
    const { finished, counted, baskets, items } = await read();
    expect([baskets, items]).toEqual(["3", ["milk 2", "tea 2", "小计 1"]]);
    for (const warned of [
      "1 row is left out by status: Cancelled (1); --all-rows counts it",
      "2 rows count as returns and take away by type: Return (2); --all-rows takes amounts as they stand",
      "1 row counts like any other by status: failed (1)",
      "3 rows are totals of other rows and are left out: Total (2), 总计 (1) (first: line 4); --all-rows counts them",
      "1 row is called 小计 in item and counts like any other, being no sum of other rows",
    ])
      expect(finished.stderr).toContain(`warning: lines.csv: ${warned}`);
    expect(counted).toMatchObject([{ rows_in: 10, rows_staged: 5, rows_rejected: 0 }]);
  });

  test("counts as an item that is called a total, though one of its rows is a sum", async () => {
    const items = ["tea,5", "Total,5", "milk,5", "tea,5", "Total,5", "Summe,15", "rum,5"];
    const lines = items.map((item, row) => `${1 + Math.floor(row / 2)},${item}`);
    const folder = folderOfTest({ "lines.csv": `order,item,amount\n${lines.join("\n")}\n` });
    const finished = await crmAnalyze(folder, "baskets", "lines.csv", "--out", "r", "--support", "1");
    expectSuccess(finished);
    const sets = readRows(folder, "r/itemsets.csv").filter(({ item_count }) => item_count === "1");
    const counts = sets.map(({ itemset, basket_count }) => `${itemset} ${basket_count}`).sort();
    expect(counts).toEqual(["Total 2", "milk 1", "rum 1", "tea 2"]);
    expect(finished.stderr).toContain("1 row is a total of other rows and is left out: Summe (1)");
    expect(finished.stderr).toContain("2 rows are called Total in item and count like any other, not each");
  });

  test("counts as it stands with --all-rows, or as flags say", async () => {
    const all = await read("--all-rows");
    expect([all.baskets, all.items.length]).toEqual(["6", 6]);
    expect(all.finished.stderr).not.toContain("warning");
    const said = await read("--skip-when", "item=小计,rum,Total", "--return-when", "status=failed,cancelled");
    expect(said.items).toEqual(["milk 2", "tea 1"]);
  });

  test("has no column in a line of items, and a mapping in a pipeline", async () => {
    const folder = folderOfTest({ "lines.txt": "tea,milk\n" });
    const lines = await crmAnalyze(folder, "baskets", "lines.txt", "--format", "baskets", "--all-rows");
    expectFailure(lines, 2);
    expect(lines.stderr).toContain("--all-rows: not with --format baskets");
    const mapped = await crmAnalyze(folder, "baskets", "my.yml", "--skip-when", "status=void");
    expectFailure(mapped, 2);
    expect(mapped.stderr).toContain("--skip-when: for bare files only");
  });
});

test("in a pipeline, products that no product export of their source names are warned of, and those another one names", async () => {
  const lines = (prefix: string) =>
    Array.from({ length: 40 }, (_, i) => `${prefix}${i},1,P${i % 4},C${i % 20},2025-0${1 + (i % 6)}-11,9`);
  const mapping = (source: string) => `source: ${source}
files:
  lines:
    file: ${source}.csv
    entity: order_lines
    columns: { order_key: order, line_key: line, product_key: item, customer_key: customer, order_date: day, line_amount: amount }
`;
  const head = "order,line,item,customer,day,amount";
  const products = `  products:
    file: products.csv
    entity: products
    columns: { product_key: key, product_name: name }
`;
  const folder = folderOfTest({
    "p.yml": `name: firm
as_of_date: 2025-06-30
currency: EUR
output: out
sources: [{ mapping: erp.yml, folder: . }, { mapping: shop.yml, folder: . }]
analyses: { baskets: {} }
`,
    "erp.yml": mapping("erp") + products,
    "shop.yml": mapping("shop"),
    "erp.csv": [head, ...lines("E")].join("\n"),
    "shop.csv": [head, ...lines("S"), "S99,1,X,C1,2025-06-11,9", "S98,1,Y,C1,2025-06-12,-9"].join("\n"),
    "products.csv": "key,name\nP0,Tea\nP1,Cup\nP2,Pot\nP3,Lid\n",
  });
  const finished = await crmAnalyze(folder, "run", "p.yml");
  expectSuccess(finished);
  expect(finished.stderr).toContain(
    "products: 5 products are sold and in no product export of their source, so that category, cost and stock are unknown; 4 of the keys are in another source's export, for whose products they are not taken",
  );
});

describe("a file in which nothing was bought", () => {
  const file = {
    "lines.csv": "basket,item,customer,date,amount\n1,a,C1,2024-01-05,-3\n1,b,C1,2024-01-05,-2\n",
  };

  test.each([
    [[], "nothing was bought: of 2 rows none has an amount or quantity above 0"],
    [["--as-of", "2023-12-31"], "nothing was bought by 2023-12-31: the first row is of 2024-01-05"],
  ])("%j: says why", async (flags, message) => {
    const finished = await crmAnalyze(folderOfTest(file), "baskets", "lines.csv", ...flags);
    expectFailure(finished, 4);
    expect(finished.stderr).toContain(message);
  });
});

test("a price times a quantity above ten billion is an amount, and one that no amount holds is counted", async () => {
  const rows = [
    "R1,A,C1,2024-01-01,99999999999,3",
    "R1,B,C1,2024-01-01,2,3",
    "R2,A,C1,2024-02-01,999999999999,999999",
  ];
  const folder = folderOfTest({
    "lines.csv": ["invoice,item,customer,date,price,quantity", ...rows].join("\n"),
  });
  const finished = await crmAnalyze(folder, "baskets", "lines.csv");
  expectSuccess(finished);
  expect(finished.stderr).toContain("lines.csv: 1 row without a readable amount is in no offer");
});

test("flags that a file of baskets or a pipeline has no use for are refused", async () => {
  const folder = folderOfTest({ "lines.txt": "a,b\na,c\n" });
  const flags = ["--format", "baskets", "--currency", "EUR", "--horizon-days", "9", "--date-format", "ymd"];
  const finished = await crmAnalyze(folder, "baskets", "lines.txt", ...flags);
  expectFailure(finished, 2);
  expect(finished.stderr).toContain("--date-format, --currency, --horizon-days: not with --format baskets");
  const pipeline = await crmAnalyze(folder, "baskets", "pipeline.yml", "--format", "baskets");
  expectFailure(pipeline, 2);
  expect(pipeline.stderr).toContain("--format: for bare files only");
});

describe.concurrent("what gives no rule, or is too much", () => {
  const linesOf = (baskets: readonly (readonly string[])[]) =>
    ["basket,item", ...baskets.flatMap((items, at) => items.map((item) => `${at},${item}`))].join("\n");
  const repeated = (items: readonly string[], count: number) => Array.from({ length: count }, () => items);

  test.each([
    [
      "three items in every basket",
      repeated(["a", "b", "c"], 30),
      "Every item lies in nearly every basket (a, b, c), so that nothing is left to compare",
    ],
    [
      "null and empty items alone",
      [["a", ""], ["", ""], ["a"]],
      "No two items lie together in enough baskets of 2",
    ],
  ])("%s: a stated result", async (_, baskets, answer) => {
    const finished = await crmAnalyze(
      folderOfTest({ "lines.csv": linesOf(baskets) }),
      "baskets",
      "lines.csv",
    );
    expectSuccess(finished);
    expect(finished.stdout).toContain(answer);
  });

  test("a line without an item is no basket, and bytes in another encoding are refused", async () => {
    const folder = folderOfTest({ "receipts.txt": "a;b\n;;\n\n  ;  \na;b\nc;d\n" });
    const flags = ["--format", "baskets", "--delimiter", ";"] as const;
    const read = await crmAnalyze(folder, "baskets", "receipts.txt", ...flags, "--support", "2");
    expectSuccess(read);
    expect(read.stdout).toContain("Baskets 3");
    expect(read.stderr).toContain("3 lines without an item");
    folder.write("gb.txt", encodeGb18030("啤酒;尿布\n啤酒;牛奶\n"));
    const wrong = await crmAnalyze(folder, "baskets", "gb.txt", ...flags, "--encoding", "utf-8");
    expectFailure(wrong, 4);
    expect(wrong.stderr).toContain("gb.txt: line 1 or one below holds bytes that are not utf-8");
  });

  test("more baskets asked for than there are is said, and two floors at once are refused", async () => {
    const folder = folderOfTest({ "lines.csv": linesOf(repeated(["a", "b"], 30)) });
    const many = await crmAnalyze(folder, "baskets", "lines.csv", "--support", "31");
    expectSuccess(many);
    expect(many.stdout).toContain("A set would have to lie in 31 baskets, and there are only 30.");
    const both = await crmAnalyze(
      folder,
      ...["baskets", "lines.csv", "--min-support", "0.1", "--min-count", "5"],
    );
    expectFailure(both, 2);
    const same = await crmAnalyze(folder, "baskets", "lines.csv", "--common-share", "0.9");
    expectSuccess(same);
    expect(same.stdout).toContain("none is significant: chance makes as much of baskets of these sizes");
  });

  test("a budget too small for the baskets: refused, with what is needed", async () => {
    const folder = folderOfTest({ "lines.csv": linesOf(repeated(["a", "b"], 40_000)) });
    const finished = await crmAnalyze(folder, "baskets", "lines.csv", "--memory", "1", "--out", "r");
    expectFailure(finished, 4);
    expect(finished.stderr).toContain("memory_mb: the baskets alone take 4 MB, allowed are 1");
    expect(finished.stderr).toContain("allow 8 or more");
  });

  test("a support that the memory raised is warned of", async () => {
    const baskets = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 18 }, (_, j) => `i${(i * j) % 41}`),
    );
    const folder = folderOfTest({ "lines.csv": linesOf(baskets) });
    const finished = await crmAnalyze(folder, "baskets", "lines.csv", "--support", "1", "--memory", "1");
    expectSuccess(finished);
    expect(finished.stderr).toMatch(
      /warning: baskets: the sets did not fit 1 MB; instead of 1 basket a set has to lie in \d+\n/,
    );
    expect(finished.stdout).toContain("Allow more memory (each rule takes 4 kB)");
  });

  test("sides that no rule has with the confidence: said, and not that chance makes it", async () => {
    const folder = folderOfTest({
      "lines.csv": linesOf([
        ...repeated(["a", "b"], 5),
        ...repeated(["a", "c"], 95),
        ...repeated(["b", "d"], 95),
      ]),
    });
    const told = async (...flags: string[]) =>
      (await crmAnalyze(folder, "baskets", "lines.csv", ...flags)).stdout;
    expect(await told("--left-with", "a", "--right-with", "b")).toContain(
      "No rule with the sides asked for reaches support and a confidence of 20.0% in 195 baskets.",
    );
    expect(await told("--max-length", "2", "--min-confidence", "0.98")).toContain("The strongest: of the");
  });

  test("basket and item swapped: that all baskets are huge is in the answer", async () => {
    const rows = Array.from({ length: 600 }, (_, i) => `B${i},item ${i % 2}`);
    const folder = folderOfTest({ "lines.csv": `receipt,product\n${rows.join("\n")}\n` });
    const flags = ["--item", "receipt", "--basket", "product"];
    const swapped = await crmAnalyze(folder, "baskets", "lines.csv", ...flags);
    expectSuccess(swapped);
    expect(swapped.stdout).toContain(
      "No basket is left to compare. 2 baskets of more than 200 items are left out; columns of basket and item that are swapped look like that.",
    );
    const kept = await crmAnalyze(
      folder,
      "baskets",
      "lines.csv",
      ...flags,
      "--huge-baskets",
      "cut",
      "--memory",
      "8",
    );
    expect(kept.stdout).not.toContain("look like that");
    const common = rows.map((_, i) => `B${i},x\nB${i},y`);
    folder.write("lines.csv", `receipt,product\n${common.join("\n")}\n`);
    const cut = await crmAnalyze(folder, "baskets", "lines.csv", ...flags);
    expect(cut.stdout).toMatch(/Every item lies in nearly every basket \(B0, B1, B10, [^)]+, B106, …\), so/);
  });

  test("huge baskets are cut or left out by flags, and counted", async () => {
    const huge = Array.from({ length: 9 }, (_, i) => `item ${i}`);
    const folder = folderOfTest({
      "lines.csv": linesOf([huge, ...repeated(["a", "b", "c"], 20), ["a", "d"]]),
    });
    const flags = ["--huge-basket-items", "4", "--support", "5", "--right-without", "c"];
    const left = await crmAnalyze(folder, "baskets", "lines.csv", ...flags, "--all-rules");
    expectSuccess(left);
    expect(left.stdout).toContain("1 basket of more than 4 items is left out");
    expect(left.stdout).toContain("A set counts from 5 baskets on");
    const cut = await crmAnalyze(folder, "baskets", "lines.csv", ...flags, "--huge-baskets", "cut");
    expect(cut.stdout).toContain("1 basket of more than 4 items is cut to its commonest items");
  });
});

test("of more than 2,000 rules shown, the strongest alone are held against every customer, which is said", async () => {
  const folder = folderOfTest();
  const rows = Array.from({ length: 300 }, (_, i) =>
    Array.from({ length: 60 }, (_, item) => item)
      .filter((item) => (item + 3) % 7 > 0)
      .filter((item) => (i * (item + 3)) % 7 < 4)
      .map((item) => `R${i},item ${item},C${i},2025-05-05`),
  );
  folder.write("lines.csv", `receipt,item,customer,date\n${rows.flat().join("\n")}\n`);
  const asked = ["--all-rules", "--max-length", "2", "--min-confidence", "0.01", "--min-support", "0.01"];
  expectSuccess(await crmAnalyze(folder, "baskets", "lines.csv", ...asked, "--out", "results"));
  const [card] = JSON.parse(folder.read("results/models.json")) as { readonly [field: string]: unknown }[];
  expect(card).toMatchObject({ shown_rule_count: 52 * 51, valued_rule_count: 2000 });
  const open = readRows(folder, "results/rules.csv").map(({ open_customers }) => open_customers);
  expect(open.indexOf("")).toBe(2000);
  expect(folder.read("results/report.html")).toContain(
    "was counted for the 2,000 rules with the highest lift; for the others that is empty",
  );
});

test.skipIf(!HAS_GROCERIES)(
  "Groceries as a file: the rules of arules 1.7-10 (skipped where the reference is not at hand)",
  async () => {
    const { lists, names } = groceries();
    const rows = lists.flatMap((list, receipt) => list.map((item) => `${receipt + 1},"${names[item]!}"`));
    const folder = folderOfTest({ "groceries.csv": `tid,item\n${rows.join("\n")}\n` });
    expectSuccess(
      await crmAnalyze(
        folder,
        "baskets",
        "groceries.csv",
        "--min-support",
        "0.01",
        "--min-confidence",
        "0.5",
        "--all-rules",
        "--out",
        "r",
      ),
    );
    const rules = parse(folder.read("r/rules.csv"), { columns: true }) as Record<string, string>[];
    const expected = arulesJobs()
      .find(({ support }) => support === 0.01)!
      .rules.find(({ confidence }) => confidence === 0.5)!;
    expect(
      rules.map(({ antecedent, consequent, basket_count }) => [antecedent, consequent, Number(basket_count)]),
    ).toEqual(expected.top20_by_lift.map(({ lhs, rhs, count }) => [lhs, rhs, count]));
    expect(readRows(folder, "r/itemsets.csv")).toHaveLength(333);
  },
);

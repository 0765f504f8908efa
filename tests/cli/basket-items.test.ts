import { describe, expect, test } from "vitest";
import {
  countedInputs,
  crmAnalyze,
  expectFailure,
  expectSuccess,
  folderOfTest,
  readRows,
  type TemporaryFolder,
} from "./process.js";

/** What of the items in baskets 0 to 39: T1 with W1 in half of them, cups in the others. */
const HALVES = Array.from({ length: 40 }, (_, basket) =>
  basket % 2 === 0
    ? [`${basket},T1`, `${basket},W1`]
    : [`${basket},C${basket % 4 < 2 ? 1 : 2}`, `${basket},L1`],
).flat();

describe("codes with a column of names", () => {
  const names: Readonly<Record<string, string>> = { W1: "竹茶筅", C1: "Cup", C2: "Cup" };
  /** Tea is called so on most rows; the lid by two names as often as each other, and once not at all. */
  const rows = HALVES.map((row, at) => {
    const code = row.split(",")[1]!;
    const tea = at < 6 ? "a tea" : "Green tea";
    const lid = at === 3 || at === 7 ? "" : at % 8 === 3 ? "Lid, round" : "Lid";
    return `${row},"${names[code] ?? (code === "T1" ? tea : lid)}"`;
  });

  test.each([
    ["Invoice,Description,StockCode", "item: StockCode; name: Description"],
    ["发票号,商品描述,商品编码", "item: 商品编码, as given; name: 商品描述"],
    ["Belegnr,Bezeichnung,Artikelnr", "item: Artikelnr; name: Bezeichnung"],
  ])("%s: people read names, files keep codes", async (headings, told) => {
    const swapped = rows.map((row) => row.replace(/^(\d+),(\w+),(.*)$/, "$1,$3,$2"));
    const folder = folderOfTest({ "lines.csv": [headings, ...swapped].join("\n") });
    const item = headings.split(",")[2]!;
    const given = headings.startsWith("发票") ? ["--item", item] : [];
    const sides = ["--right-with", "竹茶筅", "--exclude", "C1"];
    const finished = await crmAnalyze(folder, "baskets", "lines.csv", ...given, ...sides, "--out", "r");
    expectSuccess(finished);
    expect(finished.stderr).toContain(told);
    expect(finished.stdout).toContain("of the baskets with Green tea, 100.0% have 竹茶筅 too");
    expect(finished.stdout).toContain("Left out as set: Cup (C1)");
    expect(readRows(folder, "r/rules.csv")).toMatchObject([{ antecedent: "T1", consequent: "W1" }]);
    expect(readRows(folder, "r/itemsets.csv").map(({ itemset }) => itemset)).toContain("C2 + L1");
    expect(folder.read("r/report.html")).toContain("Green tea");
  });

  test("an item is called by the name most of its rows have, the least by bytes of several", async () => {
    const folder = folderOfTest({ "lines.csv": ["Invoice,StockCode,Description", ...rows].join("\n") });
    const finished = await crmAnalyze(folder, "baskets", "lines.csv", "--all-rules", "--right-with", "L1");
    expectSuccess(finished);
    expect(finished.stdout).toMatch(/^Cup \(C1\) +Lid /m);
    expect(finished.stdout).toMatch(/^Cup \(C2\) +Lid /m);
  });

  test("offers have the key and the name", async () => {
    const dated = rows.map((row, at) => `${row},C${at % 10},2025-01-${10 + (at % 20)}`);
    const headings = "Invoice,StockCode,Description,Customer,Date";
    const folder = folderOfTest({ "lines.csv": [headings, ...dated].join("\n") });
    expectSuccess(await crmAnalyze(folder, "baskets", "lines.csv", "--out", "r"));
    const offered = readRows(folder, "r/next-best.csv").map(
      (row) => `${row["product_key"]} ${row["product_name"]}`,
    );
    expect(new Set(offered)).toContain("T1 Green tea");
    expect(new Set(offered)).toContain("C1 Cup (C1)");
    const flags = ["--leave-out", "Green tea", "Lids", "--exclude", "Cup", "--offers", "10", "--out", "r"];
    const { stderr } = await crmAnalyze(folder, "baskets", "lines.csv", ...flags);
    expect(stderr).toContain("leave_out Lids (→ Lid?): never sold");
    expect(stderr).not.toContain("leave_out Green tea");
    const keys = readRows(folder, "r/next-best.csv").map((row) => row["product_key"]);
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => ["T1", "C1", "C2"].includes(key!))).toEqual([]);
    expect(stderr).not.toContain("excluded_items");
    expect(readRows(folder, "r/itemsets.csv").map(({ itemset }) => itemset)).not.toContain("C1");
  });

  test("a name that is asked for as the item is the item", async () => {
    const folder = folderOfTest({ "lines.csv": ["Invoice,StockCode,Description", ...rows].join("\n") });
    const flags = ["--item", "Description", "--out", "r"];
    expectSuccess(await crmAnalyze(folder, "baskets", "lines.csv", ...flags));
    expect(readRows(folder, "r/itemsets.csv").map(({ itemset }) => itemset)).toContain("Cup + Lid");
  });
});

test("rules.csv has what the report has: the interval of the lift, money, and customers without the right side", async () => {
  const customers = [...HALVES, "40,T1", "41,W1"].map((row, at) => {
    const basket = Number(row.split(",")[0]);
    return `${row},K${basket},2025-01-${10 + (basket % 20)},${at + 1}`;
  });
  const folder = folderOfTest({
    "lines.csv": ["order,item,customer,date,amount", ...customers].join("\n"),
  });
  expectSuccess(await crmAnalyze(folder, "baskets", "lines.csv", "--left-with", "T1", "--out", "r"));
  const [rule] = readRows(folder, "r/rules.csv");
  expect(Object.keys(rule!).slice(-4)).toEqual([
    "lift_low",
    "lift_high",
    "margin_per_hundred",
    "open_customers",
  ]);
  expect(rule).toMatchObject({ antecedent: "T1", consequent: "W1", basket_count: "20", open_customers: "1" });
  /** W1 brought 2, 6, … 78 and 82: 42 on the average; 20 of 21 with T1 have it. */
  expect(Number(rule!["margin_per_hundred"])).toBeCloseTo((100 * 20 * 42) / 21, 6);
  expect(Number(rule!["lift"])).toBeGreaterThan(Number(rule!["lift_low"]));
  expect(Number(rule!["lift"])).toBeLessThan(Number(rule!["lift_high"]));
});

describe("what a basket of a bare file is", () => {
  /** Forty customers with two orders of a day, one a week later, one forty days later. */
  const rows = Array.from({ length: 40 }, (_, i) => [
    `${i}a,Tea,K${i},2025-01-01`,
    `${i}b,Cup,K${i},2025-01-01`,
    `${i}c,Whisk,K${i},2025-01-08`,
    `${i}d,${i % 2 === 0 ? "Lid" : "Pot"},K${i},2025-02-10`,
  ]).flat();
  const file = { "lines.csv": ["order,item,customer,date", ...rows].join("\n") };

  test.each([
    ["order", 160, []],
    ["customer_day", 120, ["Cup + Tea"]],
    ["customer_window", 80, ["Cup + Tea", "Cup + Whisk", "Tea + Whisk", "Cup + Tea + Whisk"]],
    ["customer", 40, ["Cup + Lid", "Pot + Tea"]],
  ] as const)("%s: %i baskets, with sequences and offers", async (by, count, sets) => {
    const folder = folderOfTest(file);
    const flags = ["--by", by, "--common-share", "1", "--out", "r"];
    const finished = await crmAnalyze(folder, "baskets", "lines.csv", ...flags);
    expectSuccess(finished);
    expect(finished.stdout).toContain(`Baskets ${count} · `);
    const found = readRows(folder, "r/itemsets.csv").filter(({ item_count }) => item_count !== "1");
    expect(found.map(({ itemset }) => itemset)).toEqual(expect.arrayContaining([...sets]));
    if (by !== "customer") expect(found).toHaveLength(sets.length);
    expect(readRows(folder, "r/next-best.csv").length).toBeGreaterThan(0);
    expect(folder.read("r/sequences.csv")).toContain("first_item");
  });

  test.each([
    [
      [],
      41,
      ["Cup + Tea", "Lid + Pot"],
      "20 basket numbers are of several customers, and count as a basket of each",
    ],
    [
      ["--basket", "order"],
      21,
      ["Cup + Lid"],
      "20 baskets are of several customers, and stand as --basket says",
    ],
  ])("a number of several customers, with %j: %i baskets", async (...[flags, count, sets, said]) => {
    const shared = Array.from({ length: 20 }, (_, i) => [
      ...[`${i},Tea,K${i}`, `${i},Cup,K${i}`, `${i},Lid,L${i}`, `${i},Pot,L${i}`],
    ]).flat();
    const folder = folderOfTest({ "l.csv": ["order,item,customer", ...shared, "20,Tea,K1"].join("\n") });
    const finished = await crmAnalyze(
      folder,
      "baskets",
      "l.csv",
      "--common-share",
      "1",
      ...flags,
      "--out",
      "r",
    );
    expectSuccess(finished);
    expect(finished.stdout).toContain(`Baskets ${count} · `);
    expect(finished.stderr).toContain(`warning: l.csv: ${said}`);
    const pairs = readRows(folder, "r/itemsets.csv").filter(({ item_count }) => item_count === "2");
    expect(pairs.map(({ itemset }) => itemset)).toEqual(expect.arrayContaining(sets));
    if (flags.length === 0) expect(pairs).toHaveLength(sets.length);
  });

  test("windows are counted back from the last day, as long as asked", async () => {
    const flags = ["--by", "customer_window", "--window-days", "41", "--common-share", "1"];
    const finished = await crmAnalyze(folderOfTest(file), "baskets", "lines.csv", ...flags);
    expect(finished.stdout).toContain("Baskets 40 · ");
    expect(finished.stdout).toContain("A basket is what a customer bought in 41 days");
  });

  test.each([
    [
      ["--basket", "customer", "--customer", "customer"],
      "for all of a customer as one basket: --by customer",
    ],
    [["--basket", "order", "--by", "customer"], "--basket order: not with --by customer"],
    [["--item", "Item", "--basket", "ordre"], "found order, item, customer, date; did you mean order?"],
    [
      ["--item", "Item"],
      "--item Item: no such column in lines.csv; found order, item, customer, date; did you mean item?",
    ],
    [["--window-days", "7"], "--window-days: only with --by customer_window"],
  ])("%j is refused, with the cure", async (flags, message) => {
    const finished = await crmAnalyze(folderOfTest(file), "baskets", "lines.csv", ...flags);
    expectFailure(finished, 2);
    expect(finished.stderr).toContain(message);
  });
});

test("items that hold what joins the items of a set are warned of, with how many they are", async () => {
  const rows = HALVES.map((row) =>
    row.replace("T1", "Beans + Milk").replace("W1", "A + B").replace("L1", "A+B"),
  );
  const folder = folderOfTest({ "lines.csv": ["order,item", ...rows].join("\n") });
  const english = await crmAnalyze(folder, "baskets", "lines.csv");
  expect(english.stderr).toContain('2 items hold " + " themselves (A + B)');
  const chinese = await crmAnalyze(folder, "baskets", "lines.csv", "--lang", "zh");
  expect(chinese.stderr).toContain("有 2 个商品的名称本身含有“ + ”（A + B）");
});

describe("what is sold and taken back on one order", () => {
  /** Forty orders of tea and a whisk, of which twenty took the whisk back, the last five at another price. */
  const rows = Array.from({ length: 40 }, (_, i) => [
    [`${i}`, "Tea", `K${i}`, "2025-01-01", 1, 10],
    [`${i}`, "Whisk", `K${i}`, "2025-01-01", 2, 20],
    ...(i < 20 ? [[`${i}`, "Whisk", `K${i}`, "2025-01-03", -2, i < 15 ? -20 : -16]] : []),
    ...(i === 0 ? [["r", "Tea", "K0", "2025-01-09", -1, -10]] : []),
    ...(i === 39 ? [["39", "Whisk", "K39", "2025-01-01", -1, -10]] : []),
  ]).flat();
  const headings = ["order", "item", "customer", "date", "quantity", "amount"];
  const whole = [0, 1, 2, 3, 4, 5];
  const csvOf = (columns: readonly number[], cells: typeof rows) =>
    [headings, ...cells].map((row) => columns.map((column) => row[column]).join(",")).join("\n");
  const answered = async (columns: readonly number[], cells = rows, ...flags: readonly string[]) => {
    const folder = folderOfTest({ "lines.csv": csvOf(columns, cells) });
    const finished = await crmAnalyze(
      folder,
      "baskets",
      "lines.csv",
      "--common-share",
      "1",
      "--out",
      "r",
      ...flags,
    );
    expectSuccess(finished);
    return folder;
  };
  const setsOf = (folder: TemporaryFolder) =>
    readRows(folder, "r/itemsets.csv").map(({ itemset, basket_count }) => `${itemset} ${basket_count}`);

  test.each([
    ["quantities and amounts", whole, 20],
    ["quantities alone", [0, 1, 2, 3, 4], 20],
    ["neither customers nor days", [0, 1, 4], 20],
    ["amounts alone, of which some net to more than nothing", [0, 1, 2, 3, 5], 25],
  ] as const)("is in no basket, with %s", async (_, columns, count) => {
    expect(setsOf(await answered(columns))).toEqual(
      expect.arrayContaining([`Tea 40`, `Whisk ${count}`, `Tea + Whisk ${count}`]),
    );
  });

  test("is given back for the sum of rows, and no purchase; a return on a later document takes nothing out", async () => {
    const folder = await answered(whole);
    const [input] = countedInputs(folder, "r");
    expect(input).toMatchObject({ rows_in: 102, rows_staged: 60, rows_rejected: 0 });
    const offers = folder.read("r/next-best.csv");
    const isKept = (row: readonly unknown[]) => row[1] !== "Whisk" || Number(row[0]) >= 20;
    const kept = await answered(whole, rows.filter(isKept));
    expect(kept.read("r/next-best.csv")).toBe(offers);
    expect(offers).toContain("Whisk");
  });

  test("of a customer's days, what is taken back two days later stays", async () => {
    const days = await answered(whole, rows, "--by", "customer_day");
    expect(setsOf(days)).toContain("Tea + Whisk 40");
  });
});

test("rows that stand twice are warned of, and no row that differs in one column read", async () => {
  const dated = HALVES.map((row, at) => `${row},K${at % 10},2025-01-${10 + (at % 20)},${at}`);
  const lines = ["order,item,customer,date,amount", ...dated];
  const folder = folderOfTest({
    "once.csv": [...lines, dated[0]!.replace(/0$/, "1")].join("\n"),
    "twice.csv": [...lines, ...dated].join("\n"),
  });
  const told = async (file: string, ...flags: readonly string[]) =>
    (await crmAnalyze(folder, "baskets", file, ...flags)).stderr;
  expect(await told("once.csv")).not.toContain("repeat");
  expect(await told("twice.csv")).toContain("twice.csv: 80 rows repeat another in every column read");
  expect(await told("twice.csv", "--lang", "zh")).toContain("有 80 行在所读各列上与另一行完全相同");
});

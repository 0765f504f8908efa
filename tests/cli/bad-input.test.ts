import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { LAST_DAY, ordersCsv, shopOrders } from "./orders.js";
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

const SHOP = ordersCsv(shopOrders());
const ROW_COUNT = shopOrders().length;

const published = makeFolder();
beforeAll(async () => {
  published.write("orders.csv", SHOP);
  expectSuccess(await crmAnalyze(published, "rfm", "orders.csv", "--out", "results"));
});

/** A folder with these files and, in `results`, what an earlier command wrote. */
function folderWithResults(files: Readonly<Record<string, string | Uint8Array>>): TemporaryFolder {
  const folder = folderOfTest(files);
  cpSync(published.at("results"), folder.at("results"), { recursive: true });
  return folder;
}

/** `rfm` on the files, over an earlier result: it must fail and change nothing on disk. */
async function refused(
  folder: TemporaryFolder,
  exitCode: number,
  ...[file, ...flags]: [string, ...string[]]
): Promise<string> {
  const before = folder.contents();
  const finished = await crmAnalyze(folder, "rfm", file, ...flags, "--out", "results");
  expectFailure(finished, exitCode);
  expect(folder.contents(), "what is on disk").toEqual(before);
  return finished.stderr;
}

/** `rfm` on one file, written to `results`; every row must be accounted for. */
async function accepted(folder: TemporaryFolder, ...args: string[]): Promise<Finished> {
  const finished = await crmAnalyze(folder, "rfm", ...args, "--out", "results");
  expectSuccess(finished);
  countedInputs(folder, "results");
  expect(Object.keys(folder.contents()).filter((name) => name.startsWith(".tmp/"))).toEqual([]);
  return finished;
}

const orderOf = (folder: TemporaryFolder, customer: string) =>
  readRows(folder, "results/rfm.csv").find((row) => row["customer_key"] === customer);

describe.concurrent("a file that cannot be read at all", () => {
  test("missing, one of several: exit 2, named", async () => {
    const folder = folderWithResults({ "orders.csv": SHOP });
    expect(await refused(folder, 2, "orders.csv", "nowhere.csv")).toMatch(/nowhere\.csv: no such file/);
  });

  test("a directory: exit 2, named as a folder", async () => {
    const folder = folderWithResults({});
    mkdirSync(folder.at("orders.csv"));
    expect(await refused(folder, 2, "orders.csv")).toMatch(/orders\.csv: is a folder, not a file/);
  });

  test("empty: exit 4", async () => {
    const folder = folderWithResults({ "orders.csv": "" });
    expect(await refused(folder, 4, "orders.csv")).toMatch(/orders\.csv: the file is empty/);
  });

  test("nothing but blank lines: exit 4", async () => {
    const folder = folderWithResults({ "orders.csv": "\n\n\n" });
    expect(await refused(folder, 4, "orders.csv")).toMatch(/orders\.csv.*(empty|no headings)/);
  });

  test("headings and no rows: exit 4", async () => {
    const folder = folderWithResults({ "orders.csv": ordersCsv([]) });
    expect(await refused(folder, 4, "orders.csv")).toMatch(/orders\.csv: headings, but no rows/);
  });

  test("text called .parquet, and an old .xls: exit 4, named, with the cure", async () => {
    const workbook = Buffer.from("d0cf11e0a1b11ae10000000000000000", "hex");
    const folder = folderWithResults({ "orders.parquet": SHOP, "orders.xls": workbook });
    expect(await refused(folder, 4, "orders.parquet")).toMatch(
      /orders\.parquet: cannot be read as a Parquet file[^]*export it as CSV/,
    );
    expect(await refused(folder, 4, "orders.xls")).toMatch(/orders\.xls: an old \.xls[^]*save it as \.xlsx/);
  });

  test("a workbook that is none: exit 4, with the cure", async () => {
    const folder = folderWithResults({ "orders.xlsx": SHOP });
    expect(await refused(folder, 4, "orders.xlsx")).toMatch(
      /orders\.xlsx: cannot be read as \.xlsx[^]*save it/,
    );
  });

  test("a quote left open: exit 4, with file and line", async () => {
    const folder = folderWithResults({
      "orders.csv": ordersCsv(shopOrders(), '"C99,2025-01-05,10', "C98,2025-01-06,9"),
    });
    const stderr = await refused(folder, 4, "orders.csv");
    expect(stderr).toContain(`orders.csv:${ROW_COUNT + 2}: a quote is opened and never closed`);
    expect(stderr).toMatch(/close the quote/);
  });

  test("a quote that ends in mid-cell: exit 4, with file and line", async () => {
    const folder = folderWithResults({ "orders.csv": ordersCsv(shopOrders(), '"C"99,2025-01-05,10') });
    expect(await refused(folder, 4, "orders.csv")).toContain(`orders.csv:${ROW_COUNT + 2}: a quote ends`);
  });
});

describe.concurrent("headings", () => {
  test("no column looks like an order's: exit 2, all three roles told at once with what was found", async () => {
    const folder = folderWithResults({ "orders.csv": "colour,shape\nred,round\nblue,square\n" });
    const stderr = await refused(folder, 2, "orders.csv");
    for (const role of ["customer", "date", "amount"])
      expect(stderr).toContain(`no column looks like the ${role}`);
    expect(stderr).toContain("found colour, shape");
    expect(stderr).toContain("--customer COLUMN");
  });

  test("the amount missing: exit 2, that role alone", async () => {
    const folder = folderWithResults({
      "orders.csv": "customer_id,order_date\nC1,2025-01-02\nC2,2025-01-03\n",
    });
    const stderr = await refused(folder, 2, "orders.csv");
    expect(stderr).toContain("no column looks like the amount; found customer_id, order_date");
    expect(stderr).not.toContain("looks like the customer");
  });

  test("a column named that is not there: exit 2, with the flag, the file and what was found", async () => {
    const folder = folderWithResults({ "orders.csv": SHOP });
    expect(await refused(folder, 2, "orders.csv", "--customer", "Klient")).toContain(
      "--customer Klient: no such column in orders.csv; found customer_id, order_date, amount",
    );
  });
});

/** Rows that cannot be read, each with the reason that rejects.csv must give; the good row below each is told by its customer. */
const UNREADABLE = [
  { what: "ragged: too few cells", row: "R1,2025-01-05", column: "amount", value: "", reason: /missing|few/ },
  { what: "ragged: too many cells", row: "R2,2025-01-07,9,8,7", column: "", value: "", reason: /many/ },
  {
    what: "a day that does not exist",
    row: "R3,2025-02-30,9",
    column: "order_date",
    value: "2025-02-30",
    reason: /not a date that exists/,
  },
  {
    what: "a month that does not exist",
    row: "R4,2025-13-01,9",
    column: "order_date",
    value: "2025-13-01",
    reason: /not a date that exists/,
  },
  {
    what: "an amount that is no number, a formula made harmless",
    row: "R5,2025-01-06,=1+1",
    column: "amount",
    value: "'=1+1",
    reason: /not a number/,
  },
  { what: "no customer", row: ",2025-01-06,9", column: "customer_id", value: "", reason: /missing/ },
  {
    what: "a 10 MB cell",
    row: `${"x".repeat(10 * 1024 * 1024)},2025-01-05,10`,
    column: "",
    value: "",
    reason: /size|long|large/,
  },
  {
    what: "bytes that are not UTF-8, far into a UTF-8 file",
    row: "R?,2025-01-06,9",
    column: "customer_id",
    value: "R\ufffd",
    reason: /encoding|utf-8/i,
  },
] as const;

describe.concurrent("rows that cannot be read go to rejects.csv with line, column, value and reason", () => {
  const folder = makeFolder();
  const good = shopOrders(80);
  let stdout = "";
  beforeAll(async () => {
    const rows = UNREADABLE.flatMap(({ row }, i) => [row, `G${i},2025-01-06,9`]);
    const bytes = Buffer.from(ordersCsv(good, ...rows));
    bytes[bytes.indexOf("?")] = 0xff;
    folder.write("orders.csv", bytes);
    ({ stdout } = await accepted(folder, "orders.csv"));
  });

  test.each(UNREADABLE.map((unreadable, i) => [unreadable.what, { ...unreadable, i }] as const))(
    "%s",
    (_, { i, column, value, reason }) => {
      const line = `${good.length + 2 + 2 * i}`;
      const rejects = readRows(folder, "results/rejects.csv").filter((row) => row["line_number"] === line);
      expect(rejects).toMatchObject([{ file: "orders.csv", column_name: column, value }]);
      expect(rejects[0]!["reason"]).toMatch(reason);
      expect(orderOf(folder, `G${i}`), "the row below").toMatchObject({ order_count: "1" });
    },
  );

  test("nothing else is rejected, and the answer on the terminal counts them", () => {
    const [rejected, used] = [UNREADABLE.length, good.length + UNREADABLE.length];
    expect(readRows(folder, "results/rejects.csv")).toHaveLength(rejected);
    expect(readRows(folder, "results/rfm.csv").filter((row) => /^(R|x)/.test(row["customer_key"]!))).toEqual(
      [],
    );
    expect(stdout).toContain(
      `${rejected + used} rows read: ${used} used, 0 left out by a rule, ${rejected} rejected`,
    );
    expect(stdout).toMatch(/orders\.csv order_date: not a date that exists.*2/);
  });
});

describe.concurrent("an export gone wrong", () => {
  test("too many of them: exit 4, with counts, the limit, and the line and column of a sample", async () => {
    const bad = Array.from({ length: 30 }, (_, i) => `C${i},2025-02-30,9`);
    const folder = folderWithResults({ "orders.csv": ordersCsv(shopOrders(), ...bad) });
    const stderr = await refused(folder, 4, "orders.csv");
    expect(stderr).toMatch(
      new RegExp(
        `orders.csv: 30 of ${ROW_COUNT + 30} rows rejected \\([\\d.]+ %\\), more than the 5 % allowed`,
      ),
    );
    expect(stderr, "a sample").toContain(`orders.csv:${ROW_COUNT + 2}`);
    expect(stderr, "its column").toContain("order_date");
    expect(stderr, "its value").toContain("2025-02-30");
  });
});

describe.concurrent("dates", () => {
  test("that can be read in two ways: exit 2, with one of them and the flag that settles it", async () => {
    const folder = folderWithResults({
      "orders.csv": "customer_id,order_date,amount\nC1,01/02/2025,9\nC2,03/04/2025,9\n",
    });
    const stderr = await refused(folder, 2, "orders.csv");
    expect(stderr).toContain("orders.csv: dates such as 01/02/2025 can be read in two ways");
    expect(stderr).toContain("--date-format dmy");
  });

  test("no order on or before the as-of date: exit 4, with the date and the flag", async () => {
    const folder = folderWithResults({ "orders.csv": SHOP });
    const stderr = await refused(folder, 4, "orders.csv", "--as-of", "2019-12-31");
    expect(stderr).toContain("no customer has an order on or before 2019-12-31");
    expect(stderr).toContain("--as-of");
  });

  test("in the future are left out, counted and warned of, and change no score", async () => {
    const folder = folderOfTest();
    const planted = ["C01,2026-01-01,99999", "C02,2026-07-01,99999", "C99,2027-01-01,5"];
    folder.write("orders.csv", ordersCsv(shopOrders(), ...planted));
    const { stderr } = await accepted(folder, "orders.csv", "--as-of", LAST_DAY);
    expect(stderr).toContain(
      `3 rows dated after ${LAST_DAY} stand among the rows used, but count for nothing`,
    );
    expect(folder.read("results/rfm.csv")).toBe(published.read("results/rfm.csv"));
    const { warnings } = JSON.parse(folder.read("results/run.json")) as { warnings: string[] };
    expect(warnings.join()).toContain("3 rows dated after");
  });

  test("one far beyond all others is doubted when it becomes the as-of date", async () => {
    const folder = folderWithResults({ "orders.csv": ordersCsv(shopOrders(), "C01,2099-12-31,5") });
    const { stderr } = await accepted(folder, "orders.csv", "--bins", "4");
    expect(stderr).toMatch(/warning: as of 2099-12-31.*2025-12-31.*--as-of/);
    expect(orderOf(folder, "C01"), "the earlier results are replaced").toMatchObject({ recency_days: "0" });
  });
});

describe.concurrent("amounts", () => {
  test("below zero are returns, no orders, and take money away; zero is an order; without order numbers every row is one", async () => {
    const more = [
      "P1,2025-06-01,10",
      "P1,2025-06-05,-4",
      "Z1,2025-06-01,0",
      "N1,2025-06-01,-5",
      "Q1,2025-06-01,10",
      "Q1,2025-06-09,-15",
      "D1,2025-06-01,7",
      "D1,2025-06-01,7",
    ];
    const folder = folderOfTest({ "orders.csv": ordersCsv(shopOrders(), ...more) });
    const { stderr } = await accepted(folder, "orders.csv", "--as-of", LAST_DAY);
    expect(stderr).toContain("order: none, so every row is an order (--order COLUMN)");
    expect(orderOf(folder, "D1")).toMatchObject({ order_count: "2" });
    const money = (customer: string) => Number(orderOf(folder, customer)!["total_amount"]);
    expect(orderOf(folder, "P1")).toMatchObject({ order_count: "1", recency_days: "213" });
    expect(money("P1")).toBe(6);
    expect(orderOf(folder, "Z1")).toMatchObject({ order_count: "1" });
    expect(money("Z1")).toBe(0);
    expect(orderOf(folder, "N1"), "a customer with returns alone").toBeUndefined();
    expect(orderOf(folder, "Q1")!["total_amount"]).toMatch(/^-5(\.0+)?$/);
  });

  test("lines below zero lessen their order and are no order of their own", async () => {
    const lines =
      "order_id,customer_id,order_date,amount\nO1,C1,2025-01-02,10\nO1,C1,2025-01-02,-3\nO2,C1,2025-02-02,5\nO3,C2,2025-02-03,8\nR1,C2,2025-02-04,-8\n";
    const folder = folderOfTest({ "lines.csv": lines });
    await accepted(folder, "lines.csv");
    expect(orderOf(folder, "C1")).toMatchObject({ order_count: "2" });
    expect(Number(orderOf(folder, "C1")!["total_amount"])).toBe(12);
    expect(orderOf(folder, "C2")).toMatchObject({ order_count: "1", recency_days: "1" });
    expect(Number(orderOf(folder, "C2")!["total_amount"])).toBe(0);
  });
});

test("a copy of a file, and the same path twice, are detected and not counted twice", async () => {
  const folder = folderOfTest({ "a.csv": SHOP, "b.csv": SHOP });
  const { stderr } = await accepted(folder, "a.csv", "b.csv", "a.csv");
  expect(stderr).toMatch(/b\.csv: the same bytes as .*a\.csv; not counted twice/);
  expect(folder.read("results/rfm.csv")).toBe(published.read("results/rfm.csv"));
});

describe.concurrent("bases too small or too even for five scores", () => {
  test("one customer with one order", async () => {
    const folder = folderOfTest({ "orders.csv": "customer_id,order_date,amount\nC1,2025-01-02,10\n" });
    const { stdout } = await accepted(folder, "orders.csv");
    expect(readRows(folder, "results/rfm.csv")).toHaveLength(1);
    expect(stdout).not.toMatch(/NaN|undefined|null/);
  });

  test("customers who are all alike get the same scores and the same segment", async () => {
    const rows = Array.from({ length: 12 }, (_, i) => `C${i},2025-01-02,10`);
    const folder = folderOfTest({ "orders.csv": ordersCsv([], ...rows) });
    await accepted(folder, "orders.csv");
    const scores = readRows(folder, "results/rfm.csv").map((row) =>
      ["recency_score", "frequency_score", "monetary_score", "segment"].map((name) => row[name]).join(),
    );
    expect(scores).toHaveLength(12);
    expect(new Set(scores).size).toBe(1);
  });
});

describe.concurrent("a place that cannot be written", () => {
  test("below a regular file: exit 5", async () => {
    const folder = folderOfTest({ "orders.csv": SHOP, plain: "text" });
    const before = folder.contents();
    const finished = await crmAnalyze(folder, "rfm", "orders.csv", "--out", "plain/results");
    expectFailure(finished, 5);
    expect(finished.stderr).toMatch(/plain: cannot be written[^]*--out/);
    expect(folder.contents()).toEqual(before);
  });

  test("a regular file itself: exit 2 or 5, and the file stays", async () => {
    const folder = folderOfTest({ "orders.csv": SHOP, plain: "text" });
    const before = folder.contents();
    const finished = await crmAnalyze(folder, "rfm", "orders.csv", "--out", "plain");
    expectFailure(finished, finished.exitCode === 2 ? 2 : 5);
    expect(finished.stderr).toContain("plain");
    expect(folder.contents()).toEqual(before);
  });

  test("a folder with files of other people: exit 2, and they stay", async () => {
    const folder = folderOfTest({ "orders.csv": SHOP });
    mkdirSync(folder.at("mine"));
    writeFileSync(folder.at("mine", "thesis.txt"), "years of work");
    const before = folder.contents();
    const finished = await crmAnalyze(folder, "rfm", "orders.csv", "--out", "mine");
    expectFailure(finished, 2);
    expect(finished.stderr).toMatch(/mine: the folder holds files that are not a run's: thesis\.txt/);
    expect(folder.contents()).toEqual(before);
  });

  test("the results of another question, or the runs of a pipeline: exit 2, and they stay", async () => {
    const folder = folderWithResults({ "orders.csv": SHOP, "runs/2025-11-30/run.json": "{}" });
    const before = folder.contents();
    const finished = await crmAnalyze(folder, "value", "orders.csv", "--out", "results");
    expectFailure(finished, 2);
    expect(finished.stderr).toMatch(/results: holds the results of rfm, which those of value would replace/);
    expect(finished.stderr).toContain("--out results-value");
    const ofPipeline = await crmAnalyze(folder, "value", "orders.csv", "--out", "runs");
    expectFailure(ofPipeline, 2);
    expect(ofPipeline.stderr).toMatch(/runs: the folder holds the runs of a pipeline/);
    expect(folder.contents()).toEqual(before);
  });
});

describe.concurrent("settings", () => {
  test.each([
    ["--bins", "11", /bins.*10/],
    ["--bins", "many", /--bins.*whole number/],
    ["--window", "0", /window.*1/],
    ["--as-of", "2025-02-30", /--as-of.*day that exists/],
    ["--method", "guess", /--method.*quantile, ntile, fixed/],
    ["--method", "fixed", /cut_points: needed.*--recency-cuts, --frequency-cuts and --monetary-cuts/],
    ["--recency-cuts", "30,90", /^error: --frequency-cuts, --monetary-cuts: missing$/m],
    ["--monetary-cuts", "30,90", /^error: --recency-cuts, --frequency-cuts: missing$/m],
    ["--recency-cuts", "30,soon", /--recency-cuts.*numbers divided by commas/],
    ["--monetary", "median", /--monetary.*total, average/],
    ["--date-format", "mixed", /--date-format.*ymd, dmy, mdy/],
    ["--lang", "fr", /--lang.*en, zh/],
    ["--currency", "euro", /--currency.*EUR|--currency.*three/],
    ["--out", "", /--out/],
  ])("%s %s: exit 2, with the values allowed", async (flag, value, message) => {
    const folder = folderOfTest({ "orders.csv": SHOP });
    const before = folder.contents();
    const finished = await crmAnalyze(folder, "rfm", "orders.csv", flag, value);
    expectFailure(finished, 2);
    expect(finished.stderr).toMatch(message);
    expect(folder.contents()).toEqual(before);
  });

  test("margin on orders whose cost nobody told: exit 4 or an answer, but no crash", async () => {
    const folder = folderOfTest({ "orders.csv": SHOP });
    const finished = await crmAnalyze(folder, "rfm", "orders.csv", "--money", "margin");
    if (finished.exitCode !== 0) expectFailure(finished, 4);
    expect(finished.stdout).not.toMatch(/NaN|undefined/);
    expect(finished.stdout + finished.stderr).toMatch(/cost/);
  });

  test("a vocabulary that is not there: exit 3, with those that are", async () => {
    const folder = folderWithResults({ "orders.csv": SHOP });
    const stderr = await refused(folder, 3, "orders.csv", "--vocabulary", "klingon");
    expect(stderr).toMatch(/there is no "klingon"; shipped are english, chinese-8/);
  });

  test("a vocabulary with holes and overlaps: exit 3, with the combinations", async () => {
    const vocabulary = `name: mine
levels: 2
segments:
  good:
    label: { en: Good, zh: 好 }
    action: { en: Thank, zh: 谢 }
    where: [{ recency: 2, frequency: 2 }]
  rich:
    label: { en: Rich, zh: 富 }
    action: { en: Visit, zh: 访 }
    where: [{ recency: 2, monetary: 2 }]
  gone:
    label: { en: Gone, zh: 失 }
    action: { en: Wait, zh: 等 }
    where: [{ recency: 1, frequency: 1 }]
`;
    const folder = folderWithResults({ "orders.csv": SHOP, "mine.yml": vocabulary });
    const stderr = await refused(folder, 3, "orders.csv", "--vocabulary", "mine.yml");
    expect(stderr).toMatch(/mine\.yml.*3 combinations have no segment: 1-2-1, 1-2-2, 2-1-1/);
    expect(stderr).toMatch(/mine\.yml.*1 combinations? (has|have) several segments: 2-2-2 \(good, rich\)/);
  });

  test("a vocabulary whose levels do not exist: exit 3, with the segment", async () => {
    const vocabulary = `name: mine
levels: 5
segments:
  all:
    label: { en: All, zh: 全 }
    action: { en: Wait, zh: 等 }
    where: [{ recency: 1-6 }]
`;
    const folder = folderWithResults({ "orders.csv": SHOP, "mine.yml": vocabulary });
    const stderr = await refused(folder, 3, "orders.csv", "--vocabulary", "mine.yml");
    expect(stderr).toMatch(/mine\.yml.*levels go from 1 to 5, found recency 1-6 in all/);
  });
});

test("amounts under a heading of thousands are read as they stand, and that is warned of", async () => {
  const csv = SHOP.replace(/^.*\n/, "customer,date,金额(千元)\n");
  const { stderr } = await accepted(folderOfTest({ "orders.csv": csv }), "orders.csv");
  expect(stderr).toContain('warning: orders.csv: "金额(千元)" names a unit of thousands');
});

test.each([
  ["Order Total", [30, 30], 426],
  ["Order Total", [10, 20], 492],
  ["Line total", [30, 30], 852],
] as const)(
  "%s of %j on the rows of each order: the total of an order counts once",
  async (heading, amounts, money) => {
    const rows = Array.from({ length: 12 }, (_, order) =>
      amounts.map((amount) => `C${order % 4},2025-0${1 + (order % 6)}-03,${order},${amount + order}`),
    ).flat();
    const csv = [`customer,date,order,${heading}`, ...rows].join("\n");
    const folder = folderOfTest({ "orders.csv": csv });
    const { stdout, stderr } = await accepted(folder, "orders.csv");
    expect(stdout).toContain(`Orders 12 · Money ${money}`);
    const isWhole = money === 426;
    expect(stderr.includes("orders of several rows and counts once an order")).toBe(isWhole);
    if (!isWhole) return;
    const all = await accepted(folder, "orders.csv", "--all-rows");
    expect(all.stdout).toContain("Money 852");
    expect(all.stderr).toContain(
      `"${heading}" is the same on all rows of 12 of 12 orders of several rows, and is added up`,
    );
  },
);

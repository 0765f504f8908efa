import { existsSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { readXlsx } from "hucre/xlsx";
import { beforeAll, describe, expect, test } from "vitest";
import { LAST_DAY, ordersCsv, shopOrders } from "./orders.js";
import {
  crmAnalyze,
  expectFailure,
  expectSuccess,
  folderOfTest,
  makeFolder,
  readRows,
  type Finished,
} from "./process.js";

async function parquetRows(path: string): Promise<Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const result = await connection.runAndReadAll(`select * from '${path}'`);
  return result.getRowObjectsJson();
}

const folder = makeFolder();
let answer: Finished;
beforeAll(async () => {
  folder.write("orders.csv", ordersCsv(shopOrders()));
  answer = await crmAnalyze(folder, "value", "orders.csv", "--out", "results");
  expectSuccess(answer);
});

describe("crm-analyze value on a bare file", () => {
  test("says what it guessed, answers in sentences and tables, and names the files it wrote", () => {
    expect(answer.stderr).toContain("orders.csv: customer:");
    expect(answer.stderr).toContain(
      "written: report.html, value.csv, value.parquet, value.xlsx, models.json in results",
    );
    expect(answer.stdout).toContain(LAST_DAY);
    expect(answer.stdout).toMatch(/The base is worth [\d,.]+ over the next 365 days/);
    for (const title of [
      "Customers worth most",
      "Customers by state",
      "How each forecast did on the past",
      "Tiers",
    ])
      expect(answer.stdout).toContain(title);
  });

  test("value.csv, value.parquet and value.xlsx hold the same customers with the columns that were promised", async () => {
    const csv = readRows(folder, "results/value.csv");
    const parquet = await parquetRows(folder.at("results/value.parquet"));
    const columns = [
      "customer_key",
      "order_count",
      "total_amount",
      "alive_probability",
      "expected_order_count",
      "expected_order_count_low",
      "expected_order_count_high",
      "mean_order_amount",
      "lifetime_value",
      "lifetime_value_low",
      "lifetime_value_high",
      "tier",
      "state",
    ];
    expect(Object.keys(csv[0]!)).toEqual(expect.arrayContaining(columns));
    expect(csv).toHaveLength(parquet.length);
    expect(csv.map((row) => String(row["customer_key"]))).toEqual(
      parquet.map((row) => String(row["customer_key"])),
    );
    expect(existsSync(folder.at("results/value.xlsx"))).toBe(true);
  });

  test("the same run gives the same bytes", async () => {
    expectSuccess(await crmAnalyze(folder, "value", "orders.csv", "--out", "again"));
    for (const file of ["value.csv", "models.json", "report.html"])
      expect(folder.read(`again/${file}`)).toBe(folder.read(`results/${file}`));
  });

  test("--json gives tables, notes and model cards, and nothing else; without --out nothing is written", async () => {
    const bare = folderOfTest({ "orders.csv": ordersCsv(shopOrders()) });
    const before = bare.contents();
    const { stdout, exitCode } = await crmAnalyze(bare, "value", "orders.csv", "--json");
    expect(exitCode).toBe(0);
    expect(bare.contents()).toEqual(before);
    const { sections } = JSON.parse(stdout) as {
      sections: { analysis: string; models: { name: string }[]; tables: Record<string, unknown[]> }[];
    };
    expect(sections.map(({ analysis }) => analysis)).toEqual(["value"]);
    expect(sections[0]!.models.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["bg-nbd", "mbg-nbd", "mbg-cnbd-k", "pareto-nbd"]),
    );
    expect(sections[0]!.tables["tiers"]).toHaveLength(4);
  });

  test("--models takes the named ones alone, --lang zh speaks Chinese, --horizon-days counts further", async () => {
    const flags = [
      "--models",
      "bg-nbd,pareto-nbd",
      "--lang",
      "zh",
      "--horizon-days",
      "730",
      "--discount-rate",
      "0",
    ];
    const { stdout, exitCode } = await crmAnalyze(
      folder,
      "value",
      "orders.csv",
      ...flags,
      "--currency",
      "CNY",
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain("未来 730 天");
    expect(stdout).toContain("Pareto/NBD");
    expect(stdout).not.toContain("MBG/NBD");
    expect(stdout).not.toMatch(/。 |\d %/);
  });

  test("in Chinese value.xlsx has Chinese words, value.csv and value.parquet those that programs know", async () => {
    expectSuccess(await crmAnalyze(folder, "value", "orders.csv", "--lang", "zh", "--out", "chinese"));
    const csv = readRows(folder, "chinese/value.csv");
    const english = readRows(folder, "results/value.csv");
    const words = ({ state, tier_rests_on: basis }: Record<string, unknown>) => [state, basis];
    expect(csv.map(words)).toEqual(english.map(words));
    expect((await parquetRows(folder.at("chinese/value.parquet"))).map(words)).toEqual(english.map(words));
    expect(Object.keys(csv[0]!)).toEqual(Object.keys(english[0]!));
    const { sheets } = await readXlsx(folder.readBytes("chinese/value.xlsx"));
    const [headings, ...rows] = sheets[0]!.rows;
    const cells = (heading: string) => rows.map((row) => row[headings!.indexOf(heading)]);
    const states: Record<string, string> = {
      new: "新客户",
      active: "活跃",
      slipping: "流失中",
      lapsed: "已流失",
    };
    expect(cells("客户编号")).toEqual(english.map((row) => row["customer_key"]));
    expect(cells("状态")).toEqual(english.map((row) => states[row["state"]!]));
    expect(new Set(cells("等级依据"))).toEqual(new Set(["成本未知：此为收入，并非利润"]));
  });
});

describe("what it cannot know it does not make up", () => {
  const run = async (rows: readonly string[]) => {
    const odd = makeFolder();
    odd.write("orders.csv", ["customer,date,amount,currency", ...rows, ""].join("\n"));
    return crmAnalyze(odd, "value", "orders.csv");
  };

  test("fifty customers who bought once, on one day, promise nothing", async () => {
    const { stdout, exitCode } = await run(
      Array.from({ length: 50 }, (_, i) => `C${i},2025-01-01,${10 + i},EUR`),
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain("The base is worth €0.00 over the next 365 days");
    expect(stdout).toContain("No model could be fitted");
  });

  test("customers with returns only are nobody: exit 4", async () => {
    const failed = await run(Array.from({ length: 20 }, (_, i) => `C${i},2025-01-01,-${10 + i},EUR`));
    expectFailure(failed, 4);
    expect(failed.stderr).toContain("no customer has an order");
  });

  test("two currencies in one file are refused, naming them: exit 4", async () => {
    const failed = await run(
      Array.from({ length: 20 }, (_, i) => `C${i},2025-01-${10 + i},9,${i % 2 ? "EUR" : "USD"}`),
    );
    expectFailure(failed, 4);
    expect(failed.stderr).toMatch(/EUR.*USD/);
  });

  test("customers of a hundred million each are counted like all others", async () => {
    const rows = Array.from(
      { length: 40 },
      (_, i) => `C${i % 20},2025-${i < 20 ? "01" : "06"}-11,${1e8 + i},JPY`,
    );
    const { stderr, exitCode } = await run(rows);
    expect(exitCode, stderr).toBe(0);
  });
});

describe("what crm-analyze value refuses, with a code of its own", () => {
  test.each([
    [["--models", "nbd"], 2, "value models: found nbd, allowed: auto, or a list of bg-nbd, mbg-nbd"],
    [["--discount-rate", "10"], 2, "Write a number from 0 to 1"],
    [["--horizon-days", "1"], 2, "value horizon_days: must be at least 7, found 1"],
    [["--calibration-end", "2025-02-30"], 2, "Write a day that exists"],
    [["--calibration-end", "2999-01-01"], 4, "is not before the as-of date"],
    [["--time-unit", "year"], 2, "day, week, month"],
  ])("%j", async (flags, exitCode, message) => {
    const failed = await crmAnalyze(folder, "value", "orders.csv", ...flags);
    expectFailure(failed, exitCode);
    expect(failed.stderr).toContain(message);
  });
});

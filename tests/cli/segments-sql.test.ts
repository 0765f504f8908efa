import { spawnSync } from "node:child_process";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, expect, test } from "vitest";
import { writeExcel } from "../../src/outputs/excel.js";
import { tableOf } from "../../src/table.js";
import { crmAnalyze, expectSuccess, folderOfTest, readRows, type TemporaryFolder } from "./process.js";

const ROWS = Array.from({ length: 60 }, (_, i) => ({
  编号: `客${i}`,
  城市: i % 2 === 0 ? "杭州" : "北京",
  金额: String(i % 2 === 0 ? 10 + (i % 7) : 900 + (i % 11)),
}));
const HEADINGS = Object.keys(ROWS[0]!) as (keyof (typeof ROWS)[number])[];
const CSV = `${[HEADINGS, ...ROWS.map((row) => HEADINGS.map((name) => row[name]))].map((cells) => cells.join(",")).join("\n")}\n`;

const open = async (folder: TemporaryFolder) => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`set file_search_path = '${folder.path}'`);
  return connection;
};

/** Writes the table in a format; of a workbook also the copy that the head asks people to save. */
const FORMATS = {
  "客户.csv": (folder: TemporaryFolder) => {
    const { stdout } = spawnSync("iconv", ["-f", "UTF-8", "-t", "GB18030"], { input: CSV });
    folder.write("客户.csv", stdout);
  },
  "客户.xlsx": async (folder: TemporaryFolder) => {
    const columns = HEADINGS.map((name) => ({ name, title: name, format: "text" as const }));
    const rows = tableOf(Object.fromEntries(HEADINGS.map((name) => [name, ROWS.map((row) => row[name])])));
    await writeExcel(folder.at("客户.xlsx"), { name: "客户", columns }, batches(rows));
    folder.write("客户.utf-8.csv", CSV);
  },
  "客户.parquet": async (folder: TemporaryFolder) => {
    folder.write("plain.csv", CSV);
    await (await open(folder)).run(`copy (select * from 'plain.csv') to '${folder.at("客户.parquet")}'`);
  },
};

async function* batches<T>(table: T) {
  yield await Promise.resolve(table);
}

/** What CSV in UTF-8 gives. */
let expected: string;
beforeAll(async () => {
  const folder = folderOfTest({ "客户.csv": CSV });
  expectSuccess(await crmAnalyze(folder, "segments", "客户.csv", "--k", "2", "--out", "results"));
  expected = folder.read("results/segments.csv");
  expect(expected.trimEnd().split("\n")).toHaveLength(ROWS.length + 1);
});

test.each(Object.entries(FORMATS))(
  "%s gives what CSV in UTF-8 gives, and the head of segments.sql tells how to read it",
  async (file, write) => {
    const folder = folderOfTest();
    await write(folder);
    expectSuccess(await crmAnalyze(folder, "segments", file, "--k", "2", "--out", "results"));
    expect(folder.read("results/segments.csv")).toBe(expected);
    const sql = folder.read("results/segments.sql");
    const shell = /^-- (iconv .*)$/m.exec(sql)?.[1];
    if (shell !== undefined) expect(spawnSync("sh", ["-c", shell], { cwd: folder.path }).status).toBe(0);
    expect(shell !== undefined).toBe(file.endsWith(".csv"));
    const connection = await open(folder);
    await connection.run(/^-- (create view .*)$/m.exec(sql)![1]!);
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
    const told = rows.map((row) => [row["customer_key"], String(row["segment"]), row["segment_name"]]);
    const written = readRows(folder, "results/segments.csv").map((row) => [
      ...[row["customer_key"], row["segment"], row["segment_name"]],
    ]);
    expect(new Set(written.map(([, segment]) => segment)).size).toBe(2);
    expect(told.toSorted()).toEqual(written.toSorted());
  },
);

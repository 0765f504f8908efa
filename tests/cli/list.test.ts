import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { ANALYSES } from "../../src/analyses/index.js";
import { textsIn } from "../../src/texts/index.js";
import { PIPELINE, writePipeline } from "./pipeline.js";
import { crmAnalyze, expectFailure, expectSuccess, folderOfTest, readRows } from "./process.js";

const listNamed = (name: string) =>
  ANALYSES.flatMap((analysis) => analysis.lists(textsIn("en"))).find((list) => list.name === name)!;
const SLIPPING = listNamed("slipping");

/** A run of an older version: two customers, one of whom permits e-mail; without some columns. */
const olderRun = (...missing: readonly string[]) => runWith(SLIPPING, missing);

/** A run with a list of two customers, one of whom permits e-mail. */
async function runWith({ name: list, columns }: typeof SLIPPING, missing: readonly string[] = []) {
  const folder = folderOfTest({ "out/run.json": JSON.stringify({ settings: { language: "en" } }) });
  folder.write("out/lists/.keep", "");
  const cells = columns
    .filter(({ name }) => !missing.includes(name))
    .map(({ name, format }) => {
      if (name === "customer_id") return "i as customer_id";
      if (name === "permitted_channels")
        return "case when i = 1 then 'email' else '' end as permitted_channels";
      if (name === "email_address") return "case when i = 1 then 'a@a.example' end as email_address";
      if (format === "text") return `'x' as ${name}`;
      return format === "date" ? `date '2025-06-01' as ${name}` : `i as ${name}`;
    });
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const path = folder.at("out", "lists", `${list}.parquet`);
  await connection.run(`copy (select ${cells.join(", ")} from range(1, 3) as t(i)) to '${path}'`);
  connection.closeSync();
  return folder;
}

describe("a list of a run of an older version", () => {
  test("without a column that is new shows those that are there", async () => {
    const folder = await olderRun(SLIPPING.columns[0]!.name, "owner_name");
    const pulled = await crmAnalyze(folder, "list", "slipping", "--out", "out");
    expectSuccess(pulled);
    const [headings, ...rows] = pulled.stdout.trimEnd().split("\n");
    expect(headings).not.toContain("owner_name");
    expect(headings).toContain("email_address");
    expect(rows).toHaveLength(1);
    expect(pulled.stderr).toContain("1 of 2 customers listed; 1 withheld");
  });

  test.each([
    ["permitted_channels"],
    ["email_address"],
    ["email_address", "phone_number", "sms_number", "mail_city"],
  ])("without %s shows nobody", async (...missing) => {
    const folder = await olderRun(...missing);
    const pulled = await crmAnalyze(folder, "list", "slipping", "--out", "out");
    expectFailure(pulled, 4);
    expect(pulled.stdout).toBe("");
    expect(pulled.stderr).toContain(`list: slipping of this run does not say ${missing.join(", ")}`);
    expect(pulled.stderr).toContain("run the pipeline again");
  });
});

test("a list without addresses is for the owners and withholds nobody", async () => {
  const folder = await runWith(listNamed("alerts"));
  const pulled = await crmAnalyze(folder, "list", "alerts", "--out", "out");
  expectSuccess(pulled);
  expect(pulled.stdout.trimEnd().split("\n")).toHaveLength(3);
  expect(pulled.stderr).toContain("2 of 2 customers listed");
  expect(pulled.stderr).not.toContain("withheld");
});

test("a file that ends in another format than the one asked for is refused", async () => {
  const folder = await olderRun();
  const pull = (...flags: string[]) => crmAnalyze(folder, "list", "slipping", "--out", "out", ...flags);
  const refused = await pull("--format", "xlsx", "--file", "calls.csv");
  expectFailure(refused, 2);
  expect(refused.stderr).toContain("--file calls.csv: ends in .csv, but --format is xlsx");
  expect(Object.keys(folder.contents())).not.toContain("calls.csv");
  expectSuccess(await pull("--format", "xlsx", "--file", "calls.XLSX"));
  expectSuccess(await pull("--format", "csv", "--file", "calls.txt"));
});

test("a number beyond all numbers is a mistake of the question", async () => {
  const folder = await olderRun();
  const pulled = await crmAnalyze(
    folder,
    "list",
    "slipping",
    "--out",
    "out",
    "--where",
    "total_amount > 1e999",
  );
  expectFailure(pulled, 2);
  expect(pulled.stderr).toContain("--where total_amount > 1e999: 1e999 is too large");
});

test("without prospects the answer is in words, the list is empty, and the run goes through", async () => {
  const folder = folderOfTest();
  writePipeline(folder);
  for (const [file, of] of [
    ["crm/customers.csv", /^K(39|40),/],
    ["erp/clients.csv", /^86[12];/],
    ["billing/payers.csv", /^cus_3[89],/],
  ] as const) {
    const lines = folder.read(file).split("\n");
    folder.write(file, lines.filter((line) => !of.test(line)).join("\n"));
  }
  folder.write("all.yml", `${PIPELINE}  segments: { k: 2, look_alikes: { of: { rfm: champions } } }\n`);
  expectSuccess(await crmAnalyze(folder, "run", "all.yml"));
  expect(folder.read("out/latest/report.html")).toContain("the exports hold no prospect");
  expect(readRows(folder, "out/latest/look-alikes.csv")).toEqual([]);
  const pulled = await crmAnalyze(folder, "list", "look-alikes");
  expectSuccess(pulled);
  expect(pulled.stderr).toContain("0 of 0 customers listed");
}, 60_000);

import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeGb18030 } from "../../fixtures/generator/gb18030.js";
import { adjustedRandIndex } from "../../src/models/adjusted-rand.js";
import { seeded } from "../../src/random.js";
import { bell } from "../models/clusters.js";
import {
  crmAnalyze,
  expectFailure,
  expectSuccess,
  folderOfTest,
  makeFolder,
  readRows,
  type Finished,
} from "./process.js";

const random = seeded(4);
/** Three kinds of customers: many small visits, few large ones, and members of a club. */
const ROWS = Array.from({ length: 240 }, (_, i) => {
  const kind = i % 3;
  const visits = [40, 4, 12][kind]! + Math.round(2 * bell(random));
  const spend = [15, 900, 90][kind]! * Math.exp(0.15 * bell(random));
  const age = 20 + Math.floor(random() * 50);
  const member = kind === 2 ? "yes" : "no";
  const infinite = i === 7 ? "inf" : String(Math.round(50 + 10 * bell(random)));
  return [`C${1000 + i}`, Math.max(1, visits), spend.toFixed(2), age, member, infinite, "same", ""].map(
    String,
  );
});
const HEADINGS = ["customer_no", "visits", "spend", "age", "member", "score", "country", "nothing"];
const csv = (headings: readonly string[], rows: readonly (readonly string[])[]) =>
  `${[headings, ...rows].map((cells) => cells.join(",")).join("\n")}\n`;

const FILES = [
  "models.json",
  "report.html",
  "run.json",
  "segments-profile.sql",
  "segments-profile.svg",
  "segments.csv",
  "segments.parquet",
  "segments.sql",
  "segments.xlsx",
];

async function rowsOfQuery(folder: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`set file_search_path = '${folder}'`);
  await connection.run(/^-- (create view .*)$/m.exec(sql)![1]!);
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

interface Card {
  readonly name: string;
  readonly k: number;
  readonly dropped: readonly { readonly feature: string; readonly reason: string }[];
  readonly features: readonly { readonly feature: string; readonly kind: string }[];
}

describe("crm-analyze segments on a table of customers", () => {
  const folder = makeFolder();
  let finished: Finished;
  const cards = () => JSON.parse(folder.read("results/models.json")) as Card[];
  beforeAll(async () => {
    folder.write("customers.csv", csv(HEADINGS, ROWS));
    finished = await crmAnalyze(folder, "segments", "customers.csv", "--out", "results");
    expectSuccess(finished);
  }, 120_000);

  test("says how it was read, and answers in a sentence and tables", () => {
    expect(finished.stderr).toContain(
      "customers.csv: key: customer_no; features guessed: visits, spend, age, member, score (choose others with --features A,B)",
    );
    expect(finished.stderr).toContain("customers.csv: segments are looked for in visits, spend, member");
    expect(finished.stderr).toContain(
      "left out: country (one value), nothing (empty), age (has to do with no other column), score (has to do with no other column)",
    );
    expect(finished.stdout).toContain("240 customers fall into 3 segments");
    expect(finished.stdout).toContain("The segments");
  });

  test("writes these files and no others", () => {
    const names = Object.keys(folder.contents()).filter((name) => name.startsWith("results/"));
    expect(names).toEqual(FILES.map((name) => `results/${name}`));
  });

  test("segments.csv has every customer once, in the segment that was planted", () => {
    const rows = readRows(folder, "results/segments.csv");
    expect(Object.keys(rows[0]!)).toEqual([
      "customer_key",
      "segment",
      "segment_name",
      "distance",
      "silhouette",
    ]);
    expect(rows.map((row) => row["customer_key"]!).toSorted()).toEqual(ROWS.map(([key]) => key!).toSorted());
    const kinds = rows.map((row) => (Number(row["customer_key"]!.slice(1)) - 1000) % 3);
    expect(
      adjustedRandIndex(
        rows.map((row) => row["segment"]!),
        kinds,
      ),
    ).toBe(1);
    for (const row of rows) expect(Number(row["silhouette"])).toBeGreaterThanOrEqual(0);
  });

  test("segments.sql gives every row the same segment and distance", async () => {
    const rows = await rowsOfQuery(folder.path, folder.read("results/segments.sql"));
    const written = new Map(
      readRows(folder, "results/segments.csv").map((row) => [row["customer_key"], row]),
    );
    expect(rows).toHaveLength(ROWS.length);
    for (const row of rows) {
      const own = written.get(String(row["customer_key"]))!;
      expect([String(row["segment"]), row["segment_name"]]).toEqual([own["segment"], own["segment_name"]]);
      expect(Number(row["distance"])).toBeCloseTo(Number(own["distance"]), 5);
    }
  });

  test("segments-profile.sql gives a segment that is nearly always the same", async () => {
    const rows = await rowsOfQuery(folder.path, folder.read("results/segments-profile.sql"));
    const written = new Map(
      readRows(folder, "results/segments.csv").map((row) => [row["customer_key"], row["segment"]]),
    );
    const right = rows.filter((row) => String(row["segment"]) === written.get(String(row["customer_key"])));
    expect(right.length / rows.length).toBeGreaterThan(0.95);
  });

  test("models.json says what was done to each feature", () => {
    const [clusters, tree] = cards();
    expect([clusters!.name, clusters!.k, tree!.name]).toEqual(["k-means", 3, "profile-tree"]);
    expect(clusters!.features.map(({ feature, kind }) => [feature, kind])).toEqual([
      ["visits", "number"],
      ["spend", "number"],
      ["member", "words"],
    ]);
    expect(clusters!.dropped.map(({ feature, reason }) => [feature, reason])).toEqual([
      ["age", "unrelated"],
      ["score", "unrelated"],
    ]);
  });

  test("a named feature that has to do with no other is said, in either language", async () => {
    const named = ["segments", "customers.csv", "--features", "visits,spend,age,member"];
    const [english, chinese] = [
      await crmAnalyze(folder, ...named),
      await crmAnalyze(folder, ...named, "--lang", "zh"),
    ];
    expect(english.stdout).toContain(
      "Named, weighing like the others, and yet with nothing to do with any: age. They can hide groups; try without them.",
    );
    expect(chinese.stdout).toContain("但与其他各列均无关联：age。");
  });

  test("the order of the rows changes nothing, and the folder may be filled again", async () => {
    const before = folder.read("results/segments.csv");
    folder.write("customers.csv", csv(HEADINGS, ROWS.toReversed()));
    expectSuccess(await crmAnalyze(folder, "segments", "customers.csv", "--out", "results", "--lang", "zh"));
    const cellsOf = (text: string) =>
      text.split("\n").map((line) => line.replace(/,[^,]*"[^"]*"|,[^,]*(?=,[\d.]+,[\d.]+$)/, ""));
    expect(cellsOf(folder.read("results/segments.csv")).slice(1)).toEqual(cellsOf(before).slice(1));
    expect(folder.read("results/report.html")).toContain("客户细分");
  }, 60_000);
});

const ask = (rows: readonly (readonly string[])[], ...flags: string[]) =>
  crmAnalyze(folderOfTest({ "c.csv": csv(["id", "a", "b"], rows) }), "segments", "c.csv", ...flags);
const different = (count: number) =>
  Array.from({ length: count }, (_, i) => [`K${i}`, String(1 + ((i * 7) % 23)), String((i * 13) % 17)]);

describe("bad input", () => {
  test("fewer customers than clusters", async () => {
    const finished = await ask(different(3), "--k", "4");
    expectFailure(finished, 4);
    expect(finished.stderr).toContain(
      "k 4: in what segments are found from, 3 customers have 3 different sets of values",
    );
  });

  test("one customer, and all identical, are told as they are", async () => {
    const one = await ask([["K1", "5", "6"]]);
    expectSuccess(one);
    expect(one.stdout).toContain("No segments: there is one customer only");
    expect(one.stderr).toContain("c.csv: key: id; no column that segments could be found from");
    expect(one.stderr).toContain("c.csv: left out: a (one value), b (one value)");
    const alike = await ask(Array.from({ length: 40 }, (_, i) => [`K${i}`, "5", "6"]));
    expectSuccess(alike);
    expect(alike.stdout).toContain("No segments: the 40 customers do not differ");
  });

  test("a feature that is empty, infinite or text throughout is left out and said; the rest is answered", async () => {
    const rows = different(60).map(([id, a], i) => [id!, a!, i % 2 === 0 ? "inf" : ""]);
    const finished = await ask(rows, "--features", "a,b", "--json");
    expectSuccess(finished);
    expect(finished.stdout).toContain("never known");
  });

  test("ids that are missing or repeated are warned of, and every row is a customer, called by its row in segments.csv and by segments.sql alike", async () => {
    const keys: Record<number, string> = { 6: "", 9: "", 20: "C1019", 21: "C1019" };
    const rows = ROWS.map((row, i) => [keys[i] ?? row[0]!, ...row.slice(1)]);
    const folder = folderOfTest({ "c.csv": csv(HEADINGS, rows) });
    const finished = await crmAnalyze(folder, "segments", "c.csv", "--id", "customer_no", "--out", "results");
    expectSuccess(finished);
    expect(finished.stderr).toContain("2 rows have no customer_no");
    expect(finished.stderr).toContain("2 rows repeat a customer_no");
    const written = readRows(folder, "results/segments.csv").map((row) => row["customer_key"]!);
    const queried = await rowsOfQuery(folder.path, folder.read("results/segments.sql"));
    expect(written).toHaveLength(ROWS.length);
    expect(written).toEqual(expect.arrayContaining(["#7", "#10"]));
    expect(queried.map((row) => String(row["customer_key"])).toSorted()).toEqual(written.toSorted());
  });

  test("a cell that is no number is missing and warned of, by its row; a column of codes is the key", async () => {
    const rows = different(200).map(([id, a, b], i) => [id!, i === 41 ? "oops" : String(Number(a) + i), b!]);
    const slip = await crmAnalyze(
      folderOfTest({ "slip.csv": csv(["client", "a", "b"], rows) }),
      ...["segments", "slip.csv", "--features", "a,b"],
    );
    expectSuccess(slip);
    expect(slip.stderr).toContain(
      "slip.csv: a: 1 of its cells is no number and counts as missing, the first in row 42 below the headings",
    );
    expect(slip.stderr).toContain("slip.csv: key: client; features: a, b");
    expect(slip.stderr).not.toContain("oops");
  });

  test("a row with too many cells is rejected alone, and does not pass for the headings", async () => {
    const rows = different(60).map((row, i) => (i === 9 ? [...row, "9", "8"] : row));
    const finished = await ask(rows);
    expectSuccess(finished);
    expect(finished.stdout).toContain("60 rows read: 59 used, 0 left out by a rule, 1 rejected");
  });

  test("an encoding that the headings are not in is refused", async () => {
    const folder = folderOfTest({});
    folder.write("gb.csv", encodeGb18030("客户编号,金额\nK1,5\nK2,7\n"));
    const finished = await crmAnalyze(folder, "segments", "gb.csv", "--encoding", "utf-8");
    expectFailure(finished, 4);
    expect(finished.stderr).toContain("gb.csv:1: headings with bytes that are not utf-8");
  });

  test("a number of segments that the data does not have is answered with the one it has", async () => {
    const finished = await crmAnalyze(
      folderOfTest({ "c.csv": csv(HEADINGS, ROWS) }),
      ...["segments", "c.csv", "--k", "4", "--features", "visits，spend，visits"],
    );
    expectSuccess(finished);
    expect(finished.stderr).toContain("c.csv: segments are looked for in visits, spend");
    expect(finished.stdout).toContain("4 segments were asked for; by themselves the customers fall into 3");
  });

  test("columns that are not there, flags of the other kind, and a count that is out of range", async () => {
    const rows = different(20);
    const columns = await ask(rows, "--features", "a,zz");
    expectFailure(columns, 2);
    const near = await crmAnalyze(
      folderOfTest({ "c.csv": csv(["id", "visits", "spend"], rows) }),
      ...["segments", "c.csv", "--features", "visit"],
    );
    expect(near.stderr).toContain(
      "--features visit: no such column in c.csv; found id, visits, spend; did you mean visits?",
    );
    expect(columns.stderr).toContain("--features zz: no such column in c.csv; found id, a, b");
    expectFailure(await ask(rows, "--as-of", "2025-01-01"), 2);
    const many = await ask(rows, "--k", "51");
    expectFailure(many, 2);
    expect(many.stderr).toContain("--k: must be at most 50, found 51");
  });
});

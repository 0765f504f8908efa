import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { parse } from "csv-parse/sync";
import { readXlsx } from "hucre/xlsx";
import { beforeAll, describe, expect, test } from "vitest";
import { brierScore } from "../../src/models/probability-quality.js";
import { areaUnderRoc } from "../../src/models/ranking-quality.js";
import { CHURN_NOTE, HAS_CHURN_SETS, readPeerQuality } from "../models/churn-sets.js";
import { csvText, labelledCustomers, withColumn, type CellTable } from "./labelled-customers.js";
import {
  crmAnalyze,
  expectFailure,
  expectSuccess,
  folderOfTest,
  makeFolder,
  readRows,
  type Finished,
  type TemporaryFolder,
} from "./process.js";

const CUSTOMERS = labelledCustomers();
const COLUMNS = [
  "customer_key",
  "churn_probability",
  "risk_band",
  "reason_1",
  "reason_2",
  "reason_3",
  "value_at_risk",
  "leaf",
];
const FILES = [
  "churn.csv",
  "churn.parquet",
  "churn.xlsx",
  "models.json",
  "report.html",
  "rules.csv",
  "run.json",
  "tree.sql",
  "tree.svg",
];

interface Card {
  readonly name: string;
  readonly metrics: Readonly<Record<string, { estimate: number; low: number; high: number }>>;
  readonly grade: string | null;
  readonly leaves: readonly { rule: string; customer_count: number; churn_probability: number }[] | null;
  readonly written_probabilities: string;
}

const cardsOf = (folder: TemporaryFolder, place = "results") =>
  JSON.parse(folder.read(`${place}/models.json`)) as Card[];

async function query(...statements: string[]): Promise<Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  for (const statement of statements.slice(0, -1)) await connection.run(statement);
  return (await connection.runAndReadAll(statements.at(-1)!)).getRowObjectsJson();
}

/** The rows that tree.sql gives, run as its own comments say, in the folder of the file. */
function rowsOfTreeSql(folder: TemporaryFolder): Promise<Record<string, unknown>[]> {
  const sql = folder.read("results/tree.sql");
  const view = /^-- (create view .*)$/m.exec(sql)![1]!;
  return query(`set file_search_path = '${folder.path}'`, view, sql);
}

const ask = (folder: TemporaryFolder, ...flags: string[]) =>
  crmAnalyze(folder, "churn", "customers.csv", "--label", "Churn", ...flags);

const FLAGS = ["--value", "fee", "--currency", "EUR", "--max-leaves", "6", "--out", "results"];

const folder = makeFolder();
let finished: Finished;
beforeAll(async () => {
  folder.write("customers.csv", csvText(CUSTOMERS));
  finished = await ask(folder, ...FLAGS);
  expectSuccess(finished);
}, 120_000);

describe("crm-analyze churn on a table with a label", () => {
  test("says how it was read, answers in sentences and tables, and names what it wrote", () => {
    const { stdout, stderr } = finished;
    expect(stderr).toContain(
      "customers.csv: label: Churn, Yes means leaving; key: customerID; folds: five, by hash",
    );
    expect(stderr).toContain("left out: customerID (tells customers apart)");
    expect(stderr).toContain(
      "written: report.html, churn.csv, churn.parquet, churn.xlsx, tree.svg, tree.sql, rules.csv, models.json in results",
    );
    expect(stdout).toMatch(/The riskiest group: .*plan is monthly.* leave\./);
    for (const title of ["The groups of the tree", "How good each model is", "What the tree goes by"])
      expect(stdout).toContain(title);
  });

  test("writes these files and no others", () => {
    const names = Object.keys(folder.contents()).filter((name) => name.startsWith("results/"));
    expect(names).toEqual(FILES.map((name) => `results/${name}`));
  });

  test("churn.csv has every customer once, the likeliest to leave first, then by key", () => {
    const rows = readRows(folder, "results/churn.csv");
    expect(Object.keys(rows[0]!)).toEqual(COLUMNS);
    expect(rows.map((row) => row["customer_key"]).toSorted()).toEqual(
      CUSTOMERS.rows.map(([key]) => key!).toSorted(),
    );
    const order = rows.map((row) => [-Number(row["churn_probability"]), row["customer_key"]!] as const);
    expect(order).toEqual(order.toSorted(([p, a], [q, b]) => p - q || (a < b ? -1 : 1)));
    for (const row of rows.filter(({ risk_band }) => risk_band === "high"))
      expect(row["reason_1"]).not.toBe("");
    expect(new Set(rows.map((row) => row["risk_band"]))).toEqual(new Set(["high", "middle", "low"]));
  });

  test("value at risk is probability times value", () => {
    const fees = new Map(CUSTOMERS.rows.map((cells) => [cells[0]!, Number(cells[5])]));
    for (const row of readRows(folder, "results/churn.csv"))
      expect(Number(row["value_at_risk"])).toBeCloseTo(
        Number(row["churn_probability"]) * fees.get(row["customer_key"]!)!,
        9,
      );
  });

  test("churn.parquet and churn.xlsx hold the same rows; the sheet has words for headings and bands", async () => {
    const csv = readRows(folder, "results/churn.csv");
    const parquet = await query(`select * from '${folder.at("results/churn.parquet")}'`);
    expect(Object.keys(parquet[0]!)).toEqual(COLUMNS);
    expect(parquet.map((row) => row["customer_key"])).toEqual(csv.map((row) => row["customer_key"]));
    const [sheet] = (await readXlsx(folder.readBytes("results/churn.xlsx"))).sheets;
    expect(sheet!.rows[0]!.slice(0, 3)).toEqual(["Customer key", "Probability of leaving", "Risk"]);
    expect(sheet!.rows).toHaveLength(csv.length + 1);
  });

  test("the planted rule is found, and named in words", () => {
    const [riskiest, ...others] = readRows(folder, "results/rules.csv");
    expect(riskiest!["rule"]).toMatch(/plan is monthly/);
    expect(riskiest!["rule"]).toMatch(/complaints (at least 2|2 to 3)/);
    expect(others.length).toBeLessThan(6);
    const counts = [riskiest!, ...others].map((row) => Number(row["customer_count"]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(CUSTOMERS.rows.length);
  });

  test("tree.sql, run on the file, equals churn.csv row by row", async () => {
    const expected = new Map(readRows(folder, "results/churn.csv").map((row) => [row["customer_key"], row]));
    const rows = await rowsOfTreeSql(folder);
    expect(rows).toHaveLength(expected.size);
    for (const row of rows) {
      const own = expected.get(String(row["customer_key"]))!;
      expect([String(row["churn_probability"]), String(row["leaf"])]).toEqual([
        own["churn_probability"],
        own["leaf"],
      ]);
    }
  });

  test("models.json has a card each for tree, challenger, logistic and rule", () => {
    const cards = cardsOf(folder);
    expect(cards.map(({ name }) => name)).toEqual(["tree", "boosted", "logistic", "rule"]);
    for (const { name, metrics, grade } of cards) {
      for (const metric of ["area_under_roc", "average_precision", "brier_score", "log_loss"]) {
        const { estimate, low, high } = metrics[metric]!;
        expect(low <= estimate && estimate <= high, `${name} ${metric}`).toBe(true);
      }
      expect(grade === null).toBe(name === "rule");
    }
    expect(cards[0]!.metrics["area_under_roc"]!.estimate).toBeGreaterThan(0.68);
    expect(cards[3]!.metrics["area_under_roc"]!.estimate).toBe(0.5);
    expect(cards[0]!.leaves!.map(({ rule }) => rule)).toEqual(
      readRows(folder, "results/rules.csv").map(({ rule }) => rule),
    );
  });

  test("tree.svg is a picture of its own, and in the report too", () => {
    expect(folder.read("results/tree.svg")).toMatch(/^<svg xmlns/);
    expect(folder.read("results/report.html")).toContain('class="chart tree"');
  });

  test("the same file gives the same bytes; another order of its rows the same probabilities", async () => {
    const again = folderOfTest({ "customers.csv": csvText(CUSTOMERS) });
    expectSuccess(await ask(again, ...FLAGS));
    for (const name of FILES)
      expect(again.readBytes(`results/${name}`), name).toEqual(folder.readBytes(`results/${name}`));
    const turned = folderOfTest({
      "customers.csv": csvText({ ...CUSTOMERS, rows: CUSTOMERS.rows.toReversed() }),
    });
    expectSuccess(await ask(turned, ...FLAGS));
    expect(turned.read("results/churn.csv")).toBe(folder.read("results/churn.csv"));
  }, 120_000);

  test("a folder of others' files is refused", async () => {
    const place = folderOfTest({ "customers.csv": csvText(CUSTOMERS), "theirs/letter.txt": "dear" });
    const refused = await ask(place, "--out", "theirs");
    expectFailure(refused, 2);
    expect(refused.stderr).toContain("the folder holds files that are not a run's");
    expect(place.read("theirs/letter.txt")).toBe("dear");
    expect(Object.keys(place.contents()).filter((name) => name.startsWith(".tmp/"))).toEqual([]);
  }, 120_000);

  test("--lang zh speaks Chinese in every table, list and picture; a second run takes the place of the first", async () => {
    const place = folderOfTest({ "customers.csv": csvText(CUSTOMERS) });
    cpSync(folder.at("results"), place.at("中文"), { recursive: true });
    const { stdout, stderr } = await ask(place, "--lang", "zh", "--max-leaves", "4", "--out", "中文");
    expect(stderr).toContain("已写入 中文：report.html, churn.csv");
    expect(stdout).toContain("决策树划分的客户组");
    expect(place.read("中文/rules.csv")).toContain("plan为monthly");
    expect(place.read("中文/tree.svg")).toContain("全部客户");
    expect(place.read("中文/report.html")).toMatch(/customers\.csv<\/th>\s*<td>文件<\/td>/);
    const [first, second] = [readRows(folder, "results/churn.csv"), readRows(place, "中文/churn.csv")];
    expect(second[0]!["reason_1"]).toMatch(/为monthly|complaints至少 2/);
    const probabilities = (rows: typeof first) => rows.map((row) => row["churn_probability"]);
    expect(probabilities(second)).not.toEqual(probabilities(first));
    expect(Object.keys(place.contents()).filter((name) => name.startsWith(".tmp/"))).toEqual([]);
  }, 120_000);

  test("--model boosted ranks by the challenger; the tree still explains; --json gives tables, notes and cards, and nothing else", async () => {
    const { stdout, exitCode } = await ask(
      folder,
      ...["--model", "boosted", "--max-leaves", "6", "--out", "boosted", "--json"],
    );
    expect(exitCode).toBe(0);
    const rows = readRows(folder, "boosted/churn.csv");
    expect(new Set(rows.map((row) => row["churn_probability"])).size).toBeGreaterThan(100);
    expect(rows[0]!["reason_1"]).toMatch(/^(plan|complaints|age|fee|region) is /);
    expect(new Set(rows.map((row) => row["leaf"])).size).toBeLessThanOrEqual(6);
    const { as_of_date, sections } = JSON.parse(stdout) as {
      as_of_date: null;
      sections: { analysis: string; models: Card[]; tables: Record<string, unknown[]> }[];
    };
    expect(as_of_date).toBeNull();
    expect(sections.map(({ analysis }) => analysis)).toEqual(["churn"]);
    expect(Object.keys(sections[0]!.tables)).toEqual(["rules", "models", "drivers", "left-out"]);
    expect(sections[0]!.models).toHaveLength(4);
  }, 120_000);
});

describe.concurrent("what the table may hold", () => {
  /** `churn` on the table, written to `results`. */
  async function accepted(table: CellTable, ...flags: string[]) {
    const own = folderOfTest({ "customers.csv": csvText(table) });
    const result = await ask(own, "--max-leaves", "4", "--out", "results", ...flags);
    expectSuccess(result);
    return { own, ...result };
  }

  /** Every oddity of cells in one table, and a direction. */
  let odd: ReturnType<typeof accepted>;
  /** Odd headings, no key, and two folds. */
  let folded: ReturnType<typeof accepted>;
  beforeAll(async () => {
    let table = withColumn(CUSTOMERS, "country", () => "CN");
    table = withColumn(table, "nothing", () => "");
    table = withColumn(table, "row", (row) => String(row + 1));
    table = withColumn(table, "age", (row, cells) => (row < 5 ? "inf" : cells[3]!));
    table = withColumn(table, "Churn", (row, cells) => (row < 40 ? "" : cells[6]!));
    odd = accepted(table, "--monotone", "complaints=rising");
    const headings = CUSTOMERS.headings.map((heading) => (heading === "plan" ? `=pl"an' <b>` : heading));
    const keyless = { headings: headings.slice(1), rows: CUSTOMERS.rows.map((cells) => cells.slice(1)) };
    const halves = withColumn(keyless, "part", (row) => String(row % 2));
    folded = accepted(halves, "--fold", "part");
    await Promise.all([odd, folded]);
  });

  test("a constant and an all-null column, an id and infinities are left out or counted, and said", async () => {
    const { stderr, stdout } = await odd;
    expect(stderr).toContain("country (is the same in every row)");
    expect(stderr).toContain("nothing (holds nothing)");
    expect(stderr).toContain("row (tells customers apart)");
    expect(stdout).toContain("age: 5 cells hold no finite number and count as missing.");
  }, 120_000);

  /** Key, plan and label: a table that is quick to learn from. */
  const planAlone = ({ headings, rows }: CellTable): CellTable => {
    const only = (cells: readonly string[]) => [cells[0]!, cells[1]!, cells[6]!];
    return { headings: only(headings), rows: rows.map(only) };
  };

  /** The table with a street for each row, and with a reason for those who left alone. */
  const streetsAndLeak = (table: CellTable, streetCount: number) =>
    withColumn(
      withColumn(planAlone(table), "street", (row) => `street ${row % streetCount}`),
      "cancel_reason",
      (row, cells) => (cells[2] === "Yes" ? `r${row % 3}` : ""),
    );

  test("three thousand categories and a planted leak are caught, said and left out", async () => {
    const learntFrom = 600;
    const table = withColumn(streetsAndLeak(labelledCustomers(3_600), 3_000), "Churn", (row, cells) =>
      row < learntFrom ? cells[2]! : "",
    );
    const { stderr, stdout, own } = await accepted(table);
    expect(stderr).toContain("street (has another text in most rows)");
    expect(stdout).toContain("Left out as likely leaks: cancel_reason.");
    expect(own.read("results/rules.csv")).not.toContain("cancel_reason");
  }, 300_000);

  test("five hundred categories and a planted leak can be kept", async () => {
    const table = streetsAndLeak(CUSTOMERS, 500);
    const { stderr, stdout, own } = await accepted(table, "--keep", "street", "cancel_reason");
    expect(stderr).not.toContain("street (has another text in most rows)");
    expect(stdout).not.toContain("likely leaks");
    expect(own.read("results/rules.csv")).toContain("cancel_reason");
  }, 120_000);

  test("rows without a label are scored and not learnt from", async () => {
    const { stdout, own } = await odd;
    expect(stdout).toContain("40 rows have no outcome: nothing was learnt from them, but they are scored.");
    expect(readRows(own, "results/churn.csv")).toHaveLength(CUSTOMERS.rows.length);
  }, 120_000);

  test("without a key rows are numbered", async () => {
    const { stderr, own } = await folded;
    expect(stderr).toContain("key: none, rows are numbered");
    const keys = readRows(own, "results/churn.csv").map((row) => Number(row["customer_key"]));
    expect(keys.toSorted((a, b) => a - b)).toEqual(Array.from(CUSTOMERS.rows.keys(), (row) => row + 1));
  }, 120_000);

  test("odd names, quotes and formulas in headings and cells are text everywhere", async () => {
    const { own } = await folded;
    expect(own.read("results/rules.csv")).toMatch(/"'=pl""an' <b> is/);
    expect(own.read("results/tree.svg")).not.toContain("<b>");
    expect(own.read("results/report.html")).not.toContain("<b> is");
    expect(readRows(own, "results/churn.csv").some((row) => row["reason_1"]!.startsWith("'=pl"))).toBe(true);
    expect(await rowsOfTreeSql(own)).toHaveLength(CUSTOMERS.rows.length);
  }, 120_000);

  test("with --fold the written probabilities are out-of-fold; two folds are enough", async () => {
    const { own, stdout } = await folded;
    expect(stdout).toContain("out-of-fold by part");
    expect(cardsOf(own).every((card) => card.written_probabilities === "out-of-fold")).toBe(true);
    const rows = readRows(own, "results/churn.csv");
    const area = areaUnderRoc(
      Float64Array.from(rows, (row) => Number(row["churn_probability"])),
      Uint8Array.from(rows, (row) => (CUSTOMERS.rows[Number(row["customer_key"]) - 1]![6] === "Yes" ? 1 : 0)),
    );
    expect(area.estimate).toBeCloseTo(cardsOf(own)[0]!.metrics["area_under_roc"]!.estimate, 12);
  }, 120_000);

  test("more complaints never lower the risk when told so", async () => {
    expect((await odd).own.read("results/rules.csv")).toContain("complaints");
  }, 120_000);
});

describe.concurrent("what is refused leaves nothing behind", () => {
  async function refused(table: CellTable | string, exitCode: number, ...flags: string[]): Promise<string> {
    const own = folderOfTest({ "customers.csv": typeof table === "string" ? table : csvText(table) });
    const before = own.contents();
    const label = flags.includes("--label") ? [] : ["--label", "Churn"];
    const result = await crmAnalyze(own, "churn", "customers.csv", ...label, ...flags, "--out", "results");
    expectFailure(result, exitCode);
    expect(own.contents()).toEqual(before);
    return result.stderr;
  }
  const few = (count: number, label: (row: number) => string) =>
    withColumn({ ...CUSTOMERS, rows: CUSTOMERS.rows.slice(0, count) }, "Churn", label);

  test.each<[string, CellTable, RegExp]>([
    [
      "a label with three values",
      few(99, (row) => ["Yes", "No", "Maybe"][row % 3]!),
      /3 different values \(Maybe, No, Yes\)/,
    ],
    [
      "five rows",
      few(5, (row) => (row % 2 === 0 ? "Yes" : "No")),
      /5 rows, 3 who left and 2 who stayed; at least 50 are needed/,
    ],
    ["a label that is blank everywhere", few(100, () => ""), /no value in any row/],
    [
      "no column to learn from",
      { headings: ["customerID", "Churn"], rows: CUSTOMERS.rows.map((cells) => [cells[0]!, cells[6]!]) },
      /Churn: no column to learn from; left out customerID \(key\)/,
    ],
  ])("%s: exit 4", async (_, table, message) => {
    expect(await refused(table, 4)).toMatch(message);
  });

  test("headings and no rows, an empty file: exit 4", async () => {
    expect(await refused("plan,Churn\n", 4)).toMatch(/headings, but no rows/);
    expect(await refused("", 4)).toMatch(/the file is empty/);
  });

  test("a column that is not there: exit 2, with those that are", async () => {
    const message = await refused(CUSTOMERS, 2, "--label", "churned", "--id", "nr");
    expect(message).toContain(
      "--label churned: no such column in customers.csv; found customerID, plan, complaints",
    );
    expect(message).toContain("--id nr: no such column");
  });

  test("--value that holds words: exit 4", async () => {
    expect(await refused(CUSTOMERS, 4, "--value", "plan")).toMatch(
      /--value plan: not every filled cell is a number/,
    );
  });

  test.each([
    [["complaints=rising", "complaints=falling"], [/--monotone complaints: both rising and falling/]],
    [["complaints=up"], [/--monotone complaints=up: write column=rising or column=falling/]],
    [
      ["plan=rising", "tickets=rising", "customerID=rising"],
      [
        /--monotone plan: holds words, which have no direction; allowed are complaints, age, fee/,
        /--monotone tickets: no such column to learn from/,
        /--monotone customerID: is not learnt from \(key\)/,
      ],
    ],
  ])(
    "directions that cannot be held, %j: exit 3",
    async (directions, messages) => {
      const stderr = await refused(CUSTOMERS, 3, "--monotone", ...directions);
      for (const message of messages) expect(stderr).toMatch(message);
    },
    60_000,
  );

  test.each([
    [["--customer", "customerID"], /--customer: not with --label/],
    [["--as-of", "2025-01-01"], /--as-of: not with --label/],
    [["--max-leaves", "1"], /Write a whole number from 2 to 64/],
    [["--model", "forest"], /Allowed choices are tree, boosted/],
  ])("flags that do not fit, %j: exit 2", async (flags, message) => {
    const own = folderOfTest({ "customers.csv": csvText(CUSTOMERS) });
    const result = await ask(own, ...flags);
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toMatch(message);
  });

  test("flags of a table with a label without --label, and a pipeline with it: exit 2", async () => {
    const own = folderOfTest({ "customers.csv": csvText(CUSTOMERS), "nightly.yml": "name: x\n" });
    const without = await crmAnalyze(own, "churn", "customers.csv", "--id", "customerID", "--fold", "part");
    expectFailure(without, 2);
    expect(without.stderr).toContain("--id, --fold: only with --label");
    const pipeline = await crmAnalyze(own, "churn", "nightly.yml", "--label", "Churn");
    expectFailure(pipeline, 2);
    expect(pipeline.stderr).toContain("--label: one table, a CSV, XLSX or Parquet file, found nightly.yml");
  });
});

const reference = fileURLToPath(new URL("../../../shared/reference/churn/", import.meta.url));
/** Folds held out at once: two are quicker, and leave less to learn from. */
const SETS = [
  {
    name: "telco",
    file: "ibm_telco_churn.csv",
    positive: "Yes",
    together: 2,
    area: 0.827,
    brier: 0.1415,
    boosted: 0.845,
  },
  {
    name: "iranian",
    file: "iranian_churn.csv",
    positive: "1",
    together: 1,
    area: 0.95,
    brier: 0.056,
    boosted: 0.985,
  },
] as const;

describe.skipIf(!HAS_CHURN_SETS)(`on public sets, by their fixed folds${CHURN_NOTE}`, () => {
  const cellsIn = (file: string) => parse(readFileSync(join(reference, file), "utf8")) as string[][];

  test.each(SETS)(
    "$name: the written probabilities of 16 leaves, and a challenger as good as scikit-learn's HistGradientBoosting within .002",
    async ({ name, file, positive, together, ...least }) => {
      const [headings, ...rows] = cellsIn(file);
      const folds = cellsIn(`${name}_folds.csv`)
        .slice(1)
        .map(([, fold]) => String(Math.floor(Number(fold) / together)));
      const table = withColumn(
        { headings: [...headings!, "row"], rows: rows.map((cells, row) => [...cells, `r${row}`]) },
        "part",
        (row) => folds[row]!,
      );
      const own = folderOfTest({ "customers.csv": csvText(table) });
      const flags = ["--id", "row", "--fold", "part", "--max-leaves", "16", "--out", "results"];
      const result = await ask(own, "--positive", positive, ...flags);
      expectSuccess(result);
      const label = headings!.indexOf("Churn");
      const outcomes = new Map(rows.map((cells, row) => [`r${row}`, cells[label] === positive ? 1 : 0]));
      const written = readRows(own, "results/churn.csv");
      const probabilities = Float64Array.from(written, (row) => Number(row["churn_probability"]));
      const known = Uint8Array.from(written, (row) => outcomes.get(row["customer_key"]!)!);
      expect(known.length).toBe(rows.length);
      expect(areaUnderRoc(probabilities, known).estimate).toBeGreaterThanOrEqual(least.area);
      expect(brierScore(probabilities, known).estimate).toBeLessThanOrEqual(least.brier);
      const { metrics } = cardsOf(own).find((card) => card.name === "boosted")!;
      const peer = readPeerQuality(name)["hist_gb"]!;
      expect(metrics["area_under_roc"]!.estimate).toBeGreaterThan(
        Math.max(least.boosted, peer.roc_auc_pooled - 0.002),
      );
      expect(metrics["brier_score"]!.estimate).toBeLessThan(peer.brier + 0.002);
      const leafCount = cardsOf(own)[0]!.leaves!.length;
      expect(leafCount).toBeLessThanOrEqual(16);
    },
    600_000,
  );
});

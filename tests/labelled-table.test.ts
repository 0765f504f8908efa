import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CrmError } from "../src/errors.js";
import type { FileHints } from "../src/inputs/hints.js";
import { countRows, loadTable } from "../src/labelled-file.js";
import { chooseLabel } from "../src/labelled-label.js";
import { readLabelledTable, type LabelledRequest, type LabelledTable } from "../src/labelled-table.js";
import type { CategoryFeature, NumberFeature } from "../src/models/training-set.js";
import { fileIn, openWarehouse, temporaryFolder } from "./engines/warehouse.js";
import type { Warning } from "../src/warning.js";

interface TestTable {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A hundred customers, every fourth of whom left, and the given columns. */
function customers(columns: Readonly<Record<string, (row: number) => string>>, rowCount = 100): TestTable {
  const all = { ...columns, Churn: (row: number) => (row % 4 === 0 ? "Yes" : "No") };
  return {
    headings: Object.keys(all),
    rows: Array.from({ length: rowCount }, (_, row) => Object.values(all).map((cell) => cell(row))),
  };
}

const csvCell = (text: string) => (/[",\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const csvOf = ({ headings, rows }: TestTable) =>
  `${[headings, ...rows].map((cells) => cells.map(csvCell).join(",")).join("\n")}\n`;

const REQUEST: LabelledRequest = { label: "Churn", kept: [], seed: 1 };

async function read(
  content: TestTable | string,
  request: Partial<LabelledRequest> & FileHints = {},
): Promise<LabelledTable & { warnings: Warning[]; rejectedCount: number }> {
  const folder = temporaryFolder();
  const path = fileIn(folder, "customers.csv", typeof content === "string" ? content : csvOf(content));
  const engine = await openWarehouse();
  const warnings: Warning[] = [];
  const warn = (warning: Warning) => void warnings.push(warning);
  const { decimal, ...asked } = request;
  const loaded = await loadTable(path, { engine, temporaryDirectory: folder, decimal, warn });
  const table = await readLabelledTable(engine, loaded.table, { ...REQUEST, ...asked });
  const { files } = await countRows(engine, loaded);
  return { ...table, warnings, rejectedCount: files[0]!.rowsRejected };
}

const refusal = async (
  content: TestTable | string,
  request: Partial<LabelledRequest> = {},
): Promise<CrmError> =>
  read(content, request).then(
    () => expect.fail("it was read"),
    (error: unknown) => error as CrmError,
  );

const featureOf = ({ features }: LabelledTable, name: string) =>
  features.find((feature) => feature.name === name);
const numbersOf = (table: LabelledTable, name: string) => (featureOf(table, name) as NumberFeature).values;
function wordsOf(table: LabelledTable, name: string): (string | null)[] {
  const { codes, categories } = featureOf(table, name) as CategoryFeature;
  return Array.from(codes, (code) => (code < 0 ? null : categories[code]!));
}

describe("columns are typed by their cells", () => {
  test.each([
    ["plain", ["1", "-2.5", "3e2", " 4 "], [1, -2.5, 300, 4]],
    ["grouped, with signs of money", ["¥1,234.50", "(12)", "$7", "1,000,000"], [1234.5, -12, 7, 1_000_000]],
    ["with decimal commas", ["1.234,5", "2,25", "-3,5", "4,0"], [1234.5, 2.25, -3.5, 4]],
    ["with blanks and words for nothing", ["1", "", "N/A", "null"], [1, NaN, NaN, NaN]],
    ["with what is infinite or no number", ["1", "inf", "-Infinity", "nan"], [1, NaN, NaN, NaN]],
  ])("numbers %s", async (_, cells, expected) => {
    const table = await read(customers({ x: (row) => cells[row % 4]! }));
    expect([...numbersOf(table, "x").slice(0, 4)]).toEqual(expected);
  });

  test.each([
    { how: "beside whole numbers: thousands", cells: ["1.250", "980"], hints: {}, expected: [1250, 980] },
    { how: "as asked", cells: ["1.250", "2.375"], hints: { decimal: "comma" }, expected: [1250, 2375] },
    { how: "as asked", cells: ["1.250", "2.375"], hints: { decimal: "point" }, expected: [1.25, 2.375] },
  ] as const)("a point with three digits behind it, $how: $expected", async ({ cells, hints, expected }) => {
    const table = await read(customers({ x: (row) => cells[row % 2]! }), hints);
    expect([...numbersOf(table, "x").slice(0, 2)]).toEqual([...expected]);
  });

  test("where nothing tells thousands from decimals they are decimals", async () => {
    const table = await read(customers({ x: (row) => `1.${100 + row}` }));
    expect([...numbersOf(table, "x").slice(0, 2)]).toEqual([1.1, 1.101]);
  });

  test("infinite cells are missing, and counted", async () => {
    const table = await read(customers({ x: (row) => (row < 3 ? "inf" : String(row % 7)) }));
    expect(table.columns).toEqual([{ heading: "x", kind: "plain", infiniteCount: 3, unreadCount: 0 }]);
  });

  test("one cell that is no number makes words of all of them", async () => {
    const table = await read(customers({ x: (row) => (row === 5 ? "many" : String(row % 3)) }));
    expect(wordsOf(table, "x").slice(3, 6)).toEqual(["0", "1", "many"]);
  });

  test("words stay as they are: case, quotes, commas, Chinese", async () => {
    const words = ["Month-to-month", "month-to-month", 'the "big", one', "按月", ""];
    const table = await read(customers({ x: (row) => words[row % 5]! }));
    expect(wordsOf(table, "x").slice(0, 5)).toEqual([...words.slice(0, 4), null]);
  });

  test("whatever the words, each row keeps its own (property)", async () => {
    const word = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 6 })
      .map((text) => `w${text.replaceAll(/\s|\p{C}/gu, "")}`);
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 2, maxLength: 20 }), async (words) => {
        const table = await read(customers({ x: (row) => words[row % words.length]! }));
        if (new Set(words).size === 1) expect(table.leftOut).toEqual([{ column: "x", reason: "constant" }]);
        else
          expect(wordsOf(table, "x")).toEqual(
            Array.from({ length: 100 }, (_, row) => words[row % words.length]),
          );
      }),
      { numRuns: 8 },
    );
  });
});

describe("columns that are no feature are left out, and said", () => {
  const reasonsOf = ({ leftOut }: LabelledTable) =>
    Object.fromEntries(leftOut.map(({ column, reason }) => [column, reason]));

  test.each<[string, (row: number) => string, string]>([
    ["customerID", (row) => `C-${row * 37}`, "key"],
    ["n", (row) => String(row + 1), "key"],
    ["name", (row) => `Person ${row * 7919}`, "texts"],
    ["nothing", () => "", "empty"],
    ["country", () => "CN", "constant"],
    ["signed_up", (row) => `2024-01-${String((row % 28) + 1).padStart(2, "0")}`, "days"],
  ])("%s", async (column, cell, reason) => {
    const table = await read(customers({ [column]: cell, x: (row) => String(row % 5) }));
    expect(reasonsOf(table)).toEqual({ [column]: reason });
    expect(table.features.map(({ name }) => name)).toEqual(["x"]);
  });

  test("amounts that happen to be all different are no key, and what is named with --value never is", async () => {
    const amount = (row: number) => `${row + 1},${String(100 + row * 7).slice(-3)}.50`;
    const columns = {
      bill: amount,
      moneyNo: (row: number) => String(900 + row * 3),
      client: (row: number) => `K${row}`,
    };
    const table = await read(customers(columns), { value: "moneyNo" });
    expect(table.key).toBe("client");
    expect(reasonsOf(table)).toEqual({ client: "key" });
    expect(table.features.map(({ name }) => name)).toEqual(["bill", "moneyNo"]);
    expect(numbersOf(table, "bill")[1]).toBe(2107.5);
  });

  test("ten thousand words are too many", async () => {
    const table = await read(customers({ city: (row) => `city ${row % 10_000}` }, 25_000));
    expect(reasonsOf(table)).toEqual({ city: "words" });
  });

  test("--keep keeps those in doubt, but not the empty ones", async () => {
    const table = await read(customers({ name: (row) => `p${row}`, nothing: () => "" }), {
      kept: ["name", "nothing"],
    });
    expect(reasonsOf(table)).toEqual({ nothing: "empty" });
    expect(table.features.map(({ name }) => name)).toEqual(["name"]);
  });

  test("a key is guessed by its heading and told rows apart; --id names another", async () => {
    const columns = { street: (row: number) => `k${row}`, customerID: (row: number) => `C-${row * 37}` };
    expect((await read(customers(columns))).key).toBe("customerID");
    expect((await read(customers(columns), { key: "street" })).key).toBe("street");
    expect((await read(customers({ x: (row) => String(row % 9) }))).key).toBeUndefined();
  });

  test("a key that tells hardly anybody apart is refused, one that few rows repeat is counted", async () => {
    const error = await refusal(customers({ x: (row) => String(row % 9) }), { key: "x" });
    expect(error.message).toContain("--id x: 9 different values in 100 rows");
    const table = await read(customers({ id: (row) => `k${row % 97}`, x: (row) => String(row % 9) }), {
      key: "id",
    });
    expect(table.repeatedKeyCount).toBe(3);
  });
});

describe("the label", () => {
  const REQUESTED = { file: "f.csv", column: "Churn", positive: undefined };
  const chosen = (words: Record<string, number>, positive?: string, column = "Churn") =>
    chooseLabel(
      Object.entries(words).map(([word, count]) => ({ word, count })),
      { ...REQUESTED, positive, column },
    );

  test.each([
    [{ Yes: 60, No: 40 }, "Yes", "word"],
    [{ 0: 60, 1: 40 }, "1", "word"],
    [{ true: 60, false: 40 }, "true", "word"],
    [{ 是: 60, 否: 40 }, "是", "word"],
    [{ 流失: 60, 留存: 40 }, "流失", "word"],
    [{ Existing: 80, Attrited: 20 }, "Attrited", "rarer"],
    [{ 1: 60, 2: 40 }, "1", "word"],
    [{ Active: 40, Inactive: 60 }, "Inactive", "word"],
    [{ Retained: 40, Dropped: 60 }, "Dropped", "word"],
  ] as const)("%j: %s means leaving", (words, positive, chosenBy) => {
    expect(chosen(words)).toMatchObject({ positive, chosenBy });
  });

  test.each([
    ["Retained", "No"],
    ["is_active", "No"],
    ["isActive", "No"],
    ["Renewed 2025?", "No"],
    ["是否留存", "否"],
    ["是否续约", "否"],
    ["未流失", "否"],
    ["Inactive", "Yes"],
    ["not renewed", "Yes"],
    ["Churn", "Yes"],
    ["是否流失", "是"],
    ["未续约", "是"],
  ])("under %s, %s means leaving, however many they are", (column, positive) => {
    const [yes, no] = /\p{Script=Han}/u.test(column) ? ["是", "否"] : ["Yes", "No"];
    expect(chosen({ [yes!]: 516, [no!]: 84 }, undefined, column).positive).toBe(positive);
    expect(chosen({ [yes!]: 84, [no!]: 516 }, undefined, column).positive).toBe(positive);
  });

  test("Yes in most rows under a heading that says nothing has to be told", () => {
    expect(chosen({ Yes: 60, No: 40 }, undefined, "Target").positive).toBe("Yes");
    expect(chosen({ Yes: 516, No: 84 }, "No", "Target").positive).toBe("No");
    expect(() => chosen({ Yes: 516, No: 84 }, undefined, "Target")).toThrow(
      /label Target: Yes in 516 of 600 rows, and the heading does not say/,
    );
  });

  test("--positive goes before all guesses", () => {
    expect(chosen({ Yes: 60, No: 40 }, "No")).toMatchObject({
      positive: "No",
      negative: "Yes",
      chosenBy: "given",
    });
  });

  test.each<[string, Record<string, number>, string | undefined, RegExp]>([
    [
      "three values",
      { Yes: 50, No: 50, Maybe: 1 },
      undefined,
      /3 different values \(Maybe, No, Yes\), allowed are exactly two/,
    ],
    ["one class", { No: 100 }, undefined, /1 different value \(No\), allowed are exactly two/],
    [
      "names of customers",
      Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`Ms ${i}`, 9])),
      undefined,
      /Churn: 9 different values, allowed/,
    ],
    [
      "one churner",
      { Yes: 1, No: 999 },
      undefined,
      /1000 rows, 1 who left and 999 who stayed; at least 50 are needed, and 10 of each/,
    ],
    ["five rows", { Yes: 2, No: 3 }, undefined, /5 rows, 2 who left and 3 who stayed/],
    [
      "a positive that is none",
      { Yes: 50, No: 50 },
      "ja",
      /--positive ja: .* has no such value, it has No and Yes/,
    ],
  ])("is refused: %s", (...[, words, positive, message]) => {
    expect(() => chosen(words, positive)).toThrow(message);
  });

  test("rows without it are counted and keep their place", async () => {
    const table = await read(customers({ x: (row) => String(row % 5) }));
    expect([...table.outcomes.slice(0, 5)]).toEqual([1, 0, 0, 0, 1]);
    const { headings, rows } = customers({ x: (row) => String(row % 5) }, 120);
    const blank = await read({
      headings,
      rows: rows.map((cells, row) => (row < 3 ? [cells[0]!, ""] : cells)),
    });
    expect([...blank.outcomes.slice(0, 5)]).toEqual([-1, -1, -1, 0, 1]);
    expect(blank.label.blankCount).toBe(3);
  });

  test("a column that is not there is told with those that are", async () => {
    const error = await refusal(customers({ x: () => "1" }), { label: "churned", fold: "part" });
    expect(error.kind).toBe("usage");
    expect(error.message).toContain("--label churned: no such column in customers.csv; found x, Churn");
    expect(error.message).toContain("--fold part: no such column");
  });
});

describe("folds", () => {
  const withFold = (cell: (row: number) => string) => customers({ x: (row) => String(row % 5), part: cell });

  test("are those of the column, which is no feature", async () => {
    const table = await read(
      withFold((row) => `f${row % 3}`),
      { fold: "part" },
    );
    expect([...table.folds.slice(0, 4)]).toEqual([0, 1, 2, 0]);
    expect(table.features.map(({ name }) => name)).toEqual(["x"]);
  });

  test("one fold is refused", async () => {
    const error = await refusal(
      withFold(() => "f"),
      { fold: "part" },
    );
    expect(error).toMatchObject({
      kind: "data",
      message: "customers.csv: --fold part: one fold, allowed are 2 to 100",
    });
  });

  test("blank in a row with a label is refused", async () => {
    const error = await refusal(
      withFold((row) => (row < 2 ? "" : `f${row % 3}`)),
      { fold: "part" },
    );
    expect(error.message).toContain("blank in 2 rows that have a label");
  });

  test("without a column, alike rows are held out together, by key or by content", async () => {
    const keyed = await read(customers({ client: (row) => `C${row % 50}`, x: (row) => String(row % 7) }), {
      key: "client",
    });
    const content = await read(customers({ x: (row) => String(row % 10), y: (row) => String(row % 5) }));
    for (let row = 0; row < 50; row++) {
      expect(keyed.folds[row]).toBe(keyed.folds[row + 50]);
      expect(content.folds[row]).toBe(content.folds[row + 50]);
    }
    const many = await read(customers({ customerID: (row) => `C${row}`, x: (row) => String(row % 7) }, 2000));
    const counts = Array.from({ length: 5 }, (_, fold) => many.folds.filter((own) => own === fold).length);
    expect(Math.min(...counts)).toBeGreaterThan(330);
    expect(Math.max(...counts)).toBeLessThan(470);
  });

  test("do not change with the order of the rows", async () => {
    const { headings, rows } = customers({ customerID: (row) => `C${row}`, x: (row) => String(row % 7) });
    const [ahead, back] = [await read({ headings, rows }), await read({ headings, rows: rows.toReversed() })];
    expect([...back.folds].reverse()).toEqual([...ahead.folds]);
  });
});

describe("files", () => {
  test("split by semicolons, with a title row and a byte-order mark", async () => {
    const rows = customers({ x: (row) => String(row % 5), y: (row) => String(row % 3) });
    const text = csvOf(rows).replaceAll(",", ";");
    const table = await read(`\ufeffExport of May\n${text}`);
    expect(table.rowCount).toBe(100);
    expect(table.features.map(({ name }) => name)).toEqual(["x", "y"]);
  });

  test("rows that cannot be split are counted as rejected, many of them are refused", async () => {
    const text = csvOf(customers({ x: (row) => String(row % 5) }));
    expect((await read(`${text}1,No,too,many\n`)).rejectedCount).toBe(1);
    const many = await refusal(`${text}${"1,No,too,many\n".repeat(10)}`);
    expect(many.message).toMatch(
      /10 of 110 rows cannot be split into its 2 columns, more than the 5 % allowed/,
    );
  });

  test("odd headings, two of which differ in case alone", async () => {
    const table = await read(
      customers({
        'the "x"': (row) => String(row % 5),
        A: (row) => String(row % 2),
        a: (row) => String(row % 3),
      }),
    );
    expect(table.features.map(({ name }) => name)).toEqual(['the "x"', "A", "a 2"]);
  });
});

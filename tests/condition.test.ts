import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseCondition } from "../src/condition-parser.js";
import { conditionSql } from "../src/condition-sql.js";
import { columnsAsked, type Condition, type ConditionColumn } from "../src/condition.js";
import { openDuckDB } from "../src/engines/duckdb.js";
import type { Engine } from "../src/engines/engine.js";
import { editsBetween, nearestName } from "../src/nearest.js";
import { readFunctions } from "../src/relation.js";
import { quoteName, quoteText } from "../src/sql.js";
import { collect } from "../src/table.js";

const COLUMNS: readonly ConditionColumn[] = [
  { name: "recency_days", kind: "number" },
  { name: "total_amount", kind: "number" },
  { name: "industry", kind: "text" },
  { name: "国家", kind: "text" },
  { name: "last_order_date", kind: "day" },
  { name: "is_prospect", kind: "truth" },
];

/** A customer; what is not said is not known. */
type Customer = Readonly<Record<string, string | number | boolean>>;

let engine: Engine;
beforeAll(async () => {
  engine = await openDuckDB({ path: ":memory:", functions: readFunctions("duckdb") });
});
afterAll(() => engine.close());

const cellSql = ({ kind }: ConditionColumn, value: Customer[string] | undefined) => {
  const types = { text: "text", number: "decimal", day: "date", truth: "boolean" };
  if (value === undefined) return `empty_${types[kind]}()`;
  if (kind === "day") return `cast(${quoteText(String(value))} as date)`;
  if (kind === "number") return `cast(${String(value)} as decimal(18, 4))`;
  return kind === "text" ? quoteText(String(value)) : value === true ? "1 = 1" : "1 = 0";
};

function parsed(text: string): Condition {
  const found = parseCondition(text, COLUMNS);
  if (found.kind === "problems") throw new Error(found.problems.join("; "));
  return found.condition;
}

/** What SQL says of one customer. */
async function holds(text: string, customer: Customer): Promise<unknown> {
  const cells = COLUMNS.map(
    (column) => `${cellSql(column, customer[column.name])} as ${quoteName(column.name)}`,
  );
  const rows = await collect(
    engine.read(
      `select ${conditionSql(parsed(text))} as holds from (select ${cells.join(", ")}) as customer`,
    ),
  );
  return rows.getChild("holds")!.get(0);
}

const problemsOf = (text: string) => {
  const found = parseCondition(text, COLUMNS);
  return found.kind === "problems" ? found.problems : [];
};

describe("a condition", () => {
  const customer: Customer = {
    recency_days: 100,
    total_amount: 2500.5,
    industry: "retail & food",
    国家: "中国",
    last_order_date: "2025-09-22",
    is_prospect: false,
  };
  test.each([
    ["recency_days > 90 and total_amount >= 2500.5", true],
    ["recency_days > 90 and total_amount > 2500.5", false],
    ["recency_days <= 90 or not total_amount < 1e3", true],
    ["recency_days < 0 and recency_days < 0 or recency_days = 100", true],
    ["recency_days < 0 and (recency_days < 0 or recency_days = 100)", false],
    ["recency_days between 100 and 100", true],
    ["recency_days not between 0 and 99", true],
    ["recency_days > -5", true],
    ["industry = 'retail & food'", true],
    ['industry = "retail & food"', true],
    ["industry in (gas, 'retail & food')", true],
    ["industry NOT IN (gas, oil)", true],
    ["国家 = 中国", true],
    ["国家 ＝ ‘中国’", true],
    ["（国家 in （中国，日本））", true],
    ["recency_days ≥ 100 and recency_days ≠ 7", true],
    ["`recency_days` != 100", false],
    ["last_order_date >= 2025-09-22", true],
    ["last_order_date < 2025-09-22", false],
    ["last_order_date between 2025-01-01 and 2025-12-31", true],
    ["is_prospect", false],
    ["not is_prospect", true],
    ["is_prospect = false", true],
    ["recency_days < total_amount", true],
    ["industry is missing", false],
    ["industry is not missing", true],
  ] as const)("%s is %s", async (text, expected) => {
    expect(await holds(text, customer)).toBe(expected);
  });

  test.each([
    ["recency_days > 0", false],
    ["recency_days <= 0", false],
    ["not recency_days > 0", true],
    ["recency_days != 3", false],
    ["industry not in (retail)", true],
    ["industry is missing and last_order_date is missing", true],
    ["is_prospect or not is_prospect", true],
  ] as const)("of a customer of whom nothing is known: %s is %s", async (text, expected) => {
    expect(await holds(text, {})).toBe(expected);
  });

  test("words behind a test stand for themselves, apostrophes and all", async () => {
    expect(await holds("industry = Can't Lose Them", { industry: "Can't Lose Them" })).toBe(true);
    expect(await holds("industry = 3M", { industry: "3M" })).toBe(true);
    expect(await holds("industry = 10023", { industry: "10023" })).toBe(true);
    expect(
      await holds("industry = 2025-01-01 and recency_days = 1", { industry: "2025-01-01", recency_days: 1 }),
    ).toBe(true);
  });

  test("a share may be written as percent", async () => {
    expect(await holds("total_amount >= 12.5%", { total_amount: 0.125 })).toBe(true);
  });

  test("names the columns it asks for", () => {
    expect(columnsAsked(parsed("recency_days > 3 and (recency_days < total_amount or is_prospect)"))).toEqual(
      ["is_prospect", "recency_days", "total_amount"],
    );
  });
});

describe("a mistake is named", () => {
  const THERE_ARE = "there are recency_days, total_amount, industry, 国家, last_order_date, is_prospect";
  test.each([
    ["recency_dais > 3", `there is no column recency_dais; did you mean recency_days?; ${THERE_ARE}`],
    ["shoe_size > 3", `there is no column shoe_size; ${THERE_ARE}`],
    ["is_prospekt", `there is no column is_prospekt; did you mean is_prospect?; ${THERE_ARE}`],
    ["recency_days = soon", 'recency_days holds a number, found "soon"'],
    ["recency_days > 2025-01-01", "recency_days holds a number, found 2025-01-01"],
    ["last_order_date > 90", "last_order_date holds a day, such as 2025-12-31, found 90"],
    ["last_order_date > 2025-02-30", "2025-02-30 is no day that exists"],
    ["recency_days > 1e999", "1e999 is too large; numbers go up to 1.7e308"],
    ["industry > 5", "industry holds text, and > 5 compares numbers"],
    ["is_prospect = 1", "is_prospect holds true or false, found 1"],
    ["is_prospect > true", "is_prospect is true or false, and has no order for >"],
    ["recency_days = industry", "recency_days holds a number, found industry"],
    ["recency_days >", "write a column or a value at 15, found the end"],
    ["recency_days", "write = != < <= > >= in, between or is missing at 13, found the end"],
    ["recency_days > 3 recency_days", 'write and, or, or the end at 18, found "recency_days"'],
    ["(recency_days > 3", "write ) at 18, found the end"],
    ["recency_days in 3", 'write ( at 17, found "3"'],
    ["industry = 'retail", "the quote ' at 12 is not closed"],
    ["recency_days > 3; drop table x", "nothing begins with ; (at 17)"],
    ["3 is missing", "only a column can be missing"],
    ["", "write a column or a value at 1, found the end"],
  ])("%s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test("all that can be found are named together", () => {
    expect(problemsOf("recency_dais > 3 and is_prospect = 1 and last_order_date = soon")).toHaveLength(3);
  });

  test("a function is no value", () => {
    expect(problemsOf("recency_days > abs(3)").at(-1)).toContain(
      'write and, or, or the end at 19, found "("',
    );
  });

  test("brackets without end are refused, not followed", () => {
    expect(problemsOf(`${"(".repeat(5000)}is_prospect`)[0]).toContain("100 deep");
  });
});

describe("the nearest name", () => {
  test("edits are insertions, deletions, replacements and swaps", () => {
    expect(editsBetween("kitten", "sitting")).toBe(3);
    expect(editsBetween("recnecy", "recency")).toBe(1);
    expect(editsBetween("", "abc")).toBe(3);
  });

  test("nothing is near what is wholly different", () => {
    expect(nearestName("shoe_size", ["recency_days"])).toBeUndefined();
  });
});

/** A condition as text, and what it is for a customer: in TypeScript, with unknown as false. */
interface Sample {
  readonly text: string;
  readonly holds: (customer: Customer) => boolean;
}

const WORDS = ["retail", "it's", 'a "quoted" one', "客户", "1 = 1", "' or 1=1 --", "100%"];
const written = (word: string) => `'${word.replaceAll("'", "''")}'`;
const NUMBERS = fc.integer({ min: -20, max: 20 }).map((value) => value / 2);

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

const numberTest = fc
  .record({ sign: fc.constantFrom(...Object.keys(comparisons)), value: NUMBERS })
  .map(({ sign, value }): Sample => ({
    text: `recency_days ${sign} ${value}`,
    holds: ({ recency_days: own }) => own !== undefined && comparisons[sign]!(Number(own), value),
  }));
const wordTest = fc.uniqueArray(fc.constantFrom(...WORDS), { minLength: 1 }).map((words): Sample => ({
  text: `industry in (${words.map(written).join(", ")})`,
  holds: ({ industry }) => industry !== undefined && words.includes(String(industry)),
}));
const missingTest = fc.constantFrom("recency_days", "industry").map((name): Sample => ({
  text: `${name} is missing`,
  holds: (customer) => customer[name] === undefined,
}));

const { condition } = fc.letrec<{ condition: Sample }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    numberTest,
    wordTest,
    missingTest,
    tie("condition").map(({ text, holds: inner }) => ({
      text: `not (${text})`,
      holds: (c: Customer) => !inner(c),
    })),
    fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => ({
      text: `(${a.text}) and (${b.text})`,
      holds: (c: Customer) => a.holds(c) && b.holds(c),
    })),
    fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => ({
      text: `(${a.text}) or (${b.text})`,
      holds: (c: Customer) => a.holds(c) || b.holds(c),
    })),
  ),
}));

test("SQL says of every customer what the condition says", async () => {
  const customers: Customer[] = [undefined, -3, 0, 4.5].flatMap((recency) =>
    [undefined, ...WORDS].map((industry) => ({
      ...(recency === undefined ? {} : { recency_days: recency }),
      ...(industry === undefined ? {} : { industry }),
    })),
  );
  const rows = customers.map((customer, place) => {
    const cells = COLUMNS.map(
      (column) => `${cellSql(column, customer[column.name])} as ${quoteName(column.name)}`,
    );
    return `select ${place} as place, ${cells.join(", ")}`;
  });
  await engine.create("raw.customers", rows.join(" union all "));
  await fc.assert(
    fc.asyncProperty(condition, async ({ text, holds: expected }) => {
      const sql = conditionSql(parsed(text));
      const found = await collect(engine.read(`select ${sql} as holds from raw.customers order by place`));
      const answers = customers.map((_, row) => found.getChild("holds")!.get(row) as boolean);
      expect(answers).toEqual(customers.map(expected));
    }),
    { numRuns: 150 },
  );
});

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDuckDB } from "../src/engines/duckdb.js";
import type { Engine } from "../src/engines/engine.js";
import { phrase, phraseSql } from "../src/phrase.js";
import { readFunctions } from "../src/relation.js";
import { quoteText } from "../src/sql.js";
import { collect, texts } from "../src/table.js";

describe("phrase", () => {
  test("fills gaps with texts and numbers, a gap as often as it comes", () => {
    expect(phrase("{a} of {b}, {a}", { a: 3, b: "ten" })).toBe("3 of ten, 3");
  });

  test("leaves a gap that nothing fills", () => {
    expect(phrase("{a} {b}", { a: 1 })).toBe("1 {b}");
  });

  test("words by a number: one, and any other", () => {
    const told = (n: string | number) => phrase("{n} {n|row is|rows are} left out", { n });
    expect(told(1)).toBe("1 row is left out");
    expect(told("1")).toBe("1 row is left out");
    expect(told(0)).toBe("0 rows are left out");
    expect(told("1,001")).toBe("1,001 rows are left out");
  });

  test("does not fill what was filled in", () => {
    expect(phrase("{a} {b}", { a: "{b}", b: "$& $1" })).toBe("{b} $& $1");
  });
});

describe("phraseSql", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openDuckDB({ path: ":memory:", functions: readFunctions("duckdb") });
  });
  afterAll(() => engine.close());

  const valueOf = async (sql: string) =>
    texts(await collect(engine.read(`select ${sql} as value`)), "value")[0];

  test("is the sentence, gaps and all", async () => {
    const sql = phraseSql("usually every {days} days; it's late", { days: "to_key(40 + 2)" });
    expect(await valueOf(sql)).toBe("usually every 42 days; it's late");
  });

  test.each([1, 2])("words by the number %s", async (n) => {
    const template = "{n} {n|row|rows}";
    expect(await valueOf(phraseSql(template, { n: quoteText(String(n)) }))).toBe(phrase(template, { n }));
  });

  test("throws for a gap that nothing fills", () => {
    expect(() => phraseSql("{a} {b}", { a: "1" })).toThrow("{b}");
  });

  test("is what phrase gives, for any texts", async () => {
    const text = fc.string({ unit: "grapheme", maxLength: 12 }).filter((part) => !/[{}\0]/.test(part));
    await fc.assert(
      fc.asyncProperty(fc.tuple(text, text), fc.tuple(text, text), async ([first, second], [a, b]) => {
        const template = `${first}{a}${second}{b}{a}`;
        const sql = phraseSql(template, { a: quoteText(a), b: quoteText(b) });
        expect(await valueOf(sql)).toBe(phrase(template, { a, b }));
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});

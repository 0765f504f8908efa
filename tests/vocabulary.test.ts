import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { CrmError } from "../src/errors.js";
import { namedCombinations, readVocabulary } from "../src/vocabulary.js";

const directory = mkdtempSync(join(tmpdir(), "crm-analyze-vocabulary-"));
afterAll(() => rmSync(directory, { recursive: true }));

const segment = (where: string) =>
  `{ label: { en: A, zh: 甲 }, action: { en: call, zh: 致电 }, where: [${where}] }`;

function vocabulary(name: string, levels: number, segments: Readonly<Record<string, string>>): string {
  const lines = Object.entries(segments).map(([key, where]) => `  ${key}: ${segment(where)}`);
  writeFileSync(
    join(directory, `${name}.yml`),
    [`name: ${name}`, `levels: ${levels}`, "segments:", ...lines, ""].join("\n"),
  );
  return `${name}.yml`;
}

function failureOf(path: string): CrmError {
  try {
    readVocabulary(path, directory);
  } catch (error) {
    if (error instanceof CrmError) return error;
    throw error;
  }
  throw new Error("expected a CrmError");
}

/** "533" → the segment. */
const segmentAt = (name: string) => {
  const named = namedCombinations(readVocabulary(name, directory));
  return new Map(
    named.map(({ recency, frequency, monetary, segment }) => [`${recency}${frequency}${monetary}`, segment]),
  );
};

describe("the shipped vocabularies", () => {
  test("english names each of the 125 combinations once, with all eleven segments in use", () => {
    const segments = segmentAt("english");
    expect(segments.size).toBe(125);
    expect(new Set(segments.values()).size).toBe(11);
  });

  test.each([
    ["555", "champions"],
    ["441", "champions"],
    ["345", "loyal"],
    ["531", "potential_loyalist"],
    ["511", "new"],
    ["415", "promising"],
    ["333", "need_attention"],
    ["323", "about_to_sleep"],
    ["144", "at_risk"],
    ["215", "at_risk"],
    ["151", "cannot_lose"],
    ["145", "cannot_lose"],
    ["214", "hibernating"],
    ["111", "lost"],
  ])("english: %s is %s", (levels, name) => {
    expect(segmentAt("english").get(levels)).toBe(name);
  });

  test("chinese-8 names each of the eight combinations by itself", () => {
    const segments = segmentAt("chinese-8");
    expect(segments.size).toBe(8);
    expect(new Set(segments.values()).size).toBe(8);
  });

  test.each([
    ["222", "重要价值客户"],
    ["212", "重要发展客户"],
    ["122", "重要保持客户"],
    ["112", "重要挽留客户"],
    ["221", "一般价值客户"],
    ["211", "一般发展客户"],
    ["121", "一般保持客户"],
    ["111", "一般挽留客户"],
  ])("chinese-8: %s is %s", (levels, label) => {
    const name = segmentAt("chinese-8").get(levels)!;
    expect(readVocabulary("chinese-8", directory).segments[name]!.label.zh).toBe(label);
  });

  test("no action forbids the calls of a list, or takes a customer's order for the first or second", () => {
    for (const name of ["english", "chinese-8"])
      for (const { action } of Object.values(readVocabulary(name, directory).segments)) {
        expect(action.en).not.toMatch(/in peace|first use|welcome|second order/i);
        expect(action.zh).not.toMatch(/打扰|首次|欢迎|第二次/);
      }
  });

  test("every label and action is written in both languages", () => {
    for (const name of ["english", "chinese-8"]) {
      for (const { label, action } of Object.values(readVocabulary(name, directory).segments)) {
        expect(label.zh).toMatch(/\p{Script=Han}/u);
        expect(action.zh).toMatch(/\p{Script=Han}/u);
        expect(action.en).not.toMatch(/\p{Script=Han}/u);
      }
    }
  });
});

describe("a vocabulary of one's own", () => {
  test("that covers everything is read, from a path beside the pipeline", () => {
    const path = vocabulary("mine", 5, { low: "{ recency: 1-2 }", high: "{ recency: 3-5 }" });
    const named = namedCombinations(readVocabulary(path, directory));
    expect(named.filter(({ segment }) => segment === "low")).toHaveLength(50);
    expect(named.filter(({ segment }) => segment === "high")).toHaveLength(75);
  });

  test("with a hole names the combinations without a segment", () => {
    const path = vocabulary("hole", 2, { low: "{ recency: 1 }", high: "{ recency: 2, frequency: 2 }" });
    const failure = failureOf(path);
    expect(failure.exitCode).toBe(3);
    expect(failure.message).toContain("2 combinations have no segment: 2-1-1, 2-1-2");
  });

  test("with an overlap names the combinations and their segments", () => {
    const path = vocabulary("overlap", 2, { low: "{ recency: 1 }", any: "{ recency: 1-2 }" });
    expect(failureOf(path).message).toContain("4 combinations have several segments: 1-1-1 (low, any)");
  });

  test("with levels that there are not says which", () => {
    const path = vocabulary("outside", 2, { all: "{ recency: 1-2 }", more: "{ recency: 3 }" });
    expect(failureOf(path).message).toContain("recency 3-3 in more");
  });

  test("that is not there, by name or by path", () => {
    expect(failureOf("klingon").message).toContain("klingon");
    expect(failureOf("klingon.yml").exitCode).toBe(3);
  });
});

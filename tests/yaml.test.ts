import { describe, expect, test } from "vitest";
import { z } from "zod";
import { CrmError } from "../src/errors.js";
import { readYaml } from "../src/yaml.js";
import { fileIn, temporaryFolder } from "./engines/warehouse.js";

const Shop = z.strictObject({
  name: z.string(),
  size: z.int().default(7),
  parts: z.array(z.strictObject({ kind: z.enum(["a", "b"]) })).default([]),
});

const read = (text: string) => readYaml(fileIn(temporaryFolder(), "shop.yml", text), Shop);

function problemsIn(text: string): string[] {
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(CrmError);
    expect((error as CrmError).kind).toBe("configuration");
    return (error as CrmError).message.split("\n").map((line) => line.replace(/^.*?(shop\.yml)/, "$1"));
  }
  throw new Error("nothing was wrong");
}

test("gives the value with its defaults", () => {
  expect(read("# a shop\nname: it's\n")).toEqual({ name: "it's", size: 7, parts: [] });
});

describe("names every problem, with its line and key", () => {
  test.each<[string, string, string[]]>([
    ["a wrong type", "name: x\nsize: big\n", ["shop.yml:2 size: "]],
    ["an unknown key", "name: x\ncolour: red\n", ["shop.yml:2 colour: unknown key"]],
    ["a missing key", "size: 3\n", ["shop.yml:1 name: "]],
    ["a value deep down", "name: x\nparts:\n  - kind: a\n  - kind: c\n", ["shop.yml:4 parts.1.kind: "]],
    [
      "several at once, by line",
      "size: big\nparts:\n  - kind: c\ncolour: red\n",
      ["shop.yml:1 size: ", "shop.yml:1 name: ", "shop.yml:3 parts.0.kind: ", "shop.yml:4 colour: "],
    ],
    ["nothing at all", "", ["shop.yml:1 name: "]],
    ["not YAML", "name: [x\n", ["shop.yml:"]],
    ["a key that comes twice", "name: x\nname: y\n", ["shop.yml:2"]],
  ])("%s", (_, text, expected) => {
    const problems = problemsIn(text).sort();
    for (const start of expected)
      expect(
        problems.some((problem) => problem.startsWith(start)),
        `${start} in ${problems.join("; ")}`,
      ).toBe(true);
    if (expected.length > 1) expect(problems).toHaveLength(expected.length);
  });
});

test.each([
  ["a file that is not there", "missing.yml", "no such file"],
  ["a folder", ".", "is a folder, not a file"],
])("%s is told as such", (_, name, what) => {
  const path = `${temporaryFolder()}/${name}`;
  expect(() => readYaml(path, Shop)).toThrow(`${path}: ${what}`);
});

describe("says what was found and what is allowed", () => {
  test.each([
    ["name: 3\n", "name: write a text, found 3"],
    ["size: 3\n", "name: missing"],
    ["name: x\nsize: big\n", 'size: write a number, found "big"'],
    ["name: x\nparts: 5\n", "parts: write a list, found 5"],
    ["name: x\nparts:\n  - kind: c\n", 'parts.0.kind: found "c", allowed: a, b'],
  ])("%j", (text, problem) => {
    expect(problemsIn(text).join("\n")).toContain(problem);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leafOfRows, leavesOf, type Split, type Tree, type TreeNode } from "../src/models/tree.js";
import { textsIn } from "../src/texts/index.js";
import {
  conditionsOf,
  conditionText,
  leafReasons,
  pathText,
  plainNumber,
  ruleText,
  treePicture,
  type Wording,
} from "../src/tree-words.js";

const wordingIn = (language: "en" | "zh", missing: readonly string[] = []): Wording => ({
  texts: textsIn(language).churn.tree,
  locale: { language, currency: "" },
  missing: new Set(missing),
});
const english = wordingIn("en");

/** A tree as nested pairs. */
type Sketch =
  number | { readonly split: Split; readonly value: number; readonly left: Sketch; readonly right: Sketch };

function treeOf(sketch: Sketch): Tree {
  const nodes: TreeNode[] = [];
  const put = (part: Sketch, parent: number): number => {
    const place = nodes.length;
    const value = typeof part === "number" ? part : part.value;
    nodes.push({ parent, left: -1, right: -1, weight: 1, positiveWeight: value, value });
    if (typeof part === "number") return place;
    const left = put(part.left, place);
    const right = put(part.right, place);
    nodes[place] = { ...nodes[place]!, split: part.split, left, right };
    return place;
  };
  put(sketch, -1);
  return { nodes };
}

const atMost = (feature: string, threshold: number, missingGoesLeft = false): Split => ({
  kind: "number",
  feature,
  threshold,
  missingGoesLeft,
});
const isOneOf = (feature: string, sides: readonly [string[], string[]], missingGoesLeft = false): Split => ({
  kind: "category",
  feature,
  leftCategories: sides[0],
  rightCategories: sides[1],
  missingGoesLeft,
});

const TREE = treeOf({
  split: isOneOf("Contract", [["Month-to-month"], ["One year", "Two year"]]),
  value: 0.27,
  left: {
    split: atMost("tenure", 16.5),
    value: 0.43,
    left: { split: atMost("tenure", 5), value: 0.54, left: 0.6, right: 0.47 },
    right: 0.3,
  },
  right: 0.07,
});
const [first, second, third, last] = leavesOf(TREE) as [number, number, number, number];

describe("conditions", () => {
  test("on one feature are merged: over 5 and at most 16.5", () => {
    expect(conditionsOf(TREE, second)).toEqual([
      { kind: "category", feature: "Contract", words: ["Month-to-month"], takesMissing: false },
      { kind: "number", feature: "tenure", above: 5, atMost: 16.5, takesMissing: false },
    ]);
    expect(conditionsOf(TREE, first)[1]).toMatchObject({ above: -Infinity, atMost: 5 });
  });

  test("on words keep those that a later question leaves", () => {
    const tree = treeOf({
      split: isOneOf("plan", [["a", "b", "c"], ["d"]], true),
      value: 0,
      left: { split: isOneOf("plan", [["a"], ["b", "c"]], true), value: 0, left: 0, right: 0 },
      right: 0,
    });
    const words = leavesOf(tree).map((leaf) => conditionsOf(tree, leaf));
    expect(words).toEqual([
      [{ kind: "category", feature: "plan", words: ["a"], takesMissing: true }],
      [{ kind: "category", feature: "plan", words: ["b", "c"], takesMissing: false }],
      [{ kind: "category", feature: "plan", words: ["d"], takesMissing: false }],
    ]);
  });

  test("hold for exactly the rows that come to the leaf (property)", () => {
    const split = fc.record({
      feature: fc.constantFrom("x", "y"),
      threshold: fc.integer({ min: 0, max: 9 }),
      missingGoesLeft: fc.boolean(),
    });
    const value = fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constant(NaN));
    fc.assert(
      fc.property(
        fc.array(split, { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 30 }),
        (splits, rows) => {
          const grow = (depth: number): Sketch =>
            depth === splits.length
              ? 0
              : {
                  split: { kind: "number", ...splits[depth]! },
                  value: 0,
                  left: depth % 2 === 0 ? grow(depth + 1) : 0,
                  right: depth % 2 === 1 ? grow(depth + 1) : 0,
                };
          const tree = treeOf(grow(0));
          const columns = [rows.map(([x]) => x), rows.map(([, y]) => y)];
          const features = ["x", "y"].map((name, i) => ({
            kind: "number" as const,
            name,
            values: Float64Array.from(columns[i]!),
          }));
          const found = leafOfRows(tree, features, rows.length);
          for (const leaf of leavesOf(tree)) {
            const conditions = conditionsOf(tree, leaf);
            rows.forEach((_, row) => {
              const holds = conditions.every((condition) => {
                if (condition.kind !== "number") return false;
                const own = columns[condition.feature === "x" ? 0 : 1]![row]!;
                return Number.isNaN(own)
                  ? condition.takesMissing
                  : own > condition.above && own <= condition.atMost;
              });
              expect(holds).toBe(found[row] === leaf);
            });
          }
        },
      ),
    );
  });
});

describe("sentences", () => {
  test("in English", () => {
    expect(pathText(TREE, first, english)).toBe("Contract is Month-to-month and tenure at most 5");
    expect(pathText(TREE, second, english)).toBe(
      "Contract is Month-to-month and tenure over 5 and at most 16.5",
    );
    expect(pathText(TREE, third, english)).toBe("Contract is Month-to-month and tenure over 16.5");
    expect(pathText(TREE, last, english)).toBe("Contract is One year or Two year");
    expect(pathText(TREE, 0, english)).toBe("All customers");
  });

  test("in Chinese", () => {
    expect(pathText(TREE, second, wordingIn("zh"))).toBe(
      "Contract为Month-to-month，且tenure大于 5 且不超过 16.5",
    );
  });

  test("with customers, rate and money, where it is known", () => {
    const share = { count: 1412, risk: 0.5423, money: NaN };
    expect(ruleText("tenure at most 5", share, english)).toBe(
      "tenure at most 5: 1,412 customers, 54.2% leave",
    );
    expect(
      ruleText(
        "tenure at most 5",
        { ...share, money: 12.5 },
        { ...english, locale: { language: "en", currency: "USD" } },
      ),
    ).toBe("tenure at most 5: 1,412 customers, 54.2% leave, $12.50 at risk");
    expect(ruleText("按月", share, wordingIn("zh"))).toBe("按月：1,412 位客户，流失 54.2%");
  });

  test("what is not known is said of features that have gaps, and of them alone", () => {
    const condition = {
      kind: "number",
      feature: "age",
      above: -Infinity,
      atMost: 30,
      takesMissing: true,
    } as const;
    expect(conditionText(condition, english)).toBe("age at most 30");
    expect(conditionText(condition, wordingIn("en", ["age"]))).toBe("age at most 30 or not known");
    const nothing = { kind: "category", feature: "plan", words: [], takesMissing: true } as const;
    expect(conditionText(nothing, english)).toBe("plan is not known");
  });

  test.each([
    [-Infinity, 16.5, "tenure at most 16"],
    [16.5, Infinity, "tenure at least 17"],
    [2.5, 16.5, "tenure 3 to 16"],
    [2.5, 3.5, "tenure is 3"],
  ])("whole numbers over %d and at most %d are told by those that lie there", (above, upTo, text) => {
    const condition = {
      kind: "number",
      feature: "tenure",
      above,
      atMost: upTo,
      takesMissing: false,
    } as const;
    expect(conditionText(condition, { ...english, whole: new Set(["tenure"]) })).toBe(text);
  });

  test("many words are counted", () => {
    const words = ["a", "b", "c", "d", "e", "f", "g", "h"];
    expect(conditionText({ kind: "category", feature: "city", words, takesMissing: false }, english)).toBe(
      "city is a, b, c, d, e and 3 more",
    );
    expect(
      conditionText(
        { kind: "category", feature: "city", words: words.slice(0, 3), takesMissing: false },
        english,
      ),
    ).toBe("city is a, b or c");
  });

  test.each([
    [16.5, "16.5"],
    [0.1 + 0.2, "0.3"],
    [2015.5, "2015.5"],
    [1234567.8, "1,234,570"],
    [1e-7, "0.0000001"],
    [-3, "-3"],
  ])("the number %d is written %s", (value, text) => {
    expect(plainNumber(value, english.locale)).toBe(text);
  });
});

describe("reasons", () => {
  test("are the conditions that raised the probability, the strongest first", () => {
    expect(leafReasons(TREE, first, english)).toEqual(["tenure at most 5", "Contract is Month-to-month"]);
    expect(leafReasons(TREE, third, english)).toEqual(["Contract is Month-to-month"]);
  });

  test("there are none where nothing raised it", () => {
    expect(leafReasons(TREE, last, english)).toEqual([]);
  });
});

test("the picture names question and answer of every branch, and numbers the leaves", () => {
  const shares = TREE.nodes.map(({ value }) => ({ count: 1, risk: value, money: NaN }));
  const numbers = new Map(leavesOf(TREE).map((place, i) => [place, i + 1]));
  const { nodes, headings } = treePicture(TREE, { shares, numbers }, english);
  expect(nodes.map(({ question, answer, leaf }) => [question, answer, leaf])).toEqual([
    ["All customers", "", undefined],
    ["Contract", "Month-to-month", undefined],
    ["tenure", "≤ 16.5", undefined],
    ["tenure", "≤ 5", 1],
    ["tenure", "> 5", 2],
    ["tenure", "> 16.5", 3],
    ["Contract", "One year, Two year", 4],
  ]);
  expect(headings).toEqual({ leaf: "Leaf", count: "Customers", risk: "Leave" });
});

test("a question whether a number is known at all is told in words, and survives a later range", () => {
  const tree = treeOf({
    split: atMost("balance", Number.MAX_VALUE),
    value: 0.3,
    left: { split: atMost("balance", 5), value: 0.2, left: 0.1, right: 0.25 },
    right: 0.9,
  });
  const [low, high, unknown] = leavesOf(tree);
  expect(conditionText(conditionsOf(tree, 1)[0]!, english)).toBe("balance is known");
  expect([low, high, unknown].map((place) => pathText(tree, place!, english))).toEqual([
    "balance at most 5",
    "balance over 5",
    "balance is not known",
  ]);
  expect(pathText(tree, unknown!, wordingIn("zh"))).not.toMatch(/1\.7|[a-z]{3,} is/);
});

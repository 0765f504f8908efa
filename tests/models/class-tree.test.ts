import { describe, expect, test } from "vitest";
import { fitClassTree, growClassTree } from "../../src/models/class-tree.js";
import type { Feature } from "../../src/models/training-set.js";
import { leafOfRows, leavesOf } from "../../src/models/tree.js";
import { seeded } from "../../src/random.js";

const random = seeded(9);
const COUNT = 600;
const size = Float64Array.from({ length: COUNT }, () => Math.floor(random() * 100));
const kinds = Int32Array.from({ length: COUNT }, () => Math.floor(random() * 3));
const gap = Float64Array.from({ length: COUNT }, (_, row) => (row % 7 === 0 ? NaN : random()));
const noise = Float64Array.from({ length: COUNT }, () => random());
const features: Feature[] = [
  { kind: "number", name: "size", values: size },
  { kind: "category", name: "kind", codes: kinds, categories: ["firm", "person", "state"] },
  { kind: "number", name: "gap", values: gap },
  { kind: "number", name: "noise", values: noise },
];
/** 0: firms of more than 50; 1: other firms and states; 2: persons; 3: persons with an unknown gap. */
const classes = Int32Array.from({ length: COUNT }, (_, row) =>
  kinds[row] === 1 ? (Number.isNaN(gap[row]) ? 3 : 2) : kinds[row] === 0 && size[row]! > 50 ? 0 : 1,
);
const rows = { features, classes, classCount: 4 };
const folds = Int32Array.from({ length: COUNT }, (_, row) => row % 5);

describe("a tree that tells four classes apart", () => {
  const { tree, accuracy, majorityShare } = fitClassTree(rows, folds, { maxLeaves: 12, minLeafRows: 3 });

  test("finds the rules that made them, by numbers, words and what is missing", () => {
    expect(
      leafOfRows(tree, features, COUNT).every((leaf, row) => tree.nodes[leaf]!.mode === classes[row]),
    ).toBe(true);
    expect(new Set(tree.nodes.flatMap(({ split }) => (split ? [split.feature] : [])))).toEqual(
      new Set(["kind", "size", "gap"]),
    );
  });

  test("has no more leaves than held-out rows ask for, and says how often it is right on them", () => {
    expect(leavesOf(tree).length).toBeGreaterThanOrEqual(4);
    expect(leavesOf(tree).length).toBeLessThanOrEqual(6);
    expect(accuracy).toBeGreaterThan(0.98);
    const counts = [0, 1, 2, 3].map((of) => classes.filter((one) => one === of).length);
    expect(majorityShare).toBe(Math.max(...counts) / COUNT);
  });

  test("counts the rows of every node, children adding up to their parent", () => {
    for (const { left, right, weight, classCounts, value, mode } of tree.nodes) {
      expect(classCounts.reduce((a, b) => a + b)).toBe(weight);
      expect(value).toBe(classCounts[mode]! / weight);
      if (left >= 0)
        expect(classCounts).toEqual(
          tree.nodes[left]!.classCounts.map((count, of) => count + tree.nodes[right]!.classCounts[of]!),
        );
    }
  });

  test("does not depend on the order of the rows", () => {
    const places = Int32Array.from({ length: COUNT }, (_, row) => COUNT - 1 - row);
    const turned = {
      features: features.map((feature) =>
        feature.kind === "number"
          ? { ...feature, values: feature.values.toReversed() }
          : { ...feature, codes: feature.codes.toReversed() },
      ),
      classes: Int32Array.from(places, (row) => classes[row]!),
      classCount: 4,
    };
    const settings = { maxLeaves: 8, minLeafRows: 3 };
    expect(growClassTree(turned, settings)).toEqual(growClassTree(rows, settings));
  });
});

test("never has more leaves than allowed, nor smaller ones", () => {
  const { nodes } = growClassTree(rows, { maxLeaves: 3, minLeafRows: 40 });
  const leaves = leavesOf({ nodes });
  expect(leaves).toHaveLength(3);
  for (const leaf of leaves) expect(nodes[leaf]!.weight).toBeGreaterThanOrEqual(40);
});

test("is the root alone where nothing tells the classes apart", () => {
  const constant: Feature = { kind: "number", name: "same", values: new Float64Array(20) };
  const noClue = {
    features: [constant],
    classes: Int32Array.from({ length: 20 }, (_, row) => row % 2),
    classCount: 2,
  };
  expect(growClassTree(noClue, { maxLeaves: 5, minLeafRows: 1 }).nodes).toHaveLength(1);
});

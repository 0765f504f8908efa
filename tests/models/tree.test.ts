import { beforeAll, describe, expect, test } from "vitest";
import { growTree, scoreTree } from "../../src/models/cart.js";
import { featureAt, type Feature } from "../../src/models/training-set.js";
import { leafOfRows, treeSql, type Tree } from "../../src/models/tree.js";
import { leafContributions } from "../../src/models/tree-contributions.js";
import { leavesOf } from "../../src/models/tree.js";
import { seeded } from "../../src/random.js";
import { numberSql, quoteName, quoteText } from "../../src/sql.js";
import { ENGINES, openWarehouse, rowsOf } from "../engines/warehouse.js";
import { randomSet, WORDS } from "./random-rows.js";

const ROW_COUNT = 10_000;

/** New rows: other numbers, infinities, nulls, and words that the tree has never seen. */
function strangeRows(features: readonly Feature[]): Feature[] {
  const random = seeded(99);
  const draw = Int32Array.from({ length: ROW_COUNT }, () => Math.floor(random() * 2000));
  return features.map((feature) => {
    const rows = featureAt(feature, draw);
    if (rows.kind === "category")
      return {
        ...rows,
        categories: [...WORDS, "never 'seen'"],
        codes: rows.codes.map((code) => (random() < 0.1 ? WORDS.length : code)),
      };
    const strange = [Infinity, -Infinity, NaN, 0, -1, 1e300];
    return {
      ...rows,
      values: rows.values.map((value) => (random() < 0.1 ? strange[Math.floor(random() * 6)]! : value)),
    };
  });
}

function cellSql(feature: Feature, row: number): string {
  if (feature.kind === "category")
    return feature.codes[row]! < 0 ? "null" : quoteText(feature.categories[feature.codes[row]!]!);
  const value = feature.values[row]!;
  if (Number.isNaN(value)) return "null";
  return Number.isFinite(value) ? numberSql(value) : `cast('${value}' as double)`;
}

describe.each(ENGINES)("a tree as SQL on $name", (engine) => {
  const training = randomSet(2000, 5);
  let tree: Tree;
  beforeAll(() => {
    tree = growTree(training, { maxLeaves: 60, minLeafWeight: 3, maxDepth: 12 });
  });

  test("comes to the same leaf and the same probability on 10,000 rows, row by row", async () => {
    const rows = strangeRows(training.features);
    const warehouse = await openWarehouse(engine);
    const names = rows.map(({ name }) => quoteName(name)).join(", ");
    const values = Array.from(
      { length: ROW_COUNT },
      (_, row) => `(${row}, ${rows.map((feature) => cellSql(feature, row)).join(", ")})`,
    );
    await warehouse.create(
      "raw.strange",
      `select * from (values ${values.join(",\n")}) as t(place, ${names})`,
    );
    const leaf = treeSql(tree, String);
    const probability = treeSql(tree, (place) => numberSql(tree.nodes[place]!.value));
    const found = await rowsOf(
      warehouse,
      `select ${leaf} as leaf, ${probability} as probability from raw.strange order by place`,
    );
    expect(found.map((row) => Number(row["leaf"]))).toEqual([...leafOfRows(tree, rows, ROW_COUNT)]);
    expect(found.map((row) => row["probability"])).toEqual([...scoreTree(tree, rows, ROW_COUNT)]);
    expect(new Set(found.map((row) => row["leaf"])).size).toBeGreaterThan(30);
  });

  test("asks about words and numbers, known or not", () => {
    const kinds = new Set(tree.nodes.flatMap(({ split }) => (split ? [split.kind] : [])));
    expect(kinds).toEqual(new Set(["number", "category"]));
  });
});

describe("what features add on the way to a leaf", () => {
  test("makes the leaf's value with the root's, largest first, a feature once", () => {
    const tree = growTree(randomSet(1000, 3), { maxLeaves: 30, minLeafWeight: 5 });
    for (const leaf of leavesOf(tree)) {
      const contributions = leafContributions(tree, leaf);
      const sum = contributions.reduce((total, { amount }) => total + amount, tree.nodes[0]!.value);
      expect(sum).toBeCloseTo(tree.nodes[leaf]!.value, 12);
      const amounts = contributions.map(({ amount }) => amount);
      expect(amounts).toEqual(amounts.toSorted((a, b) => b - a));
      expect(new Set(contributions.map(({ feature }) => feature)).size).toBe(contributions.length);
    }
  });

  test("of the root is nothing", () => {
    expect(leafContributions(growTree(randomSet(10, 1)), 0)).toEqual([]);
  });
});

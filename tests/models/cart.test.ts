import fc from "fast-check";
// @ts-expect-error it brings no types
import { DecisionTreeClassifier } from "ml-cart";
import { describe, expect, test } from "vitest";
import { growTree, scoreTree, type TreeSettings } from "../../src/models/cart.js";
import { rowsAt, type Feature, type TrainingSet } from "../../src/models/training-set.js";
import { leafOfRows, leavesOf, type Tree } from "../../src/models/tree.js";
import { seeded } from "../../src/random.js";
import { readEncodedSet, readReference } from "./churn-reference.js";
import { CHURN_NOTE, HAS_CHURN_SETS } from "./churn-sets.js";
import { randomSet } from "./random-rows.js";

interface ExactNode {
  readonly id: number;
  readonly n: number;
  readonly counts: readonly [number, number];
  readonly leaf: boolean;
  readonly tied_features?: readonly string[];
  readonly threshold?: number;
}
interface ExactCase {
  readonly file: string;
  readonly rows: number;
  readonly features: readonly string[];
  readonly exact: readonly ExactNode[];
}

const EXACT = {
  criterion: "gini",
  maxDepth: 3,
  maxLeaves: Infinity,
  minLeafWeight: 1,
  isFine: true,
} as const;
const CASES = ["telco_numeric", "telco_all", "iranian_all", "telco_first60"];

/** Compares a branch node by node; where features tie, the parts may stand on either side and the feature is one of them. */
function expectEqual(
  tree: Tree,
  place: number,
  { nodes, id }: { nodes: Map<number, ExactNode>; id: number },
): void {
  const expected = nodes.get(id)!;
  const { weight, positiveWeight, split, left, right } = tree.nodes[place]!;
  expect([weight - positiveWeight, positiveWeight], `node ${id}`).toEqual(expected.counts);
  if (expected.leaf) return expect(split, `node ${id}`).toBeUndefined();
  const ties = expected.tied_features!;
  expect(ties).toContain(split?.feature);
  if (ties.length === 1)
    expect(split?.kind === "number" && split.threshold).toBeCloseTo(expected.threshold!, 9);
  const isSwapped = ties.length > 1 && tree.nodes[left]!.weight !== nodes.get(2 * id)!.n;
  const [low, high] = isSwapped ? [right, left] : [left, right];
  expectEqual(tree, low, { nodes, id: 2 * id });
  expectEqual(tree, high, { nodes, id: 2 * id + 1 });
}

describe.skipIf(!HAS_CHURN_SETS)(
  `trees by exact rational search, checked with scikit-learn 1.2.1${CHURN_NOTE}`,
  () => {
    test.each(CASES)("%s is equal node by node", (name) => {
      const { cases } = readReference<{ cases: Record<string, ExactCase> }>("exact_tree_depth3.json");
      const { file, rows, features, exact } = cases[name]!;
      const { training } = readEncodedSet(file.includes("telco") ? "telco" : "iranian");
      const chosen = training.features.filter((feature) => features.includes(feature.name));
      const first = rowsAt(
        { ...training, features: chosen },
        Array.from({ length: rows }, (_, row) => row),
      );
      const nodes = new Map(exact.map((node) => [node.id, node]));
      const tree = growTree(first, EXACT);
      expect(tree.nodes).toHaveLength(exact.length);
      expectEqual(tree, 0, { nodes, id: 1 });
    });
  },
);

const numbers = (name: string, values: readonly number[]): Feature => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});
const words = (name: string, cells: readonly (string | undefined)[]): Feature => {
  const categories = [...new Set(cells.filter((cell) => cell !== undefined))];
  return {
    kind: "category",
    name,
    categories,
    codes: Int32Array.from(cells, (cell) => (cell === undefined ? -1 : categories.indexOf(cell))),
  };
};
const LOOSE = { minLeafWeight: 1 } as const;

describe("splits by hand", () => {
  const grow = (feature: Feature, outcomes: readonly number[], settings: Partial<TreeSettings> = {}) =>
    growTree(
      { features: [feature], outcomes: Uint8Array.from(outcomes) },
      { ...LOOSE, maxLeaves: 2, ...settings },
    ).nodes[0]!;

  test("a cut is the midpoint of its neighbours", () => {
    expect(grow(numbers("x", [1, 2, 4, 9]), [0, 0, 1, 1]).split).toEqual({
      kind: "number",
      feature: "x",
      threshold: 3,
      missingGoesLeft: true,
    });
  });

  test("missing values go the better way", () => {
    expect(grow(numbers("x", [1, 2, 4, 9, NaN]), [0, 0, 1, 1, 1]).split).toMatchObject({
      threshold: 3,
      missingGoesLeft: false,
    });
    expect(grow(numbers("x", [1, 2, 4, 9, NaN]), [0, 0, 1, 1, 0]).split).toMatchObject({
      threshold: 3,
      missingGoesLeft: true,
    });
  });

  test("missing or known can be the question itself", () => {
    expect(grow(numbers("x", [1, 1, NaN, NaN]), [0, 0, 1, 1]).split).toMatchObject({
      threshold: Number.MAX_VALUE,
      missingGoesLeft: false,
    });
  });

  test("words are parted by the order of their rates", () => {
    const cells = ["a", "a", "b", "b", "c", "c", "d", "d"];
    expect(grow(words("x", cells), [1, 1, 0, 0, 1, 1, 0, 0]).split).toMatchObject({
      leftCategories: ["b", "d"],
      rightCategories: ["a", "c"],
    });
  });

  test("infinities are extremes, and cuts stay finite", () => {
    const { split } = grow(numbers("x", [-Infinity, -Infinity, 3, 5, Infinity]), [1, 1, 0, 0, 0]);
    expect(split).toMatchObject({ threshold: 0 });
    const top = grow(numbers("x", [-Infinity, 3, 5, Infinity, Infinity]), [0, 0, 0, 1, 1]).split;
    expect(top).toMatchObject({ threshold: 5 });
  });

  test("equal splits go to the first name, then to the least cut", () => {
    const features = [numbers("b", [1, 2]), numbers("a", [2, 1])];
    expect(growTree({ features, outcomes: Uint8Array.of(0, 1) }, LOOSE).nodes[0]!.split?.feature).toBe("a");
    expect(grow(numbers("x", [1, 2, 3]), [0, 1, 0]).split).toMatchObject({ threshold: 1.5 });
  });

  test("the Gini impurity takes the cut that is cleaner on the whole, the entropy the pure one", () => {
    const bins = [
      { x: 1, negative: 5, positive: 0 },
      { x: 2, negative: 25, positive: 10 },
      { x: 3, negative: 14, positive: 26 },
    ];
    const cells = bins.flatMap(({ x, negative, positive }) => new Array<number>(negative + positive).fill(x));
    const outcomes = bins.flatMap(({ negative, positive }) => [
      ...new Array<number>(negative).fill(0),
      ...new Array<number>(positive).fill(1),
    ]);
    for (const criterion of ["gini", "entropy"] as const) {
      const { split } = grow(numbers("x", cells), outcomes, { criterion });
      expect(split).toMatchObject({ threshold: bestCutByHand(bins, criterion) });
    }
  });
});

type Bin = { readonly x: number; readonly negative: number; readonly positive: number };

/** The cut of the least impurity, by the textbook formulas. */
function bestCutByHand(bins: readonly Bin[], criterion: "gini" | "entropy"): number {
  const impurity = (p: number) =>
    criterion === "gini"
      ? 1 - p * p - (1 - p) * (1 - p)
      : p <= 0 || p >= 1
        ? 0
        : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);
  const lossOf = (side: readonly Bin[]) => {
    const positive = side.reduce((sum, bin) => sum + bin.positive, 0);
    const weight = side.reduce((sum, bin) => sum + bin.positive + bin.negative, 0);
    return weight * impurity(positive / weight);
  };
  const cuts = bins
    .slice(1)
    .map(({ x }, i) => ({ cut: x - 0.5, loss: lossOf(bins.slice(0, i + 1)) + lossOf(bins.slice(i + 1)) }));
  return cuts.reduce((best, next) => (next.loss < best.loss ? next : best)).cut;
}

describe("ml-cart 2.1.1 as a peer", () => {
  interface PeerNode {
    readonly splitColumn?: number;
    readonly splitValue?: number;
    readonly left?: PeerNode;
    readonly right?: PeerNode;
  }
  type Asked = readonly [number, string, number];

  const asksOf = (node: PeerNode | undefined, id = 1): Asked[] =>
    node?.splitColumn === undefined || node.left === undefined
      ? []
      : [
          [id, `x${node.splitColumn}`, node.splitValue!],
          ...asksOf(node.left, 2 * id),
          ...asksOf(node.right, 2 * id + 1),
        ];
  const ourAsks = (tree: Tree, place = 0, id = 1): Asked[] => {
    const { split, left, right } = tree.nodes[place]!;
    if (split?.kind !== "number") return [];
    return [
      [id, split.feature, split.threshold],
      ...ourAsks(tree, left, 2 * id),
      ...ourAsks(tree, right, 2 * id + 1),
    ];
  };

  // with seed 2 two cuts save exactly the same: ours takes the lower, as it says, the peer the higher
  test.each([1, 3, 4, 5, 6, 7])("asks the same on small untied data, seed %i", (seed) => {
    const random = seeded(seed);
    const rows = Array.from({ length: 60 }, () => Array.from({ length: 4 }, () => random()));
    const outcomes = rows.map((row) =>
      Number(row[seed % 4]! + 0.5 * row[(seed + 1) % 4]! + 0.3 * random() > 0.9),
    );
    const peer = new DecisionTreeClassifier({ gainFunction: "gini", maxDepth: 2, minNumSamples: 1 });
    peer.train(rows, outcomes);
    const features = rows[0]!.map((_, column) =>
      numbers(
        `x${column}`,
        rows.map((row) => row[column]!),
      ),
    );
    const tree = growTree({ features, outcomes: Uint8Array.from(outcomes) }, { ...EXACT, maxDepth: 2 });
    const expected = asksOf(peer.root as PeerNode);
    const found = ourAsks(tree);
    expect(found.map(([id, name]) => [id, name])).toEqual(expected.map(([id, name]) => [id, name]));
    found.forEach(([, , cut], i) => expect(cut).toBeCloseTo(expected[i]![2], 12));
  });
});

describe("properties", () => {
  const seeds = fc.integer();

  test("the order of the rows and of the features changes nothing", () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, isWeighted) => {
        const plain = randomSet(300, seed);
        const random = seeded(seed + 1);
        const training = isWeighted
          ? { ...plain, weights: Float64Array.from(plain.outcomes, () => Math.sqrt(random())) }
          : plain;
        const order = Array.from(plain.outcomes, (_, row) => row).sort(() => random() - 0.5);
        const shuffled = rowsAt({ ...training, features: training.features.toReversed() }, order);
        expect(growTree(shuffled, { minLeafWeight: 5 })).toEqual(growTree(training, { minLeafWeight: 5 }));
      }),
      { numRuns: 30 },
    );
  });

  test("a weight is as good as so many rows", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const training = randomSet(200, seed);
        const random = seeded(seed);
        const weights = Float64Array.from(training.outcomes, () => Math.floor(random() * 4));
        const repeated = [...weights].flatMap((weight, row) => new Array<number>(weight).fill(row));
        expect(growTree({ ...training, weights }, { minLeafWeight: 8 })).toEqual(
          growTree(rowsAt(training, repeated), { minLeafWeight: 8 }),
        );
      }),
      { numRuns: 30 },
    );
  });

  test("limits hold, children share their parent's rows, and rows come where they were counted", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 6 }),
        (seed, maxLeaves, maxDepth) => {
          const training = randomSet(300, seed);
          const tree = growTree(training, { maxLeaves, maxDepth, minLeafWeight: 7 });
          const leaves = leavesOf(tree);
          expect(leaves.length).toBeLessThanOrEqual(Math.min(maxLeaves, 2 ** maxDepth));
          const counts = new Map<number, number>();
          leafOfRows(tree, training.features, 300).forEach((leaf) =>
            counts.set(leaf, (counts.get(leaf) ?? 0) + 1),
          );
          for (const leaf of leaves) {
            expect(tree.nodes[leaf]!.weight).toBeGreaterThanOrEqual(leaves.length > 1 ? 7 : 0);
            expect(counts.get(leaf)).toBe(tree.nodes[leaf]!.weight);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a direction holds everywhere, whatever the data say", () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom("rising", "falling"), (seed, direction) => {
        const training = randomSet(400, seed);
        const name = training.features[0]!.name;
        const tree = growTree(training, { minLeafWeight: 5, maxLeaves: 30, monotone: { [name]: direction } });
        expectDirection(tree, training, direction);
      }),
      { numRuns: 40 },
    );
  });
});

/** Moves the first feature of a hundred rows from low to high. */
export function expectDirection(tree: Tree, { features }: TrainingSet, direction: string): void {
  const grid = Float64Array.from({ length: 60 }, (_, i) => (i % 2 ? i / 50 : i * 4e6));
  grid.sort();
  for (let row = 0; row < 100; row++) {
    const same = rowsAt(
      { features, outcomes: new Uint8Array(row + 1) },
      new Int32Array(grid.length).fill(row),
    ).features;
    const moved = [{ ...(same[0] as Extract<Feature, { kind: "number" }>), values: grid }, ...same.slice(1)];
    const scores = scoreTree(tree, moved, grid.length);
    const steps = scores
      .slice(1)
      .map((score, i) => (direction === "rising" ? score - scores[i]! : scores[i]! - score));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
  }
}

describe("bad input gives a tree all the same", () => {
  const outcomes = Uint8Array.from({ length: 100 }, (_, row) => Number(row % 3 === 0));
  const x = numbers(
    "x",
    Array.from(outcomes, (_, row) => row),
  );
  const leavesWith = (training: TrainingSet) => leavesOf(growTree(training)).length;

  test.each([
    ["one class only", { features: [x], outcomes: new Uint8Array(100) }],
    ["one churner", { features: [x], outcomes: Uint8Array.from(outcomes, (_, row) => Number(row === 50)) }],
    ["a constant feature", { features: [numbers("x", new Array<number>(100).fill(7))], outcomes }],
    ["an empty feature", { features: [numbers("x", new Array<number>(100).fill(NaN))], outcomes }],
    ["no feature", { features: [], outcomes }],
    ["five rows", rowsAt({ features: [x], outcomes }, [0, 1, 2, 3, 4])],
    ["no rows", rowsAt({ features: [x], outcomes }, [])],
    ["weights of 0", { features: [x], outcomes, weights: new Float64Array(100) }],
  ] as [string, TrainingSet][])("%s", (_, training) => {
    expect(leavesWith(training)).toBeGreaterThanOrEqual(1);
    for (const { value } of growTree(training).nodes) expect(value >= 0 && value <= 1).toBe(true);
  });

  test("ten thousand words", () => {
    const cells = Array.from({ length: 30_000 }, (_, row) => `word ${row % 10_000}`);
    const many = Uint8Array.from(cells, (_, row) => Number(row % 10_000 < 50));
    expect(leavesWith({ features: [words("x", cells)], outcomes: many })).toBeGreaterThan(1);
  });

  test("what cannot be meant is refused", () => {
    const training = { features: [x, words("w", ["a"])], outcomes };
    expect(() => growTree(training, { monotone: { y: "rising" } })).toThrow(
      new RangeError("monotone: y is no feature"),
    );
    expect(() => growTree(training, { monotone: { w: "rising" } })).toThrow(
      new RangeError("monotone: w is no number"),
    );
    expect(() => growTree({ ...training, weights: new Float64Array(100).fill(-1) })).toThrow(RangeError);
    expect(() => growTree(training, { maxLeaves: 0 })).toThrow(RangeError);
  });
});

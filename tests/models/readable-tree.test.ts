import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { growTree, scoreTree } from "../../src/models/cart.js";
import { shrunkValues } from "../../src/models/hierarchical-shrinkage.js";
import { fitReadableTree } from "../../src/models/readable-tree.js";
import { rowsAt, type TrainingSet } from "../../src/models/training-set.js";
import { leavesOf } from "../../src/models/tree.js";
import { seeded } from "../../src/random.js";
import {
  CHURN_NOTE,
  HAS_CHURN_SETS,
  meanSquaredError,
  outOfFold,
  rankingArea,
  readChurnSet,
} from "./churn-sets.js";
import { randomSet } from "./random-rows.js";

/**
 * What a greedy tree of the size was seen to reach; `tests/cli/churn-file.test.ts` has 16 leaves. Folds that are held
 * out together are quicker, and leave less to learn from.
 */
const TARGETS = [
  { name: "telco", maxLeaves: 32, together: 1, area: 0.833, brier: 0.1415 },
  { name: "iranian", maxLeaves: 32, together: 2, area: 0.955, brier: 0.056 },
] as const;

describe.skipIf(!HAS_CHURN_SETS)(
  `one tree on public sets, pooled out of the fixed folds${CHURN_NOTE}`,
  () => {
    test.each(TARGETS)(
      "$name, at most $maxLeaves leaves: AUC $area, Brier score $brier",
      ({ name, maxLeaves, together, area, brier }) => {
        const { training, folds } = readChurnSet(name);
        const held = folds.map((fold) => Math.floor(fold / together));
        const probabilities = outOfFold(training, held, (kept, keptFolds) => {
          const { tree } = fitReadableTree(kept, keptFolds, { maxLeaves });
          expect(leavesOf(tree).length).toBeLessThanOrEqual(maxLeaves);
          return ({ features, outcomes }) => scoreTree(tree, features, outcomes.length);
        });
        expect(rankingArea(probabilities, training.outcomes)).toBeGreaterThanOrEqual(area);
        expect(meanSquaredError(probabilities, training.outcomes)).toBeLessThanOrEqual(brier);
      },
      120_000,
    );
  },
);

/** Rows whose probability is known: four groups by two numbers, and three numbers that say nothing. */
function plantedRows(rowCount: number, seed: number): { training: TrainingSet; truth: Float64Array } {
  const random = seeded(seed);
  const columns = Array.from({ length: 5 }, () => Float64Array.from({ length: rowCount }, () => random()));
  const [x, y] = columns as [Float64Array, Float64Array];
  const truth = x.map((value, row) =>
    value > 0.6 ? (y[row]! > 0.3 ? 0.7 : 0.4) : y[row]! > 0.8 ? 0.25 : 0.05,
  );
  const outcomes = Uint8Array.from(truth, (probability) => Number(random() < probability));
  const features = columns.map((values, i) => ({ kind: "number" as const, name: `x${i}`, values }));
  return { training: { features, outcomes }, truth };
}
const foldsOf = (rowCount: number, count = 5) =>
  Int32Array.from({ length: rowCount }, (_, row) => row % count);

describe("planted truth", () => {
  const { training } = plantedRows(6000, 11);
  const fitted = fitReadableTree(training, foldsOf(6000));
  const fresh = plantedRows(40_000, 12);
  const probabilities = scoreTree(fitted.tree, fresh.training.features, 40_000);

  test("the cuts that were planted are found", () => {
    const cuts = fitted.tree.nodes.flatMap(({ split }) => (split?.kind === "number" ? [split] : []));
    const near = (name: string, value: number) =>
      cuts.some(({ feature, threshold }) => feature === name && Math.abs(threshold - value) < 0.02);
    expect([near("x0", 0.6), near("x1", 0.3), near("x1", 0.8)]).toEqual([true, true, true]);
  });

  test("each leaf's probability is that of new rows, within sampling error", () => {
    for (const leaf of leavesOf(fitted.tree)) {
      const { value, weight } = fitted.tree.nodes[leaf]!;
      const here = [...probabilities.keys()].filter((row) => probabilities[row] === value);
      const mean = here.reduce((sum, row) => sum + fresh.truth[row]!, 0) / here.length;
      expect(Math.abs(value - mean)).toBeLessThan(4 * Math.sqrt((mean * (1 - mean)) / weight) + 0.01);
    }
  });

  test("on the whole they are calibrated: the mean, and the slope of the log-odds", () => {
    const mean = (values: ArrayLike<number>) =>
      Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean(probabilities) - mean(fresh.truth))).toBeLessThan(4 * Math.sqrt(0.16 / 6000));
    expect(meanSquaredError(probabilities, fresh.training.outcomes)).toBeLessThan(
      meanSquaredError(fresh.truth, fresh.training.outcomes) + 0.002,
    );
  });
});

test("noise gives a root, or hardly more", () => {
  const random = seeded(3);
  const values = Float64Array.from({ length: 3000 }, () => random());
  const outcomes = Uint8Array.from(values, () => Number(random() < 0.3));
  const { tree, complexity } = fitReadableTree(
    { features: [{ kind: "number", name: "x", values }], outcomes },
    foldsOf(3000),
  );
  const probabilities = scoreTree(tree, [{ kind: "number", name: "x", values }], 3000);
  expect(Math.max(...probabilities) - Math.min(...probabilities)).toBeLessThan(0.1);
  expect(Number.isFinite(complexity)).toBe(true);
});

describe("properties", () => {
  test("the order of the rows changes nothing", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const training = randomSet(400, seed);
        const random = seeded(seed);
        const folds = foldsOf(400, 4);
        const order = Array.from(folds, (_, row) => row).sort(() => random() - 0.5);
        const shuffled = fitReadableTree(
          rowsAt(training, order),
          Int32Array.from(order, (row) => folds[row]!),
        );
        expect(shuffled).toEqual(fitReadableTree(training, folds));
      }),
      { numRuns: 8 },
    );
  });

  test("directions hold after the search, the shrinkage and the calibration", () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom("rising" as const, "falling" as const), (seed, direction) => {
        const training = randomSet(400, seed);
        const [first] = training.features;
        const { tree } = fitReadableTree(training, foldsOf(400), {
          minLeafWeight: 5,
          monotone: { [first!.name]: direction },
        });
        const branch = (place: number): number[] => {
          const { split, left, right, value } = tree.nodes[place]!;
          return split === undefined ? [value] : [...branch(left), ...branch(right)];
        };
        for (const { split, left, right } of tree.nodes) {
          if (split?.feature !== first!.name) continue;
          const [low, high] = direction === "rising" ? [left, right] : [right, left];
          expect(Math.max(...branch(low))).toBeLessThanOrEqual(Math.min(...branch(high)) + 1e-12);
        }
      }),
      { numRuns: 25 },
    );
  });

  test("bad input: one class, one churner, five rows, one fold, no rows", () => {
    const training = randomSet(200, 4);
    const oneClass = { ...training, outcomes: new Uint8Array(200) };
    const oneChurner = {
      ...training,
      outcomes: Uint8Array.from({ length: 200 }, (_, row) => Number(row === 7)),
    };
    const few = rowsAt(training, [0, 1, 2, 3, 4]);
    const cases: [TrainingSet, Int32Array][] = [
      [oneClass, foldsOf(200)],
      [oneChurner, foldsOf(200)],
      [few, foldsOf(5)],
      [training, new Int32Array(200)],
      [rowsAt(training, []), foldsOf(0)],
    ];
    for (const [rows, folds] of cases)
      for (const { value } of fitReadableTree(rows, folds).tree.nodes)
        expect(value > 0 && value < 1).toBe(true);
  });
});

describe("hierarchical shrinkage (Agarwal et al. 2022, (2))", () => {
  const tree = growTree(randomSet(500, 8), { maxLeaves: 12, minLeafWeight: 5 });

  test("by hand: the root's value plus each step over 1 + λ / N of the node above", () => {
    const values = shrunkValues(tree, 50);
    tree.nodes.forEach(({ parent, value }, place) => {
      if (parent < 0) return expect(values[place]).toBe(value);
      const { value: above, weight } = tree.nodes[parent]!;
      expect(values[place]! - values[parent]!).toBeCloseTo((value - above) / (1 + 50 / weight), 14);
    });
  });

  test("without λ nothing changes, with a huge one all is the root's", () => {
    expect(
      [...shrunkValues(tree, 0)].every((value, place) => Math.abs(value - tree.nodes[place]!.value) < 1e-12),
    ).toBe(true);
    for (const value of shrunkValues(tree, 1e15)) expect(value).toBeCloseTo(tree.nodes[0]!.value, 9);
  });
});

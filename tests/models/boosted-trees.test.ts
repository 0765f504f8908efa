import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boostedContributionSql,
  boostedLogOddsSql,
  boostedTreesSql,
} from "../../src/models/boosted-trees-sql.js";
import { fitBoostedTrees, scoreBoostedTrees, type BoostedTrees } from "../../src/models/boosted-trees.js";
import { pathTo, leafOfRows } from "../../src/models/tree.js";
import {
  featureAt,
  rowsAt,
  type Feature,
  type Folds,
  type TrainingSet,
} from "../../src/models/training-set.js";
import { seeded } from "../../src/random.js";
import { collect, numbers, tableOf } from "../../src/table.js";
import { ENGINES, openWarehouse } from "../engines/warehouse.js";
import { meanLogLoss } from "./churn-sets.js";

const numberOf = (name: string, values: Iterable<number>): Feature => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});

const wordOf = (name: string, words: readonly (string | null)[]): Feature => {
  const categories = [...new Set(words)].filter((word) => word !== null);
  const places = new Map(categories.map((word, code) => [word, code]));
  return {
    kind: "category",
    name,
    categories,
    codes: Int32Array.from(words, (word) => places.get(word!) ?? -1),
  };
};

const valuesOf = (feature: Feature | undefined): Float64Array => {
  if (feature?.kind !== "number") throw new Error("a number expected");
  return feature.values;
};

const wordsOf = (feature: Feature | undefined): (string | null)[] => {
  if (feature?.kind !== "category") throw new Error("a category expected");
  return Array.from(feature.codes, (code) => feature.categories[code] ?? null);
};

/** The planted probability: a step, a bend, missing that matters, words, and a pair that only matters together. */
function plantedLogOdds(row: {
  step: number;
  bend: number;
  gap: number;
  word: string | null;
  pair: number[];
}): number {
  const ofWord = row.word === null ? 0.5 : ["it's", "上海"].includes(row.word) ? 1 : -0.6;
  return (
    (row.step > 30 ? 1.2 : -0.8) -
    row.bend ** 2 / 2 +
    (Number.isNaN(row.gap) ? 1.5 : 0) +
    ofWord +
    (row.pair[0]! > 0 === row.pair[1]! > 0 ? 0.8 : -0.8)
  );
}

const WORDS = [null, "it's", 'a "b"', "c", "上海", "d", "e"];
const STEP = 'the "step"';

function planted(rowCount: number, seed = 1) {
  const random = seeded(seed);
  const rows = Array.from({ length: rowCount }, () => ({
    step: Math.floor(random() * 60),
    bend: random() * 4 - 2,
    gap: random() < 0.3 ? NaN : random(),
    word: WORDS[Math.floor(random() * WORDS.length)]!,
    pair: [random() - 0.5, random() - 0.5],
    chance: random(),
  }));
  const truth = Float64Array.from(rows, (row) => 1 / (1 + Math.exp(-plantedLogOdds(row))));
  const features = [
    numberOf(
      STEP,
      rows.map(({ step }) => step),
    ),
    numberOf(
      "bend",
      rows.map(({ bend }) => bend),
    ),
    numberOf(
      "gap",
      rows.map(({ gap }) => gap),
    ),
    wordOf(
      "word",
      rows.map(({ word }) => word),
    ),
    ...[0, 1].map((i) =>
      numberOf(
        `pair ${i}`,
        rows.map(({ pair }) => pair[i]!),
      ),
    ),
  ];
  const training: TrainingSet = {
    features,
    outcomes: Uint8Array.from(rows, ({ chance }, row) => Number(chance < truth[row]!)),
  };
  return { training, truth, folds: foldsOf(rowCount) };
}

const foldsOf = (rowCount: number, foldCount = 5): Folds =>
  Int32Array.from({ length: rowCount }, (_, row) => row % foldCount);

const scoresOf = (model: BoostedTrees, { features, outcomes }: TrainingSet) =>
  scoreBoostedTrees(model, features, outcomes.length);

function shuffled(length: number): number[] {
  const random = seeded(5);
  const keys = Array.from({ length }, () => random());
  return [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
}

describe("by hand", () => {
  test("one stump after Chen & Guestrin (2016), (5): −G / (H + λ) = −2 / 3 of 8 rows on either side, from log-odds 0", () => {
    const values = [1, 1, 1, 1, 3, 3, 3, 3];
    const outcomes = [0, 0, 0, 1, 1, 1, 1, 0];
    const training = {
      features: [numberOf("x", [...values, ...values])],
      outcomes: Uint8Array.of(...outcomes, ...outcomes),
    };
    const folds = Int32Array.from({ length: 16 }, (_, row) => Number(row > 7));
    const settings = {
      maxDepth: 1,
      learningRate: 1,
      ridge: 1,
      minLeafSpread: 0,
      featureShare: 1,
      maxTrees: 1,
    };
    const { baseline, trees } = fitBoostedTrees(training, folds, settings);
    expect(baseline).toBe(0);
    expect(trees).toHaveLength(1);
    const [root, left, right] = trees[0]!.nodes;
    expect(root).toMatchObject({ weight: 16, positiveWeight: 8, value: 0, parent: -1 });
    expect(root!.split).toEqual({ kind: "number", feature: "x", threshold: 2, missingGoesLeft: false });
    expect(left).toMatchObject({ value: -2 / 3, weight: 8, positiveWeight: 2, parent: 0 });
    expect(right).toMatchObject({ value: 2 / 3, weight: 8, positiveWeight: 6, parent: 0 });
  });
});

describe("planted truths", () => {
  test("nine tenths of what can be learnt are: jumps, bends, gaps, words and pairs that matter together only", () => {
    const { training, folds } = planted(10_000);
    const fresh = planted(10_000, 2);
    const { outcomes } = fresh.training;
    const scores = scoresOf(fitBoostedTrees(training, folds), fresh.training);
    const rate = training.outcomes.reduce((sum, outcome) => sum + outcome, 0) / 10_000;
    const [worst, best] = [new Float64Array(10_000).fill(rate), fresh.truth].map((p) =>
      meanLogLoss(p, outcomes),
    );
    expect(worst! - meanLogLoss(scores, outcomes)).toBeGreaterThan(0.9 * (worst! - best!));
  });

  test("where nothing is to be learnt hardly a tree is kept", () => {
    const random = seeded(9);
    const training = {
      features: [
        numberOf("noise", Array.from({ length: 4000 }, random)),
        wordOf(
          "many words",
          Array.from({ length: 4000 }, () => `word ${Math.floor(random() * 200)}`),
        ),
      ],
      outcomes: Uint8Array.from({ length: 4000 }, () => Number(random() < 0.3)),
    };
    const model = fitBoostedTrees(training, foldsOf(4000));
    const scores = scoresOf(model, training);
    expect(model.trees.length).toBeLessThan(10);
    expect(Math.max(...scores) - Math.min(...scores)).toBeLessThan(0.2);
  });

  test("the number of trees is the one with the least held-out loss", () => {
    const { training, folds } = planted(2000);
    const { trees, heldOutLosses } = fitBoostedTrees(training, folds);
    expect(heldOutLosses[trees.length]).toBe(Math.min(...heldOutLosses));
    expect(trees.length).toBeGreaterThan(5);
    expect(heldOutLosses[0]! - heldOutLosses[trees.length]!).toBeGreaterThan(0.05);
  });
});

describe("the order of the rows", () => {
  test.each([{}, { maxRowsPerTree: 200 }])("changes no bit, %j", (settings) => {
    const { training, folds } = planted(600);
    const weights = Float64Array.from({ length: 600 }, (_, row) => 0.1 + (row % 7) / 3);
    const order = shuffled(600);
    for (const set of [training, { ...training, weights }]) {
      const model = fitBoostedTrees(set, folds, settings);
      const other = fitBoostedTrees(
        rowsAt(set, order),
        Int32Array.from(order, (row) => folds[row]!),
        settings,
      );
      expect(model.trees.length).toBeGreaterThan(3);
      expect(other).toEqual(model);
    }
  });

  test("changes no bit where rows are alike, and are drawn by lot", () => {
    const { training } = planted(300);
    const places = Array.from({ length: 900 }, (_, i) => i % 300);
    const repeated = rowsAt(training, places);
    const folds = Int32Array.from(places, (place) => place % 5);
    const order = shuffled(900);
    const there = Int32Array.from(order, (row) => folds[row]!);
    const settings = { maxRowsPerTree: 400 };
    expect(fitBoostedTrees(rowsAt(repeated, order), there, settings)).toEqual(
      fitBoostedTrees(repeated, folds, settings),
    );
  });

  test("another seed gives another model, the same one the same", () => {
    const { training, folds } = planted(1000);
    const [one, again, other] = [1, 1, 2].map((seed) => fitBoostedTrees(training, folds, { seed }).trees);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });
});

describe("monotone constraints", () => {
  test.each(["rising", "falling"] as const)(
    "%s: no row's probability moves the other way, whatever was seen",
    (direction) => {
      const { training, folds } = planted(1500);
      const model = fitBoostedTrees(training, folds, { monotone: { bend: direction, [STEP]: direction } });
      const sign = direction === "rising" ? 1 : -1;
      const some = training.features.map((feature) => featureAt(feature, [...Array(200).keys()]));
      for (const name of ["bend", STEP]) {
        let before: Float64Array | undefined;
        for (let x = -3; x <= 65; x += name === "bend" && x < 3 ? 0.1 : 1) {
          const at = some.map((each) =>
            each.name === name ? numberOf(name, Array<number>(200).fill(x)) : each,
          );
          const scores = scoreBoostedTrees(model, at, 200);
          const steps = scores.map((score, row) => sign * (score - (before?.[row] ?? score)));
          expect(Math.min(...steps), `${name} ${x}`).toBeGreaterThanOrEqual(-1e-12);
          before = scores;
        }
      }
      expect(new Set(scoresOf(model, training)).size).toBeGreaterThan(100);
    },
  );
});

describe("the trees", () => {
  const { training, folds } = planted(3000);
  const model = fitBoostedTrees(training, folds);

  test("say 0 at the root, and the weighted mean of what is below at every inner node", () => {
    for (const { nodes } of model.trees) {
      expect(nodes[0]!.value).toBe(0);
      nodes.forEach(({ split, left, right, value, weight }, place) => {
        if (split === undefined) return;
        const [a, b] = [nodes[left]!, nodes[right]!];
        expect(Math.min(left, right)).toBeGreaterThan(place);
        expect(a.weight + b.weight).toBe(weight);
        expect((a.weight * a.value + b.weight * b.value) / weight).toBeCloseTo(value, 12);
      });
    }
  });

  test("have at most 2 to the depth leaves, and contributions by path that sum to the log-odds", () => {
    expect(Math.max(...model.trees.map(({ nodes }) => nodes.length))).toBeLessThanOrEqual(31);
    const scores = scoresOf(model, training);
    const sums = new Float64Array(3000).fill(model.baseline);
    for (const tree of model.trees)
      leafOfRows(tree, training.features, 3000).forEach((leaf, row) => {
        const path = pathTo(tree, leaf).map((place) => tree.nodes[place]!.value);
        path.slice(1).forEach((value, i) => (sums[row]! += value - path[i]!));
      });
    sums.forEach((sum, row) => expect(1 / (1 + Math.exp(-sum))).toBeCloseTo(scores[row]!, 12));
  });
});

describe("bad input", () => {
  test.each([
    ["one class", [0, 0, 0, 0, 0], 0.5 / 6],
    ["the other class", [1, 1, 1, 1, 1], 5.5 / 6],
    ["no rows", [], 0.5],
  ])("%s: a constant", (_, outcomes, expected) => {
    const training = { features: [numberOf("x", [...outcomes.keys()])], outcomes: Uint8Array.from(outcomes) };
    const model = fitBoostedTrees(training, foldsOf(outcomes.length));
    expect(model.trees).toEqual([]);
    expect(scoreBoostedTrees(model, [], 1)[0]).toBeCloseTo(expected, 12);
    expect(boostedTreesSql(model)).toContain("exp");
  });

  test("one fold only: rows are held out by lot; in a fold of its own a class that is nowhere else", () => {
    const { training } = planted(1000);
    const model = fitBoostedTrees(training, new Int32Array(1000));
    expect(model.trees.length).toBeGreaterThan(3);
    expect(model.trees.length).toBeLessThan(200);
    const split = fitBoostedTrees(training, Int32Array.from(training.outcomes));
    expect(split.trees.length).toBe(0);
  });

  test("10,000 words: those too rare for a bin of their own go where a missing one goes", () => {
    const words = Array.from({ length: 20_000 }, (_, row) =>
      row % 2 === 0 ? `often ${row % 10}` : `rare ${row}`,
    );
    const outcomes = Uint8Array.from(words, (word, row) => Number(word === "often 4" || row % 11 === 0));
    const training = { features: [wordOf("word", words)], outcomes };
    const model = fitBoostedTrees(training, foldsOf(20_000), { maxTrees: 20 });
    const [often, rare, unseen, missing] = scoreBoostedTrees(
      model,
      [wordOf("word", ["often 4", "rare 9999", "?", null])],
      4,
    );
    expect(often).toBeGreaterThan(0.5);
    expect(rare).toBe(missing);
    expect(unseen).toBe(missing);
    expect(boostedTreesSql(model).length).toBeLessThan(1e6);
  });

  test("any doubles at all give probabilities and SQL", () => {
    const row = fc.tuple(fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, 1)), fc.double(), fc.boolean());
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
        const training = {
          features: [
            numberOf(
              "x",
              rows.map(([x]) => x),
            ),
            numberOf(
              "y",
              rows.map(([, y]) => y),
            ),
          ],
          outcomes: Uint8Array.from(rows, ([, , outcome]) => Number(outcome)),
        };
        const model = fitBoostedTrees(training, foldsOf(rows.length, 3), { maxTrees: 5, minLeafSpread: 0 });
        for (const score of scoresOf(model, training)) expect(score > 0 && score < 1).toBe(true);
        boostedTreesSql(model);
      }),
    );
  });

  test("settings out of range and a feature that the rows lack are refused", () => {
    const { training, folds } = planted(500);
    expect(() => fitBoostedTrees(training, folds, { learningRate: 0 })).toThrow(
      "learningRate: must be above 0 and at most 1, found 0",
    );
    expect(() => fitBoostedTrees(training, folds, { maxTrees: -1 })).toThrow(
      "maxTrees: must not be below 0, found -1",
    );
    expect(() => scoreBoostedTrees(fitBoostedTrees(training, folds), [], 1)).toThrow(
      "the rows do not have it",
    );
  });
});

describe.each(ENGINES)("on $name", (each) => {
  test("the log-odds of 100 trees are equal to the last bit, the contributions sum to them, the probability follows", async () => {
    const { training, folds } = planted(2000);
    const settings = { maxTrees: 100, patience: 100, learningRate: 0.02 };
    const model = fitBoostedTrees(training, folds, settings);
    expect(model.trees.length).toBeGreaterThan(75);
    const { features } = planted(3000, 7).training;
    const words = wordsOf(features[3]).map((word, row) => (row % 40 === 0 ? "new" : word));
    const bends = valuesOf(features[1]).map((bend, row) => (row % 50 === 0 ? Infinity : bend));
    const rows = features.map((feature) =>
      feature.name === "word"
        ? wordOf("word", words)
        : feature.name === "bend"
          ? numberOf("bend", bends)
          : feature,
    );
    const engine = await openWarehouse(each);
    const columns = rows.map((feature) => [
      feature.name,
      feature.kind === "number" ? feature.values : wordsOf(feature),
    ]);
    await engine.write("features.customers", [tableOf(Object.fromEntries(columns))]);
    const contributions = rows.map(({ name }) => boostedContributionSql(model, name)).join(" + ");
    const table = await collect(
      engine.read(
        `select ${boostedLogOddsSql(model)} as log_odds, ${boostedTreesSql(model)} as probability,
         ${contributions} as contribution from features.customers`,
      ),
    );
    const expected = scoreBoostedTrees(model, rows, 3000);
    const [logOdds, probability, contribution] = ["log_odds", "probability", "contribution"].map((name) =>
      numbers(table, name),
    );
    expected.forEach((p, row) => {
      expect(1 / (1 + Math.exp(-logOdds![row]!))).toBe(p);
      expect(Math.abs(probability![row]! - p)).toBeLessThan(1e-15);
      expect(Math.abs(model.baseline + contribution![row]! - logOdds![row]!)).toBeLessThan(1e-12);
    });
    expect(new Set(expected).size).toBeGreaterThan(2000);
  });

  test("a feature that no tree asks for contributes 0", async () => {
    const { training, folds } = planted(500);
    const model = fitBoostedTrees(training, folds);
    expect(boostedContributionSql(model, "nothing")).toBe("0e0");
  });
});

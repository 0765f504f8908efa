import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fitLogisticRegression,
  scoreLogisticRegression,
  type LogisticRegression,
  type NumberEffect,
} from "../../src/models/logistic-regression.js";
import { rowsAt, type Feature, type TrainingSet } from "../../src/models/training-set.js";
import { seeded } from "../../src/random.js";
import {
  CHURN_NOTE,
  HAS_CHURN_SETS,
  meanSquaredError,
  outOfFold,
  rankingArea,
  readChurnSet,
  readPeerQuality,
  type ChurnSetName,
} from "./churn-sets.js";

const numberOf = (name: string, values: Iterable<number>): Feature => ({
  kind: "number",
  name,
  values: Float64Array.from(values),
});

/** Words in order of appearance; null is missing. */
function wordsOf(name: string, words: readonly (string | null)[]): Feature {
  const categories = [...new Set(words)].filter((word) => word !== null);
  const codes = Int32Array.from(words, (word) => (word === null ? -1 : categories.indexOf(word)));
  return { kind: "category", name, codes, categories };
}

const setOf = (features: readonly Feature[], outcomes: Iterable<number>, weights?: readonly number[]) => ({
  features,
  outcomes: Uint8Array.from(outcomes),
  ...(weights === undefined ? {} : { weights: Float64Array.from(weights) }),
});

const scoresOf = (model: LogisticRegression, { features, outcomes }: TrainingSet) =>
  scoreLogisticRegression(model, features, outcomes.length);

/** Intercept and slope on the scale of the number itself. */
function lineOf({ intercept, effects }: LogisticRegression): [number, number] {
  const { coefficient, mean, deviation } = effects[0] as NumberEffect;
  const slope = coefficient / deviation;
  return [intercept - slope * mean, slope];
}

/** A thousand rows of every kind of feature, with missing cells, infinities and words that want quoting. */
function mixedSet(rowCount = 1000): TrainingSet {
  const random = seeded(4);
  const rows = Array.from({ length: rowCount }, () => ({
    spread: random() * 40 - 10,
    odd: [NaN, Infinity, -Infinity, 3, 4, 5][Math.floor(random() * 6)]!,
    word: [null, "it's", 'a "b"', "c", "上海"][Math.floor(random() * 5)]!,
    chance: random(),
  }));
  return setOf(
    [
      numberOf(
        "a number",
        rows.map(({ spread }) => (spread > 25 ? NaN : spread)),
      ),
      numberOf(
        'odd "one"',
        rows.map(({ odd }) => odd),
      ),
      wordsOf(
        "word",
        rows.map(({ word }) => word),
      ),
    ],
    rows.map(({ spread, word, chance }) =>
      Number(chance < 1 / (1 + Math.exp(1 - spread / 10 - Number(word === "c")))),
    ),
  );
}

describe("published fits, with next to no ridge", () => {
  test("Agresti (2002), Categorical Data Analysis, section 5.1.3: O-rings, logit = 15.0429 − 0.2322 temperature", () => {
    const degrees = [
      66, 70, 69, 68, 67, 72, 73, 70, 57, 63, 70, 78, 67, 53, 67, 75, 70, 81, 76, 79, 75, 76, 58,
    ];
    const distress = [0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1];
    const model = fitLogisticRegression(setOf([numberOf("temperature", degrees)], distress), { ridge: 1e-9 });
    const [intercept, slope] = lineOf(model);
    expect(model.isConverged).toBe(true);
    expect(intercept).toBeCloseTo(15.0429, 4);
    expect(slope).toBeCloseTo(-0.2322, 4);
  });

  test("Dobson (2002), An Introduction to Generalized Linear Models, table 7.4: beetles as weighted rows, −60.72 and 34.27", () => {
    const doses = [1.6907, 1.7242, 1.7552, 1.7842, 1.8113, 1.8369, 1.861, 1.8839];
    const beetles = [59, 60, 62, 56, 63, 59, 62, 60];
    const killed = [6, 13, 18, 28, 52, 53, 61, 60];
    const training = setOf(
      [numberOf("dose", [...doses, ...doses])],
      [...doses.map(() => 1), ...doses.map(() => 0)],
      [...killed, ...killed.map((count, i) => beetles[i]! - count)],
    );
    const [intercept, slope] = lineOf(fitLogisticRegression(training, { ridge: 1e-9 }));
    expect(intercept).toBeCloseTo(-60.72, 2);
    expect(slope).toBeCloseTo(34.27, 2);
  });

  test("by hand: words without a ridge give their own rates, 1 of 4, 3 of 4 and, where missing, 1 of 2", () => {
    const training = setOf(
      [wordsOf("word", ["a", "a", "a", "a", "b", "b", "b", "b", null, null])],
      [1, 0, 0, 0, 1, 1, 1, 0, 1, 0],
    );
    const scores = scoresOf(fitLogisticRegression(training, { ridge: 1e-9 }), training);
    [0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75, 0.5, 0.5].forEach((rate, row) =>
      expect(scores[row]).toBeCloseTo(rate, 6),
    );
  });
});

describe.skipIf(!HAS_CHURN_SETS)(`against scikit-learn 1.2.1 on the fixed folds${CHURN_NOTE}`, () => {
  test.each<ChurnSetName>(["telco", "iranian"])("%s: AUC and Brier within .003", (name) => {
    const { training, folds } = readChurnSet(name);
    const peer = readPeerQuality(name)["logreg"]!;
    const probabilities = outOfFold(training, folds, (kept) => {
      const model = fitLogisticRegression(kept);
      expect(model.isConverged).toBe(true);
      return (held) => scoresOf(model, held);
    });
    expect(Math.abs(rankingArea(probabilities, training.outcomes) - peer.roc_auc_pooled)).toBeLessThan(0.003);
    expect(Math.abs(meanSquaredError(probabilities, training.outcomes) - peer.brier)).toBeLessThan(0.003);
  });
});

describe("fitLogisticRegression", () => {
  test("the mean probability is the rate: the intercept has no penalty", () => {
    const training = mixedSet();
    const scores = scoresOf(fitLogisticRegression(training, { ridge: 30 }), training);
    const rate = training.outcomes.reduce((sum, outcome) => sum + outcome, 0) / 1000;
    expect(scores.reduce((sum, p) => sum + p, 0) / 1000).toBeCloseTo(rate, 6);
  });

  test("finds planted coefficients: 0.8 a deviation, and a word that adds 1", () => {
    const random = seeded(11);
    const rows = Array.from({ length: 40_000 }, () => {
      const [x, word] = [random(), random() < 0.5 ? "in" : "out"];
      const logOdds = -1 + (0.8 * (x - 0.5)) / Math.sqrt(1 / 12) + Number(word === "in");
      return { x, word, outcome: Number(random() < 1 / (1 + Math.exp(-logOdds))) };
    });
    const { effects } = fitLogisticRegression(
      setOf(
        [
          numberOf(
            "x",
            rows.map(({ x }) => x),
          ),
          wordsOf(
            "word",
            rows.map(({ word }) => word),
          ),
        ],
        rows.map(({ outcome }) => outcome),
      ),
    );
    const [number, words] = effects;
    if (number?.kind !== "number" || words?.kind !== "category") throw new Error("two effects expected");
    const coefficientOf = (word: string) => words.coefficients[words.words.indexOf(word)]!;
    expect(Math.abs(number.coefficient - 0.8)).toBeLessThan(0.04);
    expect(Math.abs(coefficientOf("in") - coefficientOf("out") - 1)).toBeLessThan(0.08);
  });

  test("separable outcomes have a fit, and a stronger ridge a flatter one", () => {
    const values = Array.from({ length: 40 }, (_, i) => i);
    const training = setOf(
      [numberOf("x", values)],
      values.map((x) => Number(x >= 20)),
    );
    const slopes = [0.01, 1, 100].map((ridge) => {
      const model = fitLogisticRegression(training, { ridge });
      expect(model.isConverged).toBe(true);
      return lineOf(model)[1];
    });
    expect(slopes[0]).toBeGreaterThan(slopes[1]!);
    expect(slopes[1]).toBeGreaterThan(slopes[2]!);
    expect(slopes[2]).toBeGreaterThan(0);
  });

  test("the same to rounding in any order of the rows", () => {
    const training = mixedSet();
    const random = seeded(3);
    const order = Array.from({ length: 1000 }, (_, row) => ({ row, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ row }) => row);
    const scores = scoresOf(fitLogisticRegression(training), training);
    const shuffled = scoresOf(fitLogisticRegression(rowsAt(training, order)), training);
    scores.forEach((score, row) => expect(shuffled[row]).toBeCloseTo(score, 9));
  });

  test("of many rows it is the maximum too, not that of the part it starts from", () => {
    const training = mixedSet(50_000);
    const model = fitLogisticRegression(training);
    const misses = scoresOf(model, training).map((p, row) => p - training.outcomes[row]!);
    const [word] = training.features.filter((feature) => feature.kind === "category");
    const [effect] = model.effects.filter((each) => each.kind === "category");
    expect(misses.reduce((sum, miss) => sum + miss, 0)).toBeCloseTo(0, 5);
    effect!.words.forEach((each, i) => {
      const rows = misses.filter((_, row) => word!.categories[word!.codes[row]!] === each);
      expect(rows.reduce((sum, miss) => sum + miss, 0)).toBeCloseTo(-effect!.coefficients[i]!, 5);
    });
  });

  test("a weight counts as so many rows", () => {
    const training = mixedSet(200);
    const weights = Float64Array.from({ length: 200 }, (_, row) => row % 3);
    const repeated = Array.from(weights).flatMap((weight, row) => Array<number>(weight).fill(row));
    const weighted = scoresOf(fitLogisticRegression({ ...training, weights }), training);
    const plain = scoresOf(fitLogisticRegression(rowsAt(training, repeated)), training);
    weighted.forEach((score, row) => expect(score).toBeCloseTo(plain[row]!, 7));
  });
});

describe("bad input", () => {
  test.each([
    ["one class", [0, 0, 0, 0, 0], 0.5 / 6],
    ["the other class", [1, 1, 1, 1, 1], 5.5 / 6],
    ["no rows", [], 0.5],
  ])("%s: a constant, with half a row of either outcome added", (_, outcomes, expected) => {
    const training = setOf(
      [
        numberOf(
          "x",
          outcomes.map((__, i) => i),
        ),
      ],
      outcomes,
    );
    const model = fitLogisticRegression(training);
    expect(model.isConverged).toBe(true);
    expect(scoreLogisticRegression(model, [numberOf("x", [1, NaN])], 2)[0]).toBeCloseTo(expected, 12);
  });

  test("constant and never known features have no effect", () => {
    const training = setOf(
      [
        numberOf("constant", [7, 7, 7, 7, 7]),
        numberOf("unknown", [NaN, NaN, NaN, NaN, NaN]),
        wordsOf("word", ["a", "a", "a", "a", "a"]),
        wordsOf("silent", [null, null, null, null, null]),
      ],
      [0, 1, 0, 1, 1],
    );
    const model = fitLogisticRegression(training);
    expect(model.effects).toEqual([]);
    scoresOf(model, training).forEach((score) => expect(score).toBeCloseTo(0.6, 9));
  });

  test("of 10,000 words the most frequent have a coefficient", () => {
    const words = Array.from({ length: 12_000 }, (_, row) =>
      row < 2000 ? `often ${row % 4}` : `word ${row}`,
    );
    const training = setOf(
      [wordsOf("word", words)],
      words.map((word, row) => Number(word === "often 1" || row % 7 === 0)),
    );
    const { effects } = fitLogisticRegression(training, { maxCategories: 4 });
    const [effect] = effects;
    expect(effect?.kind === "category" && effect.words).toEqual([0, 1, 2, 3].map((i) => `often ${i}`));
  });

  test("any doubles at all give probabilities", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double(), fc.double(), fc.boolean()), { maxLength: 30 }),
        fc.double(),
        (rows, unseen) => {
          const training = setOf(
            [
              numberOf(
                "x",
                rows.map(([x]) => x),
              ),
              numberOf(
                "y",
                rows.map(([, y]) => y),
              ),
            ],
            rows.map(([, , outcome]) => Number(outcome)),
          );
          const model = fitLogisticRegression(training);
          const scores = scoreLogisticRegression(
            model,
            [numberOf("x", [unseen, NaN]), numberOf("y", [Infinity, unseen])],
            2,
          );
          for (const score of [...scoresOf(model, training), ...scores]) {
            expect(score).toBeGreaterThanOrEqual(0);
            expect(score).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  test("a ridge below 0 and a feature that the rows lack are refused", () => {
    const training = mixedSet(100);
    expect(() => fitLogisticRegression(training, { ridge: -1 })).toThrow(
      "ridge: must not be below 0, found -1",
    );
    const model = fitLogisticRegression(training);
    expect(() => scoreLogisticRegression(model, [], 1)).toThrow("number a number; the rows do not have it");
  });
});

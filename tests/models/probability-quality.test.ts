import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  brierScore,
  calibrationCurve,
  calibrationLine,
  expectedCalibrationError,
  logLoss,
} from "../../src/models/probability-quality.js";
import { seeded, type Random } from "../../src/random.js";
import { coverage, drawnRows, PEER_ROWS, reversed, rowsOf, type ScoredRows } from "./scored-rows.js";

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Rows whose log-odds are `intercept + slope ·` those foretold. */
function foretold(
  random: Random,
  size: number,
  { intercept, slope } = { intercept: 0, slope: 1 },
): ScoredRows {
  return rowsOf(
    Array.from({ length: size }, () => {
      const logOdds = 4 * random() - 3;
      const chance = 1 / (1 + Math.exp(-(intercept + slope * logOdds)));
      return [1 / (1 + Math.exp(-logOdds)), random() < chance ? 1 : 0];
    }),
  );
}

describe("brierScore and logLoss", () => {
  test("scikit-learn's documentation: Brier .0375 and log-loss .21616", () => {
    expect(brierScore(Float64Array.of(0.1, 0.9, 0.8, 0.3), Uint8Array.of(0, 1, 1, 0)).estimate).toBeCloseTo(
      0.0375,
      14,
    );
    expect(logLoss(Float64Array.of(0.9, 0.1, 0.2, 0.65), Uint8Array.of(1, 0, 0, 1)).estimate).toBeCloseTo(
      0.21616187468057912,
      14,
    );
  });

  test("scikit-learn on tied rows: .164943 and .505089", () => {
    expect(brierScore(PEER_ROWS.scores, PEER_ROWS.outcomes).estimate).toBeCloseTo(0.1649432125473229, 14);
    expect(logLoss(PEER_ROWS.scores, PEER_ROWS.outcomes).estimate).toBeCloseTo(0.5050885078224541, 14);
  });

  test("mean and interval are those of the rows' losses, one by one", () => {
    fc.assert(
      fc.property(drawnRows, ({ scores, outcomes }) => {
        const losses = [...scores].map((score, row) => (score - outcomes[row]!) ** 2);
        const { estimate, low, high } = brierScore(scores, outcomes);
        expect(estimate).toBeCloseTo(mean(losses), 12);
        if (losses.length < 2) {
          expect([low, high]).toEqual([NaN, NaN]);
          return;
        }
        const squares = losses.reduce((sum, loss) => sum + (loss - mean(losses)) ** 2, 0);
        const reach = 1.959963984540054 * Math.sqrt(squares / (losses.length - 1) / losses.length);
        expect(high).toBeCloseTo(mean(losses) + reach, 10);
        expect(low).toBeCloseTo(Math.max(0, mean(losses) - reach), 10);
      }),
    );
  });

  test("a certain forecast that fails costs −log 1e-15, not infinity", () => {
    expect(logLoss(Float64Array.of(0, 1), Uint8Array.of(1, 0)).estimate).toBeCloseTo(15 * Math.LN10, 1);
    expect(logLoss(Float64Array.of(0, 1), Uint8Array.of(0, 1)).estimate).toBeCloseTo(0, 14);
  });

  test("the intervals hold the expected loss 93–97 times in 100", () => {
    const expected = (lossOf: (p: number) => number) => {
      const steps = Array.from(
        { length: 20_000 },
        (_, i) => 1 / (1 + Math.exp(3 - (4 * (i + 0.5)) / 20_000)),
      );
      return mean(steps.map(lossOf));
    };
    const truths = [
      [brierScore, expected((p) => p * (1 - p))],
      [logLoss, expected((p) => -p * Math.log(p) - (1 - p) * Math.log(1 - p))],
    ] as const;
    for (const [measure, truth] of truths) {
      const share = coverage(1000, truth, (random) => {
        const { scores, outcomes } = foretold(random, 300);
        return measure(scores, outcomes);
      });
      expect(share).toBeGreaterThan(0.93);
      expect(share).toBeLessThan(0.97);
    }
  });

  test("nothing gives NaN; what is no probability is refused", () => {
    expect(brierScore(new Float64Array(), new Uint8Array()).estimate).toBeNaN();
    expect(() => brierScore(Float64Array.of(1.2), Uint8Array.of(1))).toThrow("1.2 is not a probability");
    expect(() => logLoss(Float64Array.of(-0.1), Uint8Array.of(1))).toThrow("-0.1 is not a probability");
    expect(() => calibrationCurve(Float64Array.of(2), Uint8Array.of(1))).toThrow("2 is not a probability");
  });
});

describe("calibrationCurve", () => {
  test("bins of equal count where nothing ties, lowest first", () => {
    const { scores, outcomes } = rowsOf(Array.from({ length: 100 }, (_, i) => [i / 100, i >= 50 ? 1 : 0]));
    const bins = calibrationCurve(scores, outcomes, 5);
    expect(bins.map(({ rowCount }) => rowCount)).toEqual([20, 20, 20, 20, 20]);
    expect(bins.map(({ rate }) => rate.estimate)).toEqual([0, 0, 0.5, 1, 1]);
    expect(bins[1]!.meanProbability).toBeCloseTo(0.295, 12);
  });

  test("equal probabilities are one bin: 15 of 148 are .0624 to .1605 (Newcombe 1998)", () => {
    const { scores, outcomes } = rowsOf(Array.from({ length: 148 }, (_, i) => [0.1, i < 15 ? 1 : 0]));
    const [bin, ...others] = calibrationCurve(scores, outcomes);
    expect(others).toEqual([]);
    expect(Math.abs(bin!.rate.low - 0.0624)).toBeLessThan(5.1e-5);
    expect(Math.abs(bin!.rate.high - 0.1605)).toBeLessThan(5.1e-5);
  });

  test("equal probabilities go where their middle lies: 60 and 40 rows are the lower and the upper half", () => {
    const { scores, outcomes } = rowsOf(Array.from({ length: 100 }, (_, i) => [i < 60 ? 0.2 : 0.7, 0]));
    expect(calibrationCurve(scores, outcomes, 2).map(({ rowCount }) => rowCount)).toEqual([60, 40]);
  });

  test("every row is in one bin, no probability in two, and means rise", () => {
    fc.assert(
      fc.property(drawnRows, fc.integer({ min: 1, max: 12 }), ({ scores, outcomes }, binCount) => {
        const bins = calibrationCurve(scores, outcomes, binCount);
        expect(bins.length).toBeLessThanOrEqual(Math.min(binCount, new Set(scores).size));
        expect(bins.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(scores.length);
        const positives = bins.reduce((sum, { rowCount, rate }) => sum + rowCount * rate.estimate, 0);
        expect(positives).toBeCloseTo(
          outcomes.reduce((sum, outcome) => sum + outcome, 0),
          9,
        );
        bins.slice(1).forEach((bin, i) => {
          expect(bin.meanProbability).toBeGreaterThan(bins[i]!.meanProbability);
        });
      }),
    );
  });

  test("its mean distance: .25 where 40 foretold at .5 leave at .5 and 40 foretold at .1 at .6", () => {
    const pairs = [0.5, 0.1].flatMap((score, group) =>
      Array.from({ length: 40 }, (_, i) => [score, i < (group === 0 ? 20 : 24) ? 1 : 0] as const),
    );
    const { scores, outcomes } = rowsOf(pairs);
    expect(expectedCalibrationError(calibrationCurve(scores, outcomes))).toBeCloseTo(0.25, 12);
  });
});

describe("calibrationLine", () => {
  test("logistic regression on log-odds as scikit-learn and SciPy fit it: slope 1.1315 ± .1691, intercept −.4811 ± .1714", () => {
    const { slope, intercept } = calibrationLine(PEER_ROWS.scores, PEER_ROWS.outcomes);
    expect(slope.estimate).toBeCloseTo(1.131464864956122, 7);
    expect((slope.high - slope.low) / (2 * 1.959963984540054)).toBeCloseTo(0.16907589578595114, 6);
    expect(intercept.estimate).toBeCloseTo(-0.4811489987486625, 7);
    expect((intercept.high - intercept.low) / (2 * 1.959963984540054)).toBeCloseTo(0.1714494997345318, 6);
  });

  test("finds how rows were planted: log-odds half as steep and .7 higher", () => {
    const { scores, outcomes } = foretold(seeded(5), 40_000, { intercept: 0, slope: 0.5 });
    const { slope } = calibrationLine(scores, outcomes);
    expect(slope.low).toBeLessThan(0.5);
    expect(slope.high).toBeGreaterThan(0.5);
    expect(slope.high - slope.low).toBeLessThan(0.1);
    const higher = foretold(seeded(6), 40_000, { intercept: 0.7, slope: 1 });
    const { intercept } = calibrationLine(higher.scores, higher.outcomes);
    expect(intercept.low).toBeLessThan(0.7);
    expect(intercept.high).toBeGreaterThan(0.7);
    expect(intercept.high - intercept.low).toBeLessThan(0.1);
  });

  test("of true probabilities the intervals hold 1 and 0, 92–98 times in 100", () => {
    for (const [part, truth] of [
      ["slope", 1],
      ["intercept", 0],
    ] as const) {
      const share = coverage(300, truth, (random) => {
        const { scores, outcomes } = foretold(random, 200);
        return calibrationLine(scores, outcomes)[part];
      });
      expect(share).toBeGreaterThan(0.92);
      expect(share).toBeLessThan(0.98);
    }
  });

  test("where there is no line there is none", () => {
    const part = ({ slope, intercept }: ReturnType<typeof calibrationLine>) => [
      slope.estimate,
      intercept.estimate,
    ];
    expect(part(calibrationLine(Float64Array.of(0.2, 0.4), Uint8Array.of(1, 1)))).toEqual([NaN, NaN]);
    expect(part(calibrationLine(Float64Array.of(0.5, 0.5), Uint8Array.of(1, 0)))[0]).toBeNaN();
    expect(
      part(calibrationLine(Float64Array.of(0.2, 0.3, 0.6, 0.7), Uint8Array.of(0, 0, 1, 1)))[0],
    ).toBeNaN();
    expect(part(calibrationLine(new Float64Array(), new Uint8Array()))).toEqual([NaN, NaN]);
  });
});

test("the order of the rows changes no digit", () => {
  fc.assert(
    fc.property(drawnRows, (rows) => {
      const turned = reversed(rows);
      for (const measure of [brierScore, logLoss, calibrationCurve, calibrationLine])
        expect(measure(turned.scores, turned.outcomes)).toEqual(measure(rows.scores, rows.outcomes));
    }),
  );
});

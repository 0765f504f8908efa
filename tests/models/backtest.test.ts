import { describe, expect, test } from "vitest";
import { forecastErrors, frequencyClasses, meanErrors, type Outcomes } from "../../src/models/backtest.js";

/** Ten customers for whom 1 was foretold and none came, two for whom 3 was foretold: one came four times, one twice. */
const OUTCOMES: Outcomes = {
  repeatCounts: Float64Array.of(0, 9, 12),
  predictedCounts: Float64Array.of(1, 3, 3),
  outcomeCounts: Float64Array.of(0, 4, 2),
  customerCounts: Float64Array.of(10, 1, 1),
};

describe("forecastErrors", () => {
  test("by hand: |error| 1 for each of twelve customers; 16 foretold, 6 came", () => {
    expect(forecastErrors(OUTCOMES)).toEqual({ mae: 1, rmse: 1, bias: 16 / 6 - 1, customerCount: 12 });
  });

  test("has no bias where nothing came, and nothing to say of nobody", () => {
    const nothing = forecastErrors({ ...OUTCOMES, outcomeCounts: new Float64Array(3) });
    expect(nothing.bias).toBeNaN();
    const nobody = { repeatCounts: new Float64Array(0), predictedCounts: new Float64Array(0) };
    const errors = forecastErrors({
      ...nobody,
      outcomeCounts: new Float64Array(0),
      customerCounts: new Float64Array(0),
    });
    expect(errors.mae).toBeNaN();
  });
});

test("meanErrors counts each backtest by its customers, squares before roots", () => {
  const errors = meanErrors([
    { mae: 1, rmse: 2, bias: NaN, customerCount: 30 },
    { mae: 2, rmse: 4, bias: 0.5, customerCount: 10 },
  ]);
  expect(errors).toEqual({
    mae: 1.25,
    rmse: Math.sqrt((4 * 30 + 16 * 10) / 40),
    bias: 0.5,
    customerCount: 40,
  });
});

test("frequencyClasses puts seven and more into one class and leaves empty ones out", () => {
  expect(frequencyClasses(OUTCOMES)).toEqual([
    { repeatCount: 0, customerCount: 10, predictedMean: 1, outcomeMean: 0 },
    { repeatCount: 7, customerCount: 2, predictedMean: 3, outcomeMean: 3 },
  ]);
});

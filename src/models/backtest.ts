/** What was foretold and what came, alike rows counted once. */
export interface Outcomes {
  /** Order days after the first at the snapshot. */
  readonly repeatCounts: Float64Array;
  /** Orders foretold for the time after it. */
  readonly predictedCounts: Float64Array;
  /** Orders that came. */
  readonly outcomeCounts: Float64Array;
  /** Customers of the row. */
  readonly customerCounts: Float64Array;
}

/** How far a forecast was off, in orders a customer. */
export interface ForecastErrors {
  /** Mean absolute error. */
  readonly mae: number;
  /** Root of the mean squared error. */
  readonly rmse: number;
  /** Foretold less what came, as a share of what came; NaN when nothing came. */
  readonly bias: number;
  readonly customerCount: number;
}

/** Errors of a forecast over all customers. */
export function forecastErrors(outcomes: Outcomes): ForecastErrors {
  const { predictedCounts, outcomeCounts, customerCounts } = outcomes;
  let [customers, absolute, squared, predicted, came] = [0, 0, 0, 0, 0];
  for (let row = 0; row < customerCounts.length; row++) {
    const weight = customerCounts[row]!;
    const error = predictedCounts[row]! - outcomeCounts[row]!;
    customers += weight;
    absolute += weight * Math.abs(error);
    squared += weight * error * error;
    predicted += weight * predictedCounts[row]!;
    came += weight * outcomeCounts[row]!;
  }
  return {
    mae: customers === 0 ? NaN : absolute / customers,
    rmse: customers === 0 ? NaN : Math.sqrt(squared / customers),
    bias: came === 0 ? NaN : predicted / came - 1,
    customerCount: customers,
  };
}

/** Means of the errors of several backtests, each counted by its customers. */
export function meanErrors(errors: readonly ForecastErrors[]): ForecastErrors {
  const customerCount = errors.reduce((sum, error) => sum + error.customerCount, 0);
  const mean = (of: (errors: ForecastErrors) => number) => {
    const known = errors.filter((error) => !Number.isNaN(of(error)));
    const weight = known.reduce((sum, error) => sum + error.customerCount, 0);
    return known.reduce((sum, error) => sum + of(error) * error.customerCount, 0) / weight;
  };
  return {
    mae: mean(({ mae }) => mae),
    rmse: Math.sqrt(mean(({ rmse }) => rmse * rmse)),
    bias: mean(({ bias }) => bias),
    customerCount,
  };
}

/** Customers of one frequency: what was foretold for them and what they did, orders a customer. */
export interface FrequencyClass {
  /** Order days after the first; the last class holds all from it on. */
  readonly repeatCount: number;
  readonly customerCount: number;
  readonly predictedMean: number;
  readonly outcomeMean: number;
}

/** Calibration by frequency, as Fader & Hardie plot it: repeat orders of 0, 1, … and `last` or more. */
export function frequencyClasses(outcomes: Outcomes, last = 7): FrequencyClass[] {
  const sums = Array.from({ length: last + 1 }, () => ({ customers: 0, predicted: 0, came: 0 }));
  for (let row = 0; row < outcomes.customerCounts.length; row++) {
    const weight = outcomes.customerCounts[row]!;
    const sum = sums[Math.min(last, outcomes.repeatCounts[row]!)]!;
    sum.customers += weight;
    sum.predicted += weight * outcomes.predictedCounts[row]!;
    sum.came += weight * outcomes.outcomeCounts[row]!;
  }
  return sums.flatMap(({ customers, predicted, came }, repeatCount) =>
    customers === 0
      ? []
      : [
          {
            repeatCount,
            customerCount: customers,
            predictedMean: predicted / customers,
            outcomeMean: came / customers,
          },
        ],
  );
}

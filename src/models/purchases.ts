/**
 * What customers did, alike histories counted once: a row a distinct history.
 * One transaction a customer and day; the first one starts the clock and is not counted.
 * Ages are in one unit (weeks, unless set otherwise); paper symbols in brackets.
 */
export interface PurchaseHistories {
  /** Order days after the first (x). */
  readonly repeatCounts: Float64Array;
  /** From the first order day to the last (t_x); 0 without a repeat. */
  readonly lastAges: Float64Array;
  /** From the first order day to the end of the observation (T). */
  readonly ages: Float64Array;
  /** Customers who have this history. */
  readonly customerCounts: Float64Array;
  /**
   * Σ ln of the gaps between order days, over all customers of the row; needed to tell regular timing from chance
   * (the likelihood of a shape above 1). Empty where unknown.
   */
  readonly logGapSums?: Float64Array;
}

/** One customer's history, as in `PurchaseHistories`. */
export interface PurchaseHistory {
  readonly repeatCount: number;
  readonly lastAge: number;
  readonly age: number;
}

/** The models of how many orders come. */
export const PURCHASE_MODELS = ["bg-nbd", "mbg-nbd", "mbg-cnbd-k", "pareto-nbd"] as const;
/** One of them. */
export type PurchaseModelName = (typeof PURCHASE_MODELS)[number];

/** A fitted model of purchases: plain data, as it goes to `models.json`. */
export interface PurchaseModel {
  readonly name: PurchaseModelName;
  /** By the symbols of the paper, such as r, alpha, a, b; and k where the timing is regular. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly logLikelihood: number;
  readonly iterations: number;
  readonly isConverged: boolean;
  /** The parameter that ran to the edge of what it may be, such as dropout to nothing; undefined for a maximum inside. */
  readonly boundary: string | undefined;
  /** Covariance of the logarithms of the fitted parameters, in their order without k; undefined where the likelihood is flat. */
  readonly logCovariance: readonly Float64Array[] | undefined;
}

/** The columns or expressions of a history in SQL, as numbers. */
export type HistorySql = Readonly<Record<keyof PurchaseHistory, string>>;

/** A way customers buy and drop out: how it is fitted, and what it says of a history. */
export interface PurchaseProcess {
  /** The most likely parameters. Never throws and never gives NaN parameters, however odd the histories are. */
  fit(histories: PurchaseHistories): PurchaseModel;
  /** P(alive | history), 0–1. */
  aliveProbability(model: PurchaseModel, history: PurchaseHistory): number;
  /** Expected orders within `horizon` units after the observation's end, given the history. */
  expectedCount(model: PurchaseModel, history: PurchaseHistory, horizon: number): number;
  /** Expected repeat orders of somebody new within `span` units of the first order. */
  newcomerCount(model: PurchaseModel, span: number): number;
  /** P(alive) as SQL, equal to `aliveProbability` to 1e-9; undefined where SQL cannot say it. */
  aliveSql(model: PurchaseModel, columns: HistorySql): string | undefined;
}

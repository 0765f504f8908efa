import type {
  HistorySql,
  PurchaseHistories,
  PurchaseHistory,
  PurchaseModel,
  PurchaseProcess,
} from "./purchases.js";

/** The rules of thumb that every model is held against. */
export const NAIVE_RULES = ["own-rate", "base-mean", "nothing"] as const;
/** One of them. */
export type NaiveRule = (typeof NAIVE_RULES)[number];

/** A way to tell from a history how many orders will come: a fitted model, or a rule of thumb. */
export interface Forecast {
  readonly name: string;
  /** P(alive), 0–1; NaN where the rule has no notion of it. */
  aliveProbability(history: PurchaseHistory): number;
  /** Orders expected within `horizon` units. */
  expectedCount(history: PurchaseHistory, horizon: number): number;
  /** How sure a living customer's rate is: the shape of its gamma distribution; large is sure. */
  rateShape(history: PurchaseHistory): number;
  /** `aliveProbability` as SQL; undefined where SQL cannot say it. */
  aliveSql(columns: HistorySql): string | undefined;
}

/** Customers go on at their own rate so far, as far as they are alive, for which a model's word is taken. */
export function ownRateIfAlive(model: Forecast, histories: PurchaseHistories): Forecast {
  const rule = naiveForecast("own-rate", histories);
  return {
    ...rule,
    name: OWN_RATE_IF_ALIVE,
    aliveProbability: (history) => model.aliveProbability(history),
    expectedCount: (history, horizon) =>
      model.aliveProbability(history) * rule.expectedCount(history, horizon),
    aliveSql: (columns) => model.aliveSql(columns),
  };
}

/** How often customers who had bought once bought again, orders a unit: those of late, and those of long ago. */
export interface OnceRates {
  /** Units of age up to which it is of late. */
  readonly recentAge: number;
  readonly recent: number;
  readonly old: number;
}

/** A rule of thumb with a word for those who have bought once and have no rate of their own: what such customers did before. */
export function withCohort(rule: Forecast, once: OnceRates): Forecast {
  return {
    ...rule,
    expectedCount: (history, horizon) =>
      history.repeatCount === 0
        ? (history.age <= once.recentAge ? once.recent : once.old) * horizon
        : rule.expectedCount(history, horizon),
  };
}

/** The name of `ownRateIfAlive`. */
export const OWN_RATE_IF_ALIVE = "own-rate-if-alive";

/** A fitted model as a forecast. */
export function modelForecast(process: PurchaseProcess, model: PurchaseModel): Forecast {
  const shape = model.parameters["k"] ?? 1;
  const prior = model.parameters["r"] ?? 1;
  return {
    name: model.name,
    aliveProbability: (history) => process.aliveProbability(model, history),
    expectedCount: (history, horizon) => process.expectedCount(model, history, horizon),
    rateShape: (history) => prior + history.repeatCount * shape,
    aliveSql: (columns) => process.aliveSql(model, columns),
  };
}

/**
 * A rule of thumb: every customer goes on at their own rate so far (own-rate), everybody buys as the mean of the
 * base (base-mean), nobody buys again (nothing).
 */
export function naiveForecast(rule: NaiveRule, histories: PurchaseHistories): Forecast {
  const base = baseRate(histories);
  const rates: Record<NaiveRule, (history: PurchaseHistory) => number> = {
    "own-rate": ({ repeatCount, age }) => (age > 0 ? repeatCount / age : 0),
    "base-mean": () => base,
    nothing: () => 0,
  };
  return {
    name: rule,
    aliveProbability: () => NaN,
    expectedCount: (history, horizon) => rates[rule](history) * horizon,
    rateShape: ({ repeatCount }) => repeatCount + 1,
    aliveSql: () => undefined,
  };
}

/** Repeat orders a customer and unit of age; 0 where nobody has an age. */
export function baseRate({ repeatCounts, ages, customerCounts }: PurchaseHistories): number {
  let [orders, age] = [0, 0];
  for (let row = 0; row < ages.length; row++) {
    orders += repeatCounts[row]! * customerCounts[row]!;
    age += ages[row]! * customerCounts[row]!;
  }
  return age > 0 ? orders / age : 0;
}

/** The history in a row. */
export function historyAt(histories: PurchaseHistories, row: number): PurchaseHistory {
  return {
    repeatCount: histories.repeatCounts[row]!,
    lastAge: histories.lastAges[row]!,
    age: histories.ages[row]!,
  };
}

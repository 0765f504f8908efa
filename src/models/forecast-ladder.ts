import { forecastErrors, meanErrors, type ForecastErrors, type Outcomes } from "./backtest.js";
import {
  historyAt,
  modelForecast,
  NAIVE_RULES,
  naiveForecast,
  OWN_RATE_IF_ALIVE,
  ownRateIfAlive,
  type Forecast,
  type NaiveRule,
  type OnceRates,
} from "./forecast.js";
import { PURCHASE_PROCESSES } from "./purchase-processes.js";
import type { PurchaseHistories, PurchaseModel, PurchaseModelName } from "./purchases.js";

/** Histories cut off on a day, and what came after; ages in units. */
export interface Backtest {
  readonly histories: PurchaseHistories;
  /** In units. */
  readonly horizon: number;
  /** By row: the row of the history, the orders that came, the customers who had both. */
  readonly rows: Int32Array;
  readonly outcomeCounts: Float64Array;
  readonly customerCounts: Float64Array;
}

/** How a forecast did on the past. */
export interface Trial {
  readonly name: PurchaseModelName | NaiveRule | typeof OWN_RATE_IF_ALIVE;
  /** Fitted to the histories of the latest backtest; undefined for a rule of thumb. */
  readonly model: PurchaseModel | undefined;
  /** As it was made for each backtest, the latest first. */
  readonly forecasts: readonly Forecast[];
  /** Means over all backtests. */
  readonly errors: ForecastErrors;
  /** Orders foretold for each history of the latest backtest. */
  readonly predictedCounts: Float64Array;
  /** Those beside what came. */
  readonly outcomes: Outcomes;
}

/** Tries every model and every rule of thumb on each backtest, the latest first. @returns nothing without backtests */
export function tryForecasts(backtests: readonly Backtest[], names: readonly PurchaseModelName[]): Trial[] {
  if (backtests.length === 0) return [];
  const models = names.map((name) =>
    tryOne(name, backtests, ({ histories }) => {
      const model = PURCHASE_PROCESSES[name].fit(histories);
      return { model, forecast: modelForecast(PURCHASE_PROCESSES[name], model) };
    }),
  );
  const rules = NAIVE_RULES.map((rule) =>
    tryOne(rule, backtests, ({ histories }) => ({
      model: undefined,
      forecast: naiveForecast(rule, histories),
    })),
  );
  const best = models.toSorted((a, b) => a.errors.mae - b.errors.mae)[0]!;
  const ifAlive = tryOne(OWN_RATE_IF_ALIVE, backtests, ({ histories }, place) => ({
    model: undefined,
    forecast: ownRateIfAlive(best.forecasts[place]!, histories, NEVER_AGAIN),
  }));
  return [...models, ...rules, ifAlive];
}

/** As the plain rule has it, so that the two compare. */
const NEVER_AGAIN: OnceRates = { recentAge: 0, recent: 0, old: 0 };

/** What customers who had bought once did in a backtest; who had bought within its horizon counts as of late. */
export function onceRates({ histories, horizon, rows, outcomeCounts, customerCounts }: Backtest): OnceRates {
  const sums = { recent: [0, 0], old: [0, 0] } as Record<"recent" | "old", [number, number]>;
  rows.forEach((row, i) => {
    if (histories.repeatCounts[row] !== 0) return;
    const sum = sums[histories.ages[row]! <= horizon ? "recent" : "old"];
    sum[0] += outcomeCounts[i]! * customerCounts[i]!;
    sum[1] += customerCounts[i]! * horizon;
  });
  const rate = ([orders, units]: readonly [number, number]) => (units > 0 ? orders / units : 0);
  return { recentAge: horizon, recent: rate(sums.recent), old: rate(sums.old) };
}

interface Fitted {
  readonly model: PurchaseModel | undefined;
  readonly forecast: Forecast;
}

function tryOne(
  name: Trial["name"],
  backtests: readonly Backtest[],
  fit: (backtest: Backtest, place: number) => Fitted,
): Trial {
  const tried = backtests.map((backtest, place) => {
    const { model, forecast } = fit(backtest, place);
    const predictedCounts = predict(forecast, backtest);
    const outcomes = besideOutcomes(predictedCounts, backtest);
    return { model, forecast, predictedCounts, outcomes, errors: forecastErrors(outcomes) };
  });
  const { model, predictedCounts, outcomes } = tried[0]!;
  return {
    name,
    model,
    forecasts: tried.map(({ forecast }) => forecast),
    errors: meanErrors(tried.map(({ errors }) => errors)),
    predictedCounts,
    outcomes,
  };
}

function predict(forecast: Forecast, { histories, horizon }: Backtest): Float64Array {
  return histories.ages.map((_, row) => forecast.expectedCount(historyAt(histories, row), horizon));
}

function besideOutcomes(
  predicted: Float64Array,
  { histories, rows, outcomeCounts, customerCounts }: Backtest,
): Outcomes {
  return {
    repeatCounts: Float64Array.from(rows, (row) => histories.repeatCounts[row]!),
    predictedCounts: Float64Array.from(rows, (row) => predicted[row]!),
    outcomeCounts,
    customerCounts,
  };
}

/** Why a forecast was taken, or was not. */
export type Verdict =
  "taken" | "not-needed" | "worse-than-naive" | "not-converged" | "at-edge" | "flat" | "naive";

/** The steps down: a model whose likelihood has its maximum inside; one at the edge, which is a simpler one; a rule of thumb. */
export const RUNGS = ["model", "simpler-model", "naive-rate"] as const;
/** One of them. */
export type Rung = (typeof RUNGS)[number];

/** A model or a rule on the ladder, and what became of it. */
export interface Step {
  readonly name: Trial["name"];
  readonly verdict: Verdict;
  /** Fitted to today's histories; undefined where that was not needed, and for a rule of thumb. */
  readonly model: PurchaseModel | undefined;
}

/** What the ladder stands on. */
export interface Climb {
  /** Histories up to now, to which the model that ships is fitted. */
  readonly today: PurchaseHistories;
  readonly latest: Backtest | undefined;
  readonly names: readonly PurchaseModelName[];
}

/** Where the ladder ended. */
export interface Ladder {
  readonly forecast: Forecast;
  readonly rung: Rung;
  readonly steps: readonly Step[];
  /** The rule of thumb with the least error, and what it is held to; own-rate where nothing could be tried. */
  readonly bestRule: NaiveRule;
}

/** A model may be this much worse than the better rule of thumb and still be taken for what else it tells. */
const TOLERANCE = 1.01;

/**
 * Takes the model that foretold best, unless the better of own-rate and base-mean foretold better; where the
 * likelihood has no maximum inside, the next model; where none has, the best one at its edge, which is the
 * simpler model without what ran away; and where no model is left, the rule.
 *
 */
export function climbDown(trials: readonly Trial[], { today, latest, names }: Climb): Ladder {
  const bestRule = bestRuleOf(trials);
  const steps: Step[] = [];
  const edges: { step: number; forecast: Forecast }[] = [];
  for (const name of ranked(names, trials)) {
    if (steps.some(({ verdict }) => verdict === "taken"))
      steps.push({ name, verdict: "not-needed", model: undefined });
    else if (isWorse(name, trials, bestRule))
      steps.push({ name, verdict: "worse-than-naive", model: undefined });
    else {
      const model = PURCHASE_PROCESSES[name].fit(today);
      const verdict = verdictOn(model);
      if (verdict === "at-edge" || verdict === "flat")
        edges.push({ step: steps.length, forecast: modelForecast(PURCHASE_PROCESSES[name], model) });
      steps.push({ name, verdict, model });
    }
  }
  const naive = () => naiveOf(trials, today, { bestRule, bestModel: ranked(names, trials)[0]!, latest });
  return ended(steps, edges, { naive, bestRule });
}

function ended(
  steps: readonly Step[],
  edges: readonly { step: number; forecast: Forecast }[],
  { naive, bestRule }: { naive: () => Forecast; bestRule: NaiveRule },
): Ladder {
  const taken = steps.find(({ verdict }) => verdict === "taken");
  if (taken !== undefined) {
    const forecast = modelForecast(PURCHASE_PROCESSES[taken.name as PurchaseModelName], taken.model!);
    return { forecast, rung: "model", steps, bestRule };
  }
  if (edges[0] !== undefined) return { forecast: edges[0].forecast, rung: "simpler-model", steps, bestRule };
  const forecast = naive();
  const step: Step = { name: forecast.name as Trial["name"], verdict: "naive", model: undefined };
  return { forecast, rung: "naive-rate", steps: [...steps, step], bestRule };
}

/** The better rule, and of the own rate the one that asks who is still alive unless that did worse on the past. */
function naiveOf(
  trials: readonly Trial[],
  today: PurchaseHistories,
  {
    bestRule,
    bestModel,
    latest,
  }: { bestRule: NaiveRule; bestModel: PurchaseModelName; latest: Backtest | undefined },
): Forecast {
  const isAsGood = maeOf(OWN_RATE_IF_ALIVE, trials) <= TOLERANCE * maeOf("own-rate", trials);
  if (bestRule !== "own-rate" || !isAsGood || latest === undefined) return naiveForecast(bestRule, today);
  const process = PURCHASE_PROCESSES[bestModel];
  return ownRateIfAlive(modelForecast(process, process.fit(today)), today, onceRates(latest));
}

function verdictOn({ isConverged, boundary, logCovariance }: PurchaseModel): Verdict {
  if (boundary !== undefined) return "at-edge";
  if (!isConverged) return "not-converged";
  return logCovariance === undefined ? "flat" : "taken";
}

const maeOf = (name: Trial["name"], trials: readonly Trial[]) =>
  trials.find((trial) => trial.name === name)?.errors.mae ?? NaN;

/** By error on the past, the least first; without a past, regular timing and early dropout before the rest. */
function ranked(names: readonly PurchaseModelName[], trials: readonly Trial[]): PurchaseModelName[] {
  const preferred: readonly PurchaseModelName[] = ["mbg-cnbd-k", "mbg-nbd", "pareto-nbd", "bg-nbd"];
  const inOrder = preferred.filter((name) => names.includes(name));
  return inOrder.toSorted((a, b) => maeOf(a, trials) - maeOf(b, trials) || 0);
}

function bestRuleOf(trials: readonly Trial[]): NaiveRule {
  return maeOf("base-mean", trials) < maeOf("own-rate", trials) ? "base-mean" : "own-rate";
}

function isWorse(name: PurchaseModelName, trials: readonly Trial[], bestRule: NaiveRule): boolean {
  return maeOf(name, trials) > TOLERANCE * maeOf(bestRule, trials);
}

import { forecastErrors, meanErrors, type ForecastErrors, type Outcomes } from "./backtest.js";
import {
  baseRate,
  historyAt,
  modelForecast,
  NAIVE_RULES,
  naiveForecast,
  OWN_RATE_IF_ALIVE,
  ownRateIfAlive,
  withCohort,
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
    forecast: ownRateIfAlive(best.forecasts[place]!, histories),
  }));
  return [...models, ...rules, ifAlive];
}

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
  "taken" | "not-needed" | "too-few" | "worse-than-naive" | "not-converged" | "at-edge" | "flat" | "naive";

/** The steps down: a model whose likelihood has its maximum inside; one at the edge, which is a simpler one; a rule of thumb. */
export type Rung = "model" | "simpler-model" | "naive-rate";

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
  /** The latest first; none where history is too short. */
  readonly backtests: readonly Backtest[];
  readonly names: readonly PurchaseModelName[];
}

/** Where the ladder ended. */
export interface Ladder {
  readonly forecast: Forecast;
  readonly rung: Rung;
  readonly steps: readonly Step[];
  /** The forecast that ships as it did on the latest backtest; undefined without one. */
  readonly judged: Trial | undefined;
}

/** A model may be this much worse than the better rule of thumb and still be taken for what else it tells. */
const TOLERANCE = 1.01;

/**
 * Takes the model that foretold best, unless the better of own-rate and base-mean foretold better; where the
 * likelihood has no maximum inside, the next model; where none has, the best one at its edge, which is the
 * simpler model without what ran away; and where no model is left, the rule.
 *
 */
export function climbDown(trials: readonly Trial[], climb: Climb): Ladder {
  const bestRule = bestRuleOf(trials);
  const names = ranked(climb.names, trials);
  const steps: Step[] = [];
  for (const name of names)
    steps.push(stepOn(name, steps, { ...climb, trials, bestRule, bestModel: names[0]! }));
  const edge = steps.find(({ verdict }) => verdict === "at-edge" || verdict === "flat");
  const forecast = edge && modelForecast(PURCHASE_PROCESSES[edge.name as PurchaseModelName], edge.model!);
  return ended(steps, forecast, { ...climb, trials, bestRule, bestModel: names[0]! });
}

function stepOn(
  name: PurchaseModelName,
  before: readonly Step[],
  { trials, bestRule, today }: Climbing,
): Step {
  if (before.some(({ verdict }) => verdict === "taken"))
    return { name, verdict: "not-needed", model: undefined };
  if (repeaterCount(today) < MIN_REPEATERS) return { name, verdict: "too-few", model: undefined };
  if (isWorse(name, trials, bestRule)) return { name, verdict: "worse-than-naive", model: undefined };
  const model = PURCHASE_PROCESSES[name].fit(today);
  return { name, verdict: verdictOn(model), model };
}

function ended(steps: readonly Step[], edge: Forecast | undefined, climb: Climbing): Ladder {
  const { trials } = climb;
  const taken = steps.find(({ verdict }) => verdict === "taken");
  if (taken !== undefined) {
    const forecast = modelForecast(PURCHASE_PROCESSES[taken.name as PurchaseModelName], taken.model!);
    return { forecast, rung: "model", steps, judged: trialOf(forecast.name, trials) };
  }
  if (edge !== undefined)
    return { forecast: edge, rung: "simpler-model", steps, judged: trialOf(edge.name, trials) };
  const rule = ruleOf(climb);
  const step: Step = { name: rule.name as Trial["name"], verdict: "naive", model: undefined };
  return { ...withCohorts(rule, climb), rung: "naive-rate", steps: [...steps, step] };
}

interface Climbing extends Climb {
  readonly trials: readonly Trial[];
  readonly bestRule: NaiveRule;
  readonly bestModel: PurchaseModelName;
}

/** The better rule, and of the own rate the one that asks who is still alive unless that did worse on the past. */
function ruleOf({ trials, today, bestRule, bestModel }: Climbing): Forecast {
  const isAsGood = maeOf(OWN_RATE_IF_ALIVE, trials) <= TOLERANCE * maeOf("own-rate", trials);
  if (bestRule !== "own-rate" || !isAsGood) return naiveForecast(bestRule, today);
  const process = PURCHASE_PROCESSES[bestModel];
  return ownRateIfAlive(modelForecast(process, process.fit(today)), today);
}

/** The rule as it ships, and as it would have shipped for the latest backtest: each with what cohorts did before. */
function withCohorts(
  rule: Forecast,
  { today, backtests, trials }: Climbing,
): Pick<Ladder, "forecast" | "judged"> {
  const [latest, earlier] = backtests;
  const onceKnown = (backtest: Backtest | undefined, histories: PurchaseHistories) =>
    backtest === undefined ? everOnce(histories) : onceRates(backtest);
  const forecast = withCohort(rule, onceKnown(latest, today));
  const tried = trialOf(rule.name, trials);
  if (tried === undefined || latest === undefined) return { forecast, judged: undefined };
  const judge = withCohort(tried.forecasts[0]!, onceKnown(earlier, latest.histories));
  return { forecast, judged: tryOne(tried.name, [latest], () => ({ model: undefined, forecast: judge })) };
}

/** Where no past tells of cohorts, the rate of the base. */
function everOnce(histories: PurchaseHistories): OnceRates {
  const rate = baseRate(histories);
  return { recentAge: 0, recent: rate, old: rate };
}

const trialOf = (name: string, trials: readonly Trial[]) => trials.find((trial) => trial.name === name);

/** With fewer customers who came back there is nothing that a model could learn a dropout from. */
const MIN_REPEATERS = 10;

function repeaterCount({ repeatCounts, customerCounts }: PurchaseHistories): number {
  return customerCounts.reduce((sum, count, row) => sum + (repeatCounts[row]! > 0 ? count : 0), 0);
}

function verdictOn({ isConverged, boundary, logCovariance }: PurchaseModel): Verdict {
  if (boundary !== undefined) return "at-edge";
  if (!isConverged) return "not-converged";
  return logCovariance === undefined ? "flat" : "taken";
}

const maeOf = (name: Trial["name"], trials: readonly Trial[]) => trialOf(name, trials)?.errors.mae ?? NaN;

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

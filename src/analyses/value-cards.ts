import type { ForecastErrors } from "../models/backtest.js";
import type { Step, Trial } from "../models/forecast-ladder.js";
import { NAIVE_RULES, type NaiveRule } from "../models/forecast.js";
import { PURCHASE_PROCESSES } from "../models/purchase-processes.js";
import type { PurchaseModel } from "../models/purchases.js";
import type { ModelCard } from "../section.js";
import type { Snapshot } from "./value-histories.js";
import type { Found, LifetimeFindings } from "./value-lifetime.js";

/** How a forecast compares with the better rule of thumb, in money. */
export type Grade = "A" | "B" | "C" | "D";

/** Of the money that the true top tenth brought, what a list must have found beyond the rule's. */
const GRADES: readonly (readonly [Grade, number])[] = [
  ["A", 0.05],
  ["B", 0.01],
  ["C", -0.01],
];

/**
 * A forecast's grade: by the money that its list of a tenth of the customers brought in the latest backtest,
 * less what the list of the better rule of thumb brought, as a share of the most a list could have.
 *
 * @returns undefined without a backtest
 */
export function gradeOf(name: string, found: readonly Found[]): Grade | undefined {
  const gain = gainOf(name, found);
  if (Number.isNaN(gain)) return undefined;
  return GRADES.find(([, least]) => gain >= least)?.[0] ?? "D";
}

/** Money found beyond the better rule of thumb, as a share of the most that could be found. */
function gainOf(name: string, found: readonly Found[]): number {
  const own = found.find((candidate) => candidate.name === name);
  if (own === undefined || !(own.bestAmount > 0)) return NaN;
  return (own.foundAmount - bestRuleAmount(found)) / own.bestAmount;
}

/** Money found by the better of own-rate and base-mean. */
export function bestRuleAmount(found: readonly Found[]): number {
  const rules = found.filter(({ name }) => name === "own-rate" || name === "base-mean");
  return Math.max(...rules.map(({ foundAmount }) => foundAmount));
}

/** A card for every forecast that was looked at, for `models.json`. */
export function lifetimeCards(findings: LifetimeFindings): ModelCard[] {
  const { ladder, spending } = findings;
  const cards = ladder.steps.map((step) => purchaseCard(step, findings));
  const { model, correlation } = spending;
  if (model === undefined) return cards;
  const card = {
    name: "gamma-gamma",
    parameters: model.parameters,
    log_likelihood: model.logLikelihood,
    row_count: spending.customerCount,
    state_count: spending.customerCount,
    rung: "model",
    holdout: null,
    grade: null,
    iterations: model.iterations,
    converged: model.isConverged,
    boundary: model.boundary ?? null,
    correlation,
  };
  return [...cards, card];
}

function purchaseCard(
  { name, verdict, model }: Step,
  { ladder, trials, found, snapshots, horizon }: LifetimeFindings,
): ModelCard {
  const trial = trials.find((candidate) => candidate.name === name);
  const fitted = model ?? trial?.model;
  const isShipped = ladder.forecast.name === name;
  const isOfToday = isShipped || model !== undefined;
  return {
    name,
    ...modelFields(fitted),
    ...fittedTo(isOfToday ? snapshots[0]! : (snapshots[1] ?? snapshots[0]!)),
    rung: isShipped ? ladder.rung : null,
    verdict,
    newcomer_order_count:
      fitted === undefined ? null : PURCHASE_PROCESSES[fitted.name].newcomerCount(fitted, horizon),
    holdout: trial === undefined ? null : holdoutOf(trial, trials),
    holdout_money: moneyOf(name, found),
    grade: gradeOf(name, found) ?? null,
  };
}

/** The customers and distinct histories a fit rests on, and the last day it knows of. */
function fittedTo({ date, sampled }: Snapshot) {
  return {
    fitted_until: date,
    row_count: sampled.customerCounts.reduce((sum, count) => sum + count, 0),
    state_count: sampled.ages.length,
  };
}

/** Errors of money in the latest backtest, and what the list of a tenth of the customers brought. */
function moneyOf(name: string, all: readonly Found[]) {
  const found = all.find((candidate) => candidate.name === name);
  if (found === undefined) return null;
  const rules = all.filter((candidate) => NAIVE_RULES.includes(candidate.name as NaiveRule));
  return {
    ...errorFields(found.amountErrors),
    list_count: found.listCount,
    found_count: found.foundCount,
    found_amount: found.foundAmount,
    best_amount: found.bestAmount,
    baselines: Object.fromEntries(rules.map((rule) => [rule.name, errorFields(rule.amountErrors)])),
  };
}

/** Without a bias where nothing came. */
function errorFields({ mae, rmse, bias }: Omit<ForecastErrors, "customerCount">) {
  return { mae, rmse, bias: Number.isNaN(bias) ? null : bias };
}

function modelFields(model: PurchaseModel | undefined) {
  return {
    parameters: model?.parameters ?? {},
    log_likelihood: model?.logLikelihood ?? null,
    iterations: model?.iterations ?? 0,
    converged: model?.isConverged ?? true,
    boundary: model?.boundary ?? null,
  };
}

function holdoutOf({ errors }: Trial, trials: readonly Trial[]) {
  const maes = Object.fromEntries(
    trials.filter(({ model }) => model === undefined).map(({ name, errors: { mae } }) => [name, mae]),
  );
  return {
    ...errorFields(errors),
    customer_count: errors.customerCount,
    baseline_mae: Math.min(maes["own-rate"] ?? Infinity, maes["base-mean"] ?? Infinity),
    baselines: maes,
  };
}

import { CANDIDATES } from "../models/churn-candidates.js";
import type { RuleRow } from "../outputs/rules-csv.js";
import { candidateFields, estimateFields, gradeFields, qualityFields } from "../model-fields.js";
import type { ModelCard } from "../section.js";
import type { ChurnFindings, Learnt } from "./churn-findings.js";

/** A card for each model that was tried and for the rule, for `models.json`; none where nothing was learnt. */
export function churnCards({ learnt, ...findings }: ChurnFindings, rules: readonly RuleRow[]): ModelCard[] {
  if (learnt === undefined) return [];
  const { trial } = learnt;
  const rule = {
    name: "rule",
    ...sharedFields(learnt, findings),
    settings: { no_order_in_days: findings.config.rule_days },
    ships: learnt.ships === "rule",
    metrics: qualityFields(trial.qualities.rule),
    list: {
      count: trial.listLength,
      saved: estimateFields(trial.grades.tree.rule),
      precision: estimateFields(trial.precisions.rule),
    },
  };
  const cards = CANDIDATES.map((name) => ({
    name,
    ...sharedFields(learnt, findings),
    ships: learnt.ships !== "rule" && findings.config.model === name,
    metrics: qualityFields(trial.qualities[name]),
    list: { ...gradeFields(trial.grades[name]), precision: estimateFields(trial.precisions[name]) },
    ...candidateFields(learnt, name, rules),
  }));
  return [...cards, rule];
}

type Told = Omit<ChurnFindings, "learnt">;

/** What all of them learnt from and were tried on. */
function sharedFields({ leaks, baseRate, features }: Learnt, { evidence, terms }: Told) {
  const { definition, fit, test, all } = evidence;
  return {
    definition: definition.definition,
    window_days: definition.windowDays,
    fitted_on: fit.dates,
    tested_on: test.dates,
    row_count: all.folds.length,
    feature_count: features.length,
    likely_leaks: leaks,
    base_rate: baseRate,
    success_rate: terms.successRate,
    contact_cost: terms.contactCost,
  };
}

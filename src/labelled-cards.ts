import type { Study } from "./labelled-study.js";
import { candidateFields, gradeFields, qualityFields } from "./model-fields.js";
import { TRIED, type CandidateName } from "./models/churn-candidates.js";
import type { RuleRow } from "./outputs/rules-csv.js";
import type { ModelCard } from "./section.js";

/** A card for each model that was tried and for the base rate, for `models.json`. */
export function studyCards(study: Study, rules: readonly RuleRow[]): ModelCard[] {
  const fitted = { candidates: study.models, settings: study.settings };
  return TRIED.map((name) => ({
    name,
    label: study.table.label.column,
    positive: study.table.label.positive,
    row_count: study.rows.length,
    feature_count: study.features.length,
    base_rate: study.baseRate,
    is_written: name === study.settings.model,
    written_probabilities: study.settings.writesOutOfFold ? "out-of-fold" : "final-model",
    metrics: qualityFields(study.quality[name]),
    grade: name === "rule" ? null : study.grades[name].grade,
    list: name === "rule" ? null : listOf(study, name),
    ...(name === "rule" ? { settings: {}, leaves: null } : candidateFields(fitted, name, rules)),
  }));
}

/** What its list would have saved, and the rule's of the same length. */
const listOf = ({ grades, terms, table }: Study, name: CandidateName) => ({
  unit: table.atStake === undefined ? "customers" : "money",
  success_rate: terms.successRate,
  contact_cost: terms.contactCost,
  ...gradeFields(grades[name]),
});

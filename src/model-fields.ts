import type { MoneyGrade } from "./models/call-list.js";
import type { CandidateName, Candidates, CandidateSettings, Quality } from "./models/churn-candidates.js";
import type { Estimate } from "./models/ranking-quality.js";
import type { RuleRow } from "./outputs/rules-csv.js";

/** Every fifth hundredth of the customers, up to half of them, is enough for a card. */
const [MOST_CALLED, GAINS_STEP] = [0.5, 5];

/** The quality of a model as JSON, each figure with its 95 % interval. */
export function qualityFields(quality: Quality) {
  const { areaUnderRoc, averagePrecision, brierScore, logLoss, calibration, calibrationError, gains } =
    quality;
  const { slope, intercept } = quality.calibrationLine;
  return {
    area_under_roc: estimateFields(areaUnderRoc),
    average_precision: estimateFields(averagePrecision),
    brier_score: estimateFields(brierScore),
    log_loss: estimateFields(logLoss),
    calibration_error: finite(calibrationError),
    calibration_slope: estimateFields(slope),
    calibration_intercept: estimateFields(intercept),
    calibration: calibration.map(({ rowCount, meanProbability, rate }) => ({
      row_count: rowCount,
      mean_probability: meanProbability,
      rate: estimateFields(rate),
    })),
    gains: gains
      .filter(({ customerShare }) => customerShare <= MOST_CALLED)
      .filter((_, i) => i % GAINS_STEP === GAINS_STEP - 1)
      .map(({ customerShare, leaverShare, low, high, lift }) => ({
        customer_share: customerShare,
        leaver_share: estimateFields({ estimate: leaverShare, low, high }),
        lift,
      })),
  };
}

/** What a list would have saved, and the rule's of the same length, as JSON. */
export function gradeFields({ grade, count, model, rule, gain }: MoneyGrade) {
  return {
    grade,
    count,
    saved: estimateFields(model),
    saved_by_rule: estimateFields(rule),
    gain: estimateFields(gain),
  };
}

/** An estimate as JSON, which has no NaN. */
export const estimateFields = ({ estimate, low, high }: Estimate) => ({
  estimate: finite(estimate),
  low: finite(low),
  high: finite(high),
});

const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** Models, and how they were asked for. */
export interface FittedCandidates {
  readonly candidates: Candidates;
  readonly settings: Pick<CandidateSettings, "maxLeaves" | "seed" | "monotone">;
}

/** How a model was fitted, as JSON: the tree's fields hold all of the tree. */
export function candidateFields(
  { candidates, settings }: FittedCandidates,
  name: CandidateName,
  rules: readonly RuleRow[],
): Readonly<Record<string, unknown>> {
  const asked = { max_leaves: settings.maxLeaves, seed: settings.seed, monotone: settings.monotone };
  if (name === "logistic") {
    const { effects, ridge, ...fitted } = candidates.logistic;
    return { settings: { ridge }, leaves: null, ...snakeCased(fitted), effects };
  }
  if (name === "boosted") {
    const { trees, baseline, settings: own } = candidates.boosted;
    return {
      settings: { ...snakeCased(own), ...asked },
      leaves: null,
      tree_count: trees.length,
      baseline,
    };
  }
  const { tree, settings: own, ...fitted } = candidates.tree;
  return {
    ...snakeCased(fitted),
    settings: { ...snakeCased(own), ...asked },
    leaves: rules.map(leafFields),
    nodes: tree.nodes.map(snakeCased),
  };
}

/** The names of a plain object as JSON here has them, those of objects and lists in it too. */
function snakeCased(value: object): Record<string, unknown> {
  const inside = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(inside);
    if (typeof part === "number") return finite(part);
    return typeof part === "object" && part !== null ? snakeCased(part) : part;
  };
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      inside(part),
    ]),
  );
}

const leafFields = ({ leaf, rule, ...row }: RuleRow) => ({
  leaf,
  rule,
  customer_count: row.customerCount,
  churn_probability: row.churnProbability,
  known_count: row.knownCount,
  churned_count: row.churnedCount,
  value_at_risk: finite(row.valueAtRisk),
});

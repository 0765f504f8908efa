import { scoreCandidates, type Candidates } from "./churn-candidates.js";
import { logOddsOf, probabilityOf } from "./log-odds.js";
import { calibrationLine } from "./probability-quality.js";
import type { TrainingSet } from "./training-set.js";
import type { Tree } from "./tree.js";

/**
 * The same models with their log-odds moved by a constant each, so that of these rows as many are foretold to leave as
 * did: how many leave changes from year to year, who does hardly. Unchanged where all of them left or none did.
 *
 * @see Steyerberg (2009), "Clinical Prediction Models", section 20.3.2: update of the intercept
 */
export function setLevel(candidates: Candidates, { features, outcomes }: TrainingSet): Candidates {
  const scores = scoreCandidates(candidates, features, outcomes.length);
  const shiftOf = (probabilities: Float64Array) =>
    calibrationLine(probabilities, outcomes).intercept.estimate || 0;
  const { tree, boosted, logistic } = candidates;
  return {
    tree: { ...tree, tree: shifted(tree.tree, shiftOf(scores.tree)) },
    boosted: { ...boosted, baseline: boosted.baseline + shiftOf(scores.boosted) },
    logistic: { ...logistic, intercept: logistic.intercept + shiftOf(scores.logistic) },
  };
}

const shifted = ({ nodes }: Tree, shift: number): Tree => ({
  nodes: nodes.map((node) => ({ ...node, value: probabilityOf(logOddsOf(node.value) + shift) })),
});

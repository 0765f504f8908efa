import {
  bestCallCount,
  gradeAgainstRule,
  modelOrder,
  ruleOrder,
  type CallTerms,
  type MoneyGrade,
} from "../models/call-list.js";
import {
  CANDIDATES,
  fitCandidates,
  qualityOf,
  scoreCandidates,
  type CandidateName,
  type Candidates,
  type CandidateScores,
  type PacedSettings,
  TRIED,
  type Quality,
  type TriedName,
} from "../models/churn-candidates.js";
import { setLevel } from "../models/churn-level.js";
import { UNKNOWN } from "../math/estimate.js";
import { precisionAt, type Estimate } from "../models/ranking-quality.js";
import { placesWhere, rowsAt, type TrainingSet } from "../models/training-set.js";
import { GROUPS, type Evidence, type Examples, type GroupName } from "./churn-evidence.js";

/** How each did on customers whose story it did not know. */
export interface Trial {
  readonly qualities: Readonly<Record<TriedName, Quality>>;
  /** Share of leavers among the customers of a list of that length, by expected loss. */
  readonly precisions: Readonly<Record<TriedName, Estimate>>;
  /** Each model's list against the rule's. */
  readonly grades: Readonly<Record<CandidateName, MoneyGrade>>;
  /** Length of the lists: of customers for whom a call is expected to pay, at most as many as were asked for. */
  readonly listLength: number;
  /** The model that ranks, in each part of the customers. */
  readonly parts: readonly PartQuality[];
}

/** How the model that ranks did among some of the customers. */
export interface PartQuality {
  readonly group: GroupName;
  /** Null where the export does not say. */
  readonly part: string | null;
  readonly meanProbability: number;
  readonly quality: Quality;
}

/** How a trial is made. */
export interface TrialSettings extends CallTerms {
  readonly candidates: PacedSettings;
  /** The model that gives the probability. */
  readonly ranks: CandidateName;
  /** Undefined for the length that earns most. */
  readonly listLength: number | undefined;
}

/** Fits the models to the earlier snapshots, and tries them and the rule on the latest whole window. */
export async function tryModels(
  { fit, test }: Evidence,
  features: readonly string[],
  settings: TrialSettings,
): Promise<Trial> {
  const models = await fitLevelled(fit, features, settings.candidates);
  const rowCount = test.training.outcomes.length;
  const scores = scoreCandidates(models, test.training.features, rowCount);
  const { listLength, ...rest } = tryLists(test, scores, settings);
  const qualities = eachTried((name) =>
    qualityOf(name === "rule" ? Float64Array.from(test.isFlagged) : scores[name], test.training.outcomes),
  );
  return { qualities, listLength, ...rest, parts: partQualities(test, scores[settings.ranks]) };
}

/** The models fitted to all snapshots, foretelling as many leavers as there were of the latest one. */
export async function fitLevelled(
  { training, folds, latestRows }: Examples,
  features: readonly string[],
  settings: PacedSettings,
): Promise<Candidates> {
  const used = only(training, features);
  return setLevel(await fitCandidates(used, folds, settings), rowsAt(used, latestRows));
}

/** The training set with those features alone. */
export function only(training: TrainingSet, names: readonly string[]): TrainingSet {
  return { ...training, features: training.features.filter(({ name }) => names.includes(name)) };
}

const eachTried = <Value>(of: (name: TriedName) => Value) =>
  Object.fromEntries(TRIED.map((name) => [name, of(name)])) as Record<TriedName, Value>;

/** What the lists would have saved, and how many on them left. */
function tryLists(
  { training: { outcomes }, contributions, isFlagged, sampledShare }: Examples,
  scores: CandidateScores,
  settings: TrialSettings,
): Pick<Trial, "precisions" | "grades" | "listLength"> {
  const best = bestCallCount(scores[settings.ranks], contributions, settings);
  const most = Math.round((settings.listLength ?? Infinity) * sampledShare);
  const count = Math.min(most, best.count);
  const rule = ruleOrder(isFlagged, contributions);
  const orderOf = (name: TriedName) => (name === "rule" ? rule : modelOrder(scores[name], contributions));
  const gradeOf = (name: CandidateName) =>
    gradeAgainstRule({ model: orderOf(name), rule }, { outcomes, contributions }, { ...settings, count });
  return {
    listLength: count,
    precisions: eachTried((name) => (count === 0 ? UNKNOWN : precisionAt(orderOf(name), outcomes, count))),
    grades: Object.fromEntries(CANDIDATES.map((name) => [name, gradeOf(name)])) as Trial["grades"],
  };
}

/** Fewer customers, or fewer leavers or stayers, say nothing about a part. */
const LEAST_IN_PART = 50;
const LEAST_OUTCOMES_IN_PART = 10;

function partQualities(
  { training: { outcomes }, groups }: Examples,
  probabilities: Float64Array,
): PartQuality[] {
  return GROUPS.flatMap((group) => {
    const words = groups[group];
    const parts = [...new Set(words)].toSorted((a, b) => ((a ?? "") < (b ?? "") ? -1 : 1));
    return parts.flatMap((part) => {
      const rows = placesWhere(words.length, (row) => words[row] === part);
      const own = Float64Array.from(rows, (row) => probabilities[row]!).sort();
      const meanProbability = own.reduce((sum, probability) => sum + probability, 0) / own.length;
      const quality = qualityOf(
        Float64Array.from(rows, (row) => probabilities[row]!),
        Uint8Array.from(rows, (row) => outcomes[row]!),
      );
      return isTelling(quality) ? [{ group, part, meanProbability, quality }] : [];
    });
  });
}

const isTelling = ({ rowCount, positiveCount }: Quality) =>
  rowCount >= LEAST_IN_PART &&
  positiveCount >= LEAST_OUTCOMES_IN_PART &&
  rowCount - positiveCount >= LEAST_OUTCOMES_IN_PART;

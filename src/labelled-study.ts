import { CrmError, problemsError } from "./errors.js";
import type { LabelledTable } from "./labelled-table.js";
import type { LeftOut } from "./staged-table.js";
import {
  bestCallCount,
  gradeAgainstRule,
  modelOrder,
  ruleOrder,
  type CallTerms,
  type MoneyGrade,
  type TestedCustomers,
} from "./models/call-list.js";
import type { Direction } from "./models/cart.js";
import {
  fitCandidates,
  qualityOf,
  scoreCandidates,
  scoreOutOfFold,
  type CandidateName,
  type Candidates,
  type CandidateScores,
  type Quality,
  type TriedName,
} from "./models/churn-candidates.js";
import { likelyLeaks, type LikelyLeak } from "./models/leak-check.js";
import { featureAt, placesWhere, type Feature, type Folds, type TrainingSet } from "./models/training-set.js";
import { leafNumbers, leafOfRows, leavesOf, pathTo, type Tree } from "./models/tree.js";
import type { Pace } from "./pace.js";
import type { Share } from "./tree-words.js";

/** How a labelled table is studied. */
export interface StudySettings {
  /** Which model gives the probabilities; the tree always explains. */
  readonly model: "tree" | "boosted";
  readonly maxLeaves: number;
  readonly seed: number;
  readonly monotone: Readonly<Record<string, Direction>>;
  /** True to write out-of-fold probabilities, false to write those of the models fitted to all rows. */
  readonly writesOutOfFold: boolean;
  /** Features that are used although they foretell suspiciously well. */
  readonly kept: readonly string[];
  readonly successRate: number;
  /** Money; by default a hundredth of what a customer has at stake on the mean. */
  readonly contactCost: number | undefined;
}

/** What was learnt from a labelled table, and what it says of every row. */
export interface Study extends Learnt, Foretold {
  readonly table: LabelledTable;
  readonly settings: StudySettings;
}

/** More rows with a label are drawn from by hash, unless folds are given. */
const ENOUGH_ROWS = 30_000;

/**
 * Fits the tree, its challenger and the plain baseline to the rows with a label, tries each on folds it has not seen,
 * and scores every row.
 *
 * @throws CrmError `data` when no column can be learnt from, `configuration` for a direction that cannot be held
 */
export async function studyTable(table: LabelledTable, settings: StudySettings, pace: Pace): Promise<Study> {
  const learnt = await learn(table, settings, pace);
  return { table, settings, ...learnt, ...foretell(table, learnt, settings) };
}

/** What was fitted to the rows with a label, and how good it was on folds that it had not seen. */
interface Learnt {
  /** The rows that models were fitted to and tried on. */
  readonly rows: Int32Array;
  readonly features: readonly Feature[];
  readonly leftOut: readonly LeftOut[];
  readonly leaks: readonly LikelyLeak[];
  readonly baseRate: number;
  readonly models: Candidates;
  /** Of the chosen rows, by models that had not seen their fold. */
  readonly outOfFold: CandidateScores;
  readonly quality: Readonly<Record<TriedName, Quality>>;
  readonly terms: CallTerms;
  readonly grades: Readonly<Record<CandidateName, MoneyGrade>>;
}

async function learn(table: LabelledTable, settings: StudySettings, pace: Pace): Promise<Learnt> {
  const rows = chosenRows(table);
  const outcomes = Uint8Array.from(rows, (row) => table.outcomes[row]!);
  const folds = Int32Array.from(rows, (row) => table.folds[row]!);
  const all = { features: table.features.map((feature) => featureAt(feature, rows)), outcomes };
  const leaks = leaksIn(all, folds, settings);
  const isUsed = ({ name }: Feature) => !leaks.some(({ feature }) => feature === name);
  const features = table.features.filter(isUsed);
  refuseNothing(features, table, leaks);
  refuseDirections(settings.monotone, features, table);
  const training = { ...all, features: all.features.filter(isUsed) };
  const outOfFold = await scoreOutOfFold(training, folds, { ...settings, pace });
  const contributions = stakesOf(table, rows);
  const terms = termsOf(settings, contributions);
  return {
    rows,
    features,
    leaks,
    leftOut: [...table.leftOut, ...leaks.map(leftOutOf)],
    baseRate: meanOf(outcomes),
    models: await fitCandidates(training, folds, { ...settings, pace }),
    outOfFold,
    quality: qualitiesOf(outOfFold, outcomes),
    terms,
    grades: gradesOf(outOfFold, { outcomes, contributions }, terms),
  };
}

/** Rows with a label: all of them where folds are given or they are few enough, else a share by hash. */
function chosenRows({ outcomes, draws }: LabelledTable): Int32Array {
  const labelled = placesWhere(outcomes.length, (row) => outcomes[row]! >= 0);
  if (labelled.length <= ENOUGH_ROWS) return labelled;
  const hundredths = Math.ceil((100 * ENOUGH_ROWS) / labelled.length);
  return placesWhere(outcomes.length, (row) => outcomes[row]! >= 0 && draws[row]! < hundredths);
}

const leaksIn = (training: TrainingSet, folds: Folds, { kept }: StudySettings) =>
  likelyLeaks(training, folds).filter(({ feature }) => !kept.includes(feature));

const leftOutOf = ({ feature, reason }: LikelyLeak): LeftOut => ({
  column: feature,
  reason: `leak-${reason}`,
});

function refuseNothing(
  features: readonly Feature[],
  { leftOut, label }: LabelledTable,
  leaks: readonly LikelyLeak[],
): void {
  if (features.length > 0) return;
  const reasons = [...leftOut, ...leaks.map(leftOutOf)].map(({ column, reason }) => `${column} (${reason})`);
  throw new CrmError(
    "data",
    `${label.column}: no column to learn from; left out ${reasons.join(", ") || "none"}`,
    {
      hint: "name columns to learn from all the same with --keep COLUMN",
    },
  );
}

/** A direction is held only for numbers that are learnt from. */
function refuseDirections(
  monotone: StudySettings["monotone"],
  features: readonly Feature[],
  { leftOut }: LabelledTable,
): void {
  const numbers = features.filter(({ kind }) => kind === "number").map(({ name }) => name);
  const problems = Object.keys(monotone)
    .filter((name) => !numbers.includes(name))
    .map(
      (name) =>
        `--monotone ${name}: ${whyNot(name, features, leftOut)}; allowed are ${numbers.join(", ") || "none"}`,
    );
  if (problems.length > 0) throw problemsError("configuration", problems);
}

function whyNot(name: string, features: readonly Feature[], leftOut: readonly LeftOut[]): string {
  if (features.some((feature) => feature.name === name)) return "holds words, which have no direction";
  const left = leftOut.find(({ column }) => column === name);
  return left === undefined ? "no such column to learn from" : `is not learnt from (${left.reason})`;
}

const meanOf = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** What each customer has at stake: money where a column has it, else one customer each. */
const stakesOf = ({ atStake }: LabelledTable, rows: Int32Array) =>
  Float64Array.from(rows, (row) => (atStake === undefined ? 1 : atStake[row]! || 0));

function termsOf({ successRate, contactCost }: StudySettings, contributions: Float64Array): CallTerms {
  return { successRate, contactCost: contactCost ?? meanOf(contributions) / 100 };
}

function qualitiesOf(outOfFold: CandidateScores, outcomes: Uint8Array): Record<TriedName, Quality> {
  const base = new Float64Array(outcomes.length).fill(meanOf(outcomes));
  const of = (probabilities: Float64Array) => qualityOf(probabilities, outcomes);
  return {
    tree: of(outOfFold.tree),
    boosted: of(outOfFold.boosted),
    logistic: of(outOfFold.logistic),
    rule: of(base),
  };
}

/** Each model's list against the rule's, which knows no more than what is at stake, at the model's best length. */
function gradesOf(
  outOfFold: CandidateScores,
  customers: TestedCustomers,
  terms: CallTerms,
): Record<CandidateName, MoneyGrade> {
  const rule = ruleOrder(new Uint8Array(customers.outcomes.length), customers.contributions);
  const of = (name: CandidateName) => {
    const probabilities = outOfFold[name];
    const { count } = bestCallCount(probabilities, customers.contributions, terms);
    const orders = { model: modelOrder(probabilities, customers.contributions), rule };
    return gradeAgainstRule(orders, customers, { ...terms, count });
  };
  return { tree: of("tree"), boosted: of("boosted"), logistic: of("logistic") };
}

/** What is said of every row of the table, with or without a label. */
interface Foretold {
  readonly probabilities: Float64Array;
  /** Money, or customers, that is expected to go. */
  readonly valuesAtRisk: Float64Array;
  /** The place in the tree of every row's leaf. */
  readonly leaves: Int32Array;
  /** Of customers who have not left, how many a call is expected to pay for. */
  readonly callCount: number;
  /** What lists call the leaves, 1 for the first from the top, by their place. */
  readonly leafNumbers: ReadonlyMap<number, number>;
  /** Customers, risk and value at risk at every node of the tree. */
  readonly shares: readonly Share[];
}

function foretell(table: LabelledTable, learnt: Learnt, settings: StudySettings): Foretold {
  const { rows, features, models, outOfFold } = learnt;
  const probabilities = scoreCandidates(models, features, table.rowCount)[settings.model];
  if (settings.writesOutOfFold)
    rows.forEach((row, i) => (probabilities[row] = outOfFold[settings.model][i]!));
  const { tree } = models.tree;
  const leaves = leafOfRows(tree, features, table.rowCount);
  const valuesAtRisk = probabilities.map((probability, row) => probability * (table.atStake?.[row] ?? NaN));
  return {
    probabilities,
    valuesAtRisk,
    leaves,
    callCount: callCountOf(table, probabilities, learnt.terms),
    leafNumbers: leafNumbers(tree),
    shares: sharesOf(tree, leaves, valuesAtRisk),
  };
}

/** Nobody calls a customer who has left. */
function callCountOf(table: LabelledTable, probabilities: Float64Array, terms: CallTerms): number {
  const staying = placesWhere(table.rowCount, (row) => table.outcomes[row] !== 1);
  const own = Float64Array.from(staying, (row) => probabilities[row]!);
  return bestCallCount(own, stakesOf(table, staying), terms).count;
}

/** Customers and their value at risk at each node; its risk is what the tree says. */
function sharesOf(tree: Tree, leaves: Int32Array, valuesAtRisk: Float64Array): Share[] {
  const counts = new Float64Array(tree.nodes.length);
  const hasMoney = valuesAtRisk.some((value) => !Number.isNaN(value));
  const money = new Float64Array(tree.nodes.length).fill(hasMoney ? 0 : NaN);
  const paths = new Map(leavesOf(tree).map((leaf) => [leaf, pathTo(tree, leaf)]));
  leaves.forEach((leaf, row) => {
    for (const place of paths.get(leaf)!) {
      counts[place]! += 1;
      if (hasMoney) money[place]! += valuesAtRisk[row]! || 0;
    }
  });
  return tree.nodes.map(({ value }, place) => ({ count: counts[place]!, risk: value, money: money[place]! }));
}

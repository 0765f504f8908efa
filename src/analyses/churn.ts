import { defineAnalysis } from "../analysis.js";
import { phrase } from "../phrase.js";
import { CrmError } from "../errors.js";
import { moneySign } from "../format.js";
import type { CallTerms } from "../models/call-list.js";
import type { CandidateSettings } from "../models/churn-candidates.js";
import { likelyLeaks, type LikelyLeak } from "../models/leak-check.js";
import { riskThresholds } from "../models/risk-bands.js";
import { onlyNumber, tableOf } from "../table.js";
import { ChurnConfig, churnSettings } from "./churn-config.js";
import { readEvidence, type Evidence } from "./churn-evidence.js";
import { CHURN_FEATURES, SUSPECTED_FEATURES, type ChurnFeature } from "./churn-features.js";
import { scoreCustomers, scoreNobody } from "./churn-scoring.js";
import { compareRuns, treeText } from "./churn-changes.js";
import { churnColumns, churnLists, labelRows } from "./churn-columns.js";
import { CHURN_READS, type ChurnContext, type Learnt } from "./churn-findings.js";
import { churnSection } from "./churn-section.js";
import { shortfallsOf } from "./churn-shortfalls.js";
import { fitLevelled, only, tryModels, type Trial } from "./churn-trial.js";

/** Who will leave, why, what it costs, and whom to call. */
export const churn = defineAnalysis({
  name: "churn",
  question: "Who will leave, why, and what does it cost?",
  config: ChurnConfig,
  reads: CHURN_READS,
  needs: [["orders", "order_lines", "subscriptions", "usage"]],

  settings: (config) => churnSettings(config),
  published: (texts) => [
    { name: "churn", relation: "results.churn_customers", columns: churnColumns(texts) },
  ],
  lists: (texts) => churnLists(texts),

  async run(context, config) {
    await refuseNobody(context, config);
    const evidence = await readEvidence(context, config);
    const terms = termsOf(config, evidence);
    const shortfalls = shortfallsOf(evidence);
    const learnt = shortfalls.length > 0 ? undefined : await learn(context, evidence, { config, terms });
    await writeModel(context, learnt, { config, terms, evidence });
    if (learnt === undefined) await scoreNobody(context);
    else await scoreCustomers(context, { ...learnt, model: config.model });
    await context.build("churn");
    await context.build("churn_basis");
    await compareRuns(context);
    return churnSection(context, { config, evidence, shortfalls, learnt, terms });
  },
});

/** A list of nobody is no answer. */
async function refuseNobody(context: ChurnContext, { definition }: ChurnConfig): Promise<void> {
  const row = await context.measure("features.churn", { customers: "count(*)" });
  if (onlyNumber(row, "customers") > 0) return;
  const what = {
    auto: "ordered, subscribed or used anything",
    orders: "ordered",
    subscriptions: "subscribed",
    usage: "used anything",
  };
  throw new CrmError(
    "data",
    `churn definition ${definition}: nobody had ${what[definition]} by ${context.run.asOfDate}`,
    {
      hint: "is the as-of date right, and the definition? set --as-of YYYY-MM-DD, or another definition",
    },
  );
}

/** A call costs a hundredth of what a customer brings in a year, where nobody says otherwise. */
function termsOf(config: ChurnConfig, { all: { contributions } }: Evidence): CallTerms {
  const brought = contributions.filter((amount) => amount > 0);
  const mean =
    brought.length === 0 ? 0 : brought.toSorted().reduce((sum, amount) => sum + amount, 0) / brought.length;
  return {
    successRate: config.success_rate,
    contactCost: config.contact_cost ?? Math.round(mean) / 100,
  };
}

interface Asked {
  readonly config: ChurnConfig;
  readonly terms: CallTerms;
}

/** Leaves out what gives itself away, tries the models on the latest whole window, and fits them to all that is known. */
async function learn(
  { run, pace }: ChurnContext,
  evidence: Evidence,
  { config, terms }: Asked,
): Promise<Learnt> {
  const { all } = evidence;
  const leaks = leaksOf(evidence).filter(({ feature }) => !config.keep.includes(feature));
  const isLeak = (name: string) => leaks.some(({ feature }) => feature === name);
  const isAsked = ({ name }: ChurnFeature) => !config.leave_out.includes(name) && !isLeak(name);
  const features = CHURN_FEATURES.filter(isAsked);
  const names = features.map(({ name }) => name as string);
  const isUsed = ([name]: readonly [string, unknown]) => names.includes(name);
  const settings: CandidateSettings = {
    maxLeaves: config.max_leaves,
    seed: run.seed,
    monotone: Object.fromEntries(Object.entries(config.monotone).filter(isUsed)),
  };
  const trial = await tryModels(evidence, names, {
    ...terms,
    candidates: { ...settings, pace },
    ranks: config.model,
    listLength: config.list_length,
  });
  return {
    trial,
    candidates: await fitLevelled(all, names, { ...settings, pace }),
    settings,
    features,
    leaks,
    baseRate: rateOf(all.latestRows.map((row) => all.training.outcomes[row]!)),
    ships: shippedBy(evidence, trial, trial.grades[config.model].ships),
  };
}

/** A rule that flags nobody makes no list, nor where no call pays; where nobody brought money there is none to go by. */
function shippedBy({ all, test }: Evidence, trial: Trial, graded: "model" | "rule"): Learnt["ships"] {
  if (!all.contributions.some((amount) => amount > 0)) return "probability";
  if (trial.listLength === 0) return "model";
  return test.isFlagged.includes(1) ? graded : "model";
}

/**
 * Features that give themselves away, but for those that leaving is told by: among those who were learnt from, where a
 * customer who left later may still count as a stayer, or among those of the test, whose whole story is known today.
 */
function leaksOf({ fit, test }: Evidence): LikelyLeak[] {
  const found = [fit, test].flatMap(({ training, folds }) =>
    likelyLeaks(only(training, SUSPECTED_FEATURES), folds),
  );
  return found.filter(
    ({ feature }, place) => found.findIndex((other) => other.feature === feature) === place,
  );
}

const rateOf = (outcomes: Int32Array) =>
  outcomes.reduce((sum, outcome) => sum + outcome, 0) / outcomes.length;

/** The rule's list is as long as that of its trial; the model's ends by itself. */
const ruleLength = (learnt: Learnt | undefined, { test }: Evidence) =>
  learnt?.ships === "rule" ? Math.round(learnt.trial.listLength / test.sampledShare) : NaN;

/** What SQL must know of the model to make bands and list: `results.churn_model`, one row. */
async function writeModel(
  context: ChurnContext,
  learnt: Learnt | undefined,
  { config, terms, evidence }: Asked & { readonly evidence: Evidence },
): Promise<void> {
  const texts = context.texts.churn.forecast;
  const { highFrom, lowTo } = riskThresholds(learnt?.baseRate ?? NaN);
  await context.write(
    "churn_model",
    tableOf({
      ranks_by: [learnt === undefined ? "warnings" : learnt.ships],
      base_rate: Float64Array.of(learnt?.baseRate ?? NaN),
      high_from: Float64Array.of(highFrom),
      low_to: Float64Array.of(lowTo),
      success_rate: Float64Array.of(terms.successRate),
      contact_cost: Float64Array.of(terms.contactCost),
      tree: [learnt === undefined ? null : treeText(learnt.candidates.tree.tree)],
      list_length: Float64Array.of(config.list_length ?? ruleLength(learnt, evidence)),
      stake_reason: [phrase(texts.reason, { feature: texts.columns.contribution_amount, value: "" })],
      money_sign: [moneySign(context.run)],
      call_action: [learnt === undefined ? texts.unlearntAction : texts.action],
      win_back_action: [texts.winBackAction],
      alert_action: [texts.alertAction],
    }),
  );
  await context.write("churn_labels", labelRows(context.texts));
}

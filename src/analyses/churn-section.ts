import type { Quality } from "../models/churn-candidates.js";
import { phrase } from "../phrase.js";
import { column, fullList, shown } from "../section-part.js";
import type { Chart, Headline, Section, ShownTable } from "../section.js";
import { numbers, tableOf, texts as wordsIn } from "../table.js";
import { churnCards } from "./churn-cards.js";
import { toldChanges, type ToldChanges } from "./churn-changes.js";
import { columnsNamed } from "./churn-columns.js";
import { driftOf, type FeatureDrift } from "./churn-drift.js";
import { modelCharts, modelTable, partTable, type ToldModel } from "./churn-model-section.js";
import { reliabilityOf, reliabilityTable, type Reliability } from "./churn-reliability.js";
import { toldTree, type ToldTree } from "./churn-tree-section.js";
import { featureTitle } from "./churn-words.js";
import type { ChurnContext, ChurnFindings } from "./churn-findings.js";

interface Told {
  readonly context: ChurnContext;
  readonly findings: ChurnFindings;
  readonly totals: Totals;
}

/** What the report shows of churn; `results.churn` is built. */
export async function churnSection(context: ChurnContext, findings: ChurnFindings): Promise<Section> {
  const { learnt } = findings;
  const told = { context, findings, totals: await readTotals(context) };
  const tree = learnt && (await toldTree(context, learnt, findings));
  const drifts = learnt === undefined ? [] : await driftOf(context, learnt, findings.evidence);
  const reliability = await reliabilityOf(context);
  const changes = await toldChanges(context);
  const model = learnt && { context, learnt, findings };
  const texts = context.texts.churn.forecast;
  return {
    analysis: "churn",
    title: texts.title,
    question: texts.question,
    answer: `${answer(told)}${changes.answer}`,
    headlines: headlines(told),
    charts: chartsOf(tree, model),
    tables: await tablesOf(told, { tree, model, drifts, reliability, changes }),
    notes: [
      ...notes(told),
      ...(await windowNote(told)),
      ...(["rfm", "value"].some((name) => context.ran.has(name)) ? [context.texts.report.lapsedCounts] : []),
      ...changes.notes,
      ...warnings(told, { drifts, reliability }),
    ],
    models: churnCards(findings, tree?.rules ?? []),
    documents: tree?.documents ?? [],
    data: tree?.data ?? [],
  };
}

const wordsOf = ({ context }: Pick<Told, "context">) => context.texts.churn.forecast;

const chartsOf = (tree: ToldTree | undefined, model: ToldModel | undefined): Chart[] => [
  ...(tree === undefined ? [] : [tree.picture]),
  ...(model === undefined ? [] : modelCharts(model)),
];

/** Sums over the customers of each state. */
interface Totals {
  readonly active: number;
  readonly gone: number;
  readonly tooNew: number;
  readonly high: number;
  /** Sum of the probabilities. */
  readonly expected: number;
  /** With a warning that needs nothing learnt. */
  readonly warned: number;
  readonly calls: number;
  readonly valueAtRisk: number;
  readonly saving: number;
}

async function readTotals(context: ChurnContext): Promise<Totals> {
  await context.build("churn_states");
  const rows = await context.table("results.churn_states");
  const states = wordsIn(rows, "state");
  const of = (state: string, name: string) => numbers(rows, name)[states.indexOf(state)] ?? 0;
  return {
    active: of("active", "customer_count"),
    gone: of("gone", "customer_count"),
    tooNew: of("too_new", "customer_count"),
    high: of("active", "high_count"),
    expected: of("active", "expected_count"),
    warned: of("active", "warned_count"),
    calls: of("active", "call_count"),
    valueAtRisk: of("active", "value_at_risk"),
    saving: of("active", "expected_saving"),
  };
}

function answer({ context, findings, totals }: Told): string {
  const texts = wordsOf({ context });
  const { learnt, config, evidence } = findings;
  const whole = (value: number) => shown(context.run, value, "integer");
  const gaps = {
    active: whole(totals.active),
    high: whole(totals.high),
    expected: whole(Math.round(totals.expected)),
    warned: whole(totals.warned),
    list: whole(totals.calls),
    days: whole(evidence.definition.windowDays),
    ruleDays: whole(config.rule_days),
    money: shown(context.run, totals.valueAtRisk, "money"),
    profit: shown(context.run, totals.saving, "money"),
  };
  if (learnt === undefined) {
    const { answer } = texts.unlearnt[evidence.definition.definition];
    return phrase(totals.warned === 0 ? texts.answerNobody : answer, gaps);
  }
  const sentences = { model: texts.answer, rule: texts.answerRule, probability: texts.answerProbability };
  return phrase(sentences[learnt.ships], gaps);
}

function headlines(told: Told): Headline[] {
  const { context, findings, totals } = told;
  const texts = wordsOf(told);
  const whole = (value: number) => shown(context.run, value, "integer");
  const active: Headline = {
    label: texts.active,
    value: totals.active,
    format: "integer",
    note: phrase(texts.activeNote, { gone: whole(totals.gone), new: whole(totals.tooNew) }),
  };
  const { learnt } = findings;
  if (learnt === undefined) return [active];
  const list: Headline = { label: texts.list, value: totals.calls, format: "integer" };
  if (learnt.ships === "probability") return [active, list, ...trialHeadlines(told, learnt)];
  const profit = shown(context.run, totals.saving, "money");
  return [
    active,
    { label: texts.atRisk, value: totals.valueAtRisk, format: "money", note: texts.atRiskNote },
    { ...list, note: phrase(texts.listNote, { profit }) },
    ...trialHeadlines(told, learnt),
    gradeHeadline(told, learnt),
  ];
}

function trialHeadlines(
  { context, findings }: Told,
  { trial }: NonNullable<ChurnFindings["learnt"]>,
): Headline[] {
  const texts = wordsOf({ context });
  const { config, evidence } = findings;
  const { areaUnderRoc, positiveCount, rowCount } = trial.qualities[config.model];
  const date = evidence.test.dates.at(-1)!;
  const percent = (value: number) => shown(context.run, value, "percent");
  return [
    {
      label: phrase(texts.rate, { days: evidence.definition.windowDays }),
      value: positiveCount / rowCount,
      format: "percent",
      note: phrase(texts.rateNote, { count: shown(context.run, rowCount, "integer"), date }),
    },
    {
      label: texts.area,
      value: areaUnderRoc.estimate,
      format: "percent",
      note: phrase(texts.areaNote, {
        low: percent(areaUnderRoc.low),
        high: percent(areaUnderRoc.high),
        date,
      }),
    },
  ];
}

/** None where the rule can flag nobody, for whoever is silent so long is gone, or where no call pays. */
function gradeHeadline(told: Told, { trial }: NonNullable<ChurnFindings["learnt"]>): Headline {
  const texts = wordsOf(told);
  const { config, evidence } = told.findings;
  const isVoid = !evidence.test.isFlagged.includes(1) || trial.listLength === 0;
  return {
    label: texts.grade,
    value: isVoid ? texts.no : trial.grades[config.model].grade,
    format: "text",
    note: phrase(isVoid ? texts.gradeVoid : texts.gradeNote, { days: config.rule_days }),
  };
}

interface Found {
  readonly drifts: readonly FeatureDrift[];
  readonly reliability: readonly Reliability[];
}

interface Shown extends Found {
  readonly changes: ToldChanges;
  readonly tree: ToldTree | undefined;
  readonly model: ToldModel | undefined;
}

async function tablesOf(
  told: Told,
  { tree, model, drifts, reliability, changes }: Shown,
): Promise<ShownTable[]> {
  return [
    await callTable(told),
    ...(tree === undefined ? [] : [tree.groups]),
    ...(model === undefined ? [] : [modelTable(model), partTable(model)]),
    ...changes.tables,
    await stateTable(told),
    await typeTable(told),
    await alertTable(told),
    ...(told.findings.evidence.definition.definition === "orders" ? [await windowTable(told)] : []),
    ...(reliability.length === 0 ? [] : [reliabilityTable(told.context, reliability)]),
    ...(drifts.length === 0 ? [] : [driftTable(told, drifts)]),
  ];
}

const placeOf = ({ run, texts }: ChurnContext, list: string) => fullList(run, texts, { list, file: "churn" });

async function callTable(told: Told): Promise<ShownTable> {
  const { context, findings } = told;
  const texts = wordsOf(told);
  await context.build("churn_calls");
  const ships = findings.learnt?.ships ?? "warnings";
  const columns = columnsNamed(context.texts, [
    "call_rank",
    "customer_key",
    "customer_name",
    "churn_probability",
    "risk_band",
    "value_at_risk",
    "contribution_amount",
    "reason_1",
    "reason_2",
    "reason_3",
  ]);
  const rows = await context.table("results.churn_calls");
  const bands: Readonly<Record<string, string>> = texts.bands;
  return {
    name: "calls",
    title: texts.risk,
    caption: phrase(texts.riskCaptions[ships], { place: placeOf(context, "churn-risk") }),
    isInteractive: true,
    rows: rows.assign(
      tableOf({ risk_band: wordsIn(rows, "risk_band").map((band) => (band === null ? null : bands[band]!)) }),
    ),
    columns: columns.map((shownColumn) =>
      /^reason_[23]$/.test(shownColumn.name) ? { ...shownColumn, width: "wide" as const } : shownColumn,
    ),
  };
}

/** A column's codes as the words of the run's language. */
const named = (codes: readonly (string | null)[], words: Readonly<Record<string, string>>) =>
  codes.map((code) => (code === null ? null : (words[code] ?? code)));

async function stateTable(told: Told): Promise<ShownTable> {
  const texts = wordsOf(told);
  const rows = await told.context.table("results.churn_states");
  return {
    name: "states",
    title: texts.stateTable,
    caption: phrase(texts.stateTableCaption, { place: placeOf(told.context, "win-back") }),
    rows: rows.assign(tableOf({ state_name: named(wordsIn(rows, "state"), texts.states) })),
    columns: [
      column("state_name", texts.state, "text"),
      column("customer_count", texts.customers, "integer"),
      column("contribution_amount", texts.contribution, "money"),
      column("value_at_risk", texts.valueAtRisk, "money"),
    ],
  };
}

async function typeTable(told: Told): Promise<ShownTable> {
  const texts = wordsOf(told);
  await told.context.build("churn_type_rates");
  const rows = await told.context.table("results.churn_type_rates");
  return {
    name: "types",
    title: texts.types,
    caption: phrase(texts.typesCaption, {
      count: shown(told.context.run, numbers(rows, "base_count")[0] ?? 0, "integer"),
      days: told.findings.evidence.definition.windowDays,
    }),
    rows: rows.assign(tableOf({ type_name: named(wordsIn(rows, "churn_type"), texts.typeNames) })),
    columns: [
      column("type_name", texts.type, "text"),
      column("customer_count", texts.customers, "integer"),
      column("left_share", texts.share, "percent"),
      column("left_count", texts.leftOfTest, "integer"),
      column("customer_rate", texts.leftRateOfTest, "percent"),
      column("lost_contribution_amount", texts.lost, "money"),
    ],
  };
}

async function alertTable(told: Told): Promise<ShownTable> {
  const texts = wordsOf(told);
  await told.context.build("alert_lead_times");
  const rows = await told.context.table("results.alert_lead_times");
  const share = (part: string, whole: string) => {
    const [parts, wholes] = [numbers(rows, part), numbers(rows, whole)];
    return parts.map((count, row) => count / wholes[row]!);
  };
  return {
    name: "alerts",
    title: texts.alerts,
    caption: phrase(texts.alertsCaption, {
      place: told.context.run.hasConsents ? texts.alertsPlace : "",
    }),
    rows: rows.assign(
      tableOf({
        alert_name: named(wordsIn(rows, "alert_kind"), texts.alertNames),
        standing_rate: share("standing_count", "active_count"),
        signalled_rate: share("signalled_count", "lost_count"),
      }),
    ),
    columns: [
      column("alert_name", texts.alert, "text"),
      column("standing_count", texts.standing, "integer"),
      column("standing_rate", texts.ofActive, "percent"),
      column("signalled_rate", texts.warned, "percent"),
      column("median_lead_days", texts.leadDays, "integer"),
    ],
  };
}

async function windowTable(told: Told): Promise<ShownTable> {
  const texts = wordsOf(told);
  const rows = await told.context.table("features.churn_windows");
  const isProposed = Array.from(rows.getChild("is_proposed")!, (value) =>
    value === true ? texts.yes : texts.no,
  );
  return {
    name: "windows",
    title: texts.windows,
    caption: texts.windowsCaption,
    isDetail: true,
    rows: rows.assign(tableOf({ proposed: isProposed })),
    columns: [
      column("window_days", texts.windowDays, "integer"),
      column("silence_count", texts.silences, "integer"),
      column("returned_count", texts.returned, "integer"),
      column("return_rate", texts.returnRate, "percent"),
      column("shorter_gap_rate", texts.shorterGaps, "percent"),
      column("proposed", texts.isProposed, "text"),
    ],
  };
}

function driftTable(told: Told, drifts: readonly FeatureDrift[]): ShownTable {
  const texts = wordsOf(told);
  return {
    name: "drift",
    title: texts.drift,
    caption: texts.driftCaption,
    isDetail: true,
    rows: tableOf({
      feature: drifts.map(({ feature }) => featureTitle(feature, texts)),
      stability: Float64Array.from(drifts, ({ index }) => index),
    }),
    columns: [column("feature", texts.feature, "text"), column("stability", texts.stability, "decimal")],
  };
}

function notes(told: Told): string[] {
  const { context, findings } = told;
  const texts = wordsOf(told);
  const { definition } = findings.evidence;
  const proposed = definition.isProposed ? texts.proposed : "";
  const meaning = phrase(texts.meaning[definition.definition], { days: definition.windowDays, proposed });
  const terms = phrase(texts.termsNote, {
    success: shown(context.run, findings.terms.successRate, "percent"),
    cost: shown(context.run, findings.terms.contactCost, "money"),
  });
  return findings.learnt === undefined
    ? [meaning, shortNote(told)]
    : [meaning, ...learntNotes(told, findings.learnt), terms];
}

/** From which share on, those who came back from a silence as long as the window are worth a word. */
const MANY_RETURNED = 0.1;

/** How many of those whom the window calls lost will be back. */
async function windowNote(told: Told): Promise<string[]> {
  const { definition, windowDays } = told.findings.evidence.definition;
  const rows = await told.context.table("features.churn_windows");
  const rate = numbers(rows, "return_rate")[numbers(rows, "window_days").indexOf(windowDays)] ?? NaN;
  if (definition !== "orders" || !(rate > MANY_RETURNED)) return [];
  const percent = shown(told.context.run, rate, "percent");
  return [phrase(wordsOf(told).windowNote, { days: windowDays, rate: percent })];
}

function shortNote(told: Told): string {
  const texts = wordsOf(told);
  const shortfalls = told.findings.shortfalls.map(({ reason, ...counts }) =>
    phrase(texts.shortfalls[reason], counts),
  );
  const { rule } = texts.unlearnt[told.findings.evidence.definition.definition];
  return phrase(texts.shortNote, { shortfalls: shortfalls.join("; "), rule });
}

function learntNotes(told: Told, { trial, leaks }: NonNullable<ChurnFindings["learnt"]>): string[] {
  const { context, findings } = told;
  const texts = wordsOf(told);
  const { fit, test } = findings.evidence;
  const whole = (value: number) => shown(context.run, value, "integer");
  const area = (name: "tree" | "boosted") =>
    shown(context.run, trial.qualities[name].areaUnderRoc.estimate, "percent");
  const learntFrom = phrase(texts.learntNote, {
    fit: whole(fit.folds.length),
    snapshots: fit.dates.length,
    last: fit.dates.at(-1)!,
    test: whole(test.folds.length),
    date: test.dates.at(-1)!,
  });
  const leakNames = leaks.map(({ feature }) => featureTitle(feature, texts)).join(", ");
  return [
    learntFrom,
    phrase(texts.readableNote, { boosted: area("boosted"), tree: area("tree") }),
    ...(leaks.length === 0 ? [] : [phrase(texts.leakNote, { features: leakNames })]),
  ];
}

/** What makes tonight's forecast less trustworthy than its test. */
function warnings(told: Told, { drifts, reliability }: Found): string[] {
  const texts = wordsOf(told);
  const percent = (value: number) => shown(told.context.run, value, "percent");
  const shifted = drifts
    .filter(({ drift }) => drift === "shifted")
    .map(({ feature }) => featureTitle(feature, texts));
  const level =
    told.findings.learnt && levelOf(told.findings.learnt.trial.qualities[told.findings.config.model]);
  const decayed = reliability.filter(({ isOff }) => isOff);
  return [
    ...(level?.isOff !== true
      ? []
      : [phrase(texts.levelNote, { foretold: percent(level.foretold), came: percent(level.came) })]),
    ...(shifted.length === 0 ? [] : [phrase(texts.driftWarning, { features: shifted.join(", ") })]),
    ...decayed.map(({ date, foretoldRate, cameRate }) =>
      phrase(texts.trackDecay, { date, foretold: percent(foretoldRate), came: percent(cameRate) }),
    ),
  ];
}

/** From which share of those who left on, a forecast of their number was off. */
const OFF_LEVEL = 0.2;

/** How many leavers the test foretold and had, and whether chance and a fifth of them cannot explain the difference. */
function levelOf({ calibration, calibrationLine, positiveCount, rowCount }: Quality) {
  const expected = calibration.reduce((sum, bin) => sum + bin.rowCount * bin.meanProbability, 0);
  const [foretold, came] = [expected / rowCount, positiveCount / rowCount];
  const { low, high } = calibrationLine.intercept;
  return { foretold, came, isOff: (low > 0 || high < 0) && Math.abs(foretold - came) > OFF_LEVEL * came };
}

import { type Step, type Trial } from "../models/forecast-ladder.js";
import { phrase } from "../phrase.js";
import type { Chart, Format, Headline, ShownColumn, ShownTable } from "../section.js";
import { onlyNumber, tableOf, texts as textsOf } from "../table.js";
import type { Texts } from "../texts/index.js";
import { NAIVE_RULES, type NaiveRule } from "../models/forecast.js";
import { column, shown, type SectionPart } from "../section-part.js";
import { bestRuleAmount, gradeOf } from "./value-cards.js";
import type { LifetimeContext, LifetimeFindings } from "./value-lifetime.js";

type Words = Texts["value"]["lifetime"];

interface Told {
  readonly context: LifetimeContext;
  readonly findings: LifetimeFindings;
  readonly texts: Words;
}

/** What the report shows of lifetime value; `results.value` is built. */
export async function lifetimePart(
  context: LifetimeContext,
  findings: LifetimeFindings,
): Promise<SectionPart> {
  const told = { context, findings, texts: context.texts.value.lifetime };
  const totals = await readTotals(context);
  const classes = classTable(told);
  return {
    answer: answer(told, totals),
    headlines: headlines(told, totals),
    charts: classes === undefined ? [] : [classChart(told, classes)],
    tables: [
      await topTable(told),
      await stateTable(told),
      ...(findings.trials.length === 0 ? [] : [trialTable(told)]),
      ...(classes === undefined ? [] : [classes]),
    ],
    notes: notes(told),
  };
}

interface Totals {
  readonly customerCount: number;
  readonly value: number;
  readonly orderCount: number;
  /** Customers who have not lapsed. */
  readonly presentCount: number;
}

async function readTotals(context: LifetimeContext): Promise<Totals> {
  const exact = (what: string) => `sum(to_exact(${what}))`;
  const row = await context.measure("results.value", {
    customers: "count(*)",
    worth: "sum(lifetime_value)",
    orders: exact("expected_order_count"),
    present: "sum(case when state = 'lapsed' then 0 else 1 end)",
  });
  return {
    customerCount: onlyNumber(row, "customers"),
    value: onlyNumber(row, "worth") || 0,
    orderCount: onlyNumber(row, "orders") || 0,
    presentCount: onlyNumber(row, "present") || 0,
  };
}

function answer(told: Told, { value, presentCount, customerCount }: Totals): string {
  return phrase(told.texts.answer, {
    value: shown(told.context.run, value, "money"),
    days: shown(told.context.run, told.findings.config.horizon_days, "integer"),
    bias: biasWords(told),
    present: shown(told.context.run, presentCount, "integer"),
    customers: shown(told.context.run, customerCount, "integer"),
  });
}

function headlines(told: Told, totals: Totals): Headline[] {
  const { texts, findings } = told;
  const grade = gradeOf(findings.ladder.forecast.name, findings.found);
  const present: Headline = {
    label: texts.headlinePresent,
    value: totals.presentCount,
    format: "integer",
    note: phrase(texts.headlinePresentNote, {
      share: shown(told.context.run, totals.presentCount / totals.customerCount, "percent"),
      customers: shown(told.context.run, totals.customerCount, "integer"),
    }),
  };
  return [
    {
      label: texts.headlineValue,
      value: totals.value,
      format: "money",
      note: phrase(texts.headlineValueNote, { days: findings.config.horizon_days, bias: biasWords(told) }),
    },
    { label: texts.headlineOrders, value: totals.orderCount, format: "integer" },
    present,
    newcomerHeadline(told),
    {
      label: texts.headlineModel,
      value: nameOf(told, findings.ladder.forecast.name),
      format: "text",
      note: grade === undefined ? texts.headlineUngraded : phrase(texts.headlineModelNote, { grade }),
    },
  ];
}

/** From which bias on, in money, a forecast is said to have been off. */
const BIASED = 0.15;

/** How far off the forecast was on the past, where it was far. */
function biasWords({ findings, texts, context }: Told): string {
  const found = findings.found.find(({ name }) => name === findings.ladder.forecast.name);
  const bias = found?.amountErrors.bias ?? 0;
  if (!(Math.abs(bias) >= BIASED)) return "";
  const share = shown(context.run, Math.abs(bias), "percent");
  return phrase(bias > 0 ? texts.tooHigh : texts.tooLow, { share });
}

/** The first order is certain; what follows it is foretold. */
function newcomerHeadline(told: Told): Headline {
  const { findings, texts } = told;
  const { newcomer, newcomerMean } = findings;
  const money = (orders: number) => shown(told.context.run, (1 + orders) * newcomerMean, "money");
  return {
    label: texts.headlineNewcomer,
    value: (1 + newcomer.discountedCount) * newcomerMean,
    format: "money",
    note: phrase(texts.headlineNewcomerNote, {
      low: money(newcomer.lowMoney),
      high: money(newcomer.highMoney),
    }),
  };
}

const nameOf = ({ texts }: Told, name: string) => texts.models[name as keyof typeof texts.models] ?? name;

async function topTable(told: Told): Promise<ShownTable> {
  const { context, texts, findings } = told;
  await context.build("value_top");
  const rows = await context.table("results.value_top");
  const stateNames: Readonly<Record<string, string>> = texts.stateNames;
  const states = textsOf(rows, "state").map((state) => stateNames[state!] ?? state);
  return {
    name: "worth-most",
    title: texts.top,
    caption: phrase(texts.topCaption, {
      days: findings.config.horizon_days,
      rate: shown(told.context.run, findings.config.discount_rate, "percent"),
    }),
    isInteractive: true,
    rows: rows.assign(tableOf({ state_name: states })),
    columns: [
      ...valueColumns(texts, ["value_rank", "customer_key", "customer_name", "tier"]),
      column("state_name", texts.columns.state, "text"),
      ...valueColumns(texts, [
        "order_count",
        "alive_probability",
        "expected_order_count",
        "lifetime_value",
        "lifetime_value_low",
        "lifetime_value_high",
      ]),
    ],
  };
}

async function stateTable(told: Told): Promise<ShownTable> {
  const { context, texts, findings } = told;
  await context.build("value_states");
  const rows = await context.table("results.value_states");
  const names: Readonly<Record<string, string>> = texts.stateNames;
  return {
    name: "states",
    title: texts.states,
    caption: phrase(texts.statesCaption, {
      days: shown(told.context.run, findings.lapsedAfterDays, "integer"),
    }),
    rows: rows.assign(tableOf({ state_name: textsOf(rows, "state").map((state) => names[state!] ?? state) })),
    columns: [
      column("state_name", texts.state, "text"),
      column("customer_count", texts.customers, "integer"),
      column("total_amount", texts.money, "money"),
      column("lifetime_value", texts.value, "money"),
    ],
  };
}

function trialTable(told: Told): ShownTable {
  const { texts, findings } = told;
  const [, latest, ...earlier] = findings.snapshots;
  const trials = findings.trials.toSorted((a, b) => a.errors.mae - b.errors.mae);
  const foundOf = ({ name }: Trial) => findings.found.find((candidate) => candidate.name === name);
  const number = (of: (trial: Trial) => number | undefined) =>
    Float64Array.from(trials, (trial) => of(trial) ?? NaN);
  return {
    name: "backtest",
    title: texts.trials,
    caption: phrase(texts.trialsCaption, {
      date: latest?.date ?? "",
      days: latest?.outcomeDays ?? 0,
      origins: earlier.length === 0 ? "" : phrase(texts.origins, { count: earlier.length }),
    }),
    rows: tableOf({
      forecast: trials.map(({ name }) => nameOf(told, name)),
      verdict: trials.map((trial) => verdictOf(told, trial)),
      mae: number(({ errors }) => errors.mae),
      rmse: number(({ errors }) => errors.rmse),
      bias: number(({ errors }) => errors.bias),
      found: trials.map((trial) => foundWords(told, foundOf(trial))),
      found_amount: number((trial) => foundOf(trial)?.foundAmount),
      amount_mae: number((trial) => foundOf(trial)?.amountErrors.mae),
      amount_rmse: number((trial) => foundOf(trial)?.amountErrors.rmse),
      amount_bias: number((trial) => foundOf(trial)?.amountErrors.bias),
      grade: trials.map(({ name }) =>
        NAIVE_RULES.includes(name as NaiveRule) ? null : (gradeOf(name, findings.found) ?? null),
      ),
    }),
    columns: trialColumns(texts),
  };
}

const trialColumns = (texts: Words): ShownColumn[] => [
  column("forecast", texts.forecast, "text"),
  column("verdict", texts.verdict, "text"),
  column("mae", texts.mae, "decimal"),
  column("rmse", texts.rmse, "decimal"),
  column("bias", texts.bias, "percent"),
  column("amount_mae", texts.amountMae, "money"),
  column("amount_rmse", texts.amountRmse, "money"),
  column("amount_bias", texts.amountBias, "percent"),
  column("found", texts.foundCount, "text"),
  column("found_amount", texts.foundAmount, "money"),
  column("grade", texts.grade, "text"),
];

function foundWords(told: Told, found: LifetimeFindings["found"][number] | undefined): string | null {
  if (found === undefined) return null;
  return `${shown(told.context.run, found.foundCount, "integer")} / ${shown(told.context.run, found.listCount, "integer")}`;
}

function verdictOf(told: Told, { name, model }: Trial): string {
  const { ladder } = told.findings;
  const { verdicts } = told.texts;
  const step = ladder.steps.find((candidate) => candidate.name === name);
  if (step === undefined) return verdicts.rule;
  const isShipped = ladder.forecast.name === name && ladder.rung === "simpler-model";
  const shippedAs = step.verdict === "flat" ? "flat-model" : "simpler-model";
  const boundary = boundaryOf(step) ?? model?.boundary ?? "";
  return phrase(verdicts[isShipped ? shippedAs : step.verdict], { boundary });
}

const boundaryOf = ({ model }: Step) => model?.boundary;

function classTable(told: Told): ShownTable | undefined {
  const { texts, findings } = told;
  const { classes, snapshots } = findings;
  if (classes.length === 0) return undefined;
  const number = (of: (row: (typeof classes)[number]) => number) => Float64Array.from(classes, of);
  return {
    name: "calibration",
    title: texts.classes,
    caption: phrase(texts.classesCaption, {
      days: snapshots[1]?.outcomeDays ?? 0,
      date: snapshots[1]?.date ?? "",
    }),
    isDetail: true,
    rows: tableOf({
      repeat_count: classes.map(({ repeatCount }) => (repeatCount < 7 ? String(repeatCount) : "7+")),
      customer_count: number(({ customerCount }) => customerCount),
      predicted: number(({ predictedMean }) => predictedMean),
      came: number(({ outcomeMean }) => outcomeMean),
    }),
    columns: [
      column("repeat_count", texts.repeatCount, "text"),
      column("customer_count", texts.customers, "integer"),
      column("predicted", texts.predicted, "decimal"),
      column("came", texts.came, "decimal"),
    ],
  };
}

/** Foretold and come as two lines over the frequency classes. */
function classChart({ texts, findings }: Told, { title, caption }: ShownTable): Chart {
  const { classes } = findings;
  const twice = (of: (row: (typeof classes)[number]) => number) =>
    Float64Array.from([...classes, ...classes], of);
  const values = [
    ...classes.map(({ predictedMean }) => predictedMean),
    ...classes.map(({ outcomeMean }) => outcomeMean),
  ];
  return {
    kind: "curve",
    title,
    ...(caption === undefined ? {} : { caption }),
    rows: tableOf({
      repeat_count: twice(({ repeatCount }) => repeatCount),
      value: Float64Array.from(values),
      line: [...classes.map(() => texts.predicted), ...classes.map(() => texts.came)],
    }),
    x: column("repeat_count", texts.repeatCount, "integer"),
    y: column("value", texts.classesChart, "decimal"),
    line: column("line", "", "text"),
  };
}

function notes(told: Told): string[] {
  const { texts, findings } = told;
  const { ladder, spending, coverage, snapshots, config } = findings;
  const shipped = ladder.steps.find(({ name }) => name === ladder.forecast.name);
  const outcomeDays = snapshots[1]?.outcomeDays;
  return [
    phrase(texts.rungs[rungWords(findings, shipped)], {
      model: nameOf(told, ladder.forecast.name),
      boundary: shipped?.model?.boundary ?? "",
    }),
    ...(findings.trials.length === 0 ? [texts.noBacktest] : []),
    ...worseNote(told),
    ...(Number.isNaN(coverage)
      ? []
      : [phrase(texts.coverage, { share: shown(told.context.run, coverage, "percent") })]),
    texts.interval,
    ...(outcomeDays !== undefined && outcomeDays < config.horizon_days
      ? [phrase(texts.longHorizon, { horizon: config.horizon_days, days: outcomeDays })]
      : []),
    spending.model === undefined
      ? texts.noSpending
      : phrase(texts.spending, { customers: shown(told.context.run, spending.customerCount, "integer") }),
    ...correlationNote(told),
    ...(told.context.ran.has("rfm") ? [told.context.texts.report.lapsedCounts] : []),
  ];
}

/** Which words tell of the rung that was taken. */
function rungWords({ ladder, trials }: LifetimeFindings, shipped: Step | undefined): keyof Words["rungs"] {
  if (shipped?.verdict === "flat") return "flat";
  if (ladder.rung === "model" && trials.length === 0) return "model-untried";
  const wasOutdone = ladder.steps.some(({ verdict }) => verdict === "worse-than-naive");
  return ladder.rung === "naive-rate" && !wasOutdone ? "naive-unfitted" : ladder.rung;
}

function worseNote(told: Told): string[] {
  const { findings, texts } = told;
  const own = findings.found.find(({ name }) => name === findings.ladder.forecast.name);
  const difference = own === undefined ? 0 : bestRuleAmount(findings.found) - own.foundAmount;
  return difference > 0
    ? [phrase(texts.worse, { difference: shown(told.context.run, difference, "money") })]
    : [];
}

/** From which correlation on the model of spending is doubtful. */
const CORRELATED = 0.3;

function correlationNote({ texts, findings }: Told): string[] {
  const { correlation, model } = findings.spending;
  if (model === undefined || !(Math.abs(correlation) >= CORRELATED)) return [];
  const direction = correlation > 0 ? texts.more : texts.less;
  return [phrase(texts.correlated, { direction, correlation: correlation.toFixed(2) })];
}

type ColumnName = keyof Words["columns"];

const FORMATS: Readonly<Partial<Record<ColumnName, Format>>> = {
  value_rank: "integer",
  customer_id: "integer",
  order_count: "integer",
  total_amount: "money",
  contribution_amount: "money",
  alive_probability: "likelihood",
  expected_order_count: "decimal",
  expected_order_count_low: "integer",
  expected_order_count_high: "integer",
  mean_order_amount: "money",
  next_order_date: "date",
  order_value: "money",
  recurring_value: "money",
  lifetime_value: "money",
  lifetime_value_low: "money",
  lifetime_value_high: "money",
};

function valueColumns({ columns }: Words, names: readonly ColumnName[]): ShownColumn[] {
  return names.map((name) => column(name, columns[name], FORMATS[name] ?? "text"));
}

/** The columns of value.csv, value.parquet and value.xlsx. */
export function publishedColumns(texts: Texts): ShownColumn[] {
  return valueColumns(texts.value.lifetime, [
    "customer_id",
    "customer_key",
    "customer_name",
    "order_count",
    "total_amount",
    "contribution_amount",
    "alive_probability",
    "expected_order_count",
    "expected_order_count_low",
    "expected_order_count_high",
    "mean_order_amount",
    "next_order_date",
    "order_value",
    "recurring_value",
    "lifetime_value",
    "lifetime_value_low",
    "lifetime_value_high",
    "tier",
    "state",
    "tier_rests_on",
  ]);
}

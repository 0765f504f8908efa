import { formatValue, type Locale } from "./format.js";
import { studyCards } from "./labelled-cards.js";
import { treeQuery, type TableOrigin } from "./labelled-sql.js";
import type { Study } from "./labelled-study.js";
import { TRIED, type TriedName } from "./models/churn-candidates.js";
import type { Estimate } from "./models/ranking-quality.js";
import type { Tree } from "./models/tree.js";
import { rulesCsv, type RuleRow } from "./outputs/rules-csv.js";
import { treePictureFile } from "./outputs/tree-picture.js";
import { phrase } from "./phrase.js";
import { column } from "./section-part.js";
import type { Chart, Headline, Section, ShownColumn, ShownTable, TreePicture } from "./section.js";
import { tableOf } from "./table.js";
import type { Texts } from "./texts/index.js";
import { pathText, ruleText, treePicture, wordedFeatures, type Wording } from "./tree-words.js";

/** A study, and the words it is told in. */
export interface ToldStudy {
  readonly study: Study;
  readonly texts: Texts["churn"];
  readonly locale: Locale;
  readonly wording: Wording;
}

/** A study in a language. */
export function toldStudy(study: Study, texts: Texts["churn"], locale: Locale): ToldStudy {
  return {
    study,
    texts,
    locale,
    wording: { texts: texts.tree, locale, ...wordedFeatures(study.features) },
  };
}

/** What the report shows of a labelled table, and the documents beside it. */
export function studySection(told: ToldStudy, origin: TableOrigin): Section {
  const { study, texts, locale } = told;
  const rules = ruleRows(told);
  const picture = pictureOf(told);
  const { table, models, leafNumbers } = study;
  return {
    analysis: "churn",
    title: texts.file.title,
    question: texts.file.question,
    answer: answer(told, rules[0]!),
    headlines: headlines(told),
    charts: [picture, gainsChart(told), calibrationChart(told)],
    tables: [ruleTable(told, rules), modelTable(told), driverTable(told), ...leftOutTable(told)],
    notes: notes(told),
    models: studyCards(study, rules),
    documents: [
      { name: "tree.svg", text: treePictureFile(picture, locale) },
      { name: "tree.sql", text: treeQuery({ table, leafNumbers, tree: models.tree.tree }, origin) },
      { name: "rules.csv", text: rulesCsv(rules) },
    ],
  };
}

const percent = ({ locale }: ToldStudy, share: number) => formatValue(share, "percent", locale);
const whole = ({ locale }: ToldStudy, count: number) => formatValue(count, "integer", locale);

function answer(told: ToldStudy, riskiest: RuleRow): string {
  const { study, texts } = told;
  const { customerCount: count, churnProbability: risk } = riskiest;
  const tenth = study.quality[study.settings.model].gains.find(({ customerShare }) => customerShare >= 0.1)!;
  const base = { share: percent(told, study.baseRate), customers: whole(told, study.rows.length) };
  if (study.leafNumbers.size === 1) return phrase(texts.file.answerFlat, base);
  return phrase(texts.file.answer, {
    ...base,
    reached: percent(told, tenth.leaverShare),
    lift: formatValue(tenth.lift, "decimal", told.locale),
    rule: ruleText(riskiest.rule, { count, risk, money: NaN }, told.wording),
  });
}

function headlines(told: ToldStudy): Headline[] {
  const {
    study,
    texts: { file },
  } = told;
  const { table, settings, baseRate } = study;
  const { estimate, low, high } = study.quality[settings.model].areaUnderRoc;
  const { grade } = study.grades[settings.model];
  return [
    {
      label: file.customers,
      value: table.rowCount,
      format: "integer",
      note: phrase(file.customersNote, {
        known: whole(told, table.label.positiveCount + table.label.negativeCount),
      }),
    },
    {
      label: file.rate,
      value: baseRate,
      format: "percent",
      note: phrase(file.rateNote, { column: table.label.column, positive: table.label.positive }),
    },
    {
      label: file.area,
      value: estimate,
      format: "percent",
      note: phrase(file.areaNote, { low: percent(told, low), high: percent(told, high) }),
    },
    {
      label: file.list,
      value: study.callCount,
      format: "integer",
      note: phrase(file.listNote, { model: modelName(told, settings.model), grade }),
    },
    ...moneyHeadline(told),
  ];
}

function moneyHeadline({ study, texts: { file } }: ToldStudy): Headline[] {
  const { value } = study.table;
  if (value === undefined) return [];
  const total = study.valuesAtRisk.reduce(
    (sum, money, row) => sum + (study.table.outcomes[row] === 1 ? 0 : money || 0),
    0,
  );
  return [
    { label: file.atRisk, value: total, format: "money", note: phrase(file.atRiskNote, { column: value }) },
  ];
}

/** The leaves in words, the riskiest first. */
function ruleRows({ study, wording }: ToldStudy): RuleRow[] {
  const { tree } = study.models.tree;
  const known = new Map<number, { known: number; churned: number }>();
  for (const row of study.leaves.keys()) {
    const outcome = study.table.outcomes[row]!;
    if (outcome < 0) continue;
    const own = known.get(study.leaves[row]!) ?? { known: 0, churned: 0 };
    known.set(study.leaves[row]!, { known: own.known + 1, churned: own.churned + outcome });
  }
  return [...study.leafNumbers]
    .map(([place, leaf]): RuleRow => ({
      leaf,
      rule: pathText(tree, place, wording),
      customerCount: study.shares[place]!.count,
      churnProbability: tree.nodes[place]!.value,
      knownCount: known.get(place)?.known ?? 0,
      churnedCount: known.get(place)?.churned ?? 0,
      valueAtRisk: study.shares[place]!.money,
    }))
    .toSorted((a, b) => b.churnProbability - a.churnProbability || a.leaf - b.leaf);
}

function pictureOf({ study, texts: { file }, wording }: ToldStudy): TreePicture {
  const { tree } = study.models.tree;
  const shown = treePicture(tree, { shares: study.shares, numbers: study.leafNumbers }, wording);
  return { ...shown, title: file.tree, caption: file.treeCaption };
}

function ruleTable({ texts: { file, tree } }: ToldStudy, rules: readonly RuleRow[]): ShownTable {
  const number = (of: (row: RuleRow) => number) => Float64Array.from(rules, of);
  const hasMoney = rules.some(({ valueAtRisk }) => !Number.isNaN(valueAtRisk));
  return {
    name: "rules",
    title: file.rules,
    caption: file.rulesCaption,
    rows: tableOf({
      leaf: number(({ leaf }) => leaf),
      rule: rules.map(({ rule }) => rule),
      customer_count: number(({ customerCount }) => customerCount),
      churn_probability: number(({ churnProbability }) => churnProbability),
      observed_rate: number(({ knownCount, churnedCount }) => churnedCount / knownCount),
      value_at_risk: number(({ valueAtRisk }) => valueAtRisk),
    }),
    columns: [
      column("leaf", file.leaf, "integer"),
      column("customer_count", tree.count, "integer"),
      column("churn_probability", file.risk, "percent"),
      column("observed_rate", file.observed, "percent"),
      ...(hasMoney ? [column("value_at_risk", tree.money, "money")] : []),
      column("rule", file.rule, "text"),
    ],
  };
}

function modelName({ study, texts }: ToldStudy, name: TriedName): string {
  const size = name === "tree" ? study.leafNumbers.size : study.models.boosted.trees.length;
  return phrase(texts.file.modelNames[name], { size });
}

function modelTable(told: ToldStudy): ShownTable {
  const {
    study,
    texts: { file },
  } = told;
  const estimates = (of: (name: TriedName) => Estimate) => TRIED.map((name) => rangeText(told, of(name)));
  const { quality, grades } = study;
  return {
    name: "models",
    title: file.models,
    caption: phrase(file.modelsCaption, {
      folds: new Set(study.rows.map((row) => study.table.folds[row]!)).size,
    }),
    rows: tableOf({
      model: TRIED.map((name) => modelName(told, name)),
      area_under_roc: estimates((name) => quality[name].areaUnderRoc),
      average_precision: estimates((name) => quality[name].averagePrecision),
      brier_score: estimates((name) => quality[name].brierScore),
      log_loss: estimates((name) => quality[name].logLoss),
      grade: TRIED.map((name) => (name === "rule" ? null : grades[name].grade)),
    }),
    columns: [
      column("model", file.model, "text"),
      column("area_under_roc", file.areaColumn, "text"),
      column("average_precision", file.precision, "text"),
      column("brier_score", file.brier, "text"),
      column("log_loss", file.logLoss, "text"),
      column("grade", file.grade, "text"),
    ],
  };
}

function rangeText({ texts: { file } }: ToldStudy, { estimate, low, high }: Estimate): string {
  const three = (value: number) => (Number.isFinite(value) ? value.toFixed(3) : "–");
  return phrase(file.range, { estimate: three(estimate), low: three(low), high: three(high) });
}

function driverTable({ study, texts: { file } }: ToldStudy): ShownTable {
  const drivers = driversOf(study.models.tree.tree);
  return {
    name: "drivers",
    title: file.drivers,
    caption: file.driversCaption,
    rows: tableOf({
      feature: drivers.map(({ feature }) => feature),
      share: Float64Array.from(drivers, ({ share }) => share),
    }),
    columns: [column("feature", file.column, "text"), column("share", file.share, "percent")],
  };
}

/** Of the variance of a tree's probabilities between customers, the share that the questions on each feature make. */
function driversOf({ nodes }: Tree): { feature: string; share: number }[] {
  const sums = new Map<string, number>();
  for (const { split, left, right, value } of nodes) {
    if (split === undefined) continue;
    const spread = [left, right].reduce(
      (sum, child) => sum + nodes[child]!.weight * (nodes[child]!.value - value) ** 2,
      0,
    );
    sums.set(split.feature, (sums.get(split.feature) ?? 0) + spread);
  }
  const total = [...sums.values()].reduce((sum, spread) => sum + spread, 0);
  return [...sums]
    .map(([feature, spread]) => ({ feature, share: spread / total }))
    .toSorted((a, b) => b.share - a.share || (a.feature < b.feature ? -1 : 1));
}

function leftOutTable({ study, texts: { file } }: ToldStudy): ShownTable[] {
  const { leftOut, leaks } = study;
  if (leftOut.length === 0) return [];
  const figures = new Map(leaks.map(({ feature, figure }) => [feature, figure.toFixed(3)]));
  return [
    {
      name: "left-out",
      title: file.leftOut,
      rows: tableOf({
        column: leftOut.map((out) => out.column),
        reason: leftOut.map((out) =>
          phrase(file.reasons[out.reason], { figure: figures.get(out.column) ?? "" }),
        ),
      }),
      columns: [column("column", file.column, "text"), column("reason", file.reason, "text")],
    },
  ];
}

function gainsChart(told: ToldStudy): Chart {
  const {
    study,
    texts: { file },
  } = told;
  const lines = (["tree", "boosted"] as const).flatMap((name) =>
    [{ customerShare: 0, leaverShare: 0 }, ...study.quality[name].gains].map((point) => ({
      ...point,
      line: modelName(told, name),
    })),
  );
  return {
    kind: "curve",
    title: file.gains,
    caption: file.gainsCaption,
    rows: tableOf({
      called: Float64Array.from(lines, ({ customerShare }) => customerShare),
      reached: Float64Array.from(lines, ({ leaverShare }) => leaverShare),
      line: lines.map(({ line }) => line),
    }),
    x: column("called", file.called, "percent"),
    y: column("reached", file.reached, "percent"),
    line: column("line", "", "text"),
    hasDiagonal: true,
  };
}

function calibrationChart(told: ToldStudy): Chart {
  const {
    study,
    texts: { file },
  } = told;
  const bins = study.quality[study.settings.model].calibration;
  return {
    kind: "curve",
    title: file.calibration,
    caption: file.calibrationCaption,
    rows: tableOf({
      foretold: Float64Array.from(bins, ({ meanProbability }) => meanProbability),
      came: Float64Array.from(bins, ({ rate }) => rate.estimate),
    }),
    x: column("foretold", file.foretold, "percent"),
    y: column("came", file.came, "percent"),
    hasDiagonal: true,
  };
}

function notes(told: ToldStudy): string[] {
  const {
    study,
    texts: { file },
  } = told;
  const { table, settings, leaks, rows } = study;
  const { label } = table;
  const knownCount = label.positiveCount + label.negativeCount;
  return [
    settings.writesOutOfFold
      ? phrase(file.writtenOutOfFold, { column: table.fold ?? "" })
      : file.writtenFinal,
    ...(label.chosenBy === "rarer" || label.chosenBy === "heading"
      ? [phrase(file[label.chosenBy], { positive: label.positive, column: label.column })]
      : []),
    ...(label.blankCount > 0 ? [phrase(file.blank, { count: whole(told, label.blankCount) })] : []),
    ...(rows.length < knownCount ? [phrase(file.sampled, { count: whole(told, rows.length) })] : []),
    ...(leaks.length > 0
      ? [phrase(file.keepLeak, { columns: leaks.map(({ feature }) => feature).join(", ") })]
      : []),
    ...table.columns
      .filter(({ infiniteCount }) => infiniteCount > 0)
      .map(({ heading, infiniteCount }) =>
        phrase(file.infinite, { column: heading, count: whole(told, infiniteCount) }),
      ),
    ...(table.value === undefined ? [] : [file.leftToo]),
    gradeNote(told),
    ...(study.grades[settings.model].ships === "rule" ? [file.ruleShips] : []),
  ];
}

function gradeNote(told: ToldStudy): string {
  const {
    study,
    texts: { file },
    locale,
  } = told;
  const { count, model, rule } = study.grades[study.settings.model];
  const hasMoney = study.table.value !== undefined;
  const amount = (value: number) => formatValue(value, hasMoney ? "money" : "decimal", locale);
  return phrase(hasMoney ? file.graded : file.gradedCustomers, {
    success: percent(told, study.terms.successRate),
    cost: amount(study.terms.contactCost),
    count: whole(told, count),
    model: amount(model.estimate),
    rule: amount(rule.estimate),
  });
}

/** The columns of churn.csv, churn.parquet and churn.xlsx. */
export function studyColumns({ file: { columns } }: Texts["churn"]): ShownColumn[] {
  return [
    column("customer_key", columns.customer_key, "text"),
    column("churn_probability", columns.churn_probability, "likelihood"),
    { ...column("risk_band", columns.risk_band, "text"), labelName: "risk_band_label" },
    column("reason_1", columns.reason_1, "text"),
    column("reason_2", columns.reason_2, "text"),
    column("reason_3", columns.reason_3, "text"),
    column("value_at_risk", columns.value_at_risk, "money"),
    column("leaf", columns.leaf, "integer"),
  ];
}

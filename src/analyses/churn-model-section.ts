import { TRIED, type TriedName } from "../models/churn-candidates.js";
import type { Estimate } from "../models/ranking-quality.js";
import { valueWords } from "../code-words.js";
import { phrase } from "../phrase.js";
import { column, shown } from "../section-part.js";
import type { Chart, Format, ShownTable } from "../section.js";
import { tableOf } from "../table.js";
import { leafCount } from "./churn-tree-section.js";
import type { ChurnContext, ChurnFindings, Learnt } from "./churn-findings.js";

/** What was learnt, and the words it is told in. */
export interface ToldModel {
  readonly context: ChurnContext;
  readonly learnt: Learnt;
  readonly findings: ChurnFindings;
}

const wordsOf = ({ context }: ToldModel) => context.texts.churn.forecast;

/** What a model is called. */
export function modelName(told: ToldModel, name: TriedName): string {
  const { candidates } = told.learnt;
  const sizes = {
    tree: leafCount(told.learnt),
    boosted: candidates.boosted.trees.length,
    logistic: 0,
    rule: 0,
  };
  return phrase(wordsOf(told).modelNames[name], { size: sizes[name], days: told.findings.config.rule_days });
}

const rangeText = (told: ToldModel, { estimate, low, high }: Estimate, format: Format) => {
  const text = (value: number) => shown(told.context.run, value, format);
  return phrase(wordsOf(told).range, { estimate: text(estimate), low: text(low), high: text(high) });
};

/** Every model and the rule, on customers of whom they knew nothing later. */
export function modelTable(told: ToldModel): ShownTable {
  const texts = wordsOf(told);
  const { trial } = told.learnt;
  const { test } = told.findings.evidence;
  const ranges = (of: (name: TriedName) => Estimate | undefined, format: Format) =>
    TRIED.map((name) => {
      const estimate = of(name);
      return estimate === undefined ? null : rangeText(told, estimate, format);
    });
  const ofModel = (name: TriedName) => (name === "rule" ? undefined : trial.qualities[name]);
  return {
    name: "models",
    title: texts.models,
    caption: phrase(texts.modelsCaption, { date: test.dates.at(-1) ?? "", count: trial.listLength }),
    rows: tableOf({
      model: TRIED.map((name) => modelName(told, name)),
      area: ranges((name) => trial.qualities[name].areaUnderRoc, "percent"),
      average_precision: ranges((name) => trial.qualities[name].averagePrecision, "percent"),
      brier_score: TRIED.map((name) => ofModel(name)?.brierScore.estimate.toFixed(3) ?? null),
      log_loss: TRIED.map((name) => ofModel(name)?.logLoss.estimate.toFixed(3) ?? null),
      precision: ranges((name) => trial.precisions[name], "percent"),
      saved: ranges((name) => (name === "rule" ? trial.grades.tree.rule : trial.grades[name].model), "money"),
      grade: TRIED.map((name) => (name === "rule" ? null : trial.grades[name].grade)),
    }),
    columns: [
      column("model", texts.model, "text"),
      column("area", texts.areaColumn, "text"),
      { ...column("average_precision", texts.averagePrecision, "text"), width: "wide" },
      { ...column("brier_score", texts.brier, "text"), width: "wide" },
      { ...column("log_loss", texts.logLoss, "text"), width: "wide" },
      column("precision", texts.precision, "text"),
      column("saved", texts.saved, "text"),
      column("grade", texts.gradeColumn, "text"),
    ],
  };
}

/** The model that ranks, in each part of the customers. */
export function partTable(told: ToldModel): ShownTable {
  const texts = wordsOf(told);
  const { parts } = told.learnt.trial;
  return {
    name: "parts",
    title: texts.parts,
    caption: texts.partsCaption,
    isDetail: true,
    rows: tableOf({
      part: parts.map(({ group, part }) =>
        phrase(texts.partNames[group], { part: partWords(told, group, part) }),
      ),
      customer_count: Float64Array.from(parts, ({ quality }) => quality.rowCount),
      area: parts.map(({ quality }) => rangeText(told, quality.areaUnderRoc, "percent")),
      foretold: Float64Array.from(parts, ({ meanProbability }) => meanProbability),
      came: Float64Array.from(parts, ({ quality }) => quality.positiveCount / quality.rowCount),
    }),
    columns: [
      column("part", texts.part, "text"),
      column("customer_count", texts.customers, "integer"),
      column("area", texts.areaColumn, "text"),
      column("foretold", texts.foretoldRate, "percent"),
      column("came", texts.leftRate, "percent"),
    ],
  };
}

const partWords = ({ context: { texts } }: ToldModel, group: string, part: string | null) =>
  part === null ? texts.churn.forecast.unknown : valueWords(group, part, texts);

/** Foretold against come, and how many leavers a list reaches. */
export function modelCharts(told: ToldModel): Chart[] {
  return [calibrationChart(told), gainsChart(told)];
}

function calibrationChart(told: ToldModel): Chart {
  const texts = wordsOf(told);
  const bins = told.learnt.trial.qualities[told.findings.config.model].calibration;
  return {
    kind: "curve",
    title: texts.calibration,
    caption: texts.calibrationCaption,
    hasDiagonal: true,
    rows: tableOf({
      foretold: Float64Array.from(bins, ({ meanProbability }) => meanProbability),
      came: Float64Array.from(bins, ({ rate }) => rate.estimate),
    }),
    x: column("foretold", texts.foretold, "percent"),
    y: column("came", texts.came, "percent"),
  };
}

function gainsChart(told: ToldModel): Chart {
  const texts = wordsOf(told);
  const { qualities } = told.learnt.trial;
  const points = TRIED.flatMap((name) => [
    { name, customerShare: 0, leaverShare: 0 },
    ...qualities[name].gains.map(({ customerShare, leaverShare }) => ({ name, customerShare, leaverShare })),
  ]);
  return {
    kind: "curve",
    title: texts.gains,
    caption: texts.gainsCaption,
    hasDiagonal: true,
    rows: tableOf({
      called: Float64Array.from(points, ({ customerShare }) => customerShare),
      reached: Float64Array.from(points, ({ leaverShare }) => leaverShare),
      model: points.map(({ name }) => modelName(told, name)),
    }),
    x: column("called", texts.called, "percent"),
    y: column("reached", texts.reached, "percent"),
    line: column("model", texts.model, "text"),
  };
}

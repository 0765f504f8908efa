import { MEASURES, scoreRange, type Measure } from "../models/rfm-scores.js";
import { phrase } from "../phrase.js";
import { fullList } from "../section-part.js";
import type { Format, Headline, Section, ShownColumn, ShownTable } from "../section.js";
import { numbers, onlyNumber, tableOf, texts as textsOf, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import { measureWords, rangeWords, shown } from "./rfm-words.js";
import type { LearntRhythm, RfmConfig, RfmContext, Scale } from "./rfm-config.js";

/** What was learnt on the way to the scores. */
export interface RfmFindings {
  readonly config: RfmConfig;
  readonly cuts: Scale["cuts"];
  readonly rhythm: LearntRhythm;
  /** Orders that count with no margin because their cost is unknown, 0–1. */
  readonly unknownCostShare: number;
}

/** RFM's part of the report. */
export async function rfmSection(context: RfmContext, findings: RfmFindings): Promise<Section> {
  const { rfm } = context.texts;
  const totals = await readTotals(context);
  const segments = await context.table("results.rfm_segments");
  const grid = await context.table("results.rfm_grid");
  const counts = await scoreCounts(context, findings.config.bins);
  return {
    analysis: "rfm",
    title: rfm.title,
    question: rfm.question,
    answer: answer(context, totals),
    headlines: headlines(context, totals, findings),
    charts: charts(context.texts, { segments, grid }),
    tables: [
      segmentTable(context.texts, segments),
      ...(await transitionTable(context)),
      await callTable(context),
      cutPointTable(context, findings, counts),
    ],
    notes: notes(context, findings, counts),
  };
}

function charts(
  texts: Texts,
  { segments, grid }: Readonly<Record<"segments" | "grid", Table>>,
): Section["charts"] {
  const { rfm } = texts;
  const column = columnOf(texts);
  return [
    {
      kind: "heat-map",
      title: rfm.grid,
      caption: rfm.gridCaption,
      rows: grid,
      x: column("frequency_score", "integer"),
      y: column("recency_score", "integer"),
      value: { name: "customer_count", title: rfm.customerCount, format: "integer" },
      detail: { name: "total_amount", title: rfm.amount, format: "money" },
    },
    {
      kind: "bars",
      title: rfm.segmentMoney,
      rows: segments,
      label: { name: "segment_label", title: texts.columns.segment, format: "text" },
      value: { name: "total_amount", title: rfm.amount, format: "money" },
    },
  ];
}

const columnOf =
  (texts: Texts) =>
  (name: keyof Texts["columns"], format: Format): ShownColumn => ({
    name,
    title: texts.columns[name],
    format,
  });

interface Totals {
  readonly customerCount: number;
  readonly orderCount: number;
  readonly amount: number;
  readonly slippingCount: number;
  readonly slippingAmount: number;
  readonly lapsedCount: number;
  readonly lapsedAmount: number;
}

async function readTotals(context: RfmContext): Promise<Totals> {
  const inStatus = (status: string, what: string) =>
    `sum(case when relationship_status = '${status}' then ${what} else 0 end)`;
  const row = await context.measure("results.rfm", {
    customers: "count(*)",
    orders: "sum(order_count)",
    amount: "sum(total_amount)",
    slipping: inStatus("slipping", "1"),
    slipping_amount: inStatus("slipping", "total_amount"),
    lapsed: inStatus("lapsed", "1"),
    lapsed_amount: inStatus("lapsed", "total_amount"),
  });
  return {
    customerCount: onlyNumber(row, "customers"),
    orderCount: onlyNumber(row, "orders"),
    amount: onlyNumber(row, "amount"),
    slippingCount: onlyNumber(row, "slipping"),
    slippingAmount: onlyNumber(row, "slipping_amount"),
    lapsedCount: onlyNumber(row, "lapsed"),
    lapsedAmount: onlyNumber(row, "lapsed_amount"),
  };
}

function answer(context: RfmContext, totals: Totals): string {
  const { rfm } = context.texts;
  const customers = shown(context, totals.customerCount, "integer");
  const lapsed = shown(context, totals.lapsedCount, "integer");
  if (totals.slippingCount === 0) {
    return phrase(totals.lapsedCount === 0 ? rfm.answerNobody : rfm.answerLapsed, { customers, lapsed });
  }
  return phrase(rfm.answer, {
    customers,
    slipping: shown(context, totals.slippingCount, "integer"),
    slippingAmount: shown(context, totals.slippingAmount, "money"),
    slippingShare: shown(context, totals.amount === 0 ? 0 : totals.slippingAmount / totals.amount, "percent"),
  });
}

function headlines(context: RfmContext, totals: Totals, { config, rhythm }: RfmFindings): Headline[] {
  const { rfm } = context.texts;
  const lapsedNote = config.lapsed_after_days === undefined ? rfm.lapsedNote : rfm.lapsedNoteSet;
  return [
    { label: rfm.customers, value: totals.customerCount, format: "integer" },
    { label: rfm.orders, value: totals.orderCount, format: "integer" },
    { label: rfm.money, value: totals.amount, format: "money" },
    { label: rfm.slipping, value: totals.slippingCount, format: "integer", note: rfm.slippingNote },
    {
      label: rfm.lapsed,
      value: totals.lapsedCount,
      format: "integer",
      note: phrase(lapsedNote, { days: shown(context, rhythm.lapsedAfterDays, "integer") }),
    },
  ];
}

function segmentTable({ rfm, columns }: Texts, rows: Table): ShownTable {
  return {
    name: "segments",
    title: rfm.segments,
    caption: rfm.segmentsCaption,
    rows,
    columns: [
      { name: "segment_label", title: columns.segment, format: "text" },
      { name: "customer_count", title: rfm.customerCount, format: "integer" },
      { name: "customer_share", title: rfm.customerShare, format: "percent" },
      { name: "total_amount", title: rfm.amount, format: "money" },
      { name: "amount_share", title: rfm.amountShare, format: "percent" },
      { name: "slipping_count", title: rfm.slippingCount, format: "integer" },
      { name: "levels", title: rfm.levels, format: "text", width: "short" },
      { name: "definition", title: rfm.definition, format: "text", width: "wide" },
      { name: "action", title: rfm.action, format: "text", width: "wide" },
    ],
  };
}

async function transitionTable(context: RfmContext): Promise<ShownTable[]> {
  const { rfm } = context.texts;
  const moves = await context.table("results.rfm_transitions");
  if (moves.numRows === 0) return [];
  const labels = await context.table("results.rfm_labels");
  const names = new Map(
    textsOf(labels, "segment").map((segment, row) => [segment, textsOf(labels, "segment_label")[row]!]),
  );
  const named = (column: string, missing: string) =>
    textsOf(moves, column).map((segment) => (segment === "" ? missing : (names.get(segment) ?? segment)));
  return [
    {
      name: "transitions",
      title: rfm.transitions,
      caption: phrase(rfm.transitionsCaption, { date: context.run.previousDate ?? "" }),
      rows: tableOf({
        from: named("previous_segment", rfm.newToBase),
        to: named("segment", rfm.goneFromBase),
        customer_count: numbers(moves, "customer_count"),
        previous_amount: numbers(moves, "previous_amount"),
        total_amount: numbers(moves, "total_amount"),
      }),
      columns: [
        { name: "from", title: rfm.from, format: "text" },
        { name: "to", title: rfm.to, format: "text" },
        { name: "customer_count", title: rfm.customerCount, format: "integer" },
        { name: "previous_amount", title: rfm.amountThen, format: "money" },
        { name: "total_amount", title: rfm.amountNow, format: "money" },
      ],
    },
  ];
}

async function callTable(context: RfmContext): Promise<ShownTable> {
  const { texts } = context;
  const column = columnOf(texts);
  await context.build("rfm_calls");
  const rows = await context.table("results.rfm_calls");
  return {
    name: "calls",
    title: texts.rfm.calls,
    caption: phrase(texts.rfm.callsCaption, {
      place: fullList(context.run, texts, { list: "slipping", file: "rfm" }),
    }),
    isInteractive: true,
    rows,
    columns: [
      column("slipping_rank", "integer"),
      column("customer_key", "text"),
      column("customer_name", "text"),
      column("segment", "text"),
      column("total_amount", "money"),
      column("leaving_likelihood", "likelihood"),
      column("reason", "text"),
    ],
  };
}

function cutPointTable(context: RfmContext, { config, cuts }: RfmFindings, counts: ScoreCounts): ShownTable {
  const { rfm } = context.texts;
  const rows = MEASURES.flatMap((measure) =>
    counts[measure].map((count, i) => ({ measure, score: i + 1, count })).toReversed(),
  );
  const range = (measure: Measure, score: number) =>
    cuts[measure].length === 0
      ? ""
      : rangeWords(context, measure, scoreRange(measure, score, cuts[measure]))!;
  return {
    name: "cut-points",
    title: rfm.cutPoints,
    caption: phrase(rfm.cutPointsCaption, { method: rfm.methods[config.method] }),
    rows: tableOf({
      measure: rows.map(({ measure }) => rfm.measures[measure]),
      score: Float64Array.from(rows, ({ score }) => score),
      range: rows.map(({ measure, score, count }) => (count === 0 ? null : range(measure, score))),
      customer_count: Float64Array.from(rows, ({ count }) => count),
    }),
    columns: [
      { name: "measure", title: rfm.measure, format: "text" },
      { name: "score", title: rfm.score, format: "integer" },
      { name: "range", title: rfm.range, format: "text" },
      { name: "customer_count", title: rfm.customerCount, format: "integer" },
    ],
  };
}

/** Customers with score 1, 2, … of each measure. */
type ScoreCounts = Readonly<Record<Measure, readonly number[]>>;

async function scoreCounts(context: RfmContext, bins: number): Promise<ScoreCounts> {
  const scores = Array.from({ length: bins }, (_, i) => i + 1);
  const aggregates = MEASURES.flatMap((measure) =>
    scores.map(
      (score) =>
        [`${measure}_${score}`, `sum(case when ${measure}_score = ${score} then 1 else 0 end)`] as const,
    ),
  );
  const row = await context.measure("results.rfm", Object.fromEntries(aggregates));
  const counts = MEASURES.map((measure) => [
    measure,
    scores.map((score) => onlyNumber(row, `${measure}_${score}`) || 0),
  ]);
  return Object.fromEntries(counts) as Record<Measure, number[]>;
}

function notes(
  context: RfmContext,
  { cuts, rhythm, unknownCostShare }: RfmFindings,
  counts: ScoreCounts,
): string[] {
  const { rfm } = context.texts;
  const empty = MEASURES.flatMap((measure) =>
    counts[measure].flatMap((count, i) => {
      const tied = scoreRange(measure, i + 1, cuts[measure]);
      if (count > 0 || cuts[measure].length === 0) return [];
      const value = measureWords(context, measure, (tied.upTo ?? tied.above)!);
      const isTied = tied.above === tied.upTo;
      return [
        phrase(isTied ? rfm.emptyScore : rfm.emptyScoreFew, {
          measure: rfm.short[measure],
          score: i + 1,
          value,
        }),
      ];
    }),
  );
  const { model } = rhythm;
  const learnt =
    model === undefined
      ? rfm.noRhythm
      : phrase(rfm.rhythmNote, {
          customers: shown(context, model.customerCount, "integer"),
          shape: model.shape,
        });
  const unknown = shown(context, unknownCostShare, "percent");
  return [
    learnt,
    ...(unknownCostShare === 0 ? [] : [phrase(rfm.marginUnknown, { share: unknown })]),
    ...empty,
  ];
}

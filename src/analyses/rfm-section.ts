import { MEASURES, scoreRange, type Measure } from "../models/rfm-scores.js";
import { formatValue } from "../format.js";
import { phrase } from "../phrase.js";
import type { Format, Headline, Section, ShownColumn, ShownTable } from "../section.js";
import { numbers, onlyNumber, tableOf, texts as textsOf, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import type { Vocabulary } from "../vocabulary.js";
import type { LearntRhythm, RfmConfig, RfmContext, Scale } from "./rfm.js";

type ColumnName = keyof Texts["columns"];

/** How each column that is not text is shown. */
const FORMATS: Readonly<Partial<Record<ColumnName, Format>>> = {
  customer_id: "integer",
  recency_days: "integer",
  order_count: "integer",
  total_amount: "money",
  recency_score: "integer",
  frequency_score: "integer",
  monetary_score: "integer",
  lateness_probability: "percent",
  leaving_likelihood: "percent",
  slipping_rank: "integer",
};

const shownColumns = (texts: Texts, names: readonly ColumnName[]): ShownColumn[] =>
  names.map((name) => ({ name, title: texts.columns[name], format: FORMATS[name] ?? "text" }));

/** The columns of rfm.csv, rfm.parquet and rfm.xlsx. */
export function rfmColumns(texts: Texts): ShownColumn[] {
  return shownColumns(texts, [
    "customer_id",
    "customer_key",
    "customer_name",
    "recency_days",
    "order_count",
    "total_amount",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "segment",
    "lateness_probability",
    "frequency_change",
    "slipping_rank",
    "reason",
    "relationship_status",
  ]);
}

/** The columns of the list of customers who are slipping away. */
export function slippingColumns(texts: Texts): ShownColumn[] {
  return shownColumns(texts, [
    "slipping_rank",
    "customer_id",
    "customer_key",
    "customer_name",
    "segment",
    "recency_days",
    "order_count",
    "total_amount",
    "lateness_probability",
    "leaving_likelihood",
    "frequency_change",
    "reason",
    "suggested_action",
    "owner_name",
    "permitted_channels",
    "email_contact",
    "email_address",
    "phone_contact",
    "phone_number",
    "sms_contact",
    "sms_number",
    "mail_contact",
    "mail_city",
  ]);
}

/** Name, definition and suggested action of every segment, in the order of the vocabulary. */
export function labelRows(context: RfmContext, scale: Scale): Table {
  const { language } = context.run;
  const segments = Object.entries(scale.vocabulary.segments);
  return tableOf({
    place: Float64Array.from(segments, (_, place) => place + 1),
    segment: segments.map(([name]) => name),
    segment_label: segments.map(([, { label }]) => label[language]),
    levels: segments.map(([, { where }]) => where.map(levelWords).join(" / ")),
    definition: segments.map(([, { where }]) =>
      where.map((box) => definition(context, scale, box)).join(" / "),
    ),
    action: segments.map(([, { action }]) => action[language]),
  });
}

type Box = Vocabulary["segments"][string]["where"][number];

/** A box of levels in short: "R4–5 F5". */
function levelWords(box: Box): string {
  const named = MEASURES.flatMap((measure) => {
    const range = box[measure];
    if (range === undefined) return [];
    const letter = measure.charAt(0).toUpperCase();
    return [range.low === range.high ? `${letter}${range.low}` : `${letter}${range.low}–${range.high}`];
  });
  return named.join(" ");
}

/** A box of levels in the units of the measures: "R 4–5 (last order up to 180 days), F 5 (orders more than 7)". */
function definition(context: RfmContext, scale: Scale, box: Box): string {
  const parts = MEASURES.flatMap((measure) => {
    const range = box[measure];
    if (range === undefined) return [];
    const letter = measure.charAt(0).toUpperCase();
    if (scale.vocabulary.levels === 2)
      return [middleWords(context, scale, { measure, isHigh: range.low === 2 })];
    const scores = scoresOf(range, scale.config.bins);
    const levels = scores.low === scores.high ? `${scores.low}` : `${scores.low}–${scores.high}`;
    const words = rangeWords(context, measure, limitsOf(scale, measure, scores));
    return [
      `${letter} ${levels}${words === undefined ? "" : ` (${context.texts.rfm.short[measure]} ${words})`}`,
    ];
  });
  return parts.join(", ");
}

interface ScoreSpan {
  readonly low: number;
  readonly high: number;
}

/** The scores that a vocabulary's levels of one to five stand for when there are other than five bins. */
function scoresOf(levels: ScoreSpan, bins: number): ScoreSpan {
  const scores = Array.from({ length: bins }, (_, i) => i + 1);
  const inside = scores.filter((score) => {
    const level = Math.ceil((score * 5) / bins);
    return level >= levels.low && level <= levels.high;
  });
  return { low: inside[0] ?? 0, high: inside.at(-1) ?? 0 };
}

interface Limits {
  readonly above?: number | undefined;
  readonly upTo?: number | undefined;
}

function limitsOf({ cuts }: Scale, measure: Measure, { low, high }: ScoreSpan): Limits | undefined {
  if (cuts[measure].length === 0 || low === 0) return undefined;
  const [first, last] = measure === "recency" ? [high, low] : [low, high];
  return {
    above: scoreRange(measure, first, cuts[measure]).above,
    upTo: scoreRange(measure, last, cuts[measure]).upTo,
  };
}

function rangeWords(context: RfmContext, measure: Measure, limits: Limits | undefined): string | undefined {
  if (limits === undefined) return undefined;
  const { rfm } = context.texts;
  const value = (x: number) => measureWords(context, measure, x);
  if (limits.above !== undefined && limits.upTo !== undefined) {
    return phrase(rfm.rangeBetween, { above: value(limits.above), upTo: value(limits.upTo) });
  }
  if (limits.above !== undefined) return phrase(rfm.rangeAbove, { above: value(limits.above) });
  return limits.upTo === undefined ? rfm.anyValue : phrase(rfm.rangeUpTo, { upTo: value(limits.upTo) });
}

function measureWords(context: RfmContext, measure: Measure, value: number): string {
  if (measure === "monetary") return shown(context, value, "money");
  const number = shown(context, value, Number.isInteger(value) ? "integer" : "decimal");
  return measure === "recency" ? phrase(context.texts.rfm.days, { days: number }) : number;
}

function middleWords(
  context: RfmContext,
  { middles }: Scale,
  { measure, isHigh }: { measure: Measure; isHigh: boolean },
): string {
  const sign = (measure === "recency") === isHigh ? "≤" : "≥";
  const strict = isHigh ? sign : sign === "≤" ? "<" : ">";
  return `${context.texts.rfm.short[measure]} ${strict} ${measureWords(context, measure, middles[measure])}`;
}

function shown({ run }: RfmContext, value: number, format: Format): string {
  return formatValue(value, format, { language: run.language, currency: run.currency ?? "" });
}

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
  const column = columnOf(context.texts);
  return {
    analysis: "rfm",
    title: rfm.title,
    question: rfm.question,
    answer: answer(context, totals),
    headlines: headlines(context, totals, findings),
    charts: [
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
        label: { name: "segment_label", title: context.texts.columns.segment, format: "text" },
        value: { name: "total_amount", title: rfm.amount, format: "money" },
      },
    ],
    tables: [
      segmentTable(context.texts, segments),
      ...(await transitionTable(context)),
      await callTable(context),
      cutPointTable(context, findings, counts),
    ],
    notes: notes(context, findings, counts),
  };
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
    caption: texts.rfm.callsCaption,
    isInteractive: true,
    rows,
    columns: [
      column("slipping_rank", "integer"),
      column("customer_key", "text"),
      column("customer_name", "text"),
      column("segment", "text"),
      column("total_amount", "money"),
      column("leaving_likelihood", "percent"),
      column("reason", "text"),
    ],
  };
}

function cutPointTable(
  context: RfmContext,
  { config, cuts }: RfmFindings,
  counts: ScoreCounts,
): ShownTable {
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

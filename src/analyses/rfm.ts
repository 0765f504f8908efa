import { z } from "zod";
import { defineAnalysis, type AnalysisContext, type RunSettings } from "../analysis.js";
import { CrmError } from "../errors.js";
import { fitOrderRhythm, latenessSql, type OrderRhythm } from "../models/order-rhythm.js";
import { rateChangeZSql } from "../models/rate-change.js";
import {
  cutShares,
  eachMeasure,
  levelSql,
  MEASURE_COLUMNS,
  MEASURES,
  ntileSql,
  scoreSql,
  SCORING_METHODS,
  snapToCents,
  type CutPoints,
  type Measure,
} from "../models/rfm-scores.js";
import { phraseSql } from "../phrase.js";
import { numberSql } from "../sql.js";
import { numbers, onlyNumber, tableOf } from "../table.js";
import type { Texts } from "../texts/index.js";
import { namedCombinations, readVocabulary, type Vocabulary } from "../vocabulary.js";
import { rfmColumns, slippingColumns } from "./rfm-columns.js";
import { rfmSection } from "./rfm-section.js";
import { labelRows } from "./rfm-words.js";

const Cuts = z.array(z.number()).min(2).max(9).describe("ascending; one fewer than bins");

const CUT_FLAGS = "--recency-cuts, --frequency-cuts and --monetary-cuts";

const RfmConfig = z
  .strictObject({
    method: z.enum(SCORING_METHODS).default("quantile").describe("quantile, ntile or fixed cut-points"),
    bins: z.int().min(3).max(10).default(5).describe("scores go from 1 to this"),
    cut_points: z.strictObject({ recency: Cuts, frequency: Cuts, monetary: Cuts }).optional(),
    window_months: z.int().min(1).optional().describe("count orders of the last months only; default: all"),
    money: z.enum(["revenue", "margin"]).default("revenue"),
    monetary: z.enum(["total", "average"]).default("total").describe("money in all, or an order"),
    vocabulary: z.string().default("english").describe("english, chinese-8 or the path of your own"),
    recent_days: z.int().min(7).default(90).describe("the recent period for the change of frequency"),
    slipping_from: z
      .number()
      .min(0.5)
      .max(1)
      .default(0.9)
      .describe("likelihood from which a customer is slipping"),
    lapsed_after_days: z
      .int()
      .min(1)
      .optional()
      .describe("default: 99 of 100 gaps between orders are shorter"),
  })
  .superRefine(({ method, bins, cut_points: cuts }, context) => {
    if (method === "fixed" && cuts === undefined) {
      const message = `needed with method: fixed (${CUT_FLAGS})`;
      context.addIssue({ code: "custom", path: ["cut_points"], message });
    }
    for (const measure of cuts === undefined ? [] : MEASURES) {
      const values = cuts![measure];
      const isAscending = values.every((value, i) => i === 0 || value > values[i - 1]!);
      if (values.length !== bins - 1 || !isAscending) {
        const message = `give ${bins - 1} ascending values for ${bins} bins, found ${values.join(", ")}`;
        context.addIssue({ code: "custom", path: ["cut_points", measure], message });
      }
    }
  });
/** How RFM is asked for, defaults filled in. */
export type RfmConfig = z.output<typeof RfmConfig>;

const READS = [
  "facts.currencies",
  "facts.orders",
  "features.rfm",
  "features.gaps",
  "unified.customers",
] as const;
/** What RFM may read and write. */
export type RfmContext = AnalysisContext<(typeof READS)[number]>;

/** Who is slipping, and who of them matters. */
export const rfm = defineAnalysis({
  name: "rfm",
  question: "Who is slipping, and who of them matters?",
  config: RfmConfig,
  reads: READS,
  needs: [["orders", "order_lines"]],

  settings: (config, run) => ({
    window_start: windowStart(run.asOfDate, config.window_months),
    recent_days: config.recent_days,
    money: config.money,
    monetary: config.monetary,
    slipping_from: config.slipping_from,
    vocabulary: config.vocabulary,
  }),

  published: (texts: Texts) => [
    { name: "rfm", relation: "results.rfm_customers", columns: rfmColumns(texts) },
  ],

  lists: (texts: Texts) => [
    { name: "slipping", relation: "results.slipping", columns: slippingColumns(texts) },
  ],

  async run(context, config) {
    await refuseNobody(context);
    await refuseNoMoney(context);
    const vocabulary = readVocabulary(config.vocabulary, context.run.directory);
    const unknownCostShare = await shareWithoutCost(context, config);
    const cuts = await cutPoints(context, config);
    const middles = await middlesOf(context, vocabulary);
    const rhythm = await learnRhythm(context, config);
    await writeVocabulary(context, vocabulary, { config, cuts, middles });
    await context.score("rfm_scores", {
      from: "features.rfm",
      grain: ["customer_id"],
      columns: scoreColumns({ config, cuts, middles, vocabulary }, rhythm.model),
    });
    await context.build("rfm");
    await context.score("rfm_reasons", {
      from: "results.rfm",
      grain: ["customer_id"],
      columns: reasonColumns(context.texts),
    });
    for (const name of ["rfm_segments", "rfm_grid", "rfm_statuses", "rfm_transitions"])
      await context.build(name);
    return rfmSection(context, { config, cuts, rhythm, unknownCostShare });
  },
});

/** The day before the window; 0001-01-01 for all of history. */
function windowStart(asOfDate: RunSettings["asOfDate"], months: number | undefined): string {
  if (months === undefined) return "0001-01-01";
  const [year, month, day] = asOfDate.split("-").map(Number) as [number, number, number];
  const lastDay = new Date(Date.UTC(year, month - 1 - months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 - months, Math.min(day, lastDay))).toISOString().slice(0, 10);
}

/** An analysis of nobody is no answer. */
async function refuseNobody(context: RfmContext): Promise<void> {
  const row = await context.measure("features.rfm", { customers: "count(*)" });
  if (onlyNumber(row, "customers") > 0) return;
  throw new CrmError("data", `no customer has an order on or before ${context.run.asOfDate}`, {
    hint: "are there orders with an amount of 0 or more by that day? if not, check the amounts and the export; else give a later --as-of YYYY-MM-DD",
  });
}

/** Without any amount every answer would be zero, and wrong. */
async function refuseNoMoney(context: RfmContext): Promise<void> {
  const row = await context.measure("facts.orders", {
    priced: "sum(case when has_amount then 1 else 0 end)",
  });
  if (onlyNumber(row, "priced") > 0) return;
  throw new CrmError("data", "no order has an amount", {
    hint: "does the mapping name the right column for order_amount or line_amount? see `crm-analyze doctor`",
  });
}

/**
 * The share of orders whose cost nobody knows; 0 when money is revenue.
 *
 * @throws CrmError `data` when margin is asked for and no cost is known at all
 */
async function shareWithoutCost(context: RfmContext, config: RfmConfig): Promise<number> {
  if (config.money === "revenue") return 0;
  const isCounted = `is_purchase and order_date <= cast('${context.run.asOfDate}' as date)`;
  const row = await context.measure("facts.orders", {
    share: `ratio(sum(case when order_cost is null and ${isCounted} then 1 else 0 end), sum(case when ${isCounted} then 1 else 0 end))`,
  });
  const share = onlyNumber(row, "share");
  if (share < 1) return share;
  throw new CrmError("data", "rfm with money: margin: no order has a cost", {
    hint: "map the cost of lines or products (line_cost, unit_cost), or use money: revenue",
  });
}

/** The values between scores: those that are set, or the type-7 quantiles of the base. */
async function cutPoints(context: RfmContext, config: RfmConfig): Promise<CutPoints> {
  if (config.method === "fixed") return config.cut_points!;
  if (config.method === "ntile") return eachMeasure(() => []);
  const shares = cutShares(config.bins);
  const list = `[${shares.map(numberSql).join(", ")}]`;
  const aggregates = MEASURES.flatMap((measure) =>
    shares.map(
      (_, i) =>
        [`${measure}_${i}`, `quantile_among(${MEASURE_COLUMNS[measure]}, ${list}, ${i + 1})`] as const,
    ),
  );
  const row = await context.measure("features.rfm", Object.fromEntries(aggregates));
  return eachMeasure((measure) => shares.map((_, i) => snapToCents(onlyNumber(row, `${measure}_${i}`))));
}

/** Mean or median of each measure, for vocabularies that part high from low. */
async function middlesOf(context: RfmContext, { middle }: Vocabulary): Promise<Record<Measure, number>> {
  const middleSql = (column: string) =>
    middle === "mean" ? `ratio(sum(${column}), count(*))` : `quantile_at(${column}, 0.5e0)`;
  const row = await context.measure(
    "features.rfm",
    eachMeasure((measure) =>
      measure === "monetary" && middle === "mean"
        ? "ratio(sum(to_money(monetary)), count(*))"
        : middleSql(MEASURE_COLUMNS[measure]),
    ),
  );
  return eachMeasure((measure) => onlyNumber(row, measure));
}

/** The base's rhythm, and the silence after which a customer counts as lapsed. */
export interface LearntRhythm {
  readonly model: OrderRhythm | undefined;
  readonly lapsedAfterDays: number;
}

const LAPSED_AFTER_DAYS_WITHOUT_GAPS = 365;

async function learnRhythm(context: RfmContext, config: RfmConfig): Promise<LearntRhythm> {
  const gaps = await context.table("features.gaps", ["customer_id", "gap_days"]);
  const model = fitOrderRhythm({
    customerIds: numbers(gaps, "customer_id"),
    days: numbers(gaps, "gap_days"),
  });
  const proposal = await context.measure("features.gaps", { days: "quantile_at(gap_days, 0.99e0)" });
  const proposed = onlyNumber(proposal, "days");
  const lapsedAfterDays =
    config.lapsed_after_days ??
    (Number.isNaN(proposed) ? LAPSED_AFTER_DAYS_WITHOUT_GAPS : Math.ceil(proposed));
  const { slippingAction } = context.texts.rfm;
  await context.write(
    "rfm_model",
    tableOf({ lapsed_after_days: Float64Array.of(lapsedAfterDays), slipping_action: [slippingAction] }),
  );
  return { model, lapsedAfterDays };
}

/** How scores are made: the settings, the cut-points, the middles and the names. */
export interface Scale {
  readonly config: RfmConfig;
  readonly cuts: CutPoints;
  readonly middles: Readonly<Record<Measure, number>>;
  readonly vocabulary: Vocabulary;
}

function scoreColumns(
  { config, cuts, middles, vocabulary }: Scale,
  model: OrderRhythm | undefined,
): Record<string, string> {
  const { bins, method } = config;
  const scores = eachMeasure((measure) =>
    method === "ntile" ? ntileSql(measure, bins) : scoreSql(measure, cuts[measure]),
  );
  const levels = MEASURES.map((measure) => [
    `${measure}_level`,
    levelSql(measure, scores[measure], { bins, levels: vocabulary.levels, middle: middles[measure] }),
  ]);
  return {
    ...Object.fromEntries(MEASURES.map((measure) => [`${measure}_score`, scores[measure]])),
    ...Object.fromEntries(levels),
    lateness_probability: model === undefined ? "cast(null as double)" : latenessSql(model),
    rate_change_z: changeSql(model?.shape ?? 1),
  };
}

/** The first order starts the clock and is no evidence of a rate; history must cover as long as the recent period. */
function changeSql(shape: number): string {
  const z = rateChangeZSql({
    recentCount: "recent_order_day_count",
    recentDays: "recent_days",
    earlierCount: "(order_day_count - recent_order_day_count - 1)",
    earlierDays: "earlier_days",
    shape,
  });
  return `case when earlier_days >= recent_days and order_day_count > 2 then ${z} end`;
}

async function writeVocabulary(
  context: RfmContext,
  vocabulary: Vocabulary,
  scale: Omit<Scale, "vocabulary">,
): Promise<void> {
  const combinations = namedCombinations(vocabulary);
  const column = (measure: Measure) => Float64Array.from(combinations, (combination) => combination[measure]);
  await context.write(
    "rfm_vocabulary",
    tableOf({
      recency_level: column("recency"),
      frequency_level: column("frequency"),
      monetary_level: column("monetary"),
      segment: combinations.map((combination) => combination.segment),
    }),
  );
  await context.write("rfm_labels", labelRows(context, { ...scale, vocabulary }));
}

/** Why a customer stands where they do, in words. */
function reasonColumns(texts: Texts): Record<string, string> {
  const recency = daysSql(texts, "recency_days");
  const gap = daysSql(texts, "to_integer(round(ratio(rhythm_days, order_day_count - 1)))");
  const change = phraseSql(texts.rfm.reasonChange, {
    earlier: "to_key(order_day_count - recent_order_day_count)",
    earlierDays: daysSql(texts, "earlier_days"),
    recent: "to_key(recent_order_day_count)",
    recentDays: daysSql(texts, "recent_days"),
  });
  const rhythm = phraseSql(texts.rfm.reasonRhythm, { gap, recency });
  return {
    reason: `case
      when order_day_count = 1 then ${phraseSql(texts.rfm.reasonOnce, { recency })}
      when frequency_change is null then ${rhythm}
      else ${rhythm} || ${change} end`,
  };
}

/** "1 day", "21 days" as SQL. */
function daysSql(texts: Texts, days: string): string {
  return phraseSql(texts.rfm.days, { days: `to_key(${days})` });
}

import { defineAnalysis, type RunSettings } from "../analysis.js";
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
  snapToCents,
  type CutPoints,
  type Measure,
} from "../models/rfm-scores.js";
import { phraseSql } from "../phrase.js";
import { numberSql } from "../sql.js";
import { numbers, onlyNumber, tableOf } from "../table.js";
import type { Texts } from "../texts/index.js";
import { namedCombinations, readVocabulary, type Vocabulary } from "../vocabulary.js";
import { refuseNobody, refuseNoMoney, shareWithoutCost, warnOfReturnsAlone } from "./rfm-base.js";
import { rfmColumns, slippingColumns } from "./rfm-columns.js";
import { RFM_READS, RfmConfig, type LearntRhythm, type RfmContext, type Scale } from "./rfm-config.js";
import { rfmSection } from "./rfm-section.js";
import { labelRows } from "./rfm-words.js";

/** Who is slipping, and who of them matters. */
export const rfm = defineAnalysis({
  name: "rfm",
  question: "Who is slipping, and who of them matters?",
  config: RfmConfig,
  reads: RFM_READS,
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
    await warnOfReturnsAlone(context);
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

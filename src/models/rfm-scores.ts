import { numberSql } from "../sql.js";

/** The three measures of RFM, in the order of the letters. */
export const MEASURES = ["recency", "frequency", "monetary"] as const;
/** One of the three. */
export type Measure = (typeof MEASURES)[number];

/** Ways to turn a measure into scores: cut at quantiles, in equal groups, or at given values. */
export const SCORING_METHODS = ["quantile", "ntile", "fixed"] as const;
/** One of them. */
export type ScoringMethod = (typeof SCORING_METHODS)[number];

/** The `bins - 1` values that part the scores of each measure, ascending; empty for `ntile`. */
export type CutPoints = Readonly<Record<Measure, readonly number[]>>;

/** The columns of `features.rfm` that are scored. */
export const MEASURE_COLUMNS: Readonly<Record<Measure, string>> = {
  recency: "recency_days",
  frequency: "order_count",
  monetary: "monetary",
};

/** The shares at which quantile scores are cut: 0.2, 0.4, 0.6, 0.8 for five bins. */
export function cutShares(bins: number): number[] {
  return Array.from({ length: bins - 1 }, (_, i) => (i + 1) / bins);
}

/**
 * 90 × 0.7 is a little less than 63 in doubles, and so is the quantile a little less than the value it should be:
 * a cut-point within rounding of a whole cent is that cent.
 */
export function snapToCents(cut: number): number {
  const cents = Math.round(cut * 100) / 100;
  return Math.abs(cut - cents) <= 1e-9 * Math.max(1, Math.abs(cut)) ? cents : cut;
}

/**
 * A score of 1 to `bins` as SQL, 5 best: one more than the number of cut points below the value;
 * for recency, where less is better, as many fewer. Equal customers always get equal scores.
 */
export function scoreSql(measure: Measure, cuts: readonly number[]): string {
  const value = `to_number(${MEASURE_COLUMNS[measure]})`;
  const passed = cuts.map((cut) => `case when ${value} > ${numberSql(cut)} then 1 else 0 end`).join(" + ");
  return measure === "recency" ? `${cuts.length + 1} - (${passed})` : `1 + ${passed}`;
}

/** Equal groups; ties are parted by customer id, so equal customers may differ. */
export function ntileSql(measure: Measure, bins: number): string {
  const order = measure === "recency" ? "recency_days desc" : MEASURE_COLUMNS[measure];
  return `to_integer(ntile(${bins}) over (order by ${order}, customer_id))`;
}

/** The values a score stands for: more than `above`, at most `upTo`; undefined where there is no limit. */
export function scoreRange(measure: Measure, score: number, cuts: readonly number[]) {
  const place = measure === "recency" ? cuts.length + 1 - score : score - 1;
  return { above: cuts[place - 1], upTo: cuts[place] };
}

/** What the vocabulary asks of a measure: its score on a scale of five, or above or below the middle. */
export function levelSql(
  measure: Measure,
  score: string,
  scale: { bins: number; levels: 2 | 5; middle: number },
): string {
  const { bins, levels, middle } = scale;
  if (levels === 5) return bins === 5 ? score : `to_integer(ceil((${score}) * 5e0 / ${numberSql(bins)}))`;
  const better = measure === "recency" ? "<=" : ">=";
  return `case when to_number(${MEASURE_COLUMNS[measure]}) ${better} ${numberSql(middle)} then 2 else 1 end`;
}

/** One value for each measure. */
export function eachMeasure<T>(make: (measure: Measure) => T): Record<Measure, T> {
  return Object.fromEntries(MEASURES.map((measure) => [measure, make(measure)])) as Record<Measure, T>;
}

/**
 * Levels of a measure within a base, 1 the worst: quintiles (type 7), or below and above its mean or median;
 * 0 where the measure is not known.
 */
export function levelsOf(
  measure: Measure,
  values: Float64Array,
  { levels, middle }: { readonly levels: 2 | 5; readonly middle: "mean" | "median" },
): Int32Array {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const isBetter = (value: number, cut: number) => (measure === "recency" ? value <= cut : value > cut);
  const isHigh = (value: number, cut: number) => (measure === "recency" ? value <= cut : value >= cut);
  if (levels === 2) {
    const cut = middle === "mean" ? mean : quantileOf(known, 0.5);
    return Int32Array.from(values, (value) => (Number.isNaN(value) ? 0 : isHigh(value, cut) ? 2 : 1));
  }
  const cuts = cutShares(levels).map((share) => snapToCents(quantileOf(known, share)));
  return Int32Array.from(values, (value) =>
    Number.isNaN(value) ? 0 : 1 + cuts.filter((cut) => isBetter(value, cut)).length,
  );
}

/** The type-7 quantile of ascending values. */
function quantileOf(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? NaN;
  return below + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] ?? NaN) - below);
}

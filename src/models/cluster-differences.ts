import type { Labelling } from "./silhouette.js";
import type { CategoryFeature, Feature, NumberFeature } from "./training-set.js";

/** How a cluster differs from all points in one feature. */
export interface Difference {
  readonly feature: string;
  /** The word whose share differs; null for the missing one, undefined for a number. */
  readonly word?: string | null;
  /** Median of a number, share of a word: in the cluster and in all. */
  readonly here: number;
  readonly overall: number;
  /** Of a number the difference of the mean ranks in standard deviations of ranks; of a word that of the shares in theirs. */
  readonly effect: number;
}

/**
 * What sets each cluster apart, the greatest effect first. Ranks, so that neither outliers nor the unit count: an effect
 * of 1 is one standard deviation of the ranks of all.
 */
export function differencesOf(features: readonly Feature[], { labels, k }: Labelling): Difference[][] {
  const byFeature = features.map((feature) =>
    feature.kind === "number" ? ofNumber(feature, { labels, k }) : ofWords(feature, { labels, k }),
  );
  return Array.from({ length: k }, (_, cluster) =>
    byFeature
      .flatMap((differences) => differences[cluster]!)
      .toSorted((a, b) => Math.abs(b.effect) - Math.abs(a.effect) || (a.feature < b.feature ? -1 : 1)),
  );
}

function ofNumber({ name, values }: NumberFeature, { labels, k }: Labelling): Difference[][] {
  const known = Int32Array.from(values.keys()).filter((row) => Number.isFinite(values[row]!));
  const ranks = midRanks(values, known);
  const mean = known.reduce((sum, row) => sum + ranks[row]!, 0) / known.length;
  const deviation = Math.sqrt(known.reduce((sum, row) => sum + (ranks[row]! - mean) ** 2, 0) / known.length);
  const overall = medianOf(values, known);
  return Array.from({ length: k }, (_, cluster) => {
    const own = known.filter((row) => labels[row] === cluster);
    if (own.length === 0 || !(deviation > 0)) return [];
    const here = own.reduce((sum, row) => sum + ranks[row]!, 0) / own.length;
    return [{ feature: name, here: medianOf(values, own), overall, effect: (here - mean) / deviation }];
  });
}

/** Ranks from 0; equal values share the mean of theirs. */
function midRanks(values: Float64Array, known: Int32Array): Float64Array {
  const sorted = known.toSorted((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < sorted.length;) {
    let to = from + 1;
    while (to < sorted.length && values[sorted[to]!] === values[sorted[from]!]) to += 1;
    for (let i = from; i < to; i++) ranks[sorted[i]!] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

function medianOf(values: Float64Array, rows: Int32Array): number {
  const sorted = Float64Array.from(rows, (row) => values[row]!).sort();
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Rarer words say nothing of a group. */
const LEAST_SHARE = 0.02;

function ofWords({ name, codes, categories }: CategoryFeature, { labels, k }: Labelling): Difference[][] {
  const sizes = new Float64Array(k);
  const counts = new Map<number, Float64Array>();
  codes.forEach((code, row) => {
    sizes[labels[row]!]! += 1;
    const own = counts.get(code) ?? new Float64Array(k);
    own[labels[row]!]! += 1;
    counts.set(code, own);
  });
  return Array.from({ length: k }, (_, cluster) =>
    [...counts].flatMap(([code, own]) => {
      const overall = own.reduce((sum, count) => sum + count, 0) / codes.length;
      if (overall < LEAST_SHARE || overall === 1 || sizes[cluster] === 0) return [];
      const here = own[cluster]! / sizes[cluster]!;
      const word = code < 0 ? null : categories[code]!;
      return [
        { feature: name, word, here, overall, effect: (here - overall) / Math.sqrt(overall * (1 - overall)) },
      ];
    }),
  );
}

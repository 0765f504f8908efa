import { formatValue, type Locale } from "../format.js";
import type { Difference } from "../models/cluster-differences.js";
import type { SegmentFeature } from "./segments-source.js";

/** The figures of a difference as people see them: medians in the format of the feature, shares in percent. */
export function shownFigures(
  { feature, word, here, overall }: Difference,
  features: readonly SegmentFeature[],
  locale: Locale,
): { readonly here: string; readonly overall: string } {
  const { format } = features.find(({ name }) => name === feature)!;
  const shown = (value: number) =>
    formatValue(value, word === undefined ? format : "percent", locale).replace(/\.00$/, "");
  return { here: shown(here), overall: shown(overall) };
}

/** Shares that add up to one within this are each other's complement. */
const ROUNDING = 0.005;
/** Once the words that were told make so much of a segment, it has next to none of the others. */
const NEARLY_ALL = 0.9;

/**
 * The differences of a segment that its figures show, the greatest effect first: without those whose medians or shares
 * read the same here and in the base, and without a word whose share follows from those of the feature before it; of two words that part all alike, the one that
 * the segment has more of comes first.
 */
export function shownDifferences(
  differences: readonly Difference[],
  features: readonly SegmentFeature[],
  locale: Locale,
): Difference[] {
  const told = new Map<string, readonly [here: number, overall: number]>();
  const height = ({ effect }: Difference) => Math.round(Math.abs(effect) * 1e9);
  const moreFirst = differences.toSorted((a, b) => height(b) - height(a) || b.effect - a.effect);
  return moreFirst.filter((difference) => {
    const { feature, word, here, overall } = difference;
    const figures = shownFigures(difference, features, locale);
    if (figures.here === figures.overall) return false;
    if (word === undefined) return true;
    const [ofHere, ofAll] = told.get(feature) ?? [0, 0];
    if (ofHere > NEARLY_ALL) return false;
    if (ofAll > 0 && here + ofHere > 1 - ROUNDING && overall + ofAll > 1 - ROUNDING) return false;
    told.set(feature, [here + ofHere, overall + ofAll]);
    return true;
  });
}

import type { RunSettings } from "../analysis.js";
import { valueWords } from "../code-words.js";
import type { Feature } from "../models/training-set.js";
import { leafOfRows, leavesOf, pathTo, type Tree } from "../models/tree.js";
import type { Texts } from "../texts/index.js";
import { wordedFeatures, type Share, type Titles, type Wording } from "../tree-words.js";
import { CHURN_FEATURES, type ChurnFeatureName } from "./churn-features.js";

type Words = Texts["churn"]["forecast"];

/** What a feature is called. */
export const featureTitle = (name: string, { features }: Words): string => features[name as ChurnFeatureName];

/** What features of churn and their words are called. */
export const titlesOf = (texts: Texts): Titles => ({
  titleOf: (feature) => featureTitle(feature, texts.churn.forecast),
  wordOf: (feature, word) => valueWords(feature, word, texts),
});

/** How a tree of churn is worded. */
export function wordingOf(features: readonly Feature[], texts: Texts, run: RunSettings): Wording {
  const titles = features.map((feature) => ({
    ...feature,
    name: featureTitle(feature.name, texts.churn.forecast),
  }));
  return {
    texts: texts.churn.tree,
    locale: { language: run.language, currency: run.currency ?? "" },
    formats: new Map(
      CHURN_FEATURES.map(({ name, format }) => [featureTitle(name, texts.churn.forecast), format]),
    ),
    ...wordedFeatures(titles),
  };
}

/** Of each leaf by its number, the customers who come to it tonight and what they may cost. */
export interface LeafTotals {
  readonly customerCount: number;
  readonly valueAtRisk: number;
}

/** Customers, risk and money at every node of a tree, from what came to its leaves. */
export function sharesOf(tree: Tree, leaves: ReadonlyMap<number, LeafTotals>): Share[] {
  const sums = () => new Float64Array(tree.nodes.length);
  const [counts, money, leavers] = [sums(), sums(), sums()];
  for (const [i, leaf] of leavesOf(tree).entries())
    for (const place of pathTo(tree, leaf)) {
      counts[place]! += leaves.get(i + 1)?.customerCount ?? 0;
      leavers[place]! += (leaves.get(i + 1)?.customerCount ?? 0) * tree.nodes[leaf]!.value;
      money[place]! += leaves.get(i + 1)?.valueAtRisk ?? 0;
    }
  return tree.nodes.map(({ value }, place) => ({
    count: counts[place]!,
    risk: counts[place]! > 0 ? leavers[place]! / counts[place]! : value,
    money: money[place]!,
  }));
}

/** Of each leaf by its place, the rows that came to it whose story is known, and those of them who left. */
export function outcomesAt(
  tree: Tree,
  features: readonly Feature[],
  outcomes: Uint8Array,
): ReadonlyMap<number, { readonly known: number; readonly churned: number }> {
  const found = new Map(leavesOf(tree).map((leaf) => [leaf, { known: 0, churned: 0 }]));
  leafOfRows(tree, features, outcomes.length).forEach((leaf, row) => {
    const own = found.get(leaf)!;
    own.known += 1;
    own.churned += outcomes[row]!;
  });
  return found;
}

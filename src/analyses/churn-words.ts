import type { RunSettings } from "../analysis.js";
import type { Feature } from "../models/training-set.js";
import { EVERY_NUMBER, leafOfRows, leavesOf, pathTo, type Split, type Tree } from "../models/tree.js";
import { phrase } from "../phrase.js";
import type { Texts } from "../texts/index.js";
import { wordedFeatures, type Share, type Wording } from "../tree-words.js";
import { CHURN_FEATURES } from "./churn-features.js";

type Words = Texts["churn"]["forecast"];

/** What a feature is called; shares are told in percent. */
export function featureTitle(name: string, { features, inPercent }: Words): string {
  const feature = CHURN_FEATURES.find((known) => known.name === name)!;
  const title = features[feature.name];
  return feature.format === "percent" ? phrase(inPercent, { feature: title }) : title;
}

/** The same tree, its features called as people call them. */
export function titledTree({ nodes }: Tree, texts: Words): Tree {
  return {
    nodes: nodes.map(({ split, ...node }) =>
      split === undefined ? node : { ...node, split: titled(split, texts) },
    ),
  };
}

function titled(split: Split, texts: Words): Split {
  const { format } = CHURN_FEATURES.find(({ name }) => name === split.feature)!;
  const feature = featureTitle(split.feature, texts);
  if (split.kind === "category" || format !== "percent" || split.threshold === EVERY_NUMBER)
    return { ...split, feature };
  return { ...split, feature, threshold: 100 * split.threshold };
}

/** How a tree of churn is worded. */
export function wordingOf(features: readonly Feature[], texts: Texts, run: RunSettings): Wording {
  const titles = features.map((feature) => ({
    ...feature,
    name: featureTitle(feature.name, texts.churn.forecast),
  }));
  return {
    texts: texts.churn.tree,
    locale: { language: run.language, currency: run.currency ?? "" },
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

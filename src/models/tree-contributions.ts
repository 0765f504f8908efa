import { pathTo, type Tree } from "./tree.js";

/** What a feature adds to what a tree says. */
export interface Contribution {
  readonly feature: string;
  /** In the unit of the tree's values: of probability, or of log-odds. */
  readonly amount: number;
}

/**
 * What each feature on the way to a leaf adds to the root's value: the sum of the steps from the nodes that ask about
 * it to their children. Largest first, equal ones by name; together with the root's value they make the leaf's.
 *
 * @param leaf its place; an inner node's may be asked for as well
 * @see Saabas (2014), "Interpreting random forests"; Palczewska, Palczewski, Robinson & Neagu (2014), "Interpreting
 * Random Forest Classification Models Using a Feature Contribution Method"
 */
export function leafContributions(tree: Tree, leaf: number): readonly Contribution[] {
  const amounts = new Map<string, number>();
  for (const place of pathTo(tree, leaf).slice(1)) {
    const { parent, value } = tree.nodes[place]!;
    const { split, value: before } = tree.nodes[parent]!;
    amounts.set(split!.feature, (amounts.get(split!.feature) ?? 0) + value - before);
  }
  const contributions = Array.from(amounts, ([feature, amount]) => ({ feature, amount }));
  return contributions.sort((a, b) => b.amount - a.amount || (a.feature < b.feature ? -1 : 1));
}

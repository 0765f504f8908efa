import { numberSql } from "../sql.js";
import type { BoostedTrees } from "./boosted-trees.js";
import { probabilitySql } from "./log-odds.js";
import { splitSql, treeSql, type Tree } from "./tree.js";

/** The probability of each row as SQL over the columns named as the features. */
export const boostedTreesSql = (model: BoostedTrees): string => probabilitySql(boostedLogOddsSql(model));

/** The log-odds of each row, added in the order of {@link scoreBoostedTrees}, so that no bit differs. */
export function boostedLogOddsSql({ baseline, trees }: BoostedTrees): string {
  const terms = trees.map((tree) => treeSql(tree, (leaf) => numberSql(tree.nodes[leaf]!.value)));
  return terms.length === 0 ? numberSql(baseline) : `${numberSql(baseline)} + ${sumSql(terms)}`;
}

/** A sum in halves of halves: to plan one from left to right takes an engine the square of its terms. */
function sumSql(terms: readonly string[]): string {
  if (terms.length === 1) return terms[0]!;
  const middle = terms.length >> 1;
  return `(${sumSql(terms.slice(0, middle))} + ${sumSql(terms.slice(middle))})`;
}

/**
 * What a feature adds to the log-odds of each row: over all trees and all of its splits on the row's way, the value
 * after the split less the value before. The baseline and all features' contributions sum to the log-odds.
 *
 * @see Saabas (2014), "Interpreting random forests"
 */
export function boostedContributionSql({ trees }: BoostedTrees, feature: string): string {
  const terms = trees.flatMap((tree) => contributionSql(tree, feature) ?? []);
  return terms.length === 0 ? numberSql(0) : sumSql(terms);
}

/** Undefined where a tree does not ask for the feature; what lies below its last split on a way is left out. */
function contributionSql({ nodes }: Tree, feature: string): string | undefined {
  const asks = nodes.map(({ split }) => split?.feature === feature);
  for (let place = nodes.length - 1; place > 0; place--) if (asks[place]) asks[nodes[place]!.parent] = true;
  const sqlAt = (place: number, amount: number): string => {
    const { split, left, right, value } = nodes[place]!;
    if (split === undefined || !asks[place]) return numberSql(amount);
    const [toLeft, toRight] = [left, right].map((child) =>
      sqlAt(child, split.feature === feature ? amount + nodes[child]!.value - value : amount),
    );
    return `case when ${splitSql(split)} then ${toLeft} else ${toRight} end`;
  };
  return asks[0] ? sqlAt(0, 0) : undefined;
}

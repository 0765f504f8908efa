import { numberSql, quoteName, quoteText } from "../sql.js";
import type { Feature } from "./training-set.js";

/** A question with two answers: at most this, or one of these words. */
export type Split = NumberSplit | CategorySplit;

/** As a threshold: every number that is known goes left, infinite ones too. */
export const EVERY_NUMBER = Number.MAX_VALUE;

/** `x <= threshold` goes left. */
export interface NumberSplit {
  readonly kind: "number";
  readonly feature: string;
  readonly threshold: number;
  readonly missingGoesLeft: boolean;
}

/** The words seen here go left or right; a word never seen here goes the way of a missing one. */
export interface CategorySplit {
  readonly kind: "category";
  readonly feature: string;
  readonly leftCategories: readonly string[];
  readonly rightCategories: readonly string[];
  readonly missingGoesLeft: boolean;
}

/** One node of a tree; a leaf has no split. */
export interface TreeNode {
  readonly split?: Split;
  /** Places of the children in `nodes`; -1 for a leaf. */
  readonly left: number;
  readonly right: number;
  /** Place of the parent in `nodes`; -1 for the root. */
  readonly parent: number;
  /** Sum of the weights of the rows that were learnt from, and of those among them with outcome 1. */
  readonly weight: number;
  readonly positiveWeight: number;
  /** What the tree says here: a probability, or in boosting an addition to the log-odds. */
  readonly value: number;
}

/** A binary decision tree: the root is `nodes[0]`, every child stands behind its parent. */
export interface Tree {
  readonly nodes: readonly TreeNode[];
}

/** The places of the leaves, from left to right. */
export function leavesOf({ nodes }: Tree): number[] {
  const leaves: number[] = [];
  const visit = (place: number): void => {
    const { split, left, right } = nodes[place]!;
    if (split === undefined) leaves.push(place);
    else [left, right].forEach(visit);
  };
  visit(0);
  return leaves;
}

/** What lists and pictures call each leaf, by its place: 1 for the first from the left. */
export function leafNumbers(tree: Tree): ReadonlyMap<number, number> {
  return new Map(leavesOf(tree).map((place, i) => [place, i + 1]));
}

/** The places from the root to a node, both included. */
export function pathTo({ nodes }: Tree, place: number): number[] {
  const path: number[] = [];
  for (let at = place; at >= 0; at = nodes[at]!.parent) path.unshift(at);
  return path;
}

/** The place of the leaf that each row comes to. @throws RangeError for a feature the rows do not have */
export function leafOfRows(tree: Tree, features: readonly Feature[], rowCount: number): Int32Array {
  const goesLeft = tree.nodes.map(({ split }) => split && router(split, features));
  return Int32Array.from({ length: rowCount }, (_, row) => {
    let place = 0;
    for (let test = goesLeft[0]; test !== undefined; test = goesLeft[place])
      place = test(row) ? tree.nodes[place]!.left : tree.nodes[place]!.right;
    return place;
  });
}

function router(split: Split, features: readonly Feature[]): (row: number) => boolean {
  const feature = features.find(({ name }) => name === split.feature);
  if (feature?.kind !== split.kind)
    throw new RangeError(`the tree asks for the ${split.kind} ${split.feature}; the rows do not have it`);
  if (feature.kind === "number") {
    const { values } = feature;
    const threshold = effectiveThreshold(split as NumberSplit);
    return (row) => (Number.isNaN(values[row]!) ? split.missingGoesLeft : values[row]! <= threshold);
  }
  const { leftCategories, rightCategories } = split as CategorySplit;
  const sideOf = new Map([
    ...leftCategories.map((word) => [word, true] as const),
    ...rightCategories.map((word) => [word, false] as const),
  ]);
  const sides = feature.categories.map((word) => sideOf.get(word));
  return (row) => sides[feature.codes[row]!] ?? split.missingGoesLeft;
}

const effectiveThreshold = ({ threshold }: NumberSplit) =>
  threshold === EVERY_NUMBER ? Infinity : threshold;

/**
 * A tree as one nested CASE over the columns named as its features, equal to {@link leafOfRows} row by row:
 * `valueOf` gives the SQL of each leaf's result.
 */
export function treeSql({ nodes }: Tree, valueOf: (place: number) => string): string {
  const sqlAt = (place: number): string => {
    const { split, left, right } = nodes[place]!;
    if (split === undefined) return valueOf(place);
    return `case when ${splitSql(split)} then ${sqlAt(left)} else ${sqlAt(right)} end`;
  };
  return sqlAt(0);
}

/** The condition under which a row goes left; never null. */
export function splitSql(split: Split): string {
  const column = quoteName(split.feature);
  if (split.kind === "number") {
    if (split.threshold === EVERY_NUMBER) return split.missingGoesLeft ? "1 = 1" : `${column} is not null`;
    const isAtMost = `${column} <= ${numberSql(split.threshold)}`;
    return split.missingGoesLeft ? `(${column} is null or ${isAtMost})` : `coalesce(${isAtMost}, 1 = 0)`;
  }
  const isOneOf = (words: readonly string[]) =>
    words.length === 0 ? "1 = 0" : `coalesce(${column} in (${words.map(quoteText).join(", ")}), 1 = 0)`;
  return split.missingGoesLeft ? `not ${isOneOf(split.rightCategories)}` : isOneOf(split.leftCategories);
}

import { binFeatures, midpoint, type BinnedFeature } from "./feature-bins.js";
import { EVERY_NUMBER, leafOfRows, type Split, type Tree, type TreeNode } from "./tree.js";
import { placesWhere, featureAt, type Feature, type Folds } from "./training-set.js";

/** What a tree that tells classes apart learns from. */
export interface ClassedRows {
  readonly features: readonly Feature[];
  /** The class of each row, 0 to classCount − 1. */
  readonly classes: Int32Array;
  readonly classCount: number;
}

/** How large it may be. */
export interface ClassTreeSettings {
  readonly maxLeaves: number;
  readonly minLeafRows: number;
}

/** A node's value is the share of its most frequent class, whose rows are its positive weight. */
export interface ClassNode extends TreeNode {
  /** The most frequent class; the first of equally frequent ones. */
  readonly mode: number;
  readonly classCounts: readonly number[];
}

/** A tree that gives a class. */
export interface ClassTree extends Tree {
  readonly nodes: readonly ClassNode[];
}

/** A tree, and how often it is right on rows that it has not seen. */
export interface FittedClassTree {
  readonly tree: ClassTree;
  /** Share of held-out rows whose class it gives; NaN where nothing could be held out. */
  readonly accuracy: number;
  /** Share of the largest class: what is right without a tree. */
  readonly majorityShare: number;
}

/**
 * A tree for people to read that tells several classes apart: grown leaf by leaf, each time where the Gini impurity falls
 * most, to the number of leaves that gets most held-out rows right. The order of the rows does not matter.
 *
 * @param folds rows with the same number are held out together
 * @see Breiman, Friedman, Olshen & Stone (1984), "Classification and Regression Trees", chapter 4
 */
export function fitClassTree(rows: ClassedRows, folds: Folds, settings: ClassTreeSettings): FittedClassTree {
  const whole = growClassTree(rows, settings);
  const counts = whole.nodes[0]!.classCounts;
  const majorityShare = Math.max(...counts) / rows.classes.length;
  const names = [...new Set(folds)].sort((a, b) => a - b);
  if (names.length < 2) return { tree: whole, accuracy: NaN, majorityShare };
  const rights = new Float64Array(settings.maxLeaves + 1);
  for (const fold of names) {
    const held = rowsOf(
      rows,
      placesWhere(folds.length, (row) => folds[row] === fold),
    );
    const known = rowsOf(
      rows,
      placesWhere(folds.length, (row) => folds[row] !== fold),
    );
    const tree = growClassTree(known, settings);
    for (let leaves = 1; leaves <= settings.maxLeaves; leaves++)
      rights[leaves]! += rightCount(cut(tree, leaves), held);
  }
  let best = 1;
  for (let leaves = 2; leaves <= settings.maxLeaves; leaves++)
    if (rights[leaves]! > rights[best]!) best = leaves;
  return { tree: cut(whole, best), accuracy: rights[best]! / rows.classes.length, majorityShare };
}

const rowsOf = (rows: ClassedRows, places: Int32Array): ClassedRows => ({
  features: rows.features.map((feature) => featureAt(feature, places)),
  classes: Int32Array.from(places, (row) => rows.classes[row]!),
  classCount: rows.classCount,
});

const rightCount = (tree: ClassTree, { features, classes }: ClassedRows) =>
  leafOfRows(tree, features, classes.length).reduce(
    (sum, leaf, row) => sum + (tree.nodes[leaf]!.mode === classes[row] ? 1 : 0),
    0,
  );

/** The tree as it was when it had so many leaves: children are added in pairs, in the order in which leaves are split. */
function cut({ nodes }: ClassTree, leaves: number): ClassTree {
  const count = Math.min(nodes.length, 2 * leaves - 1);
  return {
    nodes: nodes.slice(0, count).map((node) => {
      if (node.left < count) return node;
      const { mode, classCounts, parent, weight, positiveWeight, value } = node;
      return { mode, classCounts, parent, weight, positiveWeight, value, left: -1, right: -1 };
    }),
  };
}

interface Leaf {
  readonly place: number;
  readonly rows: Int32Array;
  readonly found: Found | undefined;
}

/** A split: by bin, 1 where a row goes left. */
interface Found {
  readonly bin: BinnedFeature;
  readonly sides: Uint8Array;
  readonly gain: number;
}

interface Growth extends ClassedRows {
  readonly bins: readonly BinnedFeature[];
  readonly minLeafRows: number;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Grows the tree best first. */
export function growClassTree(rows: ClassedRows, { maxLeaves, minLeafRows }: ClassTreeSettings): ClassTree {
  const byName = rows.features.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const growth: Growth = { ...rows, bins: binFeatures(byName), minLeafRows };
  const nodes: Writable<ClassNode>[] = [];
  const leafAt = (places: Int32Array, parent: number): Leaf => {
    const place = nodes.push(nodeOf(growth, places, parent)) - 1;
    return { place, rows: places, found: bestSplit(growth, places) };
  };
  const open = [
    leafAt(
      Int32Array.from(rows.classes, (_, row) => row),
      -1,
    ),
  ];
  while (open.length < maxLeaves) {
    const gains = open.map(({ found }) => found?.gain ?? 0);
    const best = gains.indexOf(Math.max(...gains));
    if (gains[best] === 0) break;
    const [leaf] = open.splice(best, 1);
    const { bin, sides } = leaf!.found!;
    const left = leafAt(
      leaf!.rows.filter((row) => sides[bin.codes[row]!] === 1),
      leaf!.place,
    );
    const right = leafAt(
      leaf!.rows.filter((row) => sides[bin.codes[row]!] !== 1),
      leaf!.place,
    );
    const split = splitOf(leaf!.found!, leaf!.rows);
    Object.assign(nodes[leaf!.place]!, { split, left: left.place, right: right.place });
    open.push(left, right);
  }
  return { nodes };
}

function nodeOf({ classes, classCount }: Growth, rows: Int32Array, parent: number): ClassNode {
  const classCounts = Array.from<number>({ length: classCount }).fill(0);
  for (const row of rows) classCounts[classes[row]!]! += 1;
  const most = Math.max(...classCounts);
  const mode = classCounts.indexOf(most);
  return {
    ...{ left: -1, right: -1, parent, weight: rows.length, positiveWeight: most },
    ...{ value: rows.length === 0 ? 0 : most / rows.length, mode, classCounts },
  };
}

/** The split that lowers the Gini impurity most; of equal ones the first by name and place. */
function bestSplit(growth: Growth, rows: Int32Array): Found | undefined {
  if (rows.length < 2 * growth.minLeafRows) return undefined;
  let best: Found | undefined;
  for (const bin of growth.bins)
    for (const found of splitsOf(growth, bin, rows))
      if (found.gain > Math.max(best?.gain ?? 0, 1e-9 * rows.length)) best = found;
  return best;
}

/** Class counts of a bin of a node: bin after bin. */
function histogramOf({ classes, classCount }: Growth, { codes, binCount }: BinnedFeature, rows: Int32Array) {
  const counts = new Float64Array((binCount + 1) * classCount);
  for (const row of rows) counts[codes[row]! * classCount + classes[row]!]! += 1;
  return counts;
}

/** Bins in the orders in which they may be parted: numbers by size, words by their share of each class. */
function* splitsOf(growth: Growth, bin: BinnedFeature, rows: Int32Array): Generator<Found> {
  const counts = histogramOf(growth, bin, rows);
  const { classCount } = growth;
  const sizeOf = (code: number) =>
    counts.subarray(code * classCount, (code + 1) * classCount).reduce((sum, count) => sum + count, 0);
  const seen = Array.from({ length: bin.binCount }, (_, i) => i + 1).filter((code) => sizeOf(code) > 0);
  const missing = sizeOf(0) > 0 ? [0] : [];
  const shareOf = (code: number, of: number) => counts[code * classCount + of]! / sizeOf(code);
  const orders =
    bin.feature.kind === "number"
      ? [seen]
      : Array.from({ length: classCount }, (_, of) =>
          seen.toSorted((a, b) => shareOf(b, of) - shareOf(a, of) || a - b),
        );
  for (const order of orders) {
    yield* prefixesOf(growth, bin, { counts, order: [...missing, ...order], from: missing.length + 1 });
    if (missing.length > 0) yield* prefixesOf(growth, bin, { counts, order, from: 1 });
  }
}

interface Sweep {
  readonly counts: Float64Array;
  readonly order: readonly number[];
  /** The least number of bins that go left. */
  readonly from: number;
}

/** The best of the prefixes of an order. */
function* prefixesOf(growth: Growth, bin: BinnedFeature, { counts, order, from }: Sweep): Generator<Found> {
  const { classCount, minLeafRows } = growth;
  const total = new Float64Array(classCount);
  for (let i = 0; i < counts.length; i++) total[i % classCount]! += counts[i]!;
  const all = total.reduce((sum, count) => sum + count, 0);
  const squares = (of: Float64Array) => of.reduce((sum, count) => sum + count * count, 0);
  const left = new Float64Array(classCount);
  let [held, best, bestGain] = [0, -1, 0];
  for (let i = 0; i < order.length; i++) {
    for (let of = 0; of < classCount; of++) {
      left[of]! += counts[order[i]! * classCount + of]!;
      held += counts[order[i]! * classCount + of]!;
    }
    if (i + 1 < from || held < minLeafRows || all - held < minLeafRows) continue;
    const gain =
      squares(left) / held +
      squares(total.map((count, of) => count - left[of]!)) / (all - held) -
      squares(total) / all;
    if (gain > bestGain * (1 + 1e-12)) [best, bestGain] = [i, gain];
  }
  if (best < 0) return;
  const sides = new Uint8Array(bin.binCount + 1);
  for (const code of order.slice(0, best + 1)) sides[code] = 1;
  yield { bin, sides, gain: bestGain };
}

/** The question that parts the rows as the bins were parted. */
function splitOf({ bin, sides }: Found, rows: Int32Array): Split {
  const { feature, binCount } = bin;
  const seen = new Set(Array.from(rows, (row) => bin.codes[row]!));
  const missingGoesLeft = seen.has(0) ? sides[0] === 1 : goesWithMost(bin, sides, rows);
  if (feature.kind === "category") {
    const wordsWhere = (side: number) =>
      bin.categoriesOf.flatMap((words, i) => (seen.has(i + 1) && sides[i + 1] === side ? words : []));
    return {
      kind: "category",
      feature: feature.name,
      leftCategories: wordsWhere(1),
      rightCategories: wordsWhere(0),
      missingGoesLeft,
    };
  }
  const lefts = [...seen].filter((code) => code > 0 && sides[code] === 1);
  const rights = [...seen].filter((code) => code > 0 && sides[code] !== 1);
  if (rights.length === 0)
    return { kind: "number", feature: feature.name, threshold: EVERY_NUMBER, missingGoesLeft };
  const [last, first] = [Math.max(0, ...lefts), Math.min(binCount, ...rights)];
  const threshold = last === 0 ? -EVERY_NUMBER : midpoint(bin.highs[last - 1]!, bin.lows[first - 1]!);
  return { kind: "number", feature: feature.name, threshold, missingGoesLeft };
}

const goesWithMost = ({ codes }: BinnedFeature, sides: Uint8Array, rows: Int32Array) =>
  2 * rows.filter((row) => sides[codes[row]!] === 1).length >= rows.length;

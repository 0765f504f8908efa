import type { Study } from "./labelled-study.js";
import { featureAt, type Feature } from "./models/training-set.js";
import { leavesOf, leafOfRows, type Tree } from "./models/tree.js";
import { leafContributions } from "./models/tree-contributions.js";
import { phrase } from "./phrase.js";
import { leafReasons, plainNumber, type Wording } from "./tree-words.js";

/** How many reasons a list gives. */
const REASON_COUNT = 3;

/** What raised each row's probability most, in words; each different text once. */
export interface Reasons {
  readonly texts: readonly string[];
  /** The place in `texts` of each row's first, second and third reason; NaN where there are no more. */
  readonly places: readonly Float64Array[];
}

/** The reasons of every row, by the model that gives its probability. */
export function reasonsOf(study: Study, wording: Wording): Reasons {
  return study.settings.model === "tree" ? treeReasons(study, wording) : boostedReasons(study, wording);
}

/** Rows of a leaf have the same reasons. */
function treeReasons({ models, leaves }: Study, wording: Wording): Reasons {
  const { tree } = models.tree;
  const { reasons, note } = openReasons(leaves.length);
  const byLeaf = new Map(leavesOf(tree).map((leaf) => [leaf, leafReasons(tree, leaf, wording)]));
  leaves.forEach((leaf, row) => note(row, byLeaf.get(leaf)!));
  return reasons;
}

/** Rows whose contributions are summed at once: bounds the memory. */
const BLOCK_ROWS = 8192;

/** The features whose own values added most to the log-odds. */
function boostedReasons({ models, features, table }: Study, wording: Wording): Reasons {
  const { reasons, note } = openReasons(table.rowCount);
  const places = new Map(features.map(({ name }, place) => [name, place]));
  const trees = models.boosted.trees.map((tree) => ({ tree, effects: effectsOf(tree, places) }));
  for (let start = 0; start < table.rowCount; start += BLOCK_ROWS) {
    const rowCount = Math.min(BLOCK_ROWS, table.rowCount - start);
    const rows = Int32Array.from({ length: rowCount }, (_, row) => start + row);
    const sums = contributionSums(
      trees,
      features.map((feature) => featureAt(feature, rows)),
      rowCount,
    );
    for (let row = 0; row < rowCount; row++)
      note(start + row, valueReasons({ sums, features, row, start }, wording));
  }
  return reasons;
}

/** What each leaf of a tree adds, by the places of the features. */
type Effects = ReadonlyMap<number, readonly (readonly [place: number, amount: number])[]>;

const effectsOf = (tree: Tree, places: ReadonlyMap<string, number>): Effects =>
  new Map(
    leavesOf(tree).map((leaf) => [
      leaf,
      leafContributions(tree, leaf).map(({ feature, amount }) => [places.get(feature)!, amount] as const),
    ]),
  );

/** Row after row, what each feature adds over all trees. */
function contributionSums(
  trees: readonly { tree: Tree; effects: Effects }[],
  features: readonly Feature[],
  rowCount: number,
): Float64Array {
  const sums = new Float64Array(rowCount * features.length);
  for (const { tree, effects } of trees)
    leafOfRows(tree, features, rowCount).forEach((leaf, row) => {
      for (const [place, amount] of effects.get(leaf)!) sums[row * features.length + place]! += amount;
    });
  return sums;
}

interface RowContributions {
  readonly sums: Float64Array;
  readonly features: readonly Feature[];
  /** The row in its block, and the block's first row. */
  readonly row: number;
  readonly start: number;
}

function valueReasons({ sums, features, row, start }: RowContributions, wording: Wording): string[] {
  return features
    .map((feature, place) => ({ feature, amount: sums[row * features.length + place]! }))
    .filter(({ amount }) => amount > 0)
    .toSorted((a, b) => b.amount - a.amount)
    .slice(0, REASON_COUNT)
    .map(({ feature }) => valueText(feature, start + row, wording));
}

function valueText(feature: Feature, row: number, { texts, locale }: Wording): string {
  const value =
    feature.kind === "number"
      ? Number.isNaN(feature.values[row]!)
        ? undefined
        : plainNumber(feature.values[row]!, locale)
      : feature.categories[feature.codes[row]!];
  const gaps = { feature: feature.name };
  return value === undefined ? phrase(texts.isUnknown, gaps) : phrase(texts.has, { ...gaps, value });
}

/** Empty reasons, and how those of a row are noted. */
function openReasons(rowCount: number): {
  reasons: Reasons;
  note: (row: number, own: readonly string[]) => void;
} {
  const texts: string[] = [];
  const placeOf = new Map<string, number>();
  const places = Array.from({ length: REASON_COUNT }, () => new Float64Array(rowCount).fill(NaN));
  const note = (row: number, own: readonly string[]): void =>
    own.slice(0, REASON_COUNT).forEach((text, i) => {
      if (!placeOf.has(text)) placeOf.set(text, texts.push(text) - 1);
      places[i]![row] = placeOf.get(text)!;
    });
  return { reasons: { texts, places }, note };
}

import { valueWords } from "../code-words.js";
import { leafNumbers, leavesOf, pathTo, treeSql } from "../models/tree.js";
import type { ClassTree } from "../models/class-tree.js";
import { treePictureFile } from "../outputs/tree-picture.js";
import { phrase } from "../phrase.js";
import { column } from "../section-part.js";
import type { ShownTable, TextDocument, TreePicture } from "../section.js";
import { quoteText } from "../sql.js";
import { formatValue } from "../format.js";
import { tableOf } from "../table.js";
import { pathText, titledTree, treePicture, wordedFeatures, type Wording } from "../tree-words.js";
import type { FindingsTelling } from "./segments-section.js";

/** The tree that describes the segments: as a picture, as sentences and as SQL. */
export interface ToldProfile {
  readonly picture: TreePicture;
  readonly leaves: ShownTable;
  readonly sentences: readonly string[];
  readonly documents: readonly TextDocument[];
}

/** The profile tree in words; the features called as people call them. */
export function toldProfile(telling: FindingsTelling): ToldProfile {
  const { findings, texts, locale, profileSql } = telling;
  const { study, segments } = findings;
  const { tree, accuracy, majorityShare } = study.found!.tree;
  const wording = wordingOf(telling);
  const named = titledTree(tree, {
    titleOf: (feature) => labelOf(telling, feature),
    wordOf: (feature, word) => valueWords(feature, word, texts),
  });
  const numbers = leafNumbers(tree);
  const percent = (share: number) => formatValue(share, "percent", locale);
  const shown = treePicture(named, { shares: sharesOf(tree), numbers }, wording);
  const nameAt = (place: number) => segments[tree.nodes[place]!.mode]!.name;
  const picture: TreePicture = {
    ...shown,
    title: texts.segments.tree,
    caption: phrase(texts.segments.treeCaption, {
      accuracy: percent(accuracy),
      majority: percent(majorityShare),
    }),
    nodes: shown.nodes.map((node, place) =>
      node.leaf === undefined ? node : { ...node, outcome: nameAt(place) },
    ),
    headings: { ...shown.headings, risk: texts.segments.leafShare, outcome: texts.segments.leafSegment },
  };
  const leaves = leavesOf(tree);
  const rules = leaves.map((place) => pathText(named, place, wording));
  const told = { leaves, rules, nameAt };
  return {
    picture,
    sentences: sentencesOf(telling, told),
    leaves: leafTable(telling, told),
    documents: [
      { name: "segments-profile.svg", text: treePictureFile(picture, locale) },
      { name: "segments-profile.sql", text: profileSql(profileCases(telling)) },
    ],
  };
}

function sentencesOf(
  { findings, texts, locale }: FindingsTelling,
  { leaves, rules, nameAt }: Leaves,
): string[] {
  const { nodes } = findings.study.found!.tree.tree;
  return leaves.map((place, i) =>
    phrase(texts.segments.leafSentence, {
      conditions: rules[i]!,
      share: formatValue(nodes[place]!.value, "percent", locale),
      count: formatValue(nodes[place]!.weight, "integer", locale),
      segment: nameAt(place),
    }),
  );
}

/** Segment number and leaf of the tree, as SQL over the features. */
function profileCases({ findings: { study, segments } }: FindingsTelling) {
  const { tree } = study.found!.tree;
  const numbers = leafNumbers(tree);
  return {
    segment: treeSql(tree, (place) => String(segments[tree.nodes[place]!.mode]!.id)),
    segment_name: treeSql(tree, (place) => quoteText(segments[tree.nodes[place]!.mode]!.name)),
    leaf: treeSql(tree, (place) => String(numbers.get(place)!)),
  };
}

const labelOf = ({ findings: { study } }: FindingsTelling, feature: string) =>
  study.source.features.find(({ name }) => name === feature)!.label;

function wordingOf(telling: FindingsTelling): Wording {
  const { study } = telling.findings;
  return {
    texts: telling.texts.churn.tree,
    locale: telling.locale,
    formats: new Map(study.source.features.map(({ label, format }) => [label, format])),
    ...wordedFeatures(
      study.features.map((feature) => ({ ...feature, name: labelOf(telling, feature.name) })),
    ),
  };
}

/** Customers of the sample at every node, and the share that the tree tells right. */
function sharesOf(tree: ClassTree) {
  const rights = new Float64Array(tree.nodes.length);
  for (const leaf of leavesOf(tree))
    for (const place of pathTo(tree, leaf)) rights[place]! += tree.nodes[leaf]!.positiveWeight;
  return tree.nodes.map(({ weight }, place) => ({
    count: weight,
    risk: rights[place]! / weight,
    money: NaN,
  }));
}

interface Leaves {
  readonly leaves: readonly number[];
  readonly rules: readonly string[];
  readonly nameAt: (place: number) => string;
}

function leafTable(
  { findings, texts: { segments: texts } }: FindingsTelling,
  { leaves, rules, nameAt }: Leaves,
): ShownTable {
  const { nodes } = findings.study.found!.tree.tree;
  return {
    name: "leaves",
    title: texts.leaves,
    isDetail: true,
    rows: tableOf({
      leaf: Float64Array.from(leaves, (_, i) => i + 1),
      segment: leaves.map(nameAt),
      count: Float64Array.from(leaves, (place) => nodes[place]!.weight),
      share: Float64Array.from(leaves, (place) => nodes[place]!.value),
      rule: rules,
    }),
    columns: [
      column("leaf", texts.leaf, "integer"),
      column("segment", texts.segment, "text"),
      column("count", texts.customers, "integer"),
      column("share", texts.leafShare, "percent"),
      column("rule", texts.rule, "text"),
    ],
  };
}

import { leafNumbers, leavesOf, treeSql, type Tree } from "../models/tree.js";
import { rulesCsv, type RuleRow } from "../outputs/rules-csv.js";
import { treePictureFile } from "../outputs/tree-picture.js";
import { column } from "../section-part.js";
import type { DataDocument, ShownTable, TextDocument, TreePicture } from "../section.js";
import { numberSql } from "../sql.js";
import { numbers, tableOf } from "../table.js";
import { pathText, titledTree, treePicture, type Wording } from "../tree-words.js";
import { outcomesAt, sharesOf, titlesOf, wordingOf, type LeafTotals } from "./churn-words.js";
import type { ChurnContext, ChurnFindings, Learnt } from "./churn-findings.js";

/** The tree as the report shows it, and as files beside the report. */
export interface ToldTree {
  readonly picture: TreePicture;
  readonly groups: ShownTable;
  readonly rules: readonly RuleRow[];
  readonly documents: readonly TextDocument[];
  /** What `tree.sql` reads. */
  readonly data: readonly DataDocument[];
}

/** The tree of tonight: picture, sentences and SQL; `results.churn` is built. */
export async function toldTree(
  context: ChurnContext,
  learnt: Learnt,
  { evidence }: ChurnFindings,
): Promise<ToldTree> {
  const texts = context.texts.churn.forecast;
  const { features, outcomes } = evidence.all.training;
  const { tree } = learnt.candidates.tree;
  const wording = wordingOf(features, context.texts, context.run);
  const totals = await leafTotals(context);
  const numbered = leafNumbers(tree);
  const named = titledTree(tree, titlesOf(context.texts));
  const shares = sharesOf(tree, totals);
  const known = outcomesAt(tree, features, outcomes);
  const picture: TreePicture = {
    title: texts.treeTitle,
    caption: texts.treeCaption,
    ...treePicture(named, { shares, numbers: numbered }, wording),
  };
  const rules = [...numbered]
    .map(([place, leaf]): RuleRow => ({
      leaf,
      rule: pathText(named, place, wording),
      customerCount: shares[place]!.count,
      churnProbability: shares[place]!.risk,
      knownCount: known.get(place)!.known,
      churnedCount: known.get(place)!.churned,
      valueAtRisk: shares[place]!.money,
    }))
    .toSorted((a, b) => b.churnProbability - a.churnProbability || a.leaf - b.leaf);
  return {
    picture,
    rules,
    groups: groupTable(context, rules),
    documents: documentsOf(learnt, { picture, rules, wording }),
    data: [dataOf(learnt)],
  };
}

async function leafTotals(context: ChurnContext): Promise<ReadonlyMap<number, LeafTotals>> {
  await context.build("churn_leaves");
  const rows = await context.table("results.churn_leaves");
  const [leaves, counts, money] = ["leaf", "customer_count", "value_at_risk"].map((name) =>
    numbers(rows, name),
  );
  return new Map(
    Array.from(leaves!, (leaf, row) => [leaf, { customerCount: counts![row]!, valueAtRisk: money![row]! }]),
  );
}

function groupTable({ texts: { churn } }: ChurnContext, rules: readonly RuleRow[]): ShownTable {
  const texts = churn.forecast;
  return {
    name: "groups",
    title: texts.groups,
    caption: texts.groupsCaption,
    rows: tableOf({
      leaf: Float64Array.from(rules, ({ leaf }) => leaf),
      rule: rules.map(({ rule }) => rule),
      churn_probability: Float64Array.from(rules, ({ churnProbability }) => churnProbability),
      customer_count: Float64Array.from(rules, ({ customerCount }) => customerCount),
      value_at_risk: Float64Array.from(rules, ({ valueAtRisk }) => valueAtRisk),
    }),
    columns: [
      column("leaf", texts.leaf, "integer"),
      column("churn_probability", texts.leave, "percent"),
      column("customer_count", texts.customers, "integer"),
      column("value_at_risk", texts.valueAtRisk, "money"),
      column("rule", texts.group, "text"),
    ],
  };
}

interface Told {
  readonly picture: TreePicture;
  readonly rules: readonly RuleRow[];
  readonly wording: Wording;
}

const FEATURES_FILE = "tree-features.parquet";

/** The features that a tree asks for, in the order it asks. */
const askedBy = ({ nodes }: Tree) => [
  ...new Set(nodes.flatMap(({ split }) => (split === undefined ? [] : [split.feature]))),
];

/** Tonight's active customers with what the tree asks for. */
const dataOf = ({ candidates }: Learnt): DataDocument => ({
  name: FEATURES_FILE,
  relation: "features.churn",
  columns: ["customer_id", ...askedBy(candidates.tree.tree)],
  condition: "purpose = 'score' and state = 'active'",
});

function documentsOf({ candidates }: Learnt, { picture, rules, wording }: Told): TextDocument[] {
  const { tree } = candidates.tree;
  const numbered = leafNumbers(tree);
  const sql = `-- Probability of leaving and leaf of every active customer, by the tree: what crm-analyze scores with.
-- Run it in this folder: it reads ${FEATURES_FILE}, which lies beside it.
-- It asks for ${askedBy(tree).join(", ") || "nothing"}; crm-analyze show features.churn tells how they come about.
select
    customer_id,
    ${treeSql(tree, (place) => numberSql(tree.nodes[place]!.value))} as churn_probability,
    ${treeSql(tree, (place) => String(numbered.get(place)!))} as leaf
from read_parquet('${FEATURES_FILE}')
order by customer_id
`;
  return [
    { name: "tree.svg", text: treePictureFile(picture, wording.locale) },
    { name: "tree.sql", text: sql },
    { name: "rules.csv", text: rulesCsv(rules) },
  ];
}

/** How many leaves a model's tree has. */
export const leafCount = ({ candidates }: Learnt): number => leavesOf(candidates.tree.tree).length;

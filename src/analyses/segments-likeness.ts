import type { AnalysisContext } from "../analysis.js";
import { valueWords } from "../code-words.js";
import { groupDifferences, type Difference } from "../models/group-differences.js";
import { fitLikeness, LEAST_MEMBERS, type Likeness } from "../models/likeness.js";
import { categoryFeature, featureAt, placesWhere, type Feature } from "../models/training-set.js";
import { leafNumbers, leavesOf, treeSql, type Tree } from "../models/tree.js";
import { evidenceSql } from "../models/group-evidence.js";
import { phrase, phraseSql } from "../phrase.js";
import { numberSql, quoteName, quoteText } from "../sql.js";
import { numbers, tableOf, texts as textsOf, truthVector, textVector } from "../table.js";
import type { Texts } from "../texts/index.js";
import {
  conditionsOf,
  conditionText,
  raisingConditions,
  wordedFeatures,
  type CategoryCondition,
  type Condition,
  type Titles,
  type Wording,
} from "../tree-words.js";
import { ATTRIBUTES, type AttributeName } from "./segments-columns.js";

/** What learning likeness reads. */
export const LIKENESS_READS = [
  "facts.permitted_addresses",
  "features.attributes",
  "features.segments",
  "unified.customers",
] as const;
type LikenessContext = AnalysisContext<(typeof LIKENESS_READS)[number]>;

/** Leaves of a tree that tells members from others. */
const MOST_LEAVES = 12;

/** Customers who have bought, and what can be seen of them. */
export interface Examples {
  readonly ids: Float64Array;
  /** 0 to 999, by hash. */
  readonly places: Int32Array;
  readonly features: readonly Feature[];
  /** 1 where as much is known as of prospects. */
  readonly isKnownAlike: Uint8Array;
}

/** A group of customers whose likes are sought. */
export interface Sought {
  /** Tells targets apart: 0 for look-alikes, then the factors. */
  readonly place: number;
  readonly title: string;
  readonly members: ReadonlySet<number>;
  readonly isLookAlike: boolean;
  /** What it is learnt from. */
  readonly attributes: readonly AttributeName[];
  readonly listLength?: number | undefined;
  readonly action: string;
}

/** What was learnt of a group. */
export interface LearntLikeness extends Sought {
  /** Among the examples. */
  readonly memberCount: number;
  readonly customerCount: number;
  /** Undefined where there were too few members, or too few others. */
  readonly likeness: Likeness | undefined;
  /** What sets the members apart. */
  readonly differences: readonly Difference[];
}

/** Reads the customers that likeness is learnt from. */
export async function readExamples(context: LikenessContext): Promise<Examples> {
  await context.build("likeness_examples");
  const rows = await context.table("results.likeness_examples");
  return {
    ids: numbers(rows, "customer_id"),
    places: Int32Array.from(numbers(rows, "hash_place")),
    isKnownAlike: Uint8Array.from(numbers(rows, "is_known_alike")),
    features: ATTRIBUTES.map(({ name, kind }) =>
      kind === "number"
        ? { kind, name, values: numbers(rows, name) }
        : categoryFeature(name, textsOf(rows, name)),
    ),
  };
}

/**
 * The customers of whom as much is known as of prospects. Of others, such as those whom no CRM holds, less is known, and that
 * alone would tell them from prospects.
 */
export function knownAlike({ ids, places, features, isKnownAlike }: Examples): Examples {
  const rows = placesWhere(ids.length, (row) => isKnownAlike[row] === 1);
  return {
    ids: Float64Array.from(rows, (row) => ids[row]!),
    places: Int32Array.from(rows, (row) => places[row]!),
    features: features.map((feature) => featureAt(feature, rows)),
    isKnownAlike: new Uint8Array(rows.length).fill(1),
  };
}

/** Learns to tell the members of a group from others, where there are enough of both. */
export async function learnLikeness(
  { pace }: LikenessContext,
  { ids, places, features }: Examples,
  sought: Sought,
): Promise<LearntLikeness> {
  const outcomes = Uint8Array.from(ids, (id) => Number(sought.members.has(id)));
  const memberCount = outcomes.reduce((sum, outcome) => sum + outcome, 0);
  const others = ids.length - memberCount;
  const used = features.filter(({ name }) => sought.attributes.includes(name as AttributeName));
  const isEnough = memberCount >= LEAST_MEMBERS && others >= LEAST_MEMBERS;
  return {
    ...sought,
    memberCount,
    customerCount: ids.length,
    likeness: isEnough
      ? await pace(`likeness ${sought.place}`, ids.length, () =>
          fitLikeness({ features: used, outcomes }, places, { maxLeaves: MOST_LEAVES }),
        )
      : undefined,
    differences: memberCount === 0 ? [] : groupDifferences(used, outcomes),
  };
}

/** Whether it makes a list: it was learnt, and tells members from others better than chance. */
export const makesList = ({ likeness }: LearntLikeness): boolean => likeness?.trial.beatsChance === true;

/** Scores whoever may resemble a group, by the trees that beat chance: `results.likeness_customers`. */
export async function scoreLikeness(
  context: LikenessContext,
  all: readonly LearntLikeness[],
  { features }: Examples,
): Promise<void> {
  const listed = all.filter(makesList);
  await writeTargets(context, listed);
  await context.build("likeness_candidates");
  const perTarget = (sqlOf: (learnt: LearntLikeness) => string, none: string) =>
    listed.length === 0
      ? none
      : `case target_place ${listed.map((learnt) => `when ${learnt.place} then ${sqlOf(learnt)}`).join(" ")} end`;
  const treeOf = ({ likeness }: LearntLikeness) => likeness!.fitted.tree;
  const reason = (place: number) =>
    perTarget((learnt) => reasonSql(context, { tree: treeOf(learnt), features }, place), "empty_text()");
  await context.score("likeness_scores", {
    from: "results.likeness_candidates",
    grain: ["target_place", "customer_id"],
    columns: {
      likeness_probability: perTarget(
        (learnt) => treeSql(treeOf(learnt), (place) => numberSql(treeOf(learnt).nodes[place]!.value)),
        "cast(null as double)",
      ),
      likeness_evidence: perTarget(({ differences }) => evidenceSql(differences), "cast(null as double)"),
      leaf: perTarget((learnt) => {
        const leaves = leafNumbers(treeOf(learnt));
        return treeSql(treeOf(learnt), (place) => String(leaves.get(place)!));
      }, "empty_integer()"),
      reason_1: reason(0),
      reason_2: reason(1),
      reason_3: reason(2),
    },
  });
  await context.build("likeness_ranks");
  await context.build("likeness_customers");
}

async function writeTargets(context: LikenessContext, listed: readonly LearntLikeness[]): Promise<void> {
  await context.write(
    "likeness_targets",
    tableOf({
      target_place: Float64Array.from(listed, ({ place }) => place),
      target_title: textVector(listed.map(({ title }) => title)),
      is_look_alike: truthVector(listed.map(({ isLookAlike }) => isLookAlike)),
      base_rate: Float64Array.from(listed, ({ likeness }) => likeness!.baseRate),
      list_length: Float64Array.from(listed, ({ listLength }) => listLength ?? NaN),
      suggested_action: textVector(listed.map(({ action }) => action)),
      action_unasked: textVector(listed.map(() => context.texts.lookAlikes.askFirst)),
    }),
  );
  const rows = listed.flatMap(({ place, members }) => Array.from(members, (id) => [place, id] as const));
  await context.write(
    "likeness_members",
    tableOf({
      target_place: Float64Array.from(rows, ([place]) => place),
      customer_id: Float64Array.from(rows, ([, id]) => id),
    }),
  );
}

interface Worded {
  readonly tree: Tree;
  readonly features: readonly Feature[];
}

/** The so-manieth reason of a leaf, in words; of a leaf that no single answer raised, the whole way to it. */
function reasonSql(context: LikenessContext, { tree, features }: Worded, place: number): string {
  const wording = wordingOf(context, features);
  const { and } = wording.texts;
  const told = (condition: Condition) => ownWordSql(condition, { texts: context.texts, wording });
  const reasons = new Map(
    leavesOf(tree).map((leaf) => {
      const raising = raisingConditions(tree, leaf).map(told);
      const all = conditionsOf(tree, leaf)
        .map(told)
        .join(` || ${quoteText(and)} || `);
      return [leaf, raising.length > 0 ? raising : [all || quoteText(wording.texts.everyone)]];
    }),
  );
  return treeSql(tree, (leaf) => reasons.get(leaf)![place] ?? "empty_text()");
}

/** A condition in words as SQL: of words the customer's own one, not all that lead the same way. */
function ownWordSql(
  condition: Condition,
  { texts, wording }: { readonly texts: Texts; readonly wording: Wording },
): string {
  const feature = texts.lookAlikes.attributes[condition.feature as AttributeName];
  if (condition.kind === "number") return quoteText(conditionText({ ...condition, feature }, wording));
  const { isOneOf, isUnknown } = wording.texts;
  const own = phraseSql(isOneOf, { feature: quoteText(feature), words: wordSql(condition, texts) });
  return `coalesce(${own}, ${quoteText(phrase(isUnknown, { feature }))})`;
}

/** The customer's own word as people read it. */
function wordSql({ feature, words }: CategoryCondition, texts: Texts): string {
  const cases = words
    .filter((word) => valueWords(feature, word, texts) !== word)
    .map((word) => `when ${quoteText(word)} then ${quoteText(valueWords(feature, word, texts))}`);
  const own = quoteName(feature);
  return cases.length === 0 ? own : `case ${own} ${cases.join(" ")} else ${own} end`;
}

/** What attributes and their words are called. */
export const titlesOf = (texts: Texts): Titles => ({
  titleOf: (attribute) => texts.lookAlikes.attributes[attribute as AttributeName],
  wordOf: (attribute, word) => valueWords(attribute, word, texts),
});

/** How such a tree is worded. */
export function wordingOf({ texts, run }: LikenessContext, features: readonly Feature[]): Wording {
  const titled = features.map((feature) => ({
    ...feature,
    name: texts.lookAlikes.attributes[feature.name as AttributeName],
  }));
  return {
    texts: texts.churn.tree,
    locale: { language: run.language, currency: run.currency ?? "" },
    ...wordedFeatures(titled),
  };
}

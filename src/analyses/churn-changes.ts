import { z } from "zod";
import type { AnalysisContext } from "../analysis.js";
import { leafContributions } from "../models/tree-contributions.js";
import { leafNumbers, leavesOf, treeSql, type Tree } from "../models/tree.js";
import { phrase } from "../phrase.js";
import { column, shown } from "../section-part.js";
import type { ShownTable } from "../section.js";
import { days, numbers, tableOf, texts as wordsIn, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import { CHURN_FEATURES, type ChurnFeatureName } from "./churn-features.js";
import { featureTitle } from "./churn-words.js";

type ChangesContext = AnalysisContext<"features.churn" | "features.churn_comparison">;

const Side = { feature: z.string(), missingGoesLeft: z.boolean() };
const Node = z.object({
  split: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("number"), ...Side, threshold: z.number() }),
      z.object({
        kind: z.literal("category"),
        ...Side,
        leftCategories: z.array(z.string()),
        rightCategories: z.array(z.string()),
      }),
    ])
    .optional(),
  left: z.int(),
  right: z.int(),
  parent: z.int(),
  value: z.number(),
});

/** A tree as the next run reads it: {@link parseTree}. */
export const treeText = ({ nodes }: Tree): string =>
  JSON.stringify(
    nodes.map(({ split, left, right, parent, value }) => ({ split, left, right, parent, value })),
  );

/** The tree of an earlier run; undefined where there is none, or one that asks what is no longer known. */
export function parseTree(text: string | null | undefined): Tree | undefined {
  if (typeof text !== "string") return undefined;
  const nodes = z.array(Node).min(1).parse(JSON.parse(text));
  const isKnown = nodes.every(
    ({ split }) => split === undefined || CHURN_FEATURES.some(({ name }) => name === split.feature),
  );
  if (!isKnown) return undefined;
  return {
    nodes: nodes.map(({ split, ...node }) => ({
      ...node,
      ...(split === undefined ? {} : { split }),
      weight: 0,
      positiveWeight: 0,
    })),
  };
}

/** What moves by itself while nothing happens, and what sets it back. */
const CLOCKS: Readonly<Partial<Record<ChurnFeatureName, "always" | "orders" | "usage" | "contacts">>> = {
  recency_days: "orders",
  lateness: "orders",
  longest_lateness: "orders",
  tenure_days: "always",
  contract_age_days: "always",
  contract_days_left: "always",
  usage_silent_days: "usage",
  contact_silent_days: "contacts",
};

/** From one leaf of a tree to another: how far the probability moves, and the feature that moves it most that way. */
export interface Shift {
  readonly leafThen: number;
  readonly leafNow: number;
  readonly amount: number;
  readonly feature: string;
}

/** Every way from one leaf to another. */
export function shiftsOf(tree: Tree): Shift[] {
  const leaves = leavesOf(tree);
  const parts = leaves.map(
    (leaf) => new Map(leafContributions(tree, leaf).map(({ feature, amount }) => [feature, amount])),
  );
  return leaves.flatMap((then, i) =>
    leaves.flatMap((now, j) => {
      if (i === j) return [];
      const amount = tree.nodes[now]!.value - tree.nodes[then]!.value;
      const names = [...new Set([...parts[i]!.keys(), ...parts[j]!.keys()])].toSorted();
      const moved = (name: string) =>
        Math.sign(amount || 1) * ((parts[j]!.get(name) ?? 0) - (parts[i]!.get(name) ?? 0));
      const feature = names.toSorted((a, b) => moved(b) - moved(a))[0]!;
      return [{ leafThen: i + 1, leafNow: j + 1, amount, feature }];
    }),
  );
}

/** Holds tonight's probabilities against those of the last run: `results.churn_changes`; `results.churn` is built. */
export async function compareRuns(context: ChangesContext): Promise<void> {
  const comparison = await context.table("features.churn_comparison");
  const tree = parseTree(wordsIn(comparison, "tree")[0]);
  const numbered = tree && leafNumbers(tree);
  await context.score("churn_moves", {
    from: "features.churn",
    grain: ["customer_id", "snapshot_date"],
    columns: {
      leaf_now:
        tree === undefined ? "empty_integer()" : treeSql(tree, (place) => String(numbered!.get(place)!)),
    },
  });
  await context.write("churn_shifts", shiftRows(tree === undefined ? [] : shiftsOf(tree), context.texts));
  await context.build("churn_changes");
}

function shiftRows(shifts: readonly Shift[], { churn }: Texts): Table {
  return tableOf({
    leaf_then: Float64Array.from(shifts, ({ leafThen }) => leafThen),
    leaf_now: Float64Array.from(shifts, ({ leafNow }) => leafNow),
    shift: Float64Array.from(shifts, ({ amount }) => amount),
    feature_label: shifts.map(({ feature }) => featureTitle(feature, churn.forecast)),
    clock: shifts.map(({ feature }) => CLOCKS[feature as ChurnFeatureName] ?? "none"),
  });
}

/** What changed since the last run, and a note where the two cannot be compared. */
export interface ToldChanges {
  /** What the answer goes on with where most that moved did so because the model was learnt anew; else nothing. */
  readonly answer: string;
  readonly tables: readonly ShownTable[];
  readonly notes: readonly string[];
}

/** Tells the causes of change; nothing where there was no run before. */
export async function toldChanges(context: ChangesContext): Promise<ToldChanges> {
  const texts = context.texts.churn.forecast;
  const comparison = await context.table("features.churn_comparison");
  const date = days(comparison, "score_date")[0];
  await context.build("churn_causes");
  const rows = await context.table("results.churn_causes");
  if (typeof date !== "string" || rows.numRows === 0) return { answer: "", tables: [], notes: [] };
  const difference = wordsIn(comparison, "difference")[0] as "definition" | "window" | "terms" | null;
  if (difference !== null)
    return { answer: "", tables: [], notes: [phrase(texts.notCompared[difference], { date })] };
  const causes: Readonly<Record<string, string>> = texts.causeNames;
  return {
    answer: relearntWords(rows, { ...context, date }),
    notes: [],
    tables: [
      {
        name: "changes",
        title: phrase(texts.changes, { date }),
        caption: texts.changesCaption,
        rows: rows.assign(tableOf({ cause: wordsIn(rows, "change_cause").map((cause) => causes[cause!]!) })),
        columns: [
          column("cause", texts.cause, "text"),
          column("customer_count", texts.customers, "integer"),
          column("risen_count", texts.risen, "integer"),
          column("fallen_count", texts.fallen, "integer"),
          column("mean_change", texts.meanChange, "percent"),
        ],
      },
    ],
  };
}

/** How many risks moved because the model was learnt anew, as the end of an answer; nothing unless they are most of those. */
export function relearntWords(
  rows: Table,
  { texts, run, date }: Pick<ChangesContext, "texts" | "run"> & { readonly date: string },
): string {
  const [risen, fallen] = ["risen_count", "fallen_count"].map((name) => numbers(rows, name));
  const causes = wordsIn(rows, "change_cause");
  const movedWhere = (isCounted: (cause: string | null) => boolean) =>
    causes.reduce((sum, cause, row) => sum + (isCounted(cause) ? risen![row]! + fallen![row]! : 0), 0);
  const count = movedWhere((cause) => cause === "model");
  const others = movedWhere((cause) => cause !== "model");
  if (count <= others) return "";
  const [moved, other] = [count, others].map((value) => shown(run, value, "integer"));
  return phrase(texts.churn.forecast.relearnt, { date, count: moved!, others: other! });
}

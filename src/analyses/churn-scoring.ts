import type { AnalysisContext, Scoring } from "../analysis.js";
import { valueWords } from "../code-words.js";
import { moneySign } from "../format.js";
import { boostedContributionSql, boostedTreesSql } from "../models/boosted-trees-sql.js";
import type { Candidates } from "../models/churn-candidates.js";
import { leafContributions } from "../models/tree-contributions.js";
import { leafNumbers, leavesOf, treeSql } from "../models/tree.js";
import { phraseSql } from "../phrase.js";
import type { Format } from "../section.js";
import { numberSql, quoteName, quoteText } from "../sql.js";
import type { Texts } from "../texts/index.js";
import type { ChurnConfig } from "./churn-config.js";
import type { ChurnFeature } from "./churn-features.js";

type ScoringContext = AnalysisContext<"features.churn" | "features.churn_warnings">;
type Words = Texts["churn"]["forecast"];

/** What scores tonight's customers. */
export interface Scorer {
  readonly candidates: Candidates;
  /** The model that gives the probability. */
  readonly model: ChurnConfig["model"];
  readonly features: readonly ChurnFeature[];
}

const GRAIN = ["customer_id", "snapshot_date"] as const;
/** How many reasons a row of a list has. */
const REASONS = [1, 2, 3] as const;

/** Scores every customer of every snapshot inside the engine: `results.churn_scores`. */
export async function scoreCustomers(context: ScoringContext, scorer: Scorer): Promise<void> {
  const { tree } = scorer.candidates.tree;
  const numbers = leafNumbers(tree);
  const leaf = treeSql(tree, (place) => String(numbers.get(place)!));
  if (scorer.model === "boosted") return scoreBoosted(context, scorer, leaf);
  await context.score("churn_scores", {
    from: "features.churn",
    grain: GRAIN,
    columns: {
      churn_probability: treeSql(tree, (place) => numberSql(tree.nodes[place]!.value)),
      leaf,
      ...treeReasons(context, scorer),
    },
  });
}

/** How the value of a warning of `features.churn_warnings` is told. */
const WARNING_FORMATS: Readonly<Record<keyof Words["warnings"], Format>> = {
  renewal_overdue: "integer",
  invoice_unpaid: "money",
  contract_ends: "integer",
  use_down: "percent",
  use_late: "decimal",
  orders_late: "decimal",
};

/** Where nothing could be learnt: no probability, and the warnings as reasons. */
export async function scoreNobody(context: ScoringContext): Promise<void> {
  await context.score("churn_scores", {
    from: "features.churn_warnings",
    grain: GRAIN,
    columns: {
      churn_probability: "cast(null as double)",
      leaf: "empty_integer()",
      ...Object.fromEntries(REASONS.map((place) => [`reason_${place}`, warningSql(context, place)])),
    },
  });
}

function warningSql(context: ScoringContext, place: number): string {
  const { warnings, reason } = context.texts.churn.forecast;
  const cases = Object.entries(WARNING_FORMATS).map(([warning, format]) => {
    const feature = phraseSql(warnings[warning as keyof Words["warnings"]], {});
    const told = phraseSql(reason, { feature, value: valueSql(context, `value_${place}`, format) });
    return `when ${quoteText(warning)} then ${told}`;
  });
  return `case warning_${place} ${cases.join(" ")} end`;
}

/** What raised the probability on the way to a row's leaf, the strongest first, with the customer's own value. */
function treeReasons(context: ScoringContext, { candidates, features }: Scorer): Record<string, string> {
  const { tree } = candidates.tree;
  const reasons = new Map(
    leavesOf(tree).map((leaf) => [
      leaf,
      leafContributions(tree, leaf)
        .filter(({ amount }) => amount > 0)
        .map(({ feature }) =>
          reasonSql(
            context,
            features.find(({ name }) => name === feature)!,
          ),
        ),
    ]),
  );
  const reasonAt = (place: number) =>
    treeSql(tree, (leaf) => reasons.get(leaf)![place - 1] ?? "empty_text()");
  return Object.fromEntries(REASONS.map((place) => [`reason_${place}`, reasonAt(place)]));
}

/**
 * Probabilities and, as reasons, the features that added most to a row's log-odds: their contributions first, then,
 * one after the other, the greatest of what is left.
 */
async function scoreBoosted(
  context: ScoringContext,
  { candidates: { boosted }, features }: Scorer,
  leaf: string,
): Promise<void> {
  const used = features.filter(({ name }) => isAsked(boosted, name));
  const scored = [...GRAIN, "churn_probability", "leaf"];
  const kept = [...scored, ...used.flatMap(({ name }) => [quoteName(name), byColumn(name)])];
  await context.score("churn_contributions", {
    from: "features.churn",
    grain: [...GRAIN, ...used.map(({ name }) => quoteName(name))],
    columns: {
      churn_probability: boostedTreesSql(boosted),
      leaf,
      ...Object.fromEntries(used.map(({ name }) => [byColumn(name), boostedContributionSql(boosted, name)])),
    },
  });
  let from: Scoring<never>["from"] = "results.churn_contributions";
  for (const place of REASONS) {
    const found = REASONS.filter((other) => other < place).map((other) => `amount_${other}`);
    await context.score(`churn_contributions_${place}`, {
      from,
      grain: [...kept, ...found],
      columns: { [`amount_${place}`]: greatestSql(used, place) },
    });
    from = `results.churn_contributions_${place}`;
  }
  await context.score("churn_scores", {
    from,
    grain: scored,
    columns: Object.fromEntries(
      REASONS.map((place) => [`reason_${place}`, strongestSql(context, used, place)]),
    ),
  });
}

const isAsked = ({ trees }: Candidates["boosted"], feature: string) =>
  trees.some(({ nodes }) => nodes.some(({ split }) => split?.feature === feature));

/** The column of what a feature adds. */
const byColumn = (feature: string) => quoteName(`by_${feature}`);

/** The greatest contribution below those found before. */
function greatestSql(features: readonly ChurnFeature[], place: number): string {
  const left = features.map(({ name }) =>
    place === 1
      ? byColumn(name)
      : `case when ${byColumn(name)} < amount_${place - 1} then ${byColumn(name)} end`,
  );
  return `greatest(${["0e0", ...left].join(", ")})`;
}

function strongestSql(context: ScoringContext, features: readonly ChurnFeature[], place: number): string {
  const amount = `amount_${place}`;
  const cases = features.map(
    (feature) => `when ${byColumn(feature.name)} = ${amount} then ${reasonSql(context, feature)}`,
  );
  return `case when ${amount} <= 0 then empty_text() ${cases.join(" ")} end`;
}

/** `Complaints in 90 days: 2`, as SQL. */
function reasonSql(context: ScoringContext, feature: ChurnFeature): string {
  const { features, reason, unknown } = context.texts.churn.forecast;
  return phraseSql(reason, {
    feature: phraseSql(features[feature.name], {}),
    value: `coalesce(${toldSql(context, feature)}, ${phraseSql(unknown, {})})`,
  });
}

function toldSql(context: ScoringContext, { name, kind, format }: ChurnFeature): string {
  const { texts } = context;
  const column = quoteName(name);
  if (kind === "number") return valueSql(context, column, format);
  const cases = Object.keys(texts.codes)
    .map((code) => [code, valueWords(name, code, texts)] as const)
    .filter(([code, word]) => code !== word)
    .map(([code, word]) => `when lower(${column}) = ${quoteText(code)} then ${quoteText(word)}`);
  return cases.length === 0 ? column : `case ${cases.join(" ")} else ${column} end`;
}

function valueSql({ run }: ScoringContext, column: string, format: Format): string {
  if (format === "text") return column;
  if (format === "percent") return `to_key(to_integer(round(100 * ${column}))) || '%'`;
  if (format === "money") return `money_text(to_money(${column}), ${quoteText(moneySign(run))})`;
  return format === "integer" ? `to_key(to_integer(round(${column})))` : `to_key(round(${column}, 1))`;
}

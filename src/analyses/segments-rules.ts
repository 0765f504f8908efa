import type { AnalysisContext } from "../analysis.js";
import { parseCondition } from "../condition-parser.js";
import { conditionSql } from "../condition-sql.js";
import { phrase } from "../phrase.js";
import { column, shown, type SectionPart } from "../section-part.js";
import type { ShownTable } from "../section.js";
import { quoteText } from "../sql.js";
import { numbers, onlyNumber, tableOf, texts as textsOf } from "../table.js";
import { RULE_COLUMNS } from "./segments-columns.js";
import { NO_RULE, type RulesConfig } from "./segments-rules-config.js";

/** What rule segments read. */
export const RULE_READS = ["features.segments", "unified.customers"] as const;
type RulesContext = AnalysisContext<(typeof RULE_READS)[number]>;

interface RuleSums {
  readonly name: string;
  readonly label: string;
  readonly where: string;
  /** Customers whom it is the first to fit, and their money. */
  readonly customerCount: number;
  readonly amount: number;
  /** All whom it fits; NaN for the rest. */
  readonly fitCount: number;
}

/** Parts the customers by the rules of the pipeline: `results.segment_rules`. */
export async function rulesPart(context: RulesContext, { rules }: RulesConfig): Promise<SectionPart> {
  const names = Object.keys(rules);
  const { language } = context.run;
  const labels = [...names.map((name) => rules[name]!.label[language]), context.texts.lookAlikes.rules.other];
  await context.write("segment_rule_labels", tableOf({ rule: [...names, NO_RULE], label: labels }));
  await scoreRules(context, rules);
  await context.build("segment_rule_customers");
  await context.build("segment_rule_sums");
  if (names.length === 0) return { answer: "", headlines: [], charts: [], tables: [], notes: [] };
  const counts = await countsOf(context, names);
  const sums = await sumsOf(context, { rules, labels, fits: counts.fits });
  return {
    answer: "",
    headlines: [],
    charts: [],
    tables: [ruleTable(context, sums)],
    notes: ruleNotes(context, sums, counts),
  };
}

async function scoreRules(context: RulesContext, rules: RulesConfig["rules"]): Promise<void> {
  const conditions = Object.entries(rules).map(([name, { where }]) => ({ name, sql: sqlOf(where) }));
  const cases = conditions.map(({ name, sql }) => `when ${sql} then ${quoteText(name)}`);
  const fits = conditions.map(({ sql }) => `case when ${sql} then 1 else 0 end`);
  const isNone = conditions.length === 0;
  await context.score("segment_rules", {
    from: "features.segments",
    grain: ["customer_id"],
    columns: {
      rule: isNone ? "empty_text()" : `case ${cases.join(" ")} else ${quoteText(NO_RULE)} end`,
      match_count: isNone ? "0" : fits.join(" + "),
      ...Object.fromEntries(fits.map((sql, place) => [`fits_${place}`, sql])),
    },
  });
}

function sqlOf(where: string): string {
  const parsed = parseCondition(where, RULE_COLUMNS);
  if (parsed.kind === "problems") throw new RangeError(`a rule was not checked: ${parsed.problems[0]}`);
  return conditionSql(parsed.condition);
}

interface Counts {
  readonly customerCount: number;
  /** Customers whom several rules fit. */
  readonly severalCount: number;
  readonly fits: readonly number[];
}

async function countsOf(context: RulesContext, names: readonly string[]): Promise<Counts> {
  const row = await context.measure("results.segment_rules", {
    customers: "count(*)",
    several: "coalesce(sum(case when match_count > 1 then 1 else 0 end), 0)",
    ...Object.fromEntries(names.map((_, place) => [`fits_${place}`, `coalesce(sum(fits_${place}), 0)`])),
  });
  return {
    customerCount: onlyNumber(row, "customers"),
    severalCount: onlyNumber(row, "several"),
    fits: names.map((_, place) => onlyNumber(row, `fits_${place}`)),
  };
}

interface Labelled {
  readonly rules: RulesConfig["rules"];
  readonly labels: readonly string[];
  readonly fits: readonly number[];
}

async function sumsOf(context: RulesContext, { rules, labels, fits }: Labelled): Promise<RuleSums[]> {
  const table = await context.table("results.segment_rule_sums");
  const [counts, amounts] = [numbers(table, "customer_count"), numbers(table, "total_amount")];
  const found = textsOf(table, "rule");
  return [...Object.keys(rules), NO_RULE].map((name, place) => {
    const row = found.indexOf(name);
    return {
      name,
      label: labels[place]!,
      where: rules[name]?.where ?? "",
      customerCount: counts[row] ?? 0,
      amount: amounts[row] ?? 0,
      fitCount: fits[place] ?? NaN,
    };
  });
}

function ruleTable({ texts }: RulesContext, sums: readonly RuleSums[]): ShownTable {
  const words = texts.lookAlikes.rules;
  const of = (value: (sum: RuleSums) => number) => Float64Array.from(sums, value);
  const shares = (value: (sum: RuleSums) => number) => {
    const total = sums.reduce((whole, sum) => whole + value(sum), 0);
    return of((sum) => value(sum) / total);
  };
  return {
    name: "rules",
    title: words.title,
    caption: words.caption,
    rows: tableOf({
      label: sums.map(({ label }) => label),
      customer_count: of(({ customerCount }) => customerCount),
      customer_share: shares(({ customerCount }) => customerCount),
      fit_count: of(({ fitCount }) => fitCount),
      total_amount: of(({ amount }) => amount),
      amount_share: shares(({ amount }) => amount),
      condition: sums.map(({ where }) => where),
    }),
    columns: [
      column("label", words.rule, "text"),
      column("customer_count", words.customers, "integer"),
      column("customer_share", words.share, "percent"),
      column("fit_count", words.fits, "integer"),
      column("total_amount", words.amount, "money"),
      column("amount_share", words.amountShare, "percent"),
      column("condition", words.condition, "text"),
    ],
  };
}

function ruleNotes(
  { texts, run }: RulesContext,
  sums: readonly RuleSums[],
  { customerCount, severalCount }: Counts,
): string[] {
  const words = texts.lookAlikes.rules;
  const notes = sums.flatMap(({ label, fitCount, customerCount: firstCount }) => {
    if (fitCount === 0) return [phrase(words.never, { rule: label })];
    if (fitCount === customerCount) return [phrase(words.everyone, { rule: label })];
    return fitCount > 0 && firstCount === 0 ? [phrase(words.shadowed, { rule: label })] : [];
  });
  if (severalCount === 0) return notes;
  const [count, customers] = [severalCount, customerCount].map((number) => shown(run, number, "integer"));
  return [...notes, phrase(words.several, { count: count!, customers: customers! })];
}

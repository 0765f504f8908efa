import { z } from "zod";
import { defineAnalysis, type AnalysisContext } from "../analysis.js";
import { CrmError } from "../errors.js";
import { phrase } from "../phrase.js";
import type { ModelCard, Section, ShownColumn } from "../section.js";
import { onlyNumber, tableOf, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import type { SectionPart } from "../section-part.js";
import { lifetimeCards } from "./value-cards.js";
import {
  ContributionConfig,
  CONTRIBUTION_READS,
  contributionSettings,
  contributionTables,
  valueContribution,
} from "./value-contribution.js";
import { contributionPart } from "./value-contribution-section.js";
import { LifetimeConfig, LIFETIME_READS, lifetimeSettings, valueLifetime } from "./value-lifetime.js";
import { lifetimePart, publishedColumns } from "./value-lifetime-section.js";
import { SUBSCRIPTION_READS, valueSubscriptions } from "./value-subscriptions.js";
import { subscriptionCards } from "./value-subscriptions-cards.js";
import { subscriptionPart } from "./value-subscriptions-section.js";

/** The settings of `value`: those of contribution and tiers, of lifetime value, and of subscriptions. */
const ValueConfig = z.strictObject({
  ...ContributionConfig.shape,
  ...LifetimeConfig.shape,
  subscription_margin: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("share of a subscription's price that is margin; 1 when nobody says"),
});

const READS = [...new Set([...CONTRIBUTION_READS, ...LIFETIME_READS, ...SUBSCRIPTION_READS])] as readonly (
  (typeof CONTRIBUTION_READS)[number] | (typeof LIFETIME_READS)[number] | (typeof SUBSCRIPTION_READS)[number]
)[];
type ValueContext = AnalysisContext<(typeof READS)[number]>;

/** What customers have contributed, what tier that makes them, and what they will be worth. */
export const value = defineAnalysis({
  name: "value",
  question: "What is a customer worth?",
  config: ValueConfig,
  reads: READS,
  needs: [["orders", "order_lines", "subscriptions"]],

  settings: (config) => ({ ...contributionSettings(config), ...lifetimeSettings(config) }),
  settingTables: (config) => contributionTables(config),

  published: (texts) => [
    { name: "value", relation: "results.value_customers", columns: publishedColumns(texts).map(labelled) },
  ],
  lists: () => [],

  async run(context, config) {
    refuseLateCalibration(context, config.calibration_end);
    await refuseNobody(context);
    await refuseEarlyCalibration(context, config.calibration_end);
    const contribution = await valueContribution(context, config);
    const subscriptions = await valueSubscriptions(context, {
      horizonDays: config.horizon_days,
      discountRate: config.discount_rate,
      marginRate: config.subscription_margin,
    });
    const lifetime = await valueLifetime(context, config);
    await context.build("value");
    await context.write("value_labels", labelRows(context.texts));
    const parts = [
      await lifetimePart(context, lifetime),
      await contributionPart(context, contribution),
      ...(subscriptions === undefined ? [] : [await subscriptionPart(context, subscriptions)]),
    ];
    return sectionOf(context, parts, [
      ...lifetimeCards(lifetime),
      ...(subscriptions === undefined ? [] : subscriptionCards(subscriptions)),
    ]);
  },
});

/** The columns of value.csv that hold words of a closed set, which people read in their own language. */
const LABELLED: readonly string[] = ["state", "tier_rests_on"];

const labelled = (column: ShownColumn): ShownColumn =>
  LABELLED.includes(column.name) ? { ...column, labelName: `${column.name}_label` } : column;

/** The words of those columns, as the language of the run says them. */
function labelRows({ value: { lifetime, contribution } }: Texts): Table {
  const rows = [
    ...Object.entries(lifetime.stateNames).map((words) => ["state", ...words] as const),
    ...Object.entries(contribution.basis).map((words) => ["tier_rests_on", ...words] as const),
  ];
  return tableOf({
    column_name: rows.map(([name]) => name),
    word: rows.map(([, word]) => word),
    label: rows.map(([, , label]) => label),
  });
}

function sectionOf(
  { texts }: ValueContext,
  parts: readonly SectionPart[],
  models: readonly ModelCard[],
): Section {
  return {
    analysis: "value",
    title: texts.value.title,
    question: texts.value.question,
    answer: parts
      .map(({ answer }) => answer)
      .reduce((before, after) => phrase(texts.value.sentences, { before, after })),
    headlines: parts.flatMap(({ headlines }) => headlines),
    charts: parts.flatMap(({ charts }) => charts),
    tables: parts.flatMap(({ tables }) => tables),
    notes: parts.flatMap(({ notes }) => notes),
    models,
  };
}

/** A value of nobody is no answer. */
async function refuseNobody(context: ValueContext): Promise<void> {
  const orders = await context.measure("features.value", { days: "count(*)" });
  const subscriptions = await context.measure("facts.subscriptions", { subscriptions: "count(*)" });
  if (onlyNumber(orders, "days") + onlyNumber(subscriptions, "subscriptions") > 0) return;
  throw new CrmError("data", `no customer has an order on or before ${context.run.asOfDate}`, {
    hint: "are there orders with an amount of 0 or more by that day? if not, check the amounts and the export; else give a later --as-of YYYY-MM-DD",
  });
}

/** What the models may know must end before what they are tried on. */
function refuseLateCalibration({ run }: ValueContext, end: string | undefined): void {
  if (end === undefined || end < run.asOfDate) return;
  throw new CrmError("data", `value: calibration_end ${end} is not before the as-of date ${run.asOfDate}`, {
    hint: "leave it out and it is chosen from the data",
  });
}

async function refuseEarlyCalibration(context: ValueContext, end: string | undefined): Promise<void> {
  if (end === undefined) return;
  const row = await context.measure("features.value", {
    customers: `sum(case when snapshot_date = cast('${end}' as date) then 1 else 0 end)`,
  });
  if (onlyNumber(row, "customers") > 0) return;
  throw new CrmError("data", `value: no customer had ordered by ${end}, where calibration_end lies`, {
    hint: "leave it out and it is chosen from the data",
  });
}

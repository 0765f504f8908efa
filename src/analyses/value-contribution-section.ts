import { phrase } from "../phrase.js";
import { column, type SectionPart } from "../section-part.js";
import type { Chart, Headline } from "../section.js";
import { numbers, tableOf } from "../table.js";
import { keyAccountTable, losingTable } from "./value-contribution-accounts.js";
import { notes } from "./value-contribution-notes.js";
import {
  cohortTable,
  concentrationTable,
  dynamicsTables,
  movementTable,
  tierTable,
  waterfallTable,
} from "./value-contribution-tables.js";
import { differenceTable, serviceTable, tieTable } from "./value-contribution-ties.js";
import { shown, type Told } from "./value-contribution-told.js";
import type { ContributionContext, ContributionFindings } from "./value-contribution.js";

/** What the report shows of contribution; empty tables are left out. */
export async function contributionPart(
  context: ContributionContext,
  findings: ContributionFindings,
): Promise<SectionPart> {
  const told = { context, findings, texts: context.texts.value.contribution };
  const tables = [
    waterfallTable(told),
    await tierTable(told),
    await movementTable(told),
    await keyAccountTable(told),
    await losingTable(told),
    await concentrationTable(told),
    ...(await dynamicsTables(told)),
    await cohortTable(told),
    await serviceTable(told),
    await tieTable(told),
    await differenceTable(told),
  ];
  return {
    answer: answer(told),
    headlines: headlines(told),
    charts: await charts(told),
    tables: tables.filter(({ rows }) => rows.numRows > 0),
    notes: await notes(told),
  };
}

function headlines(told: Told): Headline[] {
  const { texts, findings } = told;
  const { totals, config, basis, topShares } = findings;
  const best = Math.max(1, Math.round(totals.activeCount * 0.2));
  return [
    {
      label: phrase(texts.headlineAmount, { months: config.window_months }),
      value: totals.contributionAmount,
      format: "money",
      note: texts.basis[basis],
    },
    { label: texts.headlineCost, value: totals.costKnownShare, format: "percent" },
    {
      label: texts.headlineTop,
      value: topShares.top20,
      format: "percent",
      note: phrase(texts.headlineTopNote, {
        customers: shown(told, best, "integer"),
        all: shown(told, totals.activeCount, "integer"),
      }),
    },
    {
      label: texts.headlineLosing,
      value: findings.losingCount,
      format: "integer",
      note: shown(told, findings.lostAmount, "money"),
    },
    {
      label: texts.headlineRepeat,
      value: totals.repeatRate,
      format: "percent",
      note: texts.headlineRepeatNote,
    },
  ];
}

function answer(told: Told): string {
  const { texts, findings } = told;
  const { config, totals, topShares, losingCount } = findings;
  const { contributionAmount: amount } = totals;
  const sentence = amount > 0 ? texts.answer : amount < 0 ? texts.answerLoss : texts.answerNothing;
  return phrase(sentence, {
    months: config.window_months,
    amount: shown(told, Math.abs(amount), "money"),
    share: shown(told, topShares.top20, "percent"),
    losing: shown(told, losingCount, "integer"),
  });
}

/** The whale curve only where there is a whole to be shared. */
async function charts(told: Told): Promise<Chart[]> {
  const { context, texts, findings } = told;
  const bars: Chart = {
    kind: "bars",
    title: texts.tierMoney,
    rows: await context.table("results.value_tier_sums"),
    label: column("tier", texts.tier, "text"),
    value: column("contribution_amount", texts.amount, "money"),
  };
  return findings.totals.contributionAmount > 0 ? [await whaleCurve(told), bars] : [bars];
}

async function whaleCurve({ context, texts }: Told): Promise<Chart> {
  const curve = await context.table("results.value_curve");
  const from = (name: string) => Float64Array.of(0, ...numbers(curve, name));
  return {
    kind: "curve",
    title: texts.whale,
    caption: texts.whaleCaption,
    rows: tableOf({
      customer_share: from("customer_share"),
      contribution_share: from("contribution_share"),
    }),
    x: column("customer_share", texts.whaleX, "percent"),
    y: column("contribution_share", texts.whaleY, "percent"),
    hasDiagonal: true,
  };
}

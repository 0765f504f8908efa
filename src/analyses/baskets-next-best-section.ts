import { phrase } from "../phrase.js";
import { shown, type SectionPart } from "../section-part.js";
import type { Chart, Headline, ModelCard, Section } from "../section.js";
import { onlyNumber } from "../table.js";
import type { Texts } from "../texts/index.js";
import { cards } from "./baskets-next-best-cards.js";
import { columnsNamed } from "./baskets-next-best-columns.js";
import type { NextBestContext } from "./baskets-next-best-config.js";
import type { NextBestFindings } from "./baskets-next-best.js";
import { notes } from "./baskets-next-best-notes.js";
import { tables, trialRows } from "./baskets-next-best-tables.js";
import {
  money,
  percent,
  resultOf,
  whole,
  worth,
  type OfferBasis,
  type Told,
} from "./baskets-next-best-told.js";

/** What offers add to the section, their model among it. */
export type OfferPart = SectionPart & { readonly models: readonly ModelCard[] };

/** The section with what to offer whom behind what goes with what. */
export function withOffers(section: Section, part: OfferPart, texts: Texts): Section {
  return {
    ...section,
    answer: phrase(texts.baskets.sentences, { before: section.answer, after: part.answer }),
    headlines: [...section.headlines, ...part.headlines],
    charts: [...section.charts, ...part.charts],
    tables: [...section.tables, ...part.tables],
    notes: [...section.notes, ...part.notes],
    models: [...(section.models ?? []), ...part.models],
  };
}

const OF_PIPELINE: OfferBasis = { hasMoney: true, isFile: false };

/** The report's part on what to offer whom; `results.next_best` is built. */
export async function nextBestPart(
  context: NextBestContext,
  findings: NextBestFindings,
  basis: OfferBasis = OF_PIPELINE,
): Promise<OfferPart> {
  const row = await context.measure("results.next_best", {
    customers: "count(distinct customer_id)",
    money: "sum(case when offer_rank = 1 then expected_margin else 0 end)",
    permitted: "count(case when offer_rank = 1 and permitted_channels <> '' then 1 end)",
    permitted_money:
      "sum(case when offer_rank = 1 and permitted_channels <> '' then expected_margin else 0 end)",
  });
  const bought = await context.measure("features.next_best_customers", {
    today: "count(case when place = 0 then 1 end)",
  });
  const sums = {
    buyerCount: onlyNumber(bought, "today"),
    customerCount: onlyNumber(row, "customers"),
    money: onlyNumber(row, "money") || 0,
    permittedCount: onlyNumber(row, "permitted"),
    permittedMoney: onlyNumber(row, "permitted_money") || 0,
  };
  const told = { context, findings, basis, sums };
  return {
    answer: answer(told),
    headlines: headlines(told),
    charts: charts(told),
    tables: await tables(told),
    notes: notes(told),
    models: cards(told),
  };
}

function answer(told: Told): string {
  const { context, findings, sums } = told;
  const words = context.texts.nextBest;
  const { verdict, lack, config, choiceDate } = findings;
  const { hasMoney } = told.basis;
  const gaps = {
    count: whole(told, sums.customerCount),
    money: money(told, sums.money),
    worth: worth(told),
    days: config.horizon_days,
    least: 2 * config.horizon_days,
    gain: hasMoney
      ? money(told, verdict.gain.estimate)
      : shown(context.run, verdict.gain.estimate, "decimal"),
    rival: words.contenders[verdict.rival],
  };
  if (lack === "customers") return phrase(words.answer.noCustomers, gaps);
  if (lack === "history") return phrase(words.answer.soFar, gaps);
  if (verdict.grade === undefined) return phrase(words.answer.untried, gaps);
  if (choiceDate === undefined) return phrase(words.answer.unchosen, gaps);
  return phrase((hasMoney ? words.answer : words.answerUnpriced)[verdict.ships], gaps);
}

function headlines(told: Told): Headline[] {
  const words = told.context.texts.nextBest;
  const { verdict, lack, testDate } = told.findings;
  if (lack === "customers") return [];
  const { hasMoney } = told.basis;
  const rival = words.contenders[verdict.rival];
  const isLearnt = verdict.ships === "model";
  const beside = isLearnt ? verdict.rival : "model";
  const [shipped, other] = [resultOf(told, verdict.ships), resultOf(told, beside)];
  const customers: Headline = {
    label: words.customers,
    value: told.sums.customerCount,
    format: "integer",
    ...(hasMoney ? { note: customersNote(told) } : {}),
  };
  const grade: Headline = {
    label: isLearnt || verdict.grade === undefined ? words.grade : words.gradeOfLearnt,
    value: verdict.grade ?? words.gradeNone,
    format: "text",
    ...(verdict.grade === undefined
      ? {}
      : { note: phrase(hasMoney ? words.gradeNote : words.gradeNoteUnpriced, { rival }) }),
  };
  if (shipped === undefined || other === undefined) return [customers, grade];
  const { estimate, low, high } = shipped.hitRate;
  const note = phrase(words.hitsNote, {
    low: percent(told, low),
    high: percent(told, high),
    shipped: words.contenders[verdict.ships],
    beside: words.contenders[beside],
    other: percent(told, other.hitRate.estimate),
    date: testDate ?? "",
  });
  return [customers, grade, { label: words.hits, value: estimate, format: "percent", note }];
}

/** What the first offers are worth; in a pipeline, which knows permissions, what those are that may be made. */
function customersNote(told: Told): string {
  const { customersNote: note, customersNoteFile } = told.context.texts.nextBest;
  const { sums, basis } = told;
  return phrase(basis.isFile ? customersNoteFile : note, {
    money: money(told, sums.money),
    worth: worth(told),
    count: whole(told, sums.permittedCount),
    permitted: money(told, sums.permittedMoney),
  });
}

function charts(told: Told): Chart[] {
  const { context, findings } = told;
  const { verdict, testDate, config } = findings;
  if (verdict.results.length === 0) return [];
  const words = context.texts.nextBest;
  const [x, y, line] = columnsNamed(context.texts, ["offer_count", "hit_rate", "contender"]);
  const gaps = { date: testDate ?? "", days: config.horizon_days };
  return [
    {
      kind: "curve",
      title: words.curve,
      caption: phrase(words.curveCaption, gaps),
      rows: trialRows(told),
      x: x!,
      y: y!,
      line: line!,
    },
  ];
}

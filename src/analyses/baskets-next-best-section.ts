import type { PublishedTable } from "../analysis.js";
import { poissonTwoSided } from "../math/poisson.js";
import { GRADED_OFFERS, type Contender, type OfferResult } from "../models/offer-trial.js";
import { phrase } from "../phrase.js";
import { shown, type SectionPart } from "../section-part.js";
import type { Chart, Format, Headline, ModelCard, Section, ShownColumn, ShownTable } from "../section.js";
import { onlyNumber, tableOf, texts, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import { shorten, unknownClauses } from "./baskets-names.js";
import type { NextBestContext, NextBestFindings } from "./baskets-next-best.js";

type ColumnName = keyof Texts["nextBest"]["columns"];

const FORMATS: Readonly<Partial<Record<ColumnName, Format>>> = {
  call_rank: "integer",
  customer_id: "integer",
  offer_rank: "integer",
  probability: "percent",
  expected_margin: "money",
  offer_count: "integer",
  hit_rate: "percent",
  hit_low: "percent",
  hit_high: "percent",
  margin: "money",
  margin_low: "money",
  margin_high: "money",
  expected_count: "integer",
  came_count: "integer",
  buyer_count: "integer",
  rebuyer_count: "integer",
  rebuyer_share: "percent",
  gap_count: "integer",
  low_gap_days: "integer",
  median_gap_days: "integer",
  high_gap_days: "integer",
  up_sell_rank: "integer",
  unit_price: "money",
  next_unit_price: "money",
  moved_count: "integer",
  moved_share: "percent",
  cross_unit_rank: "integer",
  main_amount: "money",
  unit_amount: "money",
  expected_amount: "money",
  missing_amount: "money",
  peer_share: "percent",
};

function columnsNamed({ nextBest }: Texts, names: readonly ColumnName[]): ShownColumn[] {
  return names.map((name) => ({ name, title: nextBest.columns[name], format: FORMATS[name] ?? "text" }));
}

const CUSTOMER = ["customer_id", "customer_key", "customer_name"] as const;
const ADDRESSES = [
  "permitted_channels",
  "email_contact",
  "email_address",
  "phone_contact",
  "phone_number",
  "sms_contact",
  "sms_number",
  "mail_contact",
  "mail_city",
] as const;

/** What is known of what is offered. */
export interface OfferBasis {
  /** False where nobody knows what a product brings: probability ranks, purchases grade. */
  readonly hasMoney: boolean;
  /** True for a bare file, which has no lists. */
  readonly isFile: boolean;
}

const OF_PIPELINE: OfferBasis = { hasMoney: true, isFile: false };

/** `next-best.csv`: every offer of every customer. */
export function nextBestPublished(texts: Texts): PublishedTable {
  const names = [
    ...CUSTOMER,
    "offer_rank",
    "product_key",
    "product_name",
    "category",
    "kind",
    "probability",
    "expected_margin",
    "reason",
    "permitted_channels",
  ] as const;
  return {
    name: "next-best",
    relation: "results.next_best",
    columns: columnsNamed(texts, names).map((column) =>
      column.name === "kind" ? { ...column, labelName: "kind_label" } : column,
    ),
    order: "customer_id, offer_rank",
  };
}

const UP_SELL = [
  "category",
  "product_name",
  "unit_price",
  "next_name",
  "next_unit_price",
  "buyer_count",
  "moved_count",
  "moved_share",
  "expected_margin",
] as const;
const CROSS_UNIT = [
  "main_unit",
  "main_amount",
  "unit",
  "unit_amount",
  "expected_amount",
  "missing_amount",
  "peer_share",
] as const;

const ACTED_ON = ["reason", "owner_name", ...ADDRESSES] as const;

const FIRST_OFFER = [
  "call_rank",
  ...CUSTOMER,
  "product_key",
  "product_name",
  "probability",
  "expected_margin",
  "reason",
  "product_2",
  "product_3",
  "suggested_action",
  "owner_name",
  ...ADDRESSES,
] as const;

/** The lists that people act on: what to offer, who may move up, who buys little where their like buy much. */
export function nextBestLists(texts: Texts): PublishedTable[] {
  return [
    {
      name: "next-best",
      relation: "results.next_best_list",
      columns: columnsNamed(texts, FIRST_OFFER),
    },
    {
      name: "up-sell",
      relation: "results.up_sell_list",
      columns: columnsNamed(texts, ["up_sell_rank", ...CUSTOMER, ...UP_SELL, ...ACTED_ON]),
    },
    {
      name: "cross-unit",
      relation: "results.cross_unit_list",
      columns: columnsNamed(texts, ["cross_unit_rank", ...CUSTOMER, ...CROSS_UNIT, ...ACTED_ON]),
    },
  ];
}

interface Told {
  readonly context: NextBestContext;
  readonly findings: NextBestFindings;
  readonly basis: OfferBasis;
  readonly sums: {
    readonly customerCount: number;
    readonly money: number;
    /** Of them those who may be contacted on any channel. */
    readonly permittedCount: number;
    readonly permittedMoney: number;
  };
}

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
  const sums = {
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

const whole = ({ context }: Told, value: number) => shown(context.run, value, "integer");
const money = ({ context }: Told, value: number) => shown(context.run, value, "money");
const percent = ({ context }: Told, value: number) => shown(context.run, value, "percent");

function answer(told: Told): string {
  const { context, findings, sums } = told;
  const words = context.texts.nextBest;
  const { verdict, lack, config, choiceDate } = findings;
  const { hasMoney } = told.basis;
  const gaps = {
    count: whole(told, sums.customerCount),
    money: money(told, sums.money),
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

function resultOf({ findings }: Told, contender: Contender): OfferResult | undefined {
  return findings.verdict.results.find(
    (result) => result.contender === contender && result.offerCount === GRADED_OFFERS,
  );
}

/** What the first offers are worth; in a pipeline, which knows permissions, what those are that may be made. */
function customersNote(told: Told): string {
  const { customersNote: note, customersNoteFile } = told.context.texts.nextBest;
  const { sums, basis } = told;
  return phrase(basis.isFile ? customersNoteFile : note, {
    money: money(told, sums.money),
    count: whole(told, sums.permittedCount),
    permitted: money(told, sums.permittedMoney),
  });
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

function trialRows({ context, findings }: Told): Table {
  const { results } = findings.verdict;
  const column = (of: (result: OfferResult) => number) => Float64Array.from(results, of);
  return tableOf({
    contender: results.map(({ contender }) => context.texts.nextBest.contenders[contender]),
    offer_count: column(({ offerCount }) => offerCount),
    hit_rate: column(({ hitRate }) => hitRate.estimate),
    hit_low: column(({ hitRate }) => hitRate.low),
    hit_high: column(({ hitRate }) => hitRate.high),
    margin: column(({ margin }) => margin.estimate),
    margin_low: column(({ margin }) => margin.low),
    margin_high: column(({ margin }) => margin.high),
    expected_count: column(({ expectedCount }) => expectedCount),
    came_count: column(({ cameCount }) => cameCount),
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

async function tables(told: Told): Promise<ShownTable[]> {
  const { context, findings, basis } = told;
  const words = context.texts.nextBest;
  const { config, verdict, testDate } = findings;
  const gaps = { date: testDate ?? "", days: config.horizon_days, unit: words.units[config.unit] };
  const table = (
    name: keyof typeof TABLES,
    [title, caption]: readonly [string, string],
    rows: Table,
  ): ShownTable => ({
    name,
    title: phrase(title, gaps),
    caption: phrase(caption, gaps),
    columns: tableColumns(name, context.texts, basis).filter((column) => isFilled(rows, column)),
    rows,
    isInteractive: INTERACTIVE.includes(name),
    isDetail: name !== "next_best" && name !== "next_best_trial",
  });
  const read = (name: string) => context.table(`results.${name}`);
  const trialCaption = basis.hasMoney ? words.trialCaption : words.trialCaptionUnpriced;
  const found = [
    table("next_best", [words.list, listCaption(told)], await read("next_best_shown")),
    ...(verdict.results.length === 0
      ? []
      : [table("next_best_trial", [words.trial, trialCaption], trialRows(told))]),
    table("next_best_rhythms", [words.rhythms, words.rhythmsCaption], await read("next_best_rhythms")),
    table("up_sell", [words.upSell, words.upSellCaption], first(await read("up_sell"))),
    table("cross_unit", [words.crossUnit, words.crossUnitCaption], first(await read("cross_unit"))),
  ];
  const long = await longNames(context);
  return found
    .filter(({ rows }) => rows.numRows > 0)
    .map((table) => (long.length === 0 ? table : { ...table, rows: cutNames(table.rows, long) }));
}

/** A bare file has keys of customers and no names. */
function isFilled(rows: Table, { name }: ShownColumn): boolean {
  const vector = rows.getChild(name);
  return name !== "customer_name" || vector === null || vector.nullCount < vector.length;
}

/** Names of products that are longer than they are shown, the longest first. */
async function longNames(context: NextBestContext): Promise<string[]> {
  const products = await context.table("features.basket_products", ["product_name"]);
  return texts(products, "product_name")
    .filter((name) => name !== null)
    .filter((name) => shorten(name) !== name)
    .toSorted((a, b) => b.length - a.length);
}

const NAMED: readonly string[] = ["product_name", "next_name", "reason"] satisfies ColumnName[];

/** The rows with those names cut, in sentences too. */
function cutNames(rows: Table, long: readonly string[]): Table {
  const cut = (text: string | null) =>
    long.reduce((left, name) => left?.replaceAll(name, () => shorten(name)) ?? null, text);
  const columns = rows.schema.fields.map(({ name }) => [
    name,
    NAMED.includes(name) ? texts(rows, name).map(cut) : rows.getChild(name)!,
  ]);
  return tableOf(Object.fromEntries(columns) as Parameters<typeof tableOf>[0]);
}

function listCaption({ context, basis }: Told): string {
  const words = context.texts.nextBest;
  if (!basis.isFile) return words.listCaption;
  return basis.hasMoney ? words.listCaptionFile : words.listCaptionUnpriced;
}

/** Without money there is none to show, and what a trial sums up are purchases. */
function tableColumns(name: keyof typeof TABLES, texts: Texts, { hasMoney }: OfferBasis): ShownColumn[] {
  const columns = columnsNamed(texts, TABLES[name]).map((column) =>
    column.name === "reason" ? { ...column, width: "wide" as const } : column,
  );
  if (hasMoney) return columns;
  return columns
    .filter((column) => column.name !== "expected_margin")
    .map((column) => ({
      ...column,
      ...(column.name === "margin" ? { title: texts.nextBest.purchases } : {}),
      ...(column.format === "money" ? { format: "decimal" as const } : {}),
    }));
}

const SHOWN_ROWS = 50;
const INTERACTIVE: readonly string[] = ["next_best", "up_sell", "cross_unit"];

/** The first rows by rank. */
function first(rows: Table): Table {
  return rows.slice(0, SHOWN_ROWS);
}

const TABLES = {
  next_best: [
    "call_rank",
    "customer_key",
    "customer_name",
    "product_name",
    "expected_margin",
    "probability",
    "reason",
  ],
  next_best_trial: [
    "contender",
    "offer_count",
    "hit_rate",
    "hit_low",
    "hit_high",
    "margin",
    "margin_low",
    "margin_high",
    "expected_count",
    "came_count",
  ],
  next_best_rhythms: [
    "product_name",
    "buyer_count",
    "rebuyer_count",
    "rebuyer_share",
    "gap_count",
    "low_gap_days",
    "median_gap_days",
    "high_gap_days",
  ],
  up_sell: ["up_sell_rank", "customer_key", "masked_name", ...UP_SELL],
  cross_unit: ["cross_unit_rank", "customer_key", "masked_name", ...CROSS_UNIT],
} as const satisfies Record<string, readonly ColumnName[]>;

function notes(told: Told): string[] {
  const words = told.context.texts.nextBest.notes;
  const { config, lack, unknown, testDate, money: basis, sample } = told.findings;
  const { hasMoney } = told.basis;
  if (lack === "customers") return [];
  const { noteUnknown, joint } = told.context.texts.baskets;
  const model = resultOf(told, "model");
  const gaps = { days: config.horizon_days, date: testDate ?? "" };
  return [
    ...(hasMoney ? [] : [words.unpriced]),
    ...(hasMoney && basis.isRevenue ? [words.revenue] : []),
    ...(hasMoney && basis.meanRateCount > 0
      ? [
          phrase(words.meanRate, {
            count: whole(told, basis.meanRateCount),
            rate: percent(told, basis.meanRate),
          }),
        ]
      : []),
    ...(lack === "history" ? [] : [phrase(words.probability, gaps)]),
    ...(model === undefined ? [] : [choiceNote(told)]),
    words.exclusions,
    ...(unknown.length === 0 ? [] : [phrase(noteUnknown, { names: unknownClauses(unknown).join(joint) })]),
    ...(model === undefined
      ? []
      : [
          levelNote(told, resultOf(told, told.findings.verdict.ships) ?? model),
          ...(sample === undefined
            ? []
            : [
                phrase(words.sample, {
                  ...gaps,
                  count: whole(told, sample.ofCount),
                  share: percent(told, sample.share),
                  tried: whole(told, model.customerCount),
                }),
              ]),
        ]),
  ];
}

/** A difference from the prediction that comes less often by chance is told as one of the probabilities. */
const CHANCE = 0.05;

/** How many purchases of what is offered were predicted, and how many were made; what to do about it where chance would not do that. */
function levelNote(told: Told, { expectedCount, cameCount }: OfferResult): string {
  const { context, findings } = told;
  const words = context.texts.nextBest.notes;
  const gap = expectedCount === 0 ? 0 : cameCount / expectedCount - 1;
  const isChance = poissonTwoSided(cameCount, expectedCount) >= CHANCE;
  return phrase(isChance ? words.asPredicted : gap > 0 ? words.more : words.fewer, {
    days: findings.config.horizon_days,
    date: findings.testDate ?? "",
    expected: whole(told, Math.round(expectedCount)),
    came: whole(told, cameCount),
    gap: percent(told, Math.abs(gap)),
  });
}

/** On which period was decided what is offered, and what the last one changed. */
function choiceNote({ context, findings }: Told): string {
  const { notes: words, contenders } = context.texts.nextBest;
  const { choiceDate, choice, verdict, config } = findings;
  if (choiceDate === undefined) return words.unchosen;
  const gaps = {
    date: choiceDate,
    days: config.horizon_days,
    chosen: contenders[choice.ships],
    rival: contenders[choice.rival],
  };
  return phrase(verdict.ships === choice.ships ? words.choice : words.overruled, gaps);
}

/** A card for `models.json`. */
function cards({ findings, basis }: Told): ModelCard[] {
  const { verdict, shrinkage, config, testDate, choiceDate, choice, lack, money, sample } = findings;
  const { hasMoney } = basis;
  const ranked = {
    name: "next-best",
    horizon_days: config.horizon_days,
    ranked_by: hasMoney ? "money" : "probability",
    ...(hasMoney && money.isRevenue ? { money: "revenue" } : {}),
    ...(hasMoney && money.meanRateCount > 0
      ? { mean_rate_products: money.meanRateCount, mean_margin_rate: money.meanRate }
      : {}),
    ships: verdict.ships,
  };
  if (lack !== undefined || verdict.results.length === 0)
    return [{ ...ranked, grade: null, lack: lack ?? "trial" }];
  return [
    {
      ...ranked,
      tested_on: testDate,
      chosen_on: choiceDate ?? null,
      chosen: choice.ships,
      ...(sample === undefined ? {} : { sampled_share: sample.share, sampled_of: sample.ofCount }),
      lifts: shrinkage.lifts,
      product_shape: shrinkage.productShape,
      again_weight: shrinkage.againWeight,
      pair_count: shrinkage.pairCount,
      rule_weight: shrinkage.ruleWeight,
      rule_count: shrinkage.ruleCount,
      grade: verdict.grade,
      rival: verdict.rival,
      gain_per_100: verdict.gain,
      trial: verdict.results.map((result) => trialCard(result, hasMoney)),
    },
  ];
}

/** One way with so many offers, as `models.json` has it. */
function trialCard(result: OfferResult, hasMoney: boolean): Record<string, unknown> {
  return {
    contender: result.contender,
    offers: result.offerCount,
    customers: result.customerCount,
    purchases_predicted: result.expectedCount,
    purchases_made: result.cameCount,
    hit_rate: result.hitRate,
    [`${hasMoney ? "margin" : "purchases"}_per_100`]: result.margin,
  };
}

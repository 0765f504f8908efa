import { z } from "zod";
import type { AnalysisContext, Setting, SettingTable } from "../analysis.js";
import {
  fitLiftMixture,
  fitLiftShape,
  fitShareWeight,
  shrunkenLift,
  type LiftMixture,
} from "../models/shrunken-rates.js";
import {
  chooseOffers,
  CONTENDERS,
  DEFAULT_CHOICE,
  judgeOffers,
  type Contender,
  type OfferChoice,
  type OfferSums,
  type OfferVerdict,
} from "../models/offer-trial.js";
import { phraseSql } from "../phrase.js";
import { quoteText } from "../sql.js";
import { numbers, onlyNumber, tableOf, texts as wordsOf, truthVector } from "../table.js";
import type { BasketsConfig } from "./baskets-config.js";
import { writeSureSteps } from "./baskets-growth.js";
import { fitOfferRules, writeOfferRules } from "./baskets-offer-rules.js";
import { unknownNames, warnOfUnknown, type UnknownName } from "./baskets-names.js";

/** The settings of the next best product; a part of those of `baskets`. */
export const NextBestConfig = z.strictObject({
  horizon_days: z
    .int()
    .min(7)
    .max(365)
    .default(60)
    .describe("an offer is a hit when bought within so many days"),
  offers: z.int().min(1).max(10).default(3).describe("products for each customer"),
  min_probability: z.number().min(0).max(1).default(0.01).describe("less likely products are not offered"),
  products: z
    .enum(["all", "new"])
    .default("all")
    .describe("all: those due again too; new: only those the customer never bought"),
  leave_out: z.array(z.string().min(1)).default([]).describe("keys of products that are never offered"),
  unit: z
    .enum(["category", "brand"])
    .default("category")
    .describe("where customers may be small in one and large in another"),
  sample_customers: z
    .int()
    .min(100)
    .default(20_000)
    .describe("customers, chosen by hash, whom the rates are learnt from and tried on; all get offers"),
});
/** They with defaults filled in. */
export type NextBestConfig = z.output<typeof NextBestConfig>;

/** The relations that the next best product reads. */
export const NEXT_BEST_READS = [
  "facts.permitted_addresses",
  "features.basket_products",
  "features.cross_unit",
  "features.next_best_after",
  "features.next_best_again",
  "features.next_best_baskets",
  "features.next_best_customers",
  "features.next_best_gaps",
  "features.next_best_holdings",
  "features.next_best_latest",
  "features.next_best_outcomes",
  "features.next_best_popular",
  "features.next_best_products",
  "features.next_best_rhythms",
  "features.next_best_snapshots",
  "features.up_sell",
  "unified.customers",
] as const;
/** What it may read and write. */
export type NextBestContext = AnalysisContext<(typeof NEXT_BEST_READS)[number]>;

/** Its columns of `run.settings`, to be prefixed with `baskets_`. */
export function nextBestSettings(config: NextBestConfig): Record<string, Setting> {
  return {
    horizon_days: config.horizon_days,
    sample_customers: config.sample_customers,
    unit: config.unit,
  };
}

/** Its settings that have rows. */
export function nextBestSettingTables(
  config: Pick<NextBestConfig, "leave_out"> & Exclusions,
): Record<string, SettingTable> {
  const parts = { key: config.leave_out, item: config.excluded_items, category: config.excluded_categories };
  const rows = Object.entries(parts).flatMap(([part, words]) => words.map((word) => ({ part, word })));
  return { left_out: { columns: { part: "text", word: "text" }, rows } };
}

/** What is excluded from rules is not offered either. */
interface Exclusions {
  readonly excluded_items: readonly string[];
  readonly excluded_categories: readonly string[];
}

/** What tells how far the rates of rare pairs and groups are drawn to those of all. */
export interface Shrinkage {
  readonly lifts: LiftMixture;
  readonly productShape: number;
  readonly againWeight: number;
  readonly pairCount: number;
}

/** What was learnt for a snapshot. */
export interface Learnt extends Shrinkage {
  /** Rules with several products on the left that were mined. */
  readonly ruleCount: number;
  /** How many trials of a rule what one of its products says alone is worth. */
  readonly ruleWeight: number;
}

/** What the money of offers rests on. */
export interface MoneyBasis {
  /** True where no cost is known at all: then revenue counts. */
  readonly isRevenue: boolean;
  /** Products whose cost is unknown, so that the margin rate of all others is taken for theirs. */
  readonly meanRateCount: number;
  /** That rate, of revenue. */
  readonly meanRate: number;
}

/** What was found. */
export interface NextBestFindings {
  readonly config: NextBestConfig;
  readonly verdict: OfferVerdict;
  readonly shrinkage: Learnt;
  /** Why nothing is offered, or with too short a history only what most customers have bought so far. */
  readonly lack: "customers" | "history" | undefined;
  /** What is never to be offered, and was never sold. */
  readonly unknown: readonly UnknownName[];
  readonly money: MoneyBasis;
  /** The day of the trial. */
  readonly testDate: string | undefined;
  /** The day one horizon before it, on which was chosen what ships; undefined where a default does. */
  readonly choiceDate: string | undefined;
  readonly choice: OfferChoice;
  /** Whom the past was looked at for; undefined where for all customers. */
  readonly sample: OfferSample | undefined;
}

/** Customers drawn by hash, of all that bought by today. */
export interface OfferSample {
  readonly share: number;
  readonly ofCount: number;
}

const LEAST_HITS = 3;
const TRIED_OFFERS = 10;
/** Places of snapshots: what is tried and reported, and what decides before. */
const [TEST, CHOICE] = [1, 2];

/**
 * Learns what customers buy next, chooses between it, what sells best and what they bought most on the last horizon but
 * one, tries the choice on the last, and builds `results.next_best` with a reason for each offer, `results.up_sell` and `results.cross_unit`.
 */
export async function nextBest(context: NextBestContext, config: BasketsConfig): Promise<NextBestFindings> {
  const lack = await lackOf(context);
  const unknown = await unknownProducts(context, config);
  const [testDate, choiceDate] = [await trialDateOf(context, TEST), await trialDateOf(context, CHOICE)];
  const choice =
    choiceDate === undefined ? DEFAULT_CHOICE : chooseOffers(await tried(context, CHOICE, config));
  const verdict = judgeOffers(testDate === undefined ? [] : await tried(context, TEST, config), choice);
  const today = { place: 0, ships: verdict.ships, offerCount: config.offers };
  const shrinkage = await learn(context, config, today);
  await (lack === "history" ? offerSellers(context) : buildCandidates(context));
  await context.build("next_best_offers");
  const isOfAll = verdict.ships === "popular" && config.products === "all";
  await writeReasons(context, config.horizon_days, lack ?? (isOfAll ? "owners" : undefined));
  await writeSureSteps(context);
  for (const name of ["next_best", "next_best_shown", "next_best_rhythms", "up_sell", "cross_unit"])
    await context.build(name);
  await writeGrowthReasons(context, config.unit);
  const [money, sample] = [await moneyBasisOf(context), await sampleOf(context)];
  return { config, verdict, shrinkage, lack, unknown, testDate, choiceDate, choice, money, sample };
}

/** Whom the past was looked at for. */
async function sampleOf(context: NextBestContext): Promise<OfferSample | undefined> {
  const places = await context.measure("features.next_best_snapshots", { least: "min(sampled_places)" });
  const share = onlyNumber(places, "least") / 1000;
  if (!(share < 1)) return undefined;
  const counted = await context.measure("features.next_best_customers", {
    today: "count(case when place = 0 then 1 end)",
  });
  return { share, ofCount: onlyNumber(counted, "today") };
}

/** What each way of choosing brought on the horizon behind a snapshot. */
async function tried(context: NextBestContext, place: number, config: BasketsConfig): Promise<OfferSums[]> {
  await learn(context, config, { place, ships: "all", offerCount: TRIED_OFFERS });
  await buildCandidates(context);
  await context.build("next_best_trial");
  return readTrial(context);
}

/** Learns what a snapshot may know, and says that the next candidates are about it. */
async function learn(context: NextBestContext, config: BasketsConfig, asked: Asked): Promise<Learnt> {
  const shrinkage = await fitShrinkage(context, asked.place);
  await takeTurn(context, { ...asked, ...shrinkage, ...config });
  const ruleCount = await writeOfferRules(context, { place: asked.place, config });
  return { ...shrinkage, ruleCount, ruleWeight: await fitOfferRules(context) };
}

async function buildCandidates(context: NextBestContext): Promise<void> {
  for (const part of ["popular_rates", "again_rates", "evidence", "candidates"])
    await context.build(`next_best_${part}`);
}

/** What is never to be offered and was never sold: said, for it may be a slip of the keyboard. */
async function unknownProducts(
  context: NextBestContext,
  { leave_out }: NextBestConfig,
): Promise<UnknownName[]> {
  if (leave_out.length === 0) return [];
  const products = await context.table("features.basket_products", ["product_key"]);
  const unknown = unknownNames(
    "leave_out",
    leave_out,
    wordsOf(products, "product_key").map((key) => key!),
  );
  warnOfUnknown(unknown, context.warn);
  return unknown;
}

async function moneyBasisOf(context: NextBestContext): Promise<MoneyBasis> {
  const products = await context.table("features.next_best_products", [
    "place",
    "money_basis",
    "margin_rate",
  ]);
  const places = numbers(products, "place");
  const bases = wordsOf(products, "money_basis").map((basis, row) => (places[row] === 0 ? basis : null));
  return {
    isRevenue: bases.includes("revenue"),
    meanRateCount: bases.filter((basis) => basis === "mean").length,
    meanRate: numbers(products, "margin_rate")[bases.indexOf("mean")] ?? NaN,
  };
}

/** With no past to learn from, what most customers have bought so far. */
async function offerSellers(context: NextBestContext): Promise<void> {
  await context.build("next_best_sellers");
  await context.score("next_best_candidates", {
    from: "results.next_best_sellers",
    grain: CANDIDATE_COLUMNS,
    columns: {},
  });
}

const CANDIDATE_COLUMNS = [
  "contender",
  "customer_id",
  "offer_rank",
  "product_number",
  "kind",
  "first_number",
  "rule_number",
  "trial_count",
  "hit_count",
  "lift",
  "probability",
  "expected_money",
];

/** How far rates are to be drawn in, by what was known on the snapshot that learns; writes `results.next_best_lifts`. */
async function fitShrinkage(context: NextBestContext, place: number): Promise<Shrinkage> {
  const pairs = await learntFor(context, place, PAIRS);
  const hits = pairs("hit_count");
  const expected = pairs("expected_count");
  const lifts = fitLiftMixture({ hits, expected, leastHits: LEAST_HITS });
  const lift = hits.map((count, pair) => shrunkenLift(lifts, count, expected[pair]!));
  const [first_number, band, second_number] = [pairs("first_number"), pairs("band"), pairs("second_number")];
  await context.write("next_best_lifts", tableOf({ first_number, band, second_number, lift }));
  return { lifts, pairCount: hits.length, ...fitAgain(await learntFor(context, place, GROUPS)) };
}

type Columns = (name: string) => Float64Array;

/** How far buying again is drawn in: products to all products, and their classes to the product. */
function fitAgain(groups: Columns): Pick<Shrinkage, "productShape" | "againWeight"> {
  const [productHits, productExpected] = [groups("product_hit_count"), groups("product_expected_count")];
  const rows = Array.from(groups("product_number"), (product, row) => [product, row] as const);
  const firsts = [...new Map(rows.toSorted(([a], [b]) => a - b)).values()];
  const productShape = fitLiftShape({
    hits: firsts.map((row) => productHits[row]!),
    expected: firsts.map((row) => productExpected[row]!),
  });
  const rates = groups("class_rate").map((rate, row) =>
    Math.min(0.99, (rate * (productHits[row]! + productShape)) / (productExpected[row]! + productShape)),
  );
  const [trials, hits] = [groups("trial_count"), groups("hit_count")];
  return { productShape, againWeight: fitShareWeight({ trials, hits, rates }) };
}

const PAIRS = {
  relation: "features.next_best_after",
  names: ["hit_count", "expected_count", "first_number", "band", "second_number"],
} as const;
const GROUPS = {
  relation: "features.next_best_again",
  names: [
    "trial_count",
    "hit_count",
    "class_rate",
    "product_number",
    "product_hit_count",
    "product_expected_count",
  ],
} as const;

/** Columns of those rows that a snapshot may know. */
async function learntFor(
  context: NextBestContext,
  place: number,
  { relation, names }: typeof PAIRS | typeof GROUPS,
): Promise<Columns> {
  const table = await context.table(relation, ["learn_for", ...names]);
  const learnFor = numbers(table, "learn_for");
  return (name) => numbers(table, name).filter((_, row) => learnFor[row] === place);
}

/** A snapshot, and what is to be offered on it. */
interface Asked {
  readonly place: number;
  readonly ships: Contender | "all";
  readonly offerCount: number;
}

type Turn = Asked & Shrinkage & NextBestConfig;

/** Says which snapshot `results.next_best_candidates` is about: one row, `results.next_best_turn`. */
async function takeTurn(context: NextBestContext, turn: Turn): Promise<void> {
  await context.write(
    "next_best_turn",
    tableOf({
      place: Float64Array.of(turn.place),
      ships: [turn.ships],
      offer_count: Float64Array.of(turn.offerCount),
      is_new_only: truthVector([turn.products === "new"]),
      product_shape: Float64Array.of(turn.productShape),
      again_weight: Float64Array.of(turn.againWeight),
      min_probability: Float64Array.of(turn.min_probability),
    }),
  );
}

async function readTrial(context: NextBestContext): Promise<OfferSums[]> {
  const table = await context.table("results.next_best_trial");
  const column = (name: string) => numbers(table, name);
  const [offers, customers, hits, expected, came] = [
    "offer_count",
    "customer_count",
    "hit_count",
    "expected_count",
    "came_count",
  ].map(column);
  const [amounts, squares, differences, differenceSquares, differenceCounts] = [
    "amount",
    "amount_squares",
    "difference_amount",
    "difference_squares",
    "difference_count",
  ].map(column);
  const rows = wordsOf(table, "contender").map((contender, row) => ({
    contender: contender as Contender,
    offerCount: offers![row]!,
    customerCount: customers![row]!,
    hitCount: hits![row]!,
    expectedCount: expected![row]!,
    cameCount: came![row]!,
    amount: amounts![row]!,
    amountSquares: squares![row]!,
    differenceAmount: differences![row]!,
    differenceSquares: differenceSquares![row]!,
    differenceCount: differenceCounts![row]!,
  }));
  const placeOf = ({ contender }: OfferSums) => CONTENDERS.indexOf(contender);
  return rows.sort((a, b) => a.offerCount - b.offerCount || placeOf(a) - placeOf(b));
}

/** Shares in a sentence: whole percent, below ten with one digit behind the point. */
const percentSql = (share: string) =>
  `(case when ${share} >= 0.095e0 then to_key(to_integer(round(100e0 * ${share}))) else to_key(round(100e0 * ${share}, 1)) end || '%')`;
const timesSql = (lift: string) =>
  `case when ${lift} >= 2.95e0 then to_key(to_integer(round(${lift}))) else to_key(round(${lift}, 1)) end`;

/** `results.next_best_reasons`: why each offer, in the language of the run; what sells best may be counted with owners. */
async function writeReasons(
  context: NextBestContext,
  horizonDays: number,
  counted: NextBestFindings["lack"] | "owners",
): Promise<void> {
  const words = context.texts.nextBest;
  const gaps = {
    first: "first_name",
    all: "left_names",
    product: "product_name",
    date: "coalesce(to_key(bought_date), '')",
    count: "to_key(purchase_count)",
    gap: "to_key(to_integer(round(median_gap_days)))",
    days: `'${horizonDays}'`,
    share: percentSql("probability"),
    lift: timesSql("lift"),
  };
  const { after, rule, again, once, soFar, anybody } = words.reasons;
  const popular = counted === "history" ? soFar : counted === "owners" ? anybody : words.reasons.popular;
  const reason = `case
    when kind = 'after' then ${phraseSql(after, gaps)}
    when kind = 'rule' then ${phraseSql(rule, gaps)}
    when kind = 'again' and (purchase_count = 1 or median_gap_days is null) then ${phraseSql(once, gaps)}
    when kind = 'again' then ${phraseSql(again, gaps)}
    else ${phraseSql(popular, gaps)} end`;
  await context.score("next_best_reasons", {
    from: "results.next_best_offers",
    grain: ["customer_id", "offer_rank"],
    columns: {
      reason,
      kind_label: `case kind when 'after' then ${phraseSql(words.kinds.after, {})} when 'rule' then ${phraseSql(words.kinds.rule, {})} when 'again' then ${phraseSql(words.kinds.again, {})} else ${phraseSql(words.kinds.popular, {})} end`,
    },
  });
  await context.write("next_best_model", tableOf({ offer_action: [words.action] }));
}

/** `results.up_sell_reasons` and `results.cross_unit_reasons`: why each customer may buy more, in the language of the run. */
async function writeGrowthReasons(context: NextBestContext, unit: NextBestConfig["unit"]): Promise<void> {
  const { upSell, crossUnit, crossUnitNone } = context.texts.nextBest.growth;
  await context.score("up_sell_reasons", {
    from: "results.up_sell",
    grain: ["customer_id", "category"],
    columns: {
      reason: phraseSql(upSell, {
        product: "product_name",
        next: "next_name",
        count: "to_key(buyer_count)",
        moved: "to_key(moved_count)",
      }),
    },
  });
  const peers = {
    main: "main_unit",
    other: "unit",
    share: percentSql("peer_share"),
    kind: quoteText(context.texts.nextBest.units[unit]),
  };
  await context.score("cross_unit_reasons", {
    from: "results.cross_unit",
    grain: ["customer_id", "unit"],
    columns: {
      reason: `case when unit_amount > 0 then ${phraseSql(crossUnit, peers)} else ${phraseSql(crossUnitNone, peers)} end`,
    },
  });
}

async function lackOf(context: NextBestContext): Promise<NextBestFindings["lack"]> {
  const customers = await context.measure("features.next_best_holdings", { count: "count(*)" });
  if (onlyNumber(customers, "count") === 0) return "customers";
  const snapshots = await context.measure("features.next_best_snapshots", { count: "count(*)" });
  return onlyNumber(snapshots, "count") < 2 ? "history" : undefined;
}

/** The day of a snapshot, if there is one behind it to learn from. */
async function trialDateOf(context: NextBestContext, place: number): Promise<string | undefined> {
  const table = await context.measure("features.next_best_snapshots", {
    trial_date: `max(case when place = ${place} then to_key(snapshot_date) end)`,
    learnt: `count(case when place = ${place + 1} then 1 end)`,
  });
  return onlyNumber(table, "learnt") === 0 ? undefined : (wordsOf(table, "trial_date")[0] ?? undefined);
}

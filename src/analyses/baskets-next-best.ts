import {
  chooseOffers,
  DEFAULT_CHOICE,
  judgeOffers,
  type OfferChoice,
  type OfferVerdict,
} from "../models/offer-trial.js";
import { numbers, onlyNumber, texts as wordsOf } from "../table.js";
import type { BasketsConfig } from "./baskets-config.js";
import { writeSureSteps } from "./baskets-growth.js";
import { unknownNames, warnOfUnknown, type UnknownName } from "./baskets-names.js";
import type { NextBestConfig, NextBestContext } from "./baskets-next-best-config.js";
import { buildCandidates, learn, type Learnt } from "./baskets-next-best-learning.js";
import { writeGrowthReasons, writeReasons } from "./baskets-next-best-reasons.js";
import { trialDateOf, tried } from "./baskets-next-best-trial.js";

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

/** Places of snapshots: what is tried and reported, and what decides before. */
const [TEST, CHOICE] = [1, 2];

/** What was learnt of today, and what is to be offered by it. */
type LearntOffers = Omit<NextBestFindings, "config" | "money" | "sample">;

/**
 * Learns what customers buy next, chooses between it, what sells best and what they bought most on the last horizon but
 * one, and tries the choice on the last.
 */
export async function learnOffers(context: NextBestContext, config: BasketsConfig): Promise<LearntOffers> {
  const lack = await lackOf(context);
  const unknown = await unknownProducts(context, config);
  await warnOfUnexported(context);
  const [testDate, choiceDate] = [await trialDateOf(context, TEST), await trialDateOf(context, CHOICE)];
  const choice =
    choiceDate === undefined ? DEFAULT_CHOICE : chooseOffers(await tried(context, CHOICE, config));
  const verdict = judgeOffers(testDate === undefined ? [] : await tried(context, TEST, config), choice);
  const today = { place: 0, ships: verdict.ships, offerCount: config.offers };
  const shrinkage = await learn(context, config, today);
  return { lack, unknown, testDate, choiceDate, choice, verdict, shrinkage };
}

/** Builds what was learnt into `results.next_best` with a reason for each offer, `results.up_sell` and `results.cross_unit`. */
export async function makeOffers(
  context: NextBestContext,
  config: BasketsConfig,
  learnt: LearntOffers,
): Promise<NextBestFindings> {
  const { lack, verdict } = learnt;
  await (lack === "history" ? offerSellers(context) : buildCandidates(context));
  await context.build("next_best_offers");
  const counted = config.products === "all" ? "owners" : "others";
  await writeReasons(
    context,
    config.horizon_days,
    lack ?? (verdict.ships === "popular" ? counted : undefined),
  );
  await writeSureSteps(context);
  for (const name of ["next_best", "next_best_shown", "next_best_rhythms", "up_sell", "cross_unit"])
    await context.build(name);
  await writeGrowthReasons(context, config.unit);
  return { ...learnt, config, money: await moneyBasisOf(context), sample: await sampleOf(context) };
}

/** {@link learnOffers} and {@link makeOffers}, where nothing is to be done beside. */
export const nextBest = async (context: NextBestContext, config: BasketsConfig): Promise<NextBestFindings> =>
  makeOffers(context, config, await learnOffers(context, config));

async function lackOf(context: NextBestContext): Promise<NextBestFindings["lack"]> {
  const customers = await context.measure("features.next_best_holdings", { count: "count(*)" });
  if (onlyNumber(customers, "count") === 0) return "customers";
  const snapshots = await context.measure("features.next_best_snapshots", { count: "count(*)" });
  return onlyNumber(snapshots, "count") < 2 ? "history" : undefined;
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

/** What is never to be offered and was never sold: said, for it may be a slip of the keyboard. */
async function unknownProducts(
  context: NextBestContext,
  { leave_out }: NextBestConfig,
): Promise<UnknownName[]> {
  if (leave_out.length === 0) return [];
  const columns = ["product_label", "product_name", "product_key"];
  const products = await context.table("features.basket_products", columns);
  const known = columns.flatMap((column) => wordsOf(products, column).map((word) => word!));
  const unknown = unknownNames("leave_out", leave_out, [...new Set(known)]);
  warnOfUnknown(unknown, context.warn);
  return unknown;
}

/** Products sold that no product export of their source names, where there is one at all: said, for a key means a product of its source. */
async function warnOfUnexported(context: NextBestContext): Promise<void> {
  const counted = await context.measure("features.basket_products", {
    exported: "count(case when is_exported then 1 end)",
    missing: "count(case when not is_exported then 1 end)",
    elsewhere: "count(case when not is_exported and export_count > 0 then 1 end)",
  });
  const [count, others] = [onlyNumber(counted, "missing"), onlyNumber(counted, "elsewhere")];
  if (count === 0 || onlyNumber(counted, "exported") === 0) return;
  context.warn(
    others === 0
      ? { code: "products_not_exported", gaps: { count } }
      : { code: "products_exported_elsewhere", gaps: { count, others } },
  );
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

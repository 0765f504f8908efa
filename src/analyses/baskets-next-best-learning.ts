import {
  fitLiftMixture,
  fitLiftShape,
  fitShareWeight,
  raisedChance,
  rateFactor,
  shrunkenLift,
  type LiftMixture,
} from "../models/shrunken-rates.js";
import type { Contender } from "../models/offer-trial.js";
import { numbers, tableOf, truthVector } from "../table.js";
import type { BasketsConfig } from "./baskets-config.js";
import type { NextBestConfig, NextBestContext } from "./baskets-next-best-config.js";
import { fitOfferRules, writeOfferRules } from "./baskets-offer-rules.js";

/** What tells how far the rates of rare pairs and groups are drawn to those of all. */
export interface Shrinkage {
  readonly lifts: LiftMixture;
  readonly productShape: number;
  readonly againWeight: number;
  /** How many customers the share to be expected is worth beside that of those as busy: of first purchases, and of any. */
  readonly popularWeight: number;
  readonly anyWeight: number;
  readonly pairCount: number;
}

/** What was learnt for a snapshot. */
export interface Learnt extends Shrinkage {
  /** Rules with several products on the left that were mined. */
  readonly ruleCount: number;
  /** How many trials of a rule what one of its products says alone is worth. */
  readonly ruleWeight: number;
}

/** A snapshot, and what is to be offered on it. */
export interface Asked {
  readonly place: number;
  readonly ships: Contender | "all";
  readonly offerCount: number;
}

const LEAST_HITS = 3;

/** Learns what a snapshot may know, and says that the next candidates are about it. */
export async function learn(context: NextBestContext, config: BasketsConfig, asked: Asked): Promise<Learnt> {
  const shrinkage = await fitShrinkage(context, asked.place);
  await takeTurn(context, { ...asked, ...shrinkage, ...config });
  const ruleCount = await writeOfferRules(context, { place: asked.place, config });
  return { ...shrinkage, ruleCount, ruleWeight: await fitOfferRules(context) };
}

/** Builds what each way of choosing would offer by what was learnt. */
export async function buildCandidates(context: NextBestContext): Promise<void> {
  for (const part of ["popular_rates", "again_rates", "unled", "evidence", "candidates"])
    await context.build(`next_best_${part}`);
}

/** How far rates are to be drawn in, by what was known on the snapshot that learns; writes `results.next_best_lifts`. */
async function fitShrinkage(context: NextBestContext, place: number): Promise<Shrinkage> {
  const pairs = await learntFor(context, place, PAIRS);
  const hits = pairs("hit_count");
  const expected = pairs("expected_count");
  const lifts = fitLiftMixture({ hits, expected, leastHits: LEAST_HITS });
  const lift = hits.map((count, pair) => shrunkenLift(lifts, count, expected[pair]!));
  const [first_number, band, second_number] = [pairs("first_number"), pairs("band"), pairs("second_number")];
  await context.write("next_best_lifts", tableOf({ first_number, band, second_number, lift }));
  const again = fitAgain(await learntFor(context, place, GROUPS));
  return { lifts, pairCount: hits.length, ...again, ...fitPopular(await learntFor(context, place, SELLERS)) };
}

type Columns = (name: string) => Float64Array;

/** How far buying again is drawn in: products to all products, and their classes to the product. */
function fitAgain(groups: Columns): Pick<Shrinkage, "productShape" | "againWeight"> {
  const [productHits, productExpected] = [groups("product_hit_count"), groups("product_expected_count")];
  const productTrials = groups("product_trial_count");
  const rows = Array.from(groups("product_number"), (product, row) => [product, row] as const);
  const firsts = [...new Map(rows.toSorted(([a], [b]) => a - b)).values()];
  const productShape = fitLiftShape({
    hits: firsts.map((row) => productHits[row]!),
    expected: firsts.map((row) => productExpected[row]!),
  });
  const rates = groups("class_rate").map((rate, row) => {
    const counts = { hits: productHits[row]!, expected: productExpected[row]!, trials: productTrials[row]! };
    return raisedChance(rate, rateFactor(counts, productShape));
  });
  const [trials, hits] = [groups("trial_count"), groups("hit_count")];
  return { productShape, againWeight: fitShareWeight({ trials, hits, rates }) };
}

/** How far what customers as busy buy is drawn in to what is to be expected of them. */
function fitPopular(sellers: Columns): Pick<Shrinkage, "popularWeight" | "anyWeight"> {
  const weightOf = (trials: string, hits: string, rates: string) =>
    fitShareWeight({ trials: sellers(trials), hits: sellers(hits), rates: sellers(rates) });
  return {
    popularWeight: weightOf("trial_count", "hit_count", "expected_rate"),
    anyWeight: weightOf("customer_count", "any_hit_count", "any_expected_rate"),
  };
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
    "product_trial_count",
    "product_hit_count",
    "product_expected_count",
  ],
} as const;

const SELLERS = {
  relation: "features.next_best_popular",
  names: [
    "customer_count",
    "trial_count",
    "hit_count",
    "any_hit_count",
    "expected_rate",
    "any_expected_rate",
  ],
} as const;

/** Columns of those rows that a snapshot may know. */
async function learntFor(
  context: NextBestContext,
  place: number,
  { relation, names }: typeof PAIRS | typeof GROUPS | typeof SELLERS,
): Promise<Columns> {
  const table = await context.table(relation, names, `learn_for = ${place}`);
  return (name) => numbers(table, name);
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
      popular_weight: Float64Array.of(turn.popularWeight),
      any_weight: Float64Array.of(turn.anyWeight),
      min_probability: Float64Array.of(turn.min_probability),
    }),
  );
}

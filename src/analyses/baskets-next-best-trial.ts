import { CONTENDERS, type Contender, type OfferSums } from "../models/offer-trial.js";
import { numbers, onlyNumber, texts } from "../table.js";
import type { BasketsConfig } from "./baskets-config.js";
import type { NextBestContext } from "./baskets-next-best-config.js";
import { buildCandidates, learn } from "./baskets-next-best-learning.js";

const TRIED_OFFERS = 10;

/** What each way of choosing brought on the horizon behind a snapshot. */
export async function tried(
  context: NextBestContext,
  place: number,
  config: BasketsConfig,
): Promise<OfferSums[]> {
  await learn(context, config, { place, ships: "all", offerCount: TRIED_OFFERS });
  await buildCandidates(context);
  await context.build("next_best_trial");
  return readTrial(context);
}

/** The day of a snapshot, if there is one behind it to learn from. */
export async function trialDateOf(context: NextBestContext, place: number): Promise<string | undefined> {
  const table = await context.measure("features.next_best_snapshots", {
    trial_date: `max(case when place = ${place} then to_key(snapshot_date) end)`,
    learnt: `count(case when place = ${place + 1} then 1 end)`,
  });
  return onlyNumber(table, "learnt") === 0 ? undefined : (texts(table, "trial_date")[0] ?? undefined);
}

const SUMS = {
  offerCount: "offer_count",
  customerCount: "customer_count",
  hitCount: "hit_count",
  expectedCount: "expected_count",
  cameCount: "came_count",
  amount: "amount",
  amountSquares: "amount_squares",
  differenceAmount: "difference_amount",
  differenceSquares: "difference_squares",
  differenceCount: "difference_count",
} as const satisfies Record<Exclude<keyof OfferSums, "contender">, string>;

async function readTrial(context: NextBestContext): Promise<OfferSums[]> {
  const table = await context.table("results.next_best_trial");
  const columns = Object.entries(SUMS).map(([sum, column]) => [sum, numbers(table, column)] as const);
  const sumsOf = (row: number) =>
    Object.fromEntries(columns.map(([sum, values]) => [sum, values[row]!])) as Record<
      keyof typeof SUMS,
      number
    >;
  const rows = texts(table, "contender").map((contender, row) => ({
    contender: contender as Contender,
    ...sumsOf(row),
  }));
  const placeOf = ({ contender }: OfferSums) => CONTENDERS.indexOf(contender);
  return rows.sort((a, b) => a.offerCount - b.offerCount || placeOf(a) - placeOf(b));
}

import { GRADED_OFFERS, type Contender, type OfferResult } from "../models/offer-trial.js";
import { shown } from "../section-part.js";
import type { NextBestContext } from "./baskets-next-best-config.js";
import type { NextBestFindings } from "./baskets-next-best.js";

/** What is known of what is offered. */
export interface OfferBasis {
  /** False where nobody knows what a product brings: probability ranks, purchases grade. */
  readonly hasMoney: boolean;
  /** True for a bare file, which has no lists. */
  readonly isFile: boolean;
}

/** What the part of the report on offers tells of. */
export interface Told {
  readonly context: NextBestContext;
  readonly findings: NextBestFindings;
  readonly basis: OfferBasis;
  readonly sums: {
    /** Customers who have bought by today. */
    readonly buyerCount: number;
    /** Of them those with an offer. */
    readonly customerCount: number;
    readonly money: number;
    /** Of those with an offer those who may be contacted on any channel. */
    readonly permittedCount: number;
    readonly permittedMoney: number;
  };
}

/** A count, as people see it. */
export const whole = ({ context }: Told, value: number) => shown(context.run, value, "integer");

/** Money, as people see it. */
export const money = ({ context }: Told, value: number) => shown(context.run, value, "money");

/** What that money is: margin, or revenue where no cost is known. */
export const worth = ({ context, findings }: Told) =>
  context.texts.nextBest.worth[findings.money.isRevenue ? "revenue" : "margin"];

/** A share, as people see it. */
export const percent = ({ context }: Told, value: number) => shown(context.run, value, "percent");

/** How a way of choosing did with as many offers as are graded. */
export function resultOf({ findings }: Told, contender: Contender): OfferResult | undefined {
  return findings.verdict.results.find(
    (result) => result.contender === contender && result.offerCount === GRADED_OFFERS,
  );
}

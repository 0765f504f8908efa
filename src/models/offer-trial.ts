import { normalEstimate, shareEstimate, type Estimate } from "../math/estimate.js";
import { gradeOf, type Grade } from "./call-list.js";

/** Ways to choose what to offer: what was learnt, what sells best, what the customer bought most. */
export const CONTENDERS = ["model", "popular", "repeats"] as const;
/** One of them. */
export type Contender = (typeof CONTENDERS)[number];
/** How many offers a customer they are tried with. */
export const OFFER_COUNTS = [1, 5, 10] as const;
/** The number of offers that the grade goes by. */
export const GRADED_OFFERS = 5;

/** Sums over the customers of a trial, of one way with so many offers each. */
export interface OfferSums {
  readonly contender: Contender;
  readonly offerCount: number;
  readonly customerCount: number;
  /** Customers who bought at least one of the offers. */
  readonly hitCount: number;
  /** Purchases of offers foretold, and those that came. */
  readonly expectedCount: number;
  readonly cameCount: number;
  /** Margin of the offers that were bought, and the sum of its squares, customer by customer. */
  readonly amount: number;
  readonly amountSquares: number;
  /** What the model's offers brought more; and on how many customers they differ. */
  readonly differenceAmount: number;
  readonly differenceSquares: number;
  readonly differenceCount: number;
}

/** How one way did. */
export interface OfferResult extends OfferSums {
  /** Share of the customers who bought one of the offers. */
  readonly hitRate: Estimate;
  /** Margin for a hundred customers. */
  readonly margin: Estimate;
}

/** What the trial says. */
export interface OfferVerdict {
  readonly results: readonly OfferResult[];
  /** Undefined where nobody could be tried. */
  readonly grade: Grade | undefined;
  /** The better of the simple ways, in money. */
  readonly rival: Exclude<Contender, "model">;
  /** What the model brings more than it, for a hundred customers. */
  readonly gain: Estimate;
  readonly ships: Contender;
}

const LEAST_DIFFERENCES = 10;

/**
 * Grades the model in money against the better of the simple ways, at five offers a customer: the interval is that of the
 * mean difference, customer by customer. It ships with A and B; else the better simple way does. Without a trial what
 * sells best ships.
 */
export function judgeOffers(sums: readonly OfferSums[]): OfferVerdict {
  const results = sums.map(resultOf);
  const of = (contender: Contender) =>
    results.find((result) => result.contender === contender && result.offerCount === GRADED_OFFERS);
  const [model, popular, repeats] = CONTENDERS.map(of);
  const rival = (repeats?.amount ?? 0) > (popular?.amount ?? 0) ? repeats : popular;
  const rivalName = rival?.contender === "repeats" ? "repeats" : "popular";
  if (model === undefined || rival === undefined || model.customerCount === 0)
    return { results: [], grade: undefined, rival: rivalName, gain: meanEstimate(0, 0, 0), ships: "popular" };
  const gain = meanEstimate(rival.differenceAmount, rival.differenceSquares, rival.customerCount);
  const grade =
    rival.differenceCount < LEAST_DIFFERENCES
      ? "C"
      : gradeOf(gain, model.margin.estimate, rival.margin.estimate);
  return {
    results,
    grade,
    rival: rivalName,
    gain,
    ships: grade === "A" || grade === "B" ? "model" : rivalName,
  };
}

const resultOf = (sums: OfferSums): OfferResult => ({
  ...sums,
  hitRate: shareEstimate(sums.hitCount, sums.customerCount),
  margin: meanEstimate(sums.amount, sums.amountSquares, sums.customerCount),
});

/** The mean for a hundred customers. */
function meanEstimate(sum: number, squares: number, count: number): Estimate {
  if (count === 0) return { estimate: NaN, low: NaN, high: NaN };
  const mean = sum / count;
  const variance = Math.max(0, squares / count - mean ** 2) / Math.max(1, count - 1);
  return normalEstimate(100 * mean, 100 * Math.sqrt(variance));
}

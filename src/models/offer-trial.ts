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

/** What is settled on an earlier period: the one that is reported may take the model off, not put it on. */
export interface OfferChoice {
  /** The better of the simple ways, in money. */
  readonly rival: Exclude<Contender, "model">;
  /** The model where it surely brought more than that, else that. */
  readonly ships: Contender;
}

/** Where no earlier period is known. */
export const DEFAULT_CHOICE: OfferChoice = { rival: "popular", ships: "popular" };

/** What the trial says. */
export interface OfferVerdict extends OfferChoice {
  readonly results: readonly OfferResult[];
  /** Undefined where nobody could be tried. */
  readonly grade: Grade | undefined;
  /** What the model brings more than the rival, for a hundred customers. */
  readonly gain: Estimate;
}

const LEAST_DIFFERENCES = 10;

/** Chooses what to offer by an earlier period; without anybody to try it on, the default. */
export function chooseOffers(sums: readonly OfferSums[]): OfferChoice {
  const amountOf = (contender: Contender) => gradedOf(sums.map(resultOf), contender)?.amount ?? 0;
  const rival = amountOf("repeats") > amountOf("popular") ? "repeats" : "popular";
  const { grade } = judgeOffers(sums, { rival, ships: "model" });
  return grade === undefined ? DEFAULT_CHOICE : { rival, ships: isSurelyBetter(grade) ? "model" : rival };
}

/**
 * Grades the model in money against the simple way that was chosen before, at five offers a customer: the interval is that
 * of the mean difference, customer by customer. What was chosen ships; a model only with A or B, else the simple way.
 */
export function judgeOffers(sums: readonly OfferSums[], choice: OfferChoice = DEFAULT_CHOICE): OfferVerdict {
  const results = sums.map(resultOf);
  const [model, rival] = [gradedOf(results, "model"), gradedOf(results, choice.rival)];
  if (model === undefined || rival === undefined || model.customerCount === 0)
    return { ...DEFAULT_CHOICE, results: [], grade: undefined, gain: meanEstimate(0, 0, 0) };
  const gain = meanEstimate(rival.differenceAmount, rival.differenceSquares, rival.customerCount);
  const grade =
    rival.differenceCount < LEAST_DIFFERENCES
      ? "C"
      : gradeOf(gain, model.margin.estimate, rival.margin.estimate);
  const isHeld = choice.ships !== "model" || isSurelyBetter(grade);
  return { ...choice, results, grade, gain, ships: isHeld ? choice.ships : choice.rival };
}

const isSurelyBetter = (grade: Grade) => grade === "A" || grade === "B";

const gradedOf = (results: readonly OfferResult[], contender: Contender) =>
  results.find((result) => result.contender === contender && result.offerCount === GRADED_OFFERS);

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

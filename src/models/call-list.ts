import { normalEstimate, type Estimate } from "../math/estimate.js";

/** What a call costs and how often it helps. */
export interface CallTerms {
  /** Share of the leavers who are called and therefore stay, 0–1. */
  readonly successRate: number;
  /** Money. */
  readonly contactCost: number;
}

/** Customers whose story is known. */
export interface TestedCustomers {
  /** 1 where the customer left. */
  readonly outcomes: Uint8Array;
  /** Money that goes with each; what is not above 0, or not known, is nothing to lose. */
  readonly contributions: Float64Array;
}

/** Whom to call first: the greater number; equal ones have equal claims, and chance picks. */
export type CallOrder = Float64Array;

/** What goes if the customer goes. */
const stakeOf = (contribution: number) => (contribution > 0 ? contribution : 0);

/** The model's order: by expected loss, probability × contribution at stake. */
export function modelOrder(probabilities: Float64Array, contributions: Float64Array): CallOrder {
  return probabilities.map((probability, row) => probability * stakeOf(contributions[row]!));
}

/** The order of a rule that only says yes or no: those it flags before the others, among equals most money first. */
export function ruleOrder(isFlagged: Uint8Array, contributions: Float64Array): CallOrder {
  const stakes = contributions.map(stakeOf);
  const places = new Map([...new Set(stakes)].sort((a, b) => a - b).map((stake, place) => [stake, place]));
  return stakes.map((stake, row) => (isFlagged[row] === 1 ? places.size : 0) + places.get(stake)!);
}

/**
 * The chance of each customer to be among the first `count` of an order: 1 or 0, or between where the last places are
 * shared by more customers than there are places.
 *
 * @throws RangeError for an order that holds NaN, and for a count that is not a whole number
 */
export function chancesToBeCalled(order: CallOrder, count: number): Float64Array {
  if (order.some(Number.isNaN)) throw new RangeError("a place in the order is NaN");
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`${count} customers cannot be called`);
  if (count === 0) return new Float64Array(order.length);
  const last = order.toSorted().at(-Math.min(count, order.length))!;
  const aboveCount = order.reduce((sum, place) => sum + (place > last ? 1 : 0), 0);
  const tiedCount = order.reduce((sum, place) => sum + (place === last ? 1 : 0), 0);
  const chance = Math.min(1, (count - aboveCount) / tiedCount);
  return order.map((place) => (place > last ? 1 : place === last ? chance : 0));
}

/**
 * What calling each customer would have earned: success rate × contribution for a leaver, less the cost of the call.
 */
function profitsOf({ outcomes, contributions }: TestedCustomers, terms: CallTerms): Float64Array {
  return contributions.map(
    (amount, row) => outcomes[row]! * stakeOf(amount) * terms.successRate - terms.contactCost,
  );
}

/** A call to the first `count` of an order. */
export interface CallList {
  readonly order: CallOrder;
  readonly count: number;
}

/**
 * The contribution that a list would have saved among customers whose story is known, less its cost, in money; where the
 * last places are shared, what is to be expected if chance picks. The interval is that of a sum over independent
 * customers.
 */
export function savedByList(
  { order, count }: CallList,
  customers: TestedCustomers,
  terms: CallTerms,
): Estimate {
  const chances = chancesToBeCalled(order, count);
  return sumEstimate(profitsOf(customers, terms).map((profit, row) => chances[row]! * profit));
}

/** A sum over customers drawn independently; rows are added by size, so that their order changes no digit. */
function sumEstimate(amounts: Float64Array): Estimate {
  const sorted = amounts.toSorted();
  const sum = sorted.reduce((total, amount) => total + amount, 0);
  const mean = sum / sorted.length;
  const squares = sorted.reduce((total, amount) => total + (amount - mean) ** 2, 0);
  const variance = (squares * sorted.length) / (sorted.length - 1);
  return normalEstimate(sum, Math.sqrt(variance));
}

/** How many to call, and what that is expected to earn. */
export interface CallCount {
  readonly count: number;
  /** Money, after the cost of the calls. */
  readonly expectedProfit: number;
}

/**
 * The number of calls that is expected to earn most: everybody whose probability × contribution × success rate is more than
 * a call costs. They are the first of {@link modelOrder}.
 */
export function bestCallCount(
  probabilities: Float64Array,
  contributions: Float64Array,
  { successRate, contactCost }: CallTerms,
): CallCount {
  const profits = modelOrder(probabilities, contributions).map((loss) => loss * successRate - contactCost);
  const worthwhile = profits.filter((profit) => profit > 0).sort();
  return {
    count: worthwhile.length,
    expectedProfit: worthwhile.reduce((sum, profit) => sum + profit, 0),
  };
}

/** From much better than the rule to worse. */
export const GRADES = ["A", "B", "C", "D"] as const;
/** One of them. */
export type Grade = (typeof GRADES)[number];

/** The list of a model against the rule's list of the same length, on customers whose story is known. */
export interface MoneyGrade {
  readonly grade: Grade;
  /** Which of the two makes the list. */
  readonly ships: "model" | "rule";
  readonly count: number;
  /** Contribution saved less the cost of the calls, in money. */
  readonly model: Estimate;
  readonly rule: Estimate;
  /** What the model's list earns more than the rule's. */
  readonly gain: Estimate;
}

/** A gain of this share of the rule's profit is large. */
const LARGE_GAIN = 0.2;
/** With fewer leavers on one list and not the other the interval cannot be relied on. */
const LEAST_LEAVERS = 10;

/**
 * Grades a model in money. A: surely better than the rule, by a fifth of the rule's profit or more, and profitable; B: surely
 * better; C: no difference that chance could not make; D: surely worse. With A and B the model makes the list, else the
 * rule.
 *
 * Both lists meet the same customers, so the interval is that of the sum of differences, customer by customer, between what
 * either list earned; most are 0, and what they share cancels. It is normal rather than from a bootstrap: the same
 * digits every time. The lists' ends count as given; at the length that earns most, the last customer just pays for the
 * call and the end adds nothing to the variance. A list so long that its last customers cost much more than they bring has
 * too wide an interval. Fewer than ten leavers on one list and not on the other make it a C.
 *
 * Where a few customers hold most of the money the interval is too narrow: with money log-normal at σ = 1.2 and 500
 * customers it held the truth 85–96 times in 100 in simulations. It then mostly lay too low, which withholds an A; where the
 * model overlooks the largest customers it lay too high, and a model no better than the rule made the list up to 6
 * times in 100, not 2.5.
 */
export function gradeAgainstRule(
  orders: { readonly model: CallOrder; readonly rule: CallOrder },
  customers: TestedCustomers,
  { count, ...terms }: CallTerms & { readonly count: number },
): MoneyGrade {
  const [ofModel, ofRule] = [chancesToBeCalled(orders.model, count), chancesToBeCalled(orders.rule, count)];
  const differences = ofModel.map((chance, row) => chance - ofRule[row]!);
  const gain = sumEstimate(profitsOf(customers, terms).map((profit, row) => differences[row]! * profit));
  const leaverCount = differences
    .map((difference, row) => Math.abs(difference) * customers.outcomes[row]!)
    .sort()
    .reduce((sum, leavers) => sum + leavers, 0);
  const model = savedByList({ order: orders.model, count }, customers, terms);
  const rule = savedByList({ order: orders.rule, count }, customers, terms);
  const grade = leaverCount < LEAST_LEAVERS ? "C" : gradeOf(gain, model.estimate, rule.estimate);
  return { grade, ships: grade === "A" || grade === "B" ? "model" : "rule", count, model, rule, gain };
}

/** A: surely better by a fifth of the rule’s profit or more; B: surely better; C: it could be chance; D: surely worse. */
export function gradeOf(gain: Estimate, modelProfit: number, ruleProfit: number): Grade {
  if (gain.high < 0) return "D";
  if (!(gain.low > 0)) return "C";
  return modelProfit > 0 && gain.estimate >= LARGE_GAIN * Math.max(0, ruleProfit) ? "A" : "B";
}

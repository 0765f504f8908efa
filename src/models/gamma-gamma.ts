import type { SmoothFunction } from "../math/bfgs.js";
import { digamma, logGamma } from "../math/gamma.js";
import { numberSql } from "../sql.js";
import { fitParameters, type FittedParameters } from "./likelihood.js";

/*
 * Gamma-Gamma: a customer's orders have amounts z that are Gamma(p, ν), of mean p/ν, and ν is Gamma(q, γ) over
 * customers. The mean of x orders is Gamma(px, νx), so after x orders of mean m
 *
 *   ν | x, m is Gamma(a, b) with a = q + px and b = γ + xm,
 *
 * from which all below follows by E(1/ν) = b/(a − 1) and E(1/ν²) = b²/((a − 1)(a − 2)).
 */

/** What customers spent, a row a customer or a group of customers with the same numbers. */
export interface Spending {
  /** Orders of one customer (x), at least 1. */
  readonly orderCounts: Float64Array;
  /** The mean amount of these orders (m), above 0. */
  readonly meanAmounts: Float64Array;
  /** Customers of the row. */
  readonly customerCounts: Float64Array;
}

/** One customer's spending; with no orders the mean amount does not matter. */
export interface CustomerSpending {
  readonly orderCount: number;
  readonly meanAmount: number;
}

/** A fitted model of amounts: plain data, as it goes to `models.json`. */
export interface SpendingModel extends Omit<FittedParameters, "logs"> {
  readonly name: "gamma-gamma";
  /** By the symbols of the paper; gamma in the unit of the amounts. */
  readonly parameters: Readonly<Record<"p" | "q" | "gamma", number>>;
}

const NAMES = ["p", "q", "gamma"] as const;
/** Rows that every start is tried on when there are more. */
const ROUGH_ROWS = 500;
/** Amounts that vary much or little within customers and between them. */
const STARTS = [
  { p: 4, q: 3 },
  { p: 1, q: 1.5 },
  { p: 30, q: 10 },
];

/**
 * Gamma-Gamma by maximum likelihood, with covariance of the logarithms of p, q and γ. It takes for granted that
 * how much customers spend an order does not go with how often they order. Rows without an order or with an amount
 * of 0 or less are left out; without any row left `isConverged` is false and the parameters are a mere start.
 * Where all amounts are alike p and q have no largest likelihood and are stopped at an edge, named in `boundary`.
 *
 * @see Fader, Hardie & Lee (2005), "RFM and CLV", Journal of Marketing Research 42(4); Fader & Hardie (2013),
 * "The Gamma-Gamma Model of Monetary Value", (1a)
 */
export function fitGammaGamma(spending: Spending): SpendingModel {
  const rows = usableRows(spending);
  const unit = geometricMean(spending, rows);
  const tables = tablesOf(spending, rows, unit);
  const stride = Math.ceil(rows.length / ROUGH_ROWS);
  const rough = rows.filter((_, i) => i % stride === 0);
  const { logs, logLikelihood, ...fitted } = fitParameters({
    names: NAMES,
    loss: lossOf(tables),
    ...(stride > 1 ? { roughLoss: lossOf(tablesOf(spending, rough, unit)) } : {}),
    starts: STARTS.map(({ p, q }) => [p, q, q / p].map(Math.log)),
    customerCount: tables.customerCount,
  });
  const [p, q, gamma] = [...logs].map(Math.exp) as [number, number, number];
  return {
    name: "gamma-gamma",
    parameters: { p, q, gamma: gamma * unit },
    ...fitted,
    logLikelihood: logLikelihood - tables.logAmountSum - tables.customerCount * Math.log(unit),
    isConverged: fitted.isConverged && tables.customerCount > 0,
  };
}

function usableRows({ orderCounts, meanAmounts, customerCounts }: Spending): Int32Array {
  const isUsable = (_: number, i: number) =>
    orderCounts[i]! > 0 &&
    meanAmounts[i]! > 0 &&
    customerCounts[i]! > 0 &&
    Number.isFinite(orderCounts[i]! * meanAmounts[i]! * customerCounts[i]!);
  return Int32Array.from(orderCounts, (_, i) => i).filter(isUsable);
}

function geometricMean({ meanAmounts, customerCounts }: Spending, rows: Int32Array): number {
  const customerCount = rows.reduce((sum, i) => sum + customerCounts[i]!, 0);
  return Math.exp(
    rows.reduce((sum, i) => sum + Math.log(meanAmounts[i]!) * (customerCounts[i]! / customerCount), 0),
  );
}

interface Tables {
  readonly customerCount: number;
  /** Σ ln m */
  readonly logAmountSum: number;
  /** xm */
  readonly totals: Float64Array;
  readonly weights: Float64Array;
  /** The distinct numbers of orders, their customers, and the place of each row's. */
  readonly counts: Float64Array;
  readonly countWeights: Float64Array;
  readonly places: Int32Array;
  /** Σ over the customers of a number of orders, written over: ln(1 + γ/xm), and what p and q have of a customer. */
  readonly sums: Float64Array;
}

function tablesOf(spending: Spending, rows: Int32Array, unit: number): Tables {
  const weights = Float64Array.from(rows, (i) => spending.customerCounts[i]!);
  const amounts = Float64Array.from(rows, (i) => spending.meanAmounts[i]! / unit);
  const orderCounts = Float64Array.from(rows, (i) => spending.orderCounts[i]!);
  const placeOf = new Map<number, number>();
  orderCounts.forEach((count) => placeOf.has(count) || placeOf.set(count, placeOf.size));
  const places = Int32Array.from(orderCounts, (count) => placeOf.get(count)!);
  const countWeights = new Float64Array(placeOf.size);
  places.forEach((place, i) => (countWeights[place]! += weights[i]!));
  return {
    customerCount: weights.reduce((sum, weight) => sum + weight, 0),
    logAmountSum: amounts.reduce((sum, amount, i) => sum + weights[i]! * Math.log(amount), 0),
    totals: amounts.map((amount, i) => amount * orderCounts[i]!),
    weights,
    counts: Float64Array.from(placeOf.keys()),
    countWeights,
    places,
    sums: new Float64Array(placeOf.size),
  };
}

/**
 * Minus the mean of ln Γ(px + q) − ln Γ(px) − ln Γ(q) − px ln(1 + γ/xm) − q ln(1 + xm/γ) a customer, of ln p, ln q and
 * ln γ, with its gradient.
 */
function lossOf(tables: Tables): SmoothFunction {
  const scale = -1 / Math.max(tables.customerCount, 1);
  return (point, slope) => {
    const [p, q, gamma] = [...point].map(Math.exp) as [number, number, number];
    slope.fill(0);
    let value = addAmounts(tables, { p, q, gamma }, slope);
    value += addCounts(tables, { p, q, gamma }, slope);
    for (let i = 0; i < slope.length; i++) slope[i]! *= scale;
    return value * scale;
  };
}

type Parameters = SpendingModel["parameters"];

function addAmounts(
  { totals, weights, places, counts, sums }: Tables,
  at: Parameters,
  slope: Float64Array,
): number {
  const { p, q, gamma } = at;
  let logSmall = 0;
  let pull = 0;
  sums.fill(0);
  for (let i = 0; i < totals.length; i++) {
    const total = totals[i]!;
    const place = places[i]!;
    const weight = weights[i]!;
    const log = Math.log1p(gamma / total);
    sums[place]! += weight * log;
    logSmall += weight * (log + Math.log(total / gamma));
    pull += (weight * (q * total - p * counts[place]! * gamma)) / (gamma + total);
  }
  const logLarge = sums.reduce((sum, log, place) => sum + log * counts[place]!, 0);
  slope[0]! -= p * logLarge;
  slope[1]! -= q * logSmall;
  slope[2]! += pull;
  return -p * logLarge - q * logSmall;
}

function addCounts({ counts, countWeights }: Tables, { p, q }: Parameters, slope: Float64Array): number {
  const [logOwn, slopeOwn] = [logGamma(q), digamma(q)];
  let value = 0;
  for (let i = 0; i < counts.length; i++) {
    const shape = p * counts[i]!;
    const weight = countWeights[i]!;
    const slopeAll = digamma(shape + q);
    value += weight * (logGamma(shape + q) - logGamma(shape) - logOwn);
    slope[0]! += weight * shape * (slopeAll - digamma(shape));
    slope[1]! += weight * q * (slopeAll - slopeOwn);
  }
  return value;
}

/** a and b of a customer's ν after what was spent. */
function posterior({ parameters }: SpendingModel, { orderCount, meanAmount }: CustomerSpending) {
  const { p, q, gamma } = parameters;
  return { p, a: q + p * orderCount, b: gamma + (orderCount > 0 ? orderCount * meanAmount : 0) };
}

/**
 * What a customer's orders are worth on average: E(M | m, x) = p b/(a − 1). It lies between what the customer spent so
 * far and the mean of all, nearer to the first the more orders there were.
 *
 * @returns in the unit of the amounts; undefined where there is no such mean, as a ≤ 1
 * @see Fader & Hardie (2013), (5)
 */
export function expectedMean(model: SpendingModel, spending: CustomerSpending): number | undefined {
  const { p, a, b } = posterior(model, spending);
  return a > 1 ? (p * b) / (a - 1) : undefined;
}

/** The mean amount of an order of somebody new, pγ/(q − 1); undefined for q ≤ 1, where the base has no mean. */
export function populationMean(model: SpendingModel): number | undefined {
  return expectedMean(model, { orderCount: 0, meanAmount: 0 });
}

/**
 * How uncertain a customer's own mean amount p/ν is, given what was spent: Var(p/ν) = E(M)²/(a − 2).
 *
 * @returns the variance, in the squared unit; undefined where there is none, as a ≤ 2
 */
export function meanVariance(model: SpendingModel, spending: CustomerSpending): number | undefined {
  const { p, a, b } = posterior(model, spending);
  return a > 2 ? ((p * b) / (a - 1)) ** 2 / (a - 2) : undefined;
}

/** The columns or expressions of `CustomerSpending` in SQL, as numbers. */
export type SpendingSql = Readonly<Record<keyof CustomerSpending, string>>;

/** `expectedMean` as SQL; null where it is undefined. */
export function expectedMeanSql({ parameters }: SpendingModel, columns: SpendingSql): string {
  const [p, q, gamma] = NAMES.map((name) => numberSql(parameters[name]));
  const a = `(${q} + ${p} * (${columns.orderCount}))`;
  const spent = `case when (${columns.orderCount}) > 0 then (${columns.orderCount}) * (${columns.meanAmount}) else 0e0 end`;
  return `case when ${a} > 1e0 then ${p} * (${gamma} + ${spent}) / (${a} - 1e0) end`;
}

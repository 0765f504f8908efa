import type { SmoothFunction } from "../math/bfgs.js";
import { digamma, logGamma } from "../math/gamma.js";
import { emptyPowerTail, powerTail, type PowerProduct, type PowerTail } from "../math/power-tail.js";
import { fitParameters, purchaseModel } from "./likelihood.js";
import type { PurchaseHistories, PurchaseHistory, PurchaseModel, PurchaseProcess } from "./purchases.js";

/*
 * Pareto/NBD: while alive, a customer orders at a rate λ that is Gamma(r, α) over customers, and drops out at a rate
 * μ that is Gamma(s, β). What follows the last order is one of two things: dropping out, at a time from t_x on, or an
 * order after T. So, with Γ(r + x)/Γ(r) αʳ βˢ left out, a history has the likelihood
 *
 *   s ∫_{t_x}^∞ (α + y)^−(r+x) (β + y)^−(s+1) dy + (r + x) ∫_T^∞ (α + y)^−(r+x+1) (β + y)^−s dy,
 *
 * which is the published one with the difference in its A₀ taken apart by parts: two positive terms, so that nothing
 * cancels, and each of a count and one age only, so that few distinct ones serve many histories.
 */

/** The parameters by the symbols of the papers. */
interface Parameters {
  readonly r: number;
  readonly alpha: number;
  readonly s: number;
  readonly beta: number;
}

const NAMES = ["r", "alpha", "s", "beta"] as const;

/** Rows that every start is tried on when there are more. */
const ROUGH_ROWS = 500;
/**
 * Shapes beyond e⁷ are as good as infinite, rates varying by 3 % over customers: a wall rises softly, since further
 * on a likelihood is flat and slow to compute.
 */
const SHAPE_WALL = 7;
const EDGE_SHAPE = Math.exp(SHAPE_WALL - 0.5);
/** Who drops out so rarely that fewer than this share are gone at the longest age does not drop out. */
const LEAST_DROPOUT = 1e-3;

/**
 * Pareto/NBD by maximum likelihood: r, α (rates of orders) and s, β (rates of dropout), one unit of α and β being that
 * of the ages. P(alive) has no aliveSql; it is computed on the distinct histories.
 *
 * @see Schmittlein, Morrison & Colombo (1987), "Counting Your Customers", Management Science 33(1); Fader & Hardie
 * (2005), "A Note on Deriving the Pareto/NBD Model and Related Expressions": §3 likelihood, §4 mean, §5 P(alive),
 * §6 conditional expectation
 */
export const paretoNbd: PurchaseProcess = {
  fit: fitParetoNbd,
  aliveProbability: (model, history) => aliveProbability(parametersOf(model), history),
  expectedCount: (model, history, horizon) => expectedCount(parametersOf(model), history, horizon),
  newcomerCount: (model, span) => {
    const { r, alpha, s, beta } = parametersOf(model);
    return (r / alpha) * beta * expectedLife(s, span / beta);
  },
  aliveSql: () => undefined,
};

function parametersOf({ parameters }: PurchaseModel): Parameters {
  const [r, alpha, s, beta] = NAMES.map((name) => parameters[name] ?? NaN) as [
    number,
    number,
    number,
    number,
  ];
  return { r, alpha, s, beta };
}

/** ∫₀^span (1 + y)^−s dy, the expected part of `span` alive with a dropout rate that is Gamma(s, 1). */
function expectedLife(s: number, span: number): number {
  const log = Math.log1p(span);
  return s === 1 ? log : -Math.expm1((1 - s) * log) / (s - 1);
}

function expectedCount(parameters: Parameters, history: PurchaseHistory, horizon: number): number {
  const { r, alpha, s, beta } = parameters;
  const rate = (r + history.repeatCount) / (alpha + history.age);
  const alive = aliveProbability(parameters, history);
  return rate * (beta + history.age) * expectedLife(s, horizon / (beta + history.age)) * alive;
}

function aliveProbability(parameters: Parameters, { repeatCount, lastAge, age }: PurchaseHistory): number {
  const work = workplace();
  const left = logEnding(parameters, { repeatCount, age: lastAge, isOrder: false }, work);
  const stayed = logEnding(parameters, { repeatCount, age, isOrder: true }, work);
  const high = Math.max(left, stayed);
  const all = high + Math.log1p(Math.exp(Math.min(left, stayed) - high));
  return Math.min(1, Math.exp(logSurvival(parameters, repeatCount, age) - all));
}

/** ln αʳ βˢ (α + T)^−(r+x) (β + T)^−s */
function logSurvival({ r, alpha, s, beta }: Parameters, repeatCount: number, age: number): number {
  return -r * Math.log1p(age / alpha) - s * Math.log1p(age / beta) - repeatCount * Math.log(alpha + age);
}

/** How a history may have gone on after an age: by an order, or by dropping out. */
interface Ending {
  repeatCount: number;
  age: number;
  isOrder: boolean;
}

/** What is written over for every ending. */
interface Workplace {
  readonly product: PowerProduct;
  readonly tail: PowerTail;
}

const workplace = (): Workplace => ({
  product: { large: 1, largePower: 1, small: 1, smallPower: 1 },
  tail: emptyPowerTail(),
});

/** ln of a term of the likelihood, αʳ βˢ included; leaves its `powerTail` in `tail`. */
function logEnding(parameters: Parameters, ending: Ending, { product, tail }: Workplace): number {
  const { r, alpha, s, beta } = parameters;
  const { repeatCount, age, isOrder } = ending;
  const isAlphaLarge = alpha >= beta;
  const rate = r + repeatCount;
  const alphaPower = isOrder ? rate + 1 : rate;
  const betaPower = isOrder ? s : s + 1;
  product.large = (isAlphaLarge ? alpha : beta) + age;
  product.small = (isAlphaLarge ? beta : alpha) + age;
  product.largePower = isAlphaLarge ? alphaPower : betaPower;
  product.smallPower = isAlphaLarge ? betaPower : alphaPower;
  powerTail(product, tail);
  const edge = isAlphaLarge === isOrder ? product.small / product.large : 1;
  return tail.log + Math.log((isOrder ? rate : s) * edge) + logSurvival(parameters, repeatCount, age);
}

/** The distinct endings of one kind, and what is known of each at one set of parameters. */
interface Endings {
  readonly isOrder: boolean;
  readonly repeatCounts: Float64Array;
  readonly ages: Float64Array;
  /** The ending of each history. */
  readonly places: Int32Array;
  readonly logs: Float64Array;
  /** Derivatives of the logarithms by ln r, ln α, ln s and ln β. */
  readonly slopes: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  /** Customers who had this ending rather than the other, by the parameters. */
  readonly shares: Float64Array;
}

interface Tables {
  /** Customers of each history. */
  readonly weights: Float64Array;
  readonly customerCount: number;
  readonly orderCount: number;
  readonly ageSum: number;
  readonly longestAge: number;
  /** Customers by distinct number of repeat orders, ascending. */
  readonly counts: readonly (readonly [repeatCount: number, customerCount: number])[];
  readonly dropouts: Endings;
  readonly orders: Endings;
}

function fitParetoNbd(histories: PurchaseHistories): PurchaseModel {
  const rows = usableRows(histories);
  const unit = meanAge(histories, rows) || 1;
  const tables = tablesOf(histories, rows, unit);
  const stride = Math.ceil(rows.length / ROUGH_ROWS);
  const rough = rows.filter((_, i) => i % stride === 0);
  const fitted = fitParameters({
    names: NAMES,
    loss: lossOf(tables),
    ...(stride > 1 ? { roughLoss: lossOf(tablesOf(histories, rough, unit)) } : {}),
    starts: startsFor(tables),
    customerCount: tables.customerCount,
  });
  const [r, alpha, s, beta] = [...fitted.logs].map(Math.exp) as [number, number, number, number];
  const boundary = edgeOf({ r, alpha, s, beta }, tables.longestAge);
  return purchaseModel(
    "pareto-nbd",
    { r, alpha: alpha * unit, s, beta: beta * unit },
    {
      ...fitted,
      logLikelihood: fitted.logLikelihood - tables.orderCount * Math.log(unit),
      isConverged: fitted.isConverged && tables.ageSum > 0,
      ...(boundary === undefined ? {} : { boundary, logCovariance: undefined }),
    },
  );
}

function edgeOf({ r, s, beta }: Parameters, longestAge: number): string | undefined {
  const dropout = -Math.expm1(-s * Math.log1p(longestAge / beta));
  if (longestAge > 0 && dropout < LEAST_DROPOUT) return "s";
  if (Math.max(r, s) < EDGE_SHAPE) return undefined;
  return r > s ? "r" : "s";
}

function usableRows({ repeatCounts, lastAges, ages, customerCounts }: PurchaseHistories): Int32Array {
  const isUsable = (_: number, i: number) =>
    customerCounts[i]! > 0 &&
    repeatCounts[i]! >= 0 &&
    lastAges[i]! >= 0 &&
    ages[i]! >= lastAges[i]! &&
    Number.isFinite(customerCounts[i]! + repeatCounts[i]! + ages[i]!);
  return Int32Array.from(repeatCounts, (_, i) => i).filter(isUsable);
}

function meanAge({ ages, customerCounts }: PurchaseHistories, rows: Int32Array): number {
  const customerCount = rows.reduce((sum, i) => sum + customerCounts[i]!, 0);
  return rows.reduce((sum, i) => sum + ages[i]! * (customerCounts[i]! / customerCount), 0);
}

function tablesOf(histories: PurchaseHistories, rows: Int32Array, unit: number): Tables {
  const column = (values: Float64Array, divisor = 1) => Float64Array.from(rows, (i) => values[i]! / divisor);
  const weights = column(histories.customerCounts);
  const repeatCounts = column(histories.repeatCounts);
  const ages = column(histories.ages, unit);
  const counts = new Map<number, number>();
  repeatCounts.forEach((count, i) => counts.set(count, (counts.get(count) ?? 0) + weights[i]!));
  const total = (values: Float64Array) => values.reduce((sum, value, i) => sum + value * weights[i]!, 0);
  return {
    weights,
    customerCount: weights.reduce((sum, weight) => sum + weight, 0),
    orderCount: total(repeatCounts),
    ageSum: total(ages),
    longestAge: ages.reduce((longest, age) => Math.max(longest, age), 0),
    counts: [...counts].sort(([a], [b]) => a - b),
    dropouts: endingsOf(repeatCounts, column(histories.lastAges, unit), false),
    orders: endingsOf(repeatCounts, ages, true),
  };
}

function endingsOf(repeatCounts: Float64Array, ages: Float64Array, isOrder: boolean): Endings {
  const placesByCount = new Map<number, Map<number, number>>();
  const rows: number[] = [];
  const places = Int32Array.from(repeatCounts, (count, row) => {
    const placeByAge = placesByCount.get(count) ?? new Map<number, number>();
    if (placeByAge.size === 0) placesByCount.set(count, placeByAge);
    const place = placeByAge.get(ages[row]!) ?? rows.push(row) - 1;
    placeByAge.set(ages[row]!, place);
    return place;
  });
  const empty = () => new Float64Array(rows.length);
  return {
    isOrder,
    repeatCounts: Float64Array.from(rows, (row) => repeatCounts[row]!),
    ages: Float64Array.from(rows, (row) => ages[row]!),
    places,
    logs: empty(),
    slopes: [empty(), empty(), empty(), empty()],
    shares: empty(),
  };
}

/** Wide and narrow rates of orders and of dropout; each at about the base's own rate of orders. */
const STARTS = [
  { r: 0.6, s: 0.6, beta: 0.4 },
  { r: 2, s: 0.2, beta: 1 },
  { r: 1, s: 3, beta: 3 },
];

function startsFor({ orderCount, ageSum }: Tables): number[][] {
  const rate = (1.5 * Math.max(orderCount, 1e-3)) / (ageSum || 1);
  return STARTS.map(({ r, s, beta }) => [r, Math.min(Math.max(r / rate, 1e-5), 1e5), s, beta].map(Math.log));
}

/** Minus the mean log-likelihood a customer, of ln r, ln α, ln s and ln β, with its gradient. */
function lossOf(tables: Tables): SmoothFunction {
  const work = workplace();
  const scale = -1 / Math.max(tables.customerCount, 1);
  return (point, slope) => {
    slope.fill(0);
    const [r, alpha, s, beta] = [...point].map(Math.exp) as [number, number, number, number];
    const parameters = { r, alpha, s, beta };
    fillEndings(tables.dropouts, parameters, work);
    fillEndings(tables.orders, parameters, work);
    const value = addCounts(tables, r, slope) + addHistories(tables);
    addSlopes(tables.dropouts, slope);
    addSlopes(tables.orders, slope);
    for (let i = 0; i < slope.length; i++) slope[i]! *= scale;
    return value * scale + addWall(point, slope, 0) + addWall(point, slope, 2);
  };
}

function addWall(point: Float64Array, slope: Float64Array, shape: number): number {
  const excess = Math.max(0, point[shape]! - SHAPE_WALL);
  slope[shape]! += excess;
  return 0.5 * excess * excess;
}

function fillEndings(endings: Endings, parameters: Parameters, work: Workplace): void {
  const { r, alpha, s, beta } = parameters;
  const { repeatCounts, ages, isOrder, logs, slopes, shares } = endings;
  const { tail } = work;
  const isAlphaLarge = alpha >= beta;
  const ending: Ending = { repeatCount: 0, age: 0, isOrder };
  for (let i = 0; i < logs.length; i++) {
    ending.repeatCount = repeatCounts[i]!;
    ending.age = ages[i]!;
    logs[i] = logEnding(parameters, ending, work);
    const logAlpha = Math.log1p(ending.age / alpha) + (isAlphaLarge ? tail.logLarge : tail.logSmall);
    const logBeta = Math.log1p(ending.age / beta) + (isAlphaLarge ? tail.logSmall : tail.logLarge);
    slopes[0][i] = r * ((isOrder ? 1 / (r + ending.repeatCount) : 0) - logAlpha);
    slopes[1][i] = r - alpha * (isAlphaLarge ? tail.inverseLarge : tail.inverseSmall);
    slopes[2][i] = (isOrder ? 0 : 1) - s * logBeta;
    slopes[3][i] = s - beta * (isAlphaLarge ? tail.inverseSmall : tail.inverseLarge);
  }
  shares.fill(0);
}

/** Σ ln Γ(r + x)/Γ(r) */
function addCounts({ counts }: Tables, r: number, slope: Float64Array): number {
  let [value, before, log, inverse] = [0, 0, 0, 0];
  for (const [count, weight] of counts) {
    if (count - before > 100) {
      log += logGamma(r + count) - logGamma(r + before);
      inverse += digamma(r + count) - digamma(r + before);
    } else
      for (let n = before; n < count; n++) {
        log += Math.log(r + n);
        inverse += 1 / (r + n);
      }
    before = count;
    value += weight * log;
    slope[0]! += weight * r * inverse;
  }
  return value;
}

/** Σ ln of both terms together, and the customers' shares in each. */
function addHistories({ weights, dropouts, orders }: Tables): number {
  let value = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    const dropout = dropouts.places[i]!;
    const order = orders.places[i]!;
    const left = dropouts.logs[dropout]!;
    const stayed = orders.logs[order]!;
    const high = Math.max(left, stayed);
    const less = Math.exp(Math.min(left, stayed) - high);
    value += weight * (high + Math.log1p(less));
    const minor = (weight * less) / (1 + less);
    dropouts.shares[dropout]! += left < stayed ? minor : weight - minor;
    orders.shares[order]! += left < stayed ? weight - minor : minor;
  }
  return value;
}

function addSlopes({ slopes, shares }: Endings, slope: Float64Array): void {
  for (const [parameter, own] of slopes.entries()) {
    let sum = 0;
    for (let i = 0; i < own.length; i++) sum += shares[i]! * own[i]!;
    slope[parameter]! += sum;
  }
}

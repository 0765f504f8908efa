import type { SmoothFunction } from "../math/bfgs.js";
import { harmonicRising, logRising } from "../math/rising-factorial.js";
import { fitParameters, type FittedParameters } from "./likelihood.js";
import type { PurchaseHistories } from "./purchases.js";

/*
 * The family of BG/NBD, MBG/NBD and MBG/CNBD-k. While alive, a customer orders after gaps that are Erlang(k, λ);
 * after an order the customer drops out with probability p; λ is Gamma(r, α) and p Beta(a, b) over customers.
 * With n chances to drop out so far (x under BG, where the first order gives none; x + 1 under MBG), s = r + kx,
 * e^D = (α + T)/(α + t_x), v = (T − t_x)/(α + T) and C = Σ_{j<k} (s)_j vʲ/j!, a history with gaps g has the density
 *
 *   Π gᵏ⁻¹/Γ(k) · (r)_{kx} αʳ (α + T)^-s · (b)_n/(a + b)_n · [C + [n > 0] a/(b + n − 1) e^{sD}]
 *
 * where C is for those still alive. For k = 1 the gaps vanish from it, so log-likelihoods of all k and of other
 * models of (x, t_x, T) with Poisson orders are of the same data and compare.
 */

/** Who may drop out when, and how regular orders are. */
interface BetaGeometric {
  /** k: gaps are sums of so many exponential ones. */
  readonly shape: number;
  /** Chances to drop out beside those after repeat orders: 1 where one may leave right after the first order. */
  readonly firstChances: 0 | 1;
}

/** The parameters by their symbols. */
export interface BetaGeometricParameters extends BetaGeometric {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

/** The names of what is fitted, in order. */
const BETA_GEOMETRIC_NAMES = ["r", "alpha", "a", "b"] as const;

/** Enough histories to try the starts on. */
const ROUGH_ROWS = 1000;

/** Histories made ready for many evaluations: what only depends on a count or an age is summed once for each. */
export interface PreparedHistories {
  /** What one unit of the prepared ages is in the given one: their mean. */
  readonly unit: number;
  readonly whole: Tables;
  readonly rough: Tables | undefined;
}

interface Tables {
  readonly customerCount: number;
  readonly orderCount: number;
  readonly ageSum: number;
  /** Σ ln of all gaps in prepared units; undefined where unknown. */
  readonly logGapSum: number | undefined;
  readonly counts: Distinct;
  readonly ages: Distinct;
  readonly lastAges: Distinct;
  /** Σ of repeat orders by distinct age. */
  readonly ageOrders: Float64Array;
  readonly weights: Float64Array;
}

/** The distinct values of a column, ascending, with their customers, and the place of each row's value. */
interface Distinct {
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly places: Int32Array;
}

/**
 * Puts histories in order for `fitBetaGeometric`; rows that are not numbers or hold nobody are left out.
 *
 * @param mostRows every n-th row where there are more
 */
export function prepareHistories(histories: PurchaseHistories, mostRows = Infinity): PreparedHistories {
  const rows = thinned(usableRows(histories), mostRows);
  const { ages, customerCounts } = histories;
  const weightedAge = rows.reduce((sum, i) => sum + customerCounts[i]! * ages[i]!, 0);
  const customers = rows.reduce((sum, i) => sum + customerCounts[i]!, 0);
  const unit = weightedAge > 0 && Number.isFinite(weightedAge) ? weightedAge / customers : 1;
  const rough = thinned(rows, ROUGH_ROWS);
  return {
    unit,
    whole: tablesOf(histories, rows, unit),
    rough: rough === rows ? undefined : tablesOf(histories, rough, unit),
  };
}

function thinned(rows: Int32Array, mostRows: number): Int32Array {
  const stride = Math.ceil(rows.length / mostRows);
  return stride > 1 ? rows.filter((_, i) => i % stride === 0) : rows;
}

function usableRows({ repeatCounts, lastAges, ages, customerCounts }: PurchaseHistories): Int32Array {
  const rows = new Int32Array(repeatCounts.length);
  let found = 0;
  for (let i = 0; i < rows.length; i++) {
    const [customers, count, lastAge, age] = [customerCounts[i]!, repeatCounts[i]!, lastAges[i]!, ages[i]!];
    const isUsable = customers > 0 && count >= 0 && lastAge >= 0 && age >= lastAge;
    if (isUsable && Number.isFinite(customers + count + age)) rows[found++] = i;
  }
  return rows.subarray(0, found);
}

function tablesOf(histories: PurchaseHistories, rows: Int32Array, unit: number): Tables {
  const column = (values: Float64Array, divisor = 1) => {
    const picked = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) picked[i] = values[rows[i]!]! / divisor;
    return picked;
  };
  const weights = column(histories.customerCounts);
  const repeatCounts = column(histories.repeatCounts);
  const ages = distinct(column(histories.ages, unit), weights);
  const ageOrders = new Float64Array(ages.values.length);
  ages.places.forEach((place, i) => (ageOrders[place]! += weights[i]! * repeatCounts[i]!));
  const orderCount = ageOrders.reduce(plus, 0);
  const { logGapSums } = histories;
  const hasGaps = logGapSums !== undefined && logGapSums.length === histories.ages.length;
  return {
    customerCount: weights.reduce(plus, 0),
    orderCount,
    ageSum: ages.values.reduce((sum, age, i) => sum + age * ages.weights[i]!, 0),
    logGapSum: hasGaps ? column(logGapSums).reduce(plus, 0) - orderCount * Math.log(unit) : undefined,
    counts: distinct(repeatCounts, weights),
    ages,
    lastAges: distinct(column(histories.lastAges, unit), weights),
    ageOrders,
    weights,
  };
}

const plus = (sum: number, value: number) => sum + value;

function distinct(column: Float64Array, rowWeights: Float64Array): Distinct {
  const values = column.toSorted();
  let kept = 0;
  for (let i = 0; i < values.length; i++)
    if (kept === 0 || values[i] !== values[kept - 1]) values[kept++] = values[i]!;
  return placed(column, values.slice(0, kept), rowWeights);
}

function placed(column: Float64Array, values: Float64Array, rowWeights: Float64Array): Distinct {
  const places = new Int32Array(column.length);
  const weights = new Float64Array(values.length);
  for (let i = 0; i < column.length; i++) {
    const place = placeOf(values, column[i]!);
    places[i] = place;
    weights[place]! += rowWeights[i]!;
  }
  return { values, weights, places };
}

/** Where a value stands among ascending ones that hold it. */
function placeOf(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The parameters of a family that fit best, in the histories' own unit. */
export interface BetaGeometricFit extends FittedParameters {
  readonly parameters: BetaGeometricParameters;
}

/** Whether there are gaps and they are known, without which no shape but 1 can be told. */
export const hasGaps = ({ whole }: PreparedHistories): boolean =>
  whole.orderCount > 0 && Number.isFinite(whole.logGapSum);

/** Fits r, α, a and b by maximum likelihood. */
export function fitBetaGeometric(
  { whole, rough, unit }: PreparedHistories,
  family: BetaGeometric,
): BetaGeometricFit {
  const fitted = fitParameters({
    names: BETA_GEOMETRIC_NAMES,
    loss: lossOf(whole, family),
    ...(rough === undefined ? {} : { roughLoss: lossOf(rough, family) }),
    starts: startsFor(whole, family),
    customerCount: whole.customerCount,
  });
  const [r, alpha, a, b] = [...fitted.logs].map(Math.exp) as [number, number, number, number];
  return {
    ...fitted,
    logLikelihood: fitted.logLikelihood - whole.orderCount * Math.log(unit),
    parameters: { ...family, r, alpha: alpha * unit, a, b },
  };
}

/** Wide and narrow rates, early and late dropout; each at about the base's own rate. */
const STARTS = [
  { r: 0.5, a: 0.5, b: 2 },
  { r: 2, a: 0.1, b: 2 },
  { r: 1, a: 1, b: 1 },
  { r: 0.3, a: 3, b: 12 },
];

function startsFor({ orderCount, ageSum }: Tables, { shape }: BetaGeometric): number[][] {
  const rate = (2 * shape * Math.max(orderCount, 1e-3)) / Math.max(ageSum, 1e-6);
  return STARTS.map(({ r, a, b }) => [r, Math.min(Math.max(r / rate, 1e-5), 1e5), a, b].map(Math.log));
}

/** What depends on a distinct count alone, at one set of parameters. */
interface CountTerms {
  /** s = r + kx. */
  readonly rateShapes: Float64Array;
  /** ln a/(b + n − 1). */
  readonly logOdds: Float64Array;
  /** b/(b + n − 1). */
  readonly shares: Float64Array;
  /** (s)_j/j! for j < k, one count after another. */
  readonly coefficients: Float64Array;
  /** Its logarithmic derivative by s. */
  readonly harmonics: Float64Array;
}

/** What depends on a distinct age alone: ln(1 + age/α) and age/(α + age). */
interface AgeTerms {
  readonly logs: Float64Array;
  readonly shares: Float64Array;
}

interface LossState extends BetaGeometric {
  readonly tables: Tables;
  readonly counts: CountTerms;
  readonly ages: AgeTerms;
  readonly lastAges: AgeTerms;
}

/** Minus the mean log-likelihood a customer, of ln r, ln α, ln a, ln b, with its gradient. */
function lossOf(tables: Tables, family: BetaGeometric): SmoothFunction {
  const countTotal = tables.counts.values.length;
  const ageTerms = ({ values }: Distinct) => ({
    logs: new Float64Array(values.length),
    shares: new Float64Array(values.length),
  });
  const state: LossState = {
    ...family,
    tables,
    counts: {
      rateShapes: new Float64Array(countTotal),
      logOdds: new Float64Array(countTotal),
      shares: new Float64Array(countTotal),
      coefficients: new Float64Array(countTotal * family.shape),
      harmonics: new Float64Array(countTotal * family.shape),
    },
    ages: ageTerms(tables.ages),
    lastAges: ageTerms(tables.lastAges),
  };
  const scale = -1 / Math.max(tables.customerCount, 1);
  return (point, slope) => {
    slope.fill(0);
    const [r, alpha, a, b] = [...point].map(Math.exp) as [number, number, number, number];
    const parameters = { ...family, r, alpha, a, b };
    let value = addCounts(state, parameters, slope);
    value += addAges(state, parameters, slope);
    value += (family.shape === 1 ? addChanceEnds : addRegularEnds)(state, r, slope);
    for (let i = 0; i < slope.length; i++) slope[i]! *= scale;
    return value * scale;
  };
}

/** Σ ln (r)_{kx} + ln (b)_n − ln (a + b)_n, and the tables by count. */
function addCounts(
  { tables, counts }: LossState,
  { shape, firstChances, r, a, b }: BetaGeometricParameters,
  slope: Float64Array,
): number {
  const { values, weights } = tables.counts;
  let [before, logRates, logKept, rates, keptB, keptAB] = [-firstChances, 0, 0, 0, 0, 0];
  let value = 0;
  for (let i = 0; i < values.length; i++) {
    const count = values[i]!;
    const [from, more] = [before + firstChances, count - before];
    const [orders, ordersFrom] = [count - Math.max(before, 0), Math.max(before, 0)];
    logRates += logRising(r + shape * ordersFrom, shape * orders);
    rates += harmonicRising(r + shape * ordersFrom, shape * orders);
    logKept += logRising(b + from, more) - logRising(a + b + from, more);
    keptB += harmonicRising(b + from, more);
    keptAB += harmonicRising(a + b + from, more);
    before = count;
    value += weights[i]! * (logRates + logKept);
    slope[0]! += weights[i]! * r * rates;
    slope[2]! -= weights[i]! * a * keptAB;
    slope[3]! += weights[i]! * b * (keptB - keptAB);
    const last = b + count + firstChances - 1;
    counts.rateShapes[i] = r + shape * count;
    counts.logOdds[i] = count + firstChances > 0 ? Math.log(a / last) : -Infinity;
    counts.shares[i] = count + firstChances > 0 ? b / last : 0;
    fillCoefficients(counts, i, shape);
  }
  return value;
}

function fillCoefficients(
  { coefficients, harmonics, rateShapes }: CountTerms,
  i: number,
  shape: number,
): void {
  const s = rateShapes[i]!;
  coefficients[i * shape] = 1;
  harmonics[i * shape] = 0;
  for (let j = 1; j < shape; j++) {
    coefficients[i * shape + j] = (coefficients[i * shape + j - 1]! * (s + j - 1)) / j;
    harmonics[i * shape + j] = harmonics[i * shape + j - 1]! + 1 / (s + j - 1);
  }
}

/** Σ r ln α − (r + kx) ln(α + T), the gaps' own part, and the tables by age. */
function addAges(
  { tables, ages, lastAges, shape }: LossState,
  { r, alpha }: BetaGeometricParameters,
  slope: Float64Array,
): number {
  fillAges(ages, tables.ages.values, alpha);
  fillAges(lastAges, tables.lastAges.values, alpha);
  const { orderCount, ageOrders, logGapSum } = tables;
  let value = -shape * orderCount * Math.log(alpha);
  slope[1]! -= shape * orderCount;
  for (let i = 0; i < ageOrders.length; i++) {
    const weight = tables.ages.weights[i]!;
    const rateShapes = r * weight + shape * ageOrders[i]!;
    value -= rateShapes * ages.logs[i]!;
    slope[0]! -= r * weight * ages.logs[i]!;
    slope[1]! += rateShapes * ages.shares[i]!;
  }
  if (shape === 1) return value;
  return value + (shape - 1) * (logGapSum ?? 0) - orderCount * logRising(1, shape - 1);
}

function fillAges({ logs, shares }: AgeTerms, values: Float64Array, alpha: number): void {
  for (let i = 0; i < values.length; i++) {
    logs[i] = Math.log1p(values[i]! / alpha);
    shares[i] = values[i]! / (alpha + values[i]!);
  }
}

/** Σ ln(1 + a/(b + n − 1) e^{sD}): what became of customers after the last order, when orders come by chance. */
function addChanceEnds(
  { tables, counts, ages, lastAges }: LossState,
  r: number,
  slope: Float64Array,
): number {
  const { weights } = tables;
  const [countAt, ageAt, lastAt] = [tables.counts.places, tables.ages.places, tables.lastAges.places];
  const { logOdds, rateShapes, shares } = counts;
  const [ageLogs, ageShares, lastLogs, lastShares] = [ages.logs, ages.shares, lastAges.logs, lastAges.shares];
  let [value, byR, byAlpha, byA, byB] = [0, 0, 0, 0, 0];
  for (let i = 0; i < weights.length; i++) {
    const count = countAt[i]!;
    const [logOdd, s, weight] = [logOdds[count]!, rateShapes[count]!, weights[i]!];
    if (logOdd === -Infinity) continue;
    const [age, last] = [ageAt[i]!, lastAt[i]!];
    const silence = ageLogs[age]! - lastLogs[last]!;
    const z = logOdd + s * silence;
    const less = Math.exp(-Math.abs(z));
    value += weight * ((z > 0 ? z : 0) + Math.log1p(less));
    const gone = (weight * (z > 0 ? 1 : less)) / (1 + less);
    byR += gone * silence;
    byAlpha += gone * s * (ageShares[age]! - lastShares[last]!);
    byA += gone;
    byB += gone * shares[count]!;
  }
  addSlopes(slope, [r * byR, -byAlpha, byA, -byB]);
  return value;
}

/** The same with C for 1 when orders are regular, v being (T − t_x)/(α + T). */
function addRegularEnds(state: LossState, r: number, slope: Float64Array): number {
  const { tables, counts, ages, lastAges, shape } = state;
  const { weights } = tables;
  const [countAt, ageAt, lastAt] = [tables.counts.places, tables.ages.places, tables.lastAges.places];
  const { logOdds, rateShapes, shares, coefficients, harmonics } = counts;
  let [value, byR, byAlpha, byA, byB] = [0, 0, 0, 0, 0];
  for (let i = 0; i < weights.length; i++) {
    const [count, age, last, weight] = [countAt[i]!, ageAt[i]!, lastAt[i]!, weights[i]!];
    const [ageShare, lastShare, s] = [ages.shares[age]!, lastAges.shares[last]!, rateShapes[count]!];
    const silence = ages.logs[age]! - lastAges.logs[last]!;
    const v = (ageShare - lastShare) / (1 - lastShare);
    let [power, open, openByS, openByV] = [1, 0, 0, 0];
    for (let j = 0, at = count * shape; j < shape; j++, at++) {
      const term = coefficients[at]! * power;
      open += term;
      openByS += term * harmonics[at]!;
      openByV += term * j;
      power *= v;
    }
    const z = logOdds[count]! + s * silence - Math.log(open);
    const less = Math.exp(-Math.abs(z));
    value += weight * (Math.log(open) + (z > 0 ? z : 0) + Math.log1p(less));
    const gone = (weight * (z > 0 ? 1 : less)) / (1 + less);
    const alive = (weight - gone) / open;
    byR += gone * silence + alive * openByS;
    byAlpha += gone * s * (ageShare - lastShare) + alive * openByV * (1 - ageShare);
    byA += gone;
    byB += gone * shares[count]!;
  }
  addSlopes(slope, [r * byR, -byAlpha, byA, -byB]);
  return value;
}

function addSlopes(slope: Float64Array, more: readonly number[]): void {
  more.forEach((x, i) => (slope[i]! += x));
}

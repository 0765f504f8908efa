import { numberSql } from "../sql.js";
import type { BetaGeometricParameters } from "./beta-geometric.js";
import type { HistorySql, PurchaseHistory } from "./purchases.js";

/** P(alive | history): C against a/(b + n − 1) e^{sD}, in the words of `beta-geometric.ts`. */
export function betaGeometricAlive(parameters: BetaGeometricParameters, history: PurchaseHistory): number {
  const { shape, firstChances, r, alpha, a, b } = parameters;
  const { repeatCount, lastAge, age } = history;
  if (repeatCount + firstChances === 0) return 1;
  const s = r + shape * repeatCount;
  const silence = Math.log1p(age / alpha) - Math.log1p(lastAge / alpha);
  const open = openTerms(shape, s, (age - lastAge) / (alpha + age)).reduce((sum, term) => sum + term, 0);
  const logOdds = Math.log(a / (b + repeatCount + firstChances - 1)) + s * silence - Math.log(open);
  return 1 / (1 + Math.exp(logOdds));
}

/** (s)_j vʲ/j! for j < k: how far the next order had got when the observation ended, for those alive. */
function openTerms(shape: number, s: number, v: number): number[] {
  const terms = [1];
  for (let j = 1; j < shape; j++) terms.push((terms[j - 1]! * (s + j - 1) * v) / j);
  return terms;
}

/** `betaGeometricAlive` as SQL. */
export function betaGeometricAliveSql(parameters: BetaGeometricParameters, columns: HistorySql): string {
  const { shape, firstChances, r, alpha, a, b } = parameters;
  const [count, last, age] = [`(${columns.repeatCount})`, `(${columns.lastAge})`, `(${columns.age})`];
  const until = `(${numberSql(alpha)} + ${age})`;
  const rateShape = (more: number) => `(${numberSql(r + more)} + ${numberSql(shape)} * ${count})`;
  const v = `((${age} - ${last}) / ${until})`;
  let open = "1e0";
  for (let j = shape - 1; j >= 1; j--)
    open = `(1e0 + ${rateShape(j - 1)} * ${v} / ${numberSql(j)} * ${open})`;
  const odds = `(${numberSql(a)} / (${numberSql(b + firstChances - 1)} + ${count}))`;
  const logOdds = `ln(${odds}) + ${rateShape(0)} * ln(${until} / (${numberSql(alpha)} + ${last})) - ln(${open})`;
  const alive = `1e0 / (1e0 + exp(least(${logOdds}, 700e0)))`;
  return firstChances === 0 ? `case when ${count} > 0 then ${alive} else 1e0 end` : alive;
}

/**
 * Expected orders within `horizon` after the observation's end.
 *
 * Exact for every k: the clock of Erlang(k, λ) gaps ticks as a Poisson process, every k-th tick being an order.
 * From the last order to the horizon ticks are negative binomial of shape s; each fell into the silence so far by
 * that share of the time, and of somebody alive fewer than k did. p is Beta(a, b + n). For k = 1 this is the series
 * of the 2F1 in eq. (10) of Fader, Hardie & Lee (2005), summed so that every term is positive and a = 1 is no exception.
 */
export function betaGeometricCount(
  parameters: BetaGeometricParameters,
  history: PurchaseHistory,
  horizon: number,
): number {
  const { shape, firstChances, r, alpha, a, b } = parameters;
  const { repeatCount, lastAge, age } = history;
  if (!(horizon > 0)) return 0;
  const span = age - lastAge + horizon;
  const orders = expectedOrders({
    shape,
    rateShape: r + shape * repeatCount,
    reach: span / (alpha + age + horizon),
    silentShare: (age - lastAge) / span,
    openShare: horizon / span,
    a,
    b: b + repeatCount + firstChances,
  });
  return betaGeometricAlive(parameters, history) * orders;
}

/** Expected repeat orders within `span` of the first: eq. (9) of Fader, Hardie & Lee (2005) for BG with k = 1. */
export function betaGeometricNewcomerCount(parameters: BetaGeometricParameters, span: number): number {
  const newcomer = { repeatCount: 0, lastAge: 0, age: 0 };
  return betaGeometricCount(parameters, newcomer, span);
}

/** Somebody alive after the last order. */
interface Outlook {
  readonly shape: number;
  /** Ticks up to the horizon are negative binomial of this shape … */
  readonly rateShape: number;
  /** … and this success probability. */
  readonly reach: number;
  /** The part of that time which is over, and the part to come. */
  readonly silentShare: number;
  readonly openShare: number;
  readonly a: number;
  readonly b: number;
}

/** So many ticks are looked at: enough but for a million orders, or a horizon a million times the age and alpha. */
const MOST_TICKS = 2_000_000;
const HUGE = 1e200;
const PRECISION = 1e-14;

/** Σ over ticks of their probability times the orders expected of so many, given that fewer than k are over. */
function expectedOrders({ shape, rateShape, reach, silentShare, openShare, a, b }: Outlook): number {
  const weights = new Float64Array(shape);
  weights[0] = 1;
  let [weight, weightSum, orderSum] = [1, 1, 0];
  let [orders, survival, survived, open] = [0, 1, 0, 0];
  for (let ticks = 0; ticks < MOST_TICKS; ticks++) {
    const growth = ((rateShape + ticks) / (ticks + 1)) * reach;
    const before = weight;
    weight = 0;
    for (let j = shape - 1; j >= 0; j--) {
      const kept = openShare * weights[j]! + (j > 0 ? silentShare * weights[j - 1]! : 0);
      weight += weights[j] = growth * kept;
    }
    if (++open === shape) {
      open = 0;
      orders += survival;
      survival *= (b + survived) / (a + b + survived);
      survived++;
    }
    weightSum += weight;
    orderSum += weight * orders;
    const rest = 1 - Math.max(weight / before, reach * openShare);
    if (weight === 0 || (rest > 0 && weight * (orders + 1 / rest) <= PRECISION * rest * orderSum)) break;
    if (weightSum < HUGE) continue;
    for (let j = 0; j < shape; j++) weights[j]! /= HUGE;
    weight /= HUGE;
    weightSum /= HUGE;
    orderSum /= HUGE;
  }
  return orderSum / weightSum;
}

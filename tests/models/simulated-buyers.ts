import type { Random } from "../../src/random.js";
import { grouped, type CountedHistory } from "./cdnow.js";
import type { PurchaseHistories } from "../../src/models/purchases.js";

/** A base of buyers as the MBG/CNBD-k and BG/CNBD-k families have it. */
export interface BuyerBase {
  /** k. */
  readonly shape: number;
  /** Rates are Gamma(r, alpha). */
  readonly r: number;
  readonly alpha: number;
  /** Chances to leave are Beta(a, b); 0 for a means that nobody leaves. */
  readonly a: number;
  readonly b: number;
  /** Whether one may leave right after the first order. */
  readonly mayLeaveAtOnce: boolean;
}

/** A standard normal number by Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A gamma number of scale 1, by Marsaglia & Tsang (2000). */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal(random);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A beta number. */
export function beta(random: Random, a: number, b: number): number {
  if (a === 0) return 0;
  const x = gamma(random, a);
  return x / (x + gamma(random, b));
}

/** The ages at which one customer orders after the first, until `span`, alive or not. */
export function drawOrders(random: Random, base: BuyerBase, span: number): number[] {
  const rate = gamma(random, base.r) / base.alpha;
  const leaving = beta(random, base.a, base.b);
  const orders: number[] = [];
  if (base.mayLeaveAtOnce && random() < leaving) return orders;
  for (let age = 0; ;) {
    for (let i = 0; i < base.shape; i++) age -= Math.log(1 - random()) / rate;
    if (!(age <= span)) return orders;
    orders.push(age);
    if (random() < leaving) return orders;
  }
}

/** What is seen of orders until `age`. */
export function seenUntil(orders: readonly number[], age: number): CountedHistory {
  const seen = orders.filter((order) => order <= age);
  const gaps = seen.map((order, i) => order - (seen[i - 1] ?? 0));
  return {
    repeatCount: seen.length,
    lastAge: seen.at(-1) ?? 0,
    age,
    logGapSum: gaps.reduce((sum, gap) => sum + Math.log(gap), 0),
  };
}

/** Histories of so many customers who came evenly over the first half of `span` units. */
export function drawHistories(
  random: Random,
  base: BuyerBase,
  { count, span }: { readonly count: number; readonly span: number },
): PurchaseHistories {
  const ages = Array.from({ length: count }, (_, i) => span * (1 - i / (2 * count)));
  return grouped(ages.map((age) => seenUntil(drawOrders(random, base, age), age))).histories;
}

import { logGamma } from "../../src/math/gamma.js";
import type { PurchaseHistory } from "../../src/models/purchases.js";
import type { BuyerBase } from "./simulated-buyers.js";

/** ∫ f over the real line where f falls away on both sides, by the trapezoidal rule. */
function integral(f: (y: number) => number, [from, to]: readonly [number, number]): number {
  const steps = 2000;
  const width = (to - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) sum += f(from + i * width);
  return sum * width;
}

/** E[g(λ)] over Gamma(r, α), with λ = eʸ. */
function overRates({ r, alpha }: BuyerBase, g: (rate: number) => number): number {
  const log = (y: number) => r * Math.log(alpha) - logGamma(r) + r * y - alpha * Math.exp(y);
  return integral((y) => Math.exp(log(y)) * g(Math.exp(y)), [-40 / Math.min(1, r), 10]);
}

/** E[g(p)] over Beta(a, b), with p = 1/(1 + e⁻ʸ). */
function overChances({ a, b }: BuyerBase, g: (chance: number) => number): number {
  const constant = logGamma(a + b) - logGamma(a) - logGamma(b);
  const log = (y: number) => constant - a * Math.log1p(Math.exp(-y)) - b * Math.log1p(Math.exp(y));
  return integral(
    (y) => Math.exp(log(y)) * g(1 / (1 + Math.exp(-y))),
    [-40 / Math.min(1, a), 40 / Math.min(1, b)],
  );
}

/**
 * The density of one customer's orders by the story told, integrated over rates and chances by quadrature:
 * [alive at the end, gone].
 */
export function densities(
  base: BuyerBase,
  { repeatCount: x, lastAge, age }: PurchaseHistory,
  logGapSum: number,
): [number, number] {
  const k = base.shape;
  const gaps = (rate: number) =>
    Math.exp(k * x * Math.log(rate) + (k - 1) * logGapSum - x * logGamma(k) - rate * lastAge);
  const silent = (rate: number) => {
    let [sum, term] = [0, 1];
    for (let j = 0; j < k; j++, term *= (rate * (age - lastAge)) / j) sum += term;
    return Math.exp(-rate * (age - lastAge)) * sum;
  };
  const chances = x + (base.mayLeaveAtOnce ? 1 : 0);
  const stayed = overChances(base, (p) => (1 - p) ** chances);
  const left = chances === 0 ? 0 : overChances(base, (p) => (1 - p) ** (chances - 1) * p);
  return [stayed * overRates(base, (rate) => gaps(rate) * silent(rate)), left * overRates(base, gaps)];
}

/** Gauss's 2F1(a, b; c; z) by its series, DLMF 15.2.1. */
export function gauss([a, b, c]: readonly [number, number, number], z: number): number {
  let [sum, term] = [1, 1];
  for (let n = 0; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 1e5; n++)
    sum += term *= (((a + n) * (b + n)) / (c + n) / (n + 1)) * z;
  return sum;
}

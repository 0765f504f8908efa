import type { BasketChance } from "./basket-chance.js";
import { basketSizes, itemCounts, type Baskets } from "./item-baskets.js";

const ROUNDS = 1000;
const CLOSE = 1e-6;

/**
 * The chance model with basket sizes kept exactly: of baskets of one size each is as likely as the product of its items'
 * weights, which iterative scaling fits to how common the items are. For few items: sums over all sets are kept.
 *
 * Time: (items squared) a round.
 *
 * @see Chen, Dempster & Liu (1994), "Weighted finite population sampling to maximize entropy", Biometrika 81(3)
 */
export function exactBasketChance(baskets: Baskets): BasketChance {
  const counts = itemCounts(baskets);
  const sizes = new Float64Array(counts.length + 1);
  for (const size of basketSizes(baskets)) sizes[size]! += 1;
  const weights = Float64Array.from(counts);
  for (let round = 0; round < ROUNDS; round++) {
    const ratios = ratiosOf(weights);
    let most = 0;
    weights.forEach((weight, item) => {
      if (weight === 0) return;
      const expected = absences(ratios, weight).reduce(
        (sum, absent, size) => sum + sizes[size]! * (1 - absent),
        0,
      );
      most = Math.max(most, Math.abs(counts[item]! / expected - 1));
      weights[item] = (weight * counts[item]!) / expected;
    });
    if (most < CLOSE) break;
  }
  return { beside: (given) => besideIn(weights, given) };
}

function besideIn(weights: Float64Array, given: readonly number[]): ReturnType<BasketChance["beside"]> {
  const left = given.reduce((ratios, item) => without(ratios, weights[item]!), ratiosOf(weights));
  return (item, sizes) => {
    const absent = absences(left, weights[item]!);
    return Float64Array.from(sizes, (size) =>
      size > given.length ? 1 - absent[Math.min(size - given.length, left.length - 1)]! : 0,
    );
  };
}

/**
 * For each size, from 0, how much greater the sum of the products over all sets of that size is than over those of one
 * item less (elementary symmetric polynomials). Items of no weight are none.
 */
function ratiosOf(weights: Float64Array): Float64Array {
  const own = weights.filter((weight) => weight > 0);
  const scale = Math.exp(own.reduce((sum, weight) => sum + Math.log(weight), 0) / Math.max(1, own.length));
  const sums = new Float64Array(own.length + 1);
  sums[0] = 1;
  own.forEach((weight, place) => {
    for (let size = place + 1; size > 0; size--) sums[size]! += (weight / scale) * sums[size - 1]!;
  });
  return sums.map((sum, size) => (size === 0 ? NaN : (sum / sums[size - 1]!) * scale));
}

/**
 * For each size the chance that an item is not in a basket of that size: upwards from the empty one while it is likelier
 * absent, downwards from the full one while it is likelier there, so that errors shrink both ways.
 */
function absences(ratios: Float64Array, weight: number): Float64Array {
  const absent = new Float64Array(ratios.length);
  absent[0] = 1;
  let size = 1;
  for (; size < absent.length && absent[size - 1]! >= 0.5; size++)
    absent[size] = 1 - (weight / ratios[size]!) * absent[size - 1]!;
  absent[absent.length - 1] = 0;
  for (let down = absent.length - 2; down >= size; down--)
    absent[down] = ((1 - absent[down + 1]!) * ratios[down + 1]!) / weight;
  return absent;
}

/** The ratios of all items but one. */
function without(ratios: Float64Array, weight: number): Float64Array {
  const absent = absences(ratios, weight);
  return ratios
    .subarray(0, ratios.length - 1)
    .map((ratio, size) => (size === 0 ? NaN : (ratio * absent[size]!) / absent[size - 1]!));
}

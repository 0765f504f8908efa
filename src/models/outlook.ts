import { gammaQuantile } from "../math/incomplete-gamma.js";
import type { Forecast } from "./forecast.js";
import type { PurchaseHistory } from "./purchases.js";

/** How a forecast is spelt out. */
export interface OutlookSettings {
  /** In units of the history. */
  readonly horizon: number;
  /** Units a year. */
  readonly unitsPerYear: number;
  /** A year, e.g. 0.1. */
  readonly discountRate: number;
  /** Squared variation of one order's money around the customer's mean. */
  readonly orderVariation: number;
  /** Squared variation of the customer's mean itself, by repeat orders known. */
  meanVariation(repeatCount: number): number;
}

/** What is to be expected of customers with one history. */
export interface Outlook {
  readonly aliveProbability: number;
  readonly expectedCount: number;
  /** Nine of ten customers with this history stay between low and high. */
  readonly lowCount: number;
  readonly highCount: number;
  /** Expected orders, each worth less the later it comes. */
  readonly discountedCount: number;
  /** Money in the time, in discounted mean orders: nine of ten stay between. */
  readonly lowMoney: number;
  readonly highMoney: number;
  /** Units until the next order of one who is alive: as many come sooner as later. */
  readonly nextOrderAfter: number;
}

/** The shares below the interval's ends. */
const [LOW, HIGH] = [0.05, 0.95];
/** Parts of the horizon, each discounted at its middle. */
const DISCOUNT_STEPS = 4;

/**
 * What a forecast says of a history, with 90 % intervals for one customer (not for the mean of many).
 *
 * The count is zero for those no longer alive, else negative binomial with the expected mean and the forecast's
 * `rateShape`. Money is a sum of that many orders, gamma-distributed with the mean and variance of the sum, at
 * zero when no order comes. Dropping out within the horizon is in the mean, not in the shape: an approximation,
 * whose coverage a test holds against simulated customers.
 */
export function outlookOf(forecast: Forecast, history: PurchaseHistory, settings: OutlookSettings): Outlook {
  const { horizon } = settings;
  const expected = forecast.expectedCount(history, horizon);
  const probability = forecast.aliveProbability(history);
  const alive = Number.isNaN(probability) ? 1 : probability;
  const living = { mean: alive > 0 ? expected / alive : 0, shape: forecast.rateShape(history) };
  const discounted = discountedCount(forecast, history, { ...settings, expected });
  const money = (share: number) => moneyQuantile(living, { alive, share, settings, history });
  const discount = expected > 0 ? discounted / expected : 1;
  return {
    aliveProbability: probability,
    expectedCount: expected,
    lowCount: countQuantile(living, aliveShare(LOW, alive)),
    highCount: countQuantile(living, aliveShare(HIGH, alive)),
    discountedCount: discounted,
    lowMoney: discount * money(LOW),
    highMoney: discount * money(HIGH),
    nextOrderAfter: medianWait(living, horizon),
  };
}

interface Living {
  /** Orders expected of one who is alive. */
  readonly mean: number;
  readonly shape: number;
}

/** The share of the living below a share of all, the others having nothing; negative when the living are not reached. */
const aliveShare = (share: number, alive: number) => 1 - (1 - share) / alive;

/** Above this the negative binomial is all but a gamma distribution. */
const COUNTED_ONE_BY_ONE = 200;

function countQuantile({ mean, shape }: Living, share: number): number {
  if (!(share > 0) || !(mean > 0)) return 0;
  if (mean > COUNTED_ONE_BY_ONE) {
    const variance = mean + (mean * mean) / shape;
    const gammaShape = (mean * mean) / variance;
    return Math.round((gammaQuantile(gammaShape, share) * variance) / mean);
  }
  let chance = noneChance({ mean, shape });
  let below = chance;
  let count = 0;
  while (below < share && count < 100 * COUNTED_ONE_BY_ONE) {
    chance *= ((shape + count) / (count + 1)) * (mean / (shape + mean));
    below += chance;
    count += 1;
  }
  return count;
}

const noneChance = ({ mean, shape }: Living) => Math.exp(-shape * Math.log1p(mean / shape));

interface MoneyAsked {
  readonly alive: number;
  readonly share: number;
  readonly settings: OutlookSettings;
  readonly history: PurchaseHistory;
}

/** In mean orders of the customer. */
function moneyQuantile(living: Living, { alive, share, settings, history }: MoneyAsked): number {
  const { mean, shape } = living;
  const some = alive * (1 - noneChance(living));
  const within = 1 - (1 - share) / some;
  if (!(within > 0) || !(mean > 0)) return 0;
  const countVariance = mean + (mean * mean) / shape;
  const meanVariation = settings.meanVariation(history.repeatCount);
  const secondMoment = (countVariance + mean * mean + mean * settings.orderVariation) * (1 + meanVariation);
  const ofSome = mean * (alive / some);
  const variance = secondMoment * (alive / some) - ofSome * ofSome;
  if (!(variance > 0)) return ofSome;
  return (gammaQuantile((ofSome * ofSome) / variance, within) * variance) / ofSome;
}

function discountedCount(
  forecast: Forecast,
  history: PurchaseHistory,
  { horizon, unitsPerYear, discountRate, expected }: OutlookSettings & { readonly expected: number },
): number {
  let [sum, before] = [0, 0];
  for (let step = 1; step <= DISCOUNT_STEPS; step++) {
    const isLast = step === DISCOUNT_STEPS;
    const until = isLast ? expected : forecast.expectedCount(history, (horizon * step) / DISCOUNT_STEPS);
    const middleYears = (horizon * (step - 0.5)) / DISCOUNT_STEPS / unitsPerYear;
    sum += (until - before) * (1 + discountRate) ** -middleYears;
    before = until;
  }
  return sum;
}

/** (1 + t·m/(h·s))^−s = ½ for the gamma-mixed waiting time with mean rate m/h. */
function medianWait({ mean, shape }: Living, horizon: number): number {
  return mean > 0 ? ((2 ** (1 / shape) - 1) * shape * horizon) / mean : Infinity;
}

import { logGamma } from "../math/gamma.js";
import { minimize } from "../math/minimize.js";
import { numberSql } from "../sql.js";

/**
 * How a base of customers times its orders: each customer has a rate of their own, and gaps
 * between their orders are the more regular the larger `shape` is.
 */
export interface OrderRhythm {
  /** k, a whole number: 1 is pure chance, 12 is clockwork. */
  readonly shape: number;
  /** Shape of the gamma distribution of rates over customers. */
  readonly alpha: number;
  /** Its rate, in days. */
  readonly beta: number;
  /** Customers it was learnt from. */
  readonly customerCount: number;
  readonly logLikelihood: number;
}

/** What is known of one customer's timing, in days. */
export interface RhythmState {
  readonly gapCount: number;
  /** Days from the first order day to the last. */
  readonly gapDays: number;
  /** Days since the last order day. */
  readonly silenceDays: number;
}

/** Gaps of the sampled customers: whose, and how many days; a customer's gaps stand together. */
export interface Gaps {
  readonly customerIds: Float64Array;
  readonly days: Float64Array;
}

const MAX_SHAPE = 12;
/** Below this many customers with a gap the shape is not learnt but taken as chance. */
const MIN_CUSTOMERS = 20;

interface GapSums {
  readonly gapCount: number;
  readonly days: number;
  readonly logDays: number;
}

/**
 * Learns the rhythm of a base by maximum likelihood: Erlang gaps with gamma-distributed rates,
 * the purchase process of the condensed NBD with k ≥ 1, and k chosen from the data.
 * The open gap at the end is left out, because whether it will close is the question.
 *
 * @returns undefined when no customer has ordered on two days
 * @see Platzer & Reutterer (2016), "Ticking Away the Moments", Marketing Science 35(5), §3: k, r → alpha, α → beta
 */
export function fitOrderRhythm(gaps: Gaps): OrderRhythm | undefined {
  const sums = sumGaps(gaps);
  const total = sums.reduce((days, customer) => days + customer.days, 0);
  if (sums.length === 0 || total === 0) return undefined;
  const meanDays = total / gaps.days.length;
  if (sums.length < MIN_CUSTOMERS) {
    return { shape: 1, alpha: 3, beta: 2 * meanDays, customerCount: sums.length, logLikelihood: NaN };
  }
  let best = fitShape(sums, 1, [Math.log(2), Math.log(meanDays)]);
  for (let shape = 2; shape <= MAX_SHAPE; shape++) {
    const next = fitShape(sums, shape, [Math.log(best.alpha), Math.log(best.beta * (shape / (shape - 1)))]);
    if (next.logLikelihood <= best.logLikelihood) break;
    best = next;
  }
  return best;
}

function sumGaps({ customerIds, days }: Gaps): GapSums[] {
  const sums = new Map<number, { gapCount: number; days: number; logDays: number }>();
  customerIds.forEach((id, row) => {
    const known = sums.get(id) ?? { gapCount: 0, days: 0, logDays: 0 };
    if (known.gapCount === 0) sums.set(id, known);
    known.gapCount += 1;
    known.days += days[row]!;
    known.logDays += Math.log(days[row]!);
  });
  return [...sums.values()];
}

function fitShape(sums: readonly GapSums[], shape: number, start: readonly number[]): OrderRhythm {
  const largestCount = Math.max(...sums.map((customer) => customer.gapCount));
  const { point, value } = minimize(([logAlpha, logBeta]) => {
    if (Math.abs(logAlpha!) > 7 || Math.abs(logBeta!) > 14) return Infinity;
    return -logLikelihood(sums, {
      shape,
      alpha: Math.exp(logAlpha!),
      beta: Math.exp(logBeta!),
      largestCount,
    });
  }, start);
  const [alpha, beta] = point.map(Math.exp) as [number, number];
  return { shape, alpha, beta, customerCount: sums.length, logLikelihood: -value };
}

interface Candidate {
  readonly shape: number;
  readonly alpha: number;
  readonly beta: number;
  readonly largestCount: number;
}

/** Σ (k−1) Σ ln g − n ln Γ(k) + α ln β − ln Γ(α) + ln Γ(α + nk) − (α + nk) ln(β + Σ g) */
function logLikelihood(sums: readonly GapSums[], { shape, alpha, beta, largestCount }: Candidate): number {
  const logGammas = Float64Array.from({ length: largestCount + 1 }, (_, n) => logGamma(alpha + n * shape));
  const perCustomer = alpha * Math.log(beta) - logGamma(alpha);
  const perGap = logGamma(shape);
  let sum = 0;
  for (const { gapCount, days, logDays } of sums) {
    sum =
      sum +
      perCustomer +
      (shape - 1) * logDays -
      gapCount * perGap +
      logGammas[gapCount]! -
      (alpha + gapCount * shape) * Math.log(beta + days);
  }
  return sum;
}

/**
 * How late a customer is: the probability that someone who keeps ordering in this customer's
 * rhythm would have ordered again by now. Few gaps lean on the base's rhythm, many on their own.
 *
 * The next gap X over X + β + Σg is Beta(k, α + nk), so P(X ≤ silence) = I_x(k, α + nk) with
 * x = silence / (silence + β + Σg); for whole k the incomplete beta is a finite sum.
 *
 * @returns 0–1
 * @see DLMF 8.17.5
 */
export function lateness({ shape, alpha, beta }: OrderRhythm, state: RhythmState): number {
  const known = beta + state.gapDays;
  const x = state.silenceDays / (state.silenceDays + known);
  const c = alpha + state.gapCount * shape;
  let series = 1;
  for (let j = shape - 1; j >= 1; j--) series = 1 + ((x * (c + j - 1)) / j) * series;
  return Math.max(0, 1 - Math.exp(c * Math.log(known / (state.silenceDays + known))) * series);
}

/** `lateness` as SQL over the columns of `features.rfm`; equal to it row by row. */
export function latenessSql({ shape, alpha, beta }: OrderRhythm): string {
  const known = `(${numberSql(beta)} + to_number(rhythm_days))`;
  const until = `(to_number(recency_days) + ${known})`;
  const c = `(${numberSql(alpha)} + to_number(order_day_count - 1) * ${numberSql(shape)})`;
  const x = `(to_number(recency_days) / ${until})`;
  let series = "1e0";
  for (let j = shape - 1; j >= 1; j--) {
    series = `(1e0 + ${x} * (${c} + ${numberSql(j - 1)}) / ${numberSql(j)} * ${series})`;
  }
  return `greatest(0e0, 1e0 - exp(${c} * ln(${known} / ${until})) * ${series})`;
}

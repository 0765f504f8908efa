import { logGamma } from "./gamma.js";

/** Of so many, some are marked and some drawn. */
export interface Draw {
  readonly total: number;
  readonly marked: number;
  readonly drawn: number;
}

/** Terms smaller than this share of their sum add nothing to a double. */
const NEGLIGIBLE = 1e-17;

/**
 * Fisher's exact test, one-sided: the likelihood that at least so many of the drawn are marked when all draws are equally
 * likely (the upper tail of the hypergeometric distribution).
 *
 * Time: terms from the count outwards until they add nothing.
 *
 * @returns relative error below 1e-9 for totals to 1e8
 * @see Fisher (1935), "The Logic of Inductive Inference", JRSS 98(1)
 */
export function fisherUpperTail(count: number, draw: Draw): number {
  const { total, marked, drawn } = draw;
  const [least, most] = [Math.max(0, marked + drawn - total), Math.min(marked, drawn)];
  if (count <= least) return 1;
  if (count > most) return 0;
  const mode = Math.floor(((marked + 1) * (drawn + 1)) / (total + 2));
  return count > mode ? tailFrom(count, draw, 1) : Math.max(0, 1 - tailFrom(count - 1, draw, -1));
}

/**
 * Fisher's exact test, two-sided: twice the smaller of its tails, at most 1.
 *
 * @see Agresti (1992), "A Survey of Exact Inference for Contingency Tables", Statistical Science 7(1), on doubling
 */
export function fisherBothTails(count: number, draw: Draw): number {
  const few = fisherUpperTail(draw.drawn - count, { ...draw, marked: draw.total - draw.marked });
  return Math.min(1, 2 * fisherUpperTail(count, draw), 2 * few);
}

/** The sum of all terms from one outwards. */
function tailFrom(first: number, { total, marked, drawn }: Draw, step: 1 | -1): number {
  const front = Math.exp(
    logChoose(marked, first) + logChoose(total - marked, drawn - first) - logChoose(total, drawn),
  );
  const rest = total - marked - drawn;
  let [term, sum] = [1, 0];
  for (let at = first; term > NEGLIGIBLE * sum; at += step) {
    sum += term;
    term *=
      step > 0
        ? ((marked - at) * (drawn - at)) / ((at + 1) * (rest + at + 1))
        : (at * (rest + at)) / ((marked - at + 1) * (drawn - at + 1));
  }
  return front * sum;
}

/** Logarithms of factorials that are asked for again and again. */
const KEPT = 1 << 16;
const logFactorials = new Float64Array(KEPT);

function logFactorial(n: number): number {
  if (n < 2) return 0;
  if (n >= KEPT) return logGamma(n + 1);
  return (logFactorials[n]! ||= logGamma(n + 1));
}

const logChoose = (of: number, choose: number) =>
  logFactorial(of) - logFactorial(choose) - logFactorial(of - choose);

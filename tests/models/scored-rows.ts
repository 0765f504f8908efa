import fc from "fast-check";
import { seeded, type Random } from "../../src/random.js";

/** Rows with a score and what came of them. */
export interface ScoredRows {
  readonly scores: Float64Array;
  readonly outcomes: Uint8Array;
}

/** Rows from pairs of score and outcome. */
export const rowsOf = (pairs: readonly (readonly [number, number])[]): ScoredRows => ({
  scores: Float64Array.from(pairs, ([score]) => score),
  outcomes: Uint8Array.from(pairs, ([, outcome]) => outcome),
});

/** The same rows, last first. */
export const reversed = ({ scores, outcomes }: ScoredRows): ScoredRows => ({
  scores: scores.toReversed(),
  outcomes: outcomes.toReversed(),
});

/** 200 rows with 41 distinct probabilities and 82 positives, whose numbers scikit-learn 1.9.1 and SciPy were asked for. */
export const PEER_ROWS = rowsOf(
  Array.from({ length: 200 }, (_, i) => {
    const probability = (((i * 37) % 41) + 1) / 43;
    return [probability, ((i * i) % 89) + (i % 7) < 96 * probability ** 1.5 ? 1 : 0];
  }),
);

/** Few rows with many ties; scores are probabilities in tenths. */
export const drawnRows = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 1 })), {
    minLength: 1,
    maxLength: 40,
  })
  .map((pairs) => rowsOf(pairs.map(([score, outcome]) => [score / 10, outcome])));

/** Whether both outcomes occur. */
export const hasBoth = ({ outcomes }: ScoredRows) => outcomes.includes(0) && outcomes.includes(1);

/** A standard normal number. @see Box & Muller (1958) */
export const normalDraw = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** The share of seeded samples whose interval holds the truth. */
export function coverage(
  sampleCount: number,
  truth: number,
  intervalOf: (random: Random) => { readonly low: number; readonly high: number },
): number {
  const random = seeded(20261124);
  let held = 0;
  for (let sample = 0; sample < sampleCount; sample++) {
    const { low, high } = intervalOf(random);
    if (low <= truth && truth <= high) held++;
  }
  return held / sampleCount;
}

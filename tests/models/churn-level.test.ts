import { describe, expect, test } from "vitest";
import { fitCandidates, scoreCandidates, CANDIDATES } from "../../src/models/churn-candidates.js";
import { setLevel } from "../../src/models/churn-level.js";
import type { Pace } from "../../src/pace.js";
import { seeded } from "../../src/random.js";

const ROWS = 600;
const pace: Pace = async (_, __, work) => work(() => Promise.resolve());
const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Customers who leave the likelier the more they complain, `base` of those who do not. */
function leavers(base: number, seed: number) {
  const random = seeded(seed);
  const values = Float64Array.from({ length: ROWS }, () => Math.floor(random() * 4));
  const outcomes = Uint8Array.from(values, (complaints) => (random() < base + 0.15 * complaints ? 1 : 0));
  return { features: [{ kind: "number", name: "complaints", values } as const], outcomes };
}

const fitted = fitCandidates(
  leavers(0.05, 1),
  Int32Array.from({ length: ROWS }, (_, row) => row % 5),
  { maxLeaves: 4, seed: 1, monotone: {}, pace },
);

describe("the level of the latest window", () => {
  test("as many are foretold as left, by every model, and nobody changes places", async () => {
    const models = await fitted;
    const latest = leavers(0.3, 2);
    const before = scoreCandidates(models, latest.features, ROWS);
    const after = scoreCandidates(setLevel(models, latest), latest.features, ROWS);
    for (const name of CANDIDATES) {
      expect(Math.abs(mean(before[name]) - mean(latest.outcomes)), name).toBeGreaterThan(0.1);
      expect(mean(after[name]), name).toBeCloseTo(mean(latest.outcomes), 4);
      for (let row = 1; row < ROWS; row++)
        expect(Math.sign(after[name][row]! - after[name][row - 1]!)).toBe(
          Math.sign(before[name][row]! - before[name][row - 1]!),
        );
    }
  });

  test("where everybody left there is no level to set", async () => {
    const models = await fitted;
    const latest = { ...leavers(0.3, 2), outcomes: new Uint8Array(ROWS).fill(1) };
    const before = scoreCandidates(models, latest.features, ROWS);
    const after = scoreCandidates(setLevel(models, latest), latest.features, ROWS);
    for (const name of CANDIDATES)
      after[name].forEach((probability, row) => expect(probability).toBeCloseTo(before[name][row]!, 12));
  });
});

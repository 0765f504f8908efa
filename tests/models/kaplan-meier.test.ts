import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitKaplanMeier, survivalAt, type Lives } from "../../src/models/kaplan-meier.js";

/** Durations one by one; a plus marks those that had not ended. */
function livesOf(text: string): Lives {
  const marks = text.split(" ").filter((mark) => mark !== "");
  return {
    durations: Float64Array.from(marks, parseFloat),
    endedCounts: Float64Array.from(marks, (mark) => (mark.endsWith("+") ? 0 : 1)),
    censoredCounts: Float64Array.from(marks, (mark) => (mark.endsWith("+") ? 1 : 0)),
  };
}

const SIX_MP = livesOf("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+");
const PLACEBO = livesOf("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23");

const drawnLives = fc
  .array(fc.record({ duration: fc.integer({ min: 0, max: 40 }), isEnded: fc.boolean() }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((drawn): Lives => ({
    durations: Float64Array.from(drawn, ({ duration }) => duration),
    endedCounts: Float64Array.from(drawn, ({ isEnded }) => Number(isEnded)),
    censoredCounts: Float64Array.from(drawn, ({ isEnded }) => Number(!isEnded)),
  }));

describe("weeks of remission of 42 children with leukaemia (Freireich et al. 1963)", () => {
  /** Survival, standard error and log-log interval of the 6-MP group as in Kleinbaum & Klein and in R's and Stata's lists. */
  const PUBLISHED = [
    [6, 21, 3, 0.8571, 0.0764, 0.6197, 0.9516],
    [7, 17, 1, 0.8067, 0.0869, 0.5631, 0.9228],
    [10, 15, 1, 0.7529, 0.0963, 0.5032, 0.8894],
    [13, 12, 1, 0.6902, 0.1068, 0.4316, 0.8491],
    [16, 11, 1, 0.6275, 0.1141, 0.3675, 0.8049],
    [22, 7, 1, 0.5378, 0.1282, 0.2678, 0.7468],
    [23, 6, 1, 0.4482, 0.1346, 0.1881, 0.6801],
  ] as const;

  test("6-MP: survival, standard error and 95 % interval as published", () => {
    const { steps, median, lifeCount, endedCount } = fitKaplanMeier(SIX_MP);
    expect(steps).toHaveLength(PUBLISHED.length);
    for (const [i, [time, atRisk, ended, survival, standardError, low, high]] of PUBLISHED.entries()) {
      const step = steps[i]!;
      expect(step).toMatchObject({ time, atRiskCount: atRisk, endedCount: ended });
      expect(Math.abs(step.survival - survival)).toBeLessThan(6e-5);
      expect(Math.abs(step.standardError - standardError)).toBeLessThan(6e-5);
      expect(Math.abs(step.low - low)).toBeLessThan(6e-5);
      expect(Math.abs(step.high - high)).toBeLessThan(6e-5);
    }
    expect({ median, lifeCount, endedCount }).toEqual({ median: 23, lifeCount: 21, endedCount: 9 });
  });

  test("placebo: nobody is censored, so survival is the share that is left; median 8", () => {
    const { steps, median } = fitKaplanMeier(PLACEBO);
    for (const { time, survival } of steps)
      expect(survival).toBeCloseTo(
        [...PLACEBO.durations].filter((duration) => duration > time).length / 21,
        12,
      );
    expect(median).toBe(8);
    expect(steps.at(-1)).toMatchObject({ survival: 0, standardError: 0, low: 0 });
  });
});

test("survival at a time is that of the last step, and unknown after the last life seen", () => {
  const curve = fitKaplanMeier(SIX_MP);
  expect(survivalAt(curve, 5)).toMatchObject({ survival: 1, high: 1 });
  expect(survivalAt(curve, 9.9)!.survival).toBeCloseTo(0.8067, 4);
  expect(survivalAt(curve, 35)!.survival).toBeCloseTo(0.4482, 4);
  expect(survivalAt(curve, 35.1)).toBeUndefined();
  expect(survivalAt(fitKaplanMeier(PLACEBO), 99)!.survival).toBe(0);
});

test("before anybody has left, the lower end is Clopper and Pearson's: 0 of 10 lost leaves 69.15 %", () => {
  const curve = fitKaplanMeier(livesOf("3+ 3+ 3+ 3+ 3+ 3+ 3+ 3+ 3+ 3+"));
  expect(curve.steps).toEqual([]);
  expect(curve.median).toBeUndefined();
  expect(survivalAt(curve, 2)!.low).toBeCloseTo(0.6915, 4);
});

test("nobody at all, and a life below zero", () => {
  const nobody = fitKaplanMeier(livesOf(""));
  expect(nobody).toMatchObject({ lifeCount: 0, endedCount: 0, longest: 0, steps: [] });
  expect(survivalAt(nobody, 0)).toMatchObject({ low: 0, high: 1 });
  expect(() => fitKaplanMeier(livesOf("-1"))).toThrow("a life cannot last -1");
});

test("the curve falls within 0–1, inside its interval, and has no NaN", () => {
  fc.assert(
    fc.property(drawnLives, (lives) => {
      let before = 1;
      for (const { survival, low, high, standardError } of fitKaplanMeier(lives).steps) {
        expect(survival).toBeLessThan(before);
        expect(0 <= low && low <= survival && survival <= high && high <= 1).toBe(true);
        expect(Number.isFinite(standardError)).toBe(true);
        before = survival;
      }
    }),
  );
});

test("grouping alike lives, or giving them in another order, changes nothing", () => {
  fc.assert(
    fc.property(drawnLives, (lives) => {
      const rows = [...lives.durations.keys()].toSorted(
        (a, b) => lives.durations[b]! - lives.durations[a]! || a - b,
      );
      const turned = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
      const times = [...new Set(lives.durations)];
      const at = (values: Float64Array, time: number) =>
        values.reduce((sum, value, row) => sum + (lives.durations[row] === time ? value : 0), 0);
      const curve = fitKaplanMeier(lives);
      expect(
        fitKaplanMeier({
          durations: turned(lives.durations),
          endedCounts: turned(lives.endedCounts),
          censoredCounts: turned(lives.censoredCounts),
        }),
      ).toEqual(curve);
      expect(
        fitKaplanMeier({
          durations: Float64Array.from(times),
          endedCounts: Float64Array.from(times, (time) => at(lives.endedCounts, time)),
          censoredCounts: Float64Array.from(times, (time) => at(lives.censoredCounts, time)),
        }),
      ).toEqual(curve);
    }),
  );
});

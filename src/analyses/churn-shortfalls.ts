import type { Evidence } from "./churn-evidence.js";

/** What is missing before anything can be learnt of who leaves. */
export interface Shortfall {
  readonly reason: "fit" | "leavers" | "stayers" | "test" | "test-leavers";
  readonly found: number;
  readonly needed: number;
}

const LEAST_ROWS = 200;
const LEAST_OUTCOMES = 30;
const LEAST_TEST_OUTCOMES = 10;

/** Checks that there are customers, leavers and stayers enough to learn from, and a later whole window to try on. */
export function shortfallsOf({ fit, test }: Evidence): Shortfall[] {
  const leavers = countOf(fit.training.outcomes);
  const testLeavers = countOf(test.training.outcomes);
  const checks: readonly Shortfall[] = [
    { reason: "fit", found: fit.folds.length, needed: LEAST_ROWS },
    { reason: "leavers", found: leavers, needed: LEAST_OUTCOMES },
    { reason: "stayers", found: fit.folds.length - leavers, needed: LEAST_OUTCOMES },
    { reason: "test", found: test.folds.length, needed: LEAST_ROWS / 2 },
    { reason: "test-leavers", found: testLeavers, needed: LEAST_TEST_OUTCOMES },
  ];
  return checks.filter(({ found, needed }) => found < needed);
}

const countOf = (outcomes: Uint8Array) => outcomes.reduce((sum, outcome) => sum + outcome, 0);

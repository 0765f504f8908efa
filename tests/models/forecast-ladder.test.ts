import { describe, expect, test } from "vitest";
import { climbDown, onceRates, tryForecasts, type Backtest } from "../../src/models/forecast-ladder.js";
import { historyAt } from "../../src/models/forecast.js";
import { PURCHASE_MODELS } from "../../src/models/purchases.js";
import { seeded } from "../../src/random.js";
import { grouped } from "./cdnow.js";
import { ODD_BASES } from "./purchase-process.js";
import { drawOrders, seenUntil, type BuyerBase } from "./simulated-buyers.js";

const LEAVING: BuyerBase = { shape: 1, r: 0.8, alpha: 6, a: 0.8, b: 2.5, mayLeaveAtOnce: true };
const CLOCKWORK: BuyerBase = { shape: 4, r: 3, alpha: 6, a: 0.6, b: 4, mayLeaveAtOnce: true };
const STAYING: BuyerBase = { shape: 1, r: 3, alpha: 30, a: 0, b: 1, mayLeaveAtOnce: false };

/** What is known of simulated customers after `age` weeks, and what they did in the 26 after. */
function simulate(base: BuyerBase, { seed = 1, count = 1500, age = 78 } = {}) {
  const random = seeded(seed);
  const horizon = 26;
  const drawn = Array.from({ length: count }, () => drawOrders(random, base, age + horizon));
  const { histories, rows } = grouped(drawn.map((orders) => seenUntil(orders, age)));
  const backtest: Backtest = {
    histories,
    horizon,
    rows,
    outcomeCounts: Float64Array.from(drawn, (orders) => orders.filter((order) => order > age).length),
    customerCounts: new Float64Array(count).fill(1),
  };
  const today = grouped(drawn.map((orders) => seenUntil(orders, age + horizon))).histories;
  return { backtest, today };
}

function ladderOf(base: BuyerBase, options = {}) {
  const { backtest, today } = simulate(base, options);
  const trials = tryForecasts([backtest], PURCHASE_MODELS);
  return { trials, ladder: climbDown(trials, { today, backtests: [backtest], names: PURCHASE_MODELS }) };
}

describe("the ladder", () => {
  test("ships a model whose maximum lies inside where customers leave by chance, and fits no other to today", () => {
    const { ladder, trials } = ladderOf(LEAVING);
    expect(ladder.rung).toBe("model");
    expect(ladder.steps.filter(({ verdict }) => verdict === "taken")).toHaveLength(1);
    const mae = (name: string) => trials.find((trial) => trial.name === name)!.errors.mae;
    expect(mae(ladder.forecast.name)).toBeLessThanOrEqual(Math.min(...PURCHASE_MODELS.map(mae)) + 1e-12);
    expect(ladder.steps.filter(({ model }) => model !== undefined)).toHaveLength(1);
  });

  test("takes regular timing for what it is: MBG/CNBD-k with k = 4", () => {
    const { ladder } = ladderOf(CLOCKWORK);
    expect(ladder.forecast.name).toBe("mbg-cnbd-k");
    expect(ladder.steps[0]!.model!.parameters["k"]).toBe(4);
  });

  test("steps down to a model at its edge where nobody ever leaves, and names what ran away", () => {
    const { ladder } = ladderOf(STAYING);
    expect(ladder.rung).toBe("simpler-model");
    expect(ladder.steps.every(({ verdict }) => verdict === "at-edge" || verdict === "flat")).toBe(true);
    expect(ladder.steps.some(({ model }) => model?.boundary !== undefined)).toBe(true);
  });

  test("ships a rule of thumb where everybody goes on at exactly their own rate, who bought once never again", () => {
    const { backtest, today } = simulate(LEAVING);
    const { histories, rows, horizon } = backtest;
    const goingOn: Backtest = {
      ...backtest,
      outcomeCounts: Float64Array.from(
        rows,
        (row) => (histories.repeatCounts[row]! / histories.ages[row]!) * horizon,
      ),
    };
    const trials = tryForecasts([goingOn], PURCHASE_MODELS);
    const ladder = climbDown(trials, { today, backtests: [goingOn], names: PURCHASE_MODELS });
    expect(ladder.rung).toBe("naive-rate");
    expect(ladder.forecast.name).toBe("own-rate");
    expect(ladder.steps.slice(0, -1).every(({ verdict }) => verdict === "worse-than-naive")).toBe(true);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    "seed %d: never worse than the better rule by more than a hundredth",
    (seed) => {
      for (const base of [LEAVING, CLOCKWORK, STAYING]) {
        const { ladder, trials } = ladderOf(base, { seed, count: 300 });
        const mae = (name: string) => trials.find((trial) => trial.name === name)!.errors.mae;
        const better = Math.min(mae("own-rate"), mae("base-mean"));
        expect(mae(ladder.forecast.name)).toBeLessThanOrEqual(1.01 * better);
      }
    },
  );

  test.each(ODD_BASES)("has an answer for %s", (_, today) => {
    const ladder = climbDown([], { today, backtests: [], names: PURCHASE_MODELS });
    for (let row = 0; row < today.ages.length; row++) {
      const history = historyAt(today, row);
      if (!Number.isFinite(history.age + history.repeatCount)) continue;
      const count = ladder.forecast.expectedCount(history, history.age / 2 || 1);
      expect(Number.isFinite(count)).toBe(true);
    }
  });
});

test("a rule that ships gives those who bought once what such customers did before, and is judged by what did before that", () => {
  const latest = simulate(LEAVING, { age: 104 });
  const earlier = simulate(LEAVING, { seed: 2 });
  const goOn = ({ backtest }: ReturnType<typeof simulate>): Backtest => {
    const { histories, rows, horizon } = backtest;
    const rate = (row: number) => histories.repeatCounts[row]! / histories.ages[row]!;
    return {
      ...backtest,
      outcomeCounts: Float64Array.from(rows, (row, i) => rate(row) * horizon || (i % 5 === 0 ? 1 : 0)),
    };
  };
  const backtests = [goOn(latest), goOn(earlier)];
  const trials = tryForecasts(backtests, PURCHASE_MODELS);
  const { rung, forecast, judged } = climbDown(trials, {
    today: latest.today,
    backtests,
    names: PURCHASE_MODELS,
  });
  expect(rung).toBe("naive-rate");
  const once = { repeatCount: 0, lastAge: 0, age: 104 };
  expect(forecast.expectedCount(once, 26)).toBeCloseTo(onceRates(backtests[0]!).old * 26, 12);
  expect(judged!.forecasts[0]!.expectedCount(once, 26)).toBeCloseTo(onceRates(backtests[1]!).old * 26, 12);
  const foretold = judged!.outcomes.predictedCounts.filter((_, i) => judged!.outcomes.repeatCounts[i] === 0);
  expect(foretold[0]).toBeGreaterThan(0);
});

test("onceRates parts those who bought once of late from those of long ago", () => {
  const backtest: Backtest = {
    histories: {
      repeatCounts: Float64Array.of(0, 0, 3),
      lastAges: Float64Array.of(0, 0, 40),
      ages: Float64Array.of(10, 60, 60),
      customerCounts: Float64Array.of(4, 5, 1),
    },
    horizon: 20,
    rows: Int32Array.of(0, 0, 1, 2),
    outcomeCounts: Float64Array.of(0, 2, 0, 9),
    customerCounts: Float64Array.of(3, 1, 5, 1),
  };
  expect(onceRates(backtest)).toEqual({ recentAge: 20, recent: 2 / (4 * 20), old: 0 });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bestCallCount,
  chancesToBeCalled,
  gradeAgainstRule,
  modelOrder,
  ruleOrder,
  savedByList,
  type TestedCustomers,
} from "../../src/models/call-list.js";
import { seeded, type Random } from "../../src/random.js";
import { coverage, normalDraw } from "./scored-rows.js";

const TERMS = { successRate: 0.2, contactCost: 5 };

const drawnCustomers = fc
  .array(
    fc.record({
      probability: fc.integer({ min: 0, max: 10 }),
      money: fc.integer({ min: -50, max: 300 }),
      outcome: fc.integer({ min: 0, max: 1 }),
      isFlagged: fc.integer({ min: 0, max: 1 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((customers) => ({
    probabilities: Float64Array.from(customers, ({ probability }) => probability / 10),
    contributions: Float64Array.from(customers, ({ money }) => money),
    outcomes: Uint8Array.from(customers, ({ outcome }) => outcome),
    isFlagged: Uint8Array.from(customers, ({ isFlagged }) => isFlagged),
  }));

interface World {
  readonly probabilities: Float64Array;
  readonly isFlagged: Uint8Array;
  readonly customers: TestedCustomers;
}

/** Customers with a hidden risk, of which the model sees `sight` beside noise, less so the more money there is. */
function world(
  random: Random,
  size: number,
  seen: { sight: number; sigma: number; blindness?: number },
): World {
  const rows = Array.from({ length: size }, () => {
    const [risk, money] = [normalDraw(random), normalDraw(random)];
    const logOdds = seen.sight * risk + normalDraw(random) - (seen.blindness ?? 0) * money - 2;
    return {
      outcome: random() < 1 / (1 + Math.exp(2 - 1.5 * risk)) ? 1 : 0,
      contribution: Math.exp(5 + seen.sigma * money),
      probability: 1 / (1 + Math.exp(-logOdds)),
      isFlagged: risk + normalDraw(random) > 1 ? 1 : 0,
    };
  });
  return {
    probabilities: Float64Array.from(rows, ({ probability }) => probability),
    isFlagged: Uint8Array.from(rows, ({ isFlagged }) => isFlagged),
    customers: {
      outcomes: Uint8Array.from(rows, ({ outcome }) => outcome),
      contributions: Float64Array.from(rows, ({ contribution }) => contribution),
    },
  };
}

function graded({ probabilities, isFlagged, customers }: World, count: number) {
  const { contributions } = customers;
  const orders = {
    model: modelOrder(probabilities, contributions),
    rule: ruleOrder(isFlagged, contributions),
  };
  return gradeAgainstRule(orders, customers, { ...TERMS, count });
}

describe("orders", () => {
  test("the model calls by probability × money, and nobody for money that is not there", () => {
    expect([...modelOrder(Float64Array.of(0.5, 0.1, 0.9, 0.9), Float64Array.of(100, 600, -80, NaN))]).toEqual(
      [50, 60, 0, 0],
    );
  });

  test("the rule calls whom it flags, most money first, then the others likewise; equal ones tie", () => {
    const order = ruleOrder(Uint8Array.of(0, 1, 0, 1, 1), Float64Array.of(900, 10, 40, 70, 70));
    expect([...order.keys()].sort((a, b) => order[b]! - order[a]! || a - b)).toEqual([3, 4, 1, 0, 2]);
    expect(order[3]).toBe(order[4]);
    const none = ruleOrder(Uint8Array.of(1, 1, 0), Float64Array.of(-5, 0, 1));
    expect(none[0]).toBe(none[1]);
    expect(none[1]).toBeGreaterThan(none[2]!);
  });

  test("places that are shared are shared evenly, and all places are given away", () => {
    expect([...chancesToBeCalled(Float64Array.of(3, 1, 2, 2, 2), 2)]).toEqual([1, 0, 1 / 3, 1 / 3, 1 / 3]);
    fc.assert(
      fc.property(drawnCustomers, fc.integer({ min: 0, max: 40 }), ({ probabilities }, count) => {
        const chances = chancesToBeCalled(probabilities, count);
        const sum = chances.reduce((total, chance) => total + chance, 0);
        expect(sum).toBeCloseTo(Math.min(count, probabilities.length), 9);
        chances.forEach((chance, a) => {
          expect(chance).toBeGreaterThanOrEqual(0);
          expect(chance).toBeLessThanOrEqual(1);
          chances.forEach((other, b) => {
            if (probabilities[a]! > probabilities[b]!) expect(chance).toBeGreaterThanOrEqual(other);
          });
        });
      }),
    );
  });

  test("half a customer, fewer than none, or an order that is none, is refused", () => {
    expect(() => chancesToBeCalled(Float64Array.of(1), 0.5)).toThrow("0.5 customers cannot be called");
    expect(() => chancesToBeCalled(Float64Array.of(1), -1)).toThrow("-1 customers cannot be called");
    expect(() => chancesToBeCalled(Float64Array.of(NaN), 1)).toThrow("a place in the order is NaN");
  });
});

describe("savedByList", () => {
  test("by hand: two calls at 5, one to a leaver of 1000 of whom a fifth stays, save 190", () => {
    const customers = { outcomes: Uint8Array.of(1, 0, 1), contributions: Float64Array.of(1000, 500, 80) };
    const list = { order: Float64Array.of(3, 2, 1), count: 2 };
    expect(savedByList(list, customers, TERMS).estimate).toBe(190);
    expect(savedByList({ ...list, count: 3 }, customers, TERMS).estimate).toBe(201);
    expect(savedByList({ ...list, count: 0 }, customers, TERMS)).toEqual({ estimate: 0, low: 0, high: 0 });
  });

  test("a leaver without money at stake costs the call and saves nothing", () => {
    const customers = { outcomes: Uint8Array.of(1, 1), contributions: Float64Array.of(-400, NaN) };
    expect(savedByList({ order: Float64Array.of(2, 1), count: 2 }, customers, TERMS).estimate).toBe(-10);
  });

  test("the order of the rows changes no digit", () => {
    fc.assert(
      fc.property(drawnCustomers, ({ probabilities, contributions, outcomes }) => {
        const saved = (turn: <A extends Float64Array | Uint8Array>(column: A) => A) =>
          savedByList(
            { order: modelOrder(turn(probabilities), turn(contributions)), count: 4 },
            { outcomes: turn(outcomes), contributions: turn(contributions) },
            TERMS,
          );
        expect(saved((column) => column.slice().reverse() as typeof column)).toEqual(
          saved((column) => column),
        );
      }),
    );
  });
});

describe("bestCallCount", () => {
  test("by hand: calls that are expected to earn 15 and 1, and not those at 0 and below", () => {
    const found = bestCallCount(
      Float64Array.of(0.5, 0.1, 0.25, 0.9),
      Float64Array.of(200, 300, 100, -50),
      TERMS,
    );
    expect(found).toEqual({ count: 2, expectedProfit: 16 });
  });

  test("no other length of the model's list is expected to earn more", () => {
    fc.assert(
      fc.property(drawnCustomers, ({ probabilities, contributions }) => {
        const { count, expectedProfit } = bestCallCount(probabilities, contributions, TERMS);
        const losses = [...modelOrder(probabilities, contributions)].sort((a, b) => b - a);
        const profitAt = (length: number) =>
          losses
            .slice(0, length)
            .reduce((sum, loss) => sum + loss * TERMS.successRate - TERMS.contactCost, 0);
        expect(expectedProfit).toBeCloseTo(profitAt(count), 9);
        for (let length = 0; length <= losses.length; length++)
          expect(profitAt(length)).toBeLessThanOrEqual(expectedProfit + 1e-9);
      }),
    );
  });

  test("nobody where no call pays; everybody with something to lose where calls are free", () => {
    const [probabilities, contributions] = [Float64Array.of(0.5, 0.5), Float64Array.of(10, 0)];
    expect(bestCallCount(probabilities, contributions, TERMS)).toEqual({ count: 0, expectedProfit: 0 });
    expect(bestCallCount(probabilities, contributions, { successRate: 1, contactCost: 0 })).toEqual({
      count: 1,
      expectedProfit: 5,
    });
  });

  test("true probabilities: what was expected is what comes, within the interval", () => {
    const random = seeded(9);
    const contributions = Float64Array.from({ length: 50_000 }, () => 300 * random());
    const probabilities = contributions.map(() => random() ** 2);
    const outcomes = Uint8Array.from(probabilities, (probability) => (random() < probability ? 1 : 0));
    const { count, expectedProfit } = bestCallCount(probabilities, contributions, TERMS);
    const list = { order: modelOrder(probabilities, contributions), count };
    const { low, high } = savedByList(list, { outcomes, contributions }, TERMS);
    expect(low).toBeLessThan(expectedProfit);
    expect(high).toBeGreaterThan(expectedProfit);
    expect(high - low).toBeLessThan(0.05 * expectedProfit);
  });
});

describe("gradeAgainstRule", () => {
  test("a model that sees the risk beats a rule that half sees it: A; the model makes the list", () => {
    const found = graded(world(seeded(1), 4000, { sight: 3, sigma: 0.5 }), 800);
    expect(found).toMatchObject({ grade: "A", ships: "model", count: 800 });
    expect(found.gain.estimate).toBeCloseTo(found.model.estimate - found.rule.estimate, 6);
    expect(found.gain.estimate).toBeGreaterThan(0.2 * found.rule.estimate);
  });

  test("surely better, but by less than a fifth of the rule's profit: B", () => {
    const found = graded(world(seeded(1), 60_000, { sight: 0.9, sigma: 0.5 }), 12_000);
    expect(found.gain.low).toBeGreaterThan(0);
    expect(found.gain.estimate).toBeLessThan(0.2 * found.rule.estimate);
    expect(found).toMatchObject({ grade: "B", ships: "model" });
  });

  test("a model that sees nothing is worse than the rule: D; the rule makes the list", () => {
    const found = graded(world(seeded(1), 4000, { sight: 0, sigma: 0.5 }), 800);
    expect(found.gain.high).toBeLessThan(0);
    expect(found).toMatchObject({ grade: "D", ships: "rule" });
  });

  test("the rule's own order, no calls, or a handful of leavers: C; the rule makes the list", () => {
    const { customers, isFlagged } = world(seeded(1), 4000, { sight: 3, sigma: 0.5 });
    const rule = ruleOrder(isFlagged, customers.contributions);
    const same = gradeAgainstRule({ model: rule, rule }, customers, { ...TERMS, count: 800 });
    expect(same).toMatchObject({ grade: "C", ships: "rule", gain: { estimate: 0, low: 0, high: 0 } });
    expect(graded(world(seeded(1), 4000, { sight: 3, sigma: 0.5 }), 0)).toMatchObject({ grade: "C" });
    const few = {
      outcomes: Uint8Array.from({ length: 40 }, (_, i) => (i < 9 ? 1 : 0)),
      contributions: new Float64Array(40).fill(1000),
    };
    const orders = {
      model: Float64Array.from({ length: 40 }, (_, i) => -i),
      rule: Float64Array.from({ length: 40 }, (_, i) => i),
    };
    const found = gradeAgainstRule(orders, few, { ...TERMS, count: 9 });
    expect(found.gain.low).toBeGreaterThan(0);
    expect(found).toMatchObject({ grade: "C", ships: "rule" });
  });

  test("better than the rule, but at a loss: not an A", () => {
    const { probabilities, isFlagged, customers } = world(seeded(1), 40_000, { sight: 3, sigma: 0.5 });
    const { contributions } = customers;
    const orders = {
      model: modelOrder(probabilities, contributions),
      rule: ruleOrder(isFlagged, contributions),
    };
    const found = gradeAgainstRule(orders, customers, { successRate: 0.2, contactCost: 100, count: 8000 });
    expect(found.model.estimate).toBeLessThan(0);
    expect(found).toMatchObject({ grade: "B", ships: "model" });
  });

  /** What the gain is on average for `size` customers. */
  const trueGain = (size: number, seen: Parameters<typeof world>[2]) =>
    (graded(world(seeded(2), 100_000, seen), 20_000).gain.estimate / 100_000) * size;

  test("with money of moderate spread the interval holds the gain 92–98 times in 100", () => {
    const seen = { sight: 1, sigma: 0.5 };
    const share = coverage(600, trueGain(400, seen), (random) => graded(world(random, 400, seen), 80).gain);
    expect(share).toBeGreaterThan(0.92);
    expect(share).toBeLessThan(0.98);
  });

  test("a model that is no better and overlooks the largest customers ships at most 6 times in 100", () => {
    const seen = { sight: 2, sigma: 1.2, blindness: 2.2 };
    expect(trueGain(500, seen)).toBeLessThan(-100);
    const random = seeded(4);
    const shipped = Array.from({ length: 400 }, () => graded(world(random, 500, seen), 100)).filter(
      ({ ships }) => ships === "model",
    );
    expect(shipped.length / 400).toBeLessThan(0.06);
  });
});

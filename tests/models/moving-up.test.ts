import { describe, expect, test } from "vitest";
import { sureSteps, type Step } from "../../src/models/moving-up.js";
import { seeded, type Random } from "../../src/random.js";

const step = (counts: Partial<Step>): Step => ({
  ...{ buyerCount: 27, movedCount: 12, backCount: 0, otherCount: 100, otherNextCount: 0 },
  ...counts,
});

describe("a step is sure", () => {
  test.each([
    [
      "12 of 27 moved, and none of 6 others has it: p = C(27, 12) / C(33, 12) = .049",
      { otherCount: 6 },
      true,
    ],
    ["none of 5 others: p = C(27, 12) / C(32, 12) = .077", { otherCount: 5 }, false],
    ["nobody else bought in the category", { otherCount: 0 }, false],
    ["25 of 100 others have it: p = .044", { otherNextCount: 25 }, true],
    ["26 of 100 others have it: p = .055", { otherNextCount: 26 }, false],
    ["4 went the other way: p = .038", { backCount: 4 }, true],
    ["5 went the other way: p = .072", { backCount: 5 }, false],
  ])("%s", (_, counts, isSure) => {
    expect(sureSteps([step(counts)], 1)).toEqual([isSure]);
  });

  test("among so many that could have been: .0115 is enough among four, not among five", () => {
    const steps = [step({ otherNextCount: 20 })];
    expect([sureSteps(steps, 4), sureSteps(steps, 5)]).toEqual([[true], [false]]);
  });
});

const [CUSTOMERS, PRODUCTS, BUSY] = [400, 20, 10];

/** Customers of one category on days drawn at random: every second one buys one product, the others ten, each once. */
function daysByCustomer(random: Random): Map<number, number>[] {
  const popularity = Array.from({ length: PRODUCTS }, () => 0.2 + random());
  return Array.from({ length: CUSTOMERS }, () => {
    const days = new Map<number, number>();
    const count = random() < 0.5 ? 1 : BUSY;
    while (days.size < count) {
      const product = Math.floor(PRODUCTS * random());
      if (1.2 * random() < popularity[product]!) days.set(product, random());
    }
    return days;
  });
}

/** The step from one product to another. */
function stepOf(customers: readonly Map<number, number>[], from: number, to: number): Step {
  const buyers = customers.filter((days) => days.has(from));
  const others = customers.filter((days) => !days.has(from));
  const both = buyers.filter((days) => days.has(to));
  return {
    buyerCount: buyers.length,
    movedCount: both.filter((days) => days.get(to)! > days.get(from)!).length,
    backCount: both.filter((days) => days.get(to)! < days.get(from)!).length,
    otherCount: others.length,
    otherNextCount: others.filter((days) => days.has(to)).length,
  };
}

/** Dearer is what has the greater number. */
const PAIRS = Array.from({ length: PRODUCTS }, (_, from) =>
  Array.from({ length: PRODUCTS - from - 1 }, (_, more) => [from, from + more + 1] as const),
).flat();

const worlds = Array.from({ length: 100 }, (_, seed) => daysByCustomer(seeded(seed + 1)));
const sureOf = (customers: readonly Map<number, number>[]) => {
  const isSure = sureSteps(
    PAIRS.map(([from, to]) => stepOf(customers, from, to)),
    PAIRS.length,
  );
  return PAIRS.filter((_, pair) => isSure[pair]);
};

test("where busy customers buy everything and nobody moves up, at most one world in twenty has a step", () => {
  expect(worlds.filter((customers) => sureOf(customers).length > 0).length).toBeLessThanOrEqual(5);
});

test("of 100 who bought the cheapest alone, 80 who moved to the dearest are found among 190 steps", () => {
  const [cheapest, dearest] = [0, PRODUCTS - 1];
  const movers = Array.from(
    { length: 100 },
    (_, i) => new Map([[cheapest, 0.2] as const, ...(i < 80 ? [[dearest, 0.8] as const] : [])]),
  );
  const found = worlds.map((customers) => sureOf([...customers, ...movers]));
  const isPlanted = ([from, to]: readonly [number, number]) => from === cheapest && to === dearest;
  expect(found.filter((pairs) => pairs.some(isPlanted))).toHaveLength(worlds.length);
  expect(found.flat().filter((pair) => !isPlanted(pair)).length).toBeLessThanOrEqual(5);
});

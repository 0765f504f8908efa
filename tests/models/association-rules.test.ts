import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  associationRules,
  type AssociationRule,
  type RuleSettings,
} from "../../src/models/association-rules.js";
import { frequentItemsets } from "../../src/models/frequent-itemsets.js";
import { fractionOf, leastCount } from "../../src/models/whole-thresholds.js";
import { seeded } from "../../src/random.js";
import { arulesJobs, basketsFrom, groceries, HAS_GROCERIES, mlxtendJobs, swapped } from "./basket-cases.js";

interface Asked extends Partial<Omit<RuleSettings, "minConfidence">> {
  readonly minCount?: number;
  readonly confidence?: string | number;
}

function rulesOf(
  lists: readonly (readonly number[])[],
  { minCount = 1, confidence = 0, ...settings }: Asked = {},
) {
  const baskets = basketsFrom(lists);
  const found = frequentItemsets(baskets, { minCount });
  return associationRules(baskets, found, { minConfidence: fractionOf(confidence), ...settings }).rules;
}

const named = ({ antecedent, consequent }: AssociationRule) =>
  `${antecedent.join(" ")} > ${consequent.join(" ")}`;

const LISTS = [[0, 1, 2], [0, 1], [0, 1], [0, 2], [1, 2], [0], [3, 4], [3, 4], [3], [5]];

describe("measures", () => {
  test("by hand", () => {
    const rule = rulesOf(LISTS).find((each) => named(each) === "0 > 1")!;
    expect(rule).toMatchObject({
      count: 3,
      antecedentCount: 5,
      consequentCount: 4,
      support: 0.3,
      confidence: 0.6,
    });
    expect(rule.lift).toBeCloseTo(1.5, 12);
    expect(rule.leverage).toBeCloseTo(0.3 - 0.5 * 0.4, 12);
    expect(rule.conviction).toBeCloseTo((1 - 0.4) / (1 - 0.6), 12);
    // 5 of 10 drawn, 4 marked: C(4,3)C(6,2)/C(10,5) + C(4,4)C(6,1)/C(10,5)
    expect(rule.pValue).toBeCloseTo((4 * 15 + 6) / 252, 12);
    expect(rule.liftLow).toBeCloseTo(0.852, 3);
    expect(rule.liftHigh).toBeCloseTo(2.641, 3);
  });

  test("a rule without exception has no end of conviction", () => {
    expect(rulesOf(LISTS).find((each) => named(each) === "4 > 3")!.conviction).toBe(Infinity);
  });

  test("equal a count of every basket", () => {
    const lists = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 6 }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        lists,
        fc.constantFrom("0", "0.25", "0.5", "0.75", "1"),
        fc.boolean(),
        (baskets, confidence, hasAllSplits) => {
          const holding = (items: readonly number[]) =>
            baskets.filter((list) => items.every((item) => list.includes(item))).length;
          const rules = rulesOf(baskets, { confidence, hasAllSplits });
          for (const rule of rules) {
            const both = holding([...rule.antecedent, ...rule.consequent]);
            const left = holding(rule.antecedent);
            expect([rule.count, rule.antecedentCount, rule.consequentCount]).toEqual([
              both,
              left,
              holding(rule.consequent),
            ]);
            expect(both).toBeGreaterThanOrEqual(Number(confidence) * left);
            const fewer = subsets(rule.antecedent).filter(
              (items) => items.length > 0 && items.length < rule.antecedent.length,
            );
            const isRedundant = fewer.some(
              (items) => holding([...items, ...rule.consequent]) * left >= both * holding(items),
            );
            expect({ rule: named(rule), isRedundant: rule.isRedundant }).toEqual({
              rule: named(rule),
              isRedundant,
            });
          }
          expect(new Set(rules.map(named))).toEqual(
            new Set(allRules(baskets, Number(confidence), hasAllSplits)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

const subsets = (items: readonly number[]): number[][] =>
  Array.from({ length: 2 ** items.length }, (_, chosen) => items.filter((_, at) => chosen & (1 << at)));

function allRules(
  baskets: readonly (readonly number[])[],
  confidence: number,
  hasAllSplits: boolean,
): string[] {
  const holding = (items: readonly number[]) =>
    baskets.filter((list) => items.every((item) => list.includes(item))).length;
  const sets = subsets([0, 1, 2, 3, 4, 5]).filter((items) => items.length > 1 && holding(items) >= 1);
  return sets.flatMap((items) =>
    subsets(items)
      .filter((left) => left.length > 0 && left.length < items.length)
      .filter((left) => hasAllSplits || left.length === items.length - 1)
      .filter((left) => holding(items) / holding(left) >= confidence)
      .map((left) => `${left.join(" ")} > ${items.filter((item) => !left.includes(item)).join(" ")}`),
  );
}

describe("thresholds", () => {
  test("a rule exactly at the least confidence is in, whatever floating point makes of it", () => {
    const lists = [...Array.from({ length: 7 }, () => [0, 1]), ...Array.from({ length: 93 }, () => [0])];
    expect(7 / 100 >= 0.07).toBe(true);
    expect(0.07 * 100).toBeGreaterThan(7);
    expect(rulesOf(lists, { confidence: "0.07" }).map(named)).toContain("0 > 1");
    expect(rulesOf(lists, { confidence: "0.0700001" }).map(named)).not.toContain("0 > 1");
  });
});

describe("sides", () => {
  test("required and excluded items", () => {
    const rules = (settings: Asked) => rulesOf(LISTS, settings).map(named).sort();
    expect(rules({ consequent: { required: [4] } })).toEqual(["3 > 4"]);
    expect(rules({ antecedent: { required: [3] } })).toEqual(["3 > 4"]);
    expect(rules({ consequent: { required: [0] }, antecedent: { excluded: [2] } })).toEqual(["1 > 0"]);
    expect(rules({ consequent: { required: [17] } })).toEqual([]);
  });
});

describe("what was looked for", () => {
  const testCountOf = (settings: Omit<RuleSettings, "minConfidence">) => {
    const baskets = basketsFrom(LISTS);
    const found = frequentItemsets(baskets, { minCount: 1 });
    return associationRules(baskets, found, { minConfidence: fractionOf("0"), ...settings }).testCount;
  };
  // Frequent: six single items, four pairs, one of three, which has no longer one to be the left side of.
  const LEFTS = [[0], [1], [2], [3], [4], [5], [0, 1], [0, 2], [1, 2], [3, 4]];
  const pairings = (isLeft: (items: number[]) => boolean, rights: readonly number[]) =>
    LEFTS.filter(isLeft).flatMap((left) => rights.filter((right) => !left.includes(right))).length;
  const ALL = [0, 1, 2, 3, 4, 5];

  test("each left side with each item that is not in it", () => {
    expect(testCountOf({})).toBe(pairings(() => true, ALL));
  });

  test("sides that are asked for are counted as they are, and items that never came are not", () => {
    const isLeft = (items: number[]) => items.includes(0);
    expect(testCountOf({ consequent: { required: [1, 2, 4] } })).toBe(pairings(() => true, [1, 2, 4]));
    expect(testCountOf({ consequent: { excluded: [0, 9] } })).toBe(pairings(() => true, [1, 2, 3, 4, 5]));
    expect(testCountOf({ antecedent: { required: [0] } })).toBe(pairings(isLeft, ALL));
  });
});

describe("a standing order of many products", () => {
  const items = Array.from({ length: 14 }, (_, item) => item);
  const lists = [
    ...Array.from({ length: 30 }, () => items),
    ...Array.from({ length: 30 }, (_, i) => [i % 14, 14]),
  ];
  const baskets = basketsFrom(lists);
  const found = frequentItemsets(baskets, { minCount: 2 });

  test.each([false, true])("makes no more rules than there is room for, all splits: %s", (hasAllSplits) => {
    const settings = { minConfidence: fractionOf("0.5"), hasAllSplits, mostRules: 5000 };
    const { rules, mostItems } = associationRules(baskets, found, settings);
    expect(mostItems).toBeLessThan(14);
    expect(mostItems).toBeGreaterThan(2);
    expect(rules.length).toBeGreaterThan(100);
    expect(rules.length).toBeLessThanOrEqual(5000);
    const longest = Math.max(
      ...rules.map(({ antecedent, consequent }) => antecedent.length + consequent.length),
    );
    expect(longest).toBe(mostItems);
  });
});

describe("chance", () => {
  /** Items by popularity, baskets from one item to thirty. */
  const popular = (seed: number, basketCount: number) => {
    const random = seeded(seed);
    return Array.from({ length: basketCount }, () =>
      Array.from({ length: 1 + Math.floor(30 * random() ** 4) }, () => Math.floor(80 * random() ** 2)),
    );
  };

  test("popularity and size alone yield no rule from six seeds, where Fisher's test lets most pass", () => {
    const survivors = [1, 2, 3, 4, 5, 6].map((seed) => {
      const rules = rulesOf(swapped(popular(seed, 1500), seeded(seed)), { minCount: 10, confidence: 0.05 });
      expect(rules.length).toBeGreaterThan(1000);
      expect(rules.filter(({ pValue }) => pValue < 0.05).length).toBeGreaterThan(0.3 * rules.length);
      return rules.filter(({ isSignificant }) => isSignificant).length;
    });
    expect(survivors).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("planted rules are found among them, with the strength they were planted with, and no others in four seeds", () => {
    const isPlanted = ({ antecedent, consequent }: AssociationRule) =>
      [20, 70].every((item) => antecedent.includes(item) || consequent.includes(item));
    const others = [1, 2, 3, 4].flatMap((seed) => {
      const random = seeded(seed);
      const mixed = swapped(popular(seed, 3000), random);
      const lists = mixed.map((list) => (list.includes(20) && random() < 0.5 ? [...list, 70] : list));
      const rules = rulesOf(lists, { minCount: 15, confidence: 0.2 });
      const planted = rules.find((rule) => named(rule) === "20 > 70")!;
      expect(planted.isSignificant).toBe(true);
      expect(Math.abs(planted.confidence - 0.5)).toBeLessThan(0.12);
      const shipped = rules.filter(({ isSignificant, isRedundant }) => isSignificant && !isRedundant);
      return shipped.filter((rule) => !isPlanted(rule)).map(named);
    });
    expect(others).toEqual([]);
  });

  test("what is independent beside one of several substitutes makes no rule", () => {
    const random = seeded(5);
    const lists = Array.from({ length: 6000 }, () => {
      const telephone = Math.floor(3 * random());
      return random() < 0.6 ? [telephone, 3 + Math.floor(3 * random())] : [telephone];
    });
    const rules = rulesOf(lists, { minCount: 60, confidence: 0.1 });
    expect(rules.filter(({ lift, chancePValue }) => lift > 1 && chancePValue < 0.001).length).toBeGreaterThan(
      0,
    );
    expect(rules.filter(({ isSignificant }) => isSignificant)).toEqual([]);
  });

  test.skipIf(!HAS_GROCERIES)("of Groceries shuffled with margins kept no rule survives", () => {
    const rules = rulesOf(swapped(groceries().lists, seeded(11)), { minCount: 50, confidence: "0.05" });
    expect(rules.length).toBeGreaterThan(500);
    expect(rules.filter(({ isSignificant }) => isSignificant)).toEqual([]);
  });
});

describe.skipIf(!HAS_GROCERIES)("Groceries (reference/baskets; skipped where it is not at hand)", () => {
  const byLift = (names: readonly string[]) => {
    const text = (items: readonly number[]) =>
      items
        .map((item) => names[item]!)
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .join(" + ");
    return (rules: readonly AssociationRule[]) =>
      rules
        .map((rule) => ({ ...rule, lhs: text(rule.antecedent), rhs: text(rule.consequent) }))
        .sort(
          (a, b) =>
            Math.round(b.lift * 1e9) - Math.round(a.lift * 1e9) ||
            b.count - a.count ||
            Buffer.compare(Buffer.from(a.lhs), Buffer.from(b.lhs)) ||
            Buffer.compare(Buffer.from(a.rhs), Buffer.from(b.rhs)),
        );
  };

  test("rule counts and the top twenty by lift are those of arules 1.7-10 at every support and confidence", () => {
    const { lists, names } = groceries();
    const baskets = basketsFrom(lists);
    for (const job of arulesJobs()) {
      const minCount = leastCount(fractionOf(job.support), lists.length);
      const found = frequentItemsets(baskets, { minCount });
      for (const expected of job.rules) {
        const { rules } = associationRules(baskets, found, {
          minConfidence: fractionOf(expected.confidence),
        });
        expect(rules.length).toBe(expected.n_rules);
        expect(rules.reduce((sum, { lift }) => sum + lift, 0)).toBeCloseTo(expected.sum_lift, 6);
        const top = byLift(names)(rules).slice(0, expected.top20_by_lift.length);
        expect(top.map(({ lhs, rhs, count }) => ({ lhs, rhs, count }))).toEqual(
          expected.top20_by_lift.map(({ lhs, rhs, count }) => ({ lhs, rhs, count })),
        );
        top.forEach((rule, place) => {
          const { support, confidence, lift } = expected.top20_by_lift[place]!;
          expect(rule.support).toBeCloseTo(support, 14);
          expect(rule.confidence).toBeCloseTo(confidence, 14);
          expect(rule.lift).toBeCloseTo(lift, 11);
        });
      }
    }
  });

  test("rules with any number of items on the right are as many as those of mlxtend 0.25", () => {
    const baskets = basketsFrom(groceries().lists);
    for (const job of mlxtendJobs().filter(({ support }) => support >= 0.005)) {
      const found = frequentItemsets(baskets, { minCount: leastCount(fractionOf(job.support), 9835) });
      const minConfidence = fractionOf(job.confidence);
      expect(associationRules(baskets, found, { minConfidence, hasAllSplits: true }).rules.length).toBe(
        job.n_rules_all,
      );
      expect(associationRules(baskets, found, { minConfidence }).rules.length).toBe(
        job.n_rules_single_consequent,
      );
    }
  });
});

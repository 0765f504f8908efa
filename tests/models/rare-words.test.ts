import { describe, expect, test } from "vitest";
import { falseDiscoveryRates } from "../../src/math/false-discovery.js";
import { fisherBothTails } from "../../src/math/fisher-exact.js";
import { groupDifferences, type Difference } from "../../src/models/group-differences.js";
import type { CategoryFeature } from "../../src/models/training-set.js";
import { seeded, type Random } from "../../src/random.js";

test("Fisher's exact test of 1 and 9 against 11 and 3, both tails, as R's fisher.test gives it: 0.002759", () => {
  const draw = { total: 24, marked: 10, drawn: 12 };
  expect(fisherBothTails(1, draw)).toBeCloseTo(0.002759456, 8);
  expect(fisherBothTails(5, { total: 24, marked: 12, drawn: 10 })).toBe(1);
});

const CUSTOMERS = 600;
const CITIES = 120;

/** A city for each customer, many of them small. */
const citiesOf = (random: Random): CategoryFeature => ({
  kind: "category",
  name: "city",
  categories: Array.from({ length: CITIES }, (_, city) => `city ${city}`),
  codes: Int32Array.from({ length: CUSTOMERS }, () => Math.floor(CITIES * random() ** 2)),
});
const membersOf = (random: Random) => Uint8Array.from({ length: CUSTOMERS }, () => Number(random() < 0.1));

const surest = (found: readonly Difference[]) => {
  const rates = falseDiscoveryRates(Float64Array.from(found, ({ pValue }) => pValue));
  return found.filter((_, place) => rates[place]! <= 0.05);
};

describe("words of which fewer than five customers are expected", () => {
  test("are found where they tell members from others", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seeded(seed);
      const [cities, isMember] = [citiesOf(random), membersOf(random)];
      const members = Array.from(isMember.keys()).filter((row) => isMember[row] === 1);
      for (const row of members.slice(0, 6)) cities.codes[row] = 119;
      for (const row of isMember.keys())
        if (isMember[row] === 0 && cities.codes[row] === 119) cities.codes[row] = 0;
      const named = surest(groupDifferences([cities], isMember)).map((each) =>
        each.kind === "word" ? each.word : each.kind,
      );
      expect(named, `seed ${seed}`).toContain("city 119");
    }
  });

  test("are seldom found where they have nothing to do with it, nor are all of them together", () => {
    let [findings, wholes] = [0, 0];
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      const found = groupDifferences([citiesOf(random)], membersOf(random));
      if (surest(found).length > 0) findings += 1;
      if (found[0]!.pValue <= 0.05) wholes += 1;
    }
    // 15 of 300 to be expected at most; 28 or more come once in a thousand times.
    expect(findings).toBeLessThan(28);
    expect(wholes).toBeLessThan(28);
    expect(wholes).toBeGreaterThan(3);
  });
});

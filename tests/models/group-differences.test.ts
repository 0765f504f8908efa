import { describe, expect, test } from "vitest";
import { groupDifferences, type Difference } from "../../src/models/group-differences.js";
import type { Feature } from "../../src/models/training-set.js";
import { falseDiscoveryRates } from "../../src/math/false-discovery.js";
import { seeded } from "../../src/random.js";

const MEMBERS = [27.5, 21, 19, 23.6, 17, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19, 21.7, 21.4];
const OTHERS = [27.1, 22, 20.8, 23.4, 23.4, 23.5, 25.8, 22, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4];

const numbers = (values: readonly number[]): Feature => ({
  kind: "number",
  name: "size",
  values: Float64Array.from(values),
});
const words = (cells: readonly (string | null)[]): Feature => {
  const categories = [...new Set(cells.filter((cell) => cell !== null))];
  const codes = Int32Array.from(cells, (cell) => (cell === null ? -1 : categories.indexOf(cell)));
  return { kind: "category", name: "kind", categories, codes };
};
const repeated = <Value>(counts: readonly (readonly [Value, number])[]) =>
  counts.flatMap(([value, count]) => Array<Value>(count).fill(value));
const membership = (members: number, others: number) =>
  Uint8Array.from({ length: members + others }, (_, row) => Number(row < members));

describe("a number", () => {
  test("Welch's test as in scipy 1.17.1, Cohen's d with the interval of Hedges & Olkin (1985)", () => {
    const [found] = groupDifferences([numbers([...MEMBERS, ...OTHERS])], membership(15, 15));
    expect(found).toMatchObject({ kind: "number", memberCount: 15, otherCount: 15 });
    expect(found!.pValue).toBeCloseTo(0.008071938172194903, 10);
    expect(found!.effect.estimate).toBeCloseTo(-1.0417518252914433, 10);
    expect(found!.effect.low).toBeCloseTo(-1.8044291457624617, 10);
    expect(found!.effect.high).toBeCloseTo(-0.27907450482042484, 10);
  });

  test("those of whom it is not known do not count", () => {
    const values = [...MEMBERS, NaN, NaN, ...OTHERS, Infinity];
    const [found] = groupDifferences([numbers(values)], membership(17, 16));
    expect(found).toMatchObject({ memberCount: 15, otherCount: 15 });
    expect(found!.pValue).toBeCloseTo(0.008071938172194903, 10);
  });

  test.each([
    ["one member", [1, 2, 3, 4], membership(1, 3)],
    ["no others", [1, 2, 3, 4], membership(4, 0)],
    ["everybody alike", [5, 5, 5, 5], membership(2, 2)],
  ])("with %s nothing can be said", (_, values, isMember) => {
    const [found] = groupDifferences([numbers(values)], isMember);
    expect(found!.pValue).toBeNaN();
    expect(found!.effect.estimate).toBeNaN();
  });
});

describe("words", () => {
  test("the odds ratio of the Physicians' Health Study, Agresti (2002), table 3.1: 1.83 (1.44 to 2.33)", () => {
    const cells = repeated<string | null>([
      ["attack", 189],
      ["none", 10845],
      ["attack", 104],
      ["none", 10933],
    ]);
    const attack = groupDifferences([words(cells)], membership(11034, 11037)).find(
      (found): found is Difference & { kind: "word" } => found.kind === "word" && found.word === "attack",
    )!;
    expect(attack.effect.estimate).toBeCloseTo(1.8320539419087136, 10);
    expect(attack.effect.low).toBeCloseTo(1.4400423918486225, 8);
    expect(attack.effect.high).toBeCloseTo(2.3307797500006404, 8);
    expect(attack.pValue / 5.691896973740789e-7).toBeCloseTo(1, 6);
    expect(attack.memberShare).toBeCloseTo(189 / 11034, 12);
  });

  test("not known is a word of its own; a word too rare to tell anything has odds and no test", () => {
    const cells = repeated<string | null>([
      ["a", 30],
      [null, 10],
      ["a", 22],
      ["b", 3],
      [null, 40],
    ]);
    const found = groupDifferences([words(cells)], membership(40, 65));
    expect(found.map((each) => (each.kind === "word" ? each.word : each.kind))).toEqual([
      "words",
      "a",
      null,
      "b",
    ]);
    expect(found[3]!.pValue).toBeNaN();
    expect(found[3]!.effect.estimate).toBeGreaterThan(0);
    expect(found[3]!.effect.high).toBeGreaterThan(1);
    expect(found[0]!.pValue).toBeLessThan(0.001);
  });
});

test("of attributes that have nothing to do with it, at most one set in twenty yields a finding", () => {
  let findings = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const random = seeded(seed);
    const rows = Array.from({ length: 400 }, () => random());
    const features = [
      numbers(rows.map(() => random())),
      words(rows.map(() => "abcd"[Math.floor(random() * 4)]!)),
      words(rows.map(() => (random() < 0.1 ? null : "known"))),
    ];
    const isMember = Uint8Array.from(rows, (at) => Number(at < 0.2));
    const rates = falseDiscoveryRates(
      Float64Array.from(groupDifferences(features, isMember), ({ pValue }) => pValue),
    );
    if (rates.some((rate) => rate <= 0.05)) findings += 1;
  }
  // 5 of 100 to be expected at most; 12 or more come once in a thousand times.
  expect(findings).toBeLessThan(12);
});

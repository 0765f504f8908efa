import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { associationOf } from "../../src/models/association.js";

/** Agresti (2007), "An Introduction to Categorical Data Analysis", table 2.5: party by gender. */
const PARTIES = [
  [762, 327, 468],
  [484, 239, 477],
];

test("party and gender of Agresti (2007), table 2.5: χ² 30.1 with 2 degrees of freedom", () => {
  const found = associationOf(PARTIES);
  expect(found.chiSquared).toBeCloseTo(30.1, 1);
  expect(found.freedom).toBe(2);
  expect(found.pValue).toBeLessThan(0.001);
});

test("equal to scipy 1.17.1: chi2_contingency, contingency.association, ncx2 inverted", () => {
  const { chiSquared, pValue, strength } = associationOf(PARTIES);
  expect(chiSquared).toBeCloseTo(30.070149095754672, 10);
  expect(pValue / 2.9535891832117595e-7).toBeCloseTo(1, 6);
  expect(strength.estimate).toBeCloseTo(0.10443580235646777, 12);
  expect(strength.low).toBeCloseTo(0.07027374411987194, 8);
  expect(strength.high).toBeCloseTo(0.14282643011694285, 8);
});

describe("Cramér's V", () => {
  test("is 1 where one tells the other", () => {
    expect(
      associationOf([
        [30, 0, 0],
        [0, 20, 10],
      ]).strength.estimate,
    ).toBe(1);
  });

  test("is 0 where shares are alike, and its interval begins at 0", () => {
    const { strength, pValue } = associationOf([
      [10, 20],
      [20, 40],
    ]);
    expect(strength).toMatchObject({ estimate: 0, low: 0 });
    expect(pValue).toBe(1);
  });

  test("rows and columns that nobody is in change nothing", () => {
    const wider = [...PARTIES.map((row) => [...row, 0]), [0, 0, 0, 0]];
    expect(associationOf(wider)).toEqual(associationOf(PARTIES));
  });

  test.each([
    [[[5, 3]]],
    [[[5], [3]]],
    [
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [[]],
  ])("of %j nothing can be said", (counts) => {
    expect(associationOf(counts).strength.estimate).toBeNaN();
    expect(associationOf(counts).pValue).toBeNaN();
  });

  test("lies within its interval, from 0 to 1, and is the same seen from the other side", () => {
    const count = fc.integer({ min: 0, max: 60 });
    const tables = fc.array(fc.tuple(count, count, count), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(tables, (rows) => {
        const { strength } = associationOf(rows);
        if (Number.isNaN(strength.estimate)) return;
        expect(strength.low).toBeGreaterThanOrEqual(0);
        expect(strength.high).toBeLessThanOrEqual(1);
        expect(strength.high).toBeGreaterThanOrEqual(strength.estimate);
        const turned = [0, 1, 2].map((column) => rows.map((row) => row[column]!));
        expect(associationOf(turned).strength.estimate).toBeCloseTo(strength.estimate, 10);
      }),
    );
  });
});

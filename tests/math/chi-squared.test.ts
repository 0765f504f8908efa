import { expect, test } from "vitest";
import { chiSquaredTail, noncentralChiSquaredCdf } from "../../src/math/chi-squared.js";

test("the 95 % points of Abramowitz & Stegun (1964), table 26.8", () => {
  for (const [freedom, point] of [
    [1, 3.84146],
    [2, 5.99146],
    [10, 18.307],
    [100, 124.342],
  ] as const)
    expect(chiSquaredTail(point, freedom)).toBeCloseTo(0.05, 5);
});

test.each([
  [100, 1, 1.5239706048320995e-23],
  [400, 9, 1.3699125019662825e-80],
  [3, 7, 0.8850022316431506],
])("the tail at %s with %s degrees of freedom as in scipy 1.17.1, stats.chi2.sf", (x, freedom, expected) => {
  expect(chiSquaredTail(x, freedom) / expected).toBeCloseTo(1, 9);
});

test.each([
  [5, 3, 2, 0.5934051800831555],
  [150, 6, 140, 0.5821481129643323],
  [0.5, 1, 30, 9.202747022124093e-7],
  [1200, 20, 1100, 0.8838553422674679],
  [3, 2, 0, 0.7768698398515702],
])(
  "noncentral at %s with %s degrees of freedom and %s as in scipy 1.17.1",
  (...[x, freedom, noncentrality, expected]) => {
    expect(noncentralChiSquaredCdf(x, freedom, noncentrality) / expected).toBeCloseTo(1, 9);
  },
);

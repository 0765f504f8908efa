import { expect, test } from "vitest";
import { incompleteBeta, studentTails } from "../../src/math/student.js";

test.each([
  [2, 3, 0.3, 0.34829999999999994],
  [0.5, 7.5, 0.9, 0.9999999932897103],
  [40, 60, 0.37, 0.27327172080292333],
  [0.01, 5, 0.2, 0.9978180380770353],
])("I(%s, %s) at %s as in scipy 1.17.1, special.betainc", (...[a, b, x, expected]) => {
  expect(incompleteBeta(a, b, x)).toBeCloseTo(expected, 13);
});

test("the ends and the symmetry of the incomplete beta function (DLMF 8.17.4)", () => {
  expect([incompleteBeta(2, 3, 0), incompleteBeta(2, 3, 1)]).toEqual([0, 1]);
  expect(incompleteBeta(2, 3, 0.3) + incompleteBeta(3, 2, 0.7)).toBeCloseTo(1, 14);
});

test.each([
  [2.1, 5, 0.08975324988459879],
  [0, 3, 1],
  [-8.3, 12.7, 1.75061476638765e-6],
  [1.96, 1e6, 0.04999606758526985],
])("both tails at t = %s with %s degrees of freedom as in scipy 1.17.1, stats.t", (t, freedom, expected) => {
  expect(studentTails(t, freedom) / expected).toBeCloseTo(1, 9);
});

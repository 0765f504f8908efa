import { describe, expect, test } from "vitest";
import { minimize } from "../../src/math/minimize.js";

type Point = readonly number[];

const rosenbrock = ([x, y]: Point) => 100 * (y! - x! ** 2) ** 2 + (1 - x!) ** 2;
const himmelblau = ([x, y]: Point) => (x! ** 2 + y! - 11) ** 2 + (x! + y! ** 2 - 7) ** 2;
const booth = ([x, y]: Point) => (x! + 2 * y! - 7) ** 2 + (2 * x! + y! - 5) ** 2;
const beale = ([x, y]: Point) =>
  (1.5 - x! + x! * y!) ** 2 + (2.25 - x! + x! * y! ** 2) ** 2 + (2.625 - x! + x! * y! ** 3) ** 2;

const away = (point: Point, target: Point) => Math.hypot(...point.map((x, i) => x - target[i]!));

describe("minimize finds the known least points", () => {
  test("Rosenbrock (1960), from the paper's start (-1.2, 1): least at (1, 1)", () => {
    const { point, value } = minimize(rosenbrock, [-1.2, 1]);
    expect(value).toBeLessThan(1e-7);
    expect(away(point, [1, 1])).toBeLessThan(1e-3);
  });

  test("Booth: least at (1, 3)", () => {
    expect(away(minimize(booth, [0, 0]).point, [1, 3])).toBeLessThan(1e-3);
  });

  test("Beale (1958): least at (3, 0.5)", () => {
    expect(away(minimize(beale, [1, 1]).point, [3, 0.5])).toBeLessThan(1e-3);
  });

  test("Himmelblau (1972), from (1, 1): the least point (3, 2)", () => {
    expect(away(minimize(himmelblau, [1, 1]).point, [3, 2])).toBeLessThan(1e-3);
  });

  test.each([4, 4.1, 2500, -0.25])(
    "a parabola: least at %d, even where the first points lie evenly about it",
    (least) => {
      expect(minimize(([x]) => (x! - least) ** 2, [0]).point[0]).toBeCloseTo(least, 3);
    },
  );

  test("a bowl whose first three points are all at the same height", () => {
    const bowl = ([x, y]: Point) => (x! - 0.25) ** 2 + (y! - 0.25) ** 2;
    expect(away(minimize(bowl, [0, 0]).point, [0.25, 0.25])).toBeLessThan(1e-3);
  });
});

describe("minimize keeps its word", () => {
  test("the value is that of the point, and no worse than the start's", () => {
    for (const start of [
      [5, 5],
      [-3, 2],
      [0, 0],
    ]) {
      const { point, value } = minimize(rosenbrock, start);
      expect(value).toBe(rosenbrock(point));
      expect(value).toBeLessThanOrEqual(rosenbrock(start));
    }
  });

  test("never leaves where the function is defined", () => {
    const walled = ([x, y]: Point) => (x! < 1 || y! < 0 ? Infinity : x! + y!);
    const { point, value } = minimize(walled, [2, 2]);
    expect(value).toBeLessThan(1.001);
    expect(point[0]).toBeGreaterThanOrEqual(1);
    expect(point[1]).toBeGreaterThanOrEqual(0);
  });

  test("stops on a slope without an end", () => {
    expect(minimize(([x]) => -x!, [0]).iterations).toBeLessThanOrEqual(500);
  });

  test("stops when the function is defined nowhere", () => {
    expect(minimize(() => Infinity, [0, 0]).iterations).toBeLessThanOrEqual(500);
  });
});

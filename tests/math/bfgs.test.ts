import { describe, expect, test } from "vitest";
import { choleskyRoot, inverseHessian, invertPositive, minimizeSmooth } from "../../src/math/bfgs.js";
import type { SmoothFunction } from "../../src/math/bfgs.js";
import { seeded } from "../../src/random.js";

const rows = (...values: number[][]) => values.map((row) => Float64Array.from(row));

/** ½ (x − c)ᵀ A (x − c), least at c. */
function bowl(matrix: readonly Float64Array[], center: readonly number[]): SmoothFunction {
  return (point, slope) => {
    const off = point.map((x, i) => x - center[i]!);
    matrix.forEach((row, i) => (slope[i] = row.reduce((sum, x, j) => sum + x * off[j]!, 0)));
    return off.reduce((sum, x, i) => sum + 0.5 * x * slope[i]!, 0);
  };
}

/** M Mᵀ + I with M drawn at random: positive definite. */
function positiveMatrix(seed: number, size: number): Float64Array[] {
  const random = seeded(seed);
  const drawn = Array.from({ length: size }, () => Array.from({ length: size }, () => 2 * random() - 1));
  return drawn.map((row, i) =>
    Float64Array.from(drawn, (other, j) => row.reduce((sum, x, l) => sum + x * other[l]!, i === j ? 1 : 0)),
  );
}

const rosenbrock: SmoothFunction = (point, slope) => {
  const [x, y] = [point[0]!, point[1]!];
  slope[0] = -400 * x * (y - x * x) - 2 * (1 - x);
  slope[1] = 200 * (y - x * x);
  return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
};

const beale: SmoothFunction = (point, slope) => {
  const [x, y] = [point[0]!, point[1]!];
  const parts = [1.5, 2.25, 2.625].map((c, i) => c - x + x * y ** (i + 1));
  slope[0] = parts.reduce((sum, part, i) => sum + 2 * part * (y ** (i + 1) - 1), 0);
  slope[1] = parts.reduce((sum, part, i) => sum + 2 * part * x * (i + 1) * y ** i, 0);
  return parts.reduce((sum, part) => sum + part * part, 0);
};

/** Powell's singular function: its Hessian at the least value is not invertible. */
const powell: SmoothFunction = (point, slope) => {
  const [a, b, c, d] = [...point] as [number, number, number, number];
  const [s, t, u, v] = [a + 10 * b, c - d, b - 2 * c, a - d];
  slope[0] = 2 * s + 40 * v ** 3;
  slope[1] = 20 * s + 4 * u ** 3;
  slope[2] = 10 * t - 8 * u ** 3;
  slope[3] = -10 * t - 40 * v ** 3;
  return s * s + 5 * t * t + u ** 4 + 10 * v ** 4;
};

describe("minimizeSmooth: the test functions of Moré, Garbow & Hillstrom (1981)", () => {
  test.each([
    { name: "Rosenbrock (1)", f: rosenbrock, start: [-1.2, 1], least: [1, 1], digits: 7 },
    { name: "Beale (5)", f: beale, start: [1, 1], least: [3, 0.5], digits: 7 },
    { name: "Powell's singular (13)", f: powell, start: [3, -1, 0, 1], least: [0, 0, 0, 0], digits: 1.5 },
  ])("$name", ({ f, start, least, digits }) => {
    const found = minimizeSmooth(f, start);
    expect(found.isConverged).toBe(true);
    expect(found.value).toBeLessThan(1e-9);
    expect(found.iterations).toBeLessThan(80);
    least.forEach((x, i) => expect(Math.abs(found.point[i]! - x)).toBeLessThan(10 ** -digits));
  });
});

describe("minimizeSmooth", () => {
  test("finds the bottom of a hundred bowls in up to six dimensions", () => {
    for (let seed = 0; seed < 100; seed++) {
      const size = 1 + (seed % 6);
      const random = seeded(seed);
      const center = Array.from({ length: size }, () => 10 * random() - 5);
      const found = minimizeSmooth(
        bowl(positiveMatrix(seed, size), center),
        center.map(() => 0),
      );
      expect(found.isConverged).toBe(true);
      center.forEach((x, i) => expect(found.point[i]).toBeCloseTo(x, 7));
    }
  });

  test("a start at the bottom takes no step", () => {
    const found = minimizeSmooth(bowl(positiveMatrix(3, 2), [1, 2]), [1, 2]);
    expect(found).toMatchObject({ iterations: 0, isConverged: true, value: 0 });
  });

  test("with the inverse Hessian known a bowl takes one step", () => {
    const matrix = positiveMatrix(4, 4);
    const found = minimizeSmooth(bowl(matrix, [0.1, 0.2, 0.3, 0.4]), [0, 0, 0, 0], invertPositive(matrix));
    expect(found.iterations).toBe(1);
  });

  test("stays where the function is defined: x − ln x from far right, where a long step leaves its domain", () => {
    const f: SmoothFunction = (point, slope) => {
      slope[0] = 1 - 1 / point[0]!;
      return point[0]! - Math.log(point[0]!);
    };
    const found = minimizeSmooth(f, [2.5]);
    expect(found.isConverged).toBe(true);
    expect(found.point[0]).toBeCloseTo(1, 8);
  });

  test("follows a tail to where its slope is nothing, and says so", () => {
    const f: SmoothFunction = (point, slope) => {
      slope[0] = -Math.exp(-point[0]!);
      return Math.exp(-point[0]!);
    };
    const found = minimizeSmooth(f, [0]);
    expect(found.isConverged).toBe(true);
    expect(found.point[0]).toBeGreaterThan(20);
  });

  test.each([
    ["infinite", Infinity, 0],
    ["not a number", NaN, NaN],
    ["not a number, with a slope", NaN, 1],
  ])("a start where the value is %s ends there unconverged", (_, value, steep) => {
    const found = minimizeSmooth((_point, slope) => (slope.fill(steep), value), [1, 2]);
    expect(found.isConverged).toBe(false);
    expect([...found.point]).toEqual([1, 2]);
  });

  test("a function without a bottom ends unconverged", () => {
    const slide: SmoothFunction = (point, slope) => ((slope[0] = -1), -point[0]!);
    expect(minimizeSmooth(slide, [0]).isConverged).toBe(false);
  });

  test("a wrong gradient ends unconverged", () => {
    const f: SmoothFunction = (point, slope) => ((slope[0] = -2 * point[0]!), point[0]! ** 2);
    expect(minimizeSmooth(f, [1]).isConverged).toBe(false);
  });

  test("rounding of the value neither keeps it from the bottom nor busy there", () => {
    const random = seeded(1);
    const smooth = bowl(positiveMatrix(9, 4), [1, -1, 2, 0.5]);
    let evaluations = 0;
    const rough: SmoothFunction = (point, slope) => {
      evaluations++;
      return (smooth(point, slope) + 1) * (1 + 1e-14 * (random() - 0.5));
    };
    const found = minimizeSmooth(rough, [0, 0, 0, 0]);
    expect(found.isConverged).toBe(true);
    [1, -1, 2, 0.5].forEach((x, i) => expect(found.point[i]).toBeCloseTo(x, 7));
    expect(evaluations).toBeLessThan(60);
  });
});

describe("inverseHessian", () => {
  test("of a bowl is the inverse of its matrix", () => {
    const matrix = positiveMatrix(11, 4);
    const [found, exact] = [
      inverseHessian(bowl(matrix, [1, 2, 3, 4]), Float64Array.of(0, 1, 0, 2))!,
      invertPositive(matrix)!,
    ];
    found.forEach((row, i) => row.forEach((x, j) => expect(x).toBeCloseTo(exact[i]![j]!, 9)));
  });

  test("of Rosenbrock's function at (1, 1) is ((½, 1), (1, 2.005))", () => {
    const found = inverseHessian(rosenbrock, Float64Array.of(1, 1))!;
    const exact = [0.5, 1, 1, 2.005];
    found.flatMap((row) => [...row]).forEach((x, i) => expect(x).toBeCloseTo(exact[i]!, 3));
  });

  test("is undefined on a saddle and on a plain", () => {
    expect(inverseHessian(bowl(rows([1, 0], [0, -1]), [0, 0]), Float64Array.of(0, 0))).toBeUndefined();
    expect(inverseHessian((_, slope) => (slope.fill(0), 1), Float64Array.of(0, 0))).toBeUndefined();
  });
});

describe("matrices", () => {
  test("a root times its transpose is the matrix, an inverse times it is one", () => {
    for (let seed = 0; seed < 60; seed++) {
      const size = 1 + (seed % 6);
      const matrix = positiveMatrix(seed, size);
      const [root, inverse] = [choleskyRoot(matrix)!, invertPositive(matrix)!];
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const squared = root[i]!.reduce((sum, x, l) => sum + x * root[j]![l]!, 0);
          const unit = matrix[i]!.reduce((sum, x, l) => sum + x * inverse[l]![j]!, 0);
          expect(squared).toBeCloseTo(matrix[i]![j]!, 12);
          expect(unit).toBeCloseTo(i === j ? 1 : 0, 12);
          if (j > i) expect(root[i]![j]).toBe(0);
        }
      }
    }
  });

  test("the root of ((4, 12, −16), (12, 37, −43), (−16, −43, 98)) is ((2), (6, 1), (−8, 5, 3))", () => {
    const root = choleskyRoot(rows([4, 12, -16], [12, 37, -43], [-16, -43, 98]))!;
    expect(root.map((row) => [...row])).toEqual([
      [2, 0, 0],
      [6, 1, 0],
      [-8, 5, 3],
    ]);
  });

  test.each([
    ["indefinite", rows([1, 2], [2, 1])],
    ["singular", rows([1, 1], [1, 1])],
    ["nothing", rows([0])],
    ["not a number", rows([NaN])],
  ])("%s has neither root nor inverse", (_, matrix) => {
    expect(choleskyRoot(matrix)).toBeUndefined();
    expect(invertPositive(matrix)).toBeUndefined();
  });
});

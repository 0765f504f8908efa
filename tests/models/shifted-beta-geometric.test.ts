import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logGamma } from "../../src/math/gamma.js";
import {
  fitRetention,
  remainingLife,
  retentionRate,
  survivalAfter,
  survivalAtAge,
  type Renewals,
  type Retention,
  type RetentionCurve,
  type RunningContract,
} from "../../src/models/shifted-beta-geometric.js";
import { seeded } from "../../src/random.js";

/** Renewals of one cohort by how many of it are left after each. */
const cohort = (...left: readonly number[]): Renewals => ({
  atRiskCounts: Float64Array.from(left.slice(0, -1)),
  lostCounts: Float64Array.from(left.slice(1), (survivors, i) => left[i]! - survivors),
});

const renewals = (atRisk: readonly number[], lost: readonly number[]): Renewals => ({
  atRiskCounts: Float64Array.from(atRisk),
  lostCounts: Float64Array.from(lost),
});

const HIGH_END = cohort(1000, 869, 743, 653, 593, 551, 517, 491);
const REGULAR = cohort(1000, 631, 468, 382, 326, 289, 262, 241);

const shapes = (alpha: number, beta: number) => ({
  churn: alpha / (alpha + beta),
  spread: 1 / (alpha + beta),
});

/** The density of Beta(a, b) at x. */
const betaDensity = (a: number, b: number, x: number) =>
  Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x));

/** ∫₀¹ f(x) dx by Simpson's rule on a grid that is fine at both ends. */
function integral(f: (x: number) => number): number {
  const count = 20_000;
  const at = (i: number) => {
    const u = i / count;
    const x = u ** 3 * (10 - 15 * u + 6 * u ** 2);
    const slope = 30 * u ** 2 * (1 - u) ** 2;
    return slope === 0 ? 0 : f(x) * slope;
  };
  let sum = 0;
  for (let i = 0; i < count; i += 2) sum += (at(i) + 4 * at(i + 1) + at(i + 2)) / (3 * count);
  return sum;
}

describe("Fader & Hardie (2007), How to Project Customer Retention: seven years of 1000 customers", () => {
  test.each([
    ["High End", HIGH_END, 0.668, 3.806, -1611.2],
    ["Regular", REGULAR, 0.704, 1.182, -1680.3],
  ])("%s: alpha, beta and log-likelihood as published", (...[, data, alpha, beta, logLikelihood]) => {
    const fit = fitRetention(data);
    expect(fit.rung).toBe("shifted-beta-geometric");
    expect(Math.abs(fit.alpha - alpha)).toBeLessThan(5e-4);
    expect(Math.abs(fit.beta - beta)).toBeLessThan(5e-4);
    expect(Math.abs(fit.logLikelihood - logLikelihood)).toBeLessThan(0.05);
  });

  test.each([
    ["High End", HIGH_END, [0.468, 0.445, 0.427, 0.409, 0.394]],
    ["Regular", REGULAR, [0.223, 0.207, 0.194, 0.183]],
  ])("%s: the years held out are projected within two points", (_, data, actual) => {
    const fit = fitRetention(data);
    for (const [i, survival] of actual.entries())
      expect(Math.abs(survivalAfter(fit, 8 + i) - survival)).toBeLessThan(0.02);
  });

  test("survival and retention rate are those of the beta functions, equations (6) and (8)", () => {
    const [alpha, beta] = [0.668, 3.806];
    for (const t of [1, 2, 7, 30]) {
      const logSurvival =
        logGamma(beta + t) - logGamma(alpha + beta + t) - logGamma(beta) + logGamma(alpha + beta);
      expect(survivalAfter(shapes(alpha, beta), t)).toBeCloseTo(Math.exp(logSurvival), 12);
      expect(retentionRate(shapes(alpha, beta), t)).toBeCloseTo((beta + t - 1) / (alpha + beta + t - 1), 14);
    }
  });
});

describe("discounted remaining life of contracts that differ", () => {
  /** Of a contract that is always left with chance θ, in a straight line within each of so many periods. */
  const alike = (theta: number, horizon: number, d: number) => {
    const force = Math.log1p(d);
    const whole = d / (1 + d) / force;
    const elapsed = (whole - 1 / (1 + d)) / force;
    const kept = (1 - theta) / (1 + d);
    return ((whole - theta * elapsed) * (1 - kept ** horizon)) / (1 - kept);
  };

  /** Mixed over the chances to leave that those still there have: Beta(α, β + n − 1), Fader & Hardie (2010), eq. (5). */
  const mixed = (
    { churn, spread }: RetentionCurve,
    { age, horizon, discountRate }: RunningContract,
  ): number =>
    integral(
      (theta) =>
        alike(theta, horizon, discountRate) * betaDensity(churn / spread, (1 - churn) / spread + age, theta),
    );

  test.each([
    [3.8, 15.2, 0, 0.1, 40],
    [3.8, 15.2, 4, 0.1, 12],
    [0.668, 3.806, 0, 0.1, 12],
    [0.668, 3.806, 3, 0.15, 300],
    [0.704, 1.182, 1, 0.05, 5],
  ])("alpha %d, beta %d, age %d, d %d, horizon %d: as integrated over contracts", (...drawn) => {
    const [alpha, beta, age, discountRate, horizon] = drawn;
    const contract = { age, horizon, discountRate };
    const life = remainingLife({ ...fitRetention(REGULAR), ...shapes(alpha, beta) }, contract);
    const expected = mixed(shapes(alpha, beta), contract);
    expect(Math.abs(life.discounted / expected - 1)).toBeLessThan(1e-6);
  });

  test("who stays longer is worth more, because the volatile have left", () => {
    const retention = fitRetention(REGULAR);
    const lives = [0, 1, 4, 19].map(
      (age) => remainingLife(retention, { age, horizon: 20, discountRate: 0.1 }).discounted,
    );
    expect(lives).toEqual(lives.toSorted((a, b) => a - b));
    expect(lives[3]! / lives[0]!).toBeGreaterThan(1.5);
  });
});

const drawnRenewals = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true })), {
    maxLength: 12,
  })
  .map((drawn) =>
    renewals(
      drawn.map(([atRisk]) => atRisk),
      drawn.map(([atRisk, share]) => Math.round(atRisk * share)),
    ),
  );

const isSound = (fit: Retention) =>
  fit.churn > 0 &&
  fit.churn < 1 &&
  fit.spread >= 0 &&
  fit.shape >= 1 &&
  Number.isFinite(fit.logLikelihood) &&
  fit.covariance.every((row) => row.every(Number.isFinite));

describe("a fit never fails", () => {
  test.each([
    ["nobody", [], [], "prior"],
    ["one contract, renewed once", [1], [0], "prior"],
    ["one contract, lost at once", [1], [1], "prior"],
    ["none lost", [50, 40, 30], [0, 0, 0], "prior"],
    ["all lost at the first renewal", [50], [50], "prior"],
    ["some lost at the first renewal, none after", [1000, 700, 700], [300, 0, 0], "geometric"],
    ["alike contracts", [1000, 800, 640], [200, 160, 128], "geometric"],
    ["ever more are lost", [1000, 900, 700], [100, 200, 400], "discrete-weibull"],
    ["all lost at the last renewal", [50, 50, 50], [0, 0, 50], "geometric"],
  ])("%s", (...[, atRisk, lost, rung]) => {
    const fit = fitRetention(renewals(atRisk, lost));
    expect(fit.rung).toBe(rung);
    expect(isSound(fit)).toBe(true);
  });

  test("whatever was seen: an answer, at least as likely as the simple one, and no NaN", () => {
    fc.assert(
      fc.property(drawnRenewals, (data) => {
        const fit = fitRetention(data);
        expect(isSound(fit)).toBe(true);
        const share = fit.lostCount / fit.renewalCount;
        if (fit.rung === "prior") return;
        const plain =
          fit.lostCount * Math.log(share) + (fit.renewalCount - fit.lostCount) * Math.log1p(-share);
        expect(fit.logLikelihood).toBeGreaterThanOrEqual(plain - 1e-9 * Math.abs(plain));
      }),
    );
  });

  test("doubling every count leaves the parameters and halves the covariance", () => {
    const twice = (values: Float64Array) => values.map((value) => 2 * value);
    const [once, doubled] = [
      fitRetention(REGULAR),
      fitRetention({ atRiskCounts: twice(REGULAR.atRiskCounts), lostCounts: twice(REGULAR.lostCounts) }),
    ];
    expect(doubled.alpha).toBeCloseTo(once.alpha, 5);
    expect(doubled.beta).toBeCloseTo(once.beta, 5);
    expect(doubled.covariance[0]![0]! / once.covariance[0]![0]!).toBeCloseTo(0.5, 3);
  });

  test("known parameters lie in their own 95 % interval in at least 90 of 100 simulations", () => {
    const truth = shapes(1.2, 4);
    const truePoint = [Math.log(truth.churn / (1 - truth.churn)), Math.log(truth.spread)];
    const inside = [0, 0];
    for (let seed = 1; seed <= 100; seed++) {
      const fit = fitRetention(simulated(truth, seed));
      const point = [Math.log(fit.churn / (1 - fit.churn)), Math.log(fit.spread)];
      for (const i of [0, 1])
        if (fit.covariance[i] !== undefined)
          inside[i]! += Number(Math.abs(point[i]! - truePoint[i]!) < 1.96 * Math.sqrt(fit.covariance[i][i]!));
    }
    expect(Math.min(...inside)).toBeGreaterThanOrEqual(90);
  });
});

describe("contracts that are alike and the likelier to end the older they are (discrete Weibull)", () => {
  const TRUTH = { churn: 0.02, spread: 0, shape: 2 };

  test("survival is (1 − p) to the power of t to the c", () => {
    for (const t of [1, 2, 7]) expect(survivalAfter(TRUTH, t)).toBeCloseTo(0.98 ** (t * t), 14);
  });

  test("the shape lies in its own 95 % interval in at least 90 of 100 simulations", () => {
    let inside = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const fit = fitRetention(simulated(TRUTH, seed));
      expect(fit.rung).toBe("discrete-weibull");
      inside += Number(
        Math.abs(Math.log(fit.shape / TRUTH.shape)) < 1.96 * Math.sqrt(fit.covariance[1]![1]!),
      );
    }
    expect(inside).toBeGreaterThanOrEqual(90);
  });

  test("the same chance at every renewal is seldom taken for a rise", () => {
    let risen = 0;
    for (let seed = 1; seed <= 100; seed++)
      risen += Number(fitRetention(simulated({ churn: 0.15, spread: 0 }, seed)).rung === "discrete-weibull");
    expect(risen).toBeLessThanOrEqual(6);
  });

  test("its remaining life is that summed in small steps", () => {
    const fit = fitRetention(simulated(TRUTH, 1));
    const contract = { age: 3.3, horizon: 4, discountRate: 0.05 };
    expect(remainingLife(fit, contract).discounted).toBeCloseTo(summed(fit, contract), 5);
  });
});

/** Summed in thousandths of a period, each in its middle. */
function summed(retention: Retention, { age, horizon, discountRate }: RunningContract): number {
  const step = 1e-3;
  let sum = 0;
  for (let x = step / 2; x < horizon; x += step)
    sum +=
      (survivalAtAge(retention, age + x) / survivalAtAge(retention, age)) * (1 + discountRate) ** -x * step;
  return sum;
}

/** A cohort of 2000 over ten renewals, contract by contract. */
function simulated(truth: RetentionCurve, seed: number): Renewals {
  const random = seeded(seed);
  const data = renewals(new Array<number>(10).fill(0), new Array<number>(10).fill(0));
  for (let contract = 0; contract < 2000; contract++) {
    for (let t = 1; t <= 10; t++) {
      data.atRiskCounts[t - 1]! += 1;
      if (random() < retentionRate(truth, t)) continue;
      data.lostCounts[t - 1]! += 1;
      break;
    }
  }
  return data;
}

describe("remaining life of a running contract", () => {
  test.each([
    [0, 4, 0.1],
    [1.4, 4, 0.1],
    [2.999, 0.5, 0.02],
    [7, 12, 0],
    [3.25, 0.5, 0.3],
  ])("at age %d for %d periods at %d: as summed in small steps", (age, horizon, discountRate) => {
    const retention = fitRetention(REGULAR);
    const life = remainingLife(retention, { age, horizon, discountRate });
    expect(life.discounted).toBeCloseTo(summed(retention, { age, horizon, discountRate }), 5);
    expect(life.expected).toBeCloseTo(summed(retention, { age, horizon, discountRate: 0 }), 5);
  });

  test("no horizon leaves nothing, and nobody lives longer than the horizon", () => {
    expect(remainingLife(fitRetention(REGULAR), { age: 2.5, horizon: 0, discountRate: 0.1 })).toEqual({
      expected: 0,
      discounted: 0,
      discountedLow: 0,
      discountedHigh: 0,
    });
    fc.assert(
      fc.property(
        drawnRenewals,
        fc.double({ min: 0, max: 30, noNaN: true }),
        fc.double({ min: 0.01, max: 30, noNaN: true }),
        (data, age, horizon) => {
          const life = remainingLife(fitRetention(data), { age, horizon, discountRate: 0.1 });
          const { expected, discounted, discountedLow, discountedHigh } = life;
          expect(0 < discounted && discounted <= expected && expected <= horizon * (1 + 1e-9)).toBe(true);
          expect(0 <= discountedLow && discountedLow <= discounted * (1 + 1e-9)).toBe(true);
          expect(discounted <= discountedHigh * (1 + 1e-9) && discountedHigh <= horizon).toBe(true);
        },
      ),
    );
  });

  test("the interval covers the truth in at least 90 of 100 simulations", () => {
    const truth = shapes(1.2, 4);
    const contract = { age: 2.5, horizon: 8, discountRate: 0.05 };
    const exact = remainingLife({ ...fitRetention(REGULAR), ...truth }, contract).discounted;
    let inside = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const life = remainingLife(fitRetention(simulated(truth, seed)), contract);
      inside += Number(life.discountedLow <= exact && exact <= life.discountedHigh);
    }
    expect(inside).toBeGreaterThanOrEqual(90);
    expect(inside).toBeLessThan(100);
  });

  test("four times the customers halve the interval", () => {
    const fourfold = (values: Float64Array) => values.map((value) => 4 * value);
    const more = {
      atRiskCounts: fourfold(REGULAR.atRiskCounts),
      lostCounts: fourfold(REGULAR.lostCounts),
    };
    const [few, many] = [REGULAR, more].map((data) => {
      const life = remainingLife(fitRetention(data), { age: 2.5, horizon: 8, discountRate: 0.05 });
      return life.discountedHigh - life.discountedLow;
    });
    expect(many! / few!).toBeCloseTo(0.5, 2);
  });
});

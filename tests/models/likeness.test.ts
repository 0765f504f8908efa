import { describe, expect, test } from "vitest";
import { fitLikeness, liftOf, type Likeness } from "../../src/models/likeness.js";
import { scoreTree } from "../../src/models/cart.js";
import type { Feature, TrainingSet } from "../../src/models/training-set.js";
import { seeded } from "../../src/random.js";

interface Planted {
  readonly training: TrainingSet;
  readonly places: Int32Array;
  readonly truth: Float64Array;
}

/** Customers of whom the industry and the size say how likely they are members, or nothing does. */
function planted(seed: number, isTelling: boolean, rowCount = 1500): Planted {
  const random = seeded(seed);
  const industry = Int32Array.from({ length: rowCount }, () => Math.floor(random() * 5) - 1);
  const size = Float64Array.from({ length: rowCount }, () => Math.round(random() * 200));
  const truth = Float64Array.from(size, (own, row) => {
    if (!isTelling) return 0.15;
    return industry[row] === 2 ? (own > 100 ? 0.6 : 0.3) : 0.05;
  });
  const features: Feature[] = [
    { kind: "category", name: "industry", categories: ["a", "b", "c", "d"], codes: industry },
    { kind: "number", name: "size", values: size },
  ];
  const outcomes = Uint8Array.from(truth, (chance) => Number(random() < chance));
  const places = Int32Array.from(truth, () => Math.floor(random() * 1000));
  return { training: { features, outcomes }, places, truth };
}

const fitted = ({ training, places }: Planted): Likeness => fitLikeness(training, places, { maxLeaves: 8 });

describe("the lift of a part", () => {
  test("30 members among 100, 50 among all 1,000, by hand", () => {
    const { estimate, low, high } = liftOf([30, 100], [50, 1000]);
    expect(estimate).toBeCloseTo(6, 12);
    // Risk ratio (30/100) / (20/900) = 13.5 with Katz's limits 13.5 · e^±(1.96 · √(1/30 − 1/100 + 1/20 − 1/900)).
    const reach = Math.exp(1.959963984540054 * Math.sqrt(1 / 30 - 1 / 100 + 1 / 20 - 1 / 900));
    expect(low).toBeCloseTo(1 / (0.1 + 0.9 / (13.5 / reach)), 10);
    expect(high).toBeCloseTo(1 / (0.1 + 0.9 / (13.5 * reach)), 10);
  });

  test("all members in the part: as high as can be, with an interval below", () => {
    const { estimate, low, high } = liftOf([20, 100], [20, 1000]);
    expect(estimate).toBeCloseTo(10, 12);
    expect(low).toBeGreaterThan(1);
    expect(high).toBeGreaterThanOrEqual(estimate);
  });

  test("its interval holds the truth in about 95 of 100 samples", () => {
    const random = seeded(5);
    const drawn = (count: number, chance: number) =>
      Array.from({ length: count }, () => Number(random() < chance)).reduce((sum, hit) => sum + hit, 0);
    const truth = 0.45 / (0.2 * 0.45 + 0.8 * 0.05);
    let held = 0;
    for (let sample = 0; sample < 500; sample++) {
      const inside = drawn(90, 0.45);
      const { low, high } = liftOf([inside, 90], [inside + drawn(360, 0.05), 450]);
      if (low <= truth && truth <= high) held += 1;
    }
    expect(held / 500).toBeGreaterThan(0.92);
    expect(held / 500).toBeLessThan(0.985);
  });

  test.each([
    ["an empty part", [0, 0], [5, 10]],
    ["everybody", [5, 10], [5, 10]],
    ["no member", [0, 5], [0, 10]],
  ] as const)("of %s is not known", (_, part, whole) => {
    expect(liftOf(part, whole).estimate).toBeNaN();
  });
});

describe("likeness to planted members", () => {
  test("chance is beaten in all of 10 firms", () => {
    const firms = Array.from({ length: 10 }, (_, i) => fitted(planted(i + 1, true)));
    expect(firms.filter(({ trial }) => trial.beatsChance)).toHaveLength(10);
  });

  test("its probabilities come near those planted", () => {
    const firm = planted(7, true, 6000);
    const { fitted: model } = fitted(firm);
    const scores = scoreTree(model.tree, firm.training.features, firm.truth.length);
    const error = firm.truth.reduce((sum, truth, row) => sum + Math.abs(truth - scores[row]!), 0);
    expect(error / firm.truth.length).toBeLessThan(0.02);
  });

  test("where nothing tells members, chance is beaten in at most 2 of 20 firms", () => {
    const firms = Array.from({ length: 20 }, (_, i) => fitted(planted(100 + i, false)));
    expect(firms.filter(({ trial }) => trial.beatsChance).length).toBeLessThanOrEqual(2);
  });

  test("those held out are three tenths, and what the trial knows comes from the others", () => {
    const firm = planted(3, true);
    const { trial } = fitted(firm);
    expect(trial.heldCount).toBe(firm.places.filter((place) => place < 300).length);
    // Whoever is held out has the other outcome: what was learnt from the others now misleads.
    const turned = Uint8Array.from(firm.training.outcomes, (outcome, row) =>
      firm.places[row]! < 300 ? 1 - outcome : outcome,
    );
    const other = fitLikeness({ ...firm.training, outcomes: turned }, firm.places, { maxLeaves: 8 });
    expect(other.trial.heldMembers).toBe(trial.heldCount - trial.heldMembers);
    expect(other.trial.area.estimate).toBeCloseTo(1 - trial.area.estimate, 10);
    expect(other.trial.beatsChance).toBe(false);
  });

  test("the share listed is that of the tree fitted to all", () => {
    const firm = planted(4, true);
    const { trial, fitted: model, baseRate } = fitted(firm);
    const scores = scoreTree(model.tree, firm.training.features, firm.truth.length);
    const share = scores.filter((score) => score > baseRate).length / scores.length;
    expect(trial.listedCount).toBe(Math.round(share * trial.heldCount));
    expect(share).toBeCloseTo(0.2, 1);
  });
});

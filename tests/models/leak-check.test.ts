import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { likelyLeaks, type LikelyLeak } from "../../src/models/leak-check.js";
import { rowsAt, type Feature, type TrainingSet } from "../../src/models/training-set.js";
import { seeded } from "../../src/random.js";
import { normalDraw } from "./scored-rows.js";

type ValueOf<T> = (row: { readonly outcome: number; readonly place: number; random(): number }) => T;

const WORDS = ["a", "b", "c", "d"];

/** A quarter of the rows are leavers; folds go round. */
function rowsWith(
  size: number,
  numbers: Readonly<Record<string, ValueOf<number>>>,
  words: Readonly<Record<string, ValueOf<number>>> = {},
) {
  const random = seeded(33);
  const outcomes = Uint8Array.from({ length: size }, (_, place) => (place % 4 === 0 ? 1 : 0));
  const valuesOf = (value: ValueOf<number>) =>
    Float64Array.from(outcomes, (outcome, place) => value({ outcome, place, random }));
  const features: Feature[] = [
    ...Object.entries(numbers).map(([name, value]) => ({
      kind: "number" as const,
      name,
      values: valuesOf(value),
    })),
    ...Object.entries(words).map(([name, value]) => ({
      kind: "category" as const,
      name,
      codes: Int32Array.from(valuesOf(value)),
      categories: WORDS,
    })),
  ];
  const folds = Int32Array.from({ length: size }, (_, place) => Math.floor(place / 4) % 5);
  return { training: { features, outcomes } satisfies TrainingSet, folds };
}

const leaksIn = ({ training, folds }: ReturnType<typeof rowsWith>): LikelyLeak[] =>
  likelyLeaks(training, folds);

describe("a planted leak is found", () => {
  test("a number that parts leavers from the others, rising or falling: alone, with its area", () => {
    for (const [size, sign] of [
      [400, 1],
      [400, -1],
      [60, -1],
    ] as const) {
      const leaks = leaksIn(
        rowsWith(size, { final_balance: ({ outcome, random }) => sign * (outcome + 0.9 * random()) }),
      );
      expect(leaks).toEqual([{ feature: "final_balance", reason: "alone", figure: 1 }]);
    }
  });

  test("a number that parts them, but not by its order: leavers in the middle", () => {
    const middle = ({ outcome, random }: Parameters<ValueOf<number>>[0]) =>
      outcome === 1 ? random() : (random() < 0.5 ? -1 : 1) * (1.1 + random()) + 0.5;
    const [leak] = leaksIn(rowsWith(4000, { middle }));
    expect(leak).toMatchObject({ feature: "middle", reason: "alone" });
    expect(leak!.figure).toBeGreaterThan(0.98);
  });

  test("words that part them", () => {
    const leaks = leaksIn(
      rowsWith(400, {}, { status: ({ outcome, random }) => 2 * outcome + (random() < 0.5 ? 1 : 0) }),
    );
    expect(leaks).toMatchObject([{ feature: "status", reason: "alone" }]);
  });

  test("a reason for leaving, known of six leavers in ten and of nobody else: filled", () => {
    const leaks = leaksIn(
      rowsWith(
        400,
        { exit_score: ({ outcome, random }) => (outcome === 1 && random() < 0.6 ? random() : NaN) },
        { exit_reason: ({ outcome, random }) => (outcome === 1 && random() < 0.6 ? 1 : -1) },
      ),
    );
    expect(leaks).toEqual([
      { feature: "exit_score", reason: "filled", figure: 1 },
      { feature: "exit_reason", reason: "filled", figure: 1 },
    ]);
  });

  test("nearly nobody else: 2 of 1200 others known as well", () => {
    const [leak] = leaksIn(
      rowsWith(1600, {
        exit_score: ({ outcome, place }) => (outcome === 1 || place === 1 || place === 2 ? 1 : NaN),
      }),
    );
    expect(leak).toMatchObject({ reason: "filled" });
    expect(leak!.figure).toBeCloseTo(400 / 402, 12);
  });

  test("a mark that half the leavers have and nobody else, the others having another: pure, with its reach", () => {
    const [leak, ...others] = leaksIn(
      rowsWith(400, {}, { closed: ({ outcome, place }) => (outcome === 1 && place % 8 === 0 ? 1 : 0) }),
    );
    expect(others).toEqual([]);
    expect(leak).toEqual({ feature: "closed", reason: "pure", figure: 0.5 });
  });
});

describe("what is no leak is left in peace", () => {
  test("a strong feature, a weak one, noise, a constant, one never known, and an id", () => {
    const leaks = leaksIn(
      rowsWith(
        2000,
        {
          strong: ({ outcome, random }) => normalDraw(random) + 2 * outcome,
          weak: ({ outcome, random }) => normalDraw(random) + 0.5 * outcome,
          noise: ({ random }) => random(),
          constant: () => 7,
          unknown: () => NaN,
          id: ({ place }) => place,
        },
        { word: ({ random }) => Math.floor(4 * random()), never: () => -1 },
      ),
    );
    expect(leaks).toEqual([]);
  });

  test("complaints: known of a fifth of the leavers and a hundredth of the others", () => {
    const complaint: ValueOf<number> = ({ outcome, random }) =>
      random() < (outcome === 1 ? 0.2 : 0.01) ? 1 : NaN;
    expect(leaksIn(rowsWith(4000, { complaint }))).toEqual([]);
  });

  test("a gap that is known of those only who stayed long enough to have one", () => {
    const gap: ValueOf<number> = ({ outcome, random }) =>
      random() < (outcome === 1 ? 0.3 : 0.9) ? random() : NaN;
    expect(leaksIn(rowsWith(4000, { gap }))).toEqual([]);
  });

  test("noise, where all but 12 of 1000 leave, though any value is found with hardly anybody but leavers", () => {
    const noise =
      (levels: number): ValueOf<number> =>
      ({ random }) =>
        Math.floor(levels * random());
    const numbers = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`noise_${i}`, noise(2 + (i % 30))]),
    );
    const { training } = rowsWith(1000, numbers, { word: noise(4) });
    const random = seeded(2);
    const draws = Float64Array.from({ length: 1000 }, random);
    const limit = draws.toSorted()[12]!;
    const outcomes = Uint8Array.from(draws, (draw) => (draw < limit ? 0 : 1));
    const folds = Int32Array.from(draws, () => Math.floor(5 * random()));
    expect(likelyLeaks({ ...training, outcomes }, folds)).toEqual([]);
  });

  test("few rows: nine leavers can be parted by chance", () => {
    expect(leaksIn(rowsWith(36, { parted: ({ outcome }) => outcome }))).toEqual([]);
    expect(leaksIn(rowsWith(40, { parted: ({ outcome }) => outcome }))).toHaveLength(1);
    expect(likelyLeaks({ features: [], outcomes: new Uint8Array() }, new Int32Array())).toEqual([]);
  });

  test("in 300 columns of noise on 60 rows nothing is found", () => {
    const noise = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [
        `noise_${i}`,
        (({ random }) => (i % 3 === 0 && random() < 0.7 ? NaN : Math.floor(6 * random()))) as ValueOf<number>,
      ]),
    );
    expect(leaksIn(rowsWith(60, noise))).toEqual([]);
  });
});

const folder = fileURLToPath(new URL("../../../shared/reference/churn/", import.meta.url));

/** Columns of numbers with the outcome last, and the fold of each row. */
function readReference(set: string) {
  const cellsOf = (file: string) => {
    const lines = readFileSync(join(folder, file), "utf8").trim().split(/\r?\n/);
    return lines.map((line) => line.split(","));
  };
  const [[, ...names], ...rows] = cellsOf(`${set}_encoded.csv`) as [string[], ...string[][]];
  const column = (i: number) =>
    Float64Array.from(rows, (cells) => (cells[i + 1] === "" ? NaN : Number(cells[i + 1])));
  const features = names
    .slice(0, -1)
    .map((name, i) => ({ kind: "number" as const, name, values: column(i) }));
  const foldOf = new Map(cellsOf(`${set}_folds.csv`).map(([row, fold]) => [row, Number(fold)]));
  return {
    training: { features, outcomes: Uint8Array.from(column(names.length - 1)) },
    folds: Int32Array.from(rows, ([row]) => foldOf.get(row)!),
  };
}

describe.each(["telco", "iranian"])("public data: %s", (set) => {
  const isHere = existsSync(join(folder, `${set}_encoded.csv`));
  const note = isHere ? "" : " (skipped: ../shared/reference is not here)";

  test.skipIf(!isHere)(`no feature is taken for a leak, and the outcome among them is${note}`, () => {
    const { training, folds } = readReference(set);
    expect(training.features.length).toBeGreaterThan(10);
    expect(likelyLeaks(training, folds)).toEqual([]);
    const planted = {
      kind: "number" as const,
      name: "planted",
      values: Float64Array.from(training.outcomes),
    };
    const leaks = likelyLeaks({ ...training, features: [...training.features, planted] }, folds);
    expect(leaks).toEqual([{ feature: "planted", reason: "alone", figure: 1 }]);
  });
});

test("the limit can be set: a strong feature is suspicious from .9 on", () => {
  const { training, folds } = rowsWith(2000, {
    strong: ({ outcome, random }) => normalDraw(random) + 2 * outcome,
  });
  const [leak] = likelyLeaks(training, folds, { suspiciousArea: 0.9 });
  expect(leak).toMatchObject({ feature: "strong", reason: "alone" });
  expect(leak!.figure).toBeCloseTo(0.9214, 1);
});

test("rates are those of the other folds: noise in 255 bins stays at one half, though its own rows would give .63", () => {
  const { training, folds } = rowsWith(5100, { noise: ({ random }) => random() });
  expect(likelyLeaks(training, folds, { suspiciousArea: 0.55 })).toEqual([]);
});

test("folds of unlike size: a word that 8 of 10 leavers have and 2 of 10 others has an area of .8", () => {
  const { training } = rowsWith(
    8000,
    {},
    { word: ({ outcome, random }) => (random() < 0.2 + 0.6 * outcome ? 1 : 0) },
  );
  const folds = Int32Array.from(training.outcomes, (_, place) => (place % 41 < 4 ? 1 : 0));
  const [leak] = likelyLeaks(training, folds, { suspiciousArea: 0.6 });
  expect(Math.abs(leak!.figure - 0.8)).toBeLessThan(0.015);
});

test("the order of the rows changes nothing", () => {
  const rows = rowsWith(
    80,
    {
      parted: ({ outcome, random }) => outcome + 0.9 * random(),
      exit_score: ({ outcome, random }) => (outcome === 1 && random() < 0.6 ? random() : NaN),
    },
    { closed: ({ outcome, place }) => (outcome === 1 && place % 8 === 0 ? 1 : 0) },
  );
  const found = leaksIn(rows);
  expect(found.map(({ reason }) => reason)).toEqual(["alone", "filled", "pure"]);
  fc.assert(
    fc.property(fc.shuffledSubarray([...rows.folds.keys()], { minLength: 80 }), (places) => {
      const folds = Int32Array.from(places, (row) => rows.folds[row]!);
      expect(likelyLeaks(rowsAt(rows.training, places), folds)).toEqual(found);
    }),
    { numRuns: 30 },
  );
});

import { describe, expect, test } from "vitest";
import { changesOf, identify, type PreviousSegment } from "../../src/analyses/segments-identity.js";
import { shownDifferences } from "../../src/analyses/segments-shown.js";
import { SEGMENT_COLUMNS, type SegmentFeature } from "../../src/analyses/segments-source.js";
import type { Difference } from "../../src/models/cluster-differences.js";
import type { Preparation } from "../../src/models/cluster-features.js";
import { matchClusters } from "../../src/models/cluster-match.js";
import { keyHolds, nameKeys, nameOf, readSegmentVocabulary } from "../../src/segment-vocabulary.js";

const vocabulary = readSegmentVocabulary("segments", { directory: ".", known: SEGMENT_COLUMNS });
const words = {
  vocabulary,
  language: "en",
  labelOf: (name: string) => name,
  wordOf: (_: string, word: string) => word,
} as const;

const number = (feature: string, effect: number, here = 10 + effect): Difference => ({
  ...{ feature, effect, here, overall: 10 },
});
const share = (word: string, here: number, overall: number): Difference => ({
  ...{ feature: "city", word, here, overall },
  effect: (here - overall) / Math.sqrt(overall * (1 - overall)),
});
const plain = (name: string): Preparation["features"][number] => ({
  ...{ kind: "number", name, fill: 0, missingShare: 0, unit: null, skewness: 0 },
  ...{ centre: 0, spread: 1, limit: null, weight: 1 },
});

describe("names", () => {
  test("two segments do not carry the same words in another order", () => {
    const keys = nameKeys(
      [
        [number("total_amount", 2), number("tenure_days", 1)],
        [number("tenure_days", 2), number("total_amount", 1), number("recency_days", 0.6)],
        [number("tenure_days", 2), number("total_amount", 1)],
      ],
      vocabulary,
      [],
    );
    const sets = keys.map((key) => key.split("|").toSorted().join(" "));
    expect(new Set(sets).size).toBe(3);
    expect(keys.map((key) => nameOf(key, words))).toEqual([
      "Big spenders, long known",
      "Long known, big spenders, long silent",
      "Big spenders, long known 2",
    ]);
    expect(
      nameKeys([[number("tenure_days", 2), number("total_amount", 1)]], vocabulary, [keys[0]!]),
    ).not.toEqual(["tenure_days:high|total_amount:high"]);
  });

  test("a word is in a name only where most of the segment have it, and far more than of all", () => {
    const keysOf = (...own: Difference[]) => nameKeys([own], vocabulary)[0];
    expect(keysOf(share("Rome", 0.9, 0.2))).toBe("city=Rome");
    expect(keysOf(share("Rome", 0.5, 0.1))).toBe("");
    expect(keysOf(share("Rome", 0.95, 0.7))).toBe("");
    expect(keysOf(share("Rome", 0.9, 0.2), share("Paris", 0.1, 0.8))).toBe("city=Rome");
  });

  test("differences that the figures do not show, and shares that follow from others, are not told", () => {
    const features: SegmentFeature[] = [
      { name: "orders", kind: "number", format: "integer", label: "Orders" },
      { name: "city", kind: "category", format: "text", label: "City" },
    ];
    const own = [
      { ...number("orders", 0.9), here: 2.2, overall: 1.8 },
      share("Rome", 0.9, 0.4),
      share("Paris", 0.1, 0.6),
    ] as const;
    const locale = { language: "en", currency: "" } as const;
    expect(shownDifferences([own[0], own[2], own[1]], features, locale)).toEqual([own[1]]);
    const nearlyAll = [share("Rome", 0.95, 0.3), share("Paris", 0, 0.4), share("Bonn", 0, 0.3)];
    expect(shownDifferences(nearlyAll, features, locale)).toEqual([nearlyAll[0]]);
    expect(shownDifferences([{ ...own[0]!, here: 4 } as Difference], features, locale)).toHaveLength(1);
  });
});

describe("from night to night", () => {
  const features = [plain("total_amount"), plain("recency_days")];
  const clustersAt = (...centres: (readonly [number, number])[]) => ({
    clusters: {
      ...{
        k: centres.length,
        dimensions: 2,
        centres: Float64Array.from(centres.flat()),
        inertia: 1,
        starts: 1,
      },
      ...{ labels: new Int32Array(), sizes: new Int32Array(centres.length) },
    },
  });
  const before = (
    id: number,
    key: string,
    [amount, recency]: readonly [number, number],
  ): PreviousSegment => ({
    ...{ id, key },
    centre: new Map([
      ["total_amount", amount],
      ["recency_days", recency],
    ]),
  });
  const previous = [before(1, "total_amount:high", [5, 0]), before(4, "recency_days:high", [0, 6])];
  const known = { segments: previous, highestId: 6 };
  const rich = [number("total_amount", 2)];
  const late = [number("recency_days", 2)];

  test("a centre that went a little keeps id and name, and says how far and in what it went", () => {
    const found = identify({ features, dropped: [], unrelated: [] }, clustersAt([0.1, 6], [5, 0.5]), {
      ...{ known, vocabulary, shown: [late, rich] },
    });
    expect(found.map(({ id, key, keyBefore }) => [id, key, keyBefore])).toEqual([
      [4, "recency_days:high", undefined],
      [1, "total_amount:high", undefined],
    ]);
    expect(found[1]!.drift).toBeCloseTo(0.5, 12);
    expect(found[1]!.driftedIn).toEqual({ feature: "recency_days" });
  });

  test("a name whose words no longer hold changes, and the id stays", () => {
    const [one] = identify({ features, dropped: [], unrelated: [] }, clustersAt([5, 0.5], [0, 6]), {
      ...{ known, vocabulary, shown: [[number("total_amount", 0.2), number("recency_days", -1)], late] },
    });
    expect(one).toMatchObject({ id: 1, key: "recency_days:low", keyBefore: "total_amount:high" });
    expect(keyHolds("total_amount:high", [number("total_amount", 0.35)], vocabulary)).toBe(true);
    expect(keyHolds("total_amount:high", [number("total_amount", -2)], vocabulary)).toBe(false);
    expect(keyHolds("", [number("total_amount", 0.3)], vocabulary)).toBe(true);
    expect(keyHolds("", rich, vocabulary)).toBe(false);
  });

  test("a centre that went far is a new segment with a number that was never used", () => {
    const found = identify({ features, dropped: [], unrelated: [] }, clustersAt([5, 0], [20, 20]), {
      ...{ known, vocabulary, shown: [rich, late] },
    });
    expect(found.map(({ id }) => id)).toEqual([1, 7]);
    expect(found[1]!.drift).toBeNaN();
  });

  test("centres are paired so that all go the least way together, not each the least for itself", () => {
    // The first lies nearest to the second of before, yet together the squares are least the other way round.
    expect(matchClusters([[0], [10]], [[6], [16]]).map(({ before: place }) => place)).toEqual([-1, -1]);
    expect(matchClusters([[0], [10]], [[4], [14]])).toEqual([
      { before: 0, distance: 4 },
      { before: 1, distance: 4 },
    ]);
    expect(matchClusters([], [[1]])).toEqual([{ before: -1, distance: NaN }]);
    expect(matchClusters([[NaN]], [[1]])).toEqual([{ before: -1, distance: NaN }]);
  });

  test("a new segment split off the one that most of it came from; a gone one merged where most of it went", () => {
    const movements = [
      { from: 1, to: 1, count: 60 },
      { from: 1, to: 3, count: 40 },
      { from: 2, to: 1, count: 30 },
      { from: 2, to: 3, count: 10 },
      { from: 0, to: 3, count: 10 },
      { from: 2, to: 0, count: 20 },
    ];
    expect(changesOf(movements, [1, 2], [1, 3])).toEqual({
      splits: [{ from: 1, to: 3, share: 40 / 60 }],
      merges: [{ from: 2, to: 1, share: 0.5 }],
    });
    const newcomers = [...movements, { from: 0, to: 3, count: 30 }, { from: 2, to: 0, count: 1 }];
    expect(changesOf(newcomers, [1, 2], [1, 3])).toEqual({ splits: [], merges: [] });
    expect(changesOf([{ from: 1, to: 1, count: 9 }], [1], [1])).toEqual({ splits: [], merges: [] });
  });
});

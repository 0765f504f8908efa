import { populationStability, type PopulationStability } from "../models/population-stability.js";
import type { CategoryFeature, Feature, NumberFeature } from "../models/training-set.js";
import { numberSql, quoteName, quoteText } from "../sql.js";
import { onlyNumber } from "../table.js";
import type { ChurnContext, Learnt } from "./churn-findings.js";
import type { Evidence } from "./churn-evidence.js";

/** How far tonight's customers differ from those that were learnt from. */
export interface FeatureDrift extends PopulationStability {
  readonly feature: string;
}

const BINS = 10;
/** What grows with every day that a firm exists tells nothing of its customers. */
const AGES: readonly string[] = ["tenure_days", "contract_age_days", "order_day_count"];

/** The stability of every feature that the tree asks for, but for ages, since the test: the least stable first. */
export async function driftOf(
  context: ChurnContext,
  learnt: Learnt,
  { test }: Evidence,
): Promise<FeatureDrift[]> {
  const { nodes } = learnt.candidates.tree.tree;
  const asked = new Set(
    nodes.flatMap(({ split }) =>
      split === undefined || AGES.includes(split.feature) ? [] : [split.feature],
    ),
  );
  const features = test.training.features.filter(({ name }) => asked.has(name));
  if (features.length === 0) return [];
  const binned = features.map(binsOf);
  const aggregates = binned.flatMap(({ conditions }, place) =>
    conditions.map(
      (condition, bin) =>
        [`count_${place}_${bin}`, `sum(case when ${TONIGHT} and ${condition} then 1 else 0 end)`] as const,
    ),
  );
  const row = await context.measure("features.churn", Object.fromEntries(aggregates));
  const drifts = binned.map(({ expected }, place) => ({
    feature: features[place]!.name,
    counts: expected.map((_, bin) => onlyNumber(row, `count_${place}_${bin}`)),
    expected,
  }));
  return drifts
    .filter(({ counts }) => counts.some((count) => count > 0))
    .map(({ feature, counts, expected }) => ({ feature, ...populationStability(expected, counts) }))
    .toSorted((a, b) => b.index - a.index || (a.feature < b.feature ? -1 : 1));
}

const TONIGHT = "purpose = 'score' and state = 'active'";

interface Bins {
  /** Rows that were learnt from, by bin. */
  readonly expected: readonly number[];
  /** In SQL, which rows are in each bin. */
  readonly conditions: readonly string[];
}

const binsOf = (feature: Feature): Bins =>
  feature.kind === "number" ? numberBins(feature) : wordBins(feature);

/** Tenths of what was known, and what was not known. */
function numberBins({ name, values }: NumberFeature): Bins {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const cuts = [
    ...new Set(
      Array.from({ length: BINS - 1 }, (_, i) => known[Math.floor(((i + 1) * known.length) / BINS)]!),
    ),
  ].filter((cut) => Number.isFinite(cut));
  const expected = new Array<number>(cuts.length + 2).fill(0);
  for (const value of values)
    expected[Number.isNaN(value) ? cuts.length + 1 : cuts.filter((cut) => value > cut).length]! += 1;
  const column = quoteName(name);
  const ranges = Array.from({ length: cuts.length + 1 }, (_, bin) => {
    const above = bin === 0 ? [] : [`${column} > ${numberSql(cuts[bin - 1]!)}`];
    const atMost = bin === cuts.length ? [] : [`${column} <= ${numberSql(cuts[bin]!)}`];
    return [`${column} is not null`, ...above, ...atMost].join(" and ");
  });
  return { expected, conditions: [...ranges, `${column} is null`] };
}

/** Each word that was learnt from, and all others together. */
function wordBins({ name, codes, categories }: CategoryFeature): Bins {
  const expected = new Array<number>(categories.length + 1).fill(0);
  for (const code of codes) expected[code < 0 ? categories.length : code]! += 1;
  const column = quoteName(name);
  const words = categories.map(quoteText);
  const others = words.length === 0 ? "1 = 1" : `coalesce(${column} not in (${words.join(", ")}), 1 = 1)`;
  return { expected, conditions: [...words.map((word) => `${column} = ${word}`), others] };
}

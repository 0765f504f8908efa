import { CrmError } from "../errors.js";
import {
  chooseClusterCount,
  NOTHING_TRIED,
  type CountChoice,
  type CountSettings,
} from "../models/cluster-count.js";
import { fitClassTree, type FittedClassTree } from "../models/class-tree.js";
import { fitPreparation, preparedPoints, blocksOf, type Preparation } from "../models/cluster-features.js";
import { differencesOf, type Difference } from "../models/cluster-differences.js";
import { DEFAULT_K_MEANS, fitKMeans, type Clusters } from "../models/k-means.js";
import { canonicalOrder, distinctCount, firstPoints, pointsAt, type Points } from "../models/points.js";
import { meanSilhouettes } from "../models/silhouette.js";
import { featureAt, type Feature } from "../models/training-set.js";
import { seeded } from "../random.js";
import type { ClusterConfig } from "./segments-config.js";
import { previousCentres, type PreviousSegment } from "./segments-identity.js";
import { readSample, type SegmentSource, type StudyContext } from "./segments-source.js";

/** Why there are no segments: too few customers, all alike, or no clusters among them. */
export type NoSegments = "few" | "alike" | "none";

/** What was found in a sample; with clusters, or why there are none. */
export interface SegmentStudy {
  readonly source: SegmentSource;
  readonly config: ClusterConfig;
  readonly seed: number;
  readonly sampleCount: number;
  /** Rows of the sample, in the order of the points. */
  readonly features: readonly Feature[];
  readonly preparation: Preparation;
  readonly choice: CountChoice;
  readonly found: FoundClusters | undefined;
  readonly why: NoSegments | undefined;
  /** How many different customers there are in what segments are found from, where they are few; else undefined. */
  readonly combinationCount: number | undefined;
}

/** Clusters, and what describes them. */
export interface FoundClusters {
  readonly clusters: Clusters;
  /** Mean silhouette of a sample. */
  readonly silhouette: number;
  /** Of each cluster, what sets it apart, the greatest effect first. */
  readonly differences: readonly (readonly Difference[])[];
  readonly tree: FittedClassTree;
}

/** Numbers of clusters that are tried. */
const [LEAST_K, MOST_K] = [2, 12];
/** Fewer customers than this are not parted without being told to. */
const LEAST_CUSTOMERS = 10;
/** Of so few points as many starts are tried. */
const [SMALL, STARTS_OF_SMALL] = [1000, 50];
const [MOST_MEASURED, MOST_TREE_ROWS] = [2000, 20_000];

/** Where segments are looked for, and those of the last run. */
export interface StudyRequest {
  readonly source: SegmentSource;
  readonly config: ClusterConfig;
  readonly previous: readonly PreviousSegment[];
}

/**
 * Finds segments in the rows of a source.
 *
 * @throws CrmError `data` for more segments than there are different customers
 */
export async function studySegments(
  context: StudyContext,
  { source, config, previous }: StudyRequest,
): Promise<SegmentStudy> {
  const { seed } = context.run;
  const sample = await readSample(context, source, config.sample_customers);
  const asked = sample.features.filter(({ name }) => source.asked.includes(name));
  const preparation = fitPreparation(asked, { ...config, weigh: source.weigh });
  const unordered = preparedPoints(preparation, asked, sample.count);
  const order = canonicalOrder(unordered);
  const points = pointsAt(unordered, order);
  const features = sample.features.map((feature) => featureAt(feature, order));
  const shared = {
    ...{ source, config, seed, sampleCount: sample.count, features, preparation },
    combinationCount: combinationsOf(points),
  };
  refuseTooMany(points, config, source);
  const tried = await tryCounts(context, points, {
    ...{ k: config.k, usual: previous.length, blocks: blocksOf(preparation) },
  });
  const k = config.k ?? tried.choice.k;
  const why = k > 0 ? undefined : tried.why;
  if (k === 0) return { ...shared, choice: tried.choice, why, found: undefined };
  const found = await describe(context, {
    ...{ points, features, k, seed, config },
    usual: usualCentres(preparation, previous, k),
  });
  return { ...shared, choice: tried.choice, why, found };
}

/** Combinations of values, where on average so many customers at least share one. */
const LEAST_SHARING = 10;

function combinationsOf(points: Points): number | undefined {
  const limit = Math.ceil(points.count / LEAST_SHARING);
  const count = distinctCount(points, limit);
  return count < limit ? count : undefined;
}

function refuseTooMany(points: Points, { k }: ClusterConfig, { rowCount }: SegmentSource): void {
  if (k === undefined) return;
  const distinct = points.dimensions === 0 ? 1 : distinctCount(points, k);
  if (distinct >= k) return;
  throw new CrmError(
    "data",
    `k ${k}: in what segments are found from, ${rowCount} customer${rowCount === 1 ? " has" : "s have"} ${distinct} different set${distinct === 1 ? "" : "s"} of values`,
    { hint: "ask for fewer segments, or let the number be chosen" },
  );
}

async function tryCounts(
  { pace, run }: StudyContext,
  points: Points,
  { k, usual, blocks }: Pick<CountSettings, "usual" | "blocks"> & { readonly k: number | undefined },
): Promise<{ choice: CountChoice; why: NoSegments | undefined }> {
  if (points.dimensions === 0 || distinctCount(points, 2) < 2) return { choice: NOTHING_TRIED, why: "alike" };
  if (k === undefined && points.count < LEAST_CUSTOMERS) return { choice: NOTHING_TRIED, why: "few" };
  const settings = { least: LEAST_K, most: MOST_K, random: seeded(run.seed), usual, blocks };
  const choice = await pace("segments: how many", points.count, () => chooseClusterCount(points, settings));
  return { choice, why: choice.k === 0 ? "none" : undefined };
}

interface Asked {
  readonly points: Points;
  readonly features: readonly Feature[];
  readonly k: number;
  readonly seed: number;
  readonly config: ClusterConfig;
  readonly usual: Float64Array | undefined;
}

/** Last run's centres, where they are as many and known in all coordinates. */
function usualCentres(preparation: Preparation, previous: readonly PreviousSegment[], k: number) {
  const centres = Float64Array.from(previousCentres(preparation, previous).flat());
  return previous.length === k && centres.every(Number.isFinite) ? centres : undefined;
}

async function describe(
  { pace }: StudyContext,
  { points, features, k, seed, config, usual }: Asked,
): Promise<FoundClusters> {
  const starts = points.count <= SMALL ? STARTS_OF_SMALL : DEFAULT_K_MEANS.starts;
  const settings = { ...DEFAULT_K_MEANS, starts, random: seeded(seed), usual };
  const clusters = await pace("segments: clusters", points.count, () => fitKMeans(points, k, settings));
  const [silhouette] = meanSilhouettes(firstPoints(points, MOST_MEASURED), [clusters]);
  const treeRows = Int32Array.from({ length: Math.min(points.count, MOST_TREE_ROWS) }, (_, row) => row);
  const rows = {
    features: features.map((feature) => featureAt(feature, treeRows)),
    classes: clusters.labels.slice(0, treeRows.length),
    classCount: k,
  };
  const size = { maxLeaves: config.tree_leaves, minLeafRows: Math.ceil(treeRows.length / ROWS_A_LEAF) };
  const folds = treeRows.map((row) => row % FOLDS);
  const tree = await pace("segments: tree", treeRows.length, () => fitClassTree(rows, folds, size));
  return { clusters, silhouette: silhouette!, differences: differencesOf(features, clusters), tree };
}

const FOLDS = 5;
/** A leaf has one of so many customers at least. */
const ROWS_A_LEAF = 200;

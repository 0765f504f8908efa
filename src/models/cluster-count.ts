import type { Random } from "../random.js";
import { adjustedRandIndex } from "./adjusted-rand.js";
import { fitKMeans, inertiaOfOne, nearestCentres, type Clusters, type KMeansSettings } from "./k-means.js";
import { coordinatesAt, distinctCount, firstPoints, pointsAt, type Points } from "./points.js";
import { evenCloud, shuffledFeatures, unrounded, type CoordinateBlock } from "./points-without-clusters.js";
import { meanSilhouettes } from "./silhouette.js";

/** A number of clusters that was tried. */
export interface CountTrial {
  readonly k: number;
  readonly inertia: number;
  /** Mean silhouette of a sample. */
  readonly silhouette: number;
  /** Mean silhouette of points without clusters: with features shuffled, or in an even cloud, whichever is higher. */
  readonly referenceSilhouette: number;
  /** Mean silhouette of just as many of the points themselves. */
  readonly comparableSilhouette: number;
  /** How much higher that one is than the reference. */
  readonly gain: number;
  /** Mean adjusted Rand index between the clusters and those of bootstrap samples. */
  readonly stability: number;
}

/** How many clusters there are. */
export interface CountChoice {
  /** 0 when there are none worth the name. */
  readonly k: number;
  readonly trials: readonly CountTrial[];
  /** The inertia of all of them as one cluster. */
  readonly totalInertia: number;
  /** How far the silhouettes stand above those of shuffled points, in deviations of the latter among themselves. */
  readonly excess: number;
  /** How many shuffles stand behind it. */
  readonly shuffleCount: number;
  /** Whether the trials leave out words and yes and no: the numbers alone have clusters. */
  readonly isOfNumbers: boolean;
}

/** No number can be tried. */
export const NOTHING_TRIED: CountChoice = {
  ...{ k: 0, trials: [], totalInertia: 0, excess: 0, shuffleCount: 0, isOfNumbers: false },
};

/** What may be tried. */
export interface CountSettings {
  readonly least: number;
  readonly most: number;
  readonly random: Random;
  /** The coordinates of each feature. */
  readonly blocks: readonly CoordinateBlock[];
  /** The number of an earlier time: kept while no other one is clearly better. */
  readonly usual?: number | undefined;
}

/**
 * Of numbers that gain at least so much of what the best gains, or less by a standard deviation at most, the least is
 * taken, or else that of an earlier time.
 */
const [AS_GOOD, AS_BEFORE] = [0.9, 0.75];

/** Points that numbers of clusters are tried on, at most. */
export const MOST_FITTED = 5000;
/** Points looked at for silhouettes, for bootstrap samples, for shuffles. */
const [MOST_MEASURED, MOST_DRAWN, MOST_SHUFFLED] = [1500, 1000, 400];
const [BOOTSTRAPS, SAMPLES, SHUFFLES, CLOUDS] = [8, 5, 12, 6];
/** From here on the same clusters are found again. */
const LEAST_STABILITY = 0.6;
/** Shuffled points come no closer than so many deviations, and less of a difference is not worth a name. */
const [LEAST_EXCESS, LEAST_GAIN] = [2, 0.05];
const FITTED = { starts: 5, maxRounds: 200, tolerance: 1e-4 };
const ROUGH = { starts: 2, maxRounds: 60, tolerance: 1e-2, isPolished: false };

/**
 * Chooses a number of clusters: that of the numbers alone where they have clusters, as words go together with them or are
 * left out, and every combination with a word is a place of its own; else that of all coordinates.
 */
export function chooseClusterCount(points: Points, settings: CountSettings): CountChoice {
  const numbers = numbersAmong(points, settings.blocks);
  if (numbers.length > 0 && numbers.length < settings.blocks.length) {
    const alone = coordinatesAt(
      points,
      numbers.map(({ from }) => from),
    );
    const choice = chooseCount(alone, { ...settings, blocks: numbers.map(({ block }) => block) });
    if (choice.k > 0) return { ...choice, isOfNumbers: true };
  }
  return chooseCount(points, settings);
}

/** The features of more than two values: neither words nor a yes and no. */
function numbersAmong({ count, dimensions, values }: Points, blocks: readonly CoordinateBlock[]) {
  let from = 0;
  const placed = blocks.map((block) => {
    const start = from;
    from += block.width;
    return { block, from: start };
  });
  return placed.filter(({ block, from: column }) => {
    if (block.width > 1) return false;
    const known = new Set<number>();
    for (let row = 0; row < count && known.size < 3; row++) known.add(values[row * dimensions + column]!);
    return known.size > 2;
  });
}

/**
 * Chooses a number of clusters: of those that bootstrap samples find again, the one whose silhouette stands highest above
 * that of shuffled columns; none where even the highest does no better than shuffled columns do among themselves. The
 * points come in an order that says nothing of where they lie.
 *
 * @see Rousseeuw (1987); Hennig (2007), "Cluster-wise assessment of cluster stability"; Tibshirani, Walther & Hastie
 * (2001), "Estimating the number of clusters via the gap statistic", for a reference without clusters
 */
function chooseCount(points: Points, { least, most, random, usual, blocks }: CountSettings): CountChoice {
  const fitted = unrounded(firstPoints(points, MOST_FITTED), blocks, random);
  const distinct = distinctCount(fitted, most + 1);
  const counts = Array.from({ length: most - least + 1 }, (_, i) => least + i).filter((k) => k < distinct);
  if (counts.length === 0) return NOTHING_TRIED;
  const few = { ...ROUGH, random };
  const found = counts.map((k) => fitKMeans(fitted, k, { ...few, ...FITTED }));
  const measured = firstPoints(fitted, MOST_MEASURED);
  const silhouettes = meanSilhouettes(measured, found);
  const reference = referenceOf(fitted, counts, { ...few, blocks });
  const without = withoutClusters(reference);
  const trials = found.map((clusters, i): CountTrial => ({
    k: clusters.k,
    inertia: clusters.inertia,
    silhouette: silhouettes[i]!,
    referenceSilhouette: without[i]!,
    comparableSilhouette: reference.real[i]!,
    gain: reference.real[i]! - without[i]!,
    stability: stabilityOf(measured, clusters, few),
  }));
  const excess = excessOf(reference);
  const stable = trials.filter(({ stability }) => stability >= LEAST_STABILITY);
  const highest = Math.max(...stable.map(({ gain }) => gain));
  const isWorth = excess >= LEAST_EXCESS && highest >= LEAST_GAIN;
  const unsure = deviationAt(
    reference,
    trials.findIndex(({ gain }) => gain === highest),
  );
  const asGoodAs = (share: number) =>
    stable.filter(({ gain }) => isWorth && gain >= Math.min(share * highest, highest - unsure));
  const asBefore = asGoodAs(AS_BEFORE).find(({ k }) => k === usual);
  const k = (asBefore ?? asGoodAs(AS_GOOD)[0])?.k ?? 0;
  return {
    ...{ k, trials, excess, totalInertia: inertiaOfOne(fitted) },
    ...{ shuffleCount: SHUFFLES, isOfNumbers: false },
  };
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Reference {
  /** Of each number of clusters. */
  readonly real: readonly number[];
  /** Of each shuffle, of each number of clusters. */
  readonly shuffled: readonly (readonly number[])[];
  /** Of each cloud, of each number of clusters. */
  readonly clouds: readonly (readonly number[])[];
}

/** Silhouettes of samples of the points and of as many points without clusters. */
function referenceOf(
  points: Points,
  counts: readonly number[],
  settings: KMeansSettings & Pick<CountSettings, "blocks">,
): Reference {
  const { random, blocks } = settings;
  const size = Math.min(MOST_SHUFFLED, points.count);
  const samples = Array.from({ length: SAMPLES }, (_, i) =>
    pointsAt(
      points,
      Int32Array.from({ length: size }, (__, row) => (i * size + row) % points.count),
    ),
  );
  const silhouettesOf = (sample: Points) =>
    meanSilhouettes(
      sample,
      counts.map((k) =>
        fitKMeans(sample, Math.max(1, Math.min(k, distinctCount(sample, k + 1) - 1)), settings),
      ),
    );
  const times = (length: number, pointsOf: (sample: Points) => Points) =>
    Array.from({ length }, (_, i) => silhouettesOf(pointsOf(samples[i % SAMPLES]!)));
  const all = times(SAMPLES, (sample) => sample);
  return {
    real: counts.map((_, i) => meanOf(all.map((row) => row[i]!))),
    shuffled: times(SHUFFLES, (sample) => shuffledFeatures(sample, blocks, random)),
    clouds: times(CLOUDS, (sample) => evenCloud(sample, random)),
  };
}

/** By number of clusters, the silhouette that points without clusters have: the higher of the two kinds. */
const withoutClusters = ({ real, shuffled, clouds }: Reference) =>
  real.map((_, i) => Math.max(...[shuffled, clouds].map((rows) => meanOf(rows.map((row) => row[i]!)))));

/** The standard deviation of the silhouettes of shuffles at the number of clusters at a place. */
const deviationAt = ({ shuffled }: Reference, place: number) =>
  place < 0 ? 0 : deviationOf(shuffled.map((row) => row[place]!));

/**
 * How far silhouettes stand, in deviations of the shuffles at their number of clusters, above where each shuffle stands
 * among the others: numbers whose silhouettes vary much count for less.
 */
function excessOf({ real, shuffled }: Reference): number {
  const own = shuffled.map((row, place) => standing(row, shuffled.toSpliced(place, 1)));
  const [mean, deviation] = [meanOf(own), deviationOf(own)];
  return deviation === 0 ? 0 : (standing(real, shuffled) - mean) / deviation;
}

/** The most deviations by which silhouettes stand above those of the others, over the numbers of clusters. */
function standing(silhouettes: readonly number[], others: readonly (readonly number[])[]): number {
  const heights = silhouettes.map((silhouette, i) => {
    const column = others.map((row) => row[i]!);
    const deviation = deviationOf(column);
    return deviation === 0 ? 0 : (silhouette - meanOf(column)) / deviation;
  });
  return Math.max(...heights);
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

/** How well the clusters of bootstrap samples agree with those of all. */
function stabilityOf(points: Points, { k, centres }: Clusters, settings: KMeansSettings): number {
  const own = nearestCentres(points, centres).labels;
  const agreements = Array.from({ length: BOOTSTRAPS }, () => {
    const length = Math.min(points.count, MOST_DRAWN);
    const places = Int32Array.from({ length }, () => Math.floor(settings.random() * points.count));
    const drawn = pointsAt(points, places);
    if (distinctCount(drawn, k) < k) return 0;
    const again = fitKMeans(drawn, k, settings);
    return adjustedRandIndex(own, nearestCentres(points, again.centres).labels);
  });
  return meanOf(agreements);
}

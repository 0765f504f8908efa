import type { Random } from "../random.js";
import { adjustedRandIndex } from "./adjusted-rand.js";
import { fitKMeans, nearestCentres, type Clusters, type KMeansSettings } from "./k-means.js";
import { distinctCount, firstPoints, pointsAt, type Points } from "./points.js";
import { meanSilhouettes } from "./silhouette.js";

/** A number of clusters that was tried. */
export interface CountTrial {
  readonly k: number;
  readonly inertia: number;
  /** Mean silhouette of a sample. */
  readonly silhouette: number;
  /** Mean silhouette that the same points have once their columns are shuffled: what there is without clusters. */
  readonly shuffledSilhouette: number;
  /** Mean adjusted Rand index between the clusters and those of bootstrap samples. */
  readonly stability: number;
}

/** How many clusters there are. */
export interface CountChoice {
  /** 0 when there are none worth the name. */
  readonly k: number;
  readonly trials: readonly CountTrial[];
  /** How far the silhouettes stand above those of shuffled points, in deviations of the latter among themselves. */
  readonly excess: number;
  /** How many shuffles stand behind it. */
  readonly shuffleCount: number;
}

/** What may be tried. */
export interface CountSettings {
  readonly least: number;
  readonly most: number;
  readonly random: Random;
  /** The number of an earlier time: kept while no other one is clearly better. */
  readonly usual?: number | undefined;
}

/** A number that gains at least so much of what the best gains is as good. */
const AS_GOOD = 0.75;

/** Points that numbers of clusters are tried on, at most. */
export const MOST_FITTED = 5000;
/** Points looked at for silhouettes, for bootstrap samples, for shuffles. */
const [MOST_MEASURED, MOST_DRAWN, MOST_SHUFFLED] = [1500, 1000, 400];
const [BOOTSTRAPS, SHUFFLES] = [8, 19];
/** From here on the same clusters are found again. */
const LEAST_STABILITY = 0.6;
/** Shuffled points come no closer than so many deviations, and less of a difference is not worth a name. */
const [LEAST_EXCESS, LEAST_GAIN] = [4, 0.02];
const FITTED = { starts: 5, maxRounds: 200, tolerance: 1e-4 };
const ROUGH = { starts: 2, maxRounds: 60, tolerance: 1e-2, isPolished: false };

/**
 * Chooses a number of clusters: of those that bootstrap samples find again, the one whose silhouette stands highest above
 * that of shuffled columns; none where even the highest does no better than shuffled columns do among themselves. The
 * points come in an order that says nothing of where they lie.
 *
 * @see Rousseeuw (1987); Hennig (2007), "Cluster-wise assessment of cluster stability"; Tibshirani, Walther & Hastie
 * (2001), "Estimating the number of clusters via the gap statistic", for a reference without clusters
 */
export function chooseClusterCount(
  points: Points,
  { least, most, random, usual }: CountSettings,
): CountChoice {
  const fitted = firstPoints(points, MOST_FITTED);
  const distinct = distinctCount(fitted, most + 1);
  const counts = Array.from({ length: most - least + 1 }, (_, i) => least + i).filter((k) => k < distinct);
  if (counts.length === 0) return { k: 0, trials: [], excess: 0, shuffleCount: 0 };
  const few = { ...ROUGH, random };
  const found = counts.map((k) => fitKMeans(fitted, k, { ...few, ...FITTED }));
  const measured = firstPoints(fitted, MOST_MEASURED);
  const silhouettes = meanSilhouettes(measured, found);
  const reference = shuffledSilhouettes(firstPoints(fitted, MOST_SHUFFLED), counts, few);
  const trials = found.map((clusters, i): CountTrial => ({
    k: clusters.k,
    inertia: clusters.inertia,
    silhouette: silhouettes[i]!,
    shuffledSilhouette: meanOf(reference.shuffled.map((row) => row[i]!)),
    stability: stabilityOf(measured, clusters, few),
  }));
  const { excess, gain } = excessOf(reference);
  const stable = trials.filter(({ stability }) => stability >= LEAST_STABILITY);
  const best = stable.reduce<CountTrial | undefined>(
    (chosen, trial) => (chosen === undefined || gainOf(trial) > gainOf(chosen) ? trial : chosen),
    undefined,
  );
  const isWorth = best !== undefined && excess >= LEAST_EXCESS && gain >= LEAST_GAIN && gainOf(best) > 0;
  const asBefore = stable.find(({ k }) => k === usual);
  const isAsGood = isWorth && asBefore !== undefined && gainOf(asBefore) >= AS_GOOD * gainOf(best);
  const k = isAsGood ? asBefore.k : isWorth ? best.k : 0;
  return { k, trials, excess, shuffleCount: SHUFFLES };
}

const gainOf = ({ silhouette, shuffledSilhouette }: CountTrial) => silhouette - shuffledSilhouette;
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Reference {
  /** Of each number of clusters. */
  readonly real: readonly number[];
  /** Of each shuffle, of each number of clusters. */
  readonly shuffled: readonly (readonly number[])[];
}

function shuffledSilhouettes(points: Points, counts: readonly number[], settings: KMeansSettings): Reference {
  const distinct = distinctCount(points, counts.at(-1)! + 1);
  const silhouettesOf = (sample: Points) =>
    meanSilhouettes(
      sample,
      counts.map((k) => fitKMeans(sample, Math.max(1, Math.min(k, distinct - 1)), settings)),
    );
  const real = silhouettesOf(points);
  const shuffled = Array.from({ length: SHUFFLES }, () =>
    silhouettesOf(withoutClusters(points, settings.random)),
  );
  return { real, shuffled };
}

/** Every column shuffled for itself; a single one, whose shape is its clusters, evenly spread between its ends. */
function withoutClusters({ count, dimensions, values }: Points, random: Random): Points {
  const shuffled = values.slice();
  if (dimensions === 1) {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return { count, dimensions, values: shuffled.map(() => low + (high - low) * random()) };
  }
  for (let d = 0; d < dimensions; d++)
    for (let row = count - 1; row > 0; row--) {
      const other = Math.floor(random() * (row + 1));
      const [a, b] = [row * dimensions + d, other * dimensions + d];
      [shuffled[a], shuffled[b]] = [shuffled[b]!, shuffled[a]!];
    }
  return { count, dimensions, values: shuffled };
}

/**
 * The greatest gain over the mean of the shuffles, and how far it stands, in deviations of the shuffles at its number of
 * clusters, above where each shuffle stands among the others: numbers whose silhouettes vary much count for less.
 */
function excessOf({ real, shuffled }: Reference): { excess: number; gain: number } {
  const own = shuffled.map((row, place) => standing(row, shuffled.toSpliced(place, 1)));
  const [mean, deviation] = [meanOf(own), deviationOf(own)];
  const gain = Math.max(...real.map((s, i) => s - meanOf(shuffled.map((row) => row[i]!))));
  return { gain, excess: deviation === 0 ? 0 : (standing(real, shuffled) - mean) / deviation };
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

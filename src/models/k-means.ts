import type { Random } from "../random.js";
import {
  canonicalOrder,
  checkedPoints,
  distinctCount,
  pointsAt,
  squaredDistance,
  type Points,
} from "./points.js";

/** How clusters are looked for. */
export interface KMeansSettings {
  /** Beginnings that are tried; the best outcome is taken. */
  readonly starts: number;
  readonly random: Random;
  /** Rounds of one start at most. */
  readonly maxRounds: number;
  /** A start ends when no centre moves by more than this share of the standard deviation of the points. */
  readonly tolerance: number;
  /** Whether single points are moved at the end of a start, which finds better outcomes and takes time. */
  readonly isPolished: boolean;
  /** Centres of an earlier time: where they lead is taken unless another start does clearly better. */
  readonly usual?: Float64Array | undefined;
}

/** What is used where nothing else is said, but for chance. */
export const DEFAULT_K_MEANS = { starts: 10, maxRounds: 500, tolerance: 1e-6, isPolished: true };

/** Clusters that were found: the largest first, equal ones by their centres. */
export interface Clusters {
  readonly k: number;
  readonly dimensions: number;
  /** The mean of each cluster's points, coordinate after coordinate and centre after centre. */
  readonly centres: Float64Array;
  /** The cluster of each point, in the order of the points. */
  readonly labels: Int32Array;
  readonly sizes: Int32Array;
  /** Sum of the squared distances of the points to the centres of their clusters. */
  readonly inertia: number;
  readonly starts: number;
}

/**
 * k-means by Lloyd's rounds with Hamerly's bounds, begun by greedy k-means++, the best of several starts. A cluster that
 * loses all its points begins anew at the point farthest from its centre. The order of the points does not matter.
 * O(starts · rounds · points · dimensions) where clusters are well apart, times k where they are not.
 *
 * @throws RangeError for a coordinate that is not finite, and for more clusters than there are different points
 * @see Arthur & Vassilvitskii (2007), "k-means++: the advantages of careful seeding"; Hamerly (2010), "Making k-means
 * even faster"
 */
export function fitKMeans(points: Points, k: number, settings: KMeansSettings): Clusters {
  checkedPoints(points);
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`k: must be a whole number from 1, found ${k}`);
  const distinct = distinctCount(points, k);
  if (distinct < k)
    throw new RangeError(`k: must be at most ${distinct}, the number of different points, found ${k}`);
  const order = canonicalOrder(points);
  const ordered = pointsAt(points, order);
  const least = settings.tolerance ** 2 * varianceOf(ordered);
  let best: Fit | undefined;
  for (let start = 0; start < settings.starts; start++) {
    const fit = fitOnce(ordered, beginAt(ordered, k, settings.random), { ...settings, least });
    if (best === undefined || fit.inertia < best.inertia) best = fit;
  }
  const { usual } = settings;
  const again = usual && fitOnce(ordered, usual.slice(), { ...settings, least });
  if (again !== undefined && again.inertia <= CLEARLY * best!.inertia) best = again;
  return inOrder(best!, order, { k, dimensions: points.dimensions, starts: settings.starts });
}

/** An inertia that is higher by less is as good. */
const CLEARLY = 1.02;

interface Fit {
  readonly centres: Float64Array;
  readonly labels: Int32Array;
  readonly inertia: number;
}

const varianceOf = (points: Points) => inertiaOfOne(points) / points.count;

/** Sum of the squared distances of the points to their mean. */
export function inertiaOfOne(points: Points): number {
  const centre = new Float64Array(points.dimensions);
  for (let i = 0; i < points.values.length; i++)
    centre[i % points.dimensions]! += points.values[i]! / points.count;
  let sum = 0;
  for (let row = 0; row < points.count; row++)
    sum += squaredDistance(points, row, { others: centre, other: 0 });
  return sum;
}

/** Greedy k-means++: of a few candidates, drawn by their squared distance, the one that lowers the sum most. */
function beginAt(points: Points, k: number, random: Random): Float64Array {
  const { count, dimensions } = points;
  const centres = new Float64Array(k * dimensions);
  const place = (j: number, row: number) =>
    centres.set(points.values.subarray(row * dimensions, (row + 1) * dimensions), j * dimensions);
  place(0, Math.min(count - 1, Math.floor(random() * count)));
  let nearest = new Float64Array(count).fill(Infinity);
  nearest = nearer(points, nearest, { others: centres, other: 0 }).distances;
  const candidateCount = 2 + Math.floor(Math.log(k));
  for (let j = 1; j < k; j++) {
    let best: Nearer & { row: number } = { distances: nearest, sum: Infinity, row: -1 };
    for (let i = 0; i < candidateCount; i++) {
      const row = drawBy(nearest, random);
      const found = nearer(points, nearest, { others: points.values, other: row });
      if (found.sum < best.sum) best = { ...found, row };
    }
    place(j, best.row);
    nearest = best.distances;
  }
  return centres;
}

interface Nearer {
  readonly distances: Float64Array<ArrayBuffer>;
  readonly sum: number;
}

/** Squared distances to the nearest centre once there is one more. */
function nearer(
  points: Points,
  known: Float64Array,
  centre: { others: Float64Array; other: number },
): Nearer {
  const distances = new Float64Array(points.count);
  let sum = 0;
  for (let row = 0; row < points.count; row++) {
    distances[row] = Math.min(known[row]!, squaredDistance(points, row, centre));
    sum += distances[row]!;
  }
  return { distances, sum };
}

/** A place drawn in proportion to its weight; never one of weight 0 while there is another. */
function drawBy(weights: Float64Array, random: Random): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]!;
  let left = random() * total;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    last = i;
    left -= weights[i]!;
    if (left < 0) break;
  }
  return last;
}

/** One start under way. */
interface Rounds {
  readonly points: Points;
  readonly k: number;
  readonly centres: Float64Array;
  readonly labels: Int32Array;
  readonly sums: Float64Array;
  readonly sizes: Int32Array;
  /** At least the distance of each point to its own centre. */
  readonly upper: Float64Array;
  /** At most its distance to any other. */
  readonly lower: Float64Array;
}

function fitOnce(
  points: Points,
  centres: Float64Array,
  { maxRounds, isPolished, least }: KMeansSettings & { readonly least: number },
): Fit {
  const k = centres.length / points.dimensions;
  const state: Rounds = {
    ...{ points, k, centres, labels: new Int32Array(points.count).fill(-1) },
    ...{ sums: new Float64Array(centres.length), sizes: new Int32Array(k) },
    ...{ upper: new Float64Array(points.count).fill(Infinity), lower: new Float64Array(points.count) },
  };
  for (let round = 0; round < maxRounds; round++) {
    const changes = reassign(state);
    const moved = moveCentres(state);
    if (changes === 0 || moved <= least) break;
  }
  if (isPolished && points.count <= MOST_EXCHANGED)
    for (let round = 0; round < maxRounds; round++) if (!exchange(state)) break;
  return settled(state);
}

/** Of more points Lloyd's outcome is taken as it is. */
const MOST_EXCHANGED = 2000;

/**
 * Moves single points to other clusters where that lowers the inertia although their own centre is the nearest: it would
 * follow them. Ends no worse than Lloyd's rounds did, and every point nearest to its own centre.
 *
 * @returns whether any point was moved
 * @see Hartigan (1975), "Clustering algorithms"; Telgarsky & Vattani (2010), "Hartigan's method"
 */
function exchange({ points, k, centres, labels, sizes }: Rounds): boolean {
  const { dimensions, values } = points;
  let hasMoved = false;
  for (let row = 0; row < points.count; row++) {
    const own = labels[row]!;
    if (sizes[own] === 1) continue;
    const costOf = (j: number) => squaredDistance(points, row, { others: centres, other: j });
    let best = own;
    let least = (1 - ROUNDING) * (sizes[own]! / (sizes[own]! - 1)) * costOf(own);
    for (let j = 0; j < k; j++) {
      const cost = j === own ? Infinity : (sizes[j]! / (sizes[j]! + 1)) * costOf(j);
      if (cost >= least) continue;
      best = j;
      least = cost;
    }
    if (best === own) continue;
    for (let d = 0; d < dimensions; d++) {
      const value = values[row * dimensions + d]!;
      centres[own * dimensions + d]! -= (value - centres[own * dimensions + d]!) / (sizes[own]! - 1);
      centres[best * dimensions + d]! += (value - centres[best * dimensions + d]!) / (sizes[best]! + 1);
    }
    sizes[own]! -= 1;
    sizes[best]! += 1;
    labels[row] = best;
    hasMoved = true;
  }
  return hasMoved;
}

/** Gains that are smaller, against what there is to gain, are none. */
const ROUNDING = 1e-9;

/** Gives each point whose bounds allow another centre to its nearest one. @returns how many changed */
function reassign(state: Rounds): number {
  const { points, k, centres, labels, upper, lower } = state;
  const halves = halfGaps(centres, k, points.dimensions);
  let changes = 0;
  for (let row = 0; row < points.count; row++) {
    const own = labels[row]!;
    if (own >= 0) {
      const safe = Math.max(halves[own]!, lower[row]!);
      if (upper[row]! <= safe) continue;
      upper[row] = Math.sqrt(squaredDistance(points, row, { others: centres, other: own }));
      if (upper[row]! <= safe) continue;
    }
    const best = nearestTwo(state, row);
    if (best === own) continue;
    changes += 1;
    relabel(state, row, best);
  }
  return changes;
}

/** The nearest centre of a point; its bounds become exact. */
function nearestTwo({ points, k, centres, upper, lower }: Rounds, row: number): number {
  const { dimensions, values } = points;
  let best = 0;
  let first = Infinity;
  let second = Infinity;
  const from = row * dimensions;
  for (let j = 0, b = 0; j < k; j++) {
    let distance = 0;
    for (let a = from; a < from + dimensions; a++, b++) {
      const difference = values[a]! - centres[b]!;
      distance += difference * difference;
    }
    if (distance < first) {
      second = first;
      first = distance;
      best = j;
    } else if (distance < second) second = distance;
  }
  upper[row] = Math.sqrt(first);
  lower[row] = Math.sqrt(second);
  return best;
}

function relabel({ points, labels, sums, sizes }: Rounds, row: number, to: number): void {
  const { dimensions, values } = points;
  const own = labels[row]!;
  labels[row] = to;
  sizes[to]! += 1;
  if (own >= 0) sizes[own]! -= 1;
  for (let d = 0; d < dimensions; d++) {
    const value = values[row * dimensions + d]!;
    sums[to * dimensions + d]! += value;
    if (own >= 0) sums[own * dimensions + d]! -= value;
  }
}

/** Half the distance from each centre to the nearest other one. */
function halfGaps(centres: Float64Array, k: number, dimensions: number): Float64Array {
  const own = { count: k, dimensions, values: centres };
  const gaps = new Float64Array(k).fill(Infinity);
  for (let a = 0; a < k; a++)
    for (let b = 0; b < k; b++)
      if (a !== b) gaps[a] = Math.min(gaps[a]!, squaredDistance(own, a, { others: centres, other: b }));
  return gaps.map((gap) => Math.sqrt(gap) / 2);
}

/** Puts each centre at the mean of its points. @returns the square of the longest way that one went */
function moveCentres(state: Rounds): number {
  const { points, k, centres, labels, sums, sizes, upper, lower } = state;
  if (fillEmpty(state)) return Infinity;
  const moves = new Float64Array(k);
  for (let j = 0; j < k; j++)
    for (let at = j * points.dimensions; at < (j + 1) * points.dimensions; at++) {
      const mean = sums[at]! / sizes[j]!;
      moves[j]! += (mean - centres[at]!) ** 2;
      centres[at] = mean;
    }
  const longest = Math.max(...moves);
  const ways = moves.map(Math.sqrt);
  const farthest = ways.indexOf(Math.max(...ways));
  const next = Math.max(0, ...ways.filter((_, j) => j !== farthest));
  for (let row = 0; row < points.count; row++) {
    const own = labels[row]!;
    upper[row]! += ways[own]!;
    lower[row]! -= own === farthest ? next : ways[farthest]!;
  }
  return longest;
}

/** A cluster without points takes the point farthest from its centre, and all bounds begin anew. */
function fillEmpty({ points, centres, labels, sums, sizes, upper, lower }: Rounds): boolean {
  const empty = sizes.indexOf(0);
  if (empty < 0) return false;
  const { dimensions, values } = points;
  let [farthest, most] = [0, -1];
  for (let row = 0; row < points.count; row++) {
    const distance = squaredDistance(points, row, { others: centres, other: labels[row]! });
    if (distance > most && sizes[labels[row]!]! > 1) [farthest, most] = [row, distance];
  }
  const from = labels[farthest]!;
  for (let d = 0; d < dimensions; d++) {
    const value = values[farthest * dimensions + d]!;
    sums[from * dimensions + d]! -= value;
    sums[empty * dimensions + d] = value;
    centres[empty * dimensions + d] = value;
  }
  sizes[from]! -= 1;
  sizes[empty] = 1;
  labels[farthest] = empty;
  upper.fill(Infinity);
  lower.fill(0);
  return true;
}

/** Means without the rounding of many rounds, the nearest centre of every point, and the inertia. */
function settled({ points, k, labels }: Rounds): Fit {
  const centres = meansOf(points, labels, k);
  const own = nearestCentres(points, centres);
  const inertia = own.distances.reduce((sum, distance) => sum + distance, 0);
  return { centres, labels: own.labels, inertia };
}

function meansOf({ count, dimensions, values }: Points, labels: Int32Array, k: number): Float64Array {
  const sums = new Float64Array(k * dimensions);
  const sizes = new Int32Array(k);
  for (let row = 0; row < count; row++) {
    sizes[labels[row]!]! += 1;
    for (let d = 0; d < dimensions; d++)
      sums[labels[row]! * dimensions + d]! += values[row * dimensions + d]!;
  }
  return sums.map((sum, at) => sum / Math.max(1, sizes[Math.floor(at / dimensions)]!));
}

/** The nearest of some centres for every point, the first of equally near ones, and the squared distance to it. */
export function nearestCentres(points: Points, centres: Float64Array) {
  const k = centres.length / points.dimensions;
  const labels = new Int32Array(points.count);
  const distances = new Float64Array(points.count).fill(Infinity);
  for (let row = 0; row < points.count; row++)
    for (let j = 0; j < k; j++) {
      const distance = squaredDistance(points, row, { others: centres, other: j });
      if (distance >= distances[row]!) continue;
      distances[row] = distance;
      labels[row] = j;
    }
  return { labels, distances };
}

/** The largest cluster first, and the labels in the first order of the points. */
function inOrder(
  fit: Fit,
  order: Int32Array,
  found: Pick<Clusters, "k" | "dimensions" | "starts">,
): Clusters {
  const { k, dimensions } = found;
  const counts = new Int32Array(k);
  for (const label of fit.labels) counts[label]! += 1;
  const compared = (a: number, b: number) => {
    for (let d = 0; d < dimensions; d++) {
      const difference = fit.centres[a * dimensions + d]! - fit.centres[b * dimensions + d]!;
      if (difference !== 0) return difference;
    }
    return 0;
  };
  const ranks = Array.from(counts.keys()).sort((a, b) => counts[b]! - counts[a]! || compared(a, b));
  const labels = new Int32Array(order.length);
  fit.labels.forEach((label, place) => (labels[order[place]!] = ranks.indexOf(label)));
  const centres = new Float64Array(k * dimensions);
  ranks.forEach((j, rank) =>
    centres.set(fit.centres.subarray(j * dimensions, (j + 1) * dimensions), rank * dimensions),
  );
  return {
    ...found,
    centres,
    labels,
    sizes: Int32Array.from(ranks, (j) => counts[j]!),
    inertia: fit.inertia,
  };
}

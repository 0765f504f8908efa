import { optimalAssignment } from "./optimal-assignment.js";

/** Which of last time's clusters a cluster is, and how far its centre went. */
export interface ClusterMatch {
  /** Its place among last time's; -1 for a new one. */
  readonly before: number;
  /** Distance of the centres; NaN for a new one. */
  readonly distance: number;
}

/** Centres farther apart than this share of the least distance between two of today's are not the same. */
const FARTHEST = 0.5;

/**
 * Pairs today's clusters with last time's by their centres, so that the squared distances add up to the least. Centres
 * that lie farther apart than half the least distance between two of today's stay alone. Coordinates that are NaN are
 * not known and not compared; without any in common nothing is paired.
 */
export function matchClusters(
  before: readonly (readonly number[])[],
  now: readonly (readonly number[])[],
): ClusterMatch[] {
  if (before.length === 0 || now.length === 0) return now.map(() => ({ before: -1, distance: NaN }));
  const costs = now.map((centre) => before.map((other) => squared(centre, other)));
  const gaps = now.flatMap((centre, i) => now.slice(i + 1).map((other) => squared(centre, other)));
  const farthest = FARTHEST * Math.sqrt(Math.min(Infinity, ...gaps.filter((gap) => gap > 0)));
  const finite = costs.map((row) => row.map((cost) => (Number.isFinite(cost) ? cost : UNKNOWN)));
  return optimalAssignment(finite).map((place, i) => {
    const distance = place < 0 ? NaN : Math.sqrt(costs[i]![place]!);
    return distance <= farthest ? { before: place, distance } : { before: -1, distance: NaN };
  });
}

/** More than any distance that counts. */
const UNKNOWN = 1e12;

/** Over the coordinates that both have; NaN where they have none in common. */
function squared(a: readonly number[], b: readonly number[]): number {
  const both = a.map((value, i) => (value - b[i]!) ** 2).filter((square) => !Number.isNaN(square));
  return both.length === 0 ? NaN : both.reduce((sum, square) => sum + square, 0);
}

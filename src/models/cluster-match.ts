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
 * that lie farther apart than half the least distance between two of today's stay alone. Coordinates that are NaN in one
 * of last time's centres are not known: neither distance goes by them; without any that is known nothing is paired.
 */
export function matchClusters(
  before: readonly (readonly number[])[],
  now: readonly (readonly number[])[],
): ClusterMatch[] {
  const isKnown = (d: number) => before.every((centre) => !Number.isNaN(centre[d]!));
  const known = (now[0] ?? []).map((_, d) => d).filter(isKnown);
  if (before.length === 0 || known.length === 0) return now.map(() => ({ before: -1, distance: NaN }));
  const squared = (a: readonly number[], b: readonly number[]) =>
    known.reduce((sum, d) => sum + (a[d]! - b[d]!) ** 2, 0);
  const gaps = now.flatMap((centre, i) => now.slice(i + 1).map((other) => squared(centre, other)));
  const farthest = FARTHEST * Math.sqrt(Math.min(Infinity, ...gaps.filter((gap) => gap > 0)));
  const costs = now.map((centre) => before.map((other) => squared(centre, other)));
  return optimalAssignment(costs).map((place, i) => {
    const distance = place < 0 ? NaN : Math.sqrt(costs[i]![place]!);
    return distance <= farthest ? { before: place, distance } : { before: -1, distance: NaN };
  });
}

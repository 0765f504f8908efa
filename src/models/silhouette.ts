import type { Points } from "./points.js";

/** A cluster for every point, 0 to k − 1. */
export interface Labelling {
  readonly labels: ArrayLike<number>;
  readonly k: number;
}

/**
 * The mean silhouette width of each of several labellings of the same points, by Euclidean distances: of every point
 * (b − a) / max(a, b), a its mean distance to the others of its own cluster, b that to the nearest other cluster; 0 for
 * a point alone in its cluster, and NaN where there are fewer than two clusters. O(points²) for all labellings together.
 *
 * @see Rousseeuw (1987), "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis"
 */
export function meanSilhouettes(points: Points, labellings: readonly Labelling[]): number[] {
  const sums = labellings.map(({ k }) => new Float64Array(points.count * k));
  const { count, dimensions, values } = points;
  for (let a = 0; a < count; a++)
    for (let b = a + 1; b < count; b++) {
      let square = 0;
      for (let d = 0, i = a * dimensions, j = b * dimensions; d < dimensions; d++, i++, j++)
        square += (values[i]! - values[j]!) * (values[i]! - values[j]!);
      const distance = Math.sqrt(square);
      for (let l = 0; l < labellings.length; l++) {
        const { labels, k } = labellings[l]!;
        sums[l]![a * k + labels[b]!]! += distance;
        sums[l]![b * k + labels[a]!]! += distance;
      }
    }
  return labellings.map((labelling, l) => meanWidth(labelling, sums[l]!, count));
}

function meanWidth({ labels, k }: Labelling, sums: Float64Array, count: number): number {
  const sizes = new Int32Array(k);
  for (let row = 0; row < count; row++) sizes[labels[row]!]! += 1;
  if (sizes.filter((size) => size > 0).length < 2) return NaN;
  let total = 0;
  for (let row = 0; row < count; row++) {
    const own = labels[row]!;
    if (sizes[own] === 1) continue;
    let other = Infinity;
    for (let j = 0; j < k; j++)
      if (j !== own && sizes[j]! > 0) other = Math.min(other, sums[row * k + j]! / sizes[j]!);
    const within = sums[row * k + own]! / (sizes[own]! - 1);
    const most = Math.max(within, other);
    if (most > 0) total += (other - within) / most;
  }
  return total / count;
}

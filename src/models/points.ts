/** Points in a space, coordinate after coordinate and point after point; every coordinate is finite. */
export interface Points {
  readonly count: number;
  readonly dimensions: number;
  readonly values: Float64Array;
}

/** Points from their coordinates. @throws RangeError unless all are finite and of equal length */
export function pointsOf(rows: readonly ArrayLike<number>[]): Points {
  const dimensions = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== dimensions)) throw new RangeError("points: not all of one length");
  const values = new Float64Array(rows.length * dimensions);
  rows.forEach((row, i) => values.set(Array.from(row), i * dimensions));
  return checkedPoints({ count: rows.length, dimensions, values });
}

/** The points, once none of their coordinates is NaN or infinite. @throws RangeError for one that is */
export function checkedPoints(points: Points): Points {
  const place = points.values.findIndex((value) => !Number.isFinite(value));
  if (place < 0) return points;
  const [row, dimension] = [Math.floor(place / points.dimensions), place % points.dimensions];
  throw new RangeError(
    `points: coordinate ${dimension} of point ${row} is ${points.values[place]!}, not a finite number`,
  );
}

/** The points at the given places, in their order; a place may come more than once. */
export function pointsAt({ dimensions, values }: Points, places: ArrayLike<number>): Points {
  const chosen = new Float64Array(places.length * dimensions);
  for (let i = 0; i < places.length; i++) {
    const from = places[i]! * dimensions;
    chosen.set(values.subarray(from, from + dimensions), i * dimensions);
  }
  return { count: places.length, dimensions, values: chosen };
}

/** The points in the coordinates at the given places alone. */
export function coordinatesAt({ count, dimensions, values }: Points, places: readonly number[]): Points {
  const chosen = new Float64Array(count * places.length);
  for (let row = 0; row < count; row++)
    for (const [d, place] of places.entries())
      chosen[row * places.length + d] = values[row * dimensions + place]!;
  return { count, dimensions: places.length, values: chosen };
}

/** The first points, at most so many. */
export const firstPoints = ({ count, dimensions, values }: Points, most: number): Points => ({
  count: Math.min(count, most),
  dimensions,
  values: values.subarray(0, Math.min(count, most) * dimensions),
});

/** The squared Euclidean distance between a point and one of others; dimensions are added up in their order. */
export function squaredDistance(
  { dimensions, values }: Points,
  place: number,
  { others, other }: { readonly others: Float64Array; readonly other: number },
): number {
  let sum = 0;
  const [a, b] = [place * dimensions, other * dimensions];
  for (let d = 0; d < dimensions; d++) {
    const difference = values[a + d]! - others[b + d]!;
    sum += difference * difference;
  }
  return sum;
}

/**
 * An order of the points that their first order has no part in, and that says nothing of where they lie: by a hash of
 * their coordinates and of their number among their equals, so that equal points do not stand side by side. Equal points
 * are alike in all, so which of them has which number makes no difference.
 *
 * @see the finaliser of MurmurHash3, Austin Appleby, public domain
 */
export function canonicalOrder(points: Points): Int32Array {
  const [hashes, compared] = [coordinateHashes(points), comparison(points)];
  const places = () => Int32Array.from({ length: points.count }, (_, row) => row);
  const sorted = places().sort((a, b) => hashes[a]! - hashes[b]! || compared(a, b));
  const keys = new Float64Array(points.count);
  let number = 0;
  sorted.forEach((row, place) => {
    number = place > 0 && compared(sorted[place - 1]!, row) === 0 ? number + 1 : 0;
    const high = mixed(Math.floor(hashes[row]! / 2 ** 21) ^ mixed(number + 1));
    keys[row] = (high >>> 0) * 2 ** 21 + (hashes[row]! % 2 ** 21);
  });
  return places().sort((a, b) => keys[a]! - keys[b]! || compared(a, b));
}

/** Two hashes of each point's coordinates in one number below 2^53. */
function coordinateHashes({ count, dimensions, values }: Points): Float64Array {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * count * dimensions);
  const hashes = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    let [high, low] = [0x9747b28c, 0];
    for (let i = 2 * row * dimensions; i < 2 * (row + 1) * dimensions; i++) {
      high = mixed(high ^ words[i]!);
      low = mixed(Math.imul(low, 0x9e3779b1) + words[i]!);
    }
    hashes[row] = (high >>> 0) * 2 ** 21 + (low >>> 11);
  }
  return hashes;
}

/** By coordinate, the first that differs. */
const comparison =
  ({ dimensions, values }: Points) =>
  (a: number, b: number): number => {
    for (let d = 0; d < dimensions; d++) {
      const difference = values[a * dimensions + d]! - values[b * dimensions + d]!;
      if (difference !== 0) return difference;
    }
    return 0;
  };

function mixed(bits: number): number {
  let hash = bits | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** How many different points there are, counted up to a limit. */
export function distinctCount({ count, dimensions, values }: Points, limit: number): number {
  const found = new Set<string>();
  for (let row = 0; row < count && found.size < limit; row++)
    found.add(values.subarray(row * dimensions, (row + 1) * dimensions).join(" "));
  return found.size;
}

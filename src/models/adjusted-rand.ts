/**
 * How alike two labellings of the same things are, whatever the labels are called: 1 when they part them the same way,
 * about 0 when no more alike than chance would have it; 1 as well where both hold a single group.
 *
 * @see Hubert & Arabie (1985), "Comparing partitions", the adjusted Rand index
 */
export function adjustedRandIndex(a: ArrayLike<number | string>, b: ArrayLike<number | string>): number {
  if (a.length !== b.length) throw new RangeError(`labellings of ${a.length} and ${b.length} things`);
  const [cells, rows, columns] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let i = 0; i < a.length; i++) {
    count(cells, `${a[i]!}\n${b[i]!}`);
    count(rows, String(a[i]!));
    count(columns, String(b[i]!));
  }
  const pairs = (counts: Map<string, number>) =>
    [...counts.values()].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  const all = (a.length * (a.length - 1)) / 2;
  const [together, inA, inB] = [pairs(cells), pairs(rows), pairs(columns)];
  const expected = all === 0 ? 0 : (inA * inB) / all;
  const most = (inA + inB) / 2;
  return most === expected ? 1 : (together - expected) / (most - expected);
}

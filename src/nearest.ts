/** The name that a misspelt one most likely stands for; undefined when none is near. */
export function nearestName(misspelt: string, names: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(misspelt.length / 3));
  const near = names
    .filter((name) => Math.abs(name.length - misspelt.length) <= 2 * limit)
    .map((name) => ({ name, edits: editsBetween(misspelt.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .toSorted((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : 1));
  return near[0]?.name;
}

/** The end of a message about a misspelt name; empty when no name is near. */
export function didYouMean(misspelt: string, names: readonly string[]): string {
  const nearest = nearestName(misspelt, names);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

/**
 * Letters to insert, delete, replace or swap with their neighbour to make one text of the other.
 *
 * @see Damerau (1964), "A technique for computer detection and correction of spelling errors"; each pair is swapped once
 */
export function editsBetween(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1, swapped));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

/** Where a function of several numbers is least. */
export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
  readonly iterations: number;
}

interface Vertex {
  readonly point: readonly number[];
  readonly value: number;
}

/**
 * The least value of a smooth function of few numbers, without its gradient.
 *
 * @param f may give Infinity where it is not defined
 * @param start the first point; the simplex reaches `step` from it along each axis
 * @see Nelder & Mead (1965), "A simplex method for function minimization", coefficients 1, 2, ½, ½
 */
export function minimize(
  f: (point: readonly number[]) => number,
  start: readonly number[],
  step = 0.5,
): Minimum {
  const at = (point: readonly number[]): Vertex => ({ point, value: f(point) });
  let simplex = [start, ...start.map((_, axis) => start.map((x, i) => (i === axis ? x + step : x)))].map(at);
  for (let iterations = 1; ; iterations++) {
    simplex = simplex.toSorted((a, b) => a.value - b.value);
    const [best, worst] = [simplex[0]!, simplex.at(-1)!];
    const isFlat = worst.value - best.value <= 1e-9 * (Math.abs(best.value) + 1);
    if ((isFlat && widthOf(simplex) <= 1e-4) || iterations >= 500) return { ...best, iterations };
    simplex = nextSimplex(simplex, at);
  }
}

/** The longest side of the box around the simplex: equal heights on two sides of a valley are no minimum. */
function widthOf(simplex: readonly Vertex[]): number {
  const sides = simplex[0]!.point.map((_, axis) => {
    const along = simplex.map(({ point }) => point[axis]!);
    return Math.max(...along) - Math.min(...along);
  });
  return Math.max(...sides);
}

function nextSimplex(simplex: readonly Vertex[], at: (point: readonly number[]) => Vertex): Vertex[] {
  const [best, worst] = [simplex[0]!, simplex.at(-1)!];
  const kept = simplex.slice(0, -1);
  const center = best.point.map((_, i) => kept.reduce((sum, { point }) => sum + point[i]!, 0) / kept.length);
  const along = (factor: number) => at(center.map((c, i) => c + factor * (worst.point[i]! - c)));
  const reflected = along(-1);
  if (reflected.value < best.value) {
    const expanded = along(-2);
    return [...kept, expanded.value < reflected.value ? expanded : reflected];
  }
  if (reflected.value < kept.at(-1)!.value) return [...kept, reflected];
  const contracted = along(reflected.value < worst.value ? -0.5 : 0.5);
  if (contracted.value < Math.min(worst.value, reflected.value)) return [...kept, contracted];
  const shrunk = simplex.slice(1).map(({ point }) => at(point.map((x, i) => (x + best.point[i]!) / 2)));
  return [best, ...shrunk];
}

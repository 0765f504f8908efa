/**
 * The least false discovery rate at which each of many tests counts as a finding, by Benjamini and Hochberg: p · m / rank,
 * held from rising towards smaller p.
 *
 * @param pValues NaN for what was not tested, which counts for nothing and stays NaN
 * @param testCount how many tests there were, where those with a large p are not listed; default: the listed ones
 * @returns in the order of the p-values
 * @see Benjamini & Hochberg (1995), "Controlling the False Discovery Rate", JRSS B 57(1)
 */
export function falseDiscoveryRates(pValues: Float64Array, testCount = 0): Float64Array {
  const rates = new Float64Array(pValues.length).fill(NaN);
  const tested = [...pValues.keys()].filter((place) => !Number.isNaN(pValues[place]!));
  const count = Math.max(testCount, tested.length);
  const falling = tested.toSorted((a, b) => pValues[b]! - pValues[a]! || a - b);
  let least = 1;
  falling.forEach((place, i) => {
    least = Math.min(least, pValues[place]! * (count / (tested.length - i)));
    rates[place] = least;
  });
  return rates;
}

/**
 * The same numbers to the nearest multiple of a power of two, so coarse that no sum of them rounds: the sum is
 * then the same in every order. A number moves by at most the largest magnitude · length / 2^52, half of that
 * for most; whole numbers stay as they are.
 *
 * @throws RangeError where a number is not finite
 */
export function exactlySummable(numbers: Float64Array): Float64Array {
  const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
  if (!Number.isFinite(largest)) throw new RangeError("numbers to add up must be finite");
  if (largest === 0) return numbers;
  const step = 2 ** Math.max(Math.ceil(Math.log2(largest) + Math.log2(numbers.length)) - 52, -1074);
  return numbers.map((number) => Math.round(number / step) * step);
}

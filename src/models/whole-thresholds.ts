/** A decimal as a fraction of whole numbers, so that thresholds can be compared without rounding. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * A decimal as people write it, such as `0.2` or `1e-3`, exact.
 *
 * @throws RangeError for what is no decimal
 */
export function fractionOf(decimal: string | number): Fraction {
  const match = /^(\d*)\.?(\d*)(?:e([-+]?\d{1,3}))?$/i.exec(String(decimal).trim());
  if (match === null || `${match[1]}${match[2]}` === "")
    throw new RangeError(`a decimal such as 0.2, found ${decimal}`);
  const [, whole = "", behind = "", exponent = "0"] = match;
  const power = Number(exponent) - behind.length;
  const digits = BigInt(whole + behind);
  return power >= 0
    ? { numerator: digits * 10n ** BigInt(power), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-power) };
}

/** The least whole count that is at least this share of so many. */
export function leastCount({ numerator, denominator }: Fraction, total: number): number {
  return Number((numerator * BigInt(total) + denominator - 1n) / denominator);
}

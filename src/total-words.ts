/** What a row is called that adds up others, in lower case; `:` may follow. */
const WORDS = [
  "total|totals|grand total|grandtotal|overall total|subtotal|sub-total|sub total|sum|total amount",
  "summe|gesamt|gesamtsumme|gesamtbetrag|gesamtergebnis|insgesamt|zwischensumme|teilsumme|endsumme",
  "total général|total general|sous-total|totale|subtotale|totaal|subtotaal",
  "合计|总计|小计|总合计|累计|汇总|总额|总和|合 计|总 计|小 计|合  计|总  计|小  计|本页合计|本页小计|本月合计",
].flatMap((line) => line.split("|"));

/** Cells that call their row a total, in lower case. */
export const TOTAL_WORDS: readonly string[] = WORDS.flatMap((word) => [word, `${word}:`, `${word}：`]);

/** The same as people write them. */
export const TOTAL_CELLS: readonly string[] = [
  ...new Set(
    TOTAL_WORDS.flatMap((word) => {
      const titled = word.replace(/(^|[ -])\p{L}/gu, (first) => first.toUpperCase());
      return [word, word.toUpperCase(), titled, word[0]!.toUpperCase() + word.slice(1)];
    }),
  ),
];

/** An amount that may be a total, and what the rows above it add up to. */
export interface TotalCandidate {
  readonly amount: number;
  /** Of the rows above, those that may be totals left out. */
  readonly sumAbove: number;
  /** Of all rows of the file, the same left out. */
  readonly sumOfAll: number;
}

/**
 * Which of a file's candidates, in its order, are the sum of all other rows, or of those from the top
 * or from a sum above down to their own.
 */
export function findSums(candidates: readonly TotalCandidate[]): boolean[] {
  const starts = new Set([0]);
  return candidates.map(({ amount, sumAbove, sumOfAll }) => {
    const start = cents(sumAbove - amount);
    const isSum =
      Math.abs(cents(amount - sumOfAll)) <= 1 || [start - 1, start, start + 1].some((sum) => starts.has(sum));
    if (isSum) starts.add(cents(sumAbove));
    return isSum;
  });
}

/** Decimals of rows are rounded away in their total. */
const cents = (amount: number) => Math.round(amount * 100);

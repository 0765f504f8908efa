/** What a row is called that adds up others, in lower case; `:` may follow. */
const WORDS = [
  "total|totals|grand total|grandtotal|overall total|subtotal|sub-total|sub total|sum|total amount",
  "summe|gesamt|gesamtsumme|gesamtbetrag|gesamtergebnis|insgesamt|zwischensumme|teilsumme|endsumme",
  "total général|total general|sous-total|totale|subtotale|totaal|subtotaal",
  "合计|总计|小计|总合计|累计|汇总|总额|总和|合 计|总 计|小 计|合  计|总  计|小  计|本页合计|本页小计|本月合计",
].flatMap((line) => line.split("|"));

/** Cells that call their row a total, in lower case. */
export const TOTAL_WORDS: readonly string[] = WORDS.flatMap((word) => [word, `${word}:`, `${word}：`]);

/** Such a cell as a pattern that engines read too; what is meant may follow in brackets or behind a colon. */
export const TOTAL_PATTERN = `^\\s*(${WORDS.join("|")})\\s*([:：(（].*)?$`;

/** The same as people write them. */
export const TOTAL_CELLS: readonly string[] = [
  ...new Set(
    TOTAL_WORDS.flatMap((word) => {
      const titled = word.replace(/(^|[ -])\p{L}/gu, (first) => first.toUpperCase());
      return [word, word.toUpperCase(), titled, word[0]!.toUpperCase() + word.slice(1)];
    }),
  ),
];

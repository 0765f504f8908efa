import type { Warn } from "./warning.js";

/** Thousands and more, as headings of amounts name them: `金额(万元)`, `Amount (k EUR)`, `Umsatz in TEUR`. */
const LARGE_UNIT = new RegExp(
  [
    "(?:百万|千万|亿|万|千)(?:元|人民币|美元|欧元)",
    "[(（[]\\s*(?:百万|千万|亿|万|千|[km])\\s*[)）\\]]",
    "(?<![\\p{L}\\p{N}])(?:[kmt]\\s?(?:€|\\$|£|¥|EUR|USD|GBP|CHF|CNY|RMB)|tsd|tausend|thousands?|mio|mill?ion(?:s|en)?|mrd|mn|000s?)(?![\\p{L}\\p{N}])",
  ].join("|"),
  "iu",
);

/** A heading without the unit it names. */
export const withoutUnit = (heading: string) =>
  heading.replace(LARGE_UNIT, " ").replace(/(?<!\p{L})in\s*$/u, "");

/** Warns of each heading of amounts that names a unit of more than one: nothing is scaled. */
export function warnOfUnits(file: string, headings: readonly (string | undefined)[], warn: Warn): void {
  for (const heading of headings)
    if (heading !== undefined && LARGE_UNIT.test(heading))
      warn({ code: "unit_large", gaps: { file, heading } });
}

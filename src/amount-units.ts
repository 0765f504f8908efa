import type { Warn } from "./warning.js";

const HAN_SCALES = "(?:[十百千仟]?[万萬亿億]|[千仟])";
const HAN_MONEY = "(?:[美欧歐日港韩韓台]?[元圆圓円]|元?人民[币幣]|港[币幣])";
const CODES =
  "(?:EUR|USD|GBP|CHF|CNY|RMB|JPY|HKD|TWD|SGD|INR|KRW|AUD|CAD|SEK|NOK|DKK|PLN|CZK|euros?|dollars?|yuan)";
const SIGNS = "[€$£¥￥₹]";

/** Words that are scales wherever they stand. */
const SCALES =
  "(?:tsd|tausend|thousands?|mio|mill?ion(?:s|en)?|mrd|milliarden?|billions?|lakhs?|crores?|000s?)";

/** Letters that are scales beside a currency, in brackets and behind an `in`: MN is a state as well. */
const LETTERS = "(?:[km]|mn|mm|bn|mill)";

const STARTS = "(?<![\\p{L}\\p{N}])";
const ENDS = "(?![\\p{L}\\p{N}])";

/** Thousands and more, as headings of amounts name them: `金额(万元)`, `Amount (k EUR)`, `Revenue $M`, `Umsatz in TEUR`. */
const LARGE_UNIT = new RegExp(
  [
    `(?:[单單]位[:：]?)?${HAN_SCALES}${HAN_MONEY}(?!\\p{L})`,
    `[/／]\\s*${HAN_SCALES}\\s*$`,
    `[(（[]\\s*(?:${HAN_SCALES}|${LETTERS})\\.?\\s*[)）\\]]`,
    `${STARTS}(?:${LETTERS}|t|${SCALES})[\\s_.]*(?:${SIGNS}|${CODES}${ENDS})`,
    `(?:${SIGNS}|${STARTS}${CODES})[\\s_'’]*(?:${LETTERS}|${SCALES})${ENDS}`,
    `${STARTS}in[\\s_]+${LETTERS}${ENDS}`,
    `${STARTS}${SCALES}${ENDS}`,
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

import { cellsOf } from "./cell-shapes.js";
import { codeOf, CURRENCY_NAMES, isCurrency, unitIn } from "./currencies.js";
import { CrmError } from "./errors.js";
import type { Layout } from "./guess-layout.js";
import { plain } from "./headings.js";
import { ANY_WORD, type RowWords } from "./mapping.js";

/** Where a file says in which currency its amounts are, and which one it is. */
export interface GuessedCurrency {
  /** The heading of the column that names it. */
  readonly column: string | undefined;
  /** ISO 4217, where the rows looked at name one and no other. */
  readonly code: string | undefined;
  /** The code of each way in which the column writes it. */
  readonly values: Readonly<Record<string, string>>;
  /** What stands beside every number, such as the EUR of `EUR 12.50`. */
  readonly unit: string | undefined;
}

/** What a currency is looked for with. */
export interface CurrencyHints {
  /** Headings that mean something else. */
  readonly taken: readonly (string | undefined)[];
  /** The heading of the amounts. */
  readonly heading: string;
  /** Cells of amounts. */
  readonly amounts: readonly string[];
  /** Rows that somebody leaves out, whose currency does not matter. */
  readonly skipped?: RowWords | undefined;
  /** What money is to be printed in. */
  readonly asked?: string | undefined;
}

const HEADING =
  /^(order|sales?|trade|transaction|trx|document|doc|invoice|billing|payment|settlement)?(currency|curr|cur|ccy|devise|monnaie|moneda|valuta|waehrung|währung)(code|id|iso)?$|^(交易|结算|订单|本位|原)?(币种|币别|货币|币)(代码|名称)?$/;

/** A column of codes under any heading holds one of these; TOP and ALL are currencies too. */
const TRADED = ["USD", "EUR", "CNY", "JPY", "GBP", "CHF", "HKD", "AUD", "CAD", "SGD", "INR", "KRW", "TWD"];

/** The currencies that a sign may stand for. */
const SIGNS: Readonly<Record<string, RegExp>> = {
  "€": /^EUR$/,
  "£": /^(GBP|EGP|FKP|GIP|LBP|SDG|SHP|SSP|SYP)$/,
  "¥": /^(CNY|JPY)$/,
  "￥": /^(CNY|JPY)$/,
  $: /D$|^(ARS|BOB|BRL|CLP|COP|CUP|CVE|DOP|MOP|MXN|NIO|TOP|UYU|WST)$/,
};

/**
 * The currency of a file's amounts, by a column or by signs.
 *
 * @throws CrmError `data` where there are several, `usage` for another one than was asked for
 */
export function guessCurrency(file: string, layout: Layout, hints: CurrencyHints): GuessedCurrency {
  const { sign, unit } = onlyUnit(file, hints.amounts);
  const ofHeading = CODE_AT_END.exec(hints.heading)?.[1]!.toUpperCase();
  const isOne = ofHeading !== undefined || OWN_CURRENCY.test(plain(hints.heading));
  const column = isOne ? undefined : currencyColumn(layout, hints.taken);
  const written = column === undefined ? [] : codesOf(withoutSkipped(layout, hints.skipped), column);
  const named = written.filter((word) => !isSignOf(word, written));
  if (column !== undefined && written.some((word) => isCurrency(word) || word in SIGNS))
    refuseSeveral(file, named, flagForOne(withoutSkipped(layout, hints.skipped), column));
  const ofCells = unit === undefined ? (sign === "€" ? "EUR" : ofHeading) : codeOf(unit);
  const only = named.length === 1 ? (named[0] === "€" ? "EUR" : named[0]!) : "";
  const code = isCurrency(only) ? only : ofCells;
  refuseSeveral(
    file,
    [code, ofCells].filter((each) => each !== undefined),
  );
  refuseOther(file, hints.asked, { sign, code });
  const signs = code === undefined ? [] : written.filter((word) => SIGNS[word]?.test(code));
  const values = { ...CURRENCY_NAMES, ...Object.fromEntries(signs.map((word) => [word, code!])) };
  return { column, code, values, unit };
}

/** A currency in the heading of amounts, which are in it whatever column names another: `Total (EUR)`. */
const CODE_AT_END = /(?:^|[^a-z])(eur|usd|cny|gbp)\)?\s*$/i;
/** Headings of amounts that are all in the currency of the books. */
const OWN_CURRENCY = /^(本币|本位币)|(base|local|company|home|shop)currency|hauswährung|basiswährung/;

/** The rows that no word leaves out. */
function withoutSkipped(layout: Layout, skipped: RowWords = {}): Layout {
  const { headings, sample } = layout;
  const isSkipped = (row: readonly string[]) =>
    Object.entries(skipped).some(([heading, words]) => {
      const cell = (row[headings.indexOf(heading)] ?? "").trim().toLowerCase();
      return words.some((word) => (word === ANY_WORD ? cell !== "" : word.toLowerCase() === cell));
    });
  return { ...layout, sample: sample.filter((row) => !isSkipped(row)) };
}

/** The flag that leaves out all rows but those of the commonest currency, by the words of the column. */
function flagForOne({ headings, sample }: Layout, column: string): string {
  const cells = cellsOf(sample, headings.indexOf(column));
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(codeIn(cell), (counts.get(codeIn(cell)) ?? 0) + 1);
  const [commonest] = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))[0]!;
  const others = [...new Set(cells.filter((cell) => codeIn(cell) !== commonest))];
  return `--skip-when "${column}=${others.join(",")}"`;
}

const codeIn = (cell: string) => codeOf(cell.toUpperCase());

/** True for a sign that stands for another of these currencies. */
const isSignOf = (sign: string, words: readonly string[]) =>
  words.some((word) => word !== sign && SIGNS[sign]?.test(word) === true);

/**
 * The sign or the letters of a currency in the cells; amounts in two currencies cannot be added up.
 *
 * @throws CrmError `data` when there are two
 */
function onlyUnit(
  file: string,
  cells: readonly string[],
): { readonly sign: string | undefined; readonly unit: string | undefined } {
  const signs = cells.flatMap((cell) => /[¥￥€$£]/.exec(cell)?.[0].replace("￥", "¥") ?? []);
  const units = cells.flatMap((cell) => unitIn(cell) ?? []);
  refuseSeveral(file, signs);
  refuseSeveral(file, units.map(codeOf));
  const [sign, unit] = [signs[0], units[0]];
  if (sign !== undefined && unit !== undefined && !SIGNS[sign]!.test(codeOf(unit)))
    refuseSeveral(file, [sign, unit]);
  return { sign, unit };
}

/**
 * Holds the currency of the files to be one.
 *
 * @param flag one that leaves out all but one
 * @throws CrmError `data` naming them
 */
export function refuseSeveral(file: string, currencies: readonly string[], flag?: string): void {
  const distinct = [...new Set(currencies)].sort();
  if (distinct.length <= 1) return;
  throw new CrmError("data", `${file}: amounts in more than one currency: ${distinct.join(", ")}`, {
    hint: `convert them first, or use a pipeline with a rates file${flag === undefined ? "" : `, or leave out all but one: ${flag}`}`,
  });
}

function refuseOther(
  file: string,
  asked: string | undefined,
  { sign, code }: { readonly sign: string | undefined; readonly code: string | undefined },
): void {
  if (asked === undefined) return;
  const isOther = (code !== undefined && code !== asked) || (sign !== undefined && !SIGNS[sign]!.test(asked));
  if (!isOther) return;
  throw new CrmError("usage", `${file}: amounts are in ${code ?? sign}, and --currency says ${asked}`, {
    hint: "nothing is converted in a bare file: leave --currency away, or use a pipeline with a rates file",
  });
}

/** The column called so, else one of nothing but codes. */
function currencyColumn(layout: Layout, taken: CurrencyHints["taken"]): string | undefined {
  const free = layout.headings.filter((heading) => heading !== "" && !taken.includes(heading));
  const isOfCodes = (heading: string) => {
    const codes = codesOf(layout, heading);
    return codes.every(isCurrency) && codes.some((code) => TRADED.includes(code));
  };
  return free.find((heading) => HEADING.test(plain(heading))) ?? free.find(isOfCodes);
}

const codesOf = ({ headings, sample }: Layout, heading: string) => [
  ...new Set(cellsOf(sample, headings.indexOf(heading)).map(codeIn)),
];

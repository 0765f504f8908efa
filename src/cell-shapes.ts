import { unitIn } from "./currencies.js";
import type { DecimalMark } from "./inputs/hints.js";
import type { CellType } from "./mapping.js";

/** The filled cells of a column of some rows. */
export const cellsOf = (rows: readonly (readonly string[])[], column: number) =>
  rows.map((row) => (row[column] ?? "").trim()).filter((cell) => cell !== "");

const IN_DIGITS = String.raw`\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?`;
const MONTHS =
  "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(tember)?|oct(ober)?|nov(ember)?|dec(ember)?";
const IN_WORDS = String.raw`(\d{1,2}(?<mark>[-/ ])(${MONTHS})\k<mark>|(${MONTHS}) \d{1,2},? )(\d{4}|\d{2})`;

const DAY = new RegExp(String.raw`^(${IN_DIGITS}|${IN_WORDS})([ T][\d:.]{1,12}Z?)?$`, "i");
const LIKE_A_DAY = new RegExp(
  String.raw`^${IN_DIGITS}([ T].*)?$|^${IN_WORDS}([ T]\d{1,2}:.*)?$|^(19|20)\d{6}$|^1\d{9}$`,
  "i",
);
const DAY_IN_WORDS = new RegExp(`^${IN_WORDS}`, "i");

/** True for a day with nothing but a time of day behind it. */
export const isDay = (cell: string) => DAY.test(cell);

/** True for a cell that looks like a day. */
export const isDateLike = (cell: string) => LIKE_A_DAY.test(cell);

/** True for a day whose month is a word. */
export const isDayInWords = (cell: string) => DAY_IN_WORDS.test(cell);

/** True for a cell that could be the number of a day as spreadsheets count them, of the years 1954 to 2064. */
export const isDayNumber = (cell: string) => /^[2-5]\d{4}(\.\d+)?$/.test(cell);

const NUMBER_LIKE =
  /^\s*[-+(]?\s*[¥￥€$£]?\s*[-+]?([1-9]\d{0,2}([ \u00a0\u2009\u202f'’]\d{3})+([.,]\d*)?|[\d.,]+)\s*[€元]?\s*[-)]?\s*$/;

/** True for a cell that looks like a number or an amount of money. */
export const isNumberLike = (cell: string) => NUMBER_LIKE.test(cell.replace(unitIn(cell) ?? "", ""));

/** True where most cells of a column are numbers, and no days. */
export const areNumbers = (cells: readonly string[]) =>
  cells.filter((cell) => isNumberLike(cell) && !isDateLike(cell)).length >= 0.8 * cells.length;

/** The types of cells with those decimals. */
export const NUMBER_TYPES = { comma: "decimal_comma", point: "decimal" } as const satisfies Readonly<
  Record<DecimalMark, CellType>
>;

/** What divides the decimals by the cells alone; undefined where they have no mark, or could be read in two ways. */
export function markOfCells(cells: readonly string[]): DecimalMark | undefined {
  const marks = marksOf(cells);
  if (isSettled(marks)) return marks.settled;
  const own = ownEvidence(marks);
  return marks.settled === undefined || marks.settled === own ? own : undefined;
}

/** True for a column of numbers whose own cells do not settle whether a mark divides thousands or decimals. */
export const isDoubtful = (cells: readonly string[]) => !isSettled(marksOf(cells)) && areNumbers(cells);

/** The numbers of a column by what they say of the mark. */
export interface Marks {
  readonly numbers: readonly string[];
  /** What most of those cells say that can be read in one way alone; undefined where there are none. */
  readonly settled: DecimalMark | undefined;
  readonly settledCount: number;
  /** Cells such as `1.250` and `1,250`. */
  readonly open: Readonly<Record<DecimalMark, readonly string[]>>;
}

/** Cells that settle it are no slips from this share of those on that they speak for. */
const LEAST_SETTLED = 0.1;

/** Cells that can be read in two ways. */
export const openOf = ({ open }: Marks) => [...open.point, ...open.comma];

/** True where the cells that can be read in one way alone settle it for all. */
export const isSettled = (marks: Marks) => marks.settledCount >= LEAST_SETTLED * openOf(marks).length;

/** What the cells of a column say of the mark. */
export function marksOf(cells: readonly string[]): Marks {
  const numbers = cells.filter(isNumberLike);
  const shapes = numbers.map(shapeOf);
  const count = (shape: Shape) => shapes.filter((each) => each === shape).length;
  const openWith = (mark: DecimalMark) =>
    numbers.filter((cell, at) => shapes[at] === "open" && markIn(cell) === mark);
  const [commas, points] = [count("comma"), count("point")];
  const settled = commas > points ? "comma" : points > 0 ? "point" : undefined;
  const open = { comma: openWith("comma"), point: openWith("point") };
  return { numbers, settled, settledCount: Math.max(commas, points), open };
}

type Shape = DecimalMark | "open" | "whole";

/** What a cell says of the mark that divides decimals. */
function shapeOf(cell: string): Shape {
  const digits = digitsOf(cell);
  const last = /[.,](?=[^.,]*$)/.exec(digits)?.[0];
  if (last === undefined) return "whole";
  const mark = last === "," ? "comma" : "point";
  const parts = digits.split(/[.,]/);
  const isGrouped = /^[1-9]\d{0,2}$/.test(parts[0]!) && parts.slice(1).every((part) => /^\d{3}$/.test(part));
  if (new Set(digits.replace(/\d/g, "")).size === 2) return mark;
  if (parts.length > 2) return isGrouped ? otherOf(mark) : "whole";
  return isGrouped ? "open" : parts[1] === "" ? "whole" : mark;
}

const digitsOf = (cell: string) => cell.replace(/[^\d.,]/g, "");
const otherOf = (mark: DecimalMark): DecimalMark => (mark === "comma" ? "point" : "comma");

/** The last mark of a cell that has one kind. */
export const markIn = (cell: string): DecimalMark => (cell.includes(",") ? "comma" : "point");

/** The mark that a cell has not. */
export const otherMark = (cell: string) => otherOf(markIn(cell));

/** A cell with one mark as it is read. */
export const valueOf = (cell: string, mark: DecimalMark) =>
  Number(digitsOf(cell).replace(/[.,]/, markIn(cell) === mark ? "." : ""));

/**
 * What a column of cells such as `1.250` tells: beside `980`, decimals that end in 0 are thousands, for a zero that is
 * written in one cell would be in all; beside `12500`, thousands without a mark, there are none.
 */
export function ownEvidence({ numbers, open }: Marks): DecimalMark | undefined {
  if (open.comma.length > 0 && open.point.length > 0) return undefined;
  const doubtful = [...open.comma, ...open.point];
  const isRound = doubtful.some((cell) => digitsOf(cell).endsWith("0"));
  const isUngrouped = numbers.some((cell) => /\d{4}/.test(cell));
  if (isUngrouped) return isRound ? undefined : markIn(doubtful[0]!);
  const isMixed = numbers.some((cell) => /^[1-9]\d{0,2}$/.test(digitsOf(cell)));
  return isMixed && isRound ? otherMark(doubtful[0]!) : undefined;
}

import { CrmError } from "./errors.js";
import { isDateLike, guessDateType } from "./guess-dates.js";
import { unitIn } from "./guess-currency.js";
import { cellsOf, type Layout } from "./guess-layout.js";
import type { DecimalMark, FileHints } from "./inputs/hints.js";
import { formatOf } from "./inputs/tabular.js";
import type { CellType } from "./mapping.js";
import type { ReadingClause } from "./reading.js";

const NUMBER_LIKE =
  /^\s*[-+(]?\s*[¥￥€$£]?\s*[-+]?([1-9]\d{0,2}([ \u00a0\u2009\u202f'’]\d{3})+([.,]\d*)?|[\d.,]+)\s*[€元]?\s*[-)]?\s*$/;

/** True for a cell that looks like a number or an amount of money. */
export const isNumberLike = (cell: string) => NUMBER_LIKE.test(cell.replace(unitIn(cell) ?? "", ""));

/** A column of a file, and what the command line says of its numbers. */
export interface NumberColumn {
  readonly heading: string;
  readonly decimal: DecimalMark | undefined;
  /** True where it is read in the likelier way, and told, rather than asked about. */
  readonly isMinor?: boolean;
}

/** How the numbers of a column are written. */
export interface NumberReading {
  readonly mark: DecimalMark;
  /** A cell such as `1.250`, where that alone did not settle it. */
  readonly doubtful: string | undefined;
}

/** The types of cells with those decimals. */
export const NUMBER_TYPES = { comma: "decimal_comma", point: "decimal" } as const satisfies Readonly<
  Record<DecimalMark, CellType>
>;

/**
 * What divides the decimals of a column: its own cells where enough of them settle it, else all that the file tells,
 * which must not disagree.
 *
 * @throws CrmError `usage` where nothing tells thousands from decimals, or one thing the one and another the other
 */
export function guessMark(file: string, layout: Layout, column: NumberColumn): NumberReading {
  const marks = marksOf(cellsOf(layout.sample, layout.headings.indexOf(column.heading)));
  if (column.decimal !== undefined) return { mark: column.decimal, doubtful: openOf(marks)[0] };
  if (isSettled(marks)) return { mark: marks.settled ?? "point", doubtful: undefined };
  const doubtful = openOf(marks)[0]!;
  const told = [marks.settled, ownEvidence(marks), otherColumns(layout, column.heading)];
  const signs = new Set(told.filter((mark) => mark !== undefined));
  const mark =
    signs.size === 0 ? customOf(file, layout, marks) : signs.size === 1 ? [...signs][0] : undefined;
  if (mark !== undefined) return { mark, doubtful };
  if (column.isMinor === true) return { mark: markIn(doubtful), doubtful };
  const [whole, part] = [valueOf(doubtful, otherMark(doubtful)), valueOf(doubtful, markIn(doubtful))];
  throw new CrmError(
    "usage",
    `${file}: ${column.heading}: numbers such as ${doubtful} can be read in two ways`,
    {
      hint: `say which: --decimal ${otherMark(doubtful)} (${whole}) or --decimal ${markIn(doubtful)} (${part})`,
    },
  );
}

/** What a doubtful cell is read as; nothing where no cell is. */
export function markEvidence({ mark, doubtful }: NumberReading): ReadingClause[] {
  if (doubtful === undefined) return [];
  return [{ code: "so", gaps: { cell: doubtful, number: valueOf(doubtful, mark) } }];
}

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
interface Marks {
  readonly numbers: readonly string[];
  /** What most of those cells say that can be read in one way alone; undefined where there are none. */
  readonly settled: DecimalMark | undefined;
  readonly settledCount: number;
  /** Cells such as `1.250` and `1,250`. */
  readonly open: Readonly<Record<DecimalMark, readonly string[]>>;
}

/** Cells that settle it are no slips from this share of those on that they speak for. */
const LEAST_SETTLED = 0.1;

const openOf = ({ open }: Marks) => [...open.point, ...open.comma];
const isSettled = (marks: Marks) => marks.settledCount >= LEAST_SETTLED * openOf(marks).length;

function marksOf(cells: readonly string[]): Marks {
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
const markIn = (cell: string): DecimalMark => (cell.includes(",") ? "comma" : "point");
const otherMark = (cell: string) => otherOf(markIn(cell));

/** A cell with one mark as it is read. */
export const valueOf = (cell: string, mark: DecimalMark) =>
  Number(digitsOf(cell).replace(/[.,]/, markIn(cell) === mark ? "." : ""));

/**
 * What a column of cells such as `1.250` tells: beside `980`, decimals that end in 0 are thousands, for a zero that is
 * written in one cell would be in all; beside `12500`, thousands without a mark, there are none.
 */
function ownEvidence({ numbers, open }: Marks): DecimalMark | undefined {
  if (open.comma.length > 0 && open.point.length > 0) return undefined;
  const doubtful = [...open.comma, ...open.point];
  const isRound = doubtful.some((cell) => digitsOf(cell).endsWith("0"));
  const isUngrouped = numbers.some((cell) => /\d{4}/.test(cell));
  if (isUngrouped) return isRound ? undefined : markIn(doubtful[0]!);
  const isMixed = numbers.some((cell) => /^[1-9]\d{0,2}$/.test(digitsOf(cell)));
  return isMixed && isRound ? otherMark(doubtful[0]!) : undefined;
}

/** What divides the decimals of the other columns of numbers, where they agree. */
function otherColumns({ headings, sample }: Layout, heading: string): DecimalMark | undefined {
  const others = headings.flatMap((other, at) => {
    const cells = cellsOf(sample, at);
    if (other === heading || !areNumbers(cells)) return [];
    const marks = marksOf(cells);
    return isSettled(marks) && marks.settled !== undefined ? [marks.settled] : [];
  });
  return new Set(others).size === 1 ? others[0] : undefined;
}

/** What is customary in files like this; three decimals are rarer than thousands, and take two signs that agree. */
function customOf(file: string, layout: Layout, { open }: Marks): DecimalMark | undefined {
  if (open.comma.length > 0 && open.point.length > 0) return undefined;
  const commaSigns = signsOf(file, layout).reduce((sum, mark) => sum + (mark === "comma" ? 1 : -1), 0);
  const likelier = commaSigns > 0 ? "comma" : "point";
  const isThousands = likelier !== markIn([...open.comma, ...open.point][0]!);
  return Math.abs(commaSigns) >= (isThousands ? 1 : 2) ? likelier : undefined;
}

const areNumbers = (cells: readonly string[]) =>
  cells.filter((cell) => isNumberLike(cell) && !isDateLike(cell)).length >= 0.8 * cells.length;

/** What is customary where files are written so; a program that writes Parquet has no customs. */
function signsOf(file: string, layout: Layout): DecimalMark[] {
  const format = formatOf(file);
  if (format === "parquet") return ["point", "point"];
  const split = { ";": ["comma"], ",": ["point"] } as Readonly<Record<string, DecimalMark[]>>;
  const isChinese = layout.headings.some((heading) => /\p{Script=Han}/u.test(heading));
  return [
    ...(format === "csv" ? (split[layout.delimiter] ?? []) : []),
    ...(isChinese ? ["point" as const] : []),
    ...layout.headings.flatMap((_, at) => signOfDates(file, cellsOf(layout.sample, at)) ?? []).slice(0, 1),
  ];
}

/** Days as 31.12.2025 are written where commas divide decimals, as 12/31/2025 where points do. */
function signOfDates(file: string, cells: readonly string[]): DecimalMark | undefined {
  const isOf = (pattern: RegExp) =>
    cells.length > 0 && cells.filter((cell) => pattern.test(cell)).length >= 0.8 * cells.length;
  if (isOf(/^\d{1,2}\.\d{1,2}\.\d{2,4}/)) return "comma";
  if (!isOf(/^\d{1,2}\/\d{1,2}\/\d{2,4}/)) return undefined;
  try {
    return guessDateType(file, cells, undefined) === "date_mdy" ? "point" : undefined;
  } catch {
    return undefined;
  }
}

/** The columns of a table whose marks stand for thousands or decimals, by their place, and how each is read. */
export function doubtfulColumns(
  file: string,
  layout: Layout,
  { decimal }: Pick<FileHints, "decimal">,
): ReadonlyMap<number, NumberReading> {
  const doubtful = layout.headings.flatMap((heading, at) =>
    isDoubtful(cellsOf(layout.sample, at))
      ? [[at, guessMark(file, layout, { heading, decimal, isMinor: true })] as const]
      : [],
  );
  return new Map(doubtful);
}

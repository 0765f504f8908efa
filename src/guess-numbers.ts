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
 * What divides the decimals of a column: by its own cells, else by the other columns and the layout of the file.
 *
 * @throws CrmError `usage` where every mark has three digits behind it, and nothing tells thousands from decimals
 */
export function readMark(file: string, layout: Layout, { heading, decimal }: NumberColumn): NumberReading {
  const cells = cellsOf(layout.sample, layout.headings.indexOf(heading));
  const marks = marksOf(cells);
  const doubtful = marks.settled === undefined ? [...marks.open.point, ...marks.open.comma][0] : undefined;
  if (decimal !== undefined) return { mark: decimal, doubtful };
  const mark = marks.settled ?? ownEvidence(cells, marks) ?? fileEvidence(file, layout, { heading, marks });
  if (mark !== undefined) return { mark, doubtful };
  const [whole, part] = [valueOf(doubtful!, otherMark(doubtful!)), valueOf(doubtful!, markIn(doubtful!))];
  throw new CrmError("usage", `${file}: ${heading}: numbers such as ${doubtful} can be read in two ways`, {
    hint: `say which: --decimal ${otherMark(doubtful!)} (${whole}) or --decimal ${markIn(doubtful!)} (${part})`,
  });
}

/** What a doubtful cell is read as; nothing where no cell is. */
export function markEvidence({ mark, doubtful }: NumberReading): ReadingClause[] {
  if (doubtful === undefined) return [];
  return [{ code: "so", gaps: { cell: doubtful, number: valueOf(doubtful, mark) } }];
}

/** What divides the decimals by the cells alone; undefined where they have no mark, or could be read in two ways. */
export function markOfCells(cells: readonly string[]): DecimalMark | undefined {
  const marks = marksOf(cells);
  return marks.settled ?? (isOpen(marks) ? ownEvidence(cells, marks) : undefined);
}

/** True for a column of numbers of which none shows whether a mark divides thousands or decimals. */
export function isDoubtful(cells: readonly string[]): boolean {
  const marks = marksOf(cells);
  return marks.settled === undefined && isOpen(marks) && areNumbers(cells);
}

interface Marks {
  /** By cells that can be read in one way alone; `point` of a column without a mark. */
  readonly settled: DecimalMark | undefined;
  /** Cells such as `1.250` and `1,250`. */
  readonly open: Readonly<Record<DecimalMark, readonly string[]>>;
}

const isOpen = ({ open }: Marks) => open.comma.length + open.point.length > 0;

function marksOf(cells: readonly string[]): Marks {
  const shapes = cells.map(shapeOf);
  const count = (shape: Shape) => shapes.filter((each) => each === shape).length;
  const openWith = (mark: DecimalMark) =>
    cells.filter((cell, at) => shapes[at] === "open" && markIn(cell) === mark);
  const open = { comma: openWith("comma"), point: openWith("point") };
  const settled = count("comma") > count("point") ? "comma" : count("point") > 0 ? "point" : undefined;
  return { settled: settled ?? (isOpen({ settled, open }) ? undefined : "point"), open };
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
function ownEvidence(cells: readonly string[], { open }: Marks): DecimalMark | undefined {
  if (open.comma.length > 0 && open.point.length > 0) return undefined;
  const doubtful = [...open.comma, ...open.point];
  const isRound = doubtful.some((cell) => digitsOf(cell).endsWith("0"));
  const isUngrouped = cells.some((cell) => /\d{4}/.test(cell));
  if (isUngrouped) return isRound ? undefined : markIn(doubtful[0]!);
  const isMixed = cells.some((cell) => /^[1-9]\d{0,2}$/.test(digitsOf(cell)));
  return isMixed && isRound ? otherMark(doubtful[0]!) : undefined;
}

/** What the rest of the file tells; three decimals are rarer than thousands, and take two signs that agree. */
function fileEvidence(
  file: string,
  layout: Layout,
  { heading, marks: { open } }: { readonly heading: string; readonly marks: Marks },
): DecimalMark | undefined {
  if (open.comma.length > 0 && open.point.length > 0) return undefined;
  const others = layout.headings.flatMap((other, at) =>
    other === heading ? [] : (otherColumn(cellsOf(layout.sample, at)) ?? []),
  );
  if (new Set(others).size === 1) return others[0];
  const commaSigns = signsOf(file, layout).reduce((sum, mark) => sum + (mark === "comma" ? 1 : -1), 0);
  const likelier = commaSigns > 0 ? "comma" : "point";
  const isThousands = likelier !== markIn([...open.comma, ...open.point][0]!);
  return Math.abs(commaSigns) >= (isThousands ? 1 : 2) ? likelier : undefined;
}

function otherColumn(cells: readonly string[]): DecimalMark | undefined {
  const { settled } = marksOf(cells);
  const hasMark = cells.some((cell) => /^(comma|point)$/.test(shapeOf(cell)));
  return hasMark && areNumbers(cells) ? settled : undefined;
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
      ? [[at, readMark(file, layout, { heading, decimal })] as const]
      : [],
  );
  return new Map(doubtful);
}

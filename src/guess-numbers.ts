import {
  areNumbers,
  cellsOf,
  isDoubtful,
  isSettled,
  markIn,
  type Marks,
  marksOf,
  openOf,
  otherMark,
  ownEvidence,
  valueOf,
} from "./cell-shapes.js";
import { CrmError } from "./errors.js";
import { guessDateType } from "./guess-dates.js";
import type { Layout } from "./guess-layout.js";
import type { DecimalMark, FileHints } from "./inputs/hints.js";
import { formatOf } from "./inputs/tabular.js";
import type { ReadingClause } from "./reading.js";

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

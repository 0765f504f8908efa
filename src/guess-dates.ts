import { isDayInWords, isDayNumber } from "./cell-shapes.js";
import { CrmError } from "./errors.js";
import type { CellType } from "./mapping.js";

/** How days are told of: as they are read, or with months in words, which are read as year first is. */
export type ToldDateType = CellType | "date_words";

/** The orders of day, month and year that dates are written in. */
export const DATE_FORMATS = ["ymd", "dmy", "mdy"] as const;
/** One of them. */
export type DateFormat = (typeof DATE_FORMATS)[number];

/** How dates are written; a day and a month that could be either must be told apart by some row, or by the user. */
export function guessDateType(
  file: string,
  cells: readonly string[],
  format: DateFormat | undefined,
): CellType {
  const isMostly = (test: (cell: string) => boolean) =>
    cells.length > 0 && cells.filter(test).length >= 0.8 * cells.length;
  if (isMostly(isDayInWords)) return "date";
  if (format !== undefined) return ({ ymd: "date", dmy: "date_dmy", mdy: "date_mdy" } as const)[format];
  if (isMostly((cell) => /^1\d{9}$/.test(cell))) return "epoch_seconds";
  if (isMostly(isDayNumber)) return "date_serial";
  const parts = cells.flatMap((cell) => partsOf(cell) ?? []);
  if (parts.length < 0.5 * cells.length || parts.length === 0) return "date";
  refuseShortYearsFirst(file, parts);
  const dayFirst = parts.find(({ first, mark }) => first > 12 || mark === ".");
  const monthFirst = parts.find(({ second }) => second > 12);
  if (dayFirst !== undefined && monthFirst !== undefined)
    throw new CrmError(
      "usage",
      `${file}: dates such as ${dayFirst.cell} have the day first, and such as ${monthFirst.cell} the month`,
      { hint: "write all alike; or --date-format dmy or mdy reads the ones, and rejects the others" },
    );
  if (dayFirst !== undefined) return "date_dmy";
  if (monthFirst !== undefined) return "date_mdy";
  const { cell } = parts.find(({ first, second }) => first !== second) ?? parts[0]!;
  throw new CrmError("usage", `${file}: dates such as ${cell} can be read in two ways`, {
    hint: "say which: --date-format dmy (day first) or --date-format mdy (month first)",
  });
}

/** What days of a type are told of as. */
export const toldDateType = (type: CellType, cells: readonly string[]): ToldDateType =>
  type === "date" && cells.some(isDayInWords) ? "date_words" : type;

/** A day in digits whose year stands last, or may do so. */
interface DateParts {
  readonly cell: string;
  readonly mark: string;
  readonly first: number;
  readonly second: number;
  readonly last: string;
}

function partsOf(text: string): DateParts | undefined {
  const match = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/.exec(text);
  if (match === null) return undefined;
  const [cell, first, mark, second, last] = match as unknown as [string, string, string, string, string];
  return { cell, mark, first: Number(first), second: Number(second), last };
}

/** Further apart than this lie days of a month, and seldom the years of one export. */
const MOST_YEARS = 10;

/** Last numbers that change more often than the first, and go further apart, are no years. */
function refuseShortYearsFirst(file: string, parts: readonly DateParts[]): void {
  const short = parts.filter(({ last }) => last.length === 2);
  const [firsts, lasts] = [short.map(({ first }) => first), short.map(({ last }) => Number(last))];
  const isYearFirst =
    new Set(firsts).size < new Set(lasts).size && Math.max(...lasts) - Math.min(...lasts) > MOST_YEARS;
  if (!isYearFirst) return;
  throw new CrmError("usage", `${file}: dates such as ${short[0]!.cell} have years of two digits in front`, {
    hint: "export the dates with years of four digits, or say what comes first: --date-format dmy or mdy",
  });
}

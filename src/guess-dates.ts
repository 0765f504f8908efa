import { CrmError } from "./errors.js";
import type { CellType } from "./mapping.js";

/** The orders of day, month and year that dates are written in. */
export const DATE_FORMATS = ["ymd", "dmy", "mdy"] as const;
/** One of them. */
export type DateFormat = (typeof DATE_FORMATS)[number];

/** A cell that looks like a day. */
export const DATE_LIKE = /^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?([ T].*)?$|^(19|20)\d{6}$|^1\d{9}$/;

/** How dates are written; a day and a month that could be either must be told apart by some row, or by the user. */
export function guessDateType(
  file: string,
  cells: readonly string[],
  format: DateFormat | undefined,
): CellType {
  if (format !== undefined) return ({ ymd: "date", dmy: "date_dmy", mdy: "date_mdy" } as const)[format];
  const parts = cells
    .map((cell) => /^(\d{1,2})([-/.])(\d{1,2})\2\d{4}/.exec(cell))
    .filter((match) => match !== null);
  if (cells.length > 0 && cells.filter((cell) => /^1\d{9}$/.test(cell)).length >= 0.8 * cells.length)
    return "epoch_seconds";
  if (parts.length < 0.5 * cells.length || parts.length === 0) return "date";
  const isDayFirst = parts.some(([, first, mark]) => Number(first) > 12 || mark === ".");
  const isMonthFirst = parts.some(([, , , second]) => Number(second) > 12);
  if (isDayFirst && !isMonthFirst) return "date_dmy";
  if (isMonthFirst && !isDayFirst) return "date_mdy";
  throw new CrmError(
    "usage",
    `${file}: dates such as ${(parts.find(([, a, , b]) => a !== b) ?? parts[0]!)[0]} can be read in two ways`,
    {
      hint: "say which: --date-format dmy (day first) or --date-format mdy (month first)",
    },
  );
}

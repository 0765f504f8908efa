import { column, shown as shownIn } from "../section-part.js";
import type { Format, ShownColumn } from "../section.js";
import { numbers, texts as textsOf, type ColumnValues, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import type { ContributionContext, ContributionFindings } from "./value-contribution.js";

/** The texts of contribution. */
export type Words = Texts["value"]["contribution"];

/** What its part of the report is told from. */
export interface Told {
  readonly context: ContributionContext;
  readonly findings: ContributionFindings;
  readonly texts: Words;
}

/** A number as the run's language and currency show it. */
export const shown = ({ context }: Told, value: number, format: Format): string =>
  shownIn(context.run, value, format);

/** Columns of one format, in pairs of name and title. */
export const columns = (format: Format, titles: Readonly<Record<string, string>>): ShownColumn[] =>
  Object.entries(titles).map(([name, title]) => column(name, title, format));

/** Columns of numbers as they are. */
export const copied = (rows: Table, names: readonly string[]): Record<string, ColumnValues> =>
  Object.fromEntries(names.map((name) => [name, numbers(rows, name)]));

/** Columns of texts as they are. */
export const named = (rows: Table, names: readonly string[]): Record<string, ColumnValues> =>
  Object.fromEntries(names.map((name) => [name, textsOf(rows, name)]));

/** What each customer's tier rests on, in words. */
export const basisWords = (texts: Words, rows: Table) =>
  textsOf(rows, "rests_on").map((basis) => texts.basis[basis as keyof Words["basis"]]);

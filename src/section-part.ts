import type { RunSettings } from "./analysis.js";
import { formatValue } from "./format.js";
import { phrase } from "./phrase.js";
import type { Format, Section, ShownColumn } from "./section.js";
import type { Texts } from "./texts/index.js";

/** What one part of an analysis adds to its section of the report. */
export interface SectionPart extends Pick<Section, "headlines" | "charts" | "tables" | "notes"> {
  /** One sentence a manager can repeat. */
  readonly answer: string;
}

/** A value in words, as people of the run's language write it. */
export function shown({ language, currency }: RunSettings, value: number, format: Format): string {
  return formatValue(value, format, { language, currency: currency ?? "" });
}

/** Where all customers of a list are that the report shows the first of: the list lets nobody out without a consent. */
export function fullList(
  { hasConsents }: RunSettings,
  { report }: Pick<Texts, "report">,
  place: Readonly<Record<"list" | "file", string>>,
): string {
  return phrase(hasConsents ? report.fullList : report.fullListFile, place);
}

/** One column of a table or an axis of a chart: its name in the data, its heading, how to print it. */
export const column = (name: string, title: string, format: Format): ShownColumn => ({ name, title, format });

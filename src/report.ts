import type { Section } from "./section.js";
import type { Texts } from "./texts/index.js";
import type { Warning } from "./warning.js";

/** The source of a file that no pipeline names a system for. */
export const BARE_SOURCE = "file";

/** What happened to one input file: every row is used or rejected, and says so. */
export interface FileCount {
  /** The file's name inside its source's folder. */
  readonly file: string;
  readonly source: string;
  readonly entity: string;
  readonly rowsIn: number;
  readonly rowsStaged: number;
  /** Left out by a rule of the mapping, which is no fault of the row. */
  readonly rowsSkipped: number;
  readonly rowsRejected: number;
}

/** Why rows were rejected, without the customers' data. */
export interface RejectCount {
  readonly file: string;
  readonly column: string;
  readonly reason: string;
  readonly rows: number;
}

/** Everything the report page shows, as data; `outputs/html.ts` makes the page of it. */
export interface Report {
  /** The pipeline's name, or the bare file's. */
  readonly title: string;
  /** `YYYY-MM-DD`; null for a table that tells of no day. */
  readonly asOfDate: string | null;
  /** ISO 4217, or empty when the amounts have no stated currency. */
  readonly currency: string;
  readonly language: "en" | "zh";
  readonly texts: Texts;
  readonly sections: readonly Section[];
  readonly files: readonly FileCount[];
  readonly rejects: readonly RejectCount[];
  readonly warnings: readonly Warning[];
  readonly version: string;
}

/** The report's title, with its day where it has one. */
export function titleOf({ title, asOfDate, texts }: Pick<Report, "title" | "asOfDate" | "texts">): string {
  return asOfDate === null ? title : `${title} · ${texts.report.asOf(asOfDate)}`;
}

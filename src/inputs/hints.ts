import type { Encoding } from "./encodings.js";

/** What may divide decimals. */
export const DECIMAL_MARKS = ["comma", "point"] as const;
/** One of them. */
export type DecimalMark = (typeof DECIMAL_MARKS)[number];

/** What the command line says of how a file is written; the rest is guessed. */
export interface FileHints {
  readonly encoding?: Encoding | undefined;
  readonly decimal?: DecimalMark | undefined;
  /** Of a workbook: the name or number of the sheet; default: the first. */
  readonly sheet?: string | undefined;
}

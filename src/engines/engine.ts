import type { FillDown } from "../inputs/fill-down.js";
import type { RelationName } from "../relation.js";
import type { Table } from "../table.js";

/** A file the engine can read: delimited text in UTF-8, or Parquet as it is typed. */
export type InputFile =
  | {
      readonly format: "csv";
      readonly path: string;
      /** The headings, in file order; they become the column names. */
      readonly columns: readonly string[];
      /**
       * Columns to be read as decimals or as days written YYYY-MM-DD, which is quicker; every other cell is text.
       * The first cell that is none, or record that cannot be split, fails whatever is created from the file.
       */
      readonly types?: Readonly<Record<string, "decimal" | "date">>;
      readonly delimiter: string;
      /** Lines above the first record, the header included. */
      readonly skippedLines: number;
      /** Cells that rows without any of their own have from the row above. */
      readonly fillDown?: FillDown;
    }
  | { readonly format: "parquet"; readonly path: string };

/** Everything crm-analyze asks of a database: seven methods, and no SQL of its own. */
export interface Engine {
  /** The name of its functions file, `sql/functions/<name>.sql`. */
  readonly name: string;
  /**
   * Lets `relation` stand for the records of a file, in file order: `row_number() over ()` over it alone, unfiltered, is
   * the number of the record, which an engine that does not keep the order has to give in another way.
   * Once something was created from a CSV without types, `<relation>__unreadable` holds the records that
   * could not be split into columns: `byte_offset, column_name, reason`.
   */
  load(relation: RelationName, file: InputFile): Promise<void>;
  /** Replaces `relation` with the rows of `select`. @returns how many they are */
  create(relation: RelationName, select: string): Promise<number>;
  /** Lets `relation` stand for the rows of `select`, which are worked out anew whenever they are read. */
  define(relation: RelationName, select: string): Promise<void>;
  /** Replaces `relation` with the rows of `batches`; the first batch names the columns. */
  write(relation: RelationName, batches: AsyncIterable<Table> | Iterable<Table>): Promise<void>;
  /** The rows of `select`, at least one batch, so that an empty result has columns too. */
  read(select: string): AsyncIterable<Table>;
  /** Writes the rows of `select` to a `.csv` or `.parquet` file. */
  save(select: string, path: string): Promise<void>;
  close(): Promise<void>;
}

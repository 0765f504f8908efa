import {
  Bool,
  DataType,
  DateDay,
  Float64,
  makeData,
  makeVector,
  Table as ArrowTable,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
  type Vector,
} from "apache-arrow";

/**
 * Columns of equal length between engine, models and outputs: an Apache Arrow table.
 * Numbers of every SQL type are `Float64`, text is `Utf8`, days are `Date<DAY>`,
 * moments `Timestamp<MILLISECOND>`, truth values `Bool`; any of them may be null.
 */
export type Table = ArrowTable;
export type { Vector };

/** What a column is made of before it becomes an Arrow vector. NaN in a number column is null. */
export type ColumnValues = Float64Array | readonly (string | null)[] | readonly (boolean | null)[];

/** A table of the given columns, in their order. */
export function tableOf(columns: Readonly<Record<string, ColumnValues | Vector>>): Table {
  return new ArrowTable(
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, vectorOf(values)])),
  );
}

function vectorOf(values: ColumnValues | Vector): Vector {
  if (values instanceof Float64Array) return numberVector(values);
  if (!Array.isArray(values)) return values as Vector;
  const isTruth = values.some((value) => typeof value === "boolean");
  return isTruth ? vectorFromArray(values, new Bool()) : vectorFromArray(values, new Utf8());
}

/** A number vector that is null wherever the value is NaN. */
export function numberVector(values: Float64Array): Vector<Float64> {
  const { nullCount, nullBitmap } = validityOf(values.length, (row) => !Number.isNaN(values[row]!));
  return makeVector(
    makeData({ type: new Float64(), length: values.length, nullCount, nullBitmap, data: values }),
  );
}

/** A vector of days since 1970-01-01; `isKnown` tells which rows are not null. */
export function dayVector(days: Int32Array, isKnown: (row: number) => boolean): Vector<DateDay> {
  const { nullCount, nullBitmap } = validityOf(days.length, isKnown);
  return makeVector(
    makeData({ type: new DateDay(), length: days.length, nullCount, nullBitmap, data: days }),
  );
}

/** A vector of milliseconds since 1970-01-01 UTC; `isKnown` tells which rows are not null. */
export function momentVector(
  milliseconds: BigInt64Array,
  isKnown: (row: number) => boolean,
): Vector<TimestampMillisecond> {
  const { nullCount, nullBitmap } = validityOf(milliseconds.length, isKnown);
  const type = new TimestampMillisecond();
  return makeVector(
    makeData({ type, length: milliseconds.length, nullCount, nullBitmap, data: milliseconds }),
  );
}

/** A vector of truth values and nulls. */
export function truthVector(values: readonly (boolean | null)[]): Vector {
  return vectorFromArray(values, new Bool());
}

/** A vector of texts and nulls. */
export function textVector(values: readonly (string | null)[]): Vector<Utf8> {
  return vectorFromArray(values, new Utf8());
}

function validityOf(length: number, isKnown: (row: number) => boolean) {
  const nullBitmap = new Uint8Array(Math.ceil(length / 64) * 8);
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    if (isKnown(row)) nullBitmap[row >> 3]! |= 1 << (row & 7);
    else nullCount += 1;
  }
  return { nullCount, nullBitmap };
}

/** A number column as doubles; null is NaN. The table's own memory where it can be: do not write to it. */
export function numbers(table: Table, name: string): Float64Array {
  const vector = columnOf(table, name);
  if (DataType.isFloat(vector.type) && vector.nullCount === 0) return vector.toArray() as Float64Array;
  const values = new Float64Array(vector.length);
  for (let row = 0; row < values.length; row++) {
    const value = vector.get(row) as number | bigint | null;
    values[row] = value === null ? NaN : Number(value);
  }
  return values;
}

/** A text column. */
export function texts(table: Table, name: string): (string | null)[] {
  const vector = columnOf(table, name);
  return Array.from({ length: vector.length }, (_, row) => vector.get(row) as string | null);
}

/** A day column as `YYYY-MM-DD`. */
export function days(table: Table, name: string): (string | null)[] {
  const vector = columnOf(table, name);
  return Array.from({ length: vector.length }, (_, row) => {
    const value = vector.get(row) as number | null;
    return value === null ? null : new Date(value).toISOString().slice(0, 10);
  });
}

/** True for a column that is there and has no value in any row. */
export function isEmpty(table: Table, name: string): boolean {
  const column = table.getChild(name);
  return column !== null && column.nullCount === column.length;
}

/** One number of a one-row table; NaN when it is null. */
export function onlyNumber(table: Table, name: string): number {
  return numbers(table, name)[0] ?? NaN;
}

/** All batches as one table. */
export async function collect(batches: AsyncIterable<Table>): Promise<Table> {
  let all: Table | undefined;
  for await (const batch of batches) all = all === undefined ? batch : all.concat(batch);
  if (all === undefined) throw new RangeError("a result has at least one batch");
  return all;
}

function columnOf(table: Table, name: string): Vector {
  const vector = table.getChild(name);
  if (vector === null) {
    const known = table.schema.fields.map((field) => field.name).join(", ");
    throw new RangeError(`unknown column: ${name}; the table has ${known}`);
  }
  return vector;
}

import {
  DuckDBBooleanType,
  DuckDBDateType,
  type DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampTZType,
  DuckDBTimestampType,
  DuckDBVarCharType,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
} from "@duckdb/node-api";
import { dayVector, momentVector, numberVector, textVector, truthVector, type Vector } from "../table.js";

type Kind = "number" | "text" | "truth" | "day" | "moment";

/** One column of a batch as it grows out of DuckDB's chunks: numbers into a typed array, the rest as values. */
export class ColumnBuffer {
  readonly #kind: Kind;
  #numbers = new Float64Array(0);
  readonly #values: DuckDBValue[] = [];
  #length = 0;

  constructor(type: DuckDBType) {
    this.#kind = kindOf(type);
  }

  append(vector: DuckDBVector, rowCount: number): void {
    if (this.#kind === "number") {
      this.#makeRoom(rowCount);
      for (let row = 0; row < rowCount; row++)
        this.#numbers[this.#length + row] = toNumber(vector.getItem(row));
    } else {
      for (let row = 0; row < rowCount; row++) this.#values.push(vector.getItem(row) as DuckDBValue);
    }
    this.#length += rowCount;
  }

  /** Most results are a row or two: room grows with what comes. */
  #makeRoom(rowCount: number): void {
    const needed = this.#length + rowCount;
    if (needed <= this.#numbers.length) return;
    const grown = new Float64Array(this.#length === 0 ? needed : 2 * needed);
    grown.set(this.#numbers.subarray(0, this.#length));
    this.#numbers = grown;
  }

  toVector(): Vector {
    const values = this.#values;
    const isKnown = (row: number) => values[row] !== null;
    switch (this.#kind) {
      case "number":
        return numberVector(this.#numbers.slice(0, this.#length));
      case "truth":
        return truthVector(values as (boolean | null)[]);
      case "day":
        return dayVector(
          Int32Array.from(values, (value) => (value as DuckDBDateValue | null)?.days ?? 0),
          isKnown,
        );
      case "moment":
        return momentVector(BigInt64Array.from(values, toMilliseconds), isKnown);
      case "text":
        return textVector(values.map((value) => (value === null ? null : String(value))));
    }
  }
}

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL.*)$/;

function kindOf(type: DuckDBType): Kind {
  if (type instanceof DuckDBVarCharType) return "text";
  if (type instanceof DuckDBBooleanType) return "truth";
  if (type instanceof DuckDBDateType) return "day";
  if (type instanceof DuckDBTimestampType || type instanceof DuckDBTimestampTZType) return "moment";
  return NUMERIC.test(type.toString()) ? "number" : "text";
}

function toNumber(value: unknown): number {
  if (value === null) return NaN;
  return value instanceof DuckDBDecimalValue ? value.toDouble() : Number(value);
}

function toMilliseconds(value: DuckDBValue): bigint {
  return value === null ? 0n : (value as { micros: bigint }).micros / 1000n;
}

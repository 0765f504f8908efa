import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";

/** A CSV of order lines to measure on. */
export interface LinesFile {
  readonly path: string;
  readonly lineCount: number;
  readonly customerCount: number;
}

/** Makes the file once: three lines an order, a tenth as many customers as lines, at most a million. */
export async function makeLines(folder: string, lineCount: number): Promise<LinesFile> {
  const customerCount = Math.min(1_000_000, lineCount / 10);
  const path = `${folder}/lines-${lineCount}.csv`;
  if (existsSync(path)) return { path, lineCount, customerCount };
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`copy (
    select
      'SO' || lpad(cast(i // 3 as varchar), 9, '0') as order_no,
      1 + i % 3 as line_no,
      'C' || lpad(cast(hash(i // 3) % ${customerCount} as varchar), 7, '0') as customer,
      date '2023-01-01' + cast(hash(i // 3 + 7) % 1095 as integer) as order_date,
      'P' || lpad(cast(hash(i) % 5000 as varchar), 5, '0') as product,
      1 + cast(hash(i + 3) % 9 as integer) as quantity,
      cast(5 + (hash(i + 5) % 100000) / 100.0 as decimal(18, 2)) as amount,
      'EUR' as currency,
      'channel ' || (hash(i + 11) % 4) as channel
    from range(${lineCount}) as lines (i)
  ) to '${path}.partial' (header)`);
  await rename(`${path}.partial`, path);
  connection.closeSync();
  return { path, lineCount, customerCount };
}

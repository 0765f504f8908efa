import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";

/** A CSV of order lines to measure on. */
export interface LinesFile {
  readonly path: string;
  readonly lineCount: number;
  readonly customerCount: number;
}

/** Which of 5,000 products a line has: all alike, or the n-th as often as 1/n (Zipf). */
const PRODUCT_SQL = {
  uniform: "hash(i) % 5000",
  zipf: "floor(pow(5000e0, (hash(i) % 1000000 + 0.5) / 1000000e0)) - 1",
} as const;

/** Makes the file once: three lines an order, a tenth as many customers as lines, at most a million. */
export async function makeLines(
  folder: string,
  lineCount: number,
  products: keyof typeof PRODUCT_SQL = "uniform",
): Promise<LinesFile> {
  const customerCount = Math.min(1_000_000, lineCount / 10);
  const path = `${folder}/${products === "zipf" ? "sales" : "lines"}-${lineCount}.csv`;
  if (existsSync(path)) return { path, lineCount, customerCount };
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`copy (
    select
      'SO' || lpad(cast(i // 3 as varchar), 9, '0') as order_no,
      1 + i % 3 as line_no,
      'C' || lpad(cast(hash(i // 3) % ${customerCount} as varchar), 7, '0') as customer,
      date '2023-01-01' + cast(hash(i // 3 + 7) % 1095 as integer) as order_date,
      'P' || lpad(cast(cast(${PRODUCT_SQL[products]} as integer) as varchar), 5, '0') as product,
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

/** A CSV of orders to value customers on. */
export interface OrdersFile {
  readonly path: string;
  readonly customerCount: number;
}

/**
 * Makes the file once: customers who come within twelve weeks of a year and a half, order at rates of their own (exponential over
 * customers, 250 days a gap in the mean of rates) and leave at rates of their own (150 days); amounts of their own.
 */
export async function makeOrders(folder: string, customerCount: number): Promise<OrdersFile> {
  const path = `${folder}/orders-${customerCount}.csv`;
  if (existsSync(path)) return { path, customerCount };
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run("create macro chance(a, b) as (hash(a, b) % 1000000 + 0.5) / 1000000e0");
  await connection.run(`copy (
    select
      'O' || customer || '-' || n as order_no,
      'C' || lpad(cast(customer as varchar), 8, '0') as customer,
      first_day + cast(floor(age) as integer) as order_date,
      cast(5 + mean_amount * -ln(chance(customer, 1000 + n)) as decimal(18, 2)) as amount
    from (
      select
        customer,
        n,
        date '2023-01-01' + cast(floor(84 * chance(customer, -1)) as integer) as first_day,
        sum(case when n = 0 then 0 else 250 * ln(chance(customer, n)) / ln(chance(customer, -2)) end)
          over (partition by customer order by n) as age,
        150 * ln(chance(customer, -3)) / ln(chance(customer, -5)) as life,
        -80 * ln(chance(customer, -4)) as mean_amount
      from range(${customerCount}) as customers (customer), range(25) as orders (n)
    )
    where age <= life and first_day + cast(floor(age) as integer) <= date '2024-06-30'
  ) to '${path}.partial' (header)`);
  await rename(`${path}.partial`, path);
  connection.closeSync();
  return { path, customerCount };
}

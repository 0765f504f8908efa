import { createReadStream } from "node:fs";
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { parse } from "csv-parse";
import type { BasketGoods, Buyers } from "./analyses/baskets-study.js";
import type { Engine } from "./engines/engine.js";
import { CrmError } from "./errors.js";
import { guessBaskets, type BasketGuess, type BasketHints } from "./guess-baskets.js";
import { guessLayout, layoutEvidence } from "./guess.js";
import { guessDelimiter } from "./inputs/csv.js";
import { guessEncoding } from "./inputs/encoding.js";
import type { Encoding } from "./inputs/encodings.js";
import { requireFile, withCsv } from "./inputs/tabular.js";
import { loadLabelledFile, type LoadContext } from "./labelled-file.js";
import type { RelationName } from "./relation.js";
import type { FileCount } from "./report.js";
import { quoteName } from "./sql.js";
import { collect, numbers, onlyNumber, tableOf, texts } from "./table.js";
import { openScratch } from "./workshop.js";

/** Baskets of a bare file, how they were read, and every row accounted for. */
export interface BasketFile {
  readonly goods: BasketGoods;
  readonly evidence: readonly string[];
  readonly file: FileCount;
  readonly sha256: string;
  readonly byteCount: number;
}

/** What reading needs to be told. */
export interface BasketRequest {
  readonly hints: BasketHints;
  /** The last day that counts, `YYYY-MM-DD`; default: the last of the file. */
  readonly asOfDate: string | undefined;
}

/** Every item of every basket, as text: `basket`, `item`, `customer`, `order_date`. */
const CELLS: RelationName = "staged.basket_cells";
const [ITEMS, BASKETS, CUSTOMERS]: RelationName[] = [
  "staged.basket_items",
  "staged.basket_keys",
  "staged.basket_customers",
];

/**
 * A file with a row for each item of a basket.
 *
 * @throws CrmError `usage` when it is not there or its columns cannot be told, `data` when it holds no items
 */
export async function readLines(
  path: string,
  context: LoadContext,
  { hints, asOfDate }: BasketRequest,
): Promise<BasketFile> {
  requireFile(path, "usage");
  const file = basename(path);
  const layout = await withCsv(path, openScratch, (csvPath) =>
    guessLayout(file, csvPath, { encoding: context.encoding }),
  );
  const guess = guessBaskets(file, layout, hints);
  const { table, input } = await loadLabelledFile(path, context);
  const nameOf = (heading: string) => quoteName(table.columns[layout.headings.indexOf(heading)] ?? heading);
  await context.engine.create(CELLS, cellsSql(guess, { relation: table.relation, nameOf, asOfDate }));
  const goods = await readGoods(context.engine, {
    hasCustomers: guess.columns.customer !== undefined,
    guess,
  });
  const { scan } = input;
  return {
    goods,
    evidence: [...guess.evidence, ...layoutEvidence(layout)],
    file: counted(file, scan.recordCount, goods.items.length),
    sha256: scan.sha256,
    byteCount: scan.byteCount,
  };
}

const counted = (file: string, rowsIn: number, rowsStaged: number): FileCount => ({
  file,
  source: "baskets",
  entity: "order_lines",
  rowsIn,
  rowsStaged,
  rowsSkipped: rowsIn - rowsStaged,
  rowsRejected: 0,
});

interface Cells {
  readonly relation: RelationName;
  readonly nameOf: (heading: string) => string;
  readonly asOfDate: string | undefined;
}

/** Rows without an item or a basket, and those after the as-of date, are no rows. */
function cellsSql({ columns, dateType }: BasketGuess, { relation, nameOf, asOfDate }: Cells): string {
  const text = (heading: string | undefined) =>
    heading === undefined ? "empty_text()" : `parse_text(${nameOf(heading)})`;
  const day =
    columns.date === undefined ? "empty_date()" : `day_of(parse_${dateType}(${nameOf(columns.date)}))`;
  const known = `select ${text(columns.basket)} as basket_text, ${text(columns.item)} as item, ${text(columns.customer)} as customer, ${day} as order_date from ${relation}`;
  const customerDay = columns.date === undefined ? "customer" : "customer || ' ' || to_key(order_date)";
  const basket = columns.basket === undefined ? customerDay : "basket_text";
  const until = asOfDate === undefined ? "" : ` and (order_date is null or order_date <= date '${asOfDate}')`;
  return `select ${basket} as basket, item, customer, order_date from (${known}) as known
    where item is not null and ${basket} is not null${until}`;
}

/**
 * A file with a line for each basket, its items split by a delimiter; quotes hold a delimiter inside an item.
 *
 * @throws CrmError `usage` when it is not there, `data` when it cannot be split or holds no items
 */
export async function readBasketLines(
  path: string,
  engine: Engine,
  {
    delimiter,
    encoding,
  }: { readonly delimiter: string | undefined; readonly encoding: Encoding | undefined },
): Promise<BasketFile> {
  requireFile(path, "usage");
  const file = basename(path);
  const read = encoding ?? (await guessEncoding(path));
  const parted = delimiter ?? (await guessDelimiter(path, read));
  const lines = await splitLines(path, { delimiter: parted, encoding: read });
  const rows = tableOf({
    basket_number: Float64Array.from(lines.baskets),
    item: lines.items,
  });
  await engine.write("staged.basket_lines", [rows]);
  await engine.create(
    CELLS,
    "select to_key(basket_number) as basket, parse_text(item) as item, empty_text() as customer, empty_date() as order_date from staged.basket_lines where parse_text(item) is not null",
  );
  const goods = await readGoods(engine, { hasCustomers: false, guess: undefined });
  return {
    goods: { ...goods, basketCount: Math.max(goods.basketCount, lines.count) },
    evidence: [
      `a basket a line, items split by ${parted === "\t" ? "tab" : parted}`,
      ...(read === "utf-8" ? [] : [`encoding: ${read}`]),
    ],
    file: counted(file, lines.count, lines.count),
    sha256: lines.sha256,
    byteCount: lines.byteCount,
  };
}

async function splitLines(path: string, { delimiter, encoding }: { delimiter: string; encoding: Encoding }) {
  const hash = createHash("sha256");
  const decoder = new TextDecoder(encoding);
  const parser = parse({
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: false,
  });
  const [baskets, items]: [number[], string[]] = [[], []];
  let [count, byteCount] = [0, 0];
  const feed = async () => {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      byteCount += chunk.length;
      parser.write(decoder.decode(chunk, { stream: true }));
    }
    parser.end(decoder.decode());
  };
  const fed = feed();
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      for (const cell of cells) {
        baskets.push(count);
        items.push(cell);
      }
      count += 1;
    }
    await fed;
  } catch (cause) {
    throw new CrmError("data", `${basename(path)}: line ${count + 1} cannot be split into items`, {
      cause: cause as Error,
      hint: "check its quotes and --delimiter",
    });
  }
  return { baskets, items, count, byteCount, sha256: hash.digest("hex") };
}

interface Known {
  readonly hasCustomers: boolean;
  readonly guess: BasketGuess | undefined;
}

/** Numbers baskets, items and customers, each in the byte order of their names. */
async function readGoods(engine: Engine, { hasCustomers, guess }: Known): Promise<BasketGoods> {
  await number(engine, ITEMS!, "item");
  await number(engine, BASKETS!, "basket");
  await number(engine, CUSTOMERS!, "customer");
  const names = texts(await collect(engine.read(`select item from ${ITEMS} order by number`)), "item").map(
    (name) => name!,
  );
  if (names.length === 0)
    throw new CrmError("data", "no row has both a basket and an item", { hint: "check --basket and --item" });
  const rows = await collect(
    engine.read(`select baskets.number as basket, items.number as item, coalesce(customers.number, -1) as customer,
        days_between(day_zero(), cells.order_date) as day
      from ${CELLS} as cells
      inner join ${ITEMS} as items on cells.item = items.item
      inner join ${BASKETS} as baskets on cells.basket = baskets.basket
      left join ${CUSTOMERS} as customers on cells.customer = customers.customer`),
  );
  const countOf = async (relation: RelationName) =>
    onlyNumber(await collect(engine.read(`select count(*) as n from ${relation}`)), "n");
  const days = numbers(rows, "day");
  const buyers: Buyers = {
    customerCount: await countOf(CUSTOMERS!),
    customers: numbers(rows, "customer"),
    days,
    lastDay: days.reduce((last, day) => (day > last ? day : last), -Infinity),
  };
  const isDated = guess?.columns.date !== undefined;
  return {
    names,
    groups: names.map(() => null),
    margins: new Float64Array(names.length).fill(NaN),
    basketCount: await countOf(BASKETS!),
    baskets: numbers(rows, "basket"),
    items: numbers(rows, "item"),
    buyers: hasCustomers && isDated ? buyers : undefined,
  };
}

const number = (engine: Engine, relation: RelationName, column: string) =>
  engine.create(
    relation,
    `select ${column}, row_number() over (order by ${column}) - 1 as number from ${CELLS} where ${column} is not null group by ${column}`,
  );

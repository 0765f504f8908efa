import { createReadStream } from "node:fs";
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import { warnOfUnits } from "./amount-units.js";
import type { BasketsConfig } from "./analyses/baskets-config.js";
import type { BasketGoods, Buyers } from "./analyses/baskets-study.js";
import { ITEM_NAMES, itemNamesSql } from "./basket-names.js";
import { netBaskets } from "./basket-nets.js";
import { tellBasketsApart, windowBaskets } from "./basket-numbers.js";
import type { Engine } from "./engines/engine.js";
import { CrmError } from "./errors.js";
import { IS_SALE, type FaultyFile } from "./basket-rejects.js";
import {
  asBaskets,
  CELLS,
  cellsSql,
  GOODS_COLUMNS,
  hasKinds,
  kindsOf,
  readRows,
  type BasketRowsRead,
} from "./basket-rows.js";
import {
  guessBaskets,
  isHeadedByData,
  knownHeadings,
  type BasketGuess,
  type BasketHints,
} from "./guess-baskets.js";
import { guessOrderLayout } from "./guess-fill-down.js";
import { encodingEvidence, layoutEvidence } from "./guess-layout.js";
import { guessItemDelimiter } from "./inputs/csv.js";
import { guessEncoding } from "./inputs/encoding.js";
import type { Encoding } from "./inputs/encodings.js";
import { requireFile } from "./inputs/tabular.js";
import { loadLabelledFile, type LoadContext } from "./labelled-file.js";
import type { ReadingClause } from "./reading.js";
import type { RelationName } from "./relation.js";
import { BARE_SOURCE, type FileCount } from "./report.js";
import { countRepeats } from "./steps/gates.js";
import { collect, numbers, onlyNumber, tableOf, texts } from "./table.js";

/** Baskets of a bare file, how they were read, and every row accounted for. */
export interface BasketFile {
  /** What a basket is. */
  readonly by: BasketsConfig["by"];
  readonly goods: BasketGoods;
  readonly evidence: readonly ReadingClause[];
  readonly file: FileCount;
  readonly sha256: string;
  readonly byteCount: number;
  /** True where the file says what was paid. */
  readonly hasMoney: boolean;
  /** ISO 4217, where the file names one for it. */
  readonly currency: string | undefined;
  /** The columns that offers cannot do without and that the file does not have. */
  readonly missing: readonly ("customer" | "date")[];
  readonly doubts: RowDoubts;
  /** What {@link explainFaults} needs; undefined where no row has a fault. */
  readonly faulty: FaultyFile | undefined;
}

/** Rows that some parts of the answer cannot use. */
export interface RowDoubts {
  /** Given back, or of nothing: in no basket. */
  readonly returnCount: number;
  /** Sales without a customer or a readable day, of a file that has both columns: in no sequence and no offer. */
  readonly undatedCount: number;
  /** Dated sales without a readable amount, of a file that has amounts: in no offer. */
  readonly unpricedCount: number;
  /** Left out by a column of status, or as totals of others. */
  readonly leftOutCount: number;
}

/** What reading needs to be told. */
export interface BasketRequest {
  readonly hints: BasketHints;
  /** How long a window of a customer is. */
  readonly windowDays: number;
  /** The last day that counts, `YYYY-MM-DD`; default: the last of the file. */
  readonly asOfDate: string | undefined;
}

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
  request: BasketRequest,
): Promise<BasketFile> {
  const { hints, asOfDate } = request;
  const file = basename(path);
  const layout = await guessOrderLayout(path, context, hints.rows);
  const guess = guessBaskets(file, layout, hints);
  const gaps = { file, line: layout.headerRow };
  if (isHeadedByData(guess, layout, hints)) context.warn({ code: "headings_like_data", gaps });
  warnOfUnits(file, [guess.columns.amount, guess.columns.price], context.warn);
  const kinds = kindsOf(file, layout, { guess, hints });
  const { input } = await loadLabelledFile(path, context, layout);
  const read = await readRows(context, { input: asBaskets(input, guess), guess, kinds, asOfDate });
  const { columns } = guess;
  await formBaskets(context, { file, guess, request });
  await requireSales(context.engine, { ...read, asOfDate });
  const missing = (["customer", "date"] as const).filter((role) => columns[role] === undefined);
  const hasMoney = columns.amount !== undefined || columns.price !== undefined;
  const known = { isDated: missing.length === 0, hasMoney, asOfDate };
  const goods = await readGoods(context.engine, known);
  const doubts = { ...(await countDoubts(context.engine, known)), leftOutCount: read.leftOutCount };
  const { recordCount } = input.scan;
  const isKept = read.keptCount === recordCount && doubts.undatedCount === 0 && doubts.unpricedCount === 0;
  return {
    ...{ by: guess.by, goods },
    evidence: [...guess.evidence, ...layoutEvidence(layout)],
    file: counted(file, recordCount, {
      skipped: doubts.returnCount + doubts.leftOutCount,
      rejected: recordCount - read.keptCount - read.leftOutCount,
    }),
    sha256: input.scan.sha256,
    byteCount: input.scan.byteCount,
    ...{ hasMoney, currency: guess.currency },
    missing,
    doubts,
    faulty: isKept && !hasKinds(kinds.kinds[file]!) ? undefined : read,
  };
}

interface Formed {
  readonly file: string;
  readonly guess: BasketGuess;
  readonly request: BasketRequest;
}

/** Rows pasted or exported twice are told of: an item lies in its basket once, but has brought the amount twice. */
async function warnOfRepeats({ engine, warn }: LoadContext, file: string): Promise<void> {
  const count = await countRepeats(engine, CELLS, ["basket", ...GOODS_COLUMNS.split(", ")]);
  if (count > 0) warn({ code: "basket_rows_repeat", gaps: { file, count } });
}

/** Of rows with what they are told apart by, baskets: in windows, numbers that begin again parted, goods taken back taken out. */
async function formBaskets(context: LoadContext, { file, guess, request }: Formed): Promise<void> {
  const { engine } = context;
  const { by, columns } = guess;
  const isAskedFor = request.hints.columns.basket !== undefined;
  if (columns.basket !== undefined || columns.date !== undefined) await warnOfRepeats(context, file);
  if (by === "customer_window") await windowBaskets(engine, CELLS, request);
  if (columns.basket !== undefined) await tellBasketsApart(context, { cells: CELLS, file, isAskedFor });
  await netBaskets(engine, CELLS, by === "order" ? "basket" : "basket, order_date");
}

interface Judged extends Pick<BasketRowsRead, "rowsSql" | "faults"> {
  readonly asOfDate: string | undefined;
}

/** @throws CrmError `data` when nothing was bought, with what there is instead */
async function requireSales(engine: Engine, { rowsSql, faults, asOfDate }: Judged): Promise<void> {
  const sales = await collect(
    engine.read(
      `select count(*) as row_count, count(case when ${IS_SALE} then 1 end) as sale_count from ${CELLS}`,
    ),
  );
  if (onlyNumber(sales, "sale_count") > 0) return;
  const returnCount = onlyNumber(sales, "row_count");
  if (returnCount > 0)
    throw new CrmError(
      "data",
      `nothing was bought: of ${returnCount} rows none has an amount or quantity above 0 that was not taken back`,
      {
        hint: "check --amount and --quantity",
      },
    );
  const ofAnyDay = cellsSql(
    rowsSql,
    faults.filter(({ code }) => code !== "rows_late"),
  );
  const days = await collect(
    engine.read(
      `select count(*) as row_count, to_key(min(order_date)) as first_day from (${ofAnyDay}) as cells`,
    ),
  );
  if (asOfDate !== undefined && onlyNumber(days, "row_count") > 0)
    throw new CrmError(
      "data",
      `nothing was bought by ${asOfDate}: the first row is of ${texts(days, "first_day")[0]}`,
      {
        hint: "give a later --as-of",
      },
    );
  throw noItems();
}

const noItems = () =>
  new CrmError("data", "no row has both a basket and an item", { hint: "check --basket and --item" });

async function countDoubts(
  engine: Engine,
  { isDated, hasMoney }: Known,
): Promise<Omit<RowDoubts, "leftOutCount">> {
  const isUndated = "(customer is null or order_date is null)";
  const row = await collect(
    engine.read(`select count(case when not ${IS_SALE} then 1 end) as return_count,
      count(case when ${IS_SALE} and ${isUndated} then 1 end) as undated_count,
      count(case when ${IS_SALE} and not ${isUndated} and amount is null then 1 end) as unpriced_count from ${CELLS}`),
  );
  return {
    returnCount: onlyNumber(row, "return_count"),
    undatedCount: isDated ? onlyNumber(row, "undated_count") : 0,
    unpricedCount: isDated && hasMoney ? onlyNumber(row, "unpriced_count") : 0,
  };
}

const counted = (
  file: string,
  rowsIn: number,
  { skipped, rejected }: { readonly skipped: number; readonly rejected: number },
): FileCount => ({
  ...{ file, source: BARE_SOURCE, entity: "order_lines", rowsIn },
  rowsStaged: rowsIn - skipped - rejected,
  rowsSkipped: skipped,
  rowsRejected: rejected,
});

/** How lines are split into items, and in which encoding they are. */
function splitEvidence(delimiter: string, encoding: Encoding): ReadingClause[] {
  const split: ReadingClause =
    delimiter === "\t"
      ? { code: "basket_a_line_tab", gaps: {} }
      : { code: "basket_a_line", gaps: { delimiter } };
  return [split, ...encodingEvidence(encoding)];
}

/**
 * A file with a line for each basket, its items split by a delimiter; quotes hold a delimiter inside an item.
 *
 * @throws CrmError `usage` when it is not there, `data` when it cannot be split or holds no items
 */
export async function readBasketLines(
  path: string,
  { engine, encoding, warn }: Omit<LoadContext, "temporaryDirectory">,
  delimiter: string | undefined,
): Promise<BasketFile> {
  requireFile(path, "usage");
  const file = basename(path);
  const read = encoding ?? (await guessEncoding(path));
  const parted = delimiter ?? (await guessItemDelimiter(path, read));
  const lines = await splitLines(path, { delimiter: parted, encoding: read });
  const headings = knownHeadings(evenFirst(lines));
  if (headings.length > 1) warn({ code: "looks_like_lines", gaps: { file, headings: headings.join(", ") } });
  if (lines.basketCount > 0 && lines.items.length === lines.basketCount)
    warn({ code: "never_split", gaps: { file, delimiter: parted === "\t" ? "\\t" : parted } });
  const rows = tableOf({
    basket_number: Float64Array.from(lines.baskets),
    item: lines.items,
  });
  await engine.write("staged.basket_lines", [rows]);
  await engine.create(
    CELLS,
    `select to_key(basket_number) as basket, parse_text(item) as item, empty_text() as item_name, empty_text() as customer, empty_date() as order_date,
      empty_decimal() as amount, empty_decimal() as quantity from staged.basket_lines where parse_text(item) is not null`,
  );
  const goods = await readGoods(engine, { isDated: false, hasMoney: false, asOfDate: undefined });
  return {
    ...{ by: "order", goods },
    evidence: splitEvidence(parted, read),
    file: counted(file, lines.lineCount, { skipped: lines.lineCount - lines.basketCount, rejected: 0 }),
    sha256: lines.sha256,
    byteCount: lines.byteCount,
    ...{ hasMoney: false, currency: undefined },
    missing: ["customer", "date"],
    doubts: { returnCount: 0, undatedCount: 0, unpricedCount: 0, leftOutCount: 0 },
    faulty: undefined,
  };
}

/** The items of the first line where every line has as many; else none. */
function evenFirst({ baskets, items }: Awaited<ReturnType<typeof splitLines>>): string[] {
  const width = baskets.indexOf(1);
  return baskets.every((basket, at) => basket === Math.floor(at / width)) ? items.slice(0, width) : [];
}

async function splitLines(path: string, { delimiter, encoding }: { delimiter: string; encoding: Encoding }) {
  const hash = createHash("sha256");
  const decoder = new TextDecoder(encoding, { fatal: true });
  const parser = parse({
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: false,
  });
  const [baskets, items]: [number[], string[]] = [[], []];
  let [lineCount, basketCount, byteCount] = [0, 0, 0];
  const decoded = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      byteCount += chunk.length;
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  };
  const gather = async (lines: AsyncIterable<string[]>) => {
    for await (const cells of lines) {
      lineCount += 1;
      if (cells.every((cell) => cell.trim() === "")) continue;
      for (const cell of cells) {
        baskets.push(basketCount);
        items.push(cell);
      }
      basketCount += 1;
    }
  };
  try {
    await pipeline(createReadStream(path), decoded, parser, gather);
  } catch (cause) {
    throw unsplit(cause as Error, `${basename(path)}: line ${lineCount + 1}`, encoding);
  }
  return { baskets, items, lineCount, basketCount, byteCount, sha256: hash.digest("hex") };
}

/** Why lines could not be split: bytes that are not in the encoding, or a quote left open. */
function unsplit(cause: Error, where: string, encoding: Encoding): CrmError {
  const [what, hint] =
    cause instanceof TypeError
      ? [`or one below holds bytes that are not ${encoding}`, "name the true one with --encoding"]
      : ["cannot be split into items", "check its quotes and --delimiter"];
  return new CrmError("data", `${where} ${what}`, { cause, hint });
}

interface Known {
  /** Who bought when is known. */
  readonly isDated: boolean;
  readonly hasMoney: boolean;
  readonly asOfDate: string | undefined;
}

const MILLISECONDS_A_DAY = 86_400_000;

/** Numbers baskets, items and customers, each in the byte order of their names. */
async function readGoods(engine: Engine, { isDated, hasMoney, asOfDate }: Known): Promise<BasketGoods> {
  await number(engine, ITEMS!, "item");
  await number(engine, BASKETS!, "basket");
  await number(engine, CUSTOMERS!, "customer");
  await engine.create(ITEM_NAMES, itemNamesSql(CELLS));
  const items = await collect(
    engine.read(`select items.item, item_label, mean_amount from ${ITEMS} as items
      inner join ${ITEM_NAMES} as names on items.item = names.item order by number`),
  );
  const [codes, names] = ["item", "item_label"].map((column) => texts(items, column)) as string[][];
  if (names!.length === 0) throw noItems();
  const rows = await collect(
    engine.read(`select baskets.number as basket, items.number as item, coalesce(customers.number, -1) as customer,
        days_between(day_zero(), cells.order_date) as day
      from (select * from ${CELLS} where ${IS_SALE}) as cells
      inner join ${ITEMS} as items on cells.item = items.item
      inner join ${BASKETS} as baskets on cells.basket = baskets.basket
      left join ${CUSTOMERS} as customers on cells.customer = customers.customer`),
  );
  const countOf = async (relation: RelationName) =>
    onlyNumber(await collect(engine.read(`select count(*) as n from ${relation}`)), "n");
  const days = numbers(rows, "day");
  const lastDay = days.reduce((last, day) => (day > last ? day : last), -Infinity);
  const buyers: Buyers = {
    customerCount: await countOf(CUSTOMERS!),
    customers: numbers(rows, "customer"),
    days,
    lastDay: asOfDate === undefined ? lastDay : Date.parse(asOfDate) / MILLISECONDS_A_DAY,
  };
  return {
    names: names!,
    codes: codes!,
    groups: names!.map(() => null),
    margins: hasMoney ? numbers(items, "mean_amount") : new Float64Array(names!.length).fill(NaN),
    basketCount: await countOf(BASKETS!),
    baskets: numbers(rows, "basket"),
    items: numbers(rows, "item"),
    buyers: isDated ? buyers : undefined,
  };
}

const number = (engine: Engine, relation: RelationName, column: string) =>
  engine.create(
    relation,
    `select ${column}, row_number() over (order by ${column}) - 1 as number, to_number(avg(amount)) as mean_amount
      from ${CELLS} where ${column} is not null and ${IS_SALE} group by ${column}`,
  );

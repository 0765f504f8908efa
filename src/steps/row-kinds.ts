import type { Engine } from "../engines/engine.js";
import { isStatusHeading } from "../headings.js";
import type { RefundColumn } from "../guess-refunds.js";
import { ANY_WORD, type RowWords } from "../mapping.js";
import { isAgainstSale, isRefunded, type RowHints, type RowKinds } from "../row-kinds.js";
import { quoteText } from "../sql.js";
import { collect, numbers, onlyNumber, texts } from "../table.js";
import type { Warn, Warning } from "../warning.js";
import type { Input } from "./ingest.js";
import { decimalSql, wordSql } from "./cell-sql.js";
import { isOneOfSql, isSkippedSql } from "./stage-sql.js";

/** What rows of bare files were found to be, by the name of the file, and what was asked for. */
export interface FoundKinds {
  readonly kinds: Readonly<Record<string, RowKinds>>;
  readonly hints: RowHints;
}

/** Says of each column that tells rows apart which words were found, and what became of their rows; of one that was asked for, which words are not there. */
export async function tellRowKinds(
  engine: Engine,
  { kinds, hints }: FoundKinds,
  { inputs, warn }: { readonly inputs: readonly Input[]; readonly warn: Warn },
): Promise<void> {
  for (const input of inputs) {
    const own = kinds[input.file];
    if (own === undefined) continue;
    await tellGuests(engine, input, warn);
    if (own.refunds !== undefined && hints.refund === undefined)
      await tellRefunds(engine, input, { refunds: own.refunds, warn });
    for (const column of Object.keys(own.skipped)) {
      const found = await leftOutWords(engine, input, { column, words: own.skipped[column]! });
      tellWords("kinds_left_out", found, { input, column, warn, asked: hints.skipped });
    }
    for (const column of Object.keys(own.returned)) {
      const found = await wordsIn(engine, input, { words: own.returned, column });
      tellWords("kinds_returned", found, { input, column, warn, asked: hints.returned });
    }
    for (const column of Object.keys(own.doubted)) {
      const found = await doubtedWords(engine, input, { kinds: own, column });
      const code = isStatusHeading(column) ? "kinds_doubted" : "kinds_maybe_returned";
      tellWords(code, found, { input, column, warn, asked: undefined });
    }
  }
}

/** Where more rows name no customer, it may stand on some of them for all. */
const MOST_GUESTS = 0.5;

/** Says how many rows of a bare file name no customer, where such rows are left out. */
async function tellGuests(engine: Engine, { file, mapping, source, scan }: Input, warn: Warn): Promise<void> {
  const column = mapping.columns["customer_key"]?.column;
  if (column === undefined || mapping.skip_when_empty?.includes(column) !== true) return;
  const counted = await collect(
    engine.read(`select count(*) as row_count from staged.rejects where is_skipped and value is null
      and file = ${quoteText(file)} and source = ${quoteText(source)} and column_name = ${quoteText(column)}`),
  );
  const count = onlyNumber(counted, "row_count");
  const all = scan.recordCount;
  if (count > MOST_GUESTS * all) warn({ code: "guests_mostly", gaps: { file, column, count, all } });
  else if (count > 0) warn({ code: "guests_left_out", gaps: { file, column, count } });
}

/** Says of how many rows something was given back, and whether it is taken off. */
async function tellRefunds(
  engine: Engine,
  input: Input,
  { refunds, warn }: { readonly refunds: RefundColumn; readonly warn: Warn },
): Promise<void> {
  const { heading, doubt } = refunds;
  const counted = await collect(
    engine.read(`select count(*) as row_count from ${input.relation}
      where ${isRefundSql(input, refunds)} and not (${isSkippedSql(input)})`),
  );
  const count = onlyNumber(counted, "row_count");
  const code = doubt === undefined ? "refunds_taken" : doubt === "net" ? "refunds_net" : "refunds_whole";
  if (count > 0) warn({ code, gaps: { file: input.file, heading, count } });
}

/** Doubtful words of a column in rows that count; those that speak of a refund where none is taken off. */
async function doubtedWords(
  engine: Engine,
  input: Input,
  { kinds: { doubted, refunds }, column }: { readonly kinds: RowKinds; readonly column: string },
): Promise<Found> {
  const isLeftOut = isSkippedSql(input);
  const isTaken = refunds !== undefined && refunds.doubt === undefined;
  const counted = async (isIn: (word: string) => boolean, without: string) => {
    const words = doubted[column]!.filter(isIn);
    return words.length === 0
      ? []
      : wordsIn(engine, input, { words: { [column]: words }, column, isLeftOut: without });
  };
  if (!isTaken) return counted(() => true, isLeftOut);
  const others = await counted((word) => !isRefunded(word), isLeftOut);
  return [...others, ...(await counted(isRefunded, `${isLeftOut} or ${isRefundSql(input, refunds)}`))];
}

/** True of a row with a refund. */
function isRefundSql(input: Input, { heading }: RefundColumn): string {
  const amount = input.mapping.columns["line_amount"] ?? input.mapping.columns["order_amount"]!;
  const cell = { column: heading, unit: amount.unit, type: amount.less?.type ?? amount.type };
  return `coalesce(${decimalSql(input, cell)}, 0) <> 0`;
}

/** Words and how many rows have each, the most first. */
type Found = readonly (readonly [word: string, count: number])[];

interface Told {
  readonly input: Input;
  readonly column: string;
  readonly asked: RowWords | undefined;
  readonly warn: Warn;
}

type KindsCode = Extract<Warning["code"], `kinds_${string}`>;

/** Words that nobody asked for are told with their rows, those asked for where no row has them. */
function tellWords(
  code: Exclude<KindsCode, "kinds_missing" | "kinds_unknown">,
  found: Found,
  { input: { file }, column, asked, warn }: Told,
): void {
  const given = new Set((asked?.[column] ?? []).map((word) => word.toLowerCase()));
  const there = new Set(found.map(([word]) => word.toLowerCase()));
  for (const word of asked?.[column] ?? [])
    if (!there.has(word.toLowerCase())) warn({ code: "kinds_missing", gaps: { file, column, word } });
  const untold = found.filter(([word]) => !given.has(word.toLowerCase()));
  const count = untold.reduce((sum, [, rows]) => sum + rows, 0);
  const words = untold.map(([word, rows]) => `${word} (${rows})`).join(", ");
  const gaps = { file, column, count, words };
  if (count === 0) return;
  if (code === "kinds_left_out" || code === "kinds_returned") return warn({ code, gaps });
  const telling =
    code === "kinds_doubted" ? untold.filter(([word]) => isAgainstSale(word.toLowerCase())) : untold;
  const choice = telling.map(([word]) => word).join(",");
  warn(choice === "" ? { code: "kinds_unknown", gaps } : { code, gaps: { ...gaps, choice } });
}

interface AskedWords {
  readonly words: RowWords;
  readonly column: string;
  /** True, as SQL, of rows that are not counted; none where it is not said. */
  readonly isLeftOut?: string;
}

async function wordsIn(
  engine: Engine,
  input: Input,
  { words, column, isLeftOut = "1 = 0" }: AskedWords,
): Promise<Found> {
  const word = wordSql(input, column);
  return foundIn(
    engine,
    `select ${word} as word from ${input.relation}
      where ${isOneOfSql(input, words, column)} and not (${isLeftOut})`,
  );
}

/** Of a column any text of which leaves a row out the texts are not told. */
const leftOutWords = (
  engine: Engine,
  { file, source }: Input,
  { column, words }: { readonly column: string; readonly words: readonly string[] },
) =>
  foundIn(
    engine,
    `select ${words.includes(ANY_WORD) ? quoteText(ANY_WORD) : "value"} as word from staged.rejects where is_skipped
      and file = ${quoteText(file)} and source = ${quoteText(source)} and column_name = ${quoteText(column)}`,
  );

async function foundIn(engine: Engine, wordsSql: string): Promise<Found> {
  const found = await collect(
    engine.read(`select word, count(*) as row_count from (${wordsSql}) as told
      group by word order by row_count desc, word`),
  );
  const words = texts(found, "word");
  return Array.from(numbers(found, "row_count"), (count, row) => [words[row]!, count] as const);
}

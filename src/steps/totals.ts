import type { Engine } from "../engines/engine.js";
import { findSums } from "../models/row-sums.js";
import type { RelationName } from "../relation.js";
import { quoteText } from "../sql.js";
import { collect, numbers, texts, type Table } from "../table.js";
import { TOTAL_CELLS } from "../total-words.js";
import type { Warn } from "../warning.js";
import type { Input } from "./ingest.js";
import { A_SUM, isTotalSql, numberedSql, TOTALS } from "./stage-sql.js";

/** Rows of files among which totals are looked for. */
export interface CountedRows {
  readonly inputs: readonly Input[];
  /** All that count. */
  readonly relation: RelationName;
  /**
   * Every row with `file_id`, `record_number` and `is_readable`: with amounts as they are written and, where columns tell
   * of returns, with theirs below zero.
   */
  readonly readings: readonly string[];
  /** The columns whose word may call a row a total. */
  readonly names: readonly string[];
  readonly amount: string;
}

/**
 * Marks inputs of one entity, all of them staged, with the words that call rows a total where each such row is the sum
 * of others. Where one is not, all rows of the word count, and people are warned.
 *
 * @returns the same inputs where there is no such sum
 */
export async function markStaged(
  engine: Engine,
  inputs: readonly Input[],
  warn: Warn,
): Promise<readonly Input[]> {
  const entity = inputs[0]?.mapping.entity;
  const telling = entity === undefined ? undefined : TOTALS[entity];
  if (entity === undefined || telling === undefined) return inputs;
  const asWritten = inputs.map((input) => ({
    ...input,
    mapping: { ...input.mapping, return_when: undefined },
  }));
  const hasReturns = inputs.some(({ mapping }) => mapping.return_when !== undefined);
  const readings = (hasReturns ? [asWritten, inputs] : [asWritten]).map(numberedSql);
  const rows = { inputs, relation: `staged.${entity}`, readings, ...telling } as const;
  return markTotals(engine, rows, warn);
}

/** The same of any rows. @returns the same inputs where there is no such sum */
export async function markTotals(engine: Engine, rows: CountedRows, warn: Warn): Promise<readonly Input[]> {
  const { inputs } = rows;
  if (!(await hasCandidates(engine, rows))) return inputs;
  for (const { relation, readable } of inputs) await engine.load(relation, readable);
  const relations = rows.readings.map((_, place): RelationName => `staged.total_candidates_${place}`);
  for (const [place, relation] of relations.entries())
    await engine.create(relation, candidatesSql(rows, rows.readings[place]!));
  const marked: Input[] = [];
  for (const input of inputs) {
    const tables: Table[] = [];
    for (const relation of relations) tables.push(await readCandidates(engine, relation, input));
    marked.push(markInput(tables, input, warn));
  }
  return marked.some(({ totals }) => totals !== undefined) ? marked : inputs;
}

/** A list alone in its `where` is a hash join for the engine, which is ten times as fast as two lists, or as lower case. */
async function hasCandidates(engine: Engine, { relation, names }: CountedRows): Promise<boolean> {
  const listed = TOTAL_CELLS.map(quoteText).join(", ");
  const counts = names.map(
    (name) => `select count(*) as row_count from ${relation} where ${name} in (${listed})`,
  );
  const found = await collect(engine.read(counts.join(" union all ")));
  return numbers(found, "row_count").some((count) => count > 0);
}

/** Rows called a total, each with the sums of the rows above it and of all: once of every row, once of those that count. */
function candidatesSql({ names, amount }: CountedRows, rowsSql: string): string {
  const isCandidate = `(${names.map(isTotalSql).join(" or ")})`;
  const ofTotal = (give: (name: string) => string) =>
    `case ${names.map((name) => `when ${isTotalSql(name)} then ${give(name)}`).join(" ")} end`;
  const sums = ["all_rows", "counted"].map(
    (
      column,
    ) => `sum(${column}) over (partition by file_id order by record_number rows unbounded preceding) as ${column}_above,
      sum(${column}) over (partition by file_id) as ${column}_of_all`,
  );
  return `with told as (
    select file_id, record_number, ${amount} as amount, ${isCandidate} as is_total,
      ${ofTotal((name) => name)} as word, ${ofTotal(quoteText)} as name, case when is_readable then 1 else 0 end as readable,
      case when ${isCandidate} or ${amount} is null then 0 else ${amount} end as all_rows,
      case when ${isCandidate} or ${amount} is null or not is_readable then 0 else ${amount} end as counted
    from (${rowsSql}) as numbered
  ),
  added as (select *, ${sums.join(", ")} from told)
  select * from added where is_total`;
}

function readCandidates(engine: Engine, relation: RelationName, { fileId }: Input): Promise<Table> {
  const sums = ["amount", "all_rows_above", "all_rows_of_all", "counted_above", "counted_of_all"];
  return collect(
    engine.read(`select word, name, readable, ${sums.map((sum) => `cast(${sum} as double) as ${sum}`).join(", ")}
      from ${relation} where file_id = ${fileId} order by record_number`),
  );
}

/** @param tables the file's candidates in each reading */
function markInput(tables: readonly Table[], input: Input, warn: Warn): Input {
  const words = wordsIn(tables, input);
  warnOfDoubted(words, input, warn);
  const totals: Record<string, string[]> = {};
  for (const { heading, word, isTotal } of words) if (isTotal) (totals[heading] ??= []).push(word);
  return Object.keys(totals).length === 0 ? input : { ...input, totals };
}

/** A word that calls rows of a file a total. */
interface FoundWord {
  readonly heading: string;
  /** In lower case. */
  readonly word: string;
  /** As rows that count have it; none where no such row would count. */
  readonly cells: readonly string[];
  /** Whether one of its rows is a sum, and every one that would count. */
  readonly isTotal: boolean;
}

function wordsIn(tables: readonly Table[], { mapping }: Input): FoundWord[] {
  const [cells, names] = ["word", "name"].map((name) => texts(tables[0]!, name)) as string[][];
  const [readable, found] = [numbers(tables[0]!, "readable"), tables.flatMap(sumsIn)];
  const isSum = cells!.map((_, row) => found.some((sums) => sums[row]));
  const keys = cells!.map((cell, row) => `${names![row]} ${cell.toLowerCase()}`);
  return [...new Set(keys)].map((key) => {
    const rows = [...keys.keys()].filter((row) => keys[row] === key);
    const counted = rows.filter((row) => readable[row] === 1);
    return {
      heading: mapping.columns[names![rows[0]!]!]!.column!,
      word: cells![rows[0]!]!.toLowerCase(),
      cells: counted.map((row) => cells![row]!),
      isTotal: rows.some((row) => isSum[row]) && counted.every((row) => isSum[row]),
    };
  });
}

/** Whether each candidate is a sum of all rows, and of those that count. */
function sumsIn(table: Table): boolean[][] {
  const amounts = numbers(table, "amount");
  const sumsOf = (column: string) => {
    const [above, ofAll] = [numbers(table, `${column}_above`), numbers(table, `${column}_of_all`)];
    return findSums(
      Array.from(amounts, (amount, row) => ({ amount, sumAbove: above[row]!, sumOfAll: ofAll[row]! })),
    );
  };
  return [sumsOf("all_rows"), sumsOf("counted")];
}

/** Tells of rows that count though they are called a total. */
function warnOfDoubted(words: readonly FoundWord[], { file }: Input, warn: Warn): void {
  const doubted = words.filter(({ isTotal }) => !isTotal);
  for (const column of new Set(doubted.map(({ heading }) => heading))) {
    const cells = doubted.filter(({ heading }) => heading === column).flatMap(({ cells }) => cells);
    const gaps = { file, column, count: cells.length, words: [...new Set(cells)].join(",") };
    if (cells.length > 0) warn({ code: "totals_doubted", gaps });
  }
}

/** Tells of the sums that `staged.rejects` holds as left out. */
export async function tellTotals(engine: Engine, inputs: readonly Input[], warn: Warn): Promise<void> {
  for (const { file, fileId, totals } of inputs) {
    if (totals === undefined) continue;
    const found = await collect(
      engine.read(`select value, count(*) as row_count, min(line_number) as first_line from staged.rejects
        where file_id = ${fileId} and reason = ${quoteText(A_SUM)} group by value order by first_line`),
    );
    const counts = numbers(found, "row_count");
    const words = texts(found, "value").map((word, row) => `${word} (${counts[row]})`);
    const count = counts.reduce((sum, rows) => sum + rows, 0);
    const line = numbers(found, "first_line")[0]!;
    warn({ code: "totals_left_out", gaps: { file, count, words: words.join(", "), line } });
  }
}

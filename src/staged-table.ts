import type { Engine } from "./engines/engine.js";
import { CrmError } from "./errors.js";
import {
  cellSql,
  columnFactsSql,
  doubtOf,
  isKeyHeading,
  isPlain,
  isUnreadSql,
  kindOf,
  otherFactsSql,
  refusalOf,
  unreadCount,
  type ColumnFacts,
  type ColumnKind,
  type LeftOutReason,
} from "./labelled-columns.js";
import type { RelationName } from "./relation.js";
import { collect, onlyNumber, type Table } from "./table.js";
import type { Warning } from "./warning.js";

/** A file's rows as the engine knows them: every column as text. */
export interface LoadedTable {
  /** The name to speak of. */
  readonly file: string;
  readonly relation: RelationName;
  readonly columns: readonly string[];
  /** Those in which `1.250` means thousands, and a comma divides decimals. */
  readonly commas: readonly string[];
}

/** A column that is not learnt from, and why. */
export interface LeftOut {
  readonly column: string;
  readonly reason: LeftOutReason;
}

/** A column that is learnt from, and how its cells are read. */
export interface ReadColumn {
  readonly heading: string;
  readonly kind: ColumnKind;
  /** Cells without a finite number that yet read as one, such as `inf`; taken for missing. */
  readonly infiniteCount: number;
  /** Filled cells that are no number although nearly all of the column are; taken for missing. */
  readonly unreadCount: number;
}

/** Every row in file order with its number, columns as text named by their place: `c0`, `c1`, … */
export const STAGED: RelationName = "staged.labelled";

/** The name in {@link STAGED} of the column at a place. */
export const nameAt = (place: number) => `c${place}`;

/** A table whose rows are staged, and what was counted in each column. */
export interface StagedTable {
  readonly table: LoadedTable;
  readonly rowCount: number;
  readonly facts: readonly ColumnFacts[];
}

/** Builds {@link STAGED} and counts what its columns look like. */
export async function stageTable(engine: Engine, table: LoadedTable): Promise<StagedTable> {
  await stageRows(engine, table);
  const rowCount = onlyNumber(await collect(engine.read(`select count(*) as n from ${STAGED}`)), "n");
  return { table, rowCount, facts: await readFacts(engine, table) };
}

async function stageRows(engine: Engine, { relation, columns }: LoadedTable): Promise<void> {
  const cells = columns.map((heading, place) => `${cellSql(heading)} as ${nameAt(place)}`);
  await engine.create(
    STAGED,
    `select row_number() over () as row_place, ${cells.join(", ")} from ${relation}`,
  );
}

async function readFacts(engine: Engine, { columns, commas }: LoadedTable): Promise<ColumnFacts[]> {
  const places = columns.map((_, place) => place);
  const first = await factsOf(engine, places, columnFactsSql);
  const fact = (table: Table, place: number, what: string) =>
    table.getChild(`${nameAt(place)}_${what}`) === null
      ? 0
      : onlyNumber(table, `${nameAt(place)}_${what}`) || 0;
  const plain = places.map((place) => ({
    filledCount: fact(first, place, "filled"),
    distinctCount: fact(first, place, "distinct"),
    noNumberCount: fact(first, place, "no_number"),
    plainCount: fact(first, place, "plain"),
    infiniteCount: fact(first, place, "infinite"),
    groupedCount: 0,
    commaCount: 0,
    dayCount: 0,
    codeCount: 0,
    hasComma: commas.includes(columns[place]!),
  }));
  const other = places.filter((place) => !isPlain(plain[place]!) && plain[place]!.filledCount > 0);
  if (other.length === 0) return plain;
  const second = await factsOf(engine, other, otherFactsSql);
  return plain.map((facts, place) => ({
    ...facts,
    groupedCount: fact(second, place, "grouped"),
    commaCount: fact(second, place, "comma"),
    dayCount: fact(second, place, "dates"),
    codeCount: fact(second, place, "codes"),
  }));
}

const factsOf = async (engine: Engine, places: readonly number[], factsSql: (name: string) => string) =>
  collect(engine.read(`select ${places.map((place) => factsSql(nameAt(place))).join(", ")} from ${STAGED}`));

/**
 * The first column that looks like a key: by its heading, or by codes such as `K00017` in every cell. One that tells every
 * row apart, else one that does but for a few rows, which share or lack it.
 */
export function guessKey(
  { table, facts, rowCount }: StagedTable,
  taken: readonly (string | undefined)[],
): string | undefined {
  const free = table.columns
    .map((heading, place) => ({ heading, own: facts[place]! }))
    .filter(({ heading }) => !taken.includes(heading));
  const named = free.filter(({ heading }) => isKeyHeading(heading));
  const coded = free.filter(({ own }) => isCoded(own) && doubtOf(own, kindOf(own)) === "texts");
  const isWhole = ({ own }: (typeof free)[number]) => own.distinctCount === rowCount;
  const isNearly = ({ heading, own }: (typeof free)[number]) =>
    isLikeKey(heading, own) && own.filledCount >= NEARLY_ALL * rowCount;
  return [named.find(isWhole), coded.find(isWhole), [...named, ...coded].find(isNearly)].find(
    (found) => found !== undefined,
  )?.heading;
}

/** Of the rows, so many have a key of their own where a few lack it or share it. */
const NEARLY_ALL = 0.95;

/** A key with fewer different values than this share of the rows tells customers apart no more. */
const LEAST_DISTINCT = 0.5;

/** Rows whose key another row has too; 0 without a key. @throws CrmError `data` for a column that is no key */
export function repeatedKeys({ table, facts, rowCount }: StagedTable, key: string | undefined): number {
  if (key === undefined) return 0;
  const { distinctCount } = facts[table.columns.indexOf(key)]!;
  if (distinctCount >= LEAST_DISTINCT * rowCount) return rowCount - distinctCount;
  throw new CrmError(
    "data",
    `--id ${key}: ${distinctCount} different ${distinctCount === 1 ? "value" : "values"} in ${rowCount} rows of ${table.file}; a key tells customers apart`,
    { hint: "name another column, or leave --id away and rows are numbered" },
  );
}

/** Which columns are not looked at, which one is the key, and which are kept although they look like no feature. */
export interface ColumnRequest {
  readonly reserved: readonly (string | undefined)[];
  readonly key: string | undefined;
  readonly kept: readonly string[];
}

/** Columns that are learnt from, and those that are not. */
export function chooseColumns(
  { table, facts, rowCount }: StagedTable,
  { reserved, key, kept }: ColumnRequest,
) {
  const columns: ReadColumn[] = [];
  const leftOut: LeftOut[] = [];
  for (const [place, heading] of table.columns.entries()) {
    if (reserved.includes(heading)) continue;
    const own = facts[place]!;
    const kind = kindOf(own);
    const looks = doubtOf(own, kind);
    const isKey = heading === key || isLikeKey(heading, own) || (looks === "texts" && isKeyHeading(heading));
    const doubt = isKey ? "key" : looks;
    const reason = refusalOf(own, kind, rowCount) ?? (kept.includes(heading) ? undefined : doubt);
    if (reason === undefined)
      columns.push({ heading, kind, infiniteCount: own.infiniteCount, unreadCount: unreadCount(own, kind) });
    else leftOut.push({ column: heading, reason });
  }
  return { columns, leftOut };
}

/** A key that a few rows share or lack. */
const isLikeKey = (heading: string, own: ColumnFacts) =>
  (isKeyHeading(heading) || isCoded(own)) &&
  own.distinctCount > LEAST_KEYS &&
  own.distinctCount >= NEARLY_ALL * own.filledCount;

/** Codes in every cell, and no amounts such as `6,728.01`, which may all be different too. */
const isCoded = (own: ColumnFacts) => own.codeCount === own.filledCount && kindOf(own) === "words";

const LEAST_KEYS = 50;

/** Of each column of numbers with cells that are none: how many, and the first row of them. */
export async function unreadWarnings(
  engine: Engine,
  table: LoadedTable,
  columns: readonly ReadColumn[],
): Promise<Warning[]> {
  const unread = columns.filter(({ unreadCount: count }) => count > 0);
  if (unread.length === 0) return [];
  const nameOf = (heading: string) => nameAt(table.columns.indexOf(heading));
  const firsts = unread.map(({ heading }) => {
    const name = nameOf(heading);
    return `min(case when ${isUnreadSql(name)} then row_place end) as ${name}`;
  });
  const rows = await collect(engine.read(`select ${firsts.join(", ")} from ${STAGED}`));
  return unread.map(({ heading, unreadCount: count }) => ({
    code: "cells_unread",
    gaps: { file: table.file, column: heading, count, row: onlyNumber(rows, nameOf(heading)) },
  }));
}

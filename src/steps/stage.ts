import type { Engine } from "../engines/engine.js";
import { ENTITIES, ENTITY_NAMES, type EntityName } from "../entities.js";
import { CrmError, problemsError } from "../errors.js";
import { visitRecords } from "../inputs/scan.js";
import type { FileCount } from "../report.js";
import type { RelationName } from "../relation.js";
import { quoteText } from "../sql.js";
import { collect, numbers, onlyNumber, tableOf, texts } from "../table.js";
import type { Warn } from "../warning.js";
import { tellConsents } from "./consents.js";
import type { Input } from "./ingest.js";
import { placeLines, tellOrdersApart } from "./order-lines.js";
import { markRepeated } from "./repeated-totals.js";
import { markStaged, tellTotals } from "./totals.js";
import { dropRepeats, hasRepeats, skipsRepeated, warnOfOtherOrders, warnOfOtherTotals } from "./repeats.js";
import { emptySql, filledOf, plainInput, rejectedSql, staging } from "./stage-sql.js";

/** Where to tell of rows, and what is looked for in files without a mapping. */
export interface StageContext {
  readonly warn: Warn;
  /** Whether rows that add up others are left out, and totals on each row of an order but one. */
  readonly leavesTotals?: boolean;
  /** Whether to look if amounts are such totals. */
  readonly weighsAmounts?: boolean;
}

/**
 * Types every input into `staged.<entity>` and sends what cannot be read to `staged.rejects`.
 *
 * @returns the rows of every file, each accounted for
 * @throws CrmError `data` when a file's rows do not add up
 */
export async function stage(
  engine: Engine,
  files: readonly Input[],
  { warn, leavesTotals = false, weighsAmounts = false }: StageContext,
): Promise<FileCount[]> {
  const repeating = new Set<Input>();
  const inputs: Input[] = [];
  for (const entity of ENTITY_NAMES) {
    const own = inputsOf(files, entity);
    const plain = await stageEntity(engine, entity, own);
    const marked = leavesTotals ? await markStaged(engine, own, warn) : own;
    const counted = weighsAmounts
      ? await markRepeated(engine, marked, { warn, countsOnce: leavesTotals })
      : marked;
    const repeated = counted === own ? plain : await stageEntity(engine, entity, counted);
    inputs.push(...counted);
    for (const input of repeated) repeating.add(input);
    if (repeated.length > 0) await warnOfOtherOrders(engine, entity, warn);
    for (const input of repeated) await warnOfOtherTotals(engine, input, warn);
  }
  inputs.sort((left, right) => left.fileId - right.fileId);
  const lines = { inputs, repeating, warn };
  const orphaned = await placeLines(engine, lines);
  await tellOrdersApart(engine, lines);
  const staged = await stagedCounts(engine, inputs);
  const incomplete = inputs.filter((input) => staged.get(input.fileId) !== input.scan.recordCount);
  for (const input of incomplete) {
    const part = { isRepeating: repeating.has(input), isOrphaned: orphaned.includes(input) };
    await explainRejects(engine, input, part);
  }
  await engine.create("staged.rejects", rejectsSql(incomplete));
  await tellTotals(engine, inputs, warn);
  const counts = await countFiles(engine, inputs, staged);
  refuseLoss(counts);
  await tellConsents(engine, { inputs, counts }, warn);
  warnOfOverlaps(inputs, staged, warn);
  return counts;
}

const inputsOf = (inputs: readonly Input[], entity: EntityName) =>
  inputs.filter((input) => input.mapping.entity === entity);

/** Every entity without a row. */
export async function stageNothing(engine: Engine): Promise<void> {
  for (const entity of ENTITY_NAMES) await engine.define(`staged.${entity}`, emptySql(entity));
}

/** @returns the inputs whose repeated keys were taken out, each with its `<relation>__repeats` */
async function stageEntity(
  engine: Engine,
  entity: EntityName,
  inputs: readonly Input[],
): Promise<readonly Input[]> {
  const relation: RelationName = `staged.${entity}`;
  if (inputs.length === 0) {
    await engine.define(relation, emptySql(entity));
    return [];
  }
  if (await stagePlain(engine, entity, inputs)) return [];
  await stageRows(engine, entity, inputs);
  const filled = filledOf(entity);
  if (await hasUnreadable(engine, relation))
    await engine.create(filled, `select * from ${filled} where is_readable`);
  if (!(await hasRepeats(engine, entity, inputs))) return [];
  await dropRepeats(engine, entity, inputs);
  return inputs;
}

async function stageRows(engine: Engine, entity: EntityName, inputs: readonly Input[]): Promise<void> {
  const { rowsSql, wholeSql } = staging(entity, inputs);
  await engine.create(filledOf(entity), rowsSql);
  await engine.define(`staged.${entity}`, wholeSql(filledOf(entity)));
}

/**
 * Files without any fault, the quick way. A single fault, and all is read anew as text, which can tell of it.
 *
 * @returns whether every record of every input is staged
 */
async function stagePlain(engine: Engine, entity: EntityName, inputs: readonly Input[]): Promise<boolean> {
  const plain = inputs.map(plainInput).filter((input) => input !== undefined);
  if (plain.length === 0 || plain.length < inputs.length) return false;
  if (await isStagedPlain(engine, entity, plain)) return true;
  for (const { relation, readable } of inputs) await engine.load(relation, readable);
  return false;
}

async function isStagedPlain(engine: Engine, entity: EntityName, inputs: readonly Input[]): Promise<boolean> {
  try {
    for (const { relation, readable } of inputs) await engine.load(relation, readable);
    await stageRows(engine, entity, inputs);
  } catch (error) {
    if (error instanceof CrmError) return false;
    throw error;
  }
  const counted = await collect(
    engine.read(`select sum(case when is_readable then 1 else 0 end) as row_count from staged.${entity}`),
  );
  const recordCount = inputs.reduce((count, { scan }) => count + scan.recordCount, 0);
  return (
    (onlyNumber(counted, "row_count") || 0) === recordCount && !(await hasRepeats(engine, entity, inputs))
  );
}

async function hasUnreadable(engine: Engine, relation: RelationName): Promise<boolean> {
  const table = await collect(
    engine.read(`select count(*) as row_count from ${relation} where not is_readable`),
  );
  return onlyNumber(table, "row_count") > 0;
}

async function stagedCounts(engine: Engine, inputs: readonly Input[]): Promise<Map<number, number>> {
  if (inputs.length === 0) return new Map();
  const entities = [...new Set(inputs.map((input) => input.mapping.entity))];
  const selects = entities.map(
    (entity) => `select file_id, count(*) as row_count from staged.${entity} group by file_id`,
  );
  const counts = await collect(engine.read(selects.join(" union all ")));
  const rows = numbers(counts, "row_count");
  return new Map(Array.from(numbers(counts, "file_id"), (fileId, row) => [fileId, rows[row]!]));
}

/** Makes `<relation>__rejected` and places its records. */
async function explainRejects(
  engine: Engine,
  input: Input,
  { isRepeating, isOrphaned }: { isRepeating: boolean; isOrphaned: boolean },
): Promise<void> {
  const { relation } = input;
  const repeats = isRepeating
    ? `union all select record_number, ${repeatSql(input)} from ${relation}__repeats`
    : "";
  const orphans = isOrphaned
    ? `union all select record_number, is_skipped, column_name, value, reason from ${relation}__orphans`
    : "";
  await engine.create(`${relation}__rejected`, `${rejectedSql(input)} ${repeats} ${orphans}`);
  await placeRejects(engine, input);
}

/** Makes `<relation>__places`: the line of each record in `<relation>__rejected`, and of each that could not be split. */
export async function placeRejects(engine: Engine, input: Input): Promise<void> {
  const { relation } = input;
  const rejected = await collect(
    engine.read(`select record_number from ${relation}__rejected order by record_number`),
  );
  const unreadable = await collect(
    engine.read(`select byte_offset from ${relation}__unreadable order by byte_offset`),
  );
  const places = await locate(input, numbers(rejected, "record_number"), numbers(unreadable, "byte_offset"));
  await engine.write(`${relation}__places`, [tableOf(places)]);
}

/** Whether a repeat is left out by the mapping, where its key stands, the key, and why. */
function repeatSql(input: Input): string {
  const headingOf = (column: string) => input.mapping.columns[column]?.column ?? column;
  if (skipsRepeated(input))
    return `1 = 1, ${quoteText(headingOf("order_key"))}, value, ${quoteText(ORDER_COUNTED)}`;
  const headings = ENTITIES[input.mapping.entity].key.map(headingOf);
  return `1 = 0, ${quoteText(headings.join(", "))}, value, 'a later row has the same key'`;
}

/** Why a row with all of an order's money is left out. */
const ORDER_COUNTED = "another row has the order's amount";

/**
 * The lines of records given by their number among those the engine could split, and of
 * records given by a byte within; both ascending.
 */
async function locate(input: Input, recordNumbers: Float64Array, byteOffsets: Float64Array) {
  const lines = new Float64Array(recordNumbers.length);
  const unreadableLines = new Float64Array(byteOffsets.length);
  let [splitCount, next, nextUnreadable] = [0, 0, 0];
  await visitRecords(input.readable.path, layoutOf(input), ({ lineNumber, endOffset, isLast }) => {
    const isUnreadable = (offset: number | undefined) =>
      offset !== undefined && (offset < endOffset || isLast);
    if (isUnreadable(byteOffsets[nextUnreadable])) {
      for (; isUnreadable(byteOffsets[nextUnreadable]); nextUnreadable++) {
        unreadableLines[nextUnreadable] = lineNumber;
      }
      return;
    }
    splitCount += 1;
    for (; recordNumbers[next] === splitCount; next++) lines[next] = lineNumber;
  });
  const missing = (count: number) => new Float64Array(count).fill(NaN);
  return {
    record_number: joined(recordNumbers, missing(byteOffsets.length)),
    byte_offset: joined(missing(recordNumbers.length), byteOffsets),
    line_number: joined(lines, unreadableLines),
  };
}

function joined(first: Float64Array, second: Float64Array): Float64Array {
  const all = new Float64Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function layoutOf(input: Input): { delimiter: string; skippedLines: number } {
  if (input.readable.format !== "csv") throw new CrmError("engine", `${input.path}: only text has lines`);
  return input.readable;
}

/** What was rejected of the inputs whose rejects have their places: `staged.rejects`. */
export function rejectsSql(inputs: readonly Input[]): string {
  const none = `select cast(null as smallint) as file_id, empty_text() as source, empty_text() as entity, empty_text() as file,
    empty_integer() as line_number, empty_text() as column_name, empty_text() as value, empty_text() as reason,
    cast(null as boolean) as is_skipped where 1 = 0`;
  return [none, ...inputs.flatMap(fileRejectsSql)].join("\nunion all\n");
}

function fileRejectsSql(input: Input): string[] {
  const { relation, source, mapping, file } = input;
  const head = `cast(${input.fileId} as smallint), ${quoteText(source)}, ${quoteText(mapping.entity)}, ${quoteText(file)}`;
  return [
    `select ${head}, cast(places.line_number as bigint), rejected.column_name, rejected.value,
      rejected.reason, rejected.is_skipped
    from ${relation}__rejected as rejected
    inner join (select distinct record_number, line_number from ${relation}__places) as places
      on rejected.record_number = places.record_number`,
    `select ${head}, cast(min(places.line_number) as bigint), min(unreadable.column_name), empty_text(), min(unreadable.reason), 1 = 0
    from ${relation}__unreadable as unreadable
    inner join ${relation}__places as places on unreadable.byte_offset = places.byte_offset
    group by places.line_number`,
  ];
}

async function countFiles(
  engine: Engine,
  inputs: readonly Input[],
  staged: ReadonlyMap<number, number>,
): Promise<FileCount[]> {
  const table = await collect(
    engine.read(`select file_id, sum(case when is_skipped then 1 else 0 end) as skipped_count, count(*) as reject_count
      from staged.rejects group by file_id`),
  );
  const [skipped, rejects] = [numbers(table, "skipped_count"), numbers(table, "reject_count")];
  const rows = new Map(Array.from(numbers(table, "file_id"), (fileId, row) => [fileId, row]));
  return inputs.map((input) => {
    const row = rows.get(input.fileId);
    const rowsSkipped = row === undefined ? 0 : skipped[row]!;
    return {
      file: input.file,
      source: input.source,
      entity: input.mapping.entity,
      rowsIn: input.scan.recordCount,
      rowsStaged: staged.get(input.fileId) ?? 0,
      rowsSkipped,
      rowsRejected: row === undefined ? 0 : rejects[row]! - rowsSkipped,
    };
  });
}

/** Entries of one file and entity should read different rows: warns where they read more than there are. */
function warnOfOverlaps(inputs: readonly Input[], staged: ReadonlyMap<number, number>, warn: Warn): void {
  for (const [place, input] of inputs.entries()) {
    const isSame = ({ path, mapping }: Input) =>
      path === input.path && mapping.entity === input.mapping.entity;
    if (inputs.findIndex(isSame) < place) continue;
    const read = inputs.filter(isSame).reduce((sum, { fileId }) => sum + (staged.get(fileId) ?? 0), 0);
    const count = read - input.scan.recordCount;
    if (count > 0) warn({ code: "rows_read_twice", gaps: { path: input.path, count } });
  }
}

/** The promise of every run: rows in = rows staged + rows left out by the mapping + rows rejected. */
function refuseLoss(counts: readonly FileCount[]): void {
  const lossy = counts.filter(
    (count) => count.rowsIn !== count.rowsStaged + count.rowsSkipped + count.rowsRejected,
  );
  if (lossy.length === 0) return;
  throw problemsError(
    "data",
    lossy.map(
      ({ file, rowsIn, rowsStaged, rowsSkipped, rowsRejected }) =>
        `${file}: ${rowsIn} rows in, but ${rowsStaged} staged, ${rowsSkipped} left out and ${rowsRejected} rejected`,
    ),
    "the file is not well-formed CSV: check its quotes, delimiter and line ends",
  );
}

/** How often each reason rejected rows of each file and column: no customer's data. */
export async function rejectCounts(engine: Engine) {
  const table = await collect(
    engine.read(`select file, coalesce(column_name, '') as column_name, reason, count(*) as row_count
      from staged.rejects where not is_skipped
      group by file, coalesce(column_name, ''), reason order by file, coalesce(column_name, ''), reason`),
  );
  const [files, columns, reasons] = [
    texts(table, "file"),
    texts(table, "column_name"),
    texts(table, "reason"),
  ];
  return Array.from(numbers(table, "row_count"), (rows, row) => ({
    file: files[row]!,
    column: columns[row]!,
    reason: reasons[row]!,
    rows,
  }));
}

import { segmentFeatureOf, type SegmentSource } from "./analyses/segments-source.js";
import type { Engine } from "./engines/engine.js";
import { problemsError } from "./errors.js";
import { noSuchColumn } from "./inputs/csv.js";
import { cellSql, numberCellSql } from "./labelled-columns.js";
import {
  chooseColumns,
  guessKey,
  nameAt,
  repeatedKeys,
  STAGED,
  stageTable,
  type LeftOut,
  type LoadedTable,
  type ReadColumn,
  type StagedTable,
} from "./staged-table.js";
import type { RelationName } from "./relation.js";

/** What segments of a table are to be found from. */
export interface SegmentTableRequest {
  readonly key: string | undefined;
  /** The columns that customers are to be alike by; all that can be used where none are named. */
  readonly features: readonly string[] | undefined;
}

/** A table of customers, typed: where segments are found. */
export interface SegmentTable {
  readonly staged: StagedTable;
  readonly source: SegmentSource;
  readonly columns: readonly ReadColumn[];
  readonly leftOut: readonly LeftOut[];
  readonly key: string | undefined;
  readonly repeatedKeyCount: number;
  readonly missingKeyCount: number;
}

/** The rows, typed: `customer_id`, `customer_key`, and the columns by their place. */
export const SEGMENT_TABLE: RelationName = "features.segment_table";

/**
 * Types a loaded table: `features.segment_table`, and what segments read beside it.
 *
 * @throws CrmError `usage` for a column that is not there, `data` for a key that tells nobody apart
 */
export async function readSegmentTable(
  engine: Engine,
  table: LoadedTable,
  { key: asked, features }: SegmentTableRequest,
): Promise<SegmentTable> {
  refuseUnknown(table, { key: asked, features });
  const staged = await stageTable(engine, table);
  const key = asked ?? guessKey(staged, features ?? []);
  const chosen = chooseColumns(staged, { reserved: [asked], key, kept: features ?? [] });
  const columns = chosen.columns.filter(
    ({ heading }) => features === undefined || features.includes(heading),
  );
  const leftOut = chosen.leftOut.filter(
    ({ column }) => column !== key && (features === undefined || features.includes(column)),
  );
  await buildRelations(engine, { staged, key, columns });
  const filled = key === undefined ? staged.rowCount : staged.facts[table.columns.indexOf(key)]!.filledCount;
  const missingKeyCount = staged.rowCount - filled;
  return {
    ...{ staged, columns, leftOut, key, missingKeyCount },
    repeatedKeyCount: Math.max(0, repeatedKeys(staged, key) - missingKeyCount),
    source: { ...sourceOf(staged, columns), weigh: features === undefined ? "related" : "alike" },
  };
}

function refuseUnknown({ file, columns }: LoadedTable, { key, features = [] }: SegmentTableRequest): void {
  const named = [
    ...(key === undefined ? [] : [["--id", key]]),
    ...features.map((name) => ["--features", name]),
  ];
  const problems = named
    .filter(([, name]) => !columns.includes(name!))
    .map(([flag, name]) => noSuchColumn(`${flag!} ${name!}`, name!, { file, headings: columns }));
  if (key !== undefined && features.includes(key)) problems.push(`--features ${key}: is the column of --id`);
  if (problems.length > 0) throw problemsError("usage", problems);
}

const sourceOf = ({ table, rowCount }: StagedTable, columns: readonly ReadColumn[]) => {
  const nameOf = (heading: string) => nameAt(table.columns.indexOf(heading));
  return {
    relation: SEGMENT_TABLE,
    drawnBy: "customer_key",
    features: columns.map(({ heading, kind }) =>
      segmentFeatureOf(nameOf(heading), kind === "words", heading),
    ),
    asked: columns.map(({ heading }) => nameOf(heading)),
    rowCount,
  };
};

/** The cell of a column as a number or a word. */
export const typedCellSql = ({ kind }: ReadColumn, cell: string) =>
  kind === "words" ? cell : numberCellSql(cell, kind);

/** What a customer is called: the key, `#7` where row 7 has none, and 7 where there is no column of keys. */
function keySql(cell: string | undefined, row: string): string {
  const number = `cast(cast(${row} as bigint) as varchar)`;
  return cell === undefined ? number : `coalesce(${cell}, '#' || ${number})`;
}

interface Built {
  readonly staged: StagedTable;
  readonly key: string | undefined;
  readonly columns: readonly ReadColumn[];
}

async function buildRelations(engine: Engine, { staged: { table }, key, columns }: Built): Promise<void> {
  const keyCell = keySql(key === undefined ? undefined : nameAt(table.columns.indexOf(key)), "row_place");
  const cells = columns.map((column) => {
    const name = nameAt(table.columns.indexOf(column.heading));
    return `${typedCellSql(column, name)} as ${name}`;
  });
  const ids = ["row_place as customer_id", `${keyCell} as customer_key`];
  await engine.create(SEGMENT_TABLE, `select ${[...ids, ...cells].join(", ")} from ${STAGED}`);
  await engine.create("run.settings", "select 1 = 1 as mask_names");
  await engine.create(
    "features.segments",
    `select customer_id, empty_decimal() as total_amount from ${SEGMENT_TABLE}`,
  );
  await engine.create(
    "unified.customers",
    `select customer_id, customer_key, empty_text() as customer_name, empty_text() as customer_kind from ${SEGMENT_TABLE}`,
  );
}

/** The columns of a segments file as a query of `customers` reads them: key and features, under the names of the study. */
export function typedRowsSql({ staged: { table }, key, columns }: SegmentTable): string {
  const keyCell = keySql(key === undefined ? undefined : cellSql(key), "row_number() over ()");
  const cells = columns.map(
    (column) =>
      `${typedCellSql(column, cellSql(column.heading))} as ${nameAt(table.columns.indexOf(column.heading))}`,
  );
  return `    select\n        ${[`${keyCell} as customer_key`, ...cells].join(",\n        ")}\n    from customers`;
}

import type { Engine } from "./engines/engine.js";
import { CrmError, problemsError } from "./errors.js";
import { noSuchColumn } from "./inputs/csv.js";
import { isRowNumber, kindOf, numberCellSql } from "./labelled-columns.js";
import { chooseLabel, type Label } from "./labelled-label.js";
import type { Feature, Folds } from "./models/training-set.js";
import { quoteText } from "./sql.js";
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
import { collect, numbers, texts } from "./table.js";

/** What is to be learnt from a labelled table, and which of its columns are not features. */
export interface LabelledRequest {
  /** The column that says who left. */
  readonly label: string;
  /** The word in it that means leaving; guessed when it is not given. */
  readonly positive?: string | undefined;
  readonly key?: string | undefined;
  /** The column that says which rows are held out together. */
  readonly fold?: string | undefined;
  /** The column of the money that leaves with a customer. */
  readonly value?: string | undefined;
  /** Columns that are learnt from although they look like no feature. */
  readonly kept: readonly string[];
  readonly seed: number;
}

/** A labelled table, typed: what a model can learn from. */
export interface LabelledTable {
  readonly rowCount: number;
  readonly features: readonly Feature[];
  readonly columns: readonly ReadColumn[];
  readonly leftOut: readonly LeftOut[];
  readonly label: Label;
  /** 1 for who left, 0 for who stayed, -1 where the label is blank. */
  readonly outcomes: Int8Array;
  /** From 0 for each row; rows of a fold are held out together. */
  readonly folds: Folds;
  /** 0 to 99 for each row, by hash: what a sample is drawn by; all 0 where a column gives the folds. */
  readonly draws: Uint8Array;
  /** The heading of the customers' keys; without one rows are numbered. */
  readonly key: string | undefined;
  /** Rows whose key another row has too; 0 without a key. */
  readonly repeatedKeyCount: number;
  /** The headings of the folds and of the money. */
  readonly fold: string | undefined;
  readonly value: string | undefined;
  /** Money that leaves with each customer, never below zero; NaN where it is not known. */
  readonly atStake: Float64Array | undefined;
}

interface Reading extends StagedTable {
  readonly engine: Engine;
  readonly request: LabelledRequest;
}

/**
 * Types every column of a loaded table: numbers where every filled cell reads as one, words else.
 * Keys, columns without information and those with a different text in most rows are left out.
 * {@link STAGED} is built.
 *
 * @throws CrmError `usage` for a column that is not there, `data` for a label or folds that cannot be used
 */
export async function readLabelledTable(
  engine: Engine,
  table: LoadedTable,
  request: LabelledRequest,
): Promise<LabelledTable> {
  refuseUnknown(table, request);
  const staged = await stageTable(engine, table);
  const { rowCount } = staged;
  const reading = { engine, request, ...staged };
  const { label, outcomes } = await readLabel(reading);
  const kept = request.value === undefined ? request.kept : [...request.kept, request.value];
  const key = request.key ?? guessKey(staged, [request.label, request.fold, ...kept]);
  const reserved = [request.label, request.fold, request.key];
  const chosen = chooseColumns(staged, { reserved, key, kept });
  const read = await readColumns(reading, chosen.columns);
  const rowNumbers = rowNumberNames(read, kept);
  const isFeature = ({ name }: Feature) => !rowNumbers.includes(name);
  return {
    rowCount,
    label,
    outcomes,
    key,
    repeatedKeyCount: repeatedKeys(reading, key),
    fold: request.fold,
    value: request.value,
    features: read.filter(isFeature),
    columns: chosen.columns.filter(({ heading }) => !rowNumbers.includes(heading)),
    leftOut: [...chosen.leftOut, ...rowNumbers.map((column): LeftOut => ({ column, reason: "key" }))],
    ...(await readFolds(reading, outcomes, key)),
    atStake: request.value === undefined ? undefined : await readAtStake(reading, request.value),
  };
}

function refuseUnknown({ file, columns }: LoadedTable, request: LabelledRequest): void {
  const asked = [
    ["--label", request.label],
    ["--id", request.key],
    ["--fold", request.fold],
    ["--value", request.value],
    ...request.kept.map((column) => ["--keep", column]),
  ] as const;
  const problems = asked
    .filter(([, column]) => column !== undefined && !columns.includes(column))
    .map(([flag, column]) => noSuchColumn(`${flag} ${column}`, column!, { file, headings: columns }));
  const named = [request.label, request.key, request.fold].filter((column) => column !== undefined);
  const twice = named.find((column, i) => named.indexOf(column) !== i);
  if (twice !== undefined) problems.push(`${twice}: one column cannot be two of --label, --id and --fold`);
  if (problems.length > 0) throw problemsError("usage", problems);
}

async function readLabel({
  engine,
  table,
  request,
}: Reading): Promise<Pick<LabelledTable, "label" | "outcomes">> {
  const name = nameAt(table.columns.indexOf(request.label));
  const found = await collect(
    engine.read(`select ${name} as word, count(*) as row_count from ${STAGED} group by ${name}`),
  );
  const counts = numbers(found, "row_count");
  const label = chooseLabel(
    texts(found, "word").map((word, row) => ({ word, count: counts[row]! })),
    { file: table.file, column: request.label, positive: request.positive },
  );
  const isPositive = `${name} = ${quoteText(label.positive)}`;
  const rows = await collect(
    engine.read(
      `select case when ${isPositive} then 1 when ${name} is null then -1 else 0 end as outcome from ${STAGED} order by row_place`,
    ),
  );
  return { label, outcomes: Int8Array.from(numbers(rows, "outcome")) };
}

const rowNumberNames = (features: readonly Feature[], kept: readonly string[]) =>
  features
    .filter(
      (feature) => feature.kind === "number" && isRowNumber(feature.values) && !kept.includes(feature.name),
    )
    .map(({ name }) => name);

/** Columns read in one query, so that wide tables are read a part at a time. */
const COLUMNS_AT_ONCE = 40;

async function readColumns(reading: Reading, columns: readonly ReadColumn[]): Promise<Feature[]> {
  const features: Feature[] = [];
  for (let start = 0; start < columns.length; start += COLUMNS_AT_ONCE)
    features.push(...(await readSome(reading, columns.slice(start, start + COLUMNS_AT_ONCE))));
  return features;
}

async function readSome({ engine, table }: Reading, columns: readonly ReadColumn[]): Promise<Feature[]> {
  const nameOf = (heading: string) => nameAt(table.columns.indexOf(heading));
  const cells = columns.map(({ heading, kind }) => {
    const name = nameOf(heading);
    return `${kind === "words" ? codeSql(name) : numberCellSql(name, kind)} as ${name}`;
  });
  const rows = await collect(engine.read(`select ${cells.join(", ")} from ${STAGED} order by row_place`));
  const features: Feature[] = [];
  for (const { heading, kind } of columns) {
    const values = numbers(rows, nameOf(heading));
    if (kind !== "words") features.push({ kind: "number", name: heading, values: Float64Array.from(values) });
    else {
      const categories = await readWords(engine, nameOf(heading));
      features.push({ kind: "category", name: heading, codes: Int32Array.from(values), categories });
    }
  }
  return features;
}

/** The place of a word among the column's words in their order. */
const codeSql = (name: string) =>
  `case when ${name} is null then -1 else dense_rank() over (order by ${name} nulls last) - 1 end`;

async function readWords(engine: Engine, name: string): Promise<string[]> {
  const words = await collect(
    engine.read(`select distinct ${name} as word from ${STAGED} where ${name} is not null order by word`),
  );
  return texts(words, "word") as string[];
}

/** Without a column for them, rows are held out by a hash of their key, or of all their cells. */
const HASHED_FOLDS = 5;
const MOST_FOLDS = 100;

type Drawn = Pick<LabelledTable, "folds" | "draws">;

async function readFolds(reading: Reading, outcomes: Int8Array, key: string | undefined): Promise<Drawn> {
  const { engine, table, request } = reading;
  if (request.fold !== undefined) return readFoldColumn(reading, request.fold, outcomes);
  const label = nameAt(table.columns.indexOf(request.label));
  const names =
    key === undefined ? table.columns.map((_, place) => nameAt(place)) : [nameAt(table.columns.indexOf(key))];
  const cells = names.filter((name) => name !== label).map((name) => `coalesce(${name}, '')`);
  const content = [quoteText(String(request.seed)), ...cells].join(" || ' / ' || ");
  const places = await collect(
    engine.read(`select place_by_hash(${content}) as place from ${STAGED} order by row_place`),
  );
  const drawn = numbers(places, "place");
  return {
    folds: Int32Array.from(drawn, (place) => Math.floor((place * HASHED_FOLDS) / 1000)),
    draws: Uint8Array.from(drawn, (place) => place % 100),
  };
}

async function readFoldColumn(
  { engine, table, facts }: Reading,
  fold: string,
  outcomes: Int8Array,
): Promise<Drawn> {
  const place = table.columns.indexOf(fold);
  const { distinctCount } = facts[place]!;
  const where = `${table.file}: --fold ${fold}`;
  if (distinctCount < 2 || distinctCount > MOST_FOLDS) {
    const what = distinctCount === 1 ? "one fold" : `${distinctCount} folds`;
    throw new CrmError("data", `${where}: ${what}, allowed are 2 to ${MOST_FOLDS}`, {
      hint: "rows of a fold are held out together; leave --fold away to have five folds made",
    });
  }
  const rows = await collect(
    engine.read(`select ${codeSql(nameAt(place))} as fold from ${STAGED} order by row_place`),
  );
  const folds = Int32Array.from(numbers(rows, "fold"));
  const missing = folds.filter((value, row) => value < 0 && outcomes[row]! >= 0).length;
  if (missing > 0) throw new CrmError("data", `${where}: blank in ${missing} rows that have a label`);
  return { folds, draws: new Uint8Array(folds.length) };
}

async function readAtStake({ engine, table, facts }: Reading, value: string): Promise<Float64Array> {
  const place = table.columns.indexOf(value);
  const kind = kindOf(facts[place]!);
  if (kind === "words")
    throw new CrmError("data", `${table.file}: --value ${value}: not every filled cell is a number`);
  const rows = await collect(
    engine.read(`select ${numberCellSql(nameAt(place), kind)} as money from ${STAGED} order by row_place`),
  );
  return Float64Array.from(numbers(rows, "money"), (money) => Math.max(0, money));
}

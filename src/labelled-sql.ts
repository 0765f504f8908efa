import type { Encoding } from "./inputs/encodings.js";
import { formatOf } from "./inputs/tabular.js";
import { cellSql, numberCellSql } from "./labelled-columns.js";
import type { LabelledTable } from "./labelled-table.js";
import type { LoadedFile } from "./labelled-file.js";
import { treeSql, type Tree } from "./models/tree.js";
import { packageVersion } from "./package.js";
import { numberSql, quoteName, quoteText } from "./sql.js";

/** Where the rows of a labelled table come from. */
export interface TableOrigin {
  readonly file: string;
  readonly encoding: Encoding;
  readonly delimiter: string;
  /** Lines above the first row, the headings included. */
  readonly skippedLines: number;
  readonly version: string;
}

/** Where the rows of a loaded file come from. */
export function originOf({ input: { mapping, file } }: LoadedFile): TableOrigin {
  const { encoding, delimiter, header_row: skippedLines } = mapping;
  return { file, encoding, delimiter, skippedLines, version: packageVersion() };
}

interface Told {
  readonly table: LabelledTable;
  readonly tree: Tree;
  readonly leafNumbers: ReadonlyMap<number, number>;
}

/**
 * A query that gives probability and leaf of every row of a relation `customers`, which has the columns of the file as
 * text: what the tree says, without crm-analyze.
 */
export function treeQuery({ table, tree, leafNumbers }: Told, origin: TableOrigin): string {
  const asked = new Set(tree.nodes.flatMap(({ split }) => (split === undefined ? [] : [split.feature])));
  const columns = table.columns.filter(({ heading }) => asked.has(heading));
  const key = freeName(columns.map(({ heading }) => heading));
  const cells = columns.map(({ heading, kind }) => {
    const cell = cellSql(heading);
    return `${kind === "words" ? cell : numberCellSql(cell, kind)} as ${quoteName(heading)}`;
  });
  const keyCell = table.key === undefined ? "row_number() over ()" : cellSql(table.key);
  const probability = treeSql(tree, (place) => numberSql(tree.nodes[place]!.value));
  const leaf = treeSql(tree, (place) => String(leafNumbers.get(place)!));
  return `${comments(table, origin)}
with typed as (
    select
        ${[`${keyCell} as ${key}`, ...cells].join(",\n        ")}
    from customers
)

select
    ${key} as customer_key,
    ${probability} as churn_probability,
    ${leaf} as leaf
from typed
`;
}

/** A name for the key that no column has. */
function freeName(taken: readonly string[]): string {
  const lower = taken.map((name) => name.toLowerCase());
  let name = "customer_key";
  while (lower.includes(name)) name += "_";
  return name;
}

/** How to read the file that a query asks of, behind a first line that says what the query gives. */
export function readingComments(title: string, origin: TableOrigin): string {
  return [
    title,
    "It reads customers, the rows of the file with every column as text, for example:",
    ...viewComments(origin),
  ]
    .map((line) => `-- ${line.replaceAll(/\s+/g, " ")}`)
    .join("\n");
}

/** What to do before, where the database cannot read the file as it is, and the view that reads it. */
function viewComments({ file, encoding, delimiter, skippedLines }: TableOrigin): string[] {
  const view = "create view customers as select";
  const format = formatOf(file);
  if (format === "parquet")
    return [`${view} cast(columns(*) as varchar) from read_parquet(${quoteText(file)});`];
  const isRecoded = format === "csv" && encoding !== "utf-8";
  const copy = format === "xlsx" || isRecoded ? file.replace(/(\.\w+)?$/, ".utf-8.csv") : file;
  const layout = [
    quoteText(copy),
    "all_varchar = true",
    ...(delimiter === "," ? [] : [`delim = ${quoteText(delimiter)}`]),
    ...(skippedLines === 1 ? [] : [`skip = ${skippedLines - 1}`]),
  ];
  return [
    ...(format === "xlsx" ? [`(of the workbook, save the first sheet as CSV in UTF-8 before: ${copy})`] : []),
    ...(isRecoded
      ? [
          `(the file is in ${encoding.toUpperCase()}, so write it in UTF-8 before:)`,
          `iconv -f ${encoding.toUpperCase()} -t UTF-8 ${quoteShell(file)} > ${quoteShell(copy)}`,
        ]
      : []),
    `${view} * from read_csv(${layout.join(", ")});`,
  ];
}

const quoteShell = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function comments({ label }: LabelledTable, origin: TableOrigin): string {
  const { file, version } = origin;
  return readingComments(
    `The tree for ${label.column} = ${label.positive} of ${file}, by crm-analyze ${version}: probability and leaf of every row.`,
    origin,
  );
}

import { cellSql, numberCellSql } from "./labelled-columns.js";
import type { LabelledTable } from "./labelled-table.js";
import { treeSql, type Tree } from "./models/tree.js";
import { numberSql, quoteName, quoteText } from "./sql.js";

/** Where the rows of a labelled table come from. */
export interface TableOrigin {
  readonly file: string;
  readonly delimiter: string;
  /** Lines above the first row, the headings included. */
  readonly skippedLines: number;
  readonly version: string;
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
export function readingComments(title: string, { file, delimiter, skippedLines }: TableOrigin): string {
  const layout = [
    quoteText(file.replace(/\.(xlsx|parquet)$/i, ".csv")),
    "all_varchar = true",
    ...(delimiter === "," ? [] : [`delim = ${quoteText(delimiter)}`]),
    ...(skippedLines === 1 ? [] : [`skip = ${skippedLines - 1}`]),
  ];
  return [
    title,
    "It reads customers, the rows of the file as UTF-8 with every column as text, for example:",
    `create view customers as select * from read_csv(${layout.join(", ")});`,
  ]
    .map((line) => `-- ${line.replaceAll(/\s+/g, " ")}`)
    .join("\n");
}

function comments({ label }: LabelledTable, origin: TableOrigin): string {
  const { file, version } = origin;
  return readingComments(
    `The tree for ${label.column} = ${label.positive} of ${file}, by crm-analyze ${version}: probability and leaf of every row.`,
    origin,
  );
}

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ENTITIES, ENTITY_NAMES } from "../src/entities.js";
import { CELL_TYPES, defaultCellType, readMapping } from "../src/mapping.js";
import { fileIn, temporaryFolder } from "./engines/warehouse.js";

const read = (text: string) => readMapping(fileIn(temporaryFolder(), "shop.yml", text));
const withColumns = (columns: string) => `source: shop
files:
  owners:
    file: owners.csv
    entity: owners
    columns: ${columns}
`;

test("fills in what is usual", () => {
  expect(read(withColumns("{ owner_key: Id, is_active: { column: On, values: { Y: 'true' } } }"))).toEqual({
    source: "shop",
    description: "",
    files: {
      owners: {
        file: "owners.csv",
        entity: "owners",
        encoding: "utf-8",
        delimiter: ",",
        header_row: 1,
        is_optional: false,
        columns: { owner_key: { column: "Id" }, is_active: { column: "On", values: { Y: "true" } } },
      },
    },
  });
});

describe("refuses, by line and key", () => {
  test.each<[string, string, RegExp]>([
    ...["line_key", "product_key", "quantity", "unit_price", "line_cost"].map(
      (own): [string, string, RegExp] => [
        `rows of whole orders with a ${own} of their own`,
        withColumns(`{ order_key: No, ${own}: Own, customer_key: C, order_date: D, line_amount: A }`).replace(
          "entity: owners",
          "entity: order_lines\n    skip_repeated: true",
        ),
        /files\.owners\.skip_repeated: for order_lines with an order_key only, and without line_key, product_key/,
      ],
    ),
    [
      "rows of whole orders of another entity",
      withColumns("{ order_key: No, customer_key: C, order_date: D }").replace(
        "entity: owners",
        "entity: orders\n    skip_repeated: true",
      ),
      /files\.owners\.skip_repeated: for order_lines with an order_key only/,
    ],
    [
      "a column we do not have",
      withColumns("{ owner_key: Id, colour: C }"),
      /:6 files\.owners\.columns\.colour: owners has no such column; it has owner_key/,
    ],
    [
      "a required column that is missing",
      withColumns("{ team: T }"),
      /files\.owners\.columns: owners needs owner_key/,
    ],
    [
      "an unknown cell type",
      withColumns("{ owner_key: { column: Id, type: roman } }"),
      /columns\.owner_key\.type/,
    ],
    [
      "a column and a constant",
      withColumns("{ owner_key: { column: Id, constant: x } }"),
      /columns\.owner_key: give exactly one of column, columns, constant/,
    ],
    [
      "a factor of a constant",
      withColumns("{ owner_key: { constant: x, times: Q } }"),
      /columns\.owner_key\.times: times goes with column/,
    ],
    ["a column without anything", withColumns("{ owner_key: Id, team: }"), /columns\.team/],
    [
      "a factor of what is no number",
      withColumns("{ owner_key: { column: Id, times: Q } }"),
      /columns\.owner_key\.times: for decimals only/,
    ],
    [
      "no column at all",
      withColumns("{ owner_key: { type: text } }"),
      /give exactly one of column, columns, constant/,
    ],
    [
      "an unknown key of a cell",
      withColumns("{ owner_key: { column: Id, colum: x } }"),
      /columns\.owner_key\.colum: unknown key/,
    ],
    ["an empty heading", withColumns("{ owner_key: '' }"), /columns\.owner_key/],
    [
      "a name that is no name",
      withColumns("{ owner_key: Id }").replace("source: shop", "source: 'Shop; --'"),
      /:1 source: use lower-case letters/,
    ],
    [
      "a file's name that is no name",
      withColumns("{ owner_key: Id }").replace("  owners:", "  'a b':"),
      /use lower-case letters/,
    ],
    [
      "an unknown entity",
      withColumns("{ owner_key: Id }").replace("entity: owners", "entity: robots"),
      /:5 files\.owners\.entity/,
    ],
    [
      "an unknown encoding",
      withColumns("{ owner_key: Id }").replace("entity: owners", "entity: owners\n    encoding: ebcdic"),
      /files\.owners\.encoding/,
    ],
    [
      "a delimiter of two",
      withColumns("{ owner_key: Id }").replace("entity: owners", "entity: owners\n    delimiter: ';;'"),
      /files\.owners\.delimiter/,
    ],
    [
      "a header row 0",
      withColumns("{ owner_key: Id }").replace("entity: owners", "entity: owners\n    header_row: 0"),
      /files\.owners\.header_row/,
    ],
  ])("%s", (_, text, problem) => {
    expect(() => read(text)).toThrow(problem);
  });
});

describe("entities", () => {
  test.each(ENTITY_NAMES)("%s names columns of its own", (name) => {
    const { columns, required, key, datedBy } = ENTITIES[name];
    const known = Object.keys(columns);
    for (const column of [...required, ...key, ...(datedBy === undefined ? [] : [datedBy])])
      expect(known).toContain(column);
    if (datedBy !== undefined) expect(["date", "moment"]).toContain(columns[datedBy]);
  });

  test("every column has a way its cells are read when the mapping does not say", () => {
    for (const name of ENTITY_NAMES)
      for (const column of Object.keys(ENTITIES[name].columns))
        expect(CELL_TYPES).toContain(defaultCellType(name, column));
  });
});

const MAPPINGS = fileURLToPath(new URL("../pipelines/mappings/", import.meta.url));

test.each(readdirSync(MAPPINGS).filter((file) => file.endsWith(".yml")))("%s is a mapping", (file) => {
  const mapping = readMapping(`${MAPPINGS}${file}`);
  expect(Object.keys(mapping.files).length).toBeGreaterThan(0);
  expect(mapping.description).not.toBe("");
});

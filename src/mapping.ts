import { z } from "zod";
import { ENTITIES, ENTITY_NAMES, type EntityName } from "./entities.js";
import { ENCODINGS } from "./inputs/encodings.js";
import { readYaml } from "./yaml.js";

/** How a cell is read: each is the function `parse_<type>` in `sql/functions/<engine>.sql`. */
export const CELL_TYPES = [
  "text",
  "integer",
  "decimal",
  "decimal_comma",
  "minor_units",
  "boolean",
  "date",
  "date_dmy",
  "date_mdy",
  "date_serial",
  "moment",
  "epoch_seconds",
  "epoch_milliseconds",
  "email",
  "phone",
  "tax_id",
] as const;
/** One of them. */
export type CellType = (typeof CELL_TYPES)[number];

const Operand = z.strictObject({
  column: z.string().min(1),
  type: z.enum(["decimal", "decimal_comma"]).optional(),
});
type Operand = z.output<typeof Operand>;
/** A heading by itself, or with how its numbers are written. */
const AnyOperand = z.union([
  z
    .string()
    .min(1)
    .transform((column): Operand => ({ column })),
  Operand,
]);

const CellMapping = z.strictObject({
  column: z.string().min(1).optional().describe("heading in the vendor's file"),
  columns: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe("headings whose non-empty cells are joined by a space"),
  constant: z.string().optional().describe("the same text in every row"),
  type: z.enum(CELL_TYPES).optional().describe("how the cell is written; default: as our column is typed"),
  values: z.record(z.string(), z.string()).optional().describe("the vendor's word: ours"),
  times: AnyOperand.optional().describe(
    "heading of what a number is multiplied by, such as the quantity beside a price",
  ),
  less: AnyOperand.optional().describe(
    "heading of what is taken off an amount, such as the refund beside it, whichever sign it has",
  ),
  unit: z
    .string()
    .min(1)
    .optional()
    .describe("text beside the number, such as EUR in EUR 12.50; what holds another is unreadable"),
  sign: z
    .literal("negative")
    .optional()
    .describe("amounts that the vendor writes as positive and that take away"),
});
/** How one of our columns is filled. */
export type CellMapping = z.output<typeof CellMapping>;

/** The headings it is read from. */
export const headingsOf = ({ column, columns, times, less }: CellMapping): string[] =>
  [column ?? [], columns ?? [], times?.column ?? [], less?.column ?? []].flat();

const RowWords = z.record(z.string().min(1), z.array(z.string().min(1)).min(1));
/** Cells that say what a row is: by heading, the words, upper and lower case alike; {@link ANY_WORD} is any. */
export type RowWords = z.output<typeof RowWords>;

/** Stands for any text of a cell among the words that say what a row is. */
export const ANY_WORD = "*";

const isOneOf = ({ column, columns, constant }: CellMapping) =>
  [column, columns, constant].filter((source) => source !== undefined).length === 1;

const AnyCellMapping = z.union([
  z
    .string()
    .min(1)
    .transform((column): CellMapping => ({ column })),
  CellMapping.refine(isOneOf, "give exactly one of column, columns, constant")
    .refine(({ column, times }) => times === undefined || column !== undefined, {
      path: ["times"],
      error: "times goes with column",
    })
    .refine(({ column, less, sign }) => less === undefined || (column !== undefined && sign === undefined), {
      path: ["less"],
      error: "less goes with column, and without sign",
    }),
]);

/** What is a row's own, and would be lost with the row. */
const OF_ROWS = ["line_key", "product_key", "quantity", "unit_price", "line_cost"];

/** Entities whose rows may be returns. */
const TAKING: readonly EntityName[] = ["orders", "order_lines"];

const FileMapping = z
  .strictObject({
    file: z.string().min(1).describe("name, or a pattern such as orders*.csv, in the source's folder"),
    entity: z.enum(ENTITY_NAMES as [EntityName, ...EntityName[]]),
    encoding: z.enum(ENCODINGS).default("utf-8"),
    delimiter: z.string().length(1).default(","),
    sheet: z
      .union([z.string().min(1), z.int().min(1).transform(String)])
      .optional()
      .describe("of a workbook: name or number; default: the first"),
    header_row: z.int().min(1).default(1).describe("2 when one title row stands above the headings"),
    is_optional: z.boolean().default(false).describe("true when the file may be missing"),
    skip_when_empty: z
      .union([z.string().transform((heading) => [heading]), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe("a heading, or several; rows with one of these cells empty are left out, and counted"),
    fill_down: z
      .strictObject({ key: z.string().min(1), columns: z.array(z.string().min(1)).min(1).readonly() })
      .optional()
      .describe(
        "headings of cells that stand on the first row of an order alone, and that of its number: further rows of the order have them too",
      ),
    skip_repeated: z
      .boolean()
      .optional()
      .describe(
        "true where each row of an order has all of its money; rows whose order, customer and day a later row has are left out, and counted",
      ),
    skip_when: RowWords.optional().describe(
      "a heading: words; rows with one of them there are left out, and counted; `*` is any text",
    ),
    return_when: RowWords.optional().describe(
      "a heading: words; rows with one of them there take away, whichever sign they have",
    ),
    decimals: z
      .record(z.string().regex(/^[A-Z]{3}$/, "write a currency such as ISK"), z.int().min(0).max(3))
      .optional()
      .describe(
        "places behind the point that minor units stand for, of currencies where it is not as in ISO 4217",
      ),
    columns: z.record(z.string(), AnyCellMapping),
  })
  .superRefine(tellUnknownColumns, { when: hasEntity })
  .superRefine(tellWrongOperands, { when: hasEntity })
  .refine(({ entity, return_when }) => return_when === undefined || TAKING.includes(entity), {
    when: hasEntity,
    path: ["return_when"],
    error: `for ${TAKING.join(" and ")} only`,
  })
  .refine((mapping) => mapping.skip_repeated !== true || maySkipRepeated(mapping), {
    when: hasEntity,
    path: ["skip_repeated"],
    error: `for order_lines with an order_key only, and without ${OF_ROWS.join(", ")}`,
  })
  .refine((mapping) => missingColumns(mapping).length === 0, {
    when: hasEntity,
    path: ["columns"],
    error: ({ input }) => `${(input as RawFile).entity} needs ${missingColumns(input as RawFile).join(", ")}`,
  });
/** How one file of a source becomes rows of an entity. */
export type FileMapping = z.output<typeof FileMapping>;

/** As it stands in the YAML, whether or not the rest of it is right. */
interface RawFile {
  readonly entity: EntityName;
  readonly columns: Readonly<Record<string, unknown>>;
}

function hasEntity({ value }: { value: unknown }): boolean {
  const { entity, columns } = (value ?? {}) as Partial<RawFile>;
  return entity !== undefined && entity in ENTITIES && typeof columns === "object" && columns !== null;
}

function tellUnknownColumns({ entity, columns }: RawFile, context: z.core.$RefinementCtx): void {
  const known = Object.keys(ENTITIES[entity].columns);
  for (const column of Object.keys(columns).filter((name) => !known.includes(name))) {
    const message = `${entity} has no such column; it has ${known.join(", ")}`;
    context.addIssue({ code: "custom", path: ["columns", column], message });
  }
}

function tellWrongOperands({ entity, columns }: RawFile, context: z.core.$RefinementCtx): void {
  for (const [column, cell] of Object.entries(columns)) {
    if (ENTITIES[entity].columns[column] === "decimal") continue;
    for (const operand of ["times", "less"] as const) {
      if ((cell as Partial<CellMapping> | null)?.[operand] === undefined) continue;
      context.addIssue({ code: "custom", path: ["columns", column, operand], message: "for decimals only" });
    }
  }
}

const maySkipRepeated = ({ entity, columns }: RawFile) =>
  entity === "order_lines" && "order_key" in columns && !OF_ROWS.some((column) => column in columns);

function missingColumns({ entity, columns }: RawFile): string[] {
  return ENTITIES[entity].required.filter((column) => !(column in columns));
}

const NAME = /^[a-z][a-z0-9_]*$/;

/** A vendor's export as data: files, columns, cell formats; no SQL. */
export const Mapping = z.strictObject({
  source: z.string().regex(NAME, "use lower-case letters, digits and _"),
  description: z.string().default(""),
  files: z.record(z.string().regex(NAME, "use lower-case letters, digits and _"), FileMapping),
});
export type Mapping = z.output<typeof Mapping>;

/**
 * A mapping from its YAML file.
 *
 * @throws CrmError `configuration` with every problem at once
 */
export function readMapping(path: string): Mapping {
  return readYaml(path, Mapping);
}

/** How the cells of a column are written when the mapping does not say. */
export function defaultCellType(entity: EntityName, column: string): CellType {
  if (column === "email" || column === "phone" || column === "tax_id") return column;
  return ENTITIES[entity].columns[column]!;
}

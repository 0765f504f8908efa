import { expect, test } from "vitest";
import { ENTITIES, type EntityName } from "../../src/entities.js";
import { Mapping } from "../../src/mapping.js";
import { ingest } from "../../src/steps/ingest.js";
import { fileIn, openWarehouse, temporaryFolder } from "../engines/warehouse.js";

/** The columns without which sums change. */
const WEIGHING: Readonly<Partial<Record<EntityName, readonly string[]>>> = {
  orders: ["discount_amount", "currency", "status", "order_kind"],
  order_lines: ["currency", "original_order_key"],
  invoices: ["currency", "status"],
  payments: ["currency", "status", "payment_kind"],
  subscriptions: ["status", "cancelled_at", "currency"],
};

/** Reads a file with the required columns of an entity alone, by a mapping that names one more. */
async function read(entity: EntityName, more: string) {
  const directory = temporaryFolder();
  const { required } = ENTITIES[entity];
  fileIn(directory, "file.csv", `${required.join(",")}\n${required.map(() => "1").join(",")}\n`);
  const columns = Object.fromEntries([...required.map((name) => [name, name]), [more, "Gone"]]);
  const mapping = Mapping.parse({ source: "shop", files: { rows: { file: "file.csv", entity, columns } } });
  const codes: string[] = [];
  const context = {
    engine: await openWarehouse(),
    temporaryDirectory: temporaryFolder(),
    warn: ({ code }: { readonly code: string }) => codes.push(code),
  };
  await ingest([{ name: "shop", directory, mapping }], context);
  return codes;
}

const PAIRS = Object.entries(WEIGHING).flatMap(([entity, columns]) =>
  columns.map((column) => [entity as EntityName, column] as const),
);

test.each(PAIRS)("%s whose heading of %s is gone are refused", async (entity, column) => {
  await expect(read(entity, column)).rejects.toThrow(`file.csv:1: no column "Gone" for ${column}`);
});

test.each([
  ["opportunities", "currency"],
  ["campaigns", "currency"],
  ["customers", "status"],
] as const)("%s whose heading of %s is gone are read, with a warning", async (entity, column) => {
  expect(await read(entity, column)).toEqual(["no_column"]);
});

import { expect, test } from "vitest";
import { ATTRIBUTES, RULE_COLUMNS } from "../../src/analyses/segments-columns.js";
import { rowsOf } from "../engines/warehouse.js";
import { built, customers, daysAgo, exported, ordersOf } from "./churn-warehouse.js";

/** What SQL types are to conditions. */
const kindOf = (type: string) =>
  /^VARCHAR/.test(type)
    ? "text"
    : /^(DATE|TIMESTAMP)/.test(type)
      ? "day"
      : type === "BOOLEAN"
        ? "truth"
        : "number";

async function columnsOf(relation: "features.segments" | "features.attributes") {
  const engine = await exported({ customers: customers("a"), orders: ordersOf("a", [daysAgo(3)]) });
  await built(engine, relation);
  const rows = await rowsOf(engine, `select column_name, column_type from (describe ${relation})`);
  return Object.fromEntries(
    rows
      .map((row) => [String(row["column_name"]), kindOf(String(row["column_type"]))] as const)
      .filter(([name]) => name !== "customer_id"),
  );
}

test("rules may ask for every column of features.segments, as what it is", async () => {
  const asked = Object.fromEntries(RULE_COLUMNS.map(({ name, kind }) => [name, kind]));
  expect(asked).toEqual(await columnsOf("features.segments"));
});

test("likeness goes by every attribute that prospects have", async () => {
  const columns = Object.entries(await columnsOf("features.attributes"));
  const known = Object.fromEntries(columns.filter(([name]) => name !== "is_prospect"));
  const used = ATTRIBUTES.map(({ name, kind }) => [name, kind === "number" ? "number" : "text"]);
  expect(Object.fromEntries(used)).toEqual(known);
});

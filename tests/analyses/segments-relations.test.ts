import { expect, test } from "vitest";
import { rowsOf } from "../engines/warehouse.js";
import { built, byKey, customers, daysAgo, exported, named, type Exports } from "./churn-warehouse.js";

async function segmentsOf(
  exports: Exports,
  columns: string,
  setUp: readonly (readonly [string, string])[] = [],
) {
  const engine = await exported(exports);
  for (const [relation, select] of setUp) await engine.create(relation as "run.settings", select);
  await built(engine, "features.segments");
  return byKey(await rowsOf(engine, named(columns, "features.segments")));
}

const PRODUCTS = [
  { product_key: "soap", category: "household" },
  { product_key: "tea", category: "food" },
];

test("the main category is that of most money in one currency, not of the largest numbers", async () => {
  const order = { order_key: "1", customer_key: "a", order_date: daysAgo(3) };
  const rows = await segmentsOf(
    {
      customers: customers("a"),
      products: PRODUCTS,
      orders: [
        { ...order, currency: "EUR" },
        { ...order, order_key: "2", currency: "JPY" },
      ],
      order_lines: [
        { order_key: "1", line_key: "1", product_key: "tea", line_amount: 30 },
        { order_key: "2", line_key: "1", product_key: "soap", line_amount: 1000 },
      ],
      rates: [{ currency: "JPY", rate_date: daysAgo(90), rate: 0.01 }],
    },
    "main_category, main_category_rate, cast(total_amount as double) as total_amount",
    [["run.settings", "select * replace ('EUR' as currency) from run.settings"]],
  );
  expect(rows).toEqual({ a: { main_category: "food", main_category_rate: 0.75, total_amount: 40 } });
});

test("two customers who share an order number keep their own lines apart", async () => {
  const line = { order_key: "7", order_date: daysAgo(3) };
  const engine = await exported({
    customers: customers("a", "b"),
    products: PRODUCTS,
    order_lines: [
      { ...line, line_key: "1", customer_key: "a", product_key: "tea", line_amount: 10 },
      { ...line, line_key: "2", customer_key: "b", product_key: "soap", line_amount: 90 },
    ],
  });
  await built(engine, "features.segments", "features.bought_products");
  const columns = "product_count, main_category, cast(total_amount as double) as total_amount";
  const rows = byKey(await rowsOf(engine, named(columns, "features.segments")));
  expect(rows).toEqual({
    a: { product_count: 1, main_category: "food", total_amount: 10 },
    b: { product_count: 1, main_category: "household", total_amount: 90 },
  });
  const bought = await rowsOf(engine, named("counted.product_key", "features.bought_products"));
  expect(bought.map((row) => [row["customer_key"], row["product_key"]])).toEqual([
    ["a", "tea"],
    ["b", "soap"],
  ]);
});

const TWO_SYSTEMS = ["run.sources", "select 1 as place, 'file' as source union all select 2, 'erp'"] as const;
/** The same customer in the second system, by its e-mail. */
const BOTH = [
  { customer_key: "a", email: "buyer@a.example" },
  { customer_key: "a2", source: "erp", email: "buyer@a.example" },
];

test("a call that two systems note counts once, and two calls of one day in one system twice", async () => {
  const call = { customer_key: "a", activity_kind: "Call" };
  const rows = await segmentsOf(
    {
      customers: BOTH,
      orders: [{ order_key: "1", customer_key: "a", order_date: daysAgo(3), order_amount: 1 }],
      activities: [
        { ...call, activity_key: "1", activity_at: `${daysAgo(9)} 09:00:00` },
        { ...call, activity_key: "2", activity_at: `${daysAgo(9)} 15:00:00` },
        {
          ...call,
          activity_key: "x",
          source: "erp",
          customer_key: "a2",
          activity_at: `${daysAgo(9)} 09:01:00`,
        },
        {
          ...call,
          activity_key: "y",
          source: "erp",
          customer_key: "a2",
          activity_at: `${daysAgo(5)} 09:00:00`,
        },
        { ...call, activity_key: "3", activity_kind: "email", activity_at: `${daysAgo(5)} 10:00:00` },
      ],
    },
    "contact_count_365_days",
    [TWO_SYSTEMS],
  );
  expect(Object.values(rows)).toEqual([{ contact_count_365_days: 4 }]);
});

test("a contact whom two systems hold is one, by e-mail or name; two of one system are two", async () => {
  const engine = await exported({
    customers: BOTH,
    contacts: [
      { contact_key: "1", customer_key: "a", contact_name: "Ann Lee", email: "ann@a.example" },
      { contact_key: "2", customer_key: "a", contact_name: "Bo Chen" },
      { contact_key: "3", customer_key: "a", contact_name: "Bo Chen" },
      {
        contact_key: "1",
        source: "erp",
        customer_key: "a2",
        contact_name: "Lee, Ann",
        email: "ann@a.example",
      },
      { contact_key: "2", source: "erp", customer_key: "a2", contact_name: "BO CHEN", email: "bo@a.example" },
      { contact_key: "3", source: "erp", customer_key: "a2", contact_name: "Cy Oz", email: "cy@a.example" },
    ],
  });
  await engine.create(...TWO_SYSTEMS);
  await built(engine, "features.attributes");
  const rows = await rowsOf(engine, named("contact_count", "features.attributes"));
  expect(rows.map((row) => row["contact_count"])).toEqual([4]);
});

import { describe, expect, test } from "vitest";
import { CrmError } from "../src/errors.js";
import {
  inOrder,
  parseRelation,
  readRelations,
  references,
  type Relation,
  type RelationName,
} from "../src/relation.js";

const HEADER = `-- One row an order,
-- with its money.
-- grain: order_id, order_date
-- check: order_amount >= 0
-- check: order_date is not null
-- warn: order_amount < 1000000
-- order_amount: net: without tax
`;

describe("a relation's file", () => {
  const relation = parseRelation("facts.orders", `${HEADER}select 1 as order_id\nfrom staged.orders\n`);

  test("promises what its header says", () => {
    expect(relation).toEqual({
      name: "facts.orders",
      description: "One row an order, with its money.",
      grain: ["order_id", "order_date"],
      isGrouped: false,
      checks: ["order_amount >= 0", "order_date is not null"],
      warnings: ["order_amount < 1000000"],
      columns: { order_amount: "net: without tax" },
      reads: ["staged.orders"],
      select: "select 1 as order_id\nfrom staged.orders",
    });
  });

  test("without a grain is refused, by its path", () => {
    const parse = () => parseRelation("facts.orders", "-- Orders.\nselect 1 as n\n");
    expect(parse).toThrow(CrmError);
    expect(parse).toThrow('sql/facts/orders.sql: no "-- grain: column, …" line');
  });
});

describe("a query that groups by its grain", () => {
  const sums = "select\n    sales.customer_id,\n    sales.day,\n    sum(amount) as amount\nfrom sales\n";
  const isGrouped = (select: string) =>
    parseRelation("facts.days", `-- Days.\n-- grain: customer_id, day\n${select}`).isGrouped;

  test.each([
    ["by all of it", `${sums}group by sales.customer_id, sales.day\n`],
    ["column by column", `${sums}group by\n    sales.customer_id,\n    sales.day\n`],
    [
      "by a part, with a condition and an order",
      `${sums}group by sales.day\nhaving 1 = 1\norder by sales.day\n`,
    ],
    [
      "behind others",
      `with sales as (\n    select 1 as n\n)\n\n${sums}group by sales.customer_id, sales.day\n`,
    ],
  ])("%s needs no counting", (_, select) => expect(isGrouped(select)).toBe(true));

  test.each([
    ["no group", sums],
    ["more than the grain", `${sums}group by sales.customer_id, sales.day, sales.source\n`],
    ["another column of that name", `${sums}group by others.customer_id, sales.day\n`],
    ["a column made of it", `${sums}group by floor(sales.day)\n`],
    ["a group within", `with days as (\n    select 1 as n\n    group by customer_id\n)\n\n${sums}`],
    ["two queries", `${sums}union all\n${sums}group by sales.customer_id, sales.day\n`],
  ])("%s is not taken for it", (_, select) => expect(isGrouped(select)).toBe(false));
});

describe("what a query reads", () => {
  test.each<[string, string[]]>([
    ["select * from facts.orders", ["facts.orders"]],
    [
      "select * from facts.orders as o inner join staged.orders as s on 1 = 1",
      ["facts.orders", "staged.orders"],
    ],
    ["select * from\n    unified.lineage", ["unified.lineage"]],
    ["select (select max(n) from run.settings) as n from facts.orders", ["run.settings", "facts.orders"]],
    ["select * from facts.orders union all select * from facts.orders", ["facts.orders"]],
    ["with orders as (select * from facts.orders) select * from orders", ["facts.orders"]],
    ["select 'from facts.orders' as t -- from facts.refunds", []],
    ["select 'it''s from facts.orders' as t from facts.rates", ["facts.rates"]],
    ["select orders.n from orders", []],
    ["select * from elsewhere.orders", []],
  ])("%s", (sql, expected) => {
    expect(references(sql)).toEqual(expected);
  });
});

describe("the order of building", () => {
  const relation = (name: RelationName, ...reads: RelationName[]): Relation => ({
    ...parseRelation(name, "-- Something.\n-- grain: n\nselect 1 as n\n"),
    reads,
  });
  const names = (relations: readonly Relation[]) => relations.map(({ name }) => name);

  test("puts each behind what it reads, once, and nothing that is not needed", () => {
    const all = [
      relation("features.b", "facts.a", "facts.c"),
      relation("facts.a", "staged.orders"),
      relation("facts.c", "facts.a"),
      relation("facts.unneeded", "facts.a"),
    ];
    expect(names(inOrder(all, ["features.b"]))).toEqual(["facts.a", "facts.c", "features.b"]);
    expect(names(inOrder(all, ["features.b", "facts.c"]))).toEqual(["facts.a", "facts.c", "features.b"]);
  });

  test("refuses a circle and tells it", () => {
    const circle = [
      relation("facts.a", "facts.b"),
      relation("facts.b", "facts.c"),
      relation("facts.c", "facts.b"),
    ];
    expect(() => inOrder(circle, ["facts.a"])).toThrow(
      "relations read each other: facts.a → facts.b → facts.c → facts.b",
    );
  });

  test("leaves out what no file makes", () => {
    expect(inOrder([], ["staged.orders"])).toEqual([]);
  });
});

test("relations are read layer by layer", () => {
  const layers = readRelations().map(({ name }) => name.split(".")[0]);
  expect([...new Set(layers)]).toEqual(["unified", "facts", "features", "results"]);
});

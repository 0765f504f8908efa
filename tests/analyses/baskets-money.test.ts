import { describe, expect, test } from "vitest";
import { writeSureSteps } from "../../src/analyses/baskets-growth.js";
import type { Engine } from "../../src/engines/engine.js";
import { openLog } from "../../src/log.js";
import { barePlan } from "../../src/pipeline.js";
import { readRelations } from "../../src/relation.js";
import { contextOf } from "../../src/steps/analyze.js";
import { textsIn } from "../../src/texts/index.js";
import { rowsOf } from "../engines/warehouse.js";
import { candidatesBuilt } from "./offer-candidates.js";
import { built, customers, daysAgo, exported, TODAY, type Cells } from "./churn-warehouse.js";

/** A line of a sale: what it brought, half of which is cost. */
const line = (customer: string, product: string, ...[day, amount]: readonly [number, number]): Cells => ({
  order_key: `${customer} ${day}`,
  line_key: product,
  customer_key: customer,
  order_date: daysAgo(day),
  product_key: product,
  quantity: 1,
  line_amount: amount,
  line_cost: amount / 2,
});
const product = (product_key: string, category: string): Cells => ({ product_key, category });
/** Builds `results.up_sell` and what it rests on. */
async function movesBuilt(engine: Engine): Promise<void> {
  await built(engine, "features.up_sell");
  const plan = barePlan({ name: "firm", directory: "", files: {} }, { asOfDate: TODAY });
  const log = openLog({ begin: () => {}, end: () => {}, warn: () => {} });
  const run = { ...plan.run, previousDate: null };
  await writeSureSteps(contextOf({ engine, log, run, texts: textsIn("en"), relations: readRelations() }));
  await built(engine, "results.up_sell");
}
/** Customers who bought another product of the category than the two between whom customers move. */
const OTHERS = Array.from({ length: 20 }, (_, i) => `d${i + 10}`);
const otherLines = OTHERS.map((name) => line(name, "other", 350, 190));
const named = (count: number) => Array.from({ length: count }, (_, i) => `c${i + 10}`);

test("moving up: 12 of 27 buyers moved from 100 to 200 for good, so each of the others is worth 12/27 of 50, but one who gave it back", async () => {
  const names = named(27);
  const lines = names.flatMap((name, i) => [
    line(name, "small", i === 25 ? 400 : 300, 100),
    ...(i < 12 || i === 26 ? [line(name, "big", 200, 200)] : []),
    ...(i === 26 ? [line(name, "big", 100, -200)] : []),
  ]);
  const engine = await exported({
    customers: customers(...names, ...OTHERS),
    products: ["small", "big", "other"].map((key) => product(key, "machines")),
    order_lines: [...lines, ...otherLines],
  });
  await movesBuilt(engine);
  const rows = await rowsOf(
    engine,
    `select up_sell_rank, customer_key, product_name, next_name, unit_price, next_unit_price, buyer_count,
      moved_count, moved_share, expected_margin from results.up_sell order by up_sell_rank`,
  );
  const expected = names.slice(12, 25).map((customer_key, place) => ({
    up_sell_rank: place + 1,
    customer_key,
    product_name: "small",
    next_name: "big",
    unit_price: 100,
    next_unit_price: 200,
    buyer_count: 27,
    moved_count: 12,
    moved_share: 0.4444,
    expected_margin: 22.22,
  }));
  expect(rows.map(numbered)).toEqual(expected);
  const held = "select back_count, other_count, other_next_count, compared_count from features.up_sell";
  expect((await rowsOf(engine, held)).map(numbered)).toEqual([
    { back_count: 0, other_count: 20, other_next_count: 0, compared_count: 2 },
  ]);
});

test("moving up: neither from nor to what is in nearly every basket, as the dearer one of its category is", async () => {
  const names = named(26);
  const lines = names.flatMap((name, i) => [
    line(name, "small", 300, 100),
    line(name, "middle", 200, 150),
    ...(i < 12 ? [line(name, "big", 100, 200)] : []),
    ...[300, 200, 100].map((day) => line(name, "case", day, 170)),
  ]);
  const cases = OTHERS.map((name) => line(name, "case", 350, 170));
  const engine = await exported({
    customers: customers(...names, ...OTHERS),
    products: ["small", "middle", "big", "case", "other"].map((key) => product(key, "machines")),
    order_lines: [...lines, ...cases, ...otherLines],
  });
  await movesBuilt(engine);
  const rows = await rowsOf(engine, "select distinct product_name, next_name from results.up_sell");
  expect(rows).toEqual([{ product_name: "middle", next_name: "big" }]);
});

test.each([
  ["12 who bought the dearer one and never again this", {}, 1],
  ["9 are too few", { moved: 9 }, 0],
  ["who goes on buying this has not moved", { again: true }, 0],
  ["as many of the category's other buyers have the dearer one", { ofThem: 10 }, 0],
  ["few of the category's other buyers have it", { ofThem: 2 }, 1],
  ["of 5 other buyers nobody can tell", { others: 5 }, 0],
  ["6 more went the other way", { back: 6 }, 0],
] as const)(
  "moving up: %s",
  async (_, { moved = 12, back = 0, again = false, others = 20, ofThem = 0 }: Moves, count) => {
    const names = named(26 + others);
    const lines = names.flatMap((name, i) =>
      i < 26
        ? [
            line(name, "small", 300, 100),
            ...(i < moved ? [line(name, "big", 200, 200)] : []),
            ...(i >= 26 - back ? [line(name, "big", 400, 200)] : []),
            ...(again && i < moved ? [line(name, "small", 100, 100)] : []),
          ]
        : [line(name, "other", 300, 190), ...(i < 26 + ofThem ? [line(name, "big", 200, 200)] : [])],
    );
    const engine = await exported({
      customers: customers(...names),
      products: ["small", "big", "other"].map((key) => product(key, "machines")),
      order_lines: lines,
    });
    await movesBuilt(engine);
    const rows = await rowsOf(engine, "select distinct product_name, next_name from results.up_sell");
    expect(rows).toEqual(Array.from({ length: count }, () => ({ product_name: "small", next_name: "big" })));
  },
);
interface Moves {
  readonly moved?: number;
  readonly back?: number;
  readonly again?: boolean;
  readonly others?: number;
  readonly ofThem?: number;
}

test("moving up: the list names the channels that the customer permits, and none where nobody said yes", async () => {
  const names = named(26);
  const engine = await exported({
    customers: customers(...names, ...OTHERS).map((cells) => ({
      ...cells,
      email: `${String(cells["customer_key"])}@a.example`,
    })),
    products: ["small", "big", "other"].map((key) => product(key, "machines")),
    order_lines: [
      ...otherLines,
      ...names.flatMap((name, i) => [
        line(name, "small", 300, 100),
        ...(i < 12 ? [line(name, "big", 200, 200)] : []),
      ]),
    ],
    consents: [
      {
        consent_key: "1",
        customer_key: names[13]!,
        channel: "email",
        is_permitted: true,
        recorded_at: `${daysAgo(50)} 00:00:00`,
      },
    ],
  });
  await movesBuilt(engine);
  const rows = await rowsOf(
    engine,
    "select customer_key from results.up_sell where permitted_channels = 'email' union all select '' from results.up_sell where permitted_channels = ''",
  );
  expect(rows.map(({ customer_key: key }) => key)).toEqual([
    names[13],
    ...Array.from({ length: 13 }, () => ""),
  ]);
});

test("small here: what is in nearly every basket makes no unit large or small", async () => {
  const names = named(12);
  const keys = [
    ["beans", "coffee"],
    ["bag", "packing"],
    ["leaves", "tea"],
  ] as const;
  const engine = await exported({
    customers: customers(...names),
    products: keys.map(([key, category]) => product(key, category)),
    order_lines: names.flatMap((name) =>
      [300, 200, 100, 20].flatMap((day, i) => [
        line(name, i < 2 ? "beans" : "leaves", day, 100),
        line(name, "bag", day, 5000),
      ]),
    ),
  });
  await built(engine, "features.cross_unit");
  const rows = await rowsOf(engine, "select distinct unit from features.cross_unit order by unit");
  expect(rows).toEqual([{ unit: "coffee" }, { unit: "tea" }]);
});

test("small here: what came back is taken off by its pieces, what was kept stays, and unknown pieces take the last purchase", async () => {
  const thrice = (name: string) => [300, 200, 100].map((day) => line(name, "leaves", day, 50));
  const back = (name: string, day: number, quantity?: number): Cells => ({
    ...line(name, "leaves", day, -50),
    quantity: quantity ?? "",
  });
  const engine = await exported({
    customers: customers("last", "part", "all", "unknown", "earlier"),
    products: [product("beans", "coffee"), product("leaves", "tea"), product("cup", "ware")],
    order_lines: ["last", "part", "all", "unknown", "earlier"].flatMap((name) => [
      line(name, "beans", 50, 400),
      ...(name === "earlier" ? [line(name, "leaves", 500, 50)] : []),
      ...thrice(name),
      ...(name === "last" ? [back(name, 90, 1)] : []),
      ...(name === "part" ? [back(name, 250, 1), back(name, 150, 1)] : []),
      ...(name === "all" ? [back(name, 20, 5)] : []),
      ...(name === "unknown" ? [back(name, 90)] : []),
      ...(name === "earlier" ? [back(name, 400, 1)] : []),
    ]),
  });
  await built(engine, "features.cross_unit");
  const rows = await rowsOf(
    engine,
    `select customer_key, sum(case when unit = 'tea' then unit_amount else 0 end) as tea, sum(case when unit = 'coffee' then unit_amount else 0 end) as coffee
      from features.cross_unit inner join unified.customers on cross_unit.customer_id = customers.customer_id group by customer_key order by customer_key`,
  );
  expect(rows.map(({ customer_key: key, tea, coffee }) => [key, tea, coffee])).toEqual([
    ["all", 0, 400],
    ["earlier", 150, 400],
    ["last", 100, 400],
    ["part", 50, 400],
    ["unknown", 100, 400],
  ]);
});

test("small here: eleven of twelve buy tea at a fifth of their coffee; two are below a quarter of that, with the channels they permit", async () => {
  const names = named(12);
  const tea = (i: number) => (i < 10 ? 200 : i === 10 ? 30 : 0);
  const lines = names.flatMap((name, i) => [
    line(name, "beans", 20, 1000),
    line(name, "leaves", 400, 5000),
    ...(tea(i) > 0 ? [line(name, "leaves", 10, tea(i))] : []),
    ...(i === 11 ? [line(name, "bags", 30, 500), line(name, "bags", 20, -500)] : []),
  ]);
  const engine = await exported({
    customers: customers(...names).map((cells, i) => ({
      ...cells,
      email: `${names[i]!}@buyer.example`,
      phone: `+49 30 12345${i + 10}`,
    })),
    products: [product("beans", "coffee"), product("leaves", "tea"), product("bags", "tea")],
    order_lines: lines,
    consents: [
      ["c20", "email", true, 50],
      ["c20", "sms", true, 50],
      ["c20", "phone", true, 50],
      ["c20", "phone", false, 5],
      ["c21", "email", false, 50],
    ].map(([key, channel, isPermitted, days], place) => ({
      consent_key: String(place),
      customer_key: String(key),
      channel: String(channel),
      is_permitted: Boolean(isPermitted),
      recorded_at: `${daysAgo(Number(days))} 00:00:00`,
    })),
  });
  await built(engine, "results.cross_unit");
  const rows = await rowsOf(
    engine,
    `select customer_key, main_unit, main_amount, unit, unit_amount, expected_amount, missing_amount, peer_share,
        'to: ' || permitted_channels as permitted
      from results.cross_unit order by cross_unit_rank`,
  );
  const row = {
    main_unit: "coffee",
    main_amount: 1000,
    unit: "tea",
    expected_amount: 200,
    peer_share: 0.9167,
  };
  expect(rows.map(numbered)).toEqual([
    { customer_key: "c21", ...row, unit_amount: 0, missing_amount: 200, permitted: "to: " },
    { customer_key: "c20", ...row, unit_amount: 30, missing_amount: 170, permitted: "to: email, sms" },
  ]);
});

test("an offer: 4 of 10 took ink, which brings 30 less 15, so to each of the others it is worth 0.4 of 15", async () => {
  const names = named(10);
  const lines = names.flatMap((name, i) => [
    line(name, "paper", 250, 8),
    ...(i < 4 ? [line(name, "ink", 20, 30)] : []),
  ]);
  const engine = await exported({ customers: customers(...names), order_lines: lines });
  await built(engine, "features.next_best_after");
  await engine.create(
    "results.next_best_turn",
    `select 0 as place, 'all' as ships, 3 as offer_count, 1 = 0 as is_new_only, 5e0 as product_shape,
      5e0 as again_weight, 0e0 as popular_weight, 5e0 as any_weight, 0.01e0 as min_probability`,
  );
  await engine.create(
    "results.next_best_lifts",
    "select first_number, band, second_number, 1e0 as lift from features.next_best_after",
  );
  await candidatesBuilt(engine);
  const rows = await rowsOf(
    engine,
    `select customer_key, product_key, kind, trial_count, hit_count, probability, expected_money
      from results.next_best_candidates as candidates
      inner join unified.customers as customers on candidates.customer_id = customers.customer_id
      inner join features.basket_products as products on candidates.product_number = products.product_number
      where contender = 'model' and product_key = 'ink' and kind = 'popular' order by customer_key`,
  );
  expect(rows.map(numbered)).toEqual(
    names.slice(4).map((customer_key) => ({
      customer_key,
      product_key: "ink",
      kind: "popular",
      trial_count: 10,
      hit_count: 4,
      probability: 0.4,
      expected_money: 6,
    })),
  );
});

/** Decimals and whole numbers of the engine as numbers. */
const numbered = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "string" && !Number.isNaN(Number(value)) ? Number(value) : value,
    ]),
  );

test("two customers share an order number: what one gave back the other still has, and each keeps their own goods", async () => {
  const shared = { order_key: "7", order_date: daysAgo(3) };
  const engine = await exported(
    {
      customers: customers("a", "b"),
      products: [product("tea", "food"), product("soap", "household")],
      order_lines: [
        { ...shared, line_key: "1", customer_key: "a", product_key: "tea", line_amount: 10 },
        { ...shared, line_key: "2", customer_key: "a", product_key: "soap", line_amount: -5 },
        { ...shared, line_key: "3", customer_key: "b", product_key: "soap", line_amount: 90 },
      ],
    },
    { window_days: 90 },
  );
  await built(engine, "features.next_best_returns", "features.churn_assortment");
  const returns = await rowsOf(
    engine,
    `select customers.customer_key, products.product_key from features.next_best_returns as returns
      inner join unified.customers as customers on returns.customer_id = customers.customer_id
      inner join features.basket_products as products on returns.product_number = products.product_number`,
  );
  expect(returns).toEqual([{ customer_key: "a", product_key: "soap" }]);
  const assorted = await rowsOf(
    engine,
    `select customers.customer_key, category_count, main_category_rate from features.churn_assortment as assorted
      inner join unified.customers as customers on assorted.customer_id = customers.customer_id
      where snapshot_date = date '${daysAgo(0)}' order by 1`,
  );
  expect(assorted.map(({ customer_key: key, ...row }) => [key, row])).toEqual([
    ["a", { category_count: 1, main_category_rate: 1 }],
    ["b", { category_count: 1, main_category_rate: 1 }],
  ]);
});

test("a quantity times a unit cost above ten billion is a cost, and no reason to stop", async () => {
  const engine = await exported({
    customers: customers("a"),
    products: [{ product_key: "rice", unit_cost: 2.5 }],
    order_lines: [{ ...line("a", "rice", 3, 6e10), quantity: 2e10, line_cost: "" }],
  });
  await built(engine, "features.basket_lines");
  const orders = await rowsOf(engine, "select order_cost from facts.orders");
  const lines = await rowsOf(engine, "select line_cost from features.basket_lines");
  expect([...orders, ...lines]).toEqual([{ order_cost: 5e10 }, { line_cost: 5e10 }]);
});

/** Sales with their products by key. */
const SOLD = `(select products.product_key, lines.order_date, lines.line_amount, lines.line_cost
  from features.basket_lines as lines inner join facts.products as products on lines.product_id = products.product_id)`;

/** Customers and products by key. */
const keyed = (columns: string, relation: string) =>
  `select customers.customer_key, products.product_key${columns} from ${relation} as counted
    inner join unified.customers as customers on counted.customer_id = customers.customer_id
    inner join features.basket_products as products on counted.product_number = products.product_number
    order by 1, 2`;

test("an exchange below zero sells the grinder and takes the machine back; a return document takes all back", async () => {
  const exchange = { order_key: "7", customer_key: "a", order_date: daysAgo(3) };
  const returned = { order_key: "8", customer_key: "b", order_date: daysAgo(3) };
  const engine = await exported({
    customers: customers("a", "b"),
    orders: [{ ...returned, order_kind: "return" }],
    order_lines: [
      line("a", "machine", 20, 500),
      line("b", "grinder", 20, 100),
      { ...exchange, line_key: "1", product_key: "machine", line_amount: -500 },
      { ...exchange, line_key: "2", product_key: "grinder", line_amount: 100 },
      { ...returned, line_key: "1", product_key: "grinder", line_amount: 100 },
    ],
  });
  await built(engine, "features.next_best_holdings");
  expect(await rowsOf(engine, keyed("", "features.next_best_returns"))).toEqual([
    { customer_key: "a", product_key: "machine" },
    { customer_key: "b", product_key: "grinder" },
  ]);
  const held = await rowsOf(engine, keyed(", is_returned", "features.next_best_holdings"));
  expect(held).toEqual([
    { customer_key: "a", product_key: "grinder", is_returned: false },
    { customer_key: "a", product_key: "machine", is_returned: true },
    { customer_key: "b", product_key: "grinder", is_returned: true },
  ]);
});

describe("what is sold and taken back on one order", () => {
  type Part = readonly [product: string, quantity: number | string, amount: number];
  const lines = (parts: readonly Part[]) =>
    parts.map(([product_key, quantity, line_amount], at) => ({
      ...{ order_key: "7", customer_key: "a", order_date: daysAgo(3), line_key: `${at}` },
      ...{ product_key, quantity, line_amount },
    }));
  const read = async (...parts: readonly Part[]) => {
    const before = ["tea", "ink"].map((key) => ({ ...line("a", key, 30, 50), quantity: 5 }));
    const engine = await exported({
      customers: customers("a"),
      order_lines: [...before, ...lines(parts)],
    });
    await built(engine, "features.next_best_holdings", "features.baskets");
    const sold = await rowsOf(
      engine,
      `select product_key from ${SOLD} where order_date = '${daysAgo(3)}' order by 1`,
    );
    const days = await rowsOf(
      engine,
      keyed(", purchase_count, is_returned", "features.next_best_holdings").replace(
        "order by",
        "where place = 0 order by",
      ),
    );
    return {
      sold: sold.map((row) => row["product_key"]),
      backs: (await rowsOf(engine, keyed(", quantity", "features.next_best_returns"))).map(
        ({ product_key: key, quantity }) => [key, quantity === null ? quantity : Number(quantity)],
      ),
      held: days.map((row) => [row["product_key"], row["purchase_count"], row["is_returned"]]),
    };
  };

  test("as many pieces: in no basket, no purchase and no return of what was bought before", async () => {
    expect(await read(["tea", 5, 50], ["tea", -5, -40], ["ink", 1, 10])).toEqual({
      sold: ["ink"],
      backs: [],
      held: [
        ["ink", 2, false],
        ["tea", 1, false],
      ],
    });
  });

  test("more pieces: the rest came back of what was bought before", async () => {
    const more = await read(["tea", 1, 10], ["tea", -6, -60], ["ink", 1, 10]);
    expect(more.backs).toEqual([["tea", 5]]);
    expect(more.held).toEqual([
      ["ink", 2, false],
      ["tea", 1, true],
    ]);
    expect((await read(["tea", 2, 20], ["tea", -6, -60])).held).toContainEqual(["tea", 1, false]);
  });

  test("fewer pieces: bought, however much money came back", async () => {
    expect(await read(["tea", 3, 30], ["tea", -2, -30])).toMatchObject({
      sold: ["tea"],
      backs: [["tea", 2]],
    });
  });

  test.each([
    ["unknown", ["", -30], []],
    ["unknown", ["", -29], ["tea"]],
    ["without a sign", [3, -30], []],
    ["without a sign, of a price cut", [3, -5], ["tea"]],
  ] as const)("pieces %s %j: by money", async (_, back, sold) => {
    expect((await read(["tea", 3, 30], ["tea", ...back])).sold).toEqual(sold);
  });

  test("on a later document it stays in the basket it was bought in", async () => {
    const engine = await exported({
      customers: customers("a"),
      order_lines: [line("a", "tea", 30, 50), { ...line("a", "tea", 29, -50), order_key: "back" }],
    });
    await built(engine, "features.baskets");
    expect(await rowsOf(engine, "select order_day from features.baskets")).toHaveLength(1);
  });
});

test("what is out of stock or discontinued is not offered; where nothing is known of it, it is", async () => {
  const names = named(4);
  const stock = { empty: 0, short: -2, full: 1, unknown: "" };
  const engine = await exported({
    customers: customers(...names),
    products: [
      ...Object.entries(stock).map(([key, stock_quantity]) => ({ ...product(key, "tea"), stock_quantity })),
      { ...product("gone", "tea"), is_discontinued: true },
    ],
    order_lines: names
      .map((name, i) => line(name, Object.keys(stock)[i]!, 20, 100))
      .concat([line(names[0]!, "gone", 30, 100)]),
  });
  await built(engine, "features.next_best_products");
  const rows = await rowsOf(
    engine,
    `select product_key from features.next_best_products as known
      inner join features.basket_products as products on known.product_number = products.product_number
      where known.place = 0 and known.is_offered order by product_key`,
  );
  expect(rows.map((row) => row["product_key"])).toEqual(["full", "unknown"]);
});

test.each([
  [57, false],
  [58, true],
] as const)("on %i of 100 days with a purchase is more than .57: %s", async (count, isLeftOut) => {
  const days = Array.from({ length: 100 }, (_, i) => i + 1);
  const engine = await exported({
    customers: customers("a"),
    order_lines: days.flatMap((day) => [
      line("a", `${day % 2}`, day, 10),
      ...(day <= count ? [line("a", "bag", day, 1)] : []),
    ]),
  });
  await engine.create("run.settings", "select * replace (0.57e0 as baskets_common_share) from run.settings");
  await built(engine, "features.next_best_products");
  const rows = await rowsOf(
    engine,
    `select known.is_left_out from features.next_best_products as known
      inner join features.basket_products as products on known.product_number = products.product_number
      where known.place = 0 and product_key = 'bag'`,
  );
  expect(rows).toEqual([{ is_left_out: isLeftOut }]);
});

describe("a return of part of what was bought last", () => {
  const heldAfter = async (...back: readonly Cells[]) => {
    const engine = await exported({
      customers: customers("a"),
      order_lines: [
        { ...line("a", "tea", 300, 500), quantity: 5 },
        { ...line("a", "tea", 30, 500), quantity: 5 },
        ...back,
      ],
    });
    await built(engine, "features.next_best_holdings", "features.next_best_outcomes");
    const [held] = await rowsOf(
      engine,
      keyed(", is_returned", "features.next_best_holdings").replace("order by", "where place = 0 order by"),
    );
    const [outcomes] = await rowsOf(
      engine,
      "select count(*) as row_count from features.next_best_outcomes where place = 1",
    );
    return [held!["is_returned"], Number(outcomes!["row_count"])];
  };
  const back = (day: number, quantity: number | string) => ({
    ...line("a", "tea", day, -100),
    order_key: `back ${day}`,
    quantity,
  });

  test("gives nothing back while a piece of it is kept, over several returns too", async () => {
    expect(await heldAfter()).toEqual([false, 1]);
    expect(await heldAfter(back(20, -2))).toEqual([false, 1]);
    expect(await heldAfter(back(20, -2), back(10, -2))).toEqual([false, 1]);
    expect(await heldAfter(back(20, -2), back(10, -3))).toEqual([true, 0]);
    expect(await heldAfter(back(30, -5))).toEqual([true, 0]);
  });

  test("counts pieces however the return is signed, and as whole where they are not known", async () => {
    expect(await heldAfter(back(20, 4))).toEqual([false, 1]);
    expect(await heldAfter(back(20, 5))).toEqual([true, 0]);
    expect(await heldAfter(back(20, ""))).toEqual([true, 0]);
  });

  test("an order that was paid back whole is one that came back, from the day of the refund on", async () => {
    const paid = (day: number): Cells => ({
      ...{ payment_key: "p", customer_key: "a", invoice_key: "i", payment_kind: "refund" },
      ...{ paid_at: `${daysAgo(day)} 10:00:00`, payment_amount: 500 },
    });
    const returnedOf = async (payments: readonly Cells[]) => {
      const engine = await exported({
        customers: customers("a"),
        order_lines: [line("a", "tea", 100, 500)],
        invoices: [
          {
            ...{ invoice_key: "i", invoice_number: "i", customer_key: "a", order_key: "a 100" },
            ...{ invoice_date: daysAgo(100), due_date: daysAgo(90), invoice_amount: 500 },
          },
        ],
        payments,
      });
      await built(engine, "features.next_best_returns");
      return rowsOf(engine, "select return_date, quantity from features.next_best_returns");
    };
    expect(await returnedOf([])).toEqual([]);
    expect(await returnedOf([paid(-1)])).toEqual([]);
    const [row] = await returnedOf([paid(40)]);
    expect([String(row!["return_date"]), Number(row!["quantity"])]).toEqual([
      expect.stringContaining(daysAgo(40)),
      1,
    ]);
  });

  test("takes nothing off a later purchase", async () => {
    expect(await heldAfter(back(40, -5))).toEqual([false, 1]);
  });
});

test("one quantity that is not known leaves none: a price is then that of a purchase, not of the units that are known", async () => {
  const engine = await exported({
    customers: customers("a"),
    order_lines: [
      { ...line("a", "tea", 20, 100), quantity: 10 },
      { ...line("a", "tea", 20, 100), line_key: "2", quantity: "" },
      { ...line("a", "soap", 9, 100), quantity: 10 },
      { ...line("a", "soap", 9, 100), order_key: "of the same day", quantity: "" },
      { ...line("a", "ink", 9, 100), quantity: 10 },
    ],
  });
  await built(engine, "features.next_best_products");
  const prices = `select products.product_key, unit_price from features.next_best_products as counted
    inner join features.basket_products as products on counted.product_number = products.product_number
    where place = 0 order by 1`;
  expect(await rowsOf(engine, prices)).toEqual([
    { product_key: "ink", unit_price: 10 },
    { product_key: "soap", unit_price: 200 },
    { product_key: "tea", unit_price: 200 },
  ]);
});

test("two records of one customer in one order without a head are one order", async () => {
  const shared = { order_key: "7", order_date: daysAgo(3), product_key: "tea" };
  const engine = await exported({
    customers: ["a", "b"].map((key) => ({ customer_key: key, email: "buyer@a.example" })),
    order_lines: [
      { ...shared, line_key: "1", customer_key: "a", line_amount: 10, line_cost: 4 },
      { ...shared, line_key: "2", customer_key: "b", line_amount: 20, line_cost: 5 },
    ],
  });
  await built(engine, "facts.orders", "features.basket_lines");
  const sums = "select count(*) as order_count, sum(order_amount) as amount, sum(order_cost) as cost";
  expect((await rowsOf(engine, `${sums} from facts.orders`)).map(numbered)).toEqual([
    { order_count: 1, amount: 30, cost: 9 },
  ]);
});

test("a line without a customer, or without a day, lies in no order of another's number", async () => {
  const shared = { order_key: "7", order_date: daysAgo(3), quantity: 1, line_amount: 10 };
  const engine = await exported({
    customers: customers("a", "b"),
    order_lines: [
      { ...shared, line_key: "1", customer_key: "a", product_key: "tea" },
      { ...shared, line_key: "2", customer_key: "", product_key: "ink" },
      { ...shared, line_key: "3", customer_key: "b", product_key: "pen", order_date: "" },
    ],
  });
  await built(engine, "features.basket_lines");
  expect(await rowsOf(engine, `select product_key from ${SOLD}`)).toEqual([{ product_key: "tea" }]);
});

test("a cost of the order or line is converted as its amount is, that of the product is not", async () => {
  const head = { customer_key: "a", order_date: daysAgo(3), currency: "USD" };
  const dollars = { ...line("a", "tea", 3, 100), line_cost: 40, currency: "USD" };
  const engine = await exported({
    customers: customers("a"),
    products: [{ product_key: "rice", unit_cost: 7 }],
    orders: [
      { ...head, order_key: "head", order_amount: 100, order_cost: 60 },
      { ...head, order_key: "lines" },
    ],
    order_lines: [
      dollars,
      { ...dollars, order_key: "lines" },
      { ...line("a", "rice", 3, 100), order_key: "lines", quantity: 3, line_cost: "" },
    ],
    rates: [{ currency: "USD", rate_date: daysAgo(90), rate: 0.5 }],
  });
  await engine.create("run.settings", "select * replace ('EUR' as currency) from run.settings");
  await built(engine, "features.basket_lines");
  expect(await rowsOf(engine, "select order_amount, order_cost from facts.orders order by 2")).toEqual([
    { order_amount: 50, order_cost: 20 },
    { order_amount: 50, order_cost: 30 },
    { order_amount: 100, order_cost: 41 },
  ]);
  const lines = `select product_key, line_amount, line_cost from ${SOLD} order by 1, 3`;
  expect(await rowsOf(engine, lines)).toEqual([
    { product_key: "rice", line_amount: 50, line_cost: 21 },
    { product_key: "tea", line_amount: 50, line_cost: 20 },
    { product_key: "tea", line_amount: 50, line_cost: 20 },
  ]);
});

test("an order without a head in two currencies: each line is converted by its own, in orders as in baskets", async () => {
  const shared = { order_key: "7", customer_key: "a", order_date: daysAgo(3), quantity: 1 };
  const engine = await exported({
    customers: customers("a"),
    products: [{ product_key: "rice", unit_cost: 7 }],
    order_lines: [
      { ...shared, line_key: "1", product_key: "tea", line_amount: 100, line_cost: 40, currency: "EUR" },
      { ...shared, line_key: "2", product_key: "ink", line_amount: 10, line_cost: 4, currency: "USD" },
      { ...shared, line_key: "3", product_key: "pen", line_amount: 20, line_cost: 6, currency: "gbp" },
      { ...shared, line_key: "4", product_key: "rice", line_amount: 30, quantity: 2 },
      { ...shared, line_key: "5", product_key: "ink", line_amount: -4, line_cost: -1, currency: "USD" },
    ],
    rates: [
      { currency: "USD", rate_date: daysAgo(90), rate: 0.5 },
      { currency: "GBP", rate_date: daysAgo(90), rate: 2 },
    ],
  });
  await engine.create("run.settings", "select * replace ('EUR' as currency) from run.settings");
  await built(engine, "features.basket_lines");
  const sums = "select order_amount, gross_amount, order_cost, is_converted from facts.orders";
  expect(await rowsOf(engine, sums)).toEqual([
    { order_amount: 173, gross_amount: 175, order_cost: 67.5, is_converted: true },
  ]);
  const lines = `select product_key, line_amount, line_cost from ${SOLD} order by 1`;
  expect(await rowsOf(engine, lines)).toEqual([
    { product_key: "ink", line_amount: 5, line_cost: 2 },
    { product_key: "pen", line_amount: 40, line_cost: 12 },
    { product_key: "rice", line_amount: 30, line_cost: 14 },
    { product_key: "tea", line_amount: 100, line_cost: 40 },
  ]);
});

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/engines/engine.js";
import { likelihoodSql } from "../../src/analyses/baskets-next-best-reasons.js";
import { readPlan } from "../../src/pipeline.js";
import { readRelations } from "../../src/relation.js";
import { readTruth } from "../demo/exports.js";
import { openWarehouse, rowsOf } from "../engines/warehouse.js";
import { built, customers, daysAgo, exported, type Cells } from "./churn-warehouse.js";
import { candidatesBuilt } from "./offer-candidates.js";
import { runLines } from "./run-lines.js";
import { runPlan, type Ran } from "./run-plan.js";

/** A line of a sale. */
const line = (
  customer: string,
  product: string,
  ...[day, amount = 100]: readonly [number, number?]
): Cells => ({
  order_key: `${customer} ${day}`,
  line_key: product,
  customer_key: customer,
  order_date: daysAgo(day),
  product_key: product,
  quantity: 1,
  line_amount: amount,
  line_cost: amount > 0 ? amount / 2 : amount,
});

const names = Array.from({ length: 24 }, (_, i) => `c${i}`);
/** Everybody buys coffee and later tea every 90 days; every second customer takes a machine, and a grinder 20 days later. */
const history = names.flatMap((name, i) => [
  ...[30, 120, 210, 300, 390, 480].map((day) => line(name, "coffee", day + i)),
  ...[75, 165, 255].map((day) => line(name, "tea", day + i)),
  ...(i % 2 === 0
    ? [line(name, "machine", 130 + 10 * i, 900), line(name, "grinder", 110 + 10 * i, 500)]
    : []),
]);

const TURN = `select 1 as place, 'all' as ships, 10 as offer_count, 1 = 0 as is_new_only, 5e0 as product_shape,
  5e0 as again_weight, 5e0 as popular_weight, 5e0 as any_weight, 0.01e0 as min_probability`;

/** What the three ways would have offered 60 days ago. */
async function offersOfTest(lines: readonly Cells[]): Promise<Record<string, unknown>[]> {
  const engine = await learnt(lines);
  return rowsOf(
    engine,
    `select candidates.contender, customers.customer_key, products.product_key, candidates.kind, candidates.probability
    from results.next_best_candidates as candidates
    inner join unified.customers as customers on candidates.customer_id = customers.customer_id
    inner join features.basket_products as products on candidates.product_number = products.product_number
    order by 1, 2, 3`,
  );
}

async function learnt(lines: readonly Cells[], turn = TURN): Promise<Engine> {
  const engine = await exported({ customers: customers(...names), order_lines: lines });
  await built(engine, "features.next_best_after");
  await engine.create("results.next_best_turn", turn);
  await engine.create(
    "results.next_best_lifts",
    `select first_number, band, second_number, hit_count / expected_count as lift
    from features.next_best_after where learn_for = (select place from results.next_best_turn)`,
  );
  return candidatesBuilt(engine);
}

describe("the trial knows nothing of what came later", () => {
  test("purchases, returns and the popularity of the last 60 days change no offer of the day before", async () => {
    const before = history.filter(({ order_date: day }) => String(day) <= daysAgo(60));
    const later = names.flatMap((name) => [
      line(name, "coffee", 40),
      line(name, "machine", 5, 900),
      line(name, "grinder", 3, 500),
      line(name, "coffee", 2, -100),
    ]);
    const offers = await offersOfTest(before);
    expect(offers).toHaveLength(216);
    expect(await offersOfTest([...before, ...later])).toEqual(offers);
  });
});

describe("what is learnt for a day", () => {
  const learntRows = async (lines: readonly Cells[], place: number) => {
    const engine = await exported({ customers: customers(...names), order_lines: lines });
    await built(engine, "features.next_best_after", "features.next_best_again", "features.next_best_popular");
    const rows = ["after", "again", "popular"].map((name) =>
      rowsOf(engine, `select * from features.next_best_${name} where learn_for = ${place} order by all`),
    );
    return Promise.all(rows);
  };

  test.each([
    [2, 120],
    [1, 60],
    [0, 0],
  ])("for place %i rests on nothing that came after %i days ago", async (place, days) => {
    const before = history.filter(({ order_date: day }) => String(day) <= daysAgo(days));
    const later = names.flatMap((name) => [
      line(name, "coffee", days - 1),
      line(name, "machine", days - 2, 900),
      line(name, "grinder", days - 3, 500),
      line(name, "coffee", days - 4, -100),
    ]);
    const rows = await learntRows(before, place);
    expect(rows.map(({ length }) => length > 0)).toEqual([true, true, true]);
    expect(await learntRows([...before, ...later], place)).toEqual(rows);
  });
});

describe("how likely a product is bought again", () => {
  const probabilities = async (customer: string, lines: readonly Cells[]) => {
    const engine = await learnt(lines, TURN.replace("1 as place", "0 as place"));
    const rows = await rowsOf(
      engine,
      `select products.product_key, candidates.contender, candidates.probability from results.next_best_candidates as candidates
      inner join unified.customers as customers on candidates.customer_id = customers.customer_id
      inner join features.basket_products as products on candidates.product_number = products.product_number
      where customers.customer_key = '${customer}' and candidates.kind = 'again'`,
    );
    const of = (product: string, contender: string) =>
      rows.find((row) => row["product_key"] === product && row["contender"] === contender)?.["probability"];
    return { engine, of };
  };

  test("a product without a past goes by all products in its class", async () => {
    const { engine, of } = await probabilities("c1", [...history, line("c1", "milk", 31, 100)]);
    const [rate] = await rowsOf(
      engine,
      `select max(class_rate) as rate from features.next_best_again as rates
      inner join features.next_best_products as milk on rates.rhythm_class = rhythm_class(31, milk.mean_gap_days)
      inner join features.next_best_customers as busy on rates.activity_class = busy.activity_class
      inner join unified.customers as customers on busy.customer_id = customers.customer_id
      inner join features.basket_products as products on milk.product_number = products.product_number
      where rates.learn_for = 0 and rates.times_class = 1 and milk.place = 0 and busy.place = 0
        and customers.customer_key = 'c1' and products.product_key = 'milk'`,
    );
    expect(Number(rate!["rate"])).toBeGreaterThan(0);
    expect(of("milk", "model")).toBeCloseTo(Number(rate!["rate"]), 12);
  });

  test("one who came back after long is no certainty: drawn to one of three at the same point", async () => {
    const others = history.filter(({ customer_key: customer }) => customer !== "c23");
    const salt = [100, 330, 334, 338, 342, 346, 350, 354, 358, 360].map((day) => line("c23", "salt", day));
    const engine = await learnt([...others, ...salt], TURN.replace("1 as place", "0 as place"));
    const rates = await rowsOf(
      engine,
      `select trial_count, hit_count, class_rate from features.next_best_again
      where learn_for = 0 and times_class = 5 and rhythm_class = 10 and activity_class = 1`,
    );
    const [all] = await rowsOf(
      engine,
      "select ratio(sum(hit_count), sum(trial_count)) as rate from features.next_best_again where learn_for = 0",
    );
    const atThisPoint = (1 + 10 * Number(all!["rate"])) / (3 + 10);
    const oneOfThree = (atThisPoint * (1 + 10)) / (atThisPoint + 10);
    expect(rates).toEqual([
      { trial_count: 1, hit_count: 1, class_rate: expect.closeTo((1 + 20 * oneOfThree) / 21, 9) as number },
    ]);
  });

  test("as many purchases make customers as busy only where they were as lately", async () => {
    const days = {
      "3 lately": [10, 20, 30],
      "3 silent for one horizon": [61, 70, 80],
      "1 silent for one": [119],
      "3 silent for two": [120, 130, 140],
      "3 silent for three": [180, 190, 200],
    };
    const lines = Object.values(days).flatMap((of, i) => of.map((day) => line(names[i]!, "coffee", day)));
    const engine = await learnt([
      ...history.filter(({ customer_key: key }) => Number(String(key).slice(1)) > 4),
      ...lines,
    ]);
    const rows = await rowsOf(
      engine,
      `select activity_class from features.next_best_customers as busy
      inner join unified.customers as customers on busy.customer_id = customers.customer_id
      where busy.place = 0 and customers.customer_key in ('c0', 'c1', 'c2', 'c3', 'c4')
      order by customers.customer_key`,
    );
    expect(rows.map((row) => row["activity_class"])).toEqual([6, 4, 3, 2, 1]);
  });

  test("what follows something is told to those without it by their own share, as counted one by one", async () => {
    const filters = names.flatMap((name, i) => [line(name, "filter", 65 + ((7 * i) % 300))]);
    const engine = await learnt([...history, ...filters]);
    const rows = await rowsOf(
      engine,
      `select products.product_key, unled.probability, rates.probability as any_probability,
        unled.trial_count as trials, unled.hit_count as hits, rates.trial_count as all_trials,
        (select count(*) from features.next_best_customers as busy
          where busy.place > 1 and busy.activity_class = unled.activity_class
            and not exists (select 1 from features.next_best_holdings as owned
              where owned.customer_id = busy.customer_id and owned.place = busy.place
                and owned.product_number = unled.product_number)
            and not exists (select 1 from features.next_best_holdings as firsts
              inner join results.next_best_lifts as lifts
                on firsts.product_number = lifts.first_number and firsts.band = lifts.band
              where firsts.customer_id = busy.customer_id and firsts.place = busy.place and firsts.is_latest
                and lifts.second_number = unled.product_number and lifts.lift > 1.2)) as counted
      from results.next_best_unled as unled
      inner join results.next_best_popular_rates as rates
        on unled.activity_class = rates.activity_class and unled.product_number = rates.product_number
      inner join features.basket_products as products on unled.product_number = products.product_number`,
    );
    expect(rows.length).toBeGreaterThan(5);
    for (const { trials, counted } of rows) expect(Number(trials)).toBe(Number(counted));
    const isLed = ({ trials, all_trials: all }: (typeof rows)[number]) => Number(trials) < Number(all);
    expect(rows.some(isLed)).toBe(true);
    const led = new Set(rows.filter(isLed).map(({ product_key: key }) => key));
    for (const { product_key: key, probability, any_probability: any } of rows)
      if (led.has(key)) expect(Number(probability)).toBeLessThan(Number(any));
      else expect(Number(probability)).toBeCloseTo(Number(any), 12);
  });

  test("what nobody buys any more is not told by those who bought it again a year ago", async () => {
    const stopped = names.flatMap((name, i) => [
      ...[320, 350, 380, 410, 440, 470].map((day) => line(name, "cocoa", day + (i % 10), 100)),
    ]);
    const engine = await learnt([...history, ...stopped], TURN.replace("1 as place", "0 as place"));
    const [counts] = await rowsOf(
      engine,
      `select sum(trial_count) as trials, sum(hit_count) as hits from features.next_best_again as rates
      inner join features.basket_products as products on rates.product_number = products.product_number
      where rates.learn_for = 0 and products.product_key = 'cocoa'`,
    );
    expect([Number(counts!["trials"]), Number(counts!["hits"])]).toEqual([96, 0]);
  });

  test("in a class that nobody was ever in it goes by all classes", async () => {
    const often = [2, 4, 6, 8, 10, 12, 14, 16, 18].map((day) => line("c1", "water", day, 1000));
    const { engine, of } = await probabilities("c1", [...history, ...often]);
    const [rate] = await rowsOf(
      engine,
      `select sum(hit_count) / sum(trial_count) as rate, max(times_class) as most
      from features.next_best_again where learn_for = 0`,
    );
    expect(Number(rate!["most"])).toBeLessThan(5);
    expect(of("water", "model")).toBeCloseTo(Number(rate!["rate"]), 12);
  });
});

describe("what is offered", () => {
  const TODAY_TURN = TURN.replace("1 as place", "0 as place");
  const offered = (engine: Engine, customer: string) =>
    rowsOf(
      engine,
      `select products.product_key, candidates.kind from results.next_best_candidates as candidates
      inner join unified.customers as customers on candidates.customer_id = customers.customer_id
      inner join features.basket_products as products on candidates.product_number = products.product_number
      where candidates.contender = 'model' and customers.customer_key = '${customer}' order by candidates.offer_rank`,
    );

  test("the grinder, to one who bought the machine ten days ago and has none; nothing that was given back last, but to others", async () => {
    const some = [line("c1", "machine", 10, 900), line("c20", "coffee", 1, -100)];
    const engine = await learnt([...history, ...some], TODAY_TURN);
    expect(await offered(engine, "c1")).toContainEqual({ product_key: "grinder", kind: "after" });
    expect(await offered(engine, "c0")).not.toContainEqual(
      expect.objectContaining({ product_key: "grinder", kind: "after" }),
    );
    expect(await offered(engine, "c20")).not.toContainEqual(
      expect.objectContaining({ product_key: "coffee" }),
    );
    expect(await offered(engine, "c21")).toContainEqual({ product_key: "coffee", kind: "again" });
  });

  test("what was bought in an order that was paid back in part, or will be tomorrow, but in none that was paid back whole", async () => {
    const refunds = [
      { customer: "c20", day: 50, amount: 100, paid: 2 },
      { customer: "c21", day: 51, amount: 40, paid: 2 },
      { customer: "c22", day: 52, amount: 100, paid: -1 },
    ];
    const engine = await exported({
      customers: customers(...names),
      order_lines: history,
      invoices: refunds.map(({ customer, day }) => ({
        invoice_key: customer,
        customer_key: customer,
        order_key: `${customer} ${day}`,
        invoice_amount: 100,
      })),
      payments: refunds.map(({ customer, amount, paid }) => ({
        payment_key: customer,
        invoice_key: customer,
        paid_at: `${daysAgo(paid)} 10:00:00`,
        payment_kind: "refund",
        payment_amount: amount,
      })),
    });
    await built(engine, "features.next_best_holdings");
    const rows = await rowsOf(
      engine,
      `select customer_key from features.next_best_holdings as held
      inner join unified.customers as customers on held.customer_id = customers.customer_id
      inner join features.basket_products as products on held.product_number = products.product_number
      where held.place = 0 and product_key = 'coffee' and customer_key in ('c20', 'c21', 'c22') and not is_returned order by customer_key`,
    );
    expect(rows.map(({ customer_key: key }) => key)).toEqual(["c21", "c22"]);
  });

  test("nothing that is bought on nearly all days, unless it is seldomer than the settings say", async () => {
    const isBag = expect.objectContaining({ product_key: "bag" });
    const bought = history.filter(({ line_key: key }) => key !== "tea");
    const bags = history.map((cells) => ({
      ...cells,
      line_key: "bag",
      product_key: "bag",
      line_amount: 400,
      line_cost: 1,
    }));
    const inMost = await learnt([...bought, ...bags.slice(20)], TODAY_TURN);
    expect((await offered(inMost, "c20")).length).toBeGreaterThan(0);
    expect(await offered(inMost, "c20")).not.toContainEqual(isBag);
    expect(await offered(await learnt([...history, ...bags.slice(60)], TODAY_TURN), "c20")).toContainEqual(
      isBag,
    );
  });

  test("what sells best, though everybody has it: coffee is bought again and again", async () => {
    const engine = await learnt(history, TODAY_TURN);
    const sellers = await rowsOf(
      engine,
      `select distinct products.product_key from results.next_best_candidates as candidates
      inner join features.basket_products as products on candidates.product_number = products.product_number
      where candidates.contender = 'popular' order by 1`,
    );
    expect(sellers.map(({ product_key: key }) => key)).toEqual(["coffee", "grinder", "machine", "tea"]);
  });

  test.each([
    ["1 = 0", 0.2, ["model", "popular", "repeats"]],
    ["1 = 1", 0.05, ["model", "popular"]],
  ])(
    "what is tried is what ships, new only where %s: three offers are the first three of ten, and nothing is less likely than allowed",
    async (isNewOnly, least, contenders) => {
      const select = `select contender, customer_id, offer_rank, product_number, probability
      from results.next_best_candidates where offer_rank <= 3 order by all`;
      const turn = TODAY_TURN.replace("0.01e0", `${least}e0`).replace("1 = 0", isNewOnly);
      const tried = await rowsOf(await learnt(history, turn), select);
      for (const ships of contenders) {
        const shipped = await learnt(history, turn.replace("'all'", `'${ships}'`).replace("10 as", "3 as"));
        const expected = tried.filter(({ contender }) => contender === ships);
        expect(expected.length).toBeGreaterThan(12);
        expect(Math.min(...tried.map(({ probability }) => Number(probability)))).toBeGreaterThanOrEqual(
          least,
        );
        expect(await rowsOf(shipped, select)).toEqual(expected);
      }
    },
  );

  test("with new products only, nothing that is owned", async () => {
    const engine = await learnt(history, TODAY_TURN.replace("1 = 0", "1 = 1"));
    expect(await offered(engine, "c5")).not.toContainEqual(
      expect.objectContaining({ product_key: "coffee" }),
    );
  });
});

describe("what was given back leads to nothing and follows nothing", () => {
  const hitsOf = async (returned: readonly Cells[]) => {
    const engine = await exported({ customers: customers(...names), order_lines: [...history, ...returned] });
    await built(engine, "features.next_best_after");
    const rows = await rowsOf(
      engine,
      `select hit_count from features.next_best_after as pairs
      inner join features.basket_products as firsts on pairs.first_number = firsts.product_number
      inner join features.basket_products as seconds on pairs.second_number = seconds.product_number
      where learn_for = 0 and band = 1 and firsts.product_key = 'machine' and seconds.product_key = 'grinder'`,
    );
    return Number(rows[0]?.["hit_count"] ?? 0);
  };
  const back = (product: string, ...[later, first]: readonly [number, number]) =>
    names.flatMap((name, i) => (i % 2 === 0 ? [line(name, product, first + 10 * i - later, -900)] : []));

  test("a machine that went back the next day is no first, a grinder that did is none behind it", async () => {
    expect(await hitsOf([])).toBe(4);
    expect(await hitsOf(back("machine", 1, 130))).toBe(0);
    expect(await hitsOf(back("grinder", 1, 110))).toBe(0);
  });
});

describe("products of unknown cost", () => {
  const costless = (cells: Cells): Cells =>
    Object.fromEntries(Object.entries(cells).filter(([name]) => name !== "line_cost"));
  const every = (product: string, ...[amount, first]: readonly [number, number]) =>
    names.flatMap((name, i) =>
      [0, 60, 120, 180, 240].map((day) => line(name, product, day + first + i, amount)),
    );
  const KNOWN = [
    ...every("rich", 90, 1).map((cells) => ({ ...cells, line_cost: 9 })),
    ...every("plain", 100, 2).map((cells) => ({ ...cells, line_cost: 90 })),
  ];
  const moneyOf = async (lines: readonly Cells[]) => {
    const engine = await exported({ customers: customers(...names), order_lines: lines });
    await built(engine, "features.next_best_products");
    const rows = await rowsOf(
      engine,
      `select product_key, money_basis, purchase_money from features.next_best_products as known
      inner join features.basket_products as products on known.product_number = products.product_number
      where place = 0 order by product_key`,
    );
    return Object.fromEntries(
      rows.map((row) => [row["product_key"], [row["money_basis"], Number(row["purchase_money"])]]),
    );
  };

  test("count revenue times the mean margin rate of the others, and are ranked by that", async () => {
    const lines = [...KNOWN, ...every("dear", 100, 3).map(costless)];
    // 91 of 190 are margin where costs are known: 100 times that.
    expect(await moneyOf(lines)).toEqual({ dear: ["mean", 47.89], plain: ["own", 10], rich: ["own", 81] });
    const offers = await rowsOf(
      await learnt(lines, TURN.replace("1 as place", "0 as place")),
      `select candidates.contender, products.product_key, min(candidates.offer_rank) as best
      from results.next_best_candidates as candidates
      inner join features.basket_products as products on candidates.product_number = products.product_number
      where candidates.contender = 'repeats' group by all order by best`,
    );
    expect(offers.map(({ product_key: key }) => key)).toEqual(["rich", "dear", "plain"]);
  });

  test("go by their own rate where the cost of some lines is known", async () => {
    const half = every("dear", 100, 3).map((cells, i) =>
      i % 2 === 0 ? { ...cells, line_cost: 20 } : costless(cells),
    );
    expect(await moneyOf([...KNOWN, ...half])).toMatchObject({ dear: ["own", 80] });
  });

  test("count revenue where no cost is known at all", async () => {
    expect(await moneyOf([...KNOWN, ...every("dear", 100, 3)].map(costless))).toEqual({
      dear: ["revenue", 100],
      plain: ["revenue", 100],
      rich: ["revenue", 90],
    });
  });

  test.each([
    [
      "en",
      "Products of unknown cost: 2. Their expected margin is revenue times the mean margin rate of the others, 47.9%.",
    ],
    ["zh", "成本未知的产品：2 个。其预期毛利按销售额乘以其他产品的平均毛利率 47.9% 计算。"],
  ] as const)("are counted in a note of the report, in %s, and on the card", async (language, note) => {
    const unknown = [...every("dear", 100, 3), ...every("cheap", 10, 4)].map(costless);
    const { report } = await runLines([...KNOWN, ...unknown], {}, { language });
    const { models, notes } = report.sections[0]!;
    expect(notes).toContain(note);
    expect(models!.find(({ name }) => name === "next-best")).toMatchObject({ mean_rate_products: 2 });
  });

  test("are in no note where every cost is known", async () => {
    const { report } = await runLines(KNOWN, {});
    expect(report.sections[0]!.notes.join(" ")).not.toContain("unknown cost");
  });

  test("make no rule's margin revenue: theirs is revenue times that rate, the others' their own", async () => {
    const together = names.flatMap((name) =>
      [1, 30, 60, 90].flatMap((day) => [
        { ...line(name, "rich", day, 90), line_cost: 9 },
        costless(line(name, "dear", day, 100)),
      ]),
    );
    const apart = every("plain", 100, 2).map((cells) => ({ ...cells, line_cost: 90 }));
    const { rows, report } = await runLines([...together, ...apart], {
      rules: `select consequent, margin_per_hundred from results.basket_rule_rows
        where consequent in ('rich', 'dear') order by consequent`,
    });
    // Margins: 24 × 4 × 81 + 24 × 5 × 10 of 24 × 4 × 90 + 24 × 5 × 100: 43.37 % of 100.
    expect(rows.rules.map(({ consequent }) => consequent)).toEqual(["dear", "rich"]);
    expect(Number(rows.rules[0]!["margin_per_hundred"])).toBeCloseTo((100 * 100 * 8976) / 20640, 0);
    expect(Number(rows.rules[1]!["margin_per_hundred"])).toBeCloseTo(8100, 0);
    expect(report.sections[0]!.tables.map(({ caption }) => caption).join()).not.toContain("money is revenue");
  });

  test("are judged in the trial by the same rates", async () => {
    const engine = await exported({
      customers: customers(...names),
      order_lines: [...KNOWN, ...every("dear", 100, 3).map(costless)],
    });
    await built(engine, "features.next_best_outcomes");
    const rows = await rowsOf(
      engine,
      `select product_key, max(outcome_margin) as margin from features.next_best_outcomes as outcomes
      inner join features.basket_products as products on outcomes.product_number = products.product_number
      group by product_key order by product_key`,
    );
    expect(rows.map(({ margin }) => Number(margin))).toEqual([47.89, 10, 81]);
  });
});

describe("a base larger than the sample", () => {
  /** The card, the notes and the customers of a run on so many customers with the history of everybody, 100 of them sampled. */
  const sampled = async (customerCount: number, isReversed = false) => {
    const lines = Array.from({ length: customerCount }, (_, i) =>
      [20, 110, 200, 290, 380, 470].flatMap((day) => [
        line(`c${i}`, "coffee", day + (i % 40)),
        line(`c${i}`, i % 2 === 0 ? "tea" : "milk", day + (i % 35) + 20),
      ]),
    ).flat();
    const { report, rows: found } = await runLines(isReversed ? lines.reverse() : lines, {
      counts: `select count(distinct case when place = 0 then customer_id end) as today,
        count(distinct case when place > 0 then customer_id end) as looked_at from features.next_best_holdings`,
      drawn: `select count(*) as row_count from features.next_best_customers
        where place = 1 and place_by_hash(customer_id) < 500`,
    });
    const { models, notes } = report.sections[0]!;
    const card = models!.find(({ name }) => name === "next-best")!;
    return { card, notes, counts: found.counts[0]!, drawn: Number(found.drawn[0]!["row_count"]) };
  };

  test("learns from and tries on those drawn by hash, offers to all, says so, and minds no order of rows", async () => {
    const { card, notes, counts, drawn } = await sampled(200);
    expect(card).toMatchObject({ sampled_share: 0.5, sampled_of: 200, tested_on: daysAgo(60) });
    const tried = (card["trial"] as { customers: number }[]).map(({ customers: count }) => count);
    expect(new Set(tried)).toEqual(new Set([drawn]));
    expect(drawn).toBe(101);
    expect(counts).toEqual({ today: 200, looked_at: drawn });
    expect(notes).toContain(
      `Of 200 customers 50.0%, drawn by hash, were learnt from and tried on; ${drawn} of these had bought by ${daysAgo(60)}, and all counts of the trial are of them.`,
    );
    expect((await sampled(200, true)).card).toEqual(card);
  });

  test("says nothing of a sample where all are looked at", async () => {
    const { card, notes, counts } = await sampled(100);
    expect(card).not.toHaveProperty("sampled_share");
    expect(counts).toEqual({ today: 100, looked_at: 100 });
    expect(notes.join(" ")).not.toContain("drawn by hash");
  });
});

test.each([
  [0, "<0.1%"],
  [0.0004, "<0.1%"],
  [0.0006, "0.1%"],
  [0.0949, "9.5%"],
  [0.38, "38%"],
  [0.994, "99%"],
  [0.997, "99.7%"],
  [0.9995, ">99.9%"],
  [1, ">99.9%"],
])("a reason tells a likelihood of %d as %s", async (likelihood, told) => {
  const warehouse = await openWarehouse();
  await warehouse.create("raw.offers", `select cast(${likelihood} as double) as probability`);
  expect(await rowsOf(warehouse, `select ${likelihoodSql("probability")} as told from raw.offers`)).toEqual([
    { told },
  ]);
});

interface Card {
  readonly ships: string;
  readonly trial: readonly { contender: string; offers: number; hit_rate: { estimate: number } }[];
}

const selectOf = (relation: string) => readRelations().find(({ name }) => name === relation)!.select;

describe("the demo firm", () => {
  const output = mkdtempSync(join(tmpdir(), "crm-analyze-next-best-"));
  const QUERIES = {
    lifts: `select firsts.product_key as first, seconds.product_key as second, lifts.lift, lifts.band
      from results.next_best_lifts as lifts
      inner join features.basket_products as firsts on lifts.first_number = firsts.product_number
      inner join features.basket_products as seconds on lifts.second_number = seconds.product_number
      order by lifts.lift desc`,
    rhythms: "select * from results.next_best_rhythms",
    permitted: `select count(distinct offers.customer_id) as customer_count from results.next_best as offers
      inner join facts.permitted_addresses as addresses on offers.customer_id = addresses.customer_id
      where addresses.permitted_channels <> ''`,
    refused: `select count(*) as row_count from results.next_best as offers
      inner join features.basket_products as products on offers.product_key = products.product_key
      where products.is_discontinued`,
    stillReturned: `select count(*) as row_count from results.next_best as offers
      inner join features.basket_products as products on offers.product_key = products.product_key
      inner join features.next_best_holdings as holdings on holdings.customer_id = offers.customer_id
        and holdings.product_number = products.product_number
      where holdings.place = 0 and holdings.is_returned`,
    offers: "select offer_rank, probability, expected_margin, reason from results.next_best",
    trial: "select * from results.next_best_trial",
    crossUnit: `select found.main_unit, found.unit, found.unit_amount, found.peer_share, reasons.reason
      from results.cross_unit as found left join results.cross_unit_reasons as reasons
        on found.customer_id = reasons.customer_id and found.unit = reasons.unit`,
    crossUnitList: selectOf("results.cross_unit_list"),
    upSell: `select count(*) as row_count from results.up_sell as found left join results.up_sell_reasons as reasons
        on found.customer_id = reasons.customer_id and found.category = reasons.category where reasons.reason is null`,
  };
  let ran: Ran<keyof typeof QUERIES>;

  beforeAll(async () => {
    const plan = readPlan(fileURLToPath(new URL("../../pipelines/nightly.yml", import.meta.url)), {
      only: ["baskets"],
      output,
    });
    ran = await runPlan(plan, QUERIES);
  }, 120_000);
  afterAll(() => rmSync(output, { recursive: true }));

  test("the list of customers small in a unit has an address for each channel that they permit, and no other", () => {
    const columns = { email: "email_address", phone: "phone_number", sms: "sms_number", mail: "mail_city" };
    const listed = ran.rows.crossUnitList;
    for (const [channel, column] of Object.entries(columns)) {
      const permitted = listed.filter((row) =>
        String(row["permitted_channels"]).split(", ").includes(channel),
      );
      expect(
        listed.filter((row) => row[column] !== null),
        channel,
      ).toEqual(permitted);
    }
    expect(listed.filter(({ email_address: address }) => address !== null)).not.toEqual([]);
    expect(listed.filter(({ email_address: address }) => address === null)).not.toEqual([]);
  });

  test("the planted sequence is the strongest pair: the grinder after the espresso machine", () => {
    const [planted] = readTruth("products_together.csv").filter(({ within_days: days }) => days === "60");
    expect(ran.rows.lifts[0]).toMatchObject({
      first: planted!["first"],
      second: planted!["second"],
      band: 1,
    });
    expect(Number(ran.rows.lifts[0]!["lift"])).toBeGreaterThan(10);
  });

  test("every planted sequence is a pair to offer, though many who start it own the second already", () => {
    const planted = readTruth("products_together.csv").filter(({ within_days: days }) => Number(days) > 0);
    expect(planted).toHaveLength(3);
    for (const { first, second } of planted) {
      const pair = ran.rows.lifts.find((row) => row["first"] === first && row["second"] === second)!;
      expect(Number(pair["lift"]), `${first} → ${second}`).toBeGreaterThan(3);
    }
  });

  test("a product that is bought with nothing, however popular, has no lift to speak of", () => {
    const alone = readTruth("products_alone.csv").map(({ product }) => product);
    const found = ran.rows.lifts.filter(
      ({ first, second }) => alone.includes(String(first)) || alone.includes(String(second)),
    );
    expect(found.length).toBeGreaterThan(50);
    expect(Math.max(...found.map(({ lift }) => Number(lift)))).toBeLessThan(1.5);
  });

  test("planted refills are found in their rhythm", () => {
    for (const { product, customers: buyers, gaps, median_gap_days: median } of readTruth("refills.csv")) {
      const row = ran.rows.rhythms.find(({ product_key: key }) => key === product)!;
      expect(Number(row["rebuyer_count"])).toBe(Number(buyers));
      expect(Number(row["gap_count"])).toBe(Number(gaps));
      expect(Number(row["median_gap_days"])).toBe(Number(median));
    }
  });

  test("nothing discontinued and nothing given back is offered", () => {
    expect(ran.rows.refused).toEqual([{ row_count: 0 }]);
    expect(ran.rows.stillReturned).toEqual([{ row_count: 0 }]);
  });

  test("each offer says how often it was bought, and the probability by which it is ranked", () => {
    const [once, often] = [
      /^bought it on [\d-]{10}; /,
      /^bought \d+ times, last on [\d-]{10}; half of all repeat purchases of it come within \d+ days; /,
    ];
    const reasons = ran.rows.offers.map(({ reason }) => String(reason));
    const counts = [once, often].map((start) => reasons.filter((reason) => start.test(reason)).length);
    expect(counts).toEqual([2941, 2509]);
    expect(reasons).toHaveLength(2941 + 2509);
    for (const { reason, probability } of ran.rows.offers) {
      const told = Number(
        / ([\d.]+)% of such customers buy it again within 60 days$/.exec(String(reason))?.[1],
      );
      const rounding = told < 9.5 ? 0.056 : 0.506;
      expect(Math.abs(told - 100 * Number(probability))).toBeLessThan(rounding);
    }
  });

  test("probabilities foretold for the trial come true within a fifth", () => {
    const model = ran.rows.trial.find(
      ({ contender, offer_count: count }) => contender === "model" && Number(count) === 5,
    )!;
    expect(Number(model["came_count"]) / Number(model["expected_count"])).toBeGreaterThan(0.8);
    expect(Number(model["came_count"]) / Number(model["expected_count"])).toBeLessThan(1.2);
  });

  test("the headline tells how often was bought what is offered, not what was learnt", () => {
    const section = ran.report.sections[0]!;
    const { ships, trial } = section.models!.find(({ name }) => name === "next-best") as unknown as Card;
    const shipped = trial.find(({ contender, offers }) => contender === ships && offers === 5)!;
    const headline = section.headlines.find(({ label }) => label === "Bought one of five")!;
    expect(ships).not.toBe("model");
    expect(headline.value).toBe(shipped.hit_rate.estimate);
    expect(headline.note).toContain("what the customer bought most: ");
  });

  test("the headline says what the offers are worth that may be made, as the list counts them", () => {
    const { headlines } = ran.report.sections[0]!;
    const headline = headlines.find(({ label }) => label === "Customers with an offer");
    const [permitted] = ran.rows.permitted;
    const count = Number(permitted!["customer_count"]).toLocaleString("en-US");
    expect(Number(permitted!["customer_count"])).toBeLessThan(Number(headline!.value));
    expect(headline!.note).toContain(`of the ${count} who permit contact`);
  });

  test("whoever is small in a category is told why: what share of their like buys there, and whether they do", () => {
    expect(ran.rows.crossUnit.length).toBeGreaterThan(100);
    for (const { main_unit: main, unit, unit_amount: amount, peer_share: share, reason } of ran.rows
      .crossUnit) {
      const spent =
        Number(amount) > 0
          ? "spends less than a quarter of what is usual there"
          : "bought nothing there for 12 months";
      expect(reason).toBe(
        `${Math.round(100 * Number(share))}% of customers who buy most in the category ${main} buy in ${unit} as well; this one ${spent}`,
      );
    }
    expect(ran.rows.upSell).toEqual([{ row_count: 0 }]);
  });

  test("the model finds more than what sells best", () => {
    const of = (contender: string) =>
      ran.rows.trial.find((row) => row["contender"] === contender && Number(row["offer_count"]) === 5)!;
    expect(Number(of("model")["amount"])).toBeGreaterThan(Number(of("popular")["amount"]));
  });
});

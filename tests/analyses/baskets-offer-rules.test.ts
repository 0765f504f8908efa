import { beforeAll, describe, expect, test } from "vitest";
import { BasketsConfig } from "../../src/analyses/baskets-config.js";
import { writeOfferRules } from "../../src/analyses/baskets-offer-rules.js";
import type { Engine } from "../../src/engines/engine.js";
import { openLog } from "../../src/log.js";
import { seeded } from "../../src/random.js";
import { readRelations } from "../../src/relation.js";
import { contextOf } from "../../src/steps/analyze.js";
import { textsIn } from "../../src/texts/index.js";
import type { Warning } from "../../src/warning.js";
import { rowsOf } from "../engines/warehouse.js";
import { built, customers, daysAgo, exported, TODAY, type Cells } from "./churn-warehouse.js";
import { runLines } from "./run-lines.js";
import type { Ran } from "./run-plan.js";

/** One product of an order. */
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
  line_amount: amount,
  line_cost: amount / 2,
});

const HORIZON = 60;
const CUSTOMERS = 640;
type Kind = "both" | "printer" | "paper" | "at once" | "neither";
const KINDS: readonly Kind[] = ["both", "both", "at once", "printer", "printer", "paper", "paper", "neither"];

interface Customer {
  readonly name: string;
  readonly kind: Kind;
  /** The snapshot before which the customer bought what the kind says. */
  readonly place: number;
  /** Whether ink followed, within the horizon behind that snapshot. */
  readonly isTaken: boolean;
}

/**
 * Customers who buy one of thirty things every fifteen days. Some buy printer and paper ten days before a snapshot, and of these
 * every second one ink within the horizon behind it; some only one of the two, and no ink; some all three at once.
 */
const FIRM: readonly Customer[] = Array.from({ length: CUSTOMERS }, (_, i) => {
  const place = Math.floor(i / KINDS.length) % 8;
  const kind = KINDS[i % KINDS.length]!;
  const isTaken = kind === "both" && i % KINDS.length === 0 && place > 0;
  return { name: `c${String(i).padStart(4, "0")}`, kind, place, isTaken };
});

const BOUGHT: Readonly<Record<Kind, readonly string[]>> = {
  both: ["printer", "paper"],
  printer: ["printer"],
  paper: ["paper"],
  "at once": ["printer", "paper", "ink"],
  neither: [],
};

function habitsOf(name: string, random: () => number): Cells[] {
  return Array.from({ length: 33 }, (_, n) =>
    line(name, `thing ${Math.floor(30 * random())}`, 15 * n + Math.floor(12 * random()), 200),
  );
}

const random = seeded(5);
const HABITS = FIRM.flatMap(({ name }) => habitsOf(name, random));
const INK = 400;
const priceOf = (product: string) => (product === "ink" ? INK : 20);
const PLANTED = FIRM.flatMap(({ name, kind, place, isTaken }) => [
  ...BOUGHT[kind].map((product) => line(name, product, HORIZON * place + 10, priceOf(product))),
  ...(isTaken ? [line(name, "ink", HORIZON * place - 20, INK)] : []),
]);
/** As much of each product, on the same days, by customers drawn at random. */
const SCATTERED = PLANTED.map((cells) => {
  const { name } = FIRM[Math.floor(CUSTOMERS * random())]!;
  return { ...cells, customer_key: name, order_key: `${name} ${cells["order_date"]} ${cells["line_key"]}` };
});

/** The first customers, and what they bought: enough for a rule to be mined, too few for it to ship. */
const SOME = FIRM.slice(0, 384);
const KNOWN = new Set(SOME.map(({ name }) => name));
const ofSome = (lines: readonly Cells[]) => lines.filter(({ customer_key: key }) => KNOWN.has(String(key)));

const QUERIES = {
  ink: `select customer_key, kind, kind_label, probability, reason from results.next_best
    where product_key = 'ink' order by customer_key`,
  rules: "select kind from results.next_best_evidence where kind = 'rule'",
  mined: "select left_names from results.next_best_rules",
};
const SETTINGS = { products: "new", sample_customers: 20_000 };

describe("ink follows those who have both printer and paper", () => {
  let ran: Ran<keyof typeof QUERIES>;
  beforeAll(async () => {
    ran = await runLines([...HABITS, ...PLANTED], QUERIES, { settings: SETTINGS });
  }, 60_000);

  test("who has both is offered it, with the half that was planted, because of both", () => {
    const open = FIRM.filter(({ kind, place }) => kind === "both" && place === 0).map(({ name }) => name);
    const offers = ran.rows.ink.filter(({ kind }) => kind === "rule");
    expect(offers.map(({ customer_key: key }) => key)).toEqual(open);
    expect(open).toHaveLength(20);
    for (const { probability, reason } of offers) {
      expect(Number(probability)).toBeGreaterThan(0.4);
      expect(Number(probability)).toBeLessThan(0.6);
      expect(reason).toMatch(
        /^bought paper and printer; [45]\d% of such customers take ink within 60 days, [\d.]+ times the average$/,
      );
    }
  });

  test("who has one of them is not told that they have both, and is half as likely at most", () => {
    const others = FIRM.filter(({ kind }) => kind === "printer" || kind === "paper").map(({ name }) => name);
    const offers = ran.rows.ink.filter(({ customer_key: key }) => others.includes(String(key)));
    expect(offers).not.toEqual([]);
    expect(offers.filter(({ kind }) => kind === "rule")).toEqual([]);
    for (const { probability } of offers) expect(Number(probability)).toBeLessThan(0.3);
  });

  test("the backtest: the offers surely bring more than what sells best, on both periods", () => {
    const card = ran.report.sections[0]!.models!.find(({ name }) => name === "next-best")!;
    expect(card).toMatchObject({ chosen: "model", ships: "model" });
    expect(card["grade"]).toMatch(/^[AB]$/);
  });
});

test("in Chinese", async () => {
  const { rows } = await runLines([...HABITS, ...PLANTED], QUERIES, { language: "zh", settings: SETTINGS });
  const offer = rows.ink.find(({ kind }) => kind === "rule")!;
  expect(offer["kind_label"]).toBe("组合搭配");
  expect(offer["reason"]).toMatch(
    /^已购买paper和printer；此类客户中有 [45]\d% 在 60 天内购买ink，是平均水平的 [\d.]+ 倍$/,
  );
}, 60_000);

test("where as much is bought by anybody, no rule is mined and none makes an offer", async () => {
  const { rows } = await runLines([...HABITS, ...SCATTERED], QUERIES, { settings: SETTINGS });
  expect(rows.mined).toEqual([]);
  expect(rows.rules).toEqual([]);
}, 60_000);

test("of many customers, rules are mined from those that the past is looked at for", async () => {
  const { rows } = await runLines(
    ofSome(HABITS),
    {
      mined: `select count(distinct baskets.customer_id) as customer_count,
          count(distinct case when known.customer_id is null then baskets.customer_id end) as other_count
        from features.next_best_baskets as mined
        inner join features.baskets as baskets on mined.basket_number = baskets.basket_number
        left join features.next_best_customers as known
          on baskets.customer_id = known.customer_id and known.place = mined.known_place and known.place > 0
        where mined.known_place > 0`,
      counted: `select count(*) as customer_count, count(case when holdings.customer_id is null then 1 end) as other_count
        from features.next_best_customers as known
        left join (select distinct customer_id, place from features.next_best_holdings) as holdings
          on known.customer_id = holdings.customer_id and known.place = holdings.place
        where known.place > 0`,
    },
    { settings: { sample_customers: 100 } },
  );
  const [row] = rows.mined;
  expect(Number(row!["customer_count"])).toBeGreaterThan(50);
  expect(Number(row!["customer_count"])).toBeLessThan(200);
  expect(row).toMatchObject({ other_count: 0 });
  expect(Number(rows.counted[0]!["customer_count"])).toBeGreaterThan(50);
  expect(rows.counted[0]).toMatchObject({ other_count: 0 });
}, 60_000);

describe("what rules a snapshot knows", () => {
  const relations = readRelations();
  const warnings: Warning[] = [];
  const log = openLog({ begin: () => {}, end: () => {}, warn: (warning) => warnings.push(warning) });
  const soldIn = async (lines: readonly Cells[]) => {
    const engine = await exported({
      customers: customers(...KNOWN),
      order_lines: lines,
    });
    return built(engine, "features.next_best_after", "features.next_best_baskets");
  };
  /** Rules by the keys of their sides, with what came of them. */
  const rulesAt = async (place: number, engine: Engine, settings: Partial<BasketsConfig> = {}) => {
    const run = { ...RUN, previousDate: null };
    warnings.length = 0;
    const context = contextOf({ engine, log, relations, texts: textsIn("en"), run });
    await engine.create("results.next_best_turn", `select ${place} as place`);
    await engine.create(
      "results.next_best_lifts",
      `select first_number, band, second_number, hit_count / expected_count as lift
      from features.next_best_after where learn_for = ${place}`,
    );
    await writeOfferRules(context, { place, config: { ...BasketsConfig.parse({}), ...settings } });
    await built(engine, "results.next_best_rule_outcomes");
    return rowsOf(
      engine,
      `select left_names, product_key, band, trial_count, hit_count, expected_count, pair_lift
      from results.next_best_rules as rules
      inner join features.basket_products as products on rules.right_number = products.product_number
      left join results.next_best_rule_outcomes as learnt on rules.rule_number = learnt.rule_number
      order by all`,
    );
  };
  const RUN = {
    asOfDate: TODAY,
    currency: null,
    language: "en" as const,
    seed: 1,
    directory: "",
    hasConsents: false,
  };
  /** Things in place of what was planted, and that given back. */
  const THINGS: Readonly<Record<string, string>> = { printer: "thing 1", paper: "thing 2", ink: "thing 3" };
  const later = (day: number) =>
    SOME.flatMap(({ name, kind }) => [
      ...BOUGHT[kind].map((product) => line(name, THINGS[product]!, day - 1)),
      line(name, "ink", day - 2, -INK),
    ]);
  const small = ofSome([...HABITS.filter((_, i) => i % 3 === 0), ...PLANTED]);

  test.each([2, 1])(
    "for place %i none rests on what came after it",
    async (place) => {
      const day = HORIZON * place;
      const before = small.filter(({ order_date: date }) => String(date) <= daysAgo(day));
      const rules = await rulesAt(place, await soldIn(before));
      const isInk = expect.objectContaining({ left_names: "paper and printer", product_key: "ink", band: 1 });
      expect(rules).toContainEqual(isInk);
      const engine = await soldIn([...before, ...later(day)]);
      expect(await rulesAt(place, engine)).toEqual(rules);
      const isLater = expect.objectContaining({ left_names: "thing 1 and thing 2", product_key: "thing 3" });
      expect(rules).not.toContainEqual(isLater);
      expect(await rulesAt(place - 1, engine)).toContainEqual(isLater);
    },
    60_000,
  );

  test("where their baskets do not fit the memory there are none, and it is said", async () => {
    const engine = await soldIn(small);
    expect(await rulesAt(0, engine, { memory_mb: 0.001 })).toEqual([]);
    expect(warnings).toEqual([{ code: "offer_rules_too_large", gaps: { needed: 1, budget: 0.001 } }]);
    expect(await rulesAt(0, engine)).not.toEqual([]);
    expect(warnings).toEqual([]);
  }, 60_000);
});

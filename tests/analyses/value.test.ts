import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Overrides } from "../../src/pipeline.js";
import { seeded } from "../../src/random.js";
import type { ModelCard } from "../../src/section.js";
import { gamma } from "../models/simulated-buyers.js";
import { barePlanOf, runPlan, type Ran, type Row } from "./run-plan.js";

const temporary = mkdtempSync(join(tmpdir(), "crm-analyze-value-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const cdnow = fileURLToPath(new URL("../../../shared/reference/value/cdnow_sample.csv", import.meta.url));
const hasCdnow = existsSync(cdnow);
const note = hasCdnow ? "" : " (skipped: ../shared/reference is not here)";

const QUERIES = {
  value:
    "select * from results.value inner join (select customer_id, customer_key from unified.customers) as named on value.customer_id = named.customer_id order by customer_key",
  histories: "select * from features.value order by customer_id, snapshot_date",
  gaps: "select customer_id, gap_days from features.order_gaps where snapshot_date = (select as_of_date from run.settings) order by customer_id, order_date",
  past: "select * from features.purchase_histories where snapshot_date < (select as_of_date from run.settings) order by snapshot_date, repeat_count, last_age_days, age_days",
};

async function valueOf(
  path: string,
  settings: Readonly<Record<string, unknown>> = {},
  overrides: Overrides = {},
): Promise<Ran<keyof typeof QUERIES>> {
  return runPlan(await barePlanOf(path, { value: settings }, overrides), QUERIES);
}

const cardsOf = ({ report }: Ran<string>) => report.sections[0]!.models!;
const cardOf = (ran: Ran<string>, name: string) => cardsOf(ran).find((card) => card.name === name)!;
const notesOf = ({ report }: Ran<string>) => report.sections[0]!.notes.join("\n");
const byKey = (rows: readonly Row[], column: string) =>
  Object.fromEntries(rows.map((row) => [String(row["customer_key"]), row[column]]));

interface Order {
  readonly customer: string;
  readonly day: number;
  readonly amount: number;
}

const START = Date.UTC(2023, 0, 1);
const dayText = (day: number) => new Date(START + day * 86_400_000).toISOString().slice(0, 10);

function ordersFile(name: string, orders: readonly Order[]): string {
  const path = join(temporary, `${name}.csv`);
  const lines = orders.map(
    ({ customer, day, amount }, i) => `o${i},${customer},${dayText(day)},${amount.toFixed(2)}`,
  );
  writeFileSync(path, ["order_no,customer,order_date,amount", ...lines, ""].join("\n"));
  return path;
}

/** Customers with rates and mean amounts of their own who leave by chance, over two years. */
function drawnOrders(count: number, seed = 7): Order[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => {
    const customer = `C${String(i).padStart(4, "0")}`;
    const rate = gamma(random, 0.9) / 60;
    const mean = 400 / gamma(random, 5);
    const end = -Math.log(1 - random()) * 500;
    const first = Math.floor(random() * 300);
    const days = [first];
    for (let day = first; ;) {
      day += -Math.log(1 - random()) / rate;
      if (day > 729 || day - first > end) break;
      days.push(Math.floor(day));
    }
    return days.map((day) => ({ customer, day, amount: 1 + (mean * gamma(random, 4)) / 4 }));
  }).flat();
}

const AS_OF = { asOfDate: "2024-12-30" };

describe.skipIf(!hasCdnow)(`on CDNOW, 2,357 customers${note}`, () => {
  let ran: Ran<keyof typeof QUERIES>;
  beforeAll(async () => {
    ran = await valueOf(cdnow);
  });

  test("the backtest is cut where Fader & Hardie cut it: the models know until 1997-09-30", () => {
    expect(cardOf(ran, "bg-nbd")["fitted_until"]).toBe("1997-09-30");
  });

  test("BG/NBD: r .243, alpha 4.414, a .793, b 2.426, LL −9582.4 (Fader, Hardie & Lee 2005)", () => {
    const { parameters, log_likelihood } = cardOf(ran, "bg-nbd") as unknown as {
      parameters: Record<string, number>;
      log_likelihood: number;
    };
    expect(parameters["r"]).toBeCloseTo(0.243, 3);
    expect(parameters["alpha"]).toBeCloseTo(4.414, 3);
    expect(parameters["a"]).toBeCloseTo(0.793, 3);
    expect(parameters["b"]).toBeCloseTo(2.426, 3);
    expect(log_likelihood).toBeCloseTo(-9582.4292, 4);
  });

  test.each([
    ["bg-nbd", 0.7854542, 1.607982],
    ["pareto-nbd", 0.7545239, 1.6028484],
  ])("%s: holdout MAE %d, RMSE %d (lifetimes 0.11.3)", (name, mae, rmse) => {
    const holdout = cardOf(ran, name)["holdout"] as Record<string, number>;
    expect(holdout["mae"]).toBeCloseTo(mae, 5);
    expect(holdout["rmse"]).toBeCloseTo(rmse, 5);
  });

  test("the model that ships foretold as well as the best peer, Pareto/NBD at .7545", () => {
    const shipped = cardsOf(ran).find(({ rung }) => rung === "model")!;
    const holdout = shipped["holdout"] as Record<string, number>;
    expect(Math.round(holdout["mae"]! * 1e4) / 1e4).toBeLessThanOrEqual(0.7545);
    expect(holdout["mae"]).toBeLessThan(holdout["baseline_mae"]!);
    expect(shipped["grade"]).toMatch(/[AB]/);
  });

  test("the errors of money: the model's list brought more than the rule's, as its card says", () => {
    const shipped = cardsOf(ran).find(({ rung }) => rung === "model")!;
    const money = shipped["holdout_money"] as Record<string, number>;
    expect(money["mae"]).toBeGreaterThan(0);
    expect(money["rmse"]).toBeGreaterThan(money["mae"]!);
    expect(money["list_count"]).toBe(236);
    expect(money["found_amount"]).toBeLessThanOrEqual(money["best_amount"]!);
  });

  test("every customer has a value between its low and its high, and a state", () => {
    expect(ran.rows.value).toHaveLength(2357);
    for (const row of ran.rows.value) {
      expect(Number(row["lifetime_value_low"])).toBeLessThanOrEqual(Number(row["lifetime_value"]));
      expect(Number(row["lifetime_value_high"])).toBeGreaterThanOrEqual(Number(row["lifetime_value"]));
      expect(row["state"]).toMatch(/^(new|active|slipping|lapsed)$/);
    }
  });
});

describe("on simulated customers", () => {
  const orders = drawnOrders(160);
  const EARLY = { calibration_end: "2023-12-31" };
  let base: Ran<keyof typeof QUERIES>;
  let early: Ran<keyof typeof QUERIES>;
  beforeAll(async () => {
    const path = ordersFile("base", orders);
    base = await valueOf(path, {}, AS_OF);
    early = await valueOf(path, EARLY, AS_OF);
  });

  describe("among rows in another order, orders of later days and one that was taken back", () => {
    const later = Array.from({ length: 50 }, (_, i) => ({
      customer: `C00${10 + i}`,
      day: 735 + i,
      amount: 9e5,
    }));
    const cancelled = [
      { customer: "WHALE", day: 700, amount: 99_999.99 },
      { customer: "WHALE", day: 701, amount: -99_999.99 },
    ];
    const shuffled = [...orders, ...later, ...cancelled].toSorted(
      (a, b) => ((a.day * 7919) % 101) - ((b.day * 7919) % 101) || a.amount - b.amount,
    );
    let rows: readonly Row[];
    beforeAll(async () => {
      rows = (await valueOf(ordersFile("shuffled", shuffled), {}, AS_OF)).rows.value;
    });
    const isWhale = (row: Row) => row["customer_key"] === "WHALE";

    test.each(["lifetime_value", "expected_order_count"])(
      "%s of every other customer is the same",
      (column) => {
        const others = rows.filter((row) => !isWhale(row));
        expect(byKey(others, column)).toEqual(byKey(base.rows.value, column));
      },
    );

    test("a customer whose only order was taken back is worth nothing", () => {
      for (const row of rows.filter(isWhale))
        expect([row["lifetime_value"], row["order_count"]]).toEqual([0, 0]);
    });
  });

  test("money in another unit scales money and leaves orders and states", async () => {
    const scaled = orders.map((order) => ({ ...order, amount: Number(order.amount.toFixed(2)) * 100 }));
    const { rows } = await valueOf(ordersFile("scaled", scaled), {}, AS_OF);
    expect(byKey(rows.value, "expected_order_count")).toEqual(byKey(base.rows.value, "expected_order_count"));
    expect(byKey(rows.value, "state")).toEqual(byKey(base.rows.value, "state"));
    const values = byKey(rows.value, "lifetime_value");
    for (const [key, value] of Object.entries(byKey(base.rows.value, "lifetime_value")))
      expect(Number(values[key]) / 100).toBeCloseTo(Number(value), 0);
  });

  test("no history cut off on a day knows an order after it", () => {
    const snapshots = [...new Set(base.rows.histories.map((row) => row["snapshot_date"]))];
    expect(snapshots.length).toBeGreaterThan(1);
    for (const row of base.rows.histories)
      expect(row["last_order_date"]! <= row["snapshot_date"]!).toBe(true);
  });

  test("what comes back after a snapshot changes no history of before it", async () => {
    const first = orders.filter(({ day }) => day < 300).slice(0, 60);
    const returns = first.map(({ customer, amount }) => ({
      customer,
      day: 500,
      amount: -Number(amount.toFixed(2)),
    }));
    const after = await valueOf(ordersFile("returned", [...orders, ...returns]), EARLY, AS_OF);
    const known = ({ rows }: Ran<keyof typeof QUERIES>) =>
      rows.past.filter((row) => row["snapshot_date"] === "2023-12-31");
    expect(known(early).length).toBeGreaterThan(50);
    expect(known(after)).toEqual(known(early));
    const counts = ({ rows }: Ran<keyof typeof QUERIES>) =>
      rows.value.reduce((sum, row) => sum + Number(row["order_count"]), 0);
    expect(counts(after)).toBeLessThan(counts(early));
  });

  test("a longer horizon is worth more, a higher rate of discount less", async () => {
    const total = (ran: Ran<keyof typeof QUERIES>) =>
      ran.rows.value.reduce((sum, row) => sum + Number(row["lifetime_value"]), 0);
    const path = join(temporary, "base.csv");
    const longer = await valueOf(path, { ...EARLY, horizon_days: 730 }, AS_OF);
    const dearer = await valueOf(path, { ...EARLY, discount_rate: 0.5 }, AS_OF);
    expect(total(longer)).toBeGreaterThan(total(early));
    expect(total(dearer)).toBeLessThan(total(early));
  });

  test("the unit of time is only a unit: weeks and days foretell the same", async () => {
    const path = ordersFile("units", drawnOrders(60));
    const settings = { models: ["pareto-nbd"] };
    const [weeks, days] = [
      await valueOf(path, { ...settings, time_unit: "week" }, AS_OF),
      await valueOf(path, { ...settings, time_unit: "day" }, AS_OF),
    ];
    const other = byKey(days.rows.value, "expected_order_count");
    for (const [key, count] of Object.entries(byKey(weeks.rows.value, "expected_order_count")))
      expect(Number(other[key])).toBeCloseTo(Number(count), 3);
  });
});

describe("by hand", () => {
  // Days 0, 10 (twice), 30 and a free one on 40; what came back on 50 was the order of 30.
  const orders = [
    { customer: "A", day: 0, amount: 100 },
    { customer: "A", day: 10, amount: 20 },
    { customer: "A", day: 10, amount: 30 },
    { customer: "A", day: 30, amount: 70 },
    { customer: "A", day: 40, amount: 0 },
    { customer: "A", day: 50, amount: -70 },
    { customer: "B", day: 5, amount: 10 },
    // What came back on 5 was bought before anything that is known; what did on 20 was the order of 10.
    { customer: "M", day: 5, amount: -100 },
    { customer: "M", day: 10, amount: 100 },
    { customer: "M", day: 20, amount: -100 },
    { customer: "M", day: 30, amount: 40 },
    // What came back on 40 was part of the order of 0.
    { customer: "S", day: 0, amount: 80 },
    { customer: "S", day: 40, amount: 50 },
    { customer: "S", day: 40, amount: -70 },
  ];
  const ON_100 = { asOfDate: dayText(100) };
  const path = () => ordersFile("hand", orders);
  let all: Ran<keyof typeof QUERIES>;
  let charged: Ran<keyof typeof QUERIES>;
  beforeAll(async () => {
    all = await valueOf(path(), {}, ON_100);
    charged = await valueOf(path(), { free_orders: "skip" }, ON_100);
  });
  /** A customer's history on a day so many days after the first. */
  const historyOn = ({ rows }: Ran<keyof typeof QUERIES>, customer: string, day = 100) => {
    const { customer_id: id } = rows.value.find((row) => row["customer_key"] === customer)!;
    return rows.histories.find((row) => row["customer_id"] === id && row["snapshot_date"] === dayText(day))!;
  };

  test("a history: one transaction a day, the first not counted, the order taken back neither, the free one is", () => {
    expect(historyOn(all, "A")).toMatchObject({
      repeat_count: 2,
      last_age_days: 40,
      age_days: 100,
      total_amount: 150,
      repeat_amount: 50,
    });
    const { customer_id: id } = historyOn(all, "A");
    const gaps = all.rows.gaps.filter((row) => row["customer_id"] === id);
    expect(gaps.map((row) => row["gap_days"])).toEqual([10, 30]);
    expect(historyOn(all, "B")).toMatchObject({
      repeat_count: 0,
      last_age_days: 0,
      age_days: 95,
      repeat_amount: 0,
    });
  });

  test("free orders can be left out by setting", () => {
    expect(historyOn(charged, "A")["repeat_count"]).toBe(1);
  });

  test("a return from before the first purchase takes nothing back; the next one does", () => {
    expect(byKey(all.rows.value, "order_count")["M"]).toBe(1);
  });

  test("a purchase on the day something older came back is one, though free orders are skipped", () => {
    expect(byKey(charged.rows.value, "order_count")["S"]).toBe(2);
  });

  test("who buys every quarter is not lapsed for buying more slowly than the rest", async () => {
    const every = (customer: string, gap: number, last: number) =>
      Array.from({ length: Math.floor(last / gap) }, (_, i) => ({
        customer,
        day: last - i * gap,
        amount: 20 + (i % 3),
      }));
    const orders = [
      ...Array.from({ length: 60 }, (_, i) => every(`D${i}`, 3 + (i % 2), 362 - (i % 3))).flat(),
      ...Array.from({ length: 10 }, (_, i) => every(`Q${i}`, 90, 330 - i)).flat(),
    ];
    const { rows } = await valueOf(ordersFile("quarterly", orders), {}, { asOfDate: dayText(365) });
    const states = byKey(rows.value, "state");
    for (let i = 0; i < 10; i++) expect(states[`Q${i}`]).not.toBe("lapsed");
  });

  test("before the day it came back, the order counted", async () => {
    const early = await valueOf(path(), {}, { asOfDate: dayText(45) });
    expect(historyOn(early, "A", 45)["repeat_count"]).toBe(3);
  });
});

describe("odd bases have an answer, a rung and no NaN", () => {
  const CASES: readonly (readonly [string, readonly Order[]])[] = [
    ["one customer, one order", [{ customer: "A", day: 300, amount: 10 }]],
    [
      "two customers",
      [
        { customer: "A", day: 1, amount: 10 },
        { customer: "A", day: 99, amount: 20 },
        { customer: "B", day: 50, amount: 5 },
      ],
    ],
    [
      "everybody on one day",
      Array.from({ length: 30 }, (_, i) => ({ customer: `C${i}`, day: 100, amount: 10 + i })),
    ],
    [
      "one-time buyers only",
      Array.from({ length: 60 }, (_, i) => ({ customer: `C${i}`, day: i * 10, amount: 10 })),
    ],
    [
      "one customer of 700 orders",
      Array.from({ length: 700 }, (_, i) => ({ customer: "A", day: i, amount: 10 })),
    ],
    [
      "nothing but negative totals",
      Array.from({ length: 20 }, (_, i) => ({
        customer: `C${i % 5}`,
        day: i * 20,
        amount: i % 2 === 0 ? 10 : -50 - i,
      })),
    ],
    [
      "returns beyond sales",
      Array.from({ length: 40 }, (_, i) => [
        { customer: `C${i}`, day: i, amount: 10 },
        { customer: `C${i}`, day: i + 5, amount: -50 },
        ...(i < 8 ? [{ customer: `C${i}`, day: i + 90, amount: 1 }] : []),
      ]).flat(),
    ],
    [
      "all alike",
      Array.from({ length: 200 }, (_, i) => ({
        customer: `C${i % 20}`,
        day: 30 * Math.floor(i / 20),
        amount: 25,
      })),
    ],
  ];

  test.each(CASES)("%s", async (name, orders) => {
    const ran = await valueOf(ordersFile(name.replace(/\W+/g, "-"), orders), {}, AS_OF);
    expect(cardsOf(ran).some(({ rung }) => rung !== null && rung !== undefined)).toBe(true);
    expect(ran.rows.value.length).toBeGreaterThan(0);
    for (const { parameters } of cardsOf(ran))
      for (const value of Object.values(parameters as Record<string, number>))
        expect(Number.isFinite(value)).toBe(true);
    for (const row of ran.rows.value) {
      for (const column of [
        "expected_order_count",
        "lifetime_value",
        "lifetime_value_low",
        "lifetime_value_high",
        "mean_order_amount",
      ]) {
        const isForetold = Number(row["order_count"]) > 0;
        if (isForetold) expect(row[column]).not.toBeNull();
        expect(Number.isFinite(Number(row[column] ?? 0))).toBe(true);
        expect(Number(row[column] ?? 0)).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe("what cannot be is refused or said", () => {
  const path = () => join(temporary, "base.csv");

  test("a calibration that ends on the as-of date or later", async () => {
    await expect(valueOf(path(), { calibration_end: "2024-12-30" }, AS_OF)).rejects.toThrow(
      "value: calibration_end 2024-12-30 is not before the as-of date 2024-12-30",
    );
  });

  test("a calibration that ends before anybody ordered", async () => {
    await expect(valueOf(path(), { calibration_end: "2022-06-01" }, AS_OF)).rejects.toThrow(
      "value: no customer had ordered by 2022-06-01",
    );
  });

  test("a holdout shorter than the horizon is noted", async () => {
    const path = ordersFile("few", drawnOrders(40));
    const ran = await valueOf(path, { calibration_end: "2024-09-30" }, AS_OF);
    expect(notesOf(ran)).toContain("The horizon of 365 days is longer than the 91 days");
  });

  test("nobody at all", async () => {
    await expect(valueOf(path(), {}, { asOfDate: "2022-01-01" })).rejects.toThrow(
      "no customer has an order on or before 2022-01-01",
    );
  });
});

test("models.json, value.csv, value.parquet and value.xlsx are written, and the folder is known as a run's", async () => {
  const folder = join(temporary, "published");
  const plan = await barePlanOf(ordersFile("publish", drawnOrders(60)), { value: {} }, AS_OF);
  for (let time = 0; time < 2; time++) await runPlan(plan, {}, { kind: "folder", folder });
  const cards = JSON.parse(readFileSync(join(folder, "models.json"), "utf8")) as ModelCard[];
  for (const name of [
    "name",
    "parameters",
    "log_likelihood",
    "row_count",
    "state_count",
    "iterations",
    "converged",
    "rung",
    "holdout",
    "grade",
  ])
    expect(Object.keys(cards[0]!)).toContain(name);
  const [heading] = readFileSync(join(folder, "value.csv"), "utf8").split("\n");
  expect(heading).toContain("customer_key");
  expect(heading).toContain("lifetime_value_high,tier,state");
  for (const file of ["value.parquet", "value.xlsx", "report.html"])
    expect(existsSync(join(folder, file))).toBe(true);
});

import { expect, test } from "vitest";
import { built, byKey, customers, daysAgo, exported, named, ordersOf } from "./churn-warehouse.js";
import { rowsOf } from "./run-plan.js";

test("features.segments knows recency, frequency, money, tenure and rhythm, and nothing of tomorrow", async () => {
  const engine = await exported({
    customers: customers("twice", "once", "never"),
    orders: [
      ...ordersOf("twice", [daysAgo(400), daysAgo(100), daysAgo(40), daysAgo(-1)], 100),
      ...ordersOf("once", [daysAgo(7)], 30),
      ...ordersOf("never", [daysAgo(-3)], 30),
    ],
  });
  await built(engine, "features.segments");
  const columns =
    "recency_days, order_day_count, order_count_365_days, cast(total_amount as double) as total_amount, tenure_days, mean_gap_days";
  const rows = byKey(await rowsOf(engine, named(columns, "features.segments")));
  await engine.close();
  expect(rows).toEqual({
    twice: {
      recency_days: 40,
      order_day_count: 3,
      order_count_365_days: 2,
      total_amount: 300,
      tenure_days: 400,
      mean_gap_days: 180,
    },
    once: {
      recency_days: 7,
      order_day_count: 1,
      order_count_365_days: 1,
      total_amount: 30,
      tenure_days: 7,
      mean_gap_days: null,
    },
  });
});

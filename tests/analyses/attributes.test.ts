import { describe, expect, test } from "vitest";
import { rowsOf } from "../engines/warehouse.js";
import { built, byKey, daysAgo, exported, named, ordersOf, type Exports } from "./churn-warehouse.js";

const COLUMNS =
  "is_prospect, counted.customer_kind, counted.country, counted.city, industry, employee_count, acquisition_source, contact_count";

const attributesOf = async (exports: Exports) =>
  byKey(
    await rowsOf(
      await built(await exported(exports), "features.attributes"),
      named(COLUMNS, "features.attributes"),
    ),
  );

describe("what is known of a customer who has not bought", () => {
  test("a company on record with two contacts, by hand", async () => {
    const rows = await attributesOf({
      customers: [
        {
          customer_key: "c",
          customer_kind: "company",
          country: "DE",
          city: "Köln",
          industry: "retail",
          employee_count: 40,
          created_date: daysAgo(10),
        },
      ],
      contacts: [
        { contact_key: "1", customer_key: "c", acquisition_source: "trade_show", city: "Bonn" },
        { contact_key: "2", customer_key: "c", acquisition_source: "referral", created_date: daysAgo(5) },
      ],
    });
    expect(rows).toEqual({
      c: {
        is_prospect: true,
        customer_kind: "company",
        country: "DE",
        city: "Köln",
        industry: "retail",
        employee_count: 40,
        acquisition_source: "trade_show",
        contact_count: 2,
      },
    });
  });

  test("what is written after the as-of date is not known yet", async () => {
    const rows = await attributesOf({
      customers: [
        { customer_key: "later", industry: "retail", created_date: daysAgo(-1) },
        { customer_key: "now", industry: "retail", created_date: daysAgo(0) },
      ],
      contacts: [{ contact_key: "1", customer_key: "now", city: "Bonn", created_date: daysAgo(-3) }],
    });
    expect(rows["later"]).toMatchObject({ is_prospect: false, industry: null, contact_count: 0 });
    expect(rows["now"]).toMatchObject({
      is_prospect: true,
      industry: "retail",
      city: null,
      contact_count: 0,
    });
  });
});

test("whoever ordered, subscribed, used anything or got an invoice by the as-of date is no prospect", async () => {
  const keys = ["ordered", "cancelled", "subscribed", "used", "invoiced", "subscribes_later", "idle"];
  const rows = await attributesOf({
    customers: keys.map((key) => ({ customer_key: key, customer_name: key })),
    orders: [
      ...ordersOf("ordered", [daysAgo(3)]),
      { ...ordersOf("cancelled", [daysAgo(3)])[0]!, status: "cancelled" },
    ],
    subscriptions: [
      { subscription_key: "s", customer_key: "subscribed", start_date: daysAgo(3) },
      { subscription_key: "t", customer_key: "subscribes_later", start_date: daysAgo(-3) },
    ],
    usage: [{ customer_key: "used", used_at: daysAgo(3), usage_quantity: 1 }],
    invoices: [{ invoice_key: "i", customer_key: "invoiced", invoice_date: daysAgo(3), invoice_amount: 1 }],
  });
  const prospects = Object.entries(rows).filter(([, row]) => row["is_prospect"] === true);
  expect(prospects.map(([key]) => key)).toEqual(["cancelled", "idle", "subscribes_later"]);
});

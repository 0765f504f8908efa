import type { PublishedTable } from "../analysis.js";
import type { Format, ShownColumn } from "../section.js";
import type { Texts } from "../texts/index.js";

/** The name of a column of offers, as people see it. */
export type ColumnName = keyof Texts["nextBest"]["columns"];

const FORMATS: Readonly<Partial<Record<ColumnName, Format>>> = {
  call_rank: "integer",
  customer_id: "integer",
  offer_rank: "integer",
  probability: "likelihood",
  expected_margin: "money",
  offer_count: "integer",
  hit_rate: "percent",
  hit_low: "percent",
  hit_high: "percent",
  margin: "money",
  margin_low: "money",
  margin_high: "money",
  expected_count: "integer",
  came_count: "integer",
  buyer_count: "integer",
  rebuyer_count: "integer",
  rebuyer_share: "percent",
  gap_count: "integer",
  low_gap_days: "integer",
  median_gap_days: "integer",
  high_gap_days: "integer",
  up_sell_rank: "integer",
  unit_price: "money",
  next_unit_price: "money",
  moved_count: "integer",
  moved_share: "percent",
  cross_unit_rank: "integer",
  main_amount: "money",
  unit_amount: "money",
  expected_amount: "money",
  missing_amount: "money",
  peer_share: "percent",
};

/** Columns with their headings and formats. */
export function columnsNamed({ nextBest }: Texts, names: readonly ColumnName[]): ShownColumn[] {
  return names.map((name) => ({ name, title: nextBest.columns[name], format: FORMATS[name] ?? "text" }));
}

const CUSTOMER = ["customer_id", "customer_key", "customer_name"] as const;

const ADDRESSES = [
  "permitted_channels",
  "email_contact",
  "email_address",
  "phone_contact",
  "phone_number",
  "sms_contact",
  "sms_number",
  "mail_contact",
  "mail_city",
] as const;

/** `next-best.csv`: every offer of every customer. */
export function nextBestPublished(texts: Texts): PublishedTable {
  const names = [
    ...CUSTOMER,
    "offer_rank",
    "product_key",
    "product_name",
    "category",
    "kind",
    "probability",
    "expected_margin",
    "reason",
    "permitted_channels",
  ] as const;
  return {
    name: "next-best",
    relation: "results.next_best",
    columns: columnsNamed(texts, names).map((column) =>
      column.name === "kind" ? { ...column, labelName: "kind_label" } : column,
    ),
    order: "customer_id, offer_rank",
  };
}

/** What is told of a customer who may move up. */
export const UP_SELL = [
  "category",
  "product_name",
  "unit_price",
  "next_name",
  "next_unit_price",
  "buyer_count",
  "moved_count",
  "moved_share",
  "expected_margin",
] as const;

/** What is told of a customer who is small in a unit. */
export const CROSS_UNIT = [
  "main_unit",
  "main_amount",
  "unit",
  "unit_amount",
  "expected_amount",
  "missing_amount",
  "peer_share",
] as const;

const ACTED_ON = ["reason", "owner_name", ...ADDRESSES] as const;

const FIRST_OFFER = [
  "call_rank",
  ...CUSTOMER,
  "product_key",
  "product_name",
  "probability",
  "expected_margin",
  "reason",
  "product_2",
  "product_3",
  "suggested_action",
  "owner_name",
  ...ADDRESSES,
] as const;

/** The lists that people act on: what to offer, who may move up, who buys little where their like buy much. */
export function nextBestLists(texts: Texts): PublishedTable[] {
  return [
    {
      name: "next-best",
      relation: "results.next_best_list",
      columns: columnsNamed(texts, FIRST_OFFER),
    },
    {
      name: "up-sell",
      relation: "results.up_sell_list",
      columns: columnsNamed(texts, ["up_sell_rank", ...CUSTOMER, ...UP_SELL, ...ACTED_ON]),
    },
    {
      name: "cross-unit",
      relation: "results.cross_unit_list",
      columns: columnsNamed(texts, ["cross_unit_rank", ...CUSTOMER, ...CROSS_UNIT, ...ACTED_ON]),
    },
  ];
}

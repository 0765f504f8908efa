import type { Format, ShownColumn } from "../section.js";
import type { Texts } from "../texts/index.js";

type ColumnName = keyof Texts["columns"];

/** How each column that is not text is shown. */
const FORMATS: Readonly<Partial<Record<ColumnName, Format>>> = {
  customer_id: "integer",
  recency_days: "integer",
  order_count: "integer",
  total_amount: "money",
  recency_score: "integer",
  frequency_score: "integer",
  monetary_score: "integer",
  lateness_probability: "likelihood",
  leaving_likelihood: "likelihood",
  slipping_rank: "integer",
};

const shownColumns = (texts: Texts, names: readonly ColumnName[]): ShownColumn[] =>
  names.map((name) => ({ name, title: texts.columns[name], format: FORMATS[name] ?? "text" }));

/** The columns of rfm.csv, rfm.parquet and rfm.xlsx. */
export function rfmColumns(texts: Texts): ShownColumn[] {
  return shownColumns(texts, [
    "customer_id",
    "customer_key",
    "customer_name",
    "recency_days",
    "order_count",
    "total_amount",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "segment",
    "lateness_probability",
    "frequency_change",
    "slipping_rank",
    "reason",
    "relationship_status",
  ]);
}

/** The columns of the list of customers who are slipping away. */
export function slippingColumns(texts: Texts): ShownColumn[] {
  return shownColumns(texts, [
    "slipping_rank",
    "customer_id",
    "customer_key",
    "customer_name",
    "segment",
    "recency_days",
    "order_count",
    "total_amount",
    "lateness_probability",
    "leaving_likelihood",
    "frequency_change",
    "reason",
    "suggested_action",
    "owner_name",
    "permitted_channels",
    "email_contact",
    "email_address",
    "phone_contact",
    "phone_number",
    "sms_contact",
    "sms_number",
    "mail_contact",
    "mail_city",
  ]);
}

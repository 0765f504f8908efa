import type { ConditionColumn, ConditionKind } from "../condition.js";

const column =
  (kind: ConditionKind) =>
  (name: string): ConditionColumn => ({ name, kind });

/** The columns of `features.segments` that rules may ask for; the header of `sql/features/segments.sql` says what each is. */
export const RULE_COLUMNS: readonly ConditionColumn[] = [
  ...[
    "recency_days",
    "order_day_count",
    "order_count_365_days",
    "total_amount",
    "order_amount_365_days",
    "average_order_amount",
    "contribution_amount",
    "tenure_days",
    "mean_gap_days",
    "gap_variation",
    "product_count",
    "category_count",
    "main_category_rate",
    "discount_rate",
    "return_rate",
    "channel_rate",
    "contact_count_365_days",
    "case_count_365_days",
    "payment_late_days",
    "subscription_count",
    "monthly_amount",
    "employee_count",
  ].map(column("number")),
  ...["main_category", "channel", "customer_kind", "country", "city", "industry", "acquisition_source"].map(
    column("text"),
  ),
];

/** An attribute of `features.attributes`, which prospects have as well as customers. */
export interface Attribute {
  readonly name: AttributeName;
  readonly kind: "number" | "category";
}

/** What each attribute is called is a text of every language. */
export type AttributeName = (typeof ATTRIBUTE_NAMES)[number];

/** The attributes in words, then those in numbers. */
export const ATTRIBUTE_NAMES = [
  "customer_kind",
  "country",
  "city",
  "industry",
  "acquisition_source",
  "employee_count",
  "contact_count",
] as const;

const COUNTED: readonly AttributeName[] = ["employee_count", "contact_count"];

/** The attributes with what they hold. */
export const ATTRIBUTES: readonly Attribute[] = ATTRIBUTE_NAMES.map((name) => ({
  name,
  kind: COUNTED.includes(name) ? "number" : "category",
}));

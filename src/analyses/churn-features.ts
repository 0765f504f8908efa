import type { Format } from "../section.js";
import type { Texts } from "../texts/index.js";

/** A column of `features.churn` that models may learn from. */
export interface ChurnFeature {
  readonly name: ChurnFeatureName;
  readonly kind: "number" | "category";
  /** How its values are told. */
  readonly format: Format;
}

/** A feature has its words in every language. */
export type ChurnFeatureName = keyof Texts["churn"]["forecast"]["features"];

const number = (name: ChurnFeatureName, format: Format): ChurnFeature => ({ name, kind: "number", format });
const word = (name: ChurnFeatureName): ChurnFeature => ({ name, kind: "category", format: "text" });

/** What models learn from; the header of `sql/features/churn.sql` says what each is. */
export const CHURN_FEATURES: readonly ChurnFeature[] = [
  number("recency_days", "integer"),
  number("lateness", "decimal"),
  number("longest_lateness", "decimal"),
  number("mean_gap_days", "decimal"),
  number("gap_variation", "decimal"),
  number("tenure_days", "integer"),
  number("order_day_count", "integer"),
  number("order_count_30_days", "integer"),
  number("order_count_90_days", "integer"),
  number("order_count_180_days", "integer"),
  number("order_count_365_days", "integer"),
  number("order_trend_90", "percent"),
  number("order_trend_180", "percent"),
  number("last_year_order_count", "integer"),
  number("order_amount_90_days", "money"),
  number("order_amount_365_days", "money"),
  number("money_trend", "percent"),
  number("average_order_amount", "money"),
  number("category_count", "integer"),
  number("main_category_rate", "percent"),
  number("discount_rate", "percent"),
  number("return_rate", "percent"),
  number("concession_rate", "percent"),
  number("case_count_90_days", "integer"),
  number("case_count_365_days", "integer"),
  number("complaint_count_90_days", "integer"),
  number("complaint_count_365_days", "integer"),
  number("price_case_count", "integer"),
  number("open_case_count", "integer"),
  number("first_response_hours", "decimal"),
  number("satisfaction_score", "decimal"),
  number("satisfaction_last", "decimal"),
  number("payment_late_days", "decimal"),
  number("payment_late_change", "decimal"),
  number("overdue_amount", "money"),
  number("open_amount", "money"),
  number("failed_payment_count", "integer"),
  number("subscription_count", "integer"),
  number("monthly_amount", "money"),
  number("contract_age_days", "integer"),
  number("contract_days_left", "integer"),
  number("ended_subscription_count", "integer"),
  number("usage_30_days", "decimal"),
  number("usage_90_days", "decimal"),
  number("usage_change", "percent"),
  number("usage_slope", "percent"),
  number("usage_silent_days", "integer"),
  number("contact_count_90_days", "integer"),
  number("contact_count_365_days", "integer"),
  number("customer_contact_count", "integer"),
  number("contact_silent_days", "integer"),
  word("last_contact_by"),
  number("owner_change_count", "integer"),
  number("open_deal_count", "integer"),
  number("lost_deal_count", "integer"),
  word("channel"),
  word("customer_kind"),
  word("country"),
  word("industry"),
  word("acquisition_source"),
];

/** What may have been written down only because a customer left; silence, orders, contracts and use tell leaving itself. */
const TELLING =
  /^(recency|lateness|longest_lateness|mean_gap|gap_|tenure|order_|last_year|money_|average_|category_|main_|contract_|subscription_|ended_|monthly_|usage_)/;

/** Features that are looked at for leaks. */
export const SUSPECTED_FEATURES: readonly string[] = CHURN_FEATURES.map(({ name }) => name as string).filter(
  (name) => !TELLING.test(name),
);

-- The active customers of each past snapshot of churn as they were known then, and what came of them: what models learn from and are tried on.
-- grain: customer_id, snapshot_date
-- purpose: fit to learn from, test to try on
-- fold: 0 to 4; all rows of a customer share one
-- has_churned: as in features.churn_outcomes; every column not named here as in features.churn
with

churn as (
    select * from features.churn where purpose <> 'score'
),

outcomes as (
    select * from features.churn_outcomes
)

select
    churn.customer_id,
    churn.snapshot_date,
    churn.purpose,
    to_integer(place_by_hash(key_hash(churn.customer_id, 'fold', '')) % 5) as fold,
    outcomes.has_churned,
    churn.contribution_amount,
    churn.recency_days,
    churn.lateness,
    churn.longest_lateness,
    churn.mean_gap_days,
    churn.gap_variation,
    churn.tenure_days,
    churn.order_day_count,
    churn.order_count_30_days,
    churn.order_count_90_days,
    churn.order_count_180_days,
    churn.order_count_365_days,
    churn.order_trend_90,
    churn.order_trend_180,
    churn.last_year_order_count,
    churn.order_amount_90_days,
    churn.order_amount_365_days,
    churn.money_trend,
    churn.average_order_amount,
    churn.category_count,
    churn.main_category_rate,
    churn.discount_rate,
    churn.return_rate,
    churn.concession_rate,
    churn.case_count_90_days,
    churn.case_count_365_days,
    churn.complaint_count_90_days,
    churn.complaint_count_365_days,
    churn.price_case_count,
    churn.open_case_count,
    churn.first_response_hours,
    churn.satisfaction_score,
    churn.satisfaction_last,
    churn.payment_late_days,
    churn.payment_late_change,
    churn.overdue_amount,
    churn.open_amount,
    churn.failed_payment_count,
    churn.subscription_count,
    churn.monthly_amount,
    churn.contract_age_days,
    churn.contract_days_left,
    churn.ended_subscription_count,
    churn.usage_30_days,
    churn.usage_90_days,
    churn.usage_change,
    churn.usage_slope,
    churn.usage_silent_days,
    churn.contact_count_90_days,
    churn.contact_count_365_days,
    churn.customer_contact_count,
    churn.contact_silent_days,
    churn.last_contact_by,
    churn.owner_change_count,
    churn.open_deal_count,
    churn.lost_deal_count,
    churn.channel,
    churn.customer_kind,
    churn.country,
    churn.industry,
    churn.acquisition_source
from churn
inner join outcomes
    on churn.customer_id = outcomes.customer_id
    and churn.snapshot_date = outcomes.snapshot_date
order by churn.snapshot_date, churn.customer_id

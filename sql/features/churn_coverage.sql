-- What the exports could tell by each snapshot of churn: without this, nothing happened would look like nothing known.
-- grain: snapshot_date
-- has_cases: whether any case is known by then; the others likewise
with

snapshots as (
    select * from features.churn_snapshots
),

firsts as (
    select
        (select min(opened_date) from facts.cases) as first_case_date,
        (select min(activity_date) from facts.activities) as first_activity_date,
        (select min(created_date) from facts.opportunities) as first_deal_date,
        (select min(invoice_date) from facts.invoice_settlements) as first_invoice_date,
        (select min(start_date) from facts.subscriptions where is_counted) as first_subscription_date,
        (select min(usage_date) from facts.usage_days) as first_usage_date,
        (select min(order_date) from features.order_days) as first_order_date,
        (select min(document_date) from facts.contributions where discount_amount <> 0) as first_discount_date,
        (select min(refund_date) from facts.orders where refund_amount > 0) as first_concession_date
)

select
    snapshots.snapshot_date,
    coalesce(firsts.first_case_date <= snapshots.snapshot_date, 1 = 0) as has_cases,
    coalesce(firsts.first_activity_date <= snapshots.snapshot_date, 1 = 0) as has_activities,
    coalesce(firsts.first_deal_date <= snapshots.snapshot_date, 1 = 0) as has_deals,
    coalesce(firsts.first_invoice_date <= snapshots.snapshot_date, 1 = 0) as has_invoices,
    coalesce(firsts.first_subscription_date <= snapshots.snapshot_date, 1 = 0) as has_subscriptions,
    coalesce(firsts.first_usage_date <= snapshots.snapshot_date, 1 = 0) as has_usage,
    coalesce(firsts.first_order_date <= snapshots.snapshot_date, 1 = 0) as has_orders,
    coalesce(firsts.first_discount_date <= snapshots.snapshot_date, 1 = 0) as has_discounts,
    coalesce(firsts.first_concession_date <= snapshots.snapshot_date, 1 = 0) as has_concessions
from snapshots
cross join firsts

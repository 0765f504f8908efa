-- What is known of every customer on each snapshot of churn: what models learn leaving from, and are scored on. Nothing dated after the snapshot is in it.
-- Counts are 0 where the exports could tell and nothing happened, and empty where they could not; an empty number is one that cannot be formed.
-- What exports hold without a day (who somebody is, which order was cancelled, the rate of a subscription's currency) is taken as it stands today.
-- grain: customer_id, snapshot_date
-- check: state in ('active', 'gone', 'too_new')
-- check: recency_days is null or recency_days >= 0
-- purpose: score, test or fit, as in features.churn_snapshots
-- state: active, gone or too_new, as in features.churn_lives; only the active are scored and learnt from
-- contribution_amount: of the twelve months before, what is at stake; by subscriptions, of a customer who brought nothing by documents, twelve times what the subscriptions bring a month
-- recency_days: from the last purchase day to the snapshot
-- lateness: recency_days as a share of the customer's own mean gap between purchase days
-- longest_lateness: recency_days as a share of the longest gap the customer came back from
-- mean_gap_days: from one purchase day to the next
-- gap_variation: standard deviation of those gaps as a share of their mean; near 0 for a regular customer
-- tenure_days: since the first purchase day, or the first subscription or use
-- order_day_count: purchase days in all history
-- order_count_30_days: purchase days in the last 30 days, and so on
-- order_trend_90: purchase days of the last 90 days as a share of what the earlier rate would have brought; known after 180 days
-- order_trend_180: likewise of the last 180 days; known after 360 days
-- last_year_order_count: purchase days a year ago, in as long a time as the window that now follows
-- order_amount_90_days: net money of the last 90 days
-- order_amount_365_days: net money of the last 365 days
-- money_trend: net money of the last 90 days as a share of what the earlier rate would have brought; known after 180 days
-- average_order_amount: of a purchase day, in all history
-- category_count: of the products bought in the last 365 days
-- main_category_rate: share of their money that went to the largest category
-- discount_rate: share of what was sold in the last 365 days that discounts took off
-- return_rate: share of the purchases of the last 365 days that came back
-- concession_rate: share of them that was refunded without goods coming back
-- case_count_90_days: cases opened in the last 90 days, and so on
-- price_case_count: cases about prices of the last 365 days
-- satisfaction_score: mean answer of the last 365 days
-- satisfaction_last: the last answer
-- first_response_hours: mean of the cases of the last 365 days that were answered
-- open_case_count: not closed yet
-- payment_late_days: mean days from the due day to the payment, of the last 365 days; negative when early
-- payment_late_change: that of the last 90 days less that of the last 365 days
-- overdue_amount: due and not paid
-- open_amount: invoiced and not paid
-- failed_payment_count: of the last 365 days
-- subscription_count: that run
-- monthly_amount: what they bring a month
-- contract_age_days: since the first of those that run began
-- contract_days_left: until the next of them is to be renewed
-- ended_subscription_count: in all history
-- usage_30_days: used in the last 30 days, and so on
-- usage_change: use of the last 30 days as a share of the usual
-- usage_slope: of six times 30 days, as a share of their mean
-- usage_silent_days: since the last use
-- contact_count_90_days: contacts of the last 90 days that the CRM notes, and so on
-- customer_contact_count: those of the last 365 days that the customer made
-- contact_silent_days: since the last contact
-- last_contact_by: us or customer
-- owner_change_count: how often in the last 365 days the orders' owner was another than before
-- open_deal_count: not decided yet
-- lost_deal_count: lost in the last 365 days
-- channel: of the last purchase day
with

snapshots as (
    select * from features.churn_snapshots
),

definition as (
    select * from features.churn_definition
),

coverage as (
    select * from features.churn_coverage
),

lives as (
    select * from features.churn_lives
),

contributions as (
    select * from features.churn_contributions
),

orders as (
    select
        *,
        to_number(order_day_count - order_count_90_days) / nullif(age_days - 90, 0) as rate_before_90,
        to_number(order_day_count - order_count_180_days) / nullif(age_days - 180, 0) as rate_before_180,
        to_number(order_amount - order_amount_90_days) / nullif(age_days - 90, 0) as amount_rate_before
    from features.churn_orders
),

assortment as (
    select * from features.churn_assortment
),

ways as (
    select * from features.churn_ways
),

service as (
    select * from features.churn_service
),

money as (
    select * from features.churn_money
),

contracts as (
    select * from features.churn_contracts
),

usage as (
    select * from features.churn_usage
),

contacts as (
    select * from features.churn_contacts
),

profiles as (
    select * from features.churn_profiles
)

select
    lives.customer_id,
    lives.snapshot_date,
    snapshots.purpose,
    lives.state,
    lives.last_life_date,
    lives.gone_date,
    case
        when definition.definition <> 'subscriptions' or contributions.contribution_amount > 0
            then coalesce(contributions.contribution_amount, 0)
        else coalesce(nullif(to_money(12 * contracts.monthly_amount), 0), contributions.contribution_amount, 0)
    end as contribution_amount,
    to_integer(days_between(orders.last_order_date, lives.snapshot_date)) as recency_days,
    ratio(days_between(orders.last_order_date, lives.snapshot_date), orders.mean_gap_days) as lateness,
    ratio(days_between(orders.last_order_date, lives.snapshot_date), orders.longest_gap_days) as longest_lateness,
    orders.mean_gap_days,
    ratio(orders.gap_deviation_days, orders.mean_gap_days) as gap_variation,
    to_integer(days_between(lives.first_life_date, lives.snapshot_date)) as tenure_days,
    case when coverage.has_orders then coalesce(orders.order_day_count, 0) end as order_day_count,
    case when coverage.has_orders then coalesce(orders.order_count_30_days, 0) end as order_count_30_days,
    case when coverage.has_orders then coalesce(orders.order_count_90_days, 0) end as order_count_90_days,
    case when coverage.has_orders then coalesce(orders.order_count_180_days, 0) end as order_count_180_days,
    case when coverage.has_orders then coalesce(orders.order_count_365_days, 0) end as order_count_365_days,
    case when orders.age_days >= 180 then ratio(orders.order_count_90_days, 90 * orders.rate_before_90) end as order_trend_90,
    case when orders.age_days >= 360 then ratio(orders.order_count_180_days, 180 * orders.rate_before_180) end as order_trend_180,
    orders.last_year_order_count,
    case when coverage.has_orders then coalesce(orders.order_amount_90_days, 0) end as order_amount_90_days,
    case when coverage.has_orders then coalesce(orders.order_amount_365_days, 0) end as order_amount_365_days,
    case
        when orders.age_days >= 180 and orders.amount_rate_before > 0
            then ratio(orders.order_amount_90_days, 90 * orders.amount_rate_before)
    end as money_trend,
    ratio(orders.purchase_amount, orders.order_day_count) as average_order_amount,
    assortment.category_count,
    assortment.main_category_rate,
    case
        when coverage.has_discounts then ratio(orders.discount_amount, orders.purchase_amount_365_days + orders.discount_amount)
    end as discount_rate,
    ratio(orders.return_amount, orders.purchase_amount_365_days) as return_rate,
    case when coverage.has_concessions then ratio(orders.concession_amount, orders.purchase_amount_365_days) end as concession_rate,
    case when coverage.has_cases then coalesce(service.case_count_90_days, 0) end as case_count_90_days,
    case when coverage.has_cases then coalesce(service.case_count_365_days, 0) end as case_count_365_days,
    case when coverage.has_cases then coalesce(service.complaint_count_90_days, 0) end as complaint_count_90_days,
    case when coverage.has_cases then coalesce(service.complaint_count_365_days, 0) end as complaint_count_365_days,
    case when coverage.has_cases then coalesce(service.price_case_count, 0) end as price_case_count,
    case when coverage.has_cases then coalesce(service.open_case_count, 0) end as open_case_count,
    service.first_response_hours,
    service.satisfaction_score,
    service.satisfaction_last,
    money.payment_late_days,
    money.payment_late_days_90 - money.payment_late_days as payment_late_change,
    case when coverage.has_invoices then coalesce(money.overdue_amount, 0) end as overdue_amount,
    case when coverage.has_invoices then coalesce(money.open_amount, 0) end as open_amount,
    case when coverage.has_invoices then coalesce(money.failed_payment_count, 0) end as failed_payment_count,
    case when coverage.has_subscriptions then coalesce(contracts.subscription_count, 0) end as subscription_count,
    case when coverage.has_subscriptions then coalesce(contracts.monthly_amount, 0) end as monthly_amount,
    contracts.contract_age_days,
    contracts.contract_days_left,
    case when coverage.has_subscriptions then coalesce(contracts.ended_subscription_count, 0) end as ended_subscription_count,
    case when coverage.has_usage then coalesce(usage.usage_30_days, 0) end as usage_30_days,
    case when coverage.has_usage then coalesce(usage.usage_90_days, 0) end as usage_90_days,
    usage.usage_change,
    usage.usage_slope,
    usage.usage_silent_days,
    case when coverage.has_activities then coalesce(contacts.contact_count_90_days, 0) end as contact_count_90_days,
    case when coverage.has_activities then coalesce(contacts.contact_count_365_days, 0) end as contact_count_365_days,
    case when coverage.has_activities then coalesce(contacts.customer_contact_count, 0) end as customer_contact_count,
    contacts.contact_silent_days,
    contacts.last_contact_by,
    ways.owner_change_count,
    case when coverage.has_deals then coalesce(contacts.open_deal_count, 0) end as open_deal_count,
    case when coverage.has_deals then coalesce(contacts.lost_deal_count, 0) end as lost_deal_count,
    ways.channel,
    profiles.customer_kind,
    profiles.country,
    profiles.industry,
    profiles.acquisition_source
from lives
cross join definition
inner join snapshots
    on lives.snapshot_date = snapshots.snapshot_date
inner join coverage
    on lives.snapshot_date = coverage.snapshot_date
left join contributions
    on lives.customer_id = contributions.customer_id
    and lives.snapshot_date = contributions.snapshot_date
left join orders
    on lives.customer_id = orders.customer_id
    and lives.snapshot_date = orders.snapshot_date
left join assortment
    on lives.customer_id = assortment.customer_id
    and lives.snapshot_date = assortment.snapshot_date
left join ways
    on lives.customer_id = ways.customer_id
    and lives.snapshot_date = ways.snapshot_date
left join service
    on lives.customer_id = service.customer_id
    and lives.snapshot_date = service.snapshot_date
left join money
    on lives.customer_id = money.customer_id
    and lives.snapshot_date = money.snapshot_date
left join contracts
    on lives.customer_id = contracts.customer_id
    and lives.snapshot_date = contracts.snapshot_date
left join usage
    on lives.customer_id = usage.customer_id
    and lives.snapshot_date = usage.snapshot_date
left join contacts
    on lives.customer_id = contacts.customer_id
    and lives.snapshot_date = contacts.snapshot_date
left join profiles
    on lives.customer_id = profiles.customer_id

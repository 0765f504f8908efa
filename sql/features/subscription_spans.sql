-- The months on whose last day a subscription brings money.
-- grain: subscription_id
-- check: first_month <= end_month
-- first_month: by the numbers of facts.recurring_months
-- end_month: the first month without it, one after the last of all while it runs; equal to first_month when it began and ended within a month
-- is_linked: its source says of some invoice which subscription it is for; without that nothing can be said of its billing
with

months as (
    select * from facts.recurring_months
),

subscriptions as (
    select * from facts.subscriptions where is_counted and monthly_amount > 0
),

invoices as (
    select * from facts.subscription_invoices where has_subscription
),

linked_sources as (
    select distinct source from invoices
)

select
    subscriptions.subscription_id,
    subscriptions.customer_id,
    subscriptions.interval_days,
    subscriptions.monthly_amount,
    to_integer(months_between((select min(month_start) from months), subscriptions.start_date) + 1) as first_month,
    to_integer(case
        when subscriptions.end_date is null then (select max(month_number) from months) + 1
        else months_between((select min(month_start) from months), subscriptions.end_date) + 1
    end) as end_month,
    linked_sources.source is not null as is_linked
from subscriptions
left join linked_sources
    on subscriptions.source = linked_sources.source

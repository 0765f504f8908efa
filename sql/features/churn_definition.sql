-- What leaving means in this run; no row where there is nothing that anybody could leave.
-- grain: definition
-- check: window_days > 0
-- definition: orders, subscriptions or usage: as set, or, when that is left to the data, subscriptions where half of the customers of the last 365 days hold one, usage where nothing else is known, else orders
-- window_days: as set; else for orders what features.churn_windows proposes, for subscriptions, and where nobody ordered on two days, 90 and for usage 30, or a third of the history where that is shorter
-- first_event_date: the first order, subscription or use
with

settings as (
    select * from run.settings
),

windows as (
    select * from features.churn_windows where is_proposed
),

order_days as (
    select customer_id, order_date
    from features.order_days
    where order_count > 0
        and annulled_date is null
),

subscriptions as (
    select * from facts.subscriptions where is_counted
),

usage_days as (
    select * from facts.usage_days
),

lately as (
    select distinct customer_id
    from order_days
    where is_within(order_date, (select as_of_date from settings), 365)
),

subscribed as (
    select distinct customer_id from subscriptions where is_active
),

counted as (
    select
        count(*) as customer_count,
        count(subscribed.customer_id) as subscribed_count
    from (
        select customer_id from lately
        union
        select customer_id from subscribed
    ) as customers
    left join subscribed
        on customers.customer_id = subscribed.customer_id
),

chosen as (
    select
        settings.as_of_date,
        settings.churn_window_days,
        case
            when settings.churn_definition <> 'auto' then settings.churn_definition
            when counted.subscribed_count > 0 and 2 * counted.subscribed_count >= counted.customer_count then 'subscriptions'
            when (select min(order_date) from order_days) is not null then 'orders'
            when (select min(start_date) from subscriptions) is not null then 'subscriptions'
            else 'usage'
        end as definition
    from settings
    cross join counted
),

dated as (
    select
        *,
        case definition
            when 'orders' then (select min(order_date) from order_days)
            when 'subscriptions' then (select min(start_date) from subscriptions)
            else (select min(usage_date) from usage_days)
        end as first_event_date
    from chosen
),

measured as (
    select
        *,
        days_between(first_event_date, as_of_date) as history_days
    from dated
    where first_event_date is not null
)

select
    definition,
    to_integer(coalesce(
        cast(churn_window_days as integer),
        case when definition = 'orders' then (select min(window_days) from windows) end,
        greatest(7, least(case when definition = 'usage' then 30 else 90 end, floor(history_days / 3e0)))
    )) as window_days,
    churn_window_days is null as is_window_proposed,
    first_event_date,
    to_integer(history_days) as history_days
from measured

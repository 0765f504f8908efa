-- Recency, frequency and money of each customer with an order, and the rhythm of their orders, as known on the snapshot date.
-- grain: customer_id, snapshot_date
-- check: recency_days >= 0
-- check: order_count >= 1
-- recency_days: from the last order to the snapshot
-- order_count: orders within the window
-- total_amount: money within the window, revenue or margin as set; returns count against it
-- monetary: what is scored, total_amount or its mean an order
-- order_day_count: days with an order since the first one, on which the rhythm rests
-- recent_order_day_count: days with an order in the recent period
-- earlier_days: from the first order to the recent period; 0 when the first order lies in it
with

settings as (
    select * from run.settings
),

snapshots as (
    select * from run.snapshots
),

orders as (
    select * from facts.orders
),

order_days as (
    select
        orders.customer_id,
        snapshots.snapshot_date,
        orders.order_date,
        sum(case when orders.is_purchase then 1 else 0 end) as order_count,
        to_money(sum(case
            when orders.is_cancelled then 0
            when (select rfm_money from settings) = 'margin' then orders.order_amount - orders.order_cost
            else orders.order_amount
        end)) as amount
    from orders
    inner join snapshots
        on orders.order_date <= snapshots.snapshot_date
    where snapshots.purpose = 'score'
    group by orders.customer_id, snapshots.snapshot_date, orders.order_date
),

windowed as (
    select
        customer_id,
        snapshot_date,
        order_date,
        order_count,
        amount,
        order_count > 0 as is_order_day,
        order_date > (select rfm_window_start from settings) as is_in_window,
        order_date > days_before(snapshot_date, (select rfm_recent_days from settings)) as is_recent
    from order_days
),

summed as (
    select
        customer_id,
        snapshot_date,
        max(case when is_order_day then order_date end) as last_order_date,
        min(case when is_order_day then order_date end) as first_order_date,
        sum(case when is_in_window then order_count else 0 end) as order_count,
        to_money(sum(case when is_in_window then amount else 0 end)) as total_amount,
        sum(case when is_order_day then 1 else 0 end) as order_day_count,
        sum(case when is_order_day and is_recent then 1 else 0 end) as recent_order_day_count
    from windowed
    group by customer_id, snapshot_date
),

measured as (
    select
        *,
        days_between(last_order_date, snapshot_date) as recency_days,
        days_between(first_order_date, last_order_date) as rhythm_days,
        days_between(first_order_date, snapshot_date) - (select rfm_recent_days from settings) as earlier_days
    from summed
    where order_count > 0
)

select
    customer_id,
    snapshot_date,
    first_order_date,
    last_order_date,
    to_integer(recency_days) as recency_days,
    to_integer(order_count) as order_count,
    total_amount,
    case
        when (select rfm_monetary from settings) = 'average' then to_number(total_amount) / order_count
        else to_number(total_amount)
    end as monetary,
    to_integer(order_day_count) as order_day_count,
    to_integer(rhythm_days) as rhythm_days,
    to_integer(recent_order_day_count) as recent_order_day_count,
    to_integer(case when earlier_days > 0 then earlier_days else 0 end) as earlier_days
from measured

-- Recency, frequency and money of each customer with an order, and the rhythm of their orders, as known on the snapshot date.
-- grain: customer_id, snapshot_date
-- check: recency_days >= 0
-- check: order_count >= 1
-- recency_days: from the last order to the snapshot
-- order_count: orders within the window
-- total_amount: money within the window, revenue or margin as set; returns count against it
-- monetary: what is scored, total_amount or its mean an order
-- order_day_count: days with an order since the first one, on which the rhythm rests
-- recent_days: the recent period, as set, but long enough for four orders in the customer's own rhythm
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

summed as (
    select
        orders.customer_id,
        snapshots.snapshot_date,
        max(case when orders.is_purchase then orders.order_date end) as last_order_date,
        min(case when orders.is_purchase then orders.order_date end) as first_order_date,
        day_list(case when orders.is_purchase then orders.order_date end) as order_days,
        count(
            case when orders.is_purchase and orders.order_date > (select rfm_window_start from settings) then 1 end
        ) as order_count,
        coalesce(money_sum(case
            when orders.order_date <= (select rfm_window_start from settings) or orders.is_cancelled then null
            when (select rfm_money from settings) = 'margin' then to_cents(orders.order_amount - orders.order_cost)
            else orders.order_amount
        end), 0) as total_amount
    from orders
    inner join snapshots
        on orders.order_date <= snapshots.snapshot_date
    where snapshots.purpose = 'score'
    group by orders.customer_id, snapshots.snapshot_date
),

measured as (
    select
        *,
        count_days(order_days) as order_day_count,
        days_between(last_order_date, snapshot_date) as recency_days,
        days_between(first_order_date, last_order_date) as rhythm_days,
        days_between(first_order_date, snapshot_date) as known_days
    from summed
    where order_count > 0
),

periods as (
    select
        *,
        to_integer(greatest(
            (select rfm_recent_days from settings),
            coalesce(round(4 * ratio(rhythm_days, order_day_count - 1)), 0)
        )) as recent_days
    from measured
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
        when (select rfm_monetary from settings) = 'average' then round(to_number(total_amount) / order_count, 6)
        else to_number(total_amount)
    end as monetary,
    to_integer(order_day_count) as order_day_count,
    to_integer(rhythm_days) as rhythm_days,
    recent_days,
    to_integer(count_days_after(order_days, days_before(snapshot_date, recent_days))) as recent_order_day_count,
    to_integer(greatest(known_days - recent_days, 0)) as earlier_days
from periods

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

purchase_days as (
    select
        customer_id,
        order_date,
        sum(case when is_purchase then 1 else 0 end) as order_count,
        coalesce(money_sum(case
            when is_cancelled then 0
            when (select rfm_money from settings) = 'margin' then to_cents(order_amount - order_cost)
            else order_amount
        end), 0) as amount
    from orders
    group by customer_id, order_date
),

order_days as (
    select
        purchase_days.customer_id,
        snapshots.snapshot_date,
        purchase_days.order_date,
        purchase_days.order_count,
        purchase_days.amount
    from purchase_days
    inner join snapshots
        on purchase_days.order_date <= snapshots.snapshot_date
    where snapshots.purpose = 'score'
),

summed as (
    select
        customer_id,
        snapshot_date,
        max(case when order_count > 0 then order_date end) as last_order_date,
        min(case when order_count > 0 then order_date end) as first_order_date,
        sum(case when order_date > (select rfm_window_start from settings) then order_count else 0 end) as order_count,
        money_sum(case when order_date > (select rfm_window_start from settings) then amount else 0 end) as total_amount,
        sum(case when order_count > 0 then 1 else 0 end) as order_day_count
    from order_days
    group by customer_id, snapshot_date
),

measured as (
    select
        *,
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
),

recent as (
    select
        order_days.customer_id,
        order_days.snapshot_date,
        count(*) as recent_order_day_count
    from order_days
    inner join periods
        on order_days.customer_id = periods.customer_id
        and order_days.snapshot_date = periods.snapshot_date
    where order_days.order_count > 0
        and order_days.order_date > days_before(order_days.snapshot_date, periods.recent_days)
    group by order_days.customer_id, order_days.snapshot_date
)

select
    periods.customer_id,
    periods.snapshot_date,
    periods.first_order_date,
    periods.last_order_date,
    to_integer(periods.recency_days) as recency_days,
    to_integer(periods.order_count) as order_count,
    periods.total_amount,
    case
        when (select rfm_monetary from settings) = 'average' then round(to_number(periods.total_amount) / periods.order_count, 6)
        else to_number(periods.total_amount)
    end as monetary,
    to_integer(periods.order_day_count) as order_day_count,
    to_integer(periods.rhythm_days) as rhythm_days,
    periods.recent_days,
    to_integer(coalesce(recent.recent_order_day_count, 0)) as recent_order_day_count,
    to_integer(greatest(periods.known_days - periods.recent_days, 0)) as earlier_days
from periods
left join recent
    on periods.customer_id = recent.customer_id
    and periods.snapshot_date = recent.snapshot_date

-- Days from one purchase day to the next as known on each snapshot, of the customers the models are fitted to.
-- grain: customer_id, snapshot_date, order_date
-- check: gap_days >= 1
with

purchase_days as (
    select * from features.purchase_days where is_sampled and order_count > 0
),

gaps as (
    select
        customer_id,
        snapshot_date,
        order_date,
        days_between(
            lag(order_date) over (partition by customer_id, snapshot_date order by order_date),
            order_date
        ) as gap_days
    from purchase_days
)

select
    customer_id,
    snapshot_date,
    order_date,
    to_integer(gap_days) as gap_days
from gaps
where gap_days is not null

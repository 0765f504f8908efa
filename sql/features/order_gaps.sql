-- Days from one purchase day to the next, of the customers the models are fitted to; days taken back whole stand aside.
-- grain: customer_id, order_date
-- check: gap_days >= 1
with

snapshots as (
    select * from features.value_snapshots where purpose = 'score'
),

order_days as (
    select * from features.order_days where order_count > 0 and annulled_date is null
),

sampled as (
    select
        order_days.customer_id,
        order_days.order_date
    from order_days
    inner join snapshots
        on place_by_hash(order_days.customer_id) < snapshots.sampled_places
),

gaps as (
    select
        customer_id,
        order_date,
        days_between(
            lag(order_date) over (partition by customer_id order by order_date),
            order_date
        ) as gap_days
    from sampled
)

select
    customer_id,
    order_date,
    to_integer(gap_days) as gap_days
from gaps
where gap_days is not null

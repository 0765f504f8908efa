-- The rhythm in which products are bought again: how many buyers did, and the days between two purchases by one customer.
-- grain: product_number
-- rebuyer_count: customers who bought it on two days at least, of buyer_count
-- low_gap_days: a quarter of the gaps are shorter; of high_gap_days three quarters
with

snapshots as (
    select max(sampled_places) as sampled_places from features.next_best_snapshots where place > 0
),

purchases as (
    select
        customer_id,
        product_number,
        days_between(
            lag(order_date) over (partition by customer_id, product_number order by order_date),
            order_date
        ) as gap_days
    from features.next_best_purchases
    where place_by_hash(customer_id) < coalesce((select sampled_places from snapshots), 1000)
)

select
    product_number,
    count(distinct customer_id) as buyer_count,
    count(distinct case when gap_days is not null then customer_id end) as rebuyer_count,
    count(gap_days) as gap_count,
    quantile_at(gap_days, 0.25e0) as low_gap_days,
    quantile_at(gap_days, 0.5e0) as median_gap_days,
    quantile_at(gap_days, 0.75e0) as high_gap_days
from purchases
group by product_number

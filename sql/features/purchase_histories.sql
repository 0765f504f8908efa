-- Customers with the same history, counted once: what models of purchases are fitted to and scored on.
-- grain: snapshot_date, repeat_count, last_age_days, age_days
-- customer_count: all customers with this history
-- sampled_count: those of them to whom the models are fitted
-- log_gap_sum: natural logarithms of the days between purchase days, over the sampled customers
with

purchases as (
    select * from features.value
),

logs as (
    select
        customer_id,
        snapshot_date,
        sum(to_exact(ln(gap_days))) as log_gap_sum
    from features.order_gaps
    group by customer_id, snapshot_date
)

select
    purchases.snapshot_date,
    purchases.repeat_count,
    purchases.last_age_days,
    purchases.age_days,
    count(*) as customer_count,
    count(case when purchases.is_sampled then 1 end) as sampled_count,
    coalesce(sum(logs.log_gap_sum), 0) as log_gap_sum
from purchases
left join logs
    on purchases.customer_id = logs.customer_id
    and purchases.snapshot_date = logs.snapshot_date
group by purchases.snapshot_date, purchases.repeat_count, purchases.last_age_days, purchases.age_days
order by purchases.snapshot_date, purchases.repeat_count, purchases.last_age_days, purchases.age_days

-- The mean money of repeat orders, of customers who have some: what the model of spending learns from.
-- grain: customer_id, snapshot_date
-- mean_amount: a purchase day after the first, margin or revenue as set
with

snapshots as (
    select * from features.value_snapshots where place <= 1
),

purchases as (
    select * from features.value where is_sampled and repeat_count > 0 and repeat_amount > 0
)

select
    purchases.customer_id,
    purchases.snapshot_date,
    snapshots.place,
    purchases.repeat_count,
    ratio(purchases.repeat_amount, purchases.repeat_count) as mean_amount
from purchases
inner join snapshots
    on purchases.snapshot_date = snapshots.snapshot_date
order by purchases.snapshot_date, purchases.customer_id

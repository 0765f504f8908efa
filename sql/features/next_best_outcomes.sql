-- What customers bought within the horizon behind each past snapshot.
-- grain: customer_id, place, product_number
-- place: never 0, whose horizon lies ahead
-- outcome_margin: what it brought; revenue where the cost is unknown
with

snapshots as (
    select * from features.next_best_snapshots where place > 0
),

purchases as (
    select * from features.next_best_purchases
)

select
    purchases.customer_id,
    snapshots.place,
    purchases.product_number,
    money_sum(coalesce(purchases.purchase_margin, purchases.purchase_amount)) as outcome_margin
from purchases
inner join snapshots
    on purchases.order_date > snapshots.snapshot_date
    and days_between(snapshots.snapshot_date, purchases.order_date) <= snapshots.horizon_days
    and place_by_hash(purchases.customer_id) < snapshots.sampled_places
group by purchases.customer_id, snapshots.place, purchases.product_number

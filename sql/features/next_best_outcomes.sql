-- What customers bought within the horizon behind each past snapshot and had not given back whole by its end.
-- grain: customer_id, place, product_number
-- place: never 0, whose horizon lies ahead
-- outcome_margin: what it brought, what was given back in part not taken off; where the cost is unknown, revenue times the product's margin rate as known today
with

snapshots as (
    select * from features.next_best_snapshots where place > 0
),

purchases as (
    select * from features.next_best_purchases
),

rates as (
    select product_number, margin_rate from features.next_best_products where place = 0
),

-- The snapshot of a place lies at the end of the horizon behind that of the next.
given_back as (
    select
        customer_id,
        place + 1 as place,
        product_number
    from features.next_best_holdings
    where is_returned
),

bought as (
    select
        purchases.customer_id,
        snapshots.place,
        purchases.product_number,
        money_sum(coalesce(
            purchases.purchase_margin,
            to_money(rates.margin_rate * purchases.purchase_amount)
        )) as outcome_margin
    from purchases
    inner join snapshots
        on purchases.order_date > snapshots.snapshot_date
        and days_between(snapshots.snapshot_date, purchases.order_date) <= snapshots.horizon_days
        and place_by_hash(purchases.customer_id) < snapshots.sampled_places
    inner join rates
        on purchases.product_number = rates.product_number
    group by purchases.customer_id, snapshots.place, purchases.product_number
)

select
    bought.customer_id,
    bought.place,
    bought.product_number,
    bought.outcome_margin
from bought
left join given_back
    on bought.customer_id = given_back.customer_id
    and bought.place = given_back.place
    and bought.product_number = given_back.product_number
where given_back.customer_id is null

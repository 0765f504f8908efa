-- What each customer had bought by each snapshot, and in what rhythm.
-- grain: customer_id, place, product_number
-- check: first_date <= last_date
-- purchase_count: days on which it was bought
-- band: 1 bought within the horizon, 2 longer ago
-- is_returned: given back on the day of the last purchase or later
with

snapshots as (
    select * from features.next_best_snapshots
),

purchases as (
    select * from features.next_best_purchases
),

returns as (
    select * from features.next_best_returns
),

held as (
    select
        purchases.customer_id,
        snapshots.place,
        purchases.product_number,
        snapshots.snapshot_date,
        snapshots.horizon_days,
        min(purchases.order_date) as first_date,
        max(purchases.order_date) as last_date,
        count(*) as purchase_count
    from purchases
    inner join snapshots
        on purchases.order_date <= snapshots.snapshot_date
        and place_by_hash(purchases.customer_id) < snapshots.sampled_places
    group by
        purchases.customer_id,
        snapshots.place,
        purchases.product_number,
        snapshots.snapshot_date,
        snapshots.horizon_days
),

given_back as (
    select
        held.customer_id,
        held.place,
        held.product_number
    from held
    inner join returns
        on held.customer_id = returns.customer_id
        and held.product_number = returns.product_number
    where returns.return_date between held.last_date and held.snapshot_date
    group by held.customer_id, held.place, held.product_number
)

select
    held.customer_id,
    held.place,
    held.product_number,
    held.first_date,
    held.last_date,
    to_integer(held.purchase_count) as purchase_count,
    to_integer(days_between(held.last_date, held.snapshot_date)) as elapsed_days,
    case when days_between(held.last_date, held.snapshot_date) < held.horizon_days then 1 else 2 end as band,
    given_back.customer_id is not null as is_returned
from held
left join given_back
    on held.customer_id = given_back.customer_id
    and held.place = given_back.place
    and held.product_number = given_back.product_number

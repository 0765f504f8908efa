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
    select customer_id, product_number, order_date from features.next_best_purchases
),

returns as (
    select * from features.next_best_returns
),

sampled as (
    select * from purchases
    where place_by_hash(customer_id) < (select max(sampled_places) from snapshots where place > 0)
),

dated as (
    select
        customer_id,
        0 as place,
        product_number,
        order_date
    from purchases
    union all
    select
        sampled.customer_id,
        snapshots.place,
        sampled.product_number,
        sampled.order_date
    from sampled
    inner join snapshots
        on sampled.order_date <= snapshots.snapshot_date
    where snapshots.place > 0
),

counted as (
    select
        customer_id,
        place,
        product_number,
        min(order_date) as first_date,
        max(order_date) as last_date,
        count(*) as purchase_count
    from dated
    group by customer_id, place, product_number
),

given_back as (
    select
        returns.customer_id,
        snapshots.place,
        returns.product_number,
        max(returns.return_date) as return_date
    from returns
    inner join snapshots
        on returns.return_date <= snapshots.snapshot_date
    group by returns.customer_id, snapshots.place, returns.product_number
)

select
    counted.customer_id,
    counted.place,
    counted.product_number,
    counted.first_date,
    counted.last_date,
    to_integer(counted.purchase_count) as purchase_count,
    to_integer(days_between(counted.last_date, snapshots.snapshot_date)) as elapsed_days,
    case
        when days_between(counted.last_date, snapshots.snapshot_date) < snapshots.horizon_days then 1
        else 2
    end as band,
    coalesce(given_back.return_date >= counted.last_date, 1 = 0) as is_returned
from counted
inner join snapshots
    on counted.place = snapshots.place
left join given_back
    on counted.customer_id = given_back.customer_id
    and counted.place = given_back.place
    and counted.product_number = given_back.product_number

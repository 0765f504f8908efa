-- What each customer had bought by each snapshot, and in what rhythm.
-- grain: customer_id, place, product_number
-- check: first_date <= last_date
-- purchase_count: days on which it was bought
-- band: 1 bought within the horizon, 2 longer ago
-- is_returned: what was bought on the day of the last purchase was given back whole, that day or later; any return counts as whole where a quantity is unknown
with

snapshots as (
    select * from features.next_best_snapshots
),

purchases as (
    select customer_id, product_number, order_date, quantity from features.next_best_purchases
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

returned as (
    select
        counted.customer_id,
        counted.place,
        counted.product_number,
        counted.last_date,
        case when count(returns.quantity) = count(*) then sum(returns.quantity) end as quantity
    from counted
    inner join snapshots
        on counted.place = snapshots.place
    inner join returns
        on counted.customer_id = returns.customer_id
        and counted.product_number = returns.product_number
        and counted.last_date <= returns.return_date
        and snapshots.snapshot_date >= returns.return_date
    group by counted.customer_id, counted.place, counted.product_number, counted.last_date
),

given_back as (
    select
        returned.customer_id,
        returned.place,
        returned.product_number
    from returned
    inner join purchases
        on returned.customer_id = purchases.customer_id
        and returned.product_number = purchases.product_number
        and returned.last_date = purchases.order_date
    where coalesce(returned.quantity >= purchases.quantity, 1 = 1)
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
    given_back.customer_id is not null as is_returned
from counted
inner join snapshots
    on counted.place = snapshots.place
left join given_back
    on counted.customer_id = given_back.customer_id
    and counted.place = given_back.place
    and counted.product_number = given_back.product_number

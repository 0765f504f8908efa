-- What each customer had bought by each snapshot, and in what rhythm.
-- grain: customer_id, place, product_number
-- check: first_date <= last_date
-- purchase_count: days on which it was bought
-- band: 1 bought within the horizon, 2 longer ago
-- activity_class: how busy the customer was; see features.next_best_customers
-- is_latest: among the latest twenty that the customer kept
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

customers as (
    select * from features.next_best_customers
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
),

held as (
    select
        counted.*,
        given_back.customer_id is not null as is_returned
    from counted
    left join given_back
        on counted.customer_id = given_back.customer_id
        and counted.place = given_back.place
        and counted.product_number = given_back.product_number
),

-- Few have kept more than twenty: only theirs are put in order.
crowded as (
    select customer_id, place
    from held
    where not is_returned
    group by customer_id, place
    having count(*) > 20
),

ordered as (
    select
        held.customer_id,
        held.place,
        held.product_number,
        row_number() over (
            partition by held.customer_id, held.place
            order by held.last_date desc, held.purchase_count desc, held.product_number
        ) as latest_place
    from held
    inner join crowded
        on held.customer_id = crowded.customer_id
        and held.place = crowded.place
    where not held.is_returned
),

earlier as (
    select * from ordered where latest_place > 20
)

select
    held.customer_id,
    held.place,
    held.product_number,
    held.first_date,
    held.last_date,
    to_integer(held.purchase_count) as purchase_count,
    to_integer(days_between(held.last_date, snapshots.snapshot_date)) as elapsed_days,
    case
        when days_between(held.last_date, snapshots.snapshot_date) < snapshots.horizon_days then 1
        else 2
    end as band,
    customers.activity_class,
    not held.is_returned and earlier.customer_id is null as is_latest,
    held.is_returned
from held
inner join snapshots
    on held.place = snapshots.place
inner join customers
    on held.customer_id = customers.customer_id
    and held.place = customers.place
left join earlier
    on held.customer_id = earlier.customer_id
    and held.place = earlier.place
    and held.product_number = earlier.product_number

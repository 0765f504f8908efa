-- Days from one order day to the next, of a sample of customers chosen by hash: what the base's rhythm is learnt from.
-- grain: customer_id, order_date
-- check: gap_days >= 1
with

settings as (
    select * from run.settings
),

orders as (
    select * from facts.orders
),

features as (
    select * from features.rfm
),

sampled as (
    select customer_id
    from features
    where order_day_count > 1
    order by short_hash(to_key(customer_id)), customer_id
    limit 4000
),

order_days as (
    select distinct
        orders.customer_id,
        orders.order_date
    from orders
    inner join sampled
        on orders.customer_id = sampled.customer_id
    where orders.is_purchase
        and orders.order_date <= (select as_of_date from settings)
),

gaps as (
    select
        customer_id,
        order_date,
        days_between(
            lag(order_date) over (partition by customer_id order by order_date),
            order_date
        ) as gap_days
    from order_days
)

select
    customer_id,
    order_date,
    to_integer(gap_days) as gap_days
from gaps
where gap_days is not null
order by customer_id, order_date

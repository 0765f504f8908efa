-- Purchases that a later document of the same customer took back whole, to the cent, or a refund paid back: in the end there was no order.
-- grain: order_id, customer_id
-- annulled_date: day of the document that took it back; before it nobody could know
with

refunded as (
    select * from facts.orders where is_purchase and refund_amount > 0 and order_amount <= 0
),

returns as (
    select * from facts.orders where order_amount < 0 and not is_cancelled
),

sales as (
    select * from facts.orders where order_amount > 0 and is_purchase
),

returned as (
    select distinct customer_id, - order_amount as order_amount from returns
),

documents as (
    select order_id, customer_id, order_date, - order_amount as order_amount, 1 as step from returns
    union all
    select sales.order_id, sales.customer_id, sales.order_date, sales.order_amount, -1 as step
    from sales
    inner join returned
        on sales.customer_id = returned.customer_id
        and sales.order_amount = returned.order_amount
),

counted as (
    select
        *,
        sum(step) over (
            partition by customer_id, order_amount
            order by order_date, step, order_id
            rows between unbounded preceding and current row
        ) as excess,
        row_number() over (partition by customer_id, order_amount, step order by order_date, order_id) as place
    from documents
),

topped as (
    select
        *,
        greatest(0, max(excess) over (
            partition by customer_id, order_amount
            order by order_date, step, order_id
            rows between unbounded preceding and current row
        )) as unmatched_count,
        greatest(0, coalesce(max(excess) over (
            partition by customer_id, order_amount
            order by order_date, step, order_id
            rows between unbounded preceding and 1 preceding
        ), 0)) as unmatched_before
    from counted
),

matched as (
    select
        customer_id,
        order_amount,
        order_date,
        place - unmatched_count as place
    from topped
    where step = 1
        and unmatched_count = unmatched_before
)

select
    topped.order_id,
    topped.customer_id,
    matched.order_date as annulled_date
from topped
inner join matched
    on topped.customer_id = matched.customer_id
    and topped.order_amount = matched.order_amount
    and topped.place = matched.place
where topped.step = -1
union all
select
    order_id,
    customer_id,
    refund_date as annulled_date
from refunded

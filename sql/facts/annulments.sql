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

placed_returns as (
    select
        customer_id,
        order_date,
        - order_amount as order_amount,
        row_number() over (partition by customer_id, order_amount order by order_date, order_id) as place
    from returns
),

placed_sales as (
    select
        sales.order_id,
        sales.customer_id,
        sales.order_date,
        sales.order_amount,
        row_number() over (
            partition by sales.customer_id, sales.order_amount
            order by sales.order_date, sales.order_id
        ) as place
    from sales
    inner join (select distinct customer_id, order_amount from placed_returns) as returned
        on sales.customer_id = returned.customer_id
        and sales.order_amount = returned.order_amount
)

select
    placed_sales.order_id,
    placed_sales.customer_id,
    placed_returns.order_date as annulled_date
from placed_sales
inner join placed_returns
    on placed_sales.customer_id = placed_returns.customer_id
    and placed_sales.order_amount = placed_returns.order_amount
    and placed_sales.place = placed_returns.place
    and placed_sales.order_date <= placed_returns.order_date
union all
select
    order_id,
    customer_id,
    refund_date as annulled_date
from refunded

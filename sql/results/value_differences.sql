-- Orders that billing has invoiced for another amount than they are worth, or that nobody has but the invoice; the largest differences first, up to 1,000.
-- grain: order_key, customer_id
with

invoiced_orders as (
    select * from facts.invoiced_orders where difference_amount <> 0
),

customers as (
    select * from unified.customers
)

select
    invoiced_orders.order_key,
    invoiced_orders.customer_id,
    customers.customer_key,
    invoiced_orders.order_date,
    invoiced_orders.order_amount,
    invoiced_orders.invoiced_amount,
    invoiced_orders.difference_amount,
    invoiced_orders.has_order
from invoiced_orders
inner join customers
    on invoiced_orders.customer_id = customers.customer_id
order by
    abs(invoiced_orders.difference_amount) desc,
    invoiced_orders.order_key,
    invoiced_orders.customer_id
limit 1000

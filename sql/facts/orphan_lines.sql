-- Lines of orders that no system knows and that name no customer: their money counts for nobody.
-- grain: source, order_key
-- warn: has_order
with

orders as (
    select * from staged.orders
),

order_lines as (
    select * from staged.order_lines
)

select
    order_lines.source,
    order_lines.order_key,
    count(*) as line_count,
    orders.order_key is not null as has_order
from order_lines
left join orders
    on order_lines.source = orders.source
    and order_lines.order_key = orders.order_key
where (order_lines.customer_key is null or order_lines.order_date is null)
    and orders.order_key is null
group by order_lines.source, order_lines.order_key, orders.order_key

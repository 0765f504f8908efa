-- Products that were sold and taken back on one order, as many or more: they lie in no basket.
-- grain: order_id, record_hash, product_id
-- record_hash: of the line's own customer, as two customers may share an order number
-- is_even: all that came back was sold on the order; else more came back
with

order_lines as (
    select source, order_key, customer_key, product_key, quantity, line_amount
    from staged.order_lines
    where product_key is not null
        and line_amount <> 0
),

returned_orders as (
    select distinct source, order_key
    from staged.order_lines
    where product_key is not null
        and line_amount < 0
),

-- Quantities say how much is left where each has the sign of its amount, else amounts do.
summed as (
    select
        order_lines.source,
        order_lines.order_key,
        order_lines.customer_key,
        order_lines.product_key,
        case
            when
                count(*) = count(
                    case
                        when order_lines.quantity > 0 and order_lines.line_amount > 0 then 1
                        when order_lines.quantity < 0 and order_lines.line_amount < 0 then 1
                    end
                )
                then sum(order_lines.quantity)
            else sum(order_lines.line_amount)
        end as net_sum
    from order_lines
    inner join returned_orders
        on order_lines.source = returned_orders.source
        and order_lines.order_key = returned_orders.order_key
    group by order_lines.source, order_lines.order_key, order_lines.customer_key, order_lines.product_key
    having min(order_lines.line_amount) < 0
        and max(order_lines.line_amount) > 0
)

select
    key_hash(source, 'order', order_key) as order_id,
    key_hash(source, 'customer', customer_key) as record_hash,
    key_hash(source, 'product', product_key) as product_id,
    net_sum = 0 as is_even
from summed
where net_sum <= 0

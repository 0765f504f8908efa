-- What customers gave back, and when: lines with an amount below nothing, those of return documents, and those of orders that were paid back whole; of what was sold and taken back on one order, what came back beyond it.
-- grain: customer_id, product_number, return_date
-- quantity: how many came back; empty where that of some of the lines is unknown
-- customer_id: of the order; where no order names it, the line's own, as two customers may share an order number
with

known_orders as (
    select
        order_id,
        customer_id,
        order_date,
        refund_date,
        is_return,
        is_purchase and refund_amount > 0 and order_amount <= 0 as is_refunded
    from facts.orders
    where not is_cancelled
        and order_date <= (select as_of_date from run.settings)
),

orders as (
    select
        order_id,
        customer_id,
        case when is_refunded then refund_date else order_date end as return_date,
        is_return or is_refunded as is_back
    from known_orders
),

products as (
    select
        known.product_id,
        to_integer(sold.product_number) as product_number
    from facts.products as known
    inner join features.basket_products as sold
        on known.sold_as_id = sold.product_id
),

heads as (
    select source, order_key from staged.orders where order_key is not null
),

lineage as (
    select record_hash, customer_id from unified.lineage
),

netted_items as (
    select * from facts.netted_items
),

keyed_lines as (
    select
        source,
        order_key,
        key_hash(source, 'order', order_key) as order_id,
        key_hash(source, 'product', product_key) as product_id,
        key_hash(source, 'customer', customer_key) as record_hash,
        line_amount,
        quantity
    from staged.order_lines
    where product_key is not null
),

order_lines as (
    select
        keyed_lines.source,
        keyed_lines.order_key,
        keyed_lines.order_id,
        keyed_lines.product_id,
        keyed_lines.record_hash,
        case
            when netted_items.order_id is not null and keyed_lines.line_amount > 0 then - abs(keyed_lines.quantity)
            else abs(keyed_lines.quantity)
        end as quantity
    from keyed_lines
    left join netted_items
        on keyed_lines.order_id = netted_items.order_id
        and keyed_lines.record_hash = netted_items.record_hash
        and keyed_lines.product_id = netted_items.product_id
    where
        case
            when netted_items.order_id is not null then keyed_lines.line_amount <> 0 and not netted_items.is_even
            else keyed_lines.line_amount < 0 or keyed_lines.order_id in (select order_id from orders where is_back)
        end
)

select
    orders.customer_id,
    products.product_number,
    orders.return_date,
    case when count(order_lines.quantity) = count(*) then sum(order_lines.quantity) end as quantity
from order_lines
left join heads
    on order_lines.source = heads.source
    and order_lines.order_key = heads.order_key
left join lineage
    on order_lines.record_hash = lineage.record_hash
inner join orders
    on order_lines.order_id = orders.order_id
    and (heads.order_key is not null or lineage.customer_id = orders.customer_id)
inner join products
    on order_lines.product_id = products.product_id
group by orders.customer_id, products.product_number, orders.return_date

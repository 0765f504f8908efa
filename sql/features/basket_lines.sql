-- Sales by order, customer and product: lines above zero, those of an exchange too, but of no return document and no cancelled order, and of nothing that came back on the same order; none after the as-of date.
-- grain: order_id, customer_id, product_id
-- product_id: of facts.products, what it is sold as
-- customer_id: of the order; where no order names it, the line's own, as two customers may share an order number
-- quantity: empty where that of some of the lines is unknown
-- line_cost: the line's own in its currency, the product's in the pipeline's; empty where the cost of some of the lines is unknown
with

settings as (
    select * from run.settings
),

orders as (
    select order_id, customer_id, order_date
    from facts.orders
    where not is_return
        and not is_cancelled
        and order_date <= (select as_of_date from run.settings)
),

shared_orders as (
    select order_id
    from facts.orders
    group by order_id
    having count(*) > 1
),

rates as (
    select * from facts.rates
),

products as (
    select product_id, unit_cost from facts.products where unit_cost is not null
),

sold_elsewhere as (
    select product_id, sold_as_id from facts.products where sold_as_id <> product_id
),

heads as (
    select source, order_key, currency from staged.orders where order_key is not null
),

lineage as (
    select record_hash, customer_id from unified.lineage
),

netted_items as (
    select order_id, record_hash, product_id from facts.netted_items
),

order_lines as (
    select
        source,
        key_hash(source, 'order', order_key) as order_id,
        order_key,
        key_hash(source, 'customer', customer_key) as record_hash,
        customer_key is not null and order_date is not null as is_whole,
        key_hash(source, 'product', product_key) as product_id,
        currency,
        line_amount,
        coalesce(line_cost, empty_decimal()) as line_cost,
        quantity
    from staged.order_lines
    where product_key is not null
        and line_amount > 0
),

-- Nearly every number is of one customer: only where it may be another's is the line's own customer looked up.
priced as (
    select
        order_lines.order_id,
        case
            when heads.order_key is null and (shared_orders.order_id is not null or not order_lines.is_whole)
                then order_lines.record_hash
        end as record_hash,
        coalesce(sold_elsewhere.sold_as_id, order_lines.product_id) as product_id,
        order_lines.line_amount,
        order_lines.quantity,
        order_lines.line_cost,
        money_product(order_lines.quantity, products.unit_cost) as product_cost,
        case
            when (select currency from settings) is not null
                then nullif(upper(coalesce(heads.currency, order_lines.currency)), (select currency from settings))
        end as foreign_currency
    from order_lines
    left join products
        on order_lines.product_id = products.product_id
    left join sold_elsewhere
        on order_lines.product_id = sold_elsewhere.product_id
    left join shared_orders
        on order_lines.order_id = shared_orders.order_id
    left join heads
        on order_lines.source = heads.source
        and order_lines.order_key = heads.order_key
    left join netted_items
        on order_lines.order_id = netted_items.order_id
        and order_lines.record_hash = netted_items.record_hash
        and order_lines.product_id = netted_items.product_id
    where netted_items.order_id is null
)

select
    orders.order_id,
    orders.customer_id,
    min(orders.order_date) as order_date,
    priced.product_id,
    case when count(priced.quantity) = count(*) then sum(priced.quantity) end as quantity,
    money_sum(money_at(priced.line_amount, rates.rate)) as line_amount,
    case
        when count(coalesce(priced.line_cost, priced.product_cost)) = count(*)
            then money_sum(coalesce(money_at(priced.line_cost, rates.rate), to_money(priced.product_cost)))
    end as line_cost
from priced
left join lineage
    on priced.record_hash = lineage.record_hash
inner join orders
    on priced.order_id = orders.order_id
    and (priced.record_hash is null or lineage.customer_id = orders.customer_id)
left join rates
    on priced.foreign_currency = rates.currency
    and orders.order_date between rates.valid_from and rates.valid_to
group by orders.order_id, orders.customer_id, priced.product_id

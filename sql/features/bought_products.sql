-- What each customer has bought by the as-of date, a product a row.
-- grain: customer_id, source, product_key
-- product_name: as in the product's own export; empty where none has it, as is category
with

orders as (
    select order_id, customer_id from facts.orders where is_purchase and order_date <= (select as_of_date from run.settings)
),

order_lines as (
    select distinct
        key_hash(source, 'order', order_key) as order_id,
        source,
        product_key
    from staged.order_lines
    where line_amount > 0
        and product_key is not null
),

products as (
    select source, product_key, product_name, category from staged.products
),

bought as (
    select distinct
        orders.customer_id,
        order_lines.source,
        order_lines.product_key
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
)

select
    bought.customer_id,
    bought.source,
    bought.product_key,
    products.product_name,
    products.category
from bought
left join products
    on bought.source = products.source
    and bought.product_key = products.product_key

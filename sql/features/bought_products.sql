-- What each customer has bought by the as-of date, a product a row.
-- grain: customer_id, source, product_key
-- product_name: as in the product's own export; empty where none has it, as is category
with

basket_lines as (
    select * from features.basket_lines
),

products as (
    select source, product_key, product_name, category from staged.products
),

bought as (
    select distinct
        customer_id,
        source,
        product_key
    from basket_lines
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

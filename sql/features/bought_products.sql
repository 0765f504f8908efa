-- What each customer has bought by the as-of date, a product a row.
-- grain: customer_id, source, product_key
-- product_name: as in the product's own export; empty where none has it, as is category
with

basket_lines as (
    select * from features.basket_lines
),

products as (
    select * from facts.products
),

bought as (
    select distinct
        customer_id,
        product_id
    from basket_lines
)

select
    bought.customer_id,
    products.source,
    products.product_key,
    products.product_name,
    products.category
from bought
inner join products
    on bought.product_id = products.product_id

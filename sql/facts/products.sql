-- Products of all exports, and those that order lines name without their being in one.
-- grain: product_id
-- product_id: stands for source and key in joins
-- sold_as_id: the product that it counts as where it is sold: of several sources' products with one key and one name that of the first source, else itself
-- is_exported: named by a product export of its source
-- export_count: product exports that name a product of this key
-- product_name: as in the product's own export; empty where none has it, as are category, brand and what else the export tells
with

products as (
    select * from staged.products
),

on_lines as (
    select distinct source, product_key
    from staged.order_lines
    where product_key is not null
),

keyed as (
    select source, product_key from products
    union
    select source, product_key from on_lines
)

select
    key_hash(keyed.source, 'product', keyed.product_key) as product_id,
    keyed.source,
    keyed.product_key,
    case
        when products.product_name is null then key_hash(keyed.source, 'product', keyed.product_key)
        else key_hash(
            min(keyed.source) over (partition by keyed.product_key, products.product_name),
            'product',
            keyed.product_key
        )
    end as sold_as_id,
    products.product_name,
    products.category,
    products.brand,
    products.unit_cost,
    products.product_key is not null as is_exported,
    to_integer(count(products.product_key) over (partition by keyed.product_key)) as export_count,
    coalesce(products.is_discontinued, 1 = 0) as is_discontinued,
    coalesce(products.stock_quantity <= 0, 1 = 0) as is_out_of_stock
from keyed
left join products
    on keyed.source = products.source
    and keyed.product_key = products.product_key

-- Products of all exports, and those that order lines name without their being in one.
-- grain: product_id
-- product_id: stands for source and key in joins
-- sold_as_id: the product that it counts as where it is sold: of several sources' products with one key and one name that of the first source, else itself
-- is_exported: named by a product export of its source
-- export_count: product exports that name a product of this key
-- product_name: as in the product's own export; empty where none has it
-- category: as in the product's own export, else as another source knows what it is sold as; brand too
-- is_discontinued: where all sources say so of what it is sold as; is_out_of_stock too
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
),

told as (
    select
        keyed.source,
        keyed.product_key,
        case
            when products.product_name is null then keyed.source
            else min(keyed.source) over (partition by keyed.product_key, products.product_name)
        end as sold_by,
        products.product_name,
        products.category,
        products.brand,
        products.unit_cost,
        products.product_key is not null as is_exported,
        count(products.product_key) over (partition by keyed.product_key) as export_count,
        case when products.is_discontinued then 1 else 0 end as discontinued_count,
        case when products.stock_quantity <= 0 then 1 else 0 end as out_of_stock_count
    from keyed
    left join products
        on keyed.source = products.source
        and keyed.product_key = products.product_key
)

select
    key_hash(source, 'product', product_key) as product_id,
    source,
    product_key,
    key_hash(sold_by, 'product', product_key) as sold_as_id,
    product_name,
    coalesce(category, min(category) over (partition by sold_by, product_key)) as category,
    coalesce(brand, min(brand) over (partition by sold_by, product_key)) as brand,
    unit_cost,
    is_exported,
    to_integer(export_count) as export_count,
    min(discontinued_count) over (partition by sold_by, product_key) = 1 as is_discontinued,
    min(out_of_stock_count) over (partition by sold_by, product_key) = 1 as is_out_of_stock
from told

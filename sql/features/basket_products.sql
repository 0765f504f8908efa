-- What the baskets' products are: numbered, with name, category and brand, and what one of them sold has brought on the average.
-- grain: product_number
-- product_number: from 0, by source and key
-- product_id: of facts.products, what is sold as it; is_exported and export_count are from there too
-- product_label: the name, with the key where products of several keys have that name; products of two sources with one name and key have one
-- line_amount: net, in the pipeline's currency as far as rates are known
-- is_left_out: by the settings, with its key, its name or its category: never offered
-- line_margin: that amount less the cost; empty where the cost of some line is unknown
with

lines as (
    select * from features.basket_lines
),

products as (
    select * from facts.products
),

left_out as (
    select part, word from run.baskets_left_out
),

summed as (
    select
        product_id,
        money_sum(line_amount) as line_amount,
        case when count(line_cost) = count(*) then to_money(sum(line_amount) - sum(line_cost)) end as line_margin
    from lines
    group by product_id
),

named as (
    select
        row_number() over (order by products.source, products.product_key) - 1 as product_number,
        products.product_id,
        products.product_key,
        products.is_exported,
        products.export_count,
        coalesce(products.product_name, products.product_key) as product_name,
        products.category,
        products.brand,
        products.is_discontinued,
        products.is_out_of_stock,
        summed.line_amount,
        summed.line_margin
    from summed
    inner join products
        on summed.product_id = products.product_id
),

labelled as (
    select
        named.*,
        case
            when min(product_key) over (partition by product_name) = max(product_key) over (partition by product_name)
                then product_name
            else product_name || ' (' || product_key || ')'
        end as product_label
    from named
)

select
    product_number,
    product_id,
    product_key,
    product_name,
    product_label,
    category,
    brand,
    is_exported,
    export_count,
    is_discontinued,
    is_out_of_stock,
    coalesce(
        product_key in (select word from left_out where part in ('key', 'item'))
            or product_name in (select word from left_out where part in ('key', 'item'))
            or product_label in (select word from left_out where part in ('key', 'item'))
            or coalesce(category, '') in (select word from left_out where part = 'category'),
        1 = 0
    ) as is_left_out,
    line_amount,
    line_margin
from labelled
order by product_number

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

-- What several sources sell as one product is told by the first, or by another where the first knows nothing, and gone where all say so.
known as (
    select
        sold_as_id,
        min(source) as source,
        min(product_key) as product_key,
        min(product_name) as product_name,
        coalesce(min(case when product_id = sold_as_id then category end), min(category)) as category,
        coalesce(min(case when product_id = sold_as_id then brand end), min(brand)) as brand,
        max(case when is_exported then 1 else 0 end) = 1 as is_exported,
        max(export_count) as export_count,
        min(case when is_discontinued then 1 else 0 end) = 1 as is_discontinued,
        min(case when is_out_of_stock then 1 else 0 end) = 1 as is_out_of_stock
    from products
    group by sold_as_id
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
        row_number() over (order by known.source, known.product_key) - 1 as product_number,
        known.sold_as_id as product_id,
        known.product_key,
        known.is_exported,
        known.export_count,
        coalesce(known.product_name, known.product_key) as product_name,
        known.category,
        known.brand,
        known.is_discontinued,
        known.is_out_of_stock,
        summed.line_amount,
        summed.line_margin
    from summed
    inner join known
        on summed.product_id = known.sold_as_id
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

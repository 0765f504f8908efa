-- Products that are bought again, in their rhythm, without what the settings leave out: the commonest first, up to thirty.
-- grain: product_number
with

gaps as (
    select * from features.next_best_gaps where rebuyer_count >= 10
),

products as (
    select * from features.basket_products where not is_left_out
),

ranked as (
    select
        gaps.product_number,
        products.product_key,
        products.product_name,
        gaps.buyer_count,
        gaps.rebuyer_count,
        ratio(gaps.rebuyer_count, gaps.buyer_count) as rebuyer_share,
        gaps.gap_count,
        gaps.low_gap_days,
        gaps.median_gap_days,
        gaps.high_gap_days,
        row_number() over (order by gaps.gap_count desc, gaps.product_number) as place
    from gaps
    inner join products
        on gaps.product_number = products.product_number
)

select
    product_number,
    product_key,
    product_name,
    buyer_count,
    rebuyer_count,
    rebuyer_share,
    gap_count,
    low_gap_days,
    median_gap_days,
    high_gap_days
from ranked
where place <= 30
order by place

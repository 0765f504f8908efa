-- For each product the dearer one of its category that most of its buyers surely moved up to, of those within four times its price: more of them than of the category's other buyers have it.
-- grain: product_number
-- check: moved_count <= buyer_count
-- buyer_count: customers who bought and did not give back
-- moved_count: buyers who first bought the dearer one after they had bought this for the last time
-- other_count: customers who bought in the category, and not this product; other_next_count of them the dearer one
with

snapshots as (
    select max(sampled_places) as sampled_places from features.next_best_snapshots where place > 0
),

products as (
    select
        known.product_number,
        catalogue.category,
        known.unit_price,
        known.purchase_money,
        known.is_offered
    from features.next_best_products as known
    inner join features.basket_products as catalogue
        on known.product_number = catalogue.product_number
    where known.place = 0
        and not known.is_left_out
        and catalogue.category is not null
        and known.unit_price > 0
),

bought as (
    select
        holdings.customer_id,
        holdings.product_number,
        holdings.first_date,
        holdings.last_date,
        products.category,
        products.unit_price
    from features.next_best_holdings as holdings
    inner join products
        on holdings.product_number = products.product_number
    where holdings.place = 0
        and not holdings.is_returned
        and place_by_hash(holdings.customer_id) < coalesce((select sampled_places from snapshots), 1000)
),

buyers as (
    select
        product_number,
        count(*) as buyer_count
    from bought
    group by product_number
),

moves as (
    select
        bought.customer_id,
        bought.product_number,
        dearer.product_number as next_number
    from bought
    inner join bought as dearer
        on bought.customer_id = dearer.customer_id
        and bought.category = dearer.category
    where dearer.first_date > bought.last_date
        and dearer.unit_price >= bought.unit_price * 1.15
        and dearer.unit_price <= bought.unit_price * 4
),

steps as (
    select
        moves.product_number,
        moves.next_number,
        count(*) as moved_count
    from moves
    group by moves.product_number, moves.next_number
),

category_buyers as (
    select
        category,
        count(distinct customer_id) as buyer_count
    from bought
    group by category
),

owners_of_both as (
    select
        steps.product_number,
        steps.next_number,
        count(*) as both_count
    from steps
    inner join bought
        on steps.product_number = bought.product_number
    inner join bought as dearer
        on steps.next_number = dearer.product_number
        and bought.customer_id = dearer.customer_id
    group by steps.product_number, steps.next_number
),

compared as (
    select
        steps.product_number,
        steps.next_number,
        steps.moved_count,
        buyers.buyer_count,
        category_buyers.buyer_count - buyers.buyer_count as other_count,
        next_buyers.buyer_count - owners_of_both.both_count as other_next_count,
        coalesce(ratio(
            next_buyers.buyer_count - owners_of_both.both_count,
            category_buyers.buyer_count - buyers.buyer_count
        ), 0e0) as other_share
    from steps
    inner join products
        on steps.product_number = products.product_number
    inner join products as dearer
        on steps.next_number = dearer.product_number
    inner join buyers
        on steps.product_number = buyers.product_number
    inner join buyers as next_buyers
        on steps.next_number = next_buyers.product_number
    inner join category_buyers
        on products.category = category_buyers.category
    inner join owners_of_both
        on steps.product_number = owners_of_both.product_number
        and steps.next_number = owners_of_both.next_number
    where dearer.is_offered
        and steps.moved_count >= 10
),

ranked as (
    select
        *,
        row_number() over (
            partition by product_number
            order by moved_count desc, next_number
        ) as step_place
    from compared
    where moved_count > buyer_count * other_share + 1.645e0 * sqrt(buyer_count * other_share * (1e0 - other_share))
)

select
    ranked.product_number,
    ranked.next_number,
    to_integer(ranked.buyer_count) as buyer_count,
    to_integer(ranked.moved_count) as moved_count,
    to_integer(ranked.other_count) as other_count,
    to_integer(ranked.other_next_count) as other_next_count,
    products.unit_price,
    dearer.unit_price as next_unit_price,
    dearer.purchase_money - products.purchase_money as extra_money
from ranked
inner join products
    on ranked.product_number = products.product_number
inner join products as dearer
    on ranked.next_number = dearer.product_number
where ranked.step_place = 1

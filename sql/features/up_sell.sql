-- For each product the dearer one of its category that most of its buyers moved up to, of those within four times its price.
-- grain: product_number
-- check: moved_count <= buyer_count
-- moved_count: buyers who first bought the dearer one later than this
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
        products.category,
        products.unit_price
    from features.next_best_holdings as holdings
    inner join products
        on holdings.product_number = products.product_number
    where holdings.place = 0
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
    where dearer.first_date > bought.first_date
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

ranked as (
    select
        steps.product_number,
        steps.next_number,
        steps.moved_count,
        row_number() over (
            partition by steps.product_number
            order by steps.moved_count desc, steps.next_number
        ) as step_place
    from steps
    inner join products
        on steps.next_number = products.product_number
    where products.is_offered
)

select
    ranked.product_number,
    ranked.next_number,
    to_integer(buyers.buyer_count) as buyer_count,
    to_integer(ranked.moved_count) as moved_count,
    products.unit_price,
    dearer.unit_price as next_unit_price,
    dearer.purchase_money - products.purchase_money as extra_money
from ranked
inner join buyers
    on ranked.product_number = buyers.product_number
inner join products
    on ranked.product_number = products.product_number
inner join products as dearer
    on ranked.next_number = dearer.product_number
where ranked.step_place = 1
    and buyers.buyer_count >= 10
    and ranked.moved_count >= 3

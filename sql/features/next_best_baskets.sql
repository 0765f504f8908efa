-- Baskets of the customers that the past is looked at for, with the snapshots that knew them: what rules are mined from whose offers are tried and made.
-- grain: basket_number, product_number
-- basket_number: of features.baskets
-- known_place: the earliest snapshot, which has the greatest place, that knew of the product in the basket; later ones know of it too
with

snapshots as (
    select * from features.next_best_snapshots
),

baskets as (
    select * from features.baskets
),

products as (
    select product_number from features.basket_products where not is_left_out
)

select
    baskets.basket_number,
    baskets.product_number,
    max(snapshots.place) as known_place
from baskets
inner join snapshots
    on baskets.order_day <= days_between(day_zero(), snapshots.snapshot_date)
inner join products
    on baskets.product_number = products.product_number
where place_by_hash(baskets.customer_id) < (select max(sampled_places) from snapshots where place > 0)
group by baskets.basket_number, baskets.product_number
order by baskets.basket_number, baskets.product_number

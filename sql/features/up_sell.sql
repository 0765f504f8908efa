-- Steps from a product to a dearer one of its category, within four times its price, that ten customers or more have made, and what to hold each against.
-- grain: product_number, next_number
-- check: moved_count + back_count <= buyer_count
-- check: other_next_count <= other_count
-- buyer_count: customers who bought and did not give back
-- moved_count: buyers who first bought the dearer one after they had bought this for the last time
-- back_count: buyers who first bought this after they had bought the dearer one for the last time
-- other_count: customers who bought in the category, and not this product; other_next_count of them the dearer one
-- compared_count: steps that ten customers could have made, of all categories
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

sold as (
    select
        products.product_number,
        products.category,
        products.unit_price,
        products.purchase_money,
        products.is_offered,
        count(*) as buyer_count
    from products
    inner join bought
        on products.product_number = bought.product_number
    group by
        products.product_number,
        products.category,
        products.unit_price,
        products.purchase_money,
        products.is_offered
    having count(*) >= 10
),

comparisons as (
    select count(*) as compared_count
    from sold
    inner join sold as dearer
        on sold.category = dearer.category
    where dearer.is_offered
        and dearer.unit_price >= sold.unit_price * 1.15
        and dearer.unit_price <= sold.unit_price * 4
),

steps as (
    select
        bought.product_number,
        dearer.product_number as next_number,
        count(*) as both_count,
        sum(case when dearer.first_date > bought.last_date then 1 else 0 end) as moved_count,
        sum(case when bought.first_date > dearer.last_date then 1 else 0 end) as back_count
    from bought
    inner join bought as dearer
        on bought.customer_id = dearer.customer_id
        and bought.category = dearer.category
    where dearer.unit_price >= bought.unit_price * 1.15
        and dearer.unit_price <= bought.unit_price * 4
    group by bought.product_number, dearer.product_number
    having sum(case when dearer.first_date > bought.last_date then 1 else 0 end) >= 10
),

category_buyers as (
    select
        category,
        count(distinct customer_id) as buyer_count
    from bought
    group by category
)

select
    steps.product_number,
    steps.next_number,
    to_integer(sold.buyer_count) as buyer_count,
    to_integer(steps.moved_count) as moved_count,
    to_integer(steps.back_count) as back_count,
    to_integer(category_buyers.buyer_count - sold.buyer_count) as other_count,
    to_integer(dearer.buyer_count - steps.both_count) as other_next_count,
    (select compared_count from comparisons) as compared_count,
    sold.unit_price,
    dearer.unit_price as next_unit_price,
    dearer.purchase_money - sold.purchase_money as extra_money
from steps
inner join sold
    on steps.product_number = sold.product_number
inner join sold as dearer
    on steps.next_number = dearer.product_number
inner join category_buyers
    on sold.category = category_buyers.category
where dearer.is_offered

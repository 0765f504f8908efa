-- What each customer spent in each unit within the last year: units are categories or brands, as set; without what is left out, in nearly every basket, or given back whole.
-- grain: customer_id, unit
-- main_unit: where the customer spent most
-- unit_amount: spent in this unit, main_amount in the main one
with

settings as (
    select * from run.settings
),

products as (
    select
        sold.product_id,
        sold.product_number,
        case when (select baskets_unit from settings) = 'brand' then sold.brand else sold.category end as unit
    from features.basket_products as sold
    inner join features.next_best_products as known
        on sold.product_number = known.product_number
    where known.place = 0
        and not known.is_left_out
),

given_back as (
    select customer_id, product_number
    from features.next_best_holdings
    where place = 0
        and is_returned
),

spent as (
    select
        lines.customer_id,
        products.unit,
        money_sum(lines.line_amount) as unit_amount
    from features.basket_lines as lines
    inner join products
        on lines.product_id = products.product_id
    left join given_back
        on lines.customer_id = given_back.customer_id
        and products.product_number = given_back.product_number
    where products.unit is not null
        and given_back.customer_id is null
        and is_within(lines.order_date, (select as_of_date from settings), 365)
    group by lines.customer_id, products.unit
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by unit_amount desc, unit
        ) as unit_place
    from spent
)

select
    ranked.customer_id,
    ranked.unit,
    ranked.unit_amount,
    mains.unit as main_unit,
    mains.unit_amount as main_amount
from ranked
inner join ranked as mains
    on ranked.customer_id = mains.customer_id
    and mains.unit_place = 1

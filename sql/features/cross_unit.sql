-- What each customer spent in each unit within the last year: units are categories or brands, as set; net of what came back, without what is left out or in nearly every basket.
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

purchases as (
    select customer_id, product_number, order_date, purchase_amount, quantity
    from features.next_best_purchases
    where is_within(order_date, (select as_of_date from settings), 365)
),

returns as (
    select customer_id, product_number, return_date, quantity
    from features.next_best_returns
    where is_within(return_date, (select as_of_date from settings), 365)
),

returned as (
    select customer_id, product_number from returns group by customer_id, product_number
),

-- Bought within the year and given back, at least in part.
doubtful as (
    select
        purchases.customer_id,
        purchases.product_number,
        min(purchases.order_date) as first_date,
        max(purchases.order_date) as last_date,
        sum(purchases.purchase_amount) as purchase_amount,
        case when count(purchases.quantity) = count(*) then sum(purchases.quantity) end as quantity
    from purchases
    inner join returned
        on purchases.customer_id = returned.customer_id
        and purchases.product_number = returned.product_number
    group by purchases.customer_id, purchases.product_number
),

came_back as (
    select
        doubtful.customer_id,
        doubtful.product_number,
        case when count(returns.quantity) = count(*) then sum(returns.quantity) end as quantity
    from doubtful
    inner join returns
        on doubtful.customer_id = returns.customer_id
        and doubtful.product_number = returns.product_number
        and doubtful.first_date <= returns.return_date
    group by doubtful.customer_id, doubtful.product_number
),

-- By pieces, at the mean price that was paid, or what was bought last where pieces are unknown.
taken_back as (
    select
        doubtful.customer_id,
        products.unit,
        money_sum(
            case
                when came_back.quantity is not null and doubtful.quantity > 0
                    then to_money(doubtful.purchase_amount * least(1e0, ratio(came_back.quantity, doubtful.quantity)))
                else lasts.purchase_amount
            end
        ) as unit_amount
    from doubtful
    inner join came_back
        on doubtful.customer_id = came_back.customer_id
        and doubtful.product_number = came_back.product_number
    inner join purchases as lasts
        on doubtful.customer_id = lasts.customer_id
        and doubtful.product_number = lasts.product_number
        and doubtful.last_date = lasts.order_date
    inner join products
        on doubtful.product_number = products.product_number
    where products.unit is not null
    group by doubtful.customer_id, products.unit
),

sold as (
    select
        lines.customer_id,
        products.unit,
        money_sum(lines.line_amount) as unit_amount
    from features.basket_lines as lines
    inner join products
        on lines.product_id = products.product_id
    where products.unit is not null
        and is_within(lines.order_date, (select as_of_date from settings), 365)
    group by lines.customer_id, products.unit
),

netted as (
    select
        sold.customer_id,
        sold.unit,
        to_money(sold.unit_amount - coalesce(taken_back.unit_amount, 0)) as unit_amount
    from sold
    left join taken_back
        on sold.customer_id = taken_back.customer_id
        and sold.unit = taken_back.unit
),

spent as (
    select * from netted where unit_amount > 0
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

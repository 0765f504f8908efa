-- What lay in each basket: orders, a customer's days, windows of time or whole life, as the settings say; products and customers numbered.
-- grain: basket_number, order_day, product_number
-- basket_number: from 0
-- customer_number: from 0
-- order_day: days since 1970-01-01
with

settings as (
    select * from run.settings
),

lines as (
    select * from features.basket_lines
),

products as (
    select product_id, to_integer(product_number) as product_number from features.basket_products
),

keyed as (
    select
        to_integer(days_between(day_zero(), lines.order_date)) as order_day,
        lines.customer_id,
        products.product_number,
        case
            when (select baskets_by from settings) = 'order' then lines.order_id
            else 0
        end as order_id,
        case (select baskets_by from settings)
            when 'customer_day' then days_between(lines.order_date, (select as_of_date from settings))
            when 'customer_window' then floor(ratio(
                days_between(lines.order_date, (select as_of_date from settings)),
                (select baskets_window_days from settings)
            ))
            else 0
        end as time_number
    from lines
    inner join products
        on lines.product_id = products.product_id
),

numbered as (
    select
        customer_id,
        time_number,
        order_id,
        to_integer(row_number() over (order by customer_id, time_number, order_id) - 1) as basket_number,
        to_integer(dense_rank() over (order by customer_id) - 1) as customer_number
    from keyed
    group by customer_id, time_number, order_id
)

select
    numbered.basket_number,
    min(numbered.customer_number) as customer_number,
    min(numbered.customer_id) as customer_id,
    keyed.order_day,
    keyed.product_number
from keyed
inner join numbered
    on keyed.customer_id = numbered.customer_id
    and keyed.time_number = numbered.time_number
    and keyed.order_id = numbered.order_id
group by numbered.basket_number, keyed.order_day, keyed.product_number

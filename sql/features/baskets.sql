-- What lay in each basket: orders, a customer's days, windows of time or whole life, as the settings say; baskets and products numbered.
-- grain: basket_number, order_day, product_number
-- basket_number: from 0; that of orders without a line that counts is of no row
-- order_day: days since 1970-01-01
with

settings as (
    select * from run.settings
),

lines as (
    select order_id, customer_id, product_id from features.basket_lines
),

orders as (
    select order_id, customer_id, order_date
    from facts.orders
    where not is_return
        and not is_cancelled
        and order_date <= (select as_of_date from run.settings)
),

products as (
    select product_id, to_integer(product_number) as product_number from features.basket_products
),

keyed as (
    select
        order_id,
        customer_id,
        to_integer(days_between(day_zero(), order_date)) as order_day,
        case
            when (select baskets_by from settings) = 'order' then order_id
            else 0
        end as own_order,
        case (select baskets_by from settings)
            when 'customer_day' then days_between(order_date, (select as_of_date from settings))
            when 'customer_window' then floor(ratio(
                days_between(order_date, (select as_of_date from settings)),
                (select baskets_window_days from settings)
            ))
            else 0
        end as time_number
    from orders
),

numbered as (
    select
        order_id,
        customer_id,
        order_day,
        to_integer(dense_rank() over (order by customer_id, time_number, own_order) - 1) as basket_number
    from keyed
)

select
    numbered.basket_number,
    min(numbered.customer_id) as customer_id,
    numbered.order_day,
    products.product_number
from lines
inner join numbered
    on lines.order_id = numbered.order_id
    and lines.customer_id = numbered.customer_id
inner join products
    on lines.product_id = products.product_id
group by numbered.basket_number, numbered.order_day, products.product_number

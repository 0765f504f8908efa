-- What customers bought on which day, products numbered.
-- grain: customer_id, product_number, order_date
-- purchase_margin: empty where the cost is unknown
-- quantity: empty where that of some of the lines is unknown
with

lines as (
    select * from features.basket_lines
),

products as (
    select product_id, to_integer(product_number) as product_number from features.basket_products
)

select
    lines.customer_id,
    products.product_number,
    lines.order_date,
    money_sum(lines.line_amount) as purchase_amount,
    case
        when count(lines.line_cost) = count(*) then to_money(sum(lines.line_amount) - sum(lines.line_cost))
    end as purchase_margin,
    case when count(lines.quantity) = count(*) then sum(lines.quantity) end as quantity
from lines
inner join products
    on lines.product_id = products.product_id
group by lines.customer_id, products.product_number, lines.order_date

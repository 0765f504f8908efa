-- What each customer did on each day up to the as-of date: one transaction a day, as models of purchases count.
-- grain: customer_id, order_date
-- order_count: purchases of the day; 0 on a day with nothing but returns
-- purchase_amount: of the purchases alone
-- order_amount: net of what came back or was refunded that day
-- amount: margin or revenue, as set; an order of unknown cost is taken at the margin rate of those whose cost is known, or whole where none is
-- annulled_date: day, up to the as-of date, from which it is known that every purchase of the day was taken back whole
with

settings as (
    select * from run.settings
),

orders as (
    select * from facts.orders where not is_cancelled and order_date <= (select as_of_date from run.settings)
),

annulments as (
    select * from facts.annulments where annulled_date <= (select as_of_date from run.settings)
),

costs as (
    select ratio(sum(order_amount - order_cost), sum(order_amount)) as margin_rate
    from orders
    where order_cost is not null
),

documents as (
    select
        orders.customer_id,
        orders.order_date,
        orders.order_amount + orders.refund_amount as order_amount,
        orders.refund_amount + case
            when (select value_money from settings) = 'revenue' then orders.order_amount
            when orders.order_cost is not null then orders.order_amount - orders.order_cost
            when (select margin_rate from costs) is null then orders.order_amount
            else to_money(to_number(orders.order_amount) * (select margin_rate from costs))
        end as amount,
        case when orders.is_purchase then 1 else 0 end as purchase_count,
        case when orders.is_purchase then orders.order_amount + orders.refund_amount else 0 end as purchase_amount,
        annulments.annulled_date
    from orders
    left join annulments
        on orders.order_id = annulments.order_id
        and orders.customer_id = annulments.customer_id
    union all
    select
        customer_id,
        refund_date as order_date,
        - refund_amount as order_amount,
        - refund_amount as amount,
        0 as purchase_count,
        0 as purchase_amount,
        empty_date() as annulled_date
    from orders
    where refund_amount > 0
)

select
    customer_id,
    order_date,
    to_integer(sum(purchase_count)) as order_count,
    to_money(sum(purchase_amount)) as purchase_amount,
    to_money(sum(order_amount)) as order_amount,
    to_money(sum(amount)) as amount,
    case when sum(purchase_count) = count(annulled_date) then max(annulled_date) end as annulled_date
from documents
group by customer_id, order_date

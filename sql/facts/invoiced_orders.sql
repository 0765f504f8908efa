-- What billing has invoiced for the orders that invoices name, beside what those orders are worth.
-- grain: order_key, customer_id
-- warn: difference_amount = 0
-- order_amount: of the orders with that number in any system, before refunds; 0 when the customer has none
-- invoiced_amount: at the rate of the order's day, so that a difference is none of the exchange
-- has_order: false when an invoice names an order that the customer has not
with

settings as (
    select * from run.settings
),

sources as (
    select * from run.sources
),

rates as (
    select * from facts.rates
),

invoices as (
    select * from facts.invoices where order_key is not null
),

orders as (
    select * from facts.orders
),

refunds as (
    select * from facts.refunds
),

invoiced as (
    select
        order_key,
        customer_id,
        foreign_currency,
        sum(own_amount) as own_amount,
        sum(invoice_amount) as invoice_amount,
        count(*) as invoice_count
    from invoices
    group by order_key, customer_id, foreign_currency
),

numbers as (
    select distinct
        invoices.order_key,
        invoices.customer_id,
        key_hash(sources.source, 'order', invoices.order_key) as order_id
    from invoices
    cross join sources
),

found as (
    select
        numbers.order_key,
        numbers.customer_id,
        min(orders.order_date) as order_date,
        sum(case when orders.is_cancelled then 0 else orders.order_amount end) as order_amount,
        coalesce(max(refunds.excess_refund_amount), 0) as refund_amount
    from numbers
    inner join orders
        on numbers.order_id = orders.order_id
        and numbers.customer_id = orders.customer_id
    left join refunds
        on orders.order_id = refunds.order_id
        and orders.customer_id = refunds.customer_id
    where orders.order_date <= (select as_of_date from settings)
    group by numbers.order_key, numbers.customer_id
),

converted as (
    select
        invoiced.order_key,
        invoiced.customer_id,
        found.order_date,
        found.order_amount + found.refund_amount as order_amount,
        invoiced.invoice_count,
        case
            when found.order_date is null then invoiced.invoice_amount
            else to_money(invoiced.own_amount * coalesce(rates.rate, 1))
        end as invoiced_amount
    from invoiced
    left join found
        on invoiced.order_key = found.order_key
        and invoiced.customer_id = found.customer_id
    left join rates
        on invoiced.foreign_currency = rates.currency
        and found.order_date between rates.valid_from and rates.valid_to
)

select
    order_key,
    customer_id,
    min(order_date) as order_date,
    max(coalesce(order_amount, 0)) as order_amount,
    sum(invoiced_amount) as invoiced_amount,
    sum(invoice_count) as invoice_count,
    sum(invoiced_amount) - max(coalesce(order_amount, 0)) as difference_amount,
    count(order_date) > 0 as has_order
from converted
group by order_key, customer_id

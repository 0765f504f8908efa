-- What billing has invoiced for the orders that invoices name, beside what those orders are worth.
-- grain: order_key, customer_id
-- warn: has_order
-- warn: not has_order or difference_amount = 0
-- order_amount: of the orders with that number in any system, before refunds; 0 when the customer has none
-- invoiced_amount: at the rate of the order's day, so that a difference is none of the exchange
-- has_order: false when an invoice names an order that the customer has not
with

sources as (
    select * from run.sources
),

rates as (
    select * from facts.rates
),

invoices as (
    select * from facts.invoices where order_key is not null
),

past_orders as (
    select *
    from facts.orders
    where order_date <= (select as_of_date from run.settings)
),

invoiced as (
    select
        order_number_hash,
        customer_id,
        min(order_key) as order_key,
        min(foreign_currency) as foreign_currency,
        case
            when count(foreign_currency) = 0 then 1
            when count(foreign_currency) = count(*) and min(foreign_currency) = max(foreign_currency) then 1
            else 2
        end as currency_count,
        money_sum(own_amount) as own_amount,
        money_sum(invoice_amount) as invoice_amount,
        count(*) as invoice_count
    from invoices
    group by order_number_hash, customer_id
),

numbers as (
    select
        invoiced.order_number_hash,
        invoiced.customer_id,
        key_hash(sources.source, 'order', invoiced.order_key) as order_id
    from invoiced
    cross join sources
),

found as (
    select
        numbers.order_number_hash,
        numbers.customer_id,
        min(past_orders.order_date) as order_date,
        sum(case
            when past_orders.is_cancelled then 0
            else past_orders.order_amount + past_orders.refund_amount
        end) as order_amount
    from numbers
    inner join past_orders
        on numbers.order_id = past_orders.order_id
        and numbers.customer_id = past_orders.customer_id
    group by numbers.order_number_hash, numbers.customer_id
),

valued as (
    select
        invoiced.order_key,
        invoiced.customer_id,
        found.order_date,
        invoiced.invoice_count,
        coalesce(found.order_amount, 0) as order_amount,
        case
            when found.order_date is null or invoiced.currency_count > 1 then invoiced.invoice_amount
            else money_at(invoiced.own_amount, rates.rate)
        end as invoiced_amount
    from invoiced
    left join found
        on invoiced.order_number_hash = found.order_number_hash
        and invoiced.customer_id = found.customer_id
    left join rates
        on invoiced.foreign_currency = rates.currency
        and found.order_date between rates.valid_from and rates.valid_to
)

select
    order_key,
    customer_id,
    order_date,
    to_money(order_amount) as order_amount,
    to_money(invoiced_amount) as invoiced_amount,
    to_integer(invoice_count) as invoice_count,
    to_money(invoiced_amount - order_amount) as difference_amount,
    order_date is not null as has_order
from valued

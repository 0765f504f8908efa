-- Whether the sums tie: each total as counted here beside the same total of the system that it comes from, over all of history.
-- grain: tie
-- check: tie not in ('orders', 'subscriptions') or here_amount = there_amount
-- tie: orders (against facts.orders), invoiced_orders (orders that invoices name, against those invoices), subscriptions (invoices of subscriptions), other_invoices (that name neither), not_invoiced (orders without an invoice of customers whom billing knows), outside_billing (orders of all others)
-- here_amount: counted in the contribution, orders before refunds except in the first row
-- document_count: orders, or invoices where there are no orders
with

settings as (
    select * from run.settings
),

sources as (
    select * from run.sources
),

contributions as (
    select * from facts.contributions
),

orders as (
    select * from facts.orders where not is_cancelled
),

refunds as (
    select * from facts.refunds
),

invoices as (
    select * from facts.invoices
),

invoiced_orders as (
    select * from facts.invoiced_orders
),

past_orders as (
    select * from orders where order_date <= (select as_of_date from settings)
),

counted as (
    select
        sum(case when document_kind in ('order', 'return') then net_amount else 0 end) as order_amount,
        sum(case when document_kind = 'subscription' then net_amount else 0 end) as subscription_amount
    from contributions
),

numbers as (
    select distinct
        key_hash(sources.source, 'order', invoiced_orders.order_key) as order_id,
        invoiced_orders.customer_id
    from invoiced_orders
    cross join sources
),

billed_customers as (
    select distinct customer_id from invoices where order_key is not null
),

purchases as (
    select
        past_orders.order_amount + coalesce(refunds.excess_refund_amount, 0) as order_amount,
        billed_customers.customer_id is not null as is_billed
    from past_orders
    left join numbers
        on past_orders.order_id = numbers.order_id
        and past_orders.customer_id = numbers.customer_id
    left join refunds
        on past_orders.order_id = refunds.order_id
        and past_orders.customer_id = refunds.customer_id
    left join billed_customers
        on past_orders.customer_id = billed_customers.customer_id
    where past_orders.is_purchase
        and numbers.order_id is null
)

select
    'orders' as tie,
    count(*) as document_count,
    max(coalesce((select order_amount from counted), 0)) as here_amount,
    sum(order_amount) as there_amount
from past_orders
having count(*) > 0
union all
select
    'invoiced_orders' as tie,
    count(*) as document_count,
    sum(order_amount) as here_amount,
    sum(invoiced_amount) as there_amount
from invoiced_orders
having count(*) > 0
union all
select
    'subscriptions' as tie,
    count(*) as document_count,
    max(coalesce((select subscription_amount from counted), 0)) as here_amount,
    sum(invoice_amount) as there_amount
from invoices
where order_key is null
    and subscription_key is not null
having count(*) > 0
union all
select
    'other_invoices' as tie,
    count(*) as document_count,
    0 as here_amount,
    sum(invoice_amount) as there_amount
from invoices
where order_key is null
    and subscription_key is null
having count(*) > 0
union all
select
    'not_invoiced' as tie,
    count(*) as document_count,
    sum(order_amount) as here_amount,
    0 as there_amount
from purchases
where is_billed
having count(*) > 0
union all
select
    'outside_billing' as tie,
    count(*) as document_count,
    sum(order_amount) as here_amount,
    0 as there_amount
from purchases
where not is_billed
having count(*) > 0

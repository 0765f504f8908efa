-- Whether the sums tie: each total as counted here beside the same total of the system that it comes from, over all of history and before refunds.
-- grain: tie
-- check: tie not in ('orders', 'invoices', 'subscriptions') or here_amount = there_amount
-- tie: orders (orders and returns, against the ERP's lines and heads), invoices (all that stand), invoiced_orders (orders that invoices name, against those invoices), subscriptions (invoices of subscriptions), other_invoices (that name neither), not_invoiced (orders without an invoice of customers whom billing knows), outside_billing (orders of all others)
-- here_amount: counted in the contribution, or of all invoices in the facts
-- there_amount: of the rows as staged, each document converted and rounded on its own; of invoiced_orders at the rate of the order's day
-- document_count: orders, or invoices where there are no orders
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

staged_orders as (
    select * from staged.orders
),

staged_lines as (
    select * from staged.order_lines
),

staged_invoices as (
    select * from staged.invoices
),

contributions as (
    select * from facts.contributions
),

orders as (
    select * from facts.orders where not is_cancelled
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

refunds as (
    select
        coalesce((select sum(refund_amount) from past_orders), 0) as order_amount,
        coalesce((select sum(refund_amount) from invoices), 0) as subscription_amount
    from settings
),

counted as (
    select
        sum(case when document_kind in ('order', 'return') then net_amount else 0 end)
            + (select order_amount from refunds) as order_amount,
        sum(case when document_kind = 'subscription' then net_amount else 0 end)
            + (select subscription_amount from refunds) as subscription_amount
    from contributions
),

document_lines as (
    select
        source,
        order_key,
        customer_key,
        min(order_date) as order_date,
        min(case when currency <> (select currency from settings) then currency end) as currency,
        sum(line_amount) as line_amount
    from staged_lines
    group by source, order_key, customer_key
),

heads as (
    select
        source,
        order_key,
        min(currency) as currency,
        sum(line_amount) as line_amount
    from document_lines
    group by source, order_key
),

documents as (
    select
        staged_orders.order_date,
        coalesce(staged_orders.currency, heads.currency) as currency,
        coalesce(heads.line_amount - coalesce(staged_orders.discount_amount, 0), staged_orders.order_amount, 0) as document_amount
    from staged_orders
    left join heads
        on staged_orders.source = heads.source
        and staged_orders.order_key = heads.order_key
    where coalesce(staged_orders.status, '') <> 'cancelled'
    union all
    select
        document_lines.order_date,
        document_lines.currency,
        document_lines.line_amount as document_amount
    from document_lines
    left join staged_orders
        on document_lines.source = staged_orders.source
        and document_lines.order_key = staged_orders.order_key
    where staged_orders.source is null
        and document_lines.customer_key is not null
),

past_documents as (
    select
        order_date,
        document_amount,
        case
            when (select currency from settings) is not null
                then nullif(upper(currency), (select currency from settings))
        end as foreign_currency
    from documents
    where order_date <= (select as_of_date from settings)
),

converted_documents as (
    select money_at(past_documents.document_amount, rates.rate) as document_amount
    from past_documents
    left join rates
        on past_documents.foreign_currency = rates.currency
        and past_documents.order_date between rates.valid_from and rates.valid_to
),

standing_invoices as (
    select
        invoice_date,
        invoice_amount,
        case
            when (select currency from settings) is not null
                then nullif(upper(currency), (select currency from settings))
        end as foreign_currency,
        order_key is not null as has_order,
        subscription_key is not null as has_subscription
    from staged_invoices
    where coalesce(status, '') not in ('void', 'voided', 'draft', 'deleted', 'canceled', 'cancelled')
        and invoice_date <= (select as_of_date from settings)
),

converted_invoices as (
    select
        money_at(standing_invoices.invoice_amount, rates.rate) as invoice_amount,
        standing_invoices.has_order,
        standing_invoices.has_subscription
    from standing_invoices
    left join rates
        on standing_invoices.foreign_currency = rates.currency
        and standing_invoices.invoice_date between rates.valid_from and rates.valid_to
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
        past_orders.order_amount + past_orders.refund_amount as order_amount,
        billed_customers.customer_id is not null as is_billed
    from past_orders
    left join numbers
        on past_orders.order_id = numbers.order_id
        and past_orders.customer_id = numbers.customer_id
    left join billed_customers
        on past_orders.customer_id = billed_customers.customer_id
    where past_orders.is_purchase
        and numbers.order_id is null
)

select
    'orders' as tie,
    count(*) as document_count,
    max(coalesce((select order_amount from counted), 0)) as here_amount,
    money_sum(document_amount) as there_amount
from converted_documents
having count(*) > 0
union all
select
    'invoices' as tie,
    count(*) as document_count,
    max(coalesce((select sum(invoice_amount) from invoices), 0)) as here_amount,
    money_sum(invoice_amount) as there_amount
from converted_invoices
having count(*) > 0
union all
select
    'invoiced_orders' as tie,
    count(*) as document_count,
    money_sum(order_amount) as here_amount,
    money_sum(invoiced_amount) as there_amount
from invoiced_orders
having count(*) > 0
union all
select
    'subscriptions' as tie,
    count(*) as document_count,
    max(coalesce((select subscription_amount from counted), 0)) as here_amount,
    money_sum(invoice_amount) as there_amount
from converted_invoices
where has_subscription
    and not has_order
having count(*) > 0
union all
select
    'other_invoices' as tie,
    count(*) as document_count,
    0 as here_amount,
    money_sum(invoice_amount) as there_amount
from converted_invoices
where not has_order
    and not has_subscription
having count(*) > 0
union all
select
    'not_invoiced' as tie,
    count(*) as document_count,
    money_sum(order_amount) as here_amount,
    0 as there_amount
from purchases
where is_billed
having count(*) > 0
union all
select
    'outside_billing' as tie,
    count(*) as document_count,
    money_sum(order_amount) as here_amount,
    0 as there_amount
from purchases
where not is_billed
having count(*) > 0

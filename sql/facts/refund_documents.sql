-- Money given back by the as-of date, and whether an invoice names what it was paid for: an order or a subscription.
-- grain: source, payment_key
-- warn: has_document
-- has_document: else it is taken off nowhere
with

settings as (
    select * from run.settings
),

payments as (
    select * from staged.payments
),

invoices as (
    select * from staged.invoices
)

select
    payments.source,
    payments.payment_key,
    invoices.order_key is not null or invoices.subscription_key is not null as has_document
from payments
left join invoices
    on payments.source = invoices.source
    and payments.invoice_key = invoices.invoice_key
where payments.payment_kind = 'refund'
    and coalesce(payments.status, '') not in ('failed', 'canceled', 'cancelled')
    and day_of(payments.paid_at) <= (select as_of_date from settings)

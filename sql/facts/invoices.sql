-- Invoices that stand, in the pipeline's currency: neither void nor draft, and none after the as-of date.
-- grain: invoice_id
-- check: is_converted
-- invoice_id: stands for source and key
-- late_payment_id: stands for its being paid late
-- order_number_hash: stands for the order's number
-- order_key: the number of the order it is for; empty for other invoices
-- own_amount: in the currency it is written in
-- late_days: from the due date to the payment, or to the as-of date while it is unpaid; 0 when in time or without a due date
with

settings as (
    select * from run.settings
),

rates as (
    select * from facts.rates
),

lineage as (
    select * from unified.lineage where record_kind = 'customer'
),

invoices as (
    select * from staged.invoices
),

payments as (
    select * from staged.payments
),

paid as (
    select
        source,
        invoice_key,
        max(day_of(paid_at)) as paid_date
    from payments
    where invoice_key is not null
        and coalesce(payment_kind, 'payment') = 'payment'
        and coalesce(status, '') not in ('failed', 'canceled', 'cancelled')
        and day_of(paid_at) <= (select as_of_date from settings)
    group by source, invoice_key
),

standing as (
    select
        *,
        case
            when (select currency from settings) is not null
                then nullif(upper(currency), (select currency from settings))
        end as foreign_currency,
        case when paid_date <= (select as_of_date from settings) then paid_date end as known_paid_date
    from invoices
    where coalesce(status, '') not in ('void', 'voided', 'draft', 'deleted', 'canceled', 'cancelled')
        and invoice_date <= (select as_of_date from settings)
),

settled as (
    select
        standing.source,
        standing.invoice_key,
        standing.customer_key,
        standing.order_key,
        standing.subscription_key,
        standing.invoice_date,
        standing.due_date,
        standing.invoice_amount,
        standing.foreign_currency,
        coalesce(
            standing.known_paid_date,
            case when standing.status = 'paid' then paid.paid_date end,
            (select as_of_date from settings)
        ) as closed_date
    from standing
    left join paid
        on standing.source = paid.source
        and standing.invoice_key = paid.invoice_key
)

select
    key_hash(settled.source, 'invoice', settled.invoice_key) as invoice_id,
    key_hash(settled.source, 'late payment', settled.invoice_key) as late_payment_id,
    lineage.customer_id,
    settled.order_key,
    short_hash(settled.order_key) as order_number_hash,
    settled.subscription_key,
    settled.invoice_date,
    settled.due_date,
    settled.invoice_amount as own_amount,
    settled.foreign_currency,
    to_money(settled.invoice_amount * coalesce(rates.rate, 1)) as invoice_amount,
    settled.foreign_currency is null or rates.rate is not null as is_converted,
    case
        when settled.closed_date > settled.due_date then to_integer(days_between(settled.due_date, settled.closed_date))
        else 0
    end as late_days
from settled
inner join lineage
    on settled.source = lineage.source
    and settled.customer_key = lineage.record_key
left join rates
    on settled.foreign_currency = rates.currency
    and settled.invoice_date between rates.valid_from and rates.valid_to

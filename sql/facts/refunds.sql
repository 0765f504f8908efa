-- Money given back for an order beyond the goods that came back: a refund that settles a return is the same money and not taken twice.
-- grain: order_id
-- check: excess_refund_amount >= 0
with

settings as (
    select * from run.settings
),

rates as (
    select * from facts.rates
),

payments as (
    select
        *,
        nullif(upper(currency), (select currency from settings)) as foreign_currency,
        day_of(paid_at) as paid_date
    from staged.payments
),

invoices as (
    select * from staged.invoices
),

order_lines as (
    select * from staged.order_lines
),

refunds as (
    select
        payments.source,
        payments.invoice_key,
        coalesce(rates.rate, 1) * - payments.payment_amount as refund_amount
    from payments
    left join rates
        on payments.foreign_currency = rates.currency
        and payments.paid_date between rates.valid_from and rates.valid_to
    where payments.payment_kind = 'refund'
        and payments.paid_date <= (select as_of_date from settings)
),

refunded as (
    select
        invoices.order_key,
        to_money(sum(refunds.refund_amount)) as refund_amount
    from refunds
    inner join invoices
        on refunds.source = invoices.source
        and refunds.invoice_key = invoices.invoice_key
    where invoices.order_key is not null
    group by invoices.order_key
),

returned as (
    select
        coalesce(original_order_key, order_key) as order_key,
        - sum(line_amount) as return_amount
    from order_lines
    where line_amount < 0
    group by coalesce(original_order_key, order_key)
)

select
    short_hash(refunded.order_key) as order_id,
    case
        when refunded.refund_amount > coalesce(returned.return_amount, 0)
            then to_money(refunded.refund_amount - coalesce(returned.return_amount, 0))
        else 0
    end as excess_refund_amount
from refunded
left join returned
    on refunded.order_key = returned.order_key

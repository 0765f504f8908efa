-- Invoices that stand, in the pipeline's currency: neither void nor draft, and none after the as-of date.
-- grain: invoice_id
-- check: is_converted
-- invoice_id: stands for source and key
-- late_payment_id: stands for its being paid late
-- order_number_hash: stands for the order's number
-- order_key: the number of the order it is for; empty for other invoices
-- own_amount: in the currency it is written in
-- refund_amount: money given back for an invoice of a subscription that names no order; 0 for all others, whose refunds are in facts.refunds
-- is_converted: both the invoice and those refunds
-- late_day_amount: money times the days it was late: 30.00 that came 10 days late are 300; what is open is late until the as-of date, and what came in time, on no known day or beyond the invoice is not
-- is_paid_on_unknown_day: whether money that was due by the as-of date is said to be paid and nothing says when
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
    select *
    from staged.payments
    where invoice_key is not null
        and coalesce(status, '') not in ('failed', 'canceled', 'cancelled')
),

standing as (
    select
        *,
        case
            when (select currency from settings) is not null
                then nullif(upper(currency), (select currency from settings))
        end as foreign_currency,
        invoice_amount > 0 and due_date < (select as_of_date from settings) as is_due
    from invoices
    where coalesce(status, '') not in ('void', 'voided', 'draft', 'deleted', 'canceled', 'cancelled')
        and invoice_date <= (select as_of_date from settings)
),

received as (
    select
        standing.source,
        standing.invoice_key,
        standing.invoice_amount,
        standing.due_date,
        day_of(payments.paid_at) as received_date,
        payments.payment_key,
        case
            when upper(payments.currency) <> upper(standing.currency) then standing.invoice_amount
            else payments.payment_amount
        end as received_amount
    from standing
    inner join payments
        on standing.source = payments.source
        and standing.invoice_key = payments.invoice_key
    where standing.is_due
        and payments.payment_amount > 0
        and coalesce(payments.payment_kind, 'payment') = 'payment'
),

received_so_far as (
    select
        *,
        sum(received_amount) over (
            partition by source, invoice_key
            order by received_date, payment_key
            rows between unbounded preceding and current row
        ) as total_amount
    from received
),

settling as (
    select
        source,
        invoice_key,
        due_date,
        received_date,
        received_date <= (select as_of_date from settings) as is_known,
        least(total_amount, invoice_amount) - least(total_amount - received_amount, invoice_amount) as settled_amount
    from received_so_far
),

settled as (
    select
        source,
        invoice_key,
        sum(settled_amount) as received_amount,
        sum(case when is_known then settled_amount else 0 end) as known_amount,
        sum(case
            when is_known then money_times(settled_amount, greatest(days_between(due_date, received_date), 0))
            else 0
        end) as late_day_amount
    from settling
    group by source, invoice_key
),

marked as (
    select
        standing.source,
        standing.invoice_key,
        standing.invoice_amount,
        standing.due_date,
        standing.paid_date,
        coalesce(settled.known_amount, 0) as known_amount,
        coalesce(settled.late_day_amount, 0) as late_day_amount,
        least(
            standing.invoice_amount,
            case
                when standing.status = 'paid' then standing.invoice_amount
                else coalesce(
                    standing.paid_amount,
                    case when standing.paid_date is not null then standing.invoice_amount end,
                    0
                )
            end
        ) - coalesce(settled.received_amount, 0) as marked_amount
    from standing
    left join settled
        on standing.source = settled.source
        and standing.invoice_key = settled.invoice_key
    where standing.is_due
),

closed as (
    select
        *,
        case
            when coalesce(paid_date <= (select as_of_date from settings), 1 = 1) then greatest(marked_amount, 0)
            else 0
        end as closed_amount
    from marked
),

late as (
    select
        source,
        invoice_key,
        closed_amount > 0 and paid_date is null as is_paid_on_unknown_day,
        to_number(
            late_day_amount
            + money_times(closed_amount, coalesce(greatest(days_between(due_date, paid_date), 0), 0))
            + money_times(invoice_amount - known_amount - closed_amount, days_between(due_date, (select as_of_date from settings)))
        ) as late_day_amount
    from closed
),

given_back as (
    select
        payments.source,
        payments.invoice_key,
        abs(payments.payment_amount) as refund_amount,
        day_of(payments.paid_at) as refund_date,
        case
            when (select currency from settings) is not null
                then nullif(upper(coalesce(payments.currency, standing.currency)), (select currency from settings))
        end as foreign_currency
    from payments
    inner join standing
        on payments.source = standing.source
        and payments.invoice_key = standing.invoice_key
    where payments.payment_kind = 'refund'
        and standing.order_key is null
        and standing.subscription_key is not null
        and day_of(payments.paid_at) <= (select as_of_date from settings)
),

refunded as (
    select
        given_back.source,
        given_back.invoice_key,
        money_sum(money_at(given_back.refund_amount, rates.rate)) as refund_amount,
        count(case when given_back.foreign_currency is not null and rates.rate is null then 1 end) as unconverted_count
    from given_back
    left join rates
        on given_back.foreign_currency = rates.currency
        and given_back.refund_date between rates.valid_from and rates.valid_to
    group by given_back.source, given_back.invoice_key
)

select
    key_hash(standing.source, 'invoice', standing.invoice_key) as invoice_id,
    key_hash(standing.source, 'late payment', standing.invoice_key) as late_payment_id,
    lineage.customer_id,
    standing.order_key,
    short_hash(standing.order_key) as order_number_hash,
    standing.subscription_key,
    standing.invoice_date,
    standing.due_date,
    standing.invoice_amount as own_amount,
    standing.foreign_currency,
    money_at(standing.invoice_amount, rates.rate) as invoice_amount,
    coalesce(refunded.refund_amount, 0) as refund_amount,
    (standing.foreign_currency is null or rates.rate is not null)
        and coalesce(refunded.unconverted_count, 0) = 0 as is_converted,
    coalesce(late.late_day_amount * coalesce(to_number(rates.rate), 1e0), 0e0) as late_day_amount,
    coalesce(late.is_paid_on_unknown_day, 1 = 0) as is_paid_on_unknown_day
from standing
inner join lineage
    on standing.source = lineage.source
    and standing.customer_key = lineage.record_key
left join late
    on standing.source = late.source
    and standing.invoice_key = late.invoice_key
left join refunded
    on standing.source = refunded.source
    and standing.invoice_key = refunded.invoice_key
left join rates
    on standing.foreign_currency = rates.currency
    and standing.invoice_date between rates.valid_from and rates.valid_to

-- When each invoice that stands was paid in full.
-- grain: invoice_id
-- settled_date: the day on which payments first reached the amount; may lie after the as-of date; empty while money is owed
-- is_settled_on_unknown_day: paid, and nothing says when
-- is_written_off: the source says that the money is not expected any more
with

invoices as (
    select invoice_id, customer_id, invoice_date, due_date, invoice_amount, own_amount
    from facts.invoices
    where invoice_amount > 0
),

documents as (
    select source, invoice_key, paid_date, paid_amount, status
    from staged.invoices
),

payments as (
    select source, invoice_key, paid_at, payment_amount
    from staged.payments
    where coalesce(lower(status), '') not in ('failed', 'declined', 'returned', 'disputed', 'canceled', 'cancelled')
        and coalesce(payment_kind, 'payment') = 'payment'
        and invoice_key is not null
),

payment_days as (
    select
        key_hash(source, 'invoice', invoice_key) as invoice_id,
        day_of(paid_at) as paid_date,
        sum(payment_amount) as payment_amount
    from payments
    group by key_hash(source, 'invoice', invoice_key), day_of(paid_at)
),

running as (
    select
        invoice_id,
        paid_date,
        sum(payment_amount) over (
            partition by invoice_id
            order by paid_date
            rows between unbounded preceding and current row
        ) as paid_amount
    from payment_days
),

paid as (
    select
        invoices.invoice_id,
        min(running.paid_date) as full_date
    from invoices
    inner join running
        on invoices.invoice_id = running.invoice_id
    where running.paid_amount >= invoices.own_amount
    group by invoices.invoice_id
),

marked as (
    select
        key_hash(source, 'invoice', invoice_key) as invoice_id,
        paid_date,
        paid_amount,
        lower(status) as status
    from documents
),

joined as (
    select
        invoices.invoice_id,
        invoices.customer_id,
        invoices.invoice_date,
        invoices.due_date,
        invoices.invoice_amount,
        coalesce(marked.paid_date, paid.full_date) as settled_date,
        coalesce(marked.status = 'paid', 1 = 0) or coalesce(marked.paid_amount >= invoices.own_amount, 1 = 0) as is_marked_paid,
        coalesce(marked.status in ('uncollectible', 'written_off', 'bad_debt'), 1 = 0) as is_written_off
    from invoices
    inner join marked
        on invoices.invoice_id = marked.invoice_id
    left join paid
        on invoices.invoice_id = paid.invoice_id
)

select
    invoice_id,
    customer_id,
    invoice_date,
    due_date,
    invoice_amount,
    settled_date,
    is_marked_paid and settled_date is null as is_settled_on_unknown_day,
    is_written_off
from joined

-- Money given back for an order beyond the goods that came back: a refund that settles a return is the same money and not taken twice.
-- grain: order_id, customer_id
-- check: excess_refund_amount >= 0
-- warn: has_order or excess_refund_amount = 0
-- order_id: an order of the customer under the number that the refunded invoice names; one row a system that has one, else one of billing's own
-- order_key: that number
-- excess_refund_amount: compared in the document's own currency, converted on the day of the last refund
-- has_order: false where no order of the customer by the as-of date has that number, so that the excess is taken off nowhere
with

settings as (
    select * from run.settings
),

rates as (
    select * from facts.rates
),

lineage as (
    select * from unified.lineage
),

payments as (
    select * from staged.payments
),

invoices as (
    select * from staged.invoices
),

orders as (
    select * from staged.orders
),

order_lines as (
    select * from staged.order_lines
),

refunded as (
    select
        invoices.order_key,
        lineage.customer_id,
        coalesce(upper(payments.currency), (select currency from settings), '') as currency,
        min(invoices.source) as source,
        sum(abs(payments.payment_amount)) as refund_amount,
        max(day_of(payments.paid_at)) as refund_date
    from payments
    inner join invoices
        on payments.source = invoices.source
        and payments.invoice_key = invoices.invoice_key
    inner join lineage
        on invoices.source = lineage.source
        and invoices.customer_key = lineage.record_key
        and lineage.record_kind = 'customer'
    where payments.payment_kind = 'refund'
        and coalesce(payments.status, '') not in ('failed', 'canceled', 'cancelled')
        and invoices.order_key is not null
        and day_of(payments.paid_at) <= (select as_of_date from settings)
    group by
        invoices.order_key,
        lineage.customer_id,
        coalesce(upper(payments.currency), (select currency from settings), '')
),

placed as (
    select
        source,
        order_key,
        customer_key
    from orders
    where order_date <= (select as_of_date from settings)
    union all
    select
        order_lines.source,
        order_lines.order_key,
        coalesce(orders.customer_key, order_lines.customer_key) as customer_key
    from order_lines
    left join orders
        on order_lines.source = orders.source
        and order_lines.order_key = orders.order_key
    where coalesce(orders.order_date, order_lines.order_date) <= (select as_of_date from settings)
),

places as (
    select
        placed.source,
        placed.order_key,
        lineage.customer_id
    from placed
    inner join lineage
        on placed.source = lineage.source
        and placed.customer_key = lineage.record_key
        and lineage.record_kind = 'customer'
    where placed.order_key in (select order_key from refunded)
    group by placed.source, placed.order_key, lineage.customer_id
),

returned_lines as (
    select
        coalesce(order_lines.original_order_key, order_lines.order_key) as order_key,
        lineage.customer_id,
        coalesce(upper(coalesce(orders.currency, order_lines.currency)), (select currency from settings), '') as currency,
        - order_lines.line_amount as return_amount
    from order_lines
    left join orders
        on order_lines.source = orders.source
        and order_lines.order_key = orders.order_key
    inner join lineage
        on order_lines.source = lineage.source
        and coalesce(orders.customer_key, order_lines.customer_key) = lineage.record_key
        and lineage.record_kind = 'customer'
    where order_lines.line_amount < 0
        and coalesce(orders.status, '') <> 'cancelled'
        and coalesce(orders.order_date, order_lines.order_date) <= (select as_of_date from settings)
),

returned as (
    select
        order_key,
        customer_id,
        currency,
        sum(return_amount) as return_amount
    from returned_lines
    group by order_key, customer_id, currency
),

excess as (
    select
        refunded.order_key,
        refunded.customer_id,
        refunded.source,
        case
            when (select currency from settings) is not null
                then nullif(refunded.currency, (select currency from settings))
        end as foreign_currency,
        refunded.refund_date,
        case
            when refunded.refund_amount > coalesce(returned.return_amount, 0)
                then refunded.refund_amount - coalesce(returned.return_amount, 0)
            else 0
        end as excess_amount
    from refunded
    left join returned
        on refunded.order_key = returned.order_key
        and refunded.customer_id = returned.customer_id
        and refunded.currency = returned.currency
)

select
    key_hash(coalesce(places.source, excess.source), 'order', excess.order_key) as order_id,
    excess.customer_id,
    excess.order_key,
    money_sum(money_at(excess.excess_amount, rates.rate)) as excess_refund_amount,
    max(excess.refund_date) as refund_date,
    max(places.source) is not null as has_order
from excess
left join places
    on excess.order_key = places.order_key
    and excess.customer_id = places.customer_id
left join rates
    on excess.foreign_currency = rates.currency
    and excess.refund_date between rates.valid_from and rates.valid_to
group by
    key_hash(coalesce(places.source, excess.source), 'order', excess.order_key),
    excess.customer_id,
    excess.order_key

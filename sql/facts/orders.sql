-- Sales and returns, one row a document and customer, in the pipeline's currency: lines summed where there are lines, else the head's amount.
-- grain: order_id, customer_id
-- check: is_converted
-- warn: has_amount
-- order_id: stands for source and number; an order without a number has one of its own
-- has_amount: false for an order without lines and without an amount, which counts with nothing
-- order_amount: net; what was sold less discounts, returns on the document, and refunds beyond the goods that came back
-- gross_amount: what was sold, before discounts, returns and refunds
-- refund_amount: of that net amount, the refunds beyond the goods that came back; refund_date is the day of the last
-- order_cost: cost of the goods, that of a line or head in the document's currency, the product's in the pipeline's; empty when any line's cost is unknown
-- is_purchase: false for returns and cancelled orders, which are no orders of the customer
-- is_return: the document says so; an exchange that is below zero on the whole is no return document
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

orders as (
    select * from staged.orders
),

order_lines as (
    select * from staged.order_lines
),

products as (
    select * from staged.products
),

refunds as (
    select * from facts.refunds
),

summed_lines as (
    select
        key_hash(order_lines.source, 'order', order_lines.order_key) as order_id,
        key_hash(order_lines.source, 'customer', order_lines.customer_key) as record_hash,
        count(order_lines.customer_key) as customer_key_count,
        min(order_lines.order_date) as order_date,
        case
            when order_lines.currency <> (select currency from settings)
                then nullif(upper(order_lines.currency), (select currency from settings))
        end as currency,
        sum(order_lines.line_amount) as order_amount,
        sum(case when order_lines.line_amount < 0 then order_lines.line_amount end) as returned_amount,
        sum(order_lines.line_cost) as known_cost,
        sum(
            case when order_lines.line_cost is null then money_product(order_lines.quantity, products.unit_cost) end
        ) as product_cost,
        count(coalesce(order_lines.line_cost, money_product(order_lines.quantity, products.unit_cost))) as known_cost_count,
        count(*) as line_count
    from order_lines
    left join products
        on order_lines.source = products.source
        and order_lines.product_key = products.product_key
    group by
        key_hash(order_lines.source, 'order', order_lines.order_key),
        key_hash(order_lines.source, 'customer', order_lines.customer_key),
        case
            when order_lines.currency <> (select currency from settings)
                then nullif(upper(order_lines.currency), (select currency from settings))
        end
),

-- Any number does that no other row has: an order by it would sort every head.
heads as (
    select
        *,
        case
            when order_key is null then key_hash(source, file_id, row_number() over ())
            else key_hash(source, 'order', order_key)
        end as order_id
    from orders
),

-- The currency counts where the head names none: one for all lines, the first by name where they have several.
head_lines as (
    select
        summed_lines.order_id,
        min(summed_lines.currency) as currency,
        sum(summed_lines.order_amount) as order_amount,
        sum(summed_lines.returned_amount) as returned_amount,
        sum(summed_lines.known_cost) as known_cost,
        sum(summed_lines.product_cost) as product_cost,
        sum(summed_lines.known_cost_count) as known_cost_count,
        sum(summed_lines.line_count) as line_count
    from summed_lines
    where summed_lines.order_id in (select order_id from heads)
    group by summed_lines.order_id
),

-- By customer, not by record: two records of one customer may share an order number. Lines in several currencies are converted each by its own.
headless as (
    select
        summed_lines.order_id,
        lineage.customer_id,
        min(summed_lines.order_date) as order_date,
        count(case when rates.rate is null then summed_lines.currency end) as unconverted_count,
        sum(money_at(summed_lines.order_amount, rates.rate)) as order_amount,
        sum(money_at(summed_lines.returned_amount, rates.rate)) as returned_amount,
        sum(case when rates.rate is null then summed_lines.known_cost else money_at(summed_lines.known_cost, rates.rate) end) as known_cost,
        sum(summed_lines.product_cost) as product_cost,
        sum(summed_lines.known_cost_count) as known_cost_count,
        sum(summed_lines.line_count) as line_count
    from summed_lines
    inner join lineage
        on summed_lines.record_hash = lineage.record_hash
    left join heads
        on summed_lines.order_id = heads.order_id
    left join rates
        on summed_lines.currency = rates.currency
        and summed_lines.order_date between rates.valid_from and rates.valid_to
    where summed_lines.customer_key_count > 0
        and summed_lines.order_date is not null
        and heads.order_id is null
    group by summed_lines.order_id, lineage.customer_id
),

documents as (
    select
        heads.order_id,
        lineage.customer_id,
        heads.order_date,
        coalesce(heads.currency, head_lines.currency) as currency,
        coalesce(head_lines.order_amount - coalesce(heads.discount_amount, 0), heads.order_amount) as order_amount,
        coalesce(
            head_lines.order_amount - coalesce(head_lines.returned_amount, 0),
            case when heads.order_amount > 0 then heads.order_amount else 0 end
        ) as gross_amount,
        case
            when head_lines.known_cost_count = head_lines.line_count then coalesce(head_lines.known_cost, 0)
            else heads.order_cost
        end as document_cost,
        case
            when head_lines.known_cost_count = head_lines.line_count then coalesce(head_lines.product_cost, 0)
            else 0
        end as product_cost,
        coalesce(heads.order_kind, 'sale') = 'return' as is_return,
        coalesce(heads.status, '') = 'cancelled' as is_cancelled,
        0 as unconverted_count
    from heads
    inner join lineage
        on key_hash(heads.source, 'customer', heads.customer_key) = lineage.record_hash
    left join head_lines
        on heads.order_id = head_lines.order_id
    union all
    select
        order_id,
        customer_id,
        order_date,
        empty_text() as currency,
        order_amount,
        order_amount - coalesce(returned_amount, 0) as gross_amount,
        case when known_cost_count = line_count then coalesce(known_cost, 0) end as document_cost,
        coalesce(product_cost, 0) as product_cost,
        1 = 0 as is_return,
        1 = 0 as is_cancelled,
        unconverted_count
    from headless
),

flagged as (
    select
        *,
        case
            when (select currency from settings) is not null
                then nullif(upper(currency), (select currency from settings))
        end as foreign_currency
    from documents
),

converted as (
    select
        flagged.order_id,
        flagged.customer_id,
        flagged.order_date,
        flagged.is_return,
        flagged.is_cancelled,
        flagged.unconverted_count = 0 and (flagged.foreign_currency is null or rates.rate is not null)
            or flagged.order_date > (select as_of_date from settings) as is_converted,
        case
            when rates.rate is null then to_money(flagged.order_amount)
            else to_money(flagged.order_amount * rates.rate)
        end as order_amount,
        case
            when rates.rate is null then to_money(flagged.gross_amount)
            else to_money(flagged.gross_amount * rates.rate)
        end as gross_amount,
        case
            when rates.rate is null then to_money(flagged.document_cost + flagged.product_cost)
            else to_money(flagged.document_cost * rates.rate + flagged.product_cost)
        end as order_cost
    from flagged
    left join rates
        on flagged.foreign_currency = rates.currency
        and flagged.order_date between rates.valid_from and rates.valid_to
),

refunded as (
    select
        converted.order_id,
        converted.customer_id,
        refunds.excess_refund_amount,
        refunds.refund_date,
        row_number() over (
            partition by refunds.order_key, refunds.customer_id
            order by converted.order_id
        ) as place
    from converted
    inner join refunds
        on converted.order_id = refunds.order_id
        and converted.customer_id = refunds.customer_id
)

select
    converted.order_id,
    converted.customer_id,
    converted.order_date,
    to_money(coalesce(converted.order_amount, 0) - coalesce(refunded.excess_refund_amount, 0)) as order_amount,
    to_money(coalesce(converted.gross_amount, 0)) as gross_amount,
    converted.order_cost,
    to_money(coalesce(refunded.excess_refund_amount, 0)) as refund_amount,
    refunded.refund_date,
    converted.is_converted,
    converted.order_amount is not null as has_amount,
    coalesce(converted.order_amount, 0) >= 0 and not converted.is_return and not converted.is_cancelled as is_purchase,
    converted.is_return,
    converted.is_cancelled
from converted
left join refunded
    on converted.order_id = refunded.order_id
    and converted.customer_id = refunded.customer_id
    and refunded.place = 1

-- Sales and returns, one row a document, in the pipeline's currency: lines summed where there are lines, else the head's amount.
-- grain: order_id
-- check: order_amount is not null
-- check: customer_id is not null
-- order_amount: net; what was sold less what came back on the same document, and less refunds beyond the goods that came back
-- gross_amount: what was sold, before returns and refunds
-- order_cost: cost of the goods; empty when any line's cost is unknown
-- is_purchase: false for returns and cancelled orders, which are no orders of the customer
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
        order_lines.source,
        order_lines.order_key,
        order_lines.customer_key,
        min(order_lines.order_date) as order_date,
        min(order_lines.currency) as currency,
        sum(order_lines.line_amount) as order_amount,
        sum(case when order_lines.line_amount > 0 then order_lines.line_amount else 0 end) as gross_amount,
        sum(coalesce(order_lines.line_cost, order_lines.quantity * products.unit_cost)) as known_cost,
        count(coalesce(order_lines.line_cost, order_lines.quantity * products.unit_cost)) as known_cost_count,
        count(*) as line_count
    from order_lines
    left join products
        on order_lines.source = products.source
        and order_lines.product_key = products.product_key
    group by order_lines.source, order_lines.order_key, order_lines.customer_key
),

documents as (
    select
        orders.source,
        orders.order_key,
        orders.customer_key,
        orders.order_date,
        coalesce(orders.currency, summed_lines.currency) as currency,
        coalesce(summed_lines.order_amount, orders.order_amount) as order_amount,
        coalesce(
            summed_lines.gross_amount,
            case when orders.order_amount > 0 then orders.order_amount else 0 end
        ) as gross_amount,
        case
            when summed_lines.known_cost_count = summed_lines.line_count then summed_lines.known_cost
            else orders.order_cost
        end as order_cost,
        orders.order_kind,
        coalesce(orders.status, '') = 'cancelled' as is_cancelled
    from orders
    left join summed_lines
        on orders.source = summed_lines.source
        and orders.order_key = summed_lines.order_key
    union all
    select
        summed_lines.source,
        summed_lines.order_key,
        summed_lines.customer_key,
        summed_lines.order_date,
        summed_lines.currency,
        summed_lines.order_amount,
        summed_lines.gross_amount,
        case when summed_lines.known_cost_count = summed_lines.line_count then summed_lines.known_cost end as order_cost,
        empty_text() as order_kind,
        1 = 0 as is_cancelled
    from summed_lines
    left join orders
        on summed_lines.source = orders.source
        and summed_lines.order_key = orders.order_key
    where summed_lines.customer_key is not null
        and summed_lines.order_date is not null
        and orders.order_key is null
),

flagged as (
    select
        *,
        nullif(upper(currency), (select currency from settings)) as foreign_currency
    from documents
),

converted as (
    select
        documents.source,
        documents.order_key,
        documents.customer_key,
        documents.order_date,
        documents.order_kind,
        documents.is_cancelled,
        case when rates.rate is null then documents.order_amount else to_money(documents.order_amount * rates.rate) end as order_amount,
        case when rates.rate is null then documents.gross_amount else to_money(documents.gross_amount * rates.rate) end as gross_amount,
        documents.order_cost
    from flagged as documents
    left join rates
        on documents.foreign_currency = rates.currency
        and documents.order_date between rates.valid_from and rates.valid_to
)

select
    to_integer(row_number() over (order by converted.order_date, lineage.customer_id, converted.source, converted.order_key, converted.order_amount)) as order_id,
    lineage.customer_id,
    converted.source,
    converted.order_key,
    converted.order_date,
    converted.order_amount - coalesce(refunds.excess_refund_amount, 0) as order_amount,
    converted.gross_amount,
    converted.order_cost,
    not converted.is_cancelled
        and converted.order_amount >= 0
        and coalesce(converted.order_kind, 'sale') <> 'return' as is_purchase,
    converted.is_cancelled
from converted
inner join lineage
    on converted.source = lineage.source
    and converted.customer_key = lineage.record_key
    and lineage.record_kind = 'customer'
left join refunds
    on converted.order_key = refunds.order_key

-- What each document has brought and cost its customer, in the pipeline's currency: orders, returns, invoices of subscriptions, contacts, late payments; none after the as-of date.
-- grain: document_id, customer_id
-- check: net_amount = gross_amount - return_amount - discount_amount
-- check: contribution_amount = net_amount - cost_amount - service_amount - payment_amount
-- document_id: stands for source, kind and key; of an invoice paid late it is another than of the invoice
-- document_kind: order, return, subscription (an invoice of one that names no order), contact or late_payment; orders and returns are those of facts.orders and sum to the same
-- return_amount: goods that came back, and refunds beyond them; of an invoice of a subscription its refunds
-- cost_amount: cost of the goods; of a subscription what the margin that is set leaves of the net amount; where it is unknown, the base's known cost a unit of money, times the net amount
-- has_cost: false where the cost is such an estimate, or zero because no cost is known at all; empty for contacts and late payments
-- service_amount: what the contact cost, as set for its kind; kinds without a price cost nothing here
-- payment_amount: what the invoice had open after its due date, at the yearly rate that is set, on the day it was due
with

settings as (
    select * from run.settings
),

service_costs as (
    select * from run.value_service_costs
),

rates as (
    select * from facts.rates
),

orders as (
    select * from facts.orders where not is_cancelled
),

costed_orders as (
    select order_amount, order_cost
    from facts.orders
    where order_cost is not null
        and not is_cancelled
        and order_date <= (select as_of_date from run.settings)
),

subscription_invoices as (
    select customer_id, invoice_id, invoice_date, invoice_amount, refund_amount
    from facts.invoices
    where subscription_key is not null
        and order_key is null
),

late_invoices as (
    select customer_id, late_payment_id, due_date, late_day_amount
    from facts.invoices
    where late_day_amount > 0
),

contacts_made as (
    select * from facts.contacts_made
),

heads as (
    select source, order_key, currency, order_date, discount_amount
    from staged.orders
    where discount_amount <> 0
        and order_key is not null
),

order_lines as (
    select source, order_key, currency
    from staged.order_lines
    where currency <> (select currency from run.settings)
),

line_currencies as (
    select
        heads.source,
        heads.order_key,
        min(order_lines.currency) as currency
    from heads
    inner join order_lines
        on heads.source = order_lines.source
        and heads.order_key = order_lines.order_key
    where heads.currency is null
    group by heads.source, heads.order_key
),

discounted as (
    select
        heads.source,
        heads.order_key,
        heads.order_date,
        heads.discount_amount,
        case
            when (select currency from settings) is not null
                then nullif(upper(coalesce(heads.currency, line_currencies.currency)), (select currency from settings))
        end as foreign_currency
    from heads
    left join line_currencies
        on heads.source = line_currencies.source
        and heads.order_key = line_currencies.order_key
),

discounts as (
    select
        key_hash(discounted.source, 'order', discounted.order_key) as order_id,
        money_at(discounted.discount_amount, rates.rate) as discount_amount
    from discounted
    left join rates
        on discounted.foreign_currency = rates.currency
        and discounted.order_date between rates.valid_from and rates.valid_to
),

known as (
    select ratio(sum(order_cost), sum(order_amount)) as cost_rate
    from costed_orders
),

sold as (
    select
        orders.customer_id,
        orders.order_id as document_id,
        orders.order_date as document_date,
        orders.is_purchase,
        orders.gross_amount,
        orders.order_amount as net_amount,
        coalesce(discounts.discount_amount, 0) as discount_amount,
        orders.order_cost
    from orders
    left join discounts
        on orders.order_id = discounts.order_id
    -- Not in the import: a planner then takes the orders for few, and joins with a table of them all.
    where orders.order_date <= (select as_of_date from settings)
    union all
    select
        customer_id,
        invoice_id as document_id,
        invoice_date as document_date,
        empty_boolean() as is_purchase,
        case when invoice_amount > 0 then invoice_amount else 0 end as gross_amount,
        to_money(coalesce(invoice_amount, 0) - refund_amount) as net_amount,
        0 as discount_amount,
        to_money(
            to_number(coalesce(invoice_amount, 0) - refund_amount)
            * (1 - to_number((select value_subscription_margin from settings)))
        ) as order_cost
    from subscription_invoices
),

costed as (
    select
        customer_id,
        case when is_purchase then 'order' when not is_purchase then 'return' else 'subscription' end as document_kind,
        document_id,
        document_date,
        gross_amount,
        case
            when discount_amount = 0 then 0
            when discount_amount >= gross_amount - net_amount - 0.01 then gross_amount - net_amount
            else discount_amount
        end as discount_amount,
        net_amount,
        coalesce(order_cost, to_money(to_number(net_amount) * (select cost_rate from known)), 0) as cost_amount,
        order_cost is not null as has_cost
    from sold
),

served as (
    select
        contacts_made.customer_id,
        'contact' as document_kind,
        contacts_made.contact_id as document_id,
        contacts_made.contact_date as document_date,
        to_money(service_costs.contact_cost) as service_amount,
        to_money(0) as payment_amount
    from contacts_made
    inner join service_costs
        on contacts_made.contact_kind = service_costs.contact_kind
    where contacts_made.customer_id is not null
    union all
    select
        customer_id,
        'late_payment' as document_kind,
        late_payment_id as document_id,
        due_date as document_date,
        to_money(0) as service_amount,
        to_money(late_day_amount / 365e0 * (select value_late_payment_rate from settings)) as payment_amount
    from late_invoices
    where (select value_late_payment_rate from settings) > 0
)

select
    customer_id,
    document_kind,
    document_id,
    document_date,
    to_money(gross_amount) as gross_amount,
    to_money(gross_amount - net_amount - discount_amount) as return_amount,
    to_money(discount_amount) as discount_amount,
    to_money(net_amount) as net_amount,
    to_money(cost_amount) as cost_amount,
    to_money(0) as service_amount,
    to_money(0) as payment_amount,
    to_money(net_amount - cost_amount) as contribution_amount,
    has_cost
from costed
union all
select
    customer_id,
    document_kind,
    document_id,
    document_date,
    to_money(0) as gross_amount,
    to_money(0) as return_amount,
    to_money(0) as discount_amount,
    to_money(0) as net_amount,
    to_money(0) as cost_amount,
    service_amount,
    payment_amount,
    to_money(- service_amount - payment_amount) as contribution_amount,
    empty_boolean() as has_cost
from served

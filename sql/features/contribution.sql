-- What each customer who has bought contributed in the trailing window and in the one before it, as known on the as-of date.
-- grain: customer_id
-- check: contribution_amount = net_amount - cost_amount - service_amount - payment_amount
-- first_order_date: of all history, as is last_order_date; empty when there are only invoices of subscriptions
-- known_gross_amount: the part of the gross amount whose cost is known
-- document_count: documents of any kind in the window
-- before_contribution_amount: of the window before, as the other columns with before
with

settings as (
    select * from run.settings
),

windows as (
    select
        months_before(as_of_date, value_window_months) as window_start,
        months_before(as_of_date, 2 * value_window_months) as before_start
    from settings
),

contributions as (
    select
        customer_id,
        document_date,
        document_date > (select before_start from windows)
            and document_date <= (select window_start from windows) as is_before,
        document_kind = 'order' as is_order,
        document_kind in ('order', 'subscription') as is_purchase,
        net_amount,
        contribution_amount
    from facts.contributions
),

known as (
    select
        customer_id,
        min(case when is_order then document_date end) as first_order_date,
        max(case when is_order then document_date end) as last_order_date,
        to_integer(count(case when is_before and is_order then 1 end)) as before_order_count,
        money_sum(case when is_before then net_amount end) as before_net_amount,
        money_sum(case when is_before then contribution_amount end) as before_contribution_amount
    from contributions
    group by customer_id
    having count(case when is_purchase then 1 end) > 0
),

current_window as (
    select
        customer_id,
        to_integer(count(*)) as document_count,
        to_integer(count(case when document_kind = 'order' then 1 end)) as order_count,
        money_sum(gross_amount) as gross_amount,
        money_sum(return_amount) as return_amount,
        money_sum(discount_amount) as discount_amount,
        money_sum(net_amount) as net_amount,
        money_sum(cost_amount) as cost_amount,
        money_sum(service_amount) as service_amount,
        money_sum(payment_amount) as payment_amount,
        money_sum(contribution_amount) as contribution_amount,
        money_sum(case when has_cost then gross_amount end) as known_gross_amount
    from facts.contributions
    where document_date > (select window_start from windows)
    group by customer_id
)

select
    known.customer_id,
    known.first_order_date,
    known.last_order_date,
    coalesce(current_window.document_count, 0) as document_count,
    coalesce(current_window.order_count, 0) as order_count,
    coalesce(current_window.gross_amount, 0) as gross_amount,
    coalesce(current_window.return_amount, 0) as return_amount,
    coalesce(current_window.discount_amount, 0) as discount_amount,
    coalesce(current_window.net_amount, 0) as net_amount,
    coalesce(current_window.cost_amount, 0) as cost_amount,
    coalesce(current_window.service_amount, 0) as service_amount,
    coalesce(current_window.payment_amount, 0) as payment_amount,
    coalesce(current_window.contribution_amount, 0) as contribution_amount,
    coalesce(current_window.known_gross_amount, 0) as known_gross_amount,
    known.before_order_count,
    coalesce(known.before_net_amount, 0) as before_net_amount,
    coalesce(known.before_contribution_amount, 0) as before_contribution_amount
from known
left join current_window
    on known.customer_id = current_window.customer_id

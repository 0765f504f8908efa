-- What each customer who has bought ordered and contributed in each calendar month of all history.
-- grain: customer_id, month_start
-- month_start: the first day of the month; months without a document have no row
-- first_order_month: of all history, as is last_order_month; empty when there are only invoices of subscriptions
with

contributions as (
    select * from facts.contributions
),

buyers as (
    select
        customer_id,
        month_of(first_order_date) as first_order_month,
        month_of(last_order_date) as last_order_month
    from features.contribution
),

summed as (
    select
        customer_id,
        month_of(document_date) as month_start,
        to_integer(count(case when document_kind = 'order' then 1 end)) as order_count,
        money_sum(net_amount) as net_amount,
        money_sum(contribution_amount) as contribution_amount
    from contributions
    group by customer_id, month_of(document_date)
)

select
    summed.customer_id,
    summed.month_start,
    summed.order_count,
    summed.net_amount,
    summed.contribution_amount,
    buyers.first_order_month,
    buyers.last_order_month
from summed
inner join buyers
    on summed.customer_id = buyers.customer_id

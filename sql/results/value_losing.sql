-- Customers who cost more than they brought in the window, the worst first, and what makes them so; up to 1,000.
-- grain: customer_id
-- customer_name: a person's is masked, unless the pipeline says otherwise
-- loss_reason: the first thing that takes the contribution below zero: returns, goods (below cost), service or payment
with

settings as (
    select * from run.settings
),

contribution as (
    select * from features.contribution where contribution_amount < 0
),

tiers as (
    select * from results.value_tiers
),

customers as (
    select * from unified.customers
)

select
    contribution.customer_id,
    customers.customer_key,
    shown_name(customers.customer_name, customers.customer_kind, (select mask_names from settings)) as customer_name,
    contribution.contribution_amount,
    contribution.gross_amount,
    contribution.return_amount,
    contribution.discount_amount,
    contribution.cost_amount,
    contribution.service_amount,
    contribution.payment_amount,
    tiers.rests_on,
    case
        when contribution.net_amount < 0 then 'returns'
        when contribution.net_amount - contribution.cost_amount < 0 then 'goods'
        when contribution.net_amount - contribution.cost_amount - contribution.service_amount < 0 then 'service'
        else 'payment'
    end as loss_reason
from contribution
inner join tiers
    on contribution.customer_id = tiers.customer_id
inner join customers
    on contribution.customer_id = customers.customer_id
order by contribution.contribution_amount, contribution.customer_id
limit 1000

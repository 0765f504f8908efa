-- Customers and money of each tier that has customers.
-- grain: tier
-- contribution_share: of the whole contribution; empty when that is not above zero
-- active_count: customers with a document in the window
-- kept_count: customers whom only the hysteresis keeps in this tier
with

tiers as (
    select * from results.value_tiers
),

totals as (
    select
        count(*) as customer_count,
        money_sum(contribution_amount) as contribution_amount
    from tiers
)

select
    tier,
    count(*) as customer_count,
    ratio(count(*), (select customer_count from totals)) as customer_share,
    count(case when document_count > 0 then 1 end) as active_count,
    money_sum(net_amount) as net_amount,
    money_sum(contribution_amount) as contribution_amount,
    case
        when (select contribution_amount from totals) > 0
            then ratio(sum(contribution_amount), (select contribution_amount from totals))
    end as contribution_share,
    ratio(sum(known_gross_amount), sum(gross_amount)) as cost_known_share,
    count(case when is_kept then 1 end) as kept_count
from tiers
group by tier
order by tier

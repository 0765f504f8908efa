-- The active customers who come to each leaf of the tree tonight, and what they are expected to cost.
-- grain: leaf
with

churn as (
    select *
    from results.churn
    where state = 'active'
        and leaf is not null
)

select
    leaf,
    to_integer(count(*)) as customer_count,
    coalesce(money_sum(value_at_risk), 0) as value_at_risk
from churn
group by leaf
order by leaf

-- How many customers left lately for what, and what they had brought.
-- grain: churn_type
-- customer_rate: share of all who left lately
-- lost_contribution_amount: of the twelve months that ended with their last sign of life
with

types as (
    select * from features.churn_types
),

contributions as (
    select * from facts.contributions
),

summed as (
    select
        types.customer_id,
        money_sum(contributions.contribution_amount) as contribution_amount
    from types
    inner join contributions
        on types.customer_id = contributions.customer_id
        and contributions.document_date <= types.lost_date
        and contributions.document_date > months_before(types.lost_date, 12)
    group by types.customer_id
),

counted as (
    select
        types.churn_type,
        count(*) as customer_count,
        coalesce(money_sum(summed.contribution_amount), 0) as lost_contribution_amount
    from types
    left join summed
        on types.customer_id = summed.customer_id
    group by types.churn_type
)

select
    churn_type,
    to_integer(customer_count) as customer_count,
    ratio(customer_count, sum(customer_count) over ()) as customer_rate,
    lost_contribution_amount
from counted
order by customer_count desc, churn_type

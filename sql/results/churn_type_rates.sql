-- How many customers left lately for what, what share of those who were at risk that is, and what they had brought.
-- grain: churn_type
-- customer_count: gone within the last twelve months, and those of the test who left
-- left_share: share of all of these
-- base_count: the customers at risk who were active on the day of the test
-- left_count: of those, who left within the window for this
-- customer_rate: left_count as a share of base_count
-- lost_contribution_amount: of the twelve months that ended with their last sign of life
with

types as (
    select * from features.churn_types
),

tests as (
    select snapshot_date from features.churn_snapshots where purpose = 'test'
),

outcomes as (
    select *
    from features.churn_outcomes
    where snapshot_date in (select snapshot_date from tests)
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
        count(outcomes.customer_id) as left_count,
        coalesce(money_sum(summed.contribution_amount), 0) as lost_contribution_amount
    from types
    left join summed
        on types.customer_id = summed.customer_id
    left join outcomes
        on types.customer_id = outcomes.customer_id
        and outcomes.has_churned
    group by types.churn_type
)

select
    churn_type,
    to_integer(customer_count) as customer_count,
    ratio(customer_count, sum(customer_count) over ()) as left_share,
    to_integer((select count(*) from outcomes)) as base_count,
    to_integer(left_count) as left_count,
    ratio(left_count, (select count(*) from outcomes)) as customer_rate,
    lost_contribution_amount
from counted
order by customer_count desc, churn_type

-- Customers whose use has fallen by the share that is set, against what it used to be half a year before.
-- grain: customer_id
-- usage_30_days: of the last 30 days
-- usual_usage: mean of the six times 30 days that ended 90 days ago, all of which the customer must be known for
-- first_seen_date: the end of the first of the last three times 30 days since which it has stayed so low
with

settings as (
    select * from run.settings
),

usage_days as (
    select * from facts.usage_days
),

periods as (
    select
        customer_id,
        usage_quantity,
        floor(days_between(usage_date, (select as_of_date from settings)) / 30e0) as period
    from usage_days
),

summed as (
    select
        customer_id,
        max(period) as first_period,
        to_number(coalesce(sum(case when period = 0 then usage_quantity end), 0)) as usage_30_days,
        to_number(coalesce(sum(case when period = 1 then usage_quantity end), 0)) as usage_before,
        to_number(coalesce(sum(case when period = 2 then usage_quantity end), 0)) as usage_before_that,
        to_number(coalesce(sum(case when period between 3 and 8 then usage_quantity end), 0)) / 6e0 as usual_usage
    from periods
    group by customer_id
),

limits as (
    select
        *,
        (1e0 - to_number((select churn_usage_drop from settings))) * usual_usage as low_usage
    from summed
    where first_period >= 8
        and usual_usage > 0
)

select
    customer_id,
    usage_30_days,
    usual_usage,
    days_before(
        (select as_of_date from settings),
        case
            when usage_before > low_usage then 0
            when usage_before_that > low_usage then 30
            else 60
        end
    ) as first_seen_date
from limits
where usage_30_days <= low_usage

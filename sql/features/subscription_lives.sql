-- How long subscriptions have lasted, alike ones counted once, for models of survival and retention.
-- grain: plan_name, interval_days, start_quarter, tenure_days, age_days, is_censored
-- check: subscription_count >= 1
-- start_quarter: such as 2024 Q1
-- tenure_days: from the start to the end, or to the as-of date
-- age_days: from the start to the as-of date
-- is_censored: had not ended when last seen
with

subscriptions as (
    select * from facts.subscriptions where is_counted
),

dated as (
    select
        *,
        substr(to_key(start_date), 1, 4) || case
            when substr(to_key(start_date), 6, 2) <= '03' then ' Q1'
            when substr(to_key(start_date), 6, 2) <= '06' then ' Q2'
            when substr(to_key(start_date), 6, 2) <= '09' then ' Q3'
            else ' Q4'
        end as start_quarter
    from subscriptions
)

select
    plan_name,
    interval_days,
    start_quarter,
    tenure_days,
    age_days,
    is_censored,
    to_integer(count(*)) as subscription_count
from dated
group by
    plan_name,
    interval_days,
    start_quarter,
    tenure_days,
    age_days,
    is_censored
order by
    plan_name,
    interval_days,
    start_quarter,
    tenure_days,
    age_days,
    is_censored

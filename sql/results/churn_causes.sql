-- How many customers' probabilities changed since the last run, and why.
-- grain: change_cause
-- risen_count: by five points or more, as is fallen_count
with

changes as (
    select * from results.churn_changes
)

select
    change_cause,
    to_integer(count(*)) as customer_count,
    to_integer(count(case when probability_change >= 0.05e0 then 1 end)) as risen_count,
    to_integer(count(case when probability_change <= -0.05e0 then 1 end)) as fallen_count,
    ratio(sum(to_exact(probability_change)), count(probability_change)) as mean_change
from changes
group by change_cause
order by customer_count desc, change_cause

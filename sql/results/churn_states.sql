-- How many customers are active, gone and too new to say, what they contributed in the last twelve months, and what is at stake.
-- value_at_risk: empty where no probability is known
-- expected_count: sum of the probabilities, customers who are expected to leave
-- grain: state
with

churn as (
    select * from results.churn
)

select
    state,
    to_integer(count(*)) as customer_count,
    to_integer(count(case when risk_band = 'high' then 1 end)) as high_count,
    to_number(coalesce(sum(to_exact(churn_probability)), 0)) as expected_count,
    to_integer(count(case when warning_count > 0 then 1 end)) as warned_count,
    to_integer(count(call_rank)) as call_count,
    coalesce(money_sum(contribution_amount), 0) as contribution_amount,
    money_sum(value_at_risk) as value_at_risk,
    coalesce(money_sum(case when call_rank is not null then expected_saving end), 0) as expected_saving
from churn
group by state
order by state

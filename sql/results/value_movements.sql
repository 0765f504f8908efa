-- Who moved between tiers since the last run, in customers and in contribution as it was then and is now.
-- grain: previous_tier, tier
-- previous_tier: empty for customers who are new to the base
-- tier: empty for customers who are gone from it
with

tiers as (
    select * from results.value_tiers
),

previous as (
    select * from run.previous_value
),

moved as (
    select
        coalesce(previous.tier, '') as previous_tier,
        coalesce(tiers.tier, '') as tier,
        previous.contribution_amount as previous_amount,
        tiers.contribution_amount
    from tiers
    full outer join previous
        on tiers.customer_id = previous.customer_id
)

select
    previous_tier,
    tier,
    count(*) as customer_count,
    coalesce(money_sum(previous_amount), 0) as previous_amount,
    coalesce(money_sum(contribution_amount), 0) as contribution_amount
from moved
where (select count(*) from previous) > 0
    and previous_tier <> tier
group by previous_tier, tier
order by previous_tier, tier

-- The whale curve: what the best customers contributed together, from the first to all of them.
-- grain: customer_count
-- customer_share: of the customers with a document in the window, 0–1
-- contribution_share: of the whole contribution; above 1 before those who cost more than they bring; empty when the whole is not above zero
with

points as (
    select * from results.value_points
),

ranks as (
    select * from results.value_ranks
),

totals as (
    select
        count(*) as customer_count,
        money_sum(contribution_amount) as contribution_amount
    from ranks
),

counted as (
    select distinct to_integer(greatest(1, round(points.customer_share * totals.customer_count))) as customer_count
    from points
    cross join totals
)

select
    counted.customer_count,
    ratio(counted.customer_count, (select customer_count from totals)) as customer_share,
    ranks.running_amount as contribution_amount,
    case
        when (select contribution_amount from totals) > 0
            then ratio(ranks.running_amount, (select contribution_amount from totals))
    end as contribution_share
from counted
inner join ranks
    on counted.customer_count = ranks.contribution_rank
order by counted.customer_count

-- What subscriptions each customer had, as known on each snapshot of churn.
-- grain: customer_id, snapshot_date
-- subscription_count: those that ran
-- monthly_amount: what they brought a month, at the rate of the as-of date
-- contract_age_days: since the first of those that ran began
-- contract_days_left: until the next of them is to be renewed, by its start and interval
-- ended_subscription_count: those that had ended
-- first_start_date: of all, as is last_end_date
with

snapshots as (
    select * from features.churn_snapshots
),

subscriptions as (
    select * from facts.subscriptions where is_counted
),

known as (
    select
        subscriptions.customer_id,
        snapshots.snapshot_date,
        subscriptions.start_date,
        subscriptions.monthly_amount,
        case when subscriptions.end_date <= snapshots.snapshot_date then subscriptions.end_date end as end_date,
        days_between(subscriptions.start_date, snapshots.snapshot_date) as age_days,
        subscriptions.interval_days
    from subscriptions
    inner join snapshots
        on subscriptions.start_date <= snapshots.snapshot_date
        and place_by_hash(subscriptions.customer_id) < snapshots.sampled_places
)

select
    customer_id,
    snapshot_date,
    min(start_date) as first_start_date,
    max(end_date) as last_end_date,
    to_integer(count(case when end_date is null then 1 end)) as subscription_count,
    coalesce(money_sum(case when end_date is null then monthly_amount end), 0) as monthly_amount,
    to_integer(max(case when end_date is null then age_days end)) as contract_age_days,
    to_integer(min(case
        when end_date is null then round((floor(age_days / interval_days) + 1) * interval_days - age_days)
    end)) as contract_days_left,
    to_integer(count(end_date)) as ended_subscription_count
from known
group by customer_id, snapshot_date

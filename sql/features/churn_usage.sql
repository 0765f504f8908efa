-- How much each customer had used, as known on each snapshot of churn.
-- grain: customer_id, snapshot_date
-- window_quantity: within the window of churn that ends with the snapshot; earlier_window_quantity is the mean of up to three such windows before it, usual_window_quantity that of up to three with it, as far as the customer is known
-- usage_change: use of the last 30 days as a share of the mean of the five times 30 days before, as far as the customer is known; 1 is as usual
-- usage_slope: least-squares slope over the last six times 30 days, as a share of their mean, for 30 days
-- usage_silent_days: since the last use
with

snapshots as (
    select * from features.churn_snapshots
),

definition as (
    select * from features.churn_definition
),

usage_days as (
    select * from facts.usage_days
),

known as (
    select
        usage_days.customer_id,
        snapshots.snapshot_date,
        usage_days.usage_date,
        usage_days.usage_quantity,
        definition.window_days,
        floor(days_between(usage_days.usage_date, snapshots.snapshot_date) / 30e0) as period,
        floor(days_between(usage_days.usage_date, snapshots.snapshot_date) / to_number(definition.window_days)) as window_place
    from usage_days
    inner join snapshots
        on usage_days.usage_date <= snapshots.snapshot_date
        and place_by_hash(usage_days.customer_id) < snapshots.sampled_places
    cross join definition
),

summed as (
    select
        customer_id,
        snapshot_date,
        min(usage_date) as first_usage_date,
        max(usage_date) as last_usage_date,
        max(window_days) as window_days,
        to_number(coalesce(sum(case when period = 0 then usage_quantity end), 0)) as quantity_30_days,
        to_number(coalesce(sum(case when period < 3 then usage_quantity end), 0)) as quantity_90_days,
        to_number(coalesce(sum(case when period between 1 and 5 then usage_quantity end), 0)) as quantity_before,
        to_number(coalesce(sum(case when period < 6 then usage_quantity end), 0)) as quantity_180_days,
        to_number(coalesce(sum(case when period < 6 then usage_quantity * cast(5 - 2 * period as integer) end), 0)) as tilt,
        to_number(coalesce(sum(case when window_place = 0 then usage_quantity end), 0)) as window_quantity,
        to_number(coalesce(sum(case when window_place between 0 and 2 then usage_quantity end), 0)) as windows_lately,
        to_number(coalesce(sum(case when window_place between 1 and 3 then usage_quantity end), 0)) as windows_before
    from known
    group by customer_id, snapshot_date
),

aged as (
    select
        *,
        days_between(first_usage_date, snapshot_date) + 1 as age_days
    from summed
)

select
    customer_id,
    snapshot_date,
    first_usage_date,
    last_usage_date,
    quantity_30_days as usage_30_days,
    quantity_90_days as usage_90_days,
    case
        when age_days >= 60 then ratio(quantity_30_days, quantity_before / least(5e0, floor(age_days / 30e0) - 1))
    end as usage_change,
    case when age_days >= 180 then ratio(tilt / 35e0, quantity_180_days / 6e0) end as usage_slope,
    to_integer(days_between(last_usage_date, snapshot_date)) as usage_silent_days,
    window_quantity,
    case
        when age_days >= 2 * window_days then windows_lately / least(3e0, floor(age_days / to_number(window_days)))
    end as usual_window_quantity,
    case
        when age_days >= 2 * window_days then windows_before / least(3e0, floor(age_days / to_number(window_days)) - 1)
    end as earlier_window_quantity
from aged

-- Days on which a customer had complained more often within 90 days than is their habit.
-- grain: customer_id, first_seen_date
-- check: complaint_count >= 2
-- complaint_count: in the 90 days that end with this one: two or more, and more than twice the usual
-- usual_count: for 90 days, in the time before them since the first sign of life
with

complaints as (
    select customer_id, opened_date from facts.cases where is_complaint
),

lives as (
    select customer_id, first_life_date
    from features.churn_lives
    where snapshot_date = (select as_of_date from run.settings)
),

days as (
    select
        customer_id,
        opened_date,
        count(*) as complaint_count
    from complaints
    group by customer_id, opened_date
),

counted as (
    select
        days.customer_id,
        days.opened_date,
        sum(case when is_within(earlier.opened_date, days.opened_date, 90) then earlier.complaint_count else 0 end) as complaint_count,
        sum(case when is_within(earlier.opened_date, days.opened_date, 90) then 0 else earlier.complaint_count end) as before_count
    from days
    inner join days as earlier
        on days.customer_id = earlier.customer_id
        and earlier.opened_date <= days.opened_date
    group by days.customer_id, days.opened_date
),

measured as (
    select
        counted.customer_id,
        counted.opened_date,
        counted.complaint_count,
        coalesce(
            90 * ratio(counted.before_count, greatest(0, days_between(lives.first_life_date, counted.opened_date) - 90)),
            0e0
        ) as usual_count
    from counted
    inner join lives
        on counted.customer_id = lives.customer_id
)

select
    customer_id,
    opened_date as first_seen_date,
    to_integer(complaint_count) as complaint_count,
    usual_count
from measured
where complaint_count >= 2
    and complaint_count > 2 * usual_count

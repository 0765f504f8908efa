-- The months from the first subscription to the as-of date, and the day of each on which recurring revenue is counted.
-- grain: month_number
-- check: month_start <= position_date
-- month_number: 1 for the month of the first subscription
-- position_date: the last day of the month; in the last one the as-of date
with

settings as (
    select * from run.settings
),

subscriptions as (
    select * from facts.subscriptions where is_counted
),

bounds as (
    select
        as_of_date as last_date,
        (select min(start_date) from subscriptions) as first_date
    from settings
),

digits as (
    select 0 as digit
    union all
    select 1 as digit
    union all
    select 2 as digit
    union all
    select 3 as digit
    union all
    select 4 as digit
    union all
    select 5 as digit
    union all
    select 6 as digit
    union all
    select 7 as digit
    union all
    select 8 as digit
    union all
    select 9 as digit
),

distances as (
    select to_integer(1000 * thousands.digit + 100 * hundreds.digit + 10 * tens.digit + ones.digit) as distance
    from digits as thousands
    cross join digits as hundreds
    cross join digits as tens
    cross join digits as ones
    where thousands.digit < 2
)

select
    to_integer(months_between(bounds.first_date, bounds.last_date) - distances.distance + 1) as month_number,
    months_before(month_of(bounds.last_date), distances.distance) as month_start,
    least(
        days_before(months_before(month_of(bounds.last_date), distances.distance - 1), 1),
        bounds.last_date
    ) as position_date
from distances
inner join bounds
    on distances.distance <= months_between(bounds.first_date, bounds.last_date)

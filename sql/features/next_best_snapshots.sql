-- The days on which customers are looked at as they were known then, a horizon apart: today to score, one horizon ago to try, two to choose what to try, earlier ones to learn from.
-- grain: snapshot_date
-- place: 0 is scored, 1 the test, 2 the choice; each learns from the places behind it, whose outcomes were known by then
-- sampled_places: customers whose place by hash lies below it are looked at; 1000 is everybody
with

settings as (
    select as_of_date, baskets_horizon_days as horizon_days, baskets_sample_customers as sample_customers
    from run.settings
),

lines as (
    select min(order_date) as first_date, count(distinct customer_id) as customer_count
    from features.basket_lines
),

digits as (
    select 0 as digit
    union all
    select 1 as digit
    union all
    select 2 as digit
    union all
    select 3 as digit
),

places as (
    select fours.digit * 4 + ones.digit as place
    from digits as fours
    cross join digits as ones
    where fours.digit < 3
),

dated as (
    select
        days_before(settings.as_of_date, places.place * settings.horizon_days) as snapshot_date,
        places.place,
        settings.horizon_days,
        settings.sample_customers,
        lines.first_date,
        lines.customer_count
    from places
    cross join settings
    cross join lines
)

select
    snapshot_date,
    to_integer(place) as place,
    to_integer(horizon_days) as horizon_days,
    case
        when place = 0 then 1000
        else to_integer(least(1000, ceil(1000e0 * sample_customers / greatest(1, customer_count))))
    end as sampled_places
from dated
where days_between(first_date, snapshot_date) >= case when place = 0 then 0 else horizon_days end

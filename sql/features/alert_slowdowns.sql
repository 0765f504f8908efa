-- Customers who order at most half as often as they used to.
-- grain: customer_id
-- check: recent_count <= usual_count / 2
-- recent_days: the last 90 days, or four of the own mean gaps where that is longer
-- recent_count: purchase days in them
-- usual_count: what the rate of the time before, at least as long, would have brought: four or more
-- first_seen_date: since when so few purchase days lay in so long a time
with

settings as (
    select * from run.settings
),

order_days as (
    select customer_id, order_date
    from features.order_days
    where order_count > 0
        and annulled_date is null
),

rhythms as (
    select
        customer_id,
        days_between(min(order_date), (select as_of_date from settings)) as age_days,
        count(*) as order_day_count,
        to_integer(greatest(90e0, ceil(4 * ratio(days_between(min(order_date), max(order_date)), count(*) - 1)))) as recent_days
    from order_days
    group by customer_id
    having count(*) > 4
),

placed as (
    select
        order_days.customer_id,
        order_days.order_date,
        rhythms.age_days,
        rhythms.recent_days,
        rhythms.order_day_count,
        row_number() over (partition by order_days.customer_id order by order_days.order_date desc) as place_from_last
    from order_days
    inner join rhythms
        on order_days.customer_id = rhythms.customer_id
    where rhythms.age_days >= 2 * rhythms.recent_days
),

counted as (
    select
        customer_id,
        max(recent_days) as recent_days,
        count(case when is_within(order_date, (select as_of_date from settings), recent_days) then 1 end) as recent_count,
        ratio(
            max(recent_days) * count(case when not is_within(order_date, (select as_of_date from settings), recent_days) then 1 end),
            max(age_days) - max(recent_days)
        ) as usual_count
    from placed
    group by customer_id
)

select
    counted.customer_id,
    counted.recent_days,
    to_integer(counted.recent_count) as recent_count,
    counted.usual_count,
    days_before(placed.order_date, - counted.recent_days) as first_seen_date
from counted
inner join placed
    on counted.customer_id = placed.customer_id
    and placed.place_from_last = floor(counted.usual_count / 2e0) + 1
where counted.usual_count >= 4
    and counted.recent_count <= counted.usual_count / 2e0

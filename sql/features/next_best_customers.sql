-- How busily each customer had bought by each snapshot, and how lately.
-- grain: customer_id, place
-- activity_class: days with a purchase within three horizons: 1 none, 2 none in the last two, 3 one and 4 more, but none in the last; with one in the last 5 one, 6 two or three, 7 up to seven, 8 more
with

snapshots as (
    select * from features.next_best_snapshots
),

days as (
    select * from features.next_best_days
),

sampled as (
    select * from days
    where place_by_hash(customer_id) < (select max(sampled_places) from snapshots where place > 0)
),

placed as (
    select
        days.customer_id,
        snapshots.place,
        days_between(days.order_date, snapshots.snapshot_date) as elapsed_days,
        snapshots.horizon_days
    from days
    inner join snapshots
        on days.order_date <= snapshots.snapshot_date
    where snapshots.place = 0
    union all
    select
        sampled.customer_id,
        snapshots.place,
        days_between(sampled.order_date, snapshots.snapshot_date) as elapsed_days,
        snapshots.horizon_days
    from sampled
    inner join snapshots
        on sampled.order_date <= snapshots.snapshot_date
    where snapshots.place > 0
),

counted as (
    select
        customer_id,
        place,
        ratio(min(elapsed_days), max(horizon_days)) as idle_horizons,
        sum(case when elapsed_days < 3 * horizon_days then 1 else 0 end) as day_count
    from placed
    group by customer_id, place
)

select
    customer_id,
    place,
    case
        when idle_horizons >= 3 then 1
        when idle_horizons >= 2 then 2
        when idle_horizons >= 1 and day_count = 1 then 3
        when idle_horizons >= 1 then 4
        when day_count = 1 then 5
        when day_count <= 3 then 6
        when day_count <= 7 then 7
        else 8
    end as activity_class
from counted

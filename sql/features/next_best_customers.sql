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

counted as (
    select
        days.customer_id,
        snapshots.place,
        ratio(
            min(days_between(days.order_date, snapshots.snapshot_date)),
            max(snapshots.horizon_days)
        ) as idle_horizons,
        sum(case
            when days_between(days.order_date, snapshots.snapshot_date) < 3 * snapshots.horizon_days then 1
            else 0
        end) as day_count
    from days
    inner join snapshots
        on days.order_date <= snapshots.snapshot_date
        and place_by_hash(days.customer_id) < snapshots.sampled_places
    group by days.customer_id, snapshots.place
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

-- How busily each customer had bought by each snapshot.
-- grain: customer_id, place
-- activity_class: days with a purchase within three horizons: 1 none, 2 one, 3 two or three, 4 up to seven, 5 more
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
        when day_count = 0 then 1
        when day_count = 1 then 2
        when day_count <= 3 then 3
        when day_count <= 7 then 4
        else 5
    end as activity_class
from counted

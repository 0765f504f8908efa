-- By which channel and whose hand each customer's orders had come, as known on each snapshot of churn.
-- grain: customer_id, snapshot_date
-- channel: of the last purchase day that has one
-- owner_change_count: in the last 365 days, purchase days whose owner was another than the one before
with

snapshots as (
    select * from features.churn_snapshots
),

lineage as (
    select * from unified.lineage where record_kind = 'customer'
),

orders as (
    select source, customer_key, order_date, channel, owner_key
    from staged.orders
    where order_date <= (select as_of_date from run.settings)
        and coalesce(status, '') <> 'cancelled'
        and coalesce(order_kind, 'sale') <> 'return'
),

days as (
    select
        lineage.customer_id,
        orders.order_date,
        min(orders.channel) as channel,
        min(orders.owner_key) as owner_key
    from orders
    inner join lineage
        on orders.source = lineage.source
        and orders.customer_key = lineage.record_key
    where orders.channel is not null
        or orders.owner_key is not null
    group by lineage.customer_id, orders.order_date
),

handed as (
    select
        *,
        case
            when owner_key <> lag(owner_key) over (partition by customer_id order by order_date) then 1
            else 0
        end as change_count
    from days
)

select
    handed.customer_id,
    snapshots.snapshot_date,
    substr(max(to_key(handed.order_date) || handed.channel), 11) as channel,
    case
        when count(handed.owner_key) > 0
            then to_integer(sum(case when is_within(handed.order_date, snapshots.snapshot_date, 365) then handed.change_count else 0 end))
    end as owner_change_count
from handed
inner join snapshots
    on handed.order_date <= snapshots.snapshot_date
    and place_by_hash(handed.customer_id) < snapshots.sampled_places
group by handed.customer_id, snapshots.snapshot_date

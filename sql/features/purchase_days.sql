-- Each customer's days up to each snapshot, and whether they count as purchases by what was known then.
-- grain: customer_id, snapshot_date, order_date
-- order_count: purchases that count; 0 on a day with nothing but returns, on one known to be taken back whole, and on a free one where those are skipped
-- amount: margin or revenue, as set, of every document of the day
-- is_sampled: whether the models are fitted to this customer; on a backtest's snapshot only those are
with

settings as (
    select * from run.settings
),

snapshots as (
    select * from features.value_snapshots
),

order_days as (
    select * from features.order_days
)

select
    order_days.customer_id,
    snapshots.snapshot_date,
    order_days.order_date,
    order_days.order_amount,
    order_days.amount,
    case
        when order_days.annulled_date <= snapshots.snapshot_date then 0
        when order_days.purchase_amount <= 0 and not (select value_counts_free_orders from settings) then 0
        else order_days.order_count
    end as order_count,
    place_by_hash(order_days.customer_id) < snapshots.sampled_places as is_sampled
from order_days
inner join snapshots
    on order_days.order_date <= snapshots.snapshot_date
where snapshots.purpose = 'score'
    or place_by_hash(order_days.customer_id) < snapshots.sampled_places

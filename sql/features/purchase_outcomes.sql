-- What came after each backtest's snapshot, from customers known on it; never read by a model, only by its judge.
-- grain: customer_id, snapshot_date
-- outcome_count: purchase days within outcome_days of the snapshot
-- outcome_amount: money of that time, margin or revenue as set
with

settings as (
    select * from run.settings
),

snapshots as (
    select * from features.value_snapshots where purpose = 'backtest'
),

order_days as (
    select * from features.order_days
),

purchases as (
    select * from features.value
),

later as (
    select
        order_days.customer_id,
        snapshots.snapshot_date,
        sum(case
            when order_days.order_count = 0 or order_days.annulled_date is not null then 0
            when order_days.purchase_amount <= 0 and not (select value_counts_free_orders from settings) then 0
            else 1
        end) as outcome_count,
        sum(order_days.amount) as outcome_amount
    from order_days
    inner join snapshots
        on order_days.order_date > snapshots.snapshot_date
        and days_between(snapshots.snapshot_date, order_days.order_date) <= snapshots.outcome_days
    group by order_days.customer_id, snapshots.snapshot_date
)

select
    purchases.customer_id,
    purchases.snapshot_date,
    to_integer(coalesce(later.outcome_count, 0)) as outcome_count,
    coalesce(to_money(later.outcome_amount), 0) as outcome_amount
from purchases
inner join snapshots
    on purchases.snapshot_date = snapshots.snapshot_date
left join later
    on purchases.customer_id = later.customer_id
    and purchases.snapshot_date = later.snapshot_date

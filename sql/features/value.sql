-- How often, how lately and for how much each customer had bought, as known on each snapshot: what models of purchases learn from.
-- grain: customer_id, snapshot_date
-- check: repeat_count >= 0
-- check: last_age_days <= age_days
-- repeat_count: purchase days after the first
-- last_age_days: from the first purchase day to the last
-- age_days: from the first purchase day to the snapshot
-- is_sampled: whether the models are fitted to this customer; on a backtest's snapshot only those are
-- total_amount: net revenue, the returns of annulled purchases included
-- amount: margin or revenue, as set
-- repeat_amount: of that, what the days after the first purchase day brought
with

purchase_days as (
    select * from features.purchase_days
),

summed as (
    select
        customer_id,
        snapshot_date,
        min(case when order_count > 0 then order_date end) as first_order_date,
        max(case when order_count > 0 then order_date end) as last_order_date,
        sum(order_count) as order_count,
        count(case when order_count > 0 then 1 end) as day_count,
        sum(order_amount) as total_amount,
        sum(amount) as amount
    from purchase_days
    group by customer_id, snapshot_date
)

select
    summed.customer_id,
    summed.snapshot_date,
    summed.first_order_date,
    summed.last_order_date,
    to_integer(summed.order_count) as order_count,
    to_integer(summed.day_count - 1) as repeat_count,
    to_integer(days_between(summed.first_order_date, summed.last_order_date)) as last_age_days,
    to_integer(days_between(summed.first_order_date, summed.snapshot_date)) as age_days,
    firsts.is_sampled,
    to_money(summed.total_amount) as total_amount,
    to_money(summed.amount) as amount,
    to_money(summed.amount - firsts.amount) as repeat_amount
from summed
inner join purchase_days as firsts
    on summed.customer_id = firsts.customer_id
    and summed.snapshot_date = firsts.snapshot_date
    and summed.first_order_date = firsts.order_date

-- What came of the active customers of each past snapshot of churn: never read by a model as a feature, only as the answer.
-- grain: customer_id, snapshot_date
-- has_churned: no purchase within the window; all subscriptions over within it, those included that began at most the days of grace after the end of those before; or use within it fallen by the share that is set against the mean of up to three windows before
-- lost_date: the last sign of life of those who left: the last purchase day or use, or the end of the last subscription
-- certain_date: the day on which their loss was certain
with

settings as (
    select * from run.settings
),

definition as (
    select * from features.churn_definition
),

snapshots as (
    select * from features.churn_snapshots where purpose <> 'score'
),

lives as (
    select * from features.churn_lives where state = 'active'
),

usage as (
    select customer_id, snapshot_date, usual_window_quantity from features.churn_usage
),

order_days as (
    select customer_id, order_date, annulled_date
    from features.order_days
    where order_count > 0
),

usage_days as (
    select * from facts.usage_days
),

subscriptions as (
    select * from facts.subscriptions where is_counted
),

known as (
    select
        lives.customer_id,
        lives.snapshot_date,
        lives.last_life_date,
        days_before(lives.snapshot_date, - definition.window_days) as window_end,
        definition.definition,
        definition.window_days
    from lives
    inner join snapshots
        on lives.snapshot_date = snapshots.snapshot_date
    cross join definition
),

ordered as (
    select distinct
        known.customer_id,
        known.snapshot_date
    from known
    inner join order_days
        on known.customer_id = order_days.customer_id
        and order_days.order_date > known.snapshot_date
        and order_days.order_date <= known.window_end
        and coalesce(order_days.annulled_date > known.window_end, 1 = 1)
    where known.definition = 'orders'
),

used as (
    select
        known.customer_id,
        known.snapshot_date,
        sum(usage_days.usage_quantity) as usage_quantity,
        max(usage_days.usage_date) as last_usage_date
    from known
    inner join usage_days
        on known.customer_id = usage_days.customer_id
        and usage_days.usage_date > known.snapshot_date
        and usage_days.usage_date <= known.window_end
    where known.definition = 'usage'
    group by known.customer_id, known.snapshot_date
),

spans as (
    select
        known.customer_id,
        known.snapshot_date,
        subscriptions.start_date,
        coalesce(subscriptions.end_date, date '2999-12-31') as end_date,
        max(coalesce(subscriptions.end_date, date '2999-12-31')) over (
            partition by known.customer_id, known.snapshot_date
            order by subscriptions.start_date, subscriptions.source, subscriptions.subscription_key
            rows between unbounded preceding and 1 preceding
        ) as end_before
    from known
    inner join subscriptions
        on known.customer_id = subscriptions.customer_id
        and subscriptions.start_date <= days_before(known.window_end, - (select churn_grace_days from settings))
        and coalesce(subscriptions.end_date > known.snapshot_date, 1 = 1)
    where known.definition = 'subscriptions'
),

breaks as (
    select
        customer_id,
        snapshot_date,
        min(start_date) as break_date
    from spans
    where start_date > days_before(end_before, - (select churn_grace_days from settings))
    group by customer_id, snapshot_date
),

held as (
    select
        spans.customer_id,
        spans.snapshot_date,
        max(spans.end_date) as last_end_date
    from spans
    left join breaks
        on spans.customer_id = breaks.customer_id
        and spans.snapshot_date = breaks.snapshot_date
    where coalesce(spans.start_date < breaks.break_date, 1 = 1)
    group by spans.customer_id, spans.snapshot_date
),

judged as (
    select
        known.customer_id,
        known.snapshot_date,
        known.window_end,
        known.definition,
        case
            when known.definition = 'orders' then ordered.customer_id is null
            when known.definition = 'subscriptions' then held.last_end_date <= known.window_end
            else coalesce(to_number(used.usage_quantity), 0e0)
                <= (1e0 - to_number((select churn_usage_drop from settings))) * usage.usual_window_quantity
        end as has_churned,
        case
            when known.definition = 'orders' then known.last_life_date
            when known.definition = 'subscriptions' then held.last_end_date
            else coalesce(used.last_usage_date, known.last_life_date)
        end as lost_date
    from known
    left join ordered
        on known.customer_id = ordered.customer_id
        and known.snapshot_date = ordered.snapshot_date
    left join used
        on known.customer_id = used.customer_id
        and known.snapshot_date = used.snapshot_date
    left join usage
        on known.customer_id = usage.customer_id
        and known.snapshot_date = usage.snapshot_date
    left join held
        on known.customer_id = held.customer_id
        and known.snapshot_date = held.snapshot_date
)

select
    judged.customer_id,
    judged.snapshot_date,
    judged.has_churned,
    case when judged.has_churned then judged.lost_date end as lost_date,
    case
        when not judged.has_churned then null
        when judged.definition = 'orders' then days_before(judged.lost_date, - definition.window_days)
        when judged.definition = 'subscriptions' then judged.lost_date
        else judged.window_end
    end as certain_date
from judged
cross join definition

-- Who had ever been a customer by each snapshot of churn, and whether they still were, as known then.
-- grain: customer_id, snapshot_date
-- check: state in ('active', 'gone', 'too_new')
-- state: gone is silent for the whole window, without any subscription, or with use that has fallen by the share that is set; too_new is known too short to say: one purchase day only, a first subscription younger than the window, or use for less than twice the window; all others are active
-- last_life_date: the last purchase day, the last use, or the end of the last subscription; for one with a subscription the snapshot
-- gone_date: the day on which the loss was certain; empty for all who are not gone
with

settings as (
    select * from run.settings
),

definition as (
    select * from features.churn_definition
),

orders as (
    select * from features.churn_orders
),

contracts as (
    select * from features.churn_contracts
),

usage as (
    select * from features.churn_usage
),

lives as (
    select
        'orders' as definition,
        customer_id,
        snapshot_date,
        first_order_date as first_life_date,
        last_order_date as last_life_date,
        order_day_count = 1 as is_new,
        1 = 0 as is_over
    from orders
    union all
    select
        'subscriptions' as definition,
        contracts.customer_id,
        contracts.snapshot_date,
        contracts.first_start_date as first_life_date,
        case when contracts.subscription_count > 0 then contracts.snapshot_date else contracts.last_end_date end as last_life_date,
        days_between(contracts.first_start_date, contracts.snapshot_date) < definition.window_days as is_new,
        contracts.subscription_count = 0 as is_over
    from contracts
    cross join definition
    union all
    select
        'usage' as definition,
        customer_id,
        snapshot_date,
        first_usage_date as first_life_date,
        last_usage_date as last_life_date,
        usual_window_quantity is null as is_new,
        coalesce(
            window_quantity <= (1e0 - to_number((select churn_usage_drop from settings))) * earlier_window_quantity,
            1 = 0
        ) as is_over
    from usage
),

judged as (
    select
        lives.customer_id,
        lives.snapshot_date,
        lives.first_life_date,
        lives.last_life_date,
        lives.is_new,
        case
            when lives.is_over then lives.last_life_date
            when days_between(lives.last_life_date, lives.snapshot_date) >= definition.window_days
                then days_before(lives.last_life_date, - definition.window_days)
        end as gone_date
    from lives
    inner join definition
        on lives.definition = definition.definition
)

select
    customer_id,
    snapshot_date,
    case
        when gone_date is not null then 'gone'
        when is_new then 'too_new'
        else 'active'
    end as state,
    first_life_date,
    last_life_date,
    gone_date
from judged

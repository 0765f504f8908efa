-- The days on which customers' histories are cut off: today to score, and earlier days from which the models are tried against what came.
-- grain: snapshot_date
-- purpose: score or backtest
-- outcome_days: the time after the snapshot whose orders are known; 0 for the snapshot that is scored
-- place: 1 is the latest backtest
-- sampled_places: the models are fitted to, and tried on, customers whose place by hash lies below it; 1000 is everybody
with

settings as (
    select * from run.settings
),

orders as (
    select * from facts.orders where is_purchase
),

samples as (
    select
        to_integer(ceil(ratio(1000 * (select value_sample_customers from settings), count(*)))) as sampled_places
    from unified.customers
),

spans as (
    select
        settings.as_of_date,
        min(orders.order_date) as first_order_date,
        days_between(min(orders.order_date), settings.as_of_date) as history_days
    from orders
    inner join settings
        on orders.order_date <= settings.as_of_date
    group by settings.as_of_date
),

holdouts as (
    select
        as_of_date,
        first_order_date,
        to_integer(coalesce(
            days_between(cast((select value_calibration_end from settings) as date), as_of_date),
            least((select value_horizon_days from settings), floor((history_days + 1) / 2e0))
        )) as outcome_days
    from spans
),

origins as (
    select as_of_date, first_order_date, outcome_days, 1 as place from holdouts
    union all
    select as_of_date, first_order_date, outcome_days, 2 as place from holdouts
    union all
    select as_of_date, first_order_date, outcome_days, 3 as place from holdouts
)

select
    as_of_date as snapshot_date,
    'score' as purpose,
    0 as outcome_days,
    0 as place,
    (select sampled_places from samples) as sampled_places
from settings
union all
select
    days_before(as_of_date, place * outcome_days) as snapshot_date,
    'backtest' as purpose,
    outcome_days,
    place,
    (select sampled_places from samples) as sampled_places
from origins
where outcome_days > 0
    and (
        place = 1
        or days_between(first_order_date, days_before(as_of_date, place * outcome_days)) >= outcome_days
    )

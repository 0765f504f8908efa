-- What came after each history of a backtest: customers by how often they bought in its time.
-- grain: snapshot_date, repeat_count, last_age_days, age_days, outcome_count
with

purchases as (
    select * from features.value
),

outcomes as (
    select * from features.purchase_outcomes
)

select
    purchases.snapshot_date,
    purchases.repeat_count,
    purchases.last_age_days,
    purchases.age_days,
    outcomes.outcome_count,
    count(*) as customer_count
from purchases
inner join outcomes
    on purchases.customer_id = outcomes.customer_id
    and purchases.snapshot_date = outcomes.snapshot_date
group by
    purchases.snapshot_date,
    purchases.repeat_count,
    purchases.last_age_days,
    purchases.age_days,
    outcomes.outcome_count
order by
    purchases.snapshot_date,
    purchases.repeat_count,
    purchases.last_age_days,
    purchases.age_days,
    outcomes.outcome_count

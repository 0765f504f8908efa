-- Customers who left lately: gone since at most twelve months, and those of the test who left.
-- grain: customer_id
-- lost_date: the last sign of life
-- certain_date: the day on which the loss was certain
-- is_gone: false for a customer of the test who left and has come back since
with

lives as (
    select *
    from features.churn_lives
    where state = 'gone'
        and snapshot_date = (select as_of_date from run.settings)
        and gone_date > months_before(snapshot_date, 12)
),

tests as (
    select snapshot_date from features.churn_snapshots where purpose = 'test'
),

outcomes as (
    select * from features.churn_outcomes where has_churned
)

select
    customer_id,
    last_life_date as lost_date,
    gone_date as certain_date,
    1 = 1 as is_gone
from lives
union all
select
    outcomes.customer_id,
    outcomes.lost_date,
    outcomes.certain_date,
    1 = 0 as is_gone
from outcomes
inner join tests
    on outcomes.snapshot_date = tests.snapshot_date
where outcomes.customer_id not in (select customer_id from lives)

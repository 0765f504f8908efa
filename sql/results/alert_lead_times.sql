-- How long before their loss was certain the customers of the test who left had given a first signal, by its kind; any stands for whichever came first.
-- grain: alert_kind
-- check: signalled_count <= lost_count
-- lost_count: customers of the test who left
-- signalled_count: those with such a signal, first visible from 180 days before the last sign of life to the day before the loss was certain
-- median_lead_days: from the first such signal to the day on which the loss was certain
-- standing_count: active customers with such a signal tonight, of active_count
with

snapshots as (
    select * from features.churn_snapshots where purpose = 'test'
),

outcomes as (
    select * from features.churn_outcomes where has_churned
),

signals as (
    select * from features.alert_signals
),

lives as (
    select *
    from features.churn_lives
    where state = 'active'
        and snapshot_date = (select as_of_date from run.settings)
),

lost as (
    select
        outcomes.customer_id,
        outcomes.lost_date,
        outcomes.certain_date
    from outcomes
    inner join snapshots
        on outcomes.snapshot_date = snapshots.snapshot_date
),

given as (
    select
        lost.customer_id,
        lost.lost_date,
        lost.certain_date,
        signals.alert_kind,
        signals.first_seen_date
    from lost
    inner join signals
        on lost.customer_id = signals.customer_id
        and signals.first_seen_date >= days_before(lost.lost_date, 180)
        and signals.first_seen_date < lost.certain_date
),

kinds as (
    select alert_kind, customer_id, lost_date, certain_date, first_seen_date from given
    union all
    select 'any' as alert_kind, customer_id, lost_date, certain_date, first_seen_date from given
),

firsts as (
    select
        alert_kind,
        customer_id,
        max(lost_date) as lost_date,
        days_between(min(first_seen_date), max(certain_date)) as lead_days,
        min(first_seen_date) as first_seen_date
    from kinds
    group by alert_kind, customer_id
),

measured as (
    select
        alert_kind,
        count(*) as signalled_count,
        quantile_at(lead_days, 0.5e0) as median_lead_days
    from firsts
    group by alert_kind
),

standing as (
    select 'any' as alert_kind, count(distinct signals.customer_id) as standing_count
    from signals
    inner join lives
        on signals.customer_id = lives.customer_id
    where signals.is_standing
    having count(*) > 0
    union all
    select signals.alert_kind, count(distinct signals.customer_id) as standing_count
    from signals
    inner join lives
        on signals.customer_id = lives.customer_id
    where signals.is_standing
    group by signals.alert_kind
)

select
    coalesce(measured.alert_kind, standing.alert_kind) as alert_kind,
    to_integer((select count(*) from lost)) as lost_count,
    to_integer(coalesce(measured.signalled_count, 0)) as signalled_count,
    measured.median_lead_days,
    to_integer(coalesce(standing.standing_count, 0)) as standing_count,
    to_integer((select count(*) from lives)) as active_count
from measured
full outer join standing
    on measured.alert_kind = standing.alert_kind
order by alert_kind

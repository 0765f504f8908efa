-- What customers had asked of service and how they were answered, as known on each snapshot of churn.
-- grain: customer_id, snapshot_date
-- case_count_90_days: cases opened in the last 90 days, as are those of 365 days
-- price_case_count: cases about prices, of the last 365 days
-- open_case_count: opened and not closed by the snapshot
-- first_response_hours: mean of the cases opened in the last 365 days that had been answered
-- satisfaction_score: mean answer of the last 365 days to the kind of survey that most customers answered
-- satisfaction_last: the last such answer, however long ago
with

snapshots as (
    select * from features.churn_snapshots
),

cases as (
    select * from facts.cases
),

surveys as (
    select * from facts.surveys
),

kinds as (
    select
        survey_kind,
        row_number() over (order by count(distinct customer_id) desc, survey_kind) as place
    from surveys
    group by survey_kind
),

known_cases as (
    select
        cases.customer_id,
        snapshots.snapshot_date,
        cases.is_complaint,
        cases.case_class,
        is_within(cases.opened_date, snapshots.snapshot_date, 90) as is_recent,
        is_within(cases.opened_date, snapshots.snapshot_date, 365) as is_of_year,
        coalesce(day_of(cases.closed_at) > snapshots.snapshot_date, 1 = 1) as is_open,
        case
            when day_of(cases.first_response_at) <= snapshots.snapshot_date
                then to_exact(hours_between(cases.opened_at, cases.first_response_at))
        end as response_hours
    from cases
    inner join snapshots
        on cases.opened_date <= snapshots.snapshot_date
        and place_by_hash(cases.customer_id) < snapshots.sampled_places
),

counted as (
    select
        customer_id,
        snapshot_date,
        count(case when is_recent then 1 end) as case_count_90_days,
        count(case when is_of_year then 1 end) as case_count_365_days,
        count(case when is_recent and is_complaint then 1 end) as complaint_count_90_days,
        count(case when is_of_year and is_complaint then 1 end) as complaint_count_365_days,
        count(case when is_of_year and case_class = 'price' then 1 end) as price_case_count,
        count(case when is_open then 1 end) as open_case_count,
        ratio(
            sum(case when is_of_year then response_hours end),
            count(case when is_of_year then response_hours end)
        ) as first_response_hours
    from known_cases
    group by customer_id, snapshot_date
),

answers as (
    select
        surveys.customer_id,
        snapshots.snapshot_date,
        surveys.surveyed_date,
        surveys.score,
        row_number() over (
            partition by surveys.customer_id, snapshots.snapshot_date
            order by surveys.surveyed_at desc, surveys.survey_id
        ) as place_from_last
    from surveys
    inner join kinds
        on surveys.survey_kind = kinds.survey_kind
        and kinds.place = 1
    inner join snapshots
        on surveys.surveyed_date <= snapshots.snapshot_date
        and place_by_hash(surveys.customer_id) < snapshots.sampled_places
),

answered as (
    select
        customer_id,
        snapshot_date,
        ratio(
            sum(case when is_within(surveyed_date, snapshot_date, 365) then score end),
            count(case when is_within(surveyed_date, snapshot_date, 365) then score end)
        ) as satisfaction_score,
        max(case when place_from_last = 1 then to_number(score) end) as satisfaction_last
    from answers
    group by customer_id, snapshot_date
)

select
    coalesce(counted.customer_id, answered.customer_id) as customer_id,
    coalesce(counted.snapshot_date, answered.snapshot_date) as snapshot_date,
    to_integer(coalesce(counted.case_count_90_days, 0)) as case_count_90_days,
    to_integer(coalesce(counted.case_count_365_days, 0)) as case_count_365_days,
    to_integer(coalesce(counted.complaint_count_90_days, 0)) as complaint_count_90_days,
    to_integer(coalesce(counted.complaint_count_365_days, 0)) as complaint_count_365_days,
    to_integer(coalesce(counted.price_case_count, 0)) as price_case_count,
    to_integer(coalesce(counted.open_case_count, 0)) as open_case_count,
    counted.first_response_hours,
    answered.satisfaction_score,
    answered.satisfaction_last
from counted
full outer join answered
    on counted.customer_id = answered.customer_id
    and counted.snapshot_date = answered.snapshot_date

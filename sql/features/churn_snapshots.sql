-- The days on which customers are looked at as they were known then: today to score, one in the past to try the models on, and earlier ones to learn from.
-- grain: snapshot_date
-- purpose: score, test or fit; all that came of the customers of a fit was known on the day of the test
-- outcome_days: after so many days it is known who left: the window, and for subscriptions the days of grace on top
-- place: 0 is scored, 1 the test, from 2 on those to learn from, the latest first
-- sampled_places: customers whose place by hash lies below it are looked at; 1000 is everybody
with

settings as (
    select * from run.settings
),

definition as (
    select * from features.churn_definition
),

customers as (
    select count(*) as customer_count from unified.customers
),

spans as (
    select
        settings.as_of_date,
        definition.first_event_date,
        definition.window_days,
        case
            when definition.definition = 'subscriptions' then definition.window_days + settings.churn_grace_days
            else definition.window_days
        end as outcome_days,
        least(1000, ceil(1000e0 * settings.churn_sample_customers / customers.customer_count)) as sampled_places
    from settings
    cross join definition
    cross join customers
    where customers.customer_count > 0
),

steps as (
    select 0 as step
    union all
    select 1 as step
    union all
    select 2 as step
    union all
    select 3 as step
    union all
    select 4 as step
    union all
    select 5 as step
    union all
    select 6 as step
    union all
    select 7 as step
),

dated as (
    select
        'test' as purpose,
        1 as place,
        spans.outcome_days as days_ago,
        spans.*
    from spans
    union all
    select
        'fit' as purpose,
        steps.step + 2 as place,
        2 * spans.outcome_days + steps.step * ceil(spans.window_days / 3e0) as days_ago,
        spans.*
    from spans
    cross join steps
)

select
    as_of_date as snapshot_date,
    'score' as purpose,
    0 as outcome_days,
    0 as place,
    1000 as sampled_places
from spans
union all
select
    days_before(as_of_date, days_ago) as snapshot_date,
    purpose,
    to_integer(outcome_days) as outcome_days,
    to_integer(place) as place,
    to_integer(sampled_places) as sampled_places
from dated
where days_between(first_event_date, days_before(as_of_date, days_ago)) >= window_days

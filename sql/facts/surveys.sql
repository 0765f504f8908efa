-- Each answer to a survey by a customer whom any export knows, up to the as-of date.
-- grain: survey_id
-- score: as answered; comparable only within one kind of survey
with

lineage as (
    select * from unified.lineage
),

surveys as (
    select *
    from staged.surveys
    where day_of(surveyed_at) <= (select as_of_date from run.settings)
)

select
    key_hash(surveys.source, 'survey', surveys.survey_key) as survey_id,
    coalesce(firms.customer_id, people.customer_id) as customer_id,
    day_of(surveys.surveyed_at) as surveyed_date,
    surveys.surveyed_at,
    coalesce(lower(surveys.survey_kind), '') as survey_kind,
    surveys.score
from surveys
left join lineage as firms
    on surveys.source = firms.source
    and surveys.customer_key = firms.record_key
    and firms.record_kind = 'customer'
left join lineage as people
    on surveys.source = people.source
    and surveys.contact_key = people.record_key
    and people.record_kind = 'contact'
where coalesce(firms.customer_id, people.customer_id) is not null

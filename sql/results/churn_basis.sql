-- What tonight took for leaving and how it foretold it: what the next run needs to tell why a probability changed.
-- grain: score_date
-- language: that of the reasons
with

settings as (
    select * from run.settings
),

definition as (
    select * from features.churn_definition
),

model as (
    select * from results.churn_model
)

select
    settings.as_of_date as score_date,
    definition.definition,
    definition.window_days,
    settings.churn_grace_days as grace_days,
    to_number(settings.churn_usage_drop) as usage_drop,
    model.tree,
    settings.language
from settings
cross join definition
cross join model

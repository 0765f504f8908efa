-- What the last run took for leaving and how it foretold it, against tonight; no row where it foretold nothing.
-- grain: score_date
-- days_since: from the last run to tonight
-- difference: definition, window or terms (days of grace, the drop of use) where that changed, so that the two probabilities are of different things; else empty
-- tree: that of the last run, as JSON; empty where nothing had been learnt
with

settings as (
    select * from run.settings
),

definition as (
    select * from features.churn_definition
),

previous as (
    select * from run.previous_churn_basis
)

select
    previous.score_date,
    to_integer(days_between(previous.score_date, settings.as_of_date)) as days_since,
    previous.definition as previous_definition,
    previous.window_days as previous_window_days,
    previous.tree,
    case
        when previous.definition <> definition.definition then 'definition'
        when previous.window_days <> definition.window_days then 'window'
        when definition.definition = 'subscriptions' and previous.grace_days <> settings.churn_grace_days then 'terms'
        when definition.definition = 'usage' and abs(to_number(previous.usage_drop) - to_number(settings.churn_usage_drop)) > 0.00005e0 then 'terms'
    end as difference
from previous
cross join definition
cross join settings
where previous.score_date < settings.as_of_date

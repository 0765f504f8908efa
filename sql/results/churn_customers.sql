-- The rows of churn.csv: forecast, reasons and what is at stake beside the keys and names that people know.
-- grain: customer_id
-- state_label: state in the language of the run, as are customer_kind_label and risk_band_label
with

churn as (
    select * from results.churn
),

changes as (
    select * from results.churn_changes
),

customers as (
    select * from unified.customers
),

cause_labels as (
    select * from results.churn_labels where column_name = 'change_cause'
),

kind_labels as (
    select * from results.churn_labels where column_name = 'customer_kind'
),

state_labels as (
    select * from results.churn_labels where column_name = 'state'
),

band_labels as (
    select * from results.churn_labels where column_name = 'risk_band'
)

select
    churn.customer_id,
    customers.customer_key,
    customers.customer_name,
    customers.customer_kind,
    coalesce(kind_labels.label, customers.customer_kind) as customer_kind_label,
    churn.state,
    coalesce(state_labels.label, churn.state) as state_label,
    round(churn.churn_probability, 4) as churn_probability,
    churn.window_days,
    churn.risk_band,
    coalesce(band_labels.label, churn.risk_band) as risk_band_label,
    churn.reason_1,
    churn.reason_2,
    churn.reason_3,
    churn.contribution_amount,
    churn.value_at_risk,
    churn.leaf,
    round(churn.previous_probability, 4) as previous_probability,
    round(churn.probability_change, 4) as probability_change,
    cause_labels.label || coalesce(changes.change_feature, '') as change_reason,
    churn.previous_reason_1,
    churn.last_life_date,
    churn.gone_date,
    churn.call_rank
from churn
inner join customers
    on churn.customer_id = customers.customer_id
left join changes
    on churn.customer_id = changes.customer_id
left join cause_labels
    on changes.change_cause = cause_labels.word
left join kind_labels
    on customers.customer_kind = kind_labels.word
left join state_labels
    on churn.state = state_labels.word
left join band_labels
    on churn.risk_band = band_labels.word

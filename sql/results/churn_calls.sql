-- The customers to call as the report shows them: names of persons masked unless the pipeline says otherwise; up to 1,000.
-- grain: customer_id
with

settings as (
    select * from run.settings
),

churn as (
    select * from results.churn where call_rank <= 1000
),

model as (
    select * from results.churn_model
),

customers as (
    select * from unified.customers
)

select
    churn.customer_id,
    churn.call_rank,
    customers.customer_key,
    shown_name(
        customers.customer_name,
        customers.customer_kind,
        (select mask_names from settings)
    ) as customer_name,
    round(churn.churn_probability, 4) as churn_probability,
    churn.risk_band,
    churn.contribution_amount,
    churn.value_at_risk,
    coalesce(churn.reason_1, (select stake_reason from model) || money_text(churn.contribution_amount, (select money_sign from model))) as reason_1,
    churn.reason_2,
    churn.reason_3
from churn
inner join customers
    on churn.customer_id = customers.customer_id
order by churn.call_rank

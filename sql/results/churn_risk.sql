-- Customers worth calling before they leave, first those with most at stake, with the reasons, the owner and only those addresses they permit.
-- grain: customer_id
-- risk_band: in the language of the run
-- reason_1: where nothing raised the probability, what is at stake
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
with

churn as (
    select * from results.churn where call_rank is not null
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

addresses as (
    select * from facts.permitted_addresses
),

model as (
    select * from results.churn_model
),

band_labels as (
    select * from results.churn_labels where column_name = 'risk_band'
)

select
    churn.call_rank,
    churn.customer_id,
    customers.customer_key,
    customers.customer_name,
    round(churn.churn_probability, 4) as churn_probability,
    coalesce(band_labels.label, churn.risk_band) as risk_band,
    coalesce(churn.reason_1, (select stake_reason from model) || money_text(churn.contribution_amount, (select money_sign from model))) as reason_1,
    churn.reason_2,
    churn.reason_3,
    churn.contribution_amount,
    churn.value_at_risk,
    churn.expected_saving,
    round(churn.probability_change, 4) as probability_change,
    cause_labels.label || coalesce(changes.change_feature, '') as change_reason,
    churn.previous_reason_1,
    (select call_action from model) as suggested_action,
    customers.owner_name,
    coalesce(addresses.permitted_channels, '') as permitted_channels,
    addresses.email_contact,
    addresses.email_address,
    addresses.phone_contact,
    addresses.phone_number,
    addresses.sms_contact,
    addresses.sms_number,
    addresses.mail_contact,
    addresses.mail_city
from churn
inner join customers
    on churn.customer_id = customers.customer_id
left join changes
    on churn.customer_id = changes.customer_id
left join cause_labels
    on changes.change_cause = cause_labels.word
left join band_labels
    on churn.risk_band = band_labels.word
left join addresses
    on churn.customer_id = addresses.customer_id
order by churn.call_rank

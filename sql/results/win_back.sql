-- Customers who are gone and worth winning back, first those who brought most in their last twelve months, with why they left, and only those addresses they permit.
-- grain: customer_id
-- last_contribution_amount: of the twelve months that ended with the last sign of life
-- churn_type: as in features.churn_types, in the language of the run, as is evidence; only of those gone since at most twelve months, who alone are here; none of them who abused payment
with

contributions as (
    select * from facts.contributions
),

types as (
    select *
    from features.churn_types
    where is_gone
        and churn_type <> 'malicious'
),

customers as (
    select * from unified.customers
),

addresses as (
    select * from facts.permitted_addresses
),

model as (
    select * from results.churn_model
),

type_labels as (
    select * from results.churn_labels where column_name = 'churn_type'
),

evidence_labels as (
    select * from results.churn_labels where column_name = 'evidence'
),

summed as (
    select
        types.customer_id,
        money_sum(contributions.contribution_amount) as last_contribution_amount
    from types
    inner join contributions
        on types.customer_id = contributions.customer_id
        and contributions.document_date <= types.lost_date
        and contributions.document_date > months_before(types.lost_date, 12)
    group by types.customer_id
)

select
    to_integer(row_number() over (order by summed.last_contribution_amount desc, types.customer_id)) as win_back_rank,
    types.customer_id,
    customers.customer_key,
    customers.customer_name,
    summed.last_contribution_amount,
    coalesce(type_labels.label, types.churn_type) as churn_type,
    coalesce(evidence_labels.label, types.evidence) as evidence,
    types.evidence_count,
    types.evidence_date,
    types.lost_date,
    types.certain_date,
    (select win_back_action from model) as suggested_action,
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
from types
inner join summed
    on types.customer_id = summed.customer_id
inner join customers
    on types.customer_id = customers.customer_id
left join type_labels
    on types.churn_type = type_labels.word
left join evidence_labels
    on types.evidence = evidence_labels.word
left join addresses
    on types.customer_id = addresses.customer_id
where summed.last_contribution_amount > 0
order by win_back_rank

-- Customers who are slipping away, most worth calling first, with the reason, the owner and only those addresses they permit.
-- grain: customer_id
-- permitted_channels: channels on which someone at the customer said yes and nobody took it back
with

rfm as (
    select * from results.rfm
),

reasons as (
    select * from results.rfm_reasons
),

labels as (
    select * from results.rfm_labels
),

model as (
    select * from results.rfm_model
),

customers as (
    select * from unified.customers
),

addresses as (
    select * from facts.permitted_addresses
)

select
    rfm.slipping_rank,
    rfm.customer_id,
    customers.customer_key,
    customers.customer_name,
    labels.segment_label as segment,
    rfm.recency_days,
    rfm.order_count,
    rfm.total_amount,
    round(rfm.lateness_probability, 4) as lateness_probability,
    round(rfm.leaving_likelihood, 4) as leaving_likelihood,
    rfm.frequency_change,
    reasons.reason,
    (select slipping_action from model) as suggested_action,
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
from rfm
inner join customers
    on rfm.customer_id = customers.customer_id
inner join labels
    on rfm.segment = labels.segment
left join reasons
    on rfm.customer_id = reasons.customer_id
left join addresses
    on rfm.customer_id = addresses.customer_id
where rfm.slipping_rank is not null
order by rfm.slipping_rank
